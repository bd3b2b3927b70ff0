"""What a dry run says of the way ahead, beside what each document lacks: KSeF, and the dialect."""

from sqlalchemy import ColumnElement, func, select

from infakt_compat.migrate.importing.after import SENT
from infakt_compat.migrate.importing.bodies import DRAFTS, PRINTED
from infakt_compat.migrate.importing.settings import Settings
from infakt_compat.migrate.journal import Journal, State
from infakt_compat.migrate.journal.findings import place_of
from infakt_compat.migrate.journal.schema import entries
from infakt_compat.migrate.report.model import Finding
from infakt_compat.v3 import Dialect


def ahead(journal: Journal, settings: Settings, dialect: Dialect) -> list[Finding]:
    """Count the planned documents that go to KSeF, and those that the classic v3 leaves drafts."""
    e, found = entries.c, []
    issued = e.status.not_in(DRAFTS)
    if settings.send_to_ksef:
        found += _counted(journal, settings, "import.to_ksef", issued, e.kind == "vat")
    if dialect.name == "classic":
        # Reading a PDF makes a printed one of each (v3-wire 6).
        kept = (SENT,) if settings.pdf is not None else (SENT, PRINTED)
        found += _counted(journal, settings, "import.read_only", e.status.in_(kept))
    return found


def _counted(
    journal: Journal, settings: Settings, code: str, *which: ColumnElement[bool]
) -> list[Finding]:
    """Give a finding over the planned and chosen documents, with the first of them; or none."""
    e = entries.c
    query = select(func.count(), func.min(e.place)).where(
        e.state == State.PLANNED.value, e.resource == "invoice", e.family != "",
        settings.only.where(), *which,
    )  # fmt: skip
    count, first = journal.database.read(lambda c: c.execute(query).one())
    entry = journal.entry(first) if count else None
    if entry is None:
        return []
    found = Finding(code, "warning")
    found.came("", count)
    found.examples.append(place_of(entry))
    return [found]
