"""A document's create: noted, sent, and handed on to whoever settles it."""

from functools import partial

from attrs import define

from infakt_compat.errors import ConversionError, Fault
from infakt_compat.migrate.importing import bodies, outcomes
from infakt_compat.migrate.importing.after import After
from infakt_compat.migrate.importing.beforehand import Beforehand
from infakt_compat.migrate.importing.doubts import Doubts
from infakt_compat.migrate.importing.engine import Engine, Item
from infakt_compat.migrate.importing.following import Following
from infakt_compat.v3 import NotFound, OutcomeUnknown, Refused, V3Error
from infakt_compat.v3.tasks import Task

#: A create whose answers are lost again and again is left to the next run.
MOST_ATTEMPTS = 8


@define(eq=False)
class Creating:
    """Sends documents."""

    engine: Engine
    following: Following
    doubts: Doubts
    after: After
    beforehand: Beforehand

    def first(self, item: Item) -> None:
        """Send a document that is planned, unless the account may have it already."""
        if self.beforehand.needed(item):
            self.beforehand.look(item, partial(self.soon, item))
        else:
            self.soon(item)

    def soon(self, item: Item, delay: float = 0.0) -> None:
        """Send a document when its turn comes."""
        self.engine.take(item)
        self.engine.writes.put(partial(self._create, item), delay)

    def _create(self, item: Item) -> None:
        """Send one document, if nobody has."""
        engine = self.engine
        try:
            body = bodies.body_of(item, engine.settings, engine.grounds)
        except ConversionError as error:
            engine.reject(item, error.faults)
            return
        except V3Error as error:  # the account's grounds of exemption could not be read
            self._again(item, error)
            return
        wanted = bodies.paid(item.entry, body, engine.settings, engine.clock)
        sent = bodies.with_status(body, wanted, engine.v3.dialect)
        to_ksef = bodies.goes_to_ksef(item.entry, engine.settings)
        if not engine.pace.reserve("writes", engine.stopped, partial(self._begin, item)):
            engine.leave(item)  # stopped, or another run has it
            return
        self._send(item, sent, to_ksef)

    def _begin(self, item: Item) -> bool:
        """Note on the disk that a request is about to leave."""
        engine, now = self.engine, self.engine.now()
        if not engine.documents.begin(item.place, item.attempts, now):
            return False
        item.attempts, item.sent_at, item.waits = item.attempts + 1, now, 0
        engine.take(item, flying=True)
        return True

    def _send(self, item: Item, body: bodies.Body, to_ksef: bool) -> None:
        engine = self.engine
        try:
            task = engine.family(item).submit(body, to_ksef)
        except OutcomeUnknown:
            self.doubts.begin(item)
        except outcomes.NOT_DONE as error:
            self._withdraw(item, error)
        except V3Error as error:
            self._refused(item, error)
        else:
            engine.calm()
            self._sent(item, task)

    def _sent(self, item: Item, task: Task) -> None:
        if task.record is not None:
            self.after.arrived(item, task.record)
        elif task.reference is not None:
            self.engine.documents.task(item.place, item.attempts, task.reference)
            self.following.begin(item, task.reference)

    def _withdraw(self, item: Item, error: V3Error) -> None:
        """Take a note back: the request certainly did nothing."""
        self.engine.documents.back(item.place, item.attempts)
        item.attempts -= 1
        self._again(item, error)

    def _again(self, item: Item, error: V3Error) -> None:
        if isinstance(error, outcomes.NOT_DONE) or not isinstance(error, Refused):
            self.soon(item, self.engine.trouble(error))
            return
        self.engine.leave(item)
        self.engine.halt(outcomes.stops(error) or error)

    def _refused(self, item: Item, error: V3Error) -> None:
        """Take v3's refusal for the document's, or for the account's."""
        engine = self.engine
        stop = outcomes.stops(error)
        if isinstance(error, NotFound):
            stop = outcomes.other_dialect(error, engine.v3.dialect)  # no document names this URL
        if stop is not None or not isinstance(error, Refused):
            engine.documents.back(item.place, item.attempts)
            engine.leave(item)
            engine.halt(stop or error)
            return
        engine.calm()
        self.doubts.refused(item, error.text, error.fields)

    def resend(self, item: Item) -> None:
        """Send a document once more after its doubt: v3 takes its number once only."""
        if item.attempts >= MOST_ATTEMPTS:
            self.engine.unknown(item, [Fault("import.answers_lost", "", str(item.attempts))])
            return
        self.soon(item)
