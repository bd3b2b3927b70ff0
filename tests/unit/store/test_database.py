"""Transactions: what waits, what is tried again, what ends in an error."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, select, text, update

from infakt_compat.store import Store, StoreBusy, StoreError, open_store
from infakt_compat.store.database import Database
from infakt_compat.store.engine import _open, _write_ahead
from infakt_compat.store.location import locate
from infakt_compat.store.schema import limits, values
from infakt_compat.store.times import micros

from .conftest import NOW, Clock


@pytest.fixture
def database(store: Store) -> Database:
    """Give the database behind a store."""
    return store._database


def _number(connection: Connection, name: str) -> int:
    row = connection.execute(select(values.c.body).where(values.c.name == name)).scalar_one()
    return int(row)


def _write(connection: Connection, name: str, number: int) -> None:
    connection.execute(update(values).where(values.c.name == name).values(body=str(number)))


def test_work_that_fails_changes_nothing(store: Store, database: Database) -> None:
    """Work that fails changes nothing."""
    store.values.put("a", "v", 1)

    def work(connection: Connection) -> None:
        _write(connection, "v", 2)
        raise KeyError

    with pytest.raises(KeyError):
        database.write(work)
    assert store.values.get("a", "v") == 1


def test_read_then_write_loses_nothing(store: Store, database: Database) -> None:
    """Transactions that begin with a read and then write: none fails, none is lost."""
    store.values.put("a", "v", 0)

    def work(connection: Connection) -> None:
        query = select(values.c.body).where(values.c.name == "v").with_for_update()
        number = int(connection.execute(query).scalar_one())
        time.sleep(0.002)
        _write(connection, "v", number + 1)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: database.write(work), range(24)))
    assert store.values.get("a", "v") == 24


def test_what_waits_for_the_disk(database: Database) -> None:
    """A write does, a brisk one does not, and the one after it does again."""
    asked, durable, brisk = "SHOW synchronous_commit", "on", "off"
    if database.sqlite:
        asked, durable, brisk = "PRAGMA synchronous", "2", "1"

    def work(connection: Connection) -> str:
        return str(connection.exec_driver_sql(asked).scalar_one())

    ways = (database.write, database.write_brisk, database.write)
    assert [way(work) for way in ways] == [durable, brisk, durable]


def test_a_reader_does_not_wait_for_a_writer(store: Store, database: Database) -> None:
    """A reader does not wait for a writer."""
    store.values.put("a", "v", 1)

    def work(connection: Connection) -> Any:
        _write(connection, "v", 2)
        with ThreadPoolExecutor(1) as other:
            return other.submit(store.values.get, "a", "v").result(timeout=5)

    assert database.write(work) == 1
    assert store.values.get("a", "v") == 2


def test_patience_ends_in_an_error_of_its_own(
    url: str, store: Store, database: Database, clock: Clock
) -> None:
    """Patience ends in an error of its own."""
    store.limits.record([("w", 9, 60)])

    def work(connection: Connection) -> None:
        connection.execute(update(limits).values(longest=limits.c.longest))
        began = time.monotonic()
        with pytest.raises(StoreBusy):
            other.limits.record([("w", 9, 60)])
        assert 0.2 < time.monotonic() - began < 5

    with open_store(url, clock=clock, patience=0.3) as other:
        database.write(work)
    assert store.limits.record([("w", 9, 60)]) == 0.0


def test_errors_quote_no_value(database: Database) -> None:
    """Errors quote no value."""

    def work(connection: Connection) -> None:
        row = {"account": "a", "name": "v", "version": "1", "updated_at": 1}
        connection.execute(values.insert().values(**row, body="Jan Kowalski"))
        connection.execute(values.insert().values(**row, body="Jan Kowalski"))

    with pytest.raises(StoreError) as caught:
        database.write(work)
    assert "unique" in str(caught.value).lower()
    assert "Kowalski" not in str(caught.value)
    assert "Kowalski" not in str(caught.value.__cause__)
    assert "\n" not in str(caught.value)


def test_a_closed_store_says_so(url: str) -> None:
    """A closed store says so."""
    store = open_store(url)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.documents.count("a")


def test_a_mistake_in_a_statement_is_an_error_of_ours(database: Database) -> None:
    """A mistake in a statement is an error of ours."""
    with pytest.raises(StoreError, match="store"):
        database.write(lambda connection: connection.execute(text("SELECT * FROM nowhere")))
    with pytest.raises(StoreError, match="store"):
        database.read(lambda connection: connection.execute(select(values).where(text(":x = 1"))))


def test_memory_waits_for_its_one_connection() -> None:
    """Memory waits for its one connection."""
    with open_store(":memory:", patience=0.2) as store:
        store.values.put("a", "v", 1)
        with pytest.raises(StoreBusy):
            store._database.write(lambda _: store.values.get("a", "v"))
        assert store.values.get("a", "v") == 1
        store.purge()
        for engine in list(_open):
            assert str(engine.url) != "sqlite://"  # a fork must not close it: it would be empty


def test_synchronous_is_full_but_for_limits(tmp_path: Path) -> None:
    """FULL is 2, NORMAL 1: the record of a create survives a power cut."""
    with open_store(tmp_path / "s.db") as store:
        found = []
        for write in (store._database.write, store._database.write_brisk, store._database.write):
            found.append(write(lambda c: c.exec_driver_sql("PRAGMA synchronous").scalar()))
        assert found == [2, 1, 2]
        assert store._database.read(
            lambda c: c.exec_driver_sql("PRAGMA journal_mode").scalar()
        ) == "wal"  # fmt: skip


def test_commits_do_not_wait_for_the_disk_for_limits_alone(postgres_url: str) -> None:
    """Commits do not wait for the disk for limits alone."""
    with open_store(postgres_url) as store:
        query = text("SHOW synchronous_commit")
        found = []
        for write in (store._database.write, store._database.write_brisk, store._database.write):
            found.append(write(lambda c: c.execute(query).scalar()))
        assert found == ["on", "off", "on"]


def test_the_log_is_turned_on_while_another_holds_the_file(tmp_path: Path) -> None:
    """The log is turned on while another holds the file."""
    path = tmp_path / "s.db"
    other = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    _reads(other)
    threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
    with open_store(path) as store:
        assert store.documents.count("a") == 0
    other.close()


def test_a_file_that_stays_held_ends_in_an_error(tmp_path: Path) -> None:
    """A file that stays held ends in an error."""
    path = tmp_path / "s.db"
    other = sqlite3.connect(path, isolation_level=None)
    _reads(other)
    with pytest.raises(StoreBusy):
        open_store(path, patience=0.1)
    other.close()


def _reads(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE t (x)")
    connection.execute("BEGIN")
    connection.execute("SELECT * FROM t").fetchall()


def test_the_isolation_is_ours_whatever_the_server_says(postgres_url: str) -> None:
    """A snapshot taken before a lock is had would show what no longer is."""
    options = {"options": "-c default_transaction_isolation=serializable"}
    with open_store(locate(postgres_url).update_query_dict(options)) as store:
        query = text("SHOW transaction_isolation")
        write = store._database.write
        assert write(lambda connection: connection.execute(query).scalar()) == "read committed"


def test_no_log_no_store() -> None:
    """No log no store."""
    connection = sqlite3.connect(":memory:")  # has none, as a network folder
    with pytest.raises(StoreError, match="write-ahead"):
        _write_ahead(connection, 0.1)
    connection.close()


def test_a_lost_connection_is_opened_anew(postgres_url: str) -> None:
    """A lost connection is opened anew."""
    with open_store(postgres_url) as store:
        store.values.put("a", "v", 1)
        admin = create_engine(locate(postgres_url), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ))  # fmt: skip
        admin.dispose()
        store.values.put("a", "v", 2)
        assert store.values.get("a", "v") == 2


def test_a_serialization_failure_is_tried_again(postgres_url: str) -> None:
    """Two read both numbers and write one each, at SERIALIZABLE: one of them must run twice."""
    with open_store(postgres_url) as store:
        for name in ("x", "y"):
            store.values.put("a", name, 0)
        gate = threading.Barrier(2, timeout=5)
        runs: list[str] = []

        def work(name: str) -> Callable[[Connection], None]:
            def run(connection: Connection) -> None:
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
                total = _number(connection, "x") + _number(connection, "y")
                runs.append(name)
                if len(runs) <= 2:
                    gate.wait()
                _write(connection, name, total + 1)

            return run

        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda name: store._database.write(work(name)), ("x", "y")))
        assert len(runs) == 3
        assert sorted(store.values.get("a", name) for name in ("x", "y")) == [1, 2]


def test_a_deadlock_is_tried_again(postgres_url: str) -> None:
    """A deadlock is tried again."""
    with open_store(postgres_url) as store:
        for name in ("x", "y"):
            store.values.put("a", name, 0)
        gate = threading.Barrier(2, timeout=5)
        runs: list[str] = []

        def work(names: str) -> Callable[[Connection], None]:
            def run(connection: Connection) -> None:
                connection.execute(text("SET LOCAL deadlock_timeout = '50ms'"))
                for name in names:
                    _write(connection, name, len(runs) + 1)
                    runs.append(name)
                    if len(runs) <= 2:
                        gate.wait()

            return run

        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda names: store._database.write(work(names)), ("xy", "yx")))
        assert len(runs) >= 5  # four writes, one of them undone and made again


@pytest.fixture
def child() -> Callable[[Callable[[], bool]], bool]:
    """Run something in a forked child."""

    def run(work: Callable[[], bool]) -> bool:
        pid = os.fork()
        if pid == 0:
            try:
                os._exit(0 if work() else 1)
            finally:
                os._exit(2)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

    return run


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_store_is_used_on_both_sides_of_a_fork(
    store: Store, child: Callable[[Callable[[], bool]], bool]
) -> None:
    """A server that forks after it opened the store: no connection may be in both processes."""
    store.values.put("a", "v", 1)

    def work() -> bool:
        inherited = store._database._engine.pool.checkedin()  # type: ignore[union-attr]
        ours = store.values.get("a", "v")
        store.values.put("a", "v", 2)
        return bool(ours == 1 and inherited == 0)

    assert child(work)
    assert store.values.get("a", "v") == 2
    store.values.put("a", "v", 3)
    assert child(lambda: bool(store.values.get("a", "v") == 3))


def test_moments() -> None:
    """Moments."""
    assert micros(NOW) == micros(int(NOW)) == micros(datetime.fromtimestamp(NOW, UTC))
    assert micros(0.1) == 100_000
    with pytest.raises(ValueError, match="offset"):
        micros(datetime(2026, 11, 20))
    with pytest.raises(ValueError, match="NaN"):
        micros(float("nan"))


def test_the_clock_may_give_datetimes(tmp_path: Path) -> None:
    """The clock may give datetimes."""
    with open_store(tmp_path / "s.db", clock=lambda: datetime.fromtimestamp(NOW, UTC)) as store:
        assert store.pending.claim("a", "d").entry.created_at == NOW
