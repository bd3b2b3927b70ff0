"""A gateway in front of an empty stand-in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infakt_compat.standin import StandIn
from tests.v2_invoice import client_of

from .live import Live, configured, serving
from .serving_support import Caller


@pytest.fixture
def v3(current: StandIn) -> StandIn:
    """Give an empty v3."""
    return current


@pytest.fixture
def gateway(v3: StandIn, tmp_path: Path) -> Iterator[Live]:
    """Give a gateway with one account, shop."""
    with serving(configured(tmp_path, v3)) as live:
        yield live


@pytest.fixture
def buyer(v3: StandIn) -> int:
    """Give a client who is there."""
    return client_of(v3)


@pytest.fixture(scope="module", params=["current", "classic"])
def caller(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Caller]:
    """Give a caller of what serves v2, in front of each dialect."""
    with (
        StandIn(dialect=request.param) as standin,
        Caller(standin, tmp_path_factory.mktemp("serving")) as one,
    ):
        yield one
