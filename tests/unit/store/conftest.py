"""A store on each database, a clock that the test moves, and processes that work at once."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.store import Ages, Store, open_store

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
