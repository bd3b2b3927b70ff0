"""Canonical v2 invoices and clients, every readable field in the order of v2's own field list."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from infakt_compat.testing import values
from infakt_compat.testing.amounts import EXACT, amount
from infakt_compat.testing.record import (
    Record,
    add_unknown_fields,
    date_text,
    real_date,
    record_id,
    street,
)
from infakt_compat.testing.tape import HEAD, ROW, Made, Tape, free_texts, octets
from infakt_compat.testing.v2_lines import v2_line


def _sum(lines: Sequence[Record], field: str) -> Decimal:
    total = Decimal(0)
    for line in lines:
        total = EXACT.add(total, line[field] or Decimal(0))
    return total


def _totals(lines: Sequence[Record], tape: Tape) -> Record:
    """Sums of the lines, mostly; else loose or absent."""
    net: Decimal | None = _sum(lines, "wartosc_netto")
    vat: Decimal | None = _sum(lines, "vat")
    gross: Decimal | None = _sum(lines, "wartosc_brutto")
    match tape.byte() % 8:
        case 5:
            net, vat, gross = amount(tape), amount(tape), amount(tape)
        case 6:
            net, vat = None, None
        case 7:
            net, vat, gross = None, None, None
    return {"razem_netto": net, "razem_vat": vat, "razem_brutto": gross}


def _heading(kind: str, paid: Decimal | None, tape: Tape) -> Record:
    return {
        "invoice_id": record_id(tape),
        "numer": tape.text(values.NUMBERS),
        "waluta": tape.text(values.CURRENCIES),
        "zaplacono": paid,
        "uwagi": tape.text(values.NOTES),
        "rodzaj_faktury": kind,
        "sposob_platnosci": tape.pick(("Przelew", *values.V2_PAYMENT_METHODS, "")),
        "podpis_odbiorcy": tape.text(values.SIGNATURES),
        "podpis_sprzedawcy": tape.text(values.SIGNATURES),
    }


def _buyer(tape: Tape) -> Record:
    return {
        "client_nazwa_firmy": tape.text(values.NAMES),
        "client_ulica": street(tape),
        "client_miejscowosc": tape.text(values.TOWNS),
        "client_kod_pocztowy": tape.text(values.POST_CODES),
        "client_nip": tape.text(values.NIPS),
        "client_panstwo": tape.text(values.ANY_COUNTRY),
    }


def _legal(corrected: bool, tape: Tape) -> Record:
    """Give the exemption, what is corrected, and the day of the signature."""
    return {
        "podstawa_zwolnienia": tape.pick(("", "", "", "1", "art. 43 ust. 1 pkt 2", "3275")),
        "numer_faktury_korygowanej": tape.text(values.NUMBERS) if corrected else "",
        "data_faktury_korygowanej": date_text(tape) if corrected else None,
        "data_podpisania": tape.pick(("", "", "", "2012-03-16", "16 marca")),
    }


def _fields(kind: str, lines: Sequence[Record], tape: Tape) -> Record:
    """Give every readable field but the lines."""
    totals = _totals(lines, tape)
    sums = (Decimal(0), totals["razem_brutto"], Decimal("0.00"), None, amount(tape))
    paid = tape.pick(sums)
    corrected = kind == "Faktura korygująca" or tape.chance(16)
    issued = date_text(tape)
    status = tape.pick(("", *values.V2_STATUSES))
    return {
        **_heading(kind, paid, tape),
        "data_wystawienia": issued,
        "data_sprzedazy": date_text(tape) if tape.byte() % 2 else issued,
        "termin_zaplaty": date_text(tape),
        "status": status,
        "client_id": record_id(tape),
        **totals,
        **_buyer(tape),
        **_legal(corrected, tape),
    }


def _v2_invoice(
    kinds: Sequence[str], xml: bool, drawn: tuple[bytes, list[bytes], list[str]]
) -> Record:
    head, rows, texts = drawn
    tape = Tape(head, texts)
    kind = tape.pick(kinds)
    lines = [v2_line(kind, Tape(row, texts[:1]), xml) for row in rows]
    record = _fields(kind, lines, tape)
    if tape.chance(8):
        record["unikalny_numer"] = tape.pick((False, True))
    if tape.chance(8):
        record["data_oplacenia"] = real_date(tape)
    record["services"] = lines
    add_unknown_fields(tape, record, xml)
    if not record["rodzaj_faktury"] and not lines and record["data_wystawienia"] is None:
        # a document that says nothing of an invoice is not read as one
        record["data_wystawienia"] = "2012-03-15"
    return record


def v2_invoices(
    kinds: Iterable[str] | None = None, *, xml: bool = False, max_lines: int = 5
) -> SearchStrategy[Record]:
    """Canonical v2 invoices; amounts are ``Decimal`` in units of the currency.

    ``kinds``: values of rodzaj_faktury (:data:`V2_KINDS`); by default all six, and sometimes none
    (``""``). ``xml``: only text that XML can hold, and unknown fields only as text. ``max_lines``:
    the largest number of service lines.
    """
    pool = (*values.V2_KINDS, "") if kinds is None else tuple(kinds)
    rows = st.lists(octets(ROW), max_size=max_lines)
    return st.tuples(octets(HEAD), rows, free_texts(xml=xml)).map(Made(_v2_invoice, pool, xml))


def _contact(tape: Tape) -> Record:
    return {
        "email": tape.text(("", "biuro@example.com", "a@example.com, b@example.com")),
        "numer_telefonu": tape.text(("", "+48 12 345 67 89", "600-100-200 w. 5")),
        "adres_www": tape.text(("", "www.example.com", "http://example.com/?a=1&b=2")),
        "info": tape.text(values.NOTES),
        "odbiorca": tape.text(values.SIGNATURES),
    }


def _mailing(given: bool, tape: Tape) -> Record:
    return {
        "adres_kor": tape.pick((False, True, None)),
        "nazwa_firmy_kor": tape.text(values.NAMES) if given else "",
        "ulica_kor": street(tape) if given else "",
        "miejscowosc_kor": tape.text(values.TOWNS) if given else "",
        "kod_pocztowy_kor": tape.text(values.POST_CODES) if given else "",
    }


def _v2_client(xml: bool, drawn: tuple[bytes, list[str]]) -> Record:
    tape = Tape(*drawn)
    other = tape.byte() % 3 == 2
    record: Record = {
        "client_id": record_id(tape),
        "nazwa_firmy": tape.text(values.NAMES),
        "ulica": street(tape),
        "miejscowosc": tape.text(values.TOWNS),
        "kod_pocztowy": tape.text(values.POST_CODES),
        "panstwo": tape.text(values.ANY_COUNTRY),
        "nip": tape.text(values.NIPS),
        **_contact(tape),
        **_mailing(other, tape),
    }
    add_unknown_fields(tape, record, xml)
    if not any(record[name] for name in ("nazwa_firmy", "ulica", "miejscowosc", "nip", "email")):
        record["nazwa_firmy"] = values.NAMES[0]
    return record


def v2_clients(*, xml: bool = False) -> SearchStrategy[Record]:
    """Canonical v2 clients: the 17 fields of v2's client, and sometimes unknown ones.

    ``xml``: only text that XML can hold, and unknown fields only as text.
    """
    return st.tuples(octets(HEAD), free_texts(xml=xml)).map(Made(_v2_client, xml))
