"""JSON kept under a key, changed without losing what another writes at the same time.

A change is read, made and written back under the condition that nobody wrote in between (each
write leaves a mark of its own), else made anew. So the caller's function runs in no transaction
and holds nobody up, and a repeat after a lost connection finds its own mark.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update

from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.store import checks
from infakt_compat.store.database import Database, upsert
from infakt_compat.store.errors import StoreBusy, StoreError

Key = dict[str, Any]
Change = Callable[[Any], Any]

_MOST_TRIES = 100


class Records:
    """The JSON of one table."""

    def __init__(self, database: Database, table: Table) -> None:
        """Work on a table with a body, a version and the time of its last change."""
        self._database = database
        self._table = table

    def get(self, key: Key) -> Any:
        """Give what is kept, or None."""
        return self._read(key)[0]

    def put(self, key: Key, value: Any, now: int) -> None:
        """Keep a value, whatever was there; None and an empty record keep nothing."""
        if _empty(value):
            self._database.write(lambda c: c.execute(delete(self._table).where(self._is(key))))
            return
        row = {"body": _written(value), "version": uuid4().hex, "updated_at": now}

        def work(connection: Connection) -> None:
            statement = upsert(connection, self._table).values(**key, **row)
            keys = [self._table.c[name] for name in key]
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=row))

        self._database.write(work)

    def update(self, key: Key, change: Change, now: int) -> Any:
        """Change a value by a function of what is kept; gives the new one.

        The function must be pure: it runs again when another was quicker.
        """
        for _ in range(_MOST_TRIES):
            value, version = self._read(key)
            new = change(value)
            if self._swap(key, version, new, now):
                return None if _empty(new) else new
        raise StoreBusy("a record was changed by others each time it was to be changed here")

    def _swap(self, key: Key, version: str | None, value: Any, now: int) -> bool:
        mine = uuid4().hex
        row = {"body": _written(value), "version": mine, "updated_at": now}

        def work(connection: Connection) -> bool:
            here = and_(self._is(key), self._table.c.version == version)
            if version is None:
                if not _empty(value):
                    statement = upsert(connection, self._table).values(**key, **row)
                    connection.execute(statement.on_conflict_do_nothing())
            elif _empty(value):
                connection.execute(delete(self._table).where(here))
            else:
                connection.execute(update(self._table).where(here).values(row))
            left = connection.execute(select(self._table.c.version).where(self._is(key))).scalar()
            return left == (None if _empty(value) else mine)

        return self._database.write(work)

    def _read(self, key: Key) -> tuple[Any, str | None]:
        query = select(self._table.c.body, self._table.c.version).where(self._is(key))
        row = self._database.read(lambda connection: connection.execute(query).first())
        return (None, None) if row is None else (_loaded(row.body), row.version)

    def _is(self, key: Key) -> ColumnElement[bool]:
        return and_(*(self._table.c[name] == value for name, value in key.items()))


def _empty(value: Any) -> bool:
    return value is None or value == {}


def _written(value: Any) -> str:
    try:
        body = dumps(value).decode()
    except TypeError as error:
        raise ValueError(f"the store keeps JSON alone: {error}") from None
    checks.text(body, "a record")
    return body


def _loaded(body: str) -> Any:
    try:
        return loads(body)
    except (json.JSONDecodeError, RecursionError):
        raise StoreError("a record of the store is damaged") from None
