"""Every sample gives exactly the documents, notices and faults that its index says."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.migrate.batches import Settings
from infakt_compat.migrate.convert import Conversion
from infakt_compat.migrate.output import Output
from infakt_compat.migrate.rejects import Rejects
from infakt_compat.migrate.source import Source

SAMPLES = Path(__file__).parents[2] / "legacy_samples"
LISTED: dict[str, Any] = tomllib.loads((SAMPLES / "INDEX.toml").read_text("utf-8"))
INDEX: list[dict[str, Any]] = LISTED["file"]


def test_the_index_names_every_sample_once() -> None:
    """No sample without an entry, no entry without a sample."""
    there = {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*") if path.is_file()}
    listed = Counter(entry["path"] for entry in INDEX + LISTED["script"])
    assert set(listed) == there - {"INDEX.toml"}
    assert max(listed.values()) == 1
    assert sum(entry["origin"] == "own" for entry in INDEX) >= 40


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("entry", INDEX, ids=[entry["path"] for entry in INDEX])
def test_a_sample_gives_what_its_index_says(
    entry: dict[str, Any], workers: int, tmp_path: Path
) -> None:
    """Documents, notices by code, faults and refused documents are those of the index."""
    if workers > 1 and not entry.get("rejected"):
        pytest.skip("two processes are tried on the samples that break")
    rejects = Rejects(tmp_path / "rejects", lambda code: code)
    output = Output(tmp_path / "out.jsonl", "v3", "jsonl")
    conversion = Conversion(Settings(keep_rejects=True), output, rejects, workers=workers)
    conversion.run([Source(entry["path"], SAMPLES / entry["path"])])
    rejects.close()
    output.finish("invoice", whole=True)
    account = conversion.account
    assert {code: each.count for code, each in account.notices.items()} == entry["notices"]
    faults = [code for code, each in account.faults.items() for _ in range(each.count)]
    assert sorted(faults) == sorted(entry.get("faults", []))
    assert account.rejected == entry.get("rejected", 0)
    assert account.converted == entry["documents"]
    assert len((tmp_path / "out.jsonl").read_bytes().splitlines()) == entry["documents"]
