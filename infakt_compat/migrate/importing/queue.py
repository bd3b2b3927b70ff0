"""What is to be done next, and when: one queue for reads, one for writes."""

import heapq
import threading
from collections.abc import Callable
from itertools import count

from attrs import define, field

from infakt_compat.v3 import Clock

Job = Callable[[], None]

#: How long a thread waits at once, in seconds of this machine: clocks may run faster than it.
_PAUSE = 0.02


@define(order=True)
class _Entry:
    due: float
    turn: int
    job: Job = field(eq=False, order=False)
    finishing: bool = field(eq=False, order=False)


class Queue:
    """Jobs by the moment at which they are due. Safe for several threads."""

    def __init__(self, clock: Clock) -> None:
        """Start empty, by a clock."""
        self._clock = clock
        self._jobs: list[_Entry] = []
        self._turns = count()
        self._ready = threading.Condition()
        self._timed = False
        self._closed = False
        self._finishing = False

    def put(self, job: Job, delay: float = 0.0, *, finishing: bool = False) -> None:
        """Do a job after so many seconds; `finishing` ones are done after `finish`, too."""
        due = self._clock.now() + delay
        with self._ready:
            heapq.heappush(self._jobs, _Entry(due, next(self._turns), job, finishing))
            self._ready.notify()

    def __len__(self) -> int:
        """Give the number of jobs, due or not."""
        return len(self._jobs)

    def finish(self) -> None:
        """From now on do only what something in flight needs; drop the rest."""
        with self._ready:
            self._finishing = True
            self._ready.notify_all()

    def close(self) -> None:
        """Give no more jobs."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    def take(self) -> Job | None:
        """Wait for the next job that is due; None when the queue is closed."""
        with self._ready:
            while not self._closed:
                while self._finishing and self._jobs and not self._jobs[0].finishing:
                    heapq.heappop(self._jobs)
                if self._jobs and self._jobs[0].due <= self._clock.now():
                    return heapq.heappop(self._jobs).job
                self._wait()
            return None

    def _wait(self) -> None:
        """Wait for a change: one thread for the moment, the others for that thread."""
        if self._timed or not self._jobs:
            self._ready.wait()
            return
        self._timed = True
        try:
            self._ready.wait(_PAUSE)
        finally:
            self._timed = False
            self._ready.notify()
