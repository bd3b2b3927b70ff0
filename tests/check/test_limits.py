"""The table of lengths: what it refuses to hold, and which of two limits counts."""

import shutil
from pathlib import Path

import pytest

from infakt_compat.errors import TableError
from infakt_compat.migrate.checks.creating import bounds
from infakt_compat.tables.files import data_folder
from infakt_compat.tables.limits import load_limits
from infakt_compat.tables.load import load

MAPPINGS = Path(__file__).parents[2] / "mappings"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of the tables to spoil."""
    return Path(shutil.copytree(MAPPINGS, tmp_path / "mappings"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('fields = ["number"]', 'fields = ["nummer"]', r"invoice has no field nummer"),
        ('fields = ["unit"]', 'fields = ["name"]', r"name comes twice"),
        ('resource = "service"', 'resource = "servise"', r"servise has no field name"),
        ("ksef = 50\n", "kself = 50\n", r"unknown key kself"),
        ("most_lines", "most_rows", r"unknown key most_rows"),
        ("\n[fa3]\n", "\n[fa2]\n", r"limits and fa3"),
    ],
)
def test_a_mistake_is_refused_with_its_line(folder: Path, old: str, new: str, said: str) -> None:
    """A limit of a field that is none would never bite."""
    path = folder / "limits.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(TableError, match=rf"^mappings/limits\.toml:\d+: .*{said}"):
        load_limits(folder)


def test_the_lower_limit_counts() -> None:
    """v3's own, where it is lower than the schema's: then KSeF never sees the longer text."""
    assert bounds("service", "v3").single == (("name", 255, ""),)
    assert {name for name, _, _ in bounds("service", "ksef").single} == {"unit", "symbol"}
    assert all(one.why for one in load_limits(data_folder("mappings")).fields)


def test_advice_needs_both_languages(folder: Path) -> None:
    """As a sentence does."""
    path = folder / "notices.toml"
    path.write_text(path.read_text("utf-8").replace("\ndo_pl =", "\n# do_pl =", 1), "utf-8")
    with pytest.raises(TableError, match="needs its advice in en and pl"):
        load(folder)
