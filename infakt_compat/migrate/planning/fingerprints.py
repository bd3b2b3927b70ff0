"""Sources as they were when they were planned, and whether they still are so.

Size and time stamp are compared first, so that going on with a large import costs nothing; where
only the time stamp is another, the bytes decide.
"""

import hashlib
from pathlib import Path

from infakt_compat.errors import InfaktCompatError
from infakt_compat.migrate.journal import SourceRow
from infakt_compat.migrate.source import Source, printable

_CHUNK = 1024 * 1024
#: The digest of a source that cannot be read again.
STREAM = "stream"


class SourceChanged(InfaktCompatError):
    """A source is not the one that was planned; the message names it and the remedy."""


def name_of(source: Source) -> str:
    """Name a source for a journal: its absolute path, wherever the next run is started."""
    return "stdin" if source.path is None else printable(str(source.path.absolute()))


def stamp(source: Source) -> tuple[int, int]:
    """Give a source's size in bytes and time stamp in nanoseconds; zeros where it has none."""
    if source.path is None:
        return 0, 0
    try:
        found = source.path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def digest(path: Path) -> str:
    """Give SHA-256 of a file's bytes; an empty text where it cannot be read."""
    whole = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                whole.update(chunk)
    except OSError:
        return ""
    return whole.hexdigest()


def unchanged(source: Source, row: SourceRow | None) -> bool:
    """Say whether a source is planned whole and still the same.

    Raises `SourceChanged` when it is planned and another file now.
    """
    if source.path is None or row is None or not row.digest:
        return False
    size, changed = stamp(source)
    if (size, changed) == (row.size, row.changed):
        return True
    if size != row.size or digest(source.path) != row.digest:
        raise SourceChanged(
            f"{source.name} is not the file that this journal was planned from. Put that file "
            "back, or give the new one a journal of its own."
        )
    return True
