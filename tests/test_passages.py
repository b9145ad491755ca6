"""Sentences keep what says something, and mentions that mean something by themselves."""

import pytest

from filmgraph.model import Film, Franchise
from passages import JAWS, NOVEL, mentioned


def words(text: str, **options: object) -> str:
    """The words of the first sentence, with names for mentions."""
    found = mentioned(text, **options)  # type: ignore[arg-type]
    names = {f"@{number}": span.name.upper() for number, span in enumerate(found.spans)}
    return " ".join(names.get(word, word) for word in found.sentences[0].words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('It copies "Jaws" badly.', "it copies JAWS badly ."),
        ("It copies *Jaws* (1975) badly.", "it copies JAWS badly ."),
        ("It copies Jaws (Spielberg, 1975) badly.", "it copies JAWS badly ."),
        ("Jaws's own shark.", "JAWS ' s own shark ."),
        ("It copies Hitchcock's classic thriller Psycho.", "it copies classic thriller PSYCHO ."),
        ("It copies Hitchcock and Psycho.", "it copies HITCHCOCK and PSYCHO ."),
    ],
)
def test_decorations_are_left_out(text: str, expected: str) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "described", "how", "kept"),
    [
        ("It is better than the original.", "the original", "anaphor", True),
        ("It is an original film.", "an original", "anaphor", False),
        ("It is a remake of the classic Psycho.", "remake", "anaphor", False),
        ("It is the Psycho sequel.", "sequel", "predecessor", False),
        ("It has less wit than the sharper original.", "original", "anaphor", True),
        ("The film is original and funny.", "original", "anaphor", False),
        ("The novel is longer.", "novel", "source", True),
        ("It finds a novel setting for its ship.", "novel", "source", False),
        ("His comic timing is poor.", "comic", "source", False),
        ("The comic book is better.", "comic book", "source", True),
    ],
)
def test_descriptions_that_name_nothing_are_no_mentions(
    text: str, described: str, how: str, kept: bool
) -> None:
    found = mentioned(text, described=[(described, NOVEL if how == "source" else JAWS, how)])
    assert any(span.how == how for span in found.spans) is kept


def test_a_maker_is_no_word_and_no_end_of_a_claim() -> None:
    found = mentioned("It copies Hitchcock's Psycho.")
    maker, film = found.spans
    assert maker.modifies and found.place(maker) is None
    assert not film.modifies and found.place(film) == 2


def test_a_film_is_akin_to_its_series() -> None:
    bond = Franchise("franchise:bond", "James Bond", members=("film:9",), origin="film:9")
    members = [
        Film("film:8", "Octopussy", 1983, franchises=("franchise:bond",)),
        Film("film:9", "Dr. No", 1962),
    ]
    for film in members:
        (series,) = mentioned("A Bond film.", film, [("Bond", bond, "series")]).spans
        reviewed = mentioned("Fine.", film, [("Fine", film, "name")]).spans[0]
        assert reviewed.is_akin(series)
    (series,) = mentioned("A Bond film.", described=[("Bond", bond, "series")]).spans
    assert not mentioned("I like Jaws.").spans[0].is_akin(series)
