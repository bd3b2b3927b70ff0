"""Documents of a plan that cannot all be created: one number twice, one document in two versions.

Which of two versions is right would be a guess, so neither is created. Of two documents with one
number the first is created: v3 takes a number once (`check_duplicate_number`).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from infakt_compat.errors import Fault
from infakt_compat.migrate.journal import Journal, State
from infakt_compat.migrate.journal.planned import reject
from infakt_compat.migrate.journal.schema import buyers, entries, sources

_GONE = (State.REJECTED.value,)


def settle(journal: Journal) -> None:
    """Reject what cannot be created beside the rest, and join buyers that are one."""
    journal.write(_versions)
    journal.write(_numbers)
    journal.write(_same_buyers)


def _versions(connection: Connection) -> None:
    """Refuse documents that v2 knew by one id and that are not the same."""
    invoices = entries.c.resource == "invoice"
    for (number,) in _several(connection, [entries.c.v2_id], invoices):
        group = _rows(connection, entries.c.v2_id == number, invoices)
        for row in group:
            others = [_where(one) for one in group if one is not row]
            reject(connection, row.place, [Fault("document.versions", "", "; ".join(others))])


def _numbers(connection: Connection) -> None:
    """Refuse a document whose number another one, before it in the plan, has."""
    for family, number in _several(connection, [entries.c.family, entries.c.number]):
        group = _rows(connection, entries.c.family == family, entries.c.number == number)
        first = next((row for row in group if row.state != State.PLANNED.value), group[0])
        for row in group:
            if row is not first:
                fault = Fault("number.taken", "", f"{number}: {_where(first)}")
                reject(connection, row.place, [fault])


def _several(
    connection: Connection, columns: Sequence[ColumnElement[Any]], *which: ColumnElement[bool]
) -> list[Any]:
    """Give the values that several documents have which are not rejected."""
    query = (
        select(*columns)
        .where(entries.c.state.not_in(_GONE), entries.c.family != "", *which)
        .where(*(column.is_not(None) for column in columns))
        .group_by(*columns)
        .having(func.count() > 1)
    )
    return list(connection.execute(query).all())


def _rows(connection: Connection, *which: ColumnElement[bool]) -> list[Any]:
    e = entries.c
    query = (
        select(e.place, e.state, e.position, sources.c.name)
        .join(sources, sources.c.place == e.source)
        .where(e.state.not_in(_GONE), *which)
        .order_by(e.place)
    )
    return list(connection.execute(query).all())


def _where(row: Any) -> str:
    return f"{row.name}, {row.position}"


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
