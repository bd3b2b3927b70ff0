"""The facade's APIs: one for each configured account, and some for callers with keys of their own.

An API key of a caller's own lives in memory only, as long as its API is among those kept.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests
from attrs import define

from infakt_compat.dropin.calls_log import OWN_KEYS
from infakt_compat.dropin.config import Account, Gateway
from infakt_compat.dropin.door import Entry
from infakt_compat.facade import Api, Defaults, connect
from infakt_compat.store import Store
from infakt_compat.v3 import Clock, new_session

#: APIs of callers with own keys that are kept; each costs some KiB, and connections while in use.
MOST_OWN = 64

LogOf = Callable[[str], Callable[[str], None]]


@define
class _Lent:
    """An API of a caller's own key, and how many calls are at it."""

    api: Api
    users: int = 0


class Apis:
    """Lends APIs to calls. One that is lent is never closed."""

    def __init__(
        self, config: Gateway, store: Store, v2_base: str, log_of: LogOf, clock: Clock
    ) -> None:
        """Connect the configured accounts; raises `ValueError` for what cannot be meant."""
        self._config = config
        self._store = store
        self._v2_base = v2_base
        self._log_of = log_of
        self._clock = clock
        self._lock = threading.Lock()
        self._own: OrderedDict[str, _Lent] = OrderedDict()
        self._session: requests.Session = new_session()
        self.accounts: dict[str, Api] = {}
        self._by_name: dict[str, Api] = {}
        try:
            for account in config.accounts.values():
                self._add(account)
        except BaseException:
            self.close()
            raise

    def _add(self, account: Account) -> None:
        key, name = account.v3_key.reveal(), account.store_name
        made = connect(
            key, account.base_url, account.dialect, self._store, account.defaults,
            account=name, patience=self._config.patience, limits=self._config.limits,
            v2_base=self._v2_base, clock=self._clock, log=self._log_of(account.name),
        )  # fmt: skip
        self.accounts[account.name] = self._by_name[name] = made

    @property
    def own_keys(self) -> int:
        """How many callers' own keys are at hand."""
        with self._lock:
            return len(self._own)

    @contextmanager
    def lend(self, entry: Entry) -> Iterator[Api]:
        """Lend the API of a caller."""
        if entry.account is not None:
            yield self.accounts[entry.account.name]
            return
        with self._lock:
            lent = self._own.get(entry.name)
            if lent is None:
                lent = self._own[entry.name] = _Lent(self._connected(entry))
            self._own.move_to_end(entry.name)
            lent.users += 1
        self._close_some()
        with self._returned(lent):
            yield lent.api

    @contextmanager
    def of_link(self, name: str) -> Iterator[Api | None]:
        """Lend the API that a PDF link names; None when its caller's own key is not at hand."""
        configured = self._by_name.get(name)
        if configured is not None:
            yield configured
            return
        with self._lock:
            lent = self._own.get(name)
            if lent is not None:
                lent.users += 1
        if lent is None:
            yield None
            return
        with self._returned(lent):
            yield lent.api

    def label(self, name: str) -> str:
        """Name an account of the store for log and metrics."""
        known = (one.name for one in self._config.accounts.values() if one.store_name == name)
        return next(known, own_label(name))

    @contextmanager
    def _returned(self, lent: _Lent) -> Iterator[None]:
        try:
            yield
        finally:
            with self._lock:
                lent.users -= 1

    def _connected(self, entry: Entry) -> Api:
        config = self._config
        return connect(
            entry.api_key, config.base_url, config.dialect, self._store, Defaults(),
            account=entry.name, patience=config.patience, limits=config.limits,
            v2_base=self._v2_base, clock=self._clock, log=self._log_of(own_label(entry.name)),
            session=self._session,
        )  # fmt: skip

    def _close_some(self) -> None:
        """Close those that were not used for the longest time; not those at work."""
        closing = []
        with self._lock:
            for name, lent in list(self._own.items()):
                if len(self._own) <= MOST_OWN:
                    break
                if lent.users == 0:
                    closing.append(self._own.pop(name).api)
        for api in closing:
            api.close()

    def close(self) -> None:
        """Close all of them."""
        with self._lock:
            own, self._own = [lent.api for lent in self._own.values()], OrderedDict()
        for api in [*self.accounts.values(), *own]:
            api.close()
        self._session.close()


def own_label(name: str) -> str:
    """Name a caller with an own key in the log: a part of the keyed hash tells them apart."""
    return f"{OWN_KEYS} {name[-8:]}"
