"""`/metrics`: counts and times of this process for Prometheus, and what the store knows for all."""

from collections.abc import Callable, Iterable

from attrs import frozen
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from infakt_compat.dropin.calls_log import Call, Exchange, label

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60)


@frozen
class Gauge:
    """One value that is read when it is asked for."""

    name: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[], Iterable[tuple[tuple[str, ...], float]]]


class _Gauges(Collector):
    """Values of the store."""

    def __init__(self, gauges: Iterable[Gauge]) -> None:
        self._gauges = tuple(gauges)

    def collect(self) -> Iterable[Metric]:
        """Read them; each stands for all processes that share the store."""
        for gauge in self._gauges:
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels)
            for values, number in gauge.read():
                family.add_metric(values, number)
            yield family

    def describe(self) -> Iterable[Metric]:
        """Name them without reading the store."""
        return [GaugeMetricFamily(one.name, one.help, labels=one.labels) for one in self._gauges]


class Metrics:
    """The counts of one process, in a registry of their own."""

    def __init__(self) -> None:
        """Start at zero."""
        own = self._registry = CollectorRegistry()
        self._calls = Counter(
            "infakt_calls", "Calls of v2's verbs.", ("account", "verb", "status"), registry=own
        )
        self._exchanges = Counter(
            "infakt_v3_calls", "Requests to v3.", ("account", "method", "status"), registry=own
        )
        self._notices = Counter(
            "infakt_notices", "Notices given.", ("account", "code"), registry=own
        )
        self._seconds = Histogram(
            "infakt_call_seconds", "Seconds a call took.", ("verb",), registry=own, buckets=_SECONDS
        )
        self._v3_seconds = Histogram(
            "infakt_v3_seconds", "Seconds v3 took.", ("method",), registry=own, buckets=_SECONDS
        )

    def watch(self, gauges: Iterable[Gauge]) -> None:
        """Read these whenever the metrics are asked for."""
        self._registry.register(_Gauges(gauges))

    def call(self, call: Call) -> None:
        """Count a call that is over."""
        account = label(call.account)
        self._calls.labels(account, call.verb, call.status).inc()
        self._seconds.labels(call.verb).observe(call.ms / 1000)
        for code, number in call.notices.items():
            self._notices.labels(account, code).inc(number)

    def exchange(self, account: str, exchange: Exchange) -> None:
        """Count an exchange with v3."""
        status = "none" if exchange.status is None else exchange.status
        self._exchanges.labels(label(account), exchange.method, status).inc()
        self._v3_seconds.labels(exchange.method).observe(exchange.ms / 1000)

    def text(self) -> bytes:
        """Give all of it in Prometheus' text format."""
        return generate_latest(self._registry)
