"""From the journal to the queues: what an earlier run has left first, then what is planned.

Clients before the documents that name them, originals before their corrections. What has no number
comes last, when everything else is settled: v3 gives it the next one of its month, which must not
be one that the archive has. Only some hundreds of documents are taken up at a time, so that memory
does not grow with the archive.
"""

from collections.abc import Callable
from typing import Any

from attrs import define, field, frozen
from sqlalchemy import ColumnElement, Select, select, tuple_

from infakt_compat.migrate.importing.bodies import DRAFTS
from infakt_compat.migrate.importing.corrections import Corrections
from infakt_compat.migrate.importing.dispatch import Dispatch
from infakt_compat.migrate.importing.engine import Engine
from infakt_compat.migrate.journal import State, rows
from infakt_compat.migrate.journal.schema import buyers, by_day, entries, sources
from infakt_compat.migrate.planning.families import CLIENTS, CORRECTIVE, INVOICES

_PAGE = 50
#: So many documents wait for a place at most, for a client or an original, for v3's tasks; and with
#: so many in doubt no more are sent: v3 is not well.
_MOST_READY, _MOST_OPEN, _MOST_FLYING, _MOST_DOUBTFUL = 60, 600, 450, 100


@frozen
class Stage:
    """Documents that are taken up in one way, in their order.

    `originals`: the account's originals of corrections have to be known first; `alone`: everything
    that was taken up before has to be settled first. `order` begins with the day for corrections:
    one waits for those before it.
    """

    take: Callable[[Any], None]
    which: tuple[ColumnElement[bool], ...]
    originals: bool = False
    alone: bool = False
    order: tuple[ColumnElement[Any], ...] = (entries.c.place,)


@define(eq=False)
class Feeding:
    """Takes up documents, some at a time."""

    engine: Engine
    dispatch: Dispatch
    corrections: Corrections
    _stages: list[Stage] = field(init=False)
    #: Where the stage goes on: by its order, behind this.
    _last: tuple[Any, ...] = ()
    #: The documents whose tasks earlier runs have left: they are followed beside the rest, which
    #: does not wait for them.
    _left: set[int] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        e, settings = entries.c, self.engine.settings
        done = e.state == State.DONE.value
        left = e.state.in_([State.SENT.value, State.UNKNOWN.value])
        self._stages = [Stage(self.dispatch.left, (left,))]
        self._stages.append(Stage(self.dispatch.owing, (done, e.owing != "")))
        if settings.clients == "match":
            self._stages.append(self._planned(CLIENTS))
        for numbered in (True, False):
            self._stages.append(self._planned(INVOICES, numbered))
            self._stages.append(self._planned(CORRECTIVE, numbered))
        if settings.pdf is not None:
            own = (done, e.saved == 0, e.owing == "", e.already == 0, e.resource == "invoice")
            self._stages.append(Stage(self.dispatch.unsaved, (*own, e.status.not_in(DRAFTS))))

    def _planned(self, family: str, numbered: bool | None = None) -> Stage:
        e = entries.c
        which = [e.state == State.PLANNED.value, e.family == family]
        which.append(self.engine.settings.only.where())
        corrective = family == CORRECTIVE
        if numbered:
            which.append(e.number.is_not(None))
        elif numbered is not None and not corrective:
            which.append(e.number.is_(None))  # of the corrections also those that wait for one
        return Stage(
            self.dispatch.planned, tuple(which), originals=corrective, alone=numbered is False,
            order=by_day() if corrective else (e.place,),
        )  # fmt: skip

    @property
    def done(self) -> bool:
        """Say whether everything was taken up."""
        return not self._stages

    def fill(self) -> None:
        """Take up more, as long as there is room."""
        engine = self.engine
        while (
            self._stages
            and not engine.stopping
            and len(engine.writes) < _MOST_READY
            and len(engine.open) - len(engine.doubtful) < _MOST_OPEN + self._still_left()
            and len(engine.flying) < _MOST_FLYING + self._still_left()
            and len(engine.doubtful) < _MOST_DOUBTFUL
            and self._may_begin()
        ):
            self._next_page()

    def _still_left(self) -> int:
        self._left &= set(self.engine.flying)
        return len(self._left)

    def _may_begin(self) -> bool:
        """Say whether a stage may begin; one that has begun goes on."""
        stage = self._stages[0]
        if self._last:
            return True
        if stage.alone and self.engine.open:
            return False
        return not stage.originals or self.corrections.ready()

    def _next_page(self) -> None:
        stage = self._stages[0]
        query = _documents().where(*stage.which).order_by(*stage.order).limit(_PAGE)
        if self._last:
            query = query.where(tuple_(*stage.order) > self._last)
        page = self.engine.journal.database.read(lambda c: c.execute(query).all())
        for row in page:
            stage.take(row)
            self._last = (row.day or "", row.place)[-len(stage.order) :]
        if stage.take == self.dispatch.left:
            self._left |= {row.place for row in page if row.task is not None}
        if len(page) < _PAGE:
            self._stages.pop(0)
            self._last = ()


def _documents() -> Select[Any]:
    """Give entries with their body, and their buyer as it stands."""
    own = [c for c in rows.ENTRY_COLUMNS if c.name != "source_name"]
    joined = entries.join(sources, sources.c.place == entries.c.source).outerjoin(
        buyers, buyers.c.place == entries.c.buyer
    )
    columns = (
        *own, sources.c.name.label("source_name"), entries.c.body,
        buyers.c.state.label("buyer_state"), buyers.c.id.label("buyer_id"),
    )  # fmt: skip
    return select(*columns).select_from(joined)
