"""What can be seen of a pair in its sentence, as names of features.

The sentence is *viewed* from the pair: each mention becomes a tag (`OBJ`, `SUBJ`, `REV` for the reviewed film,
`FILM`, `PERS`, `FRAN`, `WORK`), and a list in which the object stands shrinks to the object, so that what is
said of a list is said of each of its items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from filmgraph.candidates import Pair
from filmgraph.cues import LINEAGE_FAMILIES, NOTHING, Cue, constructions_in
from filmgraph.kinship import kinship_features
from filmgraph.model import EntityKind
from filmgraph.passages import Passage, Sentence, Span
from filmgraph.text import Remembered

__all__ = ["View", "features", "view"]

_LINEAGE = frozenset(LINEAGE_FAMILIES)
_QUIET = frozenset(["credit", "watch", "negation", "hedge", "scorn", "praise", "original"])
_TAG_OF = {
    EntityKind.FILM: "FILM", EntityKind.PERSON: "PERS", EntityKind.FRANCHISE: "FRAN",
    EntityKind.WORK: "WORK", EntityKind.INFLUENCE: "FILM",
}  # fmt: skip


@dataclass(slots=True)
class View:
    """A sentence as seen from a pair: masked words, cues by their place among them, where the object stands
    and where the other mention does, and how many items the object's list has (1 for no list)."""

    words: Sequence[str]
    cues: Sequence[Cue]
    at: int
    other: int | None
    listed: int

    @property
    def telling(self) -> list[tuple[int, Cue]]:
        """The cues that may tell something, each with its distance in words, nearest first."""
        found = [(self.distance(cue), cue) for cue in self.cues if cue.family not in _QUIET]
        return sorted(found, key=lambda item: (item[0], item[1].position, item[1].family))

    def distance(self, cue: Cue) -> int:
        """How many words a cue is away from the object; 1 for the next word."""
        ahead = cue.position < self.at
        return self.at - cue.position - cue.length + 1 if ahead else cue.position - self.at

    def side(self, cue: Cue) -> str:
        return "l" if cue.position < self.at else "r"

    def between(self, cue: Cue) -> Sequence[str]:
        """The words between a cue and the object."""
        if cue.position < self.at:
            return self.words[cue.position + cue.length : self.at]
        return self.words[self.at + 1 : cue.position]


def features(passage: Passage, pair: Pair) -> list[str]:
    """What can be seen of a pair, as names of features without repeats."""
    sentence = passage.sentences[pair.anchor.sentence]
    seen = view(passage, pair)
    found = [*_of_entities(passage, pair), *kinship_features(pair)]
    found += _of_words(seen)
    found += _of_cues(seen, _kind(pair.anchor), pair.ends)
    found += _of_constructions(sentence, seen, pair)
    found += _of_neighbours(passage, pair.anchor.sentence)
    found += _of_shape(passage, seen, pair)
    if seen.other is not None:
        found += _between(seen, seen.other, pair)
    return list(dict.fromkeys(found))


# ── the view ────────────────────────────────────────────────────────────────────────────────


def view(passage: Passage, pair: Pair) -> View:
    """The sentence of a pair's anchor, seen from the pair."""
    sentence = passage.sentences[pair.anchor.sentence]
    words, at, other = _masked(passage, sentence, pair)
    first, last, items = _list_around(words, at)
    cut = last - first
    shifted = [
        cue if cue.position < at else Cue(cue.position - cut, cue.family, cue.length)
        for cue in sentence.cues
        if not (first <= cue.position < at or at < cue.position <= last)
    ]
    if other is not None and other > at:
        other -= cut
    return View([*words[:first], "OBJ", *words[last + 1 :]], shifted, first, other, items)


def _masked(passage: Passage, sentence: Sentence, pair: Pair) -> tuple[list[str], int, int | None]:
    """The sentence's words with mentions as tags; where the anchor stands, and where the other does."""
    words = list(sentence.words)
    reviewed = passage.reviewed.entity if passage.reviewed else None
    at = 0
    other = None
    for number, place in sentence.places.items():
        span = passage.spans[number]
        if span is pair.anchor:
            words[place], at = "OBJ", place
        elif span is pair.other:
            words[place], other = "SUBJ", place
        elif span.entity == pair.anchor.entity:
            words[place] = "OBJ2"
        elif span.entity == reviewed:
            words[place] = "REV"
        else:
            words[place] = _TAG_OF[span.kind]
    return words, at, other


_ITEMS = frozenset(["FILM", "PERS", "WORK", "FRAN", "OBJ2"])
_JOINTS = frozenset([",", "and", "or", "&", "/", "plus", "+", ";"])
_FILLERS = frozenset(["the", "a", "an", "even", "also", "maybe", "perhaps", "like"])


def _list_around(words: Sequence[str], at: int) -> tuple[int, int, int]:
    """The first and last word of the list in which word `at` stands, and how many items it has."""
    first, before = _reach(words, at, -1)
    last, behind = _reach(words, at, 1)
    return first, last, 1 + before + behind


def _reach(words: Sequence[str], at: int, step: int) -> tuple[int, int]:
    """The outermost item of a list that goes on from `at` in one direction, and how many items lie there."""
    edge, items, joined, place = at, 0, False, at + step
    while 0 <= place < len(words):
        word = words[place]
        if word in _ITEMS and joined:
            edge, items, joined = place, items + 1, False
        elif word in _JOINTS:
            joined = True
        elif word not in _FILLERS:
            break
        place += step
    return edge, items


# ── features of the ends ────────────────────────────────────────────────────────────────────


def _kind(span: Span) -> str:
    kind = EntityKind.FILM if span.kind is EntityKind.INFLUENCE else span.kind
    provisional = ":new" if ":~" in span.entity and span.kind is not EntityKind.INFLUENCE else ""
    how = "" if span.how in ("name", "influence") else f":{span.how}"
    return f"{kind.value}{provisional}{how}"


def _of_entities(passage: Passage, pair: Pair) -> list[str]:
    anchor, ends = pair.anchor, pair.ends
    found = [f"kind={_kind(anchor)}", f"ends={ends}", f"ends={ends}:{_kind(anchor).partition(':')[0]}"]
    found.append(f"count={min(passage.counts[anchor.entity], 4)}")
    found.append(f"years={_years_apart(pair.subject, pair.object)}:{ends}")
    if _base(pair.subject.name) == _base(pair.object.name):
        same = pair.subject.name.lower() == pair.object.name.lower()
        found += [f"same base:{ends}", *([f"same title:{ends}"] if same else [])]
    if pair.object.kind is EntityKind.FRANCHISE:
        found.append(f"{'akin' if pair.subject.is_akin(pair.object) else 'strange'} series:{ends}")
    if pair.other is None and min(pair.subject.start, pair.object.start) >= 0:
        found.append("taken up")
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
_GAPS = ((-1, "<0"), (0, "0"), (3, "1-3"), (10, "4-10"), (25, "11-25"))


def _years_apart(subject: Span, object_: Span) -> str:
    if subject.year is None or object_.year is None or object_.kind is EntityKind.PERSON:
        return "?"
    gap = subject.year - object_.year
    return next((name for most, name in _GAPS if gap <= most), "old")


@lru_cache(maxsize=50_000)
def _base(name: str) -> str:
    """A title without what sets the parts of a series apart.

    >>> _base("The Fly II") == _base("Fly")
    True
    """
    name = re.sub(r"^(?:the|a|an) ", "", name.lower().partition(":")[0])
    return re.sub(r"[ ,]+(?:part )?(?:\d+|[ivx]+|two|three|four)$", "", name).strip()


# ── features of the words ───────────────────────────────────────────────────────────────────


_ENDING = re.compile(r"(?:ing|ed|es|s|ly)$")
_STEMS = Remembered(lambda word: _ENDING.sub("", word)[:8])


def _of_words(seen: View) -> list[str]:
    left = [_STEMS[word] for word in seen.words[max(0, seen.at - 8) : seen.at]]
    right = [_STEMS[word] for word in seen.words[seen.at + 1 : seen.at + 8]]
    found = [f"L:{word}" for word in left] + [f"R:{word}" for word in right]
    found += [f"L3:{word}" for word in left[-3:]] + [f"R2:{word}" for word in right[:2]]
    found += [f"LL:{a}_{b}" for a, b in pairwise(left)]
    if left:
        found.append(f"L1:{seen.words[seen.at - 1]}")
    if right:
        found.append(f"R1:{seen.words[seen.at + 1]}")
    if len(left) > 2:
        found.append("LLL:" + "_".join(left[-3:]))
    return found


# ── features of the cues ────────────────────────────────────────────────────────────────────


def _of_cues(seen: View, kind: str, ends: str) -> list[str]:
    nearest: dict[str, Cue] = {}
    for cue in sorted(seen.cues, key=lambda cue: (seen.distance(cue), cue.position)):
        nearest.setdefault(cue.family, cue)
    found = []
    for family, cue in nearest.items():
        distance = seen.distance(cue)
        reach = "n" if distance <= 3 else "m" if distance <= 8 else "f"
        found += [f"S:{family}", f"C:{family}:{seen.side(cue)}{reach}", f"C:{family}:{kind}"]
    telling = seen.telling
    families = list(dict.fromkeys(cue.family for _, cue in telling))
    if families:
        family, side = families[0], seen.side(nearest[families[0]])
        found += [f"near:{family}:{side}", f"near:{family}:{kind}", f"near:{family}:{ends}"]
        found += [f"next:{family}" for family in families[1:2]]
    found += _of_nearest(seen, [cue for _, cue in telling if cue.family in _LINEAGE], ends)
    if not _LINEAGE.intersection(nearest):
        found.append("no cue")
    return found


_BREAKS = frozenset(
    [",", ";", ":", "but", "and", "which", "who", "--", "-", "(", ")", "while", "because", "."]
)


def _of_nearest(seen: View, cues: Sequence[Cue], ends: str) -> Iterator[str]:
    """The cue of lineage that stands closest on either side: its word, its noun phrase, the way to the object."""
    for side in ("l", "r"):
        cue = next((cue for cue in cues if seen.side(cue) == side), None)
        if cue is None:
            continue
        between = seen.between(cue)
        yield f"cue:{_STEMS[seen.words[cue.position]]}:{side}"
        cut = "cut" if _BREAKS.intersection(between) else "joined"
        yield f"{cut}:{cue.family}:{side}"
        if any(word.isupper() for word in between):
            yield f"across:{cue.family}:{side}"
        if len(between) <= 3:
            yield f"path:{cue.family}:{side}:{'_'.join(between)}"
        names = _named_by(seen.words, cue.position + cue.length)
        if names:
            yield f"names:{names}:{ends}"
        whose = _whose(seen.words, cue.position)
        yield f"whose:{whose}:{ends}"
        yield f"whose:{whose}:{cue.family}"
        phrase = _phrase(seen.words, cue.position)
        yield f"phrase:{cue.family}:{phrase}"
        yield f"phrase:{phrase}:{ends}"


_NAMING = frozenset("are is was were like include including called titled such as , : named - -- the".split())
_SPEAKERS = frozenset(
    "it this it's that he she they which i you we movie film these those picture who".split()
)
_CLAUSES = frozenset([";", ".", "but", "(", ":", "--", "because", "while", "although", "though"])


def _named_by(words: Sequence[str], place: int) -> str:
    """The mention that a cue names as such: "another OBJ clone FILM", "rip-offs are FILM"."""
    for word in words[place : place + 4]:
        if word.isupper() and len(word) > 1:
            return word
        if word not in _NAMING:
            return ""
    return ""


def _whose(words: Sequence[str], position: int) -> str:
    """Who is spoken of ahead of the cue: the nearest mention but the object, or pronoun, of its clause."""
    for place in range(position - 1, max(-1, position - 15), -1):
        word = words[place]
        if word in _SPEAKERS or (word.isupper() and len(word) > 1 and word != "OBJ"):
            return word
        if word in _CLAUSES:
            return "|"
    return "^"


_INDEFINITE = frozenset(["a", "an", "another", "yet", "one"])
_DEFINITE = frozenset(["the", "this", "that", "its", "his", "her", "their", "these", "those"])
_BEING = frozenset(
    ["is", "was", "as", "it's", "are", "were", "be", "being", "isn't", "wasn't", "like", "than"]
)
_WITHIN = frozenset(["in", "of", "for", "with", "from", "to", "on", "after", "since", "about", "by", "at"])


def _phrase(words: Sequence[str], position: int) -> str:
    """How the noun phrase or verb at `position` is brought in: "is a", ", a", "in the", "to", …"""
    article = ""
    for place in range(position - 1, max(-1, position - 6), -1):
        word = words[place]
        if word in _INDEFINITE or word in _DEFINITE:
            article = "a" if word in _INDEFINITE else "the"
        elif word in _BEING:
            return f"is {article}"
        elif word in _WITHIN:
            return f"in {article}"
        elif word in _BREAKS:
            return f", {article}"
        elif word.isupper():
            return f"{word} {article}"
        elif article:
            return f"… {article}"
    return f"^ {article}" if position < 6 else article


# ── features of constructions, of neighbours and of the sentence ────────────────────────────

_WHOSE = {"SUBJ": "S", "FILM": "F", "FRAN": "F", "WORK": "F", "PERS": "P"}


def _of_constructions(sentence: Sentence, seen: View, pair: Pair) -> list[str]:
    ends, kind = pair.ends, _kind(pair.anchor).partition(":")[0]
    found, groups = [], []
    for relation, before in constructions_in(" ".join(seen.words), sentence.families):
        group = relation if relation in ("resembles", NOTHING, "part_of") else "lineage"
        found += [f"K:{relation}", f"K:{relation}:{kind}", f"K:{group}:{ends}{_WHOSE.get(before, 'R')}"]
        groups.append(group)
    distinct = sorted(set(groups))
    found += [f"K={group}" for group in distinct]
    if len(distinct) == 1:
        found.append(f"K only {distinct[0]}:{ends}")
    return found or ["K none"]


def _of_neighbours(passage: Passage, number: int) -> list[str]:
    found = []
    for name, place in (("before", number - 1), ("after", number + 1)):
        if 0 <= place < len(passage.sentences):
            families = passage.sentences[place].families
            found += [f"{name}:{family}" for family in sorted(families) if family not in _QUIET]
    return found


def _of_shape(passage: Passage, seen: View, pair: Pair) -> list[str]:
    words, at, ends = seen.words, seen.at, pair.ends
    found = [f"films={min(4, sum(word in ('FILM', 'OBJ', 'OBJ2') for word in words))}"]
    found.append(f"listed={min(seen.listed, 4)}")
    if "REV" in words:
        found.append("reviewed in sentence")
    if at <= 1:
        found.append("at start")
    if words and words[-1] == "?":
        found.append("question")
    if "(" in words[:at] and ")" not in words[:at]:
        found.append("in parentheses")
    if passage.text[pair.anchor.end : pair.anchor.end + 2] in ("'s", "’s"):
        found.append("possessive")
    if len(words) < 12:
        found.append("short sentence")
    before = [word for word in words[:at] if word in ("REV", "FILM", "SUBJ", "FRAN")]
    if before:
        found.append(f"last={before[-1]}:{ends}")
    governor = _governor(words, at)
    found += [f"governor={governor}:{ends}"] if governor else []
    found.append(f"opens={_opening(words)}:{ends}")
    return found


def _opening(words: Sequence[str]) -> str:
    """Whom the sentence begins to speak of: the first mention or pronoun among its first words."""
    for word in words[:6]:
        if word.isupper() and len(word) > 1:
            return word
        if word in ("it", "this", "it's", "that", "he", "she", "they", "i", "you", "these", "those"):
            return word
    return "?"


_VERBS = frozenset(
    "is was which who are were has had -- ( itself owes seems feels isn't wasn't borrows steals".split()
)
_APPOSITIONS = frozenset("a an the which itself another one his her their its".split())


def _governor(words: Sequence[str], at: int) -> str:
    """The nearest work ahead of the anchor of which something is said ("FILM is …", "FILM, a …"); or ""."""
    for place in range(at - 2, -1, -1):
        if words[place] in ("FILM", "FRAN", "WORK", "REV", "SUBJ"):
            apposed = words[place + 1] == "," and words[place + 2] in _APPOSITIONS
            if words[place + 1] in _VERBS or apposed:
                return words[place]
    return ""


_LISTING = frozenset([",", "and", "or", "FILM", "PERS", "WORK", "FRAN", "/", "the", "&", "(", ")", ";"])


def _between(seen: View, other: int, pair: Pair) -> list[str]:
    """What stands between the two mentions of a pair."""
    first, last = sorted((seen.at, other))
    between = seen.words[first + 1 : last]
    found = [f"gap={next(most for most in (1, 3, 6, 12, 9_999) if len(between) <= most)}"]
    found += [f"B:{_STEMS[word]}" for word in between[:10]]
    families = sorted({cue.family for cue in seen.cues if first < cue.position < last})
    subject_first = (pair.subject is pair.other) == (other < seen.at)
    for family in families:
        found += [f"BC:{family}", f"BC:{family}:{'s' if subject_first else 'o'}"]
    found.append("subject first" if subject_first else "object first")
    if all(word in _LISTING for word in between):
        found.append("listed together")
    if any(word in ("REV", "FILM") for word in between):
        found.append("film between")
    return found
