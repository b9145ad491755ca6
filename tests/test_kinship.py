"""What is generally said of two works, and what reading makes of it."""

from collections.abc import Iterator

import pytest

from filmgraph import kinship
from filmgraph.candidates import Pair
from filmgraph.kinship import Kin, Kinship, kinship_features, load_kinship
from filmgraph.model import EntityKind
from filmgraph.passages import Span

KNOWN = Kinship(
    {("film:tt2", "film:tt1"): Kin(6.0, 1.0, 0.0, "remake_of"), ("film:tt4", "film:tt3"): Kin(0.1, 3.0)},
    {"film:tt1": Kin(90.0, 10.0), "film:tt3": Kin(0.2, 0.2)},
)


SHIPPED = load_kinship()


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(kinship, "load_kinship", lambda: KNOWN)
    yield


def film(id: str) -> Span:
    return Span(0, 1, EntityKind.FILM, f"film:{id}", id, None, "name", 1.0, 0)


def shown(subject: str, object_: str) -> set[str]:
    later, earlier = film(subject), film(object_)
    return set(kinship_features(Pair(later, earlier, earlier, None)))


def test_a_remake_that_many_speak_of_is_known_as_one() -> None:
    assert {"kin:lineage5", "kin:comparison2", "kin:share6", "kin:remake_of", "source:share6"} <= shown(
        "tt2", "tt1"
    )


def test_what_is_only_compared_has_no_relation() -> None:
    assert "kin:share0" in shown("tt4", "tt3")
    assert not any(name.endswith("_of") for name in shown("tt4", "tt3"))


def test_the_wrong_way_round_is_noticed() -> None:
    assert shown("tt1", "tt2") == {"kin turned"}


def test_strangers_show_nothing() -> None:
    assert shown("tt2", "tt9") == set()
    assert shown("tt9", "tt3") == set(), "two reviews are too few to tell what a work is to others"


def test_the_table_that_is_shipped_knows_famous_kin() -> None:
    table = SHIPPED
    assert table.pairs["film:tt0155975", "film:tt0054215"].relation == "remake_of", "Psycho of 1998"
    assert table.pairs["film:tt0155975", "film:tt0054215"].lineage > 5
    assert len(table.pairs) > 5_000


def test_what_a_film_is_mostly_said_to_go_back_to_is_its_origin() -> None:
    assert SHIPPED.origins["film:tt0155975", "remake_of"][0] == "film:tt0054215", "Psycho of 1998"
    for (subject, relation), objects in SHIPPED.origins.items():
        assert SHIPPED.pairs[subject, objects[0]].relation == relation
        assert SHIPPED.pairs[subject, objects[0]].lineage >= kinship.SAID_OFTEN
