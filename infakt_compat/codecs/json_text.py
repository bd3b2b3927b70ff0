"""JSON text with exact numbers.

A fraction is read as its text and written as it stands, never as a float.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from infakt_compat.codecs.tree import record_of
from infakt_compat.errors import Fault
from infakt_compat.money import NumberText, number_text

# An int of more digits is no amount and no id; as text it is refused where it stands.
_MOST_DIGITS = 18


def _integer(text: str) -> int | NumberText:
    """Read an integer, or keep the text of an absurdly long one."""
    return int(text) if len(text) <= _MOST_DIGITS else NumberText(text)


#: Reads what v2 and its callers wrote: fields that come twice are marked, NaN is a number's text.
EXACT_DECODER = json.JSONDecoder(
    object_pairs_hook=record_of,
    parse_float=NumberText,
    parse_int=_integer,
    parse_constant=NumberText,
)


#: The same, but a number with a fraction is plain text: enough for fields whose type is known, and
#: quicker. Raises `ValueError` for integers of thousands of digits.
QUICK_DECODER = json.JSONDecoder(object_pairs_hook=record_of, parse_float=str, parse_constant=str)


def loads(text: str) -> Any:
    """Read one JSON value.

    Raises `json.JSONDecodeError`, and `RecursionError` when nested too deep.
    """
    return EXACT_DECODER.decode(text)


def dumps(value: Any) -> bytes:
    """Write a tree as UTF-8 JSON.

    Raises `TypeError` for half of a surrogate pair and foreign types.
    """
    try:
        return orjson.dumps(value, default=_written, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
    except TypeError as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            raise error.__cause__ from None  # it came while a number was written
        raise


def _written(value: object) -> Any:
    """Write what orjson has no form for: exact numbers."""
    if isinstance(value, NumberText):
        return orjson.Fragment(str(value))
    if isinstance(value, Decimal):
        return orjson.Fragment(number_text(value))
    if isinstance(value, dict):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def surrogates(value: Any, path: str = "") -> list[Fault]:
    """Name the fields that hold half of a surrogate pair, which no UTF-8 text can hold."""
    if isinstance(value, str):
        return [Fault("text.not_unicode", path)] if not _encodable(value) else []
    if isinstance(value, Mapping):
        names = [name for name in value if not _encodable(str(name))]
        if names:
            return [Fault("text.not_unicode", escaped(name)) for name in names]
        pairs = ((f"{path}.{name}" if path else str(name), v) for name, v in value.items())
    elif isinstance(value, list):
        pairs = ((f"{path}[{index}]", child) for index, child in enumerate(value))
    else:
        return []
    return [fault for place, child in pairs for fault in surrogates(child, place)]


def escaped(name: object) -> str:
    """Give a field's name as it can be printed and written."""
    return str(name).encode("utf-8", "backslashreplace").decode()


def _encodable(text: str) -> bool:
    """Say whether a text can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
