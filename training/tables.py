"""Names of features as columns of a sparse table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from scipy.sparse import csr_matrix

__all__ = ["columns_of", "table_of"]


def columns_of(shown: Iterable[Iterable[str]], least: int) -> dict[str, int]:
    """Feature → column, of those that at least `least` of `shown` show."""
    counts = Counter(chain.from_iterable(shown))
    return {name: n for n, name in enumerate(sorted(name for name in counts if counts[name] >= least))}


def table_of(shown: Sequence[Iterable[str]], columns: Mapping[str, int]) -> csr_matrix:
    """One row for each of `shown`, 1 in the column of each feature that it shows and that has one."""
    rows = [[columns[name] for name in names if name in columns] for names in shown]
    ends = np.cumsum([0, *map(len, rows)])
    cells = np.fromiter(chain.from_iterable(rows), np.int32, int(ends[-1]))
    return csr_matrix((np.ones(len(cells)), cells, ends), shape=(len(rows), len(columns)))
