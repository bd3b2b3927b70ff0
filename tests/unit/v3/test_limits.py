"""Limits kept before v3 must refuse: several windows, reads and writes apart (decisions 4)."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from infakt_compat.standin import StandIn
from infakt_compat.store import open_store
from infakt_compat.v3 import (
    CLASSIC,
    CURRENT,
    LimitReached,
    Limits,
    MemoryWindows,
    Quota,
    V3Client,
    Window,
)
from infakt_compat.v3.limits import PROCESS, Limiter, WindowStore

from .conftest import Make
from .servers import Scripted, reply
from .support import INVOICE, KEY, FakeTime

PROGRAM = """
import sys
from infakt_compat.store import open_store
from infakt_compat.v3 import LimitReached, Limits, Quota, V3Client, Window

key, url, where = sys.argv[1:]
limits = Limits(Quota((Window(600, 70), Window(3600, 500))), Quota((Window(600, 9),)))
with open_store(where) as store:
    windows = store.limits
    with V3Client(key, url, limits=limits, windows=windows, patience=5) as v3:
        for n in range(60):
            try:
                v3.vat_rates.list(limit=1)
            except LimitReached as error:
                assert error.status is None, error
                print("full")
            else:
                print("read")
"""


@pytest.fixture
def windows(time: FakeTime) -> MemoryWindows:
    """Answer counts by the test's own time."""
    return MemoryWindows(time.now, time.now)


def figures(dialect: str, side: str) -> list[tuple[float, int]]:
    """Give a dialect's figures as plain pairs."""
    limits = {"current": CURRENT, "classic": CLASSIC}[dialect].limits
    quota = limits.reads if side == "read" else limits.writes
    return [(window.seconds, window.room) for window in quota.windows]


def test_figures() -> None:
    """As documented, today and in seed 001."""
    assert figures("current", "read") == [(60, 300)]
    assert figures("current", "write") == [(60, 150)]
    assert figures("classic", "read") == [(60, 50), (3600, 200), (86400, 1000)]
    assert figures("classic", "write") == [(60, 10), (3600, 100), (86400, 500)]
    assert CURRENT.limits.reads.counted == CURRENT.limits.writes.counted == "address"
    assert CLASSIC.limits.reads.counted == "account"
    assert CLASSIC.limits.writes.counted == "address"


def test_windows_are_a_second_wider(windows: MemoryWindows, time: FakeTime) -> None:
    """Two in ten seconds is two in eleven of ours: v3 counts when they arrive."""
    limits = Limits(Quota((Window(10, 2),)), Quota(()))
    limiter = Limiter(limits, windows, "h", {"address": "a", "account": "b"})
    assert [limiter.take(False), limiter.take(False)] == [0, 0]
    assert limiter.take(False) == 11
    time.sleep(10.5)
    assert limiter.take(False) == pytest.approx(0.5)
    time.sleep(0.5)
    assert limiter.take(False) == 0
    assert limiter.take(True) == 0
    limiter.refused(True, time.now() + 5)


def test_all_windows_at_once(windows: MemoryWindows, time: FakeTime) -> None:
    """A request takes a place in every window or in none; the longest wait counts."""
    counts = [("b", 2, 10.0), ("b", 3, 100.0)]
    assert [windows.record(counts) for _ in range(3)] == [0, 0, 10]
    time.sleep(10)
    assert windows.record(counts) == 0
    assert windows.record(counts) == 90
    assert windows.record([("other", 1, 10.0)]) == 0
    assert windows.record([("other", 1, 10.0), ("third", 1, 1.0)]) == 10
    assert windows.record([("third", 1, 1.0)]) == 0


def test_sliding(windows: MemoryWindows, time: FakeTime) -> None:
    """In no span of a window's length are there more than it holds."""
    taken: list[float] = []
    for _ in range(400):
        wait = windows.record([("b", 7, 10.0), ("b", 20, 50.0)])
        time.chance = (time.chance * 7 + 0.31) % 1
        time.sleep(wait if wait and time.chance < 0.5 else time.chance)
        if not wait:
            taken.append(time.moment)
    assert len(taken) > 50
    for room, seconds in ((7, 10.0), (20, 50.0)):
        spans = zip(taken, taken[room:], strict=False)
        assert all(later - first > seconds - 1.01 for first, later in spans)


def test_block(windows: MemoryWindows, time: FakeTime) -> None:
    """A refusal holds everyone of that bucket until it ends; a shorter one changes nothing."""
    windows.block("b", time.now() + 30)
    windows.block("b", time.now() + 5)
    assert windows.record([("b", 9, 10.0)]) == 30
    assert windows.record([("c", 9, 10.0)]) == 0
    time.sleep(30)
    assert windows.record([("b", 9, 10.0)]) == 0


@pytest.mark.parametrize("window", [(0, 1), (-1, 1), (1, 0)])
def test_impossible_windows(window: tuple[float, int]) -> None:
    """A window without length or room is refused."""
    with pytest.raises(ValueError, match="window"):
        Window(*window)


def small(reads: int, writes: int, counted: str = "address") -> Limits:
    """Make small limits."""
    return Limits(Quota((Window(60, reads),), counted), Quota((Window(60, writes),)))  # type: ignore[arg-type]


def test_client_waits(
    v3: V3Client, standin: StandIn, make: Make, windows: MemoryWindows, time: FakeTime
) -> None:
    """Whoever finds the window full waits for it, within patience; writes do not count as reads."""
    dialect = standin.world.dialect
    kept = make(
        standin.api_key, standin.url, dialect, limits=small(3, 9), windows=windows, patience=70
    )
    for _ in range(3):
        kept.invoices.list()
    assert time.slept == []
    kept.clients.create({"company_name": "Firma", "country": "PL"})
    assert time.slept == []
    kept.invoices.list()
    assert time.slept == [61]
    v3.invoices.list()


def test_client_does_not_wait_too_long(
    standin: StandIn, make: Make, windows: MemoryWindows
) -> None:
    """Beyond patience it says so, with the time to wait, and nothing is sent."""
    kept = make(
        standin.api_key, standin.url, standin.world.dialect, limits=small(9, 1), windows=windows
    )
    kept.clients.create({"company_name": "Firma", "country": "PL"})
    with pytest.raises(LimitReached) as caught:
        kept.clients.create({"company_name": "Firma", "country": "PL"})
    assert caught.value.status is None
    assert caught.value.retry_after == 61
    assert len(standin.requests()) == 1


def test_real_limits(make: Make, time: FakeTime) -> None:
    """With the classic's own figures v3 never has to refuse, as both keep the same time."""
    with StandIn(dialect="classic", limits="real") as standin:
        standin.configure("clock", set="2026-05-05T12:00:00", frozen=True)
        moved = [time.moment]

        def follow() -> None:
            standin.configure("clock", advance=round(time.moment - moved[0], 3))
            moved[0] = time.moment

        time.wakes = follow
        kept = make(
            standin.api_key, standin.url, "classic", limits="real",
            windows=MemoryWindows(time.now, time.now), patience=90_000,
        )  # fmt: skip
        for _ in range(25):
            kept.invoices.create(INVOICE)
        for _ in range(210):
            kept.invoices.list(limit=1)
        assert {entry["status"] for entry in standin.requests()} == {200, 201}
        assert time.slept


def test_refusals_are_shared(
    standin: StandIn, make: Make, windows: MemoryWindows, time: FakeTime
) -> None:
    """What v3 told one client holds for all that share its windows."""
    more = {"limits": small(99, 99), "windows": windows}
    first = make(standin.api_key, standin.url, standin.world.dialect, **more)
    second = make(standin.api_key, standin.url, standin.world.dialect, **more)
    standin.fault("status", status=429, retry_after=60)
    with pytest.raises(LimitReached):
        first.invoices.list()
    with pytest.raises(LimitReached) as caught:
        second.invoices.list()
    assert caught.value.retry_after == pytest.approx(60)
    assert len(standin.requests()) == 1
    second.clients.create({"company_name": "Firma", "country": "PL"})
    time.sleep(60)
    assert second.invoices.list()


def test_whose_windows(scripted: Scripted, make: Make, windows: MemoryWindows) -> None:
    """Per account: another key has windows of its own. Per address: it has not."""
    scripted.script = lambda _: reply(200, {"metainfo": {"total_count": 0}, "entities": []})
    other = KEY.replace("0", "f")
    per_account = {"limits": small(1, 1, "account"), "windows": windows}
    for key in (KEY, other):
        make(key, scripted.url, **per_account).invoices.list()
    with pytest.raises(LimitReached):
        make(KEY, scripted.url, **per_account).invoices.list()
    make(other, scripted.url, account="x", **per_account).invoices.list()
    with pytest.raises(LimitReached):
        make(KEY, scripted.url, account="x", **per_account).invoices.list()
    per_address = {"limits": small(1, 1), "windows": windows}
    make(KEY, scripted.url, **per_address).invoices.list()
    with pytest.raises(LimitReached):
        make(other, scripted.url, **per_address).invoices.list()
    make(other, scripted.url, egress="second", **per_address).invoices.list()
    assert KEY not in str(vars(windows))


def test_shared_by_default(scripted: Scripted, make: Make) -> None:
    """Clients of one process count together unless they are told otherwise."""
    client = make(KEY, scripted.url, limits="real")
    assert client._transport.limiter is not None
    assert client._transport.limiter._store is PROCESS
    assert make(KEY, scripted.url, limits="off")._transport.limiter is None
    with pytest.raises(ValueError, match="limits"):
        make(KEY, scripted.url, limits="none")


def test_threads(windows: MemoryWindows) -> None:
    """Threads together take no more than there is."""
    got: list[float] = []

    def take() -> None:
        got.extend(windows.record([("b", 100, 60.0)]) for _ in range(50))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got.count(0) == 100
    assert len(got) == 400


def test_two_processes(current: StandIn, tmp_path: Path) -> None:
    """Two processes with one store get exactly what there is, and v3 never has to refuse."""
    current.configure("limits", windows={"read": [[600, 70]]})
    arguments = [current.api_key, current.url, str(tmp_path / "store.db")]
    running = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[0].decode().split() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert sum(lines.count("read") for lines in said) == 70
    assert sum(lines.count("full") for lines in said) == 50
    assert all(lines.count("read") for lines in said)
    assert {entry["status"] for entry in current.requests()} == {200}


def test_the_store_as_windows(tmp_path: Path, time: FakeTime) -> None:
    """The store's limits are windows as they are, and a refusal holds there, too."""
    with open_store(tmp_path / "store.db", clock=time.now) as store:
        windows: WindowStore = store.limits
        limiter = Limiter(small(2, 1), windows, "h", {"address": "a", "account": "b"})
        assert [limiter.take(False), limiter.take(False), limiter.take(False)] == [0, 0, 61]
        limiter.refused(True, time.now() + 30)
        assert limiter.take(True) == 30
