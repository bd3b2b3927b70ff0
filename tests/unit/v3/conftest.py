"""Stand-ins of both dialects, clients whose waits take no time, and a server that says anything."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest

from infakt_compat.standin import StandIn
from infakt_compat.v3 import V3Client

from .servers import Scripted
from .support import FakeTime

Make = Callable[..., V3Client]
Dialect = Literal["current", "classic"]


@pytest.fixture
def time() -> FakeTime:
    """Answer a time that only moves when someone sleeps."""
    return FakeTime()


@pytest.fixture
def make(time: FakeTime) -> Iterator[Make]:
    """Answer a maker of clients: no limits, no real waits, closed at the end."""
    made: list[V3Client] = []

    def client(key: str, url: str, dialect: Dialect = "current", **more: Any) -> V3Client:
        settings = {"limits": "off", "clock": time.clock(), **more}
        made.append(V3Client(key, url, dialect, **settings))
        return made[-1]

    yield client
    for one in made:
        one.close()


@pytest.fixture
def v3(standin: StandIn, make: Make) -> V3Client:
    """Answer a client of each dialect."""
    return make(standin.api_key, standin.url, standin.world.dialect)


@pytest.fixture
def today(current: StandIn, make: Make) -> V3Client:
    """Answer a client of today's v3."""
    return make(current.api_key, current.url)


@pytest.fixture
def old(classic: StandIn, make: Make) -> V3Client:
    """Answer a client of the classic v3."""
    return make(classic.api_key, classic.url, "classic")


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """Answer a server that says what the test wants."""
    with Scripted() as server:
        yield server
