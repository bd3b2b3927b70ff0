"""Where documents come from: files, folders and standard input, read in batches of whole documents.

What a source holds is seen from its content. A batch can be handed to another process; a source
that breaks gives everything that stands before the break.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from attrs import define, field, frozen

from infakt_compat.codecs.json_stream import ENDS_ONLY, JsonDocument, read_documents
from infakt_compat.codecs.json_text import QUICK_DECODER, loads
from infakt_compat.codecs.tree import MOST_BYTES, Broken
from infakt_compat.errors import ConversionError, Fault

STDIN = "-"
#: What a folder is searched for. Reasons for rejects stand beside documents, and are none.
SUFFIXES = (".xml", ".json", ".jsonl")
REASONS = "reasons.jsonl"

_CHUNK = 256 * 1024
_BATCH_CHARACTERS = 256 * 1024
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Document(Protocol):
    """One document: its tree, or why it is refused, and its own text."""

    tree: Any
    faults: tuple[Fault, ...]
    resource: str | None

    def raw(self) -> bytes:
        """Give the document's own text."""

    def exact_tree(self) -> Any:
        """Give the tree with the types that the text has."""


class Batch(Protocol):
    """Some documents of one source, in their order."""

    def documents(self) -> Iterable[Document]:
        """Read the documents; raises `Malformed` when the batch is no whole documents."""


class Malformed(Exception):
    """A batch is not well-formed by itself.

    Its source has to be read in one stream from here on.
    """


@frozen
class Source:
    """One file, or standard input; `label` names it below the folder that was given."""

    name: str
    path: Path | None
    label: str = ""

    def open(self) -> BinaryIO:
        """Open the source; raises `OSError`."""
        if self.path is not None:
            return self.path.open("rb")
        if sys.stdin is None:
            raise OSError("standard input is closed")
        return sys.stdin.buffer

    def size(self) -> int:
        """Give the size in bytes; 0 where it is not known."""
        try:
            return self.path.stat().st_size if self.path else 0
        except OSError:
            return 0


def find_sources(names: Iterable[str]) -> list[Source]:
    """Give the sources of a command line; a folder gives the documents below it in sorted order."""
    found = []
    for name in names:
        path = Path(name)
        if name == STDIN:
            found.append(Source("stdin", None, "stdin"))
        elif path.is_dir():
            inner = (each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES)
            for each in sorted(each for each in inner if each.name != REASONS):
                if each.is_file() or each.is_symlink():
                    label = str(each.relative_to(path))
                    found.append(Source(printable(str(each)), each, printable(label)))
        else:
            found.append(Source(printable(name), path, printable(path.name)))
    return found


def read_quickly(text: str) -> Any:
    """Read a JSON document whose numbers may become text: their fields know what they are."""
    try:
        return QUICK_DECODER.decode(text)
    except ValueError:  # an integer of thousands of digits
        return loads(text)


def printable(name: str) -> str:
    """Give a file's name as text; bytes that are no UTF-8 are replaced."""
    return os.fsencode(name).decode("utf-8", "replace")


@frozen
class Read:
    """Documents that were read in this process."""

    _documents: tuple[Document, ...]

    def documents(self) -> Iterable[Document]:
        """Give the documents."""
        return self._documents


@frozen
class Texts:
    """JSON documents whose ends were found, to be read elsewhere."""

    texts: tuple[tuple[str, str | None], ...]

    def documents(self) -> Iterable[Document]:
        """Read the documents."""
        for text, resource in self.texts:
            yield JsonDocument(read_quickly(text), (), text, resource)


@frozen
class Piece:
    """Whole XML documents cut from a list, or one document."""

    start: bytes
    data: bytes
    end: bytes
    lines_before: int
    is_list: bool

    def documents(self) -> Iterable[Document]:
        """Read the documents."""
        from lxml import etree

        from infakt_compat.codecs.v2_xml import read_piece, read_root

        text = self.start + self.data + self.end
        try:
            return read_piece(text, read_root(text))
        except etree.XMLSyntaxError as error:
            raise Malformed(str(error)) from None


@define
class Reader:
    """The batches of one source. `form` is `xml` or `json`, by the first character."""

    form: str
    batches: Iterator[Batch]
    #: Reads on in one stream after a batch that was not well-formed by itself.
    stream: Callable[[list[Any]], Iterator[Document]]
    #: Gives what was not read yet, for keeping the rest of a broken source.
    unread: Callable[[], Iterator[bytes]]


def open_reader(file: BinaryIO, *, elsewhere: bool, count: Callable[[int], None]) -> Reader:
    """Read a source in batches; `elsewhere` leaves the reading of JSON to other processes.

    `count` is told how many bytes were read. The batches raise `Broken` and `ConversionError` where
    the source breaks, and `OSError`.
    """
    chunks = _chunks(file, count)
    head = next(chunks, b"")
    if _looks_like_xml(head):
        xml = _XmlCutter(head, chunks)
        return Reader("xml", xml.pieces(), xml.stream, lambda: xml.chunks)
    everything = chain([head], chunks)
    batches = _json_batches(everything, elsewhere=elsewhere)
    return Reader("json", batches, lambda _: iter(()), lambda: everything)


def _chunks(file: BinaryIO, count: Callable[[int], None]) -> Iterator[bytes]:
    """Read a file chunk by chunk."""
    while chunk := file.read(_CHUNK):
        count(len(chunk))
        yield chunk


def _looks_like_xml(head: bytes) -> bool:
    """Say whether a source begins as XML does, in any encoding that libxml2 can see."""
    for mark in _BOMS:
        head = head.removeprefix(mark)
    return head.replace(b"\x00", b"").lstrip()[:1] == b"<"


def _json_batches(chunks: Iterable[bytes], *, elsewhere: bool) -> Iterator[Batch]:
    """Put the documents of a JSON source together to batches."""
    documents: list[JsonDocument] = []
    size = 0
    failure: Exception | None = None
    reading = read_documents(chunks, ENDS_ONLY if elsewhere else QUICK_DECODER)
    while True:
        try:
            document = next(reading, None)
        except (Broken, ConversionError, OSError) as error:
            document, failure = None, error
        if document is not None:
            documents.append(document)
            size += len(document.text)
        if documents and (document is None or size >= _BATCH_CHARACTERS):
            yield _batch(documents, elsewhere=elsewhere)
            documents, size = [], 0
        if document is None:
            break
    if failure is not None:
        raise failure


def _batch(documents: list[JsonDocument], *, elsewhere: bool) -> Batch:
    """Make a batch; documents with faults, or nested too deep, stay in this process."""
    if elsewhere and not any(document.faults for document in documents):
        return Texts(tuple((document.text, document.resource) for document in documents))
    if elsewhere:
        documents = [
            document
            if document.faults
            else JsonDocument(read_quickly(document.text), (), document.text, document.resource)
            for document in documents
        ]
    return Read(tuple(documents))


@define
class _XmlCutter:
    """Cuts an XML list after whole documents; everything else is one piece or one stream.

    A cut inside a comment or a CDATA section leaves both sides malformed, so that it is always seen
    (`Malformed`) and never taken for a document.
    """

    _head: bytes
    chunks: Iterator[bytes]
    _prologue: bytes = field(init=False, default=b"")
    #: What was read and stands in no piece yet.
    _pending: bytes = field(init=False, default=b"")

    def pieces(self) -> Iterator[Batch]:
        """Give the pieces of the source.

        Raises `ConversionError` for what is no v2 document at all.
        """
        from infakt_compat.codecs.v2_xml import read_root
        from infakt_compat.codecs.xml_safe import cut_prologue

        root = read_root(self._head)
        prologue = cut_prologue(self._head) if root.is_list else None
        if prologue is None:
            yield from self._whole(is_list=root.is_list)
            return
        self._prologue = prologue
        self.chunks = chain([self._head[len(prologue) :]], self.chunks)
        yield from self._cut(f"</{root.shape.record}>".encode(), f"</{root.shape.list}>".encode())

    def _whole(self, *, is_list: bool) -> Iterator[Batch]:
        """Give a single document as one piece, and a list that cannot be cut as one stream."""
        self.chunks = chain([self._head], self.chunks)
        if is_list:
            for document in self.stream([]):
                yield Read((document,))
            return
        parts, size = [], 0
        for chunk in self.chunks:
            parts.append(chunk)
            size += len(chunk)
            if size > MOST_BYTES:
                raise Broken(Fault("document.too_large"), b"".join(parts))
        yield Piece(b"", b"".join(parts), b"", 0, is_list=False)

    def _cut(self, record_end: bytes, list_end: bytes) -> Iterator[Batch]:
        """Cut after the last whole document of each chunk."""
        lines = 0
        for chunk in self.chunks:
            self._pending += chunk
            cut = self._pending.rfind(record_end)
            if cut < 0:
                if len(self._pending) > MOST_BYTES:
                    raise Broken(Fault("document.too_large"), self._pending)
                continue
            cut += len(record_end)
            piece, self._pending = self._pending[:cut], self._pending[cut:]
            yield Piece(self._prologue, piece, list_end, lines, is_list=True)
            lines += piece.count(b"\n")
        piece, self._pending = self._pending, b""
        yield Piece(self._prologue, piece, b"", lines, is_list=True)

    def stream(self, pieces: list[Any]) -> Iterator[Document]:
        """Read on from pieces that were not well-formed by themselves to the end of the source."""
        from lxml import etree

        from infakt_compat.codecs.v2_xml import read_root, read_stream
        from infakt_compat.codecs.xml_safe import broken_document, syntax_fault

        if pieces and not pieces[0].is_list:
            raise Broken(broken_document(pieces[0].data), pieces[0].data)
        lines_before = pieces[0].lines_before if pieces else 0
        # What is not read when the source breaks stays in `chunks`.
        self.chunks = chain([piece.data for piece in pieces], [self._pending], self.chunks)
        tail = _Tail(chain([self._prologue], self.chunks))
        root = read_root(self._prologue or self._head)
        try:
            for document in read_stream(tail, root):
                tail.document_read(f"</{root.shape.record}>".encode())
                yield document
        except etree.XMLSyntaxError as error:
            fault = syntax_fault(error, lines_before)
            code = "source.broken" if fault.code == "document.malformed" else fault.code
            raise Broken(Fault(code, "", fault.detail), tail.rest()) from None
        except ConversionError as error:
            raise Broken(error.faults[0], tail.rest()) from None


@define
class _Tail:
    """The chunks of a stream, of which it remembers what came after the last whole document."""

    _chunks: Iterator[bytes]
    _kept: bytes = b""

    def __iter__(self) -> Iterator[bytes]:
        """Give the chunks."""
        for chunk in self._chunks:
            self._kept += chunk
            yield chunk

    def document_read(self, end: bytes) -> None:
        """Forget the text up to the end of a document that was read."""
        cut = self._kept.find(end)
        if cut >= 0:
            self._kept = self._kept[cut + len(end) :]

    def rest(self) -> bytes:
        """Give what came after the last whole document."""
        return self._kept
