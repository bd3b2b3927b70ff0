"""The clients of documents: matched in the account, or created exactly once (issue 5).

Documents wait for their client. v3 does not find doubles among clients (v3-wire 7), so one in doubt
is looked for by what its create said.
"""

import threading
from collections.abc import Callable
from functools import partial

from attrs import define, evolve, field

from infakt_compat.errors import Fault
from infakt_compat.migrate.importing import lookups, outcomes
from infakt_compat.migrate.importing.doubts import FIRST_LOOK, MOST_BETWEEN
from infakt_compat.migrate.importing.engine import Engine, Record
from infakt_compat.migrate.importing.lookups import Several
from infakt_compat.migrate.journal import Buyer, State
from infakt_compat.migrate.journal.sending import Made
from infakt_compat.v3 import OutcomeUnknown, Refused, V3Error

Waiter = Callable[[Buyer], None]


@define(eq=False)
class Clients:
    """Finds and creates clients, each for all documents that wait for it."""

    engine: Engine
    _waiting: dict[int, list[Waiter]] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock)

    def wait(self, place: int, waiter: Waiter) -> None:
        """Tell somebody what becomes of a buyer."""
        with self._lock:
            others = self._waiting.get(place)
            if others is not None:
                others.append(waiter)
                return
            self._waiting[place] = [waiter]
        self.engine.reads.put(partial(self._begin, place))

    def _begin(self, place: int) -> None:
        """Look at a buyer in the journal, and if that settles nothing, in the account."""
        buyer = self.engine.journal.buyer(place)
        assert buyer is not None
        if buyer.state is State.DONE or buyer.state is State.REJECTED:
            self._settled(buyer)
        elif not buyer.body:
            self._refuse(buyer, [Fault("buyer.nameless")])
        else:
            self._look(buyer, 0)

    def _look(self, buyer: Buyer, waits: int) -> None:
        """Look for a buyer in the account."""
        engine = self.engine
        if not engine.pace.reserve("reads", engine.stopped):
            return
        try:
            found = lookups.client(engine, buyer)
        except Several as several:
            self._refuse(buyer, [Fault("buyer.several", "", str(several))])
        except V3Error as error:
            self._failed(partial(self._look, buyer, waits), error)
        else:
            engine.calm()
            if found is not None:
                self._found(buyer, found, already=buyer.attempts == 0)
            else:
                self._not_found(buyer, waits)

    def _not_found(self, buyer: Buyer, waits: int) -> None:
        engine = self.engine
        age = (engine.now() - buyer.sent_at) / 1_000_000
        left = engine.settings.settle - age if buyer.attempts else 0.0
        if left <= 0:
            engine.writes.put(partial(self._create, buyer))
            return
        wait = min(FIRST_LOOK * 2**waits, MOST_BETWEEN, left)
        engine.reads.put(partial(self._look, buyer, waits + 1), wait)

    def _create(self, buyer: Buyer) -> None:
        """Create a client."""
        engine = self.engine

        def begin() -> bool:
            return engine.buyers.begin(buyer.place, buyer.attempts, engine.now())

        if not engine.pace.reserve("writes", engine.stopped, begin):
            return  # stopped, or another run has it
        attempts = buyer.attempts + 1
        buyer = evolve(buyer, attempts=attempts, sent_at=engine.now(), state=State.SENT)
        try:
            made = engine.v3.clients.create(dict(buyer.body))
        except OutcomeUnknown:
            wait = min(FIRST_LOOK, engine.settings.settle)
            engine.reads.put(partial(self._look, buyer, 0), wait)
        except V3Error as error:
            self._refused(buyer, error)
        else:
            engine.calm()
            self._found(buyer, made, already=False)

    def _refused(self, buyer: Buyer, error: V3Error) -> None:
        engine = self.engine
        stop = outcomes.stops(error)
        if isinstance(error, outcomes.NOT_DONE) or stop is not None:
            engine.buyers.back(buyer.place, buyer.attempts)
            before = evolve(buyer, attempts=buyer.attempts - 1)
            self._failed(partial(self._create, before), error, writes=True)
        elif isinstance(error, Refused):
            engine.calm()
            self._refuse(buyer, outcomes.reasons(error.text, error.fields))
        else:
            engine.halt(error)

    def _failed(self, job: "partial[None]", error: V3Error, *, writes: bool = False) -> None:
        engine = self.engine
        if (stop := outcomes.stops(error)) is not None:
            engine.halt(stop)
            return
        (engine.writes if writes else engine.reads).put(job, engine.trouble(error))

    def _found(self, buyer: Buyer, row: Record, *, already: bool) -> None:
        uuid = row.get("uuid")
        made = Made(int(row["id"]), str(uuid) if uuid else None)
        self.engine.buyers.done(buyer.place, made, already=already)
        self._settled(evolve(buyer, state=State.DONE, id=made.id, uuid=made.uuid, already=already))

    def _refuse(self, buyer: Buyer, faults: list[Fault]) -> None:
        self.engine.buyers.reject(buyer.place, faults)
        self._settled(evolve(buyer, state=State.REJECTED, faults=tuple(faults)))

    def _settled(self, buyer: Buyer) -> None:
        with self._lock:
            waiting = self._waiting.pop(buyer.place, [])
        for waiter in waiting:
            waiter(buyer)
