"""v2's verbs on clients (decisions.md 5)."""

from collections.abc import Mapping
from typing import Any

from infakt_compat.errors import ConversionError
from infakt_compat.facade import creating_clients, deleting, doubts, kept, paging
from infakt_compat.facade.account import CLIENTS, Account, Record, client_plan
from infakt_compat.facade.calls import Call, verb
from infakt_compat.facade.creating_clients import CLIENT
from infakt_compat.facade.ids import number_of
from infakt_compat.facade.once import Made
from infakt_compat.facade.requests_v2 import opened
from infakt_compat.facade.updating import stands
from infakt_compat.facade.views import client_id, shown, shown_all
from infakt_compat.translate.compile import blank
from infakt_compat.translate.view import Put, put
from infakt_compat.v3 import OutcomeUnknown
from infakt_compat.v3.api import MOST_ROWS

_ORDER = "id asc"


class Clients:
    """`api.clients`."""

    def __init__(self, account: Account) -> None:
        """Serve the clients of an account."""
        self._account = account

    def list(self, nip: object = None, page: object = None, per_page: object = None) -> Record:
        """Give a page of clients: `{"clients": [...], "info": {...}}`.

        `nip` is compared by its digits; one that is given but empty matches nobody.
        """
        with verb(self._account, "clients/list.json", CLIENT) as call:
            how = paging.asked(call, page, per_page)
            rows, total = _all(call, how) if nip is None else _with_nip(call, how, str(nip))
            found = shown_all(call, [(CLIENTS, row) for row in rows])
            return {client_plan().resource.v2.list: found, "info": how.info(total)}

    def show(self, id: object) -> Record:  # noqa: A002 - v2's name of the parameter
        """Give one client: `{"client": {...}}`."""
        with verb(self._account, f"clients/show/{number_of(id) or ''}.json", CLIENT) as call:
            return {CLIENT: shown(call, CLIENTS, call.v3.clients.show(_number(call, id)))}

    def create(self, tree: Mapping[str, Any]) -> Record:
        """Create a client: `{"client": {"client_id": ..., ...}}`."""
        made = self._made(tree, direct=True)
        made.told()
        return made.answer

    def making(self, tree: Mapping[str, Any]) -> Made:
        """Create a client for a caller who is told later."""
        return self._made(tree, direct=False)

    def _made(self, tree: Mapping[str, Any], direct: bool) -> Made:
        with (
            verb(self._account, "clients/create.json", CLIENT) as call,
            doubts.watched(self._account),
        ):
            return creating_clients.make(call, tree, direct)

    def update(self, id: object, tree: Mapping[str, Any]) -> Record:  # noqa: A002
        """Change the given fields; a body without `client` changes nothing and answers 200."""
        with verb(self._account, f"clients/update/{number_of(id) or ''}.json", CLIENT) as call:
            number = _number(call, id)
            if isinstance(tree, Mapping) and isinstance(tree.get(CLIENT), Mapping):
                _update(call, number, opened(call, tree))
            return {CLIENT: client_id(number)}

    def delete(self, id: object) -> Record:  # noqa: A002
        """Delete a client: `{"client": {"client_id": id}}`."""
        with verb(self._account, f"clients/delete/{number_of(id) or ''}.json", CLIENT) as call:
            number = _number(call, id)
            deleting.delete(call, CLIENTS, number, lambda: call.v3.clients.delete(number))
            return {CLIENT: client_id(number)}


def _number(call: Call, value: object) -> int:
    number = number_of(value)
    if number is None:
        raise call.not_found()
    return number


def _all(call: Call, how: paging.Asked) -> tuple[list[Record], int]:
    """Read a page, in the order of the ids: without one v3 gives another each time."""
    rows: list[Record] = []
    while True:
        limit = min(MOST_ROWS, how.per_page - len(rows))
        page = call.v3.clients.list(order=_ORDER, offset=how.start + len(rows), limit=limit)
        rows += page.entities
        if page.last or len(rows) >= how.per_page:
            return rows, page.total_count


def _with_nip(call: Call, how: paging.Asked, nip: str) -> tuple[list[Record], int]:
    """Find the clients of a tax number; v3 may ignore the filter, so each match is checked."""
    digits = _digits(nip)
    if not digits:
        return [], 0
    found = call.v3.clients.iterate({"clean_nip_eq": digits}, order=_ORDER)
    name = "nip"
    rows = [row for row in found if _digits(row.get(name)) == digits]
    return rows[how.start : how.start + how.per_page], len(rows)


def _digits(value: object) -> str:
    return "".join(c for c in str(value or "") if c in "0123456789")


def _update(call: Call, number: int, body: Mapping[str, Any]) -> None:
    """Read a client, and send what changed."""
    plan = client_plan()
    before = call.v3.clients.show(number)
    residue = call.account.residue(CLIENTS, number)
    name = plan.by_v3["company_name"].v2
    if name in body and blank(body[name]):
        raise call.refuse(name, "", "blank")
    try:
        change = put({CLIENT: before}, body, residue)
    except ConversionError as error:
        raise call.refused(error.faults) from error
    call.note(change.notices)
    record = _sent(call, number, change) if change.patch else before
    live = kept.based_on(plan, kept.live(plan, change.residue), record)
    call.account.keep(CLIENTS, number, live, residue)


def _sent(call: Call, number: int, change: Put) -> Record:
    """Send a patch; one in doubt is looked at before it is sent again."""
    doubt: OutcomeUnknown | None = None
    for _ in range(2):
        try:
            return call.v3.clients.update(number, change.patch)
        except OutcomeUnknown as error:
            doubt = error
            record = call.v3.clients.show(number)
            if stands(change.patch, record):
                return record
            if error.retry_after is not None:
                raise  # v3 wants to be left alone
    assert doubt is not None
    raise doubt
