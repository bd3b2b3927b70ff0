"""Hypothesis strategies for inFakt v2 and v3 documents, for tests of legacy callers.

Needs the extra ``[testing]``. Everything here is written by hand from what the two APIs said on the
wire, never from the tables that the translation is made of, so that a wrong table cannot prove
itself.

Strategies of v2:

* :func:`v2_invoices` and :func:`v2_clients` give *canonical* records: every readable field, in the
  order of v2's own field list; amounts and quantities as :class:`~decimal.Decimal` (in units of the
  currency, not in grosze), ids as ``int``, dates as ``YYYY-MM-DD``, absent text as ``""`` and
  everything else that is absent as ``None``.
* :func:`spelled`, :func:`v2_spelled_invoices` and :func:`v2_spelled_clients` give such a record the
  way callers and the service really wrote it, as a pair ``(document, canonical)``.
* :func:`v2_changes` gives what a caller may make of a record that it was shown.

Strategies of v3: :func:`v3_invoices` and :func:`v3_clients` give live documents of today's shape;
amounts are ``int`` in grosze (hundredths), quantities ``int``, ``Decimal`` or text such as
``"1.0"``.

Each example costs a handful of draws, whatever its size: all small choices of a record are read
from one string of bytes, where zero always stands for the plainest choice. So examples are quick to
make and shrink towards an ordinary document.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from infakt_compat.money import NumberText

__all__ = [
    "V2_KINDS",
    "V2_PAYMENT_METHODS",
    "V2_RATES",
    "V2_STATUSES",
    "V3_KINDS",
    "Record",
    "spelled",
    "v2_changes",
    "v2_clients",
    "v2_invoices",
    "v2_spelled_clients",
    "v2_spelled_invoices",
    "v3_clients",
    "v3_invoices",
]

Record = dict[str, Any]
"""A document as plain dicts, lists and scalars."""

T = TypeVar("T")

V2_KINDS = (
    "Faktura VAT",
    "Faktura proforma",
    "Faktura Marża",
    "Faktura Zaliczkowa",
    "Faktura korygująca",
    "Faktura Końcowa",
)
"""The values of v2's rodzaj_faktury; the first two are the ones that callers could write."""

V2_PAYMENT_METHODS = (
    "Przelew",
    "Gotówka",
    "Karta płatnicza",
    "Barter",
    "Czek",
    "Weksel",
    "Za pobraniem",
    "Inny",
    "Kompensata",
    "Akredytywa",
)
"""The values of v2's sposob_platnosci."""

V2_STATUSES = ("szkic", "wysłana", "wydrukowana", "zapłacona", "niezapłacona")
"""The values of v2's status."""

V2_RATES = ("23", "22", "8", "7", "5", "3", "0", "zw", "np")
"""The values of v2's stawka_vat."""

V3_KINDS = ("vat", "proforma", "internal", "correction", "margin", "advance", "final")
"""The kinds of v3 documents that a v2 caller can come to see."""

# ----------------------------------------------------------------------------------------- the tape


class _Tape:
    """Reads small choices from bytes; beyond the end every choice is the first one."""

    __slots__ = ("_at", "_data", "_texts")

    def __init__(self, data: bytes, texts: Sequence[str] = ()) -> None:
        self._data = data
        self._at = 0
        self._texts = list(texts)

    def byte(self) -> int:
        at = self._at
        self._at = at + 1
        return self._data[at] if at < len(self._data) else 0

    def number(self, size: int) -> int:
        """Give an integer of ``size`` bytes."""
        at = self._at
        self._at = at + size
        return int.from_bytes(self._data[at : at + size], "big")

    def pick(self, pool: Sequence[T]) -> T:
        return pool[self.byte() % len(pool)]

    def chance(self, one_in: int) -> bool:
        """Be true once in ``one_in``, and never on the plainest path."""
        return self.byte() % one_in == one_in - 1

    def text(self, pool: Sequence[str]) -> str:
        """Text of the pool, or now and then any text at all."""
        if self.byte() % 8 == 7 and self._texts:
            return self._texts.pop()
        return self.pick(pool)


class _Made:
    """A function of what was drawn; a failing example then shows the document, not this call."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[..., Any], *given: Any) -> None:
        self._make = partial(make, *given)

    def __call__(self, drawn: Any) -> Any:
        return self._make(drawn)

    def __repr__(self) -> str:
        # No name of a function: with one, hypothesis would show the call and the bytes.
        return "<document>"


# A context of its own: the callers' context may be narrow, and nothing here may round by itself.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_GROSZ = Decimal("0.01")


def _half_up(value: Decimal) -> Decimal:
    return value.quantize(_GROSZ, rounding=ROUND_HALF_UP, context=_EXACT)


def _scaled(digits: int, exponent: int) -> Decimal:
    return _EXACT.scaleb(Decimal(digits), Decimal(exponent))


def _grosze(tape: _Tape) -> int:
    """Mostly everyday sums, sometimes up to fifty million zlotys, in grosze."""
    size = tape.pick((10000, 100, 1000000, 100000000, 5_000_000_000))
    return tape.number(5) % size


def _amount(tape: _Tape) -> Decimal | None:
    """Two decimals mostly; also none, one, three, four, six and twelve, negative, zero, absent."""
    shape = tape.byte() % 20
    digits = _grosze(tape)
    match shape:
        case 9:
            return None
        case 10:
            return Decimal(0)
        case 11:
            return Decimal(digits // 100)
        case 12 | 13:
            return -_scaled(digits, -2)
        case 14 | 15:
            return _scaled(digits, -4)
        case 16:
            return _scaled(digits, -3)
        case 17:
            return _scaled(digits // 10, -1)
        case 18:
            return _scaled(digits * 10000, -6)
        case 19:
            return _scaled(digits, -12)
        case _:
            return _scaled(digits, -2)


# -------------------------------------------------------------------------------------- pools: text

_NAMES = (
    "Firma Testowa Sp. z o.o.",
    "Żółw & Gęś s.c.",
    'P.H.U. "Łoś" Jan Łoś',
    "Müller GmbH & Co. KG",
    "  Spacja Wokół  ",
    "Ślęza <import/export>",
    "O'Brien Ltd.",
    "Przedsiębiorstwo „Ćma”",
    "",
)
_STREETS = (
    "ul. Długa",
    "Kącik",
    "al. 3 Maja",
    "os. Złotego Wieku",
    "pl. Wolności",
    "ul. Jana Pawła II",
    "Wólka Mała",
    "Rynek Główny",
    "ul. 11 Listopada",
    "1 Maja",
    "Hauptstraße",
    "ul. gen. J. Bema",
    "Al. Jerozolimskie",
    "",
)
_HOUSES = ("12", "4", "12A", "12 A", "5b", "7-9", "12a-14c", "nr 5", "0", "")
_FLATS = ("5", "12", "3A", "I p.", "", "5 m. 1", "0")
_WHOLE_STREETS = (
    "ul. Długa 12 m. 5",
    "ul. Długa 12/5",
    "ul. Długa 12 / 5",
    "ul. Długa 12/ 5",
    "ul. Długa 12/5/7",
    "ul. Długa 12 lok. 5",
    "ul. Mickiewicza",
    "Wólka Mała 7",
    "os. Złotego Wieku 15/7",
    "dz. nr 123/4",
    "Długa  12",
    " Długa 12",
    "Długa 12 ",
    "Długa\u00a012/5",
    "Długa 12\n",
    "12",
    "12/5",
    "/5",
    "Długa /5",
    "Długa 12/",
    "Długa12",
    "Kraków, ul. Długa 5",
    "skr. poczt. 17",
    "ul. Długa 12, 31-147 Kraków",
    "10 Downing Street",
    "",
)
_TOWNS = (
    "Kraków",
    "Łódź",
    "Zielona Góra",
    "Berlin",
    "Bielsko-Biała",
    "New York, NY",
    "",
    " Gdańsk",
)
_POST_CODES = ("30-549", "00-001", "123456", "10115", "", "30 549", "NY 10118", "PL-30-549")
_NIPS = ("9452121681", "945-212-16-81", "PL9452121681", "DE123456789", "", "945 212 16 81", "brak")
_NOTES = (
    "",
    "Dziękujemy za zakupy!",
    "Zażółć gęślą jaźń",
    'Cytat "w środku" & <znacznik>',
    " ",
    "pierwszy wiersz\ndrugi wiersz",
    "\tz tabulatorem",
    "100% rabatu, Got%C3%B3wka",
    "&amp; już zakodowane",
)
_SIGNATURES = ("", " ", "Jan Kowalski", "Żaneta Ćwikła-Śliwa", "dr inż. Łucja Ós")
_NUMBERS = (
    "1/12/2010",
    "1/01/2010",
    "FV 12/2012",
    "12/PROF/2013",
    "KOR/3/05/2013",
    "",
    "1",
    " 7/2011 ",
)
_CURRENCIES = ("PLN", "EUR", "USD", "GBP", "CZK", "")
_UNITS = ("szt.", "", "godz.", "m²", "kg", "usł.", "1/2 etatu")
_SYMBOLS = ("", "62.01.11.0", "84.11.12.0 / - / -", "PKWiU 72.22", "0")
_ITEMS = (
    "Usługa programistyczna",
    "Przykładowa Usługa 1",
    "Książka „Pan Tadeusz”",
    "Śruba M8 & nakrętka <ocynk>",
    "Transport",
    " wstęp wolny ",
    "Abonament 1,000 min",
    "",
)
# Names as the table of countries must know them, other names for the same, and what no table knows.
_COUNTRIES = ("Polska", "Niemcy", "Francja", "Szwecja", "Włochy", "Hiszpania")
_COUNTRY_SYNONYMS = ("USA", "Czechy", "Holandia")
_COUNTRY_UNKNOWN = ("Atlantyda", "Prusy Królewskie", "PL i DE")
_ANY_COUNTRY = (
    *_COUNTRIES,
    "",
    *_COUNTRY_SYNONYMS,
    "NIEMCY",
    "polska",
    *_COUNTRY_UNKNOWN,
    " Polska",
    "PL",
)
_DATES: tuple[str | None, ...] = (
    "2012-03-15",
    "2010-12-31",
    "2011-01-01",
    "2010-06-30",
    "2012-02-29",
    "2014-12-24",
    None,
)
_UNKNOWN_NAMES = ("numer_zamowienia", "osoba_kontaktowa", "kurs-waluty", "x", "id")
_UNKNOWN_VALUES: tuple[str | int | bool | NumberText, ...] = (
    "ZAM/7",
    "",
    7,
    NumberText("4.1250"),
    "Zażółć & <b>",
    True,
    " ",
    False,
    0,
)

# Any text; surrogates are no characters. XML holds no control characters, and reads a carriage
# return as a line feed.
_FREE_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=24)
_FREE_XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=24
)


def _texts(xml: bool) -> SearchStrategy[list[str]]:
    return st.lists(_FREE_XML_TEXT if xml else _FREE_TEXT, max_size=3)


def _bytes(size: int) -> SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


def _date(tape: _Tape) -> str | None:
    if tape.byte() % 4 == 3:
        # 1999-12-31 and the 8,000 days after it
        return date.fromordinal(730119 + tape.number(2) % 8000).isoformat()
    return tape.pick(_DATES)


def _real_date(tape: _Tape) -> str:
    return _date(tape) or "2013-07-01"


def _street(tape: _Tape) -> str:
    if tape.byte() % 2:
        return tape.text(_WHOLE_STREETS)
    street = tape.pick(_STREETS)
    house = tape.pick(_HOUSES)
    joint = tape.pick(("/", "", " m. ", " lok. ", " / ", "/m. "))
    flat = tape.pick(_FLATS) if joint else ""
    return street + tape.pick((" ", " ", " ", "  ", "\u00a0", "")) + house + joint + flat


def _id(tape: _Tape) -> int | None:
    return tape.pick((1012046, 1, 48234567, None, 9007199254740993, 84))


def _unknown_fields(tape: _Tape, record: Record, xml: bool) -> None:
    """Add, now and then, fields that no document of v2 ever named."""
    if not tape.chance(6):
        return
    for _ in range(1 + tape.byte() % 2):
        name = tape.pick(_UNKNOWN_NAMES) if xml else tape.pick((*_UNKNOWN_NAMES, "pole ze spacją"))
        value = tape.pick(_UNKNOWN_VALUES)
        if xml:
            value = _xml_text(value)
        record.setdefault(name, value)


def _xml_text(value: Any) -> str:
    """How XML shows a scalar: always as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


# ---------------------------------------------------------------------------- v2: canonical records


def _percent(rate: str) -> Decimal:
    return Decimal(rate) if rate.isdigit() else Decimal(0)


def _times(a: Decimal, b: Decimal) -> Decimal:
    return _half_up(_EXACT.multiply(a, b))


def _net_values(quantity: Decimal, price: Decimal, rate: str) -> tuple[Decimal, Decimal, Decimal]:
    """Net, VAT and gross of a line, each rounded half up to the grosz."""
    net = _times(quantity, price)
    vat = _half_up(_EXACT.divide(_EXACT.multiply(net, _percent(rate)), Decimal(100)))
    return net, vat, net + vat


def _v2_line(kind: str, tape: _Tape, xml: bool) -> Record:
    rate = tape.pick((*V2_RATES, "", "23", "23"))
    quantity = tape.pick(
        (
            Decimal(1),
            Decimal(2),
            Decimal("1.0"),
            Decimal("0.5"),
            Decimal(10),
            Decimal("1.333"),
            None,
            Decimal("0.2500"),
            Decimal(0),
            Decimal(-1),
            Decimal("1234.567891"),
        )
    )
    price: Decimal | None
    net: Decimal | None
    vat: Decimal | None
    gross: Decimal | None
    price = _amount(tape)
    consistent = tape.byte() % 12
    net, vat, gross = _net_values(quantity or Decimal(0), price or Decimal(0), rate)
    match consistent:
        case 5:
            price, vat, gross = None, None, None
        case 6:
            price, net, vat = None, None, None
        case 7:
            net, vat, gross = None, None, None
        case 8:
            vat = vat + _GROSZ
        case 9:
            net, vat, gross = _amount(tape), _amount(tape), _amount(tape)
        case 10:
            price, net, vat, gross = None, None, None, None
        case 11:
            # the VAT of a rate that the line does not name: a blank rate may be told from it
            other = tape.pick(V2_RATES)
            net, vat, gross = _net_values(quantity or Decimal(1), price or Decimal(100), other)
            rate = tape.pick(("", "", rate))
    margin = None
    if kind == "Faktura Marża":
        margin = _amount(tape)
        if tape.byte() % 2 == 0:
            rate, price, net, vat = "", None, None, None
    elif tape.chance(12):
        margin = _amount(tape)
    line: Record = {
        "service_id": _id(tape),
        "product_id": tape.pick((None, None, None, 1, 77123)),
        "nazwa": tape.text(_ITEMS),
        "stawka_vat": rate,
        "jm": tape.text(_UNITS),
        "ilosc": quantity,
        "cena_netto": price,
        "wartosc_netto": net,
        "wartosc_brutto": gross,
        "vat": vat,
        "symbol": tape.text(_SYMBOLS),
        "marza": margin,
    }
    _unknown_fields(tape, line, xml)
    return line


def _sum(lines: Sequence[Record], field: str) -> Decimal:
    total = Decimal(0)
    for line in lines:
        total = _EXACT.add(total, line[field] or Decimal(0))
    return total


def _v2_invoice(
    kinds: Sequence[str], xml: bool, drawn: tuple[bytes, list[bytes], list[str]]
) -> Record:
    head, rows, texts = drawn
    tape = _Tape(head, texts)
    kind = tape.pick(kinds)
    lines = [_v2_line(kind, _Tape(row, texts[:1]), xml) for row in rows]
    net: Decimal | None = _sum(lines, "wartosc_netto")
    vat: Decimal | None = _sum(lines, "vat")
    gross: Decimal | None = _sum(lines, "wartosc_brutto")
    match tape.byte() % 8:
        case 5:
            net, vat, gross = _amount(tape), _amount(tape), _amount(tape)
        case 6:
            net, vat = None, None
        case 7:
            net, vat, gross = None, None, None
    paid = tape.pick((Decimal(0), gross, Decimal("0.00"), None, _amount(tape)))
    corrected = kind == "Faktura korygująca" or tape.chance(16)
    issued = _date(tape)
    status = tape.pick(("", *V2_STATUSES))
    record: Record = {
        "invoice_id": _id(tape),
        "numer": tape.text(_NUMBERS),
        "waluta": tape.text(_CURRENCIES),
        "zaplacono": paid,
        "uwagi": tape.text(_NOTES),
        "rodzaj_faktury": kind,
        "sposob_platnosci": tape.pick(("Przelew", *V2_PAYMENT_METHODS, "")),
        "podpis_odbiorcy": tape.text(_SIGNATURES),
        "podpis_sprzedawcy": tape.text(_SIGNATURES),
        "data_wystawienia": issued,
        "data_sprzedazy": _date(tape) if tape.byte() % 2 else issued,
        "termin_zaplaty": _date(tape),
        "status": status,
        "client_id": _id(tape),
        "razem_netto": net,
        "razem_vat": vat,
        "razem_brutto": gross,
        "client_nazwa_firmy": tape.text(_NAMES),
        "client_ulica": _street(tape),
        "client_miejscowosc": tape.text(_TOWNS),
        "client_kod_pocztowy": tape.text(_POST_CODES),
        "client_nip": tape.text(_NIPS),
        "client_panstwo": tape.text(_ANY_COUNTRY),
        "podstawa_zwolnienia": tape.pick(("", "", "", "1", "art. 43 ust. 1 pkt 2", "3275")),
        "numer_faktury_korygowanej": tape.text(_NUMBERS) if corrected else "",
        "data_faktury_korygowanej": _date(tape) if corrected else None,
        "data_podpisania": tape.pick(("", "", "", "2012-03-16", "16 marca")),
    }
    if tape.chance(8):
        record["unikalny_numer"] = tape.pick((False, True))
    if tape.chance(8):
        record["data_oplacenia"] = _real_date(tape)
    record["services"] = lines
    _unknown_fields(tape, record, xml)
    if not record["rodzaj_faktury"] and not lines and issued is None:
        # a document that says nothing of an invoice is not read as one
        record["data_wystawienia"] = "2012-03-15"
    return record


_HEAD = 180
_ROW = 90
_SPELLING = 256


def v2_invoices(
    kinds: Iterable[str] | None = None, *, xml: bool = False, max_lines: int = 5
) -> SearchStrategy[Record]:
    """Canonical v2 invoices; amounts are ``Decimal`` in units of the currency.

    ``kinds``: values of rodzaj_faktury (:data:`V2_KINDS`); by default all six, and sometimes none
    (``""``). ``xml``: only text that XML can hold, and unknown fields only as text. ``max_lines``:
    the largest number of service lines.
    """
    pool = (*V2_KINDS, "") if kinds is None else tuple(kinds)
    drawn = st.tuples(_bytes(_HEAD), st.lists(_bytes(_ROW), max_size=max_lines), _texts(xml))
    return drawn.map(_Made(_v2_invoice, pool, xml))


def _v2_client(xml: bool, drawn: tuple[bytes, list[str]]) -> Record:
    tape = _Tape(*drawn)
    other = tape.byte() % 3 == 2
    record: Record = {
        "client_id": _id(tape),
        "nazwa_firmy": tape.text(_NAMES),
        "ulica": _street(tape),
        "miejscowosc": tape.text(_TOWNS),
        "kod_pocztowy": tape.text(_POST_CODES),
        "panstwo": tape.text(_ANY_COUNTRY),
        "nip": tape.text(_NIPS),
        "email": tape.text(("", "biuro@example.com", "a@example.com, b@example.com")),
        "numer_telefonu": tape.text(("", "+48 12 345 67 89", "600-100-200 w. 5")),
        "adres_www": tape.text(("", "www.example.com", "http://example.com/?a=1&b=2")),
        "info": tape.text(_NOTES),
        "odbiorca": tape.text(_SIGNATURES),
        "adres_kor": tape.pick((False, True, None)),
        "nazwa_firmy_kor": tape.text(_NAMES) if other else "",
        "ulica_kor": _street(tape) if other else "",
        "miejscowosc_kor": tape.text(_TOWNS) if other else "",
        "kod_pocztowy_kor": tape.text(_POST_CODES) if other else "",
    }
    _unknown_fields(tape, record, xml)
    if not any(record[name] for name in ("nazwa_firmy", "ulica", "miejscowosc", "nip", "email")):
        record["nazwa_firmy"] = _NAMES[0]
    return record


def v2_clients(*, xml: bool = False) -> SearchStrategy[Record]:
    """Canonical v2 clients: the 17 fields of v2's client, and sometimes unknown ones.

    ``xml``: only text that XML can hold, and unknown fields only as text.
    """
    return st.tuples(_bytes(_HEAD), _texts(xml)).map(_Made(_v2_client, xml))


# ---------------------------------------------------------------------------- v2: as it was spelled

_INVOICE_TYPES: dict[str, str] = {
    "invoice_id": "id",
    "client_id": "id",
    "zaplacono": "amount",
    "razem_netto": "amount",
    "razem_vat": "amount",
    "razem_brutto": "amount",
    "rodzaj_faktury": "enum",
    "sposob_platnosci": "enum",
    "status": "enum",
    "data_wystawienia": "date",
    "data_sprzedazy": "date",
    "termin_zaplaty": "date",
    "data_faktury_korygowanej": "date",
    "data_oplacenia": "date",
    "unikalny_numer": "bool",
    "podstawa_zwolnienia": "exemption",
}
_LINE_TYPES: dict[str, str] = {
    "service_id": "id",
    "product_id": "id",
    "stawka_vat": "rate",
    "ilosc": "amount",
    "cena_netto": "amount",
    "wartosc_netto": "amount",
    "wartosc_brutto": "amount",
    "vat": "amount",
    "marza": "amount",
}
_CLIENT_TYPES: dict[str, str] = {"client_id": "id", "adres_kor": "bool"}
_INVOICE_TEXT = frozenset(
    (
        "numer",
        "waluta",
        "uwagi",
        "podpis_odbiorcy",
        "podpis_sprzedawcy",
        "client_nazwa_firmy",
        "client_ulica",
        "client_miejscowosc",
        "client_kod_pocztowy",
        "client_nip",
        "client_panstwo",
        "numer_faktury_korygowanej",
        "data_podpisania",
    )
)
_LINE_TEXT = frozenset(("nazwa", "jm", "symbol"))
_CLIENT_TEXT = frozenset(
    (
        "nazwa_firmy",
        "ulica",
        "miejscowosc",
        "kod_pocztowy",
        "panstwo",
        "nip",
        "email",
        "numer_telefonu",
        "adres_www",
        "info",
        "odbiorca",
        "nazwa_firmy_kor",
        "ulica_kor",
        "miejscowosc_kor",
        "kod_pocztowy_kor",
    )
)

# Stands for "leave the field out".
_OMIT = object()


def _spell_amount(value: Decimal, tape: _Tape, xml: bool) -> Any:
    plain = f"{value:f}"
    how = tape.byte() % 10
    if how == 9 and not value:
        # what Ruby makes of a float that was rounded up to zero
        return "-0.0"
    if not xml:
        match how:
            case 0:
                return value
            case 1 if value == value.to_integral_value():
                return int(value)
            case 1 | 2:
                return NumberText(plain if "." in plain else plain + ".0")
    whole, _, fraction = plain.partition(".")
    if how in (4, 5, 6, 9):
        zeros = tape.byte() % 3
        fraction = (fraction + "0" * zeros)[: max(len(fraction), 12)]
    sign = "." if how < 6 else ","
    if how in (5, 8, 9):
        digits = whole.lstrip("-")
        groups = [digits[max(0, end - 3) : end] for end in range(len(digits), 0, -3)]
        space = tape.pick(("\u00a0", " ", "\u202f"))
        whole = ("-" if whole.startswith("-") else "") + space.join(reversed(groups))
    if sign == "," and len(fraction) == 3:
        fraction += "0"
    return whole + sign + fraction if fraction else whole


def _spell_enum(value: str, tape: _Tape) -> str:
    match tape.byte() % 8:
        case 1:
            return value.upper()
        case 2:
            return value.lower()
        case 3:
            return quote(value)
        case 4:
            return value.title()
        case 5:
            return quote(value.lower()).replace("%20", " ").lower()
        case _:
            return value


def _spell_rate(value: str, tape: _Tape, xml: bool) -> Any:
    how = tape.byte() % 8
    if not value.isdigit():
        return value.upper() if how == 1 else value.title() if how == 2 else value
    match how:
        case 1:
            return value + "%"
        case 2:
            return value + ".0"
        case 3 if not xml:
            return int(value)
        case 4 if not xml:
            return Decimal(value + ".0")
        case 5 if not xml:
            return NumberText(value + ".0")
        case _:
            return value


def _spell_scalar(kind: str, value: Any, tape: _Tape, xml: bool) -> Any:
    """One field of a known type in one of its spellings, or :data:`_OMIT`."""
    if value is None or (value == "" and kind != "unknown"):
        how = tape.byte() % 4
        if how == 1:
            return _OMIT
        if xml:
            return ""
        return value if how == 0 else None if how == 2 else ""
    match kind:
        case "amount":
            return _spell_amount(value, tape, xml)
        case "enum":
            return _spell_enum(value, tape)
        case "rate":
            return _spell_rate(value, tape, xml)
        case "id":
            return str(value) if xml or tape.byte() % 3 == 2 else value
        case "exemption" if value.isdigit() and not xml:
            return int(value) if tape.byte() % 3 == 2 else value
        case "bool":
            choices = ("true", "1") if value else ("false", "0")
            return tape.pick(choices if xml else (value, *choices, int(value)))
        case "unknown" if xml:
            return _xml_text(value)
        case _:
            return value


def _shuffled(fields: Record, tape: _Tape) -> Record:
    how = tape.byte()
    if how % 4 == 0:
        return fields
    names = list(fields)
    if how % 4 == 1:
        names.reverse()
    else:
        names.sort(key=lambda name: zlib.crc32(name.encode(), how))
    return {name: fields[name] for name in names}


def _spell_fields(
    record: Record, types: dict[str, str], texts: frozenset[str], tape: _Tape, xml: bool
) -> Record:
    document: Record = {}
    for name, value in record.items():
        if name == "services":
            continue
        kind = types.get(name) or ("text" if name in texts else "unknown")
        said = _spell_scalar(kind, value, tape, xml)
        if said is not _OMIT:
            wrong = name == "podstawa_zwolnienia" and tape.chance(4)
            document["podstawa_zwolenienia" if wrong else name] = said
    return document


def _in_xml(record: Record, known: Callable[[str], bool]) -> Record:
    """Make text of the fields that nobody knows, as XML does."""
    return {
        name: value if known(name) or value is None else _xml_text(value)
        for name, value in record.items()
    }


def _is_known(types: dict[str, str], texts: frozenset[str], name: str) -> bool:
    return name in types or name in texts or name == "services"


def _spell(xml: bool, drawn: tuple[Record, bytes]) -> tuple[Record, Record]:
    record, data = drawn
    tape = _Tape(data)
    envelope = xml or tape.byte() % 3 != 2
    if "nazwa_firmy" in record:
        document = _spell_fields(record, _CLIENT_TYPES, _CLIENT_TEXT, tape, xml)
        document = _shuffled(document, tape)
        if xml:
            record = _in_xml(record, partial(_is_known, _CLIENT_TYPES, _CLIENT_TEXT))
        return ({"client": document} if envelope else document), record
    document = _spell_fields(record, _INVOICE_TYPES, _INVOICE_TEXT, tape, xml)
    lines = []
    for row in record["services"]:
        line = _spell_fields(row, _LINE_TYPES, _LINE_TEXT, tape, xml)
        # a line without a single field is not told from an empty element
        lines.append(_shuffled(line, tape) or {"nazwa": ""})
    form: Any
    if lines:
        form = tape.pick((lines, {"service": lines if len(lines) > 1 else lines[0]}))
        form = tape.pick((form, form, {"service": lines}))
    else:
        form = tape.pick(
            ([], _OMIT, "", {"service": []}) if xml else ([], _OMIT, None, "", {"service": []})
        )
    if form is not _OMIT:
        document["services"] = form
    beside: Record = {}
    if "unikalny_numer" in document and envelope and not xml and tape.byte() % 2:
        beside["unikalny_numer"] = document.pop("unikalny_numer")
    document = _shuffled(document, tape)
    if xml:
        record = _in_xml(record, partial(_is_known, _INVOICE_TYPES, _INVOICE_TEXT))
        known = partial(_is_known, _LINE_TYPES, _LINE_TEXT)
        record["services"] = [_in_xml(row, known) for row in record["services"]]
    if not envelope and _nameless(document):
        envelope = True
    if not envelope:
        return document, record
    return _shuffled({"invoice": document, **beside}, tape), record


def _nameless(document: Record) -> bool:
    """Whether a bare document could as well be something else than an invoice."""
    telling = ("rodzaj_faktury", "services", "data_wystawienia", "razem_brutto")
    return not any(document.get(name) for name in telling)


def spelled(record: Record, *, xml: bool = False) -> SearchStrategy[tuple[Record, Record]]:
    """Spell one canonical record in every way: pairs ``(document, canonical)``.

    Amounts come as ``Decimal``, ``int``, the text of a JSON number, or text with trailing zeros, a
    comma as the decimal sign or spaces between thousands; enums in any case or percent-encoded;
    what is absent as null, empty or not at all; with and without an envelope, under every alias, in
    any order of keys. ``xml``: the document as it is once read from XML, all text; canonical then
    has unknown fields as text, too. The record must come from a strategy that was asked for XML as
    well.
    """
    return st.tuples(st.just(record), _bytes(_SPELLING)).map(_Made(_spell, xml))


def v2_spelled_invoices(
    kinds: Iterable[str] | None = None, *, xml: bool = False, max_lines: int = 5
) -> SearchStrategy[tuple[Record, Record]]:
    """Invoices of :func:`v2_invoices` as pairs ``(document, canonical)`` of :func:`spelled`."""
    records = v2_invoices(kinds, xml=xml, max_lines=max_lines)
    return st.tuples(records, _bytes(_SPELLING)).map(_Made(_spell, xml))


def v2_spelled_clients(*, xml: bool = False) -> SearchStrategy[tuple[Record, Record]]:
    """Clients of :func:`v2_clients` as pairs ``(document, canonical)`` of :func:`spelled`."""
    return st.tuples(v2_clients(xml=xml), _bytes(_SPELLING)).map(_Made(_spell, xml))


# ------------------------------------------------------------------------------- v3: live documents

_V3_PAYMENTS = (
    "transfer",
    "cash",
    "card",
    "barter",
    "check",
    "bill_of_sale",
    "delivery",
    "compensation",
    "accredited",
    "other",
    "paypal",
    "instalment_sale",
    "payu",
    "tpay",
    "przelewy24",
    "dotpay",
)
_V3_STATUSES = ("draft", "sent", "printed", "paid")
_V3_RATES = ("23", "8", "5", "0", "zw", "np", "oo", "22", "7", "3")
_V3_COUNTRIES = ("PL", "DE", "FR", "US", "CZ", "NL", "SE")


def _empty(tape: _Tape) -> str | None:
    """v3's two words for nothing: null when never set, "" when emptied in the application."""
    return tape.pick((None, ""))


def _or_empty(tape: _Tape, pool: Sequence[str]) -> str | None:
    return tape.text(pool) or _empty(tape)


def _int_half_up(top: Decimal) -> int:
    return int(top.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=_EXACT))


def _v3_values(tape: _Tape, quantity: Decimal, rate: str) -> tuple[int, int, int, int]:
    """Give unit price, net, VAT and gross in grosze: computed from one of them, or loose."""
    percent = _percent(rate)
    hundred = Decimal(100)
    start = _grosze(tape)
    how = tape.byte() % 8
    if how == 7:
        return start, _grosze(tape), _grosze(tape), _grosze(tape)
    if how in (5, 6):
        gross = start
        vat = _int_half_up(_EXACT.divide(gross * percent, hundred + percent))
        net = gross - vat
        unit = _int_half_up(_EXACT.divide(Decimal(net), quantity))
        return unit, net, vat, gross
    if how in (3, 4):
        net = start
        unit = _int_half_up(_EXACT.divide(Decimal(net), quantity))
    else:
        unit = start
        net = _int_half_up(_EXACT.multiply(quantity, Decimal(unit)))
    vat = _int_half_up(_EXACT.divide(net * percent, hundred))
    return unit, net, vat, net + vat


def _v3_line(kind: str, drawn: bytes, index: int, texts: Sequence[str]) -> Record:
    tape = _Tape(drawn, texts)
    quantities: tuple[int | str | Decimal, ...]
    quantities = (1, 2, "1.0", Decimal("0.5"), 3, Decimal("1.333"), 7, "2.50", 12)
    quantity = tape.pick(quantities)
    line: Record = {
        "id": 2604853 + index,
        "name": tape.text(_ITEMS) or "Towar",
        "unit": tape.pick(("", "szt.", None, "godz.")),
        "quantity": quantity,
    }
    if kind == "margin":
        line["gross_with_margin_amount_price"] = _grosze(tape)
        line["margin_amount_price"] = _grosze(tape)
        if tape.chance(4):
            line["gtu_id"] = None
        return line
    rate = tape.pick(_V3_RATES)
    if tape.chance(24):
        rate = tape.pick(("np_ue", "19"))
    unit, net, vat, gross = _v3_values(tape, Decimal(str(quantity)), rate)
    if kind == "correction" and index % 2:
        net, vat, gross = -net, -vat, -gross
    symbol = tape.pick(("", "62.01.11.0", None, "84.11.12.0 / - / -"))
    discount = tape.pick(("0.0", "0.0", "10.0", None))
    line = {
        "id": line["id"],
        "name": line["name"],
        "tax_symbol": rate,
        "unit": line["unit"],
        "quantity": quantity,
        "unit_net_price": unit,
        "net_price": net,
        "gross_price": gross,
        "tax_price": vat,
        "symbol": symbol,
        "pkwiu": tape.pick((None, "", "62.01.11.0")),
        "cn": tape.pick((None, "")),
        "pkob": tape.pick((None, "")),
        "flat_rate_tax_symbol": tape.pick((None, None, "5.5")),
        "discount": discount,
        "unit_net_price_before_discount": unit if discount != "10.0" else unit + unit // 9,
        "gtu_id": tape.pick((None, None, "GTU_12")),
        "related_id": None,
    }
    if kind == "correction":
        line["group"] = 1 + index // 2
        line["correction"] = index % 2 == 1
    if tape.chance(16):
        line["nowe_pole"] = tape.pick(("x", None, 1))
    return line


def _v3_buyer(tape: _Tape) -> Record:
    """Make the buyer of an invoice: a company, a person, or a company of a person."""
    kind = tape.pick((None, "other_business", "private_person", "self_employed"))
    person = kind in ("private_person", "self_employed") or tape.chance(8)
    company = kind != "private_person"
    whole = tape.byte() % 3 == 2
    street = tape.text(_WHOLE_STREETS) if whole else tape.pick(_STREETS)
    return {
        "client_company_name": tape.text(_NAMES) or "Firma" if company else _empty(tape),
        "client_first_name": tape.pick(("Jan", "Żaneta", "Jan Maria")) if person else _empty(tape),
        "client_last_name": tape.pick(("Kowalski", "Ćwikła-Śliwa")) if person else _empty(tape),
        "client_business_activity_kind": kind,
        "client_street": street or _empty(tape),
        "client_street_number": _empty(tape) if whole else tape.pick(_HOUSES) or _empty(tape),
        "client_flat_number": _empty(tape) if whole or tape.byte() % 2 == 0 else tape.pick(_FLATS),
        "client_city": _or_empty(tape, _TOWNS),
        "client_post_code": _or_empty(tape, _POST_CODES),
        "client_tax_code": _or_empty(tape, _NIPS),
        "client_country": tape.pick((*_V3_COUNTRIES, *_V3_COUNTRIES, "XX", None, "")),
    }


# What the kinds leave out of the invoice (v3-wire.md section 5).
_NOT_ON = {
    "margin": (
        "net_price",
        "tax_price",
        "split_payment",
        "split_payment_type",
        "sale_type",
        "invoice_date_kind",
        "vat_exemption_reason",
        "not_income",
        "transaction_kind_id",
        "receipt_number",
    ),
    "advance": ("paid_price", "sale_date"),
    "correction": ("parent_id", "sales_kind", "amount_in_words", "building_service", "created_at"),
}


def _v3_invoice(kinds: Sequence[str], drawn: tuple[bytes, list[bytes], list[str]]) -> Record:
    head, rows, texts = drawn
    tape = _Tape(head, texts)
    kind = tape.pick(kinds)
    lines = [_v3_line(kind, row, index, texts[:1]) for index, row in enumerate(rows)]
    if kind == "margin":
        net, vat, gross = 0, 0, sum(line["gross_with_margin_amount_price"] for line in lines)
    else:
        net = sum(line["net_price"] for line in lines)
        vat = sum(line["tax_price"] for line in lines)
        gross = sum(line["gross_price"] for line in lines)
    status = tape.pick(_V3_STATUSES)
    if tape.chance(32):
        status = "archived"
    paid = tape.pick((0, gross if status == "paid" else 0, min(100, abs(gross)), gross))
    payment = tape.pick(_V3_PAYMENTS)
    if tape.chance(24):
        payment = "blik"
    issued: str | None = _real_date(tape)
    if tape.chance(40):
        issued = None
    invoice: Record = {
        "id": 2310904,
        "uuid": "9d476d16-0000-4000-8000-000000000001",
        "parent_id": None,
        "number": tape.text(("18/03/2023", "1/PROF/03/2023", "4/KOR/03/2023")) or "1/2023",
        "currency": tape.pick(("PLN", "PLN", "EUR", "USD")),
        "paid_price": paid,
        "notes": _or_empty(tape, _NOTES),
        "kind": kind,
        "payment_method": payment,
        "split_payment": False,
        "split_payment_type": tape.pick((None, None, "required")),
        "recipient_signature": tape.text(_SIGNATURES),
        "seller_signature": tape.text(_SIGNATURES),
        "invoice_date": issued,
        "sale_date": tape.pick((issued, None, _real_date(tape), "")),
        "vat_date_value": "sale_date",
        "continuous_service_start_on": None,
        "continuous_service_end_on": None,
        "occasional_sale": False,
        "status": status,
        "payment_date": tape.pick((_real_date(tape), issued, None, "")),
        "paid_date": tape.pick(("2023-03-22", None, "")) if status == "paid" else _empty(tape),
        "net_price": net,
        "tax_price": vat,
        "gross_price": gross,
        "left_to_pay": gross - paid if tape.byte() % 4 else gross,
        "client_id": tape.pick((1090136, 84, None)),
        "client_uuid": "9d476d16-0000-4000-8000-000000000002",
        **_v3_buyer(tape),
        "bank_account": tape.pick(("", "70102010130000010200026526")),
        "bank_name": tape.pick(("", "PKO BP")),
        "swift": "",
        "vat_exemption_reason": tape.pick((None, None, None, "", 1)),
        "sale_type": tape.pick(("", "service")),
        "invoice_date_kind": "sale_date",
        "document_markings_ids": tape.pick(((), ("3",))),
        "transaction_kind_id": None,
        "bdo_code": None,
        "receipt_number": None,
        "not_income": kind == "advance",
        "vat_exchange_date_kind": tape.pick((None, "vat")),
        "sales_kind": "sprzedaz_podstawowa",
        "amount_in_words": "zero PLN 00/100",
        "building_service": False,
        "created_at": "2023-03-08T09:12:44+01:00",
        "reconciliation_id": None,
    }
    invoice["document_markings_ids"] = list(invoice["document_markings_ids"])
    for name in _NOT_ON.get(kind, ()):
        invoice.pop(name, None)
    match kind:
        case "correction":
            invoice["corrected_invoice_number"] = tape.text(_NUMBERS)
            invoice["corrected_invoice_date"] = tape.pick((_real_date(tape), None, ""))
            invoice["confirmation"] = False
            invoice["confirmation_date"] = ""
            invoice["correction_reason"] = "Inne: np. zwrot, rabat"
        case "margin":
            invoice["margin_kind"] = "Procedura marży - towary używane"
            invoice["margin_amount_price"] = sum(line["margin_amount_price"] for line in lines)
        case "advance":
            invoice["advance_price"] = _grosze(tape)
            invoice["advance_date"] = issued
            invoice["previous_advance_id"] = None
            invoice["previous_advances"] = []
            invoice["left_to_pay"] = gross - invoice["advance_price"]
        case "final":
            invoice["previous_advance_id"] = 2310900
    if tape.byte() % 2:
        invoice["local_government_recipient_address"] = None
        invoice["related_documents"] = []
        invoice["extensions"] = {"payments": {"link": None, "available": False}}
        invoice["ksef_data"] = None
    if tape.chance(12):
        invoice["nowe_pole"] = tape.pick(("x", None, 1, True))
    invoice["services"] = lines
    return invoice


def v3_invoices(
    kinds: Iterable[str] | None = None, *, max_lines: int = 4
) -> SearchStrategy[Record]:
    """Live v3 invoices of today's shape, without an envelope; amounts are ``int`` in grosze.

    Each has null and ``""`` for nothing as v3 mixes them, buyers who are persons, payment methods
    and rates that v2 never had, discounts, paid documents with a paid_price of 0, and sometimes
    values and keys that nobody knows yet. ``kinds``: values of v3's kind (:data:`V3_KINDS`, the
    default, as well as other text). ``max_lines``: the largest number of rows in ``services``.
    """
    pool = V3_KINDS if kinds is None else tuple(kinds)
    drawn = st.tuples(
        _bytes(_HEAD), st.lists(_bytes(_ROW), max_size=max_lines), st.lists(_FREE_TEXT, max_size=3)
    )
    return drawn.map(_Made(_v3_invoice, pool))


def _v3_client(drawn: tuple[bytes, list[str]]) -> Record:
    tape = _Tape(*drawn)
    buyer = _v3_buyer(tape)
    other = tape.byte() % 3 == 2
    client: Record = {
        "id": 1090136,
        "uuid": "9d476d16-0000-4000-8000-000000000002",
        "company_name": buyer["client_company_name"],
        "street": buyer["client_street"],
        "street_number": buyer["client_street_number"],
        "flat_number": buyer["client_flat_number"],
        "city": buyer["client_city"],
        "country": buyer["client_country"] or "PL",
        "country_full_name": "Polska",
        "postal_code": buyer["client_post_code"],
        "nip": buyer["client_tax_code"],
        "phone_number": _or_empty(tape, ("", "+48 12 345 67 89")),
        "web_site": tape.text(("", "www.example.com")),
        "email": _or_empty(tape, ("", "biuro@example.com")),
        "note": tape.text(_NOTES),
        "receiver": tape.text(_SIGNATURES),
        "mailing_company_name": tape.text(_NAMES) if other else "",
        "mailing_street": tape.text(_WHOLE_STREETS) if other else "",
        "mailing_city": tape.text(_TOWNS) if other else "",
        "mailing_postal_code": tape.text(_POST_CODES) if other else "",
        "days_to_payment": tape.pick(("", 14)),
        "payment_method": tape.pick(("", "transfer", "paypal")),
        "invoice_note": "",
        "same_forward_address": not other,
        "first_name": buyer["client_first_name"],
        "last_name": buyer["client_last_name"],
        "business_activity_kind": buyer["client_business_activity_kind"],
        "is_vindicable": False,
        "vindicable_invoices_count": 0,
    }
    if tape.chance(12):
        client["nowe_pole"] = tape.pick(("x", None, 1, True))
    return client


def v3_clients() -> SearchStrategy[Record]:
    """Live v3 clients of today's shape, without an envelope."""
    return st.tuples(_bytes(_HEAD), st.lists(_FREE_TEXT, max_size=3)).map(_Made(_v3_client))


# ------------------------------------------------------------------------ v2: what a caller changes

_CHANGED_TEXT: dict[str, tuple[str, ...]] = {
    "uwagi": ("Poprawka", *_NOTES),
    "podpis_odbiorcy": _SIGNATURES,
    "podpis_sprzedawcy": _SIGNATURES,
    "client_miejscowosc": _TOWNS,
    "client_kod_pocztowy": _POST_CODES,
    "client_nip": _NIPS,
}
_CHANGED_CLIENT_TEXT: dict[str, tuple[str, ...]] = {
    "info": ("Poprawka", *_NOTES),
    "miejscowosc": _TOWNS,
    "kod_pocztowy": _POST_CODES,
    "nip": _NIPS,
    "email": ("", "nowy@example.com"),
    "numer_telefonu": ("", "600 100 200"),
    "adres_www": ("", "example.com"),
    "odbiorca": _SIGNATURES,
    "nazwa_firmy_kor": _NAMES,
    "ulica_kor": _WHOLE_STREETS,
    "miejscowosc_kor": _TOWNS,
    "kod_pocztowy_kor": _POST_CODES,
}
_CHANGED = (
    *_CHANGED_TEXT,
    "numer",
    "waluta",
    "zaplacono",
    "rodzaj_faktury",
    "sposob_platnosci",
    "data_wystawienia",
    "data_sprzedazy",
    "termin_zaplaty",
    "status",
    "client_id",
    "client_nazwa_firmy",
    "client_ulica",
    "client_panstwo",
)
_CHANGED_CLIENT = (*_CHANGED_CLIENT_TEXT, "nazwa_firmy", "ulica", "panstwo", "adres_kor")


def _money(tape: _Tape) -> Decimal:
    return _scaled(1 + _grosze(tape), -2)


def _changed_value(name: str, record: Record, tape: _Tape) -> Any:
    match name:
        case "numer":
            return tape.text(_NUMBERS) or "7/2013"
        case "waluta":
            return tape.pick(("EUR", "PLN", "USD"))
        case "zaplacono":
            return tape.pick((Decimal(0), record.get("razem_brutto") or Decimal(1), _money(tape)))
        case "rodzaj_faktury":
            return tape.pick(V2_KINDS[:2]) if record[name] in V2_KINDS[:2] else record[name]
        case "sposob_platnosci":
            return tape.pick(V2_PAYMENT_METHODS)
        case "data_wystawienia" | "data_sprzedazy" | "termin_zaplaty":
            return _real_date(tape)
        case "status":
            return tape.pick(V2_STATUSES)
        case "client_id":
            return tape.pick((7, 84, 1012046))
        case "client_nazwa_firmy" | "nazwa_firmy":
            return tape.text(_NAMES) or "Inna Firma"
        case "client_ulica" | "ulica":
            return _street(tape)
        case "client_panstwo" | "panstwo":
            return tape.pick((*_COUNTRIES, *_COUNTRY_SYNONYMS))
        case "adres_kor":
            return tape.pick((True, False))
        case _:
            pools = _CHANGED_CLIENT_TEXT if "nazwa_firmy" in record else _CHANGED_TEXT
            return tape.text(pools[name])


def _changed_line(line: Record, tape: _Tape) -> Record:
    """One field of a line, and now and then a second one."""
    line = dict(line)
    for _ in range(2 if tape.chance(4) else 1):
        match tape.byte() % 9:
            case 0:
                line["nazwa"] = tape.text(_ITEMS) or "Inna usługa"
            case 1:
                line["jm"] = tape.text(_UNITS)
            case 2:
                line["ilosc"] = tape.pick((Decimal(3), Decimal("0.25"), Decimal(1)))
            case 3:
                line["stawka_vat"] = tape.pick(V2_RATES)
            case 4 | 5:
                line["cena_netto"] = _money(tape)
            case 6:
                line["wartosc_netto"] = _money(tape)
            case 7:
                line["wartosc_brutto"] = _money(tape)
            case _:
                line["symbol"] = tape.text(_SYMBOLS)
    return line


def _new_line(tape: _Tape) -> Record:
    """Make a line that a caller adds: a name, a quantity, a rate and one of the three prices."""
    given = tape.pick(("cena_netto", "wartosc_netto", "wartosc_brutto"))
    line: Record = {
        "service_id": None,
        "product_id": None,
        "nazwa": tape.text(_ITEMS) or "Nowa pozycja",
        "stawka_vat": tape.pick(V2_RATES),
        "jm": tape.text(_UNITS),
        "ilosc": tape.pick((Decimal(1), Decimal(2), Decimal("1.5"))),
        "cena_netto": None,
        "wartosc_netto": None,
        "wartosc_brutto": None,
        "vat": None,
        "symbol": tape.text(_SYMBOLS),
        "marza": None,
    }
    line[given] = _money(tape)
    return line


def _changed_lines(lines: Sequence[Record], tape: _Tape) -> list[Record]:
    changed = [dict(line) for line in lines]
    how = tape.byte() % 6
    if not changed or how == 4:
        changed.insert(tape.byte() % (len(changed) + 1), _new_line(tape))
        return changed
    at = tape.byte() % len(changed)
    match how:
        case 5 if len(changed) > 1:
            del changed[at]
        case 3:
            changed.reverse()
            changed[at] = _changed_line(changed[at], tape)
        case _:
            changed[at] = _changed_line(changed[at], tape)
    return changed


def _change(view: Record, lines: bool, data: bytes) -> Record:
    tape = _Tape(data)
    record = dict(view)
    client = "nazwa_firmy" in view
    names = _CHANGED_CLIENT if client else _CHANGED
    for _ in range(1 + tape.byte() % 3):
        name = tape.pick(names)
        record[name] = _changed_value(name, record, tape)
    if not client:
        how = tape.byte() % 4
        if lines and how >= 2:
            record["services"] = _changed_lines(view["services"], tape)
            if how == 3:
                # nothing but the lines
                record = {**view, "services": record["services"]}
        else:
            record["services"] = [dict(line) for line in view["services"]]
    if not client and record["data_wystawienia"]:
        # a view without an invoice date had no others either; one that has it always has them
        for name in ("data_sprzedazy", "termin_zaplaty"):
            record[name] = record[name] or record["data_wystawienia"]
    if record == view:
        note = "info" if client else "uwagi"
        record[note] += "!"
    return record


def v2_changes(view: Record, *, lines: bool = True) -> SearchStrategy[Record]:
    """Give what a caller may write back that was shown ``view``, a canonical invoice or client.

    The records differ from the view, and only in fields that can be written: never in ids that v3
    gives, VAT amounts or totals. Dates stay dates, enums have documented values, amounts are
    ``Decimal`` with at most two decimals in units of the currency; new lines have ``None`` for what
    v3 computes. ``lines``: whether service lines are changed, too.
    """
    return _bytes(80).map(_Made(_change, view, lines))
