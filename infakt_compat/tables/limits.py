"""`mappings/limits.toml`: how much a field may hold in v3 and in KSeF, checked when loaded."""

from functools import cache
from importlib.resources.abc import Traversable

from attrs import frozen

from infakt_compat.tables.files import data_folder
from infakt_compat.tables.load import tables
from infakt_compat.tables.source import Source, built

FILE = "limits.toml"


@frozen
class Limit:
    """The most characters of some v3 fields together, in v3 and in their element of FA(3)."""

    resource: str
    fields: tuple[str, ...]
    element: str
    ksef: int
    why: str
    line: int
    v3: int | None = None


@frozen
class Fa3:
    """What else the schema FA(3) bounds; days are ISO dates."""

    first_day: str
    last_day: str
    most_lines: int
    quantity_decimals: int
    vat_number: int
    other_id: int


@frozen
class Limits:
    """The whole table."""

    fields: tuple[Limit, ...]
    fa3: Fa3


@cache
def limits() -> Limits:
    """Give the project's own table, loaded once a process."""
    return load_limits(data_folder("mappings"))


def load_limits(folder: Traversable) -> Limits:
    """Load the table of a folder.

    Raises `TableError` for an unknown key, a field that v3 does not have, or one that comes twice.
    """
    source = Source(folder, FILE)
    if source.data.keys() != {"limit", "fa3"}:
        raise source.error(0, "the table has limits and fa3, and nothing else")
    known = {one.name: set(one.v3.fields) for one in tables().known_resources()}
    found: list[Limit] = []
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(source.data["limit"]):
        line = source.line("limit", index)
        one: Limit = built(source, line, Limit, entry)
        for name in one.fields:
            if name not in known.get(one.resource, ()):
                raise source.error(line, f"v3's {one.resource} has no field {name}")
            if (one.resource, name) in seen:
                raise source.error(line, f"{name} comes twice")
            seen.add((one.resource, name))
        found.append(one)
    return Limits(tuple(found), built(source, source.line("fa3"), Fa3, source.data["fa3"]))
