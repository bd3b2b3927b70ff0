"""Corrections and what they correct: the original of the archive, and the rows that follow.

An original that is not in the archive is looked for in the account, when the correction's turn
comes (`importing/corrections.py`).
"""

from collections.abc import Iterator
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, select, update

from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.errors import Fault
from infakt_compat.migrate.journal import Journal, State
from infakt_compat.migrate.journal.planned import reject
from infakt_compat.migrate.journal.schema import entries
from infakt_compat.migrate.planning.families import CORRECTIVE, INVOICES
from infakt_compat.migrate.planning.proofs import Row, prove

#: Where a correction's body keeps the rows that its create sends.
PROVEN = "proven"
#: v3's name of the original, which an original of the account has already.
ORIGINAL = "corrected_invoice_uuid"


def settle(journal: Journal) -> None:
    """Find the originals of the corrections, and prove what those mean whose original is here."""
    journal.write(_link)
    for original, places in _linked(journal):
        journal.write(partial(_with_original, original=original, corrections=places))


def _link(connection: Connection) -> None:
    """Note the place of each correction's original, and refuse what names none."""
    original, correction = entries.alias(), entries
    found = (
        select(original.c.place)
        .where(original.c.family == INVOICES, original.c.number == correction.c.original)
        .order_by((original.c.state == State.REJECTED.value), original.c.place)
        .limit(1)
        .scalar_subquery()
    )
    open_ones = (
        correction.c.family == CORRECTIVE,
        correction.c.state == State.PLANNED.value,
        correction.c.ready == 0,
    )
    connection.execute(update(correction).where(*open_ones).values(corrects=found))
    nameless = select(correction.c.place).where(*open_ones, correction.c.original.is_(None))
    for place in connection.execute(nameless).scalars().all():
        reject(connection, place, [Fault("correction.no_original")])


def _linked(journal: Journal) -> Iterator[tuple[int, list[int]]]:
    """Give the originals of corrections that are not proven, each with all its corrections."""
    e, other = entries.c, entries.alias()
    waiting = select(other.c.corrects).where(
        other.c.family == CORRECTIVE, other.c.state == State.PLANNED.value, other.c.ready == 0
    )
    query = (
        select(e.corrects, e.place)
        .where(e.family == CORRECTIVE, e.corrects.is_not(None), e.corrects.in_(waiting))
        .order_by(e.corrects, e.day, e.place)
    )
    found = journal.database.read(lambda connection: connection.execute(query).all())
    for original, group in groupby(found, key=lambda row: int(row.corrects)):
        yield original, [int(row.place) for row in group]


def _with_original(connection: Connection, original: int, corrections: list[int]) -> None:
    chain(connection, _rows(connection, original), corrections)


def chain(
    connection: Connection,
    rows: list[Row] | None,
    corrections: list[int],
    uuid: str | None = None,
) -> None:
    """Prove the corrections of one document, each on the rows that the one before left.

    `rows` are the document's own, None when it is not created; `uuid` is v3's where it is there
    already. Behind a correction that is not created nothing can be proven.
    """
    for place in corrections:
        query = select(entries.c.body, entries.c.state, entries.c.ready)
        row = connection.execute(query.where(entries.c.place == place)).one()
        if row.state == State.REJECTED.value:
            rows = None
        elif rows is None:
            reject(connection, place, [Fault("correction.original_rejected")])
        else:
            rows = _proven(connection, place, row, rows, uuid)


def _proven(
    connection: Connection, place: int, row: Any, before: list[Row], uuid: str | None
) -> list[Row] | None:
    """Prove one correction; gives the rows that it leaves, None when it is refused."""
    body = loads(row.body)
    proof = prove(before, body)
    if proof.fault is not None:
        reject(connection, place, [proof.fault])
        return None
    if not row.ready:
        # v3 shows a correction's totals as differences, whatever v2 showed (v3-wire 5).
        known = {} if uuid is None else {ORIGINAL: uuid}
        text = dumps({**body, PROVEN: proof.rows, **known}).decode()
        values = {"body": text, "ready": 1, "total": proof.difference[2]}
        connection.execute(update(entries).where(entries.c.place == place).values(values))
    return list(proof.after)


def _rows(connection: Connection, original: int) -> list[Row] | None:
    """Give the rows of an original; None when it is not created."""
    query = select(entries.c.body, entries.c.state).where(entries.c.place == original)
    body, state = connection.execute(query).one()
    if state == State.REJECTED.value or not body:
        return None
    services: list[Row] = loads(body)["services"]
    return services
