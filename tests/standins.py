"""A running stand-in of each dialect for all tests, empty before each.

A pytest plugin, so that one of each serves the whole run.
"""

from collections.abc import Iterator

import pytest

from infakt_compat.standin import StandIn


@pytest.fixture(scope="session")
def _current() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture(scope="session")
def _classic() -> Iterator[StandIn]:
    with StandIn(dialect="classic") as running:
        yield running


@pytest.fixture
def current(_current: StandIn) -> StandIn:
    """Give today's v3, empty."""
    _current.reset(seed=1)
    return _current


@pytest.fixture
def classic(_classic: StandIn) -> StandIn:
    """Give the classic v3, empty."""
    _classic.reset(seed=1)
    return _classic


@pytest.fixture(params=["current", "classic"])
def standin(request: pytest.FixtureRequest) -> StandIn:
    """Give one dialect after the other, empty."""
    found: StandIn = request.getfixturevalue(request.param)
    return found
