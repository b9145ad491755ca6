"""One text that reviews several films is read film by film; a review of one is not taken apart."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from filmgraph.columns import sections
from filmgraph.documents import document_from_record
from filmgraph.extractor import Extraction, LinkedText, Rules
from filmgraph.linking import Linker
from filmgraph.model import Document
from filmgraph.reader import Reader
from linked import review

SHARK = "The shark still bites. Nothing since has come near it, and we are told so little that we see it everywhere."
WHALE = "A whale for the shark, and the same harbour. It is a shameless rip-off of Jaws and does not even hide it."
FERRY = "A ferry, a fog and a fine. It is plainly inspired by Hitchcock's _Psycho_, and the ferryman's house could be the Bates place."
INTRO = "Three to see this week. I still prefer Psycho."


def column(*headings: str, intro: str = INTRO, gap: str = "\n\n") -> str:
    bodies = (SHARK, WHALE, FERRY)
    return "\n\n".join([intro, *(gap.join(pair) for pair in zip(headings, bodies, strict=True))])


@pytest.mark.parametrize(
    ("headings", "gap"),
    [
        (("## _Jaws (1975)_", "## _Orca (1977)_", "## _The Quiet Ferryman (2022)_"), "\n"),
        (("**JAWS (19:00)**", "**ORCA (21:45)**", "**THE QUIET FERRYMAN (23:15)**"), "\n\n"),
        (("Jaws (6pm)", "Orca (8:15pm)", "The Quiet Ferryman (10pm)"), "\n "),
        (("1. Jaws (1975)", "2. Orca (1977)", "3. The Quiet Ferryman (2022)"), "\n"),
        (("> Jaws - out now", "> Orca - out now", "> The Quiet Ferryman - 19/10/22"), "\n\n"),
        (("**Jaws (1975)**:", "**Orca (1977)**:", "**The Quiet Ferryman (2022)**:"), " "),
    ],
)
def test_a_heading_for_each_film(seed_linker: Linker, headings: tuple[str, ...], gap: str) -> None:
    text = column(*headings, gap=gap)
    found = sections(review(text, None, None), seed_linker.names)
    assert [section.reviewed for section in found] == [False, True, True, True]
    for section in found:
        assert text[section.start :].startswith(section.document.text)
    assert "".join(section.document.text for section in found) == text
    reviewed = [seed_linker.link(section.document).reviewed for section in found[1:]]
    assert reviewed[:2] == ["film:tt0073195", "film:tt0076504"]
    assert (reviewed[2] or "").startswith("film:~the-quiet-ferryman")


@pytest.mark.parametrize(
    "text",
    [
        column("## The Story", "## The Cast", "## Verdict", intro="Jaws (1975) and Orca (1977)"),
        column("## Jaws (1975)", "## The Acting", "## The Music"),
        "Jaws and Orca, which of them?\n\nRelated:\n\n- Jaws (1975)\n- Orca (1977)\n- Psycho (1960)\n",
        f"_Jaws_ bites.\n\n{SHARK}\n\n_Orca_ does not.\n\n{WHALE}",
    ],
)
def test_what_is_no_column(seed_linker: Linker, text: str) -> None:
    assert sections(review(text, None, None), seed_linker.names) == []


def test_a_document_whose_film_is_known_is_no_column(seed_linker: Linker) -> None:
    text = column("## Jaws (1975)", "## Orca (1977)", "## The Quiet Ferryman (2022)")
    assert sections(review(text), seed_linker.names) == []
    assert sections(review(text, None, None, imdb_id="tt0073195"), seed_linker.names) == []


def test_a_section_about_no_film_ends_the_one_before(seed_linker: Linker) -> None:
    text = column("## Jaws (1975)", "## Orca (1977)", "## Conclusion", intro="")
    found = sections(review(text, None, None), seed_linker.names)
    assert [section.document.title for section in found] == ["Jaws", "Orca", None]


def test_emphasis_and_what_is_skipped_move_with_their_section(seed_linker: Linker) -> None:
    text = f"## Jaws (1975)\n\n{SHARK}\n\nImage: the harbour\n\n## Orca (1977)\n\n{WHALE} _Psycho_ is better."
    document = review(text, None, None)
    assert document.skip and document.emphasis
    for section in sections(document, seed_linker.names):
        for name in ("skip", "emphasis"):
            of_part = [section.document.text[a:b] for a, b in getattr(section.document, name)]
            held = [text[a:b] for a, b in getattr(document, name) if text[a:b] in section.document.text]
            assert of_part == held


# ── reading ─────────────────────────────────────────────────────────────────────────────────

COLUMN = column("## _Jaws_ (1975)", "## _Orca_ (1977)", "## _The Quiet Ferryman_ (2022)")


def test_each_section_is_read_as_a_review_of_its_film(seed_reader: Reader) -> None:
    found = seed_reader.extract(review(COLUMN, None, None), explain=True)
    said = {(c["subject"]["name"], c["relation"], c["object"]["name"]) for c in found["claims"]}
    assert said == {
        ("Orca: The Killer Whale", "imitates", "Jaws"),
        ("The Quiet Ferryman", "inspired_by", "Psycho"),
    }
    assert all(COLUMN[claim["start"] : claim["end"]] == claim["quote"] for claim in found["claims"])
    assert all(
        COLUMN[mention["start"] : mention["end"]] == mention["surface"] for mention in found["mentions"]
    )
    starts = [mention["start"] for mention in found["mentions"]]
    assert starts == sorted(starts)
    assert [film["title"] for film in found["films"]] == [
        "Psycho", "Jaws", "Orca: The Killer Whale", "The Quiet Ferryman",
    ]  # fmt: skip


def test_what_is_kept_of_a_column(seed_reader: Reader) -> None:
    reading = seed_reader.read(review(COLUMN, None, None))
    assert reading.review.film is None and reading.review.text == COLUMN
    assert len(reading.evidence) == 2
    assert all(COLUMN[item.start : item.end] == item.quote for item in reading.evidence)
    assert {item.review for item in reading.evidence} == {reading.review.id}
    assert [entity.name for entity in reading.entities] == ["The Quiet Ferryman"]


class Noting(Rules):
    """The rules, noting which film each text is said to review."""

    def __init__(self) -> None:
        super().__init__()
        self.reviewed: list[str | None] = []

    def extract(self, texts: Sequence[LinkedText], *, explain: bool = False) -> list[list[Extraction]]:
        self.reviewed += [text.linking.reviewed for text in texts]
        return super().extract(texts, explain=explain)


def test_an_extractor_is_given_sections_and_other_documents_whole(seed_reader: Reader) -> None:
    extractor = Noting()
    reader = Reader(seed_reader.catalog, extractor)
    single = review("Orca is a rip-off of Jaws.", "Orca", 1977)
    documents: list[Document] = [single, review(COLUMN, None, None), single]
    records = list(reader.extract_all(documents))
    assert extractor.reviewed == [
        "film:tt0076504",
        *(None, "film:tt0073195", "film:tt0076504", "film:~the-quiet-ferryman-2022"),
        "film:tt0076504",
    ]
    assert records[0] == records[2] and len(records[0]["claims"]) == 1 and len(records[1]["claims"]) == 2


def test_very_many_headings(seed_reader: Reader) -> None:
    text = "\n\n".join(f"# {title}\n\n{SHARK}" for title in ("Jaws (1975)", "Orca (1977)") * 100)
    found = seed_reader.extract(
        document_from_record({"text": text + "\n\n" + "# Jaws : 1:1:1:1:1:1:1:1:1:1:1:1:1x" * 2}, "x")
    )
    assert [film["year"] for film in found["films"]] == [1975, 1977]
