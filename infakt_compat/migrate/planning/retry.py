"""Rejected documents taken up again: mended ones in the place of what was refused, or as they are.

A mended document is matched to the one that it mends: the very same text, else v2's id, else all
but its number, else its number. What matches none is not guessed at.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from attrs import define, field, frozen
from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from infakt_compat.codecs.json_text import loads
from infakt_compat.errors import Fault, InfaktCompatError
from infakt_compat.migrate.journal import Entry, Journal, Keys, State, mended, rows
from infakt_compat.migrate.journal.planned import FRESH, Planned
from infakt_compat.migrate.journal.schema import buyers, entries
from infakt_compat.migrate.planning import conflicts, originals
from infakt_compat.migrate.planning.drafts import Draft, draft_batch
from infakt_compat.migrate.planning.families import CORRECTIVE, INVOICES
from infakt_compat.migrate.planning.planner import row_of
from infakt_compat.migrate.reading import Reading
from infakt_compat.migrate.source import Reader, Source

_PAGE = 500
_REJECTED = entries.c.state == State.REJECTED.value
#: What a document that was only given another number has kept, beside its body.
_SAME = ("family", "kind", "day", "total", "v2_id", "v2_client", "status")
#: Why a correction is refused that may follow once its original is taken up.
_BEHIND = (
    "correction.original_rejected", "correction.original_differs", "correction.originals",
)  # fmt: skip
#: What stands at a document whose owner has looked: it is not looked for before it is sent.
RELEASED = "released"


class NotUnknown(InfaktCompatError):
    """A document that was named as unknown is not: there is nothing to settle."""


@frozen
class Missed:
    """A document that was given and not taken up: its place, and the state it has already."""

    source: str
    position: int
    state: State | None = None


@define
class Retried:
    """What became of a retry: documents planned again, still refused, and not recognised.

    `taken` are the places of those that were given, or chosen.
    """

    count: int = 0
    refused: int = 0
    taken: list[int] = field(factory=list)
    missed: list[Missed] = field(factory=list)
    faults: list[tuple[str, Fault]] = field(factory=list)


def retry(journal: Journal, sources: Iterable[Source]) -> Retried:
    """Plan mended documents again, in the place of those that they mend."""
    retried, before = Retried(), _planned(journal)
    for source in sources:
        _Mended(journal, retried, Keys()).read(source)
    return _settled(journal, retried, before)


def retry_all(journal: Journal) -> Retried:
    """Plan every document again, as it is, that v3 has refused: the account may have changed.

    What other documents of the archive hold back is not taken up: which is right is to be said.
    """
    retried, before = Retried(), _planned(journal)
    refused = (_REJECTED, entries.c.body.is_not(None), ~conflicts.held())
    retried.taken = _places(journal, *refused)
    for place in retried.taken:
        journal.write(partial(_again, place=place))
    return _settled(journal, retried, before)


def release(journal: Journal, places: Iterable[int]) -> Retried:
    """Plan documents again of which nobody knew; their owner has looked, and they are not there.

    Raises `NotUnknown`, and changes nothing, when one of them is not unknown.
    """
    listed = list(dict.fromkeys(places))
    for place in listed:
        unknown(journal, place)
    retried = Retried()
    for place in listed:
        retried.count += journal.write(partial(_released, place=place))
    return retried


def unknown(journal: Journal, place: int) -> Entry:
    """Give a document of which nobody knows; raises `NotUnknown` for any other."""
    entry = journal.entry(place)
    if entry is None:
        raise NotUnknown(f"the journal has no document #{place}")
    if entry.state is not State.UNKNOWN:
        raise NotUnknown(
            f"document #{place} is not unknown but {entry.state.value}: `journal show` lists those "
            "that are"
        )
    return entry


def _released(connection: Connection, place: int) -> int:
    """Plan a document again, and note that its owner has looked."""
    count = _again(connection, place)
    looked = {"reasons": rows.write_faults([Fault(RELEASED)])}
    connection.execute(update(entries).where(entries.c.place == place).values(looked))
    return count


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
            self.retried.taken.append(place)
        return len(drafts)

    def _mends(self, key: str, draft: Draft) -> Iterator[int]:
        """Give the rejected document that a mended one stands for: the first way that finds one."""
        same = entries.c.resource == draft.resource
        ways: list[tuple[ColumnElement[bool], ...]] = [(entries.c.key == key,)]
        if draft.v2_id is not None:
            ways.append((same, entries.c.v2_id == draft.v2_id))
        if renumbered := self._renumbered(draft):
            ways.append((entries.c.place.in_(renumbered),))
        if draft.number is not None:
            ways.append((same, entries.c.number == draft.number))
        for way in ways:
            found = _places(self.journal, _REJECTED, *way)
            if len(found) == 1:
                yield found[0]

    def _renumbered(self, draft: Draft) -> list[int]:
        """Give the documents held back by their number that say all else that a mended one says."""
        e = entries.c
        query = select(e.place, e.body).where(
            conflicts.held(conflicts.NUMBER),
            *(e[name] == getattr(draft, name) for name in _SAME),
        )
        if draft.body is None:
            return []
        wanted = _but_number(draft.body)
        found = self.journal.database.read(lambda c: c.execute(query).all())
        return [row.place for row in found if row.body and _but_number(row.body) == wanted]

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
            mended.note(connection, place, key)

        self.journal.write(work)


def _but_number(body: str) -> Any:
    return {name: value for name, value in loads(body).items() if name != "number"}


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


def _settled(journal: Journal, retried: Retried, before: int) -> Retried:
    """Refuse what contradicts other documents, and take up those that waited for these.

    `before` is how many documents were planned.
    """
    journal.write(_freed)
    conflicts.settle(journal)
    journal.write(_follow)
    originals.settle(journal)
    retried.count = _planned(journal) - before
    for start in range(0, len(retried.taken), _PAGE):
        some = entries.c.place.in_(retried.taken[start : start + _PAGE])
        retried.refused += len(_places(journal, _REJECTED, some))
    return retried


def _planned(journal: Journal) -> int:
    query = select(func.count()).where(entries.c.state == State.PLANNED.value)
    return journal.database.read(lambda c: c.execute(query).scalar_one())


def _follow(connection: Connection) -> None:
    """Plan the corrections again that were refused for an original, or one before, planned now."""
    e, original = entries.c, entries.alias()
    planned = (original.c.state == State.PLANNED.value, original.c.family == INVOICES)
    earlier = (original.c.state == State.PLANNED.value, original.c.family == CORRECTIVE)
    behind = select(e.place).where(
        _REJECTED,
        e.family == CORRECTIVE,
        or_(*(e.reasons.contains(f'"{code}"') for code in _BEHIND)),
        or_(
            e.corrects.in_(select(original.c.place).where(*planned)),
            e.original.in_(select(original.c.number).where(*planned)),
            e.original.in_(select(original.c.original).where(*earlier, original.c.ready == 0)),
        ),
    )
    for place in connection.execute(behind).scalars().all():
        _again(connection, place)


def _freed(connection: Connection) -> None:
    """Plan the documents again that were held back by others of which none is there any more."""
    e, other = entries.c, entries.alias()
    shared = {
        conflicts.NUMBER: (other.c.family == e.family, other.c.number == e.number),
        conflicts.VERSIONS: (other.c.resource == e.resource, other.c.v2_id == e.v2_id),
    }
    for code, same in shared.items():
        rival = select(other.c.place).where(*same, other.c.place != e.place)
        free = select(e.place).where(conflicts.held(code), ~rival.exists())
        for place in connection.execute(free).scalars().all():
            _again(connection, place)


def _places(journal: Journal, *which: ColumnElement[bool]) -> list[int]:
    query = select(entries.c.place).where(*which).order_by(entries.c.place)
    return list(journal.database.read(lambda c: c.execute(query).scalars().all()))
