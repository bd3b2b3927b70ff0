"""The store as others use it: opened by path or URL, closed at the end."""

import time
from contextlib import suppress

from infakt_compat.store import checks, ksef
from infakt_compat.store import purge as purging
from infakt_compat.store.ages import Ages
from infakt_compat.store.database import Database
from infakt_compat.store.documents import Documents
from infakt_compat.store.errors import StoreBusy
from infakt_compat.store.ksef import KsefInvoices
from infakt_compat.store.leases import Leases
from infakt_compat.store.limits import Limits
from infakt_compat.store.location import Where, locate, prepare, shown
from infakt_compat.store.pending import Pending
from infakt_compat.store.purge import Purged
from infakt_compat.store.residues import Residues
from infakt_compat.store.steps import COMPONENT, STEPS
from infakt_compat.store.times import Clock, Moment, Times
from infakt_compat.store.upgrade import upgrade
from infakt_compat.store.values import Values

PATIENCE = 10.0
_OURS = "infakt-compat"
_PURGE_EVERY = 86_400.0


class Store:
    """What this package remembers, for all processes and threads that open the same place."""

    def __init__(self, database: Database, times: Times, ages: Ages) -> None:
        """Put the parts together; `open_store` opens the database and makes the schema."""
        self._database = database
        self._times = times
        self._ages = ages
        self.documents = Documents(database, times)
        self.residues = Residues(database, times)
        self.pending = Pending(database, times, ages)
        self.values = Values(database, times)
        self.leases = Leases(database, times)
        self.limits = Limits(database, times)
        self.ksef = KsefInvoices(database, times)

    @property
    def location(self) -> str:
        """Give the URL, for messages: without a password."""
        return shown(self._database.url)

    @property
    def database(self) -> Database:
        """The database itself, for parts that keep tables of their own in it (`upgrade`)."""
        return self._database

    def purge(self, now: Moment | None = None) -> Purged:
        """Delete what has reached its age. Long-running processes call this now and then."""
        return purging.purge(self._database, self._ages, self._times.now(now))

    def purge_if_due(self, now: Moment | None = None) -> Purged | None:
        """Purge when nobody did for a day; of several processes one does it."""
        lease = self.leases.acquire(_OURS, "purge", _PURGE_EVERY, now)
        if lease is None:
            return None
        try:
            return self.purge(now)
        except BaseException:
            self.leases.release(lease)
            raise

    def forget_account(self, account: str) -> int:
        """Delete all that is kept of an account; gives the number of rows."""
        return purging.forget_account(self._database, checks.name(account, "an account"))

    def close(self) -> None:
        """Close every connection; the store can then no longer be used."""
        self._database.close()

    def __enter__(self) -> "Store":
        """Give the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def open_store(
    url_or_path: Where = None,
    *,
    clock: Clock = time.time,
    ages: Ages | None = None,
    patience: float = PATIENCE,
) -> Store:
    """Open a store: the user's own, a SQLite file, `:memory:`, or a PostgreSQL URL.

    Makes the file and the schema where they are missing, brings an older schema up to date, and
    once a day deletes what has reached its age. `patience` is how many seconds a call waits for
    others before it raises `StoreBusy`. Raises `StoreError`, and `SchemaTooNew` for a store that a
    newer version wrote.
    """
    url = locate(url_or_path)
    prepare(url)
    database = Database(url, patience)
    store = Store(database, Times(clock), ages or Ages())
    try:
        upgrade(database, COMPONENT, STEPS)
        upgrade(database, ksef.COMPONENT, ksef.STEPS)
        with suppress(StoreBusy):  # others are at work: the next opening will do
            store.purge_if_due()
    except BaseException:
        store.close()
        raise
    return store
