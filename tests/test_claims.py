"""Claims of small passages whose links are given: subjects, direction, discourse, polarity and quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from filmgraph.candidates import Passage, pairs, passage
from filmgraph.claims import Found, LinearModel, extract_claims, load_models, weigh
from filmgraph.model import Entity, EntityKind, Film, Franchise, Link, Mention, Person, Polarity, Relation

ORCA, JAWS, PIRANHA = (
    Film("film:1", "Orca", 1977),
    Film("film:2", "Jaws", 1975),
    Film("film:3", "Piranha", 1978),
)
PSYCHO, HALLOWEEN = Film("film:4", "Psycho", 1960), Film("film:5", "Halloween", 1978)
FRIDAY = Film("film:6", "Friday the 13th", 1980)
HITCHCOCK = Person("person:1", "Hitchcock")
BOND = Franchise("franchise:1", "James Bond")
ALL: tuple[Entity, ...] = (ORCA, JAWS, PIRANHA, PSYCHO, HALLOWEEN, FRIDAY, HITCHCOCK, BOND)


def read(text: str, reviewed: Film | None = ORCA) -> Passage:
    """A passage whose mentions are the names of ALL, cut after full stops."""
    links = [
        Link(Mention(m.start(), m.end(), m[0], EntityKind(e.id.partition(":")[0])), e.id, 1.0)
        for e in ALL
        for m in re.finditer(rf"\b{e.name}\b", text)
    ]
    bounds = [(m.start(), m.end()) for m in re.finditer(r"[^.!?]+[.!?]+\s*", text)]
    return passage(text, bounds, links, {e.id: e for e in ALL}, reviewed.id if reviewed else None)


def claims(text: str, reviewed: Film | None = ORCA) -> list[Found]:
    return extract_claims(read(text, reviewed), load_models())


def triples(found: Sequence[Found]) -> set[tuple[str, str, str]]:
    return {(c.subject.name, c.relation.value, c.object.name) for c in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is a shameless rip-off of Jaws.", ("Orca", "imitates", "Jaws")),
        ("The film owes a great deal to Jaws.", ("Orca", "inspired_by", "Jaws")),
        ("Piranha, a rip-off of Jaws, came a year later.", ("Piranha", "imitates", "Jaws")),
        ("Its murders are borrowed from Hitchcock.", ("Orca", "inspired_by", "Hitchcock")),
    ],
)
def test_claims(text: str, expected: tuple[str, str, str]) -> None:
    assert expected in triples(claims(text))


def test_a_mere_mention_is_no_claim() -> None:
    found = claims("I watched it on television last night. My neighbour slept through Jaws.")
    assert not [claim for claim in found if claim.relation.is_lineage]


def test_the_later_film_is_the_subject() -> None:
    found = claims("Piranha is a spoof of Jaws.", HALLOWEEN)
    assert ("Piranha", "parodies", "Jaws") in triples(found)
    assert not any(claim.subject.name == "Jaws" and claim.relation.is_lineage for claim in found)


def test_denials_are_negated() -> None:
    (claim,) = (c for c in claims("It is not a rip-off of Jaws.") if c.relation.is_lineage)
    assert claim.polarity is Polarity.NEGATED


def test_these_movies_take_up_a_list() -> None:
    text = "Halloween, Friday the 13th and more. These movies likely would not exist without Psycho."
    found = [claim for claim in claims(text) if claim.relation.is_lineage]
    assert {claim.subject.name for claim in found} == {"Halloween", "Friday the 13th"}
    assert {claim.object.name for claim in found} == {"Psycho"}
    assert {claim.polarity for claim in found} == {Polarity.HEDGED}
    assert all(text[claim.start : claim.end] == text for claim in found)


def test_a_list_that_is_not_taken_up_gives_no_subjects() -> None:
    text = "Halloween, Friday the 13th and more. The weather likely would not change without Psycho."
    assert not {p.subject.name for p in pairs(read(text)) if p.anchor.name == "Psycho"} - {"Orca"}


def test_in_particular_singles_out_one_of_the_group() -> None:
    text = (
        "Piranha is a rip-off of Jaws. The best ones are not a knock-off but a loving homage. "
        "Halloween in particular is a delight."
    )
    found = {
        (c.relation, c.polarity, c.object.name) for c in claims(text, FRIDAY) if c.subject.name == "Halloween"
    }
    assert (Relation.HOMAGE_TO, Polarity.ASSERTED, "Jaws") in found
    assert (Relation.IMITATES, Polarity.NEGATED, "Jaws") in found


def test_a_shared_name_is_another_film() -> None:
    found = claims("Orca, even sharing a name with an upcoming James Bond spin-off, is dull.")
    (claim,) = (c for c in found if c.relation is Relation.SPIN_OFF_OF)
    assert (claim.subject.how, claim.object.name) == ("namesake", "James Bond")


def test_quotes_hold_their_object() -> None:
    text = "Dull stuff.  It is a clone of Jaws!  And it is long."
    (claim,) = (c for c in claims(text) if c.relation.is_lineage)
    assert text[claim.start : claim.end] == "It is a clone of Jaws!"


def test_films_of_a_list_share_their_fate() -> None:
    weighed = triples(claims("It steals whole scenes from Psycho, Jaws and Halloween.", FRIDAY))
    assert {name for _, _, name in weighed} == {"Psycho", "Jaws", "Halloween"}


def test_reasons_are_given_when_asked_for() -> None:
    found = extract_claims(read("It is a rip-off of Jaws."), load_models(), explain=True)
    assert any("copy" in name for name, _ in found[0].reasons)


def test_reading_twice_gives_the_same() -> None:
    text = "It is a shameless rip-off of Jaws, with a nod to Psycho and Hitchcock."
    assert claims(text) == claims(text)


def test_chances_add_up_to_one() -> None:
    for item in weigh(read("A clone of Jaws and Psycho."), load_models().decision):
        assert sum(item.chances.values()) == pytest.approx(1)


def test_an_unknown_feature_changes_nothing() -> None:
    model = LinearModel.from_json({"classes": ["a", "b"], "weights": {"x": [1000, 0]}, "intercepts": [0, 0]})
    assert model.probabilities(["x", "y"]) == model.probabilities(["x"])
    assert model.probabilities([]) == {"a": 0.5, "b": 0.5}
