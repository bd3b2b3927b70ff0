"""The counts of `limits` in a database, so that several processes share them exactly.

Works on any engine of the store, SQLite or PostgreSQL. The first statement of a transaction writes the
key's row: SQLite then holds its write lock, PostgreSQL the row's, and the reads that follow see all
that was committed before. Times are the database's on PostgreSQL (several machines), else the machine's.
"""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError

from infakt_compat.v3.limits import Window

_TABLES = (
    """CREATE TABLE IF NOT EXISTS v3_limit_keys (
        name VARCHAR(300) PRIMARY KEY, blocked_until DOUBLE PRECISION NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS v3_limit_slots (
        name VARCHAR(300) NOT NULL, at DOUBLE PRECISION NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS v3_limit_slots_by_time ON v3_limit_slots (name, at)",
)
_LOCK = text(
    """INSERT INTO v3_limit_keys (name, blocked_until) VALUES (:name, 0)
    ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING blocked_until"""
)
_NOW = text("SELECT extract(epoch FROM clock_timestamp())::double precision")
_FUTURE = text("UPDATE v3_limit_slots SET at = :now WHERE name = :name AND at > :now")
_OLD = text("DELETE FROM v3_limit_slots WHERE name = :name AND at <= :oldest")
_LIMITING = text(
    """SELECT at FROM v3_limit_slots WHERE name = :name AND at > :since
    ORDER BY at DESC LIMIT 1 OFFSET :others"""
)
_TAKE = text("INSERT INTO v3_limit_slots (name, at) VALUES (:name, :now)")
_BLOCK = text("UPDATE v3_limit_keys SET blocked_until = :until WHERE name = :name")


class SqlWindows:
    """A `WindowStore` over the store's engine."""

    def __init__(self, engine: Engine, clock: Callable[[], float] | None = None) -> None:
        """Create the tables where they are missing; `clock` is for tests."""
        postgres = engine.dialect.name == "postgresql"
        # A snapshot of the whole transaction would hide what another process has just counted.
        self._engine = (
            engine.execution_options(isolation_level="READ COMMITTED") if postgres else engine
        )
        self._clock = clock if clock is not None or postgres else time.time
        self._create()

    def _create(self) -> None:
        try:
            self._run_ddl()
        except DatabaseError:
            # Two processes began at once and PostgreSQL let the other one win; now they are there.
            self._run_ddl()

    def _run_ddl(self) -> None:
        with self._engine.begin() as connection:
            for statement in _TABLES:
                connection.execute(text(statement))

    def _lock(self, connection: Connection, key: str) -> tuple[float, float]:
        """Hold the key's row; give the time now and until when the key is blocked."""
        blocked: float = connection.execute(_LOCK, {"name": key}).scalar_one()
        if self._clock is not None:
            return self._clock(), blocked
        return float(connection.execute(_NOW).scalar_one()), blocked

    def take(self, key: str, windows: Sequence[Window]) -> float:
        """Take a slot in every window and give 0, or take none and give the seconds to wait."""
        with self._engine.begin() as connection:
            now, blocked = self._lock(connection, key)
            # A clock that was set back must not lock us out until it has caught up.
            connection.execute(_FUTURE, {"name": key, "now": now})
            wait = max(_wait(connection, key, window, now) for window in windows)
            wait = max(wait, blocked - now)
            if wait > 0:
                return wait
            connection.execute(_TAKE, {"name": key, "now": now})
            oldest = now - max(window.seconds for window in windows)
            connection.execute(_OLD, {"name": key, "oldest": oldest})
            return 0.0

    def block(self, key: str, seconds: float) -> None:
        """Let nobody through for so many seconds; a longer block stays."""
        with self._engine.begin() as connection:
            now, blocked = self._lock(connection, key)
            if now + seconds > blocked:
                connection.execute(_BLOCK, {"name": key, "until": now + seconds})


def _wait(connection: Connection, key: str, window: Window, now: float) -> float:
    """How long until the oldest of the last `room` requests has left the window."""
    known = {"name": key, "since": now - window.seconds, "others": window.room - 1}
    limiting: float | None = connection.execute(_LIMITING, known).scalar()
    return 0.0 if limiting is None else limiting + window.seconds - now
