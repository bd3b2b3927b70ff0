"""`connect`, and the API that it gives."""

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal

from infakt_compat.facade import statuses
from infakt_compat.facade.account import Account, account_name
from infakt_compat.facade.background import Later
from infakt_compat.facade.clients import Clients
from infakt_compat.facade.defaults import Defaults
from infakt_compat.facade.invoices import Invoices
from infakt_compat.notices import Notice
from infakt_compat.store import Store, open_store
from infakt_compat.v3 import PRODUCTION, Clock, V3Client

V2_BASE = "https://www.infakt.pl/api/v2"


class Api:
    """v2's verbs: `invoices` and `clients`. Safe for several threads; close it at the end."""

    def __init__(self, account: Account, close: tuple[Any, ...] = ()) -> None:
        """Serve an account; what stands in `close` is closed with the API."""
        self._account = account
        self._close = close
        self.invoices = Invoices(account)
        self.clients = Clients(account)

    @property
    def last_notices(self) -> tuple[Notice, ...]:
        """What the last call of this thread wants said."""
        return self._account.board.notices

    @property
    def account(self) -> str:
        """The name under which the store keeps this account."""
        return self._account.name

    def run_background(self) -> None:
        """Do at once what waits in the background (an API of `background=False` has no thread)."""
        self._account.later.run_all()

    def close(self) -> None:
        """End the background work and close what this API opened."""
        self._account.later.close()
        for one in self._close:
            one.close()

    def __enter__(self) -> "Api":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
    clock: Clock = Clock(),  # noqa: B008 - frozen
    **client: Any,
) -> Api:
    """Connect to v3 and serve v2's verbs.

    `store` is a path, a PostgreSQL URL or an open `Store` (then it stays open at the end); without
    one it is the user's own. `defaults` are the account's (`Defaults`, or a mapping of its names).
    `patience` bounds each call in seconds, `limits` are `V3Client`'s ("real", "off" or figures) and
    are shared through the store. `background=False` starts no thread. `v2_base` begins the
    `request` of errors. What else is given goes to `V3Client` (timeouts, log, session ...).

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
    later = Later(background)
    own = Account(v3, opened, name, values, later, clock, patience, v2_base.rstrip("/"))
    statuses.resume(own)
    return Api(own, (v3,) if opened is store else (v3, opened))
