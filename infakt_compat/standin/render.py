"""Documents as they are answered: the exact keys of family, dialect and place (v3-wire 4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .kinds import Family
from .store import Record
from .wire import number_text
from .world import World


def listed(world: World, family: Family, doc: Record) -> Record:
    """Show a document as an entity of a list."""
    return _shape(world, family, doc, family.list_keys(world.classic))


def detailed(world: World, family: Family, doc: Record) -> Record:
    """Show a document as show, create and update answer it."""
    shown = _shape(world, family, doc, family.detail_keys(world.classic))
    if "extensions" in shown:
        shown["extensions"] = extensions(world, doc)
    if "ksef_number" in shown:
        shown["ksef_number"] = (doc.get("ksef_data") or {}).get("ksef_number")
    return shown


def extensions(world: World, doc: Record) -> Record:
    """Links of quick payments and sharing; the classic key is misspelt (v3-wire 10.9)."""
    available = "avaiable" if world.classic else "available"
    share = doc.get("_share") or {}
    payable = doc["kind"] == "vat" and doc["status"] != "paid"
    sharing = bool(world.option("plan")["share_links"])
    return {
        "payments": {"link": doc.get("_payment_link"), available: payable},
        "shares": {
            "link": share.get("share_link"), available: sharing,
            "valid_until": share.get("expiration_date"),
        },
    }  # fmt: skip


def _shape(world: World, family: Family, doc: Record, keys: tuple[str, ...]) -> Record:
    shown = {key: doc.get(key) for key in keys}
    row_keys = family.row_keys(world.classic)
    shown["services"] = [{k: row.get(k) for k in row_keys} for row in doc["services"]]
    if world.classic:
        _classic(shown, doc)
    return shown


def _classic(shown: Record, doc: Record) -> None:
    """Write values as the seed document has them: some "" for null, quantities as text."""
    for name in ("paid_date", "vat_exemption_reason"):
        if name in shown and shown[name] is None:
            shown[name] = ""
    if shown.get("client_company_name") is None and "client_first_name" not in shown:
        names = (doc.get("client_first_name"), doc.get("client_last_name"))
        shown["client_company_name"] = " ".join(name for name in names if name) or None
    for row in shown["services"]:
        row["quantity"] = quantity_text(row["quantity"])


def quantity_text(quantity: Any) -> str:
    """Write a quantity with a fraction: "1.0", "0.5" (seed document)."""
    text = number_text(Decimal(str(quantity)))
    return text if "." in text else f"{text}.0"
