"""Corrections and what they correct: the original of the archive, and the rows that follow.

An original that is not in the archive is looked for in the account, when the correction's turn
comes (`importing/corrections.py`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Connection, Select, and_, or_, select, update

from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.errors import Fault
from infakt_compat.migrate.journal import Journal, State
from infakt_compat.migrate.journal.planned import reject
from infakt_compat.migrate.journal.schema import by_day, entries, sources
from infakt_compat.migrate.planning import agreement
from infakt_compat.migrate.planning.agreement import Known
from infakt_compat.migrate.planning.conflicts import held
from infakt_compat.migrate.planning.families import CORRECTIVE, INVOICES
from infakt_compat.migrate.planning.proofs import Row, prove_all
from infakt_compat.translate.compile import plans

_PAGE = 500
#: The corrections of so many originals are proven in one transaction.
_AT_ONCE = 100
#: What may be in the account already.
_SENT = {state.value for state in (State.SENT, State.DONE, State.UNKNOWN)}
#: Where a correction's body keeps the rows that its create sends.
PROVEN = "proven"
#: v3's name of the original, which an original of the account has already.
ORIGINAL = "corrected_invoice_uuid"


def settle(journal: Journal) -> None:
    """Find the originals of the corrections, and prove what those mean whose original is here."""
    _link(journal)
    linked = _linked(journal)
    while some := list(islice(linked, _AT_ONCE)):
        journal.write(partial(_with_originals, linked=some))


def _link(journal: Journal) -> None:
    """Note the place of each correction's original.

    Also of those that are held back, or could not be read: behind them nothing can be proven,
    unless another one was taken up in their place.
    """
    e, last, taken_up = entries.c, 0, _taken_up().exists()
    unread = and_(e.state == State.REJECTED.value, e.body.is_(None))
    refused = or_(held(), unread)
    given_up = update(entries).where(e.family == CORRECTIVE, refused, taken_up)
    journal.write(lambda c: c.execute(given_up.values(corrects=None)))
    query = (
        select(e.place, e.original, e.v2_client, e.body)
        .where(e.family == CORRECTIVE)
        .where(or_(and_(e.state == State.PLANNED.value, e.ready == 0), and_(refused, ~taken_up)))
        .order_by(e.place)
        .limit(_PAGE)
    )
    while True:
        asked = query.where(e.place > last)
        page = journal.database.read(lambda c, asked=asked: c.execute(asked).all())  # type: ignore[misc]
        if page:
            journal.write(partial(_link_some, corrections=page))
            last = page[-1].place
        if len(page) < _PAGE:
            return


def _taken_up() -> Select[Any]:
    """Ask for the document that was not refused, of those with one number or one id of v2's."""
    e, other = entries.c, entries.alias()
    numbered = and_(other.c.family == e.family, other.c.number == e.number)
    known = and_(other.c.resource == e.resource, other.c.v2_id == e.v2_id)
    return select(other.c.place).where(other.c.state != State.REJECTED.value, or_(numbered, known))


def _link_some(connection: Connection, corrections: Sequence[Any]) -> None:
    """Link some corrections; refuse those that name no original, or not one for certain."""
    candidates = _invoices(connection, {row.original for row in corrections} - {None})
    path = plans()["invoice"].of_kind("correction").by_v3["corrected_invoice_number"].v2
    for row in corrections:
        place, fault = None, None
        if row.original is None:
            fault = Fault("correction.no_original", path)
        elif row.original in candidates:
            corrected = agreement.said(loads(row.body) if row.body else {}, row.v2_client)
            place, fault = agreement.chosen(row.original, corrected, candidates[row.original])
        values = {"corrects": place}
        connection.execute(update(entries).where(entries.c.place == row.place).values(values))
        if fault is not None:
            reject(connection, row.place, [fault])


def _invoices(
    connection: Connection, numbers: Iterable[str]
) -> dict[str, list[tuple[int, Known, str]]]:
    """Give the invoices of some numbers: place, what is known of them, and where they stand.

    Versions of one document count once, as the one that is not refused.
    """
    e = entries.c
    query = (
        select(e.place, e.number, e.v2_id, e.v2_client, e.day, e.currency, e.body)
        .add_columns(sources.c.name, e.position)
        .join(sources, sources.c.place == e.source)
        .where(e.family == INVOICES, e.kind == "vat", e.number.in_(sorted(numbers)))
        .order_by(e.state == State.REJECTED.value, e.place)
    )
    found: dict[str, list[tuple[int, Known, str]]] = {}
    seen = set()
    for row in connection.execute(query).all():
        document = (row.number, row.v2_id)
        if row.v2_id is not None and document in seen:
            continue
        seen.add(document)
        body = loads(row.body) if row.body else {"invoice_date": row.day, "currency": row.currency}
        known = agreement.shown(body, row.v2_client)
        found.setdefault(row.number, []).append((row.place, known, f"{row.name}, {row.position}"))
    return found


def _linked(journal: Journal) -> Iterator[tuple[int, list[int]]]:
    """Give the originals of corrections that are not proven, each with all its corrections."""
    e, other = entries.c, entries.alias()
    waiting = select(other.c.corrects).where(
        other.c.family == CORRECTIVE, other.c.state == State.PLANNED.value, other.c.ready == 0
    )
    query = (
        select(e.corrects, e.place)
        .where(e.family == CORRECTIVE, e.corrects.is_not(None), e.corrects.in_(waiting))
        .order_by(e.corrects, *by_day())
    )
    found = journal.database.read(lambda connection: connection.execute(query).all())
    for original, group in groupby(found, key=lambda row: int(row.corrects)):
        yield original, [int(row.place) for row in group]


def _with_originals(connection: Connection, linked: Sequence[tuple[int, list[int]]]) -> None:
    """Prove the corrections of some originals."""
    places = [place for original, corrections in linked for place in (original, *corrections)]
    found = _bodies(connection, places)
    for original, corrections in linked:
        body, state, *_ = found[original]
        created = state != State.REJECTED.value and body
        rows: list[Row] | None = loads(body)["services"] if created else None
        _prove(connection, rows, {place: found[place] for place in corrections}, None)


def chain(
    connection: Connection, rows: list[Row], corrections: Sequence[int], uuid: str | None
) -> None:
    """Prove the corrections of one document of the account, which has these rows."""
    _prove(connection, rows, _bodies(connection, corrections), uuid)


def _bodies(connection: Connection, places: Sequence[int]) -> dict[int, Any]:
    """Give body, state and readiness of some entries, in the order of their places here."""
    e = entries.c
    found: dict[int, Any] = {}
    for start in range(0, len(places), _PAGE):
        query = select(e.body, e.state, e.ready, e.place)
        asked = query.where(e.place.in_(places[start : start + _PAGE]))
        found |= {row.place: row for row in connection.execute(asked)}
    return {place: found[place] for place in places}


def _prove(
    connection: Connection, rows: list[Row] | None, corrections: Mapping[int, Any], uuid: str | None
) -> None:
    """Write what the corrections of one document mean, or why they are refused.

    `rows` are the document's own, None when it is not created; `uuid` is v3's where it is there
    already.
    """
    known = {} if uuid is None else {ORIGINAL: uuid}
    late = _late(corrections)
    for place in late:
        reject(connection, place, [Fault("correction.later_there")])
    bodies = {
        place: None if state == State.REJECTED.value else loads(body)
        for place, (body, state, *_) in corrections.items()
        if place not in late
    }
    for place, proof in prove_all(rows, bodies.items()):
        if proof.fault is not None:
            reject(connection, place, [proof.fault])
        elif not corrections[place].ready:
            # v3 shows a correction's totals as differences, whatever v2 showed (v3-wire 5).
            text = dumps({**(bodies[place] or {}), PROVEN: proof.rows, **known}).decode()
            values = {"body": text, "ready": 1, "total": proof.difference[2]}
            connection.execute(update(entries).where(entries.c.place == place).values(values))


def _late(corrections: Mapping[int, Any]) -> set[int]:
    """Give the new corrections before one that was sent already: its rows do not know them."""
    places = list(corrections)
    sent = [n for n, place in enumerate(places) if corrections[place].state in _SENT]
    before = places[: sent[-1]] if sent else []
    planned = State.PLANNED.value
    return {
        place
        for place in before
        if corrections[place].state == planned and not corrections[place].ready
    }
