"""Versions of the schema: one way up, together or alone, and never down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from infakt_compat.store import Ages, Document, Role, SchemaTooNew, StoreError, open_store
from infakt_compat.store import steps as schema_steps
from infakt_compat.store.database import Database
from infakt_compat.store.location import locate
from infakt_compat.store.schema import metadata
from infakt_compat.store.upgrade import upgrade

from . import workers
from .conftest import NOW, Clock

MICROS = int(NOW) * 1_000_000
NEWEST = len(schema_steps.STEPS)


@pytest.fixture
def raw(url: str) -> Iterator[Engine]:
    """Give the database behind the store's back."""
    engine = create_engine(locate(url))
    yield engine
    engine.dispose()


@pytest.fixture
def first(url: str, raw: Engine) -> Engine:
    """Give a database of version 1 with something in every table."""
    database = Database(locate(url))
    upgrade(database, "store", schema_steps.STEPS[:1])
    database.close()
    row = f"""'sent', 'attempt', 'holder', {MICROS}, {MICROS}, 'task', '7/2026', 'Firma', NULL, 5"""
    with raw.begin() as connection:
        for statement in (
            f"INSERT INTO infakt_documents VALUES ('a', 1, 'invoice', 'u', {MICROS})",
            f"INSERT INTO infakt_residues VALUES ('a', 'invoice', 1, '{{\"x\":1}}', 'v', {MICROS})",
            f"INSERT INTO infakt_values VALUES ('a', 'index', '[1]', 'v', {MICROS})",
            f"INSERT INTO infakt_answers VALUES ('a', 'd', {row}, NULL, NULL)",
            f"INSERT INTO infakt_leases VALUES ('a', 'index', 'h', {MICROS + 10**9})",
            "INSERT INTO infakt_limits VALUES ('reads', 60000000)",
            f"INSERT INTO infakt_events VALUES ('reads', {MICROS}, 0)",
        ):
            connection.exec_driver_sql(statement)
    return raw


def _version(raw: Engine) -> Any:
    with raw.connect() as connection:
        query = text("SELECT version FROM infakt_versions WHERE component = 'store'")
        return connection.execute(query).scalar()


@pytest.mark.usefixtures("store")
def test_the_steps_lead_to_the_tables(raw: Engine) -> None:
    """The steps lead to the tables."""
    found = inspect(raw)
    assert set(found.get_table_names()) == set(metadata.tables)
    for name, table in metadata.tables.items():
        columns = {column["name"]: column for column in found.get_columns(name)}
        assert set(columns) == {column.name for column in table.columns}, name
        for column in table.columns:
            there = columns[column.name]
            assert there["nullable"] is bool(column.nullable), (name, column.name)
            assert str(there["type"]) == str(column.type), (name, column.name)
            assert (there["default"] is None) is (column.server_default is None)
        keys = found.get_pk_constraint(name)["constrained_columns"]
        assert keys == [column.name for column in table.primary_key.columns]
        indexes = {(i["name"], tuple(i["column_names"]), bool(i["unique"]))
                   for i in found.get_indexes(name)}  # fmt: skip
        assert indexes == {
            (i.name, tuple(column.name for column in i.columns), bool(i.unique))
            for i in table.indexes
        }
    assert _version(raw) == len(schema_steps.STEPS)


def test_version_1_is_brought_up_with_its_data(url: str, first: Engine) -> None:
    """Version 1 is brought up with its data."""
    assert _version(first) == 1
    clock = Clock(NOW + 20)
    with open_store(url, clock=clock) as store:
        assert store.documents.find("a", 1) == (Document("invoice", 1, "u", NOW),)
        assert store.documents.by_uuid("a", "u") is not None
        assert store.residues.get("a", "invoice", 1) == {"x": 1}
        assert store.values.get("a", "index") == [1]
        assert store.leases.acquire("a", "index", 1) is None
        assert store.limits.record([("reads", 1, 60)]) == 40.0
        store.limits.block("reads", NOW + 100)
        assert store.limits.record([("reads", 1, 60)]) == 80.0
        resolver = store.pending.claim("a", "d")
        assert resolver.role is Role.RESOLVE
        assert (resolver.entry.task, resolver.entry.draft) == ("task", None)
        assert resolver.entry.sent_at == NOW  # not zero: that would settle it at once
        assert store.pending.not_found(resolver) == 880.0
    assert _version(first) == NEWEST


def test_eight_processes_make_the_schema_at_once(
    url: str, raw: Engine, at_once: Callable[..., list[Any]]
) -> None:
    """Eight processes make the schema at once."""
    assert at_once(8, workers.opens, url) == [True] * 8
    assert _version(raw) == NEWEST


def test_eight_processes_upgrade_at_once(
    url: str, first: Engine, at_once: Callable[..., list[Any]]
) -> None:
    """Eight processes upgrade at once."""
    assert at_once(8, workers.opens, url) == [True] * 8
    assert _version(first) == NEWEST


def test_a_newer_schema_is_refused_and_left_alone(url: str, raw: Engine) -> None:
    """A newer schema is refused and left alone."""
    with open_store(url) as store:
        store.values.put("a", "v", 1)
    with raw.begin() as connection:
        connection.execute(text(f"UPDATE infakt_versions SET version = {NEWEST + 1}"))
        connection.execute(text("DROP TABLE infakt_events"))
    with pytest.raises(SchemaTooNew, match=rf"version {NEWEST + 1} .* up to {NEWEST}: use"):
        open_store(url)
    assert _version(raw) == NEWEST + 1
    assert "infakt_events" not in inspect(raw).get_table_names()


def test_newer_by_the_time_the_lock_is_had(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process with a newer version came first, between the look and the lock."""
    database = Database(locate(url))
    versions = iter([0, 9])
    monkeypatch.setattr("infakt_compat.store.upgrade._version", lambda *_: next(versions))
    with pytest.raises(SchemaTooNew):
        upgrade(database, "store", schema_steps.STEPS)
    database.close()


def test_a_step_that_fails_leaves_the_version_before(url: str, first: Engine) -> None:
    """A step that fails leaves the version before."""
    database = Database(locate(url))
    broken = (*schema_steps.STEPS, ("CREATE TABLE infakt_new (x INTEGER)", "NO SUCH THING"))
    with pytest.raises(StoreError):
        upgrade(database, "store", broken)
    assert _version(first) == 1
    assert "infakt_new" not in inspect(first).get_table_names()
    assert "infakt_created" not in inspect(first).get_table_names()
    assert upgrade(database, "store", schema_steps.STEPS) == 1
    database.close()


def test_parts_of_one_database_have_versions_of_their_own(url: str) -> None:
    """Parts of one database have versions of their own."""
    with open_store(url):
        database = Database(locate(url))
        journal = (("CREATE TABLE infakt_journal (x INTEGER)",),)
        assert [upgrade(database, "journal", journal) for _ in range(2)] == [0, 1]
        database.close()
    with open_store(url, ages=Ages()):
        pass
