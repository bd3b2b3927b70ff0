"""State by name, of an account: how far the index of ids is, when the last scan was."""

from collections.abc import Callable
from typing import Any

from infakt_compat.store import checks
from infakt_compat.store.database import Change, Database
from infakt_compat.store.records import Key, Records
from infakt_compat.store.schema import values
from infakt_compat.store.times import Moment, Times


class Values:
    """JSON values by account and name; None and an empty record are the same as no value."""

    def __init__(self, database: Database, times: Times) -> None:
        """Work in a database, by a clock."""
        self._records = Records(database, values)
        self._times = times

    def get(self, account: str, name: str) -> Any:
        """Give a value, or None."""
        return self._records.get(_key(account, name))

    def put(self, account: str, name: str, value: Any, now: Moment | None = None) -> None:
        """Keep a value in place of the one before."""
        self._records.put(_key(account, name), value, self._times.now(now))

    def update(
        self,
        account: str,
        name: str,
        change: Callable[[Any], Any],
        now: Moment | None = None,
        *,
        brisk: bool = False,
    ) -> Any:
        """Change a value by a pure function, that may run more than once; gives the new one.

        `brisk` does not wait for the disk: for what may be lost in a power cut.
        """
        return self._records.update(_key(account, name), change, self._times.now(now), brisk)

    def changing(
        self, account: str, name: str, change: Callable[[Any], Any], now: Moment | None = None
    ) -> Change:
        """Give what changes a value, for a transaction that writes more than that."""
        return self._records.changing(_key(account, name), change, self._times.now(now))


def _key(account: str, name: str) -> Key:
    return {"account": checks.name(account, "an account"), "name": checks.name(name, "a name")}
