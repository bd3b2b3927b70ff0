"""The residue of each document: what v3 cannot hold of what v2 wrote (decisions.md section 3).

Opaque here: `infakt_compat.translate` reads and writes it. It goes with its document
(`Documents.forget`); one whose document is not known goes by age (`purge`).
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, RowMapping, Text, bindparam, select

from infakt_compat.store import checks
from infakt_compat.store.database import Change, Database
from infakt_compat.store.records import Key, Records, loaded
from infakt_compat.store.schema import residues
from infakt_compat.store.times import Moment, Times

Residue = dict[str, Any]

_TOGETHER = 400
# Built once: building a statement takes longer than running it.
_OF = select(residues.c.kind, residues.c.id, residues.c.body).where(
    residues.c.account == bindparam("of_account", type_=Text),
    residues.c.kind.in_(bindparam("of_kinds", type_=Text, expanding=True)),
    residues.c.id.in_(bindparam("of_ids", type_=BigInteger, expanding=True)),
)


class Residues:
    """The residues of every account, by kind and id of the document."""

    def __init__(self, database: Database, times: Times) -> None:
        """Work in a database, by a clock."""
        self._database = database
        self._records = Records(database, residues)
        self._times = times

    def get(self, account: str, kind: str, number: int) -> Residue:
        """Give a document's residue, `{}` when it has none."""
        if not 0 < number <= checks.MOST_ID:
            return {}
        found: Residue | None = self._records.get(_key(account, kind, number))
        return {} if found is None else found

    def of(
        self, account: str, documents: Collection[tuple[str, int]]
    ) -> dict[tuple[str, int], Residue]:
        """Give the residues of many documents, each by kind and id; most have none."""
        wanted = sorted({one for one in documents if 0 < one[1] <= checks.MOST_ID})
        found: dict[tuple[str, int], Residue] = {}
        for start in range(0, len(wanted), _TOGETHER):
            for row in self._of(account, wanted[start : start + _TOGETHER]):
                found[row["kind"], row["id"]] = loaded(row["body"])
        return {one: found[one] for one in wanted if one in found}

    def _of(self, account: str, part: list[tuple[str, int]]) -> Sequence[RowMapping]:
        """Read the residues of these ids in these kinds; more than was asked for, as it may be."""
        asked = {
            "of_account": account,
            "of_kinds": sorted({kind for kind, _ in part}),
            "of_ids": sorted({number for _, number in part}),
        }
        return self._database.read(
            lambda connection: connection.execute(_OF, asked).mappings().all()
        )

    def put(
        self, account: str, kind: str, number: int, residue: Residue, now: Moment | None = None
    ) -> None:
        """Keep a document's residue in place of the one before; `{}` keeps none."""
        self._records.put(_key(account, kind, number), residue, self._times.now(now))

    def putting(
        self, account: str, kind: str, number: int, residue: Residue, now: Moment | None = None
    ) -> Change:
        """Give what keeps a residue, for a transaction that writes more than that."""
        return self._records.putting(_key(account, kind, number), residue, self._times.now(now))

    def update(
        self,
        account: str,
        kind: str,
        number: int,
        change: Callable[[Residue], Residue],
        now: Moment | None = None,
    ) -> Residue:
        """Change a residue by a pure function, that may run more than once; gives the new one."""
        key = _key(account, kind, number)
        moment = self._times.now(now)
        new: Residue | None = self._records.update(key, lambda old: change(old or {}), moment)
        return new or {}


def _key(account: str, kind: str, number: int) -> Key:
    return {
        "account": checks.name(account, "an account"),
        "kind": checks.name(kind, "a kind"),
        "id": checks.document_id(number),
    }
