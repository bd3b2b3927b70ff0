"""Gateways as processes of their own, that can be killed; started from one that has all imported.

Their clock is the machine's, and as much later as a test wants: what waits a quarter of an hour in
doubt can be settled at once.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import requests
from attrs import define, evolve, field, frozen

from infakt_compat.dropin.config import read
from infakt_compat.dropin.gateway import Application
from infakt_compat.dropin.server import Server, address, bind
from infakt_compat.standin import StandIn
from infakt_compat.v3 import Clock

from .live import auth

START_SECONDS = 30


def _context() -> ForkServerContext:
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload([__name__])
    return made


CONTEXT = _context()


@frozen
class Ahead:
    """A clock that all processes share: how far it is ahead of the machine's."""

    _seconds: Any = field(factory=lambda: CONTEXT.Value("d", 0.0))

    def wall(self) -> float:
        """Tell the time."""
        ahead: float = self._seconds.value
        return time.time() + ahead

    def move(self, seconds: float, v3: StandIn) -> None:
        """Let time pass, also at v3."""
        self._seconds.value += seconds
        v3.configure("clock", advance=seconds)


def _serve(config: str, seconds: "Synchronized[float]", ready: Connection, log: str) -> None:
    """Serve, in a process of its own, until SIGTERM."""
    bound = bind("127.0.0.1:0")
    settings = evolve(read(Path(config)), listen=address(bound))
    with Path(log).open("a") as stream:
        clock = Clock(wall=Ahead(seconds).wall)
        application = Application(settings, log=stream, clock=clock)
        server = Server(application, bound, threads=settings.threads)
        signal.signal(signal.SIGTERM, lambda *_: server.stop())
        ready.send(f"http://{settings.listen}")
        server.run()
        application.close()


@define
class Process:
    """A gateway that runs."""

    url: str
    _process: Any = field(repr=False)

    def kill(self) -> None:
        """End it as `kill -9` does."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()
        self._process.close()

    def stop(self) -> None:
        """End it in good order."""
        self._process.terminate()
        self._process.join(30)
        code = self._process.exitcode
        self._process.close()
        assert code == 0, code

    def call(
        self, session: requests.Session, clock: Ahead, method: str, path: str, **more: Any
    ) -> requests.Response:
        """Call it, signed by its clock under a new nonce."""
        signed = auth(timestamp=str(int(clock.wall())))
        url = f"{self.url}/api/v2/{path}"
        return session.request(method, url, **{"auth": signed, "timeout": 30, **more})


def start(config: Path, clock: Ahead, log: Path) -> Process:
    """Start a gateway, and wait until it serves."""
    here, there = CONTEXT.Pipe()
    process = CONTEXT.Process(
        target=_serve, args=(str(config), clock._seconds, there, str(log)), daemon=True
    )
    process.start()
    there.close()
    with here:
        assert here.poll(START_SECONDS), "the gateway does not start"
        return Process(here.recv(), process)


@contextmanager
def running(config: Path, clock: Ahead, log: Path) -> Iterator[Process]:
    """Run a gateway, and end it in good order."""
    process = start(config, clock, log)
    try:
        yield process
    finally:
        process.stop()
