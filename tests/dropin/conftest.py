"""A stand-in that is empty for each test, and a gateway in front of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infakt_compat.standin import StandIn

from .live import Live, client_of, configured, serving


@pytest.fixture(scope="session")
def _v3() -> Iterator[StandIn]:
    with StandIn() as standin:
        yield standin


@pytest.fixture
def v3(_v3: StandIn) -> StandIn:
    """Give an empty v3."""
    _v3.reset(seed=1)
    return _v3


@pytest.fixture
def gateway(v3: StandIn, tmp_path: Path) -> Iterator[Live]:
    """Give a gateway with one account, shop."""
    with serving(configured(tmp_path, v3)) as live:
        yield live


@pytest.fixture
def buyer(v3: StandIn) -> int:
    """Give a client who is there."""
    return client_of(v3)
