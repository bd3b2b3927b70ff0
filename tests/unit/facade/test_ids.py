"""Which document an id names: the store, the index of ids, and what is refused."""

import threading
from collections.abc import Iterable
from typing import Any

import pytest

from infakt_compat.facade import Api
from infakt_compat.facade.account import Account
from infakt_compat.facade.ids import Index, number_of
from infakt_compat.standin import StandIn, paging
from infakt_compat.store import Store

from .conftest import Make
from .support import ON_BOTH_STORES, calls, count, error_of


def fill(standin: StandIn, number: int) -> list[int]:
    """Put invoices and a correction there."""
    made = standin.seed(invoices=[{} for _ in range(number)], corrective_invoices=[{}])
    return [row["id"] for row in [*made["invoices"], *made["corrective_invoices"]]]


@ON_BOTH_STORES
def test_an_unknown_id_builds_the_index_once(api: Api, standin: StandIn) -> None:
    """Ids alone are read; then every id is known, and a wrong one costs a page a kind."""
    ids = fill(standin, 230)
    assert api.invoices.show(ids[7])["invoice"]["invoice_id"] == ids[7]
    reads = standin.requests()[:-1]
    assert {one["query"]["fields"] for one in reads} == {"id,uuid"}
    assert len(reads) == 3 + 4
    for number in (ids[0], ids[-1]):
        before = count(standin)
        api.invoices.show(number)
        assert count(standin) == before + 1
    before = count(standin)
    assert error_of(lambda: api.invoices.show(999)).status == 404
    assert len(calls(standin, before)) == 5


@ON_BOTH_STORES
def test_afterwards_only_newer_rows_are_read(api: Api, standin: StandIn) -> None:
    """Also when there are more of them than a page holds."""
    fill(standin, 5)
    assert error_of(lambda: api.invoices.show(1)).status == 404
    new = fill(standin, 150)
    before = count(standin)
    assert api.invoices.show(new[0])["invoice"]["invoice_id"] == new[0]
    assert len(calls(standin, before)) == 2 + 4 + 1


def test_503_until_the_index_is_whole(standin: StandIn, make: Make, store: Store) -> None:
    """Another process is at it: this one waits within its patience, and no longer."""
    ids = fill(standin, 3)
    api = make(standin, patience=0.2)
    lease = store.leases.acquire(api.account, "ids", 60)
    assert lease is not None
    error = error_of(lambda: api.invoices.show(ids[0]))
    assert (error.status, error.retry_after) == (503, 5)
    assert "still being read" in error.body["message"]
    assert count(standin) == 0
    store.leases.release(lease)
    assert make(standin).invoices.show(ids[0])["invoice"]["invoice_id"] == ids[0]


def test_in_the_background(standin: StandIn, make: Make) -> None:
    """With a thread of its own the call waits for it; several build it once."""
    ids = fill(standin, 120)
    api = make(standin, background=True, patience=10)
    threads = [threading.Thread(target=api.invoices.show, args=(ids[n],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in standin.requests() if "fields" in one["query"]]) == 2 + 4


@ON_BOTH_STORES
def test_another_goes_on_where_one_died(api: Api, standin: StandIn, store: Store) -> None:
    """What was read is not read again."""
    ids = fill(standin, 250)
    standin.fault("status", status=401, method="GET", path="/corrective_invoices.json")
    assert error_of(lambda: api.invoices.show(ids[-1])).status == 401
    before = count(standin)
    api.invoices.show(ids[-1])
    assert calls(standin, before)[0] == "GET /corrective_invoices.json"
    assert store.documents.count(api.account) == 251


def test_a_lease_that_is_lost_ends_the_work(api: Api, standin: StandIn, monkeypatch: Any) -> None:
    """Another process goes on with it."""
    ids = fill(standin, 3)
    monkeypatch.setattr(type(api._account.store.leases), "renew", lambda *_: False)
    Index(api._account).build()
    assert count(standin) == 0
    monkeypatch.undo()
    assert api.invoices.show(ids[0])["invoice"]["invoice_id"] == ids[0]


def test_rows_that_move_while_the_index_is_built(
    api: Api, standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that goes away moves the later ones forward: none is missed."""
    ids = fill(standin, 230)
    gone = [*ids[:30], ids[99]]
    real = Account.see

    def see(self: Account, rows: Iterable[Any]) -> None:
        real(self, rows)
        while gone:
            standin.world.store.delete("invoices", gone.pop())

    monkeypatch.setattr(Account, "see", see)
    Index(api._account).build()
    for number in ids[100:]:
        assert api._account.store.documents.find(api.account, number), number


def test_a_v3_that_does_not_order_by_id(api: Api, standin: StandIn, monkeypatch: Any) -> None:
    """The index is built anew instead of being believed."""
    ids = fill(standin, 3)
    assert error_of(lambda: api.invoices.show(1)).status == 404
    monkeypatch.setattr(paging, "order_of", lambda *_: ("id", False))
    new = fill(standin, 2)
    assert api.invoices.show(new[0])["invoice"]["invoice_id"] == new[0]
    assert api.invoices.show(ids[0])["invoice"]["invoice_id"] == ids[0]


@ON_BOTH_STORES
def test_one_number_of_two_documents_is_409(api: Api, standin: StandIn) -> None:
    """On everything but list."""
    standin.seed(invoices=[{"id": 77}], corrective_invoices=[{"id": 77}])
    assert len(api.invoices.list()["invoices"]) == 2
    before = count(standin)
    for verb in ("show", "delete", "paid", "pdf", "deliver"):
        error = error_of(lambda verb=verb: getattr(api.invoices, verb)(77))  # type: ignore[misc]
        assert (error.status, error.body["errors"]["invoice"]) == (409, [["id", "invalid"]])
    assert error_of(lambda: api.invoices.update(77, {"invoice": {}})).status == 409
    assert count(standin) == before


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (5, 5), ("5", 5), (" 005 ", 5), (0, None), (-5, None), (True, None), ("", None),
        (None, None), ("5.0", None), ("abc", None), ("٣", None), ("9" * 19, None), ([], None),
    ],
)  # fmt: skip
def test_ids_as_callers_write_them(given: object, number: int | None) -> None:
    """Digits, or nothing."""
    assert number_of(given) == number


def test_what_is_no_id_is_404_without_a_call(api: Api, standin: StandIn) -> None:
    """Its text stands in the request, without anything that could harm."""
    error = error_of(lambda: api.invoices.show("../x?oauth_token=1"))
    assert error.body["request"] == "https://www.infakt.pl/api/v2/invoices/show/xoauth_token1.json"
    assert error.status == 404
    assert count(standin) == 0
