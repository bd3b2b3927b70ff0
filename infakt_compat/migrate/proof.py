"""The proof of the round trip.

Every document of a file, to v3's JSON and back, compared with its normal form.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field

from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.migrate.source import open_reader
from infakt_compat.notices import Notice
from infakt_compat.translate import canonical, to_v2, to_v3
from infakt_compat.translate.documents import RESIDUE_KEY, open_v2


@define
class Trip:
    """One document: as it was, in v3's form, and as it came back."""

    original: Any
    line: dict[str, Any]
    back: dict[str, Any]
    wanted: dict[str, Any]
    notices: tuple[Notice, ...] = field(factory=tuple)

    @property
    def equal(self) -> bool:
        """Say whether the original came back."""
        return self.back == self.wanted


def trips(path: Path) -> Iterator[Trip]:
    """Take every document of a file to v3's JSON text and back."""
    with path.open("rb") as file:
        for batch in open_reader(file, elsewhere=False, count=lambda _: None).batches:
            for document in batch.documents():
                resource, body = open_v2(document.exact_tree(), document.resource)
                conversion = to_v3(body, resource)
                line = {resource: conversion.record}
                if conversion.residue:
                    line[RESIDUE_KEY] = conversion.residue
                back = to_v2(loads(dumps(line).decode())).record
                wanted = canonical(body, resource)
                yield Trip(document.exact_tree(), line, back, wanted, conversion.notices)
