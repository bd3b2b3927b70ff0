"""v2's XML read into plain trees: one document, a list in pieces, or a stream that cannot be cut.

Nothing is resolved or fetched: a document with a DOCTYPE is refused before anything in it is read
(decisions.md section 2). Attributes that v2 or Rails wrote (`type`, `nil`) say nothing that a tree
needs.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from attrs import define, frozen
from lxml import etree

from infakt_compat.codecs.tree import MOST_BYTES, Markup, record_of
from infakt_compat.codecs.xml_safe import (
    cut_prologue,
    keeps_ascii,
    read_root_name,
    safe_parser,
)
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.tables.load import tables

_ATTRIBUTES = frozenset({"type", "nil"})
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_Element = etree._Element


@frozen
class Shape:
    """The element names of one resource: the list, the record, and the lines in it."""

    resource: str
    list: str
    record: str
    lines: str
    line: str


@define
class XmlDocument:
    """One document of a source: its tree, or the faults for which it is refused."""

    tree: dict[str, Any]
    faults: tuple[Fault, ...]
    element: _Element
    resource: str | None = None

    def raw(self) -> bytes:
        """Give the document's own XML, in UTF-8."""
        return etree.tostring(self.element, encoding="utf-8", with_tail=False)

    def exact_tree(self) -> dict[str, Any]:
        """Give the tree: in XML everything is text."""
        return self.tree


@frozen
class Root:
    """What a source's root element says: its shape, and whether it is a list."""

    shape: Shape
    is_list: bool


@cache
def shapes() -> dict[str, Root]:
    """Give the roots of v2's XML documents by their names, from the tables."""
    found = {}
    for name, resource in tables().resources.items():
        lines = resource.lines
        shape = Shape(
            resource=name,
            list=resource.v2.list,
            record=resource.v2.envelope,
            lines=lines.v2.list if lines else "",
            line=lines.v2.envelope if lines else "",
        )
        found[shape.list] = Root(shape, is_list=True)
        found[shape.record] = Root(shape, is_list=False)
    return found


def read_root(head: bytes) -> Root:
    """Say what the root element at the head of a source is: a v2 document or a list of them.

    Raises `ConversionError` for a DOCTYPE, for what is not well-formed up to there, and for other
    roots.
    """
    name = read_root_name(head)
    root = shapes().get(name)
    if root is None:
        raise ConversionError([Fault("document.not_invoice", "", f"<{name}>")])
    return root


def read_piece(data: bytes, root: Root) -> list[XmlDocument]:
    """Read a whole XML text: one document, or a list with whole documents in it.

    Raises `etree.XMLSyntaxError` when it is not well-formed.
    """
    shape = root.shape
    if b"<!" not in data and data.find(b"<?", 5) < 0 and keeps_ascii(data):
        element = etree.fromstring(data, safe_parser(blanks=False))
        records = list(element) if root.is_list else [element]
        trees = [_quick(record, shape) for record in records]
        # Without an equals sign after a list's own start there is no attribute to look for.
        start = len(cut_prologue(data) or b"") if root.is_list else 0
        attributes = data.find(b"=", start) >= 0
        if _counts(trees, shape, root.is_list) == _plain_counts(shape, attributes)(element):
            pairs = zip(trees, records, strict=True)
            return [XmlDocument(tree, (), record, shape.resource) for tree, record in pairs]
        # Something is nested, comes twice or stands between fields: look at every element.
    element = etree.fromstring(data, safe_parser())
    if not root.is_list:
        return [_careful(element, shape)]
    found = [_careful(record, shape) for record in element]
    stray = [_stray(element.text), *(_stray(record.tail) for record in element)]
    # Text between documents is refused with the one before it, or where there is none, the list.
    for place, faults in enumerate(stray):
        if faults and not found:
            found.append(XmlDocument({}, faults, element, shape.resource))
        elif faults:
            found[max(place - 1, 0)].faults += faults
    return found


def _stray(text: str | None, place: str = "") -> tuple[Fault, ...]:
    """Give the fault of text that stands between elements, if there is any."""
    bare = (text or "").strip()
    return (Fault("field.stray_text", place, repr(bare[:40])),) if bare else ()


def read_stream(chunks: Iterable[bytes], root: Root) -> Iterator[XmlDocument]:
    """Read a list that cannot be cut: any encoding, comments and CDATA that hold tags.

    Raises `etree.XMLSyntaxError` where it is not well-formed, after the documents before, and
    `ConversionError` for a document that is too large.
    """
    parser: Any = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    depth = 0
    pending = 0
    last: _Element | None = None
    for chunk in chunks:
        failure = _fed(lambda data=chunk: parser.feed(data))  # type: ignore[misc]
        pending += len(chunk)
        for event, element in parser.read_events():
            depth += 1 if event == "start" else -1
            if event == "end" and depth == 1:
                document = _careful(element, root.shape)
                document.faults += _stray(_text_before(element))
                yield document
                pending = 0
                _forget(element)
                last = element
        if failure is not None:
            raise failure
        if pending > MOST_BYTES:
            raise ConversionError([Fault("document.too_large")])
    failure = _fed(parser.close)
    if failure is not None:
        raise failure
    if last is not None and (faults := _stray(last.tail)):
        yield XmlDocument({}, faults, etree.Element(root.shape.list), root.shape.resource)


def _text_before(element: _Element) -> str | None:
    """Give the text that stands before a document of a list."""
    before, parent = element.getprevious(), element.getparent()
    if before is not None:
        return before.tail
    return None if parent is None else parent.text


def _fed(action: Callable[[], object]) -> etree.XMLSyntaxError | None:
    """Run a parser step; the documents that it completed come before its error."""
    try:
        action()
    except etree.XMLSyntaxError as error:
        return error
    return None


def _forget(element: _Element) -> None:
    """Free a document that was read, and what stands before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)


@cache
def _plain_counts(
    shape: Shape, attributes: bool
) -> Callable[[_Element], tuple[int, int, int, int]]:
    """Make the counts of a tree: its elements, records and lines, and what is odd about it.

    Odd are attributes (but for the paging of a list) and text between fields.
    """
    roots = [f"/{shape.list}/{shape.record}", f"/{shape.record}"]
    holders = [f"/{shape.list}", *roots]
    lines: list[str] = []
    if shape.lines:
        lines = [f"{root}/{shape.lines}/{shape.line}" for root in roots]
        holders += [f"{root}/{shape.lines}" for root in roots] + lines
    stray = [f"{holder}/text()[normalize-space()]" for holder in holders]
    odd = stray
    if attributes:
        odd = [*stray, f"/{shape.list}//*/@*", f"/{shape.record}/descendant-or-self::*/@*"]
    tests = ["//*", " | ".join(roots), " | ".join(lines) or "/none", " | ".join(odd)]
    paths: Any = [etree.XPath(f"count({test})") for test in tests]
    return lambda element: tuple(int(path(element)) for path in paths)  # type: ignore[return-value]


def _quick(record: _Element, shape: Shape) -> dict[str, Any]:
    """Read a record that should hold plain fields only; `_counts` tells whether it does."""
    tree: dict[str, Any] = {}
    lines = shape.lines
    for child in record:
        tag: Any = child.tag
        if tag == lines:
            tree[tag] = [{field.tag: field.text or "" for field in line} for line in child]
        else:
            tree[tag] = child.text or ""
    return tree


def _counts(trees: list[dict[str, Any]], shape: Shape, is_list: bool) -> tuple[int, int, int, int]:
    """Count what the trees hold, as `_plain_counts` counts what the text holds."""
    elements, lines = int(is_list) + len(trees) + sum(map(len, trees)), 0
    for tree in trees:
        if rows := tree.get(shape.lines):
            lines += len(rows)
            elements += len(rows) + sum(map(len, rows))
    return elements, len(trees), lines, 0


def _careful(record: _Element, shape: Shape) -> XmlDocument:
    """Read a record and look at everything in it that could be lost."""
    if record.tag != shape.record:
        fault = Fault("document.not_invoice", "", f"<{record.tag}>")
        return XmlDocument({}, (fault,), record)
    faults: list[Fault] = []
    tree = _careful_fields(record, shape, "", faults)
    return XmlDocument(tree, tuple(faults), record, shape.resource)


def _careful_fields(
    record: _Element, shape: Shape, prefix: str, faults: list[Fault]
) -> dict[str, Any]:
    """Read the fields of a record or of a line."""
    _check_attributes(record, prefix.rstrip("."), faults)
    _check_text(record, prefix.rstrip("."), faults)
    pairs: list[tuple[str, Any]] = []
    for child in record:
        name = str(child.tag)
        if name == shape.lines and not prefix and (len(child) or not (child.text or "").strip()):
            pairs.append((name, _careful_lines(child, shape, faults)))
        elif len(child):
            xml = etree.tostring(child, encoding="unicode", with_tail=False)
            pairs.append((name, Markup(xml)))
        else:
            _check_attributes(child, prefix + name, faults)
            pairs.append((name, child.text or ""))
    return record_of(pairs)


def _careful_lines(services: _Element, shape: Shape, faults: list[Fault]) -> list[dict[str, Any]]:
    """Read the lines of a record."""
    _check_attributes(services, shape.lines, faults)
    _check_text(services, shape.lines, faults)
    rows = []
    for position, line in enumerate(services):
        place = f"{shape.lines}[{position}]"
        if line.tag != shape.line:
            faults.append(Fault("services.invalid", place, f"<{line.tag}>"))
        rows.append(_careful_fields(line, shape, place + ".", faults))
    return rows


def _check_attributes(element: _Element, place: str, faults: list[Fault]) -> None:
    """Refuse attributes that v2 never wrote."""
    for name in map(str, element.keys()):
        if name not in _ATTRIBUTES and not name.startswith(_XSI):
            faults.append(Fault("field.attribute", place, name))


def _check_text(element: _Element, place: str, faults: list[Fault]) -> None:
    """Refuse text between the fields of an element that holds fields."""
    for text in (element.text, *(child.tail for child in element)):
        faults += _stray(text, place)
