"""Documents of a plan that cannot all be created: one number twice, one document in two versions.

v3 takes a number once (`check_duplicate_number`), for invoices and proformas together. Which of two
is right would be a guess, so none is created, unless one is in the account already; an invoice goes
before proformas of its number. What is held back counts against documents of later sources too.
`journal retry` decides: what it takes up stands against what is planned, not against what is still
held back.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from infakt_compat.errors import Fault
from infakt_compat.migrate.journal import Journal, State
from infakt_compat.migrate.journal.planned import reject
from infakt_compat.migrate.journal.schema import buyers, entries, sources

VERSIONS, NUMBER = "document.versions", "number.taken"
#: So many of the other documents are named.
_MOST_NAMED = 5


def settle(journal: Journal, fresh: Collection[int] = ()) -> None:
    """Reject what cannot be created beside the rest, and join buyers that are one.

    `fresh` are the places of the sources that were just planned.
    """
    journal.write(partial(_versions, fresh=fresh))
    journal.write(partial(_numbers, fresh=fresh))
    journal.write(_same_buyers)


def held(*codes: str) -> ColumnElement[bool]:
    """Say whether a document is held back for one of these reasons; without any, for either."""
    e = entries.c
    reasons = (e.reasons.startswith(f'[["{code}"') for code in codes or (VERSIONS, NUMBER))
    return and_(e.state == State.REJECTED.value, or_(*reasons))


def _versions(connection: Connection, fresh: Collection[int]) -> None:
    """Refuse documents that v2 knew by one id and that are not the same."""
    invoices = entries.c.resource == "invoice"
    for _, group in _groups(connection, [entries.c.v2_id], fresh, invoices):
        for row in group:
            reject(connection, row.place, [Fault(VERSIONS, "", _others(row, group))])


def _numbers(connection: Connection, fresh: Collection[int]) -> None:
    """Refuse documents of one number, but for one to which it belongs for certain."""
    for (_, number), group in _groups(connection, [entries.c.family, entries.c.number], fresh):
        owners = _owners(group)
        for row in group:
            if row not in owners:
                fault = Fault(NUMBER, "", f"{number}: {_others(row, owners or group)}")
                reject(connection, row.place, [fault])


def _owners(group: list[Any]) -> list[Any]:
    """Give those that may be in the account already, else the one invoice beside proformas."""
    sent = [row for row in group if row.state not in (State.PLANNED, State.REJECTED)]
    invoices = [row for row in group if row.kind != "proforma"]
    return sent or (invoices if len(invoices) == 1 else [])


def _groups(
    connection: Connection,
    columns: Sequence[ColumnElement[Any]],
    fresh: Collection[int],
    *which: ColumnElement[bool],
) -> Iterator[tuple[Any, list[Any]]]:
    """Give the values that several documents share, with these documents."""
    contrary = or_(entries.c.state != State.REJECTED.value, held())
    asked = (contrary, entries.c.family != "", *which, *(one.is_not(None) for one in columns))
    query = select(*columns).where(*asked).group_by(*columns).having(func.count() > 1)
    for values in connection.execute(query).all():
        same = (column == value for column, value in zip(columns, values, strict=True))
        group = _rows(connection, *asked, *same)
        live = [row for row in group if row.state != State.REJECTED.value]
        new = any(row.state == State.PLANNED.value and row.source in fresh for row in live)
        group = group if new else live
        if len(group) > 1:
            yield values, group


def _rows(connection: Connection, *which: ColumnElement[bool]) -> list[Any]:
    e = entries.c
    query = (
        select(e.place, e.kind, e.state, e.source, e.position, sources.c.name)
        .join(sources, sources.c.place == e.source)
        .where(*which)
        .order_by(e.place)
    )
    return list(connection.execute(query).all())


def _others(row: Any, group: Sequence[Any]) -> str:
    """Name the other documents of a group, the first few of many."""
    found = [f"{one.name}, {one.position}" for one in group if one.place != row.place]
    more = ["..."] if len(found) > _MOST_NAMED else []
    return "; ".join([*found[:_MOST_NAMED], *more])


def _same_buyers(connection: Connection) -> None:
    """Join a buyer without tax number to the one that v2 knew by the same id, if there is one.

    Where the documents of one id name several tax numbers, whose they are would be a guess.
    """
    numbered = buyers.c.identity.startswith("nip ")
    query = (
        select(entries.c.v2_client, func.min(buyers.c.place), func.count(buyers.c.place.distinct()))
        .join(buyers, buyers.c.place == entries.c.buyer)
        .where(numbered, entries.c.v2_client.is_not(None))
        .group_by(entries.c.v2_client)
    )
    known = {client: place for client, place, count in connection.execute(query) if count == 1}
    loose = select(buyers.c.place, buyers.c.identity).where(
        buyers.c.identity.startswith("id "), buyers.c.state == State.PLANNED.value
    )
    for place, identity in connection.execute(loose).all():
        target = known.get(int(identity.removeprefix("id ")))
        if target is not None:
            moved = update(entries).where(entries.c.buyer == place).values(buyer=target)
            connection.execute(moved)
            connection.execute(delete(buyers).where(buyers.c.place == place))
