"""What v3 should hold of a document, by the same rules by which an import planned it."""

from collections.abc import Mapping
from typing import Any

from attrs import define, field

from infakt_compat.codecs.json_text import loads
from infakt_compat.migrate.journal import Entry
from infakt_compat.migrate.planning.families import CORRECTIVE, INVOICES
from infakt_compat.migrate.planning.originals import PROVEN
from infakt_compat.migrate.planning.prices import ROUNDING, Totals, chosen, priced
from infakt_compat.translate.compile import Plan
from infakt_compat.translate.lines import TOTALS, computed
from infakt_compat.translate.payload import PRICES

Record = Mapping[str, Any]


@define
class Computed:
    """Totals that v3 computes, in grosze.

    `rounding` is by how much v2's own may differ from them by rounding alone; `proven` are v2's
    totals by which it was proven what a correction means.
    """

    totals: Totals = field(factory=dict)
    rounding: int = 0
    proven: Totals = field(factory=dict)


@define
class Line(Computed):
    """A line: v3's totals of it, and the price from which v3 computes them."""

    price: str = ""


@define
class Expected(Computed):
    """A document: its totals, those of its lines, and the rows of a correction."""

    lines: list[Line] = field(factory=list)
    rows: list[dict[str, Any]] = field(factory=list)


def expected(plan: Plan, record: Record, entry: Entry, body: str | None) -> Expected:
    """Work out what v3 should hold; `body` is what the journal's create sent."""
    if entry.family == CORRECTIVE and body is not None:
        return _correction(loads(body))
    if entry.family != INVOICES:
        return Expected()
    _, totals, _, _ = priced(plan, record)
    lines = []
    for line in record.get("services", ()):
        row, own, _ = chosen(line)
        price = next((name for name in PRICES if name in row), "")
        lines.append(Line(own, ROUNDING, price=price))
    return Expected(dict(totals), ROUNDING * len(lines), lines=lines)


def _correction(body: Record) -> Expected:
    """Take the difference of the rows after and before (v3-wire 5)."""
    rows: list[dict[str, Any]] = body.get(PROVEN) or []
    totals: Totals = dict.fromkeys(TOTALS, 0)
    for row in rows:
        sign = 1 if row.get("correction") else -1
        for name, amount in computed(row, None).items():
            before = totals[name]
            totals[name] = None if amount is None or before is None else before + sign * amount
    proven = {name: body.get(name) for name in TOTALS}
    return Expected(totals, rows=rows, proven=proven)
