"""Nonces: none is good twice, also between processes, and a repeat is known (decisions.md 5, 7).

A nonce is taken in one transaction, under the key of its row. The same nonce with another request
is refused, also with another timestamp; with the very same one (its fingerprint) it is a repeat: a
write then gets the answer that is kept, a read runs again.
"""

import base64
import json
from enum import Enum, auto
from typing import Any
from uuid import uuid4

from attrs import frozen
from sqlalchemy import BigInteger, ClauseElement, Connection, bindparam, delete, select, update

from infakt_compat.dropin.messages import Answer
from infakt_compat.dropin.tables import nonces
from infakt_compat.store.database import Database, upsert_in
from infakt_compat.store.statements import Statement
from infakt_compat.store.times import Moment, micros, span

#: A write takes at most so many seconds longer than the caller's patience: v3 gets the time to end
#: it. Then who did it is dead, and a repeat takes it over.
BEYOND = 65.0
#: Clocks of two machines may differ by as much.
_MARGIN = 60.0


class Seen(Enum):
    """What a nonce and its request were found to be."""

    NEW = auto()
    """Never seen."""
    READ = auto()
    """A repeat of a read."""
    ANSWERED = auto()
    """A repeat of a write that has its answer."""
    AT_WORK = auto()
    """A repeat of a write that another is doing."""
    RESUMED = auto()
    """A repeat of a write that was begun and never ended; it is this caller's now."""
    USED = auto()
    """Another request used it."""


@frozen
class Taken:
    """A nonce as it was taken; `holder` marks this caller's part in it."""

    nonce: str
    seen: Seen
    holder: str = ""
    answer: Answer | None = None


class Nonces:
    """The nonces of all processes that share a store."""

    def __init__(self, database: Database, skew: float, patience: float) -> None:
        """Keep nonces for twice the clock skew: as long as their requests could come again."""
        self._database = database
        self._hold = span(patience + BEYOND)
        self._kept = span(2 * skew + _MARGIN)

    def take(self, nonce: str, fingerprint: str, *, writes: bool, now: Moment) -> Taken:
        """Take a nonce for a request, both as keyed hashes; on disk for a write.

        A read that is forgotten in a power cut does no harm when it comes again.
        """
        moment, holder = micros(now), uuid4().hex
        row = {
            "nonce": nonce,
            "print": fingerprint,
            "holder": holder,
            "held_until": moment + self._hold if writes else 0,
            "kept_until": moment + self._kept,
            "answer": None,
        }
        run = self._database.write if writes else self._database.write_brisk
        return run(lambda connection: _take(connection, row, f"{holder}+", moment))

    def keep(self, taken: Taken, answer: Answer) -> None:
        """Keep the answer of a write for its repeats; one with 5xx only ends the work on it."""
        row = {"held_until": 0, "answer": _written(answer)}
        if answer.status >= 500:
            row = {"held_until": 0, "holder": ""}
        mine = update(nonces).where(nonces.c.nonce == taken.nonce, nonces.c.holder == taken.holder)
        self._database.write(lambda connection: connection.execute(mine, row))

    def purge(self, now: Moment) -> int:
        """Delete what is too old; gives how many."""
        old = delete(nonces).where(nonces.c.kept_until <= micros(now))
        return self._database.write_brisk(lambda connection: connection.execute(old).rowcount)


def _inserted(dialect: str) -> ClauseElement:
    """Insert a nonce, or put it in the place of one that is too old; gives nothing otherwise."""
    statement = upsert_in(dialect, nonces)
    row = {column.name: statement.excluded[column.name] for column in nonces.c}
    over = nonces.c.kept_until <= bindparam("moment", type_=BigInteger)
    done = statement.on_conflict_do_update(index_elements=["nonce"], set_=row, where=over)
    return done.returning(nonces.c.holder)


_INSERT = Statement(_inserted)
_FOUND = Statement(select(nonces).where(nonces.c.nonce == bindparam("asked")))


def _take(connection: Connection, row: dict[str, Any], again: str, moment: int) -> Taken:
    nonce = row["nonce"]
    if _INSERT(connection, {**row, "moment": moment}).first() is not None:
        return Taken(nonce, Seen.NEW, row["holder"])
    found = _FOUND(connection, {"asked": nonce}).one()
    if found.holder == row["holder"]:
        return Taken(nonce, Seen.NEW, found.holder)
    if found.holder == again:  # the commit of this very work was lost, and it runs again
        return Taken(nonce, Seen.RESUMED, again)
    if found.print != row["print"]:
        return Taken(nonce, Seen.USED)
    if found.answer is not None:
        return Taken(nonce, Seen.ANSWERED, answer=_read(found.answer))
    if not row["held_until"]:
        return Taken(nonce, Seen.READ)
    if found.held_until > moment:
        return Taken(nonce, Seen.AT_WORK)
    return _resume(connection, row, found.holder, again)


def _resume(connection: Connection, row: dict[str, Any], holder: str, again: str) -> Taken:
    """Take over a write that nobody is at any more; one that was given back is as good as new."""
    nonce, mine = row["nonce"], again if holder else row["holder"]
    same = update(nonces).where(nonces.c.nonce == nonce, nonces.c.holder == holder)
    change = {"holder": mine, "held_until": row["held_until"]}
    if not connection.execute(same, change).rowcount:
        return Taken(nonce, Seen.AT_WORK)
    return Taken(nonce, Seen.RESUMED if holder else Seen.NEW, mine)


def _written(answer: Answer) -> str:
    """Write an answer as JSON; its notices and `told` belong to the first time."""
    return json.dumps({
        "status": answer.status,
        "content_type": answer.content_type,
        "body": base64.b64encode(answer.body).decode(),
        "headers": answer.headers,
        "verb": answer.verb,
    })  # fmt: skip


def _read(text: str) -> Answer:
    kept = json.loads(text)
    headers = tuple((name, value) for name, value in kept["headers"])
    body = base64.b64decode(kept["body"])
    return Answer(kept["status"], kept["content_type"], body, headers, kept["verb"])
