"""What is left once a document exists: its status, and its PDF (decisions.md 5, v3-wire 6).

A status never sends an e-mail. Reading a PDF makes a draft or a sent document a printed one, so a
draft's is not read, and a sent one gets its status back afterwards. What goes to KSeF is changed no
more once that has accepted it: there the status comes first, and is not given back after the PDF.
"""

import threading
from functools import partial
from typing import Any

from attrs import define, evolve, field

from infakt_compat.codecs.json_text import loads
from infakt_compat.errors import Fault, OutputFailed
from infakt_compat.migrate.importing import bodies, outcomes, pdfs
from infakt_compat.migrate.importing.bodies import DRAFTS, PAID, PAID_AMOUNT, PRINTED, Paid
from infakt_compat.migrate.importing.engine import Engine, Item, Record
from infakt_compat.migrate.journal import State, rows
from infakt_compat.migrate.journal.entries import PDF, STATUS
from infakt_compat.migrate.journal.sending import Made
from infakt_compat.money import number_text, zloty
from infakt_compat.v3 import Invalid, NotFound, OutcomeUnknown, Refused, V3Error

SENT = "sent"
_MOST_TRIES = 4
#: Seconds until it is asked again what v3 made of the first status.
_UNTIL_SHOWN = 0.5
#: What is said of steps that were tried: it goes when they are tried again.
_OF_STEPS = ("import.step_refused", "import.status")


@define(eq=False)
class After:
    """Brings about what a create does not."""

    engine: Engine
    #: Whether the classic v3 was seen to take no status, as seed 004 says.
    _read_only: bool | None = None
    _first: threading.Lock = field(factory=threading.Lock)

    def arrived(self, item: Item, record: Record, *, already: bool = False) -> None:
        """Settle a document that is in the account, and see to the rest."""
        engine = self.engine
        wanted = bodies.paid(item.entry, loads(item.planned), engine.settings, engine.clock)
        owing = [] if already else self._owing(item, wanted, record)
        said = [] if already else [*_unpaid(item, wanted), *self._printed(item, wanted)]
        said = [*_other_total(item, record), *said]
        uuid, number = record.get("uuid"), record.get("number")
        made = Made(int(record["id"]), str(uuid) if uuid else None, str(number) if number else None)
        engine.done(
            item, made, already=already, owing=",".join(owing), reasons=rows.write_faults(said),
            paid_date=wanted.day, paid_by=wanted.by,
        )  # fmt: skip
        item.entry = evolve(
            item.entry, id=made.id, uuid=made.uuid, v3_number=made.number,
            paid_date=wanted.day, paid_by=wanted.by, faults=tuple(said),
        )  # fmt: skip
        item.waits = 0
        self._next(item, wanted, owing)

    def resume(self, item: Item) -> None:
        """Take up what an earlier run has left."""
        kept = tuple(fault for fault in item.entry.faults if fault.code not in _OF_STEPS)
        entry = item.entry = evolve(item.entry, faults=kept)
        wanted = Paid(entry.status, entry.paid_date, entry.paid_by)
        if entry.status == PAID and entry.paid_by == "none":
            wanted = Paid(PRINTED, None, "none")
        self._next(item, wanted, entry.owing.split(","))

    def save(self, item: Item) -> None:
        """Save the PDF of a document that an earlier run has created."""
        entry = item.entry
        again = [STATUS] * (entry.status == SENT)
        self._next(item, Paid(entry.status, entry.paid_date, entry.paid_by), [PDF, *again])

    def _owing(self, item: Item, wanted: Paid, record: Record) -> list[str]:
        final = wanted.status not in DRAFTS
        pdf = final and self.engine.settings.pdf is not None
        status = final and record.get("status") != wanted.status
        if bodies.goes_to_ksef(item.entry, self.engine.settings):
            return [STATUS] * status + [PDF] * pdf
        return [PDF] * pdf + [STATUS] * (status or (pdf and wanted.status == SENT))

    def _printed(self, item: Item, wanted: Paid) -> list[Fault]:
        """Say of a sent document in KSeF that its PDF makes it a printed one for good."""
        settings = self.engine.settings
        stays = settings.pdf is not None and wanted.status == SENT
        if stays and bodies.goes_to_ksef(item.entry, settings):
            return [Fault("import.in_ksef", "", SENT)]
        return []

    def _next(self, item: Item, wanted: Paid, owing: list[str]) -> None:
        """Do the first thing that is owing, or let the document go."""
        engine = self.engine
        owing = [one for one in owing if one and (one != PDF or engine.settings.pdf is not None)]
        if not owing:
            engine.leave(item)
            return
        engine.take(item)
        work, queue = (
            (self._pdf, engine.reads) if owing[0] == PDF else (self._status, engine.writes)
        )
        queue.put(partial(work, item, wanted, owing))

    def _pdf(self, item: Item, wanted: Paid, owing: list[str]) -> None:
        """Save the PDF."""
        engine = self.engine
        if not engine.pace.reserve("reads", engine.stopped):
            return
        assert engine.settings.pdf is not None
        try:
            content = engine.family(item).pdf(self._ref(item))
            pdfs.save(engine.settings.pdf, item.entry, content)
        except OutputFailed as error:
            engine.halt(error)
        except V3Error as error:
            self._failed(item, wanted, owing, error)
        else:
            # Its PDF has made it a printed one.
            left = [one for one in owing[1:] if wanted.status != PRINTED]
            self._did(item, wanted, left, saved=1)

    def _status(self, item: Item, wanted: Paid, owing: list[str]) -> None:
        """Write the status, or mark as paid; the first shows what the classic v3 takes."""
        classic = self.engine.v3.dialect.name == "classic" and wanted.status != PAID
        first = classic and self._read_only is None
        if first and not self._first.acquire(blocking=False):
            again = partial(self._status, item, wanted, owing)
            self.engine.writes.put(again, _UNTIL_SHOWN)
            return
        try:
            self._bring(item, wanted, owing, classic=classic)
        finally:
            if first:
                self._first.release()

    def _bring(self, item: Item, wanted: Paid, owing: list[str], *, classic: bool) -> None:
        engine = self.engine
        untaken = [Fault("import.status", "", wanted.status)]
        if classic and self._read_only:
            self._did(item, wanted, owing[1:], faults=untaken)
            return
        if not engine.pace.reserve("writes", engine.stopped):
            return
        try:
            took = self._write(item, wanted)
        except V3Error as error:
            self._failed(item, wanted, owing, error)
            return
        if classic:  # one write shows it; v3's limits are too narrow for more
            self._read_only = self._read_only or not took
        if took:
            self._did(item, wanted, owing[1:])
        elif classic:
            self._did(item, wanted, owing[1:], faults=untaken)
        else:
            self._left(item, owing, untaken)

    def _write(self, item: Item, wanted: Paid) -> bool:
        """Bring the status about; says whether v3 has it. Paid twice is paid."""
        family, ref = self.engine.family(item), self._ref(item)
        if wanted.status != PAID:
            record = family.update(ref, {"status": wanted.status})
            return record.get("status") == wanted.status
        try:
            family.paid(ref, wanted.day)
        except (OutcomeUnknown, Invalid):
            if family.show(ref).get("status") != PAID:
                raise
        return True

    def _did(self, item: Item, wanted: Paid, owing: list[str], **more: Any) -> None:
        self.engine.calm()
        self._note(item, owing, more.pop("faults", []), **more)
        self._next(item, wanted, owing)

    def _failed(self, item: Item, wanted: Paid, owing: list[str], error: V3Error) -> None:
        """Try again what may succeed; else leave it owing, with v3's words, to the next run."""
        engine = self.engine
        if owing[0] == STATUS and outcomes.closed_by_ksef(error):
            self._did(item, wanted, owing[1:], faults=[Fault("import.in_ksef", "", wanted.status)])
            return
        stop = outcomes.stops(error)
        if isinstance(error, NotFound) and item.entry.state is not State.DONE:
            stop = outcomes.other_dialect(error, engine.v3.dialect)  # it was made a moment ago
        if stop is not None:
            engine.leave(item)
            engine.halt(stop)
            return
        item.waits += 1
        final = isinstance(error, Refused) and not isinstance(error, outcomes.NOT_DONE)
        if final or item.waits >= _MOST_TRIES:
            # Of a document that was deleted meanwhile a step is not left to do.
            left = owing[1:] if isinstance(error, NotFound) else owing
            self._left(item, left, [Fault("import.step_refused", owing[0], _words(error))])
            return
        work, queue = (
            (self._pdf, engine.reads) if owing[0] == PDF else (self._status, engine.writes)
        )
        queue.put(partial(work, item, wanted, owing), engine.trouble(error))

    def _left(self, item: Item, owing: list[str], faults: list[Fault]) -> None:
        self._note(item, owing, faults)
        self.engine.leave(item)

    def _note(self, item: Item, owing: list[str], faults: list[Fault], **more: Any) -> None:
        item.entry = evolve(item.entry, faults=(*item.entry.faults, *faults))
        said = rows.write_faults(item.entry.faults)
        self.engine.documents.note(item.place, owing=",".join(owing), reasons=said, **more)

    def _ref(self, item: Item) -> str:
        named = {"id": item.entry.id, "uuid": item.entry.uuid}
        return self.engine.v3.dialect.of(named)


def _words(error: V3Error) -> str:
    """Give v3's own words for a step that it refuses, or what went wrong."""
    return (error.said if isinstance(error, Refused) else error.text) or str(error)


def _unpaid(item: Item, wanted: Paid) -> list[Fault]:
    """Say which paid amount is not carried over."""
    amount = loads(item.planned).get(PAID_AMOUNT)
    if wanted.by != "none" or not isinstance(amount, int) or amount == 0:
        return []
    return [Fault("paid.not_carried", "", number_text(zloty(amount)))]


def _other_total(item: Item, record: Record) -> list[Fault]:
    """Say where v3 came to another total than was worked out."""
    wanted, gross = item.entry.total, record.get("gross_price")
    if wanted is None or not isinstance(gross, int) or gross == wanted:
        return []
    both = f"{number_text(zloty(wanted))} -> {number_text(zloty(gross))}"
    return [Fault("import.total", "", both)]
