"""Rejected documents written out so that they can be mended: as `convert --rejects` writes them.

A document's own text is read from its source again, which must be the file that was planned; what
came through a pipe, or was mended before, stands in the journal.
"""

from base64 import b64decode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import define
from sqlalchemy import select

from infakt_compat.errors import Fault
from infakt_compat.migrate.batches import Reject
from infakt_compat.migrate.journal import Journal, SourceRow, State
from infakt_compat.migrate.journal.rows import read_faults
from infakt_compat.migrate.journal.schema import entries
from infakt_compat.migrate.planning.fingerprints import SourceChanged, unchanged
from infakt_compat.migrate.reading import Reading
from infakt_compat.migrate.rejects import Rejects
from infakt_compat.migrate.source import Batch, Document, Reader, Source

_PAGE = 500


def write_rejects(journal: Journal, rejects: Rejects) -> int:
    """Write every rejected document; gives their number.

    Raises `SourceChanged` for a source that is gone or another file now, and `OutputFailed`.
    """
    return sum(_write(journal, rejects, row) for row in journal.sources())


def _write(journal: Journal, rejects: Rejects, row: SourceRow) -> int:
    path = None if row.name == "stdin" else Path(row.name)
    source = Source(row.name, path, path.name if path else row.name)
    count = 0
    for one in _rejected(journal, row, kept=True):
        raw = b64decode(one.raw)
        form = "xml" if raw.lstrip().startswith(b"<") else "json"
        rejects.add(source, form, one.position, _reject(one, raw))
        count += 1
    texts = _Texts(rejects, _rejected(journal, row, kept=False))
    if texts.wanted is not None:
        _check(source, row)
        Reading(_documents, texts.take, _ignore).run([source])
        count += texts.count
    for fault in row.faults:
        rejects.add_source(source, int(fault.path), Fault(fault.code, "", fault.detail), None)
    return count


def _check(source: Source, row: SourceRow) -> None:
    if source.path is None or not source.path.exists() or not unchanged(source, row):
        raise SourceChanged(f"{row.name} is not there: its documents' own text is needed")


def _rejected(journal: Journal, row: SourceRow, *, kept: bool) -> Iterator[Any]:
    """Give the rejected documents of a source by position, whose text is kept or is not."""
    e, last = entries.c, 0
    query = (
        select(e.position, e.resource, e.reasons, e.raw)
        .where(e.source == row.place, e.state == State.REJECTED.value)
        .where(e.raw.is_not(None) if kept else e.raw.is_(None))
        .order_by(e.position)
        .limit(_PAGE)
    )
    while True:
        asked = query.where(e.position > last)
        page = journal.database.read(lambda c, asked=asked: c.execute(asked).all())  # type: ignore[misc]
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1].position


def _reject(row: Any, raw: bytes) -> Reject:
    return Reject(0, read_faults(row.reasons), raw, row.resource)


def _documents(batch: Batch) -> list[Document]:
    return list(batch.documents())


def _ignore(source: Source, position: int, fault: Fault, rest: Iterable[bytes] | None) -> None:
    """A source breaks where it broke when it was planned: that stands in the journal."""
    del source, position, fault, rest


@define
class _Texts:
    """Picks the wanted documents out of a source: both come in the order of their positions."""

    rejects: Rejects
    rows: Iterator[Any]
    wanted: Any = None
    count: int = 0

    def __attrs_post_init__(self) -> None:
        self.wanted = next(self.rows, None)

    def take(self, source: Source, reader: Reader, position: int, documents: list[Document]) -> int:
        """Write those of a batch."""
        for offset, document in enumerate(documents):
            if self.wanted is not None and self.wanted.position == position + offset:
                found = _reject(self.wanted, document.raw())
                self.rejects.add(source, reader.form, position + offset, found)
                self.count += 1
                self.wanted = next(self.rows, None)
        return len(documents)
