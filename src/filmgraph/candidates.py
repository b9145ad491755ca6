"""Pairs of works that a passage may connect, and what can be seen of each pair.

A *passage* is a review cut into sentences with its linked spans. A *pair* is a possible claim without its
relation: a subject (the later work), an object, and the sentence in which the object is named. The subject is
the reviewed film, another film of the sentence, or the members of a list that "these movies" takes up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from filmgraph.cues import LINEAGE_FAMILIES, NOTHING, Cue, constructions_in, cues_in
from filmgraph.model import Entity, EntityKind, Film, Link

__all__ = [
    "Pair",
    "Passage",
    "Sentence",
    "Span",
    "features",
    "films_listed",
    "pairs",
    "passage",
    "shared_name",
    "singled_out",
]

VISIBLE = frozenset(["anaphor", "source", "version", "predecessor"])
"""Ways of finding a mention whose own words are cues too ("the original", "the novel")."""

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|--|\.\.\.|[^\w\s]|_")


@dataclass(frozen=True, slots=True)
class Span:
    """A linked stretch of text. `sentence` is -1 for the reviewed film where it is not named."""

    start: int
    end: int
    kind: EntityKind
    entity: str
    name: str
    year: int | None
    how: str
    score: float
    sentence: int

    @property
    def visible(self) -> bool:
        return self.how in VISIBLE or self.kind is EntityKind.INFLUENCE


@dataclass(slots=True)
class Sentence:
    """Words in lower case, each with its offset; a mention is one word, the tag `@` and its number."""

    start: int
    end: int
    words: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    cues: list[Cue] = field(default_factory=list)
    families: frozenset[str] = frozenset()


@dataclass(slots=True)
class Passage:
    """A review ready for claims. `own` are the ids of people who made the reviewed film."""

    text: str
    sentences: list[Sentence]
    spans: list[Span]
    reviewed: Span | None
    own: frozenset[str]
    counts: Counter[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A subject and an object that sentence `anchor.sentence` may connect.

    `anchor` is the span named in the sentence; `other` the second one when both are ("pair of mentions"),
    None when the other end is the reviewed film or a list.
    """

    subject: Span
    object: Span
    anchor: Span
    other: Span | None

    @property
    def key(self) -> tuple[str, str]:
        first, second = sorted((self.subject.entity, self.object.entity))
        return first, second


# ── passage ─────────────────────────────────────────────────────────────────────────────────


def passage(
    text: str,
    sentences: Iterable[tuple[int, int]],
    links: Iterable[Link],
    entities: Mapping[str, Entity],
    reviewed: str | None,
) -> Passage:
    """Cut `text` into sentences whose linked spans are one word each; NIL links and overlaps are left out."""
    bounds = list(sentences)
    film = entities.get(reviewed) if reviewed else None
    spans = _spans(links, entities, bounds)
    return Passage(
        text=text,
        sentences=_sentences(text, bounds, spans),
        spans=spans,
        reviewed=_reviewed_span(film) if film else None,
        own=frozenset(credit.person for credit in film.credits) if isinstance(film, Film) else frozenset(),
        counts=Counter(span.entity for span in spans),
    )


def _reviewed_span(film: Entity) -> Span:
    return Span(-1, -1, EntityKind.FILM, film.id, film.name, film.year, "reviewed", 1.0, -1)


def _spans(
    links: Iterable[Link], entities: Mapping[str, Entity], bounds: Sequence[tuple[int, int]]
) -> list[Span]:
    spans: list[Span] = []
    number = 0
    end = 0
    for link in sorted(links, key=lambda link: (link.mention.start, -link.mention.end)):
        mention = link.mention
        entity = entities.get(link.entity) if link.entity else None
        if entity is None or mention.start < end:
            continue
        while number + 1 < len(bounds) and bounds[number][1] <= mention.start:
            number += 1
        kind = EntityKind(entity.id.partition(":")[0])
        spans.append(
            Span(
                mention.start,
                mention.end,
                kind,
                entity.id,
                entity.name,
                entity.year,
                link.how,
                link.score,
                number,
            )
        )
        end = mention.end
    return spans


def _sentences(text: str, bounds: Sequence[tuple[int, int]], spans: Sequence[Span]) -> list[Sentence]:
    made = [Sentence(start, end) for start, end in bounds]
    inside: dict[int, list[int]] = {}
    for number, span in enumerate(spans):
        inside.setdefault(span.sentence, []).append(number)
    for number, sentence in enumerate(made):
        _fill(sentence, text, [(n, spans[n]) for n in inside.get(number, ())])
    return made


def _fill(sentence: Sentence, text: str, spans: Sequence[tuple[int, Span]]) -> None:
    position = sentence.start
    for number, span in spans:
        _add_words(sentence, text, position, span.start)
        sentence.places[number] = len(sentence.words)
        sentence.words.append(f"@{number}")
        sentence.offsets.append(span.start)
        if span.visible:
            _add_words(sentence, text, span.start, span.end)
        position = span.end
    _add_words(sentence, text, position, sentence.end)
    sentence.cues = cues_in(sentence.words)
    sentence.families = frozenset(cue.family for cue in sentence.cues)


def _add_words(sentence: Sentence, text: str, start: int, end: int) -> None:
    for match in _WORD.finditer(text, start, max(start, end)):
        word = match[0]
        if word != "_":
            sentence.words.append(word.lower().replace("’", "'"))
            sentence.offsets.append(match.start())


# ── pairs ───────────────────────────────────────────────────────────────────────────────────

_SUBJECTS = (EntityKind.FILM, EntityKind.FRANCHISE)
_TAKES_UP_LIST = re.compile(
    r"(?:and |but )?(?:(?:all|each|both|most|many) (?:of )?)?"
    r"(?:these|those|such) (?:\w+ )?(?:movies|films|pictures|flicks|titles|entries|works|ones)\b"
    r"|(?:they|these|those) (?:all|both) "
)
LONGEST_DISTANCE = 180


def pairs(passage: Passage) -> list[Pair]:
    """All pairs that may be claims, in text order."""
    return [*_pairs_with_reviewed(passage), *_pairs_within_sentences(passage), *_pairs_of_lists(passage)]


def _pairs_with_reviewed(passage: Passage) -> Iterator[Pair]:
    reviewed = passage.reviewed
    if reviewed is None:
        return
    for span in passage.spans:
        if span.entity == reviewed.entity or _is_about_others(passage, span):
            continue
        if span.kind is EntityKind.PERSON and span.entity in passage.own and span.how != "epithet":
            continue
        if span.kind is EntityKind.FILM and _later(span, reviewed) > 0:
            yield Pair(span, reviewed, span, None)
        else:
            yield Pair(reviewed, span, span, None)


def _pairs_within_sentences(passage: Passage) -> Iterator[Pair]:
    reviewed = passage.reviewed.entity if passage.reviewed else None
    by_sentence: dict[int, list[Span]] = {}
    for span in passage.spans:
        if span.entity != reviewed:
            by_sentence.setdefault(span.sentence, []).append(span)
    for spans in by_sentence.values():
        for first in range(len(spans)):
            for second in range(first + 1, min(first + 5, len(spans))):
                pair = _oriented(spans[first], spans[second])
                if pair is not None:
                    yield pair


def _oriented(a: Span, b: Span) -> Pair | None:
    """The pair of two mentions with the later work as subject; of two equals the one named first."""
    if a.entity == b.entity or b.start - a.end > LONGEST_DISTANCE:
        return None
    subjects = [span for span, other in ((a, b), (b, a)) if _may_descend(span, other)]
    if not subjects:
        return None
    turned = _later(b, a) > 0 or a not in subjects or (_later(a, b) == 0 and a.kind is not EntityKind.FILM)
    if turned and b not in subjects:
        return None
    return Pair(b, a, b, a) if turned else Pair(a, b, b, a)


def _may_descend(span: Span, other: Span) -> bool:
    """Whether a span may be a subject; a source work only where its year shows that it came later."""
    if span.kind is EntityKind.WORK:
        return span.how != "source" and span.year is not None and _later(span, other) > 0
    return span.kind in _SUBJECTS


def _pairs_of_lists(passage: Passage) -> Iterator[Pair]:
    """A list of titles, then "These movies …": each title may be the subject of what follows."""
    for number in range(1, len(passage.sentences)):
        sentence = passage.sentences[number]
        if not _TAKES_UP_LIST.match(" ".join(sentence.words[:6])):
            continue
        listed = films_listed(passage, number - 1)
        for anchor in passage.spans:
            if anchor.sentence == number:
                for film in listed:
                    if film.entity != anchor.entity and _later(anchor, film) <= 0:
                        yield Pair(film, anchor, anchor, None)


def films_listed(passage: Passage, number: int) -> list[Span]:
    """The films of a sentence that lists at least two; empty otherwise."""
    films = [span for span in passage.spans if span.sentence == number and span.kind is EntityKind.FILM]
    return films if len(films) > 1 else []


def _is_about_others(passage: Passage, span: Span) -> bool:
    """Whether the sentence that names `span` says of other films what it says."""
    number = span.sentence
    sentence = passage.sentences[number]
    first = " ".join(sentence.words[:8])
    if number and _TAKES_UP_LIST.match(first) and films_listed(passage, number - 1):
        return True
    if _GROUP.match(first) or singled_out(passage, number) is span:
        return True
    shared = shared_name(passage, sentence)
    return shared is not None and shared[0] is span


_GROUP = re.compile(
    r"(?:and |but |of course ,? ?)?"
    r"(?:(?:the|some|many|most|a few|several|all|others|both|few)(?: of (?:them|these|those|the))?"
    r"(?: (?:great|good|best|better|bad|worst|worse|others?))(?: ones| films| movies)?|some|others|many) "
    r"(?:have|are|were|is|has|had|do|did|of them|will|would|can|could|even) "
)
_SINGLES_OUT = re.compile(r"@(\d+) (?:in particular|for (?:one|instance|example)|especially|above all)\b")
_SHARES_NAME = re.compile(
    r"\b(?:shar(?:es?|ed|ing)|bear(?:s|ing)?|has|having|with) "
    r"(?:(?:its|his|their|a|an|the|the same|same) )*(?:name|title) (?:with|as|of) (?:a|an|the|another|some) "
    r"(?:[\w'-]+ )*?@(\d+) (?:[\w'-]+ ){0,2}?(spin-?off|remake|sequel|prequel|reboot)"
)


def singled_out(passage: Passage, number: int) -> Span | None:
    """The film of “X in particular …” where the sentence before speaks of a group without naming any."""
    if number == 0:
        return None
    group = passage.sentences[number - 1]
    match = _SINGLES_OUT.match(" ".join(passage.sentences[number].words[:6]))
    if not match or group.places or not _GROUP.match(" ".join(group.words[:8])):
        return None
    span = passage.spans[int(match[1])]
    return span if span.kind is EntityKind.FILM else None


def shared_name(passage: Passage, sentence: Sentence) -> tuple[Span, str] | None:
    """The source X and the word "spin-off" of “sharing a name with an upcoming X spin-off”, if it says so."""
    if "name" not in sentence.words and "title" not in sentence.words:
        return None
    match = _SHARES_NAME.search(" ".join(sentence.words))
    return (passage.spans[int(match[1])], match[2]) if match else None


def _later(a: Span, b: Span) -> int:
    """1 if `a` is later than `b`, -1 if earlier, 0 if that is unknown."""
    if a.year is None or b.year is None or EntityKind.PERSON in (a.kind, b.kind):
        return 0
    return (a.year > b.year) - (a.year < b.year)


# ── features ────────────────────────────────────────────────────────────────────────────────

_QUIET = frozenset(["credit", "watch", "negation", "hedge", "scorn", "praise", "original"])
_STRONG = ("copy", "steal", "homage", "spoof", "remake", "sequel", "inspire", "owe", "adapt", "formula")
_LINEAGE = frozenset(LINEAGE_FAMILIES)
_LISTING = frozenset(
    [",", "and", "or", "FILM", "PERS", "WORK", "FRAN", '"', "'", "/", "the", "&", "(", ")", "“", "”", "*"]
)
_TAG_OF = {
    EntityKind.FILM: "FILM", EntityKind.PERSON: "PERS", EntityKind.FRANCHISE: "FRAN",
    EntityKind.WORK: "WORK", EntityKind.INFLUENCE: "FILM",
}  # fmt: skip


def features(passage: Passage, pair: Pair) -> list[str]:
    """What can be seen of a pair, as names of features without repeats."""
    sentence = passage.sentences[pair.anchor.sentence]
    words, at, other_at = _masked(passage, sentence, pair)
    found = _entity_features(passage, pair)
    found += _word_features(words, at)
    found += _cue_features(sentence, at, _kind(pair.anchor))
    found += _construction_features(sentence, words, pair)
    found += _neighbour_features(passage, pair.anchor.sentence)
    found += _shape_features(passage, sentence, words, at, pair)
    if other_at is not None:
        found += _between_features(sentence, words, at, other_at, pair)
    return list(dict.fromkeys(found))


def _masked(passage: Passage, sentence: Sentence, pair: Pair) -> tuple[list[str], int, int | None]:
    """The sentence's words with mentions as tags; where the anchor stands, and where the other does."""
    words = list(sentence.words)
    reviewed = passage.reviewed.entity if passage.reviewed else None
    at = 0
    other_at = None
    for number, place in sentence.places.items():
        span = passage.spans[number]
        if span is pair.anchor:
            tag, at = "OBJ", place
        elif span is pair.other:
            tag, other_at = "SUBJ", place
        elif span.entity == pair.anchor.entity:
            tag = "OBJ2"
        elif span.entity == reviewed:
            tag = "REV"
        else:
            tag = _TAG_OF[span.kind]
        words[place] = tag
    return words, at, other_at


def _kind(span: Span) -> str:
    kind = EntityKind.FILM if span.kind is EntityKind.INFLUENCE else span.kind
    provisional = ":new" if ":~" in span.entity and span.kind is not EntityKind.INFLUENCE else ""
    how = "" if span.how in ("name", "influence") else f":{span.how}"
    return f"{kind.value}{provisional}{how}"


def _entity_features(passage: Passage, pair: Pair) -> list[str]:
    anchor, subject, object_ = pair.anchor, pair.subject, pair.object
    ends = "two" if pair.other else "one"
    found = [f"kind={_kind(anchor)}", f"ends={ends}", f"ends={ends}:{_kind(anchor).partition(':')[0]}"]
    found.append(f"count={min(passage.counts[anchor.entity], 4)}")
    found.append(f"years={_years_apart(subject, object_)}:{ends}")
    if _base(subject.name) == _base(object_.name):
        found.append(f"same base:{ends}")
        if subject.name.lower() == object_.name.lower():
            found.append(f"same title:{ends}")
    if anchor.score < 0.6:
        found.append("unsure link")
    if pair.subject is anchor and pair.other is None:
        found.append("anchor is later")
    if anchor.entity in passage.own:
        found.append("own person")
    if anchor.kind is EntityKind.PERSON and _SEEN_IN.match(passage.text, anchor.end):
        found.append("person seen in")
    return found


_SEEN_IN = re.compile(r"['’]?s?(?: [\w'’-]+){0,6} (?:in|from|of) [\"'“‘_*]*(?:the )?[A-Z0-9]")


def _years_apart(subject: Span, object_: Span) -> str:
    if subject.year is None or object_.year is None or object_.kind is EntityKind.PERSON:
        return "?"
    gap = subject.year - object_.year
    return next(name for most, name in _GAPS if gap <= most)


_GAPS = ((-1, "<0"), (0, "0"), (3, "1-3"), (10, "4-10"), (25, "11-25"), (1_000, "old"))


@lru_cache(maxsize=50_000)
def _base(name: str) -> str:
    """A title without what sets the parts of a series apart.

    >>> _base("The Fly II") == _base("Fly")
    True
    """
    name = re.sub(r"^(?:the|a|an) ", "", name.lower().partition(":")[0])
    return re.sub(r"[ ,]+(?:part )?(?:\d+|[ivx]+|two|three|four)$", "", name).strip()


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return re.sub(r"(?:ing|ed|es|s|ly)$", "", word)[:8]


def _word_features(words: Sequence[str], at: int) -> list[str]:
    left = [_stem(word) for word in words[max(0, at - 8) : at]]
    right = [_stem(word) for word in words[at + 1 : at + 8]]
    found = [f"L:{word}" for word in left] + [f"R:{word}" for word in right]
    found += [f"L3:{word}" for word in left[-3:]] + [f"R2:{word}" for word in right[:2]]
    found += [f"LL:{a}_{b}" for a, b in pairwise(left)]
    if left:
        found.append(f"L1:{words[at - 1]}")
    if right:
        found.append(f"R1:{words[at + 1]}")
    if len(left) > 2:
        found.append("LLL:" + "_".join(left[-3:]))
    return found


def _cue_features(sentence: Sentence, at: int, kind: str) -> list[str]:
    nearest: dict[str, tuple[int, str]] = {}
    for cue in sentence.cues:
        side = "l" if cue.position < at else "r"
        distance = at - cue.position - cue.length + 1 if side == "l" else cue.position - at
        if cue.family not in nearest or distance < nearest[cue.family][0]:
            nearest[cue.family] = (distance, side)
    found = []
    for family, (distance, side) in nearest.items():
        reach = "n" if distance <= 3 else "m" if distance <= 8 else "f"
        found += [f"S:{family}", f"C:{family}:{side}{reach}", f"C:{family}:{kind}"]
    telling = sorted((place, family) for family, place in nearest.items() if family not in _QUIET)
    if telling:
        (_, side), family = telling[0]
        found += [f"near:{family}:{side}", f"near:{family}:{kind}"]
        found += _nearest_words(sentence, at)
        found += [f"next:{family}" for _, family in telling[1:2]]
    if not _LINEAGE.intersection(nearest):
        found.append("no cue")
    return found


_WHOSE = {"SUBJ": "S", "FILM": "F", "FRAN": "F", "WORK": "F", "PERS": "P"}


def _nearest_words(sentence: Sentence, at: int) -> list[str]:
    """The cue words of lineage that stand closest, by side."""
    found = []
    for side, cues in (
        ("l", [cue for cue in sentence.cues if cue.position < at and cue.family in _LINEAGE][-2:]),
        ("r", [cue for cue in sentence.cues if cue.position > at and cue.family in _LINEAGE][:1]),
    ):
        found += [f"cue:{_stem(sentence.words[cue.position])}:{side}" for cue in cues]
    return found


def _construction_features(sentence: Sentence, words: Sequence[str], pair: Pair) -> list[str]:
    ends = "two" if pair.other else "one"
    found = []
    groups = []
    for relation, before in constructions_in(" ".join(words), sentence.families):
        group = relation if relation in ("resembles", NOTHING, "part_of") else "lineage"
        whose = _WHOSE.get(before, "R")
        found += [
            f"K:{relation}",
            f"K:{relation}:{_kind(pair.anchor).partition(':')[0]}",
            f"K:{group}:{ends}{whose}",
        ]
        groups.append(group)
    distinct = sorted(set(groups))
    found += [f"K={group}" for group in distinct]
    if len(distinct) == 1:
        found.append(f"K only {distinct[0]}:{ends}")
    return found or ["K none"]


def _neighbour_features(passage: Passage, number: int) -> list[str]:
    found = []
    for name, place in (("before", number - 1), ("after", number + 1)):
        if 0 <= place < len(passage.sentences):
            families = passage.sentences[place].families
            found += [f"{name}:{family}" for family in sorted(families) if family not in _QUIET]
    return found


def _shape_features(
    passage: Passage, sentence: Sentence, words: Sequence[str], at: int, pair: Pair
) -> list[str]:
    found = [f"films={min(4, sum(word in ('FILM', 'OBJ', 'OBJ2') for word in words))}"]
    if "REV" in words:
        found.append("reviewed in sentence")
    if at <= 1:
        found.append("at start")
    if sentence.words and sentence.words[-1] == "?":
        found.append("question")
    if "(" in words[:at] and ")" not in words[:at]:
        found.append("in parentheses")
    following = passage.text[pair.anchor.end : pair.anchor.end + 2]
    if following in ("'s", "’s"):
        found.append("possessive")
    if len(words) < 12:
        found.append("short sentence")
    ends = "two" if pair.other else "one"
    before = [word for word in words[:at] if word in ("REV", "FILM", "SUBJ", "FRAN")]
    if before:
        found.append(f"last={before[-1]}:{ends}")
    governor = _governor(words, at)
    if governor:
        found.append(f"governor={governor}:{ends}")
    return found


_VERBS = frozenset(
    [
        "is",
        "was",
        "which",
        "who",
        "are",
        "were",
        "has",
        "had",
        "--",
        "(",
        "itself",
        "owes",
        "seems",
        "feels",
        "isn't",
    ]
)
_APPOSITIONS = frozenset(
    """
    a an the which itself another one his her their its
    """.split()
)


def _governor(words: Sequence[str], at: int) -> str:
    """The nearest work ahead of the anchor of which something is said ("FILM is …", "FILM, a …"); or ""."""
    for place in range(at - 2, -1, -1):
        if words[place] in ("FILM", "FRAN", "WORK", "REV", "SUBJ"):
            apposed = words[place + 1] == "," and words[place + 2] in _APPOSITIONS
            if words[place + 1] in _VERBS or apposed:
                return words[place]
    return ""


def _between_features(
    sentence: Sentence, words: Sequence[str], at: int, other_at: int, pair: Pair
) -> list[str]:
    first, last = sorted((at, other_at))
    between = words[first + 1 : last]
    found = [f"gap={next(most for most in (1, 3, 6, 12, 999) if len(between) <= most)}"]
    found += [f"B:{_stem(word)}" for word in between[:10]]
    families = sorted({cue.family for cue in sentence.cues if first < cue.position < last})
    found += [f"BC:{family}" for family in families]
    subject_first = (pair.subject is pair.other) == (other_at < at)
    found += [f"BC:{family}:{'s' if subject_first else 'o'}" for family in families]
    found.append("subject first" if subject_first else "object first")
    if all(word in _LISTING for word in between):
        found.append("listed together")
    if any(word in ("REV", "FILM") for word in between):
        found.append("film between")
    return found
