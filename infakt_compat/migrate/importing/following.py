"""What became of the tasks that v3 has made of creates (v3-wire 1.2, 1.3).

The list of the newest documents is read every few seconds: one read shows all that were created
meanwhile, with id, number and status, which a task does not tell. A task itself is looked at when
the list does not show its document in time: it may have failed, or it is slow.
"""

import threading
from collections.abc import Iterable
from functools import partial
from typing import Any

from attrs import define, field

from infakt_compat.errors import Fault
from infakt_compat.migrate.importing import lookups, outcomes
from infakt_compat.migrate.importing.after import After
from infakt_compat.migrate.importing.doubts import Doubts
from infakt_compat.migrate.importing.engine import Engine, Item, Record
from infakt_compat.migrate.journal import State
from infakt_compat.migrate.planning.families import INVOICES
from infakt_compat.v3 import NotFound, V3Error
from infakt_compat.v3.tasks import Task

#: Seconds between two reads of the list: the first, and the longest while nothing comes.
_LIST_SECONDS, _LIST_MOST = 2.0, 5.0
#: Seconds until a task is looked at, at the least, and between looks, at the most.
_SOONEST, _LATEST = 2.0, 30.0
#: A task is looked at when it takes so many times longer than tasks did of late.
_LATE = 2.5
#: More pages of new documents are not searched: others create there as well.
_MOST_PAGES = 4
FIELDS = ("id", "uuid", "number", "kind", "status", "paid_date", "invoice_date", "client_id",
          "client_tax_code", "client_company_name", "gross_price")  # fmt: skip


@define(eq=False)
class _Pending:
    """A document whose task is under way: when it is looked at next, and its uuid once known."""

    item: Item
    reference: str
    since: float
    look_at: float
    wait: float
    uuid: str | None = None


@define(eq=False)
class Following:
    """Watches tasks until they end."""

    engine: Engine
    doubts: Doubts
    after: After
    #: How long tasks took of late, in seconds, by the list.
    _usual: float = 1.0
    #: The newest documents of each family before this run: none of its own is older.
    _floors: dict[str, int] = field(factory=dict)
    _pending: dict[str, dict[int, _Pending]] = field(factory=dict)
    _between: dict[str, float] = field(factory=dict)
    _watched: set[str] = field(factory=set)
    _lock: threading.RLock = field(factory=threading.RLock)

    def prepare(self) -> None:
        """See which documents are there before this run sends any, and that v3 knows one by its id.

        Where that cannot be read, every task is looked at: it costs more reads, and no more.
        """
        invoices, dialect = self.engine.v3.invoices, self.engine.v3.dialect
        try:
            page = invoices.list(order="id desc", fields=("id", "uuid"), limit=1)
            for row in page.entities:
                if row.get(dialect.reference) is not None:
                    invoices.show(dialect.of(row), fields=("id",))
        except NotFound as error:
            self.engine.halt(outcomes.other_dialect(error, dialect))
        except V3Error as error:
            if (stop := outcomes.stops(error)) is not None:
                self.engine.halt(stop)
        else:
            if dialect.tasks:
                newest = max((int(row["id"]) for row in page.entities), default=0)
                self._floors[INVOICES] = newest

    def begin(self, item: Item, reference: str) -> None:
        """Follow a create's task."""
        self.engine.take(item, flying=True)
        item.waits = 0
        shown = self._listed(item)
        wait = max(_SOONEST, self._usual * _LATE) if shown else _SOONEST
        now = self.engine.clock.now()
        pending = _Pending(item, reference, now, now + wait, wait)
        family = item.entry.family
        with self._lock:
            self._pending.setdefault(family, {})[item.place] = pending
            self._between[family] = _LIST_SECONDS
            first = family not in self._watched
            self._watched.add(family)
        if first:
            self._later(family)

    def _listed(self, item: Item) -> bool:
        """Say whether the list alone proves that a create was done.

        Not for what no number tells from others, nor for what an earlier run has sent.
        """
        here = item.entry.state is not State.SENT
        return here and item.entry.number is not None and item.entry.family in self._floors

    def _made_by(self, item: Item, row: Record) -> bool:
        """Say whether a row of a document's number is the one that its create has just made."""
        new = int(row["id"]) > self._floors[item.entry.family]
        return new and lookups.is_it(item, row)

    def _later(self, family: str) -> None:
        wait = self._between[family]
        self.engine.reads.put(partial(self._watch, family), wait, finishing=True)

    def _watch(self, family: str) -> None:
        """Read the list, settle what it shows, look at tasks that are late, and go on."""
        engine = self.engine
        with self._lock:
            waiting = list(self._pending.get(family, {}).values())
        try:
            shown = self._newest(waiting) if waiting else []
        except V3Error as error:
            if self._stopped(error, waiting):
                return
            engine.reads.put(partial(self._watch, family), engine.trouble(error), finishing=True)
            return
        engine.calm()
        self._settle(waiting, shown)
        now = engine.clock.now()
        for one in waiting:
            if one.item.place in self._pending[family] and one.look_at <= now:
                one.look_at = now + _LATEST + one.wait  # until the look has an answer
                engine.reads.put(partial(self._look, one), finishing=True)
        self._go_on(family, bool(shown))

    def _go_on(self, family: str, came: bool) -> None:
        with self._lock:
            longer = min(self._between[family] * 1.5, _LIST_MOST)
            self._between[family] = _LIST_SECONDS if came else longer
            if not self._pending[family]:
                self._watched.discard(family)
                return
        self._later(family)

    def _newest(self, waiting: list[_Pending]) -> list[Record]:
        """Give those of the newest documents that could be waited for."""
        engine, found = self.engine, []
        numbers = {one.item.entry.number for one in waiting if one.item.entry.number}
        uuids = {one.uuid for one in waiting if one.uuid}
        documents, offset = engine.family(waiting[0].item), 0
        for _ in range(_MOST_PAGES):
            engine.pace.reserve("reads", _never)
            page = documents.list(order="id desc", fields=FIELDS, offset=offset)
            rows = page.entities
            fitting = [row for row in rows if _either(row, numbers, uuids)]
            found += fitting
            if page.last or len(fitting) < len(rows) // 2 or len(found) >= len(waiting):
                break
            offset = page.after
        return found

    def _settle(self, waiting: Iterable[_Pending], shown: list[Record]) -> None:
        by_uuid = {row.get("uuid"): row for row in shown}
        by_number = {row.get("number"): row for row in reversed(shown)}
        for one in waiting:
            if one.uuid is not None:
                row = by_uuid.get(one.uuid)
            else:
                row = self._listed_row(one, by_number)
            if row is not None and self._ended(one):
                self.after.arrived(one.item, row)

    def _listed_row(self, one: _Pending, by_number: dict[Any, Record]) -> Record | None:
        """Give the row that proves a create by itself, and learn how long it took."""
        row = by_number.get(one.item.entry.number) if self._listed(one.item) else None
        if row is None or not self._made_by(one.item, row):
            return None
        self._usual += (self.engine.clock.now() - one.since - self._usual) / 10
        return row

    def _ended(self, one: _Pending) -> bool:
        """Take a document out of those that are waited for; False when it is out already."""
        with self._lock:
            return self._pending[one.item.entry.family].pop(one.item.place, None) is not None

    # ---- one task

    def _look(self, one: _Pending) -> None:
        """Look at a task, or read its document where it is known."""
        engine, item = self.engine, one.item
        if item.place not in self._pending[item.entry.family]:
            return
        engine.pace.reserve("reads", _never)
        documents = engine.family(item)
        try:
            if one.uuid is not None:
                record = documents.show(one.uuid)
                if self._ended(one):
                    self.after.arrived(item, record)
            else:
                self._looked(one, documents.task(one.reference))
            engine.calm()
        except NotFound:
            self._not_found(one)
        except V3Error as error:
            if not self._stopped(error, [one]):
                one.look_at = engine.clock.now() + engine.trouble(error)

    def _looked(self, one: _Pending, task: Task) -> None:
        now = self.engine.clock.now()
        if task.done and task.uuid is not None:
            one.uuid, one.look_at = task.uuid, now + 2 * _LIST_SECONDS
        elif task.ended:
            if self._ended(one) and task.failed:
                self.doubts.refused(one.item, task.text, task.fields)
            else:
                self.doubts.begin(one.item)
        else:
            one.item.waits += 1
            one.wait = min(one.wait * 2, _LATEST)
            one.look_at = now + one.wait
            self._give_up(one)

    def _give_up(self, one: _Pending) -> None:
        """Leave a task that does not end to the next run, which finds it in the journal."""
        age = (self.engine.now() - one.item.sent_at) / 1_000_000
        if age > self.engine.settings.settle and one.item.waits > 3 and self._ended(one):
            self.engine.leave(one.item)

    def _not_found(self, one: _Pending) -> None:
        if not self._ended(one):
            return
        if one.uuid is None:
            self.doubts.begin(one.item)  # v3 knows the task no more
        else:
            fault = Fault("import.vanished", "", one.uuid)
            self.engine.unknown(one.item, [fault])

    def _stopped(self, error: V3Error, waiting: Iterable[_Pending]) -> bool:
        """Let go of everything when v3 lets nobody in; the journal has the tasks."""
        stop = outcomes.stops(error)
        if stop is None:
            return False
        for one in waiting:
            if self._ended(one):
                self.engine.leave(one.item)
        self.engine.halt(stop)
        return True


def _either(row: Record, numbers: set[str], uuids: set[str]) -> bool:
    return row.get("number") in numbers or row.get("uuid") in uuids


def _never() -> bool:
    return False
