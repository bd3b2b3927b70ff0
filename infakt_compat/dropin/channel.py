"""Connections of our server: waitress' own, with bounds on what a caller may send, and on how long.

What waitress lacks for us: a total time for a request to arrive (a byte a minute would hold a
connection for ever), a bound on the URL, errors in v2's form, and word of when an answer is sent.
"""

import socket
import threading
import time
from collections.abc import Callable
from socket import socket as Socket  # noqa: N812 - it is a class
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.receiver import ChunkedReceiver
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import BadRequest, RequestHeaderFieldsTooLarge

from infakt_compat.dropin.messages import Request
from infakt_compat.dropin.wsgi import BODY_SECONDS, WHEN_SENT, still_there

if TYPE_CHECKING:
    from infakt_compat.dropin.server import Listener

#: Bytes of a URL, of all headers with the request line, and how many headers there may be.
MOST_URL = 16 * 1024
MOST_HEAD = 32 * 1024
MOST_HEADERS = 100
#: A request has to be here within so many seconds from its first byte, headers and body.
READING_SECONDS = BODY_SECONDS

_CHUNK_LINE = 4096
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 1024 * 1024

Told = Callable[[], object]


class UriTooLong(BadRequest):
    """The URL is too long."""

    code = 414
    reason = "URI Too Long"


class RequestTimeout(BadRequest):
    """The request did not arrive in time."""

    code = 408
    reason = "Request Timeout"


class Parser(HTTPRequestParser):
    """Reads one request; what is wrong with it is in `error`."""

    path = request_uri = ""
    command = ""  # type: ignore[assignment]  # the stubs err, here and below
    headers: dict[str, str]

    def __init__(self, adj: Any) -> None:
        """Begin with the first byte."""
        super().__init__(adj)
        self.begun = time.monotonic()

    def received(self, data: bytes) -> int:
        """Read on; gives how many bytes belong to this request."""
        taken = super().received(data)
        if self.error is None:
            self.error = self._chunk_fault()
        elif not self.headers_finished and b"\r\n" not in self.header_plus:
            self.error = UriTooLong("")  # the head is too long, and its first line has not ended
        if self.error is not None:
            self.completed = True
            self.expect_continue = False  # what is refused need not be sent
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head; raises waitress' errors."""
        super().parse_header(header_plus)
        if len(self.request_uri) > MOST_URL:
            self.error = UriTooLong("")
        elif header_plus.count(b"\r\n") > MOST_HEADERS + 1:
            self.error = RequestHeaderFieldsTooLarge("")
        elif "TRANSFER_ENCODING" in self.headers:
            self.error = BadRequest("")  # HTTP/1.0 has none: where the body ends would be a guess

    def _chunk_fault(self) -> BadRequest | None:
        """Refuse a line between chunks, or a trailer, without end."""
        receiver = self.body_rcv
        if self.completed or not isinstance(receiver, ChunkedReceiver):
            return None
        longest = max(len(receiver.control_line), len(receiver.trailer))
        return BadRequest("") if longest > _CHUNK_LINE else None


class Task(WSGITask):
    """One answer of the application."""

    channel: "Channel"

    def __init__(self, channel: "Channel", request: Any) -> None:
        """Serve a request."""
        super().__init__(channel, request)
        self._told: list[Told] = []
        self._waits = True

    def get_environment(self) -> dict[str, Any]:
        """Give the environment, with the place for those who want to know when all is sent."""
        environ: dict[str, Any] = super().get_environment()
        environ[WHEN_SENT] = self._when_sent
        return environ

    def _when_sent(self, told: Told) -> bool:
        """Keep who is to be told; say whether somebody was there to read it."""
        if self._waits:
            self._told.append(told)
        return self._waits

    def build_response_header(self) -> bytes:
        """Make the head; right before, see whether somebody is there to read it."""
        self._waits = still_there(self.channel.socket)
        if self.channel.server.stopping:
            self.set_close_on_finish()
        self.channel.head = super().build_response_header()
        return b""  # it leaves with the first piece of the body

    def finish(self) -> None:
        """End the answer."""
        super().finish()
        self.channel.write_head()
        if self._told and self._waits:
            self.channel.when_sent(self._told)


class Refusal(ErrorTask):
    """The answer to what is no request that can be read, in v2's form."""

    channel: "Channel"
    request: Any
    response_headers: list[tuple[str, str]]

    def execute(self) -> None:
        """Write it; the connection ends with it."""
        request, error = self.request, self.request.error
        path = request.request_uri.partition("?")[0]
        asked = Request(request.command.upper(), path if path.startswith("/") else "/")
        answer = self.channel.server.refuse(asked, error.code)
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [("Content-Type", answer.content_type), *answer.headers]
        self.set_close_on_finish()
        self.channel.lingers = True
        self.content_length = len(answer.body)
        self.write(answer.body)


class Telling:
    """A task that says that answers have gone out: not on the thread that serves all sockets."""

    def __init__(self, told: list[Told]) -> None:
        """Keep who is to be told."""
        self._told = told

    def service(self) -> None:
        """Tell them."""
        for told in self._told:
            told()

    def cancel(self) -> None:
        """Tell nobody: an equal create then gets the same answer."""


class Channel(HTTPChannel):
    """One connection."""

    parser_class = Parser
    task_class = Task
    error_task_class = Refusal

    server: "Listener"
    socket: Socket
    request: Parser | None
    requests: list[Parser]
    requests_lock: threading.Lock

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        """Begin with nobody to tell."""
        self._untold: list[Told] = []
        self.head = b""
        self.lingers = False
        self._lingers_until: float | None = None
        self._discarded = 0
        super().__init__(*arguments, **settings)

    def write_soon(self, data: bytes) -> int:
        """Send, or keep what the socket does not take at once; a head goes before it."""
        if data and self.head:
            data, self.head = self.head + data, b""
        return int(super().write_soon(data))

    def write_head(self) -> None:
        """Send a head that no body has followed."""
        head, self.head = self.head, b""
        self.write_soon(head)

    # ---- when an answer has gone

    def when_sent(self, told: list[Told]) -> None:
        """Tell once all that was written has gone: now, or when the rest of it follows."""
        with self.outbuf_lock:
            if self.total_outbufs_len or not self.connected:
                self._untold += told
                return
        Telling(told).service()

    def _flush_some(self, do_close: bool = True) -> bool:
        sent: bool = super()._flush_some(do_close)  # type: ignore[misc]
        if self._untold and self.connected and not self.total_outbufs_len:
            told, self._untold = self._untold, []
            self.server.add_task(Telling(told))
        return sent

    # ---- requests that do not end

    def watch(self, now: float) -> None:
        """Refuse a request that takes too long to arrive, and end what has lingered."""
        if self._lingers_until is not None and now > self._lingers_until:
            self._end()
            return
        with self.requests_lock:
            request = self.request
            if request is None:
                return
            if self.requests:  # it has to wait for the one before: that is not its caller's fault
                request.begun = now
            elif now - request.begun > READING_SECONDS:
                request.error, request.completed = RequestTimeout(""), True
                self.request = None
                self.requests.append(request)
                self.server.add_task(self)

    @property
    def idle(self) -> bool:
        """Say whether nothing is being read, answered or sent."""
        busy = self.requests or self.request is not None or self.total_outbufs_len
        return not busy and self._lingers_until is None

    # ---- the end of a connection on which more is coming than will be read

    def handle_close(self) -> None:
        """Close; after a refusal only when the caller has had the time to read it.

        To close with something unread resets the connection, and a reset can overtake the answer.
        """
        if self._lingers_until is not None or not (self.lingers and self.connected):
            self._end()
            return
        self.will_close, self._lingers_until = False, time.monotonic() + _LINGER_SECONDS
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._end()

    def readable(self) -> bool:
        """Say whether to read."""
        return self._lingers_until is not None or bool(super().readable())

    def handle_read(self) -> None:
        """Read; what comes after a refusal is thrown away."""
        if self._lingers_until is None:
            super().handle_read()
            return
        try:
            data = self.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._discarded += len(data)
        if not data or self._discarded > _LINGER_BYTES:
            self._end()

    def _end(self) -> None:
        self._lingers_until, self._untold = None, []
        super().handle_close()
