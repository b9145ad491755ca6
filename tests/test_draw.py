"""Pictures: nothing overlaps, arrows point onward in time, and nothing that a title holds does harm."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from filmgraph.cli import cli
from filmgraph.draw import (
    FORMATS,
    Links,
    Wave,
    drawn,
    franchise_picture,
    lineage_svg,
    picture_of,
    wave_svg,
)
from filmgraph.draw.layout import Box, Layout, lay_out
from filmgraph.draw.metrics import fit, legible, lines, width
from filmgraph.draw.picture import Mood, Picture, Tie, Work
from filmgraph.draw.style import DARK, LIGHT
from filmgraph.errors import QueryError
from filmgraph.index import LineageIndex
from filmgraph.model import EntityKind, Franchise, Relation
from filmgraph.store import Store
from graphs import fill

SVG = "{http://www.w3.org/2000/svg}"
LINEAGE = [relation for relation in Relation if relation.is_lineage]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "שָׁלוֹם עולם",
    "مرحبا‮evil",
    "😀👩‍👩‍👧‍👦 emoji 🎬",
    "x" * 500,
    "七人の侍" * 30,
    "\x00\x1b[31m\ud800\ufffe control",
    "]]>&amp;&lt;--",
    "",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́",
]


def made_up(size: int, seed: int) -> Picture:
    """A picture of random works of many years and kinds, with ties outside of the tree."""
    chance = random.Random(seed)
    names = [
        "Gun",
        "The Last Killer",
        "A Very Long Title of a Film That Goes On, and On, and On",
        "七人の侍",
        *HOSTILE[:4],
    ]
    works = [Work("film:0", "John Wick", 2014, EntityKind.FILM, 0, 0, 1.0)]
    ties = []
    when = {"film:0": 2014}
    for number in range(1, size):
        side = -1 if number % 3 == 0 else 1
        near = chance.choice([work for work in works if work.side in (0, side)])
        when[f"film:{number}"] = when[near.id] + side * chance.randint(0, 9)
        year = None if chance.random() < 0.1 else when[f"film:{number}"]
        series = chance.choice(["franchise:a", "franchise:b", None, None, None])
        kind = EntityKind.FILM if series else chance.choice(list(EntityKind))
        work = Work(
            f"film:{number}", chance.choice(names), year, kind, side, near.generation + 1, 0.5, series
        )
        works.append(work)
        earlier, later = (near.id, work.id) if side > 0 else (work.id, near.id)
        ties.append(
            Tie(
                earlier,
                later,
                (chance.choice(LINEAGE),),
                chance.random(),
                (f"claim:{number}",),
                chance.choice(list(Mood)),
            )
        )
    for one, other in combinations(works[1:], 2):
        if one.side == other.side and chance.random() < 2 / size and when[one.id] < when[other.id]:
            ties.append(Tie(one.id, other.id, (Relation.IMITATES,), chance.random(), ("claim:x",)))
    return Picture(
        "The lineage of John Wick",
        tuple(works),
        tuple(ties),
        7,
        312,
        {"franchise:a": "A", "franchise:b": "B"},
    )


def overlaps(boxes: Iterable[Box]) -> list[tuple[str, str]]:
    return [
        (a.label, b.label)
        for a, b in combinations(boxes, 2)
        if a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom
    ]


def check_geometry(picture: Picture, layout: Layout) -> None:
    assert len(layout.boxes) == len(picture.works)
    assert not overlaps(layout.boxes)
    for box in layout.boxes:
        assert 0 <= box.left < box.right <= layout.width and 0 <= box.top < box.bottom <= layout.height
    at = {box.work.id: box for box in layout.boxes}
    drawn_ties = {(route.tie.earlier, route.tie.later) for route in layout.routes}
    assert drawn_ties == {(tie.earlier, tie.later) for tie in picture.ties}
    for route in layout.routes:
        if route.own:
            assert route.points[0][0] < route.points[-1][0], "time runs to the right"
            for (ax, ay), (bx, by) in pairwise(route.points):
                assert ax == pytest.approx(bx) or (ay == pytest.approx(by) and ax < bx)
                for box in layout.boxes:
                    if box.work.id not in (route.tie.earlier, route.tie.later):
                        low, high = sorted((ay, by))
                        inside = (
                            ax < box.right
                            and box.left < bx + 0.01
                            and low < box.bottom
                            and box.top < high + 0.01
                        )
                        assert not inside, f"{route.tie} runs through {box.label}"
        assert at[route.tie.earlier].x < at[route.tie.later].x
    years = [(tick.x, tick.year) for tick in layout.ticks]
    assert years == sorted(years)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("size", [2, 9, 45, 140])
def test_nothing_overlaps_and_time_runs_to_the_right(size: int, seed: int) -> None:
    picture = made_up(size, seed)
    check_geometry(picture, lay_out(picture))


def test_the_lineages_of_the_seed(seed_store: Store) -> None:
    index = LineageIndex.build(seed_store)
    found = [rank.entity for rank in index.ranks("descendants", first=12)]
    found += [rank.entity for rank in index.ranks("long_gap", first=4)]
    assert len(set(found)) >= 12
    for id in found:
        picture = picture_of(
            seed_store, *(index.lineage(id, direction=way) for way in ("ancestors", "descendants"))
        )
        assert len(picture.works) > 1
        check_geometry(picture, lay_out(picture))
        ET.fromstring(lineage_svg(picture))


def test_years_stand_in_their_order_on_either_side() -> None:
    picture = made_up(60, 3)
    boxes = [box for box in lay_out(picture).boxes if box.work.year]
    for side in (-1, 1):
        by_id = {box.work.id: box for box in boxes if box.work.side in (0, side)}
        for tie in picture.ties:
            if tie.earlier in by_id and tie.later in by_id:
                assert by_id[tie.earlier].x < by_id[tie.later].x


def test_the_strongest_stand_nearest() -> None:
    works = [Work("film:0", "Root", 2000, EntityKind.FILM, 0, 0, 1.0)]
    works += [Work(f"film:{n}", f"Film {n}", 2010, EntityKind.FILM, 1, 1, 0.5) for n in range(1, 8)]
    ties = [Tie("film:0", f"film:{n}", (Relation.IMITATES,), n / 10, ()) for n in range(1, 8)]
    layout = lay_out(Picture("t", tuple(works), tuple(ties)))
    away = {box.work.id: abs(box.y - layout.boxes[0].y) for box in layout.boxes[1:]}
    assert sorted(away, key=lambda id: (away[id], id))[0] == "film:7"
    assert max(away, key=lambda id: away[id]) == "film:1"


def test_what_is_left_out_is_counted(seed_store: Store) -> None:
    index = LineageIndex.build(seed_store)
    best = index.ranks("descendants", first=1)[0]
    picture = picture_of(seed_store, index.lineage(best.entity, limit=1))
    assert picture.after == best.value - 1
    assert f"+{picture.after} more" in lineage_svg(picture)


def test_a_hub_stays_readable() -> None:
    works = [Work("film:0", "Jaws", 1975, EntityKind.FILM, 0, 0, 1.0)]
    works += [Work(f"film:{n}", f"Film {n}", 1976 + n % 40, EntityKind.FILM, 1, 1, 0.5) for n in range(1, 81)]
    ties = [Tie("film:0", f"film:{n}", (Relation.IMITATES,), n / 100, ()) for n in range(1, 81)]
    picture = Picture("Jaws", tuple(works), tuple(ties), 0, 9_920)
    layout = lay_out(picture)
    check_geometry(picture, layout)
    assert layout.width < 2000 and "+9,920 more" in lineage_svg(picture)


def test_text_is_text_and_everything_is_told(seed_store: Store) -> None:
    index = LineageIndex.build(seed_store)
    picture = picture_of(
        seed_store, index.lineage("film:tt0077651", direction="ancestors"), index.lineage("film:tt0077651")
    )
    root = ET.fromstring(lineage_svg(picture))
    assert root.get("role") == "img" and root.find(f"{SVG}title").text == "The lineage of Halloween"  # type: ignore[union-attr]
    said = root.find(f"{SVG}desc").text  # type: ignore[union-attr]
    assert said and "Friday the 13th imitates Halloween" in said
    names = {node.text for node in root.iter(f"{SVG}tspan")} | {node.text for node in root.iter(f"{SVG}text")}
    assert {work.name for work in picture.works} <= names
    ties = [node for node in root.iter(f"{SVG}g") if "fg-tie" in node.get("class", "")]
    assert len(ties) == len(picture.ties) and all(node.find(f".//{SVG}title") is not None for node in ties)
    assert {node.get("data-since") for node in ties} != {None}
    assert root.find(f".//{SVG}a") is None


def test_a_page_gives_links() -> None:
    picture = made_up(9, 1)
    links = Links(
        lambda work: f"/go?{work.id}&x", lambda tie: f"/tie?{tie.claims[0]}", lambda side: f"/more?{side}"
    )
    root = ET.fromstring(lineage_svg(picture, links=links, styled=False))
    assert root.get("role") == "group" and root.find(f"{SVG}style") is None
    assert len(list(root.iter(f"{SVG}a"))) == len(picture.works) + len(picture.ties) + 2
    assert all(node.get("aria-label") for node in root.iter(f"{SVG}a"))


def test_stance_is_told_without_colour() -> None:
    heads = {}
    for mood in Mood:
        works = (
            Work("film:0", "A", 2000, EntityKind.FILM, 0, 0, 1),
            Work("film:1", "B", 2001, EntityKind.FILM, 1, 1, 1),
        )
        tie = Tie("film:0", "film:1", (Relation.IMITATES,), 0.5, (), mood)
        svg = lineage_svg(Picture("t", works, (tie,)), theme="light")
        root = ET.fromstring(svg)
        group = next(node for node in root.iter(f"{SVG}g") if "fg-tie" in node.get("class", ""))
        head = next(node for node in group.iter(f"{SVG}path") if node.get("class") == "fg-head")
        hollow = f".fg-{mood} .fg-head{{fill:{LIGHT['paper']}}}" in svg
        heads[mood] = (str(head.get("d")).count("L"), str(head.get("d")).endswith("Z"), hollow)
    assert len(set(heads.values())) == len(Mood)


def luminance(colour: str) -> float:
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_can_be_read(colours: dict[str, str]) -> None:
    for ground in ("paper", *(f"tint-{n}" for n in range(6))):
        assert contrast(colours["ink"], colours[ground]) >= 7
        assert contrast(colours["soft"], colours[ground]) >= 4.5
        for mood in Mood:
            assert contrast(colours[mood], colours[ground]) >= 3


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_harmless_and_legible(name: str) -> None:
    works = (
        Work("film:0", name, 2000, EntityKind.FILM, 0, 0, 1),
        Work("film:~a\"'>", name, 2001, EntityKind.FILM, 1, 1, 1, "f"),
    )
    ties = (Tie("film:0", works[1].id, (Relation.IMITATES,), 0.5, ("c",), via=(name,)),)
    picture = Picture(f"The lineage of {name}", works, ties, names={"f": name})
    check_geometry(picture, lay_out(picture))
    svg = lineage_svg(picture)
    root = ET.fromstring(svg)
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {
        "svg", "title", "desc", "style", "rect", "text", "tspan", "g", "path", "circle",
    }  # fmt: skip
    assert not [key for node in root.iter() for key in node.keys() if key.startswith("on")]  # noqa: SIM118
    assert "\u202e" not in svg
    for form in ("dot", "mermaid"):
        text = drawn(picture, form).decode()
        assert "\x1b" not in text and "\u202e" not in text and (form == "dot" or "<script" not in text)


def test_formats(seed_store: Store) -> None:
    index = LineageIndex.build(seed_store)
    picture = picture_of(seed_store, index.lineage("film:tt0077651"))
    starts = {
        "svg": b"<svg ",
        "png": b"\x89PNG\r\n",
        "pdf": b"%PDF-",
        "dot": b"digraph",
        "mermaid": b"flowchart LR",
    }
    assert set(starts) == set(FORMATS.values())
    for form, start in starts.items():
        assert drawn(picture, form).startswith(start)
    assert drawn(picture, "svg") == drawn(picture, "svg")
    assert drawn(picture, "svg", theme="dark") != drawn(picture, "svg", theme="light")
    dot = drawn(picture, "dot").decode()
    assert '"film:tt0077651" -> "film:tt0080761"' in dot, "arrows run with time"


def test_in_a_notebook_a_lineage_is_a_picture(seed_store: Store) -> None:
    lineage = LineageIndex.build(seed_store).lineage("film:tt0077651")
    assert "Friday the 13th" in str(lineage._repr_svg_())


def test_as_of_a_day_only_what_was_said(seed_store: Store) -> None:
    day = date(2030, 1, 1)
    index = LineageIndex.build(seed_store, as_of=day)
    picture = picture_of(seed_store, index.lineage("film:tt0077651"), as_of=day)
    assert all(tie.since and tie.since <= day for tie in picture.ties)


def test_the_films_of_a_franchise(seed_store: Store) -> None:
    index = LineageIndex.build(seed_store)
    for franchise in seed_store.iter_entities(EntityKind.FRANCHISE):
        assert isinstance(franchise, Franchise)
        picture = franchise_picture(seed_store, index, franchise)
        check_geometry(picture, lay_out(picture))
        assert len(picture.works) == max(1, len(seed_store.entities(franchise.members)))


def test_a_wave_counts_by_year() -> None:
    counts = {2015: {Relation.IMITATES: 3, Relation.PARODIES: 1}, 2019: dict.fromkeys(LINEAGE, 2)}
    svg = wave_svg(Wave("John Wick", 2014, counts))
    root = ET.fromstring(svg)
    assert len([node for node in root.iter(f"{SVG}g") if node.get("data-year")]) == 2
    assert "2015: 3 imitates" in svg and "4 in 2015" in svg
    assert "No critic" in wave_svg(Wave("Nothing", None, {}))


def test_text_is_fitted() -> None:
    for name in HOSTILE:
        shown = fit(legible(name), 120, 13)
        assert shown and width(shown, 13) <= 120
        assert len(lines(legible(name), 190, 16, 2)) <= 2
        assert all(width(line, 16) <= 190 for line in lines(legible(name), 190, 16, 2))


@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "dot", "mmd"])
def test_the_command_writes_what_the_ending_says(tmp_path: Path, ending: str) -> None:
    store, file = fill(tmp_path / "graph.db"), tmp_path / f"wick.{ending}"
    done = CliRunner().invoke(cli, ["draw", "John Wick (2014)", "-o", str(file), "--store", store])
    assert done.exit_code == 0, done.output
    assert len(file.read_bytes()) > 200


@pytest.mark.parametrize("kind", ["lineage", "wave", "franchise"])
def test_the_command_draws_each_kind(tmp_path: Path, kind: str) -> None:
    store = fill(tmp_path / "graph.db")
    done = CliRunner().invoke(cli, ["draw", "John Wick", "--kind", kind, "--store", store])
    assert done.exit_code == 0 and "John Wick" in "".join(ET.fromstring(done.output).itertext())


def test_the_command_says_what_it_cannot_draw(tmp_path: Path) -> None:
    store = fill(tmp_path / "graph.db")
    for arguments in (["-o", "wick.gif"], ["-o", str(tmp_path / "a.dot"), "--kind", "wave"]):
        done = CliRunner().invoke(cli, ["draw", "John Wick", *arguments, "--store", store])
        assert isinstance(done.exception, QueryError), done.output


def test_the_picture_of_the_readme() -> None:
    folder = Path(__file__).parents[1]
    readme = (folder / "README.md").read_text(encoding="utf-8")
    (name,) = re.findall(r"!\[[^]]+\]\((docs/pictures/[^)]+)\)", readme)
    assert "Jaws" in "".join(ET.parse(folder / name).getroot().itertext())
