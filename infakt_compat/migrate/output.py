"""Where converted documents go: a file written beside and renamed when whole, or standard output.

A list whose head counts its records is spooled to a temporary file first, so that memory does not grow.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import orjson
from attrs import define, field

from infakt_compat.codecs.v2_write import list_end, list_start

_SEPARATORS = {"jsonl": b"", "xml": b"", "json": b",\n"}


def _v3_start(total: int) -> bytes:
    """Write the head of v3's list envelope (v3-wire 3.3)."""
    metainfo = {"count": total, "total_count": total, "next": None, "previous": None}
    return b'{"metainfo":' + orjson.dumps(metainfo) + b',"entities":[\n'


@define
class Output:
    """The output of one run: `to` is `v3` or `v2`, `form` is `jsonl`, `json` or `xml`."""

    path: Path | None
    to: str
    form: str
    _file: BinaryIO = field(init=False)
    _body: BinaryIO = field(init=False)
    _count: int = 0

    def __attrs_post_init__(self) -> None:
        """Open the output; raises `OSError` when it cannot be written."""
        self._file = sys.stdout.buffer if self.path is None else self._beside().open("wb")
        self._body = self._file if self.form == "jsonl" else tempfile.TemporaryFile()  # noqa: SIM115

    def _beside(self) -> Path:
        """Give the file that is written; what is no plain file (a pipe, /dev/null) is written itself."""
        assert self.path is not None
        if self.path.exists() and not self.path.is_file():
            return self.path
        return self.path.with_name(self.path.name + ".partial")

    def write(self, records: list[bytes]) -> None:
        """Write converted documents."""
        if not records:
            return
        if self.form == "jsonl":
            self._body.write(b"\n".join(records) + b"\n")
        else:
            separator = _SEPARATORS[self.form]
            self._body.write((separator if self._count else b"") + separator.join(records))
        self._count += len(records)

    def finish(self, resource: str, *, whole: bool) -> Path | None:
        """End the output and put it in place; not whole, it stays beside as OUT.partial.

        Gives the file that holds the result, None for standard output. Raises `OSError`.
        """
        if self.form != "jsonl":
            self._write_list(resource)
        self._file.flush()
        if self.path is None:
            return None
        beside = self._beside()
        if beside == self.path:
            self._file.close()
            return self.path
        os.fsync(self._file.fileno())
        self._file.close()
        if not whole:
            return beside
        beside.replace(self.path)
        return self.path

    def discard(self) -> None:
        """Leave no trace."""
        if self.path is not None:
            self._file.close()
            if (beside := self._beside()) != self.path:
                beside.unlink(missing_ok=True)

    def _write_list(self, resource: str) -> None:
        """Write the head with the count, the spooled records, and the end."""
        start: Callable[[], bytes] = lambda: list_start(self.form, resource, self._count)  # noqa: E731
        self._file.write(_v3_start(self._count) if self.to == "v3" else start())
        self._body.seek(0)
        shutil.copyfileobj(self._body, self._file)
        self._body.close()
        self._file.write(b"\n]}\n" if self.to == "v3" else list_end(self.form, resource))
