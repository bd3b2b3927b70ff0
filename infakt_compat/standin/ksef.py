"""National e-invoices: sent, then success, error or rejected (v3-wire 6).

Settings (POST /__standin__/ksef): `looks` and `seconds` delay the outcome, `outcome` is what
becomes of documents (success, error, rejected), `outcomes` names documents by uuid or number for
which it is another, `description` is the text that goes with it instead of the usual one.
"""

from __future__ import annotations

import hashlib
from xml.sax.saxutils import escape

from .clock import stamp
from .errors import business, not_found
from .kinds import FAMILIES, Family
from .store import Record
from .world import World

OUTCOMES = ("success", "error", "rejected")
TEXTS = {
    "sent": "Faktura została wysłana do przetworzenia w KSeF.",
    "success": "Faktura została przetworzona.",
    "error": "Wystąpił błąd podczas przetwarzania faktury w KSeF.",
    "rejected": "Faktura została odrzucona przez KSeF.",
}
PROFORMA = "Faktury proforma nie można wysłać do KSeF."
NOT_INTEGRATED = "Użytkownik nie jest zintegrowany z KSeF."
GONE = "API KSeF 1.0 zostało wyłączone. Użyj API KSeF 2.0."


def check_integration(world: World) -> None:
    """422 when the account is not integrated (v3-wire 2.2)."""
    if not world.option("account")["ksef"]:
        raise business(NOT_INTEGRATED)


def check_create(world: World, data: Record) -> None:
    """Refuse a create that is to be sent and cannot be, before there is a document."""
    check_integration(world)
    if data.get("kind") == "proforma":
        raise business(PROFORMA)


def send(world: World, family: Family, doc: Record) -> Record:
    """Send a document; proformas and accepted ones cannot be sent."""
    check_integration(world)
    if doc["kind"] == "proforma":
        raise business(PROFORMA)
    if (doc["ksef_data"] or {}).get("status") in ("sent", "success"):
        raise business("Faktura została już wysłana do KSeF.")
    settings = world.option("ksef")
    data = {
        "request_uuid": world.store.next_uuid(), "invoice_uuid": doc["uuid"],
        "invoice_kind": family.ksef_kind, "ksef_number": None, "status": "sent",
        "status_description": TEXTS["sent"],
        "timestamps": {
            "request_created_at": stamp(world.clock.now()), "request_finished_at": None,
        },
    }  # fmt: skip
    waiting = {
        "due": world.clock.seconds() + float(settings["seconds"]), "looks": settings["looks"],
    }  # fmt: skip
    return world.store.put(family.path, {**doc, "ksef_data": data, "_ksef": waiting})


def settle(world: World, family: Family, doc: Record, *, looked: bool = False) -> Record:
    """Let an outcome show whose time has come; a look at the status counts."""
    waiting = doc.get("_ksef")
    if waiting is None or doc["ksef_data"]["status"] != "sent":
        return doc
    if waiting["looks"] > 0 or world.clock.seconds() < waiting["due"]:
        if looked:
            waiting = {**waiting, "looks": max(0, waiting["looks"] - 1)}
            return world.store.put(family.path, {**doc, "_ksef": waiting})
        return doc
    return _finish(world, family, doc)


def _finish(world: World, family: Family, doc: Record) -> Record:
    settings = world.option("ksef")
    named = settings["outcomes"]
    status = named.get(doc["uuid"]) or named.get(doc["number"]) or settings["outcome"]
    now = world.clock.now()
    text = settings["description"] or TEXTS[status]
    data = {**doc["ksef_data"], "status": status, "status_description": text}
    data["timestamps"] = {**data["timestamps"], "request_finished_at": stamp(now)}
    if status == "success":
        mark = hashlib.sha256(doc["uuid"].encode()).hexdigest()[:14].upper()
        nip = world.option("account")["nip"]
        data["ksef_number"] = f"{nip}-{now:%Y%m%d}-{mark[:12]}-{mark[12:]}"
    return world.store.put(family.path, {**doc, "ksef_data": data})


def find(world: World, uuid: str) -> tuple[Family, Record]:
    """Find a document of any family by its uuid."""
    for family in FAMILIES:
        doc = world.store.find(family.path, uuid)
        if doc is not None:
            return family, doc
    raise not_found()


def xml(doc: Record) -> bytes:
    """Return a small XML file with the document's number and total."""
    sign = "-" if doc["gross_price"] < 0 else ""
    whole, rest = divmod(abs(doc["gross_price"]), 100)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Faktura><Fa>'
        f"<KodWaluty>{doc['currency']}</KodWaluty><P_1>{doc['invoice_date']}</P_1>"
        f"<P_2>{escape(doc['number'] or '')}</P_2>"
        f"<P_15>{sign}{whole}.{rest:02d}</P_15>"
        "</Fa></Faktura>\n"
    ).encode()
