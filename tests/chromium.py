"""A real Chromium, Debian's, driven by Playwright; every page in it is watched for errors and for requests elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-default-apps --hide-scrollbars"
).split()
SHOTS = Path(__file__).parents[1] / "build" / "screenshots"
SIZES = {"desktop": (1280, 860), "phone": (390, 844)}
PATIENCE = 15_000
"""Milliseconds: a machine that builds other things is slow."""
_AXE = Axe()
expect.set_options(timeout=PATIENCE)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; the test is skipped where there is none, and fails on CI."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        message = "no chromium: `apt-get install chromium`, or set CHROMIUM to the browser's path"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(browser: Browser, base: str, *, size: str = "desktop", **options: Any) -> Iterator[Page]:
    """A page of its own; at the end it must not have logged an error, nor asked anybody but `base`."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=base, **options)
    context.set_default_timeout(PATIENCE)
    page, wrong = context.new_page(), list[str]()
    page.on(
        "console",
        lambda said: wrong.append(f"console: {said.text}") if said.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on(
        "request",
        lambda request: None if request.url.startswith(base) else wrong.append(f"asked {request.url}"),
    )
    try:
        yield page
        allowed = ("status of 404", "status of 422", "status of 400")
        assert not [line for line in wrong if not any(words in line for words in allowed)]
    finally:
        context.close()


def check_accessible(page: Page, *rules: str) -> None:
    """axe finds no violation in the page as it is, of all its rules or of some."""
    options = {"runOnly": rules} if rules else {}
    found = _AXE.run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    told = [
        f"{item['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
        for item in found
        for node in item["nodes"]
    ]
    assert not told, "\n".join(told)


def keep(page: Page, name: str) -> None:
    """A screenshot for people to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page="full" in name, animations="disabled")
