"""What goes by age: personal data first, and what only fills the disk (decisions.md section 7)."""

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, or_, select

from infakt_compat.store.ages import Ages
from infakt_compat.store.answers import DOUBTFUL, SETTLED
from infakt_compat.store.database import Database
from infakt_compat.store.ksef import rows as ksef_invoices
from infakt_compat.store.limits import prune
from infakt_compat.store.schema import answers, created, documents, leases, residues, values
from infakt_compat.store.times import span


@frozen
class Purged:
    """How many rows went."""

    answers: int
    residues: int
    created: int
    leases: int
    events: int
    ksef: int = 0


def purge(database: Database, ages: Ages, moment: int) -> Purged:
    """Delete what is too old, and on SQLite empty the log that still holds it."""
    gone = database.write(lambda connection: _purge(connection, ages, moment))
    database.checkpoint()
    return gone


def forget_account(database: Database, account: str) -> int:
    """Delete all that is kept of an account; gives the number of rows."""

    def work(connection: Connection) -> int:
        tables = (documents, residues, answers, created, values, leases, ksef_invoices)
        return sum(_delete(connection, table, table.c.account == account) for table in tables)

    gone = database.write(work)
    database.checkpoint()
    return gone


def _purge(connection: Connection, ages: Ages, moment: int) -> Purged:
    def before(age: float) -> int:
        return moment - span(age)

    over = or_(
        and_(
            answers.c.state.in_(SETTLED),
            or_(
                answers.c.settled_at <= before(ages.answered),
                answers.c.delivered_at <= before(ages.delivered),
            ),
        ),
        and_(
            answers.c.state.in_(DOUBTFUL),
            answers.c.sent_at <= before(ages.in_doubt),
            answers.c.held_until <= moment,
        ),
    )
    document = select(documents.c.id).where(
        documents.c.account == residues.c.account,
        documents.c.id == residues.c.id,
        documents.c.kind == residues.c.kind,
    )
    orphan = and_(residues.c.updated_at <= before(ages.residue), ~document.exists())
    return Purged(
        answers=_delete(connection, answers, over),
        residues=_delete(connection, residues, orphan),
        created=_delete(connection, created, created.c.created_at <= before(ages.created)),
        leases=_delete(connection, leases, leases.c.held_until <= moment),
        events=prune(connection, moment),
        ksef=_delete(connection, ksef_invoices, ksef_invoices.c.since <= before(ages.ksef)),
    )


def _delete(connection: Connection, table: Table, where: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(where)).rowcount
