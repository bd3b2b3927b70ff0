"""VAT per row in integer grosze, half up (v3-wire 1.4, 4.5, 10.2). No floats anywhere."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context, Decimal
from typing import Any, NamedTuple

_CONTEXT = Context(prec=60)
_HUNDRED = Decimal(100)


class Amounts(NamedTuple):
    """The money of one row."""

    unit_net: int
    net: int
    tax: int
    gross: int


def half_up(value: Decimal) -> int:
    """To the nearest grosz; a half goes away from zero."""
    rounded = (abs(value) + Decimal("0.5")).to_integral_value(rounding=ROUND_FLOOR)
    return int(rounded if value >= 0 else -rounded)


def times(price: int, quantity: Decimal) -> int:
    """Return a price times a quantity, in grosze."""
    return half_up(_CONTEXT.multiply(Decimal(price), quantity))


def per_unit(price: int, quantity: Decimal) -> int:
    """Return a row's price divided by its quantity; the price itself for a quantity of zero."""
    return half_up(_CONTEXT.divide(Decimal(price), quantity)) if quantity else price


def tax_on(net: int, rate: Decimal) -> int:
    """VAT on a net amount."""
    return half_up(net * rate / _HUNDRED)


def from_net(unit_net: int, quantity: Decimal, rate: Decimal) -> Amounts:
    """Net mode with a unit price: 6623 at 23 is 1523 of VAT and 8146 (v3-wire 4.5)."""
    return from_net_total(unit_net, times(unit_net, quantity), rate)


def from_net_total(unit_net: int, net: int, rate: Decimal) -> Amounts:
    """Net mode with the row's net price."""
    tax = tax_on(net, rate)
    return Amounts(unit_net, net, tax, net + tax)


def from_gross(gross: int, quantity: Decimal, rate: Decimal) -> Amounts:
    """Gross mode: the row's gross price is kept, VAT is taken out of it (v3-wire 1.4)."""
    tax = half_up(_CONTEXT.divide(gross * rate, _HUNDRED + rate))
    net = gross - tax
    return Amounts(per_unit(net, quantity), net, tax, gross)


def before_discount(unit_net: int, discount: Decimal) -> int:
    """Return the unit price that a discount brought down to `unit_net`."""
    if discount >= _HUNDRED:
        return unit_net
    return half_up(_CONTEXT.divide(unit_net * _HUNDRED, _HUNDRED - discount))


def after_discount(unit_net: int, discount: Decimal) -> int:
    """Return a unit price less a discount in percent."""
    return half_up(unit_net * (_HUNDRED - discount) / _HUNDRED)


def total(rows: list[dict[str, Any]], field: str) -> int:
    """Return the sum of a column."""
    return sum(row[field] for row in rows)
