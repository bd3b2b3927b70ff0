"""KSeF: what is sent and when, and what is then left alone (decisions.md 5)."""

import pytest

from infakt_compat.facade import Api
from infakt_compat.standin import StandIn

from .conftest import Make
from .support import calls, client_of, codes, count, error_of, invoice, made_id, stored


@pytest.fixture
def api(current: StandIn, make: Make) -> Api:
    """Answer an API that sends to KSeF."""
    return make(current, defaults={"send_to_ksef": True})


def sent(standin: StandIn, number: int) -> bool:
    """Say whether an invoice is in KSeF."""
    return stored(standin, number)["ksef_data"] is not None


@pytest.mark.parametrize(
    ("status", "kind", "wanted"),
    [
        ("szkic", "Faktura VAT", False), ("wydrukowana", "Faktura VAT", True),
        ("zapłacona", "Faktura VAT", True), ("wysłana", "Faktura proforma", False),
    ],
)  # fmt: skip
def test_on_create(current: StandIn, api: Api, status: str, kind: str, wanted: bool) -> None:
    """VAT invoices that are no drafts; proformas never."""
    body = invoice(client_of(current), status=status, rodzaj_faktury=kind)
    number = made_id(api.invoices.create(body))
    assert sent(current, number) is wanted


@pytest.mark.parametrize("verb", ["update", "paid", "pdf", "deliver"])
def test_a_draft_that_stops_being_one(current: StandIn, api: Api, verb: str) -> None:
    """It is sent then, once; a proforma is not, and neither is what was issued long before."""
    buyer = client_of(current)

    def act(number: int) -> None:
        if verb == "update":
            api.invoices.update(number, {"invoice": {"status": "wydrukowana"}})
        else:
            getattr(api.invoices, verb)(number)

    number = made_id(api.invoices.create(invoice(buyer)))
    act(number)
    assert sent(current, number)
    act(number)
    assert calls(current).count("POST /invoices/*/send_to_ksef.json") == 1
    proforma = made_id(api.invoices.create(invoice(buyer, rodzaj_faktury="Faktura proforma")))
    act(proforma)
    assert not sent(current, proforma)
    old = current.seed(invoices=[{"status": "sent", "client_id": buyer}])["invoices"][0]["id"]
    api.invoices.list()
    act(old)
    assert not sent(current, old)


def test_paid_through_update_sends_too(current: StandIn, api: Api) -> None:
    """First the payment, then KSeF."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    api.invoices.update(number, {"invoice": {"status": "zapłacona"}})
    assert (sent(current, number), stored(current, number)["status"]) == (True, "paid")


def test_other_kinds_are_v3s_own_affair(current: StandIn, api: Api) -> None:
    """Corrections and the like could not be written in v2."""
    made = current.seed(corrective_invoices=[{}])["corrective_invoices"][0]["id"]
    api.invoices.list()
    before = count(current)
    api.invoices.paid(made)
    assert not any("ksef" in call for call in calls(current, before))


def test_what_ksef_has_accepted_is_left_alone(current: StandIn, api: Api, make: Make) -> None:
    """409 with the advice to issue a correction; an update without a change is none."""
    number = made_id(api.invoices.create(invoice(client_of(current), status="wydrukowana")))
    before = count(current)
    error = error_of(lambda: api.invoices.update(number, {"invoice": {"uwagi": "x"}}))
    assert (error.status, "correction" in error.body["details"]) == (409, True)
    assert calls(current, before) == ["GET /invoices/*"]
    api.invoices.update(number, {"invoice": {"uwagi": "", "status": "zapłacona"}})
    assert stored(current, number)["status"] == "paid"
    for one in (api, make(current)):  # we look where KSeF is used, else v3 says it itself
        error = error_of(lambda one=one: one.invoices.delete(number))  # type: ignore[misc]
        assert (error.status, "correction" in error.body["details"]) == (409, True)
    assert stored(current, number)["notes"] in (None, "")


def test_a_refusal_on_create_is_409(current: StandIn, api: Api) -> None:
    """An account without KSeF: v3's words beside v2's."""
    current.configure("account", ksef=False)
    body = invoice(client_of(current), status="wydrukowana")
    error = error_of(lambda: api.invoices.create(body))
    assert (error.status, "KSeF" in error.body["details"]) == (409, True)
    assert error.body["errors"]["invoice"] == [["base", "invalid"]]


def test_sending_that_fails_later(current: StandIn, api: Api) -> None:
    """The answer is 200, a notice says it, and it is tried again in the background."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    current.fault("drop_before", method="POST", path="*send_to_ksef.json")
    api.invoices.update(number, {"invoice": {"status": "wydrukowana"}})
    assert "ksef.not_sent" in codes(api)
    api.run_background()
    assert sent(current, number)


def test_sending_in_doubt_is_looked_at(current: StandIn, api: Api) -> None:
    """Done, and the answer was lost: not sent again."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    current.fault("drop_after", method="POST", path="*send_to_ksef.json")
    api.invoices.update(number, {"invoice": {"status": "wydrukowana"}})
    assert "ksef.not_sent" not in codes(api)
    assert calls(current).count("POST /invoices/*/send_to_ksef.json") == 1
