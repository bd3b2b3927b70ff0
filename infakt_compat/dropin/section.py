"""Strict reading of a TOML file, key by key: what is wrong is collected, each with its place."""

import difflib
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, field, frozen

from infakt_compat.dropin.secret import (
    Secret,
    SecretUnusable,
    check_mode,
    from_environment,
    from_file,
)
from infakt_compat.errors import InfaktCompatError

T = TypeVar("T")
W = TypeVar("W", bound=str)

_KINDS: Mapping[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


@frozen
class Problem:
    """One thing that is wrong, at a key (`accounts.shop.dialect`) or, without one, in the file."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" if self.place else self.text


class ConfigError(InfaktCompatError):
    """The configuration cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, path: Path, problems: tuple[Problem, ...]) -> None:
        """Name the file in the message; no secret stands in a problem."""
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))
        self.path = path
        self.problems = problems


@define
class Source:
    """The file that is read: where, and what was found wrong or read beside it."""

    path: Path
    status: os.stat_result
    problems: list[Problem] = field(factory=list)
    #: Secrets stand in the file itself, so that only its owner may read it.
    secret: bool = False
    #: The files of secrets that were read.
    files: list[Path] = field(factory=list)

    def beside(self, name: str) -> Path:
        """Give a path; a relative one counts from the folder of the file."""
        return self.path.parent / Path(name).expanduser()

    def end(self) -> None:
        """Raise `ConfigError` if anything was wrong, or if others can read the secrets here."""
        if self.secret:
            try:
                check_mode(self.path, self.status)
            except SecretUnusable as error:
                self.problems.append(Problem("", f"holds secrets, but {error}"))
        if self.problems:
            raise ConfigError(self.path, tuple(self.problems))


@define
class Section:
    """One table of the file: what is asked for is ticked off, and `end` refuses the rest.

    Every reader gives the default, and notes the problem, for a value that cannot be meant.
    """

    source: Source
    place: str
    _data: Mapping[str, Any] = field(repr=False)
    _asked: set[str] = field(factory=set)

    def wrong(self, key: str, text: str) -> None:
        """Note a problem of a key."""
        self.source.problems.append(Problem(".".join(filter(None, (self.place, key))), text))

    def has(self, key: str) -> bool:
        """Say whether the table has a key."""
        return key in self._data

    def text(self, key: str, default: str = "") -> str:
        """Give a text that is not empty."""
        found = self._typed(key, str, default)
        if self._data.get(key) == "":
            self.wrong(key, "is empty")
        return found

    def word(self, key: str, words: tuple[W, ...]) -> W:
        """Give one of some words; the first is the default."""
        found = self._typed(key, str, words[0])
        for word in words:
            if word == found:
                return word
        self.wrong(key, f"is one of {', '.join(words)}, not {found!r}")
        return words[0]

    def truth(self, key: str, default: bool) -> bool:
        """Give true or false."""
        return self._typed(key, bool, default)

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        """Give a whole number between two others."""
        found = self._typed(key, int, default)
        if not least <= found <= most:
            self.wrong(key, f"is between {least} and {most}, not {found}")
            return default
        return found

    def texts(
        self, key: str, read: Callable[[str], T], default: tuple[T, ...] = ()
    ) -> tuple[T, ...]:
        """Give a list of texts, each read by a function that raises `ValueError`."""
        if not self.has(key):
            return default
        return tuple(
            one for item in self._typed(key, list, []) for one in self._read(key, item, read)
        )

    def checked(self, key: str, default: str, read: Callable[[str], T]) -> T:
        """Give a text read by a function that raises `ValueError`; the default has to be good."""
        found = self.text(key, default)
        return next(self._read(key, found, read), None) or read(default)

    def secret(self, key: str, *, inline: bool = True) -> Secret:
        """Give a secret: KEY_env names a variable, KEY_file a file, KEY (if inline) is the text."""
        names = [name for name in (key, f"{key}_env", f"{key}_file") if name in self._data]
        if len(names) > 1:
            self.wrong(key, f"stands here more than once: {', '.join(names)}; take one")
        ways: dict[str, Callable[[str], Secret]]
        ways = {key: self._inline if inline else self._refused}
        ways |= {f"{key}_env": from_environment, f"{key}_file": self._file}
        found = Secret()
        for name in names:
            text = self.text(name)
            try:
                found = ways[name](text) if text else found
            except SecretUnusable as error:
                self.wrong(name, str(error))
        return found

    def section(self, key: str) -> "Section":
        """Give a table of this table; an empty one if there is none."""
        found = self._typed(key, dict, {})
        return Section(self.source, self._path(key), found)

    def sections(self, key: str) -> Iterator[tuple[str, "Section"]]:
        """Give the tables of a table of tables, with their names."""
        tables = self.section(key)
        for name in tables._data:
            yield name, tables.section(name)

    def rows(self, key: str) -> Iterator["Section"]:
        """Give the tables of a list of tables ([[...]])."""
        for number, row in enumerate(self._typed(key, list, []), 1):
            if isinstance(row, dict):
                yield Section(self.source, f"{self._path(key)}[{number}]", row)
            else:
                self.wrong(key, f"has to be written as [[{self._path(key)}]]")

    def all(self) -> Mapping[str, Any]:
        """Give the whole table as it is, for a reader of its own."""
        self._asked.update(self._data)
        return self._data

    def end(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self._data.keys() - self._asked:
            near = difflib.get_close_matches(key, self._asked, 1)
            self.wrong(key, f"there is no such key{f'; {near[0]} is meant?' if near else ''}")

    def _path(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def _typed(self, key: str, kind: type[T], default: T) -> T:
        self._asked.add(key)
        found = self._data.get(key, default)
        if type(found) is kind:
            return found
        self.wrong(key, f"has to be {_KINDS[kind]}")  # not quoted: a secret may stand there
        return default

    def _read(self, key: str, item: Any, read: Callable[[str], T]) -> Iterator[T]:
        try:
            if not isinstance(item, str):
                raise ValueError("has to be a list of texts")
            yield read(item)
        except ValueError as error:
            self.wrong(key, str(error))

    def _inline(self, text: str) -> Secret:
        self.source.secret = True
        return Secret(text)

    def _refused(self, text: str) -> Secret:
        del text
        raise SecretUnusable("this key does not stand in the configuration: use _env or _file")

    def _file(self, name: str) -> Secret:
        path = self.source.beside(name)
        found = from_file(path)
        self.source.files.append(path)
        return found


def open_section(path: Path) -> Section:
    """Read a TOML file; raises `ConfigError` for one that cannot be read or is no TOML."""
    path = path.expanduser().absolute()
    try:
        with path.open("rb") as file:
            source = Source(path, os.fstat(file.fileno()))
            data = tomllib.load(file)
    except OSError as error:
        text = f"cannot be read: {error.strerror} (infakt-compat gateway init writes one)"
        raise ConfigError(path, (Problem("", text),)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(path, (Problem("", f"is not TOML: {error}"),)) from None
    return Section(source, "", data)
