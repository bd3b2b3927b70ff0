"""Worker processes: results in order, whatever is called for, and ends that are noticed."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from infakt_compat.errors import ConversionError, Fault
from infakt_compat.migrate.reading import WorkerLost
from infakt_compat.migrate.workers import Workers

#: More than a pipe holds: who writes it waits for somebody to read.
_LARGE = 10_000_000
needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux's /proc")


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    """Hold that all processes of a test are gone behind it."""
    before = _children()
    yield
    assert _children() == before


def _children() -> set[int | None]:
    return {process.pid for process in multiprocessing.active_children()}


def _nothing() -> None:
    """Prepare nothing."""


def _large(task: int) -> bytes:
    return b"%d" % task + b"x" * _LARGE


def _refused(task: int) -> int:
    if task == 1:
        raise ConversionError([Fault("field.type", "p", "1")])
    return 10 // (task - 2)


def _process(task: float) -> int:
    time.sleep(task)
    return os.getpid()


def gone(pid: int, seconds: float = 10) -> bool:
    """Wait until a process is there no more."""
    until = time.monotonic() + seconds
    while Path(f"/proc/{pid}/stat").exists() and time.monotonic() < until:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.01)
    return not Path(f"/proc/{pid}").exists()


def test_results_in_order_however_large() -> None:
    """Full pipes on both sides stop nobody."""
    with Workers(_large, 2, _nothing) as workers:
        results = [workers.submit(task) for task in range(6)]
        assert [result()[:1] for result in results] == [b"%d" % task for task in range(6)]


def test_results_that_nobody_calls_for() -> None:
    """They are in no one's way, neither of later ones nor of the end."""
    with Workers(_large, 2, _nothing) as workers:
        left = [workers.submit(task) for task in range(4)]
        assert workers.submit(7)()[:1] == b"7"
        left += [workers.submit(task) for task in range(4)]


def test_what_the_work_raises() -> None:
    """A refusal as it was; of a defect also where it was."""
    with Workers(_refused, 1, _nothing) as workers:
        results = [workers.submit(task) for task in (1, 2, 3)]
        with pytest.raises(ConversionError) as refused:
            results[0]()
        with pytest.raises(ZeroDivisionError) as defect:
            results[1]()
        assert results[2]() == 10
    assert [fault.code for fault in refused.value.faults] == ["field.type"]
    assert "in _refused" in "".join(defect.value.__notes__)


def test_a_worker_killed_while_it_answers() -> None:
    """Half an answer is no reason to wait for the rest; the other worker ends as well."""
    before = _children()
    with Workers(_large, 2, _nothing) as workers:
        results = [workers.submit(task) for task in range(4)]
        assert results[0]()[:1] == b"0"
        time.sleep(0.2)  # both write, and nobody reads
        killed = (_children() - before).pop()
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(WorkerLost):
            [result() for result in results[1:]]


def test_an_end_in_the_midst() -> None:
    """Whoever leaves early leaves no process behind, and does not wait for the work."""
    started = time.monotonic()
    with suppress(KeyboardInterrupt), Workers(_process, 2, _nothing) as workers:
        for _ in range(4):
            workers.submit(30)
        raise KeyboardInterrupt
    assert time.monotonic() - started < 10


def _start_and_wait(told: "multiprocessing.SimpleQueue[int]") -> None:
    with Workers(_process, 2, _nothing) as workers:
        for task in (workers.submit(0), workers.submit(0)):
            told.put(task())
        time.sleep(60)


@needs_proc
def test_workers_end_with_whoever_started_them() -> None:
    """Also when that is killed."""
    context = multiprocessing.get_context("spawn")
    told = context.SimpleQueue()
    starter = context.Process(target=_start_and_wait, args=(told,))
    starter.start()
    pids = {told.get(), told.get()}
    assert len(pids) == 2
    starter.kill()
    starter.join()
    assert all(gone(pid) for pid in pids)
    told.close()
