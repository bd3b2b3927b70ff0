"""The report page as text: whole in itself, escaped, bounded, in both languages."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from attrs import evolve

from infakt_compat.errors import OutputFailed
from infakt_compat.migrate.report import page as pages
from infakt_compat.migrate.report import words
from infakt_compat.migrate.report.chart import HEIGHT, WIDTH, charts
from infakt_compat.migrate.report.model import (
    MOST_ROWS,
    Difference,
    Outcome,
    Place,
    Reason,
    Rejected,
    Report,
)
from infakt_compat.migrate.report.page import write_html
from infakt_compat.migrate.report.sums import Sums
from infakt_compat.migrate.report.words import WORDS, amount, field_name

from .support import EVIL, WHEN, report, sums


def written(made: Report, folder: Path) -> str:
    """Write a report and read the page."""
    path = folder / "page.html"
    write_html(made, path)
    return path.read_text("utf-8")


class _Tags(HTMLParser):
    """Gathers the elements of a page, and the links in them."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.links += [str(v) for k, v in attrs if k in ("src", "href", "action", "style")]
        self.links += [k for k, _ in attrs if k.startswith("on")]
        if tag not in ("meta", "input", "br", "line", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("line", "rect"):
            return
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", ["check", "import", "verify"])
@pytest.mark.parametrize("language", ["en", "pl"])
def test_the_page_is_whole_in_itself(tmp_path: Path, kind: str, language: str) -> None:
    """Nothing is loaded, every element is closed, and the words are the language's."""
    text = written(report(kind, language), tmp_path)
    tags = _Tags()
    tags.feed(text)
    assert tags.open == []
    assert tags.links == []
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    assert f'<html lang="{language}">' in text
    assert WORDS[language][kind] in text
    assert text.count("<script>") == text.count("</script>") == 1


def test_everything_is_escaped(tmp_path: Path) -> None:
    """Names, numbers, values and codes are other people's data."""
    text = written(report(), tmp_path)
    assert EVIL not in text
    assert "document.title=&#39;evil&#39;" in text
    assert "\x1b" not in text


def test_a_large_report_stays_small(tmp_path: Path) -> None:
    """The first rows are shown, and how many there are."""
    text = written(report(rows=MOST_ROWS + 7), tmp_path)
    assert text.count('class="explained"') + text.count('class="defect"') == MOST_ROWS
    assert text.count("1,000 of 1,007 are shown") == 2
    assert len(text) < 2_000_000


def test_an_empty_report(tmp_path: Path) -> None:
    """It says that there is nothing."""
    made = Report("verify", "pl", WHEN, Outcome("good", "Wszystko jest."))
    text = written(made, tmp_path)
    assert WORDS["pl"]["none_different"] in text
    assert WORDS["pl"]["none_rejected_verify"] in text
    assert WORDS["pl"]["none_rejected"] not in text
    assert "<svg" not in text


def test_a_field_is_named_once_and_as_a_reader_counts(tmp_path: Path) -> None:
    """Lines count from one, and a detail that repeats the field's name does without it."""
    made = report("import", "pl", rows=0)
    place = Place("a.json", 1, "1/05/2013")
    reason = Reason("totals.contradict", "razem_brutto", "razem_brutto 500.0 -> 123.0")
    made.rejects.add(Rejected(place, (reason,)))
    made.differences.add(Difference(evolve(place, path="services[0].jm"), "szt.", "godz."))
    text = written(made, tmp_path)
    assert "<code>razem_brutto</code> 500.0 -&gt; 123.0" in text
    assert "<code>pozycja 1: jm</code>" in text


@pytest.mark.parametrize(
    ("path", "english", "polish"),
    [
        ("numer", "numer", "numer"),
        ("services", "lines", "pozycje"),
        ("services[11]", "line 12", "pozycja 12"),
        ("services[0].stawka_vat", "line 1: stawka_vat", "pozycja 1: stawka_vat"),
        ("services.gross", "services.gross", "services.gross"),
    ],
)
def test_names_of_fields(path: str, english: str, polish: str) -> None:
    """As a reader knows them."""
    assert (field_name(path, "en"), field_name(path, "pl")) == (english, polish)


def test_differing_sums_show_both_sides(tmp_path: Path) -> None:
    """And equal ones one."""
    text = written(report("verify", "en", months=1), tmp_path)
    assert "1,234.56" in text
    assert "in v3 1,234.57" in text
    assert "w v3 1\u00a0234,57" in written(report("verify", "pl", months=1), tmp_path)
    assert "in v3 1" not in written(report("import", "en", months=1), tmp_path)


def test_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    """Is no defect of ours."""
    with pytest.raises(OutputFailed, match=r"page\.html"):
        write_html(report(), tmp_path / "none" / "page.html")


def test_every_word_is_there_in_both_languages_and_used() -> None:
    """A word that nothing says is left over."""
    assert WORDS["en"].keys() == WORDS["pl"].keys()
    text = "".join(pages._part(name) for name in ("page.html", "page.js"))
    for module in (pages, words):
        text += Path(str(module.__file__)).read_text("utf-8")
    families = ("kind_", "level_", "chart_", "check", "import", "verify")
    for name in WORDS["en"]:
        if not name.startswith(families):
            assert re.search(rf"words\.{name}\b|\[\"{name}\"\]", text), name


@pytest.mark.parametrize(
    ("grosze", "english", "polish"),
    [
        (0, "0.00", "0,00"),
        (5, "0.05", "0,05"),
        (-123456, "\u22121,234.56", "\u22121\u00a0234,56"),
        (10**14, "1,000,000,000,000.00", "1\u00a0000\u00a0000\u00a0000\u00a0000,00"),
    ],
)
def test_amounts(grosze: int, english: str, polish: str) -> None:
    """Two decimals, thousands apart, exact at any size."""
    assert amount(grosze, "en") == english
    assert amount(grosze, "pl") == polish


@pytest.mark.parametrize("months", [1, 2, 40, 49, 300])
def test_bars_stay_in_the_drawing(months: int) -> None:
    """However many months, up and down; many months become years, and nothing is lost."""
    chart = charts(sums(months), sums(months, 1))[0]
    assert chart.span == ("year" if months > 48 else "month")
    for bar in chart.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= WIDTH
        assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT
        assert (bar.height > 0) == (bar.amount != 0)
    total = sum(
        one.gross
        for (month, kind, currency), one in sums(months).months.items()
        if kind != "proforma" and currency == "PLN" and month
    )
    assert sum(bar.amount for bar in chart.bars if bar.side == "source") == total


def test_a_month_without_documents_has_its_place() -> None:
    """Time runs evenly from left to right."""
    made = Sums()
    for day in ("2012-11-01", "2013-02-01"):
        made.add({"invoice_date": day, "kind": "vat", "gross_price": 100})
    (chart,) = charts(made, None)
    assert [bar.span for bar in chart.bars] == ["2012-11", "2012-12", "2013-01", "2013-02"]
