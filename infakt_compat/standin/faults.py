"""Faults on demand (control plane: POST /__standin__/faults).

Kinds: `status` (instead of the work, or after it with `after`), `drop_before`, `drop_after`,
`delay`, `broken_body`. Each for the next `times` requests that match a method and a path
pattern, or for a `share` of them drawn from a seed.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import NoneType
from typing import Any

from .messages import Request, Response, answer

KINDS = ("status", "drop_before", "drop_after", "delay", "broken_body")
BODIES = ("truncated", "html", "empty", "short")
_FIELDS = frozenset((
    "kind", "method", "path", "times", "share", "seed", "status", "retry_after", "body", "after",
    "seconds", "variant",
))  # fmt: skip


#: What the fields of an order hold; a number of seconds or a share may have a fraction.
_KINDS_OF: dict[str, tuple[type, ...]] = {
    "method": (str,), "path": (str,), "times": (int, NoneType), "share": (int, float, NoneType),
    "seed": (int,), "status": (int,), "retry_after": (int, NoneType), "seconds": (int, float),
}  # fmt: skip


def _is(value: Any, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


class DroppedError(Exception):
    """The connection is closed without an answer."""


@dataclass
class Fault:
    """One order for failures; `variant` is how a broken body is broken."""

    kind: str
    method: str = "*"
    path: str = "*"
    times: int | None = None
    share: float | None = None
    seed: int = 0
    status: int = 500
    retry_after: int | None = None
    body: Any = None
    after: bool = False
    seconds: float = 0.0
    variant: str = "truncated"
    hits: int = 0
    draw: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such kind of fault: {self.kind}")
        if self.variant not in BODIES:
            raise ValueError(f"no such broken body: {self.variant}")
        self._check_values()
        if self.times is None and self.share is None:
            self.times = 1
        self.draw.seed(self.seed)

    def _check_values(self) -> None:
        """Refuse what would fail only when it strikes."""
        wrong = [name for name, kind in _KINDS_OF.items() if not _is(getattr(self, name), kind)]
        if wrong or not 200 <= self.status <= 599 or not 0 <= (self.share or 0) <= 1:
            raise ValueError(f"a value of a fault does not fit: {', '.join(wrong) or 'its range'}")

    def strikes(self, request: Request) -> bool:
        """Whether this request is hit; a hit is counted."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.method not in ("*", request.method):
            return False
        if not fnmatchcase(f"{request.path}.json", self.path):
            return False
        if self.share is not None and self.draw.random() >= self.share:
            return False
        self.hits += 1
        return True

    def public(self) -> dict[str, Any]:
        """As GET /__standin__/faults shows it."""
        shown = {name: getattr(self, name) for name in sorted(_FIELDS)}
        return {**shown, "hits": self.hits}

    def reply(self) -> Response:
        """Return the answer of a `status` fault."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if isinstance(self.body, str):
            text = {"Content-Type": "text/html; charset=utf-8", **headers}
            return Response(self.status, self.body.encode(), text)
        return answer(self.status, self.body or {"error": f"Błąd {self.status}."}, headers)


class Faults:
    """The orders in force."""

    def __init__(self) -> None:
        """Start without faults."""
        self._lock = threading.Lock()
        self._orders: list[Fault] = []

    def add(self, order: dict[str, Any]) -> Fault:
        """Take an order; unknown fields and kinds raise ValueError."""
        if set(order) - _FIELDS or "kind" not in order:
            raise ValueError(f"a fault has a kind and only these: {sorted(_FIELDS)}")
        fault = Fault(**order)
        with self._lock:
            self._orders.append(fault)
        return fault

    def clear(self) -> None:
        """No more faults."""
        with self._lock:
            self._orders.clear()

    def orders(self) -> list[dict[str, Any]]:
        """All orders with their hits."""
        with self._lock:
            return [fault.public() for fault in self._orders]

    def strike(self, request: Request) -> Fault | None:
        """Find the first order that hits this request."""
        with self._lock:
            return next((fault for fault in self._orders if fault.strikes(request)), None)


def run(fault: Fault, work: Callable[[], Response], sleep: Callable[[float], None]) -> Response:
    """Do the work of a request the way the fault wants it."""
    if fault.kind == "drop_before":
        raise DroppedError
    if fault.kind == "status" and not fault.after:
        return fault.reply()
    if fault.kind == "delay":
        sleep(fault.seconds)
    response = work()
    if fault.kind == "drop_after":
        raise DroppedError
    if fault.kind == "status":
        return fault.reply()
    return spoil(response, fault.variant) if fault.kind == "broken_body" else response


def spoil(response: Response, variant: str) -> Response:
    """Keep the status and make the body unreadable."""
    whole, headers = response.body, dict(response.headers)
    if variant == "html":
        headers["Content-Type"] = "text/html"
        return Response(response.status, b"<html><body>Bad gateway</body></html>", headers)
    if variant == "empty":
        return Response(response.status, b"", headers)
    if variant == "short":  # promises more than it sends
        headers["Content-Length"] = str(len(whole) + 64)
    return Response(response.status, whole[: len(whole) // 2], headers)
