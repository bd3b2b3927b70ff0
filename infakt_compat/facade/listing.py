"""The list of invoices: a page of all kinds merged, and what is kept for the next one."""

from typing import Any

from infakt_compat.facade import paging
from infakt_compat.facade.account import Account, Record
from infakt_compat.facade.calls import Call
from infakt_compat.facade.merge import Merge, Order, orders
from infakt_compat.facade.paging import Asked
from infakt_compat.facade.views import shown_all

#: So many pages' beginnings are kept for an order and a size, and for so many seconds.
_KEPT = 32
_AGE = 900


def page_of(call: Call, page: object, per_page: object, order: object) -> Record:
    """Answer a page of the list (decisions.md 5)."""
    how = paging.asked(call, page, per_page)
    # The first date is that of issue, and newest first is v2's default.
    known = orders()
    default = next(name for name, one in known.items() if one.descending)
    by = known.get(default if order is None or order == "" else str(order))
    if by is None:
        raise call.refuse("order", f"no such order: {order}")
    merge, rows = _rows(call, how, by)
    call.account.see(rows)
    invoices = shown_all(call, rows)
    if how.start + how.per_page < merge.total:
        _keep(call.account, how, by, merge)
    return {"info": how.info(merge.total), "invoices": invoices}


def _rows(call: Call, how: Asked, by: Order) -> tuple[Merge, list[tuple[str, Record]]]:
    """Read a page, from where the one before ended or from the start."""
    if how.page == 1:
        merge = Merge.start(call.v3, by)
        return merge, merge.take(how.per_page)
    kept = _kept(call.account, how, by)
    if kept is not None:
        merge = Merge.at(call.v3, by, kept)
        return merge, merge.take(how.per_page)
    merge = Merge.start(call.v3, by)
    merge.skip(how.start)
    return merge, merge.take(how.per_page) if how.start < merge.total else []


def _name(how: Asked, by: Order) -> str:
    return f"list {by.name} {how.per_page}"


def _kept(account: Account, how: Asked, by: Order) -> dict[str, Any] | None:
    """Give where the families stood before this page, if that was noted a short while ago."""
    pages = account.store.values.get(account.name, _name(how, by)) or {}
    found = pages.get(str(how.page))
    now = int(account.clock.wall())
    return None if found is None or abs(now - found["at"]) > _AGE else dict(found["kinds"])


def _keep(account: Account, how: Asked, by: Order, merge: Merge) -> None:
    """Note where the next page begins; the oldest notes go."""
    note = {"at": int(account.clock.wall()), "kinds": merge.state()}

    def change(old: dict[str, Any] | None) -> dict[str, Any]:
        pages = {page: kept for page, kept in (old or {}).items() if page != str(how.page + 1)}
        newest = sorted(pages, key=lambda page: pages[page]["at"])[-(_KEPT - 1) :]
        return {page: pages[page] for page in newest} | {str(how.page + 1): note}

    account.store.values.update(account.name, _name(how, by), change, brisk=True)
