"""Rows of the journal's tables as values, and values as the text that a column holds."""

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import Row

from infakt_compat.codecs.json_text import loads
from infakt_compat.errors import Fault
from infakt_compat.migrate.journal.entries import Buyer, Entry, SourceRow, State
from infakt_compat.migrate.journal.schema import entries, sources

#: What an entry is read from: everything but body and raw text, which are large.
ENTRY_COLUMNS = (
    *(c for c in entries.c if c.name not in ("source", "body", "raw")),
    sources.c.name.label("source_name"),
)


def entry(row: Row[Any]) -> Entry:
    """Make an entry of a row of `ENTRY_COLUMNS`."""
    return entry_of(row._asdict())


def entry_of(values: dict[str, Any]) -> Entry:
    """Make an entry of the values of `ENTRY_COLUMNS`."""
    source, reasons = values.pop("source_name"), values.pop("reasons")
    values["state"] = State(values["state"])
    for name in ("already", "saved", "ready"):
        values[name] = bool(values[name])
    return Entry(source=source, faults=read_faults(reasons), **values)


def buyer(row: Row[Any]) -> Buyer:
    """Make a buyer of a row."""
    values = row._asdict()
    del values["day"]
    values["faults"], values["body"] = read_faults(values.pop("reasons")), loads(values["body"])
    values["state"], values["already"] = State(values["state"]), bool(values["already"])
    return Buyer(**values)


def source(row: Row[Any]) -> SourceRow:
    """Make a source of a row."""
    values = row._asdict()
    values["faults"] = read_faults(values["faults"])
    return SourceRow(**values)


def write_faults(faults: Iterable[Fault]) -> str:
    """Write reasons as a column holds them; none are an empty text."""
    listed = [[_plain(part) for part in (one.code, one.path, one.detail)] for one in faults]
    return orjson.dumps(listed).decode() if listed else ""


def read_faults(text: str) -> tuple[Fault, ...]:
    """Read reasons."""
    return tuple(Fault(*parts) for parts in orjson.loads(text)) if text else ()


def _plain(text: str) -> str:
    """Take out what PostgreSQL keeps in no text (NUL) and no UTF-8 can hold."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
