"""Which price of a line is sent, and what v3 will make of it.

v3 computes a line anew from one price, rounding half up (v3-wire 1.4, 10.2). The one sent is the
first of v2's order from which it comes to the line's own totals; where none does, the first.
"""

from collections.abc import Mapping
from typing import Any

from infakt_compat.errors import Fault
from infakt_compat.notices import Notice
from infakt_compat.translate.compile import Plan
from infakt_compat.translate.lines import TOTALS, both, computed, differing, sums
from infakt_compat.translate.payload import PRICES

Totals = dict[str, int | None]

#: By so many grosze a line may v3's rounding differ from v2's.
ROUNDING = 1


def chosen(line: Mapping[str, Any]) -> tuple[dict[str, Any], Totals, bool]:
    """Give a line with the one price to send, v3's totals of it, and whether it was v2's first."""
    prices = [name for name in PRICES if line.get(name) is not None]
    trials = [_only(line, name) for name in prices] or [dict(line)]
    for place, trial in enumerate(trials):
        totals = computed(trial, None)
        if not any(differing(line, totals)):
            return trial, totals, place == 0
    return trials[0], computed(trials[0], None), True


def _only(line: Mapping[str, Any], price: str) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in PRICES or name == price}


def priced(
    plan: Plan, record: Mapping[str, Any]
) -> tuple[dict[str, Any], Totals, list[Notice], list[Fault]]:
    """Give a record whose lines have one price each, and the totals that v3 will show.

    A difference that rounding explains is a notice; a greater one is a fault: the document then
    says two amounts, and which was meant would be a guess (decisions.md 1).
    """
    assert plan.lines is not None
    notices: list[Notice] = []
    rows, lines = [], []
    for position, line in enumerate(record.get("services", ())):
        row, totals, first = chosen(line)
        rows.append(row)
        lines.append(totals)
        if not first:
            name = plan.lines.by_v3[next(name for name in PRICES if name in row)].v2
            notices.append(plan.notice("price.exact_total", f"services[{position}].{name}"))
    expected = sums(lines) if all(set(TOTALS) <= set(one) for one in lines) else {}
    faults = []
    for name in TOTALS:
        given, wanted = record.get(name), expected.get(name)
        if given is None or wanted is None or given == wanted:
            continue
        v2 = plan.by_v3[name].v2
        if abs(given - wanted) > ROUNDING * len(rows):
            faults.append(Fault("totals.contradict", v2, both(v2, given, wanted)))
        else:
            notices.append(plan.notice("totals.rounding", v2, both(v2, given, wanted)))
    return {**record, "services": rows}, expected, notices, faults
