"""What a caller may make of a v2 record that it was shown."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis.strategies import SearchStrategy

from infakt_compat.testing import values
from infakt_compat.testing.amounts import money
from infakt_compat.testing.record import Record, real_date, street
from infakt_compat.testing.tape import CHANGE, Made, Tape, octets

# Gives the new value of a field of a record.
_Maker = Callable[[Record, Tape], Any]


def _text(pool: Sequence[str], instead_of_none: str = "") -> _Maker:
    return lambda _, tape: tape.text(pool) or instead_of_none


def _one_of(pool: Sequence[Any]) -> _Maker:
    return lambda _, tape: tape.pick(pool)


def _date(_: Record, tape: Tape) -> str:
    return real_date(tape)


def _street(_: Record, tape: Tape) -> str:
    return street(tape)


def _price(_: Record, tape: Tape) -> Decimal:
    return money(tape)


def _paid(record: Record, tape: Tape) -> Decimal:
    return tape.pick((Decimal(0), record.get("razem_brutto") or Decimal(1), money(tape)))


def _kind(record: Record, tape: Tape) -> Any:
    """One of the kinds that callers could write, for a record that has one of them."""
    writable = values.V2_KINDS[:2]
    kind = record["rodzaj_faktury"]
    return tape.pick(writable) if kind in writable else kind


_NOTE = _text(("Poprawka", *values.NOTES))
_NAME = _text(values.NAMES, "Inna Firma")
_COUNTRY = _one_of((*values.COUNTRIES, *values.COUNTRY_SYNONYMS))

_INVOICE: dict[str, _Maker] = {
    "uwagi": _NOTE,
    "podpis_odbiorcy": _text(values.SIGNATURES),
    "podpis_sprzedawcy": _text(values.SIGNATURES),
    "client_miejscowosc": _text(values.TOWNS),
    "client_kod_pocztowy": _text(values.POST_CODES),
    "client_nip": _text(values.NIPS),
    "numer": _text(values.NUMBERS, "7/2013"),
    "waluta": _one_of(("EUR", "PLN", "USD")),
    "zaplacono": _paid,
    "rodzaj_faktury": _kind,
    "sposob_platnosci": _one_of(values.V2_PAYMENT_METHODS),
    "data_wystawienia": _date,
    "data_sprzedazy": _date,
    "termin_zaplaty": _date,
    "status": _one_of(values.V2_STATUSES),
    "client_id": _one_of((7, 84, 1012046)),
    "client_nazwa_firmy": _NAME,
    "client_ulica": _street,
    "client_panstwo": _COUNTRY,
}
_CLIENT: dict[str, _Maker] = {
    "info": _NOTE,
    "miejscowosc": _text(values.TOWNS),
    "kod_pocztowy": _text(values.POST_CODES),
    "nip": _text(values.NIPS),
    "email": _text(("", "nowy@example.com")),
    "numer_telefonu": _text(("", "600 100 200")),
    "adres_www": _text(("", "example.com")),
    "odbiorca": _text(values.SIGNATURES),
    "nazwa_firmy_kor": _text(values.NAMES),
    "ulica_kor": _text(values.WHOLE_STREETS),
    "miejscowosc_kor": _text(values.TOWNS),
    "kod_pocztowy_kor": _text(values.POST_CODES),
    "nazwa_firmy": _NAME,
    "ulica": _street,
    "panstwo": _COUNTRY,
    "adres_kor": _one_of((True, False)),
}
_LINE: tuple[tuple[str, _Maker], ...] = (
    ("nazwa", _text(values.ITEMS, "Inna usługa")),
    ("jm", _text(values.UNITS)),
    ("ilosc", _one_of((Decimal(3), Decimal("0.25"), Decimal(1)))),
    ("stawka_vat", _one_of(values.V2_RATES)),
    ("cena_netto", _price),
    ("cena_netto", _price),
    ("wartosc_netto", _price),
    ("wartosc_brutto", _price),
    ("symbol", _text(values.SYMBOLS)),
)


def _changed_line(line: Record, tape: Tape) -> Record:
    """One field of a line, and now and then a second one."""
    line = dict(line)
    for _ in range(2 if tape.chance(4) else 1):
        name, make = tape.pick(_LINE)
        line[name] = make(line, tape)
    return line


def _new_line(tape: Tape) -> Record:
    """Make a line that a caller adds: a name, a quantity, a rate and one of the three prices."""
    given = tape.pick(("cena_netto", "wartosc_netto", "wartosc_brutto"))
    line: Record = {
        "service_id": None,
        "product_id": None,
        "nazwa": tape.text(values.ITEMS) or "Nowa pozycja",
        "stawka_vat": tape.pick(values.V2_RATES),
        "jm": tape.text(values.UNITS),
        "ilosc": tape.pick((Decimal(1), Decimal(2), Decimal("1.5"))),
        "cena_netto": None,
        "wartosc_netto": None,
        "wartosc_brutto": None,
        "vat": None,
        "symbol": tape.text(values.SYMBOLS),
        "marza": None,
    }
    line[given] = money(tape)
    return line


def _changed_lines(lines: Sequence[Record], tape: Tape) -> list[Record]:
    changed = [dict(line) for line in lines]
    how = tape.byte() % 6
    if not changed or how == 4:
        changed.insert(tape.byte() % (len(changed) + 1), _new_line(tape))
        return changed
    at = tape.byte() % len(changed)
    if how == 5 and len(changed) > 1:
        del changed[at]
        return changed
    if how == 3:
        changed.reverse()
    changed[at] = _changed_line(changed[at], tape)
    return changed


def _changed_fields(view: Record, makers: dict[str, _Maker], tape: Tape) -> Record:
    """One to three fields, the lines aside."""
    record = dict(view)
    names = tuple(makers)
    for _ in range(1 + tape.byte() % 3):
        name = tape.pick(names)
        record[name] = makers[name](record, tape)
    return record


def _changed_client(view: Record, tape: Tape) -> Record:
    record = _changed_fields(view, _CLIENT, tape)
    if record == view:
        record["info"] += "!"
    return record


def _changed_invoice(view: Record, lines: bool, tape: Tape) -> Record:
    record = _changed_fields(view, _INVOICE, tape)
    how = tape.byte() % 4
    if lines and how == 3:
        # nothing but the lines
        record = dict(view)
    if lines and how >= 2:
        record["services"] = _changed_lines(view["services"], tape)
    else:
        record["services"] = [dict(line) for line in view["services"]]
    if record["data_wystawienia"]:
        # a view without an invoice date had no others either; one that has it always has them
        for name in ("data_sprzedazy", "termin_zaplaty"):
            record[name] = record[name] or record["data_wystawienia"]
    if record == view:
        record["uwagi"] += "!"
    return record


def _change(view: Record, lines: bool, data: bytes) -> Record:
    tape = Tape(data)
    if "nazwa_firmy" in view:
        return _changed_client(view, tape)
    return _changed_invoice(view, lines, tape)


def v2_changes(view: Record, *, lines: bool = True) -> SearchStrategy[Record]:
    """Give what a caller may write back that was shown ``view``, a canonical invoice or client.

    The records differ from the view, and only in fields that can be written: never in ids that v3
    gives, VAT amounts or totals. Dates stay dates, enums have documented values, amounts are
    ``Decimal`` with at most two decimals in units of the currency; new lines have ``None`` for what
    v3 computes. ``lines``: whether service lines are changed, too.
    """
    return octets(CHANGE).map(Made(_change, view, lines))
