"""What a journal has to say: why documents are rejected or unknown, and what was noticed of others.

Counted by code, with the first examples, for the command line and the report page.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, func, select

from infakt_compat.errors import Fault
from infakt_compat.migrate.journal.entries import Entry, State
from infakt_compat.migrate.journal.journal import Journal
from infakt_compat.migrate.journal.ranges import among
from infakt_compat.migrate.journal.schema import entries, notices, sources
from infakt_compat.migrate.report.model import Finding, Place
from infakt_compat.tables.load import tables

#: What is said of a document that is done, by where the date of its payment came from.
_PAID = {
    "given": "paid.given", "payment": "paid.payment", "invoice": "paid.invoice",
    "today": "paid.today", "none": "paid.none",
}  # fmt: skip
_ALREADY = "import.already"


def place_of(entry: Entry, fault: Fault | None = None) -> Place:
    """Say where a document stands, and what in it is meant."""
    number = entry.v3_number or entry.number or ""
    path, detail = ("", "") if fault is None else (fault.path, fault.detail)
    return Place(entry.source, entry.position, number, path, detail)


def findings(journal: Journal, names: Iterable[str] | None = None) -> list[Finding]:
    """Give everything that there is to say, faults first; of some sources only where named."""
    found: dict[str, Finding] = {}
    listed = journal.sources() if names is None else journal.named(names)
    places = [source.place for source in listed]
    for entry in journal.entries((State.REJECTED, State.UNKNOWN), sources=places):
        _reasons(found, entry)
    for source in listed:
        for fault in source.faults:
            position = int(fault.path) if fault.path.isdecimal() else 0
            _of(found, fault.code).add(Place(source.name, position, "", "", fault.detail))
    _said(journal, found, places)
    _of_done(journal, found, places)
    return _in_order(found)


def reasons_of(listed: Iterable[Entry]) -> list[Finding]:
    """Give the reasons why some entries are refused, by code: faults here, whatever elsewhere."""
    found: dict[str, Finding] = {}
    for entry in listed:
        for fault in entry.faults:
            refusal = found.setdefault(fault.code, Finding(fault.code, "fault"))
            refusal.add(place_of(entry, fault))
    return _in_order(found)


def _reasons(found: dict[str, Finding], entry: Entry) -> None:
    for fault in entry.faults:
        _of(found, fault.code).add(place_of(entry, fault))


def _in_order(found: dict[str, Finding]) -> list[Finding]:
    order = {"fault": 0, "warning": 1, "info": 2}
    return sorted(found.values(), key=lambda one: (order.get(one.level, 0), one.code))


def _of(found: dict[str, Finding], code: str) -> Finding:
    if code not in found:
        level = tables().codes[code].level if code in tables().codes else "fault"
        found[code] = Finding(code, level)
    return found[code]


def _said(journal: Journal, found: dict[str, Finding], places: list[int]) -> None:
    """Add what was said when the documents were planned."""
    n = notices.c
    query = (
        select(n.code, n.path, n.count, n.position, n.detail, sources.c.name)
        .join(sources, sources.c.place == n.source)
        .where(among(n.source, places))
        .order_by(n.source, n.position)
    )
    for row in journal.database.read(lambda c: c.execute(query).all()):
        finding = _of(found, row.code)
        finding.came(row.path, row[2])
        if finding.wants:
            place = Place(row.name, row.position, "", row.path, row.detail)
            finding.examples.append(place)


def _of_done(journal: Journal, found: dict[str, Finding], places: list[int]) -> None:
    """Add what there is to say of documents that were created, or have their paid date already."""
    e = entries.c
    done = and_(e.state == State.DONE.value, among(e.source, places))
    by = select(e.paid_by, func.count(), func.min(e.place))
    by = by.where(e.paid_by.is_not(None), e.already == 0, among(e.source, places))
    counted = [
        (_PAID[row[0]], row[1], row[2])
        for row in _rows(journal, by.group_by(e.paid_by))
        if row[0] in _PAID
    ]
    had = select(func.count(), func.min(e.place)).where(done, e.already == 1, e.family != "clients")
    counted += [(_ALREADY, row[0], row[1]) for row in _rows(journal, had) if row[0]]
    for code, count, first in counted:
        entry = journal.entry(first)
        finding = _of(found, code)
        finding.came("", count)
        if entry is not None:
            place = place_of(entry, Fault(code, "", entry.paid_date or ""))
            finding.examples.append(place)
    left = select(e.place).where(done, e.reasons != "").order_by(e.place)
    for (place,) in _rows(journal, left):
        entry = journal.entry(place)
        if entry is not None:
            for fault in entry.faults:
                _of(found, fault.code).add(place_of(entry, fault))


def _rows(journal: Journal, query: Any) -> Iterable[Any]:
    return journal.database.read(lambda c: c.execute(query).all())
