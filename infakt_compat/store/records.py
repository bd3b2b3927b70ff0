"""JSON kept under a key, changed without losing what another writes at the same time.

A change is read, made and written back under the condition that nobody wrote in between (each
write leaves a mark of its own), else made anew. So the caller's function runs in no transaction
and holds nobody up, and a repeat after a lost connection finds its own mark.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from sqlalchemy import BigInteger, Connection, Table, Text, and_, bindparam, delete, select, update

from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.store import checks
from infakt_compat.store.database import Change, Database, upsert_in
from infakt_compat.store.errors import StoreBusy, StoreError
from infakt_compat.store.statements import Statement

Key = dict[str, Any]
Compute = Callable[[Any], Any]

_MOST_TRIES = 100
_COLUMNS = ("body", "version", "updated_at")


class Records:
    """The JSON of one table."""

    def __init__(self, database: Database, table: Table) -> None:
        """Work on a table with a body, a version and the time of its last change."""
        self._database = database
        keys = [column for column in table.c if column.primary_key]
        here = and_(*(column == _bound("of_", column.name) for column in keys))
        unchanged = and_(here, table.c.version == bindparam("of_version", type_=Text))
        new = {name: _bound("new_", name) for name in _COLUMNS}
        insert = upsert_in("sqlite" if database.sqlite else "postgresql", table).values(
            {column.name: _bound("of_", column.name) for column in keys} | new
        )
        put = insert.on_conflict_do_update(
            index_elements=keys, set_={name: insert.excluded[name] for name in _COLUMNS}
        )
        self._read_one = Statement(select(table.c.body, table.c.version).where(here))
        self._read_version = Statement(select(table.c.version).where(here))
        self._hold = Statement(select(table.c.body).where(here).with_for_update())
        self._put = Statement(put)
        self._add = Statement(insert.on_conflict_do_nothing())
        self._swap_body = Statement(update(table).where(unchanged).values(new))
        self._swap_out = Statement(delete(table).where(unchanged))
        self._remove = Statement(delete(table).where(here))

    def get(self, key: Key) -> Any:
        """Give what is kept, or None."""
        return self._read(key)[0]

    def put(self, key: Key, value: Any, now: int) -> None:
        """Keep a value, whatever was there; None and an empty record keep nothing."""
        self._database.write(self.putting(key, value, now))

    def putting(self, key: Key, value: Any, now: int) -> Change:
        """Give what keeps a value, for a transaction that writes more than that."""
        named = _of(key)
        if _empty(value):
            return lambda connection: self._remove(connection, named)
        row = {**named, **_row(value, uuid4().hex, now)}
        return lambda connection: self._put(connection, row)

    def changing(self, key: Key, change: Compute, now: int) -> Change:
        """Give what changes a value, for a transaction that writes more than that.

        It holds the record from the reading to the end of the transaction: a quick function.
        """
        named = _of(key)

        def work(connection: Connection) -> None:
            held = None
            while held is None:  # another may delete the row between the two
                self._add(connection, {**named, **_row({}, uuid4().hex, now)})
                held = self._hold(connection, named).scalar()
            value = loaded(held)
            new = change(None if _empty(value) else value)
            self.putting(key, new, now)(connection)

        return work

    def update(self, key: Key, change: Compute, now: int, brisk: bool = False) -> Any:
        """Change a value by a function of what is kept; gives the new one.

        The function must be pure: it runs again when another was quicker. `brisk` does not wait
        for the disk.
        """
        for _ in range(_MOST_TRIES):
            value, version = self._read(key)
            new = change(value)
            if self._swap(_of(key), version, new, now, brisk):
                return None if _empty(new) else new
        raise StoreBusy("a record was changed by others each time it was to be changed here")

    def _swap(self, named: Key, version: str | None, value: Any, now: int, brisk: bool) -> bool:
        mine = uuid4().hex
        row = {**named, **_row(value, mine, now)}

        def work(connection: Connection) -> bool:
            if version is None:
                if not _empty(value):
                    self._add(connection, row)
            elif _empty(value):
                self._swap_out(connection, {**named, "of_version": version})
            else:
                self._swap_body(connection, {**row, "of_version": version})
            left = self._read_version(connection, named).scalar()
            return bool(left == (None if _empty(value) else mine))

        return self._database.write_brisk(work) if brisk else self._database.write(work)

    def _read(self, key: Key) -> tuple[Any, str | None]:
        named = _of(key)
        row = self._database.read(lambda connection: self._read_one(connection, named).first())
        return (None, None) if row is None else (loaded(row.body), row.version)


def _bound(prefix: str, name: str) -> Any:
    return bindparam(prefix + name, type_=BigInteger if name in ("id", "updated_at") else Text)


def _of(key: Key) -> Key:
    return {f"of_{name}": value for name, value in key.items()}


def _row(value: Any, version: str, now: int) -> Key:
    return {"new_body": _written(value), "new_version": version, "new_updated_at": now}


def _empty(value: Any) -> bool:
    return value is None or value == {}


def _written(value: Any) -> str:
    try:
        body = dumps(value).decode()
    except TypeError as error:
        raise ValueError(f"the store keeps JSON alone: {error}") from None
    checks.text(body, "a record")
    return body


def loaded(body: str) -> Any:
    """Read what is kept; raises `StoreError` for what is no JSON."""
    try:
        return loads(body)
    except (json.JSONDecodeError, RecursionError):
        raise StoreError("a record of the store is damaged") from None
