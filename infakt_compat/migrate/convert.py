"""The conversion of an archive: sources in, documents out in the same order, and a true account."""

import gc
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any, NoReturn

from attrs import define, field, frozen

from infakt_compat.codecs.tree import Broken
from infakt_compat.errors import ConversionError, Fault, InfaktCompatError
from infakt_compat.migrate.account import SOURCE_CODES, Account
from infakt_compat.migrate.batches import Outcome, Settings, convert_batch
from infakt_compat.migrate.interrupts import Interrupts
from infakt_compat.migrate.output import Output
from infakt_compat.migrate.rejects import Rejects
from infakt_compat.migrate.source import Batch, Malformed, Read, Reader, Source, open_reader

# With fewer documents read, a share of rejects says nothing yet.
_SHARE_FROM = 1000


class Mixed(InfaktCompatError):
    """Invoices and clients came together where one list has to hold them."""


class WorkerLost(InfaktCompatError):
    """A worker process was killed, or the machine ran out of memory."""


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


def _raise(error: Exception) -> NoReturn:
    """Raise an error later than it came."""
    raise error


def collect_rarely() -> None:
    """Look for cycles less often: trees have none, and are freed as soon as they are written."""
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)


def _start_worker() -> None:
    """Prepare a worker: Ctrl-C is left to the main process, which ends its workers."""
    collect_rarely()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


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
    _bytes: int = 0
    _interrupts: Interrupts = field(factory=Interrupts)

    def run(self, sources: Iterable[Source]) -> None:
        """Convert the sources in their order.

        Raises `TooManyRejects`, `Mixed`, `OutputFailed`, `KeyboardInterrupt`, and
        `WorkerLost` when a worker was killed. The account is true in every case.
        """
        started = time.monotonic()
        try:
            collect_rarely()
            with self._interrupts.watched():
                self._all(sources)
            self._check_limit(at_end=True)
        finally:
            self.account.seconds = time.monotonic() - started

    def _all(self, sources: Iterable[Source]) -> None:
        """Convert the sources, in worker processes when there are to be some."""
        if self.workers == 1:
            self._sources(sources, None)
            return
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool

        with ProcessPoolExecutor(self.workers, initializer=_start_worker) as pool:
            try:
                self._sources(sources, pool)
            except BrokenProcessPool:
                raise WorkerLost("a worker process was ended from outside") from None

    def _sources(self, sources: Iterable[Source], pool: Any) -> None:
        """Convert one source after the other; one that cannot be read costs itself only."""
        for source in sources:
            try:
                file = source.open()
            except OSError as error:
                fault = Fault("source.unreadable", "", str(error.strerror or error))
                self._refuse_source(source, 1, fault, None)
                continue
            with file:
                self._source(source, file, pool)

    def _source(self, source: Source, file: Any, pool: Any) -> None:
        """Convert one source."""
        position = 1
        reader: Reader | None = None
        try:
            reader = open_reader(file, elsewhere=self.workers > 1, count=self._count_bytes)
            for outcome in self._outcomes(reader, pool):
                self._take(source, reader, position, outcome)
                position += outcome.read
        except Broken as error:
            rest = chain([error.rest], reader.unread() if reader else ())
            self._refuse_source(source, position, error.fault, rest)
        except ConversionError as error:
            whole = source.path.read_bytes() if self.rejects and source.path else b""
            self._refuse_source(source, position, error.faults[0], [whole])
        except OSError as error:
            fault = Fault("source.unreadable", "", str(error.strerror or error))
            self._refuse_source(source, position, fault, None)

    def _outcomes(self, reader: Reader, pool: Any) -> Iterator[Outcome]:
        """Convert the batches of a source, some ahead, and give the outcomes in order."""
        pending: deque[tuple[Batch, Callable[[], Outcome]]] = deque()
        ahead = 2 * self.workers if self.workers > 1 else 0
        failure: Exception | None = None
        batches = reader.batches
        while True:
            try:
                batch = next(batches, None)
            except (Broken, ConversionError, OSError) as error:
                batch, failure = None, error
            if batch is not None:
                pending.append((batch, self._submit(batch, pool)))
            while pending and (batch is None or len(pending) > ahead):
                try:
                    outcome = pending[0][1]()
                except Malformed:
                    yield from self._stream(reader, [first for first, _ in pending])
                    return
                pending.popleft()
                yield outcome
            if batch is None:
                break
        if failure is not None:
            raise failure

    def _submit(self, batch: Batch, pool: Any) -> Callable[[], Outcome]:
        """Hand a batch to a worker; what is read already, and all without workers, is done here.

        The result is called for in the order of the batches; it raises `Malformed`.
        """
        if pool is not None and not isinstance(batch, Read):
            result: Callable[[], Outcome] = pool.submit(convert_batch, batch, self.settings).result
            return result
        try:
            outcome = convert_batch(batch, self.settings)
        except Malformed as error:
            return partial(_raise, error)
        return lambda: outcome

    def _stream(self, reader: Reader, batches: list[Batch]) -> Iterator[Outcome]:
        """Go on in one stream from a batch that was not well-formed by itself."""
        for document in reader.stream(batches):
            yield convert_batch(Read((document,)), self.settings)

    def _take(self, source: Source, reader: Reader, position: int, outcome: Outcome) -> None:
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
        self.progress(self._bytes, self.account.read)

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

    def _count_bytes(self, size: int) -> None:
        """Count what was read of the sources."""
        self._bytes += size

    def source_failed(self) -> bool:
        """Say whether a source could not be read to its end."""
        return bool(SOURCE_CODES & self.account.faults.keys())
