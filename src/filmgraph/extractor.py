"""The seam between linking and claims: linked reviews in, what each says out.

Whatever reads claims out of reviews is an `Extractor`: `Rules` here, which is deterministic and needs nothing;
a language model (`language_model`); or both (`cascade`). One contract test holds for all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Protocol

from filmgraph.catalog import Catalog
from filmgraph.claims import Found, Models, extract_all_claims, load_models
from filmgraph.linking import Linking
from filmgraph.model import Document, Entity, Link, Provenance
from filmgraph.names import Names
from filmgraph.offshoots import with_offshoots
from filmgraph.passages import Passage
from filmgraph.settings import data_dir

__all__ = ["Extraction", "Extractor", "LinkedText", "Rules", "code_digest", "entities_meant"]

READING = (
    "model", "text", "forms", "facts", "names", "counts", "catalog", "mentions", "context", "looks", "scoring",
    "sources", "unknown_titles", "unknown_looks", "provisional", "headings", "topics", "reviewed", "columns",
    "drafts", "people", "influences", "adaptations", "forebears", "descriptions", "series", "versions", "linking",
    "cues", "signs", "polarity", "passages", "candidates", "encoder", "features", "findings", "joint", "weights",
    "stance", "quotes", "discourse", "subjects", "claims", "offshoots", "kinship", "extractor", "reader",
)  # fmt: skip


@dataclass(slots=True, eq=False)
class LinkedText:
    """A review whose mentions are linked, with the names that were looked for. `new` are entities that the
    catalogue lacks, by id; claims may add to them."""

    document: Document
    linking: Linking
    passage: Passage
    catalog: Catalog
    names: Names
    new: dict[str, Entity] = field(default_factory=dict)

    def entity(self, id: str) -> Entity:
        """An entity of the review or the catalogue; KeyError when neither has it."""
        entity = self.new.get(id) or self.catalog.get(id)
        if entity is None:
            raise KeyError(id)
        return entity

    def keep(self, entity: Entity) -> Entity:
        """The entity, from now on known by its id."""
        return self.catalog.get(entity.id) or self.new.setdefault(entity.id, entity)


def entities_meant(
    links: Iterable[Link], reviewed: str | None, new: Mapping[str, Entity], catalog: Catalog
) -> dict[str, Entity]:
    """What links and the reviewed film mean, by id: entities that arose from the text, or the catalogue's."""
    ids = {link.entity for link in links if link.entity} | {reviewed or ""}
    return {id: entity for id in ids if (entity := new.get(id) or catalog.get(id))}


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one reader found in one review. Every entity it names is known to the review's LinkedText.

    Not `complete` when the reader could not read all of it this time, but might another time.
    """

    by: Provenance
    found: tuple[Found, ...]
    complete: bool = True


class Extractor(Protocol):
    """Reads claims out of linked reviews.

    `version` names all that decides what is found: code, weights, model, prompt, thresholds.
    """

    @property
    def version(self) -> str: ...

    def extract(self, texts: Sequence[LinkedText], *, explain: bool = False) -> list[list[Extraction]]:
        """For each text, in order, what each reader found; `explain` adds what decided each claim."""
        ...


class Rules:
    """The offline reader: candidate pairs weighed by trained linear models, rules over the clause.

    `min_confidence` (0..1) replaces the trained thresholds. Raises FilmgraphError when the package's weights
    are missing.
    """

    name = "rules"

    def __init__(self, models: Models | None = None, *, min_confidence: float | None = None) -> None:
        self.models = models or load_models()
        self.min_confidence = min_confidence

    @cached_property
    def version(self) -> str:
        least = "" if self.min_confidence is None else f">{self.min_confidence:g}"
        return code_digest() + least

    @cached_property
    def provenance(self) -> Provenance:
        return Provenance(self.name, self.version)

    def extract(self, texts: Sequence[LinkedText], *, explain: bool = False) -> list[list[Extraction]]:
        extracted = extract_all_claims(
            [text.passage for text in texts], self.models, min_confidence=self.min_confidence, explain=explain
        )
        return [[self._one(text, found)] for text, found in zip(texts, extracted, strict=True)]

    def _one(self, text: LinkedText, found: list[Found]) -> Extraction:
        claims = with_offshoots(found, text.passage, text.names, min_confidence=self.min_confidence)
        for span in (end for claim in claims for end in (claim.subject, claim.object)):
            known = text.names.catalog.get(span.entity)
            if known is not None:
                text.keep(known)
        return Extraction(self.provenance, tuple(claims))


@cache
def code_digest() -> str:
    """Names the code that reads and all its trained data: different whenever a reading might be."""
    here = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=6)
    for file in [here / f"{module}.py" for module in READING] + sorted(data_dir().iterdir()):
        if file.is_file():
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
