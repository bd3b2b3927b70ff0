"""One request from arrival to answer: log, limits, faults, access, work."""

from __future__ import annotations

import threading
import time
from typing import Any

from . import access, faults, tasks
from .errors import ApiError, plain
from .messages import Request, Response, answer
from .routes import Router, build
from .world import World

BASES = ("/api/v3", "/v3")
FORMAT_TEXT = "Nieobsługiwany format w adresie URL."


class App:
    """The API of one stand-in."""

    def __init__(self, world: World, latency_ms: int = 0) -> None:
        """Serve a world, each answer after a latency."""
        self.world = world
        self.latency = latency_ms / 1000
        self.closing = threading.Event()  # ends every wait when the stand-in stops
        self.resets = 0  # what came before a reset does nothing behind it
        self._router: Router = build(world.classic)

    def handle(self, request: Request) -> Response:
        """Answer a request; raises faults.DroppedError when nothing is to be answered."""
        entry = self.world.log.begin(request, self.world.moment())
        started = time.monotonic()
        try:
            response = self._respond(request, entry)
            entry["status"] = response.status
            return response
        except ApiError as error:
            entry["status"] = error.status
            return answer(error.status, error.body, error.headers)
        finally:
            entry["ms"] = round((time.monotonic() - started) * 1000, 3)

    def _respond(self, request: Request, entry: dict[str, Any]) -> Response:
        world, resets = self.world, self.resets
        account = access.account_of(world, request)
        world.limiter.arrive(request.method, request.ip, account, world.clock.seconds())
        if self.latency:
            self.closing.wait(self.latency)
        fault = world.faults.strike(request)
        if fault is None:
            return self._work(request, entry, resets)
        entry["fault"] = fault.kind
        return faults.run(fault, lambda: self._work(request, entry, resets), self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.closing.wait(seconds)

    def _work(self, request: Request, entry: dict[str, Any], resets: int) -> Response:
        try:
            with self.world.store.transaction():
                if self.resets != resets:
                    raise faults.DroppedError
                tasks.run_due(self.world)
                return self._dispatch(request)
        except ApiError as error:
            return answer(error.status, error.body, error.headers)
        except faults.DroppedError:
            raise
        except Exception as error:  # a bug of ours must not look like a dropped connection
            entry["error"] = repr(error)
            return answer(500, {"status": 500, "error": "Internal Server Error"})

    def _dispatch(self, request: Request) -> Response:
        path, _, suffix = request.path.partition(".")
        method = "GET" if request.method == "HEAD" else request.method
        handler, scopes, taken = self._router.find(method, path)
        if suffix:
            raise plain(406, FORMAT_TEXT)
        access.check(self.world, request, scopes)
        return handler(self.world, request, *taken)


def below_base(path: str) -> str | None:
    """Return a URL path below the API's base, `.json` taken off; None outside of the API.

    Both bases answer (v3-wire 0). A path without `.json` keeps what it has, or gets a mark,
    for the 406 that it will have.
    """
    for base in BASES:
        if path.startswith(f"{base}/"):
            rest = path[len(base) :]
            if rest.endswith(".json"):
                return rest.removesuffix(".json")
            return rest if "." in rest.rsplit("/", 1)[-1] else f"{rest}.none"
    return None
