"""Documents of all kinds: create, update, delete (v3-wire 1.4, 5, 6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from . import banking, buyer, fields, numbers, special, words
from .coerce import blank, to_bool, to_text
from .errors import Errors, invalid, plain
from .kinds import Family
from .reference import STATUSES, VAT_EXEMPTIONS
from .store import Record
from .world import World

PAYMENT_DAYS = 14
ACCEPTED_TEXT = "Faktura została przyjęta przez KSeF i nie można jej zmienić."
DUPLICATE_TEXT = "Faktura o podanym numerze już istnieje."
EXEMPTION_TEXT = "Proszę wybrać podstawę zwolnienia z VAT."


def create(world: World, family: Family, data: Record, *, may_set_status: bool = True) -> Record:
    """Check a body, and only then store what it describes."""
    errors = Errors()
    doc = draft(world, family, data, errors)
    if may_set_status and family.kind == "vat":
        set_status(world, doc, data, errors)
    errors.check()
    number_it(world, family, doc)
    return save_new(world, family, doc)


def draft(world: World, family: Family, data: Record, errors: Errors) -> Record:
    """Read a body into a document without id and number."""
    today = world.clock.today().isoformat()
    doc: Record = {**fields.DEFAULTS, **buyer.UNSET, "id": 0, "number": None}
    doc["currency"] = world.option("account")["currency"]
    doc["kind"] = _kind(family, data.get("kind"))
    doc["invoice_date"] = today
    banking.fill(world.store, doc)
    fields.read(doc, _without_nothing(data, "invoice_date"), errors)
    if "payment_method" not in data:
        errors.add("payment_method", fields.PAYMENT_TEXT)
        doc["payment_method"] = "transfer"
    elif "payment_method" not in doc:
        doc["payment_method"] = "other"  # refused already; a seed may keep it
    _default_dates(family, doc, data)
    buyer.read(world.store, doc, data, errors)
    buyer.check(doc, errors)
    banking.read(world.store, doc, data, errors)
    special.read(world, family, doc, data, errors)
    doc["services"] = special.read_rows(world, family, data.get("services"), errors)
    _check_number(world, family, doc, data, errors)
    check_exemption(world, doc, errors)
    complete(family, doc)
    return doc


def update(world: World, family: Family, old: Record, data: Record) -> Record:
    """Change what a body names; rows are replaced as a whole (v3-wire 4.2)."""
    refuse_accepted(old)
    errors = Errors()
    doc = dict(old)
    if _names_kind(family, data):
        doc["kind"] = data["kind"]
    fields.read(doc, data, errors)
    if any(name in data for name in (*buyer.FROM_CLIENT, "client_id", "sale_type")):
        buyer.read(world.store, doc, data, errors)
        buyer.check(doc, errors)
    if any(name in data for name in ("bank_account", "bank_name", "payment_method")):
        if doc["payment_method"] == "transfer" and blank(doc["bank_account"]):
            banking.fill(world.store, doc)
        banking.read(world.store, doc, data, errors)
    special.read(world, family, doc, data, errors)
    if "services" in data:
        doc["services"] = special.read_rows(world, family, data["services"], errors)
    set_status(world, doc, data, errors)
    _check_number(world, family, doc, data, errors)
    if "services" in data or "vat_exemption_reason" in data:
        check_exemption(world, doc, errors)
    complete(family, doc)
    errors.check()
    _number_rows(world, doc)
    world.store.put(family.path, doc)
    world.note("update", doc, family.envelope)
    return doc


def delete(world: World, family: Family, doc: Record) -> None:
    """Remove a document that KSeF has not accepted."""
    refuse_accepted(doc)
    world.store.delete(family.path, doc["id"])
    world.note("destroy", doc, family.envelope)


def refuse_accepted(doc: Record) -> None:
    """Refuse to change or delete an accepted e-invoice."""
    if (doc.get("ksef_data") or {}).get("status") == "success":
        raise invalid({"base": ACCEPTED_TEXT})


def set_status(world: World, doc: Record, data: Record, errors: Errors) -> None:
    """`status` of a body, where the dialect takes it (v3-wire 1.4, 4.4)."""
    status = data.get("status")
    if blank(status) or not world.status_writable():
        return
    if status not in STATUSES:
        errors.add("status", fields.CHOICE_TEXT)
        return
    was = doc["status"]
    doc["status"] = status
    if status == "paid" and was != "paid":
        doc["paid_date"] = data.get("paid_date") or world.clock.today().isoformat()
    elif status != "paid" and was == "paid":
        doc["paid_date"] = None


def complete(family: Family, doc: Record) -> None:
    """Add what v3 computes itself."""
    special.totals(family, doc)
    doc["left_to_pay"] = special.left_to_pay(family, doc)
    doc["vat_date_value"] = doc["invoice_date_kind"]
    if doc["currency"] != "PLN" and blank(doc["vat_exchange_date_kind"]):
        doc["vat_exchange_date_kind"] = "vat"
    doc["amount_in_words"] = words.amount_in_words(doc["gross_price"], doc["currency"])


def check_exemption(world: World, doc: Record, errors: Errors) -> None:
    """Want a reason for rows at `zw`, and only one of the account's reasons (seed 004)."""
    known = {row["id"] for row in exemptions(world)}
    reason = doc["vat_exemption_reason"]
    exempt = any(row.get("tax_symbol") == "zw" for row in doc["services"])
    if (reason is None and exempt) or (reason is not None and reason not in known):
        errors.add("vat_exemption_reason", EXEMPTION_TEXT)


def exemptions(world: World) -> list[Record]:
    """Return the general exemptions and the account's own ones (v3-wire 8)."""
    return [*VAT_EXEMPTIONS, *world.store.settings.get("exemptions", [])]


def number_it(world: World, family: Family, doc: Record) -> None:
    """Take the next number of the month and kind, unless the body had one."""
    if doc["number"] is None:
        doc["number"] = next_number(world, family, doc["kind"], doc["invoice_date"])


def next_number(world: World, family: Family, kind: str, invoice_date: str) -> str:
    """Return what the series of the month goes on with."""
    series = numbers.series_of(kind, invoice_date)
    return numbers.write(series, world.store.collections[family.path].next_place(series))


def save_new(world: World, family: Family, doc: Record) -> Record:
    """Give a document its ids and store it."""
    doc["id"] = doc["id"] or world.store.next_id("documents")
    doc["uuid"] = doc.get("uuid") or world.store.next_uuid()
    doc["created_at"] = doc.get("created_at") or world.moment()
    doc.setdefault("ksef_data", None)
    _number_rows(world, doc)
    world.store.put(family.path, doc)
    world.note("create", doc, family.envelope)
    return doc


def _number_rows(world: World, doc: Record) -> None:
    doc["services"] = [
        row if row["id"] else {**row, "id": world.store.next_id("rows")} for row in doc["services"]
    ]


def _kind(family: Family, given: Any) -> str:
    """Anything but vat and proforma silently becomes vat (v3-wire 1.1)."""
    return "proforma" if family.kind == "vat" and given == "proforma" else family.kind


def _names_kind(family: Family, data: Record) -> bool:
    return family.kind == "vat" and data.get("kind") in ("vat", "proforma")


def _without_nothing(data: Record, name: str) -> Record:
    """Leave out a null or empty date of issue; on create it means today."""
    return {k: v for k, v in data.items() if k != name or not blank(v)}


def _default_dates(family: Family, doc: Record, data: Record) -> None:
    issued = date.fromisoformat(doc["invoice_date"])
    if doc["sale_date"] is None:
        doc["sale_date"] = doc["invoice_date"]
    if blank(data.get("payment_date")):
        days = 0 if family.kind == "advance" else PAYMENT_DAYS
        doc["payment_date"] = (issued + timedelta(days=days)).isoformat()
    doc.setdefault("payment_date", doc["invoice_date"])


def _check_number(world: World, family: Family, doc: Record, data: Record, errors: Errors) -> None:
    """`check_duplicate_number` turns a repeated number into an error (v3-wire 1.3)."""
    if not to_bool(data.get("check_duplicate_number")) or doc["number"] is None:
        return
    same = world.store.collections[family.path].by_number.get(doc["number"], set())
    if same - {doc["id"]}:
        errors.add("duplicated_number", DUPLICATE_TEXT)


def mark_paid(world: World, family: Family, doc: Record, paid_date: Any) -> Record:
    """Mark as paid; twice, or before the date of issue, is refused (v3-wire 6)."""
    if doc["status"] == "paid":
        raise invalid({"status": "Faktura już została oznaczona jako zapłacona."})
    errors = Errors()
    paid = dict(doc, paid_date=None)
    fields.read(paid, {"paid_date": to_text(paid_date)}, errors)
    paid["paid_date"] = paid["paid_date"] or world.clock.today().isoformat()
    if paid_date and not errors and paid["paid_date"] < doc["invoice_date"]:
        errors.add("paid_date", "Data opłacenia jest wcześniejsza niż data wystawienia.")
    errors.check()
    paid["status"] = "paid"
    if world.option("quirks")["paid_price"] == "filled" and family.kind != "advance":
        paid["paid_price"] = paid["gross_price"]
    paid["left_to_pay"] = special.left_to_pay(family, paid)
    world.store.put(family.path, paid)
    world.note("paid", paid, family.envelope)
    return paid


def refuse_over_plan(world: World) -> None:
    """402 when this month's documents are used up (v3-wire 2.1)."""
    room = world.option("plan")["invoices_per_month"]
    if room is None:
        return
    month = world.moment()[:7]
    made = sum(
        doc["created_at"].startswith(month)
        for name, kept in world.store.collections.items()
        if name.endswith("invoices")
        for doc in kept.rows.values()
    )
    if made >= room:
        raise plain(402, "Przekroczono limit faktur w Twoim abonamencie.")
