"""A store on each database, a clock that the test moves, and processes that work at once."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from infakt_compat.store import Ages, Store, open_store

from .postgres import NoServer, server

NOW = 1_700_000_000.0
PROCESSES = 8


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = NOW) -> None:
        """Start at a moment."""
        self.now = now

    def __call__(self) -> float:
        """Give the moment."""
        return self.now

    def move(self, seconds: float) -> None:
        """Go forward, or back."""
        self.now += seconds


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give a PostgreSQL server's URL, or skip with the reason."""
    with ExitStack() as stack:
        try:
            pytest.importorskip("psycopg", reason="no psycopg: infakt-compat[postgres]")
            url = stack.enter_context(server())
        except NoServer as reason:
            pytest.skip(str(reason))
        yield url


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> Iterator[str]:
    """Make a database of this test run's own, gone afterwards."""
    name = f"infakt_test_{os.getpid()}"
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgres).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgres_url(postgres_database: str) -> Iterator[str]:
    """Give an empty PostgreSQL database."""
    yield postgres_database
    admin = create_engine(postgres_database, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ))  # fmt: skip
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty database of each sort that processes share."""
    if request.param == "sqlite":
        return str(tmp_path / "store.sqlite3")
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def clock() -> Clock:
    """Give a clock that the test moves."""
    return Clock()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    """Give a store on each database, by the test's clock."""
    with open_store(url, clock=clock) as opened:
        yield opened


@pytest.fixture
def ages() -> Ages:
    """Give the ages that a store has by default."""
    return Ages()


def context() -> ForkServerContext:
    """Give a way to start processes that inherit no connection of ours."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["infakt_compat.store"])
    return found


@pytest.fixture(scope="session")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Give processes that wait for work."""
    with ProcessPoolExecutor(PROCESSES, mp_context=context()) as executor:
        yield executor


@pytest.fixture
def at_once(pool: ProcessPoolExecutor) -> Callable[..., list[Any]]:
    """Run a function in several processes in the same moment: `at_once(8, function, ...)`."""

    def run(number: int, function: Callable[..., Any], *arguments: Any) -> list[Any]:
        start = time.time() + 0.25
        jobs = [pool.submit(_at, start, function, index, *arguments) for index in range(number)]
        return [job.result(timeout=60) for job in jobs]

    return run


def _at(start: float, function: Callable[..., Any], *arguments: Any) -> Any:
    while time.time() < start:
        time.sleep(0.001)
    return function(*arguments)
