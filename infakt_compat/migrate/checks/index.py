"""What has to be known of all documents at once: numbers, series, buyers. In a file, not in memory.

The database is SQLite's own temporary file: it has no name and is gone with the process.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from typing import Any

from attrs import frozen

from infakt_compat.migrate.checks.batches import Row
from infakt_compat.migrate.report.model import Place

_SCHEMA = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8000;
CREATE TABLE sources (name TEXT NOT NULL UNIQUE);
CREATE TABLE documents (
    source INTEGER NOT NULL, position INTEGER NOT NULL, family TEXT NOT NULL, kind TEXT NOT NULL,
    number TEXT, day TEXT NOT NULL, series TEXT, place INTEGER, digest BLOB,
    taxpayer TEXT NOT NULL, buyer TEXT NOT NULL, company TEXT NOT NULL,
    v2_id INTEGER, client INTEGER, total INTEGER, original TEXT, ground TEXT,
    transfer INTEGER NOT NULL, planned INTEGER NOT NULL, refused INTEGER NOT NULL,
    said INTEGER NOT NULL, held INTEGER NOT NULL DEFAULT 0, repeated INTEGER NOT NULL DEFAULT 0);
CREATE TABLE evidence (row INTEGER PRIMARY KEY, body BLOB NOT NULL);
"""
_INSERT = f"INSERT INTO documents VALUES ({', '.join('?' * 21)}, 0, 0)"
#: Source, position and number of the document `d`.
PLACE = "(SELECT name FROM sources WHERE sources.rowid = d.source), d.position, d.number"
#: Of so many groups the members are named.
_NAMED = 5
#: Documents that share v2's id or their number with another one: few, and all that is compared.
_ALIKE = """
    CREATE TEMP TABLE alike AS SELECT rowid AS row FROM documents WHERE v2_id IN (
        SELECT v2_id FROM documents WHERE v2_id IS NOT NULL GROUP BY v2_id HAVING count(*) > 1)
    UNION SELECT rowid FROM documents WHERE number IN (
        SELECT number FROM documents WHERE number <> '' GROUP BY number HAVING count(*) > 1)"""
_PLANNED = "NOT repeated AND planned"
#: Documents that are the same as an earlier one.
_REPEATED = """
    SELECT rowid AS row, min(rowid) OVER (PARTITION BY digest) AS other FROM documents
    WHERE rowid IN alike AND digest IS NOT NULL"""
#: Each with another one of the same.
_OTHER = "iif(rowid = min(rowid) OVER same, max(rowid) OVER same, min(rowid) OVER same) AS other"
#: Documents that v2 knew by one id and that differ.
_VERSIONS = f"""
    SELECT rowid AS row, {_OTHER}
    FROM documents WHERE rowid IN alike AND v2_id IS NOT NULL AND {_PLANNED}
    WINDOW same AS (PARTITION BY v2_id)"""
#: Documents that have one number in the same v3 family. The one invoice beside proformas keeps it
#: (`planning/conflicts.py`).
_NUMBERED = f"""
    SELECT row, other FROM (
        SELECT rowid AS row, {_OTHER}, kind <> 'proforma' AS invoice,
            sum(kind <> 'proforma') OVER same AS invoices
        FROM documents
        WHERE rowid IN alike AND number <> '' AND {_PLANNED}
        WINDOW same AS (PARTITION BY family, number))
    WHERE NOT (invoice AND invoices = 1)"""
_MARK = "UPDATE documents SET {} = 1 WHERE rowid IN (SELECT row FROM twins)"
_HOLD = (
    _MARK.format("held"),
    "DELETE FROM twins WHERE row IN (SELECT rowid FROM documents WHERE refused)",
    _MARK.format("refused"),
)
_COUNTED = """
    SELECT series, kind, place, rowid, day FROM documents
    WHERE series IS NOT NULL AND NOT repeated ORDER BY series, place"""


@frozen
class Twin:
    """A document and another one that it collides with: each by source, position and number."""

    source: str
    position: int
    number: str
    other: str


@frozen
class Gap:
    """Places that are missing in a series (`#/05/2013: 4-6`), and the row of who comes next."""

    row: int
    missing: str


@frozen
class Group:
    """What looks like one company: what the documents share, and the first of what they do not."""

    source: str
    position: int
    number: str
    shared: str
    others: tuple[str, ...]


class Index:
    """The documents of one check; a context manager."""

    def __init__(self) -> None:
        """Make an empty one."""
        self.connection = sqlite3.connect("", isolation_level=None)
        self.connection.executescript(_SCHEMA)
        #: So many documents are in it: the last one's row, as SQLite numbers them.
        self._rows = 0

    def add(self, source: str, position: int, rows: Iterable[Row]) -> None:
        """Add the documents of a batch whose first has this position (from 1) in its source."""
        run = self.connection.execute
        run("INSERT OR IGNORE INTO sources VALUES (?)", (source,))
        number = run("SELECT rowid FROM sources WHERE name = ?", (source,)).fetchone()[0]
        documents, kept = [], []
        for index, *values, evidence in rows:
            self._rows += 1
            documents.append((number, position + index, *values))
            if evidence is not None:
                kept.append((self._rows, evidence))
        run("BEGIN")
        self.connection.executemany(_INSERT, documents)
        self.connection.executemany("INSERT INTO evidence VALUES (?, ?)", kept)
        run("COMMIT")

    def repeats(self) -> Iterator[Twin]:
        """Mark the documents that are the same as an earlier one, and give them.

        The first question to ask when all documents are there: the others build on it.
        """
        self.connection.execute(_ALIKE)
        return self._twins(_REPEATED, _MARK.format("repeated"))

    def versions(self) -> Iterator[Twin]:
        """Refuse the invoices that v2 knew by one id and that differ, and give them.

        Here as in `duplicates` those that are refused for another reason count as others, but are
        not given.
        """
        return self._twins(_VERSIONS, *_HOLD)

    def duplicates(self) -> Iterator[Twin]:
        """Refuse the documents whose number another one has in the same v3 family."""
        return self._twins(_NUMBERED, *_HOLD)

    def _twins(self, query: str, *statements: str) -> Iterator[Twin]:
        """Give the twins of a query, after these statements about them."""
        found = f"SELECT * FROM ({query}) WHERE row <> other"
        self.connection.execute(f"CREATE TEMP TABLE twins AS {found}")
        try:
            for statement in statements:
                self.connection.execute(statement)
            yield from self._each_twin()
        finally:
            self.connection.execute("DROP TABLE twins")

    def _each_twin(self) -> Iterator[Twin]:
        query = f"""
            SELECT {PLACE}, o.position, (SELECT name FROM sources WHERE rowid = o.source)
            FROM twins t JOIN documents d ON d.rowid = t.row JOIN documents o ON o.rowid = t.other
            ORDER BY t.row"""
        for source, position, number, other, other_source in self.rows(query):
            named = f"{other_source}, {other}"
            yield Twin(source, position, number or "", named)

    def nameless(self) -> Iterator[Place]:
        """Refuse the documents that name their buyer by v2's id only, where that says not who.

        Others have to name him under that id: without a tax number, or all with the same one
        (`planning/conflicts.py`).
        """
        return self.refused("""d.buyer = '' AND d.client IS NOT NULL AND d.client NOT IN (
            SELECT client FROM (
                SELECT client, buyer, taxpayer FROM documents WHERE client IS NOT NULL
                UNION ALL SELECT v2_id, buyer, taxpayer FROM documents
                WHERE family = 'clients' AND v2_id IS NOT NULL)
            WHERE buyer <> '' GROUP BY client
            HAVING max(taxpayer = '') OR count(DISTINCT taxpayer) = 1)""")

    def refused(self, condition: str, *values: Any) -> Iterator[Place]:
        """Refuse the documents that v3 was to take and for which a condition of ours holds."""
        run = self.connection.execute
        where = f"NOT d.repeated AND NOT d.refused AND d.family <> '' AND ({condition})"
        run(
            f"CREATE TEMP TABLE hit AS SELECT d.rowid AS row FROM documents d WHERE {where}", values
        )
        run("UPDATE documents SET refused = 1 WHERE rowid IN (SELECT row FROM hit)")
        try:
            query = (
                f"SELECT {PLACE} FROM hit JOIN documents d ON d.rowid = hit.row ORDER BY hit.row"
            )
            for source, position, number in self.rows(query):
                yield Place(source, position, number or "")
        finally:
            run("DROP TABLE hit")

    def elsewhere(self) -> Iterator[Place]:
        """Give the corrections whose original is not among the documents."""
        query = f"""
            SELECT {PLACE}, d.original FROM documents d
            WHERE d.original <> '' AND NOT d.refused AND NOT d.repeated AND d.original NOT IN (
                SELECT number FROM documents WHERE kind = 'vat' AND number <> '')"""
        for source, position, number, original in self.rows(query):
            yield Place(source, position, number or "", "", original)

    def gaps(self) -> Iterator[Gap]:
        """Give the missing places of each series, series by series.

        Kinds that use one place twice have series of their own.
        """
        for series, found in groupby(self.rows(_COUNTED), key=itemgetter(0)):
            rows = [row[1:] for row in found]
            kinds = {kind for kind, *_ in rows}
            if len(kinds) > 1 and len({row[:2] for row in rows}) > len({row[1] for row in rows}):
                for kind in sorted(kinds):
                    yield from _missing(series, [row for row in rows if row[0] == kind])
            else:
                yield from _missing(series, rows)

    def place(self, row: int, detail: str) -> Place:
        """Give the place of a document."""
        query = f"SELECT {PLACE} FROM documents d WHERE d.rowid = ?"
        ((source, position, number),) = self.rows(query, row)
        return Place(source, position, number or "", "", detail)

    def same_taxpayer(self) -> Iterator[Group]:
        """Give the buyers that have one tax number and several names."""
        return self._groups("taxpayer", "company", "buyer")

    def same_company(self) -> Iterator[Group]:
        """Give the buyers that have one name and several tax numbers, or also none."""
        return self._groups("company", "taxpayer", "taxpayer")

    def _groups(self, shared: str, other: str, shown: str) -> Iterator[Group]:
        query = f"""
            SELECT {PLACE}, g.shared FROM (
                SELECT {shared} AS shared, min(rowid) AS first FROM documents
                WHERE {shared} <> '' GROUP BY {shared} HAVING count(DISTINCT {other}) > 1) g
            JOIN documents d ON d.rowid = g.first ORDER BY g.first"""
        others = f"SELECT DISTINCT {shown} FROM documents WHERE {shared} = ? LIMIT 5"
        for place, (*found, key) in enumerate(self.rows(query)):
            # The names of the first are looked up; the others are only counted.
            names = [row[0] for row in self.rows(others, key)] if place < _NAMED else []
            yield Group(found[0], found[1], found[2] or "", key, tuple(names))

    def count(self, condition: str, *values: Any) -> int:
        """Count the documents for which a condition of ours holds."""
        ((found,),) = self.rows(f"SELECT count(*) FROM documents WHERE {condition}", *values)
        return int(found)

    def rows(self, query: str, *values: Any) -> Iterator[Any]:
        """Give the rows of a question, one by one."""
        with closing(self.connection.execute(query, values)) as cursor:
            yield from cursor

    def __enter__(self) -> "Index":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()


def _missing(series: str, rows: list[Any]) -> Iterator[Gap]:
    """Give the gaps between the places of one series, which are in their order."""
    _, place, _, day = rows[0]
    # A series that begins anew each month or year begins with 1.
    before = 0 if day and day[:4] in series else place
    for _, place, row, _ in rows:
        if place > before + 1:
            low, high = before + 1, place - 1
            yield Gap(row, f"{series}: {low}" if low == high else f"{series}: {low}-{high}")
        before = place
