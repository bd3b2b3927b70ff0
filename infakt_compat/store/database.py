"""Transactions: one function, run whole or not at all, tried again when another was in the way."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from infakt_compat.store.engine import Mode, begin, in_memory, locked, make_engine
from infakt_compat.store.errors import StoreBusy, StoreError
from infakt_compat.store.location import shown

T = TypeVar("T")
Work = Callable[[Connection], T]
#: A part of a transaction that another part of the store begins and ends.
Change = Callable[[Connection], object]

_SERIALIZATION = "40001"
_DEADLOCK = "40P01"
_LOCK_TIMEOUT = "55P03"
_AGAIN = frozenset({_SERIALIZATION, _DEADLOCK})
_CHECKPOINT = "PRAGMA wal_checkpoint(TRUNCATE)"
_FIRST_PAUSE = 0.004
_LONGEST_PAUSE = 0.25


class Database:
    """The database of one store.

    Work is repeated after a lost connection too, when nobody knows whether it was committed: each
    write in this package is such that a second run finds its own traces and does no harm.
    """

    def __init__(self, url: URL, patience: float = 10.0) -> None:
        """Take the URL and the seconds to wait for others; nothing is opened yet."""
        engine = make_engine(url, patience)
        self._engine: Engine | None = engine
        self._patience = patience
        self.url = url
        self.sqlite = engine.dialect.name == "sqlite"
        self._reader = (
            engine
            if self.sqlite
            else engine.execution_options(
                isolation_level="AUTOCOMMIT"  # one statement, one round trip
            )
        )

    def read(self, work: Work[T]) -> T:
        """Run work that only reads: one statement, or several that need not be of one moment."""
        return self._run(self._reader, Mode.READ, work)

    def write(self, work: Work[T]) -> T:
        """Run work that writes: on disk when this returns."""
        return self._run(self._engine, Mode.WRITE, work)

    def write_brisk(self, work: Work[T]) -> T:
        """Run work whose loss in a power cut does no harm; it does not wait for the disk.

        Nothing is lost when a process is killed, and what is lost in a power cut is always the
        latest: never something before a later `write` (see `engine`).
        """
        return self._run(self._engine, Mode.BRISK, work)

    def checkpoint(self) -> None:
        """Empty SQLite's write-ahead log, so that purged rows are gone from it too.

        Readers may prevent it; the next one, or the last connection's end, does it then.
        """
        if self.sqlite and not in_memory(self.url):
            self._run(self._engine, Mode.BARE, lambda c: c.exec_driver_sql(_CHECKPOINT).fetchall())

    def close(self) -> None:
        """Close every connection; the last process to do so folds SQLite's log into the file."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose()

    def _run(self, engine: Engine | None, mode: Mode, work: Work[T]) -> T:
        if self._engine is None or engine is None:
            raise StoreError("the store is closed")
        until = time.monotonic() + self._patience
        pause = _FIRST_PAUSE
        while True:
            try:
                with engine.connect() as connection, connection.begin():
                    begin(connection, mode)
                    return work(connection)
            except DBAPIError as error:
                if not _transient(error) or time.monotonic() + pause > until:
                    raise self._failed(error) from error
            except SQLAlchemyError as error:
                raise self._failed(error) from error
            time.sleep(random.uniform(0, pause))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _failed(self, error: SQLAlchemyError) -> StoreError:
        """Give our own error: the database's words, without statement and values."""
        cause = error.orig if isinstance(error, DBAPIError) else None
        # PostgreSQL quotes the offending row under DETAIL: only the first line is passed on.
        words = (str(cause or error).splitlines() or [type(error).__name__])[0]
        busy = isinstance(error, PoolTimeout) or _held(cause)
        return (StoreBusy if busy else StoreError)(f"store {shown(self.url)}: {words}")


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Start an INSERT that can say ON CONFLICT, which both databases spell alike."""
    return upsert_in(connection.dialect.name, table)


def upsert_in(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Start the same for a dialect by name: for statements that are built once and kept."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _held(cause: BaseException | None) -> bool:
    code = getattr(cause, "sqlstate", None)
    return locked(cause) or code == _LOCK_TIMEOUT or code in _AGAIN


def _transient(error: DBAPIError) -> bool:
    """Say whether the same work can succeed a moment later."""
    if error.connection_invalidated or locked(error.orig):
        return True
    return getattr(error.orig, "sqlstate", None) in _AGAIN
