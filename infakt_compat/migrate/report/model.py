"""What a report holds: filled by check, import and verify, shown by `write_html`.

Amounts are integer grosze. Texts that a command says itself (titles, counts, the outcome) are given
in the report's language; codes are shown by their sentences in `mappings/notices.toml`.
"""

from collections import Counter
from datetime import datetime
from typing import Generic, TypeVar

from attrs import define, field, frozen

from infakt_compat.migrate.report.sums import Sums

#: How many rejects, and how many differences, a report shows; the others are counted.
MOST_ROWS = 1000
#: How many examples of a code it shows.
MOST_EXAMPLES = 5

Row = TypeVar("Row")


@define
class Rows(Generic[Row]):
    """The first rows of many: a report stays small, and says how many there are."""

    most: int = MOST_ROWS
    total: int = 0
    kept: list[Row] = field(factory=list)

    def add(self, row: Row) -> None:
        """Count a row, and keep it if it is among the first."""
        self.total += 1
        if not self.full:
            self.kept.append(row)

    @property
    def full(self) -> bool:
        """Say whether no further row is kept."""
        return len(self.kept) >= self.most


@frozen
class Outcome:
    """How it ended: `level` is `good`, `attention` or `bad`; one sentence, and what to do next."""

    level: str
    sentence: str
    advice: str = ""


@frozen
class Count:
    """One number of the account and what it counts (`read`, `przeczytano`).

    `level` colours it when it is not 0: `""`, `good`, `attention`, `bad`.
    """

    label: str
    number: int
    level: str = ""


@frozen
class Place:
    """Where something stands: source, position of the document in it (from 1), its number.

    `path` names the field, `detail` quotes what was found. Position 0: the source or the account as
    a whole.
    """

    source: str
    position: int
    number: str = ""
    path: str = ""
    detail: str = ""

    @property
    def found(self) -> str:
        """Give the detail without the field's name, where the path has said that already."""
        return without_name(self.path, self.detail)


def without_name(path: str, detail: str) -> str:
    """Give a detail that begins with the name of its field without that."""
    return detail.removeprefix(f"{path.rpartition('.')[2]} ") if path else detail


@define
class Finding:
    """A code, its level (`fault`, `warning`, `info`), how often it came in which field, examples.

    `fields` counts by the last part of the path; the examples are the first ones.
    """

    code: str
    level: str
    count: int = 0
    fields: Counter[str] = field(factory=Counter)
    examples: list[Place] = field(factory=list)

    def add(self, place: Place) -> None:
        """Count it once more, and keep the place if it is among the first."""
        self.came(place.path)
        if self.wants:
            self.examples.append(place)

    def came(self, path: str, times: int = 1) -> None:
        """Count it so many times more in the field of a path."""
        self.count += times
        self.fields[path.rpartition(".")[2].partition("[")[0]] += times

    @property
    def wants(self) -> bool:
        """Say whether there is room for one more example."""
        return len(self.examples) < MOST_EXAMPLES


@frozen
class Reason:
    """Why a document was rejected: a code, or none and v3's own text in `detail`."""

    code: str
    path: str = ""
    detail: str = ""

    @property
    def found(self) -> str:
        """Give the detail without the field's name, where the path has said that already."""
        return without_name(self.path, self.detail)


@frozen
class Rejected:
    """A document that v3 does not get, or did not take, with every reason."""

    place: Place
    reasons: tuple[Reason, ...]


@frozen
class Difference:
    """Where v3 holds another value than the source: both as texts, and the code that explains it.

    Without a code it is a defect, and so is one whose code is a fault.
    """

    place: Place
    source: str
    v3: str
    code: str = ""


@define
class Report:
    """The report of one run. `kind` is `check`, `import` or `verify`, `lang` `en` or `pl`."""

    kind: str
    lang: str
    when: datetime
    outcome: Outcome
    #: What was read: files, folders; the journal; the account, by its details and never its key.
    subjects: list[str] = field(factory=list)
    counts: list[Count] = field(factory=list)
    sums: Sums = field(factory=Sums)
    #: What v3 holds, in a verification; None elsewhere.
    sums_v3: Sums | None = None
    findings: list[Finding] = field(factory=list)
    rejects: Rows[Rejected] = field(factory=lambda: Rows[Rejected]())
    differences: Rows[Difference] = field(factory=lambda: Rows[Difference]())
