"""Brings a database to the present schema, also when several processes start at once.

The version is read without a lock; only who finds it old takes the one write transaction (SQLite:
BEGIN IMMEDIATE, PostgreSQL: an advisory lock), reads it again and goes up step by step. Both
databases undo a step that fails half way, so that a killed upgrade leaves the old version whole.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, inspect, select, text

from infakt_compat.store.database import Database, upsert
from infakt_compat.store.errors import SchemaTooNew
from infakt_compat.store.location import shown
from infakt_compat.store.schema import versions

Steps = Sequence[Sequence[str]]

_ADVISORY_KEY = 0x1F4B_7C0D


def upgrade(database: Database, component: str, steps: Steps) -> int:
    """Bring a part of a database to its newest version; gives the version found.

    Raises `SchemaTooNew`, and then nothing was touched.
    """
    found = database.read(lambda connection: _version(connection, component))
    if found != len(steps):
        _refuse_newer(database, component, found, steps)
        found = database.write(lambda connection: _climb(database, connection, component, steps))
    return found


def _climb(database: Database, connection: Connection, component: str, steps: Steps) -> int:
    if not database.sqlite:
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        connection.execute(lock, {"key": _ADVISORY_KEY})
    versions.create(connection, checkfirst=True)
    found = _version(connection, component)
    _refuse_newer(database, component, found, steps)
    for step in steps[found:]:
        for statement in step:
            clustered = " WITHOUT ROWID" if database.sqlite else ""
            connection.exec_driver_sql(statement.replace("{clustered}", clustered))
    reached = {"version": len(steps)}
    noted = upsert(connection, versions).values(component=component, **reached)
    key = [versions.c.component]
    connection.execute(noted.on_conflict_do_update(index_elements=key, set_=reached))
    return found


def _version(connection: Connection, component: str) -> int:
    if not inspect(connection).has_table(versions.name):
        return 0
    query = select(versions.c.version).where(versions.c.component == component)
    return connection.execute(query).scalar() or 0


def _refuse_newer(database: Database, component: str, found: int, steps: Steps) -> None:
    if found > len(steps):
        raise SchemaTooNew(
            f"{shown(database.url)} holds version {found} of the {component}'s schema and this "
            f"infakt-compat knows up to {len(steps)}: use the newer one that wrote it"
        )
