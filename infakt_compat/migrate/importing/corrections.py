"""Corrections whose original is not in the archive: looked for in the account, and proven there.

One read finds the original of all its corrections, a second one shows its rows. The corrections of
one document are proven together, in the order of their dates.
"""

import threading
from functools import partial

from attrs import define, field
from sqlalchemy import Connection, select

from infakt_compat.errors import Fault
from infakt_compat.migrate.importing import lookups, outcomes
from infakt_compat.migrate.importing.engine import Engine, Record
from infakt_compat.migrate.journal import State
from infakt_compat.migrate.journal.planned import reject
from infakt_compat.migrate.journal.schema import entries
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
            fault, record = _original(number, found)
            if record is not None:
                engine.pace.reserve("reads", lambda: False)
                record = engine.v3.invoices.show(engine.v3.dialect.of(record))
        except V3Error as error:
            if (stop := outcomes.stops(error)) is not None:
                engine.halt(stop)
                return
            engine.reads.put(partial(self._seek, number), engine.trouble(error))
            return
        engine.calm()
        if record is not None and record.get("related_documents"):
            fault = Fault("correction.related", "", number)
        engine.journal.write(
            partial(_prove, number=number, record=None if fault else record, fault=fault)
        )
        with self._lock:
            assert self._open is not None
            self._open.discard(number)


def _original(number: str, found: list[Record]) -> tuple[Fault | None, Record | None]:
    """Give the original, or why there is none to go by."""
    if len(found) == 1:
        return None, found[0]
    return Fault("correction.originals" if found else "correction.no_original", "", number), None


def _prove(connection: Connection, number: str, record: Record | None, fault: Fault | None) -> None:
    """Prove all corrections of one original, or refuse those that are not sent yet."""
    e = entries.c
    query = (
        select(e.place)
        .where(e.family == CORRECTIVE, e.original == number, e.corrects.is_(None))
        .order_by(e.day, e.place)
    )
    places = list(connection.execute(query).scalars().all())
    if record is not None:
        uuid = record.get("uuid")
        rows = list(record.get("services") or ())
        chain(connection, rows, places, str(uuid) if uuid else None)
        return
    for place in places:
        reject(connection, place, [fault] if fault else [])
