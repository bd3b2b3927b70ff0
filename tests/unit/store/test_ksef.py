"""Invoices on their way to KSeF, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from infakt_compat.store import Ages, KsefInvoice, KsefState, Store, open_store

from . import workers
from .conftest import NOW, Clock

MICROS = int(NOW) * 1_000_000


def test_a_row_there_and_back(store: Store) -> None:
    """What was noted, by account and id; a second note takes the place of the first."""
    made = store.ksef.put("a", 1, "uuid", KsefState.DUE, 60)
    assert made == KsefInvoice(
        1, "uuid", KsefState.DUE, MICROS, 0, MICROS + 60_000_000, version=made.version
    )
    assert store.ksef.get("a", 1) == made
    assert (store.ksef.get("b", 1), store.ksef.get("a", 2)) == (None, None)
    assert made.at == datetime.fromtimestamp(NOW, UTC)
    again = store.ksef.put("a", 1, "other", KsefState.ACCEPTED, None)
    assert store.ksef.get("a", 1) == again
    assert again.next_look is None
    assert (store.ksef.used("a"), store.ksef.used("b")) == (True, False)
    assert (store.ksef.forget("a", 1), store.ksef.forget("a", 1)) == (True, False)
    assert store.ksef.get("a", 1) is None


def test_one_of_two_moves_it(store: Store, clock: Clock) -> None:
    """Who comes second with the same row in hand is told so, and changes nothing."""
    sent = store.ksef.put("a", 1, "uuid", KsefState.SENT, 30)
    first = store.ksef.move(
        "a", sent, KsefState.REJECTED, 60, number="1/01/2026", code="rejected", text="Zły NIP"
    )
    assert first is not None
    assert (first.number, first.code, first.text) == ("1/01/2026", "rejected", "Zły NIP")
    assert store.ksef.move("a", sent, KsefState.ACCEPTED, None) is None
    assert store.ksef.get("a", 1) == first
    clock.move(5)
    assert store.ksef.age(first) == 5.0
    back = store.ksef.move("a", first, KsefState.SENT, 30)
    assert back is not None
    assert (back.number, back.code, back.text) == (None, None, None)
    store.ksef.forget("a", 1)
    assert store.ksef.move("a", back, KsefState.ACCEPTED, None) is None


def test_looks_are_claimed(store: Store, clock: Clock) -> None:
    """What is due, the longest first; a claim moves the next look on, and is had once."""
    for number, wait in ((1, 30), (2, 10), (3, None), (4, 20), (5, 40)):
        store.ksef.put("a", number, f"u{number}", KsefState.SENT, wait)
    store.ksef.put("b", 6, "u6", KsefState.SENT, 0)
    assert store.ksef.waiting("a") == []
    clock.move(30)
    due = store.ksef.waiting("a")
    assert [one.id for one in due] == [2, 4, 1]
    assert [one.id for one in store.ksef.waiting("a", most=1)] == [2]
    assert [one.id for one in store.ksef.waiting("a", due=False)] == [2, 4, 1, 5]
    assert [store.ksef.claim("a", due[0], 60) for _ in range(2)] == [True, False]
    assert store.ksef.claim("a", due[1], None)
    assert [one.id for one in store.ksef.waiting("a", due=False)] == [1, 5, 2]
    found = store.ksef.get("a", 2)
    assert found is not None
    assert (found.looks, found.next_look) == (1, MICROS + 90_000_000)
    moved = store.ksef.move("a", due[2], KsefState.ACCEPTED, None)
    assert moved is not None
    assert not store.ksef.claim("a", due[2], 60)  # it stands otherwise now


def test_of_several_processes_one_claims_each(url: str, at_once: Callable[..., list[Any]]) -> None:
    """Of several processes one claims each, and one moves each."""
    with open_store(url) as store:
        for number in range(1, 9):
            store.ksef.put("a", number, "u", KsefState.SENT, 0)
    claimed = [number for one in at_once(4, workers.claims_ksef, url) for number in one]
    assert sorted(claimed) == list(range(1, 9))
    moved = [number for one in at_once(4, workers.rejects_ksef, url) for number in one]
    assert sorted(moved) == list(range(1, 9))


def test_rejections_newest_first(store: Store, clock: Clock) -> None:
    """Of one account, those that stand."""
    for number in (1, 2, 3):
        sent = store.ksef.put("a", number, "u", KsefState.SENT, 30)
        clock.move(1)
        store.ksef.move("a", sent, KsefState.REJECTED, None, code="error")
    assert [one.id for one in store.ksef.rejected("a")] == [3, 2, 1]
    rejected = store.ksef.get("a", 2)
    assert rejected is not None
    store.ksef.move("a", rejected, KsefState.ACCEPTED, None)
    assert [one.id for one in store.ksef.rejected("a")] == [3, 1]
    assert store.ksef.rejected("b") == []


def test_they_go_by_age_and_with_their_account(store: Store, clock: Clock, ages: Ages) -> None:
    """Ninety days after the last change, and when an account is forgotten."""
    sent = store.ksef.put("a", 1, "u", KsefState.SENT, None)
    store.ksef.put("b", 1, "u", KsefState.ACCEPTED, None)
    clock.move(10)
    store.ksef.move("a", sent, KsefState.REJECTED, None)
    clock.move(ages.ksef - 11)
    assert store.purge().ksef == 0
    clock.move(1)
    assert store.purge().ksef == 1
    assert (store.ksef.used("a"), store.ksef.used("b")) == (True, False)
    assert (store.forget_account("a"), store.ksef.used("a")) == (1, False)


def test_what_cannot_be_kept(store: Store) -> None:
    """The same is refused on both databases."""
    for account, number, uuid in (("", 1, "u"), ("a", 0, "u"), ("a", 1, ""), ("a", 1, "\0")):
        with pytest.raises(ValueError, match=r"must|holds"):
            store.ksef.put(account, number, uuid, KsefState.DUE, None)
    sent = store.ksef.put("a", 1, "u", KsefState.SENT, None)
    with pytest.raises(ValueError, match="NUL"):
        store.ksef.move("a", sent, KsefState.REJECTED, None, text="\0")
