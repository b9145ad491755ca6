"""Offsets survive whatever is done to a text; names compare by what is spoken."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmgraph.text import _BOUNDARY, _boundaries, cut_words, normalise, sentences, title_key

TEXTS = st.text(
    alphabet=st.characters(codec="utf-8") | st.sampled_from("éÉ’“”–… .!?\n\t\u00a0'\"_*"), max_size=300
)


@given(TEXTS)
def test_normalising_moves_no_character(text: str) -> None:
    normal = normalise(text)
    assert len(normal) == len(text)
    assert normalise(normal) == normal


@given(TEXTS)
def test_words_are_spans_in_order_that_do_not_overlap(text: str) -> None:
    words = cut_words(normalise(text))
    bounds = [bound for span in zip(words.starts, words.ends, strict=True) for bound in span]
    assert bounds == sorted(bounds)
    assert all(start < end for start, end in zip(words.starts, words.ends, strict=True))
    assert all(0 <= number < len(words) for number in (words.at(start) for start in words.starts))
    assert [words.at(start) for start in words.starts] == list(range(len(words)))


@given(TEXTS)
def test_words_tell_what_stands_behind_them_and_whether_they_may_be_names(text: str) -> None:
    normal = normalise(text)
    words = cut_words(normal)
    following = [*words.starts[1:], len(normal)]
    assert words.gaps == [normal[end:start] for end, start in zip(words.ends, following, strict=False)]
    assert words.proper == [n for n, start in enumerate(words.starts) if not normal[start].islower()]
    assert words.of(set(words.keys)) == list(range(len(words)))


@given(TEXTS)
def test_a_sentence_ends_only_where_it_is_looked_for(text: str) -> None:
    normal = normalise(text)
    everywhere = [match.span() for match in _BOUNDARY.finditer(normal)]
    assert [match.span() for match in _boundaries(normal)] == everywhere


@given(TEXTS)
def test_sentences_hold_every_letter_once(text: str) -> None:
    normal = normalise(text)
    spans = sentences(normal)
    assert spans == sorted(spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
    held = "".join(normal[start:end] for start, end in spans)
    assert "<" in normal or [c for c in held if c.isalnum()] == [c for c in normal if c.isalnum()]


@given(TEXTS, st.integers(0, 300), st.integers(0, 300))
def test_what_is_skipped_is_in_no_sentence(text: str, one: int, two: int) -> None:
    normal = normalise(text)
    low, high = sorted((min(one, len(normal)), min(two, len(normal))))
    if low < high:
        assert all(end <= low or start >= high for start, end in sentences(normal, skip=[(low, high)]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Strange saw it. He left.", ["Dr. Strange saw it.", "He left."]),
        ("J. J. Abrams filmed it! Why?", ["J. J. Abrams filmed it!", "Why?"]),
        ("He said that (aloud). Then he went.", ["He said that (aloud).", "Then he went."]),
        ("One line\n\nAnother line", ["One line", "Another line"]),
        ("It ends here.<br /><br />It begins there.", ["It ends here.", "It begins there."]),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rocky II", "Rocky 2"),
        ("The Good, the Bad & the Ugly", "Good the Bad and the Ugly"),
        ("E.T.", "ET"),
        ("M*A*S*H", "MASH"),
        ("20,000 Leagues", "20000 Leagues"),
        ("Amélie", "Amelie"),
        ("Doctor Zhivago", "Dr. Zhivago"),
        ("Mega Shark vs. Giant Octopus", "Mega Shark versus Giant Octopus"),
        ("Three Colours: Blue", "Three Colors - Blue"),
    ],
)
def test_spellings_of_one_title(one: str, other: str) -> None:
    assert title_key(one) == title_key(other)


def test_titles_that_differ() -> None:
    assert title_key("Alien") != title_key("Aliens")
    assert title_key("The A") != title_key("The")


def test_blank_lines_without_end_are_passed_over_once() -> None:
    assert sentences("It ends.\n" + "\n" * 200_000) == [(0, 8)]
