"""The straight code that shows a v3 record says what the rules one by one say, and nothing else."""

from decimal import Decimal
from typing import Any

import pytest

from infakt_compat.codecs.tree import Twice
from infakt_compat.money import NumberText, shortest, zloty
from infakt_compat.translate import backward
from infakt_compat.translate.backward import Result
from infakt_compat.translate.compile import Plan, plans

#: What v3 shows, may show, and should never show.
VALUES: list[Any] = [
    None, "", " ", "tekst", "2026-02-28", "2026-02-30", "23", "zw", "oo", "vat", "paid", "transfer",
    "PL", "XX", "5", "12.50", "1,234", 0, 1, -1, 12345, 10**18, 10**40, True, False,
    Decimal("1.50"), NumberText("2.50"), 1.5, [], {}, Twice([("a", 1)], ["a"]), "x" * 100,
]  # fmt: skip


def all_plans() -> dict[str, Plan]:
    """Give every plan of every resource, lines too, by name."""
    found = {}
    for name, kinds in plans().items():
        for kind, plan in kinds.by_kind.items():
            found[f"{name} {kind}"] = plan
            if plan.lines is not None:
                found[f"{name} {kind} line"] = plan.lines
    return found


def shown(plan: Plan, body: dict[str, Any], live: bool, ordinary: bool) -> Result:
    """Show a record, by the straight code or by its rules one after the other."""
    result = Result({})
    if ordinary:
        backward._fields(plan, body, {}, "p.", live, result, result.record)
    else:
        backward._kept_fields((plan, body, "p.", live, result, result.record), {})
        if not live:
            backward._say_v3_only(plan, body, {}, "p.", result)
    return result


@pytest.mark.parametrize("name", all_plans())
def test_same_as_rule_by_rule(name: str) -> None:
    """Values, their types and order, notices and faults; twice, as results are remembered."""
    plan = all_plans()[name]
    for value in [*VALUES, *VALUES]:
        body = dict.fromkeys(plan.known_v3, value) | {"invoice_date": "2026-01-05"}
        for live in (True, False):
            quick, slow = (shown(plan, body, live, way) for way in (True, False))
            assert list(quick.record.items()) == list(slow.record.items()), name
            assert list(map(type, quick.record.values())) == list(map(type, slow.record.values()))
            assert (quick.notices, quick.faults) == (slow.notices, slow.faults), name


def test_a_field_that_is_not_there() -> None:
    """Absent and null are one value."""
    for plan in all_plans().values():
        nothing = dict.fromkeys(plan.known_v3)
        assert shown(plan, {}, True, True).record == shown(plan, nothing, True, True).record


def test_zloty_are_the_shortest() -> None:
    """Whole, with one decimal, with two: no zeros at the end and no exponent."""
    for amount in [*range(-1010, 1010), 10**15, 10**15 + 1, -(10**14) - 10]:
        made = zloty(amount)
        assert made == Decimal(amount) / 100
        assert str(made) == str(shortest(made)), amount
        assert "E" not in str(made)
