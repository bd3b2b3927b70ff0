"""`mappings/user_data.toml`: the fields of settings/user_data, checked when they are loaded."""

from functools import cache
from importlib.resources.abc import Traversable

from attrs import frozen

from infakt_compat.tables.files import data_folder
from infakt_compat.tables.source import Source, built

FILE = "user_data.toml"


@frozen
class UserField:
    """One field: v2's name, and the group and field of v3's account details."""

    v2: str
    v3: tuple[str, str]
    why: str
    line: int


@cache
def user_fields() -> tuple[UserField, ...]:
    """Give the project's own table, loaded once a process."""
    return load_user_fields(data_folder("mappings"))


def load_user_fields(folder: Traversable) -> tuple[UserField, ...]:
    """Load the table of a folder; raises `TableError` for an unknown key or a name twice."""
    source = Source(folder, FILE)
    if source.data.keys() != {"field"}:
        raise source.error(0, "the table has fields, and nothing else")
    found: dict[str, UserField] = {}
    for index, entry in enumerate(source.data["field"]):
        line = source.line("field", index)
        one: UserField = built(source, line, UserField, entry)
        if len(one.v3) != 2 or not one.why:
            raise source.error(line, "v3 names a group and a field in it, and a why the reason")
        if one.v2 in found:
            raise source.error(line, f"{one.v2} comes twice")
        found[one.v2] = one
    return tuple(found.values())
