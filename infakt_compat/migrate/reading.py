"""A run over sources: batches in, what is made of them out, in the same order.

The work on a batch is done here or in worker processes; a source that cannot be read, or breaks
off, costs itself only.
"""

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from attrs import define

from infakt_compat.codecs.tree import Broken
from infakt_compat.errors import ConversionError, Fault, InfaktCompatError
from infakt_compat.migrate.source import Batch, Malformed, Read, Reader, Source, open_reader

if TYPE_CHECKING:
    from infakt_compat.migrate.workers import Workers

Made = TypeVar("Made")


class WorkerLost(InfaktCompatError):
    """A worker process was killed, or the machine ran out of memory."""


def collect_rarely() -> None:
    """Look for cycles less often: trees have none, and are freed as soon as they are done with."""
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)


def _raise(error: Exception) -> NoReturn:
    """Raise an error later than it came."""
    raise error


@define
class Reading(Generic[Made]):
    """One run over some sources.

    `work` makes something of a batch and raises `Malformed` for one that is no whole documents;
    with several workers it runs in other processes and must be picklable, as what it makes. `take`
    is given source, reader, the position of the first document (from 1) and what was made, and says
    how many documents that were. `refuse` is given a source that breaks or cannot be read: the
    position reached, the fault, and what was not read (None where nothing can be).
    """

    work: Callable[[Batch], Made]
    take: Callable[[Source, Reader, int, Made], int]
    refuse: Callable[[Source, int, Fault, Iterable[bytes] | None], None]
    workers: int = 1
    #: How many bytes were read so far.
    bytes_read: int = 0

    def run(self, sources: Iterable[Source]) -> None:
        """Read the sources in their order.

        Raises `WorkerLost` when a worker was killed, and whatever `take` and `refuse` raise.
        """
        collect_rarely()
        if self.workers == 1:
            self._sources(sources, None)
            return
        from infakt_compat.migrate.workers import Workers  # late: few runs have several

        with Workers(self.work, self.workers, collect_rarely) as workers:
            self._sources(sources, workers)

    def _sources(self, sources: Iterable[Source], workers: "Workers[Batch, Made] | None") -> None:
        """Read one source after the other."""
        for source in sources:
            try:
                file = source.open()
            except OSError as error:
                self.refuse(source, 1, _unreadable(error), None)
                continue
            with file:
                self._source(source, file, workers)

    def _source(self, source: Source, file: Any, workers: "Workers[Batch, Made] | None") -> None:
        """Read one source."""
        position = 1
        reader: Reader | None = None
        try:
            reader = open_reader(file, elsewhere=self.workers > 1, count=self._count_bytes)
            for made in self._made(reader, workers):
                position += self.take(source, reader, position, made)
        except Broken as error:
            rest = chain([error.rest], reader.unread() if reader else ())
            self.refuse(source, position, error.fault, rest)
        except ConversionError as error:
            self.refuse(source, position, error.faults[0], _whole(source))
        except OSError as error:
            self.refuse(source, position, _unreadable(error), None)

    def _made(self, reader: Reader, workers: "Workers[Batch, Made] | None") -> Iterator[Made]:
        """Work on the batches of a source, some ahead, and give what was made in order."""
        pending: deque[tuple[Batch, Callable[[], Made]]] = deque()
        ahead = 2 * self.workers if self.workers > 1 else 0
        failure: Exception | None = None
        batches = reader.batches
        while True:
            try:
                batch = next(batches, None)
            except (Broken, ConversionError, OSError) as error:
                batch, failure = None, error
            if batch is not None:
                pending.append((batch, self._submit(batch, workers)))
            while pending and (batch is None or len(pending) > ahead):
                try:
                    made = pending[0][1]()
                except Malformed:
                    yield from self._stream(reader, [first for first, _ in pending])
                    return
                pending.popleft()
                yield made
            if batch is None:
                break
        if failure is not None:
            raise failure

    def _submit(self, batch: Batch, workers: "Workers[Batch, Made] | None") -> Callable[[], Made]:
        """Hand a batch to a worker; what is read already, and all without workers, is done here.

        The result is called for in the order of the batches; it raises `Malformed`.
        """
        if workers is not None and not isinstance(batch, Read):
            return workers.submit(batch)
        try:
            made = self.work(batch)
        except Malformed as error:
            return partial(_raise, error)
        return lambda: made

    def _stream(self, reader: Reader, batches: list[Batch]) -> Iterator[Made]:
        """Go on in one stream from a batch that was not well-formed by itself."""
        for document in reader.stream(batches):
            yield self.work(Read((document,)))

    def _count_bytes(self, size: int) -> None:
        """Count what was read of the sources."""
        self.bytes_read += size


def _unreadable(error: OSError) -> Fault:
    """Give the fault of a source that cannot be read."""
    return Fault("source.unreadable", "", str(error.strerror or error))


def _whole(source: Source) -> Iterator[bytes]:
    """Give a source from its beginning."""
    yield source.path.read_bytes() if source.path else b""
