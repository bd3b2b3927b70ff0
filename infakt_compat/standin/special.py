"""What each kind of document has of its own (v3-wire 5)."""

from __future__ import annotations

from . import amounts, reference, rows
from .coerce import blank, to_bool, to_int, to_text
from .errors import Errors
from .fields import CHOICE_TEXT
from .kinds import Family
from .store import Record
from .world import World

ADVANCE_TEXT = "Proszę wybrać fakturę zaliczkową."


def read(world: World, family: Family, doc: Record, data: Record, errors: Errors) -> None:
    """Read the fields that only this kind has."""
    if family.kind == "correction":
        _read_correction(world, doc, data, errors)
    elif family.kind == "margin":
        _read_margin(doc, data, errors)
    elif family.kind in ("advance", "final"):
        _read_advance(world, family, doc, data, errors)


def read_rows(world: World, family: Family, value: object, errors: Errors) -> list[Record]:
    """Read the rows in this kind's form."""
    if family.kind == "margin":
        return rows.read_margin(value, errors)
    flat_rate = bool(world.option("account")["flat_rate"])
    if family.kind == "correction":
        return rows.read_corrective(value, flat_rate, errors)
    return rows.read(value, flat_rate, errors)


def totals(family: Family, doc: Record) -> None:
    """Add up the rows; a correction's totals are differences, after less before."""
    services = doc["services"]
    if family.kind == "margin":
        doc["gross_price"] = amounts.total(services, "gross_with_margin_amount_price")
        doc["margin_amount_price"] = amounts.total(services, "margin_amount_price")
        return
    after = [row for row in services if row.get("correction", True)]
    before = [row for row in services if not row.get("correction", True)]
    for name in ("net_price", "tax_price", "gross_price"):
        doc[name] = amounts.total(after, name) - amounts.total(before, name)


def left_to_pay(family: Family, doc: Record) -> int:
    """Gross less what was paid, and less all advances on the kinds that have them."""
    gross = int(doc["gross_price"])
    earlier: int = sum(row["advance_price"] for row in doc.get("previous_advances") or [])
    if family.kind == "advance":
        return gross - earlier - int(doc["advance_price"])
    return gross - earlier - int(doc["paid_price"] or 0)


def _read_correction(world: World, doc: Record, data: Record, errors: Errors) -> None:
    doc.setdefault("confirmation", False)
    doc.setdefault("confirmation_date", "")
    if "confirmation" in data:
        doc["confirmation"] = to_bool(data["confirmation"])
    if "confirmation_date" in data:
        doc["confirmation_date"] = to_text(data["confirmation_date"]) or ""
    _corrected(world, doc, data, errors)
    if "correction_reason" in data or "correction_reason" not in doc:
        symbol = to_text(data.get("correction_reason")) or ""
        if symbol not in reference.CORRECTION_REASONS:
            errors.add("correction_reason", CHOICE_TEXT)
        doc["correction_reason"] = reference.CORRECTION_REASONS.get(symbol, "")
        doc["correction_reason_symbol"] = symbol


def _corrected(world: World, doc: Record, data: Record, errors: Errors) -> None:
    """Store the number verbatim; today's service also wants the uuid (v3-wire 5)."""
    uuid = to_text(data.get("corrected_invoice_uuid")) or ""
    invoice = world.store.find("invoices", uuid)
    if invoice is not None:
        doc["corrected_invoice_number"] = invoice["number"]
        doc["corrected_invoice_date"] = invoice["invoice_date"]
    if "corrected_invoice_number" in data:
        doc["corrected_invoice_number"] = to_text(data["corrected_invoice_number"])
    doc.setdefault("corrected_invoice_date", None)
    needed = bool(uuid) or (not doc["id"] and not world.classic)
    if doc.get("corrected_invoice_number") is None or (needed and invoice is None):
        errors.add("corrected_invoice_number", "Proszę wybrać korygowaną fakturę.")


def _read_margin(doc: Record, data: Record, errors: Errors) -> None:
    if "margin_kind" in data or "margin_kind" not in doc:
        symbol = to_text(data.get("margin_kind")) or ""
        if symbol not in reference.MARGIN_KINDS:
            errors.add("margin_kind", CHOICE_TEXT)
        doc["margin_kind"] = reference.MARGIN_KINDS.get(symbol, "")


def _read_advance(world: World, family: Family, doc: Record, data: Record, errors: Errors) -> None:
    if not doc["id"] or "previous_advance_id" in data:
        _read_previous(world, family, doc, data, errors)
    if family.kind == "final":
        return
    doc["not_income"] = True
    if "advance_price" in data or "advance_price" not in doc:
        doc["advance_price"] = to_int(data.get("advance_price"))
    if doc["advance_price"] is None:
        errors.add("advance_price", rows.PRICE_TEXT)
        doc["advance_price"] = 0
    if blank(doc.get("advance_date")):
        doc["advance_date"] = doc["invoice_date"]


def _read_previous(world: World, family: Family, doc: Record, data: Record, errors: Errors) -> None:
    """`previous_advance_id` is an integer id; a final invoice must have one (v3-wire 3.1, 5)."""
    number = to_int(data.get("previous_advance_id"))
    previous = world.store.get("advance_invoices", number or 0)
    if previous is None and (number is not None or family.kind == "final"):
        errors.add("previous_advance_id", ADVANCE_TEXT)
    doc["previous_advance_id"] = number
    doc["previous_advances"] = _chain(previous)


def _chain(previous: Record | None) -> list[Record]:
    if previous is None:
        return []
    names = ("id", "uuid", "number", "invoice_date", "advance_price")
    return [*previous["previous_advances"], {name: previous[name] for name in names}]
