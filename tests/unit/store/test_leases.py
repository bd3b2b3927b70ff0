"""Leases: one holder at a time, and none for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infakt_compat.store import Store

from . import workers
from .conftest import Clock


def test_a_lease_has_one_holder_until_it_ends(store: Store, clock: Clock) -> None:
    """A lease has one holder until it ends."""
    first = store.leases.acquire("a", "index", 60)
    assert first is not None
    assert store.leases.acquire("a", "index", 60) is None
    assert store.leases.acquire("a", "other", 60) is not None
    assert store.leases.acquire("b", "index", 60) is not None
    clock.move(59.9)
    assert store.leases.acquire("a", "index", 60) is None
    clock.move(0.1)
    second = store.leases.acquire("a", "index", 60)
    assert second is not None
    assert not store.leases.renew(first, 60)
    assert not store.leases.release(first)
    assert store.leases.acquire("a", "index", 60) is None


def test_a_lease_is_renewed_and_released(store: Store, clock: Clock) -> None:
    """A lease is renewed and released."""
    lease = store.leases.acquire("a", "index", 60)
    assert lease is not None
    clock.move(59)
    assert store.leases.renew(lease, 60)
    clock.move(59)
    assert store.leases.acquire("a", "index", 60) is None
    assert store.leases.release(lease)
    assert not store.leases.release(lease)
    assert store.leases.acquire("a", "index", 60) is not None


def test_each_lease_has_one_winner_of_eight_processes(
    url: str, store: Store, at_once: Callable[..., list[Any]]
) -> None:
    """Each lease has one winner of eight processes."""
    assert store.values.get("a", "x") is None  # the schema is there
    won = at_once(8, workers.acquires, url, 25)
    assert sorted(name for names in won for name in names) == sorted(f"work {n}" for n in range(25))


def test_a_lease_that_was_free_when_looked_at_is_not_taken_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look without a lock decides nothing."""
    monkeypatch.setattr(type(store.leases), "_held", lambda *_: False)
    assert store.leases.acquire("a", "index", 60) is not None
    assert store.leases.acquire("a", "index", 60) is None


def test_bad_names_are_refused(store: Store) -> None:
    """Bad names are refused."""
    for account, name in (("", "n"), ("a", "")):
        with pytest.raises(ValueError, match="must be text"):
            store.leases.acquire(account, name, 1)
