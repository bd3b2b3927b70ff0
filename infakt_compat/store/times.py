"""Moments: given by the caller, kept as whole microseconds since the epoch.

Whole numbers because limits are compared exactly; the caller's clock because tests and rehearsals
move it, and because what one process wrote is judged by another.
"""

from collections.abc import Callable
from datetime import datetime

Moment = int | float | datetime
Clock = Callable[[], Moment]

_MICROS = 1_000_000


def micros(moment: Moment) -> int:
    """Give a moment (epoch seconds, or a datetime with an offset) in microseconds."""
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError("a datetime without an offset names no moment")
        moment = moment.timestamp()
    return span(moment)


def span(length: float) -> int:
    """Give a number of seconds in microseconds."""
    return round(length * _MICROS)


def seconds(length: int) -> float:
    """Give microseconds as seconds."""
    return length / _MICROS


class Times:
    """The clock of one store: a method that is given no moment asks it."""

    def __init__(self, clock: Clock) -> None:
        """Keep the clock; it is asked anew for every call."""
        self._clock = clock

    def now(self, moment: Moment | None = None) -> int:
        """Give the moment, or the present one, in microseconds."""
        return micros(self._clock() if moment is None else moment)
