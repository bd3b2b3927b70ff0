"""Documents on their way out: PDF, XML, e-mail; each changes the status (v3-wire 4.4, 6)."""

from __future__ import annotations

from typing import Any

from . import pdf
from .coerce import blank
from .errors import bad_value, business, plain
from .kinds import Family
from .reference import DOCUMENT_TYPES, LOCALES
from .store import Record
from .world import World

NO_EMAIL_TEXT = "Nie można wysłać faktury: adres e-mail Klienta jest nieznany."
REAL_EMAILS_PER_DAY = 3000


def reach(world: World, family: Family, doc: Record, status: str) -> Record:
    """Set `printed` or `sent`; a paid document stays paid."""
    if doc["status"] == "paid" or doc["status"] == status:
        return doc
    return world.store.put(family.path, {**doc, "status": status})


def make_pdf(world: World, family: Family, doc: Record, document_type: Any, locale: Any) -> bytes:
    """Make the PDF; `document_type` is required and from a closed set (v3-wire 6)."""
    if document_type not in DOCUMENT_TYPES:
        raise bad_value("document_type")
    _check_locale(locale)
    reach(world, family, doc, "printed")
    world.note("pdf", doc, family.envelope)
    title = "Invoice" if locale == "en" else "Faktura"
    whole, rest = divmod(abs(int(doc["gross_price"])), 100)
    sign = "-" if doc["gross_price"] < 0 else ""
    return pdf.one_page([
        f"{title} {doc['number']}",
        str(document_type),
        str(doc["invoice_date"]),
        str(doc["client_company_name"] or ""),
        f"{sign}{whole}.{rest:02d} {doc['currency']}",
    ])  # fmt: skip


def send_email(
    world: World, family: Family, doc: Record, print_type: Any, locale: Any, recipient: Any
) -> None:
    """Mail a document; without a recipient the client's address is taken (v3-wire 6)."""
    if not blank(print_type) and print_type not in DOCUMENT_TYPES:
        raise bad_value("print_type")
    _check_locale(locale)
    client = world.store.get("clients", doc["client_id"] or 0) or {}
    if blank(recipient) and blank(client.get("email")):
        raise business(NO_EMAIL_TEXT)
    _count_email(world)
    reach(world, family, doc, "sent")
    world.note("sent", doc, family.envelope)


def _check_locale(locale: Any) -> None:
    if not blank(locale) and locale not in LOCALES:
        raise bad_value("locale")


def _count_email(world: World) -> None:
    """E-mails a day (v3-wire 2.3); what an exceeded limit answers is not captured: 403 here."""
    room = world.option("plan")["emails_per_day"]
    if room is None and world.limiter.mode == "real":
        room = REAL_EMAILS_PER_DAY
    today = world.clock.today().isoformat()
    sent = world.store.settings.get("emails", {}).get(today, 0)
    if room is not None and sent >= room:
        raise plain(403, "Przekroczono dzienny limit wysyłki wiadomości e-mail.")
    world.store.set("emails", {today: sent + 1})
