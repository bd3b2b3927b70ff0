"""What v3 should hold of a document, by the same rules by which an import planned it."""

from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from infakt_compat.codecs.json_text import loads
from infakt_compat.migrate.journal import Entry
from infakt_compat.migrate.planning.families import CORRECTIVE, INVOICES
from infakt_compat.migrate.planning.originals import PROVEN
from infakt_compat.migrate.planning.prices import Totals, chosen, priced
from infakt_compat.translate.compile import Plan
from infakt_compat.translate.lines import TOTALS, computed
from infakt_compat.translate.payload import PRICES

Record = Mapping[str, Any]


@frozen
class Line:
    """A line: v3's totals of it, and the price from which v3 computes them."""

    totals: Totals
    price: str


@define
class Expected:
    """The totals of a document and of its lines, in grosze; the rows of a correction."""

    totals: Totals = field(factory=dict)
    lines: list[Line] = field(factory=list)
    rows: list[dict[str, Any]] = field(factory=list)


def expected(plan: Plan, record: Record, entry: Entry, body: str | None) -> Expected:
    """Work out what v3 should hold; `body` is what the journal's create sent."""
    if entry.family == CORRECTIVE and body is not None:
        return _correction(loads(body).get(PROVEN) or [])
    if entry.family != INVOICES:
        return Expected()
    _, totals, _, _ = priced(plan, record)
    lines = []
    for line in record.get("services", ()):
        row, own, _ = chosen(line)
        lines.append(Line(own, next((name for name in PRICES if name in row), "")))
    return Expected(dict(totals), lines)


def _correction(rows: list[dict[str, Any]]) -> Expected:
    """Take the difference of the rows after and before (v3-wire 5)."""
    totals: Totals = dict.fromkeys(TOTALS, 0)
    for row in rows:
        sign = 1 if row.get("correction") else -1
        for name, amount in computed(row, None).items():
            before = totals[name]
            totals[name] = None if amount is None or before is None else before + sign * amount
    return Expected(totals, [], rows)
