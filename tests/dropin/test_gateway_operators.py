"""The operators' side: the page, the metrics, the health; who may look; nothing that executes."""

import re
import threading
import time
from html.parser import HTMLParser
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import requests
from attrs import evolve
from prometheus_client.parser import text_string_to_metric_families

from infakt_compat.dropin.calls_log import KEPT
from infakt_compat.standin import StandIn
from infakt_compat.store import KsefState, open_store
from tests.v2_invoice import client_of, invoice

from .live import Live, configured, serving

PATHS = ("/", "/metrics", "/healthz")
HOSTILE = "<script>alert(1)</script>\"'&"


class Page(HTMLParser):
    """The text of a page, and whatever in it could load or run something."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.suspect: list[str] = []
        self.words: list[str] = []
        self._style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what could load or run something."""
        self._style = tag == "style"
        names = {name for name, _ in attrs}
        if tag in ("script", "img", "link", "iframe", "object", "form", "a", "base"):
            self.suspect.append(tag)
        self.suspect += [n for n in names if n.startswith("on") or n in ("src", "href", "style")]

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        if not self._style and data.strip():
            self.words.append(data.strip())
        self._style = False

    @property
    def text(self) -> str:
        """The words of the page, apart by bars."""
        return " | ".join(self.words)


def gauges(live: Live) -> dict[str, float]:
    """Read the metrics, by name and labels."""
    families = text_string_to_metric_families(live.plain("/metrics").text)
    found = {}
    for sample in (sample for family in families for sample in family.samples):
        labels = [f"{name}={value}" for name, value in sorted(sample.labels.items())]
        found[" ".join([sample.name, *labels])] = sample.value
    return found


def test_the_page_shows_what_happened(gateway: Live, v3: StandIn, buyer: int) -> None:
    """Calls, notices, errors of an account; who was not let in; and what is left of the limits."""
    assert gateway.create(invoice(buyer, waluta="")).status_code == 200
    gateway.create({"invoice": {"client_id": buyer}})
    gateway.plain("/api/v2/clients.json")
    gateway.lines(3)
    page = Page(gateway.plain("/").text)
    for shown in ("shop", "invoices.create", "done", "invalid", "currency.defaulted", v3.url):
        assert shown in page.text
    assert "not let in" in page.text
    assert "no OAuth parameters" in page.text
    assert "Limits are off." in page.text
    assert page.suspect == []


def test_the_page_may_load_and_run_nothing(gateway: Live) -> None:
    """Its policy allows its own style alone, by the hash of what stands in it."""
    answer = gateway.plain("/")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert "color-scheme: light dark" in answer.text
    assert re.findall(r"https?://(?!127)", answer.text) == []


def test_names_on_the_page_stay_text(gateway: Live, tmp_path: Path) -> None:
    """What v3 says of a rejected invoice stands there as it is, and is no markup."""
    with open_store(tmp_path / "store.sqlite3") as store:
        [name] = [api.account for api in gateway.application.apis.accounts.values()]
        sent = store.ksef.put(name, 7, "u-u-i-d", KsefState.SENT, None)
        more: Any = {"number": f"7/{HOSTILE}", "code": "440", "text": HOSTILE}
        store.ksef.move(name, sent, KsefState.REJECTED, None, **more)
    answer = gateway.plain("/").text
    assert "<script>" not in answer
    page = Page(answer)
    assert page.suspect == []
    assert f"7/{HOSTILE}" in page.text
    assert gauges(gateway)["infakt_ksef_rejections account=shop"] == 1


def test_metrics_count_calls_and_read_the_store(v3: StandIn, tmp_path: Path) -> None:
    """Calls by verb and status, requests to v3, notices, times; doubts and limits of the store."""
    config = evolve(configured(tmp_path, v3), limits="real")
    with serving(config) as live:
        buyer = client_of(v3)
        live.create(invoice(buyer))
        live.get("clients.json")
        live.get("invoices/show/99.json")
        live.lines(3)
        found = gauges(live)
        page = Page(live.plain("/").text)
    assert found["infakt_calls_total account=shop status=200 verb=invoices.create"] == 1
    assert found["infakt_call_seconds_count verb=clients.list"] == 1
    assert found["infakt_notices_total account=shop code=currency.defaulted"] == 1
    assert found["infakt_creates_in_doubt account=shop"] == 0
    writes = found["infakt_v3_calls_total account=shop method=POST status=201"]
    assert found["infakt_v3_limit_left account=shop seconds=60 side=writes"] == 150 - writes
    reads = sum(1 for one in v3.requests("GET"))
    assert found["infakt_v3_limit_left account=shop seconds=60 side=reads"] == 300 - reads
    assert f"reads in 60 s | {300 - reads} of 300" in page.text


def test_a_create_in_doubt_is_shown(gateway: Live, v3: StandIn, buyer: int) -> None:
    """v3 dropped the connection, and nothing is found: it counts until it is settled."""
    v3.fault("drop_before", method="POST", times=1)
    assert gateway.create(invoice(buyer)).status_code == 503
    gateway.lines()
    assert gauges(gateway)["infakt_creates_in_doubt account=shop"] == 1
    page = Page(gateway.plain("/").text)
    assert "not known yet: 1" in page.text
    assert "later" in page.text


def test_health_is_that_of_the_store_and_not_v3s(gateway: Live, v3: StandIn) -> None:
    """v3 down: healthy; the store gone: 503."""
    v3.fault("status", status=500)
    assert gateway.plain("/healthz").json() == {"status": "ok"}
    assert v3.requests() == []
    gateway.application.store.close()
    for path in PATHS:
        assert gateway.plain(path).status_code == 503
    answer = gateway.get("clients.json")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "store" in answer.json()["message"]


def test_operators_do_not_wait_for_v3(v3: StandIn, tmp_path: Path, buyer: int) -> None:
    """Every thread waits for v3: health, metrics and page answer all the same."""
    with serving(configured(tmp_path, v3), threads=1) as live:
        fault = v3.fault("delay", seconds=1, method="POST", times=1)
        calling = threading.Thread(target=live.create, args=(invoice(buyer),))
        calling.start()
        while not fault.hits:
            time.sleep(0.01)
        started = time.monotonic()
        for path in PATHS:
            assert requests.get(live.url + path, timeout=5).status_code == 200
        assert time.monotonic() - started < 0.9
        calling.join()


HOSTS = {
    "localhost": 200, "127.0.0.1": 200, "[::1]:8082": 200, "LOCALHOST:1": 200,
    "evil.example": 403, "www.infakt.pl": 403, "10.1.2.3": 403, "": 403, "localhost.evil.pl": 403,
    "[::1": 403,
}  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_only_a_host_of_this_machine_is_answered(gateway: Live, path: str) -> None:
    """A web page elsewhere cannot read them through a name that it points here."""
    for host, status in HOSTS.items():
        assert gateway.plain(path, headers={"Host": host}).status_code == status, host
    assert gateway.plain(path, "POST").status_code == 405


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_came_through_a_proxy_is_not_from_here(gateway: Live, header: str) -> None:
    """A public proxy on this machine has a loopback address, too."""
    for value in ("203.0.113.9", "127.0.0.1"):
        for path in PATHS:
            assert gateway.plain(path, headers={header: value}).status_code == 403


def test_operators_of_a_network_behind_a_trusted_proxy(v3: StandIn, tmp_path: Path) -> None:
    """The last address that no proxy of ours has decides; what stands before it is hearsay."""
    networks = {
        "trusted_proxies": (ip_network("127.0.0.1/32"), ip_network("10.9.0.0/16")),
        "operators": (ip_network("10.1.0.0/16"),),
    }
    told = {
        "10.1.2.3": 200, "10.1.2.3, 10.9.0.1": 200, "10.1.2.3, 203.0.113.9": 403,
        "203.0.113.9": 403, "10.1.2.3, x": 403, "127.0.0.1": 403, "": 403,
    }  # fmt: skip
    with serving(evolve(configured(tmp_path, v3), **networks)) as live:  # type: ignore[arg-type]
        for chain, status in told.items():
            assert live.plain("/", headers={"X-Forwarded-For": chain}).status_code == status, chain
        headers = {"X-Forwarded-For": "10.1.2.3", "Host": "evil.example"}
        assert live.plain("/", headers=headers).status_code == 403


def test_only_the_last_calls_are_kept(gateway: Live) -> None:
    """The memory of the page is bounded, whatever comes."""
    for _ in range(KEPT + 5):
        gateway.plain("/api/v2/clients.json")
    gateway.lines(KEPT + 5)
    assert Page(gateway.plain("/").text).text.count("no OAuth parameters") == KEPT


def test_the_page_fits_narrow_screens_and_both_schemes(
    gateway: Live, buyer: int, browser: Any
) -> None:
    """In a real browser: nothing to scroll sideways, dark where that is wished, no complaint."""
    gateway.create(invoice(buyer))
    said: list[str] = []
    backgrounds = []
    for scheme, width in (("light", 1280), ("dark", 320)):
        size = {"width": width, "height": 700}
        shown = browser.new_page(viewport=size, color_scheme=scheme)
        shown.on("console", lambda message: said.append(message.text))
        shown.goto(f"{gateway.url}/")
        assert shown.evaluate("document.documentElement.scrollWidth") == width
        backgrounds.append(shown.evaluate("getComputedStyle(document.body).backgroundColor"))
        shown.close()
    assert said == []
    assert backgrounds == ["rgb(255, 255, 255)", "rgb(20, 23, 27)"]
