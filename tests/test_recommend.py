"""Recommendations: who comes first, why, and what is kept out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from filmgraph.errors import QueryError
from filmgraph.index import LineageIndex
from filmgraph.model import Film, Franchise, Polarity, Reading, Relation, Stance
from filmgraph.recommend import Recommendation, recommend
from filmgraph.store import Store, open_store
from graphs import reading

LIKED = Film("film:tt01", "Liked", 2000)
NEAR = Film("film:tt02", "Near", 2005)
FAR = Film("film:tt03", "Far", 2010)
SCORNED = Film("film:tt04", "Scorned", 2006)
PRAISED = Film("film:tt05", "Praised", 2007)
OTHER = Film("film:tt06", "Other", 1999)
SEQUEL = Film("film:tt07", "Sequel", 2008, franchises=("franchise:s",))
SEQUEL_2 = Film("film:tt08", "Sequel 2", 2009, franchises=("franchise:s",))
ALONE = Film("film:tt09", "Alone", 2001)
SERIES = Franchise("franchise:s", "Series", members=(SEQUEL.id, SEQUEL_2.id))
FILMS = [LIKED, NEAR, FAR, SCORNED, PRAISED, OTHER, SEQUEL, SEQUEL_2, ALONE, SERIES]

Ask = Callable[..., list[Recommendation]]


@contextmanager
def asking(path: Path, *readings: Reading) -> Iterator[Ask]:
    with open_store(str(path / "graph.db")) as store:
        store.import_entities(FILMS, source="test")
        store.put(readings)

        def ask(*liked: Film, **options: object) -> list[Recommendation]:
            index = LineageIndex.build(store)
            return recommend(index, store, liked=[film.id for film in liked], **options)  # type: ignore[arg-type]

        yield ask


def names(found: list[Recommendation]) -> list[str]:
    return [item.film.name for item in found]


def test_the_nearest_comes_first_with_its_path_and_quotes(tmp_path: Path) -> None:
    told = (
        reading("Near copies Liked.", NEAR, Relation.IMITATES, LIKED),
        reading("Near apes Liked.", NEAR, Relation.IMITATES, LIKED, reviewer="Bo"),
        reading("Far salutes Near.", FAR, Relation.HOMAGE_TO, NEAR),
    )
    with asking(tmp_path, *told) as ask:
        near, far = ask(LIKED)
        assert (near.film, far.film, near.score) == (NEAR, FAR, 1.0) and 0 < far.score < 1
        assert near.reason.sentence == "You liked Liked: Near imitates Liked"
        assert {record.evidence.quote for record in near.reason.quotes} == {
            "Near copies Liked.",
            "Near apes Liked.",
        }
        assert [(edge.subject, edge.object) for edge in far.reason.path] == [
            (FAR.id, NEAR.id),
            (NEAR.id, LIKED.id),
        ]
        assert len(far.reason.quotes) == 2 and "pays homage to Near" in far.reason.sentence
        assert ask(LIKED, first=1) == [near]


def test_what_was_named_is_never_recommended(tmp_path: Path) -> None:
    told = (
        reading("Near copies Liked.", NEAR, Relation.IMITATES, LIKED),
        reading("Far copies Liked.", FAR, Relation.IMITATES, LIKED),
        reading("Other is nothing like Liked, but Praised copies it.", PRAISED, Relation.IMITATES, LIKED),
    )
    with asking(tmp_path, *told) as ask:
        assert set(names(ask(LIKED))) == {"Near", "Far", "Praised"}
        assert names(ask(LIKED, exclude=[NEAR.id], disliked=[FAR.id])) == ["Praised"]
        assert names(ask(LIKED, NEAR)) == names(ask(NEAR, LIKED)) == ["Far", "Praised"]


def test_scorn_for_the_likeness_itself_weighs_against(tmp_path: Path) -> None:
    told = (
        reading(
            "Scorned is a shameless rip-off of Liked.",
            SCORNED,
            Relation.IMITATES,
            LIKED,
            stance=Stance.NEGATIVE,
        ),
        reading(
            "Praised is a loving imitation of Liked.",
            PRAISED,
            Relation.IMITATES,
            LIKED,
            stance=Stance.POSITIVE,
        ),
    )
    with asking(tmp_path, *told) as ask:
        assert names(ask(LIKED)) == ["Praised", "Scorned"]


def test_what_is_denied_recommends_nothing(tmp_path: Path) -> None:
    told = (
        reading("Near is no copy of Liked.", NEAR, Relation.IMITATES, LIKED, polarity=Polarity.NEGATED),
        reading("Far copies Liked.", FAR, Relation.IMITATES, LIKED),
    )
    with asking(tmp_path, *told) as ask:
        assert names(ask(LIKED)) == ["Far"]


def test_films_near_the_disliked_ones_give_way(tmp_path: Path) -> None:
    told = (
        reading("Near copies Liked.", NEAR, Relation.IMITATES, LIKED),
        reading("Near copies Other.", NEAR, Relation.REMAKE_OF, OTHER),
        reading("Far copies Liked.", FAR, Relation.IMITATES, LIKED),
    )
    with asking(tmp_path, *told) as ask:
        before, after = ask(LIKED), ask(LIKED, disliked=[OTHER.id])
        assert set(names(before)) == {"Near", "Far", "Other"} and names(after)[0] == "Far"
        near, less = (next((i.score for i in found if i.film == NEAR), 0.0) for found in (before, after))
        assert less < near


def test_diversity_keeps_one_series_from_filling_the_list(tmp_path: Path) -> None:
    told = (
        reading("Sequel copies Liked.", SEQUEL, Relation.IMITATES, LIKED),
        reading("Sequel apes Liked.", SEQUEL, Relation.IMITATES, LIKED, reviewer="Bo"),
        reading("Sequel 2 copies Liked.", SEQUEL_2, Relation.IMITATES, LIKED),
        reading("Sequel 2 apes Liked.", SEQUEL_2, Relation.IMITATES, LIKED, reviewer="Bo"),
        reading("Near may nod to Liked.", NEAR, Relation.REFERENCES, LIKED, polarity=Polarity.HEDGED),
    )
    with asking(tmp_path, *told) as ask:
        assert set(names(ask(LIKED, first=2))) == {"Sequel", "Sequel 2"}
        assert "Near" in names(ask(LIKED, first=2, diversity=1.0))


def test_as_of_a_day(tmp_path: Path) -> None:
    told = (
        reading("Near copies Liked.", NEAR, Relation.IMITATES, LIKED, published=date(2010, 1, 1)),
        reading(
            "Near apes Liked.", NEAR, Relation.IMITATES, LIKED, reviewer="Bo", published=date(2020, 1, 1)
        ),
    )
    with asking(tmp_path, *told):
        pass
    with open_store(str(tmp_path / "graph.db"), readonly=True) as store:
        day = date(2015, 1, 1)
        (item,) = recommend(LineageIndex.build(store, as_of=day), store, liked=[LIKED.id], as_of=day)
        assert [record.evidence.quote for record in item.reason.quotes] == ["Near copies Liked."]


def test_questions_that_make_no_sense(tmp_path: Path) -> None:
    with asking(tmp_path, reading("Near copies Liked.", NEAR, Relation.IMITATES, LIKED)) as ask:
        assert ask(ALONE) == []
        for liked, options in (((), {}), ((LIKED,), {"first": 0}), ((LIKED,), {"diversity": 1.5})):
            with pytest.raises(QueryError):
                ask(*liked, **options)


def test_the_seed_recommends_with_reasons_that_end_in_what_was_liked(seed_store: Store) -> None:
    index = LineageIndex.build(seed_store)
    liked = [rank.entity for rank in index.ranks("citations", first=5) if rank.entity.startswith("film:")]
    for id in liked:
        for item in recommend(index, seed_store, liked=[id]):
            ends = {item.reason.path[-1].subject, item.reason.path[-1].object}
            assert id in ends and item.film.id in (item.reason.path[0].subject, item.reason.path[0].object)
            assert item.film.id != id and item.reason.sentence.startswith("You liked ")
            for record in item.reason.quotes:
                review = seed_store.review(record.evidence.review)
                assert review is not None and record.evidence.quote in review.text
