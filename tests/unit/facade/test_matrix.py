"""Every kind of fault x every verb x both dialects: the right answer or a clear v2 error.

In no case is a document created twice, lost or half changed (issue 3).
"""

from collections.abc import Callable

import pytest

from infakt_compat.facade import Api, V2Error
from infakt_compat.standin import StandIn

from .conftest import Make
from .support import (
    LINE,
    REFUSING,
    UNCLEAR,
    Tree,
    client_of,
    documents,
    invoice,
    made_id,
    named,
    outcome,
)

FAULTS: list[Tree] = [
    *UNCLEAR, *REFUSING, {"kind": "status", "status": 502}, {"kind": "status", "status": 504},
    {"kind": "status", "status": 429}, {"kind": "broken_body", "variant": "short"},
    {"kind": "delay", "seconds": 0.02},
]  # fmt: skip
CHANGE = {"invoice": {"uwagi": "nowe", "services": [{**LINE, "nazwa": "Inna"}, LINE]}}
STATES = ((None, ["Usługa"]), ("nowe", ["Inna", "Usługa"]))
VERBS: dict[str, Callable[[Api, int, Tree], object]] = {
    "list": lambda api, _n, _b: api.invoices.list(),
    "show": lambda api, number, _: api.invoices.show(number),
    "create": lambda api, _, body: api.invoices.create(body),
    "update": lambda api, number, _: api.invoices.update(number, CHANGE),
    "delete": lambda api, number, _: api.invoices.delete(number),
    "paid": lambda api, number, _: api.invoices.paid(number),
    "pdf": lambda api, number, _: api.invoices.pdf(number),
    "deliver": lambda api, number, _: api.invoices.deliver(number),
}


@pytest.mark.parametrize("lasting", [1, 40])
@pytest.mark.parametrize("verb", VERBS)
def test_matrix(standin: StandIn, make: Make, verb: str, lasting: int) -> None:
    """One fault, or nothing but faults; then v3 is well again, and the caller repeats its call."""
    api, client = make(standin, patience=0.2), client_of(standin)
    for fault in FAULTS:
        case(standin, api, client, verb, {**fault, "times": lasting})


def case(standin: StandIn, api: Api, client: int, verb: str, fault: Tree) -> None:
    """Go through one cell of the matrix."""
    label = f"{verb} {named(fault)}"
    number = made_id(api.invoices.create(invoice(client)))
    note = f"nowa {label}"
    body, work = invoice(client, uwagi=note), VERBS[verb]
    before = {doc["id"] for doc in documents(standin)}
    standin.fault(**fault)
    error = outcome(lambda: work(api, number, body))
    standin.world.faults.clear()
    if error is not None:
        clear(error, label)
    unharmed(standin, number, before, note, label)
    if error is not None:
        error = outcome(lambda: work(api, number, body))
        # A create may not be sent again before a quarter of an hour is over.
        assert error is None or (verb, error.status) == ("create", 503), label
    unharmed(standin, number, before, note, label)
    done(standin, verb, number, note, error is None, label)


def clear(error: V2Error, label: str) -> None:
    """See to it that an error is one of v2's, and says when to come back."""
    assert error.status in (502, 503), label
    assert error.body["message"], label
    assert (error.retry_after is None) is (error.status == 502), label


def unharmed(standin: StandIn, number: int, before: set[int], note: str, label: str) -> None:
    """See to it that nothing was made twice, lost or half changed."""
    docs = {doc["id"]: doc for doc in documents(standin)}
    assert before - {number} <= docs.keys(), label
    assert [docs[one]["notes"] for one in docs.keys() - before] in ([], [note]), label
    if number in docs:
        names = [row["name"] for row in docs[number]["services"]]
        assert (docs[number]["notes"], names) in STATES, label


def done(standin: StandIn, verb: str, number: int, note: str, answered: bool, label: str) -> None:
    """See to it that what was answered has happened."""
    docs = {doc["id"]: doc for doc in documents(standin)}
    made = [doc for doc in docs.values() if doc["notes"] == note]
    assert len(made) == (verb == "create") or not answered, label
    assert (number in docs) is (verb != "delete"), label
    if verb == "update":
        assert docs[number]["notes"] == "nowe", label
    if verb == "paid":
        assert docs[number]["status"] == "paid", label
    if verb == "deliver":
        assert docs[number]["status"] == "sent", label
