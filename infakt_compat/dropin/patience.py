"""requests' timeouts: how long a caller waits, and what becomes of the work when it stops."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from attrs import define, field, frozen
from urllib3.util import Timeout

T = TypeVar("T")


class TooLate(Exception):
    """The work has not ended in time; it goes on."""


@frozen
class Patience:
    """Seconds for a connection and for an answer; None waits as long as it takes."""

    connect: float | None = None
    read: float | None = None

    @classmethod
    def of(cls, timeout: Any) -> "Patience":
        """Read `timeout=` as requests does; raises `ValueError` for what it would refuse."""
        if timeout is None:
            return cls()
        if not isinstance(timeout, Timeout):
            pair = timeout if isinstance(timeout, tuple) else (timeout, timeout)
            try:
                connect, read = pair
            except ValueError:
                raise ValueError(
                    f"Invalid timeout {timeout}. Pass a (connect, read) timeout tuple, "
                    "or a single float to set both timeouts to the same value."
                ) from None
            timeout = Timeout(connect=connect, read=read)
        timeout = timeout.clone()
        timeout.start_connect()
        return cls(_seconds(timeout.connect_timeout), _seconds(timeout.read_timeout))

    @property
    def whole(self) -> float | None:
        """Seconds for all of it."""
        return None if self.read is None else self.read + (self.connect or 0)


def _seconds(value: Any) -> float | None:
    return value if isinstance(value, int | float) else None


def within(seconds: float | None, work: Callable[[], T]) -> T:
    """Do work, and wait so long for it; raises what it raises, and `TooLate`.

    What is late goes on in its thread, as a server goes on whose caller hung up: a create is
    settled, and who asks for the same again gets its answer.
    """
    if seconds is None:
        return work()
    job = _Job(work)
    thread = threading.Thread(target=job.run, name="infakt-compat call", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TooLate
    return job.result()


@define
class _Job(Generic[T]):
    """Work whose outcome is taken from its thread."""

    work: Callable[[], T]
    found: list[T] = field(factory=list)
    error: BaseException | None = None

    def run(self) -> None:
        try:
            self.found.append(self.work())
        except BaseException as error:
            self.error = error

    def result(self) -> T:
        if self.error is not None:
            raise self.error
        return self.found[0]
