"""requests' requests and responses as ours, both ways, and its exceptions for what v3 left open."""

from collections.abc import Iterable
from http.client import responses
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import HTTPResponse

from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.facade import V2Error
from infakt_compat.facade.errors import answers
from infakt_compat.v3 import NoAnswer, Unreachable


def request_of(prepared: requests.PreparedRequest) -> Request:
    """Give a prepared request as a socket would have carried it."""
    parts = urlsplit(prepared.url or "")
    headers = tuple((_text(name), _text(value)) for name, value in prepared.headers.items())
    body = _content(prepared.body)
    return Request(prepared.method or "GET", parts.path, parts.query, headers, body)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _content(body: Any) -> bytes:
    """Read a body of any kind that requests takes: text, bytes, a file, pieces."""
    if body is None:
        return b""
    if hasattr(body, "read"):
        body = body.read()
    if not isinstance(body, str | bytes | bytearray) and isinstance(body, Iterable):
        return b"".join(_content(piece) for piece in body)
    return body.encode() if isinstance(body, str) else bytes(body)


def response_of(
    prepared: requests.PreparedRequest, answer: Answer, connection: object
) -> requests.Response:
    """Give an answer as requests gives one, its body unread in `raw`."""
    headers = {
        "Content-Type": answer.content_type,
        "Content-Length": str(len(answer.body)),
        **dict(answer.headers),
    }
    reason = responses.get(answer.status, "")
    body = b"" if prepared.method == "HEAD" else answer.body
    raw = HTTPResponse(
        BytesIO(body),
        headers,
        answer.status,
        reason=reason,
        version=11,
        version_string="HTTP/1.1",
        preload_content=False,
        request_method=prepared.method,
        request_url=prepared.url,
    )
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(raw.headers)
    response.encoding = get_encoding_from_headers(response.headers)
    response.raw, response.reason = raw, reason
    response.url, response.request = prepared.url or "", prepared
    response.connection = connection  # type: ignore[assignment]
    return response


def raise_unanswered(error: V2Error, prepared: requests.PreparedRequest) -> None:
    """Raise requests' own exception where v3 gave no answer and nothing is in doubt.

    Everything else is an answer: a 503 that says when to come back, for one.
    """
    cause = error.__cause__
    said = answers().of_outcome("no_answer")
    if not isinstance(cause, NoAnswer) or error.body["message"] != said.message:
        return
    kind: type[requests.RequestException] = requests.ConnectionError
    if "Timeout" in cause.text:
        unreached = isinstance(cause, Unreachable)
        kind = requests.ConnectTimeout if unreached else requests.ReadTimeout
    raise kind(str(cause), request=prepared) from error
