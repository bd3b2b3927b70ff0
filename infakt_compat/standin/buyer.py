"""The buyer on a document: a saved client, or data of its own (v3-wire 1.4, 7)."""

from __future__ import annotations

from typing import Any

from .coerce import blank, to_int, to_text
from .countries import POLISH_NAME
from .errors import Errors
from .fields import CHOICE_TEXT
from .reference import BUSINESS_KINDS, SALE_TYPES
from .store import Record, Store

# document field: client field
FROM_CLIENT = {
    "client_company_name": "company_name",
    "client_first_name": "first_name",
    "client_last_name": "last_name",
    "client_business_activity_kind": "business_activity_kind",
    "client_street": "street",
    "client_street_number": "street_number",
    "client_flat_number": "flat_number",
    "client_city": "city",
    "client_post_code": "postal_code",
    "client_tax_code": "nip",
    "client_country": "country",
}
UNSET: Record = {"client_id": None, "client_uuid": None, **dict.fromkeys(FROM_CLIENT)}
NOBODY_TEXT = "Proszę wybrać klienta lub podać jego dane."
NAME_TEXT = "Proszę podać nazwę firmy."
PERSON_TEXT = "Proszę podać imię i nazwisko."
SALE_TEXT = "Proszę wybrać rodzaj sprzedaży."


def read(store: Store, doc: Record, data: Record, errors: Errors) -> None:
    """Take the buyer over; `client_uuid` in a body is not looked at (v3-wire 1.4)."""
    client = _saved(store, doc, data, errors)
    if client is not None and client["id"] != doc["client_id"]:
        doc.update({name: client.get(field) for name, field in FROM_CLIENT.items()})
        doc["client_id"], doc["client_uuid"] = client["id"], client["uuid"]
    elif "client_id" in data and blank(data["client_id"]):
        doc["client_id"] = doc["client_uuid"] = None
    doc.update({name: to_text(data[name]) for name in FROM_CLIENT if name in data})
    if doc["client_business_activity_kind"] == "private_person":
        doc["client_tax_code"] = doc["client_tax_code"] or ""
    doc["client_country"] = doc["client_country"] or "PL"


def check(doc: Record, errors: Errors) -> None:
    """Check what a create or an update must say of the buyer."""
    kind = doc["client_business_activity_kind"]
    company, person = _has(doc, "company_name"), _has(doc, "first_name", "last_name")
    if not blank(kind) and kind not in BUSINESS_KINDS:
        errors.add("client_business_activity_kind", CHOICE_TEXT)
    if doc["client_id"] is None and not company and not person and blank(kind):
        errors.add("client_id", NOBODY_TEXT)
    elif kind in ("self_employed", "other_business") and not company:
        errors.add("client_company_name", NAME_TEXT)
    if kind in ("self_employed", "private_person") and not person:
        errors.add("client_first_name", PERSON_TEXT)
    if doc["client_country"] not in POLISH_NAME:
        errors.add("client_country", CHOICE_TEXT)
    elif doc["client_country"] != "PL" and doc.get("sale_type") not in SALE_TYPES:
        errors.add("sale_type", SALE_TEXT)


def _has(doc: Record, *names: str) -> bool:
    return all(not blank(doc[f"client_{name}"]) for name in names)


def _saved(store: Store, doc: Record, data: Record, errors: Errors) -> Record | None:
    if not blank(data.get("client_id")):
        client = store.get("clients", to_int(data["client_id"]) or 0)
        if client is None:
            errors.add("client_id", "Klient nie istnieje.")
        return client
    new = not doc["id"] and "client_id" not in data
    return _by_name(store, data.get("client_company_name")) if new else None


def _by_name(store: Store, name: Any) -> Record | None:
    """Find a saved client of the very same company name, as in the documented example."""
    if blank(name):
        return None
    found = (c for c in store.all("clients") if c["company_name"] == name)
    return next(found, None)
