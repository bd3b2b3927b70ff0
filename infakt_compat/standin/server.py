"""The HTTP server: a thread a connection, keep-alive, loopback (after moto's threaded server)."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from . import control
from .app import App, below_base
from .errors import not_found
from .faults import DroppedError
from .messages import Request, Response, answer


class Server(ThreadingHTTPServer):
    """Knows its open connections, so that stopping leaves nothing behind."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, app: App) -> None:
        """Listen; threads start with serve_forever."""
        self.app = app
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((host, port), Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection and remember it."""
        connection, address = super().get_request()
        with self._guard:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that ends."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about a caller that hangs up."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError | ValueError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """End all connections and wait for their threads."""
        self.app.closing.set()
        self.shutdown()
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into requests for the app or the control plane, and back."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece
    server: Server

    def serve(self) -> None:
        """Any method."""
        try:
            response = self._answer(self._request())
        except DroppedError:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(response)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: the log of requests is asked for over HTTP."""

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        host, port = self.server.server_address[:2]
        return Request(
            method=self.command,
            path=below_base(path) or "",
            query=parse_qsl(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self._body(),
            ip=self.client_address[0],
            host=self.headers.get("Host") or f"{host!s}:{port}",
            full_path=path,
        )

    def _body(self) -> bytes:
        """Read the body, of a known length or in chunks."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            length = int(self.headers.get("Content-Length") or 0)
            return self.rfile.read(length) if length else b""
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return body

    def _answer(self, request: Request) -> Response:
        app = self.server.app
        if request.full_path.startswith(control.PREFIX):
            return control.handle(app, request)
        if not request.path:
            error = not_found()
            return answer(error.status, error.body)
        return app.handle(request)

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        headers = {"Date": formatdate(usegmt=True), **response.headers}
        if response.status != 204:
            headers.setdefault("Content-Length", str(len(response.body)))
        if headers.get("Content-Length", "0") != str(len(response.body)):
            self.close_connection = response.status != 204 or self.close_connection
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()
