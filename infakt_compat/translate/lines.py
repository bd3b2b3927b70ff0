"""What is worked out on the lines of a v3 record: blank rates, totals that differ.

All in integer grosze, rounded half up a line as v3 does it (v3-wire 10, decisions.md section 2).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from infakt_compat.money import half_up, multiply, number_text, zloty
from infakt_compat.translate.compile import rates

#: The totals of a line and of the invoice: what a line sums up to stands under the same name in
#: both.
TOTALS = ("net_price", "tax_price", "gross_price")


@cache
def percents() -> dict[str, int]:
    """Give the percentage of every v3 tax symbol; zw, np and oo count as 0."""
    return {value.v3: value.percent for value in rates().values if value.percent is not None}


def percent_of(symbol: object) -> int | None:
    """Give the percentage of a tax symbol; a number that v3 added to its rates is its own."""
    text = str(symbol)
    known = percents().get(text)
    return int(text) if known is None and text.isascii() and text.isdigit() else known


def inferred_rate(net: int | None, tax: int | None, day: str | None) -> str | None:
    """Give the only tax symbol of that day that explains the tax of a net amount, or None."""
    if net is None or tax is None or day is None:
        return None
    when = date.fromisoformat(day)
    fitting = [
        rate.v3
        for rate in rates().values
        if rate.v2 is not None
        and rate.percent is not None
        and rate.valid_on(when)
        and half_up(net * rate.percent, 100) == tax
    ]
    return fitting[0] if len(fitting) == 1 else None


def agrees(line: Mapping[str, Any]) -> bool:
    """Say whether an ordinary line, whole numbers throughout, has the totals that v3 would compute.

    This is `computed` without the general case: nearly every line is so.
    """
    quantity, price = line.get("quantity"), line.get("unit_net_price")
    percent = percents().get(line["tax_symbol"])
    if type(quantity) is not int or price is None or percent is None:
        return False
    net = quantity * price
    if line.get("net_price") != net or net < 0:
        return False
    tax = (2 * net * percent + 100) // 200
    same = line.get("tax_price") == tax and line.get("gross_price") == net + tax
    return bool(same)


def computed(line: Mapping[str, Any], exact_price: Decimal | None) -> dict[str, int | None]:
    """Compute the totals of a line from the price that create would send.

    `exact_price` is a unit price in grosze that is finer than a grosz. A total is None where a
    value that it needs is absent.
    """
    percent = percents().get(line.get("tax_symbol", ""))
    quantity = line.get("quantity")
    price = line.get("unit_net_price", exact_price)
    net: int | None = None
    if price is not None:
        net = None if quantity is None else multiply(quantity, price)
    elif (given := line.get("net_price")) is not None:
        net = given
    elif (gross := line.get("gross_price")) is not None and percent is not None:
        tax = half_up(gross * percent, 100 + percent)
        return {"net_price": gross - tax, "tax_price": tax, "gross_price": gross}
    if net is None or percent is None:
        return {"net_price": net, "tax_price": None, "gross_price": None}
    tax = half_up(net * percent, 100)
    return {"net_price": net, "tax_price": tax, "gross_price": net + tax}


def differing(given: Mapping[str, Any], wanted: Mapping[str, int | None]) -> Iterable[str]:
    """Name the totals that are given and computed, but not equal."""
    for name in TOTALS:
        value, other = given.get(name), wanted[name]
        if value is not None and other is not None and value != other:
            yield name


def sums(lines: Iterable[Mapping[str, Any]]) -> dict[str, int | None]:
    """Sum up the totals of the lines; None where a line has none, or where there is no line."""
    rows = list(lines)
    found: dict[str, int | None] = {}
    for name in TOTALS:
        try:
            found[name] = sum([row[name] for row in rows]) if rows else None
        except (KeyError, TypeError):  # absent, or None where `computed` knows no rate
            found[name] = None
    return found


def both(v2_name: str, given: int, wanted: int | None) -> str:
    """Say a given total and the computed one, in zloty."""
    other = "" if wanted is None else f" -> {number_text(zloty(wanted))}"
    return f"{v2_name} {number_text(zloty(given))}{other}"
