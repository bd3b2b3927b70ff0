"""Rows of a document: read, checked and computed (v3-wire 1.4, 2.2, 4.2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from . import amounts, reference
from .amounts import Amounts
from .coerce import blank, to_bool, to_decimal, to_int, to_text
from .errors import Errors
from .fields import CHOICE_TEXT
from .store import Record

MAX_NAME = 255
NONE_TEXT = "Proszę dodać co najmniej jedną pozycję."
NAME_TEXT = "Proszę podać nazwę pozycji."
RATE_TEXT = "Proszę wybrać stawkę VAT."
PRICE_TEXT = "Proszę podać cenę."
QUANTITY_TEXT = "Proszę podać ilość."
MISMATCH_TEXT = "Wartości netto, VAT i brutto nie zgadzają się ze stawką VAT."
_HUNDRED = Decimal(100)


def read(value: Any, flat_rate: bool, errors: Errors) -> list[Record]:
    """Read the rows of `services`, without ids yet; what is wrong goes into `errors`."""
    if not isinstance(value, list) or not value or not all(isinstance(r, dict) for r in value):
        errors.add("services", NONE_TEXT)
        return []
    return [_row(item, flat_rate, errors) for item in value]


def read_margin(value: Any, errors: Errors) -> list[Record]:
    """Read the rows of a margin invoice, which have no rate (v3-wire 5)."""
    if not isinstance(value, list) or not value or not all(isinstance(r, dict) for r in value):
        errors.add("services", NONE_TEXT)
        return []
    return [_margin_row(item, errors) for item in value]


def read_corrective(value: Any, flat_rate: bool, errors: Errors) -> list[Record]:
    """Before-and-after pairs that share `group` (v3-wire 5)."""
    rows = read(value, flat_rate, errors)
    for row, item in zip(rows, value if rows else [], strict=True):
        row["group"] = to_int(item.get("group"))
        row["correction"] = to_bool(item.get("correction"))
    sides: dict[int | None, list[bool]] = {}
    for row in rows:
        sides.setdefault(row["group"], []).append(row["correction"])
    if any(group is None or sorted(pair) != [False, True] for group, pair in sides.items()):
        errors.add("services.group", "Pozycje muszą być podane parami przed i po korekcie.")
    return rows


def _row(item: Record, flat_rate: bool, errors: Errors) -> Record:
    quantity = _quantity(item, errors)
    rate = _rate(item, errors)
    discount = to_decimal(item.get("discount")) or Decimal(0)
    money, before = _price(item, quantity, rate, discount, errors)
    row: Record = {"id": 0, "name": _name(item, errors), "tax_symbol": _symbol(item) or None}
    row.update(unit=to_text(item.get("unit")) or "", quantity=quantity)
    row.update(unit_net_price=money.unit_net, net_price=money.net, gross_price=money.gross)
    row.update(tax_price=money.tax, **_classification(item))
    row["flat_rate_tax_symbol"] = _flat_rate(item, flat_rate, errors)
    row["discount"] = discount_text(discount)
    row["unit_net_price_before_discount"] = before
    row["gtu_id"] = _gtu(item, errors)
    row["related_id"] = None
    return row


def _margin_row(item: Record, errors: Errors) -> Record:
    row: Record = {"id": 0, "name": _name(item, errors)}
    row["unit"] = to_text(item.get("unit")) or ""
    row["quantity"] = _quantity(item, errors)
    for name in ("gross_with_margin_amount_price", "margin_amount_price"):
        price = to_int(item.get(name))
        if price is None:
            errors.add(f"services.{name}", PRICE_TEXT)
        row[name] = price or 0
    row["gtu_id"] = _gtu(item, errors)
    return row


def _name(item: Record, errors: Errors) -> str:
    name = to_text(item.get("name"))
    if name is None or blank(name):
        errors.add("services.name", NAME_TEXT)
    elif len(name) > MAX_NAME:
        errors.add("services.name", f"Maksymalna długość to {MAX_NAME} znaków.")
    return name or ""


def _quantity(item: Record, errors: Errors) -> Decimal:
    if blank(item.get("quantity")):
        return Decimal(1)
    quantity = to_decimal(item["quantity"])
    if quantity is None:
        errors.add("services.quantity", QUANTITY_TEXT)
    return Decimal(1) if quantity is None else quantity


def _symbol(item: Record) -> str:
    return (to_text(item.get("tax_symbol")) or "").strip()


def _rate(item: Record, errors: Errors) -> Decimal:
    """Read the rate; a missing one is said of three fields at once (v3-wire 2.2)."""
    symbol = _symbol(item)
    if symbol not in reference.RATE_OF:
        errors.add("services.tax_symbol", RATE_TEXT)
        errors.add("services.gross", "Nie można wyliczyć wartości brutto.")
        errors.add("value.tax_values", MISMATCH_TEXT)
    return reference.RATE_OF.get(symbol, Decimal(0))


def _price(
    item: Record, quantity: Decimal, rate: Decimal, discount: Decimal, errors: Errors
) -> tuple[Amounts, int]:
    """Net wins over gross; a given gross or tax must fit (v3-wire 1.4)."""
    names = ("unit_net_price", "net_price", "gross_price", "unit_net_price_before_discount")
    unit, net, gross, before = (to_int(item.get(name)) for name in names)
    if before is not None and discount:
        unit = amounts.after_discount(before, discount)
    if unit is None and net is None and gross is not None:
        money = amounts.from_gross(gross, quantity, rate)
        return money, amounts.before_discount(money.unit_net, discount)
    if unit is not None:
        money = amounts.from_net(unit, quantity, rate)
    elif net is not None:
        money = amounts.from_net_total(amounts.per_unit(net, quantity), net, rate)
    else:
        errors.add("services.unit_net_price", PRICE_TEXT)
        money = Amounts(0, 0, 0, 0)
    _compare(item, money, errors)
    kept = before if before is not None and discount else None
    return money, amounts.before_discount(money.unit_net, discount) if kept is None else kept


def _compare(item: Record, money: Amounts, errors: Errors) -> None:
    """One grosz either way is the rounding of the other mode; more is a mismatch."""
    for name, own in (("gross_price", money.gross), ("tax_price", money.tax)):
        given = to_int(item.get(name))
        if given is not None and abs(given - own) > 1:
            errors.add("value.tax_values", MISMATCH_TEXT)


def _classification(item: Record) -> Record:
    codes = {name: to_text(item.get(name)) or None for name in ("pkwiu", "cn", "pkob")}
    symbol = to_text(item.get("symbol"))
    if symbol is None:
        symbol = " / ".join(code or "-" for code in codes.values()) if any(codes.values()) else ""
    return {"symbol": symbol, **codes}


def _flat_rate(item: Record, needed: bool, errors: Errors) -> str | None:
    symbol = to_text(item.get("flat_rate_tax_symbol")) or None
    if (symbol is None and needed) or (symbol is not None and not _known_flat_rate(symbol)):
        errors.add("services.flat_rate_tax_symbol", "Proszę wybrać stawkę ryczałtu.")
    return symbol


def _known_flat_rate(symbol: str) -> bool:
    return symbol in reference.FLAT_SYMBOLS


def _gtu(item: Record, errors: Errors) -> str | None:
    chosen = to_text(item.get("gtu_id")) or None
    if chosen is not None and chosen not in {str(row["id"]) for row in reference.GTUS}:
        errors.add("services.gtu_id", CHOICE_TEXT)
    return chosen


def discount_text(discount: Decimal) -> str:
    """Write a discount as v3 does: "0.0", "12.5" (v3-wire 4.2)."""
    text = format(discount.normalize(), "f")
    return text if "." in text else f"{text}.0"
