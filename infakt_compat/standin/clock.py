"""A clock that can be set, stopped, moved and sped up (control plane, /__standin__/clock)."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any


class Clock:
    """Poland's time as the stand-in sees it."""

    def __init__(self) -> None:
        """Start with the machine's time."""
        self.reset()

    def reset(self) -> None:
        """Back to the machine's time, running at its own speed."""
        self.speed = 1.0
        self._base = time.time()
        self._since = time.monotonic()

    def seconds(self) -> float:
        """Seconds since the epoch, by this clock."""
        return self._base + (time.monotonic() - self._since) * self.speed

    def now(self) -> datetime:
        """Return the moment, with Poland's offset."""
        moment = datetime.fromtimestamp(self.seconds(), UTC)
        return moment.astimezone(timezone(timedelta(hours=polish_offset(moment))))

    def today(self) -> date:
        """Poland's day."""
        return self.now().date()

    def set(self, moment: datetime) -> None:
        """Go to a moment (taken as Poland's time when it has no offset) and run on from there."""
        if moment.tzinfo is None:
            guess = moment.replace(tzinfo=UTC)
            moment = moment.replace(tzinfo=timezone(timedelta(hours=polish_offset(guess))))
        self._rebase(moment.timestamp())

    def advance(self, seconds: float) -> None:
        """Jump ahead (or back)."""
        self._rebase(self.seconds() + seconds)

    def run(self, speed: float) -> None:
        """Run `speed` times as fast from now on; 0 stops the clock."""
        self._rebase(self.seconds())
        self.speed = speed

    def state(self) -> dict[str, Any]:
        """Return what GET /__standin__/clock answers."""
        return {"now": iso(self.now()), "speed": self.speed, "frozen": self.speed == 0}

    def _rebase(self, seconds: float) -> None:
        self._base = seconds
        self._since = time.monotonic()


def polish_offset(moment: datetime) -> int:
    """2 from the last Sunday of March to the last one of October (01:00 UTC), else 1."""
    start, end = (_last_sunday(moment.year, month) for month in (3, 10))
    return 2 if start <= moment < end else 1


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def iso(moment: datetime) -> str:
    """As `created_at` of an invoice is written (v3-wire 4.1)."""
    return moment.isoformat(timespec="milliseconds")


def stamp(moment: datetime) -> str:
    """As tasks and KSeF write moments: `2023-11-24 07:58:44 +0100` (v3-wire 1.3)."""
    return moment.strftime("%Y-%m-%d %H:%M:%S %z")
