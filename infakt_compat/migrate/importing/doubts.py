"""Creates whose outcome is not known: looked for, and never sent again blindly (decisions.md 5).

"Not found" settles nothing for a while: v3 may still be at it. After that a document with a number
of its own is sent once more, which v3 refuses if it has it; one without is left to somebody's eyes.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from attrs import define

from infakt_compat.errors import Fault
from infakt_compat.migrate.importing import lookups, outcomes
from infakt_compat.migrate.importing.after import After
from infakt_compat.migrate.importing.engine import Engine, Item, Record
from infakt_compat.migrate.importing.lookups import Several
from infakt_compat.migrate.journal import State
from infakt_compat.money import number_text, zloty
from infakt_compat.v3 import V3Error

#: Seconds between looks: doubled from the first to the longest.
FIRST_LOOK, MOST_BETWEEN = 1.0, 60.0


@define(eq=False)
class Doubts:
    """Settles documents in doubt; `resend` sends one once more."""

    engine: Engine
    after: After
    resend: Callable[[Item], None]

    def begin(self, item: Item) -> None:
        """Take up a document that may have been created."""
        item.waits = 0
        self.engine.take(item, doubtful=True)
        self._later(item, min(FIRST_LOOK, self.engine.settings.settle))

    def resume(self, item: Item) -> None:
        """Take up a document that an earlier run has left in doubt."""
        self.engine.take(item, doubtful=True)
        self._later(item, 0.0)

    def refused(self, item: Item, text: str, fields: Mapping[str, Sequence[str]]) -> None:
        """Take up a refusal: final, unless the account may have the document already.

        It may where v3 says that it has the number, and where an earlier sending had no answer.
        """
        may = outcomes.DUPLICATED in fields or item.attempts > 1
        if not may or item.entry.number is None:
            self.engine.reject(item, outcomes.reasons(text, fields))
            return
        item.waits = 0
        self.engine.take(item, flying=True)
        job = partial(self._compare, item, text, fields)
        self.engine.reads.put(job, finishing=True)

    def _later(self, item: Item, wait: float) -> None:
        self.engine.reads.put(partial(self._seek, item), wait)

    def _again(self, item: Item) -> None:
        item.waits += 1
        self._later(item, min(FIRST_LOOK * 2**item.waits, MOST_BETWEEN, self._left(item)))

    def _left(self, item: Item) -> float:
        """How long, in seconds, until "not found" settles something."""
        age = (self.engine.now() - item.sent_at) / 1_000_000
        return max(0.0, self.engine.settings.settle - age)

    def _seek(self, item: Item) -> None:
        """Look for what a create may have made."""
        engine = self.engine
        if not engine.pace.reserve("reads", engine.stopped):
            return
        try:
            found = self._found(item)
        except Several as several:
            engine.unknown(item, [Fault("import.several", "", str(several))])
        except V3Error as error:
            self._failed(item, error, partial(self._seek, item))
        else:
            engine.calm()
            if found is not None:
                self.after.arrived(item, found)
            else:
                self._not_found(item)

    def _found(self, item: Item) -> Record | None:
        if item.entry.number is None:
            return lookups.unnumbered(self.engine, item)
        rows = lookups.numbered(self.engine, item)
        return next((row for row in rows if lookups.is_it(item, row)), None)

    def _not_found(self, item: Item) -> None:
        engine = self.engine
        if item.entry.state is State.UNKNOWN:
            engine.leave(item)
        elif self._left(item) > 0:
            self._again(item)
        elif item.entry.number is None:
            engine.unknown(item, [Fault("import.no_answer")])
        else:
            self.resend(item)

    def _compare(self, item: Item, text: str, fields: Mapping[str, Sequence[str]]) -> None:
        """Look at who has the number: this very document, or another one."""
        engine = self.engine
        engine.pace.reserve("reads", lambda: False)
        job = partial(self._compare, item, text, fields)
        try:
            rows = lookups.numbered(engine, item)
        except V3Error as error:
            self._failed(item, error, job, finishing=True)
            return
        engine.calm()
        same = next((row for row in rows if lookups.is_it(item, row)), None)
        if same is not None:
            # After a doubt of ours it is what we sent; without one the account had it before.
            self.after.arrived(item, same, already=item.attempts == 1)
        elif outcomes.DUPLICATED not in fields:
            engine.reject(item, outcomes.reasons(text, fields))
        elif rows:
            others = "; ".join(_shown(row) for row in rows)
            engine.reject(item, [Fault("number.in_account", "", others)])
        elif item.waits < 3:  # v3 refuses a number that its list does not show yet
            item.waits += 1
            engine.reads.put(job, FIRST_LOOK * 2**item.waits, finishing=True)
        else:
            engine.reject(item, outcomes.reasons(text, fields))

    def _failed(
        self, item: Item, error: V3Error, job: Callable[[], None], *, finishing: bool = False
    ) -> None:
        engine = self.engine
        if (stop := outcomes.stops(error)) is not None:
            engine.leave(item)
            engine.halt(stop)
            return
        engine.reads.put(job, engine.trouble(error), finishing=finishing)


def _shown(row: Record) -> str:
    """Name another document of the account, for somebody who looks."""
    gross = row.get("gross_price")
    total = number_text(zloty(gross)) if isinstance(gross, int) else ""
    return " ".join(str(part) for part in (row.get("id"), row.get("invoice_date"), total) if part)
