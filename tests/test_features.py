"""What a pair sees of its sentence."""

import pytest

from filmgraph.candidates import Pair, pairs
from filmgraph.features import features, view
from filmgraph.model import Work
from filmgraph.passages import Passage
from passages import mentioned


def seen_from(text: str, object_: str, subject: str = "Orca") -> tuple[Passage, Pair]:
    passage = mentioned(text)
    wanted = (subject, object_)
    return passage, next(p for p in pairs(passage) if (p.subject.name, p.object.name) == wanted)


def words(text: str, object_: str, subject: str = "Orca") -> str:
    return " ".join(view(*seen_from(text, object_, subject)).words)


@pytest.mark.parametrize("object_", ["Jaws", "Psycho"])
def test_a_list_shrinks_to_the_object(object_: str) -> None:
    assert words("It steals from Jaws, Psycho and Hitchcock.", object_) == "it steals from OBJ ."


def test_what_is_no_list_stays() -> None:
    assert words("Jaws beats Psycho.", "Psycho") == "FILM beats OBJ ."


def test_the_subject_stays_outside_the_list() -> None:
    assert words("Piranha, Jaws and Psycho.", "Jaws", "Piranha") == "SUBJ , OBJ ."


def test_the_reviewed_film_is_known() -> None:
    assert words("Orca copies Jaws.", "Jaws") == "REV copies OBJ ."


def test_cues_keep_their_distance_when_a_list_shrinks() -> None:
    seen = view(*seen_from("From Jaws, Psycho and Hitchcock it steals.", "Jaws"))
    (cue,) = (cue for cue in seen.cues if cue.family == "steal")
    assert (seen.words[cue.position], seen.side(cue), seen.distance(cue)) == ("steals", "r", 2)


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("It is a rip-off of Jaws.", "phrase:copy:is a"),
        ("I saw it in the remake of Jaws.", "phrase:remake:in the"),
        ("It is a rip-off of Jaws.", "path:copy:l:of"),
        ("A remake, but not of Jaws.", "cut:remake:l"),
        ("It is a rip-off of Jaws.", "K:imitates"),
        ("It steals from Jaws and Psycho.", "listed=2"),
        ("It copies Jaws.", "years=1-3:one"),
    ],
)
def test_features(text: str, feature: str) -> None:
    assert feature in features(*seen_from(text, "Jaws"))


def test_a_source_may_be_of_any_age() -> None:
    old = Work("work:odyssey", "Odyssey", -700)
    passage = mentioned("It follows the Odyssey.", described=[("Odyssey", old, "name")])
    assert "years=old:one" in features(passage, pairs(passage)[0])


def test_no_feature_is_named_twice() -> None:
    shown = features(*seen_from("A copy of a copy of Jaws, a copy of Jaws.", "Jaws"))
    assert len(shown) == len(set(shown))
