"""Plain fields of a document: how they are read, what they are when unset, what is refused.

Sources: v3-wire 4.3 (null or ""), 4.4 (writable fields and closed sets).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import reference
from .coerce import blank, to_bool, to_date, to_int, to_text
from .errors import Errors
from .store import Record

PAYMENT_TEXT = "Proszę wybrać odpowiedni sposób płatności."
DATE_TEXT = "Nieprawidłowy format daty."
CHOICE_TEXT = "Wartość spoza dozwolonej listy."
MAX_NOTES = 3500

EMPTY_TEXT = ("recipient_signature", "seller_signature", "bank_name", "swift", "sale_type")
NULL_TEXT = ("notes", "split_payment_type", "vat_exchange_date_kind", "bdo_code", "receipt_number")
NUMBERS = ("paid_price", "vat_exemption_reason", "transaction_kind_id")
FLAGS = ("split_payment", "not_income")
DATES = (
    "invoice_date", "sale_date", "payment_date", "paid_date", "continuous_service_start_on",
    "continuous_service_end_on", "advance_date", "corrected_invoice_date",
)  # fmt: skip
VERBATIM = ("local_government_recipient_address", "local_government_seller_address")
REQUIRED_DATES = ("invoice_date",)

DEFAULTS: Record = {
    "parent_id": None, "paid_price": 0, "notes": None, "split_payment": False,
    "split_payment_type": None, "recipient_signature": "", "seller_signature": "",
    "sale_date": None, "vat_date_value": "sale_date", "continuous_service_start_on": None,
    "continuous_service_end_on": None, "occasional_sale": False, "status": "draft",
    "paid_date": None, "bank_account": "", "bank_name": "", "swift": "",
    "vat_exemption_reason": None, "sale_type": "", "invoice_date_kind": "sale_date",
    "document_markings_ids": [], "transaction_kind_id": None, "bdo_code": None,
    "receipt_number": None, "not_income": False, "vat_exchange_date_kind": None,
    "sales_kind": "sprzedaz_podstawowa", "building_service": False, "reconciliation_id": None,
    "local_government_recipient_address": None, "local_government_seller_address": None,
    "third_party_addresses": [], "transaction_terms": None, "related_documents": [],
    "exchange_rates_data": None, "net_price": 0, "tax_price": 0, "gross_price": 0,
    "services": [],
}  # fmt: skip

_CHOICES: dict[str, tuple[Any, str]] = {
    "payment_method": (reference.PAYMENT_METHODS, PAYMENT_TEXT),
    "currency": (reference.CURRENCIES, CHOICE_TEXT),
    "split_payment_type": (reference.SPLIT_TYPES, CHOICE_TEXT),
    "sale_type": (reference.SALE_TYPES, CHOICE_TEXT),
    "invoice_date_kind": (reference.DATE_KINDS, CHOICE_TEXT),
    "vat_exchange_date_kind": (reference.EXCHANGE_KINDS, CHOICE_TEXT),
}
_OPTIONAL = ("split_payment_type", "sale_type", "vat_exchange_date_kind")


def read(doc: Record, data: Record, errors: Errors) -> None:
    """Take the plain fields of a body over into a document."""
    for names, reader in _READERS:
        for name in names:
            if name in data:
                reader(doc, name, data[name], errors)
    if not blank(data.get("number")):
        doc["number"] = to_text(data["number"])
    if "document_markings_ids" in data:
        _markings(doc, data["document_markings_ids"], errors)
    _check_length(doc, errors)


def _text_or_empty(doc: Record, name: str, value: Any, _: Errors) -> None:
    doc[name] = to_text(value) or ""


def _text_or_null(doc: Record, name: str, value: Any, _: Errors) -> None:
    text = to_text(value)
    # an empty receipt number takes the number away (seed 004); notes keep "" (v3-wire 4.3)
    doc[name] = None if blank(text) and name != "notes" else text


def _number(doc: Record, name: str, value: Any, _: Errors) -> None:
    number = to_int(value)
    doc[name] = (number or 0) if name == "paid_price" else number


def _flag(doc: Record, name: str, value: Any, _: Errors) -> None:
    doc[name] = to_bool(value)


def _verbatim(doc: Record, name: str, value: Any, _: Errors) -> None:
    doc[name] = value


def _date(doc: Record, name: str, value: Any, errors: Errors) -> None:
    try:
        day = to_date(value)
    except ValueError:
        errors.add(name, DATE_TEXT)
        return
    if day is None and name in REQUIRED_DATES:
        errors.add(name, DATE_TEXT)
    else:
        doc[name] = day


def _choice(doc: Record, name: str, value: Any, errors: Errors) -> None:
    allowed, text = _CHOICES[name]
    if isinstance(value, str) and value in allowed:
        doc[name] = value
    elif not (blank(value) and name in _OPTIONAL):
        errors.add(name, text)


def _markings(doc: Record, value: Any, errors: Errors) -> None:
    known = {str(row["id"]) for row in reference.DOCUMENT_MARKINGS}
    chosen = [str(item) for item in value] if isinstance(value, list) else None
    if chosen is None or not set(chosen) <= known:
        errors.add("document_markings_ids", CHOICE_TEXT)
    else:
        doc["document_markings_ids"] = chosen


def _check_length(doc: Record, errors: Errors) -> None:
    if len(doc.get("notes") or "") > MAX_NOTES:
        errors.add("notes", f"Maksymalna długość to {MAX_NOTES} znaków.")


Reader = Callable[[Record, str, Any, Errors], None]
_READERS: tuple[tuple[tuple[str, ...], Reader], ...] = (
    (EMPTY_TEXT, _text_or_empty),
    (NULL_TEXT, _text_or_null),
    (NUMBERS, _number),
    (FLAGS, _flag),
    (VERBATIM, _verbatim),
    (DATES, _date),
    (tuple(_CHOICES), _choice),
)
