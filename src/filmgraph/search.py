"""Search by name: forgiving of typing errors, blind to accents, ready after a few letters.

All names of a store are held in memory as words with postings. A query's words are matched as they are, the last
one also as the beginning of a word; where that finds little, words spelt nearly so count too (optimal string
alignment: Damerau 1964), then words written together or apart, then names that lack one of the words. Names stand
in the order of renown, so that the best known of very many can be taken without looking at all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from filmgraph.adjacency import Ints, distinct
from filmgraph.model import EntityKind
from filmgraph.stored import fold

if TYPE_CHECKING:
    from filmgraph.store import NameBatch, Store

__all__ = ["Hit", "NameIndex"]

WEIGHED = 400
"""Names of one sort that are compared letter by letter, the best known of those that match."""
FEW, KEPT = 24, 4_096
SHORT = 5
"""Words up to this length are sought by one letter at either end, longer ones by two."""
RENOWN, VERY = 0.02, 0.15
"""What a unit of renown, and being the very name, weigh beside the likeness of names, 0 to 1."""
KINDS = tuple(EntityKind)


class Hit(NamedTuple):
    """An entity that was found; `score` 0..1 is the likeness of its name, 1 for the very name."""

    entity: str
    score: float


class NameIndex:
    """The names of a store at one revision. Immutable; `refresh` gives the next one.

    Names written since the bulk was read stand in a small table of their own beside it. Building is
    O(names log names), about 100 bytes a name.
    """

    def __init__(self, bulk: _Table, recent: _Table, revision: int) -> None:
        self.revision = revision
        self._bulk, self._recent = bulk, recent

    @classmethod
    def build(cls, store: Store) -> NameIndex:
        batch = store.names()
        return cls(_Table(batch), _Table(None), batch.revision)

    def refresh(self, store: Store) -> NameIndex:
        """This index, or a new one if the store has moved on; O(names written since the bulk was read)."""
        if store.revision() == self.revision:
            return self
        batch = store.names(self._bulk.revision)
        if len(batch.names) > max(1_000, len(self._bulk) // 10):
            return NameIndex.build(store)
        bulk = self._bulk.without({*batch.entities, *batch.removed})
        return NameIndex(bulk, _Table(batch), batch.revision)

    def __len__(self) -> int:
        return len(self._bulk) + len(self._recent)

    def search(self, query: str, kinds: Sequence[EntityKind] | None = None, limit: int = 20) -> list[Hit]:
        """Entities with a name or alias like `query`, the best first, by likeness and renown; ties by id."""
        folded = fold(query)
        if not folded:
            return []
        tables = [table for table in (self._bulk, self._recent) if len(table)]
        found = [hit for table in tables for hit in table.find(folded, kinds, limit)]
        found.sort(key=lambda hit: (-hit[0], hit[2]))
        return [Hit(entity, score) for _, score, entity in found[:limit]]


class _Table:
    """Names by word. Rows stand by the renown of their entity, the best known first, then by its id."""

    def __init__(self, batch: NameBatch | None) -> None:
        self.revision = batch.revision if batch else 0
        order = _by_renown(batch) if batch else []
        self.names = [batch.names[n] for n in order] if batch else []
        self.entities = [batch.entities[n] for n in order] if batch else []
        self.renown = batch.renown[order] if batch and order else np.zeros(0)
        codes = {kind.value: n for n, kind in enumerate(KINDS)}
        self.kinds = np.array([codes[id[: id.index(":")]] for id in self.entities], dtype=np.int8)
        self.hidden: NDArray[np.bool_] | None = None
        self.lengths = np.array([name.count(" ") + 1 for name in self.names], dtype=np.int16)
        self.postings = _Postings(self.names, self.lengths)

    def __len__(self) -> int:
        return len(self.names)

    def without(self, entities: set[str]) -> _Table:
        """The table with the rows of `entities` hidden."""
        table = _Table.__new__(_Table)
        table.__dict__.update(self.__dict__)
        table.hidden = np.array([id in entities for id in self.entities], dtype=bool) if entities else None
        return table

    def find(
        self, folded: str, kinds: Sequence[EntityKind] | None, limit: int
    ) -> list[tuple[float, float, str]]:
        """(Rank, likeness, entity) of the best `limit` entities, in no order."""
        best: dict[str, tuple[float, float]] = {}
        weighed = np.zeros(0, dtype=np.int32)
        for loss, rows in self._stages(folded):
            rows = self._chosen(rows, folded, kinds)
            if len(weighed):  # a looser sense makes none of them better
                rows = rows[~_within(rows, weighed)]
            self._weigh(folded, rows, loss, best)
            weighed = _joined([weighed, rows]) if len(weighed) else rows
            if len(best) >= limit or any(score == 1 for _, score in best.values()):
                break
        ranked = sorted(
            ((rank, score, id) for id, (rank, score) in best.items()), key=lambda h: (-h[0], h[2])
        )
        return ranked[:limit]

    def _stages(self, folded: str) -> Iterator[tuple[float, Ints]]:
        """Rows that may match, in ever looser senses, and what of likeness is lost by that."""
        words, postings = folded.split(), self.postings
        exact = [postings.like(word, last=n == len(words) - 1) for n, word in enumerate(words)]
        yield 0.0, postings.all_of(exact)
        near = [_joined([ids, postings.near(word)]) for ids, word in zip(exact, words, strict=True)]
        if any(len(more) > len(ids) for more, ids in zip(near, exact, strict=True)):
            yield 0.05, postings.all_of(near)
        for spelling in postings.respelt(words):
            yield 0.05, postings.all_of([postings.like(word, last=False) for word in spelling])
        known = [group for group in near if len(group)]
        if len(known) < len(words):
            yield 0.25, postings.all_of(known)
        elif len(words) > 2:
            yield 0.25, postings.all_but_one_of(known)

    def _chosen(self, rows: Ints, folded: str, kinds: Sequence[EntityKind] | None) -> Ints:
        """Of `rows` the best known, and the best known with as many words as were asked for."""
        if kinds:
            wanted = np.array([kind in kinds for kind in KINDS])
            rows = rows[wanted[self.kinds[rows]]]
        if self.hidden is not None:
            rows = rows[~self.hidden[rows]]
        if len(rows) <= 2 * WEIGHED:
            return rows
        words = folded.split()
        same = rows[self.lengths[rows] == len(words)]
        very = self.postings.all_of([self.postings.like(word, last=False) for word in words])
        very = same[_within(same, very)]
        return _joined([rows[:WEIGHED], same[:WEIGHED], very[:WEIGHED]])

    def _weigh(self, folded: str, rows: Ints, loss: float, best: dict[str, tuple[float, float]]) -> None:
        """Put the better of rank and likeness of the entities in `rows` into `best`."""
        if not len(rows):
            return
        chosen = rows.tolist()
        names = [self.names[row] for row in chosen]
        likeness = _scores(OSA.normalized_similarity, folded, names)
        if " " in folded:
            shuffled = _scores(fuzz.token_sort_ratio, folded, names)
            likeness = [max(like, 0.0095 * other) for like, other in zip(likeness, shuffled, strict=True)]
        renown = self.renown[rows].tolist()
        for row, name, like, known in zip(chosen, names, likeness, renown, strict=True):
            score = 1.0 if name == folded else 0.6 + 0.35 * like - loss
            if score < 1 and name.startswith(folded):
                score = max(score, 0.9 + 0.05 * like)
            rank = score + RENOWN * known + VERY * (name == folded)
            id = self.entities[row]
            if id not in best or (rank, score) > best[id]:
                best[id] = rank, score


def _scores(scorer: Callable[..., float], sought: str, names: Sequence[str]) -> list[float]:
    """What `scorer` gives `sought` and each of `names`; a few are quicker asked one by one."""
    if len(names) <= FEW:
        return [scorer(sought, name) for name in names]
    scores: list[float] = process.cdist([sought], names, scorer=scorer, dtype=np.float64)[0].tolist()
    return scores


def _by_renown(batch: NameBatch) -> list[int]:
    order: list[int] = np.argsort(-batch.renown, kind="stable").tolist()
    return order


class _Postings:
    """Word → the rows it stands in, ascending; words by number in alphabetical order."""

    def __init__(self, names: Sequence[str], lengths: NDArray[np.int16]) -> None:
        running = " ".join(names).split(" ") if names else []
        self.words = sorted(set(running))
        self.numbers = {word: n for n, word in enumerate(self.words)}
        ids = np.fromiter(map(self.numbers.__getitem__, running), np.int32, len(running))
        rows = np.repeat(np.arange(len(names), dtype=np.int32), lengths)
        order = np.argsort(ids, kind="stable")
        ids, rows = ids[order], rows[order]
        once = np.ones(len(ids), dtype=bool)
        once[1:] = (ids[1:] != ids[:-1]) | (rows[1:] != rows[:-1])
        ids, self._rows = ids[once], rows[once]
        self._first = np.zeros(len(self.words) + 1, dtype=np.int64)
        np.cumsum(np.bincount(ids, minlength=len(self.words)), out=self._first[1:])
        self._size = len(names)
        self._near: dict[str, Ints] = {}
        self._letters = np.array([len(word) for word in self.words], dtype=np.int16)
        self._spelt = np.array(self.words, dtype=object)
        backwards = sorted((word[::-1], n) for n, word in enumerate(self.words))
        self._reversed = [word for word, _ in backwards]
        self._backwards = np.array([n for _, n in backwards], dtype=np.int32)

    def like(self, word: str, *, last: bool) -> Ints:
        """The numbers of the word itself, with `last` of all words that it begins."""
        if last:
            return np.arange(*_span(self.words, word), dtype=np.int32)
        number = self.numbers.get(word)
        return np.array([] if number is None else [number], dtype=np.int32)

    def near(self, word: str) -> Ints:
        """The numbers of words that one slip makes of `word`, two of a long word; its first or last letters stay.
        Kept for a while: who types asks for the same words with every letter."""
        found = self._near.get(word)
        if found is None:
            if len(self._near) >= KEPT:
                self._near.clear()
            found = self._near[word] = self._slips_of(word)
        return found

    def _slips_of(self, word: str) -> Ints:
        size = len(word)
        if size < 3:
            return np.zeros(0, dtype=np.int32)
        ends, slips = (1 if size <= SHORT else 2), (1 if size < 7 else 2)
        first, last = word[:ends], word[::-1][:ends]
        alike = (
            np.arange(*_span(self.words, first), dtype=np.int32),
            self._backwards[slice(*_span(self._reversed, last))],
        )
        numbers = _joined(numbers[np.abs(self._letters[numbers] - size) <= slips] for numbers in alike)
        return self._within_slips(word, numbers, slips)

    def _within_slips(self, word: str, numbers: Ints, slips: int) -> Ints:
        if not len(numbers):
            return numbers
        options = self._spelt[numbers].tolist()
        far = process.cdist([word], options, scorer=OSA.distance, score_cutoff=slips, dtype=np.uint8)[0]
        near: Ints = numbers[far <= slips]
        return near

    def respelt(self, words: Sequence[str]) -> Iterator[list[str]]:
        """The words with two written as one, or one as two, where the result is known."""
        for n in range(len(words) - 1):
            if (joined := words[n] + words[n + 1]) in self.numbers:
                yield [*words[:n], joined, *words[n + 2 :]]
        for n, word in enumerate(words):
            for cut in range(2, len(word) - 1):
                if word[:cut] in self.numbers and word[cut:] in self.numbers:
                    yield [*words[:n], word[:cut], word[cut:], *words[n + 1 :]]

    def all_of(self, words: Sequence[Ints]) -> Ints:
        """Rows, ascending, that hold one of each of the groups of `words`."""
        found: Ints | None = None
        for rows in sorted((self._of(group) for group in words), key=len):
            found = rows if found is None else found[_within(found, rows)]
        return found if found is not None else np.zeros(0, dtype=np.int32)

    def all_but_one_of(self, words: Sequence[Ints]) -> Ints:
        """Rows, ascending, that hold one of all groups of `words` but one at most."""
        groups = sorted((self._of(group) for group in words), key=len)
        some = _joined(groups[:2])
        hits = sum(_within(some, rows).astype(np.int16) for rows in groups)
        return some[hits >= len(groups) - 1]

    def _of(self, numbers: Ints) -> Ints:
        """The rows, ascending, of any of the words."""
        if len(numbers) == 1:
            return self._rows[self._first[numbers[0]] : self._first[numbers[0] + 1]]
        if len(numbers) and numbers[-1] - numbers[0] == len(numbers) - 1:
            return distinct(self._rows[self._first[numbers[0]] : self._first[numbers[-1] + 1]], self._size)
        parts = [self._rows[self._first[n] : self._first[n + 1]] for n in numbers.tolist()]
        return _joined(parts, self._size)


def _span(words: Sequence[str], begin: str) -> tuple[int, int]:
    """Where the words that begin so stand among sorted `words`: from, to."""
    return bisect_left(words, begin), bisect_left(words, begin + "\U0010ffff")


def _joined(parts: Iterable[Ints], size: int = 1 << 31) -> Ints:
    """The distinct numbers of all parts, ascending."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return np.zeros(0, dtype=np.int32)
    return distinct(np.concatenate(parts), size)


def _within(some: Ints, rows: Ints) -> NDArray[np.bool_]:
    """Which of `some` are among `rows`, both ascending."""
    if not len(rows):
        return np.zeros(len(some), dtype=bool)
    places = np.searchsorted(rows, some)
    places[places == len(rows)] = 0
    found: NDArray[np.bool_] = rows[places] == some
    return found
