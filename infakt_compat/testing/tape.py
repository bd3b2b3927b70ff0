"""How a document is read from bytes: each small choice is a byte of a tape.

Each example costs a handful of draws, whatever its size: all small choices of a record are read
from one string of bytes, where zero always stands for the plainest choice. So examples are quick to
make and shrink towards an ordinary document.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

HEAD = 180
"""How many bytes a record has, without its lines."""

ROW = 90
"""How many bytes a service line has."""

SPELLING = 256
"""How many bytes the spelling of a record has."""

CHANGE = 80
"""How many bytes a change to a record has."""

# Any text; surrogates are no characters. XML holds no control characters, and reads a carriage
# return as a line feed.
_FREE_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=24)
_FREE_XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=24
)


class Tape:
    """Reads small choices from bytes; beyond the end every choice is the first one."""

    __slots__ = ("_at", "_data", "_texts")

    def __init__(self, data: bytes, texts: Sequence[str] = ()) -> None:
        """Begin at the first byte; ``texts`` are used up from the last to the first."""
        self._data = data
        self._at = 0
        self._texts = list(texts)

    def byte(self) -> int:
        """Give the next byte, 0 to 255."""
        at = self._at
        self._at = at + 1
        return self._data[at] if at < len(self._data) else 0

    def number(self, size: int) -> int:
        """Give an integer of ``size`` bytes."""
        at = self._at
        self._at = at + size
        return int.from_bytes(self._data[at : at + size], "big")

    def pick(self, pool: Sequence[T]) -> T:
        """Give one of a pool of at most 256."""
        return pool[self.byte() % len(pool)]

    def chance(self, one_in: int) -> bool:
        """Be true once in ``one_in``, and never on the plainest path."""
        return self.byte() % one_in == one_in - 1

    def text(self, pool: Sequence[str]) -> str:
        """Text of the pool, or now and then any text at all."""
        if self.byte() % 8 == 7 and self._texts:
            return self._texts.pop()
        return self.pick(pool)


class Made:
    """A function of what was drawn; a failing example then shows the document, not this call."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[..., Any], *given: Any) -> None:
        """Keep ``make`` and its first arguments; what is drawn becomes the last one."""
        self._make = partial(make, *given)

    def __call__(self, drawn: Any) -> Any:
        """Make the document."""
        return self._make(drawn)

    def __repr__(self) -> str:
        # No name of a function: with one, hypothesis would show the call and the bytes.
        return "<document>"


def octets(size: int) -> SearchStrategy[bytes]:
    """Give strings of exactly ``size`` bytes, for a tape."""
    return st.binary(min_size=size, max_size=size)


def free_texts(*, xml: bool = False) -> SearchStrategy[list[str]]:
    """Give up to three texts of up to 24 characters each; ``xml``: such as XML can hold."""
    return st.lists(_FREE_XML_TEXT if xml else _FREE_TEXT, max_size=3)
