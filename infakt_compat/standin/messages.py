"""Requests and responses as the stand-in's modules see them, free of the HTTP server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from . import wire
from .errors import bad_value, plain


@dataclass
class Request:
    """One request: `path` is below the API's base and without `.json`."""

    method: str
    path: str
    query: list[tuple[str, str]]
    #: By their names in lower case.
    headers: Mapping[str, str]
    body: bytes
    ip: str
    host: str
    full_path: str

    @cached_property
    def params(self) -> dict[str, str]:
        """Query parameters; of a repeated one the last counts."""
        return dict(self.query)

    @cached_property
    def json(self) -> dict[str, Any]:
        """The JSON object of the body; {} when there is none or it is not said to be JSON."""
        kind = self.headers.get("content-type") or ""
        if not self.body.strip() or not kind.lower().startswith("application/json"):
            return {}
        try:
            value = wire.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise plain(400, "Nieprawidłowy format JSON.") from error
        if not isinstance(value, dict):
            raise plain(400, "Nieprawidłowy format JSON.")
        return value

    def envelope(self, name: str) -> dict[str, Any]:
        """Return the object under `name`, which create and update need (v3-wire 1.1, 7, 8)."""
        value = self.json.get(name)
        if not isinstance(value, dict):
            raise bad_value(name)
        return value

    def option(self, name: str) -> Any:
        """Return a parameter that may come in the query or in the JSON body (v3-wire 6)."""
        return self.params.get(name, self.json.get(name))


@dataclass
class Response:
    """One answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def answer(status: int, payload: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    extra = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    return Response(status, wire.dumps(payload), extra)


def ok(payload: Any) -> Response:
    """200 with a body."""
    return answer(200, payload)


def empty(status: int) -> Response:
    """Return an answer without a body (204, and 202 of the e-mail delivery)."""
    return Response(status)
