"""The residue: what v3 cannot hold of a v2 document, kept beside it (decisions.md section 3).

    {"version": 1,
     "fields": {"client_panstwo": {"value": "USA", "v3": "US"}, "product_id": {"value": "7"}},
     "services": [{"position": 0, "name": "Produkt A", "fields": {...}}]}

`value` is the v2 value as text (null: absent in v2; a record for what is no text:
`{"number": "1.50"}`, `{"json": ...}`, `{"xml": ...}`). `v3` is the v3 value that it belongs to, and
is missing where v3 has no field.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

import orjson

from infakt_compat.codecs.json_text import dumps, escaped, loads, surrogates
from infakt_compat.codecs.tree import Markup, Twice
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.money import NumberText
from infakt_compat.translate.converters import Refused, text_of

VERSION = 1
MOST_BYTES = 64 * 1024

_NAME_LENGTH = 200
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

Entry = dict[str, Any]


def build(fields: dict[str, Entry], lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Put a residue together; `{}` when nothing is kept. Raises `ConversionError` above 64 KiB."""
    residue: dict[str, Any] = {}
    if fields:
        residue["fields"] = fields
    if lines:
        residue["services"] = lines
    if not residue:
        return residue
    residue = {"version": VERSION, **residue}
    try:
        size = len(orjson.dumps(residue, default=str))
    except TypeError:  # half of a surrogate pair: the writer of the document names its place
        return residue
    if size > MOST_BYTES:
        raise ConversionError([Fault("residue.too_large", "", f"{size} bytes")])
    return residue


def parts(residue: Mapping[str, Any] | None) -> tuple[dict[str, Entry], dict[int, dict[str, Any]]]:
    """Take a residue apart: entries of the document, and of its lines by position.

    Raises `ConversionError` when it is damaged or of another version.
    """
    if not residue:
        return {}, {}
    try:
        if residue["version"] != VERSION or residue.keys() - {"version", "fields", "services"}:
            raise ValueError("version")
        fields = dict(residue.get("fields", {}))
        lines = {_position(line): dict(line) for line in residue.get("services", ())}
        entries = [*fields.values(), *(e for one in lines.values() for e in one["fields"].values())]
        for entry in entries:
            entry["value"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConversionError([Fault("residue.invalid", "", str(error))]) from None
    return fields, lines


def _position(line: Mapping[str, Any]) -> int:
    """Give the position of a line; raises `TypeError` for what is none."""
    position = line["position"]
    if type(position) is not int:
        raise TypeError("position")
    return position


def field_name(name: object) -> str:
    """Give the name of an unknown field; raises `Refused` for what is no text."""
    if not isinstance(name, str):
        raise Refused("field.type", name)
    if escaped(name) != name:
        raise Refused("text.not_unicode", escaped(name))
    return str(name)


def line_entry(position: int, line: Mapping[str, Any], fields: dict[str, Entry]) -> dict[str, Any]:
    """Give what is kept of a line, with what it is known by: its position and its name."""
    return {"position": position, "name": line_name(line), "fields": fields}


def line_name(line: Mapping[str, Any]) -> str | None:
    """Give the beginning of a v3 line's name, long enough to know it by."""
    name = line.get("name")
    return str(name)[:_NAME_LENGTH] if name else None


def keep_unknown(value: Any) -> object:
    """Give the residue's form of an unknown field's value; raises `Refused`."""
    if value is None or isinstance(value, bool) or type(value) is str:
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else {"number": text_of(value, "other")}
    if isinstance(value, NumberText | Decimal):
        return {"number": _json_number(value)}
    if isinstance(value, Markup):
        return {"xml": value.xml}
    if isinstance(value, dict | list):
        return {"json": _json_text(value)}
    raise Refused("field.type", value)


def _json_text(value: Any) -> str:
    """Give the JSON text of an unknown field with children."""
    code = "document.too_deep"  # than can be written
    try:
        return dumps(_single(value)).decode()
    except RecursionError:
        pass
    except TypeError:
        with suppress(RecursionError):
            code = "text.not_unicode" if surrogates(value) else code
    raise Refused(code, type(value).__name__)


def unknown_kept(name: str, value: Any) -> object:
    """Give an unknown field's value back from its form in the residue.

    Raises `Refused` with `residue.invalid` for a form that this module never wrote.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    try:
        ((form, text),) = value.items()
        if form == "number" and _NUMBER.fullmatch(text):
            return NumberText(text)
        if form == "json":
            return _container(loads(text))
        if form == "xml":
            return _markup(name, text)
    except (AttributeError, TypeError, ValueError, RecursionError):
        pass
    raise Refused("residue.invalid", name)


def _container(value: Any) -> Any:
    """Give a record or list; anything else was never kept as JSON text."""
    if not isinstance(value, dict | list):
        raise TypeError(type(value).__name__)
    return value


def _markup(name: str, text: str) -> Markup:
    """Give an element with children; it has to be the field's own, and well-formed."""
    from infakt_compat.codecs.xml_safe import element_name  # late: it loads lxml

    if element_name(text) != name:
        raise ValueError(name)
    return Markup(text)


def _json_number(value: NumberText | Decimal) -> str:
    """Give the JSON text of a number; NaN and infinities have none."""
    text = str(value) if isinstance(value, NumberText) else text_of(value, "amount")
    if _NUMBER.fullmatch(text) is None:
        raise Refused("money.invalid", text)
    return text


def _single(value: Any) -> Any:
    """Refuse fields that came twice and numbers that are none, at any depth."""
    if isinstance(value, Twice):
        raise Refused("field.twice", ", ".join(value.names))
    if isinstance(value, float):
        raise Refused("money.invalid", value)
    if isinstance(value, NumberText):
        _json_number(value)
    for child in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        _single(child)
    return value
