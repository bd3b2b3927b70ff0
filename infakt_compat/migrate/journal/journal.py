"""A journal as it is opened and read.

The database is opened as the store's (`store/engine.py`): write-ahead log, and `synchronous` FULL
on purpose. A document is noted as sent before its request leaves; were that note lost in a power
cut, as NORMAL may lose it, the next run would send the document a second time.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import ColumnElement, Select, case, func, inspect, select, tuple_

from infakt_compat.migrate.journal import rows, schema
from infakt_compat.migrate.journal.entries import (
    PDF,
    Buyer,
    Entry,
    NoJournal,
    SourceRow,
    State,
    Totals,
)
from infakt_compat.migrate.journal.ranges import among
from infakt_compat.migrate.journal.steps import COMPONENT, STEPS
from infakt_compat.store import Limits
from infakt_compat.store import steps as store_steps
from infakt_compat.store.database import Database, Work, upsert
from infakt_compat.store.location import Where, locate, prepare, shown
from infakt_compat.store.times import Clock, Times
from infakt_compat.store.upgrade import upgrade

T = TypeVar("T")

_PAGE = 500
#: An account has few invoices of one number.
_MOST_BEFORE = 20
_PATIENCE = 30.0


class Windows:
    """The journal's counts of v3's limits, as a client takes them."""

    def __init__(self, limits: Limits, turn: AbstractContextManager[Any]) -> None:
        """Count in a store, in turn with its other writers."""
        self._limits = limits
        #: Held by who writes, and by who must not be held up between two writes.
        self.turn = turn

    def record(self, windows: Iterable[tuple[str, int, float]]) -> float:
        """Record a request in every window and give 0, or in none and give the seconds to wait."""
        with self.turn:
            return self._limits.record(windows)

    def block(self, bucket: str, until: float) -> None:
        """Let nothing pass until then, in seconds since the epoch."""
        with self.turn:
            self._limits.block(bucket, until)


class Journal:
    """An open journal; a context manager. Safe for several threads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Take an opened database; `open_journal` does that."""
        self.database = database
        self.times = Times(clock)
        # SQLite has one writer at a time: threads that take turns wait no longer than they must.
        self._turn = threading.RLock() if database.sqlite else nullcontext()
        #: v3's limits, counted where the next run finds them.
        self.windows = Windows(Limits(database, self.times), self._turn)

    def write(self, work: Work[T]) -> T:
        """Run a transaction: on disk when this returns."""
        with self._turn:
            return self.database.write(work)

    @property
    def location(self) -> str:
        """Say where it is, for messages: the file, or the URL without its password."""
        url = self.database.url
        return str(url.database) if self.database.sqlite else shown(url)

    @property
    def account(self) -> str | None:
        """Whose account this journal's documents go to (`identity.identity`); None before that."""
        found = self.value("account")
        return found if isinstance(found, str) else None

    def value(self, name: str) -> Any:
        """Give a value that holds for the whole journal, or None."""
        query = select(schema.values.c.body).where(schema.values.c.name == name)
        text = self.database.read(lambda c: c.execute(query).scalar())
        return None if text is None else orjson.loads(text)

    def put_value(self, name: str, value: Any) -> None:
        """Keep a value for the whole journal."""
        body = {"body": orjson.dumps(value).decode()}
        key = [schema.values.c.name]
        self.write(
            lambda c: c.execute(
                upsert(c, schema.values)
                .values(name=name, **body)
                .on_conflict_do_update(index_elements=key, set_=body)
            )
        )

    def entries(
        self,
        states: Iterable[State] | None = None,
        resource: str | None = None,
        sources: Iterable[int] | None = None,
    ) -> Iterator[Entry]:
        """Give the entries in their order, in pages: memory holds some hundreds."""
        query = _entries()
        if states is not None:
            query = query.where(schema.entries.c.state.in_([state.value for state in states]))
        if resource is not None:
            query = query.where(schema.entries.c.resource == resource)
        query = query.where(among(schema.entries.c.source, sources))
        last = 0
        while True:
            page = self._entries(query.where(schema.entries.c.place > last).limit(_PAGE))
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1].place

    def find(self, keys: Iterable[str]) -> dict[str, Entry]:
        """Give the entries of some keys; a key that is not there is left out."""
        found = self._entries(_entries().where(schema.entries.c.key.in_(list(keys))))
        return {one.key: one for one in found}

    def entry(self, place: int) -> Entry | None:
        """Give one entry by its place."""
        found = self._entries(_entries().where(schema.entries.c.place == place))
        return found[0] if found else None

    def corrections_before(self, entry: Entry) -> list[Entry]:
        """Give the proven corrections of the same original that are before this one, latest first.

        By day; some of them only. Where the sources have no original it is that of the same number.
        """
        e = schema.entries.c
        same = [e.corrects == entry.corrects]
        if entry.corrects is None:
            same = [e.family == entry.family, e.original == entry.original, e.corrects.is_(None)]
        order = schema.by_day()
        earlier = tuple_(*order) < (entry.day or "", entry.place)
        latest_first = (column.desc() for column in order)
        query = _entries().order_by(None).order_by(*latest_first).limit(_MOST_BEFORE)
        return self._entries(query.where(*same, e.ready == 1, earlier))

    def _entries(self, query: Select[Any]) -> list[Entry]:
        found = self.database.read(lambda c: c.execute(query).all())
        return [rows.entry(row) for row in found]

    def body(self, place: int) -> str | None:
        """Give what an entry's create would send, as JSON text; None for what is not created."""
        query = select(schema.entries.c.body).where(schema.entries.c.place == place)
        return self.database.read(lambda c: c.execute(query).scalar())

    def buyer(self, place: int) -> Buyer | None:
        """Give one buyer by its place."""
        query = select(schema.buyers).where(schema.buyers.c.place == place)
        row = self.database.read(lambda c: c.execute(query).first())
        return None if row is None else rows.buyer(row)

    def clients(self) -> tuple[int, int]:
        """Count the clients that were created, and those that the account had."""
        b = schema.buyers.c
        query = select(func.count(), func.sum(b.already)).where(b.state == State.DONE.value)
        count, already = self.database.read(lambda c: c.execute(query).one())
        return count - int(already or 0), int(already or 0)

    def sources(self) -> list[SourceRow]:
        """Give the sources that were planned, in their order."""
        query = select(schema.sources).order_by(schema.sources.c.place)
        return [rows.source(row) for row in self.database.read(lambda c: c.execute(query).all())]

    def named(self, names: Iterable[str]) -> list[SourceRow]:
        """Give the sources of some names; one that was not planned is left out."""
        wanted = set(names)
        return [one for one in self.sources() if one.name in wanted]

    def totals(
        self, sources: Iterable[int] | None = None, *which: ColumnElement[bool]
    ) -> list[Totals]:
        """Count the entries by family, kind and state; of some sources only where named.

        Of those for which these conditions hold.
        """
        e = schema.entries.c
        owing = func.sum(case((e.owing != "", 1), else_=0))
        unfinished = func.sum(case((e.owing.not_in(("", PDF)), 1), else_=0))
        query = (
            select(e.family, e.kind, e.state, func.count(), owing, unfinished, func.sum(e.already))
            .where(among(e.source, sources), *which)
            .group_by(e.family, e.kind, e.state)
            .order_by(e.family, e.kind, e.state)
        )
        found = self.database.read(lambda c: c.execute(query).all())
        return [
            Totals(family, kind, State(state), count, *map(int, counts))
            for family, kind, state, count, *counts in found
        ]

    def close(self) -> None:
        """Close every connection; the last to do so folds SQLite's log into the file."""
        self.database.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _entries() -> Select[Any]:
    joined = schema.entries.join(schema.sources, schema.sources.c.place == schema.entries.c.source)
    return select(*rows.ENTRY_COLUMNS).select_from(joined).order_by(schema.entries.c.place)


def open_journal(where: Where, *, create: bool = False, clock: Clock = time.time) -> Journal:
    """Open a journal: a SQLite file, or a PostgreSQL URL.

    `create` makes what is missing; without it a journal that is not there raises `NoJournal`.
    Raises `StoreError` for one that cannot be opened, `SchemaTooNew` for one of a newer version.
    """
    url = locate(where)
    if url.get_backend_name() == "sqlite":
        if not create and not (url.database and Path(url.database).is_file()):
            raise NoJournal(f"there is no journal at {shown(url)}: `import` makes it")
        prepare(url)
    database = Database(url, _PATIENCE)
    try:
        if not create and not _there(database):
            raise NoJournal(f"{shown(url)} holds no journal: `import` makes it")
        upgrade(database, store_steps.COMPONENT, store_steps.STEPS)
        upgrade(database, COMPONENT, STEPS)
    except BaseException:
        database.close()
        raise
    return Journal(database, clock)


def _there(database: Database) -> bool:
    return database.read(lambda c: inspect(c).has_table(schema.values.name))
