"""The verification of a move: v3 read back, every document of the archive asked for in it."""

from collections import Counter
from collections.abc import Callable, Iterable

from attrs import define, field

from infakt_compat.errors import ConversionError, Fault
from infakt_compat.migrate.account import SOURCE_CODES
from infakt_compat.migrate.batches import translated
from infakt_compat.migrate.journal import Entry, Journal, Keys, State
from infakt_compat.migrate.planning.drafts import Draft, draft
from infakt_compat.migrate.planning.families import CLIENTS, CORRECTIVE
from infakt_compat.migrate.reading import Reading
from infakt_compat.migrate.report.model import (
    Difference,
    Finding,
    Place,
    Reason,
    Rejected,
)
from infakt_compat.migrate.report.model import Rows as Kept
from infakt_compat.migrate.report.sums import Sums
from infakt_compat.migrate.source import Batch, Document, Reader, Source
from infakt_compat.migrate.verify import mended
from infakt_compat.migrate.verify.compare import Found, Record, compare
from infakt_compat.migrate.verify.expected import Expected, expected
from infakt_compat.migrate.verify.rows import Rows
from infakt_compat.migrate.verify.texts import CELL, LINE, quoted
from infakt_compat.tables.load import tables
from infakt_compat.translate.compile import plans
from infakt_compat.translate.forward import Result

#: What nothing explains.
DEFECT = "verify.differs"
_MEMO_SIZE = 4_000
Work = list[tuple[Document, Draft]]


def draft_documents(batch: Batch) -> Work:
    """Read the documents of a batch and name them as an import does; raises `Malformed`."""
    return [(document, draft(document)) for document in batch.documents()]


@define
class Verification:
    """One verification.

    `counts`: `read`, of them `repeated` (the same again), `replaced` (by a mended one that is among
    the sources), `absent` (not created), `unknown` (perhaps created), `compared`; of those compared
    `equal`, `explained` (all differences are) and `differing`; `missing` are among the differing.
    """

    journal: Journal
    rows: Rows
    #: Told after each batch: bytes read, documents read.
    progress: Callable[[int, int], None] = lambda _bytes, _documents: None
    counts: Counter[str] = field(factory=Counter)
    findings: dict[str, Finding] = field(factory=dict)
    differences: Kept[Difference] = field(factory=lambda: Kept[Difference]())
    rejects: Kept[Rejected] = field(factory=lambda: Kept[Rejected]())
    sums: Sums = field(factory=Sums)
    sums_v3: Sums = field(factory=Sums)
    _reading: Reading[Work] = field(init=False)
    _keys: Keys = field(factory=Keys)
    _clients: dict[int, int | None] = field(factory=dict)
    _how: str = field(init=False)
    _replaced: mended.Replaced = field(factory=mended.Replaced)
    #: The codes of differences, among those of findings.
    _said: set[str] = field(factory=set)

    def run(self, sources: Iterable[Source]) -> None:
        """Compare every document of the sources; v3's rows have been read before."""
        self._how = (self.journal.value("settings") or {}).get("clients", "match")
        self._reading = Reading(draft_documents, self._take, self._refuse)
        for source in sources:
            self._keys = Keys()
            self._reading.run([source])
        self._settle()

    @property
    def differs(self) -> bool:
        """Say whether v3 shows anything else than the archive, explained or not."""
        return any(_level(code) != "info" for code in self._said)

    def source_failed(self) -> bool:
        """Say whether a source could not be read to its end."""
        return bool(SOURCE_CODES & self.findings.keys())

    def _take(self, source: Source, reader: Reader, position: int, work: Work) -> int:
        """Compare a batch of documents."""
        del reader
        keys = [self._keys.key(made.name) for _, made in work]
        known = mended.known(self.journal, keys)
        for index, ((document, made), key) in enumerate(zip(work, keys, strict=True)):
            place = Place(source.name, position + index, made.number or "")
            if key not in known.entries:
                self._differ(place, [Found("", place.number, "", "verify.unplanned")])
            else:
                replaced = known.replaced(key)
                self._document(document, place, known.entries[key], replaced=replaced)
        self.counts["read"] += len(work)
        self.progress(self._reading.bytes_read, self.counts["read"])
        return len(work)

    def _refuse(
        self, source: Source, position: int, fault: Fault, rest: Iterable[bytes] | None
    ) -> None:
        """Count a source that breaks or cannot be read."""
        del rest
        self.counts["read"] += 1
        self.counts["absent"] += 1
        place = Place(source.name, position, "", fault.path, fault.detail)
        self._find(fault.code, place)
        self.rejects.add(Rejected(place, (Reason(fault.code, fault.path, fault.detail),)))

    def _document(self, document: Document, place: Place, entry: Entry, *, replaced: bool) -> None:
        """Compare one document; one that was `replaced` waits, its mended one may come yet."""
        if replaced and entry.state is State.DONE:
            first = self._replaced.add(entry, place, self._against(document, entry))
            self.counts["repeated"] += not first
        elif not self.rows.first_time(entry.place):
            self.counts["repeated"] += 1
        elif entry.state is not State.DONE:
            self._absent(place, entry)
        else:
            self._created(document, place, entry)

    def _absent(self, place: Place, entry: Entry) -> None:
        """Count a document that is not in v3, or may not be, with the journal's reasons."""
        self.counts["unknown" if entry.state is State.UNKNOWN else "absent"] += 1
        faults = entry.faults or (Fault("verify.open", "", entry.state.value),)
        for fault in faults:
            self._find(fault.code, _at(place, fault.path, fault.detail))
        reasons = tuple(Reason(one.code, one.path, one.detail) for one in faults)
        self.rejects.add(Rejected(place, reasons))

    def _against(self, document: Document, entry: Entry) -> list[Found]:
        """Compare a document that was replaced: where v3 differs from it."""
        row = self._row(entry)
        try:
            resource, body, result = translated(document)
        except ConversionError as error:
            return [Found(one.path, one.detail, "") for one in error.faults]
        if row is None:
            return []
        wanted = self._expected(resource, result, entry)
        return compare(resource, body, result, entry, row, wanted, self._client(entry), self._how)

    def _settle(self) -> None:
        """Pass over the documents whose mended ones came; compare what was sent for the others."""
        for number, place, found in self._replaced.take():
            entry = self.journal.entry(number)
            if entry is None or not self.rows.first_time(number):
                self.counts["replaced"] += 1
                continue
            self._created(mended.sent(self.journal, entry), place, entry, found)

    def _created(
        self, document: Document, place: Place, entry: Entry, before: Iterable[Found] = ()
    ) -> None:
        """Compare a document that the journal says is in v3.

        `before` is where v3 differs from the document that this one replaced.
        """
        row = self._row(entry)
        try:
            resource, body, result = translated(document)
        except ConversionError as error:  # pragma: no cover - what is done could be read once
            self._differ(place, [Found(one.path, "", str(one)) for one in error.faults])
            return
        wanted = self._expected(resource, result, entry)
        self._sum(entry, result.record, row, wanted)
        if row is None:
            self._differ(place, [Found("", place.number, "", "verify.missing")])
            return
        found = compare(resource, body, result, entry, row, wanted, self._client(entry), self._how)
        found += mended.explained(before, found)
        if entry.number and entry.family != CLIENTS:
            others = self.rows.others(entry.family, entry.number, int(row["id"]))
            found += [Found("", entry.number, f"id {one}", "verify.twice") for one in others]
        self._differ(place, found)

    def _row(self, entry: Entry) -> Record | None:
        """Give what v3 holds of a document."""
        return None if entry.id is None else self.rows.get(entry.family, entry.id)

    def _expected(self, resource: str, result: Result, entry: Entry) -> Expected:
        """Work out what v3 should hold."""
        plan = plans()[resource].of_kind(result.record.get("kind"))
        text = self.journal.body(entry.place) if entry.family == CORRECTIVE else None
        return expected(plan, result.record, entry, text)

    def _sum(self, entry: Entry, record: Record, row: Record | None, wanted: Expected) -> None:
        """Add up both sides; a correction counts as the difference that it is (v3-wire 5)."""
        if entry.family == CLIENTS:
            return
        if entry.family == CORRECTIVE:
            record = {**record, **wanted.totals, "services": ()}
            row = None if row is None else {**row, "services": ()}
        self.sums.add(record)
        if row is not None:
            self.sums_v3.add(row)

    def _client(self, entry: Entry) -> int | None:
        """Give the v3 id that a document's client has to have; None where any will do."""
        if entry.already or entry.buyer is None:
            return None
        if self._how == "keep":
            return entry.v2_client
        if self._how != "match":
            return None
        if entry.buyer not in self._clients:
            if len(self._clients) >= _MEMO_SIZE:
                self._clients.clear()
            buyer = self.journal.buyer(entry.buyer)
            self._clients[entry.buyer] = None if buyer is None else buyer.id
        return self._clients[entry.buyer]

    def _differ(self, place: Place, found: list[Found]) -> None:
        """Count a document by its gravest difference, and keep every one."""
        self.counts["compared"] += 1
        codes = {one.code or DEFECT for one in found}
        levels = {_level(code) for code in codes}
        name = "differing" if "fault" in levels else "explained" if found else "equal"
        self.counts[name] += 1
        self.counts["missing"] += "verify.missing" in codes
        self._said |= codes
        for one in found:
            where = _at(place, one.path, "")
            said = " / ".join(quoted(one.source, one.v3, LINE)) if one.path else one.v3
            self._find(one.code or DEFECT, _at(place, one.path, said))
            self.differences.add(Difference(where, *quoted(one.source, one.v3, CELL), one.code))

    def _find(self, code: str, place: Place) -> None:
        finding = self.findings.get(code)
        if finding is None:
            finding = self.findings[code] = Finding(code, _level(code))
        finding.add(place)


def _level(code: str) -> str:
    known = tables().codes.get(code)
    return known.level if known else "fault"


def _at(place: Place, path: str, detail: str) -> Place:
    return Place(place.source, place.position, place.number, path, detail)
