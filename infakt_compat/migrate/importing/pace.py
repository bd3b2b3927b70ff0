"""v3's limits as an import keeps them: a place first, the journal's note next, then the request.

The client takes a place for every request by itself. A create is noted as sent before it leaves,
and a run that dies while it waits for a place would leave behind notes of requests that never left,
each of them a doubt to be cleared up. So a place is reserved first, by the thread that then sends;
the note follows at once, and the request at once after it: v3 counts when it arrives, and allows a
second of difference (`v3/limits.py`).
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from infakt_compat.migrate.journal.journal import Windows
from infakt_compat.v3 import Clock
from infakt_compat.v3.limits import Counts

Side = Literal["reads", "writes"]

#: Who waits looks so often, in seconds, whether it should stop waiting.
_SLICE = 0.5


class _Held(threading.local):
    """The places that a thread has reserved and not used."""

    buckets: tuple[str, ...] = ()


class Pace:
    """Windows that know which places are reserved, and how long they were waited for."""

    def __init__(self, windows: Windows, clock: Clock) -> None:
        """Count in the journal's windows; `bind` names what is counted."""
        self._windows = windows
        self._clock = clock
        self._held = _Held()
        self._counted: Mapping[str, tuple[Counts, ...]] = {}
        #: When a side was last full, by the clock: what the import waits for.
        self.full: dict[str, float] = {}

    def bind(self, counted: Mapping[str, tuple[Counts, ...]]) -> None:
        """Take what a client counts (`V3Client.counted`); nothing is counted with limits off."""
        self._counted = counted

    def reserve(
        self, side: Side, stopped: Callable[[], bool], note: Callable[[], bool] = lambda: True
    ) -> bool:
        """Take a place for this thread's next request, waiting for it, and note the request.

        False when stopped, or when the note was not taken: then nothing may be sent.
        """
        counts = self._counted.get(side)
        if not counts:
            return not stopped() and note()
        while not stopped():
            with self._windows.turn:
                wait = self._windows.record(counts)
                if wait <= 0:
                    self._held.buckets = (*self._held.buckets, counts[0][0])
                    return note()
            # A little more each: who waits for the same place should not come at the same moment.
            self._wait(side, wait + 0.02 * self._clock.chance(), stopped)
        return False

    def _wait(self, side: Side, seconds: float, stopped: Callable[[], bool]) -> None:
        until = self._clock.now() + seconds
        while (left := until - self._clock.now()) > 0 and not stopped():
            self.full[side] = self._clock.now()
            self._clock.sleep(min(left, _SLICE))

    def record(self, windows: Iterable[Counts]) -> float:
        """Use a reserved place, or take one; gives the seconds to wait where there is none."""
        counts = tuple(windows)
        held = list(self._held.buckets)
        if counts and counts[0][0] in held:
            held.remove(counts[0][0])
            self._held.buckets = tuple(held)
            return 0.0
        return self._windows.record(counts)

    def block(self, bucket: str, until: float) -> None:
        """Let nothing pass until then (epoch seconds): v3 has refused."""
        self._windows.block(bucket, until)
