"""How a span looks that may be a title no catalogue knows: the words in and around it, what stands beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from filmgraph.drafts import Draft
from filmgraph.facts import medium_of
from filmgraph.looks import FILM_WORDS, rank, stands_in_credit
from filmgraph.mentions import SMALL
from filmgraph.sources import source_named
from filmgraph.text import Words, title_key
from filmgraph.unknown_titles import UnknownTitle

__all__ = ["unknown_title_features"]

_AROUND = 4
_WORDS_BEFORE = re.compile(r"(?<![\w'-])(?:([\w'-]++) )?([\w'-]++)[ \"'_*(]*$")
_WORD_AFTER = re.compile(r"[\"'_*]* ([\w'-]+)")
_LISTED_BEFORE = re.compile(r"[\"'_*)]*(?:,| and| or|, and|, or|/| &|;| meets| to) ?[\"'_*]*$")
_LISTED_AFTER = re.compile(r"[\"'_*!]*(?:,| and | or |, and|, or|/| & |;| meets )")


def unknown_title_features(draft: Draft, span: UnknownTitle) -> list[str]:
    """What speaks for or against a span's being a title."""
    text, context = draft.text, draft.context
    sentence = context.scan.sentence(span.start)
    first_word, last_word = _numbers(context.scan.words, span)
    surface = text[span.start : span.end]
    words = surface.split()
    kind = span.kind
    first = title_key(words[0])
    content = [word for word in words if word.lower() not in SMALL]
    lower = sum(word[0].islower() for word in content)
    shown = [
        "bias",
        f"kind:{kind}",
        f"style:{kind},{context.style}",
        f"words:{kind},{min(len(words), 5)}",
        f"lower:{kind},{'none' if not lower else 'some' if lower < len(content) else 'all'}",
        f"small:{kind},{len(words) - len(content) > 0}",
        f"the:{kind},{words[0].lower() in ('the', 'a', 'an')}",
        f"year:{span.year is not None}",
        f"comma:{kind},{',' in surface}",
        f"upper:{kind},{surface.isupper()}",
    ]
    if any(map(str.isdigit, surface)):
        shown.append(f"digit:{kind}")
    if surface[-1] in "!?" or text[span.end : span.end + 1] in ("!", "?"):
        shown.append(f"exclaims:{kind}")
    if len(words) == 1:
        use = draft.names.use(first)
        shown.append(f"lowerdoc:{kind},{first in context.lower}")
        shown.append(f"common:{kind},{use.lower > use.capital + use.marked}")
    if first in draft.names.first_names and kind != "italic":
        shown.append(f"first:{kind},{len(words)}")
    if text.count(surface) > 1:
        shown.append(f"again:{kind}")
    shown += _around(draft, span, sentence)
    shown += _said_beside(draft, span, sentence)
    shown += _words_around(draft, span, sentence, first_word, last_word)
    shown += _words_inside(draft, span, context.scan.words.keys[first_word : last_word + 1])
    shown += _names_elsewhere(draft, span, sentence)
    return shown


def _words_around(draft: Draft, span: UnknownTitle, sentence: int, first: int, last: int) -> Iterator[str]:
    """The words in lower case within a few, how many of them speak of films, and the sign before the span."""
    words, context, kind = draft.context.scan.words, draft.context, span.kind
    low, high = context.scan.sentences[sentence]
    before = [n for n in range(max(0, first - _AROUND), first) if words.starts[n] >= low]
    after = [n for n in range(last + 1, min(len(words), last + 1 + _AROUND)) if words.starts[n] < high]
    yield from (f"b:{words.keys[n]}" for n in before if not context.upper[n])
    yield from (f"a:{words.keys[n]}" for n in after if not context.upper[n])
    yield f"cues:{kind},{min(sum(words.keys[n] in FILM_WORDS for n in (*before, *after)), 2)}"
    yield f"opens:{kind},{span.start in context.scan.starts}"
    sign = draft.text[max(0, span.start - 2) : span.start].strip(" \"'_*")[-1:]
    yield f"sign-1:{sign if sign in '(,.:;-/' else 'other'},{kind}"


def _numbers(words: Words, span: UnknownTitle) -> tuple[int, int]:
    """The numbers of the first and the last word of a span."""
    first = words.at(span.start)
    return first + (words.starts[first] < span.start), words.at(span.end - 1)


def _words_inside(draft: Draft, span: UnknownTitle, keys: list[str]) -> Iterator[str]:
    """Whether the words of a span are those of names or of titles, begin or misspell a title, stand in lower case."""
    names, kind = draft.names, span.kind
    content = [key for key in keys if key not in SMALL]
    known = sum(key in names.surnames or key in names.first_names for key in content)
    yield f"names:{kind},{min(known, 2)},{min(len(content) - known, 2)}"
    if len(keys) > 1:
        yield f"begins:{kind},{' '.join(keys[:2]) in names.title_starts}"
        yield f"begins:{kind},{' '.join(keys[:3]) in names.title_prefixes},{min(len(keys), 4)}"
    if content and kind != "italic":
        seen = [names.title_words[key] for key in content]
        yield f"rarest:{kind},{rank(min(seen), 0, 1, 3, 10, 30, 100)}"
        yield f"commonest:{kind},{rank(max(seen), 0, 1, 3, 10, 30, 100)}"
    lower = sum(map(draft.context.lower.__contains__, content))
    yield f"lows:{kind},{min(lower, 2)},{min(len(content), 4)}"
    if names.spelling(" ".join(keys)):
        yield f"misspells:{kind}"


_OTHER_NAME_BEFORE = re.compile(
    r"\b(?:a\.?k\.?a\b\.?|titles? \(|title,?:? |titles (?:like|such as)|(?:also |better )?known as|"
    r"(?:alternat\w+|original|american|english|german|french|italian|working|video|us|uk|u\.s\.) titles?|"
    r"retitled|renamed|(?:re-?)?released as|billed as|called in)",
    re.IGNORECASE,
)
_REACH = 40


def _names_elsewhere(draft: Draft, span: UnknownTitle, sentence: int) -> Iterator[str]:
    """Whether a span holds the reviewed film's title, or is said to be what a film is called elsewhere."""
    context, kind = draft.context, span.kind
    own = context.reviewed_key
    yield f"reviewed:{kind},{bool(own and own in title_key(draft.text[span.start : span.end]))}"
    low = context.scan.sentences[sentence][0]
    if _OTHER_NAME_BEFORE.search(draft.text, max(low, span.start - _REACH), span.start):
        yield "elsewhere"
        yield f"elsewhere:{kind}"


def _said_beside(draft: Draft, span: UnknownTitle, sentence: int) -> list[str]:
    """What the catalogue's names in and around a span say of it, and the media that its sentence speaks of."""
    context, kind = draft.context, span.kind
    shown = [f"medium:{medium},{kind}" for medium in sorted(context.media_in(sentence))]
    item = draft.refused.get(span.start)
    if item is not None:
        whole = item.mention.end >= span.end
        shown.append(f"refused:{whole},{rank(item.total, 0.01, 0.05, 0.15, 0.3)},{kind}")
    if any(person.start < span.end and span.start < person.end for person in context.scan.people):
        shown.append(f"person:{kind}")
    if stands_in_credit(context.scan, span.start):
        shown.append(f"credit:{kind}")
    beside = sum(
        (link.entity or "").startswith("film:") and context.scan.sentence(link.mention.start) == sentence
        for link in draft.links
    )
    shown.append(f"beside:{min(beside, 3)},{kind}")
    return shown


def _around(draft: Draft, span: UnknownTitle, sentence: int) -> list[str]:
    text, kind = draft.text, span.kind
    start, end = span.start, span.end
    low, high = draft.context.scan.sentences[sentence]
    before, after = text[max(low, start - 60) : start], text[end : min(high, end + 40)]
    shown = []
    words, next_ = _WORDS_BEFORE.search(before), _WORD_AFTER.match(after)
    previous = _class_of(words[2]) if words else "^"
    shown.append(f"w-1:{previous},{kind}")
    shown.append(f"w-1:{previous}")
    if words and words[1]:
        shown.append(f"w-2:{_class_of(words[1])} {previous}")
    shown.append(f"w+1:{_class_of(next_[1]) if next_ else '$'}")
    sign = text[end : end + 1]
    shown.append(f"sign:{sign if sign in '.,:;)!?-' else 'other'},{kind}")
    listed = int(bool(_LISTED_BEFORE.search(before) and _film_at(draft, start, before=True)))
    listed += bool(_LISTED_AFTER.match(after) and _film_at(draft, end, before=False))
    shown.append(f"listed:{listed},{kind}")
    line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    if not text[line_start:start].strip(" *_#\"'-") and not text[
        end : line_end if line_end >= 0 else None
    ].strip(" *_\"'"):
        shown.append(f"line:{kind}")
    source = source_named(text, start, end)
    if source:
        shown.append(f"source:{medium_of(source)}")
    return shown


def _class_of(word: str) -> str:
    return word.lower() if word[0].islower() else "1" if word[0].isdigit() else "A"


def _film_at(draft: Draft, offset: int, before: bool) -> bool:
    """Whether a linked film stands within a few characters before or after an offset."""
    return any(
        0 <= (offset - link.mention.end if before else link.mention.start - offset) <= 12
        for link in draft.links
        if link.entity and link.entity.startswith("film:")
    )
