"""Canonical v2 records spelled the way callers and the service really wrote them."""

import zlib
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from infakt_compat.testing import v2_fields
from infakt_compat.testing.record import Record, xml_text
from infakt_compat.testing.tape import SPELLING, Made, Tape, octets
from infakt_compat.testing.v2_documents import v2_clients, v2_invoices
from infakt_compat.testing.v2_scalars import OMIT, spell_scalar


def _shuffled(fields: Record, tape: Tape) -> Record:
    how = tape.byte()
    if how % 4 == 0:
        return fields
    names = list(fields)
    if how % 4 == 1:
        names.reverse()
    else:
        names.sort(key=lambda name: zlib.crc32(name.encode(), how))
    return {name: fields[name] for name in names}


def _spell_fields(record: Record, types: dict[str, str], tape: Tape, xml: bool) -> Record:
    document: Record = {}
    for name, value in record.items():
        if name == "services":
            continue
        said = spell_scalar(types.get(name, "unknown"), value, tape, xml)
        if said is not OMIT:
            wrong = name == "podstawa_zwolnienia" and tape.chance(4)
            document["podstawa_zwolenienia" if wrong else name] = said
    return document


def _in_xml(record: Record, types: dict[str, str]) -> Record:
    """Make text of the fields that nobody knows, as XML does."""
    return {
        name: value if name in types or value is None else xml_text(value)
        for name, value in record.items()
    }


def _invoice_in_xml(record: Record) -> Record:
    lines = [_in_xml(row, v2_fields.LINE) for row in record["services"]]
    return {**_in_xml(record, v2_fields.INVOICE), "services": lines}


def _spell_lines(rows: list[Record], tape: Tape, xml: bool) -> Any:
    """Lines as a list or under "service", or one of the spellings of none."""
    lines = []
    for row in rows:
        line = _spell_fields(row, v2_fields.LINE, tape, xml)
        # a line without a single field is not told from an empty element
        lines.append(_shuffled(line, tape) or {"nazwa": ""})
    if not lines:
        nothing: list[Any] = [[], OMIT, None, "", {"service": []}]
        return tape.pick([form for form in nothing if form is not None or not xml])
    form: Any = tape.pick((lines, {"service": lines if len(lines) > 1 else lines[0]}))
    return tape.pick((form, form, {"service": lines}))


def _nameless(document: Record) -> bool:
    """Whether a bare document could as well be something else than an invoice."""
    telling = ("rodzaj_faktury", "services", "data_wystawienia", "razem_brutto")
    return not any(document.get(name) for name in telling)


def _spell_client(record: Record, tape: Tape, xml: bool, envelope: bool) -> Record:
    document = _shuffled(_spell_fields(record, v2_fields.CLIENT, tape, xml), tape)
    return {"client": document} if envelope else document


def _spell_invoice(record: Record, tape: Tape, xml: bool, envelope: bool) -> Record:
    document = _spell_fields(record, v2_fields.INVOICE, tape, xml)
    form = _spell_lines(record["services"], tape, xml)
    if form is not OMIT:
        document["services"] = form
    beside: Record = {}
    if "unikalny_numer" in document and envelope and not xml and tape.byte() % 2:
        beside["unikalny_numer"] = document.pop("unikalny_numer")
    document = _shuffled(document, tape)
    if not envelope and not _nameless(document):
        return document
    return _shuffled({"invoice": document, **beside}, tape)


def _spell(xml: bool, drawn: tuple[Record, bytes]) -> tuple[Record, Record]:
    record, data = drawn
    tape = Tape(data)
    envelope = xml or tape.byte() % 3 != 2
    if "nazwa_firmy" in record:
        document = _spell_client(record, tape, xml, envelope)
        return document, _in_xml(record, v2_fields.CLIENT) if xml else record
    document = _spell_invoice(record, tape, xml, envelope)
    return document, _invoice_in_xml(record) if xml else record


def spelled(record: Record, *, xml: bool = False) -> SearchStrategy[tuple[Record, Record]]:
    """Spell one canonical record in every way: pairs ``(document, canonical)``.

    Amounts, in units of the currency, come as ``Decimal``, ``int``, the text of a JSON number, or
    text with trailing zeros, a comma as the decimal sign or spaces between thousands; enums in any
    case or percent-encoded; what is absent as null, empty or not at all; with and without an
    envelope, under every alias, in any order of keys. ``xml``: the document as it is once read from
    XML, all text; canonical then has unknown fields as text, too. The record must come from a
    strategy that was asked for XML as well.
    """
    return st.tuples(st.just(record), octets(SPELLING)).map(Made(_spell, xml))


def v2_spelled_invoices(
    kinds: Iterable[str] | None = None, *, xml: bool = False, max_lines: int = 5
) -> SearchStrategy[tuple[Record, Record]]:
    """Invoices of :func:`v2_invoices` as pairs ``(document, canonical)`` of :func:`spelled`.

    Amounts of both are in units of the currency; the arguments are those of :func:`v2_invoices`.
    """
    records = v2_invoices(kinds, xml=xml, max_lines=max_lines)
    return st.tuples(records, octets(SPELLING)).map(Made(_spell, xml))


def v2_spelled_clients(*, xml: bool = False) -> SearchStrategy[tuple[Record, Record]]:
    """Clients of :func:`v2_clients` as pairs ``(document, canonical)`` of :func:`spelled`."""
    return st.tuples(v2_clients(xml=xml), octets(SPELLING)).map(Made(_spell, xml))
