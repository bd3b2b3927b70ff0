"""One run at a time on one journal.

The operating system holds the lock of a SQLite journal, the server that of a PostgreSQL one: both
let go the moment a run dies, however it dies, so that the next can begin at once. Were a lock lost
all the same, two runs would still not send one document: `sending.begin` gives it to one of them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from infakt_compat.errors import InfaktCompatError
from infakt_compat.migrate.journal.journal import Journal
from infakt_compat.store.engine import make_engine
from infakt_compat.store.location import FILE_MODE

_ADVISORY_KEY = 0x1F4B_7C0E
_PATIENCE = 10.0


class JournalInUse(InfaktCompatError):
    """Another run is at work on this journal."""


@contextmanager
def held(journal: Journal) -> Iterator[None]:
    """Hold the journal; raises `JournalInUse` at once when another run does."""
    url = journal.database.url
    if journal.database.sqlite and not url.database:
        yield
        return
    hold = _file if journal.database.sqlite else _advisory
    with hold(journal) as free:
        if not free:
            raise JournalInUse(f"another import is at work on {journal.location}")
        yield


@contextmanager
def _file(journal: Journal) -> Iterator[bool]:
    """Lock a file beside the journal: SQLite's own locks would be lost with a lock on the journal.

    The file stays; what counts is who has it open.
    """
    path = Path(f"{journal.database.url.database}.lock")
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), FILE_MODE)
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def _advisory(journal: Journal) -> Iterator[bool]:
    """Lock by a PostgreSQL session, which ends with its connection."""
    engine = make_engine(journal.database.url, _PATIENCE)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
            asked, key = text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}
            free = bool(session.execute(asked, key).scalar())
            try:
                yield free
            finally:
                if free:
                    # The server sees the end of a session a little later than the next run comes.
                    with suppress(DBAPIError):
                        session.execute(text("SELECT pg_advisory_unlock(:key)"), key)
    finally:
        engine.dispose()
