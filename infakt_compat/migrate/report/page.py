"""The report as one page that works without network (`page.html`).

Everything in it is other people's data: it is escaped by the template engine, and a policy in the
page lets nothing run or load but the page's own style and script.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from infakt_compat.errors import OutputFailed
from infakt_compat.migrate.report.chart import HEIGHT, WIDTH, charts
from infakt_compat.migrate.report.model import Difference, Finding, Place, Reason, Report
from infakt_compat.migrate.report.sums import Amounts, Sums
from infakt_compat.migrate.report.words import WORDS, amount, field_name, whole
from infakt_compat.tables.load import tables

#: How many sources the page names.
_MOST_SUBJECTS = 200
#: A longer word may be broken anywhere; shorter ones (dates, numbers, names of fields) may not.
_LONG = 26
#: Where a browser may break a line.
_PARTS = re.compile(r"[\s/-]+")
_LEVELS = {"fault": 0, "warning": 1, "info": 2}


def write_html(report: Report, path: Path) -> None:
    """Write the report as one self-contained HTML page; raises `OutputFailed`."""
    try:
        with path.open("w", encoding="utf-8", errors="replace") as file:
            file.writelines(_render(report))
    except OSError as error:
        raise OutputFailed(f"{path}: {error.strerror or error}") from error


def _render(report: Report) -> Iterator[str]:
    """Give the page piece by piece."""
    language = report.lang
    style, script = _part("page.css"), _part("page.js")
    template = _environment().get_template("page.html")
    return template.generate(
        report=report,
        words=WORDS[language],
        style=Markup(style),
        script=Markup(script),
        policy=f"default-src 'none'; style-src {_allow(style)}; script-src {_allow(script)}",
        findings=sorted(report.findings, key=lambda one: (_LEVELS.get(one.level, 0), one.code)),
        charts=charts(report.sums, report.sums_v3),
        most_subjects=_MOST_SUBJECTS,
        width=WIDTH,
        height=HEIGHT,
        months=list(_months(report.sums, report.sums_v3)),
        totals=list(_totals(report.sums, report.sums_v3)),
        rates=list(_rates(report.sums, report.sums_v3)),
        say=_Speaker(language),
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_part),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _clean(value: object) -> object:
    """Replace control characters in what comes from documents: no reader shows them.

    White space becomes spaces; that between thousands stays as it is.
    """
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return "".join(map(_shown, value))


def _shown(char: str) -> str:
    if char.isprintable() or char == "\N{NO-BREAK SPACE}":
        return char
    return " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"


@cache
def _part(name: str) -> str:
    """Read a part of the page from beside this module."""
    return files(__package__).joinpath(name).read_text("utf-8")


def _allow(text: str) -> str:
    """Name a style or script for the page's policy: what is between its tags, and nothing else."""
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


class _Speaker:
    """Texts of one language for the template."""

    def __init__(self, language: str) -> None:
        self.language = language

    def amount(self, grosze: int) -> str:
        return amount(grosze, self.language)

    def whole(self, number: int) -> str:
        return whole(number, self.language)

    def sentence(self, code: str) -> str:
        known = tables().codes.get(code)
        return known.sentences[self.language] if known else ""

    def defect(self, one: Difference) -> bool:
        """Say whether nothing explains a difference, or what its code says is no excuse."""
        known = tables().codes.get(one.code)
        return known is None or known.level == "fault"

    def advice(self, code: str) -> str:
        known = tables().codes.get(code)
        return known.advice.get(self.language, "") if known else ""

    def where(self, place: Place) -> str:
        if not place.position:
            return place.source
        word = WORDS[self.language]["document"]
        return f"{place.source}, {word} {place.position}"

    def field(self, path: str) -> str:
        return field_name(path, self.language)

    def breaks(self, text: str) -> str:
        """Name the class of a text with a word that no column is wide enough for."""
        return " long" if any(len(one) > _LONG for one in _PARTS.split(text)) else ""

    def kind(self, kind: str) -> str:
        words = WORDS[self.language]
        return words.get(f"kind_{kind}", kind)

    def fields(self, finding: Finding) -> str:
        named = [(name, count) for name, count in finding.fields.most_common(12) if name]
        if len(named) < 2:
            return ""
        return ", ".join(f"{name} {self.whole(count)}" for name, count in named)

    def advices(self, reasons: tuple[Reason, ...]) -> list[str]:
        """Give what to do about some reasons, each once."""
        return list(dict.fromkeys(filter(None, (self.advice(one.code) for one in reasons))))


Row = tuple[tuple[str, ...], Amounts, Amounts | None]


def _months(sums: Sums, other: Sums | None) -> Iterator[Row]:
    """Give month, kind and currency with their amounts, in both."""
    yield from _rows(sums.months, None if other is None else other.months)


def _rates(sums: Sums, other: Sums | None) -> Iterator[Row]:
    """Give kind, currency and rate with their amounts over all months, in both."""
    yield from _rows(_by_rate(sums), None if other is None else _by_rate(other))


def _totals(sums: Sums, other: Sums | None) -> Iterator[Row]:
    """Give currency and kind with their amounts; the currency of most documents comes first."""
    rows = list(_rows(_by_kind(sums), None if other is None else _by_kind(other)))
    documents: dict[str, int] = {}
    for (currency, _), amounts, _ in rows:
        documents[currency] = documents.get(currency, 0) + amounts.count
    yield from sorted(rows, key=lambda row: -documents[row[0][0]])


def _by_rate(sums: Sums) -> dict[Any, Amounts]:
    found: dict[Any, Amounts] = {}
    for (_, kind, currency, rate), amounts in sums.rates.items():
        found.setdefault((kind, currency, rate), Amounts()).merge(amounts)
    return found


def _by_kind(sums: Sums) -> dict[Any, Amounts]:
    found: dict[Any, Amounts] = {}
    for (_, kind, currency), amounts in sums.months.items():
        found.setdefault((currency, kind), Amounts()).merge(amounts)
    return found


def _rows(sums: Mapping[Any, Amounts], other: Mapping[Any, Amounts] | None) -> Iterator[Row]:
    """Join two sides by their keys; a side without a key has nothing there."""
    keys = sums.keys() | (other.keys() if other is not None else set())
    for key in sorted(keys):
        there = None if other is None else other.get(key, Amounts())
        yield key, sums.get(key, Amounts()), there
