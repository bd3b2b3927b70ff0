"""What a plan will cost: documents by kind, v3's calls, and how long its limits make them take."""

from typing import Literal

from attrs import frozen
from sqlalchemy import ColumnElement, and_, case, func, select

from infakt_compat.migrate.journal import Journal, State
from infakt_compat.migrate.journal.schema import buyers, entries
from infakt_compat.migrate.planning.families import CLIENTS, CORRECTIVE
from infakt_compat.v3 import Dialect, Quota

#: So many documents share one read of the list (`importing/following.py`).
_SHARED = 10
Side = Literal["reads", "writes"]


@frozen
class Estimate:
    """What is left to do of a plan, at the most.

    `creates` counts documents by kind, `unproven` those corrections among them whose original is
    not in the archive: they are created where the account has it and the totals prove what they
    mean. `clients` counts those who are looked for and may be created.
    `seconds` is how long v3's limits make it take, and `binding` which side of them does.
    """

    creates: dict[str, int]
    unproven: int
    clients: int
    reads: int
    writes: int
    seconds: float
    binding: Side

    @property
    def documents(self) -> int:
        """Give the number of documents."""
        return sum(self.creates.values())


def estimate(
    journal: Journal,
    dialect: Dialect,
    only: ColumnElement[bool],
    *,
    match_clients: bool = True,
    pdfs: bool = False,
) -> Estimate:
    """Estimate what is planned and chosen by `only`."""
    e = entries.c
    which = and_(e.state == State.PLANNED.value, e.family != "", only)
    paid = func.sum(case((e.status == "paid", 1), else_=0))
    unproven = func.sum(case((and_(e.family == CORRECTIVE, e.ready == 0), 1), else_=0))
    query = select(e.kind, e.family, func.count(), paid, unproven)
    query = query.where(which).group_by(e.kind, e.family)
    rows = journal.database.read(lambda c: c.execute(query).all())
    wanted = [row for row in rows if match_clients or row[1] != CLIENTS]
    clients = _clients(journal, which) if match_clients else 0
    creates = {kind: count for kind, _, count, *_ in wanted}
    documents = sum(count for _, family, count, *_ in wanted if family != CLIENTS)
    payments = sum(int(number or 0) for *_, number, _ in wanted)
    doubtful = sum(int(number or 0) for *_, number in wanted)
    writes = documents + clients + (0 if dialect.tasks else payments)
    reads = clients + (documents * (_SHARED + 1) // _SHARED if dialect.tasks else 0)
    reads += (documents if pdfs else 0) + _days(journal, which)
    spans = {
        "reads": _span(dialect.limits.reads, reads),
        "writes": _span(dialect.limits.writes, writes),
    }
    binding: Side = "reads" if spans["reads"] > spans["writes"] else "writes"
    return Estimate(creates, doubtful, clients, reads, writes, max(spans.values()), binding)


def _days(journal: Journal, which: ColumnElement[bool]) -> int:
    """Count the reads that look for what has no number: one a day (`importing/beforehand.py`)."""
    e = entries.c
    wanted = (which, e.number.is_(None), e.family != CLIENTS)
    days = select(e.family, e.day).where(*wanted).distinct().subquery()
    query = select(func.count()).select_from(days)
    return int(journal.database.read(lambda c: c.execute(query).scalar_one()))


def _clients(journal: Journal, which: ColumnElement[bool]) -> int:
    query = (
        select(func.count(buyers.c.place.distinct()))
        .join(entries, entries.c.buyer == buyers.c.place)
        .where(which, buyers.c.state != State.DONE.value)
    )
    return int(journal.database.read(lambda c: c.execute(query).scalar_one()))


def _span(quota: Quota, calls: int) -> float:
    """How long so many calls take, in seconds, when every window is filled at once."""
    return max(max(calls - 1, 0) // one.room * one.seconds for one in quota.windows)
