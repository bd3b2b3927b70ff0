"""The differences in who gets in, each with its number of `mappings/differences.toml`."""

from collections.abc import Iterator

import pytest
from attrs import evolve

from infakt_compat.dropin.door import Door
from infakt_compat.dropin.messages import Answer
from infakt_compat.dropin.secret import Secret
from infakt_compat.store import open_store
from tests.dropin.door.support import (
    FORM,
    NOW,
    PASSWORDS,
    Caller,
    Clock,
    account,
    gateway,
    refusal,
    users,
)

CREATE = "/api/v2/invoices/create.json"


@pytest.fixture
def door() -> Iterator[Door]:
    """Give a door for one account."""
    tokens = {"ACCTOK": Secret("ACCSEC")}
    shop = account("shop", "ckey", "csecret", tokens=tokens, users=users(PASSWORDS))
    with open_store(":memory:") as store:
        yield Door(gateway(shop), store, Clock())


def test_difference_57_signatures_that_are_taken(door: Door) -> None:
    """HMAC-SHA1, parameters once and in one place, text that has one meaning."""
    assert refusal(door, Caller(method="PLAINTEXT").request("POST", CREATE)).status == 401
    request = Caller().request("POST", CREATE, b"", FORM)
    assert refusal(door, evolve(request, query="oauth_callback=oob")).status == 401
    assert refusal(door, evolve(request, body="nazwa=Żółć".encode())).status == 401
    assert door.enter(request)


def test_difference_58_no_browser_step(door: Door) -> None:
    """The page says what to do instead; a request token alone leads nowhere."""
    answer = door.tokens(Caller(token="").request("GET", "/oauth/authorize"))
    assert (answer.status, b"x_auth_username" in answer.body) == (404, True)
    found = refusal(door, Caller(token="").request("POST", "/oauth/access_token"))
    assert (found.status, "browser" in found.message) == (401, True)


def test_difference_59_a_nonce_is_good_for_one_request(door: Door) -> None:
    """Whatever its timestamp; the very same write gets its answer again."""
    caller = Caller(nonce="once")
    request = caller.request("POST", CREATE, b"{}", "application/json")
    door.enter(request).keep(Answer(200, "application/json", b"made"))
    later = caller.with_(timestamp=NOW + 1)
    other = later.request("POST", CREATE, b"{}", "application/json")
    assert refusal(door, other, writes=True).status == 401
    repeat = door.enter(request).repeat
    assert repeat is not None
    assert repeat.body == b"made"


def test_difference_60_guessing_takes_longer_each_time(door: Door) -> None:
    """After five failures the right password is not even looked at for a while."""
    login = Caller(token="")
    assert door.tokens(login.login("testuser", "aeVaa9eRena")).status == 200
    for _ in range(5):
        assert refusal(door, login.login("testuser", "guess"))
    assert refusal(door, login.login("testuser", "aeVaa9eRena")).status == 401
