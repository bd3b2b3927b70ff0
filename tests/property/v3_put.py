"""What v3 does with the body of a PUT, in short: enough to see a view law hold.

Written from v3's documents, and shares nothing with the translation: fields of the header are taken
as sent; rows, where sent, replace all rows, get new ids and are computed from the price that came;
then the totals are summed up.
"""

import copy
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Tree = dict[str, Any]

# Answered to, never stored.
_NOT_STORED = ("check_duplicate_number", "send_to_ksef")
_READ_ONLY = ("id", "uuid", "created_at", "client_uuid", "net_price", "tax_price", "gross_price")
_FIRST_NEW_ID = 9_000_000


def half_up(value: Decimal) -> int:
    """Round to whole grosze as v3 does, halves away from zero."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def percent(symbol: object) -> Decimal:
    """Give the rate of a tax symbol; those that are no numbers count as 0."""
    text = str(symbol)
    return Decimal(text) if text.isdigit() else Decimal(0)


def priced(row: Tree, mode: str) -> tuple[int, int, int, int]:
    """Compute unit price, net, VAT and gross in grosze from the price of a row named ``mode``."""
    quantity = Decimal(row.get("quantity") or 1)
    rate = percent(row.get("tax_symbol"))
    price = Decimal(row[mode])
    if mode == "gross_price":
        gross = half_up(price)
        vat = half_up(gross * rate / (100 + rate))
        net = gross - vat
    else:
        net = half_up(quantity * price) if mode == "unit_net_price" else half_up(price)
        vat = half_up(net * rate / 100)
        gross = net + vat
    unit = int(price) if mode == "unit_net_price" else half_up(net / quantity)
    return unit, net, vat, gross


def _row(sent: Tree, number: int) -> Tree:
    row = {
        "id": _FIRST_NEW_ID + number,
        "name": None,
        "tax_symbol": None,
        "unit": "",
        "quantity": 1,
        "symbol": "",
        "discount": "0.0",
        "gtu_id": None,
    }
    row.update({name: value for name, value in sent.items() if name != "id"})
    row["tax_symbol"] = str(row["tax_symbol"])
    # v3's own order: a net price wins, and of two net prices the unit's
    for mode in ("unit_net_price", "net_price", "gross_price"):
        if sent.get(mode) is not None:
            unit, net, vat, gross = priced(row, mode)
            break
    else:
        raise AssertionError(f"v3 refuses a row without a price: {sent!r}")
    row.update(unit_net_price=unit, net_price=net, tax_price=vat, gross_price=gross)
    return row


def apply(invoice: Tree, patch: Tree) -> Tree:
    """Give the invoice after a PUT of ``patch`` (without envelope); the given one is left alone."""
    after = copy.deepcopy(invoice)
    patch = copy.deepcopy(patch)
    rows = patch.pop("services", None)
    for name, value in patch.items():
        if name in _READ_ONLY:
            raise AssertionError(f"{name} is read-only, v3 would not take it")
        if name not in _NOT_STORED:
            after[name] = value
    if rows is not None:
        after["services"] = [_row(row, number) for number, row in enumerate(rows)]
        for total in ("net_price", "tax_price", "gross_price"):
            after[total] = sum(row[total] for row in after["services"])
    if "paid_price" in after and ("paid_price" in patch or rows is not None):
        after["left_to_pay"] = after["gross_price"] - (after["paid_price"] or 0)
    return after


def apply_client(client: Tree, patch: Tree) -> Tree:
    """Give the client after a PUT of ``patch``; the given one is left alone."""
    after = copy.deepcopy(client)
    for name, value in patch.items():
        if name in ("id", "uuid", "country_full_name"):
            raise AssertionError(f"{name} is read-only, v3 would not take it")
        after[name] = copy.deepcopy(value)
    return after
