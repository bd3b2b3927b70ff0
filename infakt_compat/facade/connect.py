"""`connect`, and the API that it gives."""

import os
from collections.abc import Callable, Mapping
from typing import Any, Literal

from attrs import evolve

from infakt_compat.facade import doubts, ksef_watch, statuses
from infakt_compat.facade.account import Account, account_name
from infakt_compat.facade.background import Later
from infakt_compat.facade.clients import Clients
from infakt_compat.facade.defaults import Defaults
from infakt_compat.facade.invoices import Invoices
from infakt_compat.facade.ksef_rejections import KsefRejection, rejection
from infakt_compat.facade.settings import Settings
from infakt_compat.notices import Notice
from infakt_compat.store import Store, open_store
from infakt_compat.v3 import PRODUCTION, Clock, V3Client

V2_BASE = "https://www.infakt.pl/api/v2"


class Api:
    """v2's verbs: `invoices`, `clients`, `settings`.

    Safe for several threads; close it at the end.
    """

    def __init__(self, account: Account, close: tuple[Any, ...] = ()) -> None:
        """Serve an account; what stands in `close` is closed with the API."""
        self._account = account
        self._close = close
        self.invoices = Invoices(account)
        self.clients = Clients(account)
        self.settings = Settings(account)

    @property
    def last_notices(self) -> tuple[Notice, ...]:
        """What the last call of this thread wants said."""
        return self._account.board.notices

    @property
    def account(self) -> str:
        """The name under which the store keeps this account."""
        return self._account.name

    @property
    def v3(self) -> V3Client:
        """The client of v3 behind the verbs."""
        return self._account.v3

    def patient(self, seconds: float, connect: float | None = None) -> "Api":
        """Give this API with another patience, and other seconds for a connection to come about.

        It shares all that is open with this one, which alone is to be closed.
        """
        v3 = self.v3 if connect is None else self.v3.connecting(connect)
        return Api(evolve(self._account, patience=seconds, v3=v3))

    def run_background(self) -> None:
        """Do at once what waits in the background (an API of `background=False` has no thread)."""
        doubts.turn(self._account, at_once=True)
        self._account.later.run_all()
        ksef_watch.turn(self._account, at_once=True)

    def ksef_rejections(self) -> list[KsefRejection]:
        """What KSeF rejected and has not accepted since, newest first; the store's, for all."""
        return [rejection(one) for one in self._account.store.ksef.rejected(self._account.name)]

    def close(self) -> None:
        """End the background work and close what this API opened."""
        self._account.later.close()
        for one in self._close:
            one.close()

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(
    api_key: str,
    base_url: str = PRODUCTION,
    dialect: Literal["current", "classic"] = "current",
    store: Store | str | os.PathLike[str] | None = None,
    defaults: Defaults | Mapping[str, Any] | None = None,
    *,
    account: str | None = None,
    patience: float = 25.0,
    limits: Any = "real",
    background: bool = True,
    v2_base: str = V2_BASE,
    on_ksef_rejection: Callable[[KsefRejection], object] | None = None,
    clock: Clock = Clock(),  # noqa: B008 - frozen
    **client: Any,
) -> Api:
    """Connect to v3 and serve v2's verbs.

    `store` is a path, a PostgreSQL URL or an open `Store` (then it stays open at the end); without
    one it is the user's own. `defaults` are the account's (`Defaults`, or a mapping of its names).
    `patience` bounds each call in seconds, `limits` are `V3Client`'s ("real", "off" or figures) and
    are shared through the store. `background=False` starts no thread. `v2_base` begins the
    `request` of errors. `on_ksef_rejection` is told of each rejection, once among all processes
    that share the store. What else is given goes to `V3Client` (timeouts, log, session ...).

    Raises `ValueError` for a setting that cannot be meant, `StoreError` for a store that cannot be
    opened. Nothing is sent yet.
    """
    values = Defaults.of(defaults)
    if values.send_to_ksef and dialect == "classic":
        raise ValueError("the classic v3 has no KSeF: send_to_ksef cannot be true")
    opened = store if isinstance(store, Store) else open_store(store)
    try:
        name = account or account_name(api_key, base_url)
        settings = {
            "patience": patience, "limits": limits, "windows": opened.limits, "account": name,
            "clock": clock, **client,
        }  # fmt: skip
        v3 = V3Client(api_key, base_url, dialect, **settings)
    except BaseException:
        if opened is not store:
            opened.close()
        raise
    own = Account(
        v3, opened, name, values, Later(background), clock, patience, v2_base.rstrip("/"),
        on_ksef_rejection=on_ksef_rejection,
    )  # fmt: skip
    _resume(own)
    return Api(own, (v3,) if opened is store else (v3, opened))


def _resume(account: Account) -> None:
    """Take up what an earlier process left."""
    statuses.resume(account)
    ksef_watch.start(account)
    doubts.start(account)
