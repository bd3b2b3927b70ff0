"""Values as v3 reads them: forgiving where the real one is known to be (v3-wire 10)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

_LEADING_INT = re.compile(r"\s*([-+]?\d+)")
_NUMBER = re.compile(r"\s*[-+]?\d+(?:\.\d+)?\s*")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def to_int(value: Any) -> int | None:
    """Grosze: a text gives its leading digits, so "500.00" is 500 (v3-wire 10.1)."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | Decimal):
        return int(value)
    found = _LEADING_INT.match(str(value))
    return int(found.group(1)) if found else None


def to_decimal(value: Any) -> Decimal | None:
    """Return a quantity, a number or a text like "1.0" (v3-wire 4.2); None when it is neither."""
    if isinstance(value, bool) or value is None or not _NUMBER.fullmatch(plain_text(value)):
        return None
    try:
        return Decimal(plain_text(value).strip())
    except InvalidOperation:  # pragma: no cover - the pattern lets nothing else through
        return None


def plain_text(value: Any) -> str:
    """Return the text of a scalar; a Decimal without an exponent."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def to_text(value: Any) -> str | None:
    """Text; numbers are written out, true and false as JSON has them."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain_text(value)


def to_bool(value: Any) -> bool:
    """Tell whether a value is true, "true", 1 or "1"."""
    return value is True or str(value).strip().lower() in ("true", "1")


def to_date(value: Any) -> str | None:
    """Return an ISO date, or None for nothing; anything else raises ValueError."""
    if value in (None, ""):
        return None
    if not isinstance(value, str) or not _ISO.fullmatch(value):
        raise ValueError("not a date")
    date.fromisoformat(value)
    return value


def blank(value: Any) -> bool:
    """Nothing, or a text of white space."""
    return value is None or (isinstance(value, str) and not value.strip())
