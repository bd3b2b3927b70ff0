"""JSON in and out without floats: numbers with a fraction are Decimal on both sides."""

from __future__ import annotations

import json
import re
import secrets
from decimal import Decimal
from typing import Any

# A Decimal leaves json.dumps as a marked string and becomes a number afterwards. The mark is
# random, so that no text of a caller can be taken for one.
_MARK = f"decimal-{secrets.token_hex(8)}:"
_MARKED = re.compile(f'"{_MARK}([^"]*)"')


def loads(text: bytes | str) -> Any:
    """Parse JSON; fractions become Decimal (amounts are never floats here)."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse)


def dumps(value: Any) -> bytes:
    """Write JSON as v3 does: UTF-8, compact, Decimal as a plain number."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_default)
    if _MARK in text:
        text = _MARKED.sub(r"\1", text)
    return text.encode()


def number_text(value: Decimal) -> str:
    """Write a number as its shortest plain text: 1, 0.5, never an exponent."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _default(value: Any) -> str:
    if isinstance(value, Decimal):
        return _MARK + number_text(value)
    raise TypeError(f"not for JSON: {type(value).__name__}")


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")
