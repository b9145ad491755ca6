"""Critics' words as pages show them: who says it, when and where, and a text with its quotes marked in place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from markupsafe import Markup, escape

from filmgraph.model import Entity, Polarity, Relation, Stance
from filmgraph.store import ClaimRecord, EvidenceRecord, Store
from filmgraph.web.state import address
from filmgraph.wording import name_of

__all__ = ["Piece", "Quote", "Said", "emphasised", "marked", "quote_of", "said_of"]

STANCE_WORDS = {Stance.POSITIVE: "fondly", Stance.NEGATIVE: "with scorn", Stance.NEUTRAL: "plainly"}
POLARITY_WORDS = {Polarity.ASSERTED: "says so", Polarity.HEDGED: "hedges", Polarity.NEGATED: "denies it"}


@dataclass(frozen=True, slots=True)
class Quote:
    """One quote. `place` is where it stands in its review's page, `source` the review's own address."""

    text: str
    by: str
    published: date | None
    place: str
    source: str | None
    stance: Stance
    polarity: Polarity
    confidence: float

    @property
    def manner(self) -> str:
        """How it is said: "says so, with scorn"."""
        return f"{POLARITY_WORDS[self.polarity]}, {STANCE_WORDS[self.stance]}"


def quote_of(record: EvidenceRecord) -> Quote:
    """A piece of evidence as pages show it."""
    item = record.evidence
    by = ", ".join(part for part in (record.reviewer, record.outlet) if part) or "An unnamed critic"
    place = f"{address(item.review)}#{anchor(item.id)}"
    source = record.url if record.url and record.url.startswith(("http://", "https://")) else None
    return Quote(
        " ".join(item.quote.split()),
        by,
        record.published,
        place,
        source,
        item.stance,
        item.polarity,
        item.confidence,
    )


def emphasised(text: str) -> Markup:
    """A critic's words as HTML, with what they set between asterisks in italics.

    >>> emphasised("a *Jaws* <clone>")
    Markup('a <em>Jaws</em> &lt;clone&gt;')
    """
    return Markup(_EMPHASIS.sub(r"<em>\1</em>", str(escape(text))))


_EMPHASIS = re.compile(r"(?<![\w*])[*_](?! )([^*_\n]{1,120}?)(?<! )[*_](?![\w*])")


def anchor(id: str) -> str:
    """The name of a quote's place within its review's page."""
    return id.replace(":", "-")


@dataclass(frozen=True, slots=True)
class Said:
    """A claim in words with all that critics say for and against it."""

    id: str
    sentence: str
    relation: Relation
    subject: str
    object: str
    belief: float
    explanation: str
    anachronistic: bool
    supporting: tuple[Quote, ...]
    denying: tuple[Quote, ...]


def said_of(
    store: Store, records: Iterable[ClaimRecord], *, as_of: date | None = None, review: str | None = None
) -> list[Said]:
    """Claims in the given order with their quotes; those written by `as_of`, or in one review: two store calls."""
    records = list(records)
    evidence = store.evidence(record.id for record in records)
    names = store.entities({end for r in records for end in (r.claim.subject, r.claim.object)})
    return [_said(record, evidence.get(record.id, ()), names, as_of, review) for record in records]


def _said(
    record: ClaimRecord,
    evidence: Sequence[EvidenceRecord],
    names: Mapping[str, Entity],
    as_of: date | None,
    review: str | None,
) -> Said:
    chosen = [
        item
        for item in evidence
        if (as_of is None or (item.published and item.published <= as_of))
        and (review is None or item.evidence.review == review)
    ]
    quotes = [quote_of(item) for item in chosen]
    claim, belief = record.claim, record.belief
    return Said(
        record.id,
        f"{name_of(claim.subject, names, dated=True)} {claim.relation.verb} {name_of(claim.object, names, dated=True)}",
        claim.relation,
        claim.subject,
        claim.object,
        belief.value,
        belief.sentence,
        record.anachronistic,
        tuple(quote for quote in quotes if quote.polarity is not Polarity.NEGATED),
        tuple(quote for quote in quotes if quote.polarity is Polarity.NEGATED),
    )


# ── texts with marks ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text. `quotes` are the anchors of the quotes it is part of, `first` those that begin here;
    `mention` is the number of the mention it belongs to."""

    text: str
    quotes: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    mention: int | None = None


def marked(
    text: str, quotes: Mapping[str, tuple[int, int]], mentions: Sequence[tuple[int, int]] = ()
) -> list[list[Piece]]:
    """The text as paragraphs of pieces, cut where a quote or a mention begins or ends.

    `quotes` has spans by anchor; spans may overlap. O(pieces x quotes at one place).
    """
    cuts = {0, len(text), *(edge for span in (*quotes.values(), *mentions) for edge in span)}
    edges = sorted(edge for edge in cuts if 0 <= edge <= len(text))
    pieces = []
    for start, end in pairwise(edges):
        inside = tuple(name for name, (a, b) in quotes.items() if a <= start and end <= b)
        first = tuple(name for name in inside if quotes[name][0] == start)
        mention = next((n for n, (a, b) in enumerate(mentions) if a <= start and end <= b), None)
        pieces.append(Piece(text[start:end], inside, first, mention))
    return list(_paragraphs(pieces))


def _paragraphs(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    paragraph: list[Piece] = []
    for piece in pieces:
        parts = piece.text.split("\n\n")
        for number, part in enumerate(parts):
            if number and paragraph:
                yield paragraph
                paragraph = []
            if part.strip():
                paragraph.append(Piece(part, piece.quotes, piece.first if not number else (), piece.mention))
            elif part and paragraph:
                paragraph.append(Piece(part))
    if paragraph:
        yield paragraph
