"""The conversion of an archive: sources in, documents out in the same order, and a true account."""

import time
from collections.abc import Callable, Iterable
from functools import partial

from attrs import define, field, frozen

from infakt_compat.errors import Fault, InfaktCompatError
from infakt_compat.migrate.account import SOURCE_CODES, Account
from infakt_compat.migrate.batches import Outcome, Settings, convert_batch
from infakt_compat.migrate.interrupts import Interrupts
from infakt_compat.migrate.output import Output
from infakt_compat.migrate.reading import Reading
from infakt_compat.migrate.rejects import Rejects
from infakt_compat.migrate.source import Reader, Source

# With fewer documents read, a share of rejects says nothing yet.
_SHARE_FROM = 1000


class Mixed(InfaktCompatError):
    """Invoices and clients came together where one list has to hold them."""


class TooManyRejects(InfaktCompatError):
    """More documents were refused than allowed."""


@frozen
class RejectLimit:
    """How many documents may be refused: a number, or a share of those read, in percent."""

    most: int
    percent: bool = False

    def exceeded(self, account: Account, *, at_end: bool) -> bool:
        """Say whether more were refused.

        A share is judged from 1000 documents on, and at the end.
        """
        if not self.percent:
            return account.rejected > self.most
        enough = at_end or account.read >= _SHARE_FROM
        return enough and account.rejected * 100 > self.most * account.read


@define
class Conversion:
    """One run over some sources."""

    settings: Settings
    output: Output
    rejects: Rejects | None = None
    limit: RejectLimit | None = None
    workers: int = 1
    #: Told after each batch: bytes read, documents read.
    progress: Callable[[int, int], None] = lambda _bytes, _documents: None
    account: Account = field(factory=Account)
    _reading: Reading[Outcome] = field(init=False)
    _interrupts: Interrupts = field(factory=Interrupts)

    def run(self, sources: Iterable[Source]) -> None:
        """Convert the sources in their order.

        Raises `TooManyRejects`, `Mixed`, `OutputFailed`, `KeyboardInterrupt`, and
        `WorkerLost` when a worker was killed. The account is true in every case.
        """
        started = time.monotonic()
        work = partial(convert_batch, settings=self.settings)
        self._reading = Reading(work, self._take, self._refuse_source, self.workers)
        try:
            with self._interrupts.watched():
                self._reading.run(sources)
            self._check_limit(at_end=True)
        finally:
            self.account.seconds = time.monotonic() - started

    def _take(self, source: Source, reader: Reader, position: int, outcome: Outcome) -> int:
        """Write what was converted, keep what was refused, and count both."""
        with self._interrupts.held_back():
            self.output.write(outcome.records)
            self.account.add(source.name, position, outcome)
            if self.rejects is not None:
                form = "lines" if self.settings.to == "v2" else reader.form
                for reject in outcome.rejects:
                    self.rejects.add(source, form, position, reject)
        one_list = self.settings.to == "v2" or self.settings.form != "jsonl"
        if one_list and len(self.account.resources) > 1:
            raise Mixed("the sources hold invoices and clients; convert them apart")
        self._check_limit(at_end=False)
        self.progress(self._reading.bytes_read, self.account.read)
        return outcome.read

    def _refuse_source(
        self, source: Source, position: int, fault: Fault, rest: Iterable[bytes] | None
    ) -> None:
        """Count a source that breaks or cannot be read, and keep its rest."""
        self.account.refuse_source(source.name, position, fault)
        if self.rejects is not None:
            self.rejects.add_source(source, position, fault, rest)
        self._check_limit(at_end=False)

    def _check_limit(self, *, at_end: bool) -> None:
        """Stop when more was refused than allowed."""
        if self.limit is not None and self.limit.exceeded(self.account, at_end=at_end):
            raise TooManyRejects(f"{self.account.rejected} of {self.account.read} refused")

    def source_failed(self) -> bool:
        """Say whether a source could not be read to its end."""
        return bool(SOURCE_CODES & self.account.faults.keys())
