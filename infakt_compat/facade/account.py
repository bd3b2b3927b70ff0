"""What the verbs of one account share, and the names of v3's kinds of documents."""

import hashlib
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen

from infakt_compat.facade.background import Later
from infakt_compat.facade.defaults import Defaults
from infakt_compat.facade.ksef_rejections import KsefRejection
from infakt_compat.notices import Notice
from infakt_compat.store import Document, Store
from infakt_compat.translate.compile import Plan, plans
from infakt_compat.v3 import Clock, Documents, V3Client

Record = dict[str, Any]

INVOICES = "invoices"
CLIENTS = "clients"
#: v3's families in the fixed order of a merged list, and the kind of their documents (v3-wire 5).
FAMILIES = {
    INVOICES: "vat",
    "corrective_invoices": "correction",
    "margin_invoices": "margin",
    "advance_invoices": "advance",
    "final_invoices": "final",
}


class Board(threading.local):
    """What the last call of this thread wants said."""

    notices: tuple[Notice, ...] = ()


@frozen
class Account:
    """One account of one v3."""

    v3: V3Client = field(repr=False)
    store: Store = field(repr=False)
    name: str
    defaults: Defaults = field(repr=False)
    later: Later = field(repr=False)
    clock: Clock = field(repr=False)
    patience: float
    #: v2's base URL, for the `request` of its errors.
    base: str
    board: Board = field(factory=Board, repr=False)
    #: Told of each rejection once, by one of the processes that share the store.
    on_ksef_rejection: Callable[[KsefRejection], object] | None = field(default=None, repr=False)

    def see(self, rows: Iterable[tuple[str, Record]]) -> None:
        """Remember documents that v3 showed: ids, uuids and family of each (decisions.md 4)."""
        self.store.documents.see(self.name, [document(family, row) for family, row in rows])

    def residue(self, family: str, number: int) -> Record:
        """Give what is kept beside a document."""
        return self.store.residues.get(self.name, family, number)

    def keep(self, family: str, number: int, residue: Record, before: Record) -> None:
        """Keep what v3 cannot hold of a document; costs nothing when it is as before."""
        if residue != before:
            self.store.residues.put(self.name, family, number, residue)

    def ref(self, document: Document) -> str:
        """Name a document as the dialect's URLs do."""
        named = {"id": document.id, "uuid": document.uuid}
        return self.v3.dialect.of(named)


def document(family: str, record: Record) -> Document:
    """Give a v3 record's document."""
    uuid = record.get("uuid")
    return Document(family, int(record["id"]), uuid if isinstance(uuid, str) and uuid else None)


def family_of(v3: V3Client, name: str) -> Documents:
    """Give the resource of a family."""
    found = getattr(v3, name)
    assert isinstance(found, Documents)
    return found


def invoice_plan(kind: object = "vat") -> Plan:
    """Give the plan of a kind of invoice."""
    return plans()["invoice"].of_kind(kind)


def client_plan() -> Plan:
    """Give the plan of clients."""
    return plans()["client"].of_kind("")


def account_name(api_key: str, base_url: str) -> str:
    """Name an account for the store: nothing of the key can be read from it (decisions.md 7)."""
    text = f"infakt-compat facade {urlsplit(base_url).netloc} {api_key}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
