"""The very same request again: a write gets its stored answer, a read runs again."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

from infakt_compat.dropin.door import Door
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.nonces import BEYOND
from infakt_compat.dropin.secret import Secret
from infakt_compat.store import Store, open_store
from infakt_compat.store.database import Database, Work

from .conftest import PROCESSES
from .support import BASE, FORM, Caller, Clock, account, gateway, recorded_gateway, refusal, rows
from .workers import enters

CREATE = "/api/v2/invoices/create.json"
PAID = "/api/v2/invoices/paid.json?id=1"
ANSWER = Answer(
    200, "application/json; charset=utf-8", '{"invoice":{"numer":"żółć"}}'.encode(),
    (("X-Infakt-Compat-Notices", "paid.inferred"),), "invoices.create",
)  # fmt: skip


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Give a store on each database."""
    with open_store(url) as opened:
        yield opened


@pytest.fixture
def write() -> Request:
    """Give a signed create."""
    return Caller().request("POST", CREATE, b'{"invoice":{}}', "application/json")


def test_a_write_gets_its_stored_answer(door: Door, write: Request) -> None:
    """Status, body, headers and verb as the first time, as often as it comes."""
    first = door.enter(write)
    assert (first.repeat, first.resumed) == (None, False)
    first.keep(ANSWER)
    for _ in range(2):
        again = door.enter(write)
        assert again.repeat == ANSWER
        again.keep(Answer(409, "text/plain", b"another"))
    assert door.enter(write).repeat == ANSWER


def test_a_read_runs_again(door: Door) -> None:
    """Nothing of it is kept, also when it is told to."""
    read = Caller().request("GET", "/api/v2/invoices/list.json")
    for _ in range(3):
        entry = door.enter(read, writes=False)
        assert (entry.repeat, entry.resumed) == (None, False)
        entry.keep(ANSWER)


def test_refusals_of_a_write_are_kept_too(door: Door) -> None:
    """They are what the write came to; a GET that changes something is a write."""
    for status in (200, 402, 404, 409):
        write, answer = Caller().request("GET", PAID), Answer(status, "text/plain", b"said")
        door.enter(write).keep(answer)
        assert door.enter(write).repeat == answer


def test_what_was_not_done_may_be_done_again(door: Door, write: Request) -> None:
    """The caller was told to try again: it gets in, and nothing is in doubt."""
    for status in (500, 502, 503):
        door.enter(write).keep(Answer(status, "text/plain", b"later"))
    again = door.enter(write)
    assert (again.repeat, again.resumed) == (None, False)
    again.keep(ANSWER)
    assert door.enter(write).repeat == ANSWER


def test_the_same_write_still_at_work(door: Door, write: Request, clock: Clock) -> None:
    """503 with Retry-After, until whoever is at it must be dead: then a repeat takes over."""
    slow = door.enter(write)
    clock.now += 25 + BEYOND - 1
    found = refusal(door, write, writes=True)
    assert (found.status, found.retry_after) == (503, 2)
    assert found.answer.headers == (("Retry-After", "2"),)
    clock.now += 1
    over = door.enter(write)
    assert (over.repeat, over.resumed) == (None, True)
    assert refusal(door, write, writes=True).status == 503
    slow.keep(Answer(200, "text/plain", b"too late"))
    assert refusal(door, write, writes=True).status == 503
    over.keep(ANSWER)
    assert door.enter(write).repeat == ANSWER


def test_one_byte_makes_another_request(door: Door) -> None:
    """Also where the signature does not cover it: body, spelling, content type."""
    caller = Caller(nonce="once", place="query")
    target, json = f"{CREATE}?a=%5b", "application/json"
    write = caller.request("POST", target, b"{}", json)
    door.enter(write).keep(ANSWER)
    for other in (
        caller.request("POST", target, b"{ }", json),
        caller.request("POST", f"{CREATE}?a=%5B", b"{}", json),
        caller.request("POST", target, b"{}", json, [("Authorization", "Basic dTpw")]),
        caller.request("POST", target, b"{}", "application/xml"),
        caller.request("PUT", target, b"{}", json),
    ):
        assert refusal(door, other, writes=True).status == 401
    assert door.enter(write).repeat == ANSWER


def test_answers_are_deleted_with_their_nonces(
    door: Door, store: Store, clock: Clock, write: Request
) -> None:
    """After twice the skew and a minute nothing of them is there; before, all of it."""
    door.enter(write).keep(ANSWER)
    clock.now += 600
    door.enter(Caller(timestamp=clock.now).request("GET", PAID))
    assert len(rows(store, "infakt_nonces")) == 2
    clock.now += 61
    door.enter(Caller(timestamp=clock.now).request("GET", PAID))
    assert len(rows(store, "infakt_nonces")) == 2
    assert not [row for row in rows(store, "infakt_nonces") if row[-1] is not None]


def test_a_nonce_may_come_again_when_its_time_is_over(door: Door, clock: Clock) -> None:
    """Its requests cannot come again: their timestamps are too old."""
    caller = Caller(nonce="once")
    door.enter(caller.request("GET", PAID)).keep(ANSWER)
    clock.now += 700
    entry = door.enter(caller.with_(timestamp=clock.now).request("GET", PAID))
    assert (entry.repeat, entry.resumed) == (None, False)


def test_the_store_holds_no_secret(door: Door, store: Store) -> None:
    """Nor a nonce, token, user or fingerprint in clear: keyed hashes, and the answers alone."""
    entry = door.enter(Caller(nonce="a nonce in clear").request("POST", CREATE, b"a=1", FORM))
    entry.keep(ANSWER)
    door.tokens(Caller(token="").login("testuser", "aeVaa9eRena"))
    assert refusal(door, Caller(token="").login("user@example.test", "wrong"))
    kept = str(rows(store, "infakt_nonces")) + str(rows(store, "infakt_logins"))
    words = ["a nonce in clear", "ACCTOK", "ACCSEC", "csecret", "testuser", "example", "aeVaa"]
    assert not [word for word in words if word in kept]
    assert "eyJpbnZvaWNl" in kept  # the answer's body, in base64


def test_another_gateway_key_knows_nothing_of_the_rest(
    store: Store, clock: Clock, write: Request
) -> None:
    """Names in the store are made with the key: without it they lead nowhere."""
    shop = account("shop", "ckey", "csecret", tokens={"ACCTOK": Secret("ACCSEC")})
    Door(gateway(shop), store, clock).enter(write).keep(ANSWER)
    other = Door(gateway(shop, key=Secret("another key")), store, clock)
    assert other.enter(write).repeat is None


def test_work_that_runs_again_after_a_lost_commit(
    door: Door, store: Store, clock: Clock, write: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It finds its own traces: a new write stays new, a resumed one resumed, a login free."""
    for name in ("write", "write_brisk"):
        once: Callable[[Database, Work[Any]], Any] = getattr(Database, name)

        def twice(database: Database, work: Work[Any], run: Any = once) -> Any:
            run(database, work)
            return run(database, work)

        monkeypatch.setattr(Database, name, twice)
    assert not door.enter(write).resumed
    clock.now += 25 + BEYOND
    resumed = door.enter(write)
    assert resumed.resumed
    resumed.keep(ANSWER)
    assert door.enter(write).repeat == ANSWER
    login = Caller(token="", timestamp=clock.now).login("testuser", "aeVaa9eRena")
    assert door.tokens(login).status == 200
    assert rows(store, "infakt_logins") == []


@pytest.mark.parametrize("writes", [True, False])
def test_no_nonce_is_good_twice_between_processes(
    url: str, pool: ProcessPoolExecutor, writes: bool
) -> None:
    """All processes use the same nonces at once, each for another request: one gets in."""
    number = 25
    bodies = [f"body of process {index}".encode() for index in range(PROCESSES)]
    requests = [
        [
            Caller(nonce=f"nonce {n}").request("POST", CREATE, body, "application/json")
            for n in range(number)
        ]
        for body in bodies
    ]
    outcomes = at_once(pool, url, requests, writes)
    assert sorted(outcomes) == sorted(
        ["in"] * number + ["the nonce was used by another request"] * number * (PROCESSES - 1)
    )


def test_the_very_same_write_runs_once_between_processes(
    url: str, pool: ProcessPoolExecutor
) -> None:
    """All send the same requests at once: one does each, the others are told to wait."""
    requests = [
        Caller(nonce=f"nonce {n}").request("POST", CREATE, b"{}", "application/json")
        for n in range(25)
    ]
    outcomes = at_once(pool, url, [requests] * PROCESSES, writes=True)
    assert sorted(outcomes) == sorted(
        ["in"] * 25 + ["the very same request is still at work"] * 25 * (PROCESSES - 1)
    )


def at_once(
    pool: ProcessPoolExecutor, url: str, requests: list[list[Request]], writes: bool
) -> list[str]:
    """Send requests from several processes, beginning in the same moment."""
    with open_store(url) as store:  # the schema is made once
        Door(recorded_gateway(BASE), store, Clock())
    start = time.time() + 0.3
    jobs = [pool.submit(enters, start, url, BASE, own, writes) for own in requests]
    return [outcome for job in jobs for outcome in job.result(timeout=60)]
