"""Doors on each database, with a clock that stands until it is moved."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest
from sqlalchemy import Connection, delete, inspect

from infakt_compat.dropin.door import Door
from infakt_compat.dropin.secret import Secret
from infakt_compat.dropin.tables import metadata
from infakt_compat.store import Store, open_store
from tests.unit.store.conftest import url

from .support import PASSWORDS, Clock, account, gateway, users

__all__ = ["url"]

PROCESSES = 4


@pytest.fixture
def clock() -> Clock:
    """Give a clock that the test moves."""
    return Clock()


@pytest.fixture(scope="session")
def _store() -> Iterator[Store]:
    with open_store(":memory:") as opened:
        yield opened


@pytest.fixture
def store(_store: Store) -> Iterator[Store]:
    """Give a store without nonces and logins: to make one takes longer than most tests."""
    yield _store

    def work(connection: Connection) -> None:
        for table in metadata.sorted_tables:
            if inspect(connection).has_table(table.name):
                connection.execute(delete(table))

    _store.database.write(work)


@pytest.fixture
def door(store: Store, clock: Clock) -> Door:
    """Give a door for two accounts, each with a consumer of its own."""
    shop = account(
        "shop", "ckey", "csecret", tokens={"ACCTOK": Secret("ACCSEC")}, users=users(PASSWORDS)
    )
    other = account(
        "other", "okey", "osecret",
        tokens={"OTHERTOK": Secret("OTHERSEC")}, users=users({"other": "another password"}),
    )  # fmt: skip
    return Door(gateway(shop, other), store, clock)


@pytest.fixture(scope="session")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Give processes that wait for work, and inherit no connection of ours."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.dropin.door.workers"])
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as executor:
        yield executor
