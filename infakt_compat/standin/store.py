"""What the stand-in remembers: in memory, and written through to a SQLite file when one is named.

Reads never touch the file; it is there so that a restarted stand-in knows what it knew
(issue: state in memory or in a SQLite file).
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import numbers, wire
from .ids import FIRST_ID, uuid_for

Record = dict[str, Any]
COLLECTIONS = (
    "invoices", "corrective_invoices", "margin_invoices", "advance_invoices", "final_invoices",
    "clients", "products", "bank_accounts", "tasks", "attachments", "events",
)  # fmt: skip
_SCHEMA = """
CREATE TABLE IF NOT EXISTS records
    (collection TEXT, id INTEGER, body TEXT, PRIMARY KEY (collection, id));
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, body TEXT);
"""


class Collection:
    """The records of one kind, found by id, uuid and number, and sorted on demand."""

    def __init__(self) -> None:
        """Start empty."""
        self.rows: dict[int, Record] = {}
        self.by_uuid: dict[str, int] = {}
        self.by_number: dict[str, set[int]] = {}
        self.places: dict[numbers.Series, Counter[int]] = {}
        self._sorted: dict[tuple[str, bool], list[Record]] = {}

    def put(self, record: Record) -> None:
        """Add a record or replace the one with its id."""
        self.drop(record["id"])
        self.rows[record["id"]] = record
        if record.get("uuid"):
            self.by_uuid[record["uuid"]] = record["id"]
        self._index_number(record.get("number"), record["id"])

    def drop(self, number: int) -> None:
        """Forget a record."""
        self._sorted.clear()
        old = self.rows.pop(number, None)
        if old is None:
            return
        self.by_uuid.pop(old.get("uuid") or "", None)
        text = old.get("number")
        if text is not None:
            self.by_number[text].discard(number)
        place = numbers.parse(text)
        if place is not None:
            counts = self.places[place[0]]
            counts[place[1]] -= 1
            if counts[place[1]] == 0:
                del counts[place[1]]

    def next_place(self, series: numbers.Series) -> int:
        """One more than the highest number of the series (v3-wire 1.4)."""
        return max(self.places.get(series) or (0,)) + 1

    def ordered(self, field: str, descending: bool) -> list[Record]:
        """All records by a field, then by id; those without a value come last."""
        key = (field, descending)
        if key not in self._sorted:
            self._sorted[key] = sort_records(list(self.rows.values()), field, descending)
        return self._sorted[key]

    def _index_number(self, text: str | None, number: int) -> None:
        if text is None:
            return
        self.by_number.setdefault(text, set()).add(number)
        place = numbers.parse(text)
        if place is not None:
            self.places.setdefault(place[0], Counter())[place[1]] += 1


def sort_records(records: list[Record], field: str, descending: bool) -> list[Record]:
    """Sort by a field, then by id; records without a value come last in both directions."""
    known = [r for r in records if r.get(field) not in (None, "")]
    missing = [r for r in records if r.get(field) in (None, "")]
    try:
        known.sort(key=lambda r: (r[field], r["id"]), reverse=descending)
    except TypeError:  # seeded by hand with values of several types
        known.sort(key=lambda r: (str(r[field]), r["id"]), reverse=descending)
    missing.sort(key=lambda r: r["id"], reverse=descending)
    return known + missing


class Store:
    """All collections and settings, behind one lock."""

    def __init__(self, path: str | Path | None = None) -> None:
        """Open the file, if one is named, and read what it holds."""
        self.lock = threading.RLock()
        self._db = _open(path) if path is not None else None
        self.collections: dict[str, Collection] = {}
        self.settings: dict[str, Any] = {}
        self._load()

    @property
    def new(self) -> bool:
        """Nothing was ever written here."""
        return not self.settings

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One request's changes: all of them reach the file, or, when we die, none."""
        with self.lock:
            if self._db is not None:
                self._db.execute("BEGIN")
            try:
                yield
            finally:
                if self._db is not None:
                    self._db.execute("COMMIT")

    def put(self, collection: str, record: Record) -> Record:
        """Add or replace a record."""
        self.collections[collection].put(record)
        if self._db is not None:
            row = (collection, record["id"], wire.dumps(record).decode())
            self._db.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", row)
        return record

    def delete(self, collection: str, number: int) -> None:
        """Remove a record."""
        self.collections[collection].drop(number)
        if self._db is not None:
            self._db.execute(
                "DELETE FROM records WHERE collection = ? AND id = ?", (collection, number)
            )

    def get(self, collection: str, number: int) -> Record | None:
        """Return a record by its integer id."""
        return self.collections[collection].rows.get(number)

    def find(self, collection: str, uuid: str) -> Record | None:
        """Return a record by its uuid."""
        kept = self.collections[collection]
        return kept.rows.get(kept.by_uuid.get(uuid, -1))

    def all(self, collection: str) -> list[Record]:
        """All records, oldest first."""
        return list(self.collections[collection].rows.values())

    def set(self, name: str, value: Any) -> None:
        """Keep a setting."""
        self.settings[name] = value
        if self._db is not None:
            row = (name, wire.dumps(value).decode())
            self._db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", row)

    def next_id(self, family: str) -> int:
        """Return the next integer id of a family; all document kinds share one."""
        counters = self.settings["counters"]
        number = counters.get(family, FIRST_ID[family])
        self.set("counters", {**counters, family: number + 1})
        return int(number)

    def reserve(self, family: str, number: int) -> None:
        """Never give out an id up to one that a seed has taken."""
        counters = self.settings["counters"]
        if number >= counters.get(family, FIRST_ID[family]):
            self.set("counters", {**counters, family: number + 1})

    def next_uuid(self) -> str:
        """Return the next uuid of the seed."""
        counters = self.settings["counters"]
        number = counters.get("uuid", 0) + 1
        self.set("counters", {**counters, "uuid": number})
        return uuid_for(self.settings["seed"], number)

    def clear(self) -> None:
        """Forget everything."""
        self.collections = {name: Collection() for name in COLLECTIONS}
        self.settings = {}
        if self._db is not None:
            self._db.execute("DELETE FROM records")
            self._db.execute("DELETE FROM settings")

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _load(self) -> None:
        self.collections = {name: Collection() for name in COLLECTIONS}
        if self._db is None:
            return
        for name, body in self._db.execute("SELECT name, body FROM settings"):
            self.settings[name] = wire.loads(body)
        for name, body in self._db.execute("SELECT collection, body FROM records ORDER BY id"):
            self.collections[name].put(wire.loads(body))


def _open(path: str | Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=0.2, check_same_thread=False, isolation_level=None)
    # Two stand-ins at one file would each hold half of the truth: the second one is refused.
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")  # our own death loses nothing; a power cut may
    db.executescript(_SCHEMA)
    return db
