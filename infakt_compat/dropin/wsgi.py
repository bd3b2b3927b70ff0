"""WSGI on our side: a caller's request as it was on the wire, and the answer on its way out.

When has a caller been told? (`Answer.told`, decisions.md 5 "Exactly once".) Never before the answer
has left this process, and never when the caller had hung up before: then it will ask again.

- Our server (`server.py`): once the last byte is with the operating system.
- gunicorn (sync and threaded workers), wsgiref, uWSGI, mod_wsgi: they send each piece before they
  ask for the next, so the answer has gone when they find the end; gunicorn shows the socket, too.
- A caller who shuts its sending side after a request looks like one that has gone, and counts so.
- A server that sends later than it asks breaks this, PEP 3333 lets it: an answer that is lost then
  counts as given, and an equal create is a new one.
"""

import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wsgi import get_content_length, get_input_stream

from infakt_compat.dropin.messages import Answer, Request

#: A server may put a callable here that takes what is to be called once the answer is sent, and
#: says whether somebody is there to read it.
WHEN_SENT = "infakt_compat.when_sent"
#: A body has at most as many bytes (own choice: a create with 50 lines has about 20 KiB).
MOST_BODY = 10 * 1024 * 1024
#: A body has to be here within as many seconds.
BODY_SECONDS = 30.0

Environ = Mapping[str, Any]
StartResponse = Callable[..., Any]

_PIECE = 65536
#: Look at what has come without taking it, and without waiting for it.
_LOOK = socket.MSG_PEEK | getattr(socket, "MSG_DONTWAIT", 0)
_BROKEN = "The body broke off, or is not as long as its headers say."
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
#: What may stand in a path as it is; a server that decoded the rest forces us to guess.
_PATH = "/:@!$&'()*+,;=~-._"


class Unreadable(Exception):
    """A body that is not taken: the HTTP status, and what to tell the caller."""

    def __init__(self, status: int, message: str) -> None:
        """Keep both."""
        super().__init__(status, message)
        self.status = status
        self.message = message


def target(environ: Environ) -> tuple[str, str]:
    """Give path and query as on the wire, still percent-encoded.

    Servers show the wire in REQUEST_URI or RAW_URI; wsgiref does neither: then the path is encoded
    anew, and a caller who signed another spelling of it is refused.
    """
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if raw is None:
        path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}"
        return quote(path.encode("latin-1"), safe=_PATH), str(environ.get("QUERY_STRING", ""))
    path, _, query = _ABSOLUTE.sub("", str(raw), count=1).partition("?")
    return path or "/", query


def head(environ: Environ) -> Request:
    """Give a request without its body."""
    path, query = target(environ)
    headers = tuple(EnvironHeaders(environ))  # type: ignore[arg-type]  # a Mapping does
    return Request(str(environ["REQUEST_METHOD"]).upper(), path, query, headers)


def body(environ: Environ, most: int = MOST_BODY) -> bytes:
    """Read a body to its end; raises `Unreadable` for one too large, too slow or broken off."""
    try:
        stream = get_input_stream(environ, max_content_length=most)  # type: ignore[arg-type]
        pieces, size = [], 0
        until = time.monotonic() + BODY_SECONDS
        while piece := stream.read(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise RequestEntityTooLarge
            if time.monotonic() > until:
                raise Unreadable(408, "The request took too long to arrive.")
    except RequestEntityTooLarge:
        raise Unreadable(413, f"The body is too large: at most {most} bytes.") from None
    except (BadRequest, OSError, ValueError):
        raise Unreadable(400, _BROKEN) from None
    if get_content_length(environ) not in (None, size):  # type: ignore[arg-type]
        raise Unreadable(400, _BROKEN)
    return b"".join(pieces)


def still_there(connection: socket.socket | None) -> bool:
    """Say whether a caller still waits: asked before the answer is sent, as many close after it.

    What is sent to a caller who gave up is accepted by the operating system all the same.
    """
    if connection is None:
        return True
    try:
        return connection.recv(1, _LOOK) != b""
    except (BlockingIOError, ValueError):  # nothing has come; or TLS, which cannot look ahead
        return True
    except OSError:
        return False


class Sending:
    """The body of an answer, as WSGI takes it; knows whether it was taken whole."""

    def __init__(
        self,
        answer: Answer,
        environ: Environ,
        told: Callable[[], object],
        ended: Callable[[bool], object],
    ) -> None:
        """Send an answer: `told` is called once it is sent, `ended` in any case with how it went.

        Neither may raise.
        """
        self._answer = answer
        self._told = told
        self._pieces = [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]
        self._when_sent = environ.get(WHEN_SENT)
        self._socket = environ.get("gunicorn.socket")
        self._ended = ended
        self._whole = False
        self._waits = True

    def start(self, start_response: StartResponse) -> "Sending":
        """Give status and headers to the server."""
        answer = self._answer
        words = HTTP_STATUS_CODES.get(answer.status, "Unknown")
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            *answer.headers,
        ]
        start_response(f"{answer.status} {words}", headers)
        return self

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        """Give the body; being asked again means that it has gone."""
        if self._pieces:
            self._waits = still_there(self._socket)
            return self._pieces.pop()
        self._whole = True
        raise StopIteration

    def close(self) -> None:
        """End: the caller is told now, or when the server says that all is sent."""
        sent = self._whole and self._waits
        if sent and self._when_sent is not None:
            sent = self._when_sent(self._told)
        elif sent:
            self._told()
        self._ended(sent)
