"""What is remembered between calls and shared by processes: SQLite by default, PostgreSQL by URL.

    with open_store() as store:
        store.documents.see(account, [Document("invoice", 4711, uuid)])
        store.documents.find(account, 4711)

Documents seen, residues, answers in doubt, what went to KSeF, state, leases and rate limits
(decisions.md sections 3 to 5). Accounts are opaque text of the caller's (a keyed hash); nothing
secret is stored.
"""

from infakt_compat.store.ages import Ages
from infakt_compat.store.answers import Answer, Claim, Lookup, Role, State
from infakt_compat.store.database import Change
from infakt_compat.store.documents import Document, Documents
from infakt_compat.store.errors import (
    ClaimLost,
    DocumentTaken,
    SchemaTooNew,
    StoreBusy,
    StoreError,
)
from infakt_compat.store.ksef import KsefInvoice, KsefInvoices, KsefState
from infakt_compat.store.leases import Lease, Leases
from infakt_compat.store.limits import Limits, Window
from infakt_compat.store.pending import Pending
from infakt_compat.store.purge import Purged
from infakt_compat.store.residues import Residues
from infakt_compat.store.store import Store, open_store
from infakt_compat.store.values import Values

__all__ = [
    "Ages",
    "Answer",
    "Change",
    "Claim",
    "ClaimLost",
    "Document",
    "DocumentTaken",
    "Documents",
    "KsefInvoice",
    "KsefInvoices",
    "KsefState",
    "Lease",
    "Leases",
    "Limits",
    "Lookup",
    "Pending",
    "Purged",
    "Residues",
    "Role",
    "SchemaTooNew",
    "State",
    "Store",
    "StoreBusy",
    "StoreError",
    "Values",
    "Window",
    "open_store",
]
