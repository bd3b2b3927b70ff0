"""v2's answers as bytes: one tree, in JSON or in XML (v2-wire 6).

The tree is that of the JSON form: `{"invoice": {...}}`, `{"info": {...}, "invoices": [...]}`,
`{"pdf": "..."}`. In XML its key is the root element, and `info` the attributes of a list's root.
"""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from infakt_compat.codecs.json_text import dumps
from infakt_compat.codecs.v2_write import XML_HEAD, json_record, xml_record, xml_text
from infakt_compat.codecs.v2_xml import shapes
from infakt_compat.errors import ConversionError, Fault

INFO = "info"
#: The order in which v2 wrote them.
_PAGING = ("per_page", "total", "pages", "page")


def json_answer(tree: Mapping[str, Any], *, quantity_as_number: bool = False) -> bytes:
    """Write an answer as JSON; raises `ConversionError` for what JSON cannot hold."""
    parts = []
    for name, value in tree.items():
        if isinstance(value, list):
            rows = _each(name, value, lambda row: _json(row, quantity_as_number))
            text = b"[" + b",".join(rows) + b"]"
        else:
            text = _json(value, quantity_as_number)
        parts.append(dumps(name) + b":" + text)
    return b"{" + b",".join(parts) + b"}"


def xml_answer(tree: Mapping[str, Any]) -> bytes:
    """Write an answer as XML; raises `ConversionError` for what XML cannot hold."""
    name = next(name for name in tree if name != INFO)
    value, root = tree[name], shapes().get(name)
    if isinstance(value, list):
        assert root is not None
        paging = " ".join(f'{each}="{tree[INFO][each]}"' for each in _PAGING)
        resource = root.shape.resource
        rows = _each(name, value, lambda row: xml_record(resource, row, level=1))
        start, end = f"<{name} {paging}>\n".encode(), f"</{name}>\n".encode()
        return XML_HEAD + start + b"".join(rows) + end
    if root is not None:
        return XML_HEAD + xml_record(root.shape.resource, value)
    return XML_HEAD + _plain(name, value)


def _json(value: Any, quantity_as_number: bool) -> bytes:
    if isinstance(value, Mapping):
        return json_record(value, quantity_as_number=quantity_as_number)
    return dumps(value)


def _each(name: str, rows: list[Any], write: Any) -> list[bytes]:
    """Write the records of a list; a fault says in which of them it is."""
    written = []
    for position, row in enumerate(rows):
        try:
            written.append(write(row))
        except ConversionError as error:
            place = f"{name}[{position}]."
            faults = [Fault(fault.code, place + fault.path, fault.detail) for fault in error.faults]
            raise ConversionError(faults) from None
    return written


def _plain(name: str, value: Any) -> bytes:
    """Write a record of plain fields, or a text, that is no document."""
    element = etree.Element(name)
    try:
        if isinstance(value, Mapping):
            for field, each in value.items():
                etree.SubElement(element, field).text = xml_text(each)
            etree.indent(element)
        else:
            element.text = xml_text(value)
    except ValueError:
        raise ConversionError([Fault("text.not_xml", name)]) from None
    return etree.tostring(element, encoding="us-ascii") + b"\n"
