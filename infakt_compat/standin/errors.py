"""What the stand-in refuses, in the bodies of v3-wire 2.2."""

from __future__ import annotations

from typing import Any

INVALID = "Nieprawidłowe parametry."
NOT_FOUND = "Zasób którego szukasz nie został znaleziony."


class ApiError(Exception):
    """An answer that is not a success: status, JSON body and extra headers."""

    def __init__(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        """Keep what will be answered."""
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers or {}


class Errors(dict[str, Any]):
    """The `errors` map of a 422: field to a list of texts, keys flat and dotted (v3-wire 2.2)."""

    def add(self, field: str, text: str) -> None:
        """Say one thing about one field; the same thing is said once."""
        texts = self.setdefault(field, [])
        if text not in texts:
            texts.append(text)

    def check(self) -> None:
        """Raise a 422 when anything was said."""
        if self:
            raise invalid(self)


def plain(status: int, text: str, headers: dict[str, str] | None = None) -> ApiError:
    """`{"error": text}`, the shape of 401, 402, 403, 404, 406, 423, 429 (v3-wire 2.2)."""
    return ApiError(status, {"error": text}, headers)


def not_found() -> ApiError:
    """404 in the documented words (v3-wire 2.2)."""
    return plain(404, NOT_FOUND)


def bad_value(name: str) -> ApiError:
    """400: a parameter with a value that does not fit (v3-wire 2.1)."""
    return plain(400, f"Nieprawidłowa wartość parametru {name}.")


def business(text: str) -> ApiError:
    """Return a 422 without an `errors` map (v3-wire 2.2, business)."""
    return plain(422, text)


def invalid(errors: dict[str, Any]) -> ApiError:
    """Return a 422 with an `errors` map (v3-wire 2.2, validation)."""
    return ApiError(422, {"error": INVALID, "errors": dict(errors)})
