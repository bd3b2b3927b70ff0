"""Moves of archives into stand-ins."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infakt_compat.standin import StandIn

from .moves import Move


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
