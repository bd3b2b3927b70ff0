"""Writing a plan into a journal: sources, documents and buyers, in batches.

Everything here may run twice: a plan that was killed half way is made again, and what is there
already stays.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import define
from sqlalchemy import Connection, delete, func, insert, select, update

from infakt_compat.errors import Fault
from infakt_compat.migrate.journal import mended, rows
from infakt_compat.migrate.journal.entries import SourceRow, State
from infakt_compat.migrate.journal.journal import Journal
from infakt_compat.migrate.journal.schema import buyers, entries, notices, sources
from infakt_compat.store.database import upsert

_CHUNK = 500
Values = dict[str, Any]

#: What an entry has before anything was done with it.
FRESH: Values = {
    "attempts": 0, "sent_at": 0, "task": None, "paid_by": None, "id": None, "uuid": None,
    "v3_number": None, "already": 0, "owing": "", "saved": 0,
}  # fmt: skip


@define
class Added:
    """What became of a batch: entries that are new, and those that had come before."""

    new: int = 0
    repeats: int = 0


@define
class Planned:
    """Writes the plan; one at a time has the journal (`lock.held`)."""

    journal: Journal

    def begin(self, name: str) -> int:
        """Start a source, or start it again; gives its place."""

        def work(connection: Connection) -> int:
            found = connection.execute(select(sources.c.place).where(sources.c.name == name))
            place = found.scalar()
            if place is None:
                place = _next(connection, sources)
                fresh = {"size": 0, "changed": 0, "digest": "", "form": "", "documents": 0}
                row = {"place": place, "name": name, "repeats": 0, "faults": "", **fresh}
                connection.execute(insert(sources).values(row))
            connection.execute(delete(notices).where(notices.c.source == place))
            return place

        return self.journal.write(work)

    def finish(self, source: SourceRow) -> None:
        """Keep a source as it was read; from now on it is known."""
        values = {
            "size": source.size, "changed": source.changed, "digest": source.digest,
            "form": source.form, "documents": source.documents, "repeats": source.repeats,
            "faults": rows.write_faults(source.faults),
        }  # fmt: skip
        statement = update(sources).where(sources.c.place == source.place).values(values)
        self.journal.write(lambda c: c.execute(statement))

    def add(self, source: int, documents: Sequence[Values], said: Iterable[Values]) -> Added:
        """Add a batch: the rows of its documents, each with its buyer, and what was said of them.

        A document's `buyer` is None or a row of `buyers` without place.
        """

        def work(connection: Connection) -> Added:
            added, fresh = _unknown(connection, source, documents)
            places = self._buyers(connection, [row["buyer"] for row in fresh if row["buyer"]])
            self._insert(connection, source, fresh, places)
            for row in said:
                _say(connection, {"source": source, **row})
            return added

        return self.journal.write(work)

    def buyer(self, connection: Connection, named: Values) -> int:
        """Give the place of a buyer, made where it is new."""
        return self._buyers(connection, [named])[named["identity"]]

    def _insert(
        self, connection: Connection, source: int, fresh: list[Values], places: dict[str, int]
    ) -> None:
        if not fresh:
            return
        place = _next(connection, entries)
        listed = []
        for offset, row in enumerate(fresh):
            buyer = places[row["buyer"]["identity"]] if row["buyer"] else None
            own = {"place": place + offset, "source": source, "corrects": None, "buyer": buyer}
            listed.append({**FRESH, **row, **own, "reasons": rows.write_faults(row["reasons"])})
        connection.execute(insert(entries), listed)

    def _buyers(self, connection: Connection, named: list[Values]) -> dict[str, int]:
        """Give the places of some buyers; a later document's data take the place of an earlier's.

        They do so only while the client was not asked for.
        """
        newest: dict[str, Values] = {}
        for one in named:
            known = newest.get(one["identity"])
            if known is None or one["day"] > known["day"]:
                newest[one["identity"]] = one
        places: dict[str, int] = {}
        wanted = list(newest)
        for start in range(0, len(wanted), _CHUNK):
            query = select(buyers.c.identity, buyers.c.place, buyers.c.day, buyers.c.state).where(
                buyers.c.identity.in_(wanted[start : start + _CHUNK])
            )
            for identity, place, day, state in connection.execute(query).all():
                places[identity] = place
                asked = state not in (State.PLANNED, State.REJECTED)
                if not asked and newest[identity]["day"] >= day:
                    better = {name: newest[identity][name] for name in ("day", "body")}
                    connection.execute(update(buyers).where(buyers.c.place == place).values(better))
        missing = [newest[name] for name in wanted if name not in places]
        if missing:
            place = _next(connection, buyers)
            listed = [
                {
                    "place": place + offset, "state": State.PLANNED.value, "attempts": 0,
                    "sent_at": 0, "id": None, "uuid": None, "already": 0, "reasons": "", **row,
                }
                for offset, row in enumerate(missing)
            ]  # fmt: skip
            connection.execute(insert(buyers), listed)
            places |= {row["identity"]: row["place"] for row in listed}
        return places


def reject(connection: Connection, place: int, faults: Iterable[Fault]) -> None:
    """Reject an entry that was only planned."""
    values = {"state": State.REJECTED.value, "reasons": rows.write_faults(faults)}
    planned = entries.c.state == State.PLANNED.value
    connection.execute(update(entries).where(entries.c.place == place, planned).values(values))


def _unknown(
    connection: Connection, source: int, documents: Sequence[Values]
) -> tuple[Added, list[Values]]:
    """Tell new documents from those that had come before, here or elsewhere."""
    known: dict[str, tuple[int, int]] = {}
    keys = [row["key"] for row in documents]
    for start in range(0, len(keys), _CHUNK):
        query = select(entries.c.key, entries.c.source, entries.c.position).where(
            entries.c.key.in_(keys[start : start + _CHUNK])
        )
        known |= {key: (where, at) for key, where, at in connection.execute(query).all()}
    # A mended document stands in the row of the one that it replaced: it is no new one.
    known |= dict.fromkeys(mended.places(connection, keys).keys() - known.keys(), (0, 0))
    added, fresh = Added(), []
    for row in documents:
        here = (source, row["position"])
        if row["key"] not in known:
            known[row["key"]] = here
            fresh.append(row)
            added.new += 1
        elif known[row["key"]] != here:
            added.repeats += 1
    return added, fresh


def _say(connection: Connection, row: Values) -> None:
    statement = upsert(connection, notices).values(row)
    keys = [notices.c.source, notices.c.code, notices.c.path]
    more = {"count": notices.c.count + statement.excluded["count"]}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=more))


def _next(connection: Connection, table: Any) -> int:
    return (connection.execute(select(func.max(table.c.place))).scalar() or 0) + 1
