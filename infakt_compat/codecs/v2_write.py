"""v2 records written as v2 wrote them: elements, JSON objects, and the lists around them.

A v2 record is what `to_v2` gives: amounts as Decimal, in the order of the v2 field list. Raises
`ConversionError` for what the wanted format cannot hold.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from lxml import etree

from infakt_compat.codecs.json_text import dumps, surrogates
from infakt_compat.codecs.tree import Markup
from infakt_compat.codecs.v2_xml import Shape, shapes
from infakt_compat.codecs.xml_safe import safe_parser
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.money import number_text
from infakt_compat.tables.load import tables

XML_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'


@cache
def _quantities() -> frozenset[str]:
    """Name the fields that v2's JSON gave as text although they are numbers (ilosc)."""
    rules = (rule for resource in tables().known_resources() for rule in resource.rules)
    return frozenset(rule.v2 for rule in rules if rule.type == "quantity" and rule.v2)


def json_record(record: Mapping[str, Any], *, quantity_as_number: bool = False) -> bytes:
    """Write a record as v2's JSON: amounts are numbers, `ilosc` a text as v2's document shows it.

    `quantity_as_number` gives the number that the real service answered in 2013 (v2-wire 6).
    """
    try:
        return dumps(dict(_json_pairs(record, "", quantity_as_number)))
    except TypeError:
        raise ConversionError(surrogates(record)) from None


def _json_pairs(
    record: Mapping[str, Any], prefix: str, quantity_as_number: bool
) -> Iterator[tuple[str, Any]]:
    """Give the fields of a record as JSON values."""
    for name, value in record.items():
        if isinstance(value, Markup):
            raise ConversionError([Fault("field.other_format", prefix + name)])
        if isinstance(value, Decimal) and name in _quantities() and not quantity_as_number:
            yield name, number_text(value)
        elif isinstance(value, list) and name == _lines_name() and not prefix:
            yield (
                name,
                [
                    dict(_json_pairs(row, f"{name}[{position}].", quantity_as_number))
                    for position, row in enumerate(value)
                ],
            )
        else:
            yield name, value


@cache
def _lines_name() -> str:
    """Name the field of an invoice that holds its lines."""
    return next(root.shape.lines for root in shapes().values() if root.shape.lines)


def xml_record(resource: str, record: Mapping[str, Any], *, level: int = 0) -> bytes:
    """Write a record as an element, indented as v2 showed it; `level` is its depth in the document.

    Text that is not ASCII is written as character references, as v2 wrote it (v2-wire 6).
    """
    shape = next(root.shape for root in shapes().values() if root.shape.resource == resource)
    faults: list[Fault] = []
    element = etree.Element(shape.record)
    _xml_fields(element, record, shape, "", level + 1, faults)
    if faults:
        raise ConversionError(faults)
    # A name cannot hold character references, as text can.
    plain = all(str(each.tag).isascii() for each in element.iter())
    text: bytes = etree.tostring(element, encoding="us-ascii" if plain else "utf-8")
    return b"  " * level + text + b"\n"


def _xml_fields(
    parent: etree._Element,
    record: Mapping[str, Any],
    shape: Shape,
    prefix: str,
    level: int,
    faults: list[Fault],
) -> None:
    """Add the fields of a record to its element, each on a line of its own."""
    for name, value in record.items():
        try:
            if name == shape.lines and not prefix:
                child = etree.SubElement(parent, name)
                _xml_lines(child, value, shape, level + 1, faults)
            elif isinstance(value, Markup):
                child = etree.fromstring(value.xml, safe_parser())
                parent.append(child)
            elif isinstance(value, dict | list):
                faults.append(Fault("field.other_format", prefix + name))
            else:
                if name.startswith("{}"):
                    raise ValueError(name)  # lxml would take it for a namespace
                child = etree.SubElement(parent, name)
                child.text = xml_text(value)
        except ValueError:
            faults.append(Fault("text.not_xml", prefix + name))
    _indent(parent, level)


def _xml_lines(
    services: etree._Element,
    rows: list[dict[str, Any]],
    shape: Shape,
    level: int,
    faults: list[Fault],
) -> None:
    """Add the lines of a record."""
    for position, row in enumerate(rows):
        line = etree.SubElement(services, shape.line)
        _xml_fields(line, row, shape, f"{shape.lines}[{position}].", level + 1, faults)
    if rows:
        _indent(services, level)
    else:
        services.text = ""


def _indent(parent: etree._Element, level: int) -> None:
    """Put each child of an element on a line of its own; nothing inside the children is touched."""
    parent.text = "\n" + "  " * level
    for child in parent:
        child.tail = "\n" + "  " * level
    if len(parent):
        parent[-1].tail = "\n" + "  " * (level - 1)


def xml_text(value: object) -> str:
    """Give the text of a plain value; null and empty alike are an empty element pair."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, Decimal) else str(value)


def list_start(form: str, resource: str, total: int) -> bytes:
    """Write what stands before the records of a list of one page."""
    name = tables().resources[resource].v2.list
    per_page = max(total, 1)
    if form == "xml":
        paging = f'per_page="{per_page}" total="{total}" pages="1" page="1"'
        return XML_HEAD + f"<{name} {paging}>\n".encode()
    info = orjson.dumps({"per_page": per_page, "total": total, "pages": 1, "page": 1})
    return b'{"info":' + info + f',"{name}":[\n'.encode()


def list_end(form: str, resource: str) -> bytes:
    """Write what stands after the records of a list."""
    name = tables().resources[resource].v2.list
    return f"</{name}>\n".encode() if form == "xml" else b"\n]}\n"
