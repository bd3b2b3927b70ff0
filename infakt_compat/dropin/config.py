"""The gateway's configuration: what gateway.toml says, read and checked (decisions.md 7).

`read(path)` gives a `Gateway`. Everything is checked then: an unknown key, a wrong type or a secret
that others can read is a `ConfigError` that names file, key and remedy.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from attrs import field, frozen

from infakt_compat.dropin.addresses import Network, base_url, endpoint, network
from infakt_compat.dropin.passwords import check_hash
from infakt_compat.dropin.secret import Secret, SecretUnusable, from_file
from infakt_compat.dropin.section import ConfigError, Section, open_section
from infakt_compat.facade import Defaults
from infakt_compat.v3 import PRODUCTION
from infakt_compat.v3.session import ApiKey, checked_base

__all__ = [
    "ACCOUNT_NAME",
    "KEY_FILE",
    "USER_NAME",
    "Account",
    "ConfigError",
    "Dialect",
    "Gateway",
    "read",
]

Dialect = Literal["current", "classic"]

#: The gateway's own key stands here when the configuration names no other place.
KEY_FILE = "gateway.key"
_LEAST_KEY = 32
_NO_KEY = "put back the one that was there, or let infakt-compat gateway init make a new one"
V2_BASE = "https://www.infakt.pl"
ACCOUNT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
#: oauthlib's own bounds (20 to 30 letters and digits) are too narrow for real keys (design.md).
_VISIBLE = re.compile(r"[!-~]{1,255}")
USER_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,255}")
_LISTEN, _SKEW, _PATIENCE, _THREADS = "127.0.0.1:8082", 300, 25, 8
_LONGEST_SKEW = 86_400


@frozen(kw_only=True, eq=False)
class Account:
    """One account of v3's, and who may use it.

    `users` are password hashes (argon2) by user name, `tokens` the secrets of access tokens that
    callers have held for years. `quantity_as_number` shows ilosc as a number (decisions.md 2).
    """

    name: str
    v3_key: Secret
    base_url: str
    dialect: Dialect = "current"
    consumer_key: str
    consumer_secret: Secret
    users: Mapping[str, str] = field(factory=dict, repr=False)
    tokens: Mapping[str, Secret] = field(factory=dict, repr=False)
    defaults: Defaults = field(factory=Defaults)
    quantity_as_number: bool = False

    @property
    def store_name(self) -> str:
        """Name the account in the store: one name at two v3s (the sandbox, say) is two accounts."""
        return f"{self.name}@{self.base_url.partition('://')[2]}"


@frozen(kw_only=True, eq=False)
class Gateway:
    """The whole configuration, read from `path`; `files` are those that hold secrets.

    - `listen`: HOST:PORT; `base_urls`: the public base URLs for which callers sign, to which those
      of the gateway's own address are added;
    - `store`: a path, a PostgreSQL URL, or None for the user's own store;
    - `key`: the gateway's own key, of which tokens, names and PDF URLs are made;
    - `clock_skew`: seconds that a timestamp may be off;
    - `own_api_keys`: callers may send their own X-inFakt-ApiKey, for the v3 at `base_url`;
    - `limits`: "real", or "off" for a stand-in; `patience`: seconds that a call may take;
    - `trusted_proxies`: from where X-Forwarded-For is believed; `operators`: from where the page
      and the metrics are shown, beside loopback;
    - `threads`: of the server.
    """

    path: Path
    files: tuple[Path, ...] = ()
    key: Secret
    listen: str = _LISTEN
    base_urls: tuple[str, ...] = (V2_BASE,)
    store: str | None = field(default=None, repr=False)
    clock_skew: int = _SKEW
    own_api_keys: bool = False
    base_url: str = PRODUCTION
    dialect: Dialect = "current"
    limits: Literal["real", "off"] = "real"
    patience: int = _PATIENCE
    trusted_proxies: tuple[Network, ...] = ()
    operators: tuple[Network, ...] = ()
    threads: int = _THREADS
    accounts: Mapping[str, Account] = field(factory=dict)


def read(path: Path) -> Gateway:
    """Read gateway.toml, and the environment and the files that it names; raises `ConfigError`."""
    top = open_section(path)
    source = top.source
    base, dialect = _v3(top, PRODUCTION, "current")
    accounts = [_account(name, table, base, dialect) for name, table in top.sections("accounts")]
    gateway = Gateway(
        path=source.path,
        key=_key(top),
        listen=top.checked("listen", _LISTEN, _listen),
        base_urls=top.texts("base_urls", base_url, (V2_BASE,)),
        store=_store(top),
        clock_skew=top.whole("clock_skew", _SKEW, 1, _LONGEST_SKEW),
        own_api_keys=top.truth("own_api_keys", False),
        base_url=base,
        dialect=dialect,
        limits=top.word("limits", ("real", "off")),
        patience=top.whole("patience", _PATIENCE, 1, 600),
        trusted_proxies=top.texts("trusted_proxies", network),
        operators=top.texts("operators", network),
        threads=top.whole("threads", _THREADS, 1, 256),
        accounts={account.name: account for account in accounts},
        files=tuple(source.files),
    )
    top.end()
    for place, text in _crossed(accounts):
        top.wrong(f"accounts.{place}", text)
    source.end()
    return gateway


def _listen(text: str) -> str:
    endpoint(text)
    return text


def _v3(table: Section, base: str, dialect: Dialect) -> tuple[str, Dialect]:
    """Give the v3 of a table: its base URL and dialect, or those of the table above."""
    words: tuple[Dialect, Dialect] = ("current", "classic")
    if dialect == "classic":
        words = ("classic", "current")
    return (
        table.checked("base_url", base, lambda url: checked_base(url, plain_http=False)),
        table.word("dialect", words),
    )


def _key(top: Section) -> Secret:
    """Give the gateway's own key: at least 32 characters, from a file beside the configuration."""
    key = top.secret("key", inline=False)
    if not key and not (top.has("key_env") or top.has("key_file") or top.has("key")):
        path = top.source.beside(KEY_FILE)
        try:
            key = from_file(path)
            top.source.files.append(path)
        except SecretUnusable as error:
            top.wrong("key_file", f"{error}; {_NO_KEY}")
    if key and len(key.reveal()) < _LEAST_KEY:
        top.wrong("key_file", f"the gateway's key has at least {_LEAST_KEY} characters")
    return key


def _store(top: Section) -> str | None:
    """Give the store's URL, or its path; a URL may hold a password, and then is a secret."""
    hidden = top.has("store_env") or top.has("store_file") or not top.has("store")
    plain = "" if hidden else top.text("store")
    if plain and "://" not in plain:
        return str(top.source.beside(plain))
    if plain and urlsplit(plain).password is None:
        return plain
    return top.secret("store").reveal() or None


def _account(name: str, table: Section, base: str, dialect: Dialect) -> Account:
    if not ACCOUNT_NAME.fullmatch(name):
        table.wrong("", "an account's name has 1 to 64 letters, digits, - and _")
    base, dialect = _v3(table, base, dialect)
    account = Account(
        name=name,
        v3_key=_v3_key(table),
        base_url=base,
        dialect=dialect,
        consumer_key=_visible(table, "consumer_key"),
        consumer_secret=_needed(table, "consumer_secret"),
        users=dict(_users(table)),
        tokens=dict(_tokens(table)),
        defaults=_defaults(table, dialect),
        quantity_as_number=table.truth("quantity_as_number", False),
    )
    table.end()
    return account


def _v3_key(table: Section) -> Secret:
    """Give the v3 key: what a header can hold."""
    key = _needed(table, "v3_key", inline=False)
    try:
        ApiKey(key.reveal() or "none")
    except ValueError as error:
        table.wrong("v3_key", str(error))
    return key


def _needed(table: Section, key: str, *, inline: bool = True) -> Secret:
    """Give a secret that has to be there."""
    names = [*([key] if inline else []), f"{key}_env", f"{key}_file"]
    if not any(table.has(name) for name in (key, *names)):
        table.wrong("", f"needs {' or '.join(names)}")
    return table.secret(key, inline=inline)


def _visible(table: Section, key: str) -> str:
    """Give a consumer key or token: visible ASCII."""
    found = table.text(key)
    if not _VISIBLE.fullmatch(found):
        table.wrong(key, "is needed: 1 to 255 visible ASCII characters, without a space")
    return found


def _users(table: Section) -> Iterator[tuple[str, str]]:
    for name, user in table.sections("users"):
        if not USER_NAME.fullmatch(name):
            user.wrong("", "a user's name has 1 to 255 characters, without control characters")
        hashed = user.secret("password").reveal()
        try:
            check_hash(hashed)
        except ValueError as error:
            user.wrong("password", str(error))
        user.end()
        yield name, hashed


def _tokens(table: Section) -> Iterator[tuple[str, Secret]]:
    seen = set()
    for row in table.rows("tokens"):
        token, secret = _visible(row, "token"), _needed(row, "secret")
        if token in seen:
            row.wrong("token", "stands here twice")
        seen.add(token)
        row.end()
        yield token, secret


def _defaults(table: Section, dialect: Dialect) -> Defaults:
    """Give the facade's defaults, whose own messages name what they refuse."""
    section = table.section("defaults")
    try:
        found = Defaults.of(section.all())
    except (ValueError, TypeError, AttributeError) as error:
        section.wrong("", str(error))
        return Defaults()
    if found.send_to_ksef and dialect == "classic":
        section.wrong("send_to_ksef", "the classic v3 has no KSeF")
    return found


def _crossed(accounts: list[Account]) -> Iterator[tuple[str, str]]:
    """Find accounts that share a consumer key and then cannot be told apart."""
    first: dict[tuple[str, str, str], str] = {}
    secrets: dict[str, Account] = {}
    for account in accounts:
        other = secrets.setdefault(account.consumer_key, account)
        secret = account.consumer_secret
        if secret and not other.consumer_secret.matches(secret.reveal()):
            yield account.name, f"{other.name} has the same consumer_key with another secret"
        for kind, names in (("users", account.users), ("tokens", account.tokens)):
            for name in names:
                owner = first.setdefault((account.consumer_key, kind, name), account.name)
                if owner != account.name:
                    told = name if kind == "users" else "a token"
                    yield f"{account.name}.{kind}", f"{told} stands in {owner}, too"
