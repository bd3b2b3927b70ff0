"""The plain tree that every codec gives and takes, and what plain types cannot say.

A tree is dicts, lists, text, int, bool and None. XML gives text for every field; JSON gives int,
and `NumberText` for a number with a fraction.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from infakt_compat.errors import Fault

Tree = Mapping[str, Any]

#: The largest document that is read, in bytes or characters.
MOST_BYTES = 64 * 1024 * 1024


class Twice(dict[str, Any]):
    """A record in which fields came twice: the last value counts, `names` says which."""

    def __init__(self, pairs: Iterable[tuple[str, Any]], names: Iterable[str]) -> None:
        """Build the record and remember the names that came more than once."""
        super().__init__(pairs)
        self.names = dict.fromkeys(names)


@frozen
class Markup:
    """An XML element with child elements, where a tree has a plain value: its own text."""

    xml: str


def record_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a record from its fields in order; a `Twice` when a name comes more than once."""
    record = dict(pairs)
    if len(record) == len(pairs):
        return record
    counts = Counter(name for name, _ in pairs)
    return Twice(pairs, (name for name, count in counts.items() if count > 1))


class Broken(Exception):
    """A source is not well-formed from here on.

    `rest` is what was read from the broken document on.
    """

    def __init__(self, fault: Fault, rest: bytes) -> None:
        """Keep the fault, with line and column, and the bytes."""
        super().__init__(str(fault))
        self.fault = fault
        self.rest = rest
