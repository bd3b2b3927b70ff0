"""v2's error documents, both ways: JSON, and the `<hash>` that Rails made of it (v2-wire 6).

The tree is that of the JSON form: `message`, `request`, and under `errors` pairs of field and code,
of the invoice in one list and of each line in one of its own (`[]` for a line without fault).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from infakt_compat.codecs.v2_write import XML_HEAD
from infakt_compat.codecs.xml_safe import read_root_name, safe_parser, syntax_fault
from infakt_compat.errors import ConversionError, Fault

# What Rails calls an element of a list: the singular of its name.
_SINGULAR = {"services": "service"}


def write_error(error: Mapping[str, Any]) -> bytes:
    """Write an error tree as a `<hash>` document."""
    root = etree.Element("hash")
    for name, value in error.items():
        child = etree.SubElement(root, name)
        if name == "errors":
            for resource, faults in value.items():
                _write_list(
                    etree.SubElement(child, resource), faults, _SINGULAR.get(resource, resource)
                )
        else:
            child.text = str(value)
    etree.indent(root)
    return XML_HEAD + etree.tostring(root, encoding="us-ascii") + b"\n"


def _write_list(parent: etree._Element, faults: Sequence[Any], name: str) -> None:
    """Write a list of pairs, or a list of such lists, as Rails did."""
    parent.set("type", "array")
    for fault in faults:
        child = etree.SubElement(parent, name)
        if len(fault) == 2 and all(isinstance(part, str) for part in fault):
            etree.SubElement(child, "message").text = fault[1]
            etree.SubElement(child, "field").text = fault[0]
        else:
            _write_list(child, fault, name)


def read_error(data: bytes) -> dict[str, Any]:
    """Read a `<hash>` document.

    Raises `ConversionError` for any other, for a DOCTYPE, for broken XML.
    """
    if (name := read_root_name(data)) != "hash":
        raise ConversionError([Fault("document.not_invoice", "", f"<{name}>, not <hash>")])
    try:
        root = etree.fromstring(data, safe_parser())
    except etree.XMLSyntaxError as error:
        raise ConversionError([syntax_fault(error)]) from None
    return {
        str(child.tag): (
            {str(part.tag): _read_list(part) for part in child}
            if child.tag == "errors"
            else child.text or ""
        )
        for child in root
    }


def _read_list(parent: etree._Element) -> list[Any]:
    """Read a list of pairs, or a list of such lists."""
    return [
        [child.findtext("field") or "", child.findtext("message") or ""]
        if child.find("field") is not None
        else _read_list(child)
        for child in parent
    ]
