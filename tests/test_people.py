"""People by full name, by surname once it is clear whose, and by adjectives."""

from __future__ import annotations

import pytest

from filmgraph.linking import Linker
from linked import linked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("David Lynch would approve.", ["David Lynch = person:nm0000186"]),
        ("Hitchcock would have loved it.", ["Hitchcock = person:nm0000033"]),
        ("It is Kubrick's coldest hour.", ["Kubrick = person:nm0000040"]),
        ("A Kurosawa-esque parade.", ["Kurosawa-esque = person:nm0000041"]),
        ("Mr. Stranger Hitchcock called.", []),
        ("The lynch mob came.", []),
    ],
)
def test_people(seed_linker: Linker, text: str, expected: list[str]) -> None:
    assert linked(seed_linker, text) == expected


def test_a_surname_is_whom_the_review_has_named(seed_linker: Linker) -> None:
    found = linked(seed_linker, "Bob Odenkirk fights. Odenkirk wins.")
    assert found == ["Bob Odenkirk = person:nm0644022", "Odenkirk = person:nm0644022"]


def test_authors_that_no_catalogue_has_are_provisional(seed_linker: Linker) -> None:
    assert linked(seed_linker, "A Lovecraftian tale.") == ["Lovecraftian = person:~h-p-lovecraft"]
