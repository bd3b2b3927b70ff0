"""JSON documents read one by one: one, a list of any length, or many after each other.

Memory holds one document and one chunk. What is not well-formed ends the source where it breaks; a
line of JSON Lines that is broken costs itself only.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from attrs import define

from infakt_compat.codecs.json_text import EXACT_DECODER, loads
from infakt_compat.codecs.tree import MOST_BYTES, Broken
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.tables.load import tables

#: Finds where a value ends, without building exact numbers: for reading in several processes.
ENDS_ONLY = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)

_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+(?P<closed>"?)|[\[\]{}]', re.DOTALL)
# What stands beside a list in its envelope: v2's and v3's paging.
_PAGING = frozenset({"info", "metainfo"})
# An error so near to the end of what was read may be the end of the chunk only.
_NEAR_END = 16


@define
class JsonDocument:
    """One document of a source: its tree, or the faults for which it is refused."""

    tree: Any
    faults: tuple[Fault, ...]
    text: str
    #: What the list says that its records are; None for anything else.
    resource: str | None = None

    def raw(self) -> bytes:
        """Give the document's own JSON."""
        return self.text.encode()

    def exact_tree(self) -> Any:
        """Give the tree with the types that the text has, whatever it was read with."""
        return loads(self.text)


@cache
def list_names() -> dict[str, str | None]:
    """Give the keys under which v2 and v3 have their lists, and what is in them.

    V3 does not say it.
    """
    names = {resource.v2.list: name for name, resource in tables().resources.items()}
    return {**names, "entities": None}


def read_documents(
    chunks: Iterable[bytes], decoder: json.JSONDecoder = EXACT_DECODER
) -> Iterator[JsonDocument]:
    """Read the documents of a JSON source in their order.

    Raises `Broken` where the source is not well-formed, after the documents that stand before, and
    `ConversionError` where it is not UTF-8.
    """
    window = _Window(_decoded(chunks), decoder)
    if not window.peek():
        raise window.broken("document.malformed", "no document")
    several = False
    while window.peek():
        window.begin()
        name = _enter_list(window)
        if name is not None:
            yield from _list(window, name)
        else:
            try:
                yield window.document()
            except json.JSONDecodeError as error:
                yield _broken_line(window, error, several)
        several = True


def _decoded(chunks: Iterable[bytes]) -> Iterator[str]:
    """Decode UTF-8, with or without a byte order mark; raises `ConversionError` for other bytes."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        for chunk in chunks:
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        detail = f"not UTF-8: byte {error.object[error.start]:#04x}"
        raise ConversionError([Fault("document.encoding", "", detail)]) from None


@define
class _Window:
    """The text at hand: from the start of the document that is being read to what was read last."""

    _chunks: Iterator[str]
    _decoder: json.JSONDecoder
    text: str = ""
    start: int = 0
    position: int = 0
    _done: bool = False
    _lines_before: int = 0
    _column_before: int = 0

    def begin(self) -> None:
        """Begin a document: what stands before it is used up."""
        self.start = self.position

    def more(self) -> bool:
        """Read on, as much again as is at hand; False at the end. Raises `Broken` above 64 MiB."""
        self._count_used_up()
        parts = [self.text[self.start :]]
        self.position -= self.start
        self.start = 0
        size, enough = 0, max(len(parts[0]), 1)
        while not self._done and size < enough:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._done = True
            else:
                parts.append(chunk)
                size += len(chunk)
        self.text = "".join(parts)
        if size and len(parts[0]) > MOST_BYTES:
            raise Broken(Fault("document.too_large"), self.text.encode())
        return size > 0

    def _count_used_up(self) -> None:
        """Count the lines and columns of the text that is dropped."""
        used = self.text[: self.start]
        self._lines_before += used.count("\n")
        after_break = len(used) - used.rfind("\n") - 1
        self._column_before = after_break + (0 if "\n" in used else self._column_before)

    def peek(self) -> str:
        """Give the next character that is no white space; `""` at the end."""
        while True:
            self.position = _SPACE.match(self.text, self.position).end()  # type: ignore[union-attr]
            if self.position < len(self.text):
                return self.text[self.position]
            if not self.more():
                return ""

    def value(self) -> tuple[Any, str]:
        """Read one value and its text; raises `json.JSONDecodeError` and `RecursionError`."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self.text, self.position)
            except json.JSONDecodeError as error:
                if self._done or not self._may_go_on(error):
                    raise
                self.more()  # and read again, also at the end: the text has moved
                continue
            except ValueError:  # an integer of thousands of digits
                value, end = EXACT_DECODER.raw_decode(self.text, self.position)
            text = self.text[self.position : end]
            self.position = end
            return value, text

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Say whether an error may come from the end of what was read."""
        near_end = error.pos > len(self.text) - _NEAR_END
        return near_end or error.msg.startswith("Unterminated string")

    def document(self, resource: str | None = None) -> JsonDocument:
        """Read one document; one that is nested too deep is refused alone."""
        try:
            tree, text = self.value()
        except RecursionError:
            return JsonDocument(None, (Fault("document.too_deep"),), self._skip_nested())
        return JsonDocument(tree, (), text, resource)

    def _skip_nested(self) -> str:
        """Step over a value by its brackets alone, and give its text."""
        while True:
            depth = 0
            for token in _TOKEN.finditer(self.text, self.position):
                if token["closed"] == "":
                    break  # the text ends within a string
                depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
                if depth == 0:
                    text = self.text[self.position : token.end()]
                    self.position = token.end()
                    return text
            if not self.more():
                raise json.JSONDecodeError("Unterminated nesting", self.text, len(self.text))

    def take(self, wanted: str) -> None:
        """Step over a character that has to be there."""
        if self.peek() != wanted:
            raise json.JSONDecodeError(f"Expecting {wanted!r}", self.text, self.position)
        self.position += 1

    def line_end(self) -> int:
        """Give the place of the next line break, or of the end."""
        while (end := self.text.find("\n", self.position)) < 0 and self.more():
            pass
        return end if end >= 0 else len(self.text)

    def place(self, at: int) -> str:
        """Give line and column of a place in the text at hand."""
        line = self._lines_before + self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        if "\n" not in self.text[:at]:
            column += self._column_before
        return f"line {line}, column {column}"

    def broken(self, code: str, message: str, at: int | None = None) -> Broken:
        """Make the error for a source that breaks in the document begun last."""
        place = self.place(self.position if at is None else at)
        return Broken(Fault(code, "", f"{place}: {message}"), self.text[self.start :].encode())


def _enter_list(window: _Window) -> str | None:
    """Step into a list, past the paging before it, and give its key (`""`: a bare array).

    None, and no step, for a single document.
    """
    if window.peek() not in "[{":
        return None
    window.position += 1
    if window.text[window.position - 1] == "[":
        return ""
    names = list_names()
    try:
        while window.peek() == '"':
            key, _ = window.value()
            window.take(":")
            if key in names and window.peek() == "[":
                window.position += 1
                return str(key)
            if key not in _PAGING:
                break
            window.value()
            if window.peek() == ",":
                window.position += 1
    except (json.JSONDecodeError, RecursionError):
        pass  # read again as one document, which says where it breaks
    window.position = window.start
    return None


def _list(window: _Window, name: str) -> Iterator[JsonDocument]:
    """Read the elements of a list, and what closes it."""
    resource = list_names().get(name)
    try:
        more = window.peek() != "]"
        while more:
            window.begin()
            yield window.document(resource)
            if more := window.peek() == ",":
                window.position += 1
        window.take("]")
        if name:
            yield from _after_list(window, name)
    except json.JSONDecodeError as error:
        raise window.broken("source.broken", error.msg, error.pos) from None


def _after_list(window: _Window, name: str) -> Iterator[JsonDocument]:
    """Read what stands beside a list after it: paging, and nothing else that could be lost."""
    while window.peek() == ",":
        window.position += 1
        window.begin()
        if window.peek() != '"':
            window.take('"')
        key, _ = window.value()
        window.take(":")
        document = window.document()
        if key not in _PAGING:
            fault = Fault("document.not_invoice", "", f"beside {name}: {key}")
            yield JsonDocument(None, (fault,), document.text)
    window.take("}")


def _broken_line(window: _Window, error: json.JSONDecodeError, several: bool) -> JsonDocument:
    """Refuse a broken line of JSON Lines alone; raises `Broken` when it is no such line.

    It is one when other documents stand before it, or when the next line begins with one.
    """
    code = "source.broken" if several else "document.malformed"
    broken = window.broken(code, error.msg, error.pos)
    window.position = window.start
    end = window.line_end()
    if window.text[end + 1 : end + 2] != "{" and not (several and not window.text[end:].strip()):
        raise broken
    text = window.text[window.start : end]
    window.position = end
    detail = broken.fault.detail
    return JsonDocument(None, (Fault("document.malformed", "", detail),), text)
