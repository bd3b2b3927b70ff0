"""What must not get in: each attack, and that nothing can be learnt by trying."""

from __future__ import annotations

import hmac
import logging
from typing import Any

import pytest
from argon2 import PasswordHasher
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infakt_compat.dropin.door import Door
from infakt_compat.dropin.messages import Request
from infakt_compat.dropin.secret import Secret, seal
from infakt_compat.store import Store

from .support import FORM, NOW, Caller, Clock, account, body_hash, gateway, refusal

SHOW = "/api/v2/invoices/show/1.json"
CREATE = "/api/v2/invoices/create.json"
OTHER = Caller(consumer="okey", secret="osecret", token="OTHERTOK", token_secret="OTHERSEC")
NEEDED = ("consumer_key", "token", "signature_method", "timestamp", "nonce", "signature")


def login(**changes: Any) -> Request:
    """Ask for a token with the right password."""
    return Caller(token="", **changes).login("testuser", "aeVaa9eRena")


@pytest.mark.parametrize("place", ["header", "query", "body"])
def test_a_signature_in_each_place_is_good(door: Door, place: str) -> None:
    """The attacks below differ from these."""
    method = "POST" if place == "body" else "GET"
    assert door.enter(Caller(place=place).request(method, SHOW)).name == "shop@api.infakt.pl/api/v3"
    assert door.tokens(login(place=place)).status == 200


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("place", ["header", "query", "body"])
def test_a_stripped_parameter(door: Door, place: str, name: str) -> None:
    """Without one of them, signed with or without it."""
    request = Caller(place=place).request("POST", SHOW)
    left_out = Caller(place=place, without=(f"oauth_{name}",)).request("POST", SHOW)
    sent_empty = Caller(place=place, more={f"oauth_{name}": ""}).request("POST", SHOW)
    assert door.enter(request)
    assert refusal(door, left_out).status == 401
    if name != "signature":  # that is made last
        assert refusal(door, sent_empty).status == 401


@pytest.mark.parametrize("method", ["PLAINTEXT", "HMAC-SHA256", "RSA-SHA1", "hmac-sha1", "NONE"])
def test_another_signature_method(door: Door, method: str) -> None:
    """Also one that would be right."""
    found = refusal(door, Caller(method=method).request("GET", SHOW))
    assert found.reason == "another signature method than HMAC-SHA1"


@pytest.mark.parametrize("version", ["1.1", "2.0", " 1.0"])
def test_another_version(door: Door, version: str) -> None:
    """Only 1.0 is known, and it may be left out."""
    assert refusal(door, Caller(more={"oauth_version": version}).request("GET", SHOW))
    assert door.enter(Caller(without=("oauth_version",)).request("GET", SHOW))


@pytest.mark.parametrize("off", [-301, 301, -86_400, 10**9])
def test_an_old_or_future_timestamp(door: Door, clock: Clock, off: int) -> None:
    """The signature is right, and 300 s are allowed, no more."""
    assert door.enter(Caller(timestamp=NOW + (300 if off > 0 else -300)).request("GET", SHOW))
    old = Caller(timestamp=NOW + off).request("GET", SHOW)
    where = "ahead of" if off > 0 else "behind"
    assert refusal(door, old).reason == (
        f"timestamp (a caller of shop): {abs(off)} s {where} our clock, 300 s allowed"
    )
    clock.now += off
    assert door.enter(old)


@pytest.mark.parametrize("text", ["-1795161250", "1795161250.0", "1e9", "", "١٧٩٥١٦١٢٥٠", "9" * 13])
def test_a_timestamp_that_is_none(door: Door, text: str) -> None:
    """Nothing but digits."""
    assert refusal(door, Caller(more={"oauth_timestamp": text}).request("GET", SHOW))


@pytest.mark.parametrize("name", ["oauth_token", "oauth_nonce", "oauth_verifier", "x_auth_mode"])
@pytest.mark.parametrize("place", ["header", "query", "body"])
def test_a_parameter_twice(door: Door, place: str, name: str) -> None:
    """Which of them counts would be a guess; signed or not, the same value or another."""
    request = Caller(place=place, more={name: "ACCTOK"}).request("POST", SHOW)
    for value in ("ACCTOK", "other"):
        found = refusal(door, twice(request, place, f"{name}", value))
        assert found.reason == "an OAuth parameter twice"


@pytest.mark.parametrize("place", ["header", "query", "body"])
@pytest.mark.parametrize("other", ["header", "query", "body"])
def test_parameters_in_two_places(door: Door, place: str, other: str) -> None:
    """One stray parameter is enough; a second whole signature, too."""
    if place == other:
        return
    request = Caller(place=place).request("POST", SHOW, content_type=FORM)
    stray = twice(request, other, "oauth_callback", "oob")
    assert refusal(door, stray).reason == "OAuth parameters in two places"
    second = Caller(place=other).request("POST", SHOW, content_type=FORM)
    query = request.query or second.query
    both = Request("POST", SHOW, query, (*request.headers, *second.headers), request.body)
    if not both.body:
        both = evolve(both, body=second.body)
    headers = dict(reversed(both.headers))  # one Content-Type
    assert refusal(door, evolve(both, headers=tuple(headers.items()))).status == 401


def test_two_headers(door: Door) -> None:
    """Two Authorization headers of OAuth; one of another scheme is a proxy's."""
    request = Caller().request("GET", SHOW)
    twice_the_same = evolve(request, headers=request.headers * 2)
    assert refusal(door, twice_the_same).reason == "two OAuth headers"
    basic = (("Authorization", "Basic dTpw"), *request.headers)
    assert door.enter(evolve(request, headers=basic))


@pytest.mark.parametrize(
    ("caller", "reason"),
    [
        (Caller(token="OTHERTOK", token_secret="OTHERSEC"), "unknown token"),
        (OTHER.with_(token="ACCTOK", token_secret="ACCSEC"), "unknown token"),
        (Caller(consumer="okey"), "unknown token"),
        (Caller(consumer="stranger"), "unknown consumer key"),
        (Caller(token="nobody's"), "unknown token"),
        (Caller(token=""), "unknown token"),
        (Caller(secret="osecret"), "signature"),
        (Caller(token_secret="OTHERSEC"), "signature"),
        (Caller(token_secret=""), "signature"),
        (Caller(secret=""), "signature"),
        (Caller(base="https://elsewhere.example"), "signature"),
        (Caller(signed_method="POST"), "signature"),
    ],
)
def test_accounts_are_not_crossed(door: Door, caller: Caller, reason: str) -> None:
    """A token belongs to its consumer and account, a signature to its method and address."""
    assert door.enter(Caller().request("GET", SHOW)).api_key == "v3-key-of-shop"
    assert door.enter(OTHER.request("GET", SHOW)).api_key == "v3-key-of-other"
    assert refusal(door, caller.request("GET", SHOW)).reason.partition(" (a caller")[0] == reason


def test_tokens_of_ours_are_not_crossed(door: Door) -> None:
    """A token that was made for one consumer is nothing to another, nor is a request token."""
    token, secret = made(door, login())
    own = Caller(token=token, token_secret=secret)
    assert door.enter(own.request("GET", SHOW)).name == "shop@api.infakt.pl/api/v3"
    stolen = OTHER.with_(token=token, token_secret=secret)
    assert refusal(door, stolen.request("GET", SHOW)).reason.startswith("unknown token")
    begun = made(door, Caller(token="").request("POST", "/oauth/request_token"))
    half = Caller(token=begun[0], token_secret=begun[1])
    assert refusal(door, half.request("GET", SHOW)).reason.startswith("unknown token")


def test_a_token_of_ours_with_one_letter_changed(door: Door) -> None:
    """Each part of it is covered by its mark."""
    token, secret = made(door, login())
    for position in range(len(token)):
        other = "b" if token[position] == "a" else "a"
        forged = token[:position] + other + token[position + 1 :]
        caller = Caller(token=forged, token_secret=secret)
        assert refusal(door, caller.request("GET", SHOW)).reason.startswith("unknown token"), (
            position
        )


@pytest.mark.parametrize("changed", [{"method": "POST"}, {"query": "page=2"}, {"body": b"x"}])
def test_another_request_under_a_used_nonce(door: Door, changed: dict[str, Any]) -> None:
    """What the caller itself signed anew, or what is not signed: the nonce is used."""
    caller = Caller(nonce="once")
    assert door.enter(caller.request("GET", SHOW))
    body = changed.get("body", b"")
    target = "?".join(filter(None, (SHOW, changed.get("query", ""))))
    again = caller.request(changed.get("method", "GET"), target, body, "application/json")
    assert refusal(door, again).reason == "the nonce was used by another request"
    later = caller.with_(timestamp=NOW + 1).request("GET", SHOW)
    assert refusal(door, later).reason == "the nonce was used by another request"
    assert door.enter(OTHER.with_(nonce="once").request("GET", SHOW))


def test_a_login_uses_its_nonce_up(door: Door) -> None:
    """Another login under it is refused, before the password is looked at."""
    caller = Caller(token="", nonce="once")
    assert door.tokens(caller.login("testuser", "aeVaa9eRena")).status == 200
    again = caller.login("user@example.test", "SECRET")
    assert refusal(door, again).reason == "the nonce was used by another request"


def test_a_refused_request_uses_no_nonce(door: Door) -> None:
    """Else whoever sees a nonce could use it up before its owner."""
    caller = Caller(nonce="mine")
    assert refusal(door, caller.with_(secret="guessed").request("GET", SHOW))
    assert door.enter(caller.request("GET", SHOW))


@pytest.mark.parametrize("text", ["{}", "a[]=1", "Żółć", "%ff", "%C5", "a=%zz\xa0", 'a="b"'])
def test_a_form_that_is_not_covered(door: Door, text: str) -> None:
    """A form that a library cannot decode must not count as an empty one, that was signed."""
    signed = Caller().request("POST", CREATE, b"", FORM)
    assert door.enter(signed)
    signed = Caller().request("POST", CREATE, b"", FORM)
    assert refusal(door, evolve(signed, body=text.encode())).status == 401


@pytest.mark.parametrize(("one", "other"), [(b"%FF", b"%FE"), (b"%C5", b"%C4")])
def test_bytes_that_are_no_text_are_not_taken_for_others(
    door: Door, one: bytes, other: bytes
) -> None:
    """Decoded carelessly, both are the same replacement character, with the same signature."""
    request = Caller().request("POST", CREATE, b"uwagi=" + one, FORM)
    assert refusal(door, evolve(request, body=b"uwagi=" + other)).status == 401


def test_two_content_types(door: Door) -> None:
    """Whether a body is signed depends on it, so there can be only one."""
    request = Caller().request("POST", CREATE, b"a=1", FORM)
    more = (*request.headers, ("content-type", "application/json"))
    assert refusal(door, evolve(request, headers=more)).reason == "two Content-Type headers"
    assert refusal(door, evolve(request, headers=more[:1] + more[2:])).status == 401
    assert door.enter(request)


def test_a_realm_hides_nothing(door: Door) -> None:
    """The header's realm is not signed; a field of that name in query or form is."""
    request = Caller().request("POST", f"{CREATE}?realm=a", b"realm=b", FORM)
    headers = tuple(
        (name, value.replace("OAuth ", 'OAuth realm="x", ')) for name, value in request.headers
    )
    good = evolve(request, headers=headers)
    assert refusal(door, evolve(good, query="realm=c")).status == 401
    assert refusal(door, evolve(good, body=b"realm=c")).status == 401
    assert door.enter(good)


@pytest.mark.parametrize("more", ["#x", ";", " ", "?", "\t", "\u0142"])
def test_a_path_with_more_to_it(door: Door, more: str) -> None:
    """What URL parsers drop or split off is part of the path that was not signed."""
    request = Caller().request("GET", SHOW)
    assert refusal(door, evolve(request, path=SHOW + more)).status == 401


@pytest.mark.parametrize("path", ["", "api", "@evil.example/", "0/api/v2", "http://evil.example/"])
def test_a_path_that_moves_the_host(door: Door, path: str) -> None:
    """A path begins with a slash, and cannot become part of the host."""
    request = Caller(base="https://www.infakt.pl").request("GET", path)
    assert refusal(door, request).status == 401


def test_a_body_hash_that_lies(door: Door) -> None:
    """Checked when it is there, though the body is not otherwise signed."""
    body = b'{"invoice":{"client_id":4}}'
    caller = Caller(more={"oauth_body_hash": body_hash(body)})
    request = caller.request("POST", CREATE, body, "application/json")
    other = evolve(request, body=body.replace(b"4", b"5"))
    assert (
        refusal(door, other).reason == "oauth_body_hash (a caller of shop) is not that of the body"
    )
    assert refusal(door, evolve(request, body=b"")).status == 401
    assert door.enter(request)


@pytest.mark.parametrize(
    "value",
    [
        "OAuth",
        "OAuth " + "a" * 100_000,
        "OAuth " + ",".join(f'oauth_x{n}="1"' for n in range(10_000)),
        "OAuth " + '"' * 8_000,
        "OAuth " + "oauth_nonce=" + " " * 8_000 + "x y",
        'OAuth oauth_nonce="%FF"',
        'OAuth oauth_nonce="\xff"',
        'OAuth oauth_nonce="' + "n" * 2_000 + '"',
        "oauth\toauth_nonce=x",
    ],
)
def test_huge_and_broken_headers(door: Door, value: str) -> None:
    """Refused at once, by their length or form."""
    request = Request("GET", SHOW, headers=(("Authorization", value),))
    assert refusal(door, request).status == 401


def test_a_flood_of_fields(door: Door) -> None:
    """A form of very many fields is not even sorted."""
    body = b"&".join(b"a=" for _ in range(20_000))
    request = evolve(Caller().request("POST", CREATE, b"", FORM), body=body)
    assert refusal(door, request).reason == "a form with more than 10000 parameters"
    whole = b"&".join(b"a=%d" % n for n in range(9_000))
    assert len(door.enter(Caller().request("POST", CREATE, whole, FORM)).params) == 9_000


_PIECES = st.sampled_from(
    ["oauth_nonce", "oauth_token", "oauth_signature=", "x_auth_mode", "=", "&", ",", '"', "%", "%4",
     "%FF", "+", "\0", "\r\n", "\ud800", "ż", " ", "1795161250", "HMAC-SHA1", "OAuth ", "realm"]
)  # fmt: skip
_TEXTS = st.lists(st.one_of(_PIECES, st.text(max_size=3)), max_size=12).map("".join)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=_TEXTS, query=_TEXTS, kind=st.sampled_from([FORM, "application/json", ""]),
    header=_TEXTS, body=st.binary(max_size=40) | _TEXTS.map(lambda t: t.encode("utf-8", "replace")),
)  # fmt: skip
def test_nothing_but_a_refusal(
    door: Door, path: str, query: str, kind: str, header: str, body: bytes
) -> None:
    """Whatever is sent: no exception of another sort, and no way in."""
    headers = (("Authorization", f"OAuth {header}"), ("Content-Type", kind))
    found = refusal(door, Request("POST", f"/api/v2/{path}", query, headers, body))
    assert found.status == 401
    assert found.reason.isprintable()


# ---- nothing to learn


def attempts() -> list[Request]:
    """Give requests that are refused, each for another reason."""
    wrong: list[dict[str, Any]] = [
        {"consumer": "stranger"}, {"token": "nobody's"}, {"secret": "no"}, {"token_secret": "no"},
        {"timestamp": NOW - 400}, {"method": "PLAINTEXT"}, {"without": ("oauth_nonce",)},
        {"more": {"oauth_body_hash": "no"}}, {"base": "http://elsewhere.example"},
    ]  # fmt: skip
    calls = [Caller(**one).request("GET", f"{SHOW}?haslo=tajne") for one in wrong]
    xauth = Caller(token="", place="query", secret="no").login("testuser", "aeVaa9eRena")
    names = [login_of("nobody@example.test", "guess"), login_of("testuser", "guess")]
    return [*calls, xauth, *names, Request("GET", SHOW)]


def login_of(name: str, password: str) -> Request:
    """Ask for a token with some name and password, signed well."""
    return Caller(token="").login(name, password)


def test_every_refusal_says_the_same(door: Door) -> None:
    """To the caller; the log says why."""
    found = [refusal(door, request) for request in attempts()]
    assert len({(one.answer.status, one.answer.body, one.answer.headers) for one in found}) == 1
    assert found[0].answer.body == b"Invalid OAuth Request"
    assert len({one.reason for one in found}) > 8


def test_no_refusal_shows_a_secret(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a reason nor a library's log: no secret, password, token, nonce, user or query."""
    secrets = ["csecret", "ACCSEC", "ACCTOK", "aeVaa9eRena", "guess", "testuser", "nobody", "tajne"]
    with caplog.at_level(logging.DEBUG):
        for request in attempts():
            found = refusal(door, request)
            said = found.reason + str(found) + found.answer.body.decode()
            assert not [secret for secret in secrets if secret in said]
    assert not [secret for secret in secrets if secret in caplog.text]


def test_no_log_injection(door: Door) -> None:
    """Whatever a caller sends, a reason is one line of printable ASCII, and not long."""
    evil = "shop\r\nroot logged in\x1b[31m\u2028\x00" + "x" * 5_000
    host = (("Host", evil), ("X-inFakt-ApiKey", evil))
    requests = [
        evolve(Caller(secret="no").request("GET", SHOW), headers=())
        if name == "none"
        else Caller(secret="no").request("GET", SHOW, headers=host[:1] if name == "host" else host)
        for name in ("none", "host", "key")
    ]
    requests += [Caller(consumer=evil[:500]).request("GET", SHOW), login_of(evil[:500], evil[:500])]
    for request in requests:
        reason = refusal(door, request).reason
        assert reason.isascii()
        assert reason.isprintable()
        assert len(reason) < 400


def test_the_same_work_whatever_is_wrong(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many hashes are made and compared for a stranger as for a wrong secret."""
    works: dict[str, list[str]] = {}
    for name, caller in {
        "consumer": Caller(consumer="stranger"),
        "token": Caller(token="nobody's"),
        "secret": Caller(secret="guessed"),
        "token secret": Caller(token_secret="guessed"),
        "time": Caller(timestamp=NOW - 1_000),
    }.items():
        request, work = caller.request("GET", SHOW), works.setdefault(name, [])
        with monkeypatch.context() as patched:
            for kind in ("new", "compare_digest"):
                watch(patched, hmac, kind, work)
            assert refusal(door, request)
    assert len({tuple(work) for work in works.values()}) == 1, works
    assert set(works["consumer"]) == {"new", "compare_digest"}


def test_a_login_costs_the_same_for_nobody(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user that there is not is checked against a hash of the same cost, once."""
    seen: list[str] = []
    check = PasswordHasher.verify

    def verify(self: PasswordHasher, hashed: str, password: str) -> bool:
        seen.append(hashed.rpartition("$")[0].rpartition("$")[0])
        return check(self, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    assert refusal(door, login_of("testuser", "guess"))
    assert refusal(door, login_of("nobody@example.test", "guess"))
    assert seen == ["$argon2id$v=19$m=8,t=1,p=1"] * 2


def test_secrets_cannot_be_compared_otherwise(store: Store) -> None:
    """Nor printed, hashed or kept: the type does not let them be."""
    secret = Secret("of the gateway")
    with pytest.raises(TypeError, match="matches"):
        assert secret == Secret("of the gateway")
    with pytest.raises(TypeError, match="matches"):
        assert secret != "of the gateway"
    with pytest.raises(TypeError):
        assert {secret}
    assert secret.matches("of the gateway")
    assert not secret.matches("of the gatewaY")
    assert not secret.matches("\ud800")
    assert not Secret().matches("")
    assert seal(secret, "ab", "c") != seal(secret, "a", "bc") != seal(secret, "abc")
    config = gateway(account("shop", "ckey", "of the shop", tokens={"t": Secret("of a token")}))
    assert Door(config, store, Clock())
    assert not [text for text in ("of the shop", "of a token", "v3-key") if text in repr(config)]


def test_what_is_admitted_shows_no_secret(door: Door) -> None:
    """An entry may be logged by mistake."""
    body = b"invoice%5Buwagi%5D=osobowe"
    entry = door.enter(Caller().request("POST", f"{CREATE}?nip=1", body, FORM))
    assert not [t for t in ("v3-key", "csecret", "ACCSEC", "osobowe", "nip") if t in repr(entry)]


# ---- tools


def watch(patched: pytest.MonkeyPatch, module: Any, name: str, work: list[str]) -> None:
    """Note each call of a function."""
    before = getattr(module, name)

    def call(*arguments: Any, **named: Any) -> Any:
        work.append(name)
        return before(*arguments, **named)

    patched.setattr(module, name, call)


def made(door: Door, request: Request) -> tuple[str, str]:
    """Get a token and its secret."""
    pairs = dict(pair.split("=") for pair in door.tokens(request).body.decode().split("&"))
    return pairs["oauth_token"], pairs["oauth_token_secret"]


def twice(request: Request, place: str, name: str, value: str) -> Request:
    """Add a parameter in a place."""
    if place == "header":
        headers = dict(request.headers)
        before = headers.get("Authorization", "OAuth ")
        added = f'{before}{", " if len(before) > 6 else ""}{name}="{value}"'
        return evolve(request, headers=tuple({**headers, "Authorization": added}.items()))
    if place == "query":
        return evolve(request, query="&".join(filter(None, (request.query, f"{name}={value}"))))
    body = b"&".join(filter(None, (request.body, f"{name}={value}".encode())))
    return evolve(
        request, body=body, headers=tuple({**dict(request.headers), "Content-Type": FORM}.items())
    )
