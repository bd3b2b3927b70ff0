"""A door with accounts, and a caller that signs by itself: RFC 5849 in a few lines of our own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from argon2 import PasswordHasher
from attrs import evolve, field, frozen

from infakt_compat.dropin.config import Account, Gateway
from infakt_compat.dropin.door import Door, NotAdmitted
from infakt_compat.dropin.messages import Request
from infakt_compat.dropin.passwords import new_hash
from infakt_compat.dropin.secret import Secret
from infakt_compat.store import Store
from tests.dropin.recorded import recorded

NOW = 1_795_161_250.0
BASE = "https://www.infakt.pl"
KEY = Secret("a key of the gateway's own, for tests")
#: As cheap as argon2 gets: what is tested is not its cost.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
FORM = "application/x-www-form-urlencoded"
PASSWORDS = {"testuser": "aeVaa9eRena", "user@example.test": "SECRET"}

Pairs = list[tuple[str, str]]
_numbers = itertools.count()


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = NOW) -> None:
        """Start at a moment."""
        self.now = now

    def __call__(self) -> float:
        """Give the moment."""
        return self.now


def account(name: str, consumer: str, secret: str, **more: Any) -> Account:
    """Make an account."""
    values: dict[str, Any] = {
        "name": name,
        "v3_key": Secret(f"v3-key-of-{name}"),
        "base_url": "https://api.infakt.pl/api/v3",
        "consumer_key": consumer,
        "consumer_secret": Secret(secret),
        **more,
    }
    return Account(**values)


def users(passwords: dict[str, str]) -> dict[str, str]:
    """Hash passwords."""
    return {name: new_hash(password, CHEAP) for name, password in passwords.items()}


def gateway(*accounts: Account, **more: Any) -> Gateway:
    """Make a configuration; its own address adds no base URL."""
    values: dict[str, Any] = {
        "path": Path("gateway.toml"),
        "key": KEY,
        "listen": "127.0.0.1:0",
        "base_urls": (BASE,),
        "accounts": {one.name: one for one in accounts},
        **more,
    }
    return Gateway(**values)


def recorded_gateway(base: str, **more: Any) -> Gateway:
    """Configure what the recorded callers have: keys, tokens, users."""
    keys = {one.keys.consumer: one.keys for one in recorded()}
    made = [
        account(
            consumer.replace("_", "-"), consumer, known.consumer_secret,
            tokens={token: Secret(secret) for token, secret in known.tokens.items()},
            users=users(PASSWORDS),
        )
        for consumer, known in keys.items()
    ]  # fmt: skip
    return gateway(*made, **{"base_urls": (base,), **more})


def refusal(door: Door, request: Request, *, writes: bool = False) -> NotAdmitted:
    """Give the refusal of a request; fails when it is admitted."""
    try:
        enter(door, request, writes=writes)
    except NotAdmitted as error:
        return error
    raise AssertionError(f"{request.method} {request.path} was admitted")


def enter(door: Door, request: Request, *, writes: bool = False) -> Any:
    """Go to the API, or to the tokens where the path says so."""
    if request.path.startswith("/oauth/"):
        return door.tokens(request)
    return door.enter(request, writes=writes)


def rows(store: Store, table: str) -> list[tuple[Any, ...]]:
    """Give what a table holds."""
    return store.database.read(
        lambda connection: [
            tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    )


@frozen
class Caller:
    """A caller that signs; `with_` changes what it does."""

    consumer: str = "ckey"
    secret: str = "csecret"
    token: str = "ACCTOK"
    token_secret: str = "ACCSEC"
    place: str = "header"
    method: str = "HMAC-SHA1"
    base: str = BASE
    timestamp: float = NOW
    nonce: str | None = None
    #: Added to OAuth's parameters, signed.
    more: dict[str, str] = field(factory=dict)
    #: Left out of OAuth's parameters.
    without: tuple[str, ...] = ()
    signed_method: str | None = None

    def with_(self, **changes: Any) -> Caller:
        """Give a caller that differs."""
        return evolve(self, **changes)

    def request(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        content_type: str | None = None,
        headers: Iterable[tuple[str, str]] = (),
    ) -> Request:
        """Make a signed request."""
        path, _, query = target.partition("?")
        ours = self._parameters()
        form = body.decode() if content_type == FORM else ""
        others = [*_decoded(query), *_decoded(form)]
        ours["oauth_signature"] = self._signature(method, path, [*others, *ours.items()])
        shown = {name: value for name, value in ours.items() if name not in self.without}
        sent = list(headers)
        if self.place == "header":
            inside = ", ".join(f'{name}="{quote(value, safe="")}"' for name, value in shown.items())
            sent.append(("Authorization", f"OAuth {inside}"))
        elif self.place == "query":
            query = "&".join(filter(None, (query, _encoded(shown.items()))))
        else:
            body = "&".join(filter(None, (form, _encoded(shown.items())))).encode()
            content_type = FORM
        if content_type is not None:
            sent.append(("Content-Type", content_type))
        return Request(method, path, query, tuple(sent), body)

    def login(
        self, user: str, password: str, path: str = "/oauth/access_token", method: str = "POST"
    ) -> Request:
        """Ask for an access token by xAuth."""
        xauth = {
            "x_auth_mode": "client_auth",
            "x_auth_username": user,
            "x_auth_password": password,
        }
        if method == "GET":
            return self.request("GET", f"{path}?{_encoded(xauth.items())}")
        return self.request("POST", path, _encoded(xauth.items()).encode(), FORM)

    def _parameters(self) -> dict[str, str]:
        nonce = self.nonce or f"{next(_numbers)}{secrets.token_hex(8)}"
        found = {
            "oauth_consumer_key": self.consumer,
            "oauth_token": self.token,
            "oauth_signature_method": self.method,
            "oauth_timestamp": str(int(self.timestamp)),
            "oauth_nonce": nonce,
            "oauth_version": "1.0",
            **self.more,
        }
        return {
            name: value
            for name, value in found.items()
            if name not in self.without and (value or name in self.more)
        }

    def _signature(self, method: str, path: str, pairs: Pairs) -> str:
        key = f"{_quoted(self.secret)}&{_quoted(self.token_secret if self.token else '')}"
        if self.method == "PLAINTEXT":
            return key
        found = sorted((_quoted(name), _quoted(value)) for name, value in pairs)
        normalized = "&".join(f"{name}={value}" for name, value in found)
        parts = (self.signed_method or method, f"{self.base}{path}", normalized)
        text = "&".join(_quoted(part) for part in parts).encode()
        algorithm = {"HMAC-SHA256": "sha256"}.get(self.method, "sha1")
        return base64.b64encode(hmac.digest(key.encode(), text, algorithm)).decode()


def body_hash(body: bytes) -> str:
    """Give oauth_body_hash of a body."""
    return base64.b64encode(hashlib.sha1(body).digest()).decode()


def _quoted(text: str) -> str:
    return quote(text, safe="~")


def _decoded(text: str) -> Pairs:
    return parse_qsl(text, keep_blank_values=True)


def _encoded(pairs: Iterable[tuple[str, str]]) -> str:
    return urlencode(list(pairs), quote_via=quote)
