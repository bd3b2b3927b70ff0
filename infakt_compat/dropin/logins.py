"""Logins: who guesses passwords has to wait longer with each failure, in all processes together.

A login counts as failed from its beginning, so that guesses made at the same moment count too; one
that succeeds clears the user. Only who can sign as the consumer comes this far, so that nobody else
can keep a user out.
"""

from uuid import uuid4

from sqlalchemy import Connection, and_, delete, select, update

from infakt_compat.dropin.tables import logins
from infakt_compat.store.database import Database, upsert
from infakt_compat.store.times import Moment, micros, seconds, span

#: As many may fail, or be under way, before the first wait.
FREE = 5
#: The first wait in seconds, then twice as long each time, up to the last.
_FIRST, _LONGEST = 1.0, 900.0
#: Failures are forgotten after a day without another.
_KEPT = 86_400.0


class Logins:
    """The failed logins of all processes that share a store."""

    def __init__(self, database: Database) -> None:
        """Work in a database."""
        self._database = database

    def begin(self, login: str, now: Moment) -> float:
        """Begin a login (a keyed hash of the user): 0.0, or the seconds to wait first."""
        moment, holder = micros(now), uuid4().hex
        wait = self._database.write(lambda connection: _begin(connection, login, holder, moment))
        return seconds(wait)

    def succeeded(self, login: str) -> None:
        """Forget the failures of a user whose password was right."""
        own = delete(logins).where(logins.c.login == login)
        self._database.write_brisk(lambda connection: connection.execute(own).rowcount)

    def purge(self, now: Moment) -> int:
        """Delete what is too old; gives how many."""
        old = delete(logins).where(logins.c.kept_until <= micros(now))
        return self._database.write_brisk(lambda connection: connection.execute(old).rowcount)


def _begin(connection: Connection, login: str, holder: str, moment: int) -> int:
    row = {"holder": holder, "blocked_until": 0, "kept_until": moment + span(_KEPT)}
    insert = upsert(connection, logins).values(login=login, failures=1, **row)
    free = and_(logins.c.blocked_until <= moment, logins.c.holder != holder)
    more = {**row, "failures": logins.c.failures + 1}
    connection.execute(
        insert.on_conflict_do_update(index_elements=["login"], set_=more, where=free)
    )
    found = connection.execute(select(logins).where(logins.c.login == login)).one()
    if found.holder != holder:
        return int(found.blocked_until) - moment
    own = update(logins).where(logins.c.login == login)
    connection.execute(own, {"blocked_until": moment + span(_wait(found.failures))})
    return 0


def _wait(failures: int) -> float:
    """Say how long the next login has to wait after so many failures."""
    if failures < FREE:
        return 0.0
    return min(_FIRST * 2.0 ** min(failures - FREE, 20), _LONGEST)
