"""One run of an import: threads that send and look, and a loop that feeds them and watches.

Ctrl-C is the caller's: it asks for `stop`, and the run ends when what is in flight is settled.
"""

import threading
from collections.abc import Callable

from attrs import define, field, frozen

from infakt_compat.errors import InfaktCompatError
from infakt_compat.migrate.importing import candidates
from infakt_compat.migrate.importing.after import After
from infakt_compat.migrate.importing.beforehand import Beforehand
from infakt_compat.migrate.importing.clients import Clients
from infakt_compat.migrate.importing.corrections import Corrections
from infakt_compat.migrate.importing.creating import Creating
from infakt_compat.migrate.importing.dispatch import Dispatch
from infakt_compat.migrate.importing.doubts import Doubts
from infakt_compat.migrate.importing.engine import Engine, Item, Stopped
from infakt_compat.migrate.importing.feeding import Feeding
from infakt_compat.migrate.importing.following import Following
from infakt_compat.migrate.importing.pace import Pace
from infakt_compat.migrate.importing.queue import Queue
from infakt_compat.migrate.importing.settings import Settings
from infakt_compat.migrate.journal import Journal
from infakt_compat.migrate.journal.sending import of_buyers, of_documents
from infakt_compat.v3 import Clock, V3Client

_WRITERS, _READERS = 8, 8
#: How often the loop looks, in seconds of this machine.
_PAUSE = 0.05
#: Seconds that a thread is waited for which still waits for v3.
_PATIENCE_AT_END = 1.0


class WrongAccount(InfaktCompatError):
    """The journal belongs to another account."""


@frozen
class Snapshot:
    """How a run stands: documents by outcome in this run, and what it is waiting for.

    `full` names the side of v3's limits ("reads", "writes") that was waited for last, if any.
    """

    done: int
    already: int
    rejected: int
    unknown: int
    in_flight: int
    in_doubt: int
    full: str


Watch = Callable[[Snapshot], None]


@define(eq=False)
class Import:
    """Carries a plan out. `watch` is told how it stands, about twenty times a second.

    It may raise to stop the run (`stop` does it gently).
    """

    journal: Journal
    v3: V3Client
    settings: Settings
    pace: Pace
    clock: Clock = field(factory=Clock)
    watch: Watch = lambda _: None
    engine: Engine = field(init=False)
    _following: Following = field(init=False)
    _creating: Creating = field(init=False)
    _feeding: Feeding = field(init=False)
    _threads: list[threading.Thread] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.pace.bind(self.v3.counted)
        engine = self.engine = Engine(
            self.v3, self.journal, self.settings, self.pace, self.clock,
            of_documents(self.journal), of_buyers(self.journal),
        )  # fmt: skip
        after = After(engine)
        doubts = Doubts(engine, after, self._resend)
        self._following = Following(engine, doubts, after)
        self._creating = Creating(engine, self._following, doubts, after, Beforehand(engine))
        dispatch = Dispatch(engine, self._creating, self._following, doubts, after, Clients(engine))
        self._feeding = Feeding(engine, dispatch, Corrections(engine))

    def _resend(self, item: Item) -> None:
        self._creating.resend(item)

    def run(self) -> None:
        """Run until everything is settled that can be.

        Raises `Stopped` when v3 does not let it go on, and whatever went wrong in a thread. The
        journal is true in every case.
        """
        engine = self.engine
        for queue, number in ((engine.writes, _WRITERS), (engine.reads, _READERS)):
            for _ in range(number):
                thread = threading.Thread(target=self._work, args=(queue,), daemon=True)
                thread.start()
                self._threads.append(thread)
        try:
            self._following.prepare()
            self._loop()
        finally:
            engine.reads.close()
            engine.writes.close()
        for thread in self._threads:
            # One that still waits for v3 is left behind: it begins nothing more.
            thread.join(_PATIENCE_AT_END if engine.overdue else None)
        candidates.tidy(self.journal)
        if engine.reason is not None and not isinstance(engine.reason, _Asked):
            raise engine.reason

    def stop(self) -> None:
        """Begin nothing more; `run` returns when what is in flight is settled."""
        self.engine.halt(_Asked())

    @property
    def stopped(self) -> bool:
        """Say whether it was asked to stop."""
        return isinstance(self.engine.reason, _Asked)

    def _loop(self) -> None:
        pause = threading.Event()
        while not self._over():
            self._feeding.fill()
            self.watch(self.snapshot())
            pause.wait(_PAUSE)
        self.watch(self.snapshot())

    def _over(self) -> bool:
        engine = self.engine
        if engine.stopping:
            return not engine.flying or engine.overdue
        return self._feeding.done and not engine.open

    def snapshot(self) -> Snapshot:
        """Say how the run stands."""
        engine, counts = self.engine, self.engine.counts
        now = engine.clock.now()
        full = [side for side, at in self.pace.full.items() if now - at < 2.0]
        return Snapshot(
            counts["done"], counts["already"], counts["rejected"], counts["unknown"],
            len(engine.flying), len(engine.doubtful), full[0] if full else "",
        )  # fmt: skip

    def _work(self, queue: Queue) -> None:
        """Do jobs until the queue is closed; what goes wrong stops the run."""
        while (job := queue.take()) is not None:
            try:
                job()
            except BaseException as error:  # a defect must not leave a run waiting for ever
                self.engine.flying.clear()
                self.engine.halt(error)


class _Asked(Exception):
    """The run was asked to stop."""


__all__ = ["Import", "Snapshot", "Stopped", "Watch", "WrongAccount"]
