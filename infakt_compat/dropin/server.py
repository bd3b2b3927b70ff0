"""The server: waitress on one address, with limits, and a stop that finishes what is in flight."""

import logging
import socket
import threading
import time
from collections.abc import Collection
from socket import socket as Socket  # noqa: N812 - it is a class
from typing import Any, Protocol

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.trigger import trigger as Trigger  # noqa: N812 - it is a class

from infakt_compat.dropin.addresses import endpoint
from infakt_compat.dropin.channel import MOST_HEAD, Channel
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.wsgi import MOST_BODY, Environ, Sending, StartResponse

#: Calls at a time: nearly all of a call is waiting for v3.
THREADS = 8
#: A stop waits so long for what is in flight: a caller's patience, and v3's time for a write.
GRACE = 75.0

_CONNECTIONS = 256
_IDLE_SECONDS = 60
_LOOK_SECONDS = 1


class Application(Protocol):
    """What is served."""

    @property
    def quick(self) -> Collection[str]:
        """The paths whose answers never wait for v3."""
        ...

    def __call__(self, environ: Environ, start_response: StartResponse) -> Sending:
        """Answer a request."""
        ...

    def refuse(self, request: Request, status: int) -> Answer:
        """Answer what is no request that could be read."""
        ...


class Listener(TcpWSGIServer):
    """The listening socket, and the connections that came from it."""

    channel_class = Channel
    active_channels: dict[int, Channel]  # type: ignore[assignment]  # the stubs err, here and below
    trigger: Trigger  # type: ignore[assignment]
    socket: Socket
    effective_port: int
    _map: dict[int, Any]

    def __init__(self, application: Application, connection: Socket, threads: int) -> None:
        """Listen on a bound socket; threads start at once."""
        self.stopping = False
        self.refuse = application.refuse
        self._paths = frozenset(application.quick)
        self._quick, calls = _pool(1), _pool(threads)
        address = connection.getsockname()
        super().__init__(
            application,
            map={},
            _sock=connection,
            dispatcher=calls,
            adj=_adjustments(connection, threads),
            sockinfo=(connection.family, connection.type, connection.proto, address),
            bind_socket=False,
        )

    def maintenance(self, now: Any) -> None:
        """Look after connections that do nothing, or take too long."""
        super().maintenance(now)
        self.watch()

    def add_task(self, task: Any) -> None:
        """Have a thread run a task: what has `service` and `cancel`.

        Calls may all wait for v3; operators, refusals and callers who are to be told do not wait
        for them.
        """
        request = task.requests[0] if isinstance(task, Channel) else None
        quick = request is None or request.error is not None or request.path in self._paths
        (self._quick if quick else self.task_dispatcher).add_task(task)

    def watch(self) -> None:
        """Look after requests that take too long to arrive."""
        now = time.monotonic()
        for channel in list(self.active_channels.values()):
            channel.watch(now)

    def refuse_more(self) -> None:
        """Take what has connected already, and then no more; answers close their connections."""
        self.stopping = True
        connected = -1
        while connected != len(self.active_channels):
            connected = len(self.active_channels)
            self.handle_accept()
        self.accepting = False
        self.del_channel()
        self.socket.close()

    def let_go(self) -> bool:
        """Close connections that do nothing; says whether nothing is left to be done."""
        for channel in list(self.active_channels.values()):
            if channel.idle:
                channel.handle_close()
        working = (self._quick, self.task_dispatcher)
        return not self.active_channels and not any(p.queue or p.active_count for p in working)

    def turn(self, seconds: float) -> None:
        """Serve the sockets once, waiting so long at most."""
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def end(self) -> None:
        """Close everything, whatever is still under way."""
        self.task_dispatcher.shutdown(timeout=1)
        self._quick.shutdown(timeout=1)
        for channel in list(self.active_channels.values()):
            channel.lingers = False
        self.trigger.close()
        wasyncore.close_all(self._map, ignore_all=True)


def _pool(threads: int) -> ThreadedTaskDispatcher:
    """Start threads; that a task has to wait for one is no fault, and not worth a line."""
    made = ThreadedTaskDispatcher()
    made.queue_logger = logging.getLogger("waitress.queue")
    made.queue_logger.setLevel(logging.ERROR)
    made.set_thread_count(threads)
    return made


def _adjustments(connection: Socket, threads: int) -> Adjustments:
    return Adjustments(
        sockets=[connection],
        threads=threads,
        connection_limit=_CONNECTIONS,
        cleanup_interval=_LOOK_SECONDS,
        channel_timeout=_IDLE_SECONDS,
        max_request_header_size=MOST_HEAD,
        max_request_body_size=MOST_BODY + 1,  # waitress refuses what is as large as this
        asyncore_use_poll=True,
        log_socket_errors=False,
        clear_untrusted_proxy_headers=False,  # who came through a proxy is no operator
        ident=None,
    )


def bind(listen: str) -> Socket:
    """Take an address, HOST:PORT; port 0 takes a free one. Raises `OSError`, `ValueError`."""
    host, port = endpoint(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=1024)


def address(bound: Socket) -> str:
    """Give the address of a socket as HOST:PORT."""
    host, port = bound.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Server:
    """A gateway on a bound socket, served until it is told to stop."""

    def __init__(
        self,
        application: Application,
        bound: Socket,
        *,
        threads: int = THREADS,
        grace: float = GRACE,
    ) -> None:
        """Begin to listen; `grace` is how many seconds a stop waits for what is in flight."""
        self._grace = grace
        self._stop = self._at_once = self._over = False
        self._guard = threading.RLock()  # a signal may come while its thread holds it
        self._listener = Listener(application, bound, threads)

    def stop(self) -> None:
        """Finish what is in flight and end; the second time, end at once. Safe in a signal."""
        with self._guard:
            self._at_once, self._stop = self._stop, True
            if not self._over:
                self._listener.pull_trigger()

    def run(self) -> bool:
        """Serve until told to stop; says whether all that was in flight was finished."""
        listener = self._listener
        try:
            while not self._stop:
                listener.turn(_LOOK_SECONDS)
            listener.refuse_more()
            until = time.monotonic() + self._grace
            while not (done := listener.let_go()):
                if self._at_once or time.monotonic() > until:
                    break
                listener.watch()
                listener.turn(0.05)
            return done
        finally:
            with self._guard:
                self._over = True
                listener.end()
