"""Rate limits, counted on arrival over sliding windows (v3-wire 2.3, decisions 4)."""

from __future__ import annotations

import math
import threading
from bisect import bisect_right

from .errors import plain

Windows = list[tuple[float, int]]

# seconds and how many requests fit into them
REAL: dict[str, dict[str, Windows]] = {
    "current": {"read": [(60, 300)], "write": [(60, 150)]},
    "classic": {
        "read": [(60, 50), (3600, 200), (86400, 1000)],
        "write": [(60, 10), (3600, 100), (86400, 500)],
    },
}
TEXT = "Przekroczono limit żądań. Spróbuj ponownie później."


class Limiter:
    """Counts what it lets through; what it refuses is not counted."""

    def __init__(self, mode: str, dialect: str) -> None:
        """Start with nothing counted."""
        self._lock = threading.Lock()
        self._dialect = dialect
        self.mode = mode
        self.windows: dict[str, Windows] = {}
        self.reset(mode)

    def reset(self, mode: str | None = None) -> None:
        """Forget what was counted and go back to `off` or `real`."""
        mode = self.mode if mode is None else mode
        if mode not in ("off", "real"):
            raise ValueError(f"no such limits: {mode}")
        self.mode = mode
        self.set_windows(REAL[self._dialect] if mode == "real" else {})

    def set_windows(self, windows: dict[str, Windows]) -> None:
        """Other windows than the documented ones."""
        with self._lock:
            self.windows = {
                side: [(float(size), int(room)) for size, room in sizes]
                for side, sizes in windows.items()
            }
            self._seen: dict[tuple[str, str], list[float]] = {}

    def arrive(self, method: str, ip: str, account: str, now: float) -> None:
        """Let a request in or refuse it with 429 and Retry-After.

        Today's limits count per address; the seed's count reads per account and writes per
        address.
        """
        side = "read" if method in ("GET", "HEAD") else "write"
        windows = self.windows.get(side)
        if not windows:
            return
        whom = account if self._dialect == "classic" and side == "read" else ip
        with self._lock:
            seen = self._seen.setdefault((side, whom), [])
            del seen[: bisect_right(seen, now - max(size for size, _ in windows))]
            wait = max(_wait(seen, window, now) for window in windows)
            if wait > 0:
                raise plain(429, TEXT, {"Retry-After": str(math.ceil(wait))})
            seen.append(now)


def _wait(seen: list[float], window: tuple[float, int], now: float) -> float:
    size, room = window
    inside = seen[bisect_right(seen, now - size) :]
    if len(inside) < room:
        return 0.0
    # what is refused is not counted, so there are never more than `room`: wait for the oldest
    return inside[0] + size - now if inside else size
