"""Which documents an account has: v3's integer id, its uuid and its kind (decisions.md section 4).

A v2 id is the v3 integer id; today's v3 wants the uuid, and the kind says in which resource the
document is. One number can name documents of different kinds: a look-up gives all of them.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from attrs import frozen
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from infakt_compat.store import checks
from infakt_compat.store.database import Change, Database, upsert_in
from infakt_compat.store.schema import documents, residues
from infakt_compat.store.statements import Statement
from infakt_compat.store.times import Moment, Times, seconds, span

#: By id and kind: the uuid, and when it was seen.
Known = dict[tuple[int, str], tuple[str | None, int]]

_TOGETHER = 400
#: A document is noted again after this time only: listing what is known writes nothing.
_FRESH = span(24 * 3600)

_ACCOUNT = bindparam("of_account", type_=Text)
_KIND = bindparam("of_kind", type_=Text)
_ID = bindparam("of_id", type_=BigInteger)
_UUID = bindparam("new_uuid", type_=Text)
_SEEN_AT = bindparam("new_seen_at", type_=BigInteger)
_IDS = bindparam("of_ids", type_=BigInteger, expanding=True)


def _named(table: Table) -> ColumnElement[bool]:
    return and_(table.c.account == _ACCOUNT, table.c.kind == _KIND, table.c.id == _ID)


_FIND = Statement(
    select(documents)
    .where(documents.c.account == _ACCOUNT, documents.c.id == _ID)
    .order_by(documents.c.kind)
)
_KNOWN = select(documents.c.id, documents.c.kind, documents.c.uuid, documents.c.seen_at).where(
    documents.c.account == _ACCOUNT, documents.c.id.in_(_IDS)
)
_FORGET = tuple(Statement(delete(table).where(_named(table))) for table in (residues, documents))


def _noted(dialect: str) -> sqlite.Insert | postgresql.Insert:
    statement = upsert_in(dialect, documents).values(
        account=_ACCOUNT, id=_ID, kind=_KIND, uuid=_UUID, seen_at=_SEEN_AT
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[documents.c.account, documents.c.id, documents.c.kind],
        set_={"uuid": func.coalesce(new.uuid, documents.c.uuid), "seen_at": new.seen_at},
        # An older process that writes late does not undo what a newer one saw.
        where=or_(documents.c.seen_at <= new.seen_at, documents.c.uuid.is_(None)),
    )


_NOTE = Statement(_noted)


@frozen
class Document:
    """A v3 document: its resource's name as `kind`, its integer id, its uuid where v3 gave one."""

    kind: str
    id: int
    uuid: str | None = None
    seen_at: float = 0.0


class Documents:
    """The documents seen, of every account."""

    def __init__(self, database: Database, times: Times) -> None:
        """Work in a database, by a clock."""
        self._database = database
        self._times = times

    def see(self, account: str, seen: Iterable[Document], now: Moment | None = None) -> int:
        """Note documents that v3 showed; gives how many were not known before.

        A uuid that is known stays when a list without uuids is seen (the classic dialect).
        """
        checks.name(account, "an account")
        moment = self._times.now(now)
        rows = {(checks.document_id(one.id), one.kind): one for one in seen}
        fresh = 0
        for part in _parts([rows[key] for key in sorted(rows)]):
            fresh += self._see(account, part, moment)
        return fresh

    def noting(self, account: str, document: Document, now: Moment | None = None) -> Change:
        """Give what notes a document, for a transaction that writes more than that."""
        row = _row(checks.name(account, "an account"), _checked(document), self._times.now(now))
        return lambda connection: _NOTE(connection, row)

    def find(
        self, account: str, number: int, kinds: Collection[str] | None = None
    ) -> tuple[Document, ...]:
        """Give every document of that id, of these kinds only when kinds are given."""
        if not 0 < number <= checks.MOST_ID:
            return ()
        wanted = {"of_account": account, "of_id": number}
        rows = self._database.read(lambda connection: _FIND(connection, wanted).all())
        return tuple(_document(row) for row in rows if kinds is None or row.kind in kinds)

    def by_uuid(self, account: str, uuid: str) -> Document | None:
        """Give the document of that uuid, the last seen should there be several."""
        query = (
            select(documents)
            .where(documents.c.account == account, documents.c.uuid == uuid)
            .order_by(documents.c.seen_at.desc())
            .limit(1)
        )
        row = self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else _document(row)

    def count(self, account: str, kind: str | None = None) -> int:
        """Say how many documents are known."""
        query = select(func.count()).where(documents.c.account == account)
        if kind is not None:
            query = query.where(documents.c.kind == kind)
        return self._database.read(lambda connection: connection.execute(query).scalar_one())

    def forget(self, account: str, kind: str, number: int) -> bool:
        """Forget a document and, in the same transaction, its residue; say whether it was known.

        Does not wait for the disk: v3 says again that a document is gone.
        """
        named = {"of_account": account, "of_kind": kind, "of_id": number}

        def work(connection: Connection) -> bool:
            gone = [statement(connection, named).rowcount for statement in _FORGET]
            return gone[-1] > 0

        return self._database.write_brisk(work)

    def _see(self, account: str, part: list[Document], moment: int) -> int:
        known = self._known(account, part)
        stale = [
            one for one in part if _to_write(one, known.get((one.id, one.kind)), moment - _FRESH)
        ]
        if stale:
            rows = [_row(account, _checked(document), moment) for document in stale]
            self._database.write_brisk(lambda connection: _NOTE.many(connection, rows))
        return sum((one.id, one.kind) not in known for one in stale)

    def _known(self, account: str, part: list[Document]) -> Known:
        wanted = {"of_account": account, "of_ids": [document.id for document in part]}
        rows = self._database.read(lambda connection: connection.execute(_KNOWN, wanted).all())
        return {(number, kind): (uuid, seen_at) for number, kind, uuid, seen_at in rows}


def _row(account: str, document: Document, moment: int) -> dict[str, object]:
    return {"of_account": account, "of_kind": document.kind, "of_id": document.id,
            "new_uuid": document.uuid, "new_seen_at": moment}  # fmt: skip


def _to_write(document: Document, known: tuple[str | None, int] | None, old: int) -> bool:
    if known is None or known[1] <= old:
        return True
    return document.uuid is not None and document.uuid != known[0]


def _checked(document: Document) -> Document:
    checks.name(document.kind, "a kind")
    checks.document_id(document.id)
    checks.text(document.uuid, "a uuid")
    return document


def _document(row: Row[Any]) -> Document:
    return Document(row.kind, row.id, row.uuid, seconds(row.seen_at))


def _parts(rows: list[Document]) -> Iterator[list[Document]]:
    for start in range(0, len(rows), _TOGETHER):
        yield rows[start : start + _TOGETHER]
