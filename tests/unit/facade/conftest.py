"""Stand-ins of both dialects, a store that is new for each test, and APIs without limits."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.facade import Api, connect
from infakt_compat.standin import StandIn
from infakt_compat.store import Store, open_store
from tests.v2_invoice import client_of

from .support import QUICK, Wall

Make = Callable[..., Api]


@pytest.fixture
def wall() -> Wall:
    """Answer the store's clock."""
    return Wall()


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path, wall: Wall) -> Iterator[Store]:
    """Answer an empty store; tests that lean on it have one of each sort (`ON_BOTH_STORES`)."""
    where: Path | str = tmp_path / "store.sqlite3"
    if getattr(request, "param", "sqlite") == "postgresql":
        where = request.getfixturevalue("postgres_url")
    with open_store(where, clock=wall) as opened:
        yield opened


@pytest.fixture
def make(store: Store) -> Iterator[Make]:
    """Answer a maker of APIs: no limits, no thread of their own, short waits."""
    made: list[Api] = []

    def api(standin: StandIn, **more: Any) -> Api:
        settings = {"background": False, "patience": 1.5, **QUICK, "store": store, **more}
        dialect: Any = standin.world.dialect
        made.append(connect(standin.api_key, standin.url, dialect, **settings))
        return made[-1]

    yield api
    for one in made:
        one.close()


@pytest.fixture
def api(standin: StandIn, make: Make) -> Api:
    """Answer an API of each dialect."""
    return make(standin)


@pytest.fixture
def today(current: StandIn, make: Make) -> Api:
    """Answer an API of today's v3."""
    return make(current)


@pytest.fixture
def no_faults(current: StandIn, classic: StandIn) -> Iterator[None]:
    """Leave no fault behind that would hinder an API from closing."""
    yield
    for standin in (current, classic):
        standin.world.faults.clear()


@pytest.fixture
def buyer(standin: StandIn) -> int:
    """Answer a client who is there."""
    return client_of(standin)
