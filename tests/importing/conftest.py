"""A stand-in of each dialect, empty before each test, and moves of archives into it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infakt_compat.standin import StandIn

from .moves import Move


@pytest.fixture(scope="session")
def current_standin() -> Iterator[StandIn]:
    """Run one stand-in of today's dialect for all tests."""
    with StandIn() as standin:
        yield standin


@pytest.fixture(scope="session")
def classic_standin() -> Iterator[StandIn]:
    """Run one stand-in of the classic dialect for all tests."""
    with StandIn(dialect="classic") as standin:
        yield standin


@pytest.fixture
def current(current_standin: StandIn) -> StandIn:
    """Give today's dialect, empty."""
    current_standin.reset(seed=1)
    return current_standin


@pytest.fixture
def classic(classic_standin: StandIn) -> StandIn:
    """Give the classic dialect, empty."""
    classic_standin.reset(seed=1)
    return classic_standin


@pytest.fixture(params=["current", "classic"])
def either(request: pytest.FixtureRequest) -> StandIn:
    """Give each dialect, empty."""
    found: StandIn = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def move(tmp_path: Path) -> Iterator[Callable[[StandIn], Move]]:
    """Give moves into stand-ins, their journals below the test's folder."""
    made: list[Move] = []

    def start(standin: StandIn) -> Move:
        folder = tmp_path / f"move{len(made)}"
        folder.mkdir()
        made.append(Move(standin, folder))
        return made[-1]

    yield start
    for one in made:
        one.close()
