"""Which pairs of works a passage may connect, and which of the two came later."""

from filmgraph.candidates import pairs
from filmgraph.model import Credit, Film, Work
from passages import HALLOWEEN, JAWS, PIRANHA, mentioned


def found(text: str, reviewed: Film | None = PIRANHA) -> set[tuple[str, str]]:
    return {(pair.subject.name, pair.object.name) for pair in pairs(mentioned(text, reviewed))}


def test_the_reviewed_film_may_descend_from_what_is_named() -> None:
    assert found("I thought of Jaws.") == {("Piranha", "Jaws")}


def test_the_later_film_descends() -> None:
    assert found("I thought of Friday the 13th.") == {("Friday the 13th", "Piranha")}
    assert ("Orca", "Jaws") in found("Jaws was copied by Orca.")


def test_a_work_of_a_later_year_descends_unless_it_is_a_source() -> None:
    series = Work("work:2", "Shark Bay", 1990)
    for how, subject in (("name", "Shark Bay"), ("source", "Jaws")):
        (pair,) = pairs(mentioned("I thought of Shark Bay.", JAWS, [("Shark Bay", series, how)]))
        assert pair.subject.name == subject


def test_nothing_descends_from_itself() -> None:
    assert found("Piranha is Piranha.") == set()


def test_what_some_people_say_is_said_of_the_reviewed_film() -> None:
    assert found("Some have even called it a copy of Jaws.") == {("Piranha", "Jaws")}
    assert found("Some are copies of Jaws.") == set()


def test_people_are_followed_and_follow_nobody() -> None:
    assert found("Orca comes after Hitchcock.") == {
        ("Piranha", "Orca"), ("Piranha", "Hitchcock"), ("Orca", "Hitchcock"),
    }  # fmt: skip


def test_a_maker_is_followed_only_where_following_is_spoken_of() -> None:
    film = Film("film:8", "Psycho II", 1983, credits=(Credit("person:1", "Hitchcock", "writer"),))
    assert found("Hitchcock is good here.", film) == set()
    assert found("It is a tribute to Hitchcock.", film) == {("Psycho II", "Hitchcock")}


def test_a_maker_is_no_end() -> None:
    assert found("It copies Hitchcock's Psycho.") == {("Piranha", "Psycho")}


def test_films_of_a_list_may_be_meant_by_these_movies() -> None:
    text = "Halloween, Friday the 13th and more. These movies would not exist without Psycho."
    assert {("Halloween", "Psycho"), ("Friday the 13th", "Psycho")} <= found(text)
    assert ("Piranha", "Psycho") not in found(text)


def test_a_review_of_nothing_in_particular_speaks_of_the_film_last_named() -> None:
    assert ("Halloween", "Psycho") in found("See Halloween. It owes much to Psycho.", None)
    assert ("Halloween", "Psycho") not in found("See Halloween. It owes much to Psycho.", PIRANHA)


def test_ends_are_counted() -> None:
    kinds = {pair.object.name: pair.ends for pair in pairs(mentioned("Psycho came first.", HALLOWEEN))}
    assert kinds == {"Psycho": "one"}
