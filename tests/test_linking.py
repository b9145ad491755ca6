"""What critics' words are taken for: films, works, series, and titles that no catalogue knows."""

from __future__ import annotations

import pickle
from itertools import pairwise

import pytest

from filmgraph.linking import Linker
from filmgraph.model import Film, kind_of
from filmgraph.sources import source_named
from linked import linked, review


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It owes a lot to _Die Hard_.", ["Die Hard = film:tt0095016"]),
        ("Jaws and Jaws 2 floated, the film \"Jaws 4\" sank.", ["Jaws = film:tt0073195", "Jaws 2 = film:tt0077766", "Jaws 4 = film:tt0093300"]),
        ("A remake of _Nosferatu_ (1922).", ["Nosferatu = film:tt0013442"]),
        ("A remake of _Nosferatu_ (1979).", ["Nosferatu = film:tt0079641"]),
        ("Fans of the Bond films will like it.", ["Bond = franchise:james-bond"]),
        ("It belongs to the Alien series.", ["Alien = franchise:alien"]),
        ("Think of an episode of Columbo.", ["Columbo = work:columbo"]),
        ("It was a big fish, and the alien left.", []),
        ("I saw it on Friday.", []),
    ],
)  # fmt: skip
def test_names(seed_linker: Linker, text: str, expected: list[str]) -> None:
    assert linked(seed_linker, text) == expected


def test_a_list_vouches_for_its_members(seed_linker: Linker) -> None:
    found = linked(seed_linker, "Nobody, Sisu, Kate, Violent Night, Atomic Blonde, and more.")
    assert [link.partition(" = ")[0] for link in found] == [
        "Nobody",
        "Sisu",
        "Kate",
        "Violent Night",
        "Atomic Blonde",
    ]
    assert all(" = film:tt" in link for link in found)


def test_what_is_a_title_once_is_one_again(seed_linker: Linker) -> None:
    text = "Nobody, Sisu, Kate, Violent Night, Atomic Blonde, and more. Nobody with Bob Odenkirk was fun!"
    assert [link for link in linked(seed_linker, text) if "Nobody" in link] == ["Nobody = film:tt7888964"] * 2


def test_a_title_that_no_catalogue_knows_becomes_provisional(seed_linker: Linker) -> None:
    found = seed_linker.link(review("I prefer _The Quiet Ferryman_ (2022), a thriller that nobody saw."))
    (link,) = found.links
    assert link.entity == "film:~the-quiet-ferryman-2022"
    assert Film("film:~the-quiet-ferryman-2022", "The Quiet Ferryman", 2022) in found.entities


@pytest.mark.parametrize(
    "text",
    ['He said "no" and left.', "A *very* long film.", "**Spoilers ahead!**", 'She calls herself "the boss".'],
)
def test_emphasis_alone_makes_no_title(seed_linker: Linker, text: str) -> None:
    assert linked(seed_linker, text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Its hero reads the novel _The Glass Pilot_ aloud.", "work"),
        ("It follows the comic book \"Captain Gravel\" to the letter.", "work"),
        ("It copies the film _The Glass Pilot_ (1971).", "film"),
    ],
)  # fmt: skip
def test_words_beside_a_title_say_what_it_is(seed_linker: Linker, text: str, kind: str) -> None:
    kinds = {
        link.mention.surface: kind_of(link.entity or "") for link in seed_linker.link(review(text)).links
    }
    assert (kinds.get("The Glass Pilot") or kinds.get("Captain Gravel")) == kind


def test_a_novel_gives_way_to_the_film_of_its_title(seed_linker: Linker) -> None:
    assert "Jaws = film:tt0073195" in linked(seed_linker, "No shark film after _Jaws_ matters.")
    assert "Jaws = work:jaws" in linked(seed_linker, "Peter Benchley's novel _Jaws_ is pulp.")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('His series "X"', "series"),
        ('The third part of the series, "X"', None),
        ('The best in the series, "X"', None),
        ('In the book "X"', "book"),
        ('In my book "X"', None),
    ],
)
def test_series_and_book_have_another_sense(text: str, form: str | None) -> None:
    assert source_named(text, len(text) - 2, len(text) - 1) == form


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is worse than Die Hard 9.", ["Die Hard 9 = film:~die-hard-9"]),
        ('It is worse than "Die Hard" IX and that says it all.', ['Die Hard" IX = film:~die-hard-ix']),
        ('It is worse than "Die Hard" 2 and that says it all.', ['Die Hard" 2 = film:tt0099423']),
        ("It is worse than Die Hard 9 (2030).", ["Die Hard 9 = film:~die-hard-9"]),
        ("I saw Die Hard 9 times.", ["Die Hard = film:tt0095016"]),
        ("I give Die Hard 9/10.", ["Die Hard = film:tt0095016"]),
    ],
)
def test_a_number_behind_a_title_means_a_further_part(
    seed_linker: Linker, text: str, expected: list[str]
) -> None:
    assert linked(seed_linker, text) == expected


def test_short_forms_of_a_title_that_was_spelt_out(seed_linker: Linker) -> None:
    found = linked(seed_linker, "_John Wick_ set the tone. Without Wick there is no gun-fu.")
    assert found == ["John Wick = film:tt2911666", "Wick = film:tt2911666"]


def test_initials_of_a_title_that_was_spelt_out(seed_linker: Linker) -> None:
    found = linked(seed_linker, "_Night of the Living Dead_ is raw. Next to NOTLD, this is tame.")
    assert [link.partition(" = ")[0] for link in found] == ["Night of the Living Dead", "NOTLD"]
    assert len({link.partition(" = ")[2] for link in found}) == 1


def test_a_mention_means_one_of_its_candidates_or_nothing(seed_linker: Linker) -> None:
    told = seed_linker.link(review("Nosferatu, Dracula and The Thing are old."), explain=True)
    chances = [[candidate.score for candidate in link.candidates] for link in (*told.links, *told.rejected)]
    assert any(len(of_one) > 1 for of_one in chances)
    assert all(0 <= sum(of_one) <= 1.000001 for of_one in chances)


def test_no_character_is_linked_twice_but_inside_an_influence(seed_linker: Linker) -> None:
    text = "Die Hard on a bus, by way of the John Wick formula, _Alien_ and Hitchcock."
    links = seed_linker.link(review(text)).links
    plain = [link.mention for link in links if link.how != "influence"]
    assert all(one.end <= two.start for one, two in pairwise(plain))
    assert all(text[link.mention.start : link.mention.end] == link.mention.surface for link in links)


def test_linking_is_the_same_again_and_in_another_process(seed_linker: Linker) -> None:
    document = review('Hitchcock\'s _Psycho_ and "Alien" in one, says _The Quiet Ferryman_.')
    other = pickle.loads(pickle.dumps(seed_linker))
    assert seed_linker.link(document) == seed_linker.link(document) == other.link(document)


def test_explaining_changes_no_link_and_tells_what_was_refused(seed_linker: Linker) -> None:
    document = review("The alien met others. _Die Hard_ it is not.")
    plain, told = seed_linker.link(document), seed_linker.link(document, explain=True)
    assert [(link.mention, link.entity) for link in plain.links] == [
        (link.mention, link.entity) for link in told.links
    ]
    assert plain.rejected == ()
    assert all(link.entity is None and link.candidates for link in told.rejected)
    (link,) = told.links
    assert link.candidates[0].reasons
