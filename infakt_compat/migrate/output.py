"""Where converted documents go: a file written beside and renamed when whole, or standard output.

A list whose head counts its records is spooled to a temporary file first, so that memory does not
grow.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import orjson
from attrs import define, field

from infakt_compat.errors import OutputFailed


@contextmanager
def writing(name: object) -> Iterator[None]:
    """Turn what goes wrong while writing into `OutputFailed`: it is no fault of a source."""
    try:
        yield
    except OSError as error:
        raise OutputFailed(f"{name}: {error.strerror or error}") from error


def try_folder(folder: Path) -> None:
    """Make a folder and try to write into it; raises `OutputFailed`."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _temporary(folder).close()


def try_file(path: Path) -> None:
    """Try whether a file can be written, and leave it as it is; raises `OutputFailed`."""
    with writing(path):
        if path.is_file() or path.is_dir():
            path.open("ab").close()
        elif not path.exists():
            _temporary(path.parent).close()


_SEPARATORS = {"jsonl": b"", "xml": b"", "json": b",\n"}


def _is_stream(path: Path) -> bool:
    """Say whether a path stands for an open stream, whatever file may be behind it.

    Below /dev that is what stands there itself (/dev/stdout), and no file in /dev/shm.
    """
    at_hand = path.parent == Path("/dev") or path.is_relative_to("/dev/fd")
    return at_hand or path.is_relative_to("/proc")


def _temporary(folder: Path | None = None) -> BinaryIO:
    """Make a file that vanishes by itself, in a folder or where such files are made."""
    from tempfile import TemporaryFile  # late: most conversions need none

    return TemporaryFile(dir=folder)


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
        """Open the output; raises `OutputFailed` when it cannot be written."""
        if self.path is not None and self.path.is_symlink():
            self.path = self.path if _is_stream(self.path) else self.path.resolve()
        with writing(self.path or "stdout"):
            if self.path is None and sys.stdout is None:
                raise OSError("it is closed")
            self._file = sys.stdout.buffer if self.path is None else self._beside().open("wb")
            spooled = self.form != "jsonl"
            self._body = _temporary() if spooled else self._file

    def _beside(self) -> Path:
        """Give the file that is written.

        What is no plain file (a pipe, /dev/null) is written itself.
        """
        assert self.path is not None
        if _is_stream(self.path) or (self.path.exists() and not self.path.is_file()):
            return self.path
        return self.path.with_name(self.path.name + ".partial")

    def write(self, records: list[bytes]) -> None:
        """Write converted documents; raises `OutputFailed`."""
        if not records:
            return
        with writing(self.path or "stdout"):
            if self.form == "jsonl":
                self._body.write(b"\n".join(records) + b"\n")
            else:
                separator = _SEPARATORS[self.form]
                self._body.write((separator if self._count else b"") + separator.join(records))
        self._count += len(records)

    def finish(self, resource: str, *, whole: bool) -> Path | None:
        """End the output and put it in place; not whole, it stays beside as OUT.partial.

        Gives the file that holds the result, None for standard output. Raises `OutputFailed`.
        """
        with writing(self.path or "stdout"):
            if self.form != "jsonl":
                self._write_list(resource)
            self._file.flush()
            return None if self.path is None else self._put_in_place(self.path, whole=whole)

    def _put_in_place(self, path: Path, *, whole: bool) -> Path:
        """Close the file and rename it when it is whole.

        What is on the disk is whole before its name.
        """
        beside = self._beside()
        if beside != path:
            os.fsync(self._file.fileno())
        self._file.close()
        return beside.replace(path) if whole and beside != path else beside

    def discard(self) -> None:
        """Leave no trace."""
        if self.path is not None:
            with suppress(OSError):  # what could not be written need not be written now
                self._file.close()
            if (beside := self._beside()) != self.path:
                beside.unlink(missing_ok=True)

    def _write_list(self, resource: str) -> None:
        """Write the head with the count, the spooled records, and the end."""
        from infakt_compat.codecs.v2_write import list_end, list_start  # late: it loads lxml

        v3 = self.to == "v3"
        start = _v3_start(self._count) if v3 else list_start(self.form, resource, self._count)
        self._file.write(start)
        self._body.seek(0)
        shutil.copyfileobj(self._body, self._file)
        self._body.close()
        self._file.write(b"\n]}\n" if v3 else list_end(self.form, resource))
