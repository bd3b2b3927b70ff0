"""Documents of the account that could be one of which nobody knows, named for its owner's eyes.

What turns out to be another document of the journal is no candidate any more: it is taken out when
a run ends, and when its owner settles one.
"""

from collections.abc import Iterable

from sqlalchemy import update

from infakt_compat.errors import Fault
from infakt_compat.migrate.importing.engine import Record
from infakt_compat.migrate.journal import Journal, State, rows
from infakt_compat.migrate.journal.schema import entries
from infakt_compat.migrate.journal.sending import of_documents
from infakt_compat.money import number_text, zloty

#: The reasons that name candidates.
CODES = ("import.several", "import.maybe_there")
_BETWEEN = "; "


def named(found: Iterable[Record]) -> str:
    """Name candidates: of each its v3 id, number, date and total."""
    return _BETWEEN.join(_named(row) for row in found)


def _named(row: Record) -> str:
    gross = row.get("gross_price")
    total = number_text(zloty(gross)) if isinstance(gross, int) else ""
    parts = (row.get("id"), row.get("number"), row.get("invoice_date"), total)
    return " ".join(str(part) for part in parts if part)


def tidy(journal: Journal) -> None:
    """Take out the candidates that the journal has as the outcome of other documents."""
    for entry in journal.entries([State.UNKNOWN]):
        left = tuple(_tidied(journal, entry.family, fault) for fault in entry.faults)
        if left != entry.faults:
            e, reasons = entries.c, rows.write_faults(left)
            statement = update(entries).values(reasons=reasons)
            statement = statement.where(e.place == entry.place, e.state == State.UNKNOWN.value)
            journal.write(lambda c, do=statement: c.execute(do))  # type: ignore[misc]


def _tidied(journal: Journal, family: str, fault: Fault) -> Fault:
    if fault.code not in CODES:
        return fault
    listed = fault.detail.split(_BETWEEN)
    ids = {one: one.partition(" ")[0] for one in listed}
    known = {int(text) for text in ids.values() if text.isascii() and text.isdecimal()}
    taken = {str(one) for one in of_documents(journal).taken(known, family)}
    return Fault(fault.code, fault.path, _BETWEEN.join(o for o in listed if ids[o] not in taken))
