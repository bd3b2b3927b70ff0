"""What the tests of following invoices to KSeF share."""

from typing import Any

from infakt_compat.facade import Api, ksef_watch
from infakt_compat.standin import StandIn
from infakt_compat.store import KsefInvoice, Store
from tests.v2_invoice import client_of, invoice

from .support import Tree, Wall, made_id, stored

STATUS = "GET /*/documents/*/status.json"
SEND = "POST /invoices/*/send_to_ksef.json"
KSEF = {"send_to_ksef": True}
HOUR = 3600.0
DAY = 24 * HOUR


def issued(standin: StandIn, api: Api, **more: Any) -> int:
    """Create an invoice that goes to KSeF."""
    return made_id(api.invoices.create(invoice(client_of(standin), status="wydrukowana", **more)))


def kept(store: Store, api: Api, number: int) -> KsefInvoice:
    """Give what the store has of an invoice."""
    found = store.ksef.get(api.account, number)
    assert found is not None
    return found


def turns(api: Api, wall: Wall, seconds: float, times: int = 1) -> None:
    """Let time go by, and do what is due then."""
    for _ in range(times):
        wall.ahead += seconds
        ksef_watch.turn(api._account)


def unsent(standin: StandIn, number: int) -> Tree:
    """Let v3 forget that an invoice was sent; gives it."""
    doc = {**stored(standin, number), "ksef_data": None, "_ksef": None}
    standin.world.store.put("invoices", doc)
    return doc
