"""What goes by age, and that it is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from infakt_compat.store import Ages, Document, Lookup, Purged, Role, Store, StoreBusy, open_store

from .conftest import NOW, Clock

DAY = 86_400
NOTHING = Purged(0, 0, 0, 0, 0)


def _gone(store: Store, **more: int) -> None:
    found = store.purge()
    expected = {"answers": 0, "residues": 0, "created": 0, "events": 0, **more}
    assert {name: getattr(found, name) for name in expected} == expected


def test_answers_go_by_their_ages(store: Store, clock: Clock, ages: Ages) -> None:
    """Answers go by their ages."""
    told = store.pending.claim("a", "told")
    store.pending.done(told, "1", ("invoice", 1))
    store.pending.delivered(told)
    store.pending.done(store.pending.claim("a", "untold"), "2")
    store.pending.failed(store.pending.claim("a", "failed"), "422")
    store.pending.claim("a", "doubt", Lookup(client="Jan Kowalski"))
    for age, count, left in (
        (ages.delivered, 1, ["doubt", "failed", "untold"]),
        (ages.answered, 2, ["doubt"]),
        (ages.in_doubt, 1, []),
    ):
        clock.now = NOW + age - 1
        _gone(store)
        clock.now = NOW + age
        _gone(store, answers=count)
        names = ("doubt", "failed", "told", "untold")
        assert [name for name in names if store.pending.get("a", name)] == left
    clock.now = NOW + ages.created - 1
    _gone(store)
    clock.move(1)
    _gone(store, created=1)


def test_a_create_that_someone_is_at_stays(store: Store, clock: Clock, ages: Ages) -> None:
    """A create that someone is at stays."""
    store.pending.claim("a", "d", hold=ages.in_doubt + 10)
    clock.move(ages.in_doubt)
    _gone(store)
    clock.move(10)
    _gone(store, answers=1)


def test_residues_without_a_document_go(store: Store, clock: Clock, ages: Ages) -> None:
    """Residues without a document go."""
    store.documents.see("a", [Document("invoice", 1), Document("client", 2)])
    for account, kind, number in (
        ("a", "invoice", 1), ("a", "client", 1), ("a", "invoice", 2), ("b", "invoice", 1),
    ):  # fmt: skip
        store.residues.put(account, kind, number, {"x": 1})
    clock.move(ages.residue - 1)
    _gone(store)
    clock.move(1)
    _gone(store, residues=3)
    assert store.residues.get("a", "invoice", 1) == {"x": 1}


def test_leases_and_events_go(store: Store, clock: Clock) -> None:
    """Leases and events go."""
    store.limits.record([("w", 1, 60)])
    clock.move(DAY - 1)
    store.leases.acquire("a", "index", 10)
    assert store.purge().events == 1
    clock.move(10)
    assert store.purge().leases == 2  # the index's, and the daily purge's own
    assert store.leases.acquire("a", "index", 10) is not None


def test_each_opening_purges_once_a_day(url: str, clock: Clock, ages: Ages) -> None:
    """Each opening purges once a day."""
    with open_store(url, clock=clock) as store:
        store.pending.claim("a", "d")
        clock.move(ages.in_doubt - 1)
        assert store.purge_if_due() == Purged(0, 0, 0, 0, 0)
        assert store.purge_if_due() is None
    clock.move(DAY - 1)
    with open_store(url, clock=clock) as store:
        assert store.pending.get("a", "d") is not None
    clock.move(1)
    with open_store(url, clock=clock) as store:
        assert store.pending.get("a", "d") is None


def test_a_purge_that_failed_is_due_again(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A purge that failed is due again at once, and does not prevent the opening."""
    clock.move(DAY)
    with monkeypatch.context() as broken:
        broken.setattr("infakt_compat.store.store.purging.purge", _busy)
        with pytest.raises(StoreBusy):
            store.purge_if_due()
        with open_store(store._database.url, clock=clock) as other:
            assert other.documents.count("a") == 0
    assert store.purge_if_due() is not None


def _busy(*_: object) -> None:
    raise StoreBusy("others are at work")


def test_an_account_is_forgotten_whole(store: Store) -> None:
    """An account is forgotten whole."""
    for account in ("a", "b"):
        store.documents.see(account, [Document("invoice", 1)])
        store.residues.put(account, "invoice", 1, {"x": 1})
        store.values.put(account, "v", 1)
        store.leases.acquire(account, "index", 60)
        store.pending.done(store.pending.claim(account, "d"), "1", ("invoice", 1))
    assert store.forget_account("a") == 6
    assert store.forget_account("a") == 0
    assert store.documents.count("a") == 0
    assert store.residues.get("a", "invoice", 1) == {}
    assert store.values.get("a", "v") is None
    assert store.pending.get("a", "d") is None
    assert store.leases.acquire("a", "index", 60) is not None
    assert store.documents.count("b") == 1
    assert store.pending.claim("b", "d").role is Role.ANSWERED
    with pytest.raises(ValueError, match="an account"):
        store.forget_account("")


def test_what_is_purged_is_gone_from_the_files(tmp_path: Path, clock: Clock, ages: Ages) -> None:
    """What is purged is gone from the files."""
    with open_store(tmp_path / "s.db", clock=clock) as store:
        for number in range(50):
            store.pending.claim("a", f"d{number}", Lookup(client="Jan Kowalski"))

        def found() -> bool:
            return any(b"Kowalski" in path.read_bytes() for path in tmp_path.iterdir())

        assert found()
        clock.move(ages.in_doubt)
        store.purge()
        assert not found()


def test_ages_that_contradict_each_other() -> None:
    """Ages that contradict each other."""
    for ages in (
        {"not_found": 0}, {"in_doubt": -1}, {"not_found": 31 * DAY}, {"created": 29 * DAY},
        {"residue": float("nan")},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="must"):
            Ages(**ages)
