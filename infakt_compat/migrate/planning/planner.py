"""The plan of an import: every source read once, every document in the journal once."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from attrs import define, field

from infakt_compat.errors import Fault
from infakt_compat.migrate.journal import Journal, Keys, SourceRow, State
from infakt_compat.migrate.journal.planned import Planned, Values
from infakt_compat.migrate.planning import conflicts, originals
from infakt_compat.migrate.planning.drafts import Draft, draft_batch
from infakt_compat.migrate.planning.fingerprints import (
    STREAM,
    SourceChanged,
    digest,
    name_of,
    stamp,
    unchanged,
)
from infakt_compat.migrate.reading import Reading
from infakt_compat.migrate.source import Reader, Source

Progress = Callable[[int, int], None]

#: The journal's value that names the sources whose documents were not yet compared with the others.
_UNSETTLED = "unsettled"


def plan(
    journal: Journal, sources: Iterable[Source], progress: Progress = lambda _bytes, _docs: None
) -> bool:
    """Plan the sources that are not planned yet; says whether there were any.

    `progress` is told bytes and documents read. Raises `SourceChanged`, before anything is written
    when a source is not what it was planned from.
    """
    known = {row.name: row for row in journal.sources()}
    new = [one for one in sources if not unchanged(one, known.get(name_of(one)))]
    # A run that is killed before all were compared leaves that to the next one.
    unsettled = {*(journal.value(_UNSETTLED) or ()), *map(name_of, new)}
    if unsettled:
        journal.put_value(_UNSETTLED, sorted(unsettled))
    done = (0, 0)
    for source in new:
        done = _Source(Planned(journal), source, progress, *done).run()
    if unsettled:
        fresh = {row.place for row in journal.sources() if row.name in unsettled}
        conflicts.settle(journal, fresh)
        originals.settle(journal)
        journal.put_value(_UNSETTLED, [])
    return bool(new)


@define
class _Source:
    """One source at work."""

    planned: Planned
    source: Source
    progress: Progress
    bytes_before: int
    documents_before: int
    place: int = 0
    form: str = ""
    documents: int = 0
    repeats: int = 0
    faults: list[Fault] = field(factory=list)
    keys: Keys = field(factory=Keys)
    reading: "Reading[list[Draft]]" = field(init=False)

    def run(self) -> tuple[int, int]:
        """Plan it; gives the bytes and documents read so far."""
        source = self.source
        self.place = self.planned.begin(name_of(source))
        before = stamp(source)
        # What comes through a pipe cannot be read again: then each document's text is kept.
        work = partial(draft_batch, keep_text=source.path is None)
        self.reading = Reading(work, self._take, self._refuse)
        self.reading.run([source])
        whole = STREAM if source.path is None else digest(source.path)
        if before != stamp(source):
            raise SourceChanged(f"{source.name} was changed while it was read. Try again.")
        self.planned.finish(SourceRow(
            self.place, name_of(source), *before, whole or STREAM, self.form, self.documents,
            self.repeats, tuple(self.faults),
        ))  # fmt: skip
        return self._done()

    def _done(self) -> tuple[int, int]:
        return self.bytes_before + self.reading.bytes_read, self.documents_before + self.documents

    def _take(self, source: Source, reader: Reader, position: int, drafts: list[Draft]) -> int:
        """Write a batch of documents."""
        del source
        self.form = reader.form
        rows = [row_of(self.keys.key(one.name), position + i, one) for i, one in enumerate(drafts)]
        added = self.planned.add(self.place, rows, _said(position, drafts))
        self.documents += len(drafts)
        self.repeats += added.repeats
        self.progress(*self._done())
        return len(drafts)

    def _refuse(
        self, source: Source, position: int, fault: Fault, rest: Iterable[bytes] | None
    ) -> None:
        """Keep why a source ends before its end."""
        del source, rest
        self.faults.append(Fault(fault.code, str(position), fault.detail))


def row_of(key: str, position: int, draft: Draft) -> Values:
    """Give a document's row; `buyer` is the row of its buyer, or None."""
    buyer = draft.buyer
    state = State.REJECTED if draft.faults else State.PLANNED
    return {
        "key": key, "position": position, "resource": draft.resource, "family": draft.family,
        "kind": draft.kind, "number": draft.number, "v2_id": draft.v2_id,
        "v2_client": draft.v2_client, "day": draft.day, "currency": draft.currency,
        "total": draft.total, "original": draft.original, "status": draft.status,
        "paid_date": draft.paid_date, "body": draft.body, "raw": draft.raw,
        "state": state.value, "reasons": draft.faults, "ready": int(draft.kind != "correction"),
        "buyer": None if buyer is None else {
            "identity": buyer.identity, "day": buyer.day, "body": buyer.body,
        },
    }  # fmt: skip


def _said(position: int, drafts: list[Draft]) -> Iterator[Values]:
    """Count the notices of a batch by code and field, each with its first place."""
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], tuple[int, str]] = {}
    for offset, draft in enumerate(drafts):
        # What is refused has its reasons; its mended document may have nothing to be said of it.
        for notice in () if draft.faults else draft.notices:
            key = (notice.code, notice.path.rpartition(".")[2].partition("[")[0])
            counts[key] += 1
            first.setdefault(key, (position + offset, notice.detail))
    for (code, path), count in counts.items():
        where, detail = first[code, path]
        row: dict[str, Any] = {"code": code, "path": path, "count": count}
        yield row | {"position": where, "detail": detail}
