"""Old ids and new ones, for the owner's own tables."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from infakt_compat.migrate.journal.entries import State
from infakt_compat.migrate.journal.journal import Journal
from infakt_compat.migrate.journal.schema import buyers, entries

#: What a line says: v2's id, v3's id and uuid, and the number that v3 shows.
COLUMNS = ("resource", "v2_id", "id", "uuid", "number")
Line = tuple[str, str, str, str, str]

_PAGE = 500


def lines(journal: Journal) -> Iterator[Line]:
    """Give a line for each document in the account, and for each client that documents name."""
    e, last = entries.c, 0
    query = (
        select(e.place, e.resource, e.v2_id, e.id, e.uuid, e.v3_number)
        .where(e.state == State.DONE.value)
        .order_by(e.place)
        .limit(_PAGE)
    )
    while True:
        asked = query.where(e.place > last)
        page = journal.database.read(lambda c, asked=asked: c.execute(asked).all())  # type: ignore[misc]
        for row in page:
            yield _line(row.resource, row.v2_id, row.id, row.uuid, row.v3_number)
        if len(page) < _PAGE:
            break
        last = page[-1].place
    for client in _clients(journal):
        yield _line("client", *client, None)


def _clients(journal: Journal) -> list[Any]:
    """Give the clients that only documents name; those of the sources have their own lines."""
    e, b = entries.c, buyers.c
    own = select(e.v2_id).where(e.resource == "client", e.v2_id.is_not(None))
    query = (
        select(e.v2_client, b.id, b.uuid)
        .join(buyers, b.place == e.buyer)
        .where(e.v2_client.is_not(None), b.state == State.DONE.value, e.v2_client.not_in(own))
        .distinct()
        .order_by(e.v2_client, b.id)
    )
    return list(journal.database.read(lambda c: c.execute(query).all()))


def _line(resource: str, *values: object) -> Line:
    old, new, uuid, number = ("" if value is None else str(value) for value in values)
    return resource, old, new, uuid, number
