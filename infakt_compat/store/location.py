"""Where a store is: a file of the user's by default, any file, or a PostgreSQL URL."""

import os
from pathlib import Path

from platformdirs import user_data_path
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from infakt_compat.store.errors import StoreError

Where = str | os.PathLike[str] | URL | None

FILE_MODE = 0o600
FOLDER_MODE = 0o700
_POSTGRES = "postgresql+psycopg"
_NAMES = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": _POSTGRES,
    "postgresql": _POSTGRES,
    _POSTGRES: _POSTGRES,
}


def default_folder() -> Path:
    """Give the folder of this package's data in the user's own."""
    return user_data_path("infakt-compat", appauthor=False)


def locate(where: Where) -> URL:
    """Give the URL of a store: a path is a SQLite file, nothing the user's own one."""
    if where is None:
        return _file(default_folder() / "store.sqlite3")
    if not isinstance(where, URL):
        text = os.fspath(where)
        if text == ":memory:":
            return URL.create("sqlite")
        if "://" not in text:
            return _file(Path(text))
        where = _parsed(text)
    return _known(where)


def shown(url: URL) -> str:
    """Give a URL for messages, without its password."""
    return url.render_as_string(hide_password=True)


def prepare(url: URL) -> None:
    """Make the file of a SQLite store, or tighten it: only its owner can read it.

    Made before SQLite opens it, so that there is no moment at which others could; SQLite gives the
    files beside it (-wal, -shm) the same mode. A folder that we make is its owner's too, and the
    default folder always is; any other folder is the user's own affair.
    """
    if not url.database or url.get_backend_name() != "sqlite":
        return
    path = Path(url.database)
    try:
        _prepare_folder(path.parent)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), FILE_MODE)
        os.close(handle)
        if path.stat().st_mode & 0o777 != FILE_MODE:
            path.chmod(FILE_MODE)
    except OSError as error:
        raise StoreError(f"the store {path} cannot be opened: {error.strerror}") from error


def _prepare_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        folder.chmod(FOLDER_MODE)
    elif folder == default_folder() and folder.stat().st_mode & 0o777 != FOLDER_MODE:
        folder.chmod(FOLDER_MODE)


def _file(path: Path) -> URL:
    return URL.create("sqlite", database=str(path.expanduser().absolute()))


def _parsed(text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):  # its own message could quote a password
        raise StoreError("the store's URL cannot be read") from None


def _known(url: URL) -> URL:
    driver = _NAMES.get(url.drivername)
    if driver is None:
        raise StoreError(
            f"a store is SQLite or PostgreSQL ({_POSTGRES}://...), not {url.drivername}"
        )
    if driver == _POSTGRES:
        return url.set(drivername=driver)
    if url.query:
        raise StoreError("a SQLite store's URL takes no parameters")
    if url.database in (None, "", ":memory:"):
        return URL.create("sqlite")
    return _file(Path(str(url.database)))
