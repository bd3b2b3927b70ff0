"""A v2 id is v3's integer id: which document is it (decisions.md 4).

The store knows every document seen. For an id that it does not know, an index of all ids is built
once, by one process at a time; afterwards only rows that are newer than the last scan are read.
"""

from typing import Any

from attrs import frozen

from infakt_compat.facade.account import FAMILIES, Account, Record, document, family_of
from infakt_compat.facade.calls import Call
from infakt_compat.store import Document, Lease
from infakt_compat.v3 import Documents
from infakt_compat.v3.api import MOST_ROWS

_STATE = "ids"
_LEASE = 90.0
_PATIENCE = 60.0
_FIELDS = ("id", "uuid")
#: So often a page is read again because rows moved while the index was built.
_MOST_STEPS_BACK = 20


def number_of(value: object) -> int | None:
    """Read an id as callers give it, a number or its text; None for what names no document."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value > 0 else None
    text = value.strip() if isinstance(value, str) else ""
    return int(text) or None if text.isascii() and text.isdigit() and len(text) <= 18 else None


def resolve(call: Call, value: object) -> Document:
    """Say which document an id names.

    Raises 404 when no document has it, 409 when several do, 503 while that is not known yet.
    """
    number = number_of(value)
    if number is None:
        raise call.not_found()
    found = _known(call, number)
    if found is None:
        _search(call)
        found = _known(call, number)
    if found is None:
        raise call.not_found()
    return found


def _known(call: Call, number: int) -> Document | None:
    account = call.account
    found = account.store.documents.find(account.name, number, FAMILIES)
    if len(found) > 1:
        kinds = ", ".join(one.kind for one in found)
        raise call.refuse("id", f"the number {number} names several documents: {kinds}")
    return found[0] if found else None


def _search(call: Call) -> None:
    """Bring the index up to date, or build it; 503 when that takes longer than the patience."""
    index = Index(call.account)
    if index.whole() and index.refresh(call):
        return
    job = call.account.later.soon("the index of ids", index.build)
    if not call.account.later.threaded:
        call.account.later.run_all()

    def ended() -> bool:
        if job.ended.is_set() and job.error is not None:
            raise job.error
        return index.whole()

    if not call.wait_for(ended):
        raise call.outcome("limit", message="indexing")


@frozen
class Index:
    """The index of all ids of an account, in the store's documents."""

    account: Account

    def whole(self) -> bool:
        """Say whether every document was seen once."""
        return bool(self._state().get("whole"))

    def _state(self) -> Record:
        found: Record = self.account.store.values.get(self.account.name, _STATE) or {}
        return found

    def build(self) -> None:
        """Read the ids of all families, from where another left off; one process at a time."""
        leases = self.account.store.leases
        lease = leases.acquire(self.account.name, _STATE, _LEASE)
        if lease is None or self.whole():
            return
        try:
            if all(self._scan(family, lease) for family in FAMILIES):
                self._note(lambda state: {**state, "whole": True})
        finally:
            leases.release(lease)

    def _scan(self, family: str, lease: Lease) -> bool:
        """Read one family to its end; False when another process has taken over."""
        back = 0
        while True:
            mark = self._state().get(family, {"offset": 0, "last": 0, "top": 0, "done": False})
            if mark["done"]:
                return True
            if not self.account.store.leases.renew(lease, _LEASE):
                return False
            mark, moved = self._page(family, mark, careful=back < _MOST_STEPS_BACK)
            back += moved
            self._note(lambda state, mark=mark: {**state, family: mark})

    def _page(self, family: str, mark: Record, careful: bool) -> tuple[Record, bool]:
        """Read a page that begins with the last row of the one before.

        Another row there says that rows went away in between: then a page is read again.
        """
        start = max(mark["offset"] - 1, 0)
        page = self._resource(family).list(
            order="id asc", fields=_FIELDS, offset=start, limit=MOST_ROWS
        )
        rows = page.entities
        self.account.see((family, row) for row in rows)
        top = max([mark["top"], *(int(row["id"]) for row in rows)])
        first = int(rows[0]["id"]) if rows else 0
        if careful and mark["last"] and first != mark["last"]:
            offset = max(mark["offset"] - MOST_ROWS, 0)
            return {"offset": offset, "last": 0, "top": top, "done": False}, True
        last = int(rows[-1]["id"]) if rows else 0
        return {"offset": page.after, "last": last, "top": top, "done": page.last}, False

    def _resource(self, family: str) -> Documents:
        return family_of(self.account.v3.bounded(_PATIENCE), family)

    def _note(self, change: Any) -> None:
        self.account.store.values.update(self.account.name, _STATE, lambda old: change(old or {}))

    def refresh(self, call: Call) -> bool:
        """Read the rows that are newer than the last scan: one page a family, as a rule.

        False when v3 does not order by id after all: then the index has to be built anew.
        """
        state = self._state()
        for family in FAMILIES:
            before = state[family]["top"]
            top = self._newer(call, family, before)
            if top is None:
                self.account.store.values.put(self.account.name, _STATE, None)
                return False
            if top > before:
                # Another process may have seen more meanwhile.
                self._note(lambda old, name=family, new=top: _raised(old, name, new))
        return True

    def _newer(self, call: Call, family: str, before: int) -> int | None:
        """Note the rows above an id; gives the highest, None when they come in another order."""
        resource, offset, top, least = family_of(call.v3, family), 0, before, None
        while True:
            page = resource.list(order="id desc", fields=_FIELDS, offset=offset, limit=MOST_ROWS)
            for row in page.entities:
                number = int(row["id"])
                if offset == 0 and least is not None and number >= least:
                    return None
                least = number
                top = max(top, number)
            new = [row for row in page.entities if document(family, row).id > before]
            self.account.see((family, row) for row in new)
            if page.last or len(new) < len(page.entities):
                return top
            offset = page.after


def _raised(state: Record | None, family: str, top: int) -> Record:
    """Move up the mark of a family, never down."""
    known = dict(state or {})
    mark = known.get(family, {})
    return {**known, family: {**mark, "top": max(top, mark.get("top", 0))}}
