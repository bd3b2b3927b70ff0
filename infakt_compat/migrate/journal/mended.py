"""Mended documents: each stands in the row of the one that it replaced, which keeps its key.

The archive still holds the document that was refused. Both are known by their keys, and which of
them counts: the last one that was taken up (`planning/retry.py`).
"""

from base64 import b64decode
from collections.abc import Iterable

import orjson
from sqlalchemy import Connection, select

from infakt_compat.migrate.journal.journal import Journal
from infakt_compat.migrate.journal.schema import entries, values
from infakt_compat.store.database import upsert

#: Names of the journal's values: the place of a mended document, the key that counts at a place.
_PLACE, _KEY = "mended.place ", "mended.key "
_CHUNK = 500


def note(connection: Connection, place: int, key: str) -> None:
    """Keep that the document of a key counts at a place from now on."""
    for name, value in ((f"{_PLACE}{key}", place), (f"{_KEY}{place}", key)):
        body = {"body": orjson.dumps(value).decode()}
        statement = upsert(connection, values).values(name=name, **body)
        connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=body))


def places(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Give the places of mended documents by their keys."""
    found = _values(connection, [f"{_PLACE}{key}" for key in keys])
    return {name.removeprefix(_PLACE): int(orjson.loads(body)) for name, body in found.items()}


def counting(connection: Connection, of: Iterable[int]) -> dict[int, str]:
    """Give the keys of the documents that count at some places; those never mended are left out."""
    found = _values(connection, [f"{_KEY}{place}" for place in of])
    return {int(name.removeprefix(_KEY)): orjson.loads(body) for name, body in found.items()}


def text(journal: Journal, place: int) -> bytes:
    """Give the own text of the mended document at a place, which the journal keeps."""
    query = select(entries.c.raw).where(entries.c.place == place)
    raw = journal.database.read(lambda connection: connection.execute(query).scalar_one())
    return b64decode(raw)


def _values(connection: Connection, names: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(names), _CHUNK):
        query = select(values).where(values.c.name.in_(names[start : start + _CHUNK]))
        found |= {row.name: row.body for row in connection.execute(query).all()}
    return found
