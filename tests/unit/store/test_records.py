"""Residues and values: JSON that nobody's change is lost from."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from infakt_compat.money import NumberText
from infakt_compat.store import Store, StoreBusy, StoreError, open_store

from . import workers

RESIDUE = {
    "version": 1,
    "fields": {
        "client_panstwo": {"value": "USA", "v3": "US"},
        "uwagi": {"value": "żółć \u0000 \U0001f600"},
        "cena": {"value": {"number": "1.50"}, "v3": NumberText("1.10")},
        "product_id": {"value": None},
    },
    "services": [{"position": 0, "name": "Produkt A", "fields": {}}],
}


def test_a_residue_comes_back_as_it_was(store: Store) -> None:
    """A residue comes back as it was."""
    store.residues.put("a", "invoice", 1, RESIDUE)
    found = store.residues.get("a", "invoice", 1)
    assert found == RESIDUE
    assert isinstance(found["fields"]["cena"]["v3"], NumberText)
    assert store.residues.get("a", "client", 1) == {}
    assert store.residues.get("b", "invoice", 1) == {}


def test_a_residue_is_replaced_and_removed(store: Store) -> None:
    """A residue is replaced and removed."""
    for residue in ({"a": 1}, {"b": 2}, {}, {}, {"c": Decimal("1.5")}):
        store.residues.put("a", "invoice", 1, residue)
        assert store.residues.get("a", "invoice", 1) == (
            residue if "c" not in residue else {"c": NumberText("1.5")}
        )


def test_updates_make_change_and_remove(store: Store) -> None:
    """Updates make change and remove."""

    def update(change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        new = store.residues.update("a", "invoice", 1, change)
        assert store.residues.get("a", "invoice", 1) == new
        return new

    assert update(lambda old: old) == {}
    assert update(lambda old: {**old, "x": 1}) == {"x": 1}
    assert update(lambda old: {**old, "y": 2}) == {"x": 1, "y": 2}
    assert update(lambda _: {}) == {}


def test_an_update_sees_what_came_in_between(store: Store) -> None:
    """Another writes, removes or adds while the function runs: it runs again."""
    for before, meanwhile in (({"n": 1}, {"n": 5}), ({"n": 1}, {}), ({}, {"n": 5})):
        store.residues.put("a", "invoice", 1, before)
        seen: list[dict[str, Any]] = []

        def change(
            old: dict[str, Any],
            seen: list[dict[str, Any]] = seen,
            meanwhile: dict[str, Any] = meanwhile,
        ) -> dict[str, Any]:
            seen.append(old)
            if len(seen) == 1:
                store.residues.put("a", "invoice", 1, meanwhile)
            return {**old, "mine": True}

        assert store.residues.update("a", "invoice", 1, change) == {**meanwhile, "mine": True}
        assert seen == [before, meanwhile]


def test_a_change_within_a_transaction(store: Store) -> None:
    """A value is made, changed and removed by a part of it; with it, it is undone."""
    for change, kept in (
        (lambda _: {"n": 1}, {"n": 1}), (lambda old: {**old, "m": 2}, {"n": 1, "m": 2}),
        (lambda _: {}, None), (lambda old: old, None), (lambda old: [old], [None]),
    ):  # fmt: skip
        store.database.write(store.values.changing("a", "v", change))
        assert store.values.get("a", "v") == kept

    def fails(connection: Connection) -> None:
        store.values.changing("a", "v", lambda _: "never")(connection)
        raise KeyError

    with pytest.raises(KeyError):
        store.database.write(fails)
    assert store.values.get("a", "v") == [None]


def test_many_residues_at_once(store: Store) -> None:
    """Each by kind and id, of this account alone; those that have none are not there."""
    for kind, number in (("invoice", 1), ("client", 1), ("client", 2), ("invoice", 900)):
        store.residues.put("a", kind, number, {"of": [kind, number]})
    store.residues.put("b", "invoice", 2, {"of": "b"})
    wanted = [("invoice", n) for n in range(-1, 901)] + [("client", 2), ("invoice", 2**63)]
    assert store.residues.of("a", wanted) == {
        one: {"of": list(one)} for one in (("invoice", 1), ("invoice", 900), ("client", 2))
    }
    assert store.residues.of("a", []) == {}


def test_an_update_that_never_wins_says_so(store: Store) -> None:
    """An update that never wins says so."""

    def change(old: Any) -> Any:
        store.values.put("a", "v", (old or 0) + 1)
        return -1

    with pytest.raises(StoreBusy, match="each time"):
        store.values.update("a", "v", change)
    assert store.values.get("a", "v") == 100


def test_eight_processes_lose_no_change(
    url: str, store: Store, at_once: Callable[..., list[Any]]
) -> None:
    """Eight processes lose no change."""
    at_once(8, workers.counts_up, url, 6)
    assert store.residues.get("a", "invoice", 1) == {"n": 48}
    assert [store.values.get("a", f"of {n}") for n in (0, 1)] == [24, 24]
    assert store.values.get("a", "all") == 48


@pytest.mark.parametrize("value", [0, False, "", [], "tekst", [1, None], {"a": {"b": []}}])
def test_values_of_every_sort(store: Store, value: Any) -> None:
    """Values of every sort."""
    assert store.values.get("a", "v") is None
    store.values.put("a", "v", value)
    assert store.values.get("a", "v") == value
    assert store.values.get("a", "w") is None
    assert store.values.get("b", "v") is None
    store.values.put("a", "v", None)
    assert store.values.get("a", "v") is None


def test_what_is_no_json_is_refused(store: Store) -> None:
    """What is no json is refused."""
    for value in (object(), "\ud800"):
        with pytest.raises(ValueError, match="JSON"):
            store.values.put("a", "v", value)


def test_bad_keys_are_refused(store: Store) -> None:
    """Bad keys are refused."""
    with pytest.raises(ValueError, match="a kind"):
        store.residues.put("a", "", 1, RESIDUE)
    with pytest.raises(ValueError, match="positive"):
        store.residues.put("a", "invoice", 0, RESIDUE)
    with pytest.raises(ValueError, match="a name"):
        store.values.get("a", "")


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    """A damaged record is named."""
    path = tmp_path / "s.db"
    with open_store(path) as store:
        store.values.put("a", "v", 1)
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            connection.execute(text("UPDATE infakt_values SET body = '{'"))
        engine.dispose()
        with pytest.raises(StoreError, match="damaged"):
            store.values.get("a", "v")
