"""The residue: what v3 cannot hold of a v2 document, kept beside it (decisions.md section 3).

    {"version": 1,
     "fields": {"client_panstwo": {"value": "USA", "v3": "US"}, "product_id": {"value": "7"}},
     "services": [{"position": 0, "name": "Produkt A", "fields": {...}}]}

`value` is the v2 value as text (null: absent in v2; a record for what is no text:
`{"number": "1.50"}`, `{"json": ...}`, `{"xml": ...}`). `v3` is the v3 value that it belongs to, and
is missing where v3 has no field.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.codecs.tree import Markup, Twice
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.money import NumberText
from infakt_compat.translate.converters import Refused

VERSION = 1
MOST_BYTES = 64 * 1024

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
        lines = {int(line["position"]): dict(line) for line in residue.get("services", ())}
        for entry in [
            *fields.values(),
            *(e for line in lines.values() for e in line["fields"].values()),
        ]:
            entry["value"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConversionError([Fault("residue.invalid", "", str(error))]) from None
    return fields, lines


def keep_unknown(value: Any) -> object:
    """Give the residue's form of an unknown field's value; raises `Refused`."""
    if value is None or isinstance(value, bool | int) or type(value) is str:
        return value
    if isinstance(value, NumberText | Decimal):
        return {"number": _json_number(value)}
    if isinstance(value, Markup):
        return {"xml": value.xml}
    if isinstance(value, dict | list):
        return {"json": dumps(_single(value)).decode()}
    raise Refused("field.type", value)


def unknown_kept(value: Any) -> object:
    """Give an unknown field's value back from its form in the residue."""
    if not isinstance(value, Mapping):
        return value
    if "number" in value:
        return NumberText(value["number"])
    return Markup(value["xml"]) if "xml" in value else loads(value["json"])


def _json_number(value: NumberText | Decimal) -> str:
    """Give the JSON text of a number; NaN and infinities have none."""
    text = str(value)
    if not Decimal(text).is_finite():
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
