"""What every store does. A second implementation joins by a second factory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from itertools import count, cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filmgraph.errors import NotFoundError, StoreError
from filmgraph.feed import updated
from filmgraph.model import (
    Claim,
    Credit,
    Entity,
    EntityKind,
    Evidence,
    Film,
    FilmFormat,
    Influence,
    Judgement,
    JudgementAction,
    Polarity,
    Provenance,
    Reading,
    Relation,
    Review,
    Stance,
    review_id,
)
from filmgraph.search import NameIndex
from filmgraph.store import (
    ClaimFilter,
    ClaimOrder,
    EdgeBatch,
    EntityFilter,
    EntityOrder,
    ReviewFilter,
    ReviewOrder,
    Store,
    open_store,
)
from neo4j_server import wipe

JAWS = Film("film:tt0073195", "Jaws", 1975, genres=("Thriller",), aliases=("Les Dents de la mer",))
ORCA = Film("film:tt0076504", "Orca", 1977)
WICK = Film("film:tt2911666", "John Wick", 2014)
PIRANHA = Film("film:~piranha-1978", "Piranha", 1978)
FORMULA = Influence("influence:~john-wick-formula", "John Wick formula", origin=WICK.id)
NOBODY = Film("film:~nobody-2021", "Nobody", 2021)
CATALOGUE: list[Entity] = [JAWS, ORCA, WICK]


def reading(
    text: str,
    subject: Entity,
    relation: Relation,
    object: Entity,
    *,
    polarity: Polarity = Polarity.ASSERTED,
    reviewer: str = "Ann Onym",
    published: date | None = date(2020, 1, 1),
) -> Reading:
    """A reading whose one piece of evidence quotes the whole text."""
    review = Review(review_id(text), text, film=subject.id, reviewer=reviewer, published=published)
    item = Evidence(
        Claim(subject.id, relation, object.id),
        review.id, 0, len(text), text, polarity, Stance.NEGATIVE, 0.8, Provenance("rules", "1"),
    )  # fmt: skip
    provisional = tuple(entity for entity in (subject, object) if ":~" in entity.id)
    return Reading(review, (), (item,), provisional)


READINGS = [
    reading("Orca is a rip-off of Jaws.", ORCA, Relation.IMITATES, JAWS),
    reading("Orca copies Jaws badly.", ORCA, Relation.IMITATES, JAWS, reviewer="Bo Writer"),
    reading(
        "Orca is no copy of Jaws.", ORCA, Relation.IMITATES, JAWS, polarity=Polarity.NEGATED, reviewer="Cy"
    ),
    reading("Piranha salutes Jaws.", PIRANHA, Relation.HOMAGE_TO, JAWS),
    reading("Nobody: the John Wick formula.", NOBODY, Relation.FOLLOWS_FORMULA_OF, FORMULA),
    reading("Jaws foresaw Orca.", JAWS, Relation.INSPIRED_BY, ORCA, published=None),
]

Factory = Callable[[], AbstractContextManager[Store]]


@pytest.fixture(params=["sqlite", "neo4j"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Factory:
    """Makes stores that hold the catalogue alone; no more than two are open at a time."""
    if request.param == "sqlite":
        addresses = (str(tmp_path / f"{number}.db") for number in count())
    else:
        addresses = cycle(request.getfixturevalue("neo4j_server").addresses)

    @contextmanager
    def make() -> Iterator[Store]:
        address = next(addresses)
        if request.param == "neo4j":
            wipe(address)
        with open_store(address) as store:
            store.import_entities(CATALOGUE, source="test")
            yield store

    return make


def content(store: Store) -> object:
    """All that an export could show, in a form that compares."""
    assert store.verify() == []
    claims = store.find_claims(limit=1000)
    return (
        list(store.iter_entities()),
        list(store.iter_reviews()),
        claims,
        {
            id: [(r.evidence.quote, r.evidence.polarity, r.voice) for r in records]
            for id, records in store.evidence(claim.id for claim in claims).items()
        },
        sorted(store.edges().claims.tolist()),
    )


def test_putting_twice_changes_nothing(new_store: Factory) -> None:
    with new_store() as store:
        assert store.put(READINGS, [f"mark {n}" for n in range(len(READINGS))]).changed
        before, revision = content(store), store.revision()
        assert not store.put(READINGS).changed
        assert (content(store), store.revision()) == (before, revision)
        assert store.seen(["mark 0", "mark 9"]) == {"mark 0"}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(len(READINGS))),
    kept=st.sets(st.integers(0, len(READINGS) - 1)),
)
def test_order_and_retraction_leave_no_trace(new_store: Factory, order: list[int], kept: set[int]) -> None:
    with new_store() as plain, new_store() as store:
        plain.put([READINGS[n] for n in sorted(kept)])
        for n in order:
            store.put([READINGS[n]])
        for n in order:
            if n not in kept:
                assert store.retract(READINGS[n].review.id)
        assert content(store) == content(plain)


def test_of_two_records_of_one_text_the_first_stays(new_store: Factory) -> None:
    text = "Orca is a rip-off of Jaws."
    one = reading(text, ORCA, Relation.IMITATES, JAWS, reviewer="A")
    two = reading(text, PIRANHA, Relation.IMITATES, JAWS, reviewer="B")
    with new_store() as first, new_store() as second:
        first.put([one])
        first.put([two])
        second.put([two, one])
        assert content(first) == content(second)


def test_belief_hears_both_sides(new_store: Factory) -> None:
    with new_store() as store:
        store.put(READINGS)
        (record,) = store.find_claims(ClaimFilter(subject=ORCA.id, relations=(Relation.IMITATES,)))
        assert (record.belief.voices_for, record.belief.voices_against) == (2, 1)
        assert 0 < record.belief.value < record.belief.support
        voices = {item.reviewer for item in store.evidence([record.id])[record.id]}
        assert voices == {"Ann Onym", "Bo Writer", "Cy"}


def test_a_film_does_not_descend_from_a_later_one(new_store: Factory) -> None:
    with new_store() as store:
        store.put(READINGS)
        (record,) = store.find_claims(ClaimFilter(subject=JAWS.id))
        assert record.anachronistic and record.id not in store.edges().claims
        assert store.evidence([record.id])[record.id][0].evidence.anachronistic


def test_edges_are_columns_and_a_feed(new_store: Factory) -> None:
    with new_store() as store:
        store.put(READINGS[:3])
        batch = store.edges()
        assert [batch.nodes[n] for n in (batch.subject[0], batch.object[0])] == [ORCA.id, JAWS.id]
        assert tuple(Relation)[batch.relation[0]] is Relation.IMITATES
        assert batch.years[batch.subject[0]] == 1977
        store.put(READINGS[3:])
        feed = store.edges(since=batch.revision)
        assert len(feed.claims) == 2 and not set(feed.claims) & set(batch.claims)
        store.retract(READINGS[3].review.id)
        assert len(store.edges(since=feed.revision).removed) == 1


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(0, 2 * len(READINGS) + 2), min_size=3, max_size=8))
def test_feeds_add_up_to_the_whole(new_store: Factory, steps: list[int]) -> None:
    with new_store() as store:
        store.put(READINGS[:1])
        batch = store.edges()
        for step in steps:
            if step < len(READINGS):
                store.put([READINGS[step]])
            elif step < 2 * len(READINGS):
                store.retract(READINGS[step - len(READINGS)].review.id)
            else:
                store.import_entities([Film(ORCA.id, "Orca", 1970 + step)], source="corrected")
            if step % 2:
                batch = updated(batch, store.edges(since=batch.revision))
        batch = updated(batch, store.edges(since=batch.revision))
        assert columns(batch) == columns(store.edges())


def columns(batch: EdgeBatch) -> object:
    """The content of a batch, whatever the order of its claims."""
    nodes = list(zip(batch.nodes, batch.years.tolist(), batch.origins, strict=True))
    names = ("claims", "subject", "object", "relation", "belief")
    rows = zip(*(getattr(batch, name).tolist() for name in names), strict=True)
    return batch.revision, nodes, sorted(rows), batch.removed, batch.gone


def test_as_of_hears_only_what_was_written_by_then(new_store: Factory) -> None:
    late = reading("Piranha copies Jaws.", PIRANHA, Relation.IMITATES, JAWS, published=date(2022, 5, 1))
    with new_store() as store:
        store.put([*READINGS, late])
        then = store.edges(as_of=date(2021, 1, 1))
        now = store.edges(as_of=date(2023, 1, 1))
        assert set(now.claims) - set(then.claims) == {late.evidence[0].claim.id}


def test_a_catalogue_recognises_provisional_films(new_store: Factory) -> None:
    known = Film("film:tt0077372", "Piranha", 1978)
    with new_store() as store, new_store() as plain:
        store.put(READINGS)
        before = content(store)
        assert store.import_entities([known], source="new").merged == 1
        assert store.find_claims(ClaimFilter(subject=known.id)) and not store.find_claims(
            ClaimFilter(subject=PIRANHA.id)
        )
        (merge,) = store.judgements()
        store.undo(merge.id)
        assert store.find_claims(ClaimFilter(subject=PIRANHA.id))
        plain.import_entities([known], source="new")
        plain.put(READINGS)
        assert content(store) == content(plain) != before
        with pytest.raises(StoreError, match="undone already"):
            store.undo(merge.id)
        with pytest.raises(NotFoundError):
            store.undo("no such")


def test_importing_again_never_duplicates(new_store: Factory) -> None:
    with new_store() as store:
        digest = store.catalogue_digest()
        assert store.import_entities(CATALOGUE[::-1], source="again").unchanged == 3
        assert store.catalogue_digest() == digest
        report = store.import_entities([Film(JAWS.id, "Jaws", 1975, runtime=124)], source="new")
        assert (report.added, report.updated) == (0, 1)
        assert store.catalogue_digest() != digest and store.verify() == []


def test_judgements_survive_reading_again(new_store: Factory) -> None:
    with new_store() as store:
        store.put(READINGS)
        (record,) = store.find_claims(ClaimFilter(subject=PIRANHA.id))
        store.judge(Judgement("j1", JudgementAction.REJECT, record.id, by="ann"))
        assert store.claims([record.id])[record.id].belief.value == 0
        store.retract(READINGS[3].review.id)
        store.put([READINGS[3]])
        assert store.claims([record.id])[record.id].belief.value == 0
        store.undo("j1")
        assert store.claims([record.id])[record.id].belief.value > 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [("jaws", JAWS), ("Jonh Wick", WICK), ("dents de la mer", JAWS), ("orc", ORCA), ("joh", WICK)],
)
def test_search_forgives(new_store: Factory, query: str, expected: Entity) -> None:
    with new_store() as store:
        index = NameIndex.build(store)
        assert index.search(query)[0].entity == expected.id
        assert index.search(query, kinds=[EntityKind.PERSON]) == []


def test_names_are_columns_and_a_feed(new_store: Factory) -> None:
    with new_store() as store:
        batch = store.names()
        assert list(zip(batch.entities, batch.names, strict=True)) == [
            (JAWS.id, "jaws"), (JAWS.id, "les dents de la mer"), (ORCA.id, "orca"), (WICK.id, "john wick"),
        ]  # fmt: skip
        assert batch.renown.tolist() == [0] * 4
        store.put(READINGS)
        feed = store.names(since=batch.revision)
        assert set(feed.entities) == {PIRANHA.id, FORMULA.id, NOBODY.id} and feed.removed == ()
        assert store.names().renown.max() == pytest.approx(math.log(1 + 3))
        store.retract(READINGS[3].review.id)
        assert store.names(since=feed.revision).removed == (PIRANHA.id,)
        store.put([READINGS[3]])
        again = store.names(since=feed.revision)
        assert (set(again.entities), again.removed) == ({PIRANHA.id}, ())


def test_an_exact_name_is_found_without_accents_or_case(new_store: Factory) -> None:
    with new_store() as store:
        assert store.named("LES DENTS de la Mer") == [JAWS] and store.named("The Orca!") == [ORCA]
        assert store.named("jaws", [EntityKind.PERSON]) == [] == store.named("jaw")


def test_what_is_not_there(new_store: Factory) -> None:
    with new_store() as store:
        assert store.entity("film:none") is None and store.review("review:none") is None
        assert store.retract("review:none") is False
        assert store.evidence_items(["evidence:none"]) == {}
        index = NameIndex.build(store)
        assert index.search("") == [] and index.search("zzzzqqqq") == []


def test_merges_follow_each_other_and_outlive_their_reviews(new_store: Factory) -> None:
    fish = Film("film:~killer-fish-1979", "Killer Fish", 1979)
    said = reading("Killer Fish copies Jaws.", fish, Relation.IMITATES, JAWS)
    with new_store() as store, new_store() as plain:
        plain.put([*READINGS, said])
        store.put([*READINGS, said])
        store.judge(Judgement("m1", JudgementAction.MERGE, fish.id, PIRANHA.id))
        store.judge(Judgement("m2", JudgementAction.MERGE, PIRANHA.id, WICK.id))
        assert {claim.claim.object for claim in store.find_claims(ClaimFilter(subject=WICK.id))} == {JAWS.id}
        assert store.count_claims(ClaimFilter(subject=WICK.id)) == 2 and store.verify() == []
        with pytest.raises(StoreError, match="merged into it"):
            store.judge(Judgement("m3", JudgementAction.MERGE, WICK.id, fish.id))
        store.retract(said.review.id)
        store.put([said])
        assert store.count_claims(ClaimFilter(subject=WICK.id)) == 2
        store.judge(Judgement("s1", JudgementAction.SPLIT, fish.id))
        assert store.count_claims(ClaimFilter(subject=fish.id)) == 1
        store.retract(said.review.id)
        store.put([said])
        assert store.count_claims(ClaimFilter(subject=fish.id)) == 1
        store.undo("s1")
        assert store.count_claims(ClaimFilter(subject=WICK.id)) == 2
        for judgement in ("m2", "m1"):
            store.undo(judgement)
        assert content(store) == content(plain)


def test_a_pinned_link_stays_corrected(new_store: Factory) -> None:
    said, target = READINGS[3], f"{READINGS[3].review.id}#{PIRANHA.id}"
    with new_store() as store, new_store() as plain:
        plain.put(READINGS)
        store.put(READINGS)
        store.judge(Judgement("p1", JudgementAction.PIN, target, ORCA.id))
        assert not store.find_claims(ClaimFilter(subject=PIRANHA.id))
        (record,) = store.find_claims(ClaimFilter(subject=ORCA.id, review=said.review.id))
        assert (record.claim.object, store.verify()) == (JAWS.id, [])
        store.retract(said.review.id)
        store.put([said])
        assert store.find_claims(ClaimFilter(subject=ORCA.id, review=said.review.id)) == [record]
        store.judge(Judgement("m1", JudgementAction.MERGE, ORCA.id, WICK.id))
        assert store.find_claims(ClaimFilter(subject=WICK.id, review=said.review.id))
        store.undo("m1")
        store.judge(Judgement("p2", JudgementAction.PIN, target, WICK.id))
        assert not store.find_claims(ClaimFilter(subject=ORCA.id, review=said.review.id))
        store.undo("p2")
        assert store.find_claims(ClaimFilter(subject=ORCA.id, review=said.review.id)) == [record]
        store.undo("p1")
        assert content(store) == content(plain)
        for wrong in ("review:none#film:x", f"{said.review.id}#{PIRANHA.id}"):
            with pytest.raises(StoreError, match="cannot pin"):
                store.judge(Judgement(f"p {wrong}", JudgementAction.PIN, wrong, "film:none"))


def test_a_new_year_is_judged_anew(new_store: Factory) -> None:
    with new_store() as store:
        store.put(READINGS)
        store.import_entities([Film(ORCA.id, "Orca", 1970)], source="corrected")
        (record,) = store.find_claims(ClaimFilter(subject=JAWS.id))
        assert not record.anachronistic and record.id in store.edges().claims and store.verify() == []
        (late,) = store.find_claims(ClaimFilter(subject=ORCA.id))
        assert late.anachronistic and late.id not in store.edges().claims


def test_a_failed_put_leaves_nothing(new_store: Factory) -> None:
    stranger = Film("film:tt0000001", "Stranger", 1990)
    with new_store() as store:
        before, revision = content(store), store.revision()
        with pytest.raises(StoreError, match=stranger.id):
            store.put([READINGS[0], reading("Stranger copies Jaws.", stranger, Relation.IMITATES, JAWS)])
        assert (content(store), store.revision()) == (before, revision)


def test_lists_are_counted_and_reviews_come_together(new_store: Factory) -> None:
    with new_store() as store:
        store.put(READINGS)
        for where in (
            ClaimFilter(),
            ClaimFilter(entity=JAWS.id),
            ClaimFilter(subject=ORCA.id, polarity=Polarity.NEGATED),
            ClaimFilter(review=READINGS[0].review.id),
            ClaimFilter(object="film:none"),
        ):
            assert store.count_claims(where) == len(store.find_claims(where, limit=100))
        assert store.count_claims(ClaimFilter(entity=JAWS.id)) == 3
        ids = [READINGS[1].review.id, "review:none", READINGS[0].review.id]
        assert list(store.reviews(ids)) == [ids[0], ids[2]]


FILMS = [
    Film("film:tt1", "alpha", 1990, genres=("Horror", "Comedy"), countries=("FR",), renown=2.0,
         credits=(Credit("person:nm1", "director", "A"), Credit("person:nm2", "actor", "B"))),
    Film("film:tt2", "The Beta", None, genres=("Horror",), renown=5.0, franchises=("franchise:x",),
         format=FilmFormat.SHORT, credits=(Credit("person:nm1", "actor", "A"),)),
    Film("film:tt3", "Álpha", 1980, renown=2.0),
    Film("film:tt4", "Gamma", 1990, genres=("horror",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, "1234"),
        ({"year_from": 1985}, "14"),
        ({"year_to": 1985}, "3"),
        ({"genres": ("HORROR",)}, "124"),
        ({"genres": ("comedy", "western")}, "1"),
        ({"genres": ("horror",), "countries": ("fr", "us")}, "1"),
        ({"formats": (FilmFormat.FEATURE,)}, "134"),
        ({"person": "person:nm1"}, "12"),
        ({"person": "person:nm1", "role": "director"}, "1"),
        ({"franchise": "franchise:x"}, "2"),
        ({"provisional": True}, ""),
        ({"kind": EntityKind.PERSON}, ""),
    ],
)
def test_entities_are_filtered(new_store: Factory, where: dict[str, Any], expected: str) -> None:
    with new_store() as store:
        store.import_entities(FILMS, source="films")
        wanted = EntityFilter(**{"kind": EntityKind.FILM} | where)
        found = [entity.id for entity in store.find_entities(wanted) if len(entity.id) == 8]
        assert found == [f"film:tt{n}" for n in expected]
        assert store.count_entities(wanted) == len(store.find_entities(wanted, limit=100))


def test_what_an_entity_no_longer_has_is_no_longer_found(new_store: Factory) -> None:
    with new_store() as store:
        store.import_entities(FILMS, source="films")
        store.import_entities([Film("film:tt2", "Delta", 1999)], source="films")
        assert store.find_entities(EntityFilter(person="person:nm1")) == [FILMS[0]]
        assert store.named("beta") == [] and [film.id for film in store.named("delta")] == ["film:tt2"]
        store.put(READINGS)
        assert {e.id for e in store.find_entities(EntityFilter(provisional=True))} == {
            PIRANHA.id, FORMULA.id, NOBODY.id,
        }  # fmt: skip


ORDERS = {
    EntityOrder.ID: ["1", "2", "3", "4"],
    EntityOrder.RENOWN: ["2", "1", "3", "4"],
    EntityOrder.NAME: ["1", "3", "2", "4"],
    EntityOrder.OLDEST: ["3", "1", "4", "2"],
    EntityOrder.NEWEST: ["1", "4", "3", "2"],
}


@pytest.mark.parametrize("order", EntityOrder)
def test_entities_in_pages_either_way(new_store: Factory, order: EntityOrder) -> None:
    with new_store() as store:
        store.retract("none")
        store.import_entities(FILMS, source="films")
        every = store.find_entities(EntityFilter(kind=EntityKind.FILM), order=order)
        assert [e.id[-1] for e in every if e in FILMS] == ORDERS[order]
        check_pages(
            every, lambda **page: store.find_entities(EntityFilter(kind=EntityKind.FILM), order=order, **page)
        )
        if order is not EntityOrder.ID:
            with pytest.raises(NotFoundError, match="film:none"):
                store.find_entities(order=order, after="film:none")


def check_pages(every: list[Any], find: Callable[..., list[Any]]) -> None:
    """Pages of two, from the front and from the back, are the whole list."""
    forth: list[Any] = []
    while page := find(limit=2, after=forth[-1].id if forth else ""):
        forth += page
    back: list[Any] = []
    while page := find(limit=2, before=back[0].id if back else "", last=True):
        back = page + back
    assert forth == every == back
    assert find(after=every[0].id, before=every[-1].id) == every[1:-1]


def test_reviews_are_filtered_and_ordered(new_store: Factory) -> None:
    days = [date(2020, 5, 1), None, date(2019, 1, 1), date(2020, 5, 1)]
    told = [
        reading(f"Text {n}.", ORCA, Relation.IMITATES, JAWS, reviewer=f"Critic {n % 2}", published=day)
        for n, day in enumerate(days)
    ]
    with new_store() as store:
        store.put(told)
        ids = [item.review.id for item in told]
        twins = sorted([ids[0], ids[3]])
        for order, expected in (
            (ReviewOrder.ID, sorted(ids)),
            (ReviewOrder.NEWEST, [*twins, ids[2], ids[1]]),
            (ReviewOrder.OLDEST, [ids[2], *twins, ids[1]]),
        ):
            every = store.find_reviews(order=order)
            assert [review.id for review in every] == expected
            check_pages(every, lambda order=order, **page: store.find_reviews(order=order, **page))
        for where, expected in (
            (ReviewFilter(film=ORCA.id), ids),
            (ReviewFilter(film=JAWS.id), []),
            (ReviewFilter(reviewer="Critic 1"), [ids[1], ids[3]]),
            (ReviewFilter(outlet="none"), []),
            (ReviewFilter(written_from=date(2020, 1, 1)), twins),
            (ReviewFilter(written_to=date(2020, 1, 1)), [ids[2]]),
        ):
            assert [review.id for review in store.find_reviews(where)] == sorted(expected)
            assert store.count_reviews(where) == len(expected)


def test_claims_by_belief_and_the_disputed_ones(new_store: Factory) -> None:
    with new_store() as store:
        store.put(READINGS)
        every = store.find_claims(order=ClaimOrder.BELIEF)
        keys = [(-claim.belief.value, claim.id) for claim in every]
        assert keys == sorted(keys) and len({key for key, _ in keys}) > 1
        check_pages(every, lambda **page: store.find_claims(order=ClaimOrder.BELIEF, **page))
        check_pages(store.find_claims(), store.find_claims)
        (disputed,) = store.find_claims(ClaimFilter(disputed=True))
        assert disputed.claim.subject == ORCA.id and store.count_claims(ClaimFilter(disputed=False)) == 3
        (late,) = store.find_claims(ClaimFilter(anachronistic=True))
        assert late.claim.subject == JAWS.id


def test_evidence_by_its_own_id(new_store: Factory) -> None:
    with new_store() as store:
        store.put(READINGS)
        item = READINGS[0].evidence[0]
        found = store.evidence_items([item.id, "evidence:none"])
        assert list(found) == [item.id]
        assert (found[item.id].claim, found[item.id].evidence.quote) == (item.claim.id, item.quote)


def test_what_somebody_did_is_on_record(new_store: Factory) -> None:
    with new_store() as store:
        store.put(READINGS[:2], by="ann")
        store.put(READINGS[:1], by="bob")
        store.put(READINGS[2:])
        claim = READINGS[0].evidence[0].claim.id
        store.judge(Judgement("j1", JudgementAction.REJECT, claim, by="cid"))
        store.undo("j1", by="dot")
        store.retract(READINGS[1].review.id, by="eve")
        store.retract("review:none", by="eve")
        done = [(change.by, change.action, change.target) for change in store.changes()]
        assert done == [
            ("eve", "retract", READINGS[1].review.id),
            ("dot", "undo", "j1"),
            ("cid", "judge", "j1"),
            ("ann", "ingest", READINGS[1].review.id),
            ("ann", "ingest", READINGS[0].review.id),
        ]
        first, second = store.changes(limit=2)
        assert first.revision == store.revision() and first.at.tzinfo is not None
        assert store.changes(after=second.id)[0].by == "cid" and len(store.changes()) == 5
        assert [entry.by for entry in store.judgements()] == ["cid", "dot"]
