"""Live v3 invoices and clients of today's shape, amounts as ``int`` in grosze."""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from infakt_compat.testing import values
from infakt_compat.testing.amounts import grosze
from infakt_compat.testing.record import Record, real_date
from infakt_compat.testing.tape import HEAD, ROW, Made, Tape, free_texts, octets
from infakt_compat.testing.v3_fields import add_new_key, empty, or_empty, usually, v3_buyer
from infakt_compat.testing.v3_lines import v3_line


def _sums(kind: str, lines: Sequence[Record]) -> Record:
    if kind == "margin":
        gross = sum(line["gross_with_margin_amount_price"] for line in lines)
        return {"net_price": 0, "tax_price": 0, "gross_price": gross}
    names = ("net_price", "tax_price", "gross_price")
    return {name: sum(line[name] for line in lines) for name in names}


def _heading(kind: str, paid: int, payment: str, tape: Tape) -> Record:
    return {
        "id": 2310904,
        "uuid": "9d476d16-0000-4000-8000-000000000001",
        "parent_id": None,
        "number": tape.text(("18/03/2023", "1/PROF/03/2023", "4/KOR/03/2023")) or "1/2023",
        "currency": tape.pick(("PLN", "PLN", "EUR", "USD")),
        "paid_price": paid,
        "notes": or_empty(tape, values.NOTES),
        "kind": kind,
        "payment_method": payment,
        "split_payment": False,
        "split_payment_type": tape.pick((None, None, "required")),
        "recipient_signature": tape.text(values.SIGNATURES),
        "seller_signature": tape.text(values.SIGNATURES),
    }


def _dates(issued: str | None, status: str, tape: Tape) -> Record:
    """Give the dates and, as v3 has it among them, the status."""
    return {
        "invoice_date": issued,
        "sale_date": tape.pick((issued, None, real_date(tape), "")),
        "vat_date_value": "sale_date",
        "continuous_service_start_on": None,
        "continuous_service_end_on": None,
        "occasional_sale": False,
        "status": status,
        "payment_date": tape.pick((real_date(tape), issued, None, "")),
        "paid_date": tape.pick(("2023-03-22", None, "")) if status == "paid" else empty(tape),
    }


def _rest(kind: str, tape: Tape) -> Record:
    return {
        "bank_account": tape.pick(("", "70102010130000010200026526")),
        "bank_name": tape.pick(("", "PKO BP")),
        "swift": "",
        "vat_exemption_reason": tape.pick((None, None, None, "", 1)),
        "sale_type": tape.pick(("", "service")),
        "invoice_date_kind": "sale_date",
        "document_markings_ids": list(tape.pick(((), ("3",)))),
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


def _fields(kind: str, sums: Record, tape: Tape) -> Record:
    """Give what every kind has, the lines aside."""
    gross = sums["gross_price"]
    status = usually(tape, tape.pick(values.V3_STATUSES), 32, "archived")
    paid = tape.pick((0, gross if status == "paid" else 0, min(100, abs(gross)), gross))
    payment = usually(tape, tape.pick(values.V3_PAYMENTS), 24, "blik")
    issued = usually(tape, real_date(tape), 40, None)
    return {
        **_heading(kind, paid, payment, tape),
        **_dates(issued, status, tape),
        **sums,
        "left_to_pay": gross - paid if tape.byte() % 4 else gross,
        "client_id": tape.pick((1090136, 84, None)),
        "client_uuid": "9d476d16-0000-4000-8000-000000000002",
        **v3_buyer(tape),
        **_rest(kind, tape),
    }


def _of_correction(tape: Tape) -> Record:
    return {
        "corrected_invoice_number": tape.text(values.NUMBERS),
        "corrected_invoice_date": tape.pick((real_date(tape), None, "")),
        "confirmation": False,
        "confirmation_date": "",
        "correction_reason": "Inne: np. zwrot, rabat",
    }


def _of_margin(lines: Sequence[Record]) -> Record:
    return {
        "margin_kind": "Procedura marży - towary używane",
        "margin_amount_price": sum(line["margin_amount_price"] for line in lines),
    }


def _of_advance(invoice: Record, tape: Tape) -> Record:
    advance = grosze(tape)
    return {
        "advance_price": advance,
        "advance_date": invoice["invoice_date"],
        "previous_advance_id": None,
        "previous_advances": [],
        "left_to_pay": invoice["gross_price"] - advance,
    }


def _of_kind(kind: str, invoice: Record, lines: Sequence[Record], tape: Tape) -> Record:
    """Give what only one kind has."""
    match kind:
        case "correction":
            return _of_correction(tape)
        case "margin":
            return _of_margin(lines)
        case "advance":
            return _of_advance(invoice, tape)
        case "final":
            return {"previous_advance_id": 2310900}
        case _:
            return {}


def _v3_invoice(kinds: Sequence[str], drawn: tuple[bytes, list[bytes], list[str]]) -> Record:
    head, rows, texts = drawn
    tape = Tape(head, texts)
    kind = tape.pick(kinds)
    lines = [v3_line(kind, index, Tape(row, texts[:1])) for index, row in enumerate(rows)]
    invoice = _fields(kind, _sums(kind, lines), tape)
    for name in values.NOT_ON.get(kind, ()):
        invoice.pop(name, None)
    invoice |= _of_kind(kind, invoice, lines, tape)
    if tape.byte() % 2:
        invoice["local_government_recipient_address"] = None
        invoice["related_documents"] = []
        invoice["extensions"] = {"payments": {"link": None, "available": False}}
        invoice["ksef_data"] = None
    add_new_key(tape, invoice, 12, ("x", None, 1, True))
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
    pool = values.V3_KINDS if kinds is None else tuple(kinds)
    rows = st.lists(octets(ROW), max_size=max_lines)
    return st.tuples(octets(HEAD), rows, free_texts()).map(Made(_v3_invoice, pool))


def _address(buyer: Record) -> Record:
    return {
        "company_name": buyer["client_company_name"],
        "street": buyer["client_street"],
        "street_number": buyer["client_street_number"],
        "flat_number": buyer["client_flat_number"],
        "city": buyer["client_city"],
        "country": buyer["client_country"] or "PL",
        "country_full_name": "Polska",
        "postal_code": buyer["client_post_code"],
        "nip": buyer["client_tax_code"],
    }


def _contact(tape: Tape) -> Record:
    return {
        "phone_number": or_empty(tape, ("", "+48 12 345 67 89")),
        "web_site": tape.text(("", "www.example.com")),
        "email": or_empty(tape, ("", "biuro@example.com")),
        "note": tape.text(values.NOTES),
        "receiver": tape.text(values.SIGNATURES),
    }


def _mailing(given: bool, tape: Tape) -> Record:
    return {
        "mailing_company_name": tape.text(values.NAMES) if given else "",
        "mailing_street": tape.text(values.WHOLE_STREETS) if given else "",
        "mailing_city": tape.text(values.TOWNS) if given else "",
        "mailing_postal_code": tape.text(values.POST_CODES) if given else "",
    }


def _v3_client(drawn: tuple[bytes, list[str]]) -> Record:
    tape = Tape(*drawn)
    buyer = v3_buyer(tape)
    other = tape.byte() % 3 == 2
    client: Record = {
        "id": 1090136,
        "uuid": "9d476d16-0000-4000-8000-000000000002",
        **_address(buyer),
        **_contact(tape),
        **_mailing(other, tape),
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
    add_new_key(tape, client, 12, ("x", None, 1, True))
    return client


def v3_clients() -> SearchStrategy[Record]:
    """Live v3 clients of today's shape, without an envelope."""
    return st.tuples(octets(HEAD), free_texts()).map(Made(_v3_client))
