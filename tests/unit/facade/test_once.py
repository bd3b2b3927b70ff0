"""Exactly once: whatever happens on the way, an invoice is there once or not at all."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infakt_compat.facade import Api, V2Error, drafts
from infakt_compat.standin import StandIn, paging
from infakt_compat.store import ClaimLost, DocumentTaken, Lookup, Role, Store
from tests.v2_invoice import LINE, client_of, documents, invoice

from .conftest import Make
from .support import (
    ON_BOTH_STORES,
    REFUSING,
    UNCLEAR,
    Tree,
    Wall,
    calls,
    count,
    error_of,
    made_id,
    named,
    outcome,
)

pytestmark = pytest.mark.usefixtures("no_faults")

QUARTER = 16 * 60
CREATE = {"current": "/async/invoices.json", "classic": "/invoices.json"}


def wait(standin: StandIn, wall: Wall, seconds: int) -> None:
    """Let time pass, for the store and for v3 alike."""
    wall.ahead += seconds
    standin.configure("clock", advance=seconds)


def creates(standin: StandIn) -> int:
    """Say how often a create was sent."""
    return calls(standin).count(f"POST {CREATE[standin.world.dialect]}")


@pytest.mark.parametrize("fault", UNCLEAR, ids=named)
def test_a_create_in_doubt_is_made_once(
    api: Api, standin: StandIn, buyer: int, wall: Wall, fault: Tree
) -> None:
    """Either it is found at once, or 503 until a quarter of an hour is over; then it is sent."""
    standin.fault(**fault, method="POST", path=CREATE[standin.world.dialect])
    body = invoice(buyer, uwagi="w drodze")
    done = fault["kind"] in ("drop_after", "broken_body") or fault.get("after", False)
    if done:
        answer = api.invoices.create(body)
    else:
        for _ in range(3):
            error = error_of(lambda: api.invoices.create(body))
            assert error.status == 503
            assert error.retry_after is not None
            assert 1 <= error.retry_after <= 30
        assert creates(standin) == 1
        wait(standin, wall, QUARTER)
        answer = api.invoices.create(body)
    assert [doc["id"] for doc in documents(standin)] == [made_id(answer)]
    assert creates(standin) == (1 if done else 2)


@pytest.mark.parametrize("fault", REFUSING, ids=named)
def test_a_create_that_v3_did_not_take_is_sent_again(
    api: Api, make: Make, standin: StandIn, buyer: int, fault: Tree
) -> None:
    """Within the patience at once, else by the next call; nothing is in doubt."""
    fault = {**fault, "method": "POST", "path": CREATE[standin.world.dialect]}
    standin.fault(**fault, times=1)
    hasty = make(standin, patience=0.3)
    error = error_of(lambda: hasty.invoices.create(invoice(buyer)))
    assert (error.status, error.retry_after) == (503, 1)
    assert len(documents(standin)) == 0
    api.invoices.create(invoice(buyer))
    assert len(documents(standin)) == 1


@pytest.mark.parametrize("where", ["/async/invoices/status/*", "/invoices/*"])
@pytest.mark.parametrize("fault", [*UNCLEAR, *REFUSING], ids=named)
def test_doubt_after_the_create_was_accepted(
    current: StandIn, make: Make, fault: Tree, where: str
) -> None:
    """The task's reference leads to the invoice, in this call or the next; it is sent once."""
    api, buyer = make(current, patience=0.6), client_of(current)
    current.fault(**fault, method="GET", path=where, times=5)
    errors = [outcome(lambda: api.invoices.create(invoice(buyer)))]
    current.world.faults.clear()
    if errors[0] is not None:
        errors.append(outcome(lambda: api.invoices.create(invoice(buyer))))
    assert [None if error is None else error.status for error in errors] in ([None], [503, None])
    assert len(documents(current)) == 1
    assert creates(current) == 1


@ON_BOTH_STORES
def test_a_slow_task_is_waited_for_and_then_attached_to(current: StandIn, make: Make) -> None:
    """Beyond the patience 503; an equal create follows the same task."""
    buyer, body = client_of(current), None
    current.configure("tasks", seconds=0.6)
    hasty, patient = make(current, patience=0.2), make(current, patience=5)
    body = invoice(buyer)
    assert error_of(lambda: hasty.invoices.create(body)).status == 503
    number = made_id(patient.invoices.create(body))
    assert [doc["id"] for doc in documents(current)] == [number]
    assert creates(current) == 1


def test_a_task_that_fails_is_409_and_may_be_sent_anew(current: StandIn, today: Api) -> None:
    """Nothing was made, and nothing is in doubt."""
    body = invoice(client_of(current))
    current.configure("tasks", fail=1, errors={"payment_method": ["Proszę wybrać sposób."]})
    error = error_of(lambda: today.invoices.create(body))
    assert (error.status, error.body["errors"]["invoice"]) == (
        409,
        [["sposob_platnosci", "invalid"]],
    )
    today.invoices.create(body)
    assert len(documents(current)) == 1


@ON_BOTH_STORES
def test_a_task_that_fails_while_nobody_looks(current: StandIn, make: Make) -> None:
    """Whoever comes next gets v3's refusal."""
    body = invoice(client_of(current))
    current.configure("tasks", fail=1, looks=50)
    hasty = make(current, patience=0.1)
    assert error_of(lambda: hasty.invoices.create(body)).status == 503
    current.configure("tasks", looks=0)
    for task in current.world.store.all("tasks"):
        current.world.store.put("tasks", {**task, "looks": 0})
    assert error_of(lambda: make(current).invoices.create(body)).status == 409
    assert documents(current) == []


def test_a_task_that_ends_in_doubt_is_looked_for(current: StandIn, today: Api, wall: Wall) -> None:
    """A task's 500 says nothing; after a quarter of an hour without a find it is sent anew."""
    body = invoice(client_of(current))
    current.configure("tasks", fail=1, code=500)
    assert error_of(lambda: today.invoices.create(body)).status == 503
    assert documents(current) == []
    wait(current, wall, QUARTER)
    today.invoices.create(body)
    assert len(documents(current)) == 1


def test_a_task_that_v3_forgot_is_looked_for(current: StandIn, make: Make) -> None:
    """404 for the reference: number, client, date, total and created_at find the invoice."""
    body = invoice(client_of(current))
    hasty = make(current, patience=0.2)
    current.fault("status", status=500, method="GET", path="/async/*", times=9)
    assert error_of(lambda: hasty.invoices.create(body)).status == 503
    current.world.faults.clear()
    for task in current.world.store.all("tasks"):
        current.world.store.delete("tasks", task["id"])
    number = made_id(make(current).invoices.create(body))
    assert [doc["id"] for doc in documents(current)] == [number]


def test_the_same_invoice_once_more_is_the_callers_good_right(
    api: Api, standin: StandIn, buyer: int
) -> None:
    """What was answered is over: an equal create makes another invoice."""
    first, second = (made_id(api.invoices.create(invoice(buyer))) for _ in range(2))
    assert first != second
    assert len(documents(standin)) == 2


@ON_BOTH_STORES
def test_an_answer_that_was_not_told_is_given_again(api: Api, standin: StandIn, buyer: int) -> None:
    """A gateway says when the caller has it; spelling does not matter."""
    made = api.invoices.making(invoice(buyer))
    lines = [{**LINE, "ilosc": 2, "cena_netto": "100", "stawka_vat": 23}]
    again = api.invoices.making(invoice(str(buyer), status="SZKIC", services=lines))  # type: ignore[arg-type]
    assert again.answer == made.answer
    again.told()
    assert api.invoices.create(invoice(buyer)) != made.answer
    assert len(documents(standin)) == 2


@ON_BOTH_STORES
def test_an_older_equal_invoice_is_not_taken_for_the_new_one(
    api: Api, standin: StandIn, buyer: int, wall: Wall
) -> None:
    """Last month's, made by us or shown to us, is another one."""
    older = made_id(api.invoices.create(invoice(buyer)))
    standin.fault("drop_before", method="POST", path=CREATE[standin.world.dialect])
    assert error_of(lambda: api.invoices.create(invoice(buyer))).status == 503
    wait(standin, wall, QUARTER)
    assert made_id(api.invoices.create(invoice(buyer))) != older
    assert len(documents(standin)) == 2


def test_an_equal_invoice_of_long_ago_is_another_one(
    current: StandIn, today: Api, wall: Wall
) -> None:
    """v3's created_at tells, for one that we never saw."""
    buyer = client_of(current)
    row = {"name": "Usługa", "tax_symbol": "23", "unit_net_price": 10000, "quantity": 2}
    day = "2026-01-02"
    current.seed(invoices=[{
        "client_id": buyer, "payment_method": "transfer", "services": [row], "invoice_date": day,
        "created_at": "2026-01-02T10:00:00.000+01:00",
    }])  # fmt: skip
    current.fault("drop_before", method="POST")
    body = invoice(buyer, data_wystawienia=day)
    assert error_of(lambda: today.invoices.create(body)).status == 503
    wait(current, wall, QUARTER)
    today.invoices.create(body)
    assert len(documents(current)) == 2


@ON_BOTH_STORES
def test_by_number(api: Api, standin: StandIn, buyer: int) -> None:
    """A given number finds it; a number that is taken by another invoice is `taken`."""
    standin.fault("drop_after", method="POST", path=CREATE[standin.world.dialect])
    number = made_id(api.invoices.create(invoice(buyer, numer="7/2026")))
    assert [doc["id"] for doc in documents(standin)] == [number]
    assert standin.requests()[-1]["query"]["q[number_eq]"] == "7/2026"
    error = error_of(lambda: api.invoices.create(invoice(buyer, numer="7/2026", uwagi="inna")))
    assert (error.status, error.body["errors"]["invoice"]) == (409, [["numer", "taken"]])
    again = api.invoices.create(invoice(buyer, numer="7/2026", uwagi="b", unikalny_numer=False))
    assert again["invoice"]["numer"] == "7/2026"


def test_a_filter_that_v3_ignores_is_checked(
    current: StandIn, today: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of others are no match."""
    buyer, other = client_of(current), client_of(current, company_name="Inna")
    body = invoice(buyer)
    row = {"name": "Usługa", "tax_symbol": "23", "unit_net_price": 10000, "quantity": 2}
    current.seed(invoices=[{"client_id": other, "services": [row]}])
    current.fault("drop_before", method="POST")
    monkeypatch.setattr(paging, "filters_of", lambda *_: [])
    error = error_of(lambda: today.invoices.create(body))
    assert (error.status, "several" in error.body.get("details", "")) == (503, False)


@ON_BOTH_STORES
def test_several_that_fit_are_not_guessed(current: StandIn, today: Api, store: Store) -> None:
    """Two invoices of another program that say the same: which is ours nobody can tell."""
    buyer = client_of(current)
    row = {"name": "Usługa", "tax_symbol": "23", "unit_net_price": 10000, "quantity": 2}
    current.fault("drop_before", method="POST")
    current.seed(invoices=[
        {"client_id": buyer, "payment_method": "transfer", "services": [row]} for _ in range(2)
    ])  # fmt: skip
    error = error_of(lambda: today.invoices.create(invoice(buyer)))
    assert (error.status, "several" in error.body["details"]) == (503, True)
    assert len(store.pending.in_doubt(today.account)) == 1


@ON_BOTH_STORES
def test_a_sender_who_died_is_taken_over(
    current: StandIn, make: Make, store: Store, wall: Wall
) -> None:
    """The claim of a dead process is resolved by whoever comes next, and sent when it is ripe."""
    today, buyer = make(current, patience=0.2), client_of(current)
    digests: list[str] = []
    real = drafts._digest

    def spy(body: Tree) -> str:
        digests.append(real(body))
        return digests[-1]

    drafts._digest = spy
    try:
        today.invoices.making(invoice(buyer)).told()
    finally:
        drafts._digest = real
    claim = store.pending.claim(today.account, digests[0], Lookup())
    assert claim.role is Role.SEND  # and dies
    assert error_of(lambda: today.invoices.create(invoice(buyer))).status == 503
    assert creates(current) == 1
    wait(current, wall, 120)
    assert error_of(lambda: today.invoices.create(invoice(buyer))).status == 503
    wait(current, wall, QUARTER)
    today.invoices.create(invoice(buyer))
    assert len(documents(current)) == 2


@ON_BOTH_STORES
@pytest.mark.parametrize("dialect", ["current", "classic"])
def test_equal_creates_in_threads_make_one_invoice(
    request: pytest.FixtureRequest, make: Make, dialect: str
) -> None:
    """One sends, the others wait for its answer, and all get the same."""
    standin: StandIn = request.getfixturevalue(dialect)
    api, buyer = make(standin, patience=10), client_of(standin)
    standin.fault("delay", seconds=0.3, method="POST", path=CREATE[dialect], times=9)
    barrier = threading.Barrier(6)

    def work(_: int) -> int:
        barrier.wait()
        return made_id(api.invoices.create(invoice(buyer)))

    with ThreadPoolExecutor(6) as pool:
        numbers = set(pool.map(work, range(6)))
    assert numbers == {doc["id"] for doc in documents(standin)}
    assert len(numbers) == 1


@ON_BOTH_STORES
def test_those_who_wait_hear_of_a_refusal(current: StandIn, make: Make) -> None:
    """They get v3's words, and nobody sends again."""
    api = make(current, patience=10)
    current.fault("delay", seconds=0.3, method="POST", times=9)
    barrier = threading.Barrier(3)

    def work(_: int) -> V2Error:
        barrier.wait()
        return error_of(lambda: api.invoices.create(invoice(999)))

    with ThreadPoolExecutor(3) as pool:
        errors = list(pool.map(work, range(3)))
    assert {error.status for error in errors} == {409}
    assert all(error.body["errors"]["invoice"] == [["client_id", "invalid"]] for error in errors)
    assert creates(current) == 1


@ON_BOTH_STORES
def test_those_who_wait_too_long_get_503(current: StandIn, make: Make) -> None:
    """Their patience ends before the sender's."""
    patient, hasty = make(current, patience=10), make(current, patience=0.2)
    buyer = client_of(current)
    current.fault("delay", seconds=0.6, method="POST")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(patient.invoices.create, invoice(buyer))
        while not count(current):
            time.sleep(0.01)
        assert error_of(lambda: hasty.invoices.create(invoice(buyer))).status == 503
        first.result()
    assert len(documents(current)) == 1


@ON_BOTH_STORES
@pytest.mark.parametrize("dialect", ["current", "classic"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_faults(
    request: pytest.FixtureRequest, make: Make, wall: Wall, dialect: str, seed: int
) -> None:
    """Creates with faults on, each repeated until it is answered: each invoice is there once."""
    standin: StandIn = request.getfixturevalue(dialect)
    api, chance = make(standin, patience=0.5), random.Random(seed)
    buyers = [client_of(standin, company_name=f"Firma {n}") for n in range(3)]
    for number, fault in enumerate([*UNCLEAR, *REFUSING]):
        standin.fault(**fault, share=0.05, seed=seed * 100 + number)
    bodies: list[Tree] = []
    for number in range(14):
        more: dict[str, Any] = {"uwagi": f"zlecenie {number}"}
        if chance.random() < 0.3:
            more["numer"] = f"{number}/R/2026"
        if chance.random() < 0.5:
            more["data_wystawienia"] = "2026-05-06"
        more["status"] = chance.choice(["szkic", "wydrukowana", "zapłacona"])
        bodies.append(invoice(chance.choice(buyers), **more))
    answered: dict[int, int] = {}
    refused: set[int] = set()
    for _ in range(60):
        for number in set(range(len(bodies))) - answered.keys():
            try:
                answered[number] = made_id(api.invoices.create(bodies[number]))
            except V2Error as error:
                refused.add(error.status)
        if len(answered) == len(bodies):
            break
        wait(standin, wall, 600)
    notes = {doc["id"]: doc["notes"] for doc in documents(standin)}
    assert {n: f"zlecenie {i}" for i, n in answered.items()} == notes
    assert len(answered) == len(bodies)
    assert refused <= {502, 503}


def test_a_claim_that_is_lost_before_the_sending(
    current: StandIn, make: Make, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another has taken over: nothing is sent, and the outcome is waited for."""
    api, buyer = make(current, patience=0.2), client_of(current)

    def lost(*_: Any, **__: Any) -> None:
        raise ClaimLost("gone")

    monkeypatch.setattr(type(store.pending), "renew", lost)
    assert error_of(lambda: api.invoices.create(invoice(buyer))).status == 503
    assert creates(current) == 0


def test_a_document_of_another_create_is_not_taken(
    current: StandIn, today: Api, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by both at once: the second leaves it, and stays in doubt."""
    body = invoice(client_of(current))
    current.fault("drop_after", method="POST")

    def taken(*_: Any, **__: Any) -> None:
        raise DocumentTaken("another's")

    monkeypatch.setattr(type(store.pending), "done", taken)
    assert error_of(lambda: today.invoices.create(body)).status == 503
    assert len(store.pending.in_doubt(today.account)) == 1
    monkeypatch.undo()
    today.invoices.create(body)
    assert len(documents(current)) == 1


def test_an_attempt_that_stands_no_more_is_logged(
    current: StandIn,
    today: Api,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The caller has its answer; the log says that there may be two."""
    monkeypatch.setattr(type(store.pending), "done", lambda *_, **__: False)
    number = made_id(today.invoices.create(invoice(client_of(current))))
    assert f"invoices {number} may have been made twice" in caplog.text
