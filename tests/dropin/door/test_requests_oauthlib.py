"""requests-oauthlib as a caller: an independent hand at signing, in all three places."""

import random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from requests_oauthlib import OAuth1

from infakt_compat.dropin.door import Door
from infakt_compat.dropin.messages import Request

from .support import BASE, NOW, Clock, refusal

PLACES = ["auth_header", "query", "body"]


def sent(
    method: str, url: str, place: str, *, token: bool = True, body_hash: bool = False, **more: Any
) -> Request:
    """Prepare a request as requests would send it."""
    auth = OAuth1(
        "ckey", "csecret", *(("ACCTOK", "ACCSEC") if token else (None, None)),
        signature_type=place, timestamp=str(int(NOW)), force_include_body=body_hash,
    )  # type: ignore[misc]  # fmt: skip
    prepared = requests.Request(method, url, auth=auth, **more).prepare()
    parts = urlsplit(str(prepared.url))
    body = prepared.body or b""
    content = body.encode() if isinstance(body, str) else body
    headers = [(str(name), text(value)) for name, value in prepared.headers.items()]
    return Request(str(prepared.method), parts.path, parts.query, tuple(headers), content)


def text(value: Any) -> str:
    """Give a header's value, which requests-oauthlib leaves as bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize("place", PLACES)
def test_it_gets_a_token_and_calls(door: Door, place: str) -> None:
    """A login by xAuth, then forms and queries with Polish letters, signs and an empty field."""
    xauth = {
        "x_auth_mode": "client_auth",
        "x_auth_username": "testuser",
        "x_auth_password": "aeVaa9eRena",
    }
    answer = door.tokens(sent("POST", f"{BASE}/oauth/access_token", place, token=False, data=xauth))
    assert dict(parse_qsl(answer.body.decode())).keys() == {"oauth_token", "oauth_token_secret"}
    form = {"invoice[uwagi]": "Zażółć & = + % ~ 'x'", "invoice[numer]": "", "a[]": ["1", "2"]}
    entry = door.enter(sent("POST", f"{BASE}/api/v2/invoices/create.json", place, data=form))
    pairs = [("invoice[uwagi]", form["invoice[uwagi]"]), ("invoice[numer]", "")]
    assert entry.params == (*pairs, ("a[]", "1"), ("a[]", "2"))
    if place != "body":
        url = f"{BASE}/api/v2/clients.json"
        query = {"nip": "521-592-28-94", "nazwa": "Ala & Co+", "puste": ""}
        entry = door.enter(sent("GET", url, place, params=query))
        assert dict(entry.params) == query


@pytest.mark.parametrize("place", PLACES[:2])
def test_its_body_hash_covers_json(door: Door, place: str) -> None:
    """It signs the body of JSON when told to; then it cannot be changed at all."""
    url = f"{BASE}/api/v2/invoices/create.json"
    request = sent("POST", url, place, body_hash=True, json={"invoice": {"client_id": 4}})
    assert "oauth_body_hash" in (request.query or request.header("Authorization") or "")
    other = Request(request.method, request.path, request.query, request.headers, b"{}")
    assert (
        refusal(door, other).reason == "oauth_body_hash (a caller of shop) is not that of the body"
    )
    assert door.enter(request).request.body == request.body


def test_many_requests_of_all_sorts(door: Door, clock: Clock) -> None:
    """Whatever letters stand in fields and values, both sides sign the same."""
    del clock
    draw = random.Random(1)
    letters = "aZ09 -._~+%&=;/?:@!$'()*,[]{}|\\^`\"<>#ąćęłńóśźżĄŁ€😀\n\t"
    for _ in range(60):
        pairs = [("".join(draw.choices(letters, k=3)), "".join(draw.choices(letters, k=8)))]
        pairs += [("powtórz", "".join(draw.choices(letters, k=2))) for _ in range(3)]
        place = draw.choice(PLACES)
        url = f"{BASE}/api/v2/invoices/create.json"
        where: dict[str, Any]
        where = {"data": pairs} if place == "body" or draw.random() < 0.5 else {"params": pairs}
        entry = door.enter(sent("POST", url, place, **where))
        assert sorted(entry.params) == sorted(pairs)
