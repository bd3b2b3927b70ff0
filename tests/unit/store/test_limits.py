"""Limits: exact in every window, for all processes together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import text

from infakt_compat.store import Store, Window
from infakt_compat.v3.limits import CLASSIC, Counted, Limiter, WindowStore

from . import workers
from .conftest import NOW, Clock

READS = [Window("reads", 3, 60), Window("reads", 5, 3600)]


def _record(store: Store, windows: Any = READS) -> float:
    return store.limits.record(windows)


def test_several_windows_at_once(store: Store, clock: Clock) -> None:
    """Several windows at once."""
    assert [_record(store) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert _record(store) == 60.0
    clock.move(59.999999)
    assert _record(store) == pytest.approx(0.000001, abs=1e-6)
    clock.now = NOW + 60
    assert [_record(store) for _ in range(2)] == [0.0, 0.0]
    assert _record(store) == 3540.0  # the hour's five are used
    clock.now = NOW + 3600
    assert [_record(store) for _ in range(4)] == [0.0, 0.0, 0.0, 60.0]


def test_a_window_slides(store: Store, clock: Clock) -> None:
    """A window slides."""
    windows = [("w", 2, 10.0)]
    assert _record(store, windows) == 0.0
    clock.move(4)
    assert _record(store, windows) == 0.0
    assert _record(store, windows) == 6.0
    clock.move(6)
    assert _record(store, windows) == 0.0
    assert _record(store, windows) == 4.0


def test_what_waits_is_recorded_in_no_bucket(store: Store, clock: Clock) -> None:
    """What waits is recorded in no bucket."""
    both = [("account", 10, 60), ("address", 1, 30)]
    assert _record(store, both) == 0.0
    for _ in range(3):
        assert _record(store, both) == 30.0
    assert store.limits.used("account", 60) == 1
    clock.move(30)
    assert _record(store, both) == 0.0
    assert store.limits.used("account", 60) == 2
    assert store.limits.used("account", 30) == 1


def test_the_longest_wait_counts(store: Store) -> None:
    """The longest wait counts."""
    windows = [("x", 1, 10), ("y", 1, 20), ("x", 1, 15)]
    assert [_record(store, windows) for _ in range(2)] == [0.0, 20.0]
    assert _record(store, [("x", 1, 10), ("z", 1, 5)]) == 10.0


def test_another_callers_longer_window_keeps_its_events(store: Store, clock: Clock) -> None:
    """Another callers longer window keeps its events."""
    assert _record(store, [("w", 1, 3600)]) == 0.0
    clock.move(60)
    assert _record(store, [("w", 9, 10)]) == 0.0
    assert _record(store, [("w", 2, 3600)]) == 3540.0


def test_no_window_is_no_limit(store: Store) -> None:
    """No window is no limit."""
    assert _record(store, []) == 0.0


def test_a_block_holds_for_all_and_ends(store: Store, clock: Clock) -> None:
    """A block holds for all and ends."""
    store.limits.block("w", NOW + 30)
    store.limits.block("w", datetime.fromtimestamp(NOW + 20, UTC))  # a later end stays
    store.limits.block("w", NOW - 1)  # over already: nothing
    assert _record(store, [("w", 5, 10)]) == 30.0
    assert _record(store, [("other", 5, 10)]) == 0.0
    clock.move(30)
    assert [_record(store, [("w", 1, 10)]) for _ in range(2)] == [0.0, 10.0]
    store.limits.block("w", clock.now + 100)
    assert _record(store, [("w", 1, 10)]) == 100.0


def test_pruning_keeps_what_a_window_holds(store: Store, clock: Clock) -> None:
    """Pruning keeps what a window holds."""
    _record(store, [("short", 9, 10)])
    _record(store, [("long", 9, 100)])
    store.limits.block("blocked", NOW + 1000)
    for wait, gone, left in (
        (69, 0, ["blocked", "long", "short"]),  # a minute is left to those who come late
        (70, 1, ["blocked", "long"]),
        (159, 0, ["blocked", "long"]),
        (160, 1, ["blocked"]),
    ):
        clock.now = NOW + wait
        assert store.limits.prune() == gone
        assert _buckets(store) == left
    clock.move(1000)
    assert store.limits.prune() == 0
    assert _buckets(store) == []


def test_old_events_go_while_recording(store: Store, clock: Clock) -> None:
    """Old events go while recording."""
    for _ in range(20):
        assert _record(store, [("w", 2, 10)]) == 0.0
        clock.move(5)
    with store._database._engine.connect() as connection:  # type: ignore[union-attr]
        assert connection.execute(text("SELECT count(*) FROM infakt_events")).scalar() == 14


def test_a_clock_that_was_set_back_does_not_block_for_ever(store: Store, clock: Clock) -> None:
    """A clock that was set back does not block for ever."""
    clock.move(10**8)
    _record(store, [("w", 1, 60)])
    clock.now = NOW
    assert [_record(store, [("w", 1, 60)]) for _ in range(2)] == [0.0, 60.0]


@pytest.mark.parametrize("window", [("w", 0, 60), ("w", 1, 0), ("", 1, 60)])
def test_windows_that_make_no_sense(store: Store, window: tuple[str, int, float]) -> None:
    """Windows that make no sense."""
    with pytest.raises(ValueError, match=r"window|bucket"):
        _record(store, [window])


def test_who_comes_late_counts_what_its_window_holds(store: Store) -> None:
    """Another recorded at a later moment first, while this caller waited for the lock."""
    window = [("w", 2, 10.0)]
    for moment, wait in ((0, 0.0), (9.0, 0.0), (10.5, 0.0), (9.9, 9.1), (10.4, 8.6)):
        assert store.limits.record(window, NOW + moment) == pytest.approx(wait, abs=1e-5)


def test_four_processes_share_windows_exactly(
    url: str, store: Store, at_once: Callable[..., list[Any]]
) -> None:
    """Four processes share windows exactly."""
    windows = [("reads", 60, 60.0), ("reads", 100, 3600.0)]
    assert sum(at_once(4, workers.requests, url, windows, 40)) == 60
    assert store.limits.used("reads", 60) == 60
    again = [workers.requests_at(url, windows, NOW + 60, 50) for _ in range(2)]
    assert again == [40, 0]


def test_four_processes_never_exceed_a_real_window(
    url: str, store: Store, at_once: Callable[..., list[Any]]
) -> None:
    """Four processes never exceed a real window."""
    windows = [("reads", 20, 0.3), ("writes", 40, 0.9)]
    assert store.values.get("a", "x") is None  # the schema is there
    allowed = sorted(chain.from_iterable(at_once(4, workers.hammers, url, windows, 1.3)))
    for _, limit, length in windows:
        pairs = zip(allowed, allowed[limit:], strict=False)
        assert min(later - earlier for earlier, later in pairs) >= length - 0.000_002
    assert len(allowed) > 40  # and what is allowed is used, also in the second window


def test_a_client_counts_here(store: Store) -> None:
    """The v3 client's limiter takes the store's windows."""
    shared: WindowStore = store.limits
    names: dict[Counted, str] = {"account": "a", "address": "own"}
    limiters = [Limiter(CLASSIC, shared, "h", names) for _ in range(2)]
    assert [limiters[turn % 2].take(writes=True) for turn in range(10)] == [0.0] * 10
    assert limiters[0].take(writes=True) == 61.0
    assert limiters[1].take(writes=False) == 0.0
    limiters[0].refused(writes=False, until=NOW + 5)
    assert limiters[1].take(writes=False) == 5.0


def _buckets(store: Store) -> list[str]:
    query = text("SELECT bucket FROM infakt_limits ORDER BY bucket")
    return store._database.read(lambda connection: list(connection.execute(query).scalars()))
