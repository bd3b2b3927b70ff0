"""The stand-in as Python code starts it, and as the command line runs it."""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from . import control, seeding
from .app import App
from .faults import Fault
from .kinds import BY_PATH
from .server import Server
from .world import World

HOST = "127.0.0.1"


class StandIn:
    """A v3 of our own on loopback; a context manager, ready when it is entered."""

    def __init__(
        self,
        port: int = 0,
        db: str | Path | None = None,
        dialect: str = "current",
        limits: str = "off",
        samples: int = 0,
        latency_ms: int = 0,
        seed: int = 1,
    ) -> None:
        """Keep the settings; `start` or a `with` block does the rest."""
        self._port = port
        self._make = (db, dialect, limits, seed)
        self._samples = samples
        self._latency = latency_ms
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._world: World | None = None

    def start(self) -> StandIn:
        """Listen; the socket is open when this returns."""
        if self._server is not None:
            raise RuntimeError("the stand-in runs already")
        world = World(*self._make)
        try:
            counts = world.describe()["records"]
            if self._samples and not any(counts[path] for path in BY_PATH):
                with world.store.transaction():
                    seeding.seed(world, {"samples": self._samples})
            self._server = Server(HOST, self._port, App(world, self._latency))
        except BaseException:
            world.store.close()
            raise
        self._world = world
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="stand-in", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close everything; calling it twice does no harm."""
        if self._server is None or self._thread is None:
            return
        self._server.stop()
        self._thread.join()
        self.world.store.close()
        self._server = self._thread = self._world = None

    def __enter__(self) -> StandIn:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def world(self) -> World:
        """What is inside, for tests that look closely."""
        if self._world is None:
            raise RuntimeError("the stand-in does not run")
        return self._world

    @property
    def root(self) -> str:
        """The host and port as a URL."""
        if self._server is None:
            raise RuntimeError("the stand-in does not run")
        return f"http://{HOST}:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """The base of the API, with /api/v3."""
        return f"{self.root}/api/v3"

    @property
    def control(self) -> str:
        """The base of the control plane."""
        return f"{self.root}{control.PREFIX}"

    @property
    def api_key(self) -> str:
        """A key with every scope."""
        return self.world.api_key

    def reset(self, **order: Any) -> dict[str, Any]:
        """As POST /__standin__/reset."""
        return control.reset(self._app(), order)

    def seed(self, **order: Any) -> dict[str, Any]:
        """As POST /__standin__/seed; answers what was created."""
        created: dict[str, Any] = control.seed(self._app(), order)["created"]
        return created

    def fault(self, kind: str, **order: Any) -> Fault:
        """As POST /__standin__/faults with one fault."""
        return self.world.faults.add({"kind": kind, **order})

    def requests(self, method: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """Return the log of requests."""
        return self.world.log.entries(method, after)

    def configure(self, group: str, **order: Any) -> dict[str, Any]:
        """As POST /__standin__/{tasks, ksef, quirks, account, plan, limits, clock}."""
        action = control.ACTIONS["POST", group]
        answer: dict[str, Any] = action(self._app(), order)
        return answer

    def _app(self) -> App:
        if self._server is None:
            raise RuntimeError("the stand-in does not run")
        return self._server.app


def serve(
    port: int = 0,
    db: str | Path | None = None,
    dialect: str = "current",
    limits: str = "off",
    samples: int = 0,
    latency_ms: int = 0,
    out: TextIO | None = None,
) -> None:
    """Run until SIGTERM or SIGINT; one line of JSON says where, once ready."""
    ended = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: ended.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    stream = sys.stdout if out is None else out
    try:
        with StandIn(port, db, dialect, limits, samples, latency_ms) as standin:
            stream.write(json.dumps({"url": standin.url, "api_key": standin.api_key}) + "\n")
            stream.flush()
            ended.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
