"""Rejected documents taken up again: mended ones in the place of what was refused, or as they are.

A mended document is matched to the one that it mends: the very same text, else v2's id, else its
number. What matches none is not guessed at.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from attrs import define, field, frozen
from sqlalchemy import ColumnElement, Connection, select, update

from infakt_compat.errors import Fault
from infakt_compat.migrate.journal import Journal, Keys, State, rows
from infakt_compat.migrate.journal.planned import FRESH, Planned
from infakt_compat.migrate.journal.schema import buyers, entries
from infakt_compat.migrate.planning import conflicts, originals
from infakt_compat.migrate.planning.drafts import Draft, draft_batch
from infakt_compat.migrate.planning.families import CORRECTIVE
from infakt_compat.migrate.planning.planner import row_of
from infakt_compat.migrate.reading import Reading
from infakt_compat.migrate.source import Reader, Source

_REJECTED = entries.c.state == State.REJECTED.value
_BEHIND = "correction.original_rejected"


@frozen
class Missed:
    """A document that was given and not taken up: its place, and the state it has already."""

    source: str
    position: int
    state: State | None = None


@define
class Retried:
    """What became of a retry: documents planned again, still refused, and not recognised."""

    count: int = 0
    refused: int = 0
    missed: list[Missed] = field(factory=list)
    faults: list[tuple[str, Fault]] = field(factory=list)


def retry(journal: Journal, sources: Iterable[Source]) -> Retried:
    """Plan mended documents again, in the place of those that they mend."""
    retried = Retried()
    for source in sources:
        _Mended(journal, retried, Keys()).read(source)
    _settle(journal)
    return retried


def retry_all(journal: Journal) -> Retried:
    """Plan every document again, as it is, that v3 has refused: the account may have changed."""
    retried = Retried()
    refused = (_REJECTED, entries.c.body.is_not(None))
    for place in _places(journal, *refused):
        retried.count += journal.write(partial(_again, place=place))
    _settle(journal)
    return retried


def release(journal: Journal, places: Iterable[int]) -> Retried:
    """Plan documents again of which nobody knew; their owner has looked, and they are not there."""
    retried = Retried()
    for place in places:
        unknown = entries.c.state == State.UNKNOWN.value
        found = _places(journal, entries.c.place == place, unknown)
        retried.count += sum(journal.write(partial(_again, place=one)) for one in found)
    return retried


@define
class _Mended:
    """A source of mended documents at work."""

    journal: Journal
    retried: Retried
    keys: Keys

    def read(self, source: Source) -> None:
        Reading(partial(draft_batch, keep_text=True), self._take, self._refuse).run([source])

    def _refuse(
        self, source: Source, position: int, fault: Fault, rest: Iterable[bytes] | None
    ) -> None:
        del rest
        self.retried.faults.append((source.name, Fault(fault.code, str(position), fault.detail)))

    def _take(self, source: Source, reader: Reader, position: int, drafts: list[Draft]) -> int:
        del reader
        for offset, draft in enumerate(drafts):
            key = self.keys.key(draft.name)
            place = next(self._mends(key, draft), None)
            if place is None:
                known = self.journal.find([key]).get(key)
                state = None if known is None else known.state
                self.retried.missed.append(Missed(source.name, position + offset, state))
                continue
            self._replace(place, key, position + offset, draft)
            self.retried.refused += bool(draft.faults)
            self.retried.count += not draft.faults
        return len(drafts)

    def _mends(self, key: str, draft: Draft) -> Iterator[int]:
        """Give the rejected document that a mended one stands for: the first way that finds one."""
        same = entries.c.resource == draft.resource
        ways: list[tuple[ColumnElement[bool], ...]] = [(entries.c.key == key,)]
        if draft.v2_id is not None:
            ways.append((same, entries.c.v2_id == draft.v2_id))
        if draft.number is not None:
            ways.append((same, entries.c.number == draft.number))
        for way in ways:
            found = _places(self.journal, _REJECTED, *way)
            if len(found) == 1:
                yield found[0]

    def _replace(self, place: int, key: str, position: int, draft: Draft) -> None:
        """Put a mended document into the row of the one that was refused; its key stays."""
        row = row_of(key, position, draft)
        kept = ("key", "position")
        planned = Planned(self.journal)

        def work(connection: Connection) -> None:
            values: dict[str, Any] = {**FRESH, **row}
            buyer = values.pop("buyer")
            values["buyer"] = planned.buyer(connection, buyer) if buyer else None
            _free_buyer(connection, values["buyer"])
            values["reasons"] = rows.write_faults(row["reasons"])
            values |= {"corrects": None}
            changed = {name: value for name, value in values.items() if name not in kept}
            connection.execute(update(entries).where(entries.c.place == place).values(changed))

        self.journal.write(work)


def _again(connection: Connection, place: int) -> int:
    """Plan a document once more with the body that it has; a correction is proven anew."""
    e = entries.c
    values = {name: value for name, value in FRESH.items() if name not in ("saved",)}
    values |= {"state": State.PLANNED.value, "reasons": ""}
    statement = update(entries).where(e.place == place).values(values)
    connection.execute(
        update(entries).where(e.place == place, e.family == CORRECTIVE).values(ready=0)
    )
    buyer = connection.execute(select(e.buyer).where(e.place == place)).scalar()
    _free_buyer(connection, buyer)
    return connection.execute(statement).rowcount


def _free_buyer(connection: Connection, place: int | None) -> None:
    """Let a buyer be asked for again whom v3 has refused."""
    refused = buyers.c.state == State.REJECTED.value
    again = {"state": State.PLANNED.value, "attempts": 0, "reasons": ""}
    connection.execute(update(buyers).where(buyers.c.place == place, refused).values(again))


def _settle(journal: Journal) -> None:
    """Refuse what contradicts other documents, and take up corrections that waited for these."""
    conflicts.settle(journal)
    journal.write(_follow)
    originals.settle(journal)


def _follow(connection: Connection) -> None:
    """Plan the corrections again that were refused because of an original that is planned now."""
    e, original = entries.c, entries.alias()
    planned = select(original.c.place).where(original.c.state == State.PLANNED.value)
    behind = select(e.place).where(
        _REJECTED, e.family == CORRECTIVE, e.reasons.contains(_BEHIND), e.corrects.in_(planned)
    )
    for place in connection.execute(behind).scalars().all():
        _again(connection, place)


def _places(journal: Journal, *which: ColumnElement[bool]) -> list[int]:
    query = select(entries.c.place).where(*which).order_by(entries.c.place)
    return list(journal.database.read(lambda c: c.execute(query).scalars().all()))
