"""Which invoices a create in doubt may have made: none that contradicts what was sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infakt_compat.facade import Api
from infakt_compat.facade.sameness import same_words
from infakt_compat.standin import StandIn, kinds
from tests.v2_invoice import LINE, client_of, documents, invoice

from .conftest import Make
from .support import ON_BOTH_STORES, Tree, Wall, calls, error_of, made_id

pytestmark = pytest.mark.usefixtures("no_faults")

QUARTER = 16 * 60
ROW: Tree = {"name": "Usługa", "tax_symbol": "23", "unit_net_price": 10000, "quantity": 2}
NOTES, DUE = "zlecenie 7", "2030-01-02"


def body_of(buyer: int) -> Tree:
    """Give the invoice that is created."""
    return invoice(buyer, uwagi=NOTES, termin_zaplaty=DUE)


def seed(standin: StandIn, buyer: int, *rows: Tree) -> list[int]:
    """Have another program make invoices that say the same, but for what a row says."""
    equal = {"client_id": buyer, "payment_method": "transfer", "services": [ROW],
             "notes": NOTES, "payment_date": DUE}  # fmt: skip
    made = standin.seed(invoices=[{**equal, **row} for row in rows])["invoices"]
    return [one["id"] for one in made]


def later(standin: StandIn, wall: Wall, seconds: int = QUARTER) -> None:
    """Let time pass, for the store and for v3 alike."""
    wall.ahead += seconds
    standin.configure("clock", advance=seconds)


@pytest.mark.parametrize(
    "other",
    [
        {"notes": "zlecenie 8"},
        {"notes": None},
        {"payment_date": "2030-01-03"},
        {"payment_method": "cash"},
        {"services": [{**ROW, "name": "Inna usługa"}]},
        {"services": [{**ROW, "unit_net_price": 5000, "quantity": 4}]},
        {"services": [{**ROW, "quantity": 1}, {**ROW, "quantity": 1}]},
    ],
    ids=str,
)
def test_one_that_says_otherwise_is_none(
    current: StandIn, today: Api, wall: Wall, other: Tree
) -> None:
    """Same client, date and total: it is neither taken nor in the way."""
    buyer = client_of(current)
    foreign = seed(current, buyer, other, other)
    current.fault("drop_before", method="POST")
    error = error_of(lambda: today.invoices.create(body_of(buyer)))
    assert (error.status, "several" in error.body["details"]) == (503, False)
    later(current, wall)
    made = made_id(today.invoices.create(body_of(buyer)))
    assert made not in foreign
    assert len(documents(current)) == 3


def test_the_one_that_is_left_is_it(current: StandIn, today: Api) -> None:
    """It was made, and others like it stand around it: it is found at once."""
    buyer = client_of(current)
    foreign = seed(current, buyer, {"notes": "a"}, {"notes": "b"}, {"payment_method": "cash"})
    current.fault("drop_after", method="POST")
    made = made_id(today.invoices.create(body_of(buyer)))
    assert made not in foreign
    assert len(documents(current)) == 4


@pytest.mark.parametrize("hours", [-1, 2])
def test_one_of_another_time_is_none(current: StandIn, today: Api, wall: Wall, hours: int) -> None:
    """Made before the first sending, or long after the last: equal ones are not in the way."""
    buyer = client_of(current)
    current.fault("drop_before", method="POST")
    assert error_of(lambda: today.invoices.create(body_of(buyer))).status == 503
    created = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    foreign = seed(current, buyer, *[{"created_at": created}] * 2)
    later(current, wall, 3 * 3600)
    assert made_id(today.invoices.create(body_of(buyer))) not in foreign


def test_the_document_tells_what_the_list_lacks(
    current: StandIn, today: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list without notes: each row that fits is read."""
    buyer = client_of(current)
    seed(current, buyer, {"notes": "zlecenie 8"}, {"notes": "zlecenie 9"})
    real = kinds.Family.list_keys
    monkeypatch.setattr(
        kinds.Family,
        "list_keys",
        lambda self, classic: tuple(key for key in real(self, classic) if key != "notes"),
    )
    current.fault("drop_before", method="POST")
    error = error_of(lambda: today.invoices.create(body_of(buyer)))
    assert "several" not in error.body["details"]
    assert calls(current).count("GET /invoices/*") == 2


@ON_BOTH_STORES
def test_what_somebody_can_do_about_equal_ones(current: StandIn, today: Api, wall: Wall) -> None:
    """The 503 names them and the way out; who is named as another's is in the way no more."""
    buyer = client_of(current)
    first, second = seed(current, buyer, {}, {})
    current.fault("drop_before", method="POST")
    error = error_of(lambda: today.invoices.create(body_of(buyer)))
    assert f"(id {first})" in error.body["details"]
    assert f"(id {second})" in error.body["details"]
    assert "api.invoices.foreign(id)" in error.body["details"]
    later(current, wall)
    assert error_of(lambda: today.invoices.create(body_of(buyer))).status == 503
    assert today.invoices.foreign(first)
    assert made_id(today.invoices.create(body_of(buyer))) == second
    assert not today.invoices.foreign(second)
    assert len(documents(current)) == 2


def test_where_all_are_others_it_was_never_made(current: StandIn, today: Api, wall: Wall) -> None:
    """After the quarter of an hour a repeat creates it."""
    buyer = client_of(current)
    foreign = seed(current, buyer, {}, {})
    current.fault("drop_before", method="POST")
    assert error_of(lambda: today.invoices.create(body_of(buyer))).status == 503
    assert all(today.invoices.foreign(number) for number in foreign)
    assert error_of(lambda: today.invoices.create(body_of(buyer))).status == 503
    later(current, wall)
    assert made_id(today.invoices.create(body_of(buyer))) not in foreign


def test_a_create_that_says_otherwise_gives_no_right_to_a_guess(
    current: StandIn, make: Make
) -> None:
    """Two equal invoices of another program stay unclear, whatever else is in doubt."""
    api, buyer = make(current, patience=0.3), client_of(current)
    seed(current, buyer, {}, {})
    current.fault("drop_before", method="POST", times=2)
    other = invoice(buyer, uwagi="zlecenie 8", termin_zaplaty=DUE)
    assert error_of(lambda: api.invoices.create(other)).status == 503
    error = error_of(lambda: api.invoices.create(body_of(buyer)))
    assert (error.status, "several" in error.body["details"]) == (503, True)


def test_what_v3_may_have_filled_is_no_contradiction(
    current: StandIn, make: Make, wall: Wall
) -> None:
    """A lone row with notes, where none were sent, is it; unless another create may have it."""
    api, buyer = make(current, patience=1.5), client_of(current)
    plain: Any = invoice(buyer, termin_zaplaty=DUE)
    current.fault("drop_after", method="POST")
    current.fault("status", status=500, method="GET", times=50)
    assert error_of(lambda: api.invoices.create(body_of(buyer))).status == 503
    current.world.faults.clear()
    current.fault("drop_before", method="POST")
    details = error_of(lambda: api.invoices.create(plain)).body["details"]
    assert "another create, which is settled first" in details
    assert "foreign" not in details
    made = made_id(api.invoices.create(body_of(buyer)))
    later(current, wall)
    assert made_id(api.invoices.create(plain)) != made


def test_creates_that_v3_cannot_tell_apart_do_not_wait_for_each_other(
    current: StandIn, make: Make, wall: Wall
) -> None:
    """They differ in what v3 does not hold, and v3 filled a text: one invoice, then the other."""
    api, buyer = make(current, patience=0.3), client_of(current)
    bodies: list[Any] = [
        invoice(buyer, termin_zaplaty=DUE, services=[{**LINE, "product_id": number}])
        for number in (1, 2)
    ]
    current.fault("drop_before", method="POST", times=2)
    for body in bodies:
        assert error_of(lambda body=body: api.invoices.create(body)).status == 503  # type: ignore[misc]
    (there,) = seed(current, buyer, {"notes": "tekst klienta"})
    assert made_id(api.invoices.create(bodies[0])) == there
    later(current, wall)
    assert made_id(api.invoices.create(bodies[1])) != there
    assert len(documents(current)) == 2


@pytest.mark.parametrize(
    ("sent", "shown", "same"),
    [
        ("Kraków & syn „A”", 'Kraków &amp; syn "A"', True),
        ("a\r\nb 🙂", "a b", True),
        ("zlecenie 1", "zlecenie 12", False),
        ("zlecenie 1", "", False),
    ],
)
def test_spelling_is_no_contradiction(sent: str, shown: str, same: bool) -> None:
    """Letters and digits are what counts."""
    assert same_words(sent, shown) is same
