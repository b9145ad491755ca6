"""Cues are whole words of their family; constructions stand around the object."""

import pytest

from filmgraph.cues import FAMILIES, LINEAGE_FAMILIES, constructions_in, cues_in


@pytest.mark.parametrize(
    ("sentence", "family", "position", "length"),
    [
        ("a shameless rip-off of it", "copy", 2, 1),
        ("they rip off the master", "copy", 1, 2),
        ("a loving homage", "homage", 2, 1),
        ("it sends up westerns", "spoof", 1, 2),
        ("owes much to him", "owe", 0, 1),
        ("spun off from the series", "spinoff", 0, 2),
    ],
)
def test_cues(sentence: str, family: str, position: int, length: int) -> None:
    found = [(cue.position, cue.length) for cue in cues_in(sentence.split()) if cue.family == family]
    assert (position, length) in found


@pytest.mark.parametrize("word", ["ripe", "capes", "sequelled-out", "oweing", "wonderland"])
def test_parts_of_words_are_no_cues(word: str) -> None:
    assert not [cue for cue in cues_in([word]) if cue.family in LINEAGE_FAMILIES]


@pytest.mark.parametrize(
    ("masked", "relation"),
    [
        ("REV owes a great debt to OBJ", "inspired_by"),
        ("it could n't exist without OBJ", "inspired_by"),
        ("an OBJ clone", "imitates"),
        ("steals whole scenes from FILM and OBJ", "imitates"),
        ("a love letter to OBJ", "homage_to"),
        ("a nod to OBJ", "references"),
        ("a spoof of OBJ", "parodies"),
        ("the remake of OBJ", "remake_of"),
        ("the sequel to OBJ", "sequel_to"),
        ("a spin-off of OBJ", "spin_off_of"),
        ("based on OBJ", "adapted_from"),
        ("it 's the OBJ formula", "follows_formula_of"),
        ("OBJ meets FILM", "follows_formula_of"),
        ("FILM meets OBJ", "follows_formula_of"),
        ("reminiscent of OBJ", "resembles"),
        ("the third film in the OBJ series", "part_of"),
        ("the star of OBJ", "none"),
    ],
)
def test_constructions(masked: str, relation: str) -> None:
    families = [cue.family for cue in cues_in(masked.split())]
    assert relation in [found for found, _ in constructions_in(masked, families)]


def test_a_construction_needs_its_object() -> None:
    assert constructions_in("FILM is a remake of FILM", ["remake"]) == []


def test_what_stands_before_tells_the_subject() -> None:
    assert constructions_in("FILM is a spoof of OBJ", ["spoof"])[0] == ("parodies", "FILM")


def test_every_lineage_family_has_words() -> None:
    assert set(LINEAGE_FAMILIES) <= set(FAMILIES)
