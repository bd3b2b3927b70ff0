"""The check of an archive: every document, then what they are together; the report of it."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from attrs import define, field

from infakt_compat.errors import Fault
from infakt_compat.migrate.account import SOURCE_CODES
from infakt_compat.migrate.checks import corrections
from infakt_compat.migrate.checks.batches import KSEF, NOTHING, Checked, Tally, check_batch
from infakt_compat.migrate.checks.documents import Settings, levels
from infakt_compat.migrate.checks.index import Index
from infakt_compat.migrate.reading import Reading
from infakt_compat.migrate.report.model import Finding, Place, Reason, Rejected, Rows
from infakt_compat.migrate.report.sums import Sums
from infakt_compat.migrate.source import Reader, Source


@define
class Check:
    """One check.

    `read` = `taken` + `refused` + `repeated`; of those taken, `exact` have nothing to be said.
    `sums` are those of every invoice that could be read, the same again included.
    """

    settings: Settings
    index: Index
    workers: int = 1
    #: Told after each batch: bytes read, documents read.
    progress: Callable[[int, int], None] = lambda _bytes, _documents: None
    read: int = 0
    broken: int = 0
    #: The account lets nothing be created, or not as asked.
    blocked: bool = False
    findings: dict[str, Finding] = field(factory=dict)
    rejects: Rows[Rejected] = field(factory=lambda: Rows[Rejected]())
    sums: Sums = field(factory=Sums)
    _reading: Reading[Checked] = field(init=False)

    def run(self, sources: Iterable[Source]) -> None:
        """Check the sources in their order, then all documents together.

        Raises `WorkerLost` when a worker was killed, `KeyboardInterrupt`.
        """
        work = partial(check_batch, settings=self.settings)
        self._reading = Reading(work, self._take, self._refuse_source, self.workers)
        self._reading.run(sources)
        self._together()

    @property
    def refused(self) -> int:
        """Give how many documents v3 does not get; a source that breaks off counts as one."""
        return self.broken + self.index.count("refused AND NOT repeated")

    @property
    def taken(self) -> int:
        """Give how many documents v3 would take."""
        return self.index.count("NOT refused AND NOT repeated")

    @property
    def repeated(self) -> int:
        """Give how many documents are the same as an earlier one: they are created once."""
        return self.index.count("repeated")

    @property
    def not_for_ksef(self) -> int:
        """Give how many invoices v3 takes and KSeF would refuse."""
        return self.index.count("said = ? AND NOT refused AND NOT repeated", KSEF)

    @property
    def exact(self) -> int:
        """Give how many documents v3 takes of which there is nothing to say."""
        return self.index.count("said = ? AND NOT refused AND NOT repeated", NOTHING)

    def source_failed(self) -> bool:
        """Say whether a source could not be read to its end."""
        return bool(SOURCE_CODES & self.findings.keys())

    def find(self, code: str, place: Place) -> None:
        """Count something that was found."""
        self._finding(code, levels()[code]).add(place)

    def _finding(self, code: str, level: str) -> Finding:
        finding = self.findings.get(code)
        if finding is None:
            finding = self.findings[code] = Finding(code, level)
        return finding

    def refuse(self, code: str, place: Place) -> None:
        """Count a document that v3 would refuse, with its reason."""
        self.find(code, place)
        self.rejects.add(Rejected(place, (Reason(code, place.path, place.detail),)))

    def _take(self, source: Source, reader: Reader, position: int, checked: Checked) -> int:
        """Take over what was found in a batch."""
        del reader
        for code, tally in checked.tallies.items():
            self._merge(source.name, position, self._finding(code, tally.level), tally)
        for index, number, reasons in checked.rejects:
            if self.rejects.full:
                self.rejects.total += 1
                continue
            place = Place(source.name, position + index, number)
            self.rejects.add(Rejected(place, tuple(Reason(*reason) for reason in reasons)))
        self.index.add(source.name, position, checked.rows)
        self.sums.merge(checked.sums)
        self.read += checked.read
        self.progress(self._reading.bytes_read, self.read)
        return checked.read

    def _merge(self, source: str, position: int, finding: Finding, tally: Tally) -> None:
        """Add what a batch found of one code."""
        for path, times in tally.paths.items():
            finding.came(path, times)
        for index, *rest in tally.examples:
            if finding.wants:
                finding.examples.append(Place(source, position + index, *rest))

    def _refuse_source(
        self, source: Source, position: int, fault: Fault, rest: Iterable[bytes] | None
    ) -> None:
        """Count a source that breaks or cannot be read."""
        del rest
        self.read += 1
        self.broken += 1
        self.refuse(fault.code, Place(source.name, position, "", fault.path, fault.detail))

    def elsewhere(self) -> None:
        """Name the corrections whose original is not here; those refused meanwhile no longer."""
        self.findings.pop("correction.elsewhere", None)
        for place in self.index.elsewhere():
            self.find("correction.elsewhere", place)

    def _together(self) -> None:
        """Look at all documents at once."""
        for twin in self.index.repeats():
            self.find("document.repeated", _place(twin, twin.other))
        for twin in self.index.versions():
            self.refuse("document.versions", _place(twin, twin.other))
        for twin in self.index.duplicates():
            self.refuse("number.taken", _place(twin, f"{twin.number}: {twin.other}"))
        if self.settings.given.clients == "match":
            for place in self.index.nameless():
                self.refuse("buyer.only_id", place)
        for code, place in corrections.refusals(self.index):
            self.refuse(code, place)
        self.elsewhere()
        for gap in self.index.gaps():
            finding = self._finding("number.gap", levels()["number.gap"])
            finding.came("")
            if finding.wants:
                finding.examples.append(self.index.place(gap.row, gap.missing))
        for group in self.index.same_taxpayer():
            self.find("buyer.same_number", _place(group, _listed(group.shared, group.others)))
        for group in self.index.same_company():
            self.find("buyer.same_name", _place(group, _listed(group.shared, group.others)))


def _place(found: Any, detail: str) -> Place:
    """Give the place of something that the index found."""
    return Place(found.source, found.position, found.number, "", detail)


def _listed(shared: str, others: tuple[str, ...]) -> str:
    """Say what some documents share and in what they differ."""
    return f"{shared}: {' | '.join(one or '-' for one in others)}"
