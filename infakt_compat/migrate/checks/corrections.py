"""What an import would say of the corrections whose original is in the archive.

By the import's own code (`planning/originals.py`), on a plan of these documents alone, which
vanishes. Their sources are read a second time for it, and only where there are such corrections.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from attrs import define, field

from infakt_compat.errors import Fault
from infakt_compat.migrate.checks.index import Index
from infakt_compat.migrate.journal import Entry, Journal, Keys, State, open_journal
from infakt_compat.migrate.journal.planned import Planned, Values
from infakt_compat.migrate.planning import conflicts, originals
from infakt_compat.migrate.planning.drafts import draft
from infakt_compat.migrate.planning.families import CORRECTIVE, INVOICES
from infakt_compat.migrate.planning.fingerprints import name_of
from infakt_compat.migrate.planning.planner import row_of
from infakt_compat.migrate.reading import Reading
from infakt_compat.migrate.report.model import Place
from infakt_compat.migrate.source import Batch, Document, Reader, Source

_ROWS = 500
_OF_CORRECTIONS = "correction."
#: Every correction, what has the number of an original, and other versions of that.
_INVOLVED = f"""
    CREATE TEMP TABLE involved AS
    WITH corrected AS (SELECT original FROM documents
            WHERE family = '{CORRECTIVE}' AND original <> '' AND NOT repeated),
        here AS (SELECT rowid AS row, v2_id FROM documents
            WHERE family = '{INVOICES}' AND number IN corrected)
    SELECT rowid AS row, source, position FROM documents
    WHERE NOT repeated AND EXISTS (SELECT 1 FROM here) AND (family = '{CORRECTIVE}'
        OR rowid IN (SELECT row FROM here)
        OR family = '{INVOICES}' AND v2_id IN (SELECT v2_id FROM here WHERE v2_id IS NOT NULL))
    ORDER BY source, position"""

_REFUSE = """
    UPDATE documents SET refused = 1 WHERE NOT refused AND rowid = (
        SELECT row FROM involved WHERE position = ?2
        AND source = (SELECT rowid FROM sources WHERE name = ?1))"""
_IS_REFUSED = """
    SELECT refused FROM documents WHERE rowid = (
        SELECT row FROM involved WHERE position = ?2
        AND source = (SELECT rowid FROM sources WHERE name = ?1))"""
_BEHIND = "correction.original_rejected"
#: Said where the documents of a source cannot be read a second time.
NOT_READ = "correction.not_read"


def refusals(index: Index, sources: Iterable[Source]) -> Iterator[tuple[str, Place]]:
    """Refuse the corrections that planning refuses, and give the reasons of each.

    What came through a pipe cannot be read again: that is given as `NOT_READ`.
    """
    index.connection.execute(_INVOLVED)
    index.connection.execute("CREATE INDEX involved_place ON involved (source, position)")
    named = {name_of(source): source for source in sources if _positions(index, source.name)}
    if not named:
        return
    with (
        tempfile.TemporaryDirectory(prefix="infakt-check-") as folder,
        open_journal(Path(folder) / "plan.sqlite3", create=True) as journal,
    ):
        planned = Planned(journal)
        for source in named.values():
            if source.path is None:
                yield NOT_READ, Place(source.name, 0)
            else:
                _Drafting(planned, index, source).run()
        fresh = {row.place for row in journal.sources()}
        if fresh:
            conflicts.settle(journal, fresh)
            originals.settle(journal)
        for entry, faults in _refused(journal, index, named):
            yield from _taken_out(index, entry, named[entry.source].name, faults)


def _positions(index: Index, source: str, after: int = 0) -> list[int]:
    """Give the next positions of a source that are involved."""
    query = f"""
        SELECT position FROM involved WHERE position > ?
        AND source = (SELECT rowid FROM sources WHERE name = ?) ORDER BY position LIMIT {_ROWS}"""
    return [position for (position,) in index.rows(query, after, source)]


def _every(index: Index, source: str) -> Iterator[int]:
    """Give all of them."""
    page = _positions(index, source)
    while page:
        yield from page
        page = _positions(index, source, page[-1])


def _refused(
    journal: Journal, index: Index, named: Mapping[str, Source]
) -> Iterator[tuple[Entry, Iterable[Fault]]]:
    """Give the corrections that planning refuses, and those behind what v3 would refuse."""
    for entry in journal.entries([State.REJECTED, State.PLANNED], "invoice"):
        codes = [fault.code for fault in entry.faults]
        if entry.family != CORRECTIVE:
            continue
        if any(code.startswith(_OF_CORRECTIONS) for code in codes):
            yield entry, entry.faults
        elif entry.corrects is not None and entry.state is State.PLANNED:
            original = journal.entry(entry.corrects)
            assert original is not None
            at = (named[original.source].name, original.position)
            if next(index.rows(_IS_REFUSED, *at))[0]:
                yield entry, [Fault(_BEHIND)]


def _taken_out(
    index: Index, entry: Entry, source: str, faults: Iterable[Fault]
) -> Iterator[tuple[str, Place]]:
    """Refuse one correction, unless it is refused already for another reason."""
    done = index.connection.execute(_REFUSE, (source, entry.position))
    if done.rowcount:
        for fault in faults:
            number = entry.number or ""
            yield fault.code, Place(source, entry.position, number, fault.path, fault.detail)


@define
class _Drafting:
    """One source at work: of its documents those that are involved are planned."""

    planned: Planned
    index: Index
    source: Source
    place: int = 0
    keys: Keys = field(factory=Keys)
    _wanted: Iterator[int] = field(init=False)
    _next: int | None = None
    _rows: list[Values] = field(factory=list)

    def run(self) -> None:
        """Read it."""
        self.place = self.planned.begin(name_of(self.source))
        self._wanted = _every(self.index, self.source.name)
        self._next = next(self._wanted, None)
        Reading(_documents, self._take, _ignore).run([self.source])
        self._write()

    def _take(self, source: Source, reader: Reader, position: int, found: list[Document]) -> int:
        del source, reader
        for offset, document in enumerate(found):
            if self._next == position + offset:
                made = draft(document)
                self._rows.append(row_of(self.keys.key(made.name), position + offset, made))
                self._next = next(self._wanted, None)
        if len(self._rows) >= _ROWS:
            self._write()
        return len(found)

    def _write(self) -> None:
        self.planned.add(self.place, self._rows, ())
        self._rows = []


def _documents(batch: Batch) -> list[Document]:
    return list(batch.documents())


def _ignore(source: Source, position: int, fault: Fault, rest: Iterable[bytes] | None) -> None:
    """A source breaks where it broke when it was checked: that is said already."""
    del source, position, fault, rest
