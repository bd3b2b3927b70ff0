"""A PostgreSQL server for the tests: the one that is named, a private one, or none and why."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
