"""Service lines of canonical v2 invoices."""

from decimal import Decimal
from typing import NamedTuple

from infakt_compat.testing import values
from infakt_compat.testing.amounts import EXACT, GROSZ, amount, half_up, percent
from infakt_compat.testing.record import Record, add_unknown_fields, record_id
from infakt_compat.testing.tape import Tape


class _Prices(NamedTuple):
    """The rate and the four amounts of a line, in units of the currency."""

    rate: str
    price: Decimal | None = None
    net: Decimal | None = None
    vat: Decimal | None = None
    gross: Decimal | None = None


def _computed(quantity: Decimal, price: Decimal, rate: str) -> tuple[Decimal, Decimal, Decimal]:
    """Net, VAT and gross of a line, each rounded half up to the grosz."""
    net = half_up(EXACT.multiply(quantity, price))
    vat = half_up(EXACT.divide(EXACT.multiply(net, percent(rate)), Decimal(100)))
    return net, vat, net + vat


def _of_other_rate(prices: _Prices, quantity: Decimal | None, tape: Tape) -> _Prices:
    """Take the VAT of a rate that the line does not name: a blank rate may be told from it."""
    other = tape.pick(values.V2_RATES)
    net, vat, gross = _computed(quantity or Decimal(1), prices.price or Decimal(100), other)
    rate = tape.pick(("", "", prices.rate))
    return _Prices(rate, prices.price, net, vat, gross)


def _prices(rate: str, quantity: Decimal | None, tape: Tape) -> _Prices:
    """Amounts that agree with each other, mostly; else some are absent, wrong or loose."""
    price = amount(tape)
    how = tape.byte() % 12
    net, vat, gross = _computed(quantity or Decimal(0), price or Decimal(0), rate)
    prices = _Prices(rate, price, net, vat, gross)
    match how:
        case 5:
            return _Prices(rate, net=net)
        case 6:
            return _Prices(rate, gross=gross)
        case 7:
            return _Prices(rate, price)
        case 8:
            return prices._replace(vat=vat + GROSZ)
        case 9:
            return _Prices(rate, price, amount(tape), amount(tape), amount(tape))
        case 10:
            return _Prices(rate)
        case 11:
            return _of_other_rate(prices, quantity, tape)
        case _:
            return prices


def _with_margin(kind: str, prices: _Prices, tape: Tape) -> tuple[_Prices, Decimal | None]:
    """Give a margin where the kind has one, rarely elsewhere; half of those have gross alone."""
    if kind != "Faktura Marża":
        return prices, (amount(tape) if tape.chance(12) else None)
    margin = amount(tape)
    if tape.byte() % 2 == 0:
        prices = _Prices("", gross=prices.gross)
    return prices, margin


def v2_line(kind: str, tape: Tape, xml: bool) -> Record:
    """Give a line of an invoice of a kind, amounts as ``Decimal`` in units of the currency."""
    rate = tape.pick((*values.V2_RATES, "", "23", "23"))
    quantity = tape.pick(values.V2_QUANTITIES)
    prices, margin = _with_margin(kind, _prices(rate, quantity, tape), tape)
    line: Record = {
        "service_id": record_id(tape),
        "product_id": tape.pick((None, None, None, 1, 77123)),
        "nazwa": tape.text(values.ITEMS),
        "stawka_vat": prices.rate,
        "jm": tape.text(values.UNITS),
        "ilosc": quantity,
        "cena_netto": prices.price,
        "wartosc_netto": prices.net,
        "wartosc_brutto": prices.gross,
        "vat": prices.vat,
        "symbol": tape.text(values.SYMBOLS),
        "marza": margin,
    }
    add_unknown_fields(tape, line, xml)
    return line
