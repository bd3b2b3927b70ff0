"""Every kind of fault x every verb x both dialects: the right answer or a clear v2 error.

In no case is a record created twice, lost or half changed (issue 3).
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, frozen

from infakt_compat.facade import Api, V2Error
from infakt_compat.standin import StandIn
from infakt_compat.store import Document, Store
from infakt_compat.v3 import Timeouts
from tests.v2_invoice import LINE, client_of, invoice

from .conftest import Make
from .support import UNCLEAR, Tree, Wall

#: What v3, or the way to it, can do to a call; a late answer is told apart below.
FAULTS: list[Tree] = [
    *UNCLEAR,
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 429, "retry_after": 1},
    {"kind": "status", "status": 502, "after": True},
    {"kind": "status", "status": 503, "retry_after": 1},
    {"kind": "status", "status": 503, "retry_after": 1, "after": True},
    {"kind": "status", "status": 504},
    {"kind": "broken_body", "variant": "short"},
]
#: Later than `HASTY` callers are patient, and than those wait for an answer who are `HASTIER`.
LATE: Tree = {"kind": "delay", "seconds": 0.12}
HASTY: Tree = {"patience": 0.05}
HASTIER: Tree = {**HASTY, "timeouts": Timeouts(connect=2, read=0.04)}
#: How long nothing that was not found is settled, in seconds (decisions.md 5).
UNSETTLED = 16 * 60
ROW = {"name": "Usługa", "tax_symbol": "23", "unit_net_price": 10000, "quantity": 2}
NEW_LINES = [{**LINE, "nazwa": "Inna"}, LINE]
TOTALS = {"net_price", "tax_price", "gross_price", "left_to_pay", "amount_in_words"}


@define
class Case:
    """One cell: the record that a verb is about, and the note of one that it may create."""

    standin: StandIn
    resource: str
    buyer: int
    number: int
    note: str

    def records(self) -> dict[int, Tree]:
        """Give all records by their ids, as v3 holds them."""
        return {one["id"]: dict(one) for one in self.standin.world.store.all(self.resource)}


@frozen
class Verb:
    """A verb, and what its answer must say.

    `methods`: those of its calls, in their order. `moves`: the fields that it may change of its
    record; `made`: whether a record, or one that was created, holds what was asked for.
    """

    call: Callable[[Api, Case], Any]
    right: Callable[[Case, Any], bool]
    methods: tuple[str, ...] = ("GET",)
    moves: frozenset[str] = frozenset()
    made: Callable[[Case, Tree], bool] = lambda _case, _record: True
    creates: bool = False

    @property
    def places(self) -> list[Tree]:
        """Say where a fault strikes: the first call of each method, and all calls."""
        return [*({"method": method} for method in self.methods), {"times": 40}]

    @property
    def writes(self) -> str:
        """Give the method of the call that matters most: the one that writes, if any does."""
        return next((method for method in self.methods if method != "GET"), "GET")

    @property
    def deletes(self) -> bool:
        """Say whether its record goes away."""
        return "DELETE" in self.methods


def _named(case: Case, answer: Tree) -> bool:
    """Say whether an answer names the record."""
    return case.number in (answer.get("invoice") or answer["client"]).values()


def _all(name: str) -> Callable[[Case, Any], bool]:
    """Say whether a list has each record once."""
    return lambda case, answer: (
        sorted(one[f"{name}_id"] for one in answer[f"{name}s"]) == sorted(case.records())
    )


VERBS: dict[str, Verb] = {
    "invoices list": Verb(lambda api, _: api.invoices.list(), _all("invoice")),
    "invoices show": Verb(lambda api, case: api.invoices.show(case.number), _named),
    "invoices create": Verb(
        lambda api, case: api.invoices.create(invoice(case.buyer, uwagi=case.note)),
        lambda case, answer: case.records()[answer["invoice"]["invoice_id"]]["notes"] == case.note,
        ("POST", "GET"),
        made=lambda case, doc: (doc["notes"], len(doc["services"])) == (case.note, 1),
        creates=True,
    ),
    "invoices update": Verb(
        lambda api, case: api.invoices.update(
            case.number, {"invoice": {"uwagi": "nowe", "services": NEW_LINES}}
        ),
        _named, ("GET", "PUT"), frozenset({"notes", "services", *TOTALS}),
        lambda _, doc: (
            (doc["notes"], [row["name"] for row in doc["services"]]) == ("nowe", ["Inna", "Usługa"])
        ),
    ),
    "invoices delete": Verb(
        lambda api, case: api.invoices.delete(case.number), _named, ("DELETE",)
    ),
    "invoices paid": Verb(
        lambda api, case: api.invoices.paid(case.number),
        _named, ("POST", "GET"), frozenset({"status", "paid_date"}),
        lambda _, doc: doc["status"] == "paid" and bool(doc["paid_date"]),
    ),
    "invoices pdf": Verb(
        lambda api, case: api.invoices.pdf(case.number),
        lambda _, paper: bool(paper.startswith(b"%PDF-") and paper.rstrip().endswith(b"%%EOF")),
        moves=frozenset({"status"}), made=lambda _, doc: doc["status"] == "printed",
    ),
    "invoices deliver": Verb(
        lambda api, case: api.invoices.deliver(case.number),
        _named, ("POST",), frozenset({"status"}), lambda _, doc: doc["status"] == "sent",
    ),
    "clients list": Verb(lambda api, _: api.clients.list(per_page=1000), _all("client")),
    "clients show": Verb(lambda api, case: api.clients.show(case.number), _named),
    "clients create": Verb(
        lambda api, case: api.clients.create({"client": {"nazwa_firmy": "N", "info": case.note}}),
        lambda case, answer: case.records()[answer["client"]["client_id"]]["note"] == case.note,
        ("POST",), creates=True,
        made=lambda case, one: (one["company_name"], one["note"]) == ("N", case.note),
    ),
    "clients update": Verb(
        lambda api, case: api.clients.update(case.number, {"client": {"info": "i", "email": "e"}}),
        _named, ("GET", "PUT"), frozenset({"note", "email"}),
        lambda _, one: (one["note"], one["email"]) == ("i", "e"),
    ),
    "clients delete": Verb(lambda api, case: api.clients.delete(case.number), _named, ("DELETE",)),
}  # fmt: skip


@pytest.mark.parametrize("name", VERBS)
def test_matrix(standin: StandIn, make: Make, store: Store, wall: Wall, name: str) -> None:
    """Each fault, wherever it strikes; then v3 is well again, and the caller repeats its call."""
    verb, api, buyer = VERBS[name], make(standin, patience=10), client_of(standin)
    tried = make(standin, patience=0.2)
    cells = [(tried, {**fault, **place}) for fault in FAULTS for place in verb.places]
    cells.append((make(standin, **HASTY), LATE))
    cells.append((make(standin, **HASTIER), {**LATE, "method": verb.writes}))
    for index, (caller, fault) in enumerate(cells):
        case = _case(standin, store, api.account, name, buyer, f"{index} {name} {fault}")
        _cell(case, verb, (caller, api), fault, wall)


def _case(standin: StandIn, store: Store, account: str, name: str, buyer: int, label: str) -> Case:
    """Make v3 hold the record that a verb is about, and the store know it."""
    resource = name.split()[0]
    if resource == "clients":
        return Case(standin, resource, buyer, client_of(standin, company_name=label), label)
    order = {"client_id": buyer, "payment_method": "transfer", "services": [ROW]}
    made = standin.seed(invoices=[order])["invoices"][0]
    store.documents.see(account, [Document("invoices", made["id"], made["uuid"])])
    return Case(standin, resource, buyer, made["id"], label)


def _cell(case: Case, verb: Verb, callers: tuple[Api, Api], fault: Tree, wall: Wall) -> None:
    """Go through one cell: the call under a fault, and where that failed, the call once more."""
    before = case.records()
    case.standin.world.log.clear()
    case.standin.fault(**fault)
    answer, error = _tried(verb, callers[0], case)
    case.standin.world.faults.clear()
    _calm(case.standin)
    _unharmed(case, verb, before)
    if error is not None:
        _clear(error, case)
        answer, error = _tried(verb, callers[1], case)
    if error is not None:  # a create is not sent again before its doubt is settled
        assert (verb.creates, error.status) == (True, 503), case.note
        wall.ahead += UNSETTLED
        case.standin.configure("clock", advance=UNSETTLED)
        answer, error = _tried(verb, callers[1], case)
    assert error is None, case.note
    assert verb.right(case, answer), case.note
    _unharmed(case, verb, before)
    _done(case, verb, before)


def _tried(verb: Verb, api: Api, case: Case) -> tuple[Any, V2Error | None]:
    try:
        return verb.call(api, case), None
    except V2Error as error:
        return None, error


def _calm(standin: StandIn) -> None:
    """Wait until v3 has done what it was late with: callers may have given up long ago."""
    end = time.monotonic() + 10
    while any(one["ms"] is None for one in standin.requests()):
        assert time.monotonic() < end
        time.sleep(0.005)


def _clear(error: V2Error, case: Case) -> None:
    """See to it that an error is one of v2's, says when to come back, and holds no secret."""
    assert error.status in (502, 503), case.note
    assert error.body["message"], case.note
    # Whoever came back by itself after an e-mail in doubt would send it again.
    never = error.status == 502 or "do it again" in error.body["message"]
    assert (error.retry_after is None) is never, case.note
    assert case.standin.api_key not in str(error.body)


def _unharmed(case: Case, verb: Verb, before: dict[int, Tree]) -> None:
    """See to it that nothing was made twice, lost or half changed."""
    after = case.records()
    assert before.keys() - after.keys() <= ({case.number} if verb.deletes else set()), case.note
    new = [after[number] for number in after.keys() - before.keys()]
    assert len(new) <= verb.creates, case.note
    assert all(verb.made(case, one) for one in new), case.note
    for number in before.keys() & after.keys():
        old, now = before[number], after[number]
        moved = {name for name in old if old[name] != now[name]}
        assert moved <= (verb.moves if number == case.number else set()), case.note
        assert not moved or verb.made(case, now), case.note


def _done(case: Case, verb: Verb, before: dict[int, Tree]) -> None:
    """See to it that what was answered has happened."""
    after = case.records()
    assert len(after.keys() - before.keys()) == verb.creates, case.note
    assert (case.number in after) is not verb.deletes, case.note
    if case.number in after and not verb.creates:
        assert verb.made(case, after[case.number]), case.note
