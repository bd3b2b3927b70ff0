"""Work that no caller waits for: statuses that v3 did not take, KSeF, the index of ids.

One thread, started when there is work; what it does stands in the store before, so that a process
that dies loses none of it.
"""

import heapq
import logging
import threading
import time
from collections.abc import Callable
from itertools import count

from attrs import define, field

log = logging.getLogger("infakt_compat")
Work = Callable[[], object]


@define(eq=False)
class Job:
    """One piece of work: whether it has ended, and how."""

    name: str
    work: Work = field(repr=False)
    #: Done again so many seconds after each time, for as long as the work gives True.
    every: float | None = None
    ended: threading.Event = field(factory=threading.Event, repr=False)
    error: Exception | None = None
    again: bool = False

    def run(self) -> None:
        """Do it; an exception is kept for who waits, and logged without any of its values."""
        try:
            self.again = self.work() is True
        except Exception as error:
            self.error, self.again = error, True
            log.warning("%s failed: %s", self.name, type(error).__name__)
        finally:
            self.ended.set()


class Later:
    """The queue. Without a thread (`threaded=False`) the work waits for `run_all`."""

    def __init__(self, threaded: bool = True) -> None:
        """Start with nothing to do."""
        self.threaded = threaded
        self._wake = threading.Condition()
        self._jobs: dict[str, Job] = {}
        self._queue: list[tuple[float, int, Job]] = []
        self._order = count()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether work that has several parts should end between two of them."""
        return self._closed

    def soon(self, name: str, work: Work, delay: float = 0.0) -> Job:
        """Have something done, once under a name: what waits already under it is not doubled."""
        return self._queued(Job(name, work), delay)

    def every(self, name: str, work: Work, seconds: float) -> Job:
        """Have something done in so many seconds, and again and again while it gives True.

        Once under a name, like `soon`; it also goes on after an exception.
        """
        return self._queued(Job(name, work, seconds), seconds)

    def _queued(self, new: Job, delay: float) -> Job:
        with self._wake:
            job = self._jobs.get(new.name)
            if job is None:
                job = self._jobs[new.name] = new
                heapq.heappush(self._queue, (time.monotonic() + delay, next(self._order), job))
                self._start()
                self._wake.notify_all()
        return job

    def run_all(self) -> None:
        """Do here and now all that waits, due or not; what is done again and again, once."""
        done = []
        while (job := self._take(until=None)) is not None:
            job.run()
            done.append(job)
        for job in done:
            self._repeat(job)

    def _repeat(self, job: Job) -> None:
        if job.every is not None and job.again:
            self.every(job.name, job.work, job.every)

    def close(self, patience: float = 5.0) -> None:
        """Do no more; what is being done is given a moment to end."""
        with self._wake:
            self._closed = True
            self._queue.clear()
            self._wake.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(patience)

    def _start(self) -> None:
        if self.threaded and not self._closed and self._thread is None:
            self._thread = threading.Thread(target=self._work, name="infakt-compat", daemon=True)
            self._thread.start()

    def _take(self, until: float | None) -> Job | None:
        """Give the next job, one that is due by then."""
        with self._wake:
            if not self._queue or (until is not None and self._queue[0][0] > until):
                return None
            job = heapq.heappop(self._queue)[2]
            # Whoever asks for the same from here on means a new turn.
            self._jobs.pop(job.name, None)
            return job

    def _work(self) -> None:
        while not self._closed:
            job = self._take(until=time.monotonic())
            if job is not None:
                job.run()
                self._repeat(job)
                continue
            with self._wake:
                if not self._closed:
                    left = self._queue[0][0] - time.monotonic() if self._queue else None
                    self._wake.wait(None if left is None else max(left, 0.0))
