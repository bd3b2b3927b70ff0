"""A journal's account for the report page: sums by month and rate, findings, rejects."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from infakt_compat.codecs.json_text import loads
from infakt_compat.migrate.journal import Journal, State
from infakt_compat.migrate.journal.findings import findings, place_of
from infakt_compat.migrate.journal.ranges import among
from infakt_compat.migrate.journal.schema import entries
from infakt_compat.migrate.planning.originals import PROVEN
from infakt_compat.migrate.report.model import Reason, Rejected, Report
from infakt_compat.migrate.report.sums import Sums
from infakt_compat.translate.lines import TOTALS, computed

_PAGE = 500


def fill(report: Report, journal: Journal, names: Iterable[str]) -> None:
    """Add sums of what is planned or created, what there is to say, and the rejects.

    `names` are those of the sources that the report is about.
    """
    listed = journal.named(names)
    places = [source.place for source in listed]
    report.findings = findings(journal, [source.name for source in listed])
    _sums(report.sums, journal, places)
    for entry in journal.entries((State.REJECTED, State.UNKNOWN), sources=places):
        reasons = tuple(Reason(one.code, one.path, one.detail) for one in entry.faults)
        report.rejects.add(Rejected(place_of(entry), reasons))


def _sums(sums: Sums, journal: Journal, places: list[int]) -> None:
    e, last = entries.c, 0
    wanted = (State.PLANNED.value, State.SENT.value, State.DONE.value)
    query = (
        select(e.place, e.kind, e.day, e.currency, e.body)
        .where(e.resource == "invoice", e.state.in_(wanted), e.body.is_not(None))
        .where(among(e.source, places))
        .order_by(e.place)
        .limit(_PAGE)
    )
    while True:
        page = journal.database.read(lambda c, at=last: c.execute(query.where(e.place > at)).all())  # type: ignore[misc]
        for row in page:
            sums.add(_record(row))
        if len(page) < _PAGE:
            return
        last = page[-1].place


def _record(row: Any) -> dict[str, Any]:
    """Give a document as v3 will show it, as far as sums go; a correction is its differences."""
    body = loads(row.body)
    lines = []
    for line in body.get(PROVEN) or body["services"]:
        totals = computed(line, None)
        sign = -1 if line.get("correction") is False else 1
        amounts = {name: sign * (totals.get(name) or 0) for name in TOTALS}
        lines.append({"tax_symbol": line.get("tax_symbol"), **amounts})
    whole = {name: sum(line[name] for line in lines) for name in TOTALS}
    head = {"invoice_date": row.day, "kind": row.kind, "currency": row.currency}
    return {**head, **whole, "services": lines}
