"""PDFs of created documents as files."""

import os
import re
from pathlib import Path

from infakt_compat.migrate.journal import Entry
from infakt_compat.migrate.output import writing

_UNSAFE = re.compile(r"[^\w.-]+")


def name_of(entry: Entry) -> str:
    """Name a document's file: its number as far as file names hold it, and v3's id."""
    number = _UNSAFE.sub("_", entry.v3_number or entry.number or entry.kind).strip("._")
    return f"{number[:100]}_{entry.id}.pdf"


def save(folder: Path, entry: Entry, content: bytes) -> Path:
    """Write a PDF whole or not at all; raises `OutputFailed`."""
    path = folder / name_of(entry)
    with writing(path):
        folder.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".partial")
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    return path
