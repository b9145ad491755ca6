"""The pages in a real browser: each flow, the keyboard alone, no script, phone and paper, light and dark."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from chromium import check_accessible, chromium, keep, page_of
from filmgraph.catalog import Catalog
from filmgraph.index import LineageIndex
from filmgraph.ingest import ingest
from filmgraph.model import Document
from filmgraph.reader import Reader
from filmgraph.settings import Settings
from filmgraph.store import Store, open_store
from filmgraph.web import assets
from servers import serving
from test_pages import EVIL_ENTITIES, EVIL_READING

TOKEN = "a-token-for-the-desk"
HALLOWEEN = "/film/tt0077651"
EXPLORER = f"/lineage{HALLOWEEN}"
REVIEW = "Nobody is a clone of John Wick, and a poor one.\n\nIt is no copy of Halloween, though."


@pytest.fixture(scope="module")
def store(
    tmp_path_factory: pytest.TempPathFactory,
    seed_catalog: Catalog,
    seed_reader: Reader,
    seed_documents: list[Document],
) -> str:
    """A store of its own, since the desk writes to it: the seed, and a film that means harm."""
    path = str(tmp_path_factory.mktemp("browser") / "graph.db")
    with open_store(path) as made:
        made.import_entities(seed_catalog, source="seed")
        made.import_entities(EVIL_ENTITIES, source="evil")
        ingest(seed_documents, made, seed_reader)
        made.put([EVIL_READING])
    return path


@pytest.fixture(scope="module")
def client(store: str) -> Iterator[httpx.Client]:
    with serving(Settings(store=store, write_token=TOKEN, rate=0)) as found:
        yield found


@pytest.fixture(scope="module")
def base(client: httpx.Client) -> str:
    return str(client.base_url).rstrip("/")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser, base: str) -> Iterator[Page]:
    with page_of(browser, base) as found:
        yield found


def tie(page: Page, words: str) -> str:
    """The selector of the tie that says `words`."""
    return f'#stage .fg-tie a[aria-label*="{words}"]'


# ── every page, in either light ─────────────────────────────────────────────────────────────

STATES = {
    "home-full": "/",
    "film-full": HALLOWEEN,
    "person-full": "/person/nm0000118",
    "franchise-full": "/franchise/star-wars",
    "influence-full": "/influence/john-wick-formula",
    "work": "/work/dracula-novel",
    "search": "/search?q=haloween",
    "search-nothing": "/search?q=qqzzqqzz",
    "explorer": EXPLORER,
    "explorer-as-of": f"{EXPLORER}?as_of=1990-01-01&direction=descendants",
    "explorer-nothing-left": f"{EXPLORER}?belief=1",
    "path-full": "/path?from=Scream&to=Psycho",
    "path-did-you-mean": "/path?from=Screm&to=Psycho",
    "compare-full": "/compare?a=Scream&b=Halloween",
    "desk": "/desk",
    "not-found": "/film/halloween",
    "refused": f"{EXPLORER}?depth=many",
    "hostile-full": "/film/tt0000666",
    "hostile-explorer": "/lineage/film/tt0000666",
}


@pytest.mark.parametrize("name", STATES)
def test_every_page_is_accessible_and_fits(browser: Browser, base: str, name: str) -> None:
    with page_of(browser, base, color_scheme="light") as page:
        page.goto(STATES[name])
        check_accessible(page)
        keep(page, f"{name}-light")
        page.emulate_media(color_scheme="dark")
        check_accessible(page, "color-contrast")
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(50)
        wide = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{wide} pixels too wide for a phone"
        keep(page, f"{name}-dark-phone")


def test_a_review_page(page: Page, store: str) -> None:
    with open_store(store, readonly=True) as reader:
        review = next(review for review in reader.iter_reviews() if review.film == "film:tt0080761")
    page.goto(f"/review/{review.id.partition(':')[2]}")
    expect(page.locator("mark").first).to_be_visible()
    check_accessible(page)
    keep(page, "review-full-light")
    page.locator("aside .quote a", has_text="in its review").first.click()
    assert re.search(r"#evidence-\w+$", page.url)


# ── finding ─────────────────────────────────────────────────────────────────────────────────


def test_search_as_one_types_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/path")
    page.keyboard.press("/")
    page.keyboard.type("hallow", delay=15)
    options = page.locator('[role="option"]')
    expect(options.first).to_contain_text("Halloween")
    expect(page.locator('.top [role="combobox"]')).to_have_attribute("aria-expanded", "true")
    check_accessible(page)
    keep(page, "search-as-one-types-light")
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(page.locator('.top [role="combobox"]')).to_have_value("hallow")
    page.keyboard.type("een")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    words = options.first.text_content() or ""
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(film|franchise)/"))
    assert (page.locator("h1").text_content() or "").split()[0] in words


def test_a_path_is_asked_for_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/path")
    page.get_by_label("The later one").focus()
    page.keyboard.type("Scream (1996)")
    page.keyboard.press("Tab")
    page.keyboard.type("Psycho (1960)")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("from=Scream"))
    expect(page.locator(".hops .step").first).to_contain_text("Scream")
    expect(page.locator(".hops blockquote").first).to_be_visible()


# ── the explorer ────────────────────────────────────────────────────────────────────────────


def test_a_tie_says_who_says_so(page: Page) -> None:
    page.goto(EXPLORER)
    page.locator(tie(page, "Friday the 13th imitates Halloween")).first.click()
    panel = page.locator("#panel")
    expect(panel.locator("blockquote").first).to_contain_text("clone of")
    expect(panel).to_contain_text("Maud Ellery")
    expect(panel).to_contain_text("18 May 1980")
    expect(panel).to_contain_text("2 critics say so.")
    assert "claim=claim" in page.url
    expect(page.locator("#stage .fg-tie.chosen")).to_have_count(1)
    check_accessible(page)
    keep(page, "explorer-tie-light")
    page.reload()
    expect(panel.locator("blockquote").first).to_contain_text("clone of")
    page.go_back()
    expect(panel.locator("blockquote")).to_have_count(0)


def test_a_work_moves_into_the_middle_and_back(page: Page) -> None:
    page.goto(EXPLORER)
    page.evaluate(
        """() => { const animate = Element.prototype.animate; window.travelled = [];
             Element.prototype.animate = function (frames, how) {
               if (String(frames[0].transform).startsWith("translate")) window.travelled.push(this.dataset.id);
               return animate.call(this, frames, how); }; }"""
    )
    page.locator('#stage .fg-work a[aria-label="Psycho (1960)"]').click()
    page.wait_for_url("**/film/tt0054215")
    expect(page.locator("h1")).to_contain_text("Psycho")
    expect(page.locator("#stage .fg-focus-name")).to_have_text("Psycho")
    assert {"film:tt0054215", "film:tt0077651"} <= set(page.evaluate("window.travelled"))
    assert "Psycho" in page.title()
    page.go_back()
    expect(page.locator("#stage .fg-focus-name")).to_have_text("Halloween")


def test_pointing_traces_the_way(page: Page) -> None:
    page.goto(EXPLORER)
    page.locator('#stage .fg-work a[aria-label="Scream (1996)"]').hover()
    expect(page.locator("#stage svg.tracing")).to_have_count(1)
    lit = page.locator("#stage .fg-work.on").evaluate_all("found => found.map(one => one.dataset.id)")
    assert "film:tt0077651" in lit and "film:tt0117571" in lit and "film:tt0054215" not in lit
    keep(page, "explorer-traced-light")


def test_filters_make_addresses(page: Page) -> None:
    page.goto(EXPLORER)
    page.locator("summary", has_text="Filters").click()
    page.locator('input[name="relation"][value="imitates"]').check()
    page.wait_for_url("**relation=imitates")
    expect(page.locator("#stage .fg-tie")).to_have_count(2)
    page.locator('input[name="direction"][value="ancestors"]').check()
    page.wait_for_url("**direction=ancestors**")
    expect(page.locator("#panel")).to_contain_text("no tie to ask about")
    check_accessible(page)
    keep(page, "explorer-filters-light")
    page.go_back()
    expect(page.locator("#stage .fg-tie")).to_have_count(2)
    assert page.locator('input[name="relation"][value="imitates"]').is_checked()


def test_zoom_and_place_are_in_the_address(page: Page) -> None:
    page.goto(EXPLORER)
    stage = page.locator("#stage")
    stage.focus()
    before = stage.locator("svg").bounding_box()
    for key in ("+", "+", "ArrowLeft"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile(r"#-?\d+,-?\d+,[\d.]+$"))
    after = stage.locator("svg").bounding_box()
    assert before and after and after["width"] > before["width"] * 1.4
    page.reload()
    expect(stage.locator("svg")).to_have_css("transform", re.compile("matrix"))
    again = stage.locator("svg").bounding_box()
    assert again and abs(again["x"] - after["x"]) < 2 and abs(again["width"] - after["width"]) < 12
    page.mouse.move(500, 500)
    page.mouse.down()
    page.mouse.move(560, 540, steps=4)
    page.mouse.up()
    dragged = stage.locator("svg").bounding_box()
    assert dragged and abs(dragged["x"] - again["x"] - 60) < 2 and "claim=" not in page.url
    page.keyboard.press("0")
    page.wait_for_timeout(400)  # longer than the place that is now given up would take to be written
    assert "#" not in page.url
    page.mouse.wheel(0, -240)
    page.wait_for_url(re.compile("#"))
    page.locator('[data-zoom="fit"]').click()
    assert "#" not in page.url


def test_the_graph_grows_as_critics_write(page: Page, client: httpx.Client) -> None:
    first_day = client.get(EXPLORER, params={"as_of": "1978-11-19"}).text.count('class="fg-tie')
    assert 0 < first_day < client.get(EXPLORER).text.count('class="fg-tie')
    page.goto(EXPLORER)
    expect(page.locator("#stage .fg-tie.later")).to_have_count(0)
    page.locator("#play").click()
    expect(page.locator("#stage .fg-tie.later").first).to_be_attached()
    expect(page.locator("#play")).to_have_text("Play its growth", timeout=15_000)
    expect(page.locator("#stage .fg-tie.later")).to_have_count(0)
    slider = page.locator("#day")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("#day-shown")).to_have_text("1978-11-19")
    expect(page.locator("#stage .fg-tie:not(.later)")).to_have_count(first_day)
    assert "as_of=1978-11-19" in page.url
    page.reload()
    expect(page.locator("h1 ~ .facts")).to_contain_text("as of 1978-11-19")


def test_the_explorer_with_the_keyboard_alone(page: Page) -> None:
    page.goto(EXPLORER)
    page.locator("#stage").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if "imitates Halloween" in page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''"):
            break
    else:
        pytest.fail("the tie cannot be reached by Tab")
    expect(page.locator("#stage svg.tracing")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#panel blockquote").first).to_contain_text("clone of")
    page.locator("#panel .panel-close a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel blockquote")).to_have_count(0)


def test_exports_hold_the_state(page: Page) -> None:
    page.goto(f"{EXPLORER}?relation=imitates")
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as download:
        page.locator(".export a", has_text="JSON").click()
    assert download.value.suggested_filename == "lineage-tt0077651.json"
    assert '"Scream"' in Path(download.value.path()).read_text(encoding="utf-8")


def test_labels_stay_apart_in_a_real_browser(page: Page, seed_store: Store) -> None:
    """What the browser really sets, against what was worked out without one."""
    ranks = LineageIndex.build(seed_store).ranks("descendants", first=12)
    for rank in ranks:
        page.goto(f"/lineage/{rank.entity.replace(':', '/')}#0,0,1")
        boxes = page.evaluate(
            """() => [...document.querySelectorAll("#stage .fg-work")].map(work => {
                 const text = [...work.querySelectorAll("text")].map(one => one.getBoundingClientRect());
                 return [work.dataset.id, Math.min(...text.map(b => b.left)), Math.min(...text.map(b => b.top)),
                         Math.max(...text.map(b => b.right)), Math.max(...text.map(b => b.bottom))]; })"""
        )
        assert len(boxes) > 1
        for (a, al, at, ar, ab), (b, bl, bt, br, bb) in combinations(boxes, 2):
            assert ar <= bl or br <= al or ab <= bt or bb <= at, f"{a} and {b} overlap"
        ways = page.evaluate(
            """() => { const at = Object.fromEntries([...document.querySelectorAll("#stage .fg-work")].map(work => {
                 const dot = (work.querySelector(".fg-dot") ?? work.querySelector(".fg-focus")).getBoundingClientRect();
                 return [work.dataset.id, (dot.left + dot.right) / 2]; }));
                 return [...document.querySelectorAll("#stage .fg-tie")].map(tie => [at[tie.dataset.earlier], at[tie.dataset.later]]); }"""
        )
        assert ways and all(earlier < later for earlier, later in ways), "time runs to the right"


# ── the desk ────────────────────────────────────────────────────────────────────────────────


def test_the_desk_reads_stores_judges_and_undoes(page: Page, store: str) -> None:
    with open_store(store, readonly=True) as reader:
        before = reader.stats()
    page.goto("/desk")
    page.get_by_label("The review", exact=True).fill(REVIEW)
    page.locator("summary", has_text="What is known of it").click()
    page.get_by_label("Film", exact=True).fill("Nobody")
    page.get_by_label("Year").fill("2021")
    page.get_by_role("button", name="Read it").click()
    expect(page.locator(".prose p").first).to_contain_text("a clone of John Wick")
    expect(page.locator("a.mention", has_text="John Wick").first).to_be_visible()
    claim = page.locator(".reading .claim").first
    expect(claim).to_contain_text("imitates John Wick")
    claim.hover()
    expect(page.locator("mark.lit").first).to_be_visible()
    check_accessible(page)
    keep(page, "desk-read-full-light")
    said = page.locator("#token output")
    page.get_by_label("The server’s token").fill("wrong-token-wrong-token")
    page.get_by_role("button", name="Store it").click()
    expect(said).to_contain_text("token")
    page.get_by_label("The server’s token").fill(TOKEN)
    page.get_by_role("button", name="Store it").click()
    expect(said).to_contain_text("Stored")
    claim.get_by_role("button", name="Reject").click()
    expect(said).to_have_text("Rejected.")
    with open_store(store, readonly=True) as reader:
        assert reader.stats()["reviews"] == before["reviews"] + 1
        assert "Rejected by a person" in page.request.get(claim_address(claim)).text()
    page.get_by_role("button", name="Undo").click()
    expect(said).to_have_text("Undone.")
    assert "Rejected by a person" not in page.request.get(claim_address(claim)).text()
    keep(page, "desk-stored-full-light")
    other = page.get_by_role("button", name="John Wick means").first
    meant = (other.text_content() or "").strip()
    other.click()
    expect(said).to_contain_text("Corrected")
    stored = "/review/" + str(page.locator("#token").get_attribute("data-review")).partition(":")[2]
    assert f"imitates {meant}" in page.request.get(stored).text()
    page.get_by_role("button", name="Undo").click()
    expect(said).to_have_text("Undone.")
    assert "imitates John Wick (2014)" in page.request.get(stored).text()
    page.get_by_label("What “John Wick” means").fill("vertigo")
    page.locator('.verdict [role="option"]', has_text="Vertigo").first.click()
    expect(said).to_contain_text("Corrected")
    assert "imitates Vertigo (1958)" in page.request.get(stored).text()
    page.get_by_role("button", name="Undo").click()
    expect(said).to_have_text("Undone.")
    check_accessible(page)
    page.get_by_role("button", name="Take it back").click()
    expect(said).to_contain_text("Taken back")
    with open_store(store, readonly=True) as reader:
        after = reader.stats()
    assert {name: after[name] for name in ("reviews", "claims", "evidence")} == {
        name: before[name] for name in ("reviews", "claims", "evidence")
    }


def claim_address(claim: object) -> str:
    return "/claim/" + str(claim.get_attribute("data-claim")).partition(":")[2]  # type: ignore[attr-defined]


def test_graphiql_needs_no_internet(page: Page) -> None:
    if not all((assets.GRAPHIQL / name).is_file() for name in assets.GRAPHIQL_FILES):
        message = "GraphiQL was not fetched: `make graphiql`, with npm"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    page.goto("/graphql")
    page.locator("#examples").select_option(label="Who matters most")
    expect(page.locator(".graphiql-query-editor")).to_contain_text("mostInfluential")
    page.locator(".graphiql-execute-button").click()
    expect(page.locator(".result-window")).to_contain_text('"mostInfluential"')
    keep(page, "graphiql-light")


# ── without, and on paper ───────────────────────────────────────────────────────────────────


def test_without_scripts_everything_can_be_read(browser: Browser, base: str) -> None:
    with page_of(browser, base, java_script_enabled=False) as page:
        page.goto("/")
        page.locator(".hero input").fill("Halloween")
        page.keyboard.press("Enter")
        page.locator(".hits .name", has_text="Halloween").first.click()
        page.goto(HALLOWEEN)
        page.locator("a", has_text="Explore the lineage").click()
        page.locator(tie(page, "Friday the 13th imitates Halloween")).first.click()
        expect(page.locator("#panel blockquote").first).to_contain_text("clone of")
        page.goto("/desk")
        page.get_by_label("The review", exact=True).fill(REVIEW)
        page.get_by_role("button", name="Read it").click()
        expect(page.locator("mark").first).to_be_visible()


def test_on_paper(page: Page) -> None:
    page.goto(HALLOWEEN)
    page.emulate_media(media="print")
    expect(page.locator(".top nav")).to_be_hidden()
    expect(page.locator(".picture svg").first).to_be_visible()
    expect(page.locator("blockquote").first).to_be_visible()
    keep(page, "paper-full-light")


def test_hostile_words_do_nothing(page: Page) -> None:
    told: list[str] = []
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    for path in (
        "/film/tt0000666",
        "/lineage/film/tt0000666",
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/path?from=%22%3E%3Cimg%20src=x%3E&to=x",
    ):
        page.goto(path)
        assert page.locator("img").count() == 0
    page.goto("/")
    page.locator(".hero input").fill("script alert")
    page.wait_for_timeout(300)
    assert not told
