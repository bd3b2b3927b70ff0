"""The log of requests (control plane: GET /__standin__/requests)."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from . import wire
from .messages import Request

KEPT = 100_000


class RequestLog:
    """The last hundred thousand requests: method, path, query, status, body; no headers."""

    def __init__(self) -> None:
        """Start with an empty log."""
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._count = 0

    def begin(self, request: Request, moment: str) -> dict[str, Any]:
        """Note a request on arrival; status and milliseconds are filled in when it ends."""
        entry = {
            "n": 0, "at": moment, "method": request.method, "path": f"{request.path}.json",
            "full_path": request.full_path, "query": request.params, "status": None,
            "ms": None, "fault": None, "body": _body(request.body),
        }  # fmt: skip
        with self._lock:
            self._count += 1
            entry["n"] = self._count
            self._entries.append(entry)
        return entry

    def entries(self, method: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """Return what was noted, oldest first; of one method, or after a number."""
        with self._lock:
            kept = list(self._entries)
        return [dict(e) for e in kept if e["n"] > after and method in (None, e["method"])]

    def clear(self) -> None:
        """Forget all; numbers go on from 1."""
        with self._lock:
            self._entries.clear()
            self._count = 0


def _body(body: bytes) -> Any:
    if not body:
        return None
    try:
        return wire.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
