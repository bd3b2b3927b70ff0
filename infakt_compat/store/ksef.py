"""Invoices on their way to KSeF, and what KSeF made of them (decisions.md section 5).

One row an invoice, noted before it is sent, so that whoever comes after a process that died goes
on. A row says when it has to be looked at next; who looks moves that moment on first, so that of
several processes one looks and one sends. Rows go by age (`Ages.ksef`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from attrs import field, frozen
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    select,
    update,
)

from infakt_compat.store import checks
from infakt_compat.store.database import Database, upsert
from infakt_compat.store.schema import metadata
from infakt_compat.store.statements import Statement
from infakt_compat.store.times import Moment, Times, seconds, span

COMPONENT = "ksef"
#: The steps to the present table, as `steps.py` has them for the store itself.
STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE infakt_ksef (
            account TEXT NOT NULL, id BIGINT NOT NULL,
            uuid TEXT NOT NULL, state TEXT NOT NULL,
            since BIGINT NOT NULL, looks INTEGER NOT NULL, next_look BIGINT,
            number TEXT, code TEXT, text TEXT, version TEXT NOT NULL,
            PRIMARY KEY (account, id))""",
        "CREATE INDEX infakt_ksef_next_look ON infakt_ksef (account, next_look)",
    ),
)

rows = Table(
    "infakt_ksef", metadata,
    Column("account", Text, primary_key=True, nullable=False),
    Column("id", BigInteger, primary_key=True, nullable=False, autoincrement=False),
    Column("uuid", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("next_look", BigInteger),
    Column("number", Text),
    Column("code", Text),
    Column("text", Text),
    Column("version", Text, nullable=False),
    Index("infakt_ksef_next_look", "account", "next_look"),
)  # fmt: skip


_ACCOUNT = bindparam("of_account", type_=Text)
_HERE = and_(rows.c.account == _ACCOUNT, rows.c.id == bindparam("of_id", type_=BigInteger))
_GET = Statement(select(rows).where(_HERE))
_USED = Statement(select(rows.c.id).where(rows.c.account == _ACCOUNT).limit(1))
_FORGET = Statement(delete(rows).where(_HERE))


class KsefState(StrEnum):
    """How an invoice stands with KSeF."""

    DUE = "due"
    """It has to be sent, as soon as it is no draft."""
    ASKED = "asked"
    """v3 was told to send it with its create, and has not shown that it did."""
    SENT = "sent"
    """v3 has sent it, or says so; KSeF has not judged it yet."""
    ACCEPTED = "accepted"
    """KSeF has it: it is not changed or deleted any more."""
    REJECTED = "rejected"
    """KSeF, or v3 on the way there, has refused it."""


@frozen
class KsefInvoice:
    """An invoice's row.

    `since` and `next_look` are microseconds since the epoch; without a `next_look` nobody looks any
    more. `number`, `code` and `text` say what was rejected and why; the text is masked. `version`
    is another each time that it comes to stand otherwise.
    """

    id: int
    uuid: str
    state: KsefState
    since: int
    looks: int = 0
    next_look: int | None = None
    number: str | None = None
    code: str | None = None
    text: str | None = None
    version: str = field(factory=lambda: uuid4().hex, repr=False)

    @property
    def at(self) -> datetime:
        """The moment from which it stands so, in UTC."""
        return datetime.fromtimestamp(seconds(self.since), UTC)


class KsefInvoices:
    """What is on its way to KSeF, of every account."""

    def __init__(self, database: Database, times: Times) -> None:
        """Work in a database, by a clock."""
        self._database = database
        self._times = times

    def get(self, account: str, number: int) -> KsefInvoice | None:
        """Give an invoice's row."""
        named = {"of_account": account, "of_id": number}
        row = self._database.read(lambda connection: _GET(connection, named).first())
        return None if row is None else _invoice(row)

    def put(
        self,
        account: str,
        number: int,
        uuid: str,
        state: KsefState,
        look_in: float | None,
        now: Moment | None = None,
    ) -> KsefInvoice:
        """Note how an invoice stands, whatever was noted before; `look_in` is in seconds."""
        moment = self._times.now(now)
        made = KsefInvoice(
            checks.document_id(number), checks.name(uuid, "a uuid"), state, moment,
            next_look=_after(moment, look_in),
        )  # fmt: skip
        values = _values(made)

        def work(connection: Connection) -> None:
            key = {"account": checks.name(account, "an account"), "id": made.id}
            statement = upsert(connection, rows).values(**key, **values)
            keys = [rows.c.account, rows.c.id]
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))

        self._database.write(work)
        return made

    def move(
        self,
        account: str,
        before: KsefInvoice,
        state: KsefState,
        look_in: float | None,
        *,
        number: str | None = None,
        code: str | None = None,
        text: str | None = None,
        now: Moment | None = None,
    ) -> KsefInvoice | None:
        """Note that an invoice stands otherwise now; None when another was quicker.

        Who gets an answer is the only one, and does what follows from it: sends it, says it. A move
        to the same state is another look in it, and no new beginning.
        """
        moment = self._times.now(now)
        since, looks = (moment, 0) if state != before.state else (before.since, before.looks + 1)
        after = KsefInvoice(
            before.id, before.uuid, state, since, looks, _after(moment, look_in),
            checks.text(number, "a number"), checks.text(code, "a code"),
            checks.text(text, "a text"),
        )  # fmt: skip

        def work(connection: Connection) -> bool:
            here = and_(_key(account, before.id), rows.c.version == before.version)
            connection.execute(update(rows).where(here).values(_values(after)))
            # Read back: a repeat after a lost connection finds what it did itself.
            query = select(rows.c.version).where(_key(account, before.id))
            return connection.execute(query).scalar() == after.version

        return after if self._database.write(work) else None

    def waiting(
        self,
        account: str,
        due: bool = True,
        most: int | None = None,
        now: Moment | None = None,
    ) -> Sequence[KsefInvoice]:
        """Give what has to be looked at, now or (not `due`) some time, the longest due first."""
        query = select(rows).where(rows.c.account == account, rows.c.next_look.is_not(None))
        if due:
            query = query.where(rows.c.next_look <= self._times.now(now))
        return self._all(query.order_by(rows.c.next_look, rows.c.id).limit(most))

    def rejected(self, account: str) -> Sequence[KsefInvoice]:
        """Give what was rejected and not accepted since, the newest first."""
        query = select(rows).where(
            rows.c.account == account, rows.c.state == KsefState.REJECTED.value
        )
        return self._all(query.order_by(rows.c.since.desc(), rows.c.id.desc()))

    def used(self, account: str) -> bool:
        """Say whether any invoice of an account is known to have gone to KSeF."""
        named = {"of_account": account}
        row = self._database.read(lambda connection: _USED(connection, named).first())
        return row is not None

    def claim(
        self, account: str, seen: KsefInvoice, look_in: float | None, now: Moment | None = None
    ) -> bool:
        """Take the next look at an invoice, and say when the one after is due; False: another did.

        Without `look_in` this look is the last one.
        """
        moment = self._times.now(now)
        following = {"looks": seen.looks + 1, "next_look": _after(moment, look_in)}
        here = and_(
            _key(account, seen.id),
            rows.c.version == seen.version,
            rows.c.looks == seen.looks,
        )
        statement = update(rows).where(here).values(following)
        return self._database.write(lambda connection: connection.execute(statement).rowcount > 0)

    def age(self, invoice: KsefInvoice, now: Moment | None = None) -> float:
        """Say for how many seconds an invoice has stood so."""
        return seconds(self._times.now(now) - invoice.since)

    def forget(self, account: str, number: int) -> bool:
        """Forget an invoice; say whether there was anything. Does not wait for the disk."""
        if self.get(account, number) is None:  # nearly always: spare it the lock
            return False
        named = {"of_account": account, "of_id": number}
        return self._database.write_brisk(lambda c: _FORGET(c, named).rowcount > 0)

    def _all(self, query: Any) -> list[KsefInvoice]:
        found = self._database.read(lambda connection: connection.execute(query).all())
        return [_invoice(row) for row in found]


def _key(account: str, number: int) -> ColumnElement[bool]:
    return and_(rows.c.account == account, rows.c.id == number)


def _after(moment: int, length: float | None) -> int | None:
    return None if length is None else moment + span(length)


def _values(invoice: KsefInvoice) -> dict[str, Any]:
    return {
        "uuid": invoice.uuid, "state": invoice.state.value, "since": invoice.since,
        "looks": invoice.looks, "next_look": invoice.next_look, "number": invoice.number,
        "code": invoice.code, "text": invoice.text, "version": invoice.version,
    }  # fmt: skip


def _invoice(row: Row[Any]) -> KsefInvoice:
    values = dict(row._mapping)
    del values["account"]
    return KsefInvoice(**{**values, "state": KsefState(values["state"])})
