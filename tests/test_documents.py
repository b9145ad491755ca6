"""Documents in every format, from every place, and what is refused."""

from __future__ import annotations

import gzip
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmgraph.documents import document_from_record, expected, read
from filmgraph.errors import DocumentError
from filmgraph.fields import parse_date
from filmgraph.model import Document
from filmgraph.plain import parse_text
from filmgraph.settings import Settings

SMALL = Settings(max_document_chars=1_000, fetch_timeout=1.0, fetch_max_bytes=20_000)
PROSE = "Orca is a shameless rip-off of Jaws, and the whale deserves better. " * 4


def load(
    *sources: object, stdin: bytes | None = None, **options: bool
) -> tuple[list[Document], list[DocumentError]]:
    errors: list[DocumentError] = []
    stream = io.BytesIO(stdin) if stdin is not None else None
    found = list(read(map(str, sources), SMALL, on_error=errors.append, stdin=stream, **options))
    return found, errors


def test_front_matter(tmp_path: Path) -> None:
    file = tmp_path / "orca.md"
    file.write_text(
        "---\nfilm: Orca\nyear: 1977\nreviewer: Ann Onym\noutlet: The Reel\ndate: 1999-05-04\nrating: 2/5\n"
        "---\n\nA rip-off of *Jaws*.\n",
        encoding="utf-8",
    )
    ((document,), errors) = load(file)
    assert not errors
    assert (document.title, document.year, document.reviewer, document.outlet) == (
        "Orca",
        1977,
        "Ann Onym",
        "The Reel",
    )
    assert (document.published, document.rating, document.rating_scale) == (date(1999, 5, 4), 2, 5)
    assert [document.text[a:b] for a, b in document.emphasis] == ["Jaws"] and "film:" not in document.text


def test_what_is_to_come_is_counted_where_that_is_cheap(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(PROSE, encoding="utf-8")
    lines = b'{"text": "One."}\n\n{"text": "Two."}\n'
    (tmp_path / "b.jsonl").write_bytes(lines)
    with gzip.open(tmp_path / "c.jsonl.gz", "wb") as file:
        file.write(lines)
    assert expected([str(tmp_path)]) == len(load(tmp_path)[0]) == 5
    assert expected([str(tmp_path / "*.txt")]) == 1
    assert expected([str(tmp_path / "none.txt")]) == 0
    (tmp_path / "d.csv").write_text("text\nOne.\n", encoding="utf-8")
    assert expected([str(tmp_path)]) is expected(["-"]) is expected(["https://example.org/a"]) is None


def test_metadata_in_plain_text() -> None:
    text = (
        "Film / Reviews\n\nOrca Review\n\nMay 4, 1999 | Posted by Ann Onym\nOrca Image Credit: Someone/Somewhere\n"
        "Your Grade\n\nA rip-off.\n\nThe final score: review Poor\n\narticle topics :\n\nOrca, Ann Onym"
    )
    document = parse_text(text, "x")
    assert (document.title, document.reviewer, document.published) == ("Orca", "Ann Onym", date(1999, 5, 4))
    assert (document.verdict, document.rating) == ("Poor", None)
    skipped = [text[a:b] for a, b in document.skip]
    assert any("Someone/Somewhere" in part for part in skipped) and any(
        "Orca, Ann Onym" in part for part in skipped
    )
    assert not any("rip-off" in part for part in skipped)


def test_a_paragraph_that_speaks_of_pictures_is_read() -> None:
    paragraph = "It is a picture by a master of suspense, who knew his trade. " * 4
    assert parse_text(paragraph, "x").skip == ()
    assert parse_text("Photo by Ann Onym\n\n" + paragraph, "x").skip == ((0, 17),)


def test_a_critics_comments_are_read_and_their_number_is_not() -> None:
    told = "Comments: supposed to be a sequel, and it is not funny at all.\nNor is it short."
    assert parse_text(told, "x").skip == ()
    assert parse_text(f"{told}\n\nComments: 12", "x").skip == ((len(told) + 2, len(told) + 14),)


def test_tables(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "text": PROSE, "title": "Orca", "year": 1977},
        {"id": "b", "text": PROSE, "rating": 7},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with gzip.open(tmp_path / "b.jsonl.gz", "wt") as file:
        file.write("\n".join(map(json.dumps, rows)))
    (tmp_path / "c.csv").write_text(f'id,text,title,year\na,"{PROSE}",Orca,1977\n', encoding="utf-8")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "d.parquet")
    found, errors = load(tmp_path)
    assert not errors and [d.id for d in found] == ["a", "b", "a", "b", "a", "a", "b"]
    assert {(d.title, d.year) for d in found if d.id == "a"} == {("Orca", 1977)}
    assert load(tmp_path / "*.jsonl")[0] == found[:2]


def test_pages(tmp_path: Path) -> None:
    data = {
        "@graph": [
            {
                "@type": "Review",
                "author": {"name": "Ann Onym"},
                "publisher": {"name": "The Reel"},
                "datePublished": "1999-05-04",
                "reviewRating": {"ratingValue": 2, "bestRating": 5},
                "itemReviewed": {
                    "@type": "Movie", "name": "Orca", "dateCreated": "1977", "sameAs": "https://x.test/tt0076504/",
                },
            }
        ]
    }  # fmt: skip
    page = (
        f'<html><head><script type="application/ld+json">{json.dumps(data)}</script></head><body>'
        "<nav>Home Films Jaws 2</nav><article><p>Orca [1977] steals its plot * from <em>Jaws [1975]</em>, and its fisherman too; "
        "the sea is the only thing in it that was there before.</p><figure><figcaption>Image: A Whale</figcaption>"
        f"</figure><p>{PROSE}</p></article><footer>Terms</footer></body></html>"
    )
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    ((document,), errors) = load(tmp_path / "a.html")
    assert not errors
    assert (document.title, document.year, document.imdb_id) == ("Orca", 1977, "tt0076504")
    assert (document.reviewer, document.outlet, document.published) == (
        "Ann Onym",
        "The Reel",
        date(1999, 5, 4),
    )
    assert (document.rating, document.rating_scale) == (2, 5)
    assert [document.text[a:b] for a, b in document.emphasis] == ["Jaws [1975]"]
    assert document.text.startswith("Orca [1977] steals its plot * from Jaws [1975], and")
    assert "A Whale" not in document.text and "Terms" not in document.text


@pytest.mark.parametrize(
    "part", ["<nav ", "<nav>", "<head>", "<script type='application/ld+json'>", "[", "*a "]
)
def test_endless_pages_are_read_or_refused_at_once(tmp_path: Path, part: str) -> None:
    """What would take hours where a pattern is tried from every place takes a moment in one pass."""
    page = tmp_path / "a.html"
    page.write_text(f"<html><body>{part * 100_000}<p>{PROSE}</p></body></html>", encoding="utf-8")
    errors: list[DocumentError] = []
    found = list(read([str(page)], Settings(), on_error=errors.append))
    assert len(found) + len(errors) == 1


def test_feeds(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(
        "<?xml version='1.0'?><rss version='2.0'><channel><title>The Reel</title><item><title>Orca (1977) review"
        "</title><author>Ann</author><pubDate>Tue, 04 May 1999 10:00:00 GMT</pubDate><link>https://x.test/1</link>"
        f"<description><![CDATA[<p>{PROSE}</p>]]></description></item></channel></rss>",
        encoding="utf-8",
    )
    ((document,), errors) = load(tmp_path / "a.xml")
    assert not errors and document.text.startswith("Orca is a shameless")
    assert (document.title, document.year, document.outlet, document.url) == (
        "Orca",
        1977,
        "The Reel",
        "https://x.test/1",
    )
    assert document.published == date(1999, 5, 4)


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("a.txt", b"  \n ", "is empty"),
        ("b.txt", b"\x00\x01\x02" * 50, "is binary"),
        ("c.txt", b"caf\xe9 au lait", "not valid UTF-8 at byte 3"),
        ("d.txt", b"long " * 500, "over the limit of 1,000"),
        ("e.md", b"---\nfilm: [\n---\nText.", "front matter is no YAML"),
        ("f.html", b"<html><body></body></html>", "no running text"),
        ("g.parquet", b"PAR1 not really", "no readable Parquet"),
        ("h.xml", b"<?xml version='1.0'?><rss></rss>", "no RSS or Atom"),
        ("i.jsonl.gz", b"not gzip", "cannot be read"),
    ],
)
def test_what_is_refused(tmp_path: Path, name: str, body: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(body)
    (tmp_path / "z.txt").write_text("Fine.", encoding="utf-8")
    found, errors = load(tmp_path / name, tmp_path / "z.txt")
    assert [document.text for document in found] == ["Fine."]
    assert len(errors) == 1 and name in str(errors[0]) and reason in str(errors[0])


def test_a_bad_line_is_named_and_the_rest_goes_on() -> None:
    lines = b'{"text": "One."}\n{broken\n[]\n{"id": 4}\n{"text": "Five.", "year": "x"}\n{"text": "Six."}\n'
    found, errors = load("-", stdin=lines)
    assert [document.text for document in found] == ["One.", "Six."]
    assert [error.place.rpartition(" ")[2] for error in errors] == ["2", "3", "4", "5"]


def test_missing_places() -> None:
    found, errors = load("no/such.txt", "no/*.txt")
    assert not found and len(errors) == 2


def test_encodings(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Amélie".encode("utf-16"))
    (tmp_path / "b.txt").write_bytes("Amélie".encode("utf-8-sig"))
    (tmp_path / "c.html").write_bytes(
        f'<meta charset="cp1252"><body><p>Amélie. {PROSE}</p></body>'.encode("cp1252")
    )
    found, errors = load(tmp_path)
    assert not errors and all(document.text.startswith("Amélie") for document in found)


class Site(BaseHTTPRequestHandler):
    """A small site that behaves and misbehaves by path."""

    def do_GET(self) -> None:
        name = self.path.strip("/")
        if name == "again":
            self.send_response(302)
            self.send_header("Location", "/again")
            self.end_headers()
            return
        if name == "moved":
            self.send_response(301)
            self.send_header("Location", "/fine")
            self.end_headers()
            return
        self.send_response(404 if name == "missing" else 200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        if name == "large":
            self.wfile.write(b"x" * 30_000)
        elif name == "slow":
            threading.Event().wait(3)
        else:
            self.wfile.write(PROSE.encode())

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_fetching_keeps_its_limits() -> None:
    with site() as root:
        ((document,), errors) = load(f"{root}/moved", allow_loopback=True)
        assert not errors and document.text == PROSE and document.url == f"{root}/fine"
        for path, reason in {
            "again": "redirects more than 5 times",
            "large": "larger than 20,000 bytes",
            "slow": "took longer than 1 s",
            "missing": "status 404",
        }.items():
            found, errors = load(f"{root}/{path}", allow_loopback=True)
            assert not found and reason in str(errors[0])
        found, errors = load(f"{root}/fine")
        assert not found and "private address" in str(errors[0])


@pytest.mark.parametrize(
    "host",
    ["localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "0.0.0.0"],
)
def test_private_addresses_are_refused(host: str) -> None:
    found, errors = load(f"http://{host}/")
    assert not found and "private address" in str(errors[0])


@given(st.text(max_size=300))
def test_offsets_lie_within_any_text(text: str) -> None:
    document = parse_text(text, "x", front_matter=False)
    assert document.text == text
    assert all(0 <= a <= b <= len(text) for a, b in (*document.skip, *document.emphasis))


@given(
    st.dictionaries(
        st.sampled_from(["text", "year", "date", "rating", "title", "id"]), st.integers() | st.text()
    )
)
def test_any_record_is_read_or_refused(record: dict[str, object]) -> None:
    try:
        assert document_from_record(record, "x").text == record["text"]
    except DocumentError as error:
        assert "text" in str(error) or "year" in str(error)


def test_dates_that_are_none() -> None:
    assert parse_date("2023-02-31") is None and parse_date("no date") is None
