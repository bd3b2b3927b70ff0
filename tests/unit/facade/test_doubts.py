"""Creates in doubt are settled in the background: followed or looked for, never sent."""

import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.facade import Api, doubts
from infakt_compat.standin import StandIn
from infakt_compat.store import Lookup, State, Store, open_store
from tests.v2_invoice import LINE, client_of, documents, invoice

from .conftest import Make
from .dying import killed
from .support import Tree, Wall, calls, count, error_of, made_id, stored

pytestmark = pytest.mark.usefixtures("no_faults")

QUARTER = 16 * 60
CREATE = {"current": "/async/invoices.json", "classic": "/invoices.json"}


def doubt(api: Api, standin: StandIn, body: Tree, kind: str = "drop_after") -> None:
    """Let a create end in doubt: its connection drops, and v3 answers nothing more."""
    standin.fault(kind, method="POST")
    standin.fault("status", status=500, method="GET", times=50)
    assert error_of(lambda: api.invoices.create(body)).status == 503
    standin.world.faults.clear()


def creates(standin: StandIn) -> int:
    """Say how often a create was sent."""
    return sum(one["method"] == "POST" for one in standin.requests())


def states(store: Store, api: Api) -> list[State]:
    """Say how all creates in doubt stand."""
    return [entry.state for entry in store.pending.in_doubt(api.account)]


def test_what_was_made_is_found(
    make: Make, standin: StandIn, buyer: int, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """It becomes the answer of the next equal create, which asks v3 for nothing; kept as sent."""
    api = make(standin, patience=0.3)
    lines = [{**LINE, "ilosc": 3, "cena_netto": "16.255", "product_id": 7}]
    body = invoice(buyer, services=lines, uwagi="tajne")
    doubt(api, standin, body)
    with caplog.at_level(logging.INFO, "infakt_compat"):
        api.run_background()
    (made,) = documents(standin)
    assert f"settled: invoices {made['id']} is there" in caplog.text
    assert "tajne" not in caplog.text
    assert states(store, api) == []
    row = api.invoices.show(made["id"])["invoice"]["services"][0]
    assert (row["cena_netto"], row["product_id"]) == (Decimal("16.255"), 7)
    before = count(standin)
    assert made_id(api.invoices.create(body)) == made["id"]
    assert (count(standin), creates(standin)) == (before, 1)


def test_what_was_never_made_may_be_sent_after_the_quiet_time(
    make: Make,
    standin: StandIn,
    buyer: int,
    store: Store,
    wall: Wall,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Not before: until then it stays in doubt, and nothing is sent by the background."""
    api, body = make(standin, patience=0.3), invoice(buyer)
    doubt(api, standin, body, "drop_before")
    for ahead in (0, 600):
        wall.ahead += ahead
        api.run_background()
        assert states(store, api) == [State.UNKNOWN]
    wall.ahead += QUARTER
    with caplog.at_level(logging.INFO, "infakt_compat"):
        api.run_background()
    assert "settled: nothing was made" in caplog.text
    assert (states(store, api), creates(standin)) == ([], 1)
    number = made_id(api.invoices.create(body))
    assert [doc["id"] for doc in documents(standin)] == [number]


def test_a_task_is_followed(current: StandIn, make: Make, store: Store) -> None:
    """Its reference leads to the invoice, whatever else looks like it."""
    api, body = make(current, patience=0.2), invoice(client_of(current))
    current.configure("tasks", looks=1000)
    assert error_of(lambda: api.invoices.create(body)).status == 503
    finish_tasks(current)
    before = count(current)
    api.run_background()
    assert calls(current, before) == ["GET /async/invoices/status/*", "GET /invoices/*"]
    assert states(store, api) == []


def test_a_refusal_is_heard_of(current: StandIn, make: Make, store: Store) -> None:
    """A task that failed while nobody looked: nothing was made, an equal create is a new one."""
    api, body = make(current, patience=0.8), invoice(client_of(current))
    current.configure("tasks", fail=1, looks=1000)
    assert error_of(lambda: api.invoices.create(body)).status == 503
    finish_tasks(current)
    api.run_background()
    assert (states(store, api), documents(current)) == ([], [])
    api.invoices.create(body)
    assert (len(documents(current)), creates(current)) == (1, 2)


def finish_tasks(standin: StandIn) -> None:
    """Let all tasks be done at the next look."""
    standin.configure("tasks", looks=0)
    for task in standin.world.store.all("tasks"):
        standin.world.store.put("tasks", {**task, "looks": 0})


def test_the_status_is_brought_about(make: Make, standin: StandIn, buyer: int) -> None:
    """A paid invoice whose create was in doubt is paid in the end."""
    api = make(standin, patience=0.3)
    body = invoice(buyer, status="zapłacona", data_oplacenia="2099-01-02")
    doubt(api, standin, body)
    api.run_background()
    (made,) = documents(standin)
    assert (made["status"], made["paid_date"]) == ("paid", "2099-01-02")


def test_clients_too(make: Make, standin: StandIn, store: Store) -> None:
    """A client is looked for by what was sent."""
    api = make(standin, patience=0.3)
    standin.fault("drop_after", method="POST")
    standin.fault("status", status=500, method="GET", times=50)
    body = {"client": {"nazwa_firmy": "Firma", "panstwo": "Niderlandy", "nip": "5215922894"}}
    assert error_of(lambda: api.clients.create(body)).status == 503
    standin.world.faults.clear()
    api.run_background()
    assert states(store, api) == []
    answer = api.clients.create(body)["client"]
    assert answer["panstwo"] == "Niderlandy"  # the residue is kept
    assert [one["id"] for one in documents(standin, "clients")] == [answer["client_id"]]


@pytest.mark.parametrize("where", ["post", "task"])
def test_killed_after_the_sending(
    current: StandIn, make: Make, tmp_path: Path, wall: Wall, where: str
) -> None:
    """By SIGKILL, while v3 is at it or while its task runs: who comes next settles it."""
    body = invoice(client_of(current), status="zapłacona")
    current.configure("tasks", looks=1000)
    if where == "post":
        current.fault("delay", seconds=0.5, method="POST")
        sent = "POST /async/invoices.json"
    else:
        sent = "GET /async/invoices/status/*"
    with killed(current, str(tmp_path / "s"), body, lambda: sent in calls(current)):
        while not documents(current):
            time.sleep(0.01)
        finish_tasks(current)
        with open_store(tmp_path / "s", clock=wall) as store:
            api = make(current, store=store)
            api.run_background()
            assert states(store, api) == []  # its sender may still be at it
            wall.ahead += 61
            api.run_background()
            (made,) = documents(current)
            assert made["status"] == "paid"
            assert made_id(api.invoices.create(body)) == made["id"]
            assert creates(current) == 2  # the create and the payment


def test_of_two_stores_on_one_file_one_is_at_it(
    current: StandIn, make: Make, tmp_path: Path
) -> None:
    """Both begin in the same moment, as two processes would; v3 is asked once."""
    body = invoice(client_of(current))
    with open_store(tmp_path / "s") as first, open_store(tmp_path / "s") as second:
        apis = [make(current, store=store, patience=0.3) for store in (first, second)]
        doubt(apis[0], current, body)
        current.fault("delay", seconds=0.3, method="GET", times=9)
        before, barrier = count(current), threading.Barrier(2)

        def work(api: Api) -> None:
            barrier.wait()
            api.run_background()

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, apis))
        asked = calls(current, before)
        assert asked == ["GET /invoices.json"]
        assert states(first, apis[0]) == []


def test_in_a_thread_without_any_call(
    current: StandIn, make: Make, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a call that ended in doubt, and on connect; it ends when nothing is left."""
    monkeypatch.setattr(doubts, "EVERY", 0.02)
    api = make(current, patience=0.3, background=True)
    doubt(api, current, invoice(client_of(current)))
    until_settled(store, api)
    other = make(current, patience=0.3)
    doubt(other, current, invoice(client_of(current), uwagi="b"))
    later = make(current, background=True)
    until_settled(store, later)
    until = time.monotonic() + 10
    while later._account.later._jobs and time.monotonic() < until:
        time.sleep(0.01)
    assert later._account.later._jobs == {}
    later.close()


def until_settled(store: Store, api: Api) -> None:
    """Wait until nothing is in doubt."""
    until = time.monotonic() + 10
    while states(store, api) and time.monotonic() < until:
        time.sleep(0.01)
    assert states(store, api) == []


def test_closing_ends_it(current: StandIn, make: Make, store: Store) -> None:
    """Between two creates; the second stays for the next process."""
    api = make(current, patience=0.3)
    for number in range(2):
        doubt(api, current, invoice(client_of(current), uwagi=f"{number}"))
    api._account.later.close()
    assert not doubts.turn(api._account, at_once=True)
    assert len(states(store, api)) == 2


def test_pauses_grow_with_age(current: StandIn, make: Make, wall: Wall) -> None:
    """After a look at age a the next is at about 2a, and five minutes later at the latest."""
    api = make(current, patience=0.3)
    doubt(api, current, invoice(client_of(current)), "drop_before")
    looks, age = [], 0
    for _ in range(200):
        before = count(current)
        assert doubts.turn(api._account)
        looks += [age] if count(current) > before else []
        age += 4
        wall.ahead += 4
    pauses = [after - before for before, after in pairwise(looks)]
    assert looks[0] in (4, 8)
    assert pauses[:3] == sorted(pauses[:3])
    assert pauses[2] >= 2 * pauses[0]
    assert max(pauses) <= 304
    assert len(looks) <= 9


def test_a_turn_does_not_hold_the_thread_for_long(
    current: StandIn, make: Make, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not reached is looked at in the next turn."""
    api = make(current, patience=0.3)
    for number in range(3):
        doubt(api, current, invoice(client_of(current), uwagi=f"{number}"))
    monkeypatch.setattr(doubts, "_TURN", 0.0)
    assert doubts.turn(api._account, at_once=True)
    assert len(states(store, api)) == 2


def test_one_that_cannot_be_settled_keeps_no_other(
    current: StandIn, make: Make, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """A draft that this version cannot read, or none at all: they wait for an equal create."""
    api = make(current, patience=0.3)
    for digest, draft in (("none", None), ("strange", json.dumps({"of": "invoice"}))):
        claim = store.pending.claim(api.account, digest, Lookup(), draft)
        store.pending.unknown(claim)
    doubt(api, current, invoice(client_of(current)))
    api.run_background()
    left = {entry.digest for entry in store.pending.in_doubt(api.account)}
    assert left == {"none", "strange"}
    assert "left so: KeyError" in caplog.text


def test_an_equal_create_waits_for_the_background(current: StandIn, make: Make) -> None:
    """It does not look a second time, and gets the answer."""
    api, body = make(current, patience=3), invoice(client_of(current))
    doubt(make(current, patience=0.3), current, body)
    current.fault("delay", seconds=0.5, method="GET")
    with ThreadPoolExecutor(1) as pool:
        before = count(current)
        background = pool.submit(api.run_background)
        while count(current) == before:
            time.sleep(0.005)
        number = made_id(api.invoices.create(body))
        background.result()
    assert calls(current, before).count("GET /invoices.json") == 1
    assert stored(current, number)["id"] == number


def test_what_is_kept_of_a_create_goes_when_it_is_settled(
    current: StandIn, make: Make, store: Store
) -> None:
    """The draft is personal: it stays as long as it is needed, and no longer."""
    api, body = make(current, patience=0.3), invoice(client_of(current), uwagi="tajne")
    doubt(api, current, body)
    (entry,) = store.pending.in_doubt(api.account)
    assert entry.draft is not None
    assert "tajne" in entry.draft
    assert "tajne" not in repr(entry)
    api.run_background()
    found: Any = store.pending.get(api.account, entry.digest)
    assert (found.state, found.draft, found.lookup) == (State.DONE, None, Lookup())
