"""The steps of one document on its way, each on the disk before the next begins.

A step that another run has taken meanwhile is not taken again: each says whether it was. What a
create needs is `begin` before its request leaves, and one of `done`, `reject`, `unknown`, `back`
after it.
"""

from collections.abc import Iterable
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Table, select, update

from infakt_compat.errors import Fault
from infakt_compat.migrate.journal import rows
from infakt_compat.migrate.journal.entries import State
from infakt_compat.migrate.journal.journal import Journal
from infakt_compat.migrate.journal.schema import buyers, entries

_OPEN = (State.SENT.value, State.UNKNOWN.value)


@frozen
class Made:
    """What v3 says of a document: its id, uuid and number."""

    id: int
    uuid: str | None = None
    number: str | None = None


@frozen
class Sending:
    """Writes the steps of one table: the documents' or the buyers'."""

    journal: Journal
    table: Table

    def begin(self, place: int, attempts: int, now: int) -> bool:
        """Note that a request is about to leave; `attempts` is how many left before.

        False when this is no longer so: then nothing may be sent.
        """
        t = self.table.c
        before = State.SENT if attempts else State.PLANNED
        free = (t.place == place, t.state == before.value, t.attempts == attempts)
        values: dict[str, Any] = {
            "state": State.SENT.value, "attempts": attempts + 1, "sent_at": now,
        }  # fmt: skip
        if "task" in t:
            values["task"] = None
        return self._step(free, values)

    def back(self, place: int, attempts: int) -> bool:
        """Take a sending back that certainly did nothing; `attempts` counts it."""
        state = State.SENT if attempts > 1 else State.PLANNED
        return self._step(
            self._sent(place, attempts), {"state": state.value, "attempts": attempts - 1}
        )

    def task(self, place: int, attempts: int, reference: str) -> bool:
        """Keep the reference of the task that v3 has made of a create."""
        return self._step(self._sent(place, attempts), {"task": reference})

    def done(self, place: int, made: Made, *, already: bool = False, **more: Any) -> bool:
        """Keep what a document has become; `more` are other columns of its row."""
        values = {
            "state": State.DONE.value, "id": made.id, "uuid": made.uuid,
            "already": int(already), "reasons": "", **more,
        }  # fmt: skip
        if "v3_number" in self.table.c:
            values["v3_number"] = made.number
        return self._step(self._unsettled(place), values)

    def reject(self, place: int, faults: Iterable[Fault]) -> bool:
        """Keep why v3 does not have a document."""
        values = {"state": State.REJECTED.value, "reasons": rows.write_faults(faults)}
        return self._step(self._unsettled(place), values)

    def unknown(self, place: int, faults: Iterable[Fault]) -> bool:
        """Keep that nobody knows whether v3 has a document, and where to look."""
        values = {"state": State.UNKNOWN.value, "reasons": rows.write_faults(faults)}
        return self._step(self._unsettled(place), values)

    def note(self, place: int, **values: Any) -> bool:
        """Change other columns of a document that is done."""
        t = self.table.c
        return self._step((t.place == place, t.state == State.DONE.value), values)

    def taken(self, ids: Iterable[int], family: str) -> set[int]:
        """Give those of some v3 ids that are the outcome of a family's creates already."""
        t = self.table.c
        query = select(t.id).where(t.id.in_(list(ids)), t.family == family)
        return set(self.journal.database.read(lambda c: c.execute(query).scalars().all()))

    def _sent(self, place: int, attempts: int) -> tuple[ColumnElement[bool], ...]:
        t = self.table.c
        return t.place == place, t.state == State.SENT.value, t.attempts == attempts

    def _unsettled(self, place: int) -> tuple[ColumnElement[bool], ...]:
        t = self.table.c
        return t.place == place, t.state.in_((State.PLANNED.value, *_OPEN))

    def _step(self, which: Iterable[ColumnElement[bool]], values: dict[str, Any]) -> bool:
        statement = update(self.table).where(*which).values(values)
        return self.journal.write(lambda c: c.execute(statement).rowcount > 0)


def of_documents(journal: Journal) -> Sending:
    """Give the steps of documents."""
    return Sending(journal, entries)


def of_buyers(journal: Journal) -> Sending:
    """Give the steps of buyers."""
    return Sending(journal, buyers)
