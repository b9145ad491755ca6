"""Small graphs made by hand: readings put into a real store."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from filmgraph.model import (
    Claim,
    Credit,
    Entity,
    Evidence,
    Film,
    Franchise,
    Influence,
    Person,
    Polarity,
    Provenance,
    Reading,
    Relation,
    Review,
    Stance,
    Work,
    review_id,
)
from filmgraph.store import open_store

LEITCH = Person("person:nm0500610", "David Leitch", 1975, professions=("director",))
WICK = Film(
    "film:tt2911666",
    "John Wick",
    2014,
    genres=("Action", "Crime"),
    runtime=101,
    credits=(Credit(LEITCH.id, "director", LEITCH.name),),
    franchises=("franchise:john-wick",),
    renown=5.0,
)
NOBODY = Film("film:tt7888964", "Nobody", 2021, genres=("Action",), renown=4.0)
NIKITA = Film("film:tt0100263", "La Femme Nikita", 1990, aliases=("Nikita",), renown=3.0)
ASSASSIN = Film("film:tt0107843", "Point of No Return", 1993, renown=2.0)
BALLERINA = Film("film:~ballerina-2023", "Ballerina", 2023)
FORMULA = Influence("influence:~john-wick-formula", "John Wick formula", origin=WICK.id)
SERIES = Franchise("franchise:john-wick", "John Wick", 2014, members=(WICK.id,), origin=WICK.id)
NOVEL = Work("work:the-killer-novel", "The Killer Novel", 1980, form="novel", author="A. Writer")
CATALOGUE: list[Entity] = [LEITCH, WICK, NOBODY, NIKITA, ASSASSIN, SERIES, NOVEL]


def reading(
    text: str,
    subject: Entity,
    relation: Relation,
    object: Entity,
    *,
    polarity: Polarity = Polarity.ASSERTED,
    stance: Stance = Stance.NEUTRAL,
    reviewer: str = "Ann Onym",
    published: date | None = date(2022, 1, 1),
) -> Reading:
    """A reading whose one piece of evidence quotes the whole text."""
    review = Review(
        review_id(text), text, subject.id, reviewer, "The Paper", published, url="https://example.org/a"
    )
    provenance = Provenance("rules", "1")
    claim = Claim(subject.id, relation, object.id)
    item = Evidence(claim, review.id, 0, len(text), text, polarity, stance, 0.8, provenance)
    provisional = tuple(entity for entity in (subject, object) if ":~" in entity.id)
    return Reading(review, (), (item,), provisional)


READINGS = [
    reading("Ballerina follows the John Wick formula.", BALLERINA, Relation.FOLLOWS_FORMULA_OF, FORMULA,
            reviewer="Bo Writer", published=date(2023, 10, 12)),
    reading("Nobody copies John Wick.", NOBODY, Relation.IMITATES, WICK, stance=Stance.NEGATIVE),
    reading("Nobody probably owes it all to John Wick.", NOBODY, Relation.IMITATES, WICK,
            polarity=Polarity.HEDGED, reviewer="Cy Doubt", published=date(2023, 5, 1)),
    reading("John Wick is inspired by Nikita.", WICK, Relation.INSPIRED_BY, NIKITA, published=date(2015, 1, 1)),
    reading("Point of No Return remakes Nikita.", ASSASSIN, Relation.REMAKE_OF, NIKITA, published=None),
    reading("Nikita takes it from the novel.", NIKITA, Relation.ADAPTED_FROM, NOVEL),
    reading("Nobody is no copy of Nikita.", NOBODY, Relation.IMITATES, NIKITA,
            polarity=Polarity.NEGATED, reviewer="Dee Nial"),
]  # fmt: skip


def fill(path: Path) -> str:
    """Make the store of the graph above at `path`; its address."""
    with open_store(str(path)) as store:
        store.import_entities(CATALOGUE, source="test")
        store.put(READINGS)
    return str(path)
