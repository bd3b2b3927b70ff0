"""XML read without harm: the parser, the root, where a text can be cut, and what an error says.

Nothing is resolved or fetched: a document with a DOCTYPE is refused before anything in it is read
(decisions.md section 2).
"""

import re
from functools import cache
from typing import Any

from lxml import etree

from infakt_compat.errors import ConversionError, Fault

_HEAD_BYTES = 64 * 1024
# Everything before the first child of a list, in any encoding that keeps ASCII.
_PROLOGUE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s++|<\?(?>.*?\?>)|<!--(?>.*?-->))*+<(?P<root>[A-Za-z]++)"
    rb"(?:[^>\"']|\"[^\"]*\"|'[^']*')*+(?<!/)>",
    re.DOTALL,
)
_DECLARED = re.compile(
    rb"(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']"
)
_KEEPS_ASCII = re.compile(
    rb"utf-?8|us-ascii|ascii|iso-?8859-\d+|latin-?\d+|(?:windows|cp)-?125\d", re.IGNORECASE
)
_ENCODING_ERRORS = frozenset(
    {
        etree.ErrorTypes.ERR_INVALID_ENCODING,
        etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
        etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
        etree.ErrorTypes.ERR_INVALID_CHAR,
    }
)


@cache
def safe_parser(*, blanks: bool = True) -> Any:
    """Give the parser, which every call names, that resolves and fetches nothing.

    The size is bounded by what it is given.
    """
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=not blanks,
        collect_ids=False,
    )


class _RootFound(Exception):
    """Stops the parser at the root element."""


class _RootFinder:
    """A parser target that reads as far as the root element and refuses a DOCTYPE unread."""

    def start(self, tag: str, _attributes: object) -> None:
        """Stop: the root is found."""
        raise _RootFound(tag)

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """Refuse the document before its internal subset is read."""
        raise ConversionError([Fault("document.doctype")])

    def close(self) -> None:
        """Give nothing: the end came before a root."""


def read_root_name(head: bytes) -> str:
    """Give the name of the root element; raises `ConversionError` as `read_root` does."""
    parser: Any = etree.XMLParser(
        target=_RootFinder(),  # type: ignore[arg-type]
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    try:
        parser.feed(head[:_HEAD_BYTES])
        parser.close()
    except _RootFound as found:
        return str(found)
    except (etree.XMLSyntaxError, LookupError) as error:
        raise ConversionError([syntax_fault(error)]) from None
    raise ConversionError([Fault("document.malformed", "", "no root element")])


def syntax_fault(error: Exception, lines_before: int = 0) -> Fault:
    """Give the fault of a parser's error, with line and column.

    `lines_before` is added where the parser was not given the source from its beginning.
    """
    message = re.sub(r",? line \d+, column \d+.*", "", str(error))
    line, column = getattr(error, "position", (0, 0))
    detail = f"line {line + lines_before}, column {column}: {message}"
    if getattr(error, "code", None) in _ENCODING_ERRORS or isinstance(error, LookupError):
        return Fault("document.encoding", "", detail)
    if "depth" in message:
        return Fault("document.too_deep", "", detail)
    return Fault("document.malformed", "", detail)


def element_name(text: str) -> str:
    """Give the name of the element that a text is; raises `ValueError` when it is none."""
    try:
        read_root_name(text.encode())
        return str(etree.fromstring(text, safe_parser()).tag)
    except (etree.XMLSyntaxError, ConversionError) as error:
        raise ValueError(str(error)) from None


def broken_document(data: bytes) -> Fault:
    """Say where a single document is not well-formed."""
    try:
        etree.fromstring(data, safe_parser())
    except etree.XMLSyntaxError as error:
        return syntax_fault(error)
    return Fault("document.malformed")


def keeps_ascii(head: bytes) -> bool:
    """Say whether tags can be found in the bytes as they are: in no encoding of wide characters."""
    declared = _DECLARED.match(head)
    known = declared is None or _KEEPS_ASCII.fullmatch(declared[1])
    return bool(known) and b"\x00" not in head[:64]


def cut_prologue(head: bytes) -> bytes | None:
    """Give everything before the first child of a list; None where it cannot be cut off."""
    found = _PROLOGUE.match(head) if keeps_ascii(head) else None
    return found[0] if found else None
