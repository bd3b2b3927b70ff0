"""An archive moved in this process, with a clock that does not make tests wait."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import define, field

from infakt_compat.migrate.importing.pace import Pace
from infakt_compat.migrate.importing.run import Import
from infakt_compat.migrate.importing.settings import Settings
from infakt_compat.migrate.journal import Entry, Journal, State, open_journal
from infakt_compat.migrate.planning.planner import plan
from infakt_compat.migrate.source import find_sources
from infakt_compat.standin import StandIn
from infakt_compat.v3 import Backoff, Clock, Timeouts, V3Client

from .archive import Document, write

_FACTOR = 40

#: Waits pass forty times as fast; the time of day is the machine's.
FAST = Clock(
    now=lambda: time.monotonic() * _FACTOR,
    sleep=lambda seconds: time.sleep(seconds / _FACTOR),
)


@define
class Move:
    """One journal and the account that it fills."""

    standin: StandIn
    folder: Path
    where: str = ""
    dialect: str = ""
    _journal: Journal | None = field(default=None)

    def __attrs_post_init__(self) -> None:
        self.where = self.where or str(self.folder / "journal.sqlite3")
        self.dialect = self.dialect or self.standin.world.dialect

    @property
    def journal(self) -> Journal:
        """Give the journal, opened once."""
        if self._journal is None:
            self._journal = open_journal(self.where, create=True)
        return self._journal

    def plan(self, *documents: Document, name: str = "archive.json") -> None:
        """Write an archive and plan it."""
        path = write(self.folder / name, list(documents))
        plan(self.journal, find_sources([str(path)]))

    def run(self, watch: Callable[[Import], None] | None = None, **settings: Any) -> Import:
        """Carry the plan out; "not found" settles things at once unless `settle` is given."""
        pace = Pace(self.journal.windows, FAST)
        chosen = Settings(**{"settle": 0.0, **settings})
        with V3Client(
            self.standin.api_key, self.standin.url, self.dialect,  # type: ignore[arg-type]
            limits="off", windows=pace, clock=FAST, patience=1000.0,
            backoff=Backoff(first=0.05, limited=0.05), timeouts=Timeouts(read=5.0),
        ) as v3:  # fmt: skip
            made = Import(self.journal, v3, chosen, pace, FAST)
            if watch is not None:
                made.watch = lambda _: watch(made)
            made.run()
        return made

    def moved(self, *documents: Document, **settings: Any) -> Import:
        """Plan documents and carry that out."""
        self.plan(*documents)
        return self.run(**settings)

    def entries(self) -> list[Entry]:
        """Give all entries."""
        return list(self.journal.entries())

    def states(self) -> list[State]:
        """Give the states of all entries."""
        return [entry.state for entry in self.entries()]

    def codes(self) -> list[str]:
        """Give the codes of all reasons, in the order of the entries."""
        return [fault.code for entry in self.entries() for fault in entry.faults]

    def there(self, family: str = "invoices") -> list[dict[str, Any]]:
        """Give the account's documents."""
        return self.standin.world.store.all(family)

    def close(self) -> None:
        """Close the journal."""
        if self._journal is not None:
            self._journal.close()
