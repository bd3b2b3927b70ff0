"""The body of a v2 request as a tree: JSON, XML or a nested form (v2-wire 1).

Whatever a hostile body can do is a fault here: depth, size, encodings, DOCTYPE, text that neither
v3 nor a store can hold.
"""

import codecs
import json
import re
from typing import Any, Literal

from infakt_compat.codecs.json_text import escaped, loads, surrogates
from infakt_compat.codecs.tree import Markup
from infakt_compat.codecs.v2_form import read_form
from infakt_compat.codecs.v2_xml import read_piece, read_root
from infakt_compat.codecs.xml_safe import syntax_fault
from infakt_compat.errors import ConversionError, Fault

Kind = Literal["json", "xml", "form"]

#: So deep and so large is no document of v2's; the form's own limits are alike.
MOST_LEVELS = 32
MOST_VALUES = 100_000
_CHARSETS = re.compile(r"utf-8|utf-16(-[lb]e)?|utf-32(-[lb]e)?|ascii|iso8859-\d+|cp125\d")
_DECLARATION = re.compile(r"\ufeff?<\?xml\s[^>]*\?>")


def read_body(data: bytes, kind: Kind, charset: str | None = None) -> Any:
    """Read a body that is not blank; an XML record stands under its root's name, as in JSON.

    `charset` is that of the Content-Type; without one the body itself says it. Raises
    `ConversionError` with a fault for everything that cannot be read as what it is said to be.
    """
    if kind == "form":
        tree: Any = read_form(data)
    elif kind == "json":
        tree = _json(data, charset)
    else:
        tree = _xml(data, charset)
    _check_size(tree)
    if faults := surrogates(tree) or _nuls(tree):
        raise ConversionError(faults)
    return tree


def _json(data: bytes, charset: str | None) -> Any:
    text = _decoded(data, charset or json.detect_encoding(data)).removeprefix("\ufeff")
    try:
        return loads(text)
    except RecursionError:
        raise ConversionError([Fault("document.too_deep")]) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise ConversionError([Fault("document.malformed", "", place)]) from None


def _xml(data: bytes, charset: str | None) -> dict[str, Any]:
    if charset is not None:
        # What the header says counts, as RFC 7303 has it; the text then needs no declaration.
        data = _DECLARATION.sub("", _decoded(data, charset), count=1).encode("utf-8", "replace")
    root = read_root(data)
    if root.is_list:
        raise ConversionError([Fault("document.not_invoice", "", f"<{root.shape.list}>")])
    try:
        (document,) = read_piece(data, root)
    except SyntaxError as error:  # lxml's, which has no other home than codecs
        raise ConversionError([syntax_fault(error)]) from None
    if document.faults:
        raise ConversionError(document.faults)
    return {root.shape.record: document.tree}


def _decoded(data: bytes, charset: str) -> str:
    """Decode a body; only with encodings of text that callers of v2 can have meant."""
    try:
        name = codecs.lookup(charset).name
        if _CHARSETS.fullmatch(name.replace("utf-8-sig", "utf-8")):
            return data.decode(name)
    except (LookupError, ValueError) as error:
        detail = "" if isinstance(error, LookupError) else str(error)[:80]
        raise ConversionError([Fault("document.encoding", "", detail)]) from None
    raise ConversionError([Fault("document.encoding")])


def _check_size(tree: Any) -> None:
    """Refuse what is deeper or larger than any document."""
    values, level = [tree], 0
    count = 0
    while values:
        level += 1
        count += len(values)
        if level > MOST_LEVELS:
            raise ConversionError([Fault("document.too_deep")])
        if count > MOST_VALUES:
            raise ConversionError([Fault("document.too_many_values", "", f"over {MOST_VALUES}")])
        values = [child for value in values for child in _children(value)]


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _nuls(value: Any, path: str = "") -> list[Fault]:
    """Name the fields that hold U+0000: no XML, no store and no invoice can."""
    if isinstance(value, dict):
        pairs = [(f"{path}.{name}" if path else str(name), v) for name, v in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{path}[{index}]", child) for index, child in enumerate(value)]
    else:
        text = value.xml if isinstance(value, Markup) else value
        if not isinstance(text, str) or ("\0" not in text and "\0" not in path):
            return []
        return [Fault("text.not_xml", escaped(path).replace("\0", "\\x00"), "U+0000")]
    return [fault for place, child in pairs for fault in _nuls(child, place)]
