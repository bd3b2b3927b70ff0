"""What the rows of a v2 correction mean: proven by its totals, or not at all."""

from typing import Any

import pytest

from infakt_compat.migrate.planning.proofs import Proof, prove, prove_all

Row = dict[str, Any]


def row(name: str, quantity: int | str, price: int, rate: str = "23") -> Row:
    """Give a row as create takes it; price in grosze."""
    return {"name": name, "quantity": quantity, "unit_net_price": price, "tax_symbol": rate}


def totals(net: int, tax: int) -> Row:
    """Give the totals of a correction."""
    return {"net_price": net, "tax_price": tax, "gross_price": net + tax}


def proven(before: list[Row], rows: list[Row], net: int, tax: int) -> Proof:
    """Prove a correction."""
    return prove(before, {"services": rows, **totals(net, tax)})


def states(proof: Proof) -> list[tuple[Any, Any, Any, Any]]:
    """Give quantity and price of each pair, before and after."""
    assert proof.fault is None
    return [
        (old["quantity"], old["unit_net_price"], new["quantity"], new["unit_net_price"])
        for old, new in proof.pairs
    ]


TABLE, CHAIR = row("Stół", 3, 10000), row("Krzesło", 5, 2000)


def test_rows_of_the_state_after() -> None:
    """Their totals are those of the state, the correction's the difference."""
    proof = proven([TABLE, CHAIR], [row("Stół", 2, 10000), CHAIR], -10000, -2300)
    assert states(proof) == [(3, 10000, 2, 10000), (5, 2000, 5, 2000)]
    assert proof.difference == (-10000, -2300, -12300)


def test_a_row_that_is_gone_and_one_that_is_new() -> None:
    """What is missing was taken away, what is new was added, matched by name first."""
    proof = proven([TABLE, CHAIR], [row("Lampa", 1, 7000, "8"), CHAIR], -23000, -6340)
    assert states(proof) == [(0, 0, 1, 7000), (5, 2000, 5, 2000), (3, 10000, 0, 0)]
    assert [one["name"] for one in proof.after] == ["Lampa", "Krzesło"]


@pytest.mark.parametrize(
    ("difference", "net", "tax", "expected"),
    [
        (row("Stół", -1, 10000), -10000, -2300, (3, 10000, 2, 10000)),
        (row("stół ", -3, 10000), -30000, -6900, (3, 10000, 0, 10000)),
        (row("Stół", 3, -500), -1500, -345, (3, 10000, 3, 9500)),
        (row("Rabat", -1, 500), -500, -115, (0, 0, -1, 500)),
    ],
)
def test_rows_of_the_difference(
    difference: Row, net: int, tax: int, expected: tuple[int, int, int, int]
) -> None:
    """Of the quantity, of the price, or a row of its own; what is not named stays as it was."""
    proof = proven([TABLE, CHAIR], [difference], net, tax)
    assert states(proof) == [expected]
    assert CHAIR in [{name: one[name] for name in CHAIR} for one in proof.after]
    assert proof.difference == (net, tax, net + tax)


def test_rows_of_both_states() -> None:
    """The rows that stood and those that stand now, one after the other or in blocks."""
    fewer, cheaper = row("Stół (po)", 2, 10000), row("Krzesło (po)", 5, 1500)
    total = (-10000 - 2500, -2300 - 575)
    named = [{**TABLE, "name": "Stół (przed)"}, {**CHAIR, "name": "Krzesło (przed)"}]
    for rows in ([named[0], fewer, named[1], cheaper], [*named, fewer, cheaper]):
        proof = proven([TABLE, CHAIR], rows, *total)
        assert states(proof) == [(3, 10000, 2, 10000), (5, 2000, 5, 1500)]


def test_totals_that_are_the_state_after() -> None:
    """v3 shows the difference all the same."""
    proof = proven([TABLE], [row("Stół", -1, 10000)], 20000, 4600)
    assert proof.difference == (-10000, -2300, -12300)


def test_what_both_readings_explain_is_not_guessed() -> None:
    """80 instead of 100, or 80 more: the totals fit both."""
    proof = proven([row("Usługa", 1, 10000)], [row("Usługa", 1, 8000)], 8000, 1840)
    assert proof.fault is not None
    assert proof.fault.code == "correction.ambiguous"


def test_what_no_reading_explains() -> None:
    """A grosz more than the rows say."""
    proof = proven([TABLE], [row("Stół", -1, 10000)], -10001, -2300)
    assert proof.fault is not None
    assert (proof.fault.code, proof.fault.detail) == ("correction.unproven", "-123.01")


def test_a_correction_of_what_is_nothing() -> None:
    """An invoice that was taken back as a whole is not corrected once more."""
    once = {"services": [row("Stół", -3, 10000)], **totals(-30000, -6900)}
    first, second = prove_all([TABLE], [(1, once), (2, once)])
    assert first[1].fault is None
    assert second[1].fault is not None
    assert second[1].fault.code == "correction.unproven"


@pytest.mark.parametrize("missing", ["net_price", "tax_price", "gross_price", "services"])
def test_what_lacks_totals_or_rows_proves_nothing(missing: str) -> None:
    """Nothing can be compared."""
    correction = {"services": [row("Stół", -1, 10000)], **totals(-10000, -2300)}
    del correction[missing]
    fault = prove([TABLE], correction).fault
    assert fault is not None
    assert fault.code == "correction.incomplete"


def test_rows_without_a_rate_prove_nothing() -> None:
    """What v3 would compute of them is not known."""
    bare = {"name": "Stół", "quantity": -1, "unit_net_price": 10000}
    fault = proven([TABLE], [bare], -10000, -2300).fault
    assert fault is not None
    assert fault.code == "correction.incomplete"


def test_rows_go_out_as_pairs() -> None:
    """The group is a text, and the row after is the corrected one (v3-wire 5)."""
    rows = proven([TABLE], [row("Stół", -1, 10000)], -10000, -2300).rows
    assert [(one["group"], one["correction"]) for one in rows] == [("1", False), ("1", True)]
    assert all("net_price" not in one for one in rows)


def test_originals_as_the_account_shows_them() -> None:
    """With every price and total, and quantities as text; one price goes out."""
    shown = {
        "id": 5, "name": "Stół", "tax_symbol": "23", "unit": "szt.", "quantity": "3.0",
        "unit_net_price": 10000, "net_price": 30000, "tax_price": 6900, "gross_price": 36900,
        "discount": "0.0", "gtu_id": None,
    }  # fmt: skip
    proof = proven([shown], [row("Stół", -1, 10000)], -10000, -2300)
    assert states(proof) == [("3.0", 10000, 2, 10000)]
    assert "id" not in proof.pairs[0][0]


def test_a_discounted_row_keeps_its_own_total() -> None:
    """Where quantity times price is not the row's net value, the net value is what is sent."""
    discounted = {**TABLE, "net_price": 27000, "tax_price": 6210, "gross_price": 33210}
    after = {**row("Stół", 2, 10000), "net_price": 18000, "tax_price": 4140, "gross_price": 22140}
    proof = proven([discounted], [after], -9000, -2070)
    assert proof.fault is None
    assert [old["net_price"] for old, _ in proof.pairs] == [27000]
