"""The client: one API key, one v3, every resource as an attribute."""

from __future__ import annotations

import hashlib
from typing import Literal
from urllib.parse import urlsplit

import requests
from attrs import evolve

from infakt_compat.v3 import limits as windows_of
from infakt_compat.v3.api import DIALECTS, Api, Dialect
from infakt_compat.v3.documents import Documents, Invoices
from infakt_compat.v3.limits import Counted, Counts, Limiter, Limits, WindowStore
from infakt_compat.v3.log import Log
from infakt_compat.v3.registers import Account, Clients, Register
from infakt_compat.v3.session import PRODUCTION, ApiKey, checked_base, new_session
from infakt_compat.v3.transport import Transport
from infakt_compat.v3.waits import Backoff, Clock, Looks, Timeouts

_REGISTERS = ("vat_rates", "vat_exemptions", "countries", "flat_rates", "bank_accounts")


class V3Client:
    """A client of v3, safe for several threads.

    `dialect` is "current" or "classic". `patience` bounds each call with all its waits, in seconds.
    `limits` are "real" (the dialect's figures), "off" or figures of your own; `windows` is where
    the counts are kept, by default in this process; `egress` names the address that v3 sees,
    `account` the account, for clients that share windows. `log` takes one line of JSON an exchange.
    A `session` of your own brings its own TLS settings and is not closed here.
    """

    invoices: Invoices
    corrective_invoices: Documents
    margin_invoices: Documents
    advance_invoices: Documents
    final_invoices: Documents
    clients: Clients
    vat_rates: Register
    vat_exemptions: Register
    countries: Register
    flat_rates: Register
    bank_accounts: Register
    account: Account

    def __init__(
        self,
        api_key: str,
        base_url: str = PRODUCTION,
        dialect: Literal["current", "classic"] = "current",
        *,
        session: requests.Session | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        patience: float = 25.0,
        backoff: Backoff = Backoff(),  # noqa: B008 - frozen
        looks: Looks = Looks(),  # noqa: B008 - frozen
        limits: Limits | Literal["real", "off"] = "real",
        windows: WindowStore = windows_of.PROCESS,
        egress: str = "default",
        account: str | None = None,
        clock: Clock = Clock(),  # noqa: B008 - frozen
        log: Log | None = None,
        log_bodies: bool = False,
        plain_http: bool = False,
    ) -> None:
        """Check key and base URL; nothing is sent yet."""
        if dialect not in DIALECTS:
            raise ValueError(f"no dialect: {dialect!r}")
        key, base = ApiKey(api_key), checked_base(base_url, plain_http)
        known = DIALECTS[dialect]
        names: dict[Counted, str] = {"address": egress, "account": account or _fingerprint(key)}
        figures = _figures(limits, known)
        limiter = Limiter(figures, windows, urlsplit(base).netloc, names) if figures else None
        self._own = session is None
        self._transport = Transport(
            session if session is not None else new_session(),
            key, base, limiter, timeouts, backoff, clock, log, log_bodies,
        )  # fmt: skip
        self._bind(Api(self._transport, known, patience, looks))

    def _bind(self, api: Api) -> None:
        self._api = api
        self.invoices = Invoices(api)
        self.corrective_invoices = Documents(api, "corrective_invoices")
        self.margin_invoices = Documents(api, "margin_invoices")
        self.advance_invoices = Documents(api, "advance_invoices")
        self.final_invoices = Documents(api, "final_invoices")
        self.clients = Clients(api)
        for name in _REGISTERS:
            setattr(self, name, Register(api, f"/{name}"))
        self.account = Account(api)

    @property
    def dialect(self) -> Dialect:
        """What this v3 is like; `dialect.of(record)` names a document in its URLs."""
        return self._api.dialect

    @property
    def base_url(self) -> str:
        """The base URL, without a final slash."""
        return self._transport.base

    @property
    def counted(self) -> dict[str, tuple[Counts, ...]]:
        """What bounds its reads and writes: bucket, room and seconds; empty when limits are off."""
        limiter = self._transport.limiter
        if limiter is None:
            return {}
        return {"reads": limiter.counts(False), "writes": limiter.counts(True)}

    def bounded(self, seconds: float) -> V3Client:
        """Give this client with one deadline for all that is done with it, from now on.

        For a caller that waits itself: several calls share its patience.
        """
        return self._with(self._api.bounded(seconds))

    def connecting(self, seconds: float) -> V3Client:
        """Give this client with so many seconds for each connection to come about."""
        timeouts = evolve(self._transport.timeouts, connect=seconds)
        return self._with(evolve(self._api, transport=evolve(self._transport, timeouts=timeouts)))

    def _with(self, api: Api) -> V3Client:
        """Give this client on another way to the same v3."""
        bound = object.__new__(V3Client)
        bound._own = False
        bound._transport = api.transport
        bound._bind(api)
        return bound

    def close(self) -> None:
        """Close the connections, unless the session is the caller's."""
        if self._own:
            self._transport.session.close()

    def __enter__(self) -> V3Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"V3Client({self.base_url!r}, dialect={self.dialect.name!r})"


def _figures(limits: Limits | str, dialect: Dialect) -> Limits | None:
    if isinstance(limits, Limits):
        return limits
    if limits not in ("real", "off"):
        raise ValueError(f"limits are real, off or figures, not {limits!r}")
    return dialect.limits if limits == "real" else None


def _fingerprint(key: ApiKey) -> str:
    """Name an account whose name is not given; keys are random, so a hash gives nothing away."""
    return hashlib.sha256(b"infakt-compat account " + key.reveal().encode()).hexdigest()[:16]
