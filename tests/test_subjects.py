"""Whose debt a sentence speaks of: the film that its words name as the one that copies."""

import pytest

from filmgraph.candidates import pairs
from filmgraph.subjects import Debts, copies_reviewed, debts
from passages import HALLOWEEN, JAWS, mentioned


def told(text: str) -> tuple[Debts, set[tuple[str, str]]]:
    """What the text says of others than the reviewed film, and who owes whom."""
    found = pairs(mentioned(text, HALLOWEEN))
    known = debts(mentioned(text, HALLOWEEN), [(pair, 0.1) for pair in found])
    return known, {(pair.subject.name, pair.object.name) for pair in found if known.owes(pair)}


@pytest.mark.parametrize(
    "text",
    [
        "Piranha, a rip-off of Jaws, came a year later.",
        "Piranha was little more than a knock-off of Jaws.",
        "You may know Piranha, which is a spoof of Jaws.",
        "Piranha shamelessly ripped off Jaws.",
        "I have seen a Jaws clone called Piranha.",
    ],
)
def test_the_film_beside_the_words_is_the_subject(text: str) -> None:
    assert told(text)[1] == {("Piranha", "Jaws")}


@pytest.mark.parametrize(
    "text",
    [
        "Other Jaws rip-offs are Orca and Piranha, and they bite.",
        "There are more Jaws clones: Orca, Piranha and their kind.",
        "Rip-offs of Jaws like Orca and Piranha filled the summer.",
        "It is shown with Orca and Piranha: both knock-offs of Jaws.",
    ],
)
def test_items_of_a_list_of_copies_are_its_subjects(text: str) -> None:
    known, owed = told(text)
    assert owed == {("Orca", "Jaws"), ("Piranha", "Jaws")}
    ruled_out = {
        (pair.subject.name, pair.object.name)
        for pair in pairs(mentioned(text, HALLOWEEN))
        if known.rules_out(pair)
    }
    assert {("Piranha", "Orca"), ("Halloween", "Orca"), ("Halloween", "Piranha")} >= ruled_out
    assert ("Piranha", "Orca") in ruled_out


@pytest.mark.parametrize(
    "text",
    [
        "Orca is better than Jaws.",
        "I watched Piranha and then Jaws, a rip-off in its own way.",
        "It is a rip-off of Jaws, Orca and Piranha.",
        "Piranha was fun. This is a rip-off of Jaws.",
    ],
)
def test_elsewhere_nobody_is_named(text: str) -> None:
    assert told(text)[1] == set()


@pytest.mark.parametrize(
    "text",
    [
        "Three years later it was remade as Piranha.",
        "Avoid the cheap knock-off, Piranha, at all costs.",
        "Somebody ripped off the whole idea for Piranha.",
        "Piranha is nothing but a rip-off of this.",
        "Piranha borrowed the whole beach of Jaws.",
    ],
)
def test_a_later_film_may_copy_the_reviewed_one(text: str) -> None:
    passage = mentioned(text, JAWS)
    (pair,) = pairs(passage)
    assert copies_reviewed(passage, pair)


@pytest.mark.parametrize(
    "text",
    [
        "It is not as quick as Piranha.",
        "Psycho was remade, and so was Piranha.",
        "I saw it with Piranha and took this home.",
        "Piranha is a sequel of some merit.",
    ],
)
def test_what_is_said_of_another_is_not_said_of_the_reviewed_film(text: str) -> None:
    passage = mentioned(text, JAWS)
    assert not any(copies_reviewed(passage, pair) for pair in pairs(passage))
