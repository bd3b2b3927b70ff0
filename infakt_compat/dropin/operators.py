"""The operators' side: `/healthz`, `/metrics` and the page, for this machine unless told otherwise.

Who asks is the peer of the connection. What came through a proxy is believed to come from where it
says only when the proxy is a trusted one: a public proxy on this machine is on loopback, too. The
Host must be an address or a name of ours, so that no web page elsewhere can read these by a name
of its own that it points here (DNS rebinding).
"""

import json
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from infakt_compat.dropin import metrics, page
from infakt_compat.dropin.addresses import Network, endpoint
from infakt_compat.dropin.apis import Apis
from infakt_compat.dropin.calls_log import OWN_KEYS, Calls
from infakt_compat.dropin.config import Gateway
from infakt_compat.dropin.limits_left import limits_left
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.metrics import Gauge, Metrics
from infakt_compat.dropin.wsgi import Environ
from infakt_compat.store import Store, StoreError

Address = IPv4Address | IPv6Address

_TEXT = "text/plain; charset=utf-8"
_PROXIED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
_PRIVATE = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))
_REFUSED = (
    b"This is for operators, on the gateway's own machine. "
    b"Others are let in by operators = [...] in gateway.toml.\n"
)
#: Creates in doubt that are counted at most.
_MOST_DOUBT = 1000

Values = Iterable[tuple[tuple[str, ...], float]]


class Operators:
    """Answers operators."""

    def __init__(
        self, config: Gateway, store: Store, apis: Apis, calls: Calls, metrics: Metrics
    ) -> None:
        """Show what these know."""
        self._config = config
        self._store = store
        self._apis = apis
        self._calls = calls
        self._metrics = metrics
        self._own_names: set[str | None] = {"localhost", endpoint(config.listen)[0]}
        self._names = self._own_names | {urlsplit(base).hostname for base in config.base_urls}
        self._pages: dict[str, Callable[[], Answer]] = {
            "/": self._page, "/metrics": self._counts, "/healthz": self._health,
        }  # fmt: skip
        self.paths = frozenset(self._pages)
        metrics.watch(self._gauges())

    def answer(self, request: Request, environ: Environ) -> Answer | None:
        """Answer a request for one of the operators' paths; None for any other."""
        shown = self._pages.get(request.path)
        if shown is None:
            return None
        if not self._allowed(request, environ):
            return Answer(403, _TEXT, _REFUSED)
        if request.method not in ("GET", "HEAD"):
            return Answer(405, _TEXT, b"Only GET.\n", headers=(("Allow", "GET, HEAD"),))
        return shown()

    # ---- who may look

    def _allowed(self, request: Request, environ: Environ) -> bool:
        peer = _address(str(environ.get("REMOTE_ADDR", "")))
        if peer is None:
            return False
        if any(request.header(name) is not None for name in _PROXIED):
            if not _within(peer, self._config.trusted_proxies):
                return False
            peer = self._behind(request.header("X-Forwarded-For"))
            return peer is not None and self._trusted(peer, request, self._names)
        if peer.is_loopback and self._host_fits(request, self._own_names, loopback=True):
            return True
        return self._trusted(peer, request, self._names)

    def _trusted(self, peer: Address, request: Request, names: set[str | None]) -> bool:
        return _within(peer, self._config.operators) and self._host_fits(request, names)

    def _behind(self, forwarded: str | None) -> Address | None:
        """Give the last address that no proxy of ours has."""
        for text in reversed((forwarded or "").split(",")):
            address = _address(text.strip())
            if address is None or not _within(address, self._config.trusted_proxies):
                return address
        return None

    def _host_fits(self, request: Request, names: set[str | None], loopback: bool = False) -> bool:
        """Say whether the Host is an address (on loopback: a loopback one), or one of the names."""
        try:
            host = urlsplit(f"//{request.header('Host') or ''}").hostname
        except ValueError:
            return False
        if not host:
            return False
        address = _address(host)
        if address is None:
            return host in names
        return address.is_loopback or not loopback or host in names

    # ---- what is shown

    def _health(self) -> Answer:
        """Say whether the store can be used; v3 is not asked."""
        try:
            self._store.values.get(OWN_KEYS, "health")
        except StoreError as error:
            entry = {"status": "the store cannot be used", "error": type(error).__name__}
            return _json(503, entry)
        return _json(200, {"status": "ok"})

    def _counts(self) -> Answer:
        try:
            text = self._metrics.text()
        except StoreError as error:
            said = f"The store cannot be used: {type(error).__name__}\n"
            return Answer(503, _TEXT, said.encode(), _PRIVATE)
        return Answer(200, metrics.CONTENT_TYPE, text, _PRIVATE)

    def _page(self) -> Answer:
        try:
            doubts = self._doubts()
            shown = [
                page.Shown(
                    name,
                    self._calls.recent(name),
                    self._calls.tally(name),
                    base_url=self._config.accounts[name].base_url,
                    limits=limits_left(api, self._store),
                    rejections=self._store.ksef.rejected(api.account),
                    in_doubt=doubts.get(name, 0),
                )
                for name, api in self._apis.accounts.items()
            ]
        except StoreError as error:
            said = f"The store cannot be used: {type(error).__name__}\n"
            return Answer(503, _TEXT, said.encode(), _PRIVATE)
        for name, title in page.OTHERS.items():
            if recent := self._calls.recent(name):
                tally, doubt = self._calls.tally(name), doubts.get(name, 0)
                shown.append(page.Shown(title, recent, tally, in_doubt=doubt))
        return Answer(200, page.CONTENT_TYPE, page.render(shown), (*_PRIVATE, *page.HEADERS))

    # ---- what the store knows, for the metrics

    def _gauges(self) -> list[Gauge]:
        return [
            Gauge(
                "infakt_creates_in_doubt", "Creates whose outcome nobody knows yet.",
                ("account",), self._doubt_values,
            ),
            Gauge(
                "infakt_ksef_rejections", "Invoices that KSeF refused, and has not accepted since.",
                ("account",), self._rejections,
            ),
            Gauge(
                "infakt_v3_limit_left", "Requests that v3's limits leave for now.",
                ("account", "side", "seconds"), self._limits,
            ),
        ]  # fmt: skip

    def _doubts(self) -> dict[str, int]:
        """Count creates in doubt by account."""
        names = {api.account: name for name, api in self._apis.accounts.items()}
        counts = dict.fromkeys(names.values(), 0)
        for entry in self._store.pending.in_doubt(limit=_MOST_DOUBT):
            name = names.get(entry.account, OWN_KEYS)
            counts[name] = counts.get(name, 0) + 1
        return counts

    def _doubt_values(self) -> Values:
        return [((name,), number) for name, number in self._doubts().items()]

    def _rejections(self) -> Values:
        for name, api in self._apis.accounts.items():
            yield (name,), len(self._store.ksef.rejected(api.account))

    def _limits(self) -> Values:
        for name, api in self._apis.accounts.items():
            for one in limits_left(api, self._store):
                yield (name, one.side, str(one.seconds)), one.left


def _json(status: int, entry: dict[str, str]) -> Answer:
    return Answer(status, "application/json", json.dumps(entry).encode() + b"\n", _PRIVATE)


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
