"""Claims of small passages whose links are given: subjects, direction, discourse, polarity and quotes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from filmgraph.candidates import pairs
from filmgraph.claims import Found, extract_claims, load_models, weigh
from filmgraph.model import Film, Franchise, Polarity, Relation
from filmgraph.passages import Passage
from filmgraph.quotes import quote
from passages import FRIDAY, HALLOWEEN, NOVEL, ORCA, mentioned


def read(text: str, reviewed: Film | None = ORCA) -> Passage:
    return mentioned(text, reviewed)


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
        ("Piranha shamelessly ripped off Jaws, and then everybody did.", ("Piranha", "imitates", "Jaws")),
        ("The summer was full of Jaws clones.", ("Orca", "imitates", "Jaws")),
        ("Its murders are borrowed from Hitchcock.", ("Orca", "inspired_by", "Hitchcock")),
    ],
)
def test_claims(text: str, expected: tuple[str, str, str]) -> None:
    assert expected in triples(claims(text))


def test_the_original_is_not_guessed_where_it_is_named() -> None:
    guess = [("the original", HALLOWEEN, "anaphor")]
    alone = mentioned("It is a remake, and not as good as the original.", FRIDAY, guess)
    assert ("Friday the 13th", "remake_of", "Halloween") in triples(extract_claims(alone, load_models()))
    text = "It is a remake, and not as good as the original. It is a remake of Psycho, shot for shot."
    told = triples(extract_claims(mentioned(text, FRIDAY, guess), load_models()))
    assert [claim for claim in told if claim[1] == "remake_of"] == [
        ("Friday the 13th", "remake_of", "Psycho")
    ]


def test_a_mere_mention_is_no_claim() -> None:
    found = claims("I watched it on television last night. My neighbour slept through Jaws.")
    assert not [claim for claim in found if claim.relation.is_lineage]


def test_the_later_film_is_the_subject() -> None:
    found = claims("Piranha is a spoof of Jaws.", HALLOWEEN)
    assert ("Piranha", "parodies", "Jaws") in triples(found)
    assert not any(claim.subject.name == "Jaws" and claim.relation.is_lineage for claim in found)


def test_critics_go_by_what_they_saw_first() -> None:
    copied = triples(claims("It is a shameless rip-off of Halloween."))
    assert ("Orca", "imitates", "Halloween") in copied
    inspired = triples(claims("It inspired Halloween.", ORCA))
    assert ("Halloween", "inspired_by", "Orca") in inspired


def test_what_a_film_preceded_came_of_it() -> None:
    later = Film("film:9", "Orca Returns", ORCA.year)
    for verb, expected in (("preceded", (later, ORCA)), ("followed", (ORCA, later))):
        text = f"This film {verb} Orca Returns, the first sequel of the series."
        found = extract_claims(
            mentioned(text, ORCA, [("Orca Returns", later, "name")]), load_models(), min_confidence=0.05
        )
        told = [claim for claim in found if claim.relation is Relation.SEQUEL_TO]
        assert {(claim.subject.name, claim.object.name) for claim in told} == {
            (expected[0].name, expected[1].name)
        }


def test_a_copy_that_is_bought_is_a_disc() -> None:
    assert ("Orca", "imitates", "Jaws") in triples(claims("It is nothing but a poor copy of Jaws."))
    assert not [c for c in claims("I bought a cheap copy of Jaws at the market.") if c.relation.is_lineage]


def test_a_relative_clause_tells_of_the_film_ahead() -> None:
    found = claims("It beats Piranha, which shamelessly copied Jaws.", FRIDAY)
    lineage = {claim for claim in triples(found) if claim[1] != "resembles"}
    assert lineage == {("Piranha", "imitates", "Jaws")}


def test_denials_are_negated() -> None:
    (claim,) = (c for c in claims("It is not a rip-off of Jaws.") if c.relation.is_lineage)
    assert claim.polarity is Polarity.NEGATED


def test_what_a_cue_depends_on_is_denied_with_it() -> None:
    found = claims("It is not meant to be a remake of the much older silent version of Psycho.")
    assert {c.polarity for c in found if c.relation is Relation.REMAKE_OF} == {Polarity.NEGATED}


def test_a_source_is_denied_and_doubted_only_as_a_source() -> None:
    def said(text: str) -> set[Polarity]:
        found = extract_claims(mentioned(text, ORCA, [("novel", NOVEL, "source")]), load_models())
        return {claim.polarity for claim in found if claim.relation is Relation.ADAPTED_FROM}

    assert said("It is probably the best scene of the novel on which the film is based.") == {
        Polarity.ASSERTED
    }
    assert said("The film was apparently based on the novel.") == {Polarity.HEDGED}
    assert said("The film has nothing to do with the novel.") <= {Polarity.NEGATED}


def test_what_is_said_of_the_first_film_does_not_deny_that_there_was_one() -> None:
    second = mentioned(
        "This one isn't as fresh as the original.", FRIDAY, [("the original", ORCA, "anaphor")]
    )
    found = extract_claims(second, load_models(), min_confidence=0.05)
    derived = [claim for claim in found if claim.relation in (Relation.SEQUEL_TO, Relation.REMAKE_OF)]
    assert {claim.polarity for claim in derived} == {Polarity.ASSERTED}


def test_only_a_work_that_is_no_film_is_adapted() -> None:
    found = claims("It is adapted from Jaws, and its story is based on the plot of Psycho.")
    assert found and not [claim for claim in found if claim.relation is Relation.ADAPTED_FROM]


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


def test_of_sentences_as_sure_the_first_is_quoted() -> None:
    text = "So it goes. It is a rip-off of Jaws. So it goes. It is a rip-off of Jaws. So it goes."
    told = [c for c in claims(text, HALLOWEEN) if (c.subject.name, c.object.name) == ("Halloween", "Jaws")]
    assert max(told, key=lambda claim: claim.confidence).start == text.index("It is")


def test_a_sentence_that_says_so_is_quoted_before_one_that_hints() -> None:
    text = "The music could have come from Jaws. We all went home. It is a shameless rip-off of Jaws."
    (claim,) = (c for c in claims(text) if c.relation is Relation.IMITATES)
    assert text[claim.start : claim.end] == "It is a shameless rip-off of Jaws."


def test_a_source_is_quoted_where_something_is_said_to_be_based_on_it() -> None:
    text = "I had read the novel. I slept for a week. The film is based on the novel."
    spans = [("novel", NOVEL, "source")]
    told = extract_claims(mentioned(text, ORCA, spans), load_models(), min_confidence=0.3)
    surest = max((c for c in told if c.relation is Relation.ADAPTED_FROM), key=lambda claim: claim.confidence)
    assert text[surest.start : surest.end] == "The film is based on the novel."


def test_sentences_side_by_side_about_the_same_works_are_one_quote() -> None:
    text = "We had all seen Jaws. The shark of Jaws is a whale now. We went home."
    passage = read(text)
    first, second = pairs(passage)
    assert text[slice(*quote(passage, second, (3, 4)))] == "The shark of Jaws is a whale now."
    both = "We had all seen Jaws. The shark of Jaws is a whale now."
    for pair in (first, second):
        assert text[slice(*quote(passage, pair, (4, 5), frozenset([0, 1])))] == both


def test_what_a_sentence_says_may_be_taken_back_after_an_exclamation() -> None:
    text = "A rip-off of Jaws? What? Not true at all."
    (claim,) = (c for c in claims(text) if c.relation.is_lineage)
    assert claim.polarity is Polarity.NEGATED
    assert text[claim.start : claim.end] == text


def test_a_denial_is_quoted_with_what_it_denies() -> None:
    text = "It is a rip-off of Jaws. Not at all. We liked it."
    (claim,) = (c for c in claims(text) if c.relation.is_lineage)
    assert (claim.polarity, text[: claim.end]) == (
        Polarity.NEGATED,
        "It is a rip-off of Jaws. Not at all.",
    )


def test_a_film_may_be_compared_with_what_it_descends_from() -> None:
    found = triples(claims("It is a shameless rip-off of Jaws. It is much worse than Jaws."))
    assert found == {("Orca", "imitates", "Jaws"), ("Orca", "resembles", "Jaws")}


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


def test_a_film_belongs_only_to_its_own_series() -> None:
    third = Film("film:9", "Jaws 3-D", 1983)
    jaws = Franchise("franchise:2", "Jaws", origin="film:2")
    described = [("JAWS", jaws, "series")]
    for reviewed, expected in ((third, {("Jaws 3-D", "part_of", "Jaws")}), (ORCA, set())):
        passage = mentioned("This is the third entry in the JAWS series.", reviewed, described)
        found = extract_claims(passage, load_models())
        assert {claim for claim in triples(found) if claim[1] == "part_of"} == expected


@pytest.mark.parametrize(
    ("text", "belongs"),
    [
        ("James Bond is by far the funniest man in it.", False),
        ("As far as James Bond movies go, this one is dull.", True),
    ],
)
def test_a_hero_alone_is_no_series(text: str, belongs: bool) -> None:
    octopussy = Film("film:9", "Octopussy", 1983, franchises=("franchise:1",))
    found = extract_claims(mentioned(text, octopussy), load_models())
    assert (Relation.PART_OF in {claim.relation for claim in found}) is belongs
