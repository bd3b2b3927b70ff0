"""Writes that v3 answers with 503 and a time: looked at, and not sent again before it is over."""

from collections.abc import Callable

import pytest

from infakt_compat.facade import Api
from infakt_compat.standin import StandIn
from tests.v2_invoice import invoice

from .support import Tree, count, error_of, made_id

LONG: Tree = {"kind": "status", "status": 503, "retry_after": 40}
WRITES: dict[str, Callable[[Api, int, int], object]] = {
    "update": lambda api, number, _: api.invoices.update(number, {"invoice": {"uwagi": "x"}}),
    "paid": lambda api, number, _: api.invoices.paid(number),
    "delete": lambda api, number, _: api.invoices.delete(number),
    "client": lambda api, _, buyer: api.clients.update(buyer, {"client": {"info": "x"}}),
}


def writes(standin: StandIn) -> int:
    """Say how many calls were no reads."""
    return sum(one["method"] != "GET" for one in standin.requests())


@pytest.mark.parametrize("name", WRITES)
def test_longer_than_the_patience(api: Api, standin: StandIn, buyer: int, name: str) -> None:
    """One write, and the caller is told how long; the next call does it."""
    number, work = made_id(api.invoices.create(invoice(buyer))), WRITES[name]
    before = writes(standin)
    standin.fault(**LONG, method="PUT")
    standin.fault(**LONG, method="POST")
    standin.fault(**LONG, method="DELETE")
    error = error_of(lambda: work(api, number, buyer))
    assert (error.status, error.retry_after) == (503, 40)
    assert writes(standin) == before + 1
    standin.world.faults.clear()
    work(api, number, buyer)
    assert writes(standin) == before + 2


@pytest.mark.parametrize("name", ["update", "paid", "client"])
def test_done_all_the_same(api: Api, standin: StandIn, buyer: int, name: str) -> None:
    """A look tells, and the caller need not come back."""
    number = made_id(api.invoices.create(invoice(buyer)))
    before = writes(standin)
    for method in ("PUT", "POST"):
        standin.fault(**LONG, after=True, method=method)
    WRITES[name](api, number, buyer)
    assert writes(standin) == before + 1
    standin.world.faults.clear()


@pytest.mark.parametrize("fault", [LONG, {"kind": "status", "status": 429, "retry_after": 40}])
def test_a_delete_that_was_done_counts_later(
    api: Api, standin: StandIn, buyer: int, fault: Tree
) -> None:
    """Also when what came between was no doubt: 404 after a doubt is as good as done."""
    number = made_id(api.invoices.create(invoice(buyer)))
    standin.fault("drop_after", method="DELETE")
    standin.fault(**fault, method="DELETE")
    assert error_of(lambda: api.invoices.delete(number)).status == 503
    assert api.invoices.delete(number) == {"invoice": {"invoice_id": number}}


def test_a_short_one_is_waited_for(api: Api, standin: StandIn, buyer: int) -> None:
    """Within the patience the update is sent again, after a look."""
    number = made_id(api.invoices.create(invoice(buyer)))
    before = count(standin)
    standin.fault("status", status=503, retry_after=0, method="PUT")
    api.invoices.update(number, {"invoice": {"uwagi": "x"}})
    methods = [one["method"] for one in standin.requests(after=before)]
    assert methods == ["GET", "PUT", "GET", "PUT"]
