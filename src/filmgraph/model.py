"""The words of filmgraph: entities, relations, claims and their evidence.

Every value is frozen, and every id is derived from content, so that doing any piece of work twice
changes nothing, on any machine and in any order. `docs/glossary.md` explains each word.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

__all__ = [
    "Candidate",
    "Claim",
    "Credit",
    "Document",
    "Entity",
    "EntityKind",
    "Evidence",
    "Family",
    "Film",
    "FilmFormat",
    "Franchise",
    "Influence",
    "Judgement",
    "JudgementAction",
    "Link",
    "Mention",
    "Person",
    "Polarity",
    "Provenance",
    "Reading",
    "Relation",
    "Review",
    "Stance",
    "Work",
    "canonical_text",
    "catalogued_id",
    "claim_id",
    "evidence_id",
    "is_provisional",
    "kind_of",
    "provisional_id",
    "review_id",
    "slug",
]


class EntityKind(StrEnum):
    """What an entity is; the part of its id before the colon."""

    FILM = "film"
    WORK = "work"
    PERSON = "person"
    FRANCHISE = "franchise"
    INFLUENCE = "influence"


class Family(StrEnum):
    """Groups of relations; lineage runs along INFLUENCE and DERIVATION only."""

    INFLUENCE = "influence"
    DERIVATION = "derivation"
    MEMBERSHIP = "membership"
    COMPARISON = "comparison"


class Relation(StrEnum):
    """How the subject, the derived and later thing, relates to the object.

    >>> Relation.REMAKE_OF.family is Family.DERIVATION, Relation.RESEMBLES.is_lineage
    (True, False)
    >>> f"Orca {Relation.IMITATES.verb} Jaws"
    'Orca imitates Jaws'
    """

    INSPIRED_BY = "inspired_by"
    FOLLOWS_FORMULA_OF = "follows_formula_of"
    IMITATES = "imitates"
    HOMAGE_TO = "homage_to"
    PARODIES = "parodies"
    REFERENCES = "references"
    SPIRITUAL_SUCCESSOR_TO = "spiritual_successor_to"
    REMAKE_OF = "remake_of"
    REBOOT_OF = "reboot_of"
    SEQUEL_TO = "sequel_to"
    PREQUEL_TO = "prequel_to"
    SPIN_OFF_OF = "spin_off_of"
    ADAPTED_FROM = "adapted_from"
    PART_OF = "part_of"
    RESEMBLES = "resembles"

    @property
    def family(self) -> Family:
        return _FAMILY[self]

    @property
    def is_lineage(self) -> bool:
        return _FAMILY[self] in (Family.INFLUENCE, Family.DERIVATION)

    @property
    def verb(self) -> str:
        """What stands between subject and object in a sentence."""
        return _VERB[self]


_DERIVATION = ("REMAKE_OF", "REBOOT_OF", "SEQUEL_TO", "PREQUEL_TO", "SPIN_OFF_OF", "ADAPTED_FROM")
_FAMILY = (
    dict.fromkeys(Relation, Family.INFLUENCE)
    | {Relation[name]: Family.DERIVATION for name in _DERIVATION}
    | {Relation.PART_OF: Family.MEMBERSHIP, Relation.RESEMBLES: Family.COMPARISON}
)


_VERB = {
    Relation.INSPIRED_BY: "is inspired by", Relation.FOLLOWS_FORMULA_OF: "follows the formula of",
    Relation.IMITATES: "imitates", Relation.HOMAGE_TO: "pays homage to", Relation.PARODIES: "parodies",
    Relation.REFERENCES: "refers to", Relation.SPIRITUAL_SUCCESSOR_TO: "is a spiritual successor to",
    Relation.REMAKE_OF: "is a remake of", Relation.REBOOT_OF: "is a reboot of", Relation.SEQUEL_TO: "is a sequel to",
    Relation.PREQUEL_TO: "is a prequel to", Relation.SPIN_OFF_OF: "is a spin-off of",
    Relation.ADAPTED_FROM: "is adapted from", Relation.PART_OF: "is part of", Relation.RESEMBLES: "resembles",
}  # fmt: skip


class Polarity(StrEnum):
    """Whether the critic asserts, hedges or denies a claim."""

    ASSERTED = "asserted"
    HEDGED = "hedged"
    NEGATED = "negated"


class Stance(StrEnum):
    """How the critic feels about the relation itself, not about the film."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"


class FilmFormat(StrEnum):
    """What sort of film; values follow the IMDb datasets' `titleType`."""

    FEATURE = "movie"
    TV_FILM = "tvMovie"
    SERIES = "tvSeries"
    MINI_SERIES = "tvMiniSeries"
    SHORT = "short"
    VIDEO = "video"
    SPECIAL = "tvSpecial"
    OTHER = "other"


class JudgementAction(StrEnum):
    """What a human judgement does."""

    ACCEPT = "accept"
    REJECT = "reject"
    MERGE = "merge"
    SPLIT = "split"
    PIN = "pin"


# ── entities ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Credit:
    """A person's part in a film; `role` as in the IMDb datasets' `category` (director, actor, writer …)."""

    person: str
    role: str
    name: str


@dataclass(frozen=True, slots=True)
class Film:
    """A film or series. `renown` is how well known it is, 0 (unknown) and up; see `catalog`."""

    id: str
    name: str
    year: int | None = None
    original_name: str | None = None
    format: FilmFormat = FilmFormat.FEATURE
    runtime: int | None = None
    genres: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    franchises: tuple[str, ...] = ()
    renown: float = 0.0
    origin: None = field(default=None, init=False, repr=False, compare=False)

    @property
    def imdb_id(self) -> str | None:
        """The public id, when the film has one of IMDb's form."""
        tail = self.id.partition(":")[2]
        return tail if re.fullmatch(r"tt\d+", tail) else None


@dataclass(frozen=True, slots=True)
class Work:
    """A source that is no film: a novel, comic, play, game, song or television show as a source. `adapted`
    are the ids of the films made from it, as far as a catalogue knows them."""

    id: str
    name: str
    year: int | None = None
    form: str = ""
    author: str = ""
    aliases: tuple[str, ...] = ()
    adapted: tuple[str, ...] = ()
    origin: None = field(default=None, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Person:
    """A film-maker, actor or author."""

    id: str
    name: str
    year: int | None = None
    aliases: tuple[str, ...] = ()
    professions: tuple[str, ...] = ()
    origin: None = field(default=None, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Franchise:
    """A series of films spoken of as a whole; `origin` is the id of the film that began it."""

    id: str
    name: str
    year: int | None = None
    aliases: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Influence:
    """A named pattern that films follow ("John Wick formula"); `origin` is the film, franchise or person
    it originates in. `patterns` are surface forms, where "…" stands for any few words."""

    id: str
    name: str
    year: int | None = None
    aliases: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    origin: str | None = None


Entity: TypeAlias = Film | Work | Person | Franchise | Influence


# ── documents and what is read in them ──────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Document:
    """A review as it came in, before anybody knows which film it is about.

    `text` is the raw text that all offsets count in (Unicode code points). `skip` are spans of it that are
    no prose: captions, image credits, site chrome. `emphasis` are spans set in italics or bold by markup.
    """

    place: str
    text: str
    id: str | None = None
    title: str | None = None
    year: int | None = None
    imdb_id: str | None = None
    reviewer: str | None = None
    outlet: str | None = None
    published: date | None = None
    rating: float | None = None
    rating_scale: float | None = None
    verdict: str | None = None
    url: str | None = None
    licence: str | None = None
    language: str | None = None
    skip: tuple[tuple[int, int], ...] = ()
    emphasis: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """A stored review. `film` is the id of the reviewed film, when it is known."""

    id: str
    text: str
    film: str | None = None
    reviewer: str | None = None
    outlet: str | None = None
    published: date | None = None
    rating: float | None = None
    rating_scale: float | None = None
    verdict: str | None = None
    url: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A span `text[start:end]` that names something. `kind` is what it is taken for."""

    start: int
    end: int
    surface: str
    kind: EntityKind


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that a mention may mean: score 0..1 and the features that made it, name → contribution."""

    entity: str
    score: float
    reasons: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A mention and the entity chosen for it; `entity` None is NIL. `how` names the way it was found
    ("name", "anaphor", "series", "epithet", "source" …)."""

    mention: Mention
    entity: str | None
    score: float
    how: str = "name"
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """(subject, relation, object) by entity id; the derived, later thing is the subject."""

    subject: str
    relation: Relation
    object: str

    @property
    def id(self) -> str:
        return claim_id(self.subject, self.relation, self.object)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What read the evidence: extractor, its version, and when it was recorded (UTC)."""

    extractor: str
    version: str
    recorded: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One quoted span for or against a claim. `quote == review.text[start:end]`; confidence 0..1.

    `anachronistic` marks evidence for a film descending from a later one: kept, but left out of lineage.
    """

    claim: Claim
    review: str
    start: int
    end: int
    quote: str
    polarity: Polarity
    stance: Stance
    confidence: float
    provenance: Provenance
    anachronistic: bool = False

    @property
    def id(self) -> str:
        place = (self.review, self.start, self.end)
        return evidence_id(self.claim.id, *place, self.polarity, self.provenance.extractor)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read in one review: what the store puts in one transaction.

    `entities` are those the evidence names that may be new to the store: provisional films, influences
    and franchises that arose from the text. `links` are in text order. It is not `complete` when one of its
    readers could not be asked this time; reading again may find more.
    """

    review: Review
    links: tuple[Link, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    entities: tuple[Entity, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Judgement:
    """A human decision in the append-only log. `target` is a claim id (accept, reject), or the entity that
    gives way (merge: `value` is the survivor; split: undoes a merge), or a link (pin: the review and the
    entity that a name in it was taken for, "review:…#film:…"; `value` is the one meant). `undoes` names the
    judgement that this one takes back."""

    id: str
    action: JudgementAction
    target: str
    value: str | None = None
    by: str = ""
    at: datetime | None = None
    note: str = ""
    undoes: str | None = None


# ── ids ─────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=1 << 14)
def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()


def slug(name: str) -> str:
    """Lower-case ASCII words joined by hyphens; never empty.

    >>> slug("Amélie & the Wick's  Formula")
    'amelie-and-the-wicks-formula'
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", ascii_name.replace("&", " and ").replace("'", ""))
    return "-".join(words) or _digest(name)


def catalogued_id(kind: EntityKind, public_id: str) -> str:
    """The id of an entity that a catalogue knows.

    >>> catalogued_id(EntityKind.FILM, "tt2911666")
    'film:tt2911666'
    """
    return f"{kind}:{public_id}"


def provisional_id(kind: EntityKind, name: str, year: int | None = None) -> str:
    """The id of an entity met in text only.

    >>> provisional_id(EntityKind.FILM, "Ballerina", 2023)
    'film:~ballerina-2023'
    """
    return f"{kind}:~{slug(name)}" + (f"-{year}" if year else "")


def is_provisional(entity: str) -> bool:
    """Whether no catalogue knows the entity yet."""
    return ":~" in entity


def kind_of(entity: str) -> EntityKind:
    """The kind in an entity's id; raises ValueError when there is none."""
    return EntityKind(entity.partition(":")[0])


def canonical_text(text: str) -> str:
    """The text without what differs between two copies of one review: NFC, white space folded."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def review_id(text: str) -> str:
    """The id of a review: a hash of its canonical text."""
    return f"review:{_digest(canonical_text(text))}"


def claim_id(subject: str, relation: Relation, object: str) -> str:
    """The id of a claim: a hash of its three parts."""
    return f"claim:{_digest(subject, relation, object)}"


def evidence_id(claim: str, review: str, start: int, end: int, polarity: Polarity, extractor: str) -> str:
    """The id of a piece of evidence: a hash of its claim, its place, its polarity and who read it."""
    return f"evidence:{_digest(claim, review, str(start), str(end), polarity, extractor)}"


def voice_of(review: Review) -> str:
    """Who speaks in a review: reviewer within outlet; the review itself when neither is known."""
    if review.reviewer:
        return slug(f"{review.outlet or ''} {review.reviewer}")
    return review.id


def sorted_entities(entities: Iterable[Entity]) -> list[Entity]:
    """Entities by id: the one order that every output uses."""
    return sorted(entities, key=lambda entity: entity.id)
