"""What the codec tests share: a source read as the command reads it, and a guard against hangs."""

import io
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from attrs import define, field

from infakt_compat.codecs.tree import Broken
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.migrate.batches import Outcome, Settings, convert_batch
from infakt_compat.migrate.source import Batch, Document, Malformed, Read, Reader, open_reader


@define
class Account:
    """What became of a source: trees or faults in order, the outcomes, and why it ended."""

    documents: list[Document] = field(factory=list)
    outcomes: list[Outcome] = field(factory=list)
    broken: Fault | None = None
    rest: bytes = b""

    @property
    def trees(self) -> list[Any]:
        """Give the trees of the documents without faults."""
        return [document.tree for document in self.documents if not document.faults]

    @property
    def records(self) -> list[bytes]:
        """Give the converted documents."""
        return [record for outcome in self.outcomes for record in outcome.records]

    @property
    def rejects(self) -> list[tuple[Fault, ...]]:
        """Give the faults of each refused document."""
        return [reject.faults for outcome in self.outcomes for reject in outcome.rejects]

    @property
    def codes(self) -> list[str]:
        """Give the fault codes of all refused documents, and of the source."""
        found = [fault.code for faults in self.rejects for fault in faults]
        return found if self.broken is None else [*found, self.broken.code]


def read(data: bytes, *, elsewhere: bool = False, to: str = "v3", form: str = "jsonl") -> Account:
    """Read and convert a source; what is not documented as an exception of a source comes out."""
    account = Account()
    settings = Settings(to=to, form=form)
    reader = open_reader(io.BytesIO(data), elsewhere=elsewhere, count=lambda _: None)
    try:
        for batch in reader.batches:
            try:
                _take(account, batch, settings)
            except Malformed:
                _stream(account, reader, batch, settings)
                break
    except Broken as error:
        account.broken = error.fault
        account.rest = b"".join((error.rest, *reader.unread()))
    except ConversionError as error:
        account.broken = error.faults[0]
    return account


def _take(account: Account, batch: Batch, settings: Settings) -> None:
    """Convert a batch, and keep its documents."""
    outcome = convert_batch(batch, settings)
    account.outcomes.append(outcome)
    account.documents += batch.documents()


def _stream(account: Account, reader: Reader, batch: Batch, settings: Settings) -> None:
    """Go on in one stream; a document is converted before the next one is read."""
    for document in reader.stream([batch]):
        _take(account, Read((document,)), settings)


def read_one(data: bytes) -> Document:
    """Read a source of one document."""
    account = read(data)
    assert account.broken is None, account.broken
    (document,) = account.documents
    return document


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail instead of hanging: the time is far above what the work needs."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"not done within {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
