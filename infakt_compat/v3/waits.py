"""Time as the client sees it: clocks, deadlines, and how long to wait before another try.

stamina was looked at: it keeps its own clock, knows no deadline that several calls share, and has
no place for a Retry-After that must first be told to other processes.
"""

import random
import time
from collections.abc import Callable, Iterator

from attrs import field, frozen


@frozen
class Clock:
    """Every source of time and chance, so that tests can hold them."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    wall: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random


@frozen
class Timeouts:
    """Seconds for a connection, for each silence of v3, and for one whole exchange.

    The last one ends an answer that trickles in for ever. A read is never given more than is left
    of the caller's patience; a write is, since to break it off makes its outcome unknown.
    """

    connect: float = 6.0
    read: float = 30.0
    total: float = 120.0

    def __attrs_post_init__(self) -> None:
        if min(self.connect, self.read, self.total) <= 0:
            raise ValueError("every timeout is more than zero")


@frozen
class Deadline:
    """Until when a caller is patient."""

    clock: Clock
    at: float

    @classmethod
    def after(cls, clock: Clock, seconds: float) -> "Deadline":
        """Set a deadline that many seconds from now."""
        return cls(clock, clock.now() + seconds)

    @property
    def left(self) -> float:
        """Seconds that are left; below zero when it is past."""
        return self.at - self.clock.now()

    def earlier(self, seconds: float) -> "Deadline":
        """Give this one, or the one that many seconds from now if that is sooner."""
        return Deadline(self.clock, min(self.at, self.clock.now() + seconds))


@frozen
class Backoff:
    """Waits that grow by doubling, with jitter: between half and the whole of each.

    `attempts` counts tries of a read that failed; answers about limits are obeyed for as long as
    the caller is patient (decisions 6).
    """

    first: float = 0.25
    most: float = 8.0
    attempts: int = 4
    limited: float = 1.0

    def failed(self, attempt: int, clock: Clock) -> float:
        """How long to wait after a failure."""
        return self._grown(self.first, attempt, clock)

    def refused(self, attempt: int, clock: Clock) -> float:
        """How long to wait after a 429 or 503 that names no time."""
        return self._grown(self.limited, attempt, clock)

    def _grown(self, first: float, attempt: int, clock: Clock) -> float:
        return float(min(self.most, first * 2 ** min(attempt - 1, 30))) * (1 - clock.chance() / 2)

    def late(self, seconds: float, clock: Clock) -> float:
        """Add a little to a time that many were told, so that they do not come back at once."""
        return seconds + min(1.0, 0.05 + seconds / 10) * clock.chance()


@frozen
class Looks:
    """When to look at a task: at once, then after waits that double from 0.2 s (issue 3)."""

    first: float = 0.2
    most: float = 5.0
    immediate: bool = field(default=True)

    def waits(self) -> Iterator[float]:
        """Give the seconds before each look."""
        if self.immediate:
            yield 0.0
        wait = self.first
        while True:
            yield wait
            wait = min(wait * 2, self.most)
