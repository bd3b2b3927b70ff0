"""A PostgreSQL server for all tests: the one that is named, a private one, or none and why.

A pytest plugin, so that one server serves the whole run.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

VARIABLE = "INFAKT_COMPAT_TEST_POSTGRES"
_SETTINGS = "-c listen_addresses='' -c fsync=off -c max_connections=100 -k "


class NoServer(Exception):
    """There is no PostgreSQL here; the message says why."""


@contextmanager
def server() -> Iterator[str]:
    """Give the URL of a server on which databases can be made; ours ends with the context."""
    named = os.environ.get(VARIABLE)
    if named:
        yield named
        return
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise NoServer(f"no PostgreSQL: neither {VARIABLE} nor /usr/lib/postgresql/*/bin/initdb")
    # Below /tmp, whatever TMPDIR is: a socket's path has at most 107 characters.
    with (
        tempfile.TemporaryDirectory(prefix="infakt-pg-", dir="/tmp") as folder,
        _running(found[-1].parent, Path(folder)),
    ):
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"


@contextmanager
def _running(binaries: Path, folder: Path) -> Iterator[None]:
    who = _owner()
    if who is not None:
        shutil.chown(folder, who)
    data, log = folder / "data", folder / "log"

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [binaries / program, "-D", data, *arguments],
            user=who, cwd=folder, check=True, timeout=60,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    call("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
    call("pg_ctl", "-w", "-l", str(log), "-o", f"{_SETTINGS}{folder}", "start")
    try:
        yield
    finally:
        call("pg_ctl", "-w", "-m", "immediate", "stop")


def _owner() -> str | None:
    """Name the user to run as: PostgreSQL refuses root."""
    if os.getuid() != 0:
        return None
    users = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in users:
            return name
    raise NoServer("PostgreSQL refuses root, and there is no user postgres or nobody")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give a PostgreSQL server's URL, or skip with the reason."""
    with ExitStack() as stack:
        try:
            pytest.importorskip("psycopg", reason="no psycopg: infakt-compat[postgres]")
            url = stack.enter_context(server())
        except NoServer as reason:
            pytest.skip(str(reason))
        yield url


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> Iterator[str]:
    """Make a database of this test run's own, gone afterwards."""
    name = f"infakt_test_{os.getpid()}"
    admin = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgres).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgres_url(postgres_database: str) -> Iterator[str]:
    """Give an empty PostgreSQL database."""
    yield postgres_database
    admin = create_engine(postgres_database, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ))  # fmt: skip
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    admin.dispose()
