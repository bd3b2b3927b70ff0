"""/oauth: request tokens and access tokens, passwords, and who guesses them."""

import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
from argon2 import PasswordHasher
from attrs import evolve

from infakt_compat.dropin import passwords
from infakt_compat.dropin.door import Door
from infakt_compat.dropin.logins import FREE
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.secret import Secret
from infakt_compat.dropin.tokens import Tokens, User
from infakt_compat.store import Store, open_store
from tests.dropin.recorded import the

from .support import (
    CHEAP,
    FORM,
    PASSWORDS,
    Caller,
    Clock,
    account,
    enter,
    gateway,
    recorded_gateway,
    refusal,
    users,
)

SHOW = "/api/v2/invoices/show/1.json"
LOGIN = Caller(token="")


def token_of(answer: Answer) -> tuple[str, str]:
    """Read a token's answer as callers do."""
    assert (answer.status, answer.content_type) == (200, FORM)
    found = dict(parse_qsl(answer.body.decode(), strict_parsing=True))
    return found["oauth_token"], found["oauth_token_secret"]


def with_token(answer: Answer, **more: Any) -> Caller:
    """Give a caller with the token that it got."""
    token, secret = token_of(answer)
    return Caller(token=token, token_secret=secret, **more)


@pytest.mark.parametrize("place", ["header", "query", "body"])
def test_xauth_from_the_first_request_to_a_call(door: Door, place: str) -> None:
    """The token is 40 letters and digits, as v2's were, and good for its account at once."""
    answer = door.tokens(LOGIN.with_(place=place).login("testuser", "aeVaa9eRena"))
    assert answer.verb == "oauth.access_token"
    assert all(re.fullmatch("[a-z0-9]{40}", text) for text in token_of(answer))
    entry = door.enter(with_token(answer).request("GET", SHOW))
    assert entry.account is not None
    assert entry.account.name == "shop"


def test_a_request_token_first(door: Door) -> None:
    """Then the access token, signed with it, by GET and as POST, as jkondratowicz does."""
    begun = door.tokens(LOGIN.request("GET", "/oauth/request_token"))
    assert begun.body.endswith(b"&oauth_callback_confirmed=true")
    caller = with_token(begun, place="query", signed_method="POST")
    answer = door.tokens(caller.login("testuser", "aeVaa9eRena", method="GET"))
    assert door.enter(with_token(answer).request("GET", SHOW)).name.startswith("shop@")
    forged = caller.with_(token="a" * 40)
    assert refusal(door, forged.login("testuser", "aeVaa9eRena")).reason.startswith("unknown token")


def test_a_request_token_is_signed_for_its_own_method(door: Door) -> None:
    """Only the access token is forgiven the wrong one."""
    wrong = LOGIN.with_(signed_method="POST").request("GET", "/oauth/request_token")
    assert refusal(door, wrong).reason.startswith("signature")
    assert door.tokens(LOGIN.request("POST", "/oauth/request_token")).status == 200


def test_the_same_request_gets_the_same_token(door: Door) -> None:
    """Nothing is kept of it, so it runs again; another login gets another token."""
    request = LOGIN.login("testuser", "aeVaa9eRena")
    first = door.tokens(request)
    assert door.tokens(request) == first
    second = door.tokens(LOGIN.login("testuser", "aeVaa9eRena"))
    assert second != first
    for answer in (first, second):
        assert door.enter(with_token(answer).request("GET", SHOW))


def test_a_recorded_login_leads_to_a_call(store: Store) -> None:
    """R3's token, then R3's list with it instead of the recorded one."""
    door = Door(recorded_gateway(the("R3.1").base), store, Clock())
    answer = door.tokens(the("R3.1").request)
    caller = with_token(answer, base=the("R3.1").base)
    assert door.enter(caller.request("GET", "/api/v2/invoices.json?page=1")).params == (
        ("page", "1"),
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/oauth/authorize", 404),
        ("GET", "/oauth/", 404),
        ("GET", "/oauth/access_token/", 404),
        ("PUT", "/oauth/access_token", 405),
        ("DELETE", "/oauth/request_token", 405),
    ],
)
def test_other_pages(door: Door, method: str, path: str, status: int) -> None:
    """There is no browser step, and the answer says what there is."""
    answer = door.tokens(LOGIN.request(method, path))
    assert answer.status == status
    assert (b"xAuth" in answer.body or b"x_auth_username" in answer.body) == (status == 404)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x_auth_mode=client_auth",
        b"x_auth_mode=client_auth&x_auth_username=testuser",
        b"x_auth_username=testuser&x_auth_password=aeVaa9eRena",
        b"x_auth_mode=other&x_auth_username=testuser&x_auth_password=aeVaa9eRena",
        b"x_auth_mode=client_auth&x_auth_username=&x_auth_password=aeVaa9eRena",
    ],
)
def test_without_xauth_there_is_no_access_token(door: Door, body: bytes) -> None:
    """Who signed well is told what is missing."""
    found = refusal(door, LOGIN.request("POST", "/oauth/access_token", body, FORM))
    assert found.status == 401
    assert "x_auth_username" in found.message


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("testuser", "aeVaa9eRen"),
        ("testuser", "aeVaa9eRena "),
        ("testuser", "SECRET"),
        ("testuser", ""),
        ("Testuser", "aeVaa9eRena"),
        ("other", "another password"),
        ("nobody", "aeVaa9eRena"),
        ("testuser", "a" * 1_000),
    ],
)
def test_a_wrong_name_or_password(door: Door, name: str, password: str) -> None:
    """Also the right one of another account."""
    assert refusal(door, LOGIN.login(name, password)).reason == "wrong user name or password"


def test_a_consumer_without_users(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its logins cost as much as one by today's default."""
    monkeypatch.setattr(passwords, "PasswordHasher", lambda: CHEAP)
    door = Door(gateway(account("shop", "ckey", "csecret")), store, Clock())
    assert refusal(door, LOGIN.login("nobody", "x")).reason == "wrong user name or password"


def test_names_and_passwords_in_any_letters(store: Store) -> None:
    """As they were hashed: nothing is folded or cut."""
    known = {"Żółć@example.test": "hasło: ą'\"&=%+ 😀"}
    door = Door(gateway(account("shop", "ckey", "csecret", users=users(known))), store, Clock())
    for name, password in known.items():
        assert door.tokens(LOGIN.login(name, password)).status == 200


# ---- guessing


def test_who_guesses_has_to_wait_longer_each_time(door: Door, clock: Clock) -> None:
    """The right password does not help before, and clears all afterwards."""
    for _ in range(FREE):
        assert refusal(door, LOGIN.login("testuser", "guess")).reason.startswith("wrong")
    waits = []
    for _ in range(12):
        blocked = refusal(door, LOGIN.with_(timestamp=clock.now).login("testuser", "aeVaa9eRena"))
        found = re.fullmatch(
            "too many logins of one user failed: ([0-9]+) s to wait", blocked.reason
        )
        assert found is not None
        assert (blocked.status, blocked.message) == (401, "Invalid OAuth Request")
        waits.append(int(found[1]))
        clock.now += waits[-1]
        guess = LOGIN.with_(timestamp=clock.now).login("testuser", "guess")
        assert refusal(door, guess).reason == "wrong user name or password"
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    other = LOGIN.with_(timestamp=clock.now).login("user@example.test", "SECRET")
    assert door.tokens(other).status == 200
    clock.now += 900
    for _ in range(2 * FREE):
        right = LOGIN.with_(timestamp=clock.now).login("testuser", "aeVaa9eRena")
        assert door.tokens(right).status == 200


def test_a_stranger_keeps_no_user_out(door: Door) -> None:
    """Who cannot sign as the consumer does not get as far as the password."""
    for _ in range(2 * FREE):
        assert refusal(door, LOGIN.with_(secret="no").login("testuser", "guess"))
    assert door.tokens(LOGIN.login("testuser", "aeVaa9eRena")).status == 200


def test_failures_are_forgotten_after_a_day(door: Door, clock: Clock) -> None:
    """A user that was guessed at last week begins anew."""
    for _ in range(FREE + 1):
        assert refusal(door, LOGIN.login("testuser", "guess"))
    clock.now += 86_401
    door.enter(Caller(timestamp=clock.now).request("GET", SHOW))  # deletes what is too old
    for _ in range(FREE):
        guess = LOGIN.with_(timestamp=clock.now).login("testuser", "guess")
        assert refusal(door, guess).reason == "wrong user name or password"


@pytest.fixture
def doors(url: str, clock: Clock) -> Iterator[list[Door]]:
    """Give the doors of two gateways with one store."""
    shop = account("shop", "ckey", "csecret", users=users(PASSWORDS))
    with open_store(url) as one, open_store(url) as two:
        yield [Door(gateway(shop), store, clock) for store in (one, two)]


def test_failures_count_in_all_gateways_together(doors: list[Door]) -> None:
    """Guesses made at once, in two gateways: no more than the free ones are even checked."""
    reasons: list[str] = []

    def guess(door: Door) -> None:
        reasons.append(refusal(door, LOGIN.login("testuser", "guess")).reason)

    threads = [threading.Thread(target=guess, args=[doors[n % 2]]) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(reason.startswith("wrong") for reason in reasons) == FREE
    assert sum(reason.startswith("too many logins") for reason in reasons) == 12 - FREE


def test_few_passwords_are_hashed_at_once(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs memory and time on purpose: who finds no place is told to try again."""
    monkeypatch.setattr(passwords, "_SECONDS", 0.05)
    begun, go_on = threading.Semaphore(0), threading.Event()

    def slow(*_: object) -> bool:
        begun.release()
        return go_on.wait(30)

    monkeypatch.setattr(PasswordHasher, "verify", slow)
    names = ["testuser", "user@example.test"]
    answers: list[int] = []

    def login(name: str) -> None:
        answers.append(door.tokens(LOGIN.login(name, "anything")).status)

    threads = [threading.Thread(target=login, args=[name]) for name in names]
    for thread in threads:
        thread.start()
        assert begun.acquire(timeout=30)
    found = refusal(door, LOGIN.login("nobody", "anything"))
    go_on.set()
    for thread in threads:
        thread.join()
    assert (found.status, found.retry_after) == (503, 2)
    assert answers == [200, 200]


# ---- whose a token is


def test_several_accounts_of_one_consumer(store: Store) -> None:
    """One application for several accounts, as v2 had them: the user says which."""
    accounts = [
        account(name, "ckey", "csecret", users=users({f"user of {name}": name}),
                tokens={f"held-by-{name}": Secret(name)})
        for name in ("first", "second")
    ]  # fmt: skip
    door = Door(gateway(*accounts), store, Clock())
    for name in ("first", "second"):
        own = with_token(door.tokens(LOGIN.login(f"user of {name}", name)))
        held = Caller(token=f"held-by-{name}", token_secret=name)
        for caller in (own, held):
            assert door.enter(caller.request("GET", SHOW)).api_key == f"v3-key-of-{name}"
    crossed = Caller(token="held-by-first", token_secret="second")
    assert refusal(door, crossed.request("GET", SHOW)).reason.startswith("signature")


def test_a_token_ends_with_its_user_or_the_gateways_key(store: Store, clock: Clock) -> None:
    """It does not expire otherwise, nor when the password changes or the gateway starts anew."""
    shop = account("shop", "ckey", "csecret", users=users(PASSWORDS))
    config = gateway(shop)
    caller = with_token(Door(config, store, clock).tokens(LOGIN.login("testuser", "aeVaa9eRena")))

    def later(**changes: Any) -> Request:
        return caller.with_(timestamp=clock.now, **changes).request("GET", SHOW)

    clock.now += 10 * 365 * 86_400
    new_password = evolve(shop, users=users({**PASSWORDS, "testuser": "a new one"}))
    for same in (config, gateway(new_password)):
        assert Door(same, store, clock).enter(later())
    gone = evolve(shop, users=users({"user@example.test": "SECRET"}))
    renamed = evolve(shop, name="renamed")
    for other in (gateway(gone), gateway(renamed), gateway(shop, key=Secret("another"))):
        assert refusal(Door(other, store, clock), later()).reason.startswith("unknown token")


def test_a_token_names_one_user_of_one_account() -> None:
    """A user of the same name elsewhere is another one."""
    tokens = Tokens(Secret("a key"))
    one, other = (User(account(name, "ckey", "csecret"), "anna") for name in ("one", "other"))
    token = tokens.access("ckey", one, b"seed").token
    assert tokens.is_access("ckey", one, token)
    assert not tokens.is_access("ckey", other, token)
    assert not tokens.is_access("okey", one, token)
    assert not tokens.is_access("ckey", one, f"{token}a")
    assert not tokens.is_request("ckey", token)
    assert not tokens.is_access("ckey", one, tokens.request("ckey", b"seed").token)


def test_a_token_has_no_secret_but_its_own(door: Door) -> None:
    """Neither an empty secret nor that of another token of the same user."""
    first = with_token(door.tokens(LOGIN.login("testuser", "aeVaa9eRena")))
    second = with_token(door.tokens(LOGIN.login("testuser", "aeVaa9eRena")))
    for secret in ("", second.token_secret, first.token):
        assert refusal(door, first.with_(token_secret=secret).request("GET", SHOW))


# ---- own API keys


def own(key: str, **more: Any) -> Request:
    """Make a call with an own API key."""
    headers = (("x-infakt-apikey", key), ("Content-Type", FORM), *more.pop("headers", ()))
    return Request("POST", SHOW, "id=1", headers, b"a%5B%5D=2", **more)


def test_an_own_api_key_is_passed_on_and_named_by_a_keyed_hash(store: Store) -> None:
    """It is not known here; nothing of it is in the name, which differs by key and gateway."""
    names = set()
    for gateway_key in ("a gateway's key", "another gateway's"):
        config = gateway(own_api_keys=True, key=Secret(gateway_key))
        door = Door(config, store, Clock())
        for key in ("key-of-one", "key-of-two"):
            entry = door.enter(own(key))
            assert (entry.account, entry.api_key) == (None, key)
            assert entry.params == (("id", "1"), ("a[]", "2"))
            assert entry.request.header("X-inFakt-ApiKey") is None
            assert key not in entry.name
            assert key not in repr(entry)
            assert door.enter(own(key)).name == entry.name
            names.add(entry.name)
    assert len(names) == 4


@pytest.mark.parametrize("key", ["", " ", "two, keys", "tab\tkey", "kluczę", "x" * 256])
def test_what_is_no_key(store: Store, key: str) -> None:
    """Nothing that a header to v3 could not carry."""
    door = Door(gateway(own_api_keys=True), store, Clock())
    assert refusal(door, own(key)).reason == "an own API key that is none"


def test_own_keys_are_off_unless_told_otherwise(door: Door, store: Store) -> None:
    """And a signature beside one is refused: which of the two counts would be a guess."""
    assert refusal(door, own("key")).status == 401
    both = Caller(place="query").request("GET", SHOW, headers=[("X-inFakt-ApiKey", "key")])
    open_door = Door(gateway(own_api_keys=True), store, Clock())
    assert refusal(open_door, both).reason == "both an own API key and a signature"
    assert refusal(door, both).status == 401


def test_a_form_that_cannot_be_read_is_servings_affair(store: Store) -> None:
    """With an own key nothing has to be verified: v2's error for the body follows."""
    door = Door(gateway(own_api_keys=True), store, Clock())
    raw = evolve(own("key"), body="nazwa=Żółć".encode())
    entry = door.enter(raw)
    assert (entry.params, entry.request.body) == ((), raw.body)


def test_without_accounts_nobody_is_served(store: Store) -> None:
    """Neither a signature nor a key gets in."""
    door = Door(gateway(), store, Clock())
    for request in (own("key"), Caller().request("GET", SHOW), LOGIN.login("testuser", "x")):
        with pytest.raises(Exception, match=r"own API key|unknown consumer"):
            enter(door, request)
