"""Statements that are compiled once: SQLAlchemy takes longer to run one than the database does.

Each is written with SQLAlchemy, for both databases, and compiled at its first use for the one that
is there; from then on its text goes to the driver. What varies is given by name (`bindparam`); the
columns are text and integers, which drivers take and give as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import ClauseElement, Connection, CursorResult

Given = Mapping[str, object]


@frozen
class _Text:
    """A statement as a driver takes it: by position (SQLite) or by name (PostgreSQL)."""

    text: str
    order: tuple[str, ...] | None
    fixed: dict[str, object]

    def values(self, given: Given) -> Any:
        """Put the values as the driver wants them."""
        whole = {**self.fixed, **given}
        return whole if self.order is None else tuple([whole[name] for name in self.order])


class Statement:
    """A statement, or what makes it for a dialect by its name (they differ in ON CONFLICT)."""

    def __init__(self, made: ClauseElement | Callable[[str], ClauseElement]) -> None:
        """Keep it; nothing is compiled yet."""
        self._made = made
        self._texts: dict[str, _Text] = {}

    def __call__(self, connection: Connection, given: Given) -> CursorResult[Any]:
        """Run it."""
        text = self._text(connection)
        return connection.exec_driver_sql(text.text, text.values(given))

    def many(self, connection: Connection, rows: Sequence[Given]) -> None:
        """Run it for each row."""
        text = self._text(connection)
        connection.exec_driver_sql(text.text, [text.values(row) for row in rows])

    def _text(self, connection: Connection) -> _Text:
        name = connection.dialect.name
        found = self._texts.get(name)
        if found is None:
            made = self._made if isinstance(self._made, ClauseElement) else self._made(name)
            compiled: Any = made.compile(dialect=connection.dialect)
            order = compiled.positiontup
            fixed = {key: value for key, value in compiled.params.items() if value is not None}
            found = _Text(str(compiled), None if order is None else tuple(order), fixed)
            self._texts[name] = found
        return found
