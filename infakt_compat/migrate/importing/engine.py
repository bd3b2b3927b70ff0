"""What the parts of an import share: the way to v3, the journal, the queues, and what is open."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Literal

from attrs import define, field

from infakt_compat.errors import Fault, InfaktCompatError
from infakt_compat.facade.account import family_of
from infakt_compat.migrate.importing.pace import Pace
from infakt_compat.migrate.importing.queue import Job, Queue
from infakt_compat.migrate.importing.settings import Settings
from infakt_compat.migrate.journal import Entry, Journal, State
from infakt_compat.migrate.journal.sending import Made, Sending
from infakt_compat.v3 import Clock, Documents, V3Client, V3Error

Record = dict[str, Any]

#: Waits after trouble: doubled from the first to the longest.
_FIRST_WAIT, _MOST_WAIT = 0.5, 30.0
#: So many seconds after a stop was asked for, what is still in flight is left to the next run.
PATIENCE_AT_END = 30.0
#: With nothing but trouble for so long, a run gives up.
GIVE_UP = 300.0


Advice = Literal["", "key", "forbidden", "dialect"]


class Stopped(InfaktCompatError):
    """v3 does not let this run go on; the message says why. Nothing is lost.

    `advice` says what to check: the API key, what account and address may, the dialect.
    """

    def __init__(self, text: str, advice: Advice = "") -> None:
        """Keep why, and what to check."""
        super().__init__(text)
        self.advice: Advice = advice


@define(eq=False)
class Item:
    """One document on its way: its entry, what was planned, and what this run knows of it.

    `sent_at` is the last sending, in microseconds since the epoch; `waits` counts looks that
    settled nothing; `original` is the uuid of the document that a correction corrects.
    """

    entry: Entry
    planned: str
    client: int | None = None
    attempts: int = 0
    sent_at: int = 0
    waits: int = 0
    original: str | None = None

    @property
    def place(self) -> int:
        """Give its row in the journal."""
        return self.entry.place


@define(eq=False)
class Engine:
    """One run over one journal. Its methods are safe for several threads."""

    v3: V3Client
    journal: Journal
    settings: Settings
    pace: Pace
    clock: Clock
    documents: Sending
    buyers: Sending
    reads: Queue = field(init=False)
    writes: Queue = field(init=False)
    #: How many documents have come to which state in this run, and how many were there before.
    counts: Counter[str] = field(factory=Counter)
    #: Places of documents that this run has taken up, of those with a request under way, and of
    #: those in doubt.
    open: set[int] = field(factory=set)
    flying: set[int] = field(factory=set)
    doubtful: set[int] = field(factory=set)
    reason: BaseException | None = None
    stopping: bool = False
    _stopped_at: float = 0.0
    _lock: threading.RLock = field(factory=threading.RLock)
    _reading: threading.Lock = field(factory=threading.Lock)
    _after: dict[int, list[Job]] = field(factory=lambda: defaultdict(list))
    _trouble: int = 0
    _trouble_since: float | None = None
    _grounds: frozenset[int] | None = None

    def __attrs_post_init__(self) -> None:
        self.reads, self.writes = Queue(self.clock), Queue(self.clock)

    def family(self, item: Item) -> Documents:
        """Give v3's resource of a document."""
        return family_of(self.v3, item.entry.family)

    def now(self) -> int:
        """Give the time of day in microseconds."""
        return self.journal.times.now()

    # ---- what is open

    def take(self, item: Item, *, flying: bool = False, doubtful: bool = False) -> None:
        """Note that a document is at work, and how."""
        with self._lock:
            self.open.add(item.place)
            (self.flying.add if flying else self.flying.discard)(item.place)
            (self.doubtful.add if doubtful else self.doubtful.discard)(item.place)

    def leave(self, item: Item) -> None:
        """Note that nothing more is done for a document in this run."""
        with self._lock:
            for places in (self.open, self.flying, self.doubtful):
                places.discard(item.place)
            waiting = self._after.pop(item.place, [])
        for job in waiting:
            self.writes.put(job)

    def after(self, place: int, job: Job) -> bool:
        """Do a job once another document is settled; False when that one is not at work."""
        with self._lock:
            if place in self.open:
                self._after[place].append(job)
                return True
        return False

    # ---- how a document ends

    def done(self, item: Item, made: Made, *, already: bool = False, **more: Any) -> None:
        """Keep that a document is in the account."""
        if self.documents.done(item.place, made, already=already, **more):
            self.count(State.DONE.value)
            if already:
                self.count("already")

    def reject(self, item: Item, faults: Iterable[Fault]) -> None:
        """Keep that a document is not in the account, and why."""
        if self.documents.reject(item.place, faults):
            self.count(State.REJECTED.value)
        self.leave(item)

    def unknown(self, item: Item, faults: Iterable[Fault]) -> None:
        """Keep that a document may be in the account, and where to look."""
        if item.entry.state is not State.UNKNOWN and self.documents.unknown(item.place, faults):
            self.count(State.UNKNOWN.value)
        self.leave(item)

    def count(self, name: str) -> None:
        """Count something that happened in this run."""
        with self._lock:
            self.counts[name] += 1

    # ---- trouble

    def calm(self) -> None:
        """Note that v3 has answered."""
        with self._lock:
            self._trouble, self._trouble_since = 0, None

    def trouble(self, error: V3Error) -> float:
        """Note that v3 did not answer, or not now; gives the seconds to wait."""
        with self._lock:
            self._trouble += 1
            if self._trouble_since is None:
                self._trouble_since = self.clock.now()
            lasting = self.clock.now() - self._trouble_since
            wait: float = min(_MOST_WAIT, _FIRST_WAIT * 2 ** min(self._trouble // 4, 20))
        if lasting > GIVE_UP:
            self.halt(Stopped(f"v3 has not answered for {round(lasting)} seconds: {error}"))
        return wait

    def halt(self, reason: BaseException) -> None:
        """Begin nothing more, and end when what is in flight is settled."""
        with self._lock:
            self.reason = self.reason or reason
            if not self.stopping:
                self._stopped_at = self.clock.now()
            self.stopping = True
        self.reads.finish()
        self.writes.finish()

    def stopped(self) -> bool:
        """Say whether nothing more is begun."""
        return self.stopping

    @property
    def overdue(self) -> bool:
        """Say whether what is in flight has been waited for long enough: the journal knows it."""
        return self.stopping and self.clock.now() - self._stopped_at > PATIENCE_AT_END

    # ---- the account

    def grounds(self) -> frozenset[int]:
        """Give the ids of the account's grounds of exemption, read once."""
        with self._reading:
            if self._grounds is None:
                rows = self.v3.vat_exemptions.iterate()
                self._grounds = frozenset(int(row["id"]) for row in rows)
            return self._grounds
