"""The graph that every server of the benchmark answers from, made the same each time.

`film:tt0000001` begins a lineage of 1,000 films and 1,500 edges; twenty films, `film:tt0009000` the first, owe
something to ten others, each by two critics' words.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from filmgraph.model import (
    Claim,
    Credit,
    Evidence,
    Film,
    Person,
    Polarity,
    Provenance,
    Reading,
    Relation,
    Review,
    Stance,
    review_id,
)
from filmgraph.store import open_store

HUB, DEBTORS = "film:tt0000001", [f"film:tt{9_000 + n:07}" for n in range(20)]
FILMS, EDGES = 1_000, 1_500
RELATIONS = [
    Relation.INSPIRED_BY,
    Relation.IMITATES,
    Relation.HOMAGE_TO,
    Relation.REMAKE_OF,
    Relation.PARODIES,
]
WORDS = "night city iron last silent river glass crown winter ghost paper gold burning empty second".split()
PROVENANCE = Provenance("rules", "1")


def film(number: int, name: str) -> Film:
    person = Person(f"person:nm{number % 97 + 1:07}", f"Director {number % 97 + 1}")
    return Film(
        f"film:tt{number:07}",
        name,
        1900 + min(number, 1_240) // 10,
        genres=("Drama", "Crime"),
        runtime=90 + number % 60,
        credits=(Credit(person.id, "director", person.name),),
        renown=float(number % 7),
    )


def films() -> list[Film]:
    names = random.Random(7)
    made = [
        film(n, f"The {names.choice(WORDS)} {names.choice(WORDS)} {n}".title()) for n in range(1, FILMS + 1)
    ]
    return [
        *made,
        *(film(1_200 + n, f"Debt {n}") for n in range(1, 11)),
        *(film(9_000 + n, f"Debtor {n}") for n in range(20)),
    ]


def reading(text: str, subject: str, relation: Relation, object: str, reviewer: str) -> Reading:
    review = Review(
        review_id(text), text, subject, reviewer, "The Paper", date(2022, 1, 1), url="https://example.org/a"
    )
    item = Evidence(
        Claim(subject, relation, object), review.id, 0, len(text), text, Polarity.ASSERTED, Stance.NEUTRAL, 0.8,
        PROVENANCE,
    )  # fmt: skip
    return Reading(review, (), (item,), ())


def readings() -> Iterator[Reading]:
    """Every film but the first descends from one within reach of the hub; 501 edges more run across."""
    chance = random.Random(11)
    tied = {(n, chance.randrange(max(1, n // 6), max(1, n // 2) + 1)) for n in range(2, FILMS + 1)}
    while len(tied) < EDGES:
        later = chance.randrange(3, FILMS + 1)
        tied.add((later, chance.randrange(1, later)))
    for later, earlier in sorted(tied):
        relation = chance.choice(RELATIONS)
        yield reading(
            f"Number {later} owes everything to number {earlier}.",
            f"film:tt{later:07}", relation, f"film:tt{earlier:07}", f"Critic {later % 50}",
        )  # fmt: skip
    for debtor in DEBTORS:
        for n in range(1, 11):
            for critic in ("Ann Onym", "Bo Writer"):
                yield reading(
                    f"{critic} has it that {debtor} owes much to debt number {n}, and shows it in every scene.",
                    debtor, RELATIONS[n % 5], f"film:tt{1_200 + n:07}", critic,
                )  # fmt: skip


def fill(path: Path) -> str:
    """Make the store of the benchmark at `path`; its address."""
    with open_store(str(path)) as store:
        store.import_entities(films(), source="bench")
        store.put(list(readings()))
    return str(path)


FILM = """query Film($id: ID!) { film(id: $id) { id name year genres
    lineage(direction: ANCESTORS, depth: 1, first: 10) { edges { relation belief object { id name year }
    evidence(first: 2) { quote polarity confidence review { reviewer outlet url } } } } } }"""
LINEAGE = """query Lineage($of: ID!) { lineage(of: $of, depth: 64, first: 2000) {
    nodes { generation belief entity { id name year } }
    edges { subject { id } object { id } relation belief claimIds } } }"""
SEARCH = """query Search($query: String!) { search(query: $query, first: 20) {
    nodes { id kind name year ... on Film { genres renown } } pageInfo { hasNextPage endCursor } } }"""
SOUGHT = [f"{one} {two}" for one in WORDS[:5] for two in WORDS[5:9]]
QUESTIONS: dict[str, list[tuple[str, dict[str, str]]]] = {
    "{ __typename }": [("{ __typename }", {})],
    "a film, 10 influences": [(FILM, {"id": debtor}) for debtor in DEBTORS],
    "a lineage, 1,000 films": [(LINEAGE, {"of": HUB})],
    "a page of search": [(SEARCH, {"query": query}) for query in SOUGHT],
}
"""What is asked: texts and variables, several where answers to one may differ."""
