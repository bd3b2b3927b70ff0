"""Leases: work that one process at a time does, and that another takes over when it dies.

A lease ends by itself: a process that is killed holds nobody up for longer than it asked for.
"""

from uuid import uuid4

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from infakt_compat.store import checks
from infakt_compat.store.database import Database, upsert
from infakt_compat.store.schema import leases
from infakt_compat.store.times import Moment, Times, span


@frozen
class Lease:
    """The right to do some work, until it ends."""

    account: str
    name: str
    holder: str


class Leases:
    """The leases of every account, by name."""

    def __init__(self, database: Database, times: Times) -> None:
        """Work in a database, by a clock."""
        self._database = database
        self._times = times

    def acquire(
        self, account: str, name: str, length: float, now: Moment | None = None
    ) -> Lease | None:
        """Take a lease for some seconds; None while another has it."""
        checks.name(account, "an account")
        checks.name(name, "a name")
        moment = self._times.now(now)
        if self._held(account, name, moment):  # most who ask come too late: spare them the lock
            return None
        lease = Lease(account, name, uuid4().hex)
        row = {"holder": lease.holder, "held_until": moment + span(length)}

        def work(connection: Connection) -> bool:
            statement = upsert(connection, leases).values(account=account, name=name, **row)
            free = or_(leases.c.held_until <= moment, leases.c.holder == lease.holder)
            keys = [leases.c.account, leases.c.name]
            connection.execute(
                statement.on_conflict_do_update(index_elements=keys, set_=row, where=free)
            )
            # Read back: the number of rows that an INSERT changed is not to be had everywhere.
            return (
                connection.execute(select(leases.c.holder).where(_mine(lease))).first() is not None
            )

        return lease if self._database.write(work) else None

    def renew(self, lease: Lease, length: float, now: Moment | None = None) -> bool:
        """Hold a lease for so many seconds from now; False when it has gone to another."""
        until = self._times.now(now) + span(length)
        statement = update(leases).where(_mine(lease)).values(held_until=until)
        return self._database.write(lambda connection: connection.execute(statement).rowcount > 0)

    def release(self, lease: Lease) -> bool:
        """Give a lease back; False when it had gone to another."""
        statement = delete(leases).where(_mine(lease))
        return self._database.write(lambda connection: connection.execute(statement).rowcount > 0)

    def _held(self, account: str, name: str, moment: int) -> bool:
        query = select(leases.c.holder).where(
            leases.c.account == account, leases.c.name == name, leases.c.held_until > moment
        )
        row = self._database.read(lambda connection: connection.execute(query).first())
        return row is not None


def _mine(lease: Lease) -> ColumnElement[bool]:
    return and_(
        leases.c.account == lease.account,
        leases.c.name == lease.name,
        leases.c.holder == lease.holder,
    )
