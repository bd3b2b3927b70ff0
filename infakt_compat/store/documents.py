"""Which documents an account has: v3's integer id, its uuid and its kind (decisions.md section 4).

A v2 id is the v3 integer id; today's v3 wants the uuid, and the kind says in which resource the
document is. One number can name documents of different kinds: a look-up gives all of them.
"""

from collections.abc import Collection, Iterable, Iterator

from attrs import frozen
from sqlalchemy import Connection, RowMapping, delete, func, or_, select

from infakt_compat.store import checks
from infakt_compat.store.database import Database, upsert
from infakt_compat.store.schema import documents, residues
from infakt_compat.store.times import Moment, Times, seconds, span

_TOGETHER = 400
#: A document is noted again after this time only: listing what is known writes nothing.
_FRESH = span(24 * 3600)


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
        rows = {(document.id, document.kind): _checked(document) for document in seen}
        fresh = 0
        for part in _parts([rows[key] for key in sorted(rows)]):
            fresh += self._see(account, part, moment)
        return fresh

    def find(
        self, account: str, number: int, kinds: Collection[str] | None = None
    ) -> tuple[Document, ...]:
        """Give every document of that id, of these kinds only when kinds are given."""
        if not 0 < number <= checks.MOST_ID:
            return ()
        query = select(documents).where(documents.c.account == account, documents.c.id == number)
        if kinds is not None:
            query = query.where(documents.c.kind.in_(list(kinds)))
        query = query.order_by(documents.c.kind)
        rows = self._database.read(lambda connection: connection.execute(query).mappings().all())
        return tuple(_document(row) for row in rows)

    def by_uuid(self, account: str, uuid: str) -> Document | None:
        """Give the document of that uuid, the last seen should there be several."""
        query = (
            select(documents)
            .where(documents.c.account == account, documents.c.uuid == uuid)
            .order_by(documents.c.seen_at.desc())
            .limit(1)
        )
        row = self._database.read(lambda connection: connection.execute(query).mappings().first())
        return None if row is None else _document(row)

    def count(self, account: str, kind: str | None = None) -> int:
        """Say how many documents are known."""
        query = select(func.count()).where(documents.c.account == account)
        if kind is not None:
            query = query.where(documents.c.kind == kind)
        return self._database.read(lambda connection: connection.execute(query).scalar_one())

    def forget(self, account: str, kind: str, number: int) -> bool:
        """Forget a document and, in the same transaction, its residue; say whether it was known."""

        def work(connection: Connection) -> bool:
            gone = 0
            for table in (residues, documents):
                gone = connection.execute(
                    delete(table).where(
                        table.c.account == account, table.c.kind == kind, table.c.id == number
                    )
                ).rowcount
            return gone > 0

        return self._database.write(work)

    def _see(self, account: str, part: list[Document], moment: int) -> int:
        known = self._known(account, part)
        stale = [d for d in part if _to_write(d, known.get((d.id, d.kind)), moment)]
        if stale:
            rows: list[dict[str, object]] = [
                {"account": account, "kind": d.kind, "id": d.id, "uuid": d.uuid, "seen_at": moment}
                for d in stale
            ]
            self._database.write(lambda connection: _store(connection, rows))
        return sum((d.id, d.kind) not in known for d in part)

    def _known(self, account: str, part: list[Document]) -> dict[tuple[int, str], RowMapping]:
        query = select(documents).where(
            documents.c.account == account, documents.c.id.in_([d.id for d in part])
        )
        rows = self._database.read(lambda connection: connection.execute(query).mappings().all())
        return {(row["id"], row["kind"]): row for row in rows}


def _store(connection: Connection, rows: list[dict[str, object]]) -> None:
    statement = upsert(connection, documents)
    new = statement.excluded
    changed = statement.on_conflict_do_update(
        index_elements=[documents.c.account, documents.c.id, documents.c.kind],
        set_={"uuid": func.coalesce(new.uuid, documents.c.uuid), "seen_at": new.seen_at},
        # An older process that writes late does not undo what a newer one saw.
        where=or_(documents.c.seen_at <= new.seen_at, documents.c.uuid.is_(None)),
    )
    connection.execute(changed, rows)


def _to_write(document: Document, row: RowMapping | None, moment: int) -> bool:
    if row is None or moment - row["seen_at"] >= _FRESH:
        return True
    return document.uuid is not None and document.uuid != row["uuid"]


def _checked(document: Document) -> Document:
    checks.name(document.kind, "a kind")
    checks.document_id(document.id)
    checks.text(document.uuid, "a uuid")
    return document


def _document(row: RowMapping) -> Document:
    return Document(row["kind"], row["id"], row["uuid"], seconds(row["seen_at"]))


def _parts(rows: list[Document]) -> Iterator[list[Document]]:
    for start in range(0, len(rows), _TOGETHER):
        yield rows[start : start + _TOGETHER]
