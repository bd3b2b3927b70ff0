"""V3's limits, kept on our side so that v3 need not refuse (v3-wire 2.3, seed 001, decisions 4).

Sliding windows with exact counts: a request takes a place in every window, or in none. The counts
are the store's when processes share them, else this module's. pyrate-limiter was tried (design.md):
its processes are exact only behind its file lock, it cannot say how long to wait without waiting,
and it has no place for a Retry-After that all share.
"""

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Literal, Protocol

from attrs import frozen

#: v3 counts on arrival, we when we ask: our windows are this much wider than its own (decisions 4).
WIDER = 1.0

Counted = Literal["address", "account"]
#: A bucket, how many requests it holds, and for how many seconds each.
Counts = tuple[str, int, float]


@frozen
class Window:
    """So many requests in so many seconds."""

    seconds: float
    room: int

    def __attrs_post_init__(self) -> None:
        if self.seconds <= 0 or self.room < 1:
            raise ValueError("a window has a length and room for a request")


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
    """Where the counts are kept; the store's `limits` are one, and shared by processes."""

    def record(self, windows: Iterable[Counts]) -> float:
        """Record a request in every window and give 0, or in none and give the seconds to wait."""
        ...

    def block(self, bucket: str, until: float) -> None:
        """Let nothing pass until then, in seconds since the epoch: v3 has refused."""
        ...


class MemoryWindows:
    """Counts of one process, safe for its threads."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Start with nothing counted."""
        self._clock = clock
        self._wall = wall
        self._lock = threading.Lock()
        self._taken: dict[str, list[float]] = {}
        self._blocked: dict[str, float] = {}

    def record(self, windows: Iterable[Counts]) -> float:
        """Record a request in every window and give 0, or in none and give the seconds to wait."""
        buckets: dict[str, list[tuple[int, float]]] = {}
        for bucket, room, seconds in windows:
            buckets.setdefault(bucket, []).append((room, seconds))
        with self._lock:
            now = self._clock()
            wait = max(self._wait(bucket, sizes, now) for bucket, sizes in buckets.items())
            if wait > 0:
                return wait
            for bucket in buckets:
                self._taken[bucket].append(now)
            return 0.0

    def _wait(self, bucket: str, sizes: list[tuple[int, float]], now: float) -> float:
        """How long until the oldest of the last `room` requests has left each window."""
        taken = self._taken.setdefault(bucket, [])
        del taken[: bisect_right(taken, now - max(seconds for _, seconds in sizes))]
        waits = [taken[-room] + seconds - now for room, seconds in sizes if len(taken) >= room]
        return max(0.0, self._blocked.get(bucket, now) - now, *waits)

    def block(self, bucket: str, until: float) -> None:
        """Let nothing pass until then; a later end stays."""
        with self._lock:
            end = self._clock() + until - self._wall()
            self._blocked[bucket] = max(end, self._blocked.get(bucket, end))


#: The clients of one process share these unless they are given others: v3 counts per address.
PROCESS = MemoryWindows()


class Limiter:
    """The windows of one client: whose they are, and how wide."""

    def __init__(
        self, limits: Limits, store: WindowStore, host: str, names: dict[Counted, str]
    ) -> None:
        """Name the buckets by host, side and by whom v3 counts."""
        self._store = store
        self._sides = {
            False: _counts(limits.reads, host, names, "read"),
            True: _counts(limits.writes, host, names, "write"),
        }

    def counts(self, writes: bool) -> tuple[Counts, ...]:
        """Give the windows of a side: their bucket, room and seconds."""
        return self._sides[writes]

    def take(self, writes: bool) -> float:
        """Take a place and give 0, or give the seconds to wait."""
        counts = self._sides[writes]
        return self._store.record(counts) if counts else 0.0

    def refused(self, writes: bool, until: float) -> None:
        """Tell all who share the windows that v3 has refused until then (epoch seconds)."""
        for bucket in {bucket for bucket, _, _ in self._sides[writes]}:
            self._store.block(bucket, until)


def _counts(quota: Quota, host: str, names: dict[Counted, str], side: str) -> tuple[Counts, ...]:
    bucket = f"{host} {side} {quota.counted} {names[quota.counted]}"
    return tuple((bucket, window.room, window.seconds + WIDER) for window in quota.windows)
