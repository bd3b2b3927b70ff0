"""Share links, quick payments and attachments of a document (v3-wire 6)."""

from __future__ import annotations

from datetime import date, timedelta

from .errors import business, not_found, plain
from .kinds import Family
from .messages import Request
from .store import Record
from .world import World

SHARE_DAYS = 30
LINK_SECONDS = 600
ENDED_TEXT = "Udostępnianie faktury zostało wyłączone."
NOT_SHARED_TEXT = "Faktura nie jest udostępniona."


def share(world: World, family: Family, doc: Record) -> Record:
    """Start sharing, if the plan has it; an active link is answered as it is."""
    if not world.option("plan")["share_links"]:
        raise plain(403, "Udostępnianie faktur nie jest dostępne w Twoim abonamencie.")
    if doc.get("_share"):
        return dict(doc["_share"])
    until = world.clock.today() + timedelta(days=SHARE_DAYS)
    link = f"http://www.infakt.pl/app/twoja-faktura/{world.store.next_uuid()}"
    return _keep(world, family, doc, {"share_link": link, "expiration_date": until.isoformat()})


def shared(doc: Record) -> Record:
    """Return the active link."""
    if not doc.get("_share"):
        raise not_found()
    return dict(doc["_share"])


def prolong(world: World, family: Family, doc: Record) -> Record:
    """Thirty more days."""
    if not doc.get("_share"):
        raise business(NOT_SHARED_TEXT)
    until = date.fromisoformat(doc["_share"]["expiration_date"])
    later = (until + timedelta(days=SHARE_DAYS)).isoformat()
    return _keep(world, family, doc, {**doc["_share"], "expiration_date": later})


def unshare(world: World, family: Family, doc: Record) -> Record:
    """End sharing."""
    if not doc.get("_share"):
        raise business(NOT_SHARED_TEXT)
    world.store.put(family.path, {**doc, "_share": None})
    return {"message": ENDED_TEXT}


def start_payment(world: World, family: Family, doc: Record) -> Record:
    """Make a link for quick payments; for VAT invoices that are not paid."""
    if doc["kind"] != "vat" or doc["status"] == "paid":
        raise business("Nie można aktywować szybkich płatności dla tej faktury.")
    if not doc.get("_payment_link"):
        token = world.store.next_uuid().replace("-", "")
        link = f"https://infakt.pl/app/gateways/bluemedia/{token}"
        doc = world.store.put(family.path, {**doc, "_payment_link": link})
    return {"payment_link": doc["_payment_link"]}


def payment(doc: Record) -> Record:
    """Return the active payment link."""
    if not doc.get("_payment_link"):
        raise not_found()
    return {"payment_link": doc["_payment_link"]}


def end_payment(world: World, family: Family, doc: Record) -> None:
    """Take the payment link away."""
    payment(doc)
    world.store.put(family.path, {**doc, "_payment_link": None})


def attachment(world: World, request: Request, record: Record) -> Record:
    """Show an attachment with a link on our own host that lives ten minutes."""
    expires = int(world.clock.seconds()) + LINK_SECONDS
    link = f"http://{request.host}/__standin__/attachments/{record['id']}?expires={expires}"
    return {
        "id": record["id"], "name": record["name"], "content_type": record["content_type"],
        "download_link": link,
    }  # fmt: skip


def _keep(world: World, family: Family, doc: Record, link: Record) -> Record:
    world.store.put(family.path, {**doc, "_share": link})
    return link
