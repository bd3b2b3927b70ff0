"""Service lines of live v3 invoices, amounts as ``int`` in grosze."""

from decimal import Decimal
from typing import Any

from infakt_compat.testing import values
from infakt_compat.testing.amounts import EXACT, grosze, int_half_up, percent
from infakt_compat.testing.record import Record
from infakt_compat.testing.tape import Tape
from infakt_compat.testing.v3_fields import add_new_key

_HUNDRED = Decimal(100)


def _of_gross(gross: int, quantity: Decimal, rate: Decimal) -> tuple[int, int, int, int]:
    vat = int_half_up(EXACT.divide(gross * rate, _HUNDRED + rate))
    net = gross - vat
    return int_half_up(EXACT.divide(Decimal(net), quantity)), net, vat, gross


def _amounts(tape: Tape, quantity: Decimal, rate: Decimal) -> tuple[int, int, int, int]:
    """Give unit price, net, VAT and gross in grosze: computed from one of them, or loose."""
    start = grosze(tape)
    how = tape.byte() % 8
    if how == 7:
        return start, grosze(tape), grosze(tape), grosze(tape)
    if how in (5, 6):
        return _of_gross(start, quantity, rate)
    if how in (3, 4):
        net = start
        unit = int_half_up(EXACT.divide(Decimal(net), quantity))
    else:
        unit = start
        net = int_half_up(EXACT.multiply(quantity, Decimal(unit)))
    vat = int_half_up(EXACT.divide(net * rate, _HUNDRED))
    return unit, net, vat, net + vat


def _priced(tape: Tape, quantity: Decimal, reversed_: bool) -> tuple[str, int, Record]:
    """Give the rate, the unit price, and net, gross and VAT in v3's order of keys."""
    rate = tape.pick(values.V3_RATES)
    if tape.chance(24):
        rate = tape.pick(("np_ue", "19"))
    unit, net, vat, gross = _amounts(tape, quantity, percent(rate))
    sign = -1 if reversed_ else 1
    return (
        rate,
        unit,
        {"net_price": sign * net, "gross_price": sign * gross, "tax_price": sign * vat},
    )


def _margin_line(common: Record, tape: Tape) -> Record:
    line = {
        **common,
        "gross_with_margin_amount_price": grosze(tape),
        "margin_amount_price": grosze(tape),
    }
    if tape.chance(4):
        line["gtu_id"] = None
    return line


def _codes(tape: Tape) -> Record:
    return {
        "pkwiu": tape.pick((None, "", "62.01.11.0")),
        "cn": tape.pick((None, "")),
        "pkob": tape.pick((None, "")),
        "flat_rate_tax_symbol": tape.pick((None, None, "5.5")),
    }


def _full_line(common: Record, reversed_: bool, tape: Tape) -> Record:
    """Give a line with prices, which are negative in a line that is ``reversed_``."""
    rate, unit, prices = _priced(tape, Decimal(str(common["quantity"])), reversed_)
    symbol = tape.pick(("", "62.01.11.0", None, "84.11.12.0 / - / -"))
    discount = tape.pick(("0.0", "0.0", "10.0", None))
    return {
        "id": common["id"],
        "name": common["name"],
        "tax_symbol": rate,
        "unit": common["unit"],
        "quantity": common["quantity"],
        "unit_net_price": unit,
        **prices,
        "symbol": symbol,
        **_codes(tape),
        "discount": discount,
        "unit_net_price_before_discount": unit if discount != "10.0" else unit + unit // 9,
        "gtu_id": tape.pick((None, None, "GTU_12")),
        "related_id": None,
    }


def v3_line(kind: str, index: int, tape: Tape) -> Record:
    """Give a line of an invoice of a kind, as the ``index``-th from 0; amounts in grosze."""
    quantity: Any = tape.pick(values.V3_QUANTITIES)
    common: Record = {
        "id": 2604853 + index,
        "name": tape.text(values.ITEMS) or "Towar",
        "unit": tape.pick(("", "szt.", None, "godz.")),
        "quantity": quantity,
    }
    if kind == "margin":
        return _margin_line(common, tape)
    after = kind == "correction" and index % 2 == 1
    line = _full_line(common, after, tape)
    if kind == "correction":
        line["group"] = 1 + index // 2
        line["correction"] = after
    add_new_key(tape, line, 16, ("x", None, 1))
    return line
