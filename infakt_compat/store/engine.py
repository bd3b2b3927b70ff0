"""Engines: how SQLite and PostgreSQL are opened so that several processes and threads can share.

**SQLite.** Write-ahead log: readers and the one writer do not block each other. A write starts with
BEGIN IMMEDIATE: it takes the write lock first and waits for it (busy timeout); a transaction that
begins with a read and only then writes fails at once, with no wait, when another wrote in between.
`secure_delete`: what is purged is overwritten, not just unlinked.

**PostgreSQL.** READ COMMITTED, set by us whatever the server's default is: statements after a lock
must see what was committed before it was had. Locks that are not given end in an error.

**What waits for the disk.** When our process is killed nothing that was committed is lost, whatever
`synchronous` says: it is the system's by then. Only when the machine itself stops, what has not
reached the disk is gone. So a write waits for the disk (SQLite `synchronous=FULL`, PostgreSQL's own
default) when what it keeps is known to nobody else: that a create is about to be sent, above all.
A "brisk" write does not wait (NORMAL; `synchronous_commit` off): rate-limit events, documents seen,
the outcome of a create, all of which can be found out again. Both databases write one log in the
order of the commits, and a write that waits takes along all that came before it: a power cut takes
away the latest brisk writes, and never one from before a durable write.
"""

import os
import sqlite3
import time
import weakref
from enum import Enum, auto
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from infakt_compat.store.errors import StoreError


class Mode(Enum):
    """What a transaction is for."""

    READ = auto()
    WRITE = auto()
    """On disk at its end."""
    BRISK = auto()
    """Written, without waiting for the disk."""
    BARE = auto()
    """A statement that runs in no transaction."""


#: What a connection was told last: it is not told again, as each statement costs a thread its turn.
_SYNCHRONOUS = "infakt_synchronous"
_POOL = 5
_OVERFLOW = 60
_IDLE_SECONDS = 60

_open: "weakref.WeakSet[Engine]" = weakref.WeakSet()


def make_engine(url: URL, patience: float) -> Engine:
    """Make the engine of a store; nothing is opened yet. Messages never quote parameters."""
    if url.get_backend_name() == "sqlite":
        engine = _sqlite(url, patience)
    else:
        engine = _postgres(url, patience)
    if not in_memory(url):
        _open.add(engine)
    return engine


def in_memory(url: URL) -> bool:
    """Say whether a store lives in memory, and ends with its only connection."""
    return url.get_backend_name() == "sqlite" and not url.database


def _sqlite(url: URL, patience: float) -> Engine:
    # In memory there is one connection, and threads take turns.
    alone = in_memory(url)
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1 if alone else _POOL,
        max_overflow=0 if alone else _OVERFLOW,
        pool_timeout=patience,
        hide_parameters=True,
        connect_args={"timeout": patience, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # no BEGIN of Python's own: ours says IMMEDIATE
        connection.execute("PRAGMA secure_delete=ON")
        if not alone:
            _write_ahead(connection, patience)

    return engine


def begin(connection: Connection, mode: Mode) -> None:
    """Begin a transaction; not by an event, which SQLAlchemy pays for with each statement."""
    if connection.dialect.name != "sqlite":
        if mode is Mode.BRISK:
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
        return
    if mode not in (Mode.WRITE, Mode.BRISK):
        return  # a single statement, which needs none, or one that may be in none
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    wanted = "NORMAL" if mode is Mode.BRISK else "FULL"
    try:
        if connection.info.get(_SYNCHRONOUS) != wanted:
            raw.execute(f"PRAGMA synchronous={wanted}")
            connection.info[_SYNCHRONOUS] = wanted
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        raise OperationalError("BEGIN", None, error) from error


def _write_ahead(connection: sqlite3.Connection, patience: float) -> None:
    """Turn the write-ahead log on; the busy timeout does not cover this change, so it is tried."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    until = time.monotonic() + patience
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            break
        except sqlite3.OperationalError as error:
            if not locked(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
    if mode != "wal":
        raise StoreError("SQLite has no write-ahead log here; a network folder? Take a local one")


def locked(error: BaseException | None) -> bool:
    """Say whether SQLite refused because another holds the file."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _postgres(url: URL, patience: float) -> Engine:
    try:
        engine = create_engine(
            url,
            pool_size=_POOL,
            max_overflow=_POOL,
            pool_timeout=patience,
            isolation_level="READ COMMITTED",
            hide_parameters=True,
            connect_args={"connect_timeout": max(2, round(patience))},
        )
    except ModuleNotFoundError as error:
        raise StoreError(f"PostgreSQL needs infakt-compat[postgres]: no {error.name}") from error

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {round(patience * 1000)}")
            # A process that is stopped in mid-write must not hold its locks for ever.
            cursor.execute(f"SET idle_in_transaction_session_timeout = {_IDLE_SECONDS * 1000}")
        connection.commit()

    return engine


def _before_fork() -> None:
    """Close idle connections: a child that inherits locks or a socket breaks its parent's."""
    for engine in list(_open):
        engine.dispose()


def _in_child() -> None:
    for engine in list(_open):
        engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_in_child)
