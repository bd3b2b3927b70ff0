"""What was refused, kept so that it can be mended and converted again, and why.

A folder with a list file per source in the source's format, `NAME.broken` with the raw bytes of
what is not well-formed, and `reasons.jsonl` with one line a reason.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

import orjson
from attrs import define, field

from infakt_compat.errors import Fault, InfaktCompatError
from infakt_compat.migrate.batches import Reject
from infakt_compat.migrate.output import writing
from infakt_compat.migrate.source import REASONS, Source
from infakt_compat.tables.load import tables

_UNREADABLE = frozenset({"document.malformed"})


class FolderNotEmpty(InfaktCompatError):
    """The folder for rejects holds files already; nothing is overwritten."""


@define
class _Form:
    """How a file of rejects begins, goes on and ends."""

    suffix: str
    start: bytes
    between: bytes
    end: bytes


_XML_START = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_FORMS = {
    "xml": _Form(".xml", _XML_START + b"<%b>\n", b"\n", b"\n</%b>\n"),
    "json": _Form(".json", b'{"%b":[\n', b",\n", b"\n]}\n"),
    "lines": _Form(".jsonl", b"", b"\n", b"\n"),
}


@define
class Rejects:
    """The folder of rejects of one run. `sentence` gives the words of a code."""

    folder: Path
    sentence: Callable[[str], str]
    _files: dict[tuple[str, str], tuple[BinaryIO, bytes]] = field(factory=dict)
    _broken: dict[str, Path] = field(factory=dict)
    _reasons: BinaryIO | None = None

    def __attrs_post_init__(self) -> None:
        """Make the folder; raises `FolderNotEmpty`, and `OutputFailed`."""
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        if any(self.folder.iterdir()):
            raise FolderNotEmpty(f"{self.folder} holds files already; name an empty folder")

    def add(self, source: Source, form: str, position: int, reject: Reject) -> None:
        """Keep a refused document and its reasons; `position` is that of its batch, from 1."""
        with writing(self.folder):
            self._add(source, form, position, reject)

    def add_source(
        self, source: Source, position: int, fault: Fault, rest: Iterable[bytes] | None
    ) -> None:
        """Keep what a broken source still holds.

        `position` is that of the first document not read.
        """
        with writing(self.folder):
            self._write_reasons(source.name, position, [fault])
            if rest is not None:
                self._write_broken(source, rest)

    def _add(self, source: Source, form: str, position: int, reject: Reject) -> None:
        """Write a refused document to the list file of its source, or as it is."""
        self._write_reasons(source.name, position + reject.index, reject.faults)
        if _UNREADABLE & {fault.code for fault in reject.faults}:
            self._write_broken(source, [reject.raw + b"\n"])
            return
        file, between = self._list_file(source, form, reject)
        file.write(between + reject.raw.strip())

    def _write_reasons(self, source: str, position: int, faults: Iterable[Fault]) -> None:
        """Write the reasons of one document."""
        if self._reasons is None:
            self._reasons = (self.folder / REASONS).open("wb")
        for fault in faults:
            words = self.sentence(fault.code)
            line = {
                "source": source,
                "position": position,
                "path": fault.path,
                "code": fault.code,
                "message": f"{words} ({fault.detail})" if fault.detail else words,
            }
            self._reasons.write(orjson.dumps(line) + b"\n")

    def _write_broken(self, source: Source, rest: Iterable[bytes]) -> None:
        """Keep the raw bytes of what is not well-formed."""
        path = self._broken.get(source.name)
        if path is None:
            suffix = Path(source.label).suffix
            path = self._broken[source.name] = self._new(source, f"{suffix}.broken")
        with path.open("ab") as file:
            file.writelines(rest)

    def close(self) -> None:
        """End the files; raises `OutputFailed`."""
        with writing(self.folder):
            for file, end in self._files.values():
                file.write(end)
                file.close()
            if self._reasons is not None:
                self._reasons.close()

    def _list_file(self, source: Source, form: str, reject: Reject) -> tuple[BinaryIO, bytes]:
        """Give the list file of a source and resource, and what stands before its next record."""
        key = (source.name, reject.resource)
        shape = _FORMS[form]
        if (known := self._files.get(key)) is not None:
            return known[0], shape.between
        name = tables().resources[reject.resource].v2.list.encode()
        start, end = (part % name if b"%b" in part else part for part in (shape.start, shape.end))
        file = self._new(source, shape.suffix).open("wb")
        self._files[key] = (file, end)
        return file, start

    def _new(self, source: Source, suffix: str) -> Path:
        """Give a file for a source, different from every other."""
        label = Path(source.label or source.name)
        stem = "_".join(
            part for part in (*label.parent.parts, label.stem) if part not in ("/", "..")
        )
        path, number = self.folder / f"{stem}{suffix}", 1
        while path.exists():
            number += 1
            path = self.folder / f"{stem}_{number}{suffix}"
        return path
