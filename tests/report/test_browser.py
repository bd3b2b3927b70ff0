"""The report page in a real browser, headless: Chromium as Debian has it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.migrate.report.model import Difference, Place
from infakt_compat.migrate.report.page import write_html

from .support import report


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the address of a page with everything in it."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    write_html(report("verify", "pl"), path)
    return path.as_uri()


@pytest.fixture
def shown(browser: Any, page_file: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give the page, shown; at its end nothing may have been said, asked for or run."""
    options = {"viewport": {"width": 1200, "height": 900}, **getattr(request, "param", {})}
    context = browser.new_context(**options)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda asked: said.append(asked.url) if asked.url != page_file else None)
    page.goto(page_file)
    yield page
    assert said == []
    assert "evil" not in page.title()
    context.close()


def numbers(page: Any, table: str) -> list[str]:
    """Give the first column of a table's visible rows."""
    found: list[str] = page.eval_on_selector_all(
        f"section[aria-labelledby={table}] tbody tr:not([hidden]) td:first-child",
        "cells => cells.map(cell => cell.textContent.trim())",
    )
    return found


def test_sorting(shown: Any) -> None:
    """By a head, up and down; numbers as numbers."""
    assert numbers(shown, "rejects")[:2] == ["30/05/2013", "29/05/2013"]
    head = shown.locator("section[aria-labelledby=rejects] th").first
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert numbers(shown, "rejects")[:3] == ["1/05/2013", "2/05/2013", "3/05/2013"]
    head.locator("button").click()
    assert numbers(shown, "rejects")[0] == "30/05/2013"


def test_sorting_by_amount(shown: Any) -> None:
    """Exactly, in grosze, below zero too."""
    shown.locator("summary", has_text="Sumy według miesięcy").click()
    table = shown.locator("section[aria-labelledby=sums] details table").first
    table.locator("th", has_text="brutto").locator("button").click()
    values = table.locator("tbody tr td:last-child").evaluate_all(
        "cells => cells.map(cell => Number(cell.dataset.value))"
    )
    assert values == sorted(values)
    assert values[0] < 0


def test_searching(shown: Any) -> None:
    """In every table and in the notices, any case; how many rows are left is said."""
    shown.locator("#search").fill("7/05/2013 ARCHIVE.XML")
    assert numbers(shown, "rejects") == ["27/05/2013", "17/05/2013", "7/05/2013"]
    assert numbers(shown, "differences") == []
    assert shown.locator(".finding:visible").count() == 0
    assert "3" in shown.locator("output").inner_text()
    shown.locator("#search").fill("")
    assert len(numbers(shown, "rejects")) == 30


@pytest.mark.parametrize(
    "shown", [{"viewport": {"width": 360, "height": 700}}], indirect=True, ids=["narrow"]
)
def test_narrow(shown: Any) -> None:
    """No side scrolling, and each value has its label."""
    for opened in shown.locator("summary").all():
        opened.click()
    widths = shown.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]
    label = "getComputedStyle(document.querySelector('tbody td'), '::before').content"
    assert shown.evaluate(label) not in ("none", '""')


#: The words of a table's cells that stand on several lines.
_BROKEN = """selector => {
  const broken = [];
  const walk = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    for (const word of walk.currentNode.data.matchAll(/\\S+/g)) {
      const range = document.createRange();
      range.setStart(walk.currentNode, word.index);
      range.setEnd(walk.currentNode, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(one => one.top)).size > 1) broken.push(word[0]);
    }
  }
  return broken;
}"""


@pytest.fixture
def differences(browser: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give a page of differences of every kind, shown in a width."""
    path = tmp_path / "proof.html"
    made = report("verify", "pl", rows=0)
    found = [
        ("data_wystawienia", "2013-05-10", "2013-05-11"),
        ("client_nip", "PL9452121681", "5252248481"),
        ("services[11].wartosc_brutto", "1234567.89", "1234567.88"),
        ("uwagi", "x" * 4000, "długi tekst " * 300),
    ]
    for position, (field, source, v3) in enumerate(found, 1):
        place = Place("archiwum.jsonl", position, f"{position}/05/2013", field)
        made.differences.add(Difference(place, source, v3, "totals.rounding"))
    write_html(made, path)
    page = browser.new_page(viewport={"width": request.param, "height": 900})
    page.goto(path.as_uri())
    yield page
    page.close()


@pytest.mark.parametrize("differences", [1200, 400], indirect=True)
def test_dates_numbers_and_names_are_whole(differences: Any) -> None:
    """No word is broken that a column is wide enough for; a longer one does not widen the page."""
    broken = differences.evaluate(_BROKEN, "section[aria-labelledby=differences] tbody")
    assert broken == ["x" * 4000]
    assert differences.evaluate(
        "[...document.querySelectorAll('html, .scroll')].every(o => o.scrollWidth <= o.clientWidth)"
    )


#: The contrast of every visible text with what is behind it (WCAG 2, 1.4.3).
_CONTRAST = """() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const part = value => {
      const c = value / 255;
      return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ink = parse(element.namespaceURI.includes("svg") ? style.fill : style.color);
    const [a, b] = [light(ink), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) low.push(`${element.tagName} ${element.className} ${ratio.toFixed(2)}`);
  }
  return [...new Set(low)];
}"""


@pytest.mark.parametrize(
    "shown", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True, ids=str
)
def test_contrast(shown: Any) -> None:
    """Every text can be read, in the light and in the dark."""
    for opened in shown.locator("summary").all():
        opened.click()
    assert shown.evaluate(_CONTRAST) == []


@pytest.mark.parametrize("shown", [{"color_scheme": "dark"}], indirect=True, ids=["dark"])
def test_dark_is_dark(shown: Any) -> None:
    """The page follows the reader's choice."""
    ground = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(15, 20, 27)"


@pytest.mark.parametrize(
    "shown", [{"java_script_enabled": False}], indirect=True, ids=["no script"]
)
def test_without_script(shown: Any) -> None:
    """Everything is there to be read; what needs the script is not shown."""
    assert shown.locator("section[aria-labelledby=rejects] tbody tr").count() == 30
    assert not shown.locator("#search").is_visible()


def test_printing(shown: Any, tmp_path: Path) -> None:
    """On paper there is no search box, and nothing is cut off at the side."""
    shown.emulate_media(media="print")
    assert not shown.locator("#search").is_visible()
    shown.pdf(path=tmp_path / "page.pdf", format="A4")
    assert (tmp_path / "page.pdf").stat().st_size > 10_000
