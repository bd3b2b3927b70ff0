"""Each of an account's defaults, through HTTP: what v3 wants and v2 never had (issue 3)."""

from typing import Any

import pytest

from infakt_compat.facade import Api, Defaults
from infakt_compat.standin import StandIn
from tests.v2_invoice import LINE, client_of, invoice

from .conftest import Make
from .support import Tree, calls, count, error_of, made_id, stored

ZW = {**LINE, "stawka_vat": "zw"}


def created(api: Api, standin: StandIn, body: Tree) -> Tree:
    """Create an invoice and give it as v3 holds it."""
    return stored(standin, made_id(api.invoices.create(body)))


def accounts(standin: StandIn) -> tuple[str, str]:
    """Give v3's own default bank account, and another one."""
    first = standin.world.store.all("bank_accounts")[0]["account_number"]
    other = "27114020040000300201355387"
    standin.seed(bank_accounts=[{"bank_name": "Drugi Bank", "account_number": other}])
    return first, other


def test_bank_account(standin: StandIn, make: Make, buyer: int) -> None:
    """One for all, or one a currency; without it v3 takes its own."""
    first, other = accounts(standin)
    plain, named = make(standin), make(standin, defaults={"bank_account": other})
    by_currency = make(standin, defaults={"bank_account": {"EUR": other}})
    euro = invoice(buyer, waluta="EUR")
    assert created(plain, standin, invoice(buyer))["bank_account"] == first
    assert created(named, standin, invoice(buyer))["bank_account"] == other
    assert created(named, standin, euro)["bank_name"] == "Drugi Bank"
    assert created(by_currency, standin, invoice(buyer))["bank_account"] == first
    assert created(by_currency, standin, euro)["bank_account"] == other


def test_a_bank_account_that_v3_does_not_have_is_409(
    today: Api, current: StandIn, make: Make
) -> None:
    """v3's own words, under its own name: v2 had no such field."""
    api = make(current, defaults={"bank_account": "1"})
    error = error_of(lambda: api.invoices.create(invoice(client_of(current))))
    assert error.body["errors"]["invoice"] == [["bank_account", "invalid"]]
    assert today.invoices.create(invoice(client_of(current)))


@pytest.mark.parametrize("asked", ["bank_account", "bank_name"])
def test_a_bank_account_where_v3_asks_for_it(current: StandIn, make: Make, asked: str) -> None:
    """On a change to Przelew, say; once."""
    _, other = accounts(current)
    api = make(current, defaults={"bank_account": {"PLN": other}})
    number = made_id(make(current).invoices.create(
        invoice(client_of(current), sposob_platnosci="Gotówka")
    ))  # fmt: skip
    body = {"errors": {asked: ["Proszę podać nazwę banku."]}}
    change = {"invoice": {"sposob_platnosci": "Przelew"}}
    current.fault("status", status=422, body=body, method="PUT")
    api.invoices.update(number, change)
    doc = stored(current, number)
    assert (doc["bank_account"], doc["payment_method"]) == (other, "transfer")
    current.fault("status", status=422, body=body, method="PUT", times=2)
    change = {"invoice": {"sposob_platnosci": "Barter"}}
    assert error_of(lambda: api.invoices.update(number, change)).status == 409


def test_flat_rate_tax_symbol(standin: StandIn, make: Make, buyer: int) -> None:
    """A lump-sum account's lines, also those that a change adds."""
    standin.configure("account", flat_rate=True)
    plain, api = make(standin), make(standin, defaults={"flat_rate_tax_symbol": "5.5"})
    assert error_of(lambda: plain.invoices.create(invoice(buyer))).status == 409
    doc = created(api, standin, invoice(buyer))
    assert [row["flat_rate_tax_symbol"] for row in doc["services"]] == ["5.5"]
    lines = [LINE, {**LINE, "nazwa": "B"}]
    api.invoices.update(doc["id"], {"invoice": {"services": lines}})
    rows = stored(standin, doc["id"])["services"]
    assert [row["flat_rate_tax_symbol"] for row in rows] == ["5.5", "5.5"]


def test_vat_exemption_reason(standin: StandIn, make: Make, buyer: int) -> None:
    """Where a line is zw and no ground was given; never instead of a given one."""
    plain, api = make(standin), make(standin, defaults={"vat_exemption_reason": 12})
    error = error_of(lambda: plain.invoices.create(invoice(buyer, services=[ZW])))
    assert error.body["errors"]["invoice"] == [["podstawa_zwolnienia", "blank"]]
    assert created(api, standin, invoice(buyer, services=[ZW]))["vat_exemption_reason"] == 12
    assert created(api, standin, invoice(buyer))["vat_exemption_reason"] is None
    given = invoice(buyer, services=[ZW], podstawa_zwolnienia=3)
    assert created(api, standin, given)["vat_exemption_reason"] == 3
    number = made_id(api.invoices.create(invoice(buyer)))
    assert error_of(lambda: plain.invoices.update(number, {"invoice": {"services": [ZW]}})).body[
        "errors"
    ]["invoice"][0] == ["podstawa_zwolnienia", "blank"]
    api.invoices.update(number, {"invoice": {"services": [ZW]}})
    assert stored(standin, number)["vat_exemption_reason"] == 12


@pytest.mark.parametrize("kind", ["service", "merchandise"])
def test_sale_type(standin: StandIn, make: Make, buyer: int, kind: str) -> None:
    """For a foreign buyer, saved or named; not for a Polish one."""
    plain, api = make(standin), make(standin, defaults={"sale_type": kind})
    saved = client_of(standin, country="DE", nip=None, company_name="GmbH")
    named = invoice(buyer, client_nazwa_firmy="SARL", client_panstwo="Francja")
    for body in (invoice(saved), named):
        error = error_of(lambda body=body: plain.invoices.create(body))  # type: ignore[misc]
        assert error.body["errors"]["invoice"] == [["sale_type", "invalid"]]
        assert created(api, standin, body)["sale_type"] == kind
    doc = created(api, standin, invoice(buyer))
    assert doc["sale_type"] == ""
    change = {"invoice": {"client_id": saved}}
    assert error_of(lambda: plain.invoices.update(doc["id"], change)).status == 409
    api.invoices.update(doc["id"], change)
    assert stored(standin, doc["id"])["sale_type"] == kind


def test_vat_exchange_date_kind(standin: StandIn, make: Make, buyer: int) -> None:
    """In a foreign currency; v3's own is vat. What an invoice has already stays."""
    plain, api = make(standin), make(standin, defaults={"vat_exchange_date_kind": "pit"})
    euro = invoice(buyer, waluta="EUR")
    name = "vat_exchange_date_kind"
    assert created(plain, standin, euro)[name] == "vat"
    assert created(api, standin, euro)[name] == "pit"
    doc = created(api, standin, invoice(buyer))
    assert doc[name] is None
    api.invoices.update(doc["id"], {"invoice": {"uwagi": "x"}})
    assert stored(standin, doc["id"])[name] is None
    api.invoices.update(doc["id"], {"invoice": {"waluta": "USD"}})
    assert stored(standin, doc["id"])[name] == "pit"
    other = created(plain, standin, euro)
    api.invoices.update(other["id"], {"invoice": {"waluta": "USD"}})
    assert stored(standin, other["id"])[name] == "vat"


@pytest.mark.parametrize("wanted", [True, False])
def test_send_to_ksef(current: StandIn, make: Make, wanted: bool) -> None:
    """Beside the invoice of the create, and nowhere when it is off."""
    api = make(current, defaults={"send_to_ksef": wanted})
    doc = created(api, current, invoice(client_of(current), status="wydrukowana"))
    assert (doc["ksef_data"] is not None) is wanted
    (sent,) = (one["body"] for one in current.requests("POST"))
    assert sent.get("send_to_ksef", False) is wanted


@pytest.mark.parametrize("wanted", [True, False])
def test_email_on_sent(current: StandIn, make: Make, wanted: bool) -> None:
    """wysłana is e-mailed, on create and on update, and sent to KSeF where that is asked for."""
    api = make(current, defaults={"email_on_sent": wanted, "send_to_ksef": True})
    buyer, mail = client_of(current), "POST /invoices/*/deliver_via_email.json"
    doc = created(api, current, invoice(buyer, status="wysłana"))
    assert (doc["status"], calls(current).count(mail)) == ("sent", int(wanted))
    number, before = made_id(api.invoices.create(invoice(buyer))), count(current)
    api.invoices.update(number, {"invoice": {"status": "wysłana"}})
    assert calls(current, before).count(mail) == int(wanted)
    doc = stored(current, number)
    assert (doc["status"], doc["ksef_data"] is not None) == ("sent", True)


@pytest.mark.parametrize(
    ("table", "field", "word", "symbol", "v3"),
    [
        ("payment_methods", "sposob_platnosci", "Inny", "paypal", "payment_method"),
        ("payment_methods", "sposob_platnosci", "Za pobraniem", "other", "payment_method"),
        ("exemptions", "podstawa_zwolnienia", "77", 12, "vat_exemption_reason"),
    ],
)
def test_own_tables_of_an_invoice(
    standin: StandIn, make: Make, buyer: int, table: str, field: str, word: str,
    symbol: Any, v3: str,
) -> None:  # fmt: skip
    """The word means what the table says, is shown as it was given, and changes so as well."""
    api = make(standin, defaults={table: {word: symbol}})
    doc = created(api, standin, invoice(buyer, **{field: word}))
    assert doc[v3] == symbol
    assert api.invoices.show(doc["id"])["invoice"][field] == word
    number = made_id(api.invoices.create(invoice(buyer)))
    api.invoices.update(number, {"invoice": {field: word}})
    assert stored(standin, number)[v3] == symbol
    assert api.invoices.show(number)["invoice"][field] == word
    if table == "exemptions":
        assert "GET /vat_exemptions.json" not in calls(standin)


def test_own_rates(standin: StandIn, make: Make, buyer: int) -> None:
    """A line's rate means what the table says; other lines are as ever."""
    api = make(standin, defaults={"rates": {"np": "oo"}})
    lines = [{**LINE, "stawka_vat": "np"}, LINE]
    doc = created(api, standin, invoice(buyer, services=lines))
    assert [row["tax_symbol"] for row in doc["services"]] == ["oo", "23"]
    shown = api.invoices.show(doc["id"])["invoice"]["services"]
    assert [row["stawka_vat"] for row in shown] == ["np", "23"]
    api.invoices.update(doc["id"], {"invoice": {"services": [lines[1], lines[0]]}})
    rows = stored(standin, doc["id"])["services"]
    assert [row["tax_symbol"] for row in rows] == ["23", "oo"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"bank_account": {"pln": "1"}}, {"bank_account": {"PLN": 1}}, {"bank_account": 1},
        {"bank_account": " "}, {"flat_rate_tax_symbol": 8.5}, {"flat_rate_tax_symbol": ""},
        {"email_on_sent": 1},
    ],
)  # fmt: skip
def test_values_that_would_never_fit(wrong: dict[str, Any]) -> None:
    """They are refused when the API is made, not with the first invoice."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Defaults.of(wrong)
