"""Exactly once with several processes, and with processes that are killed."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from infakt_compat.store import Role, State, Store, open_store

from . import workers
from .conftest import NOW, Clock, context

KILLS = 10


def test_eight_processes_claim_and_one_sends(url: str, at_once: Callable[..., list[Any]]) -> None:
    """Eight processes claim and one sends."""
    roles = at_once(8, workers.claims, url, 20)
    for number in range(20):
        counted = Counter(found[number] for found in roles)
        assert counted == {Role.SEND: 1, Role.WAIT: 7}


def test_eight_processes_take_over_and_one_resolves(
    url: str, at_once: Callable[..., list[Any]], store: Store
) -> None:
    """Eight processes take over and one resolves."""
    for number in range(15):
        store.pending.claim("a", f"digest {number}")
    assert sum(at_once(8, workers.takes_over, url, 15, NOW + 60)) == 15


def test_eight_threads_of_one_store_claim_and_one_sends(store: Store) -> None:
    """Eight threads of one store claim and one sends."""
    gate = threading.Barrier(8)

    def claim(_index: int) -> list[Role]:
        gate.wait()
        return [store.pending.claim("a", f"digest {n}").role for n in range(15)]

    with ThreadPoolExecutor(8) as threads:
        roles = list(threads.map(claim, range(8)))
    for number in range(15):
        counted = Counter(found[number] for found in roles)
        assert counted == {Role.SEND: 1, Role.WAIT: 7}


def test_threads_share_a_store_in_memory() -> None:
    """Threads share a store in memory."""
    with open_store(":memory:") as store, ThreadPoolExecutor(8) as threads:
        claims = list(threads.map(lambda _: store.pending.claim("a", "d"), range(40)))
    assert Counter(claim.role for claim in claims) == {Role.SEND: 1, Role.WAIT: 39}


def test_killed_between_claim_and_finish(url: str, store: Store, clock: Clock) -> None:
    """Killed between claim and finish."""
    here, there = context().Pipe()
    process = context().Process(target=workers.hangs_as_sender, args=(url, there))
    process.start()
    role, pid = here.recv()
    assert role is Role.SEND
    os.kill(pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    entry = store.pending.get("a", "digest")
    assert entry is not None
    assert entry.state is State.SENT
    assert store.pending.claim("a", "digest").role is Role.WAIT
    clock.move(60)
    resolver = store.pending.claim("a", "digest")
    assert resolver.role is Role.RESOLVE
    assert store.pending.not_found(resolver) > 0
    clock.move(900)
    assert store.pending.not_found(store.pending.claim("a", "digest")) == 0.0
    assert store.pending.claim("a", "digest").role is Role.SEND


def test_killed_at_random_moments_each_is_created_once(url: str, tmp_path: Path) -> None:
    """Kill whoever creates, again and again; in the end v3 has each document once."""
    v3, chance = tmp_path / "v3", random.Random(4)
    v3.touch()
    now = NOW
    for turn in range(KILLS):
        here, there = context().Pipe()
        process = context().Process(target=workers.creates, args=(url, str(v3), now, there))
        process.start()
        if turn % 2:  # else killed at any moment, also while it starts and opens the store
            assert here.poll(30)
        time.sleep(0.15 * chance.random())
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        now += 960
    begun = len(v3.read_text().splitlines())
    assert begun >= KILLS // 2, "nothing was done that a kill could interrupt"
    workers.creates(url, str(v3), now, None, begun + 3)
    made = Counter(v3.read_text().splitlines())
    assert made == {f"digest {number}": 1 for number in range(begun + 3)}
