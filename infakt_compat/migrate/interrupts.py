"""Ctrl-C: a batch is written, counted and kept as a whole, or not at all."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from attrs import define


@define
class Interrupts:
    """Holds Ctrl-C back while something has to be done as a whole."""

    _held: bool = False
    _came: bool = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Take over Ctrl-C; elsewhere than in the main thread there is none."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Do something as a whole; a Ctrl-C that came meanwhile is raised after it."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._came:
            raise KeyboardInterrupt

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """Interrupt now, or remember it."""
        del number, frame
        self._came = True
        if not self._held:
            raise KeyboardInterrupt
