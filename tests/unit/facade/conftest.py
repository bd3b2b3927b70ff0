"""Stand-ins of both dialects, a store that is new for each test, and APIs without limits."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.facade import Api, connect
from infakt_compat.standin import StandIn
from infakt_compat.store import Store, open_store

from .support import QUICK, Wall, client_of

Make = Callable[..., Api]


@pytest.fixture(scope="session")
def _current() -> Iterator[StandIn]:
    with StandIn() as standin:
        yield standin


@pytest.fixture(scope="session")
def _classic() -> Iterator[StandIn]:
    with StandIn(dialect="classic") as standin:
        yield standin


@pytest.fixture
def current(_current: StandIn) -> StandIn:
    """Answer today's v3, empty."""
    _current.reset(seed=1)
    return _current


@pytest.fixture
def classic(_classic: StandIn) -> StandIn:
    """Answer the classic v3, empty."""
    _classic.reset(seed=1)
    return _classic


@pytest.fixture(params=["current", "classic"])
def standin(request: pytest.FixtureRequest) -> StandIn:
    """Answer one dialect after the other."""
    found: StandIn = request.getfixturevalue(request.param)
    return found


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
def buyer(standin: StandIn) -> int:
    """Answer a client who is there."""
    return client_of(standin)
