"""What is known of a plan before anything is sent: what v3 would refuse, what gets which paid date.

For dry runs, whose journal vanishes: what v3 would refuse is marked as rejected there. It is what
`check` knows without network (`checks/creating.py`), with what this import is told.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import Any

from attrs import define, field, frozen
from sqlalchemy import Connection, and_, bindparam, func, or_, select, tuple_, update

from infakt_compat.codecs.json_text import loads
from infakt_compat.errors import Fault
from infakt_compat.migrate.checks.creating import Given, refusals
from infakt_compat.migrate.checks.identifiers import NOT_A_CLIENT, Identifiers
from infakt_compat.migrate.importing import bodies
from infakt_compat.migrate.importing.settings import Settings
from infakt_compat.migrate.journal import Entry, Journal, State, rows
from infakt_compat.migrate.journal.findings import findings, reasons_of
from infakt_compat.migrate.journal.schema import buyers, by_day, entries, sources
from infakt_compat.migrate.planning.drafts import EXEMPTION
from infakt_compat.migrate.planning.families import CLIENTS, CORRECTIVE
from infakt_compat.migrate.report.model import Finding
from infakt_compat.translate.compile import plans
from infakt_compat.v3 import Clock

_PAGE = 500
_PLANNED = entries.c.state == State.PLANNED.value
_REFUSED = (_PLANNED, entries.c.reasons != "")
Change = dict[str, Any]


@frozen
class Foreseen:
    """What a dry run says beside its counts.

    `said` is what there is to say of the plan, `refusals` why v3 would refuse `refused` documents
    of it, both by code.
    """

    said: list[Finding]
    refused: int
    refusals: list[Finding]


def foresee(journal: Journal, settings: Settings, clock: Clock, names: Iterable[str]) -> Foreseen:
    """Look at what is planned and chosen, in a journal that vanishes.

    `names` are those of the sources of which is said what there is to say.
    """
    journal.write(lambda c: c.execute(update(entries).where(_PLANNED).values(reasons="")))
    judge = _Judge(settings, clock)
    for page in _pages(journal, settings):
        found = [judge.change(row) for row in page]
        journal.write(partial(_note, changes=[one for one in found if one is not None]))
    journal.write(_behind)
    count = select(func.count()).where(*_REFUSED)
    refused = int(journal.database.read(lambda c: c.execute(count).scalar_one()))
    made = Foreseen(
        findings(journal, names), refused, reasons_of(_refused(journal)) if refused else []
    )
    rejected = update(entries).where(*_REFUSED).values(state=State.REJECTED.value)
    journal.write(lambda c: c.execute(rejected))
    return made


def _pages(journal: Journal, settings: Settings) -> Iterator[list[Any]]:
    """Give what is planned and chosen, with its body and its buyer."""
    joined = entries.join(sources, sources.c.place == entries.c.source).outerjoin(
        buyers, buyers.c.place == entries.c.buyer
    )
    columns = (
        *rows.ENTRY_COLUMNS, entries.c.body,
        buyers.c.state.label("buyer_state"), buyers.c.body.label("buyer_body"),
    )  # fmt: skip
    query = select(*columns).select_from(joined).order_by(entries.c.place).limit(_PAGE)
    query = query.where(_PLANNED, entries.c.family != "", settings.only.where())
    if settings.clients != "match":
        query = query.where(entries.c.family != CLIENTS)
    last = 0
    while True:
        asked = query.where(entries.c.place > last)
        page = journal.database.read(lambda c, asked=asked: c.execute(asked).all())  # type: ignore[misc]
        yield list(page)
        if len(page) < _PAGE:
            return
        last = page[-1].place


def _refused(journal: Journal) -> Iterator[Entry]:
    for entry in journal.entries([State.PLANNED]):
        if entry.faults:
            yield entry


def _note(connection: Connection, changes: list[Change]) -> None:
    """Keep what was found of some documents."""
    if changes:
        fresh: Change = {
            name: bindparam(f"new_{name}") for name in ("reasons", "paid_by", "paid_date")
        }
        where = entries.c.place == bindparam("at")
        connection.execute(update(entries).where(where).values(fresh), changes)


def _behind(connection: Connection) -> None:
    """Refuse the corrections whose original v3 would refuse, or one before them: as an import.

    Of those whose original is in the account it is not known which have the same.
    """
    other = entries.alias()
    foreseen = and_(other.c.state == State.PLANNED.value, other.c.reasons != "")
    refused = or_(foreseen, other.c.state == State.REJECTED.value)
    original = select(other.c.place).where(refused, other.c.place == entries.c.corrects)
    earlier = tuple_(*by_day(other)) < tuple_(*by_day())
    before = select(other.c.place).where(refused, other.c.corrects == entries.c.corrects, earlier)
    behind = (_PLANNED, entries.c.reasons == "", entries.c.family == CORRECTIVE)
    reasons = rows.write_faults([Fault("correction.original_rejected")])
    statement = update(entries).where(*behind, or_(original.exists(), before.exists()))
    connection.execute(statement.values(reasons=reasons))


@lru_cache(maxsize=2000)
def _buyer(text: str) -> Change:
    """Read a buyer's data; archives repeat their buyers."""
    found: Change = loads(text)
    return found


@define
class _Judge:
    """Says of each document what v3 would refuse, and which paid date it gets."""

    settings: Settings
    clock: Clock
    numbers: Identifiers = field(factory=Identifiers)
    given: Given = field(init=False)

    def __attrs_post_init__(self) -> None:
        own = self.settings.defaults
        self.given = Given(
            self.settings.clients, own.sale_type, own.vat_exemption_reason, own.flat_rate_tax_symbol
        )

    def change(self, row: Any) -> Change | None:
        """Give what to keep of a document; None where there is nothing."""
        values = row._asdict()
        text, buyer = values.pop("body"), _buyer(values.pop("buyer_body") or "{}")
        waits = values.pop("buyer_state") == State.PLANNED.value and self.given.clients == "match"
        entry = rows.entry_of(values)
        body = loads(text or "{}")
        faults = [] if entry.family == CLIENTS else list(self._document(entry, body, buyer))
        if waits:
            faults += self._client(entry, buyer)
        wanted = bodies.Paid("")
        if not faults and entry.family != CLIENTS:
            wanted = bodies.paid(entry, body, self.settings, self.clock)
        if not faults and wanted.by is None:
            return None
        return {
            "at": entry.place, "new_reasons": rows.write_faults(faults),
            "new_paid_by": wanted.by, "new_paid_date": wanted.day,
        }  # fmt: skip

    def _document(self, entry: Entry, body: Change, buyer: Change) -> Iterator[Fault]:
        plan = plans()["invoice"].of_kind(entry.kind)
        record = {**body, "client_id": entry.v2_client}
        ground = str(body.get(EXEMPTION) or "")
        yield from refusals(plan, record, ground, self.given)
        if self.given.clients == "match" and entry.buyer is not None and not buyer:
            yield Fault("buyer.only_id", plan.by_v3["client_id"].v2, str(entry.v2_client))

    def _client(self, entry: Entry, buyer: Change) -> Iterator[Fault]:
        """Say why v3 would not create the client of a document (v3-wire 7)."""
        resource, name = ("client", "nip") if entry.family == CLIENTS else (
            "invoice", "client_tax_code"
        )  # fmt: skip
        found = self.numbers[str(buyer.get("country") or ""), str(buyer.get("nip") or "")]
        if found.code in NOT_A_CLIENT:
            path = plans()[resource].of_kind(entry.kind).by_v3[name].v2
            yield Fault(found.code, path, found.detail)
