"""Evidence → belief, with the sentence that explains it.

The scheme is INDRA's (Gyori et al. 2017, Molecular Systems Biology 13:954): each independent voice errs with
probability `systematic + random^n`-like products, and voices err independently of each other.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filmgraph.errors import SettingsError
from filmgraph.model import Evidence, JudgementAction, Polarity
from filmgraph.settings import Settings, data_dir

__all__ = ["Belief", "ErrorRate", "believe", "load_error_rates", "misread", "read_error_rates"]


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """How often an extractor is wrong: `systematic` however often it repeats itself, `random` per quote."""

    systematic: float
    random: float


@dataclass(frozen=True, slots=True)
class Belief:
    """A claim's belief 0..1, the `support` and `dissent` it is made of, and how many voices speak."""

    value: float
    support: float
    dissent: float
    voices_for: int
    voices_against: int
    sentence: str


DEFAULT_RATE = ErrorRate(0.1, 0.1)
"""Of an extractor that nobody has measured."""


@cache
def load_error_rates() -> Mapping[str, ErrorRate]:
    """The measured error rates: those of the package, and those of the file that FILMGRAPH_ERROR_RATES names.

    Such a file is what `filmgraph evaluate --reliability --rates FILE` writes. Raises SettingsError when it
    cannot be read.
    """
    rates = read_error_rates(data_dir() / "error_rates.json")
    own = Settings.from_environment().error_rates
    return {**rates, **read_error_rates(Path(own))} if own else rates


def read_error_rates(file: Path) -> dict[str, ErrorRate]:
    """Extractor → its error rate, from a JSON file."""
    try:
        record = json.loads(file.read_text("utf-8"))
        rates = {
            name: ErrorRate(float(rate["systematic"]), float(rate["random"])) for name, rate in record.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{file}: these are no error rates: {error}") from None
    if not all(0 <= share <= 1 for rate in rates.values() for share in (rate.systematic, rate.random)):
        raise SettingsError(f"{file}: an error rate is a share, 0 to 1")
    return rates


def believe(
    items: Sequence[tuple[Evidence, str]],
    *,
    error_rates: Mapping[str, ErrorRate] | None = None,
    judgement: JudgementAction | None = None,
) -> Belief:
    """The belief in one claim from its `items`, pairs of evidence and the voice that speaks it.

    Voices that print the same quote count as one (syndicated text). Per voice and extractor, error =
    systematic + (1 - systematic) * the product of its quotes' random errors, where a hedged quote weighs half; a
    voice's error is the product of its extractors'. P(for) = 1 - the product of the errors of the voices for,
    P(against) likewise; belief = P(for) * (1 - P(against)). The order of `items` does not matter, and the error
    rates are the measured ones unless others are given. A human judgement overrides the number and is named in
    the sentence.
    """
    rates = load_error_rates() if error_rates is None else error_rates
    groups = _independent(items)
    errors: dict[bool, list[float]] = {True: [], False: []}
    hedged = 0
    for group in groups:
        for against in (False, True):
            quotes = [item for item in group if (item.polarity is Polarity.NEGATED) is against]
            if quotes:
                errors[not against].append(_error(quotes, rates))
                hedged += all(item.polarity is Polarity.HEDGED for item in quotes)
    support = 1.0 - math.prod(sorted(errors[True]))
    dissent = 1.0 - math.prod(sorted(errors[False]))
    value = support * (1 - dissent)
    sentence = _sentence(len(errors[True]), hedged, len(errors[False]))
    if judgement is JudgementAction.ACCEPT:
        value, sentence = 1.0, f"Accepted by a person. {sentence}"
    elif judgement is JudgementAction.REJECT:
        value, sentence = 0.0, f"Rejected by a person. {sentence}"
    return Belief(value, support, dissent, len(errors[True]), len(errors[False]), sentence)


def _error(quotes: list[Evidence], rates: Mapping[str, ErrorRate]) -> float:
    """The chance that all readers of a voice's quotes misread them; readers err independently of each other."""
    by_reader: dict[str, list[Evidence]] = defaultdict(list)
    for item in quotes:
        by_reader[item.provenance.extractor].append(item)
    return math.prod(sorted(misread(rate_of(name, rates), items) for name, items in by_reader.items()))


def misread(rate: ErrorRate, quotes: Sequence[Evidence]) -> float:
    """The chance that an extractor of that rate misread all of one voice's quotes."""
    random = math.prod(sorted(_random(rate, item) for item in quotes))
    return min(1.0, rate.systematic + (1 - rate.systematic) * random)


def rate_of(extractor: str, rates: Mapping[str, ErrorRate]) -> ErrorRate:
    """The error rate of an extractor, else that of its kind (`llm/some-model` is of the kind `llm`)."""
    return rates.get(extractor) or rates.get(extractor.partition("/")[0]) or DEFAULT_RATE


def _random(rate: ErrorRate, item: Evidence) -> float:
    """The chance that this quote is misread; certain misreading at confidence 0, `rate.random` at 1."""
    error = 1 - (1 - rate.random) * item.confidence
    return (1 + error) / 2 if item.polarity is Polarity.HEDGED else error


def _independent(items: Sequence[tuple[Evidence, str]]) -> list[list[Evidence]]:
    """Evidence by independent voice: the same voice or the same words make one group."""
    leader: dict[str, str] = {}

    def find(key: str) -> str:
        while leader.setdefault(key, key) != key:
            key = leader[key]
        return key

    for item, voice in items:
        a, b = sorted((find(f"voice {voice}"), find(f"quote {' '.join(item.quote.lower().split())}")))
        leader[b] = a
    groups: dict[str, dict[str, Evidence]] = defaultdict(dict)
    for item, voice in items:
        words = " ".join(item.quote.lower().split())
        group, said = groups[find(f"voice {voice}")], f"{item.provenance.extractor} {item.polarity} {words}"
        kept = group.setdefault(said, item)
        if (item.confidence, item.id) > (kept.confidence, kept.id):
            group[said] = item
    return [list(group.values()) for group in groups.values()]


def _sentence(voices_for: int, hedged: int, voices_against: int) -> str:
    def critics(number: int) -> str:
        return "one critic" if number == 1 else f"{number} critics"

    if voices_for:
        doubt = f", {'hedging' if voices_for == 1 else f'{hedged} of them hedging'}" if hedged else ""
        text = f"{critics(voices_for)} say{'s' if voices_for == 1 else ''} so{doubt}"
        if voices_against:
            text += f"; {critics(voices_against)} den{'ies' if voices_against == 1 else 'y'} it"
    elif voices_against:
        text = f"{critics(voices_against)} den{'ies' if voices_against == 1 else 'y'} it, and nobody says so"
    else:
        text = "nobody says so"
    return f"{text[0].upper()}{text[1:]}."
