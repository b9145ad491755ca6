"""How a title mention looks, whatever it may mean: its marks, its case, the words around it, how common it is.

`mention_features` names what speaks for or against its being a title at all, in itself and in the text around it;
`scoring` weighs it with what speaks for each candidate.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from filmgraph.context import Context
from filmgraph.mentions import SMALL, Scan, TitleMention
from filmgraph.text import ARTICLES

__all__ = [
    "Look",
    "features_around",
    "look_at",
    "mention_features",
    "own_features",
    "rank",
    "stands_in_credit",
]

# ── words that tell ─────────────────────────────────────────────────────────────────────────

FILM_WORDS = frozenset(
    """
    film films movie movies flick flicks remake sequel prequel reboot homage clone ripoff rip knockoff
    spoof parody director directed starring stars starred franchise classic masterpiece thriller
    inspired trilogy series version original watch watched seen saw see rent like reminiscent similar
    influenced copy ripped stolen vein fans riff cross formula adaptation recalls compared
    """.split()
)
_PREPOSITIONS = frozenset(
    """
    in of than like after since to from before by with unlike between and or on
    """.split()
)
_SERIES = frozenset(
    ["series", "franchise", "saga", "films", "movies", "trilogy", "flicks", "universe", "sequels"]
)
_PERSON_VERBS = frozenset(
    """
    says said plays played goes gets has he she who wants takes tells finds comes
    """.split()
)
_FILM_NOUNS = frozenset(
    """
    film movie classic masterpiece flick thriller remake comedy drama hit western
    """.split()
)
_FILM_NOUNS_AFTER = frozenset(
    ["film", "movie", "remake", "ripoff", "rip", "clone", "sequel", "knockoff", "homage"]
)
_AROUND = 4
_LONGEST_BULLET = 6
_REST_OF_LINE = re.compile(r"[\"'_*.:]*(?:\s*\([^()\n]*\))?[\"'_*.:]*\s*")
_BRACKET_BEFORE = re.compile(r" \([\"'_*]{0,2}$")
_AUXILIARIES = frozenset(["is", "was", "isnt", "wasnt", "had", "does", "did"])
_YEAR_AFTER = re.compile(
    r"[\"'_*]{0,3}(?:,?\s*[(\[](?:[A-Z][a-z]+,? )?|,? (?:(?:made |released )?in|from|of) |, )(\d{4})\b"
)
_YEAR_BEFORE = re.compile(r"\b(\d{4})(?:'s)?(?P<between>(?:,? [\w'-]+){0,5}),? [\"'_*(]*$")
_REMAKE_OF = re.compile(
    r"\b(?:re-?mak\w+|version|adaptation|update|reboot|take|sequel|prequel) (?:of|on|to)\b"
)


def rank(value: float, *limits: float) -> int:
    """How many of the ascending limits the value exceeds."""
    return bisect_left(limits, value)


# ── how a mention looks ─────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Look:
    """What can be seen of a title mention without asking what it may mean."""

    mention: TitleMention
    sentence: int
    size: int
    short: int
    case: str
    marked: str
    low: int
    year: int | None
    year_place: str
    before: str
    has_article: bool
    listed: int
    opening: bool

    @property
    def is_marked(self) -> bool:
        return self.marked != "none"

    @property
    def numbered(self) -> bool:
        """Whether the mention ends in the number of a part: "Jaws 4"."""
        return self.size > 1 and self.mention.key[-1].isdigit()


def look_at(context: Context, number: int) -> Look:
    scan, mention = context.scan, context.scan.titles[number]
    words, first, start, end = scan.words, mention.first, mention.start, mention.end
    sentence = scan.sentence(start)
    mark, within = scan.marked(start, end)
    use = context.names.use(mention.key)
    own_article = words.starts[first] != start
    previous = first - 1 - own_article
    before = (
        words.keys[previous]
        if previous >= 0 and words.starts[previous] >= scan.sentences[sentence][0]
        else "^"
    )
    year, place = _year_beside(context, mention, sentence)
    size = min(mention.key.count(" ") + 1, 4)
    return Look(
        mention=mention,
        sentence=sentence,
        size=size,
        short=min(size, 2),
        case=_case(context, mention),
        marked=("italic" if mark.italic else "quote") if mark else "part" if within else "none",
        low=rank(use.lower / (use.marked + use.capital + use.lower + 1), 0.02, 0.1, 0.3, 0.6, 0.9),
        year=year,
        year_place=place,
        before=before,
        has_article=own_article or before in ARTICLES,
        listed=context.listed[number],
        opening=not scan.text[scan.sentences[sentence][0] : start].strip(" \"'_*(-"),
    )


def _case(context: Context, mention: TitleMention) -> str:
    keys, upper = context.scan.words.keys, context.upper
    content = [n for n in range(mention.first, mention.last + 1) if keys[n] not in SMALL] or [mention.first]
    text = context.scan.text
    capitals = sum(upper[n] or text[context.scan.words.starts[n]].isdigit() for n in content)
    surface = text[mention.start : mention.end]
    if mention.last > mention.first and not any(upper[mention.first + 1 : mention.last + 1]):
        return "first" if upper[mention.first] else "none"
    if capitals < len(content):
        return "some" if capitals else "none"
    return "upper" if not context.shouting and len(surface) > 3 and surface.isupper() else "all"


def _year_beside(context: Context, mention: TitleMention, sentence: int) -> tuple[int | None, str]:
    """The year in brackets after a title or shortly before it, and where it stands: after, before, or before as the
    year of what was made of it: "the 1976 remake of"."""
    if not context.years:
        return None, ""
    text = context.scan.text
    match = _YEAR_AFTER.match(text, mention.end, mention.end + 24)
    place = "after"
    if match is None:
        start = max(context.scan.sentences[sentence][0], mention.start - 50)
        match = _YEAR_BEFORE.search(text[start : mention.start])
        place = "remake" if match and _REMAKE_OF.search(match["between"]) else "before"
    year = int(match[1]) if match else None
    return (year if year and 1888 <= year <= 2035 else None), place


def mention_features(context: Context, look: Look) -> list[str]:
    """What speaks for or against the mention's being a title at all."""
    return [*own_features(context, look), *features_around(context, look)]


def own_features(context: Context, look: Look) -> list[str]:
    """What speaks for or against a title in how the mention is written and how its words stand in other reviews."""
    mention, words = look.mention, context.scan.words
    size, short, case, marked = look.size, look.short, look.case, look.marked
    use = context.names.use(mention.key)
    seen = use.marked + use.capital
    share = rank((use.marked + 0.5) / (seen + 1), 0.03, 0.1, 0.25, 0.45)
    shown = [
        "bias",
        f"key:{mention.key}",
        f"shape:{marked},{size},{case}",
        f"style:{context.style},{marked},{short},{case}",
        f"low:{size},{case},{look.low}",
        f"share:{marked},{share},{rank(seen, 0, 3, 15, 80, 400)}",
        f"share:{short},{share},{case}",
        f"open:{look.opening},{short},{look.low},{marked}",
        f"list:{look.listed},{short},{look.is_marked}",
    ]
    if size == 1 and mention.key in context.people_words:
        shown.append(f"nameish:{marked}")
    if size == 1 and mention.key in context.lower:
        shown.append(f"inlower:{marked},{look.low}")
    if context.longer(mention.key):
        shown.append(f"longer:{short}")
    if mention.key.isdigit():
        shown.append(f"digit:{marked}")
    if look.numbered:
        shown.append(f"numbered:{case}")
    written = " ".join(words.keys[mention.first : mention.last + 1])
    if written != mention.key and written != f"{mention.key}s":
        shown.append(f"respelt:{size},{marked}")
    if context.shouting:
        shown.append(f"shouting:{size}")
    if context.key_counts[mention.key] > 1:
        shown.append(f"again:{min(context.key_counts[mention.key], 4)},{short}")
    if context.reviewed_key is None:
        shown.append(f"unknown:{size}")
    prior = context.names.statistics.priors.get(mention.key)
    if prior:
        count, mean = prior
        chance = rank(mean, 0.02, 0.05, 0.1, 0.2, 0.35, 0.55, 0.75)
        shown.append(f"prior:{chance},{rank(count, 5, 15, 60)},{look.is_marked}")
        shown.append(f"prior:{chance},{case},{short}")
    return shown


def features_around(context: Context, look: Look) -> list[str]:
    """What speaks for or against a title in what stands around the mention."""
    scan, mention, short = context.scan, look.mention, look.short
    text, keys = scan.text, scan.words.keys
    start, end, first, last = mention.start, mention.end, mention.first, mention.last
    shown = _neighbour_features(context, look)
    if any(p.start < end and start < p.end for p in scan.people):
        shown.append(f"person:{look.size}")
    if text[end : end + 2] == "'s":
        shown.append(f"possessive:{short}")
    if text[end : end + 1] == "-" or text[start - 1 : start] == "-":
        shown.append(f"hyphen:{short}")
    around = keys[max(0, first - 5) : first] + keys[last + 1 : last + 6]
    shown.append(f"cues:{min(2, sum(map(FILM_WORDS.__contains__, around)))},{short}")
    shown += _words_around(context, look)
    return shown


def _words_around(context: Context, look: Look) -> Iterator[str]:
    """The words in lower case within a few of a mention, in its sentence, each side by itself."""
    words, upper = context.scan.words, context.upper
    first, last = look.mention.first, look.mention.last
    low, high = context.scan.sentences[look.sentence]
    for number in range(max(0, first - _AROUND), first):
        if not upper[number] and words.starts[number] >= low:
            yield f"b:{words.keys[number]},{look.short}"
    for number in range(last + 1, min(len(words), last + 1 + _AROUND)):
        if not upper[number] and words.starts[number] < high:
            yield f"a:{words.keys[number]},{look.short}"


def _neighbour_features(context: Context, look: Look) -> list[str]:
    """The words and signs right before and after a mention."""
    scan, mention, short = context.scan, look.mention, look.short
    text, words, upper = scan.text, scan.words, context.upper
    first, last, end = mention.first, mention.last, mention.end
    previous = first - 1 - (words.starts[first] != mention.start)
    low, high = scan.sentences[look.sentence]
    capital_before = previous >= 0 and upper[previous] and words.starts[previous] > low
    touching = previous >= 0 and text[words.ends[previous] : mention.start] == " "
    inside = last + 1 < len(words) and words.starts[last + 1] < high
    after = words.keys[last + 1] if inside else "$"
    capital_after = inside and upper[last + 1]
    next_to = inside and text[end : words.starts[last + 1]] == " "
    before = look.before
    sign = text[end : end + 1]
    shown = [
        f"before:{_before(before, capital_before and touching)},{short}",
        f"after:{_after(after, capital_after and next_to)},{short}",
        f"sign:{sign if sign in '.,:;)!?-' else 'other'},{short}",
    ]
    if not look.opening and previous >= 0:
        shown.append(f"w-1:{'A' if capital_before else before},{short}")
        if previous and not capital_before and words.starts[previous - 1] >= low:
            shown.append(f"w-2:{'A' if upper[previous - 1] else words.keys[previous - 1]} {before},{short}")
    shown.append(f"w+1:{'A' if capital_after else after},{short}")
    if inside and last + 2 < len(words) and not capital_after and words.starts[last + 2] < high:
        shown.append(f"w+2:{after} {'A' if upper[last + 2] else words.keys[last + 2]},{short}")
    if look.opening and sign == ":":
        shown.append("heading")
    if next_to or touching:
        shown.append(f"w:{'A' if capital_before else before} {'A' if capital_after else after},{short}")
    if _alone_in_line(text, mention):
        shown.append(f"line:{look.is_marked}")
    shown += _people_beside(scan, mention)
    return shown


def _alone_in_line(text: str, mention: TitleMention) -> bool:
    """Whether a line holds nothing else, but for what is in brackets: a heading, an item of a list."""
    start = text.rfind("\n", 0, mention.start) + 1
    if mention.start - start > _LONGEST_BULLET or text[start : mention.start].strip(" *_#\"'-."):
        return False
    end = text.find("\n", mention.end)
    return _REST_OF_LINE.fullmatch(text, mention.end, end if end >= 0 else len(text)) is not None


def _people_beside(scan: Scan, mention: TitleMention) -> Iterator[str]:
    """Whether a title stands in brackets after a name ("John Wayne (Hondo)"), or has one ("Hondo's John Wayne")."""
    owned = scan.text[mention.end : mention.end + 3] == "'s "
    if owned and any(person.start == mention.end + 3 for person in scan.people):
        yield "owner"
    if stands_in_credit(scan, mention.start):
        yield f"credit:{min(mention.last - mention.first, 1)}"


def stands_in_credit(scan: Scan, start: int) -> bool:
    """Whether what begins at `start` stands in brackets after a person's name: "John Wayne (Hondo)"."""
    bracket = _BRACKET_BEFORE.search(scan.text, max(0, start - 5), start)
    return bracket is not None and any(person.end == bracket.start() for person in scan.people)


def _before(word: str, capital: bool) -> str:
    if word in ("the", "this", "that"):
        return "the"
    if word in ("a", "an"):
        return "a"
    if word in _FILM_NOUNS:
        return "noun"
    if word in _PREPOSITIONS:
        return "prep"
    return "cap" if capital else "other"


def _after(word: str, capital: bool) -> str:
    if word in _SERIES:
        return "series"
    if word in _FILM_NOUNS_AFTER:
        return "noun"
    if word in _PERSON_VERBS:
        return "verb"
    if word in _AUXILIARIES:
        return "is"
    return "cap" if capital else "other"
