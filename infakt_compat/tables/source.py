"""One TOML table: its data, the lines of its entries, and the objects built from them."""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Any

from attrs import fields_dict

from infakt_compat.errors import TableError


class Source:
    """One TOML file: its data, and the line of its n-th table of a name."""

    def __init__(self, folder: Traversable, file: str) -> None:
        """Read it; raises `TableError` for what is no TOML."""
        self.file = file
        text = folder.joinpath(file).read_text(encoding="utf-8")
        try:
            self.data: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise TableError(f"mappings/{file}: {error}") from None
        self._lines: dict[str, list[int]] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if found := re.match(r"\[\[?\s*([^\]]+?)\s*\]", line):
                self._lines.setdefault(found[1].strip('"'), []).append(number)

    def line(self, header: str, index: int = 0) -> int:
        """Give the line of the index-th `[header]` or `[[header]]`.

        0 when it is written otherwise.
        """
        lines = self._lines.get(header, [])
        return lines[index] if index < len(lines) else 0

    def error(self, line: int, message: str) -> TableError:
        """Make the error that names file and line."""
        return TableError(f"mappings/{self.file}:{line}: {message}")


def built(source: Source, line: int, wanted: type[Any], entry: Mapping[str, Any]) -> Any:
    """Build an attrs object from a TOML table, refusing keys that it does not have."""
    known = fields_dict(wanted)
    if unknown := sorted(entry.keys() - known.keys()):
        raise source.error(line, f"unknown key {', '.join(unknown)}")
    values = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    if "line" in known:
        values["line"] = line
    try:
        return wanted(**values)
    except TypeError as error:
        raise source.error(line, str(error)) from None
