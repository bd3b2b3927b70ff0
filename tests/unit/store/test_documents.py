"""Documents: what was seen, and what one number names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from infakt_compat.store import Document, Store

from . import workers
from .conftest import NOW, Clock


def _plain(documents: tuple[Document, ...]) -> list[tuple[str, int, str | None]]:
    return [(document.kind, document.id, document.uuid) for document in documents]


def test_one_number_names_documents_of_several_kinds(store: Store) -> None:
    """One number names documents of several kinds."""
    seen = [
        Document("invoice", 7, "u1"),
        Document("margin_invoice", 7, "u2"),
        Document("client", 7),
    ]
    assert store.documents.see("a", seen) == 3
    assert _plain(store.documents.find("a", 7)) == [
        ("client", 7, None),
        ("invoice", 7, "u1"),
        ("margin_invoice", 7, "u2"),
    ]
    assert _plain(store.documents.find("a", 7, {"invoice", "advance_invoice"})) == [
        ("invoice", 7, "u1")
    ]
    assert store.documents.find("a", 7, ()) == ()


def test_accounts_are_kept_apart(store: Store) -> None:
    """Accounts are kept apart."""
    store.documents.see("a", [Document("invoice", 7, "u")])
    assert store.documents.find("b", 7) == ()
    assert store.documents.by_uuid("b", "u") is None
    assert store.documents.count("b") == 0
    assert not store.documents.forget("b", "invoice", 7)
    assert store.documents.find("a", 7) == (Document("invoice", 7, "u", NOW),)


def test_by_uuid_and_counts(store: Store) -> None:
    """By uuid and counts."""
    store.documents.see("a", [Document("invoice", n, f"u{n}") for n in range(1, 1002)])
    store.documents.see("a", [Document("client", 1, "c")])
    assert store.documents.by_uuid("a", "u1001") == Document("invoice", 1001, "u1001", NOW)
    assert store.documents.by_uuid("a", "u1002") is None
    assert store.documents.count("a") == 1002
    assert store.documents.count("a", "client") == 1


def test_the_last_seen_of_two_with_one_uuid(store: Store, clock: Clock) -> None:
    """The last seen of two with one uuid."""
    store.documents.see("a", [Document("invoice", 2, "u")])
    clock.move(1)
    store.documents.see("a", [Document("invoice", 1, "u")])
    found = store.documents.by_uuid("a", "u")
    assert found is not None
    assert found.id == 1


def test_only_what_was_not_known_counts_as_new(store: Store) -> None:
    """Only what was not known counts as new."""
    assert store.documents.see("a", [Document("invoice", 1), Document("invoice", 1)]) == 1
    assert store.documents.see("a", [Document("invoice", 1), Document("client", 1)]) == 1
    assert store.documents.see("a", []) == 0


def test_a_uuid_comes_later_changes_and_is_not_lost(store: Store, clock: Clock) -> None:
    """A uuid comes later changes and is not lost."""
    for uuid, kept in ((None, None), ("u", "u"), (None, "u"), ("new", "new")):
        clock.move(86_400)
        store.documents.see("a", [Document("invoice", 1, uuid)])
        assert _plain(store.documents.find("a", 1)) == [("invoice", 1, kept)]


def test_an_older_sight_does_not_undo_a_newer_one(store: Store) -> None:
    """An older sight does not undo a newer one."""
    store.documents.see("a", [Document("invoice", 1, "new")], now=NOW + 10)
    store.documents.see("a", [Document("invoice", 1, "old")], now=NOW)
    assert store.documents.find("a", 1) == (Document("invoice", 1, "new", NOW + 10),)


def test_what_is_known_is_written_once_a_day(store: Store, clock: Clock) -> None:
    """What is known is written once a day."""
    writes: list[str] = []

    def before(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT"):
            writes.append(statement)

    event.listen(Engine, "before_cursor_execute", before)
    try:
        for move, count in ((0, 1), (86_399, 1), (1, 2)):
            clock.move(move)
            store.documents.see("a", [Document("invoice", 1, "u")])
            assert len(writes) == count
    finally:
        event.remove(Engine, "before_cursor_execute", before)
    assert store.documents.find("a", 1)[0].seen_at == NOW + 86_400


def test_forgetting_takes_the_residue_along(store: Store) -> None:
    """Forgetting takes the residue along."""
    store.documents.see("a", [Document("invoice", 1), Document("client", 1)])
    for kind in ("invoice", "client"):
        store.residues.put("a", kind, 1, {"kind": kind})
    assert store.documents.forget("a", "invoice", 1)
    assert not store.documents.forget("a", "invoice", 1)
    assert [document.kind for document in store.documents.find("a", 1)] == ["client"]
    assert store.residues.get("a", "invoice", 1) == {}
    assert store.residues.get("a", "client", 1) == {"kind": "client"}


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**40])
def test_numbers_that_no_document_has(store: Store, number: int) -> None:
    """Numbers that no document has."""
    assert store.documents.find("a", number) == ()
    assert store.residues.get("a", "invoice", number) == {}
    with pytest.raises(ValueError, match="id"):
        store.documents.see("a", [Document("invoice", number)])


def test_the_largest_number(store: Store) -> None:
    """The largest number."""
    store.documents.see("a", [Document("invoice", 2**63 - 1, "u")])
    assert _plain(store.documents.find("a", 2**63 - 1)) == [("invoice", 2**63 - 1, "u")]


def test_bad_keys_are_refused_alike(store: Store) -> None:
    """Bad keys are refused alike."""
    for account, kind, uuid in (
        ("", "k", None), ("a", "", None), ("x" * 501, "k", None), ("a\0", "k", None),
        ("a", "k", "u\0"), ("a", "k", "\ud800"), (None, "k", None),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"must be text|has more|holds"):
            store.documents.see(account, [Document(kind, 1, uuid)])  # type: ignore[arg-type]
    for number in (True, "1", 1.0):
        with pytest.raises(ValueError, match="integer"):
            store.documents.see("a", [Document("k", number)])  # type: ignore[arg-type]


def test_eight_processes_see_the_same_documents(
    url: str, store: Store, at_once: Callable[..., list[Any]]
) -> None:
    """Eight processes see the same documents."""
    new = at_once(8, workers.sees, url, 100)
    assert store.documents.count("a") == 100
    assert sum(new) >= 100
    assert {d.uuid for n in range(1, 101) for d in store.documents.find("a", n)} == {
        f"uuid {n}" for n in range(1, 101)
    }
