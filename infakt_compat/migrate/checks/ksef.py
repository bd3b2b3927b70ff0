"""What KSeF would refuse of an invoice as FA(3), where v3 itself would take it.

Sources: the schema's figures in `mappings/limits.toml`; the address of the buyer by art. 106e
ust. 1 pkt 3 of the VAT act (a name v3 wants itself); the day by KSeF 2.0 (weryfikacja faktury).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from infakt_compat.migrate.checks.creating import bounds, too_long
from infakt_compat.tables.limits import limits
from infakt_compat.translate.compile import Plan

#: Code, path, words.
Said = tuple[str, str, str]
Record = Mapping[str, Any]


def objections(plan: Plan, record: Record, today: str) -> Iterator[Said]:
    """Give what KSeF would object to, the buyer's number apart; `today` is an ISO date.

    A buyer who is named by a client's id only has that client's data.
    """
    get = record.get
    if get("client_company_name") and not (get("client_street") or get("client_city")):
        yield "ksef.address_missing", plan.by_v3["client_street"].v2, ""
    fa3 = limits().fa3
    day = get("invoice_date")
    if day is not None and not fa3.first_day <= day <= min(today, fa3.last_day):
        yield "ksef.date", plan.by_v3["invoice_date"].v2, day
    if not bounds("invoice", "ksef").hold(record):
        for path, detail in too_long(plan, record, "ksef", ""):
            yield "ksef.too_long", path, detail
    lines = get("services") or ()
    if len(lines) > fa3.most_lines:
        yield "ksef.too_many_lines", plan.by_v3["services"].v2, str(len(lines))
    assert plan.lines is not None
    known = bounds("service", "ksef")
    for position, line in enumerate(lines):
        if type(line.get("quantity")) is not int or not known.hold(line):
            yield from _line(plan.lines, line, f"services[{position}].", fa3.quantity_decimals)


def _line(plan: Plan, line: Record, prefix: str, decimals: int) -> Iterator[Said]:
    """Look at one line."""
    for path, detail in too_long(plan, line, "ksef", prefix):
        yield "ksef.too_long", path, detail
    quantity = line.get("quantity")
    if isinstance(quantity, Decimal) and _decimals(quantity) > decimals:
        yield "ksef.quantity", prefix + plan.by_v3["quantity"].v2, format(quantity, "f")


def _decimals(number: Decimal) -> int:
    """Count the digits after the point."""
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
