"""v2's nested form bodies, as Rails read them: `invoice[services][][nazwa]=...` (v2-wire 7.22).

Lines without numbers are told apart by order alone. A caller that sorts its fields (the Ruby OAuth
gem does) makes it impossible to say which field belongs to which line: such a body is refused.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

from infakt_compat.codecs.tree import Twice
from infakt_compat.errors import ConversionError, Fault

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_MOST_FIELDS = 100_000
_MOST_LEVELS = 16
_MOST_DIGITS = 6


def read_form(body: bytes | str) -> dict[str, Any]:
    """Read a form body into a tree of records, lists and text.

    Raises `ConversionError` with `form.invalid` or `form.ambiguous`.
    """
    try:
        text = body if isinstance(body, str) else body.decode("ascii")
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise ConversionError([Fault("form.invalid", "", str(error)[:80])]) from None
    tree: dict[str, Any] = {}
    for name, value in pairs:
        found = _NAME.fullmatch(name)
        if found is None:
            raise ConversionError([Fault("form.invalid", name)])
        path = [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]
        if len(path) > _MOST_LEVELS:
            raise ConversionError([Fault("form.invalid", found[1], "nested too deep")])
        tree = _put(tree, path, value, name)
    _check_lines(tree, "")
    numbered: dict[str, Any] = _numbered(tree, at_top=True)
    return numbered


def _put(record: dict[str, Any], path: list[str], value: str, name: str) -> dict[str, Any]:
    """Put a value at its path into a record; a plain field that comes again is marked as such."""
    key, rest = path[0], path[1:]
    if not rest:
        if key in record and isinstance(record, Twice):
            record.names[key] = None
        elif key in record:
            record = Twice(record.items(), (key,))
        record[key] = value
    elif rest[0] == "":
        rows = record.setdefault(key, [])
        if not isinstance(rows, list):
            raise ConversionError([Fault("form.invalid", name)])
        _append(rows, rest[1:], value, name)
    else:
        child = record.setdefault(key, {})
        if not isinstance(child, dict):
            raise ConversionError([Fault("form.invalid", name)])
        record[key] = _put(child, rest, value, name)
    return record


def _append(rows: list[Any], path: list[str], value: str, name: str) -> None:
    """Add to the last row of a list, or begin a new one where the row has the field already."""
    if not path:
        if rows and isinstance(rows[-1], dict):
            raise ConversionError([Fault("form.invalid", name)])
        rows.append(value)
        return
    if not rows or not isinstance(rows[-1], dict) or path[0] in rows[-1]:
        if rows and not (isinstance(rows[-1], dict) and isinstance(rows[0], dict)):
            raise ConversionError([Fault("form.invalid", name)])
        if rows and next(iter(rows[0])) != path[0]:
            # A row that begins with another field than the first one did: the order tells nothing.
            raise ConversionError([Fault("form.ambiguous", name)])
        rows.append({})
    rows[-1] = _put(rows[-1], path, value, name)


def _check_lines(value: Any, path: str) -> None:
    """Refuse lists in which a row of one field stands before others.

    Sorted fields look like that.
    """
    if isinstance(value, list):
        sizes = [len(row) for row in value if isinstance(row, dict)]
        if 1 in sizes[:-1] and max(sizes) > 1:
            raise ConversionError([Fault("form.ambiguous", path)])
        for index, row in enumerate(value):
            _check_lines(row, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, child in value.items():
            _check_lines(child, f"{path}.{name}" if path else name)


def _numbered(value: Any, *, at_top: bool = False) -> Any:
    """Turn records whose keys are 0, 1, 2... into lists: PHP numbers the rows of a nested array."""
    if isinstance(value, list):
        return [_numbered(child) for child in value]
    if not isinstance(value, dict):
        return value
    if value and not at_top and all(_is_number(key) for key in value):
        return [_numbered(value[key]) for key in sorted(value, key=int)]
    for key in value:
        value[key] = _numbered(value[key])
    return value


def _is_number(key: str) -> bool:
    """Say whether a key numbers a row."""
    return key.isascii() and key.isdigit() and len(key) <= _MOST_DIGITS
