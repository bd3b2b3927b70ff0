"""Killed at any moment and started again, with v3 failing all the while: each document once.

`INFAKT_COMPAT_KILL_SEED=n` runs the case of that seed; each case prints its own.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.migrate.journal import State, open_journal
from infakt_compat.standin import StandIn
from tests.forked import ended, kill

from .archive import Document, mixed, write
from .runs import running

SEED = "INFAKT_COMPAT_KILL_SEED"
#: Imports a dialect, kills in each, and documents: ten kills in the usual run, more than 300 in the
#: long one.
_USUAL, _LONG = (1, 5, 60), (8, 20, 500)
_MOST_RUNS = 12
_MOST_SECONDS = 3.0


def faults(standin: StandIn, draw: random.Random) -> None:
    """Let v3 fail in all its ways, now and then."""
    for path in ("/async/*.json", "/*invoices.json", "/clients.json"):
        for kind, more in (
            ("drop_before", {}),
            ("drop_after", {}),
            ("status", {"status": 500, "after": True}),
            ("status", {"status": 500}),
            ("status", {"status": 503}),
            ("status", {"status": 503, "retry_after": 0}),
            ("status", {"status": 429, "retry_after": 0}),
            ("broken_body", {}),
        ):
            seed = draw.randrange(10**9)
            share = 0.015 if path == "/async/*.json" else 0.02
            standin.fault(kind, path=path, share=share, seed=seed, **more)
    if standin.world.dialect == "current":
        standin.configure("tasks", looks=draw.randrange(3), fail=3, stuck=0)


def _until(standin: StandIn, draw: random.Random, count: int, alive: Callable[[], bool]) -> None:
    """Wait until a random request has come, or for a random time, whichever is first."""
    requests = len(standin.requests()) + draw.randrange(1, count)
    until = time.monotonic() + draw.uniform(0.2, _MOST_SECONDS)
    while len(standin.requests()) < requests and alive() and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(draw.uniform(0, 0.03))


def _arguments(command: str, journal: Path, standin: StandIn) -> list[Any]:
    way = ["--base-url", standin.url, "--dialect", standin.world.dialect, "--limits", "off"]
    return [command, "--journal", journal, "--apply", "--settle", 1, *way]


def _killed(tmp_path: Path, standin: StandIn, count: int, seed: int, kills: int) -> list[Document]:
    """Run an import, kill it again and again, and bring it to its end."""
    draw = random.Random(seed)
    documents = mixed(count, seed)
    archive = write(tmp_path / "archive.json", documents)
    journal, output = tmp_path / "journal.sqlite3", tmp_path / "output"
    faults(standin, draw)
    arguments = [*_arguments("import", journal, standin), archive]
    for _ in range(kills):
        with running(arguments, standin, output) as process:
            _until(standin, draw, count, process.is_alive)
            kill(process)
    for _ in range(_MOST_RUNS):
        with running(arguments, standin, output) as process:
            code = ended(process)
        if code == 0 or (code == 3 and not _again(standin, journal, output)):
            break
        assert code in (0, 3), output.read_text()
        standin.world.faults.clear()
    return documents


def _again(standin: StandIn, journal: Path, output: Path) -> bool:
    """Take up what v3's tasks have failed; says whether another run has something to do."""
    with open_journal(journal) as opened:
        states = [one.state for one in opened.totals() if one.count]
    rejected = State.REJECTED in states
    if rejected:
        with running(["journal", "retry", "--journal", journal], standin, output) as process:
            ended(process)
    return rejected or State.PLANNED in states or State.SENT in states


def _made(standin: StandIn) -> Counter[str]:
    """Count v3's documents by the notes that tell them apart."""
    world = standin.world
    return Counter(
        str(row["notes"])
        for path in ("invoices", "corrective_invoices")
        for row in world.store.all(path)
    )


def _check(standin: StandIn, documents: list[Document], journal: Path) -> None:
    """Hold the account against the archive and the journal."""
    made = _made(standin)
    assert not [notes for notes, count in made.items() if count > 1], "twice"
    with open_journal(journal) as opened:
        entries = {entry.position: entry for entry in opened.entries()}
    for position, document in enumerate(documents, 1):
        entry, there = entries[position], made[document["uwagi"]]
        if entry.state is State.UNKNOWN:
            assert entry.number is None, "a numbered document can always be found"
        else:
            assert (entry.state, there) == (State.DONE, 1), (document, entry)
    names = Counter(client["company_name"] for client in standin.world.store.all("clients"))
    assert set(names.values()) == {1}, names


def _seeds(config: pytest.Config) -> list[int]:
    if SEED in os.environ:
        return [int(os.environ[SEED])]
    return list(range((_LONG if config.getoption("--long") else _USUAL)[0]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a case of each seed and dialect."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", _seeds(metafunc.config))
        metafunc.parametrize("dialect", ["current", "classic"])


def test_each_document_exists_once(
    tmp_path: Path, seed: int, dialect: str, request: pytest.FixtureRequest
) -> None:
    """Whatever is killed and whatever v3 loses, in the end each document is there once."""
    print(f"{SEED}={seed}")
    _, kills, count = _LONG if request.config.getoption("--long") else _USUAL
    with StandIn(dialect=dialect, seed=seed + 1) as standin:
        documents = _killed(tmp_path, standin, count, seed, kills)
        _check(standin, documents, tmp_path / "journal.sqlite3")
