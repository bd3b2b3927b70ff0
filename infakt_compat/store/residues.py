"""The residue of each document: what v3 cannot hold of what v2 wrote (decisions.md section 3).

Opaque here: `infakt_compat.translate` reads and writes it. It goes with its document
(`Documents.forget`); one whose document is not known goes by age (`purge`).
"""

from collections.abc import Callable
from typing import Any

from infakt_compat.store import checks
from infakt_compat.store.database import Database
from infakt_compat.store.records import Key, Records
from infakt_compat.store.schema import residues
from infakt_compat.store.times import Moment, Times

Residue = dict[str, Any]


class Residues:
    """The residues of every account, by kind and id of the document."""

    def __init__(self, database: Database, times: Times) -> None:
        """Work in a database, by a clock."""
        self._records = Records(database, residues)
        self._times = times

    def get(self, account: str, kind: str, number: int) -> Residue:
        """Give a document's residue, `{}` when it has none."""
        if not 0 < number <= checks.MOST_ID:
            return {}
        found: Residue | None = self._records.get(_key(account, kind, number))
        return {} if found is None else found

    def put(
        self, account: str, kind: str, number: int, residue: Residue, now: Moment | None = None
    ) -> None:
        """Keep a document's residue in place of the one before; `{}` keeps none."""
        self._records.put(_key(account, kind, number), residue, self._times.now(now))

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
