"""The page in a browser, from the disk: it asks for nothing, breaks no rule of its policy, and fits a telephone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailgauge.pages import render_page
from report.report_samples import list_aws, list_counts, list_received, list_systems, make_finding, make_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

HOSTILE = '</script><img src="https://stranger.example/x" onerror="window.hit=1"><script>window.hit=1</script>'
LONG = "a-very-long-label-that-never-breaks." * 3 + "example"
WATCH = """
window.broken = [];
addEventListener("securitypolicyviolation", (event) => window.broken.push(event.violatedDirective), true);
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def html() -> str:
    """The page of the samples."""
    return render_page(make_page())


@dataclass
class Opened:
    """An open page, and what it did."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture
def look(browser: Browser, tmp_path: Path) -> Iterator[Look]:
    look = Look(browser, tmp_path / "page.html")
    yield look
    for context in browser.contexts:
        context.close()


@dataclass
class Look:
    """Opens a page from the disk."""

    browser: Browser
    path: Path

    def __call__(self, html: str, *, width: int = 1400, scheme: str = "light", scripts: bool = True) -> Opened:
        self.path.write_text(html, encoding="utf-8")
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
        )
        if scripts:
            context.add_init_script(WATCH)
        opened = Opened(context.new_page())
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        opened.page.on("console", lambda message: opened.errors.append(message.text))
        opened.page.goto(self.path.as_uri())
        return opened


def test_it_asks_for_nothing_and_draws_every_chart(look: Look, html: str) -> None:
    opened = look(html)
    assert opened.requests == [look.path.as_uri()]
    assert opened.errors == []
    assert opened.page.evaluate("window.broken") == []
    assert opened.page.locator(".chart .main-svg").count() >= 3
    assert opened.page.locator("#chart-complaints .scatterlayer path.js-line").count() == 4, (
        "two bands, and a line in two pieces"
    )
    assert opened.page.locator("#chart-volume .barlayer .point").count() == 7
    names = opened.page.locator("#chart-complaints .annotation-text").all_text_contents()
    assert names == ["0.1 % AWS reviews", "0.3 % alert", "0.5 % AWS may pause"]


def test_the_policy_does_stop_what_is_not_ours(look: Look, html: str) -> None:
    """The test above proves something only if the watching works."""
    changed = html.replace("</footer>", "</footer><script>window.hit = 1</script><i style='top:0'></i>")
    opened = look(changed)
    assert opened.page.evaluate("window.hit") is None
    assert set(opened.page.evaluate("window.broken")) == {"script-src-elem", "style-src-attr"}


def test_names_from_strangers_do_nothing(look: Look) -> None:
    finding = make_finding(title=HOSTILE, remedy=HOSTILE, resource=f"identity:{HOSTILE}")
    page = make_page(
        rows=list_counts(identity=HOSTILE, letters=HOSTILE),
        findings=(finding,),
        banner=(HOSTILE,),
        aws=list_aws(HOSTILE, HOSTILE),
        systems=list_systems(HOSTILE, HOSTILE, HOSTILE),
        received=list_received(HOSTILE),
    )
    opened = look(render_page(page))
    assert opened.page.evaluate("window.hit") is None
    assert opened.page.locator("main img").count() == 0
    assert opened.requests == [look.path.as_uri()]
    assert opened.page.locator(".banner li").inner_text() == HOSTILE


@pytest.mark.parametrize("identity", ["news.shop.example", LONG])
def test_it_fits_a_telephone(look: Look, identity: str) -> None:
    finding = make_finding(title=f"{identity} has no DMARC record.", resource=f"identity:{identity}")
    page = make_page(
        rows=list_counts(identity=identity, letters=identity),
        findings=(finding,),
        banner=(identity,),
        aws=list_aws(identity, identity),
        received=list_received(identity),
        systems=list_systems(identity, identity, identity),
    )
    opened = look(render_page(page), width=390)
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 390


def test_paper_holds_it_and_no_chart_lies_over_another(look: Look, html: str) -> None:
    opened = look(html, width=794)
    opened.page.emulate_media(media="print")
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 794
    boxes = [box.bounding_box() for box in opened.page.locator(".chart").all()]
    ends = [(box["y"], box["y"] + box["height"]) for box in boxes if box]
    assert len(ends) == 3
    assert all(first[1] <= second[0] and first[1] - first[0] > 200 for first, second in pairwise(ends))


def test_without_scripts_the_numbers_are_there(look: Look, html: str) -> None:
    opened = look(html, scripts=False)
    rows = opened.page.locator("#trend .chart-box").first.locator("tbody tr")
    assert rows.first.is_visible()
    assert rows.first.inner_text().split("\t") == ["17 Mar", "0.91\u00a0%", "34 of 3,739", "0.65–1.27\u00a0%"]
    assert not opened.page.locator("button").first.is_visible()


def test_the_buttons_copy_and_save(look: Look) -> None:
    page = make_page()
    opened = look(render_page(page))
    opened.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.page.get_by_role("button", name="Copy summary").click()
    assert opened.page.evaluate("navigator.clipboard.readText()") == page.summary
    opened.page.get_by_role("button", name="Copy fix: news.shop.example").click()
    assert opened.page.evaluate("navigator.clipboard.readText()") == page.findings[0].brief
    with opened.page.expect_download() as download:
        opened.page.get_by_role("button", name="JSON").click()
    assert download.value.suggested_filename == "mailgauge-2026-03-17.json"


def test_the_charts_follow_the_mode(look: Look, html: str) -> None:
    opened = look(html)
    line = opened.page.locator("#chart-delivery .scatterlayer path.js-line").first
    light = line.evaluate("(path) => getComputedStyle(path).stroke")
    opened.page.emulate_media(color_scheme="dark")
    dark = line.evaluate("(path) => getComputedStyle(path).stroke")
    assert (light, dark) == ("rgb(23, 96, 106)", "rgb(124, 196, 203)")


def test_a_range_shows_fewer_days(look: Look, html: str) -> None:
    opened = look(html)
    opened.page.get_by_role("button", name="7 days").click()
    shown = opened.page.evaluate("document.getElementById('chart-complaints').layout.xaxis.range")
    assert shown[0].startswith("2026-03-10")
