"""Where a store is, and who can read it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from infakt_compat.store import StoreError, open_store
from infakt_compat.store.location import default_folder, locate


@pytest.fixture
def loose() -> Iterator[None]:
    """Take away what the shell's own mask would do for us."""
    before = os.umask(0)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a data folder of a user."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return default_folder()


@pytest.mark.usefixtures("loose")
def test_the_users_own_store_is_its_owners_alone(home: Path) -> None:
    """The users own store is its owners alone."""
    with open_store() as store:
        store.values.put("a", "v", 1)
        files = sorted(path.name for path in home.iterdir())
        assert files == ["store.sqlite3", "store.sqlite3-shm", "store.sqlite3-wal"]
        assert [_mode(path) for path in home.iterdir()] == [0o600] * 3
    assert _mode(home) == 0o700
    with open_store() as store:
        assert store.values.get("a", "v") == 1


@pytest.mark.usefixtures("loose")
def test_what_is_too_open_is_tightened(home: Path) -> None:
    """What is too open is tightened."""
    home.mkdir(parents=True, mode=0o755)
    (home / "store.sqlite3").touch(mode=0o644)
    with open_store():
        assert (_mode(home), _mode(home / "store.sqlite3")) == (0o700, 0o600)


@pytest.mark.usefixtures("loose")
def test_a_folder_of_the_users_own_is_left_alone(tmp_path: Path) -> None:
    """A folder of the users own is left alone."""
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o755)
    with open_store(theirs / "s.db"), open_store(theirs / "ours" / "s.db"):
        assert _mode(theirs) == 0o755
        assert _mode(theirs / "s.db") == 0o600
        assert _mode(theirs / "ours") == 0o700


@pytest.mark.parametrize("umask", [0o077, 0o777])
def test_a_narrow_mask_does_not_lock_the_owner_out(tmp_path: Path, umask: int) -> None:
    """A narrow mask does not lock the owner out."""
    before = os.umask(umask)
    try:
        with open_store(tmp_path / "n" / "s.db"):
            assert _mode(tmp_path / "n" / "s.db") == 0o600
            assert _mode(tmp_path / "n") == 0o700
    finally:
        os.umask(before)


def test_ways_to_name_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ways to name a place."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/user")
    here = f"sqlite:///{tmp_path}/s.db"
    for where in ("s.db", Path("s.db"), tmp_path / "s.db", "sqlite:///s.db", make_url(here)):
        assert str(locate(where)) == here
    assert str(locate("~/s.db")) == "sqlite:////home/user/s.db"
    for where in (":memory:", "sqlite://", "sqlite:///:memory:"):
        assert str(locate(where)) == "sqlite://"
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        assert locate(f"{scheme}://h/d").drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("mysql://u:secret@h/d", "SQLite or PostgreSQL"),
        ("postgresql+psycopg2://u:secret@h/d", "SQLite or PostgreSQL"),
        ("sqlite:///s.db?mode=ro", "no parameters"),
        ("://secret", "cannot be read"),
        ("postgresql://u:secret@h:port/d", "cannot be read"),
    ],
)
def test_places_that_are_refused(where: str, words: str) -> None:
    """Places that are refused."""
    with pytest.raises(StoreError, match=words) as caught:
        open_store(where)
    assert "secret" not in str(caught.value)


def test_a_file_that_cannot_be(tmp_path: Path) -> None:
    """A file that cannot be."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be opened: Not a directory"):
        open_store(tmp_path / "file" / "s.db")
    with pytest.raises(StoreError, match="cannot be opened: Is a directory"):
        open_store(tmp_path)


def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    """A file that is no store."""
    path = tmp_path / "s.db"
    path.write_text("Faktury 2014\n" * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_store(path)
    assert path.read_text() == "Faktury 2014\n" * 100


def test_without_psycopg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without psycopg the extra is named."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"infakt-compat\[postgres\]"):
        open_store("postgresql://h/d")


def test_no_password_in_what_is_shown(tmp_path: Path) -> None:
    """No password in what is shown."""
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError) as caught:
        open_store(f"postgresql://user:secret@/d?host={tmp_path}")
    assert "user:***@" in str(caught.value)
    assert "secret" not in str(caught.value)
    with open_store(tmp_path / "s.db") as store:
        assert store.location == f"sqlite:///{tmp_path}/s.db"
