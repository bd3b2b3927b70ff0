"""The recorded requests of four real callers: admitted as they are, refused with one byte changed.

Changed is what the signature covers, to something that means something else. A form may spell the
same value in two ways (%c5 and %C5): that has the same signature by RFC 5849, and is another
request only once its nonce is used.
"""

import re
from collections.abc import Iterator

import pytest
from attrs import evolve

from infakt_compat.dropin import oauth
from infakt_compat.dropin.config import Gateway
from infakt_compat.dropin.door import Door
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.secret import Secret
from infakt_compat.store import Store, open_store
from tests.dropin.recorded import Recorded, recorded, the

from .support import BASE, FORM, Caller, Clock, enter, recorded_gateway, refusal

SIGNED = [one for one in recorded() if one.signed]
#: One of each place of the signature and of each sort of body.
EACH_SHAPE = ("R1.4", "R2.2", "R3.1", "R3.4", "R5.2")
BASES = sorted({one.base for one in SIGNED})


@pytest.fixture(scope="module")
def doors() -> Iterator[dict[str, Door]]:
    """Give a door for each base URL that the callers were configured with."""
    with open_store(":memory:") as store:
        yield {base: Door(recorded_gateway(base), store, Clock()) for base in BASES}


def named(one: Recorded) -> str:
    """Name a case."""
    return one.name


@pytest.mark.parametrize("one", SIGNED, ids=named)
def test_it_is_admitted(one: Recorded, store: Store) -> None:
    """With the given keys, clock and base URL; what is not OAuth's is left as it was."""
    entry = enter(Door(recorded_gateway(one.base), store, Clock()), one.request)
    if isinstance(entry, Answer):
        assert entry.body.startswith(b"oauth_token=")
        return
    assert entry.account.consumer_key == one.keys.consumer
    assert entry.api_key == f"v3-key-of-{entry.account.name}"
    assert b"oauth_" not in entry.request.body
    assert "oauth_" not in entry.request.query
    assert entry.request.header("Authorization") is None
    if one.place == "header":
        assert (entry.request.query, entry.request.body) == (one.request.query, one.request.body)


def test_what_is_left_of_a_request(store: Store) -> None:
    """Without OAuth's parameters, in query and form; the rest is as on the wire."""
    door = Door(recorded_gateway(BASE), store, Clock())
    form = b"b=%c5%82&&a%5B%5D=1+2&plain"
    in_form = Caller(place="body").request("POST", "/api/v2/x?q=%2f&oaut=1", form, FORM)
    entry = door.enter(in_form)
    assert (entry.request.query, entry.request.body) == ("q=%2f&oaut=1", form)
    assert entry.params == (
        ("q", "/"), ("oaut", "1"), ("b", "\u0142"), ("a[]", "1 2"), ("plain", ""),
    )  # fmt: skip
    in_query = Caller(place="query").request("POST", "/api/v2/x?%61=1", b"oauth_x=1", "text/x")
    entry = door.enter(in_query)
    assert (entry.request.query, entry.request.body) == ("%61=1", b"oauth_x=1")


@pytest.mark.parametrize("name", ["R3.7", "R3.9", "R7.1"])
def test_without_a_signature_it_is_refused(name: str, doors: dict[str, Door]) -> None:
    """A PDF's URL needs none, but is not for the door; R7's body is no form by its own words."""
    found = refusal(doors[BASES[0]], the(name).request)
    assert found.status == 401
    assert found.reason.startswith("no OAuth parameters")
    assert ("Content-Type" in found.reason) == (name == "R7.1")


@pytest.mark.parametrize("one", SIGNED, ids=named)
def test_one_byte_changed_is_refused(one: Recorded, doors: dict[str, Door]) -> None:
    """In path, query, every OAuth parameter of whatever place, and the body where it is signed."""
    changed = list(changes(one.request))
    assert len(changed) > len(one.request.path)
    for where, request in changed:
        if request.path.startswith("/oauth/") and request.path != one.request.path:
            assert doors[one.base].tokens(request).status == 404, where
        else:
            assert refusal(doors[one.base], request).status == 401, where


@pytest.mark.parametrize("one", SIGNED, ids=named)
def test_another_secret_is_refused(one: Recorded, store: Store) -> None:
    """The consumer's, or the token's, with one byte changed."""
    config = recorded_gateway(one.base)
    signed = oauth.read(one.request)
    assert signed is not None
    secrets = [one.keys.consumer_secret]
    if signed.token:
        secrets.append(one.keys.tokens[signed.token])
    for secret in secrets:
        for _, other in list(other_bytes(secret))[:: 1 if one.name in EACH_SHAPE else 5]:
            door = Door(replaced(config, secret, other), store, Clock())
            assert refusal(door, one.request).reason.startswith("signature (a caller of ")


@pytest.mark.parametrize("name", ["R2.4", "R3.2", "R3.4", "R8.1"])
def test_another_address_is_refused(name: str, store: Store) -> None:
    """The signature covers scheme, host and port that the caller was configured with."""
    one = the(name)
    others = ("https://127.0.0.1:18080", "http://127.0.0.1", "http://127.0.0.2:18080")
    door = Door(recorded_gateway(one.base, base_urls=others), store, Clock())
    found = refusal(door, one.request)
    assert "https://127.0.0.1:18080 http://127.0.0.1 http://127.0.0.2:18080" in found.reason
    several = Door(recorded_gateway(one.base, base_urls=(*others, one.base)), store, Clock())
    assert enter(several, one.request)


def test_a_body_that_is_not_signed_can_be_changed_but_not_under_its_nonce(
    doors: dict[str, Door],
) -> None:
    """OAuth 1.0a does not cover a JSON body without oauth_body_hash: TLS has to."""
    one, door = the("R3.14"), doors[the("R3.14").base]
    other = evolve(one.request, body=one.request.body.replace(b"zap", b"zab"))
    assert door.enter(other).account is not None
    found = refusal(door, one.request, writes=True)
    assert (found.status, found.reason) == (401, "the nonce was used by another request")


def test_another_spelling_of_a_form_is_another_request_under_its_nonce(
    doors: dict[str, Door],
) -> None:
    """The signature cannot tell them apart, the fingerprint does."""
    one = the("R1.4")
    door = doors[one.base]
    assert door.enter(evolve(one.request, body=one.request.body.replace(b"%5B", b"%5b")))
    assert refusal(door, one.request, writes=True).status == 401


def changes(request: Request) -> Iterator[tuple[str, Request]]:
    """Change one byte of all that is signed, position by position."""
    for position, path in other_bytes(request.path, first=1):
        yield f"path {position}", evolve(request, path=path)
    for position, query in other_bytes(request.query):
        yield f"query {position}", evolve(request, query=query)
    header = request.header("Authorization") or ""
    for position, value in other_bytes(header, first=len("OAuth ")):
        headers = tuple(
            (name, value if name == "Authorization" else old) for name, old in request.headers
        )
        yield f"header {position}", evolve(request, headers=headers)
    if oauth.is_form(request) or "oauth_body_hash" in header:
        for position, body in other_bytes(request.body.decode()):
            yield f"body {position}", evolve(request, body=body.encode())


def other_bytes(text: str, first: int = 0) -> Iterator[tuple[int, str]]:
    """Change each character to one that means something else."""
    for position in range(first, len(text)):
        old = text[position]
        new = chr(ord(old) + 1) if re.match("[a-y0-8A-Y]", old) else "b" if old == "z" else "x"
        yield position, text[:position] + new + text[position + 1 :]


def replaced(config: Gateway, secret: str, other: str) -> Gateway:
    """Give a configuration in which a secret is another one."""
    accounts = {}
    for name, one in config.accounts.items():
        tokens = {
            token: Secret(other if kept.matches(secret) else kept.reveal())
            for token, kept in one.tokens.items()
        }
        own = Secret(other if one.consumer_secret.matches(secret) else one.consumer_secret.reveal())
        accounts[name] = evolve(one, tokens=tokens, consumer_secret=own)
    return evolve(config, accounts=accounts)
