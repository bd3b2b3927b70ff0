"""What v3 holds of the documents of a journal, read with as few calls as may be.

Lists give whole records, a hundred a call; they are kept in a temporary file of SQLite's own, not
in memory, until the archive's documents ask for them. What no list has is asked for by its id:
only what v3 does not know by that is missing.
"""

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import chain
from typing import Any

from attrs import frozen
from sqlalchemy import func, select

from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.migrate.journal import Entry, Journal, State
from infakt_compat.migrate.journal.schema import entries
from infakt_compat.migrate.planning.families import CLIENTS, CORRECTIVE, INVOICES
from infakt_compat.v3 import Clients, Documents, NotFound, V3Client
from infakt_compat.v3.api import MOST_ROWS, Filter

Record = dict[str, Any]
#: Told after each call: rows read, rows to read.
Progress = Callable[[int, int], None]

_SCHEMA = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8000;
CREATE TABLE rows (family TEXT, id INTEGER, number TEXT, body BLOB, PRIMARY KEY (family, id))
    WITHOUT ROWID;
CREATE INDEX rows_number ON rows (family, number);
CREATE TABLE seen (place INTEGER PRIMARY KEY);
"""


@frozen
class _Wanted:
    """The documents of one family that are done: how many, and the days they span."""

    family: str
    count: int
    numbered: int
    first: str | None
    last: str | None


class Rows:
    """The rows that were read; a context manager."""

    def __init__(self) -> None:
        """Hold none."""
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.executescript(_SCHEMA)

    def add(self, family: str, records: Iterable[Record]) -> None:
        """Keep some rows of a family."""
        values = (
            (family, row["id"], row.get("number"), zlib.compress(dumps(row), 1)) for row in records
        )
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)", values)
        self._connection.execute("COMMIT")

    def get(self, family: str, number: int) -> Record | None:
        """Give a row by its v3 id."""
        query = "SELECT body FROM rows WHERE family = ? AND id = ?"
        found = self._connection.execute(query, (family, number)).fetchone()
        if found is None:
            return None
        record: Record = loads(zlib.decompress(found[0]).decode())
        return record

    def has(self, family: str, number: int) -> bool:
        """Say whether a row was read."""
        query = "SELECT 1 FROM rows WHERE family = ? AND id = ?"
        return self._connection.execute(query, (family, number)).fetchone() is not None

    def others(self, family: str, number: str, own: int) -> list[int]:
        """Give the ids of the other rows that have a number."""
        query = "SELECT id FROM rows WHERE family = ? AND number = ? AND id <> ?"
        with closing(self._connection.execute(query, (family, number, own))) as cursor:
            return [row[0] for row in cursor]

    def first_time(self, place: int) -> bool:
        """Say whether a journal entry is asked for the first time."""
        query = "INSERT OR IGNORE INTO seen VALUES (?)"
        return self._connection.execute(query, (place,)).rowcount == 1

    def __enter__(self) -> "Rows":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def read(journal: Journal, v3: V3Client, rows: Rows, progress: Progress) -> None:
    """Read everything that the journal says is done; raises `V3Error`."""
    listings: dict[str, Documents | Clients] = {
        INVOICES: v3.invoices, CORRECTIVE: v3.corrective_invoices, CLIENTS: v3.clients,
    }  # fmt: skip
    plans = [(one, _page_count(listings[one.family], one)) for one in _wanted(journal)]
    total, done = sum(min(count, one.count) for one, count in plans), 0
    for one, count in plans:
        listing = listings[one.family]
        batches = (
            _pages(listing, one) if count <= one.count else _one_by_one(journal, listing, one, v3)
        )
        for calls, records in chain(batches, _not_read(journal, listing, one, v3, rows)):
            rows.add(one.family, records)
            done += calls
            progress(done, max(total, done))


def _wanted(journal: Journal) -> list[_Wanted]:
    e = entries.c
    query = (
        select(
            e.family,
            func.count(),
            func.count(e.number),
            func.min(e.day),
            func.max(e.day),
            func.count(e.day),
        )
        .where(e.state == State.DONE.value, e.family != "")
        .group_by(e.family)
        .order_by(e.family)
    )
    found = journal.database.read(lambda connection: connection.execute(query).all())
    return [
        _Wanted(family, count, numbered, *((first, last) if dated == count else (None, None)))
        for family, count, numbered, first, last, dated in found
    ]


def _filters(one: _Wanted) -> dict[str, Filter]:
    """Leave out what cannot be meant: documents before the first day and after the last."""
    if one.first is None or one.last is None:
        return {}
    return {"invoice_date_gteq": one.first, "invoice_date_lteq": one.last}


def _page_count(listing: Documents | Clients, one: _Wanted) -> int:
    """Say how many calls the whole list takes."""
    total = listing.list(_filters(one), limit=1).total_count
    return -(-total // MOST_ROWS)


def _pages(listing: Documents | Clients, one: _Wanted) -> Iterator[tuple[int, list[Record]]]:
    """Read the whole list, a page a call."""
    batch: list[Record] = []
    for record in listing.iterate(_filters(one), order="id asc"):
        batch.append(record)
        if len(batch) == MOST_ROWS:
            yield 1, batch
            batch = []
    if batch:
        yield 1, batch


def _one_by_one(
    journal: Journal, listing: Documents | Clients, one: _Wanted, v3: V3Client
) -> Iterator[tuple[int, list[Record]]]:
    """Read document by document: by number, which also shows whether one is there twice."""
    for entry in _done(journal, one):
        if entry.number and isinstance(listing, Documents):
            yield 1, list(listing.iterate({"number_eq": entry.number}, order="id asc"))
        else:
            yield 1, _shown(listing, entry, v3)


def _not_read(
    journal: Journal, listing: Documents | Clients, one: _Wanted, v3: V3Client, rows: Rows
) -> Iterator[tuple[int, list[Record]]]:
    """Ask by its id for what no list had: a date or a number may have been changed in v3."""
    for entry in _done(journal, one):
        if entry.id is not None and not rows.has(one.family, entry.id):
            yield 1, _shown(listing, entry, v3)


def _done(journal: Journal, one: _Wanted) -> Iterator[Entry]:
    return (entry for entry in journal.entries((State.DONE,)) if entry.family == one.family)


def _shown(listing: Documents | Clients, entry: Entry, v3: V3Client) -> list[Record]:
    named = {"id": entry.id, "uuid": entry.uuid}
    ref = str(entry.id) if isinstance(listing, Clients) else v3.dialect.of(named)
    try:
        return [listing.show(ref)]
    except NotFound:
        return []
