"""What has no number of its own is looked for in the account before it is sent the first time.

v3 would give it the next number of its month, also where the account has the very same document
from another journal or from somebody's hand. What could be it is shown to its owner instead. One
read of a day serves all documents of that day: what the account had before this run began to send
them is what counts, so that equal documents of one archive do not stand for each other.
"""

import threading
from datetime import date
from functools import partial

from attrs import define, field

from infakt_compat.errors import Fault
from infakt_compat.migrate.importing import candidates, lookups, outcomes
from infakt_compat.migrate.importing.engine import Engine, Item, Record
from infakt_compat.migrate.planning.retry import RELEASED
from infakt_compat.v3 import V3Error


@define(eq=False)
class Beforehand:
    """Keeps documents back which the account may have already."""

    engine: Engine
    #: What the account had, by family and day, without what this journal has made.
    _had: dict[tuple[str, str], list[Record]] = field(factory=dict)
    _reading: threading.Lock = field(factory=threading.Lock)

    def needed(self, item: Item) -> bool:
        """Say whether to look: not for a number, what was sent, or what its owner has looked for.

        v3 itself refuses a number that it has.
        """
        released = any(fault.code == RELEASED for fault in item.entry.faults)
        return item.entry.number is None and not item.attempts and not released

    def look(self, item: Item, then: "partial[None]") -> None:
        """Look for a document, and go on where the account has none that could be it."""
        self.engine.take(item)
        self.engine.reads.put(partial(self._look, item, then))

    def _look(self, item: Item, then: "partial[None]") -> None:
        engine = self.engine
        try:
            rows = self._of_day(item)
        except V3Error as error:
            if (stop := outcomes.stops(error)) is not None:
                engine.leave(item)
                engine.halt(stop)
            else:
                engine.reads.put(partial(self._look, item, then), engine.trouble(error))
            return
        if rows is None:
            engine.leave(item)  # the run was stopped
            return
        found = [row for row in rows if lookups.is_it(item, row)]
        if found:
            engine.unknown(item, [Fault("import.maybe_there", "", candidates.named(found))])
        else:
            then()

    def _of_day(self, item: Item) -> list[Record] | None:
        """Give what the account had of a document's day, read once; None when stopped."""
        engine, entry = self.engine, item.entry
        today = date.fromtimestamp(engine.clock.wall()).isoformat()
        key = entry.family, entry.day or today
        with self._reading:
            if key not in self._had:
                if not engine.pace.reserve("reads", engine.stopped):
                    return None
                rows = lookups.of_day(engine.family(item), key[1])
                self._had[key] = lookups.others(engine, rows, entry.family)
                engine.calm()
            return self._had[key]
