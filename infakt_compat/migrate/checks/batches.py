"""Checking a batch of documents: what every worker process does, and what it hands back."""

from typing import Any

from attrs import define, field

from infakt_compat.errors import Fault
from infakt_compat.migrate.checks.documents import Settings, Verdict, check
from infakt_compat.migrate.report.model import MOST_EXAMPLES
from infakt_compat.migrate.report.sums import Sums
from infakt_compat.migrate.source import Batch
from infakt_compat.notices import Notice

#: What the index keeps of a document: its place in the batch, its columns, its evidence.
Row = tuple[Any, ...]
#: What is said of a document, in a row: nothing, something, or that KSeF would refuse it.
NOTHING, SOMETHING, KSEF = range(3)
#: A reason as it travels: code, path, detail.
Said = tuple[str, str, str]


@define
class Tally:
    """A code in a batch: how often in which path, and its first examples as they travel."""

    level: str
    paths: dict[str, int] = field(factory=dict)
    examples: list[tuple[int, str, str, str]] = field(factory=list)


@define
class Checked:
    """What became of a batch. Documents are counted from 0."""

    read: int = 0
    tallies: dict[str, Tally] = field(factory=dict)
    rejects: list[tuple[int, str, tuple[Said, ...]]] = field(factory=list)
    rows: list[Row] = field(factory=list)
    sums: Sums = field(factory=Sums)

    def add(self, verdict: Verdict) -> None:
        """Count one document."""
        index, number = self.read, verdict.number or ""
        self.read += 1
        for fault in verdict.refused:
            self._count("fault", index, number, fault)
        for notice in verdict.said:
            self._count(notice.level, index, number, notice)
        if verdict.refused:
            self.rejects.append((index, number, tuple(map(_said, verdict.refused))))
        if verdict.record is not None and verdict.resource == "invoice":
            self.sums.add(verdict.record)
        self.rows.append(_row(index, verdict))

    def _count(self, level: str, index: int, number: str, said: Fault | Notice) -> None:
        tally = self.tallies.get(said.code)
        if tally is None:
            tally = self.tallies[said.code] = Tally(level)
        path, paths = said.path, tally.paths
        paths[path] = paths.get(path, 0) + 1
        if len(tally.examples) < MOST_EXAMPLES:
            tally.examples.append((index, number, path, said.detail))


def check_batch(batch: Batch, settings: Settings) -> Checked:
    """Check every document of a batch; raises `Malformed` when it is no whole documents."""
    checked = Checked()
    for document in batch.documents():
        checked.add(check(document, settings))
    return checked


def _said(fault: Fault) -> Said:
    return fault.code, fault.path, fault.detail


def _row(index: int, v: Verdict) -> Row:
    """Give a document as the index keeps it."""
    return (
        index, v.family, v.kind, v.number, v.day, v.series, v.place, v.digest,
        v.taxpayer, v.buyer, v.company, v.v2_id, v.client, v.total, v.original, v.ground,
        v.transfer, v.planned, bool(v.refused),
        KSEF if v.ksef else SOMETHING if v.said else NOTHING, v.evidence,
    )  # fmt: skip
