"""The account: details and activities (v3-wire 6; `extentions` is spelt as on the wire)."""

from __future__ import annotations

from typing import Any

from .messages import Request, Response, ok
from .paging import page_of
from .world import World


def details(world: World, _: Request) -> Response:
    """GET /account/details.json."""
    account = world.option("account")
    return ok({
        "account_data": {
            "uuid": "2b0d7b3d-c0aa-4ca3-a3c1-1c9d2f6b5b11", "email": "stand-in@example.com",
            "username": "stand-in", "site": "infakt", "role": "owner",
            "registered_at": "2020-01-02 10:00:00 +0100",
        },
        "company_data": _company(account["nip"]),
        "accounting_settings": {
            "status": "finished", "accounting_data_filled": True,
            "pit_type": _pit_type(account["flat_rate"]), "pit_history": [],
            "vat_sales": {"value": "taxed", "label": "Opodatkowana"},
        },
        "extentions": {"ksef": {"name": "KSeF", "active": account["ksef"]}},
    })  # fmt: skip


def activities(world: World, request: Request) -> Response:
    """GET /account/activities.json: counts beside the entities, without `metainfo`."""
    offset, limit = page_of(request)
    events = world.store.all("events")[::-1]
    shown = events[offset : offset + limit]
    return ok({"total_count": len(events), "count": len(shown), "entities": shown})


def _company(nip: str) -> dict[str, Any]:
    return {
        "first_name": "Jan", "last_name": "Kowalski", "company_name": "Stand-in Jan Kowalski",
        "owner_name": "Jan", "owner_surname": "Kowalski", "street": "Kącik 4",
        "street_name": "Kącik", "street_number": "4", "flat_number": "", "city": "Kraków",
        "postal_code": "30-549", "tax_id": nip, "pesel": "", "regon": "", "phone_number": "",
        "mailing_company_name": None, "mailing_street": None, "mailing_city": None,
        "mailing_postal_code": None, "business_activity_code": "62.01.Z",
    }  # fmt: skip


def _pit_type(flat_rate: bool) -> dict[str, str]:
    if flat_rate:
        return {"value": "flat_rate", "label": "Ryczałt"}
    return {"value": "regular", "label": "Zasady ogólne"}
