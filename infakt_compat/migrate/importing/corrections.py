"""Corrections whose original is not in the archive: looked for in the account, and proven there.

One read finds the account's invoices of a number, another one shows the rows of each that is an
original. The corrections of one document are proven together, in the order of their dates.
"""

import threading
from functools import partial

from attrs import define, field
from sqlalchemy import Connection, select

from infakt_compat.codecs.json_text import loads
from infakt_compat.errors import Fault
from infakt_compat.migrate.importing import lookups, outcomes
from infakt_compat.migrate.importing.engine import Engine, Record
from infakt_compat.migrate.journal import State
from infakt_compat.migrate.journal.planned import reject
from infakt_compat.migrate.journal.schema import by_day, entries
from infakt_compat.migrate.planning import agreement
from infakt_compat.migrate.planning.families import CORRECTIVE
from infakt_compat.migrate.planning.originals import chain
from infakt_compat.v3 import V3Error


@define(eq=False)
class Corrections:
    """Proves the corrections that wait for an original of the account."""

    engine: Engine
    _open: set[str] | None = None
    _lock: threading.Lock = field(factory=threading.Lock)

    def ready(self) -> bool:
        """Say whether every original was looked for; begins with that when asked first."""
        if self._open is None:
            self._begin()
        return not self._open

    def _begin(self) -> None:
        e = entries.c
        query = (
            select(e.original)
            .where(e.family == CORRECTIVE, e.state == State.PLANNED.value, e.ready == 0)
            .where(e.corrects.is_(None), e.original.is_not(None), self.engine.settings.only.where())
            .distinct()
        )
        numbers = self.engine.journal.database.read(lambda c: c.execute(query).scalars().all())
        self._open = set(numbers)
        for number in numbers:
            self.engine.reads.put(partial(self._seek, number))

    def _seek(self, number: str) -> None:
        engine = self.engine
        if not engine.pace.reserve("reads", engine.stopped):
            return
        try:
            found = lookups.invoices(engine, number)
            chosen = engine.journal.database.read(partial(_choose, number=number, found=found))
            shown = [(places, self._shown(record)) for record, places in chosen.settled]
        except V3Error as error:
            if (stop := outcomes.stops(error)) is not None:
                engine.halt(stop)
                return
            engine.reads.put(partial(self._seek, number), engine.trouble(error))
            return
        engine.calm()
        work = partial(_settle, number=number, shown=shown, refused=chosen.refused)
        engine.journal.write(work)
        with self._lock:
            assert self._open is not None
            self._open.discard(number)

    def _shown(self, record: Record) -> Record:
        """Read a document with its rows."""
        engine = self.engine
        engine.pace.reserve("reads", lambda: False)
        return engine.v3.invoices.show(engine.v3.dialect.of(record))


@define
class _Chosen:
    """The originals of corrections of one number, each with their places; the rest refused."""

    settled: list[tuple[Record, list[int]]] = field(factory=list)
    refused: list[tuple[int, Fault]] = field(factory=list)


def _choose(connection: Connection, number: str, found: list[Record]) -> _Chosen:
    """Find the original of each correction of a number among the account's invoices of it."""
    e = entries.c
    query = (
        select(e.place, e.body, e.v2_client)
        .where(e.family == CORRECTIVE, e.original == number, e.corrects.is_(None))
        .order_by(*by_day())
    )
    candidates = [(i, agreement.shown(row), f"id {row['id']}") for i, row in enumerate(found)]
    places: dict[int, list[int]] = {}
    made = _Chosen()
    for row in connection.execute(query):
        said = agreement.said(loads(row.body) if row.body else {}, row.v2_client)
        index, fault = agreement.chosen(number, said, candidates)
        if fault is not None:
            made.refused.append((row.place, fault))
        elif index is not None:
            places.setdefault(index, []).append(row.place)
    made.settled = [(found[index], listed) for index, listed in places.items()]
    return made


def _settle(
    connection: Connection,
    number: str,
    shown: list[tuple[list[int], Record]],
    refused: list[tuple[int, Fault]],
) -> None:
    """Prove the corrections whose original was found, and refuse the others."""
    for place, fault in refused:
        reject(connection, place, [fault])
    for places, record in shown:
        _prove(connection, number, record, places)


def _prove(connection: Connection, number: str, record: Record, places: list[int]) -> None:
    """Prove all corrections of one original, or refuse those that are not sent yet."""
    if record.get("related_documents"):
        for place in places:
            reject(connection, place, [Fault("correction.related", "", number)])
        return
    uuid = record.get("uuid")
    rows = list(record.get("services") or ())
    chain(connection, rows, places, str(uuid) if uuid else None)
