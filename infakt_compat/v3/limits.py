"""V3's limits, kept on our side so that v3 need not refuse (v3-wire 2.3, seed 001, decisions 4).

Sliding windows with exact counts: a request takes a slot in every window, or in none. pyrate-limiter
was tried (design.md): on one SQLite file its two processes are exact only behind its file lock, it
cannot say how long to wait without waiting, and it has no place for a Retry-After that all share.
"""

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from attrs import frozen

#: v3 counts on arrival, we when we ask: our windows are this much wider than its own (decisions 4).
WIDER = 1.0

Counted = Literal["address", "account"]


@frozen
class Window:
    """So many requests in so many seconds."""

    seconds: float
    room: int


@frozen
class Quota:
    """Several windows at once, counted per egress address or per account."""

    windows: tuple[Window, ...]
    counted: Counted = "address"


@frozen
class Limits:
    """Reads and writes apart."""

    reads: Quota
    writes: Quota


#: Today's documentation: per IP and minute.
CURRENT = Limits(Quota((Window(60, 300),)), Quota((Window(60, 150),)))
#: Seed 001: reads per account, writes per IP; minute, hour and day.
CLASSIC = Limits(
    Quota((Window(60, 50), Window(3600, 200), Window(86400, 1000)), "account"),
    Quota((Window(60, 10), Window(3600, 100), Window(86400, 500))),
)


class WindowStore(Protocol):
    """Where the counts are kept; `SqlWindows` shares them between processes."""

    def take(self, key: str, windows: Sequence[Window]) -> float:
        """Take a slot in every window and give 0, or take none and give the seconds to wait."""
        ...

    def block(self, key: str, seconds: float) -> None:
        """Let nobody through for so many seconds: v3 has refused."""
        ...


class MemoryWindows:
    """Counts of one process, safe for its threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with nothing counted."""
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: dict[str, list[float]] = {}
        self._blocked: dict[str, float] = {}

    def take(self, key: str, windows: Sequence[Window]) -> float:
        """Take a slot in every window and give 0, or take none and give the seconds to wait."""
        with self._lock:
            now = self._clock()
            taken = self._taken.setdefault(key, [])
            longest = max(window.seconds for window in windows)
            del taken[: bisect_right(taken, now - longest)]
            wait = max(_wait(taken, window, now) for window in windows)
            wait = max(wait, self._blocked.get(key, 0.0) - now)
            if wait > 0:
                return wait
            taken.append(now)
            return 0.0

    def block(self, key: str, seconds: float) -> None:
        """Let nobody through for so many seconds; a longer block stays."""
        with self._lock:
            until = self._clock() + seconds
            self._blocked[key] = max(until, self._blocked.get(key, until))


def _wait(taken: list[float], window: Window, now: float) -> float:
    """How long until the oldest of the last `room` requests has left the window."""
    if len(taken) < window.room:
        return 0.0
    return max(0.0, taken[len(taken) - window.room] + window.seconds - now)


#: The clients of one process share these unless they are given others: v3 counts per address.
PROCESS = MemoryWindows()


class Limiter:
    """The windows of one client: whose they are, and how wide."""

    def __init__(self, limits: Limits, store: WindowStore, host: str, names: dict[Counted, str]) -> None:
        """Name the windows by host, side and by whom v3 counts."""
        self._store = store
        self._sides = {
            False: _side(limits.reads, host, names, "read"),
            True: _side(limits.writes, host, names, "write"),
        }

    def take(self, writes: bool) -> float:
        """Take a slot and give 0, or give the seconds to wait."""
        key, windows = self._sides[writes]
        return self._store.take(key, windows) if windows else 0.0

    def refused(self, writes: bool, seconds: float) -> None:
        """Tell all who share the windows that v3 has refused."""
        key, windows = self._sides[writes]
        if windows:
            self._store.block(key, seconds)


def _side(
    quota: Quota, host: str, names: dict[Counted, str], side: str
) -> tuple[str, tuple[Window, ...]]:
    key = f"{host} {side} {quota.counted} {names[quota.counted]}"
    return key, tuple(Window(window.seconds + WIDER, window.room) for window in quota.windows)


def off() -> Limits:
    """Give limits that hold nobody back."""
    return Limits(Quota(()), Quota(()))
