"""A small real server that says what no stand-in says: raw bytes, slowly, over TLS, or nothing."""

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Reply = bytes | Iterable[bytes] | None


class Scripted:
    """Answers each request with what `script` gives for it; None closes the connection."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        """Prepare; entering starts it."""
        self.script: Callable[[int], Reply] = lambda _: reply(200, {})
        self.requests: list[str] = []
        self.connections = 0
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self._open: list[socket.socket] = []
        self._talks: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def root(self) -> str:
        """The scheme, host and port."""
        scheme = "http" if self._context is None else "https"
        return f"{scheme}://127.0.0.1:{self._socket.getsockname()[1]}"

    @property
    def url(self) -> str:
        """A base URL."""
        return f"{self.root}/api/v3"

    def answers(self, *replies: Reply) -> None:
        """Say these, one a request; the last one again and again."""
        kept = [r if isinstance(r, bytes) or r is None else list(r) for r in replies]
        self.script = lambda n: kept[min(n, len(kept) - 1)]

    def __enter__(self) -> "Scripted":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            socket.create_connection(self._socket.getsockname(), timeout=1).close()
        self._thread.join()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for talk in self._talks:
            talk.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            if self._closing.is_set():
                connection.close()
                return
            self.connections += 1
            self._open.append(connection)
            talk = threading.Thread(target=self._keep_talking, args=(connection,), daemon=True)
            self._talks.append(talk)
            talk.start()

    def _keep_talking(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection:
            self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_side=True)
            self._open.append(connection)
        with connection, connection.makefile("rb") as stream:
            while (request := _request(stream)) is not None:
                self.requests.append(request)
                said = self.script(len(self.requests) - 1)
                if said is None:
                    return
                for piece in [said] if isinstance(said, bytes) else said:
                    connection.sendall(piece)
                if isinstance(said, bytes) and b"Connection: close" in said:
                    return


def _request(stream: Any) -> str | None:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return None
        head += line
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    body: bytes = stream.read(length)
    return (head + body).decode()


def reply(status: int, body: Any = b"", **headers: str) -> bytes:
    """Write an answer; a body that is not bytes is JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    said = {"Content_Length": str(len(content)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in said.items()]
    return "\r\n".join([f"HTTP/1.1 {status} X", *lines, "", ""]).encode() + content


def slowly(whole: bytes, pause: float) -> Iterator[bytes]:
    """Give an answer byte by byte."""
    for at in range(len(whole)):
        yield whole[at : at + 1]
        time.sleep(pause)
