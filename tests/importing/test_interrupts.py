"""Ctrl-C, power cuts, and two runs at once."""

import os
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.migrate.journal import Journal, State, open_journal
from infakt_compat.migrate.journal.lock import JournalInUse, held
from infakt_compat.standin import StandIn
from tests.forked import ended, kill

from .archive import invoice, write
from .runs import running

_COUNT = 60


@pytest.fixture
def slow(current: StandIn) -> StandIn:
    """Let each create take a moment, so that a run can be met in the middle."""
    current.fault("delay", method="POST", path="/async/*.json", share=1.0, seconds=0.05)
    return current


def arguments(folder: Path, standin: StandIn, journal: Path, *more: Any) -> list[Any]:
    """Write an archive, and give the command that imports it."""
    source = write(folder / "archive.json", [invoice(n) for n in range(1, _COUNT + 1)])
    way = ["--base-url", standin.url, "--limits", "off", "--settle", 0, "--clients", "embed"]
    return ["import", source, "--journal", journal, "--apply", *way, *more]


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def creates(standin: StandIn) -> int:
    """Count the creates so far."""
    return len(standin.requests("POST"))


def once(standin: StandIn) -> None:
    """Hold that each document is there once."""
    numbers = Counter(row["number"] for row in standin.world.store.all("invoices"))
    assert len(numbers) == _COUNT
    assert set(numbers.values()) == {1}


def states(journal: Path) -> Counter[State]:
    """Count the documents by state."""
    with open_journal(journal) as opened:
        return Counter(entry.state for entry in opened.entries())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_finishes_what_is_in_flight(
    tmp_path: Path, slow: StandIn, number: signal.Signals
) -> None:
    """Nothing is left in doubt, and the same command goes on."""
    journal, output = tmp_path / "journal", tmp_path / "output"
    command = arguments(tmp_path, slow, journal)
    with running(command, slow, output) as process:
        until(lambda: creates(slow) >= 10)
        os.kill(process.pid or 0, number)
        assert ended(process) == 130
    assert "The same command goes on" in output.read_text()
    found = states(journal)
    assert set(found) == {State.DONE, State.PLANNED}
    assert found[State.DONE] == creates(slow) < _COUNT
    slow.world.faults.clear()
    with running(command, slow, output) as process:
        assert ended(process) == 0
    once(slow)
    assert creates(slow) == _COUNT


def test_a_second_interrupt_ends_at_once(tmp_path: Path, current: StandIn) -> None:
    """What was in flight is looked for by the next run."""
    current.configure("tasks", stuck=_COUNT)
    journal, output = tmp_path / "journal", tmp_path / "output"
    command = arguments(tmp_path, current, journal)
    with running(command, current, output) as process:
        until(lambda: creates(current) >= 10)
        os.kill(process.pid or 0, signal.SIGINT)
        until(lambda: "Ctrl-C once more" in output.read_text())
        os.kill(process.pid or 0, signal.SIGINT)
        assert ended(process, 5) == 130
    assert states(journal)[State.SENT] >= 10


def test_a_copy_of_the_journal_taken_at_any_write_goes_on(tmp_path: Path, slow: StandIn) -> None:
    """As after a power cut: what the file and its log hold is enough to send nothing twice."""
    journal, output = tmp_path / "journal", tmp_path / "output"
    command = arguments(tmp_path, slow, journal)
    with running(command, slow, output) as process:
        until(lambda: creates(slow) >= _COUNT // 2)
        os.kill(process.pid or 0, signal.SIGSTOP)
        copy = tmp_path / "copy"
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{journal}{suffix}", f"{copy}{suffix}")
        kill(process)
    slow.world.faults.clear()
    with running(["import", command[1], "--journal", copy, *command[4:]], slow, output) as process:
        assert ended(process) == 0, output.read_text()
    once(slow)
    assert states(copy) == {State.DONE: _COUNT}


def test_an_old_copy_of_the_journal_creates_nothing_twice(tmp_path: Path, slow: StandIn) -> None:
    """What the account has meanwhile is recognised by number, client, date and total."""
    journal, output = tmp_path / "journal", tmp_path / "output"
    command, copy = arguments(tmp_path, slow, journal), tmp_path / "copy"
    with running(command, slow, output) as process:
        until(lambda: creates(slow) >= 10)
        with sqlite3.connect(journal) as live, sqlite3.connect(copy) as target:
            live.backup(target)
        live.close()
        target.close()
        assert ended(process) == 0
    slow.world.faults.clear()
    with running(["import", command[1], "--journal", copy, *command[4:]], slow, output) as process:
        assert ended(process) == 0, output.read_text()
    once(slow)
    with open_journal(copy) as opened:
        entries = list(opened.entries())
    assert {entry.state for entry in entries} == {State.DONE}
    assert any(entry.already for entry in entries)


def test_two_runs_exclude_each_other(tmp_path: Path, slow: StandIn) -> None:
    """The second one says so at once; when the first is killed, the next begins at once."""
    journal, output = tmp_path / "journal", tmp_path / "output"
    command = arguments(tmp_path, slow, journal)
    with running(command, slow, output) as process:
        until(lambda: creates(slow) >= 5)
        with running(command, slow, tmp_path / "second") as second:
            assert ended(second) == 2
        assert "another import is at work" in (tmp_path / "second").read_text()
        kill(process)
    slow.world.faults.clear()
    before, began = creates(slow), time.monotonic()
    with running(command, slow, output) as process:
        until(lambda: creates(slow) > before)
        assert time.monotonic() - began < 3
        assert ended(process) == 0
    once(slow)


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the place of a journal in each database."""
    if request.param == "sqlite":
        return str(tmp_path / "journal")
    found: str = request.getfixturevalue("postgres_url")
    return found


def test_a_journal_is_held_by_one(where: str) -> None:
    """In both databases, until it is let go."""
    with open_journal(where, create=True) as one, open_journal(where) as other:
        with held(one), pytest.raises(JournalInUse), held(other):
            pass
        with held(other):
            pass


def test_a_journal_in_postgresql(tmp_path: Path, slow: StandIn, postgres_url: str) -> None:
    """Killed and started again, as with a file."""
    output = tmp_path / "output"
    command = arguments(tmp_path, slow, Path(postgres_url))
    command[3] = postgres_url
    with running(command, slow, output) as process:
        until(lambda: creates(slow) >= 10)
        kill(process)
    slow.world.faults.clear()
    with running(command, slow, output) as process:
        assert ended(process) == 0, output.read_text()
    once(slow)
    with open_journal(postgres_url) as opened:
        assert Counter(entry.state for entry in opened.entries()) == {State.DONE: _COUNT}
        _reads(opened)


def _reads(journal: Journal) -> None:
    """Read all that a journal gives."""
    from infakt_compat.migrate.journal.exporting import lines
    from infakt_compat.migrate.journal.findings import findings

    assert len(list(lines(journal))) == _COUNT
    assert {one.code for one in findings(journal)} >= {"status.unpaid", "paid.payment"}
    assert sum(one.count for one in journal.totals()) == _COUNT
