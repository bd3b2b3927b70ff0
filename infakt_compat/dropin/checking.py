"""Tries a configuration: what it says, who can read it, the store, the clock, every v3 key.

Nothing is changed in any account: v3's write scope is tried with an update of a client that there
cannot be.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from enum import StrEnum
from itertools import combinations
from pathlib import Path

from attrs import frozen
from requests import Response

from infakt_compat.dropin.addresses import endpoint, is_loopback, own_urls
from infakt_compat.dropin.config import Account, ConfigError, Gateway, read
from infakt_compat.dropin.door import Door
from infakt_compat.store import StoreError, open_store
from infakt_compat.v3 import (
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    Unauthorized,
    V3Client,
    V3Error,
    new_session,
)

_PATIENCE = 15.0
_NO_CLIENT = 0

_NEW_KEY = "look at v3_key_env or v3_key_file, or make a new key in inFakt's settings (API)"
_READ = "give the key the scope api:invoices:read in inFakt's settings (API)"
_WRITE = "give the key the scope api:invoices:write in inFakt's settings (API)"


class Verdict(StrEnum):
    """What was found: good, good but better otherwise, or wrong."""

    OK = "ok"
    ADVICE = "advice"
    WRONG = "wrong"


@frozen
class Finding:
    """One thing that was tried, how it is, and what to do about it."""

    what: str
    verdict: Verdict
    said: str
    remedy: str = ""


def check(path: Path, clock: Callable[[], float] = time.time) -> Iterator[Finding]:
    """Try everything, and give what was found as it is found."""
    try:
        config = read(path)
    except ConfigError as error:
        for problem in error.problems:
            yield Finding("configuration", Verdict.WRONG, str(problem), f"in {error.path}")
        return
    yield Finding("configuration", Verdict.OK, str(config.path))
    for file in config.files:
        yield Finding("secret", Verdict.OK, f"{file}: only its owner can read it")
    yield _listens(config)
    yield _base_urls(config)
    yield _store(config, clock)
    yield _callers(config)
    yield from _shared_keys(config)
    for account in config.accounts.values():
        yield _ways_in(account)
        yield from _V3Check(account, config.clock_skew, clock).findings()


def _listens(config: Gateway) -> Finding:
    host, _ = endpoint(config.listen)
    if is_loopback(host):
        return Finding("address", Verdict.OK, f"{config.listen}: this machine only")
    said = f"{config.listen} can be reached from other machines, without TLS"
    return Finding("address", Verdict.ADVICE, said, "put a proxy with TLS before it (README)")


def _base_urls(config: Gateway) -> Finding:
    said = f"callers may sign for {' '.join([*config.base_urls, *own_urls(config.listen)])}"
    return Finding("base URLs", Verdict.OK, said)


def _store(config: Gateway, clock: Callable[[], float]) -> Finding:
    """Open the store and write to it, as the gateway does when it starts."""
    try:
        with open_store(config.store) as store:
            Door(config, store, clock)
            return Finding("store", Verdict.OK, f"{store.location}: can be written")
    except StoreError as error:
        remedy = "store = a path, or a PostgreSQL URL in store_env"
        return Finding("store", Verdict.WRONG, str(error), remedy)


def _callers(config: Gateway) -> Finding:
    own = "callers may send API keys of their own" if config.own_api_keys else ""
    names = f"accounts: {', '.join(config.accounts)}" if config.accounts else ""
    said = "; ".join(filter(None, (names, own)))
    if said:
        return Finding("callers", Verdict.OK, said)
    remedy = "add [accounts.NAME], or own_api_keys = true"
    return Finding("callers", Verdict.WRONG, "nobody is served", remedy)


def _shared_keys(config: Gateway) -> Iterator[Finding]:
    """Find accounts with one v3 key: what is meant for one then stands in the other's books.

    The store keeps them apart, too, and could not tell one's creates in doubt from the other's.
    """
    for first, second in combinations(config.accounts.values(), 2):
        if first.v3_key.matches(second.v3_key.reveal()):
            said = f"the same v3 key as {first.name}'s: what its callers create is {first.name}'s"
            remedy = "v3_key_env or v3_key_file: a key of its own, also for callers of one company"
            yield Finding(f"{second.name}: v3 key", Verdict.WRONG, said, remedy)


def _ways_in(account: Account) -> Finding:
    what = f"{account.name}: callers"
    said = f"users: {len(account.users)}, tokens held: {len(account.tokens)}"
    if account.users or account.tokens:
        return Finding(what, Verdict.OK, said)
    remedy = f"infakt-compat gateway add-user --account {account.name} USER"
    return Finding(what, Verdict.ADVICE, "nobody can get in", remedy)


class _V3Check:
    """What v3 says to an account's key."""

    def __init__(self, account: Account, skew: float, clock: Callable[[], float]) -> None:
        self._account = account
        self._skew = skew
        self._clock = clock
        self._off: float | None = None

    def findings(self) -> Iterator[Finding]:
        """Try the key, its scopes, and our clock by v3's."""
        account = self._account
        with new_session() as session:
            session.hooks["response"].append(self._dated)
            with V3Client(
                account.v3_key.reveal(), account.base_url, account.dialect,
                session=session, limits="off", patience=_PATIENCE,
            ) as v3:  # fmt: skip
                known = self._tried("v3 key", v3.account.details, _NEW_KEY)
                yield known
                if known.verdict is Verdict.OK:
                    yield self._tried("invoices", lambda: v3.invoices.list(limit=1), _READ)
                    yield self._tried("clients", lambda: v3.clients.list(limit=1), _READ)
                    yield self._tried("writing", lambda: _update_nobody(v3), _WRITE)
        if self._off is not None:
            yield self._clock_finding(self._off)

    def _tried(self, what: str, call: Callable[[], object], remedy: str) -> Finding:
        """Make a call; v3 says 401 both for a wrong key and for one without the scope."""
        what, base = f"{self._account.name}: {what}", self._account.base_url
        try:
            call()
        except (Unauthorized, Forbidden) as error:
            return Finding(what, Verdict.WRONG, f"v3 refuses: {error.text}", remedy)
        except Refused as error:
            return Finding(what, Verdict.WRONG, str(error), f"is this v3's base_url? {base}")
        except V3Error as error:
            return Finding(what, Verdict.WRONG, str(error), f"can {base} be reached from here?")
        return Finding(what, Verdict.OK, "allowed")

    def _dated(self, response: Response, *_: object, **__: object) -> None:
        """Compare v3's Date with our clock."""
        try:
            there = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return
        self._off = self._clock() - there.timestamp()

    def _clock_finding(self, off: float) -> Finding:
        what, said = f"{self._account.name}: clock", f"{abs(off):.0f} s off v3's"
        if abs(off) > self._skew / 2:
            remedy = "set this machine's clock (NTP): signatures with right timestamps are refused"
            return Finding(what, Verdict.WRONG, said, remedy)
        return Finding(what, Verdict.OK, said)


def _update_nobody(v3: V3Client) -> None:
    """Update a client that there cannot be: that v3 finds none says that it looked for one."""
    with suppress(NotFound, Invalid):
        v3.clients.update(_NO_CLIENT, {})
