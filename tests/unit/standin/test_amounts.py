"""VAT a row, in integer grosze, half up (v3-wire 1.4, 4.2, 4.5, 10)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from infakt_compat.standin import amounts, words

from .conftest import Api

Numbers = tuple[int, int, int, int]


def row(api: Api, **prices: Any) -> dict[str, Any]:
    """Create an invoice with one row and answer the row."""
    given = {"name": "x", "tax_symbol": "23", **prices}
    made = api.invoice(services=[given])
    shown: dict[str, Any] = made["services"][0]
    assert made["net_price"] == shown["net_price"]
    assert made["gross_price"] == made["net_price"] + made["tax_price"] == shown["gross_price"]
    return shown


def money(shown: dict[str, Any]) -> Numbers:
    """Pick unit, net, tax and gross."""
    names = ("unit_net_price", "net_price", "tax_price", "gross_price")
    unit, net, tax, gross = (shown[name] for name in names)
    return unit, net, tax, gross


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ({"unit_net_price": 6623, "net_price": 6623}, (6623, 6623, 1523, 8146)),
        ({"unit_net_price": 1000, "quantity": 2}, (1000, 2000, 460, 2460)),
        ({"net_price": 6623, "quantity": 3, "tax_symbol": 7}, (2208, 6623, 464, 7087)),
        ({"gross_price": 6623}, (5385, 5385, 1238, 6623)),
        ({"gross_price": 6623, "quantity": "0.5"}, (10770, 5385, 1238, 6623)),
        ({"unit_net_price": 3, "quantity": 0.5}, (3, 2, 0, 2)),
        ({"unit_net_price": 50, "tax_symbol": "5"}, (50, 50, 3, 53)),
        ({"unit_net_price": -50, "tax_symbol": "5"}, (-50, -50, -3, -53)),
        ({"unit_net_price": 100, "quantity": 0}, (100, 0, 0, 0)),
        ({"gross_price": 100, "quantity": 0}, (81, 81, 19, 100)),
        ({"unit_net_price": 100, "tax_symbol": "oo"}, (100, 100, 0, 100)),
        ({"unit_net_price": 100, "gross_price": 123, "tax_price": 23}, (100, 100, 23, 123)),
        ({"net_price": 5385, "gross_price": 6623}, (5385, 5385, 1239, 6624)),
    ],
)
def test_net_and_gross_mode(api: Api, prices: dict[str, Any], expected: Numbers) -> None:
    """Any net wins over gross; half a grosz goes up, away from zero."""
    assert money(row(api, **prices)) == expected


def test_totals_are_sums_of_rounded_rows(api: Api) -> None:
    """1x100 + 1x200 is 300/69/369, and rows are rounded one by one (v3-wire 4.5)."""
    rows = [{"name": "x", "tax_symbol": "23", "unit_net_price": price} for price in (100, 200)]
    made = api.invoice(services=rows)
    assert (made["net_price"], made["tax_price"], made["gross_price"]) == (300, 69, 369)
    rows = [{"name": "x", "tax_symbol": "5", "unit_net_price": 50}] * 2
    assert api.invoice(services=rows)["tax_price"] == 6


def test_texts_are_read_by_their_leading_digits(api: Api) -> None:
    """A text of "500.00" is 500 grosze, with a 201 (v3-wire 10.1)."""
    assert row(api, unit_net_price="500.00")["net_price"] == 500
    assert row(api, unit_net_price="300.00 PLN")["net_price"] == 300
    assert row(api, unit_net_price=12.9)["net_price"] == 12


def test_quantities_are_exact_and_are_numbers_on_read(api: Api) -> None:
    """A number or a text on write, a JSON number on read, no float in between (v3-wire 4.2)."""
    assert row(api, unit_net_price=1)["quantity"] == 1
    assert '"quantity":1,' in api.call("GET", "/invoices.json").text
    made = api.invoice(
        services=[
            {
                "name": "x", "tax_symbol": "23", "unit_net_price": 1,
                "quantity": "0.12345678901234567890",
            }
        ]
    )  # fmt: skip
    text = api.get(f"/invoices/{made['uuid']}.json").text
    assert '"quantity":0.1234567890123456789,' in text
    assert row(api, unit_net_price=100, quantity="")["quantity"] == 1
    huge = 10**14 + 1
    assert row(api, unit_net_price=huge, tax_symbol="np")["net_price"] == huge


def test_discount(api: Api) -> None:
    """Percent, text on read; the price before it is kept (v3-wire 4.2)."""
    shown = row(api, unit_net_price_before_discount=1000, discount=12.5)
    assert (shown["unit_net_price"], shown["discount"]) == (875, "12.5")
    assert shown["unit_net_price_before_discount"] == 1000
    shown = row(api, unit_net_price=900, discount="10")
    assert (shown["unit_net_price_before_discount"], shown["discount"]) == (1000, "10.0")
    assert row(api, unit_net_price=900)["discount"] == "0.0"
    assert row(api, unit_net_price=5, discount=100)["unit_net_price_before_discount"] == 5
    gross = row(api, gross_price=1107, discount=10)
    assert (gross["net_price"], gross["unit_net_price_before_discount"]) == (900, 1000)


def test_classification_of_a_row(api: Api) -> None:
    """One text of three codes, or a text of one's own (v3-wire 4.2)."""
    shown = row(api, unit_net_price=1, pkwiu="84.11.12.0")
    assert shown["symbol"] == "84.11.12.0 / - / -"
    assert (shown["pkwiu"], shown["cn"], shown["pkob"]) == ("84.11.12.0", None, None)
    shown = row(api, unit_net_price=1, symbol="62.01", gtu_id=12, unit="szt.")
    assert (shown["symbol"], shown["gtu_id"], shown["unit"]) == ("62.01", "12", "szt.")
    assert row(api, unit_net_price=1)["symbol"] == ""


def test_a_row_read_and_written_again_is_the_same(api: Api) -> None:
    """In both modes, but for its id."""
    for prices in (
        {"unit_net_price": 333, "quantity": "1.5"},
        {"unit_net_price_before_discount": 999, "discount": "33.3"},
    ):
        made = api.invoice(services=[{"name": "x", "tax_symbol": "8", **prices}])
        path = f"/invoices/{made['uuid']}.json"
        again = api.put(path, {"invoice": {"services": made["services"]}}).json()
        old, new = made["services"][0], again["services"][0]
        assert new["id"] != old["id"]
        assert {**new, "id": 0} == {**old, "id": 0}


@pytest.mark.parametrize(
    ("value", "rounded"), [("0.5", 1), ("-0.5", -1), ("1.49", 1), ("-1.5", -2), ("2", 2)]
)
def test_half_up(value: str, rounded: int) -> None:
    """Away from zero at the half."""
    assert amounts.half_up(Decimal(value)) == rounded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "zero"),
        (1, "jeden"),
        (12, "dwanaście"),
        (21, "dwadzieścia jeden"),
        (100, "sto"),
        (1000, "tysiąc"),
        (2000, "dwa tysiące"),
        (5012, "pięć tysięcy dwanaście"),
        (12000, "dwanaście tysięcy"),
        (22000, "dwadzieścia dwa tysiące"),
        (1000001, "milion jeden"),
        (3 * 10**9, "trzy miliardy"),
    ],
)
def test_numbers_in_words(value: int, text: str) -> None:
    """Polish forms of one, few and many."""
    assert words.number_in_words(value) == text


def test_negative_amounts_in_words() -> None:
    """Corrections have them."""
    assert words.amount_in_words(-8174, "PLN") == "minus osiemdziesiąt jeden PLN 74/100"
