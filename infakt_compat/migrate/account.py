"""The account of a conversion: what was read, converted, refused, and said."""

from collections import Counter
from typing import Any

from attrs import define, field, frozen

from infakt_compat.errors import Fault
from infakt_compat.migrate.batches import Outcome, Reject
from infakt_compat.notices import Notice

#: Faults of a source as a whole: what stands behind the place is not known (exit code 4).
SOURCE_CODES = frozenset({"source.unreadable", "source.broken", "document.encoding"})


@frozen
class Example:
    """The first place where a code came.

    Source, position of the document (from 1), and the words.
    """

    source: str
    position: int
    path: str
    detail: str


@define
class Entry:
    """One notice or fault code: how grave, where first, how often in which field."""

    level: str
    example: Example
    fields: Counter[str]

    @property
    def count(self) -> int:
        """Give how often the code came."""
        return self.fields.total()


@define
class Account:
    """Counts that add up: read = converted + rejected; converted = exact + with notices."""

    read: int = 0
    converted: int = 0
    exact: int = 0
    rejected: int = 0
    with_residue: int = 0
    notices: dict[str, Entry] = field(factory=dict)
    faults: dict[str, Entry] = field(factory=dict)
    resources: set[str] = field(factory=set)
    seconds: float = 0.0

    def add(self, source: str, position: int, outcome: Outcome) -> None:
        """Add a batch whose first document has this position (from 1) in its source."""
        self.read += outcome.read
        self.converted += len(outcome.records)
        self.exact += outcome.exact
        self.with_residue += outcome.with_residue
        self.resources |= outcome.resources
        for code, tally in outcome.tallies.items():
            entry = self.notices.get(code)
            if entry is None:
                example = _example(source, position + tally.index, tally.example)
                entry = self.notices[code] = Entry(tally.level, example, Counter())
            entry.fields += tally.fields
        for reject in outcome.rejects:
            self.refuse(source, position, reject)

    def refuse(self, source: str, position: int, reject: Reject) -> None:
        """Count a refused document by each of its reasons."""
        self.rejected += 1
        for fault in reject.faults:
            entry = self.faults.get(fault.code)
            if entry is None:
                example = _example(source, position + reject.index, fault)
                entry = self.faults[fault.code] = Entry("fault", example, Counter())
            entry.fields[fault.path.rpartition(".")[2].partition("[")[0]] += 1

    def refuse_source(self, source: str, position: int, fault: Fault) -> None:
        """Count a source that cannot be read, from this position on, as one refused document."""
        self.read += 1
        self.refuse(source, position, Reject(0, (fault,), b""))

    @property
    def with_notices(self) -> int:
        """Give the number of converted documents that have notices."""
        return self.converted - self.exact

    def summary(self) -> dict[str, Any]:
        """Give the account for `--summary`."""
        return {
            "read": self.read,
            "converted": self.converted,
            "exact": self.exact,
            "rejected": self.rejected,
            "notices": {code: entry.count for code, entry in sorted(self.notices.items())},
            "seconds": round(self.seconds, 3),
        }


def _example(source: str, position: int, said: Notice | Fault) -> Example:
    """Remember where something came first."""
    return Example(source, position, said.path, said.detail)
