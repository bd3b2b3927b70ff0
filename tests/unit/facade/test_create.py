"""create: what is checked before any call, defaults, own tables, residue, statuses."""

from decimal import Decimal
from typing import Any

import pytest

from infakt_compat.codecs.tree import Twice
from infakt_compat.facade import Api
from infakt_compat.facade.defaults import Defaults
from infakt_compat.money import NumberText
from infakt_compat.standin import StandIn
from infakt_compat.store import Store
from tests.v2_invoice import LINE, client_of, documents, invoice

from .conftest import Make
from .support import ON_BOTH_STORES, Tree, calls, codes, count, error_of, made_id, stored


def refused(api: Api, tree: Any) -> Tree:
    """Give the errors of a create that is refused with 409 before any call."""
    error = error_of(lambda: api.invoices.create(tree))
    assert (error.status, error.body["message"], error.body["request"]) == (
        409,
        "Some fields were given invalid or no values",
        "/api/v2/invoices/create.json",
    )
    found: Tree = error.body["errors"]
    return found


def test_every_fault_at_once(api: Api, standin: StandIn) -> None:
    """In v2's form; good lines are []."""
    lines = [
        LINE,
        {"nazwa": "", "ilosc": None, "jm": "szt."},
        {"nazwa": "B", "ilosc": "1,234", "stawka_vat": "24", "wartosc_netto": "x"},
        {"nazwa": "C", "ilosc": 1, "stawka_vat": "zw", "wartosc_brutto": "5"},
    ]
    errors = refused(api, {"invoice": {"status": "nowa", "rodzaj_faktury": "Faktura Marża",
        "data_wystawienia": "1.2.2026", "services": lines}})  # fmt: skip
    assert sorted(errors["invoice"]) == [
        ["client_id", "blank"], ["data_wystawienia", "invalid"], ["podstawa_zwolnienia", "blank"],
        ["rodzaj_faktury", "invalid"], ["sposob_platnosci", "blank"], ["status", "invalid"],
    ]  # fmt: skip
    assert errors["services"][0] == errors["services"][3] == []
    assert errors["services"][1] == [
        ["nazwa", "blank"], ["ilosc", "blank"], ["stawka_vat", "blank"], ["cena_netto", "blank"],
    ]  # fmt: skip
    assert sorted(name for name, _ in errors["services"][2]) == [
        "ilosc",
        "stawka_vat",
        "wartosc_netto",
    ]
    assert count(standin) == 0


def test_the_documented_example_of_a_refusal(api: Api, buyer: int) -> None:
    """Seed 003: sposob_platnosci is missing, and the second line's rate."""
    lines = [LINE, {"nazwa": "Produkt B", "ilosc": 1, "cena_netto": 2}]
    tree = invoice(buyer, services=lines)
    del tree["invoice"]["sposob_platnosci"]
    assert refused(api, tree) == {
        "invoice": [["sposob_platnosci", "blank"]],
        "services": [[], [["stawka_vat", "blank"]]],
    }


@pytest.mark.parametrize(
    ("tree", "named"),
    [
        ([], ["invoice"]), ("x", ["invoice"]), (None, ["invoice"]),
        ({"invoice": {"services": "x"}}, ["client_id", "services"]),
        ({"invoice": None}, ["client_id", "services"]),
        ({"invoice": []}, ["client_id", "services"]), ({}, ["client_id", "services"]),
    ],
)  # fmt: skip
def test_what_is_no_invoice_at_all(
    api: Api, standin: StandIn, tree: object, named: list[str]
) -> None:
    """409, never a Python error."""
    found = [name for name, _ in refused(api, tree)["invoice"]]
    assert set(named) <= set(found)
    assert count(standin) == 0


def test_fields_that_come_twice(api: Api, buyer: int) -> None:
    """Which of two values is meant nobody can tell."""
    plain = invoice(buyer)["invoice"]
    twice = Twice([*plain.items(), ("numer", "1"), ("numer", "2")], ["numer"])
    assert ["numer", "invalid"] in refused(api, {"invoice": twice})["invoice"]
    outer = Twice([("invoice", plain), ("invoice", plain)], ["invoice"])
    assert refused(api, outer)["invoice"] == [["invoice", "invalid"]]


@pytest.mark.parametrize("numer", ["a\0b", "half \ud800"])
def test_text_that_nobody_can_keep(api: Api, standin: StandIn, buyer: int, numer: str) -> None:
    """A NUL in a number, half of a surrogate pair: 409 before anything is sent."""
    errors = refused(api, invoice(buyer, numer=numer))
    assert errors["invoice"][0][1] == "invalid"
    assert count(standin) == 0


def test_what_v2_did_not_look_at_is_left_out(api: Api, standin: StandIn, buyer: int) -> None:
    """Beside the invoice, and read-only fields in it; both are said."""
    lines = [{**LINE, "vat": "9", "service_id": 5}]
    tree = {**invoice(buyer, razem_netto="abc", services=lines), "id": 5}
    doc = stored(standin, made_id(api.invoices.create(tree)))
    assert doc["net_price"] == 20000
    assert {"field.unknown", "field.read_only"} <= codes(api)


def test_a_bare_record_and_values_in_any_spelling(api: Api, standin: StandIn, buyer: int) -> None:
    """As callers really wrote them (v2-wire 5)."""
    line = {"nazwa": "A", "ilosc": "2.00", "stawka_vat": NumberText("23.0"),
            "wartosc_brutto": "246,00"}  # fmt: skip
    bare = {"client_id": str(buyer), "status": "SZKIC", "rodzaj_faktury": "faktura PROFORMA",
            "sposob_platnosci": "Got%C3%B3wka", "services": {"service": line}}  # fmt: skip
    doc = stored(standin, made_id(api.invoices.create(bare)))
    assert (doc["kind"], doc["payment_method"], doc["gross_price"]) == ("proforma", "cash", 24600)
    assert doc["services"][0]["net_price"] == 20000


def test_prices_by_v2s_order(api: Api, standin: StandIn, buyer: int) -> None:
    """cena_netto, else wartosc_netto, else wartosc_brutto: one of them is sent."""
    lines = [
        {**LINE, "cena_netto": "1.5", "wartosc_netto": "99", "wartosc_brutto": "99"},
        {"nazwa": "B", "ilosc": 4, "stawka_vat": "8", "wartosc_netto": "10", "wartosc_brutto": 1},
        {"nazwa": "C", "ilosc": 1, "stawka_vat": "5", "wartosc_brutto": "1.05"},
    ]
    api.invoices.create(invoice(buyer, services=lines))
    sent = next(one for one in standin.requests("POST"))["body"]["invoice"]["services"]
    names = ("unit_net_price", "net_price", "gross_price")
    assert [{n: row[n] for n in names if n in row} for row in sent] == [
        {"unit_net_price": 150}, {"net_price": 1000}, {"gross_price": 105},
    ]  # fmt: skip


@ON_BOTH_STORES
def test_a_price_finer_than_a_grosz_comes_back(api: Api, standin: StandIn, buyer: int) -> None:
    """v3 gets the net value of the line; v2 is shown the price that it gave."""
    lines = [{**LINE, "ilosc": 3, "cena_netto": "16.255", "product_id": 7}]
    number = made_id(api.invoices.create(invoice(buyer, services=lines)))
    assert stored(standin, number)["net_price"] == 4877
    row = api.invoices.show(number)["invoice"]["services"][0]
    assert (row["cena_netto"], row["product_id"]) == (Decimal("16.255"), 7)
    api.invoices.update(number, {"invoice": {"uwagi": "x"}})
    assert api.invoices.show(number)["invoice"]["services"][0] == row


def test_what_is_sent(api: Api, standin: StandIn, buyer: int) -> None:
    """PLN, a checked number; a missing term is left to v3, and nothing of v2's own is sent."""
    api.invoices.create(invoice(buyer, numer="1/X", data_oplacenia="2026-01-01"))
    sent = standin.requests("POST")[0]["body"]["invoice"]
    assert sent == {
        "client_id": buyer, "status": "draft", "kind": "vat", "payment_method": "transfer",
        "number": "1/X", "check_duplicate_number": True, "currency": "PLN",
        "services": [{"name": "Usługa", "quantity": 2, "tax_symbol": "23",
                      "unit_net_price": 10000}],
    }  # fmt: skip


def test_defaults(current: StandIn, make: Make) -> None:
    """What v3 wants and v2 never had."""
    current.configure("account", flat_rate=True)
    account = current.world.store.all("bank_accounts")[0]["account_number"]
    api = make(current, defaults={
        "bank_account": {"PLN": account}, "flat_rate_tax_symbol": "8.5",
        "vat_exemption_reason": 1, "sale_type": "service", "vat_exchange_date_kind": "pit",
    })  # fmt: skip
    lines = [LINE, {**LINE, "stawka_vat": "zw"}]
    abroad = client_of(current, country="DE", nip="DE123")
    number = made_id(api.invoices.create(invoice(abroad, services=lines, waluta="EUR")))
    doc = stored(current, number)
    assert (doc["vat_exemption_reason"], doc["sale_type"]) == (1, "service")
    assert doc["vat_exchange_date_kind"] == "pit"
    assert {row["flat_rate_tax_symbol"] for row in doc["services"]} == {"8.5"}
    bodies = [one["body"]["invoice"] for one in current.requests("POST")]
    assert ["sale_type" in body for body in bodies] == [False, True]
    assert not any("bank_account" in body for body in bodies)
    domestic = invoice(client_of(current))
    assert stored(current, made_id(api.invoices.create(domestic)))["sale_type"] == ""
    assert current.requests("POST")[-1]["body"]["invoice"]["bank_account"] == account
    named = invoice(client_of(current), client_panstwo="Niemcy", client_nazwa_firmy="GmbH")
    before = len(current.requests("POST"))
    api.invoices.create(named)
    assert len(current.requests("POST")) == before + 1


def test_a_foreign_buyer_without_the_default_is_409(api: Api, standin: StandIn) -> None:
    """v3's own name of the field stands, as v2 had none."""
    abroad = client_of(standin, country="DE", nip=None)
    error = error_of(lambda: api.invoices.create(invoice(abroad)))
    assert (error.status, error.body["errors"]["invoice"]) == (409, [["sale_type", "invalid"]])


def test_own_tables(current: StandIn, make: Make) -> None:
    """A word means to this account what its table says, and is shown as it was given."""
    current.seed(exemptions=[{"id": 3275, "description": "x"}])
    api = make(current, defaults=Defaults(
        payment_methods={"inny": "payu", "Za pobraniem": "cash"}, rates={"np": "oo", "22": "23"},
        exemptions={"9": 3275},
    ))  # fmt: skip
    buyer = client_of(current)
    lines = [{**LINE, "stawka_vat": rate} for rate in ("np", "22", "zw")]
    number = made_id(api.invoices.create(invoice(
        buyer, sposob_platnosci="Inny", services=lines, podstawa_zwolenienia=9,
    )))  # fmt: skip
    doc = stored(current, number)
    assert (doc["payment_method"], doc["vat_exemption_reason"]) == ("payu", 3275)
    assert [row["tax_symbol"] for row in doc["services"]] == ["oo", "23", "zw"]
    shown = api.invoices.show(number)["invoice"]
    assert (shown["sposob_platnosci"], shown["podstawa_zwolnienia"]) == ("Inny", "9")
    assert [row["stawka_vat"] for row in shown["services"]] == ["np", "22", "zw"]
    assert api.invoices.update(number, {"invoice": shown})
    assert stored(current, number) == doc
    number = made_id(api.invoices.create(invoice(buyer, sposob_platnosci="Za pobraniem")))
    assert api.invoices.show(number)["invoice"]["sposob_platnosci"] == "Za pobraniem"
    assert stored(current, number)["payment_method"] == "cash"


def test_a_ground_of_exemption(api: Api, standin: StandIn, buyer: int) -> None:
    """v3's id where the account knows it, read once; any other is 409."""
    lines = [{**LINE, "stawka_vat": "ZW"}]
    body = invoice(buyer, services=lines, podstawa_zwolnienia="01")
    number = made_id(api.invoices.create(body))
    assert stored(standin, number)["vat_exemption_reason"] == 1
    assert api.invoices.show(number)["invoice"]["podstawa_zwolnienia"] == "01"
    api.invoices.create(body)
    assert calls(standin).count("GET /vat_exemptions.json") == 1
    for other in ("999", "x", [1]):
        error = error_of(
            lambda other=other: api.invoices.create(  # type: ignore[misc]
                invoice(buyer, services=lines, podstawa_zwolnienia=other)
            )
        )
        assert error.body["errors"]["invoice"] == [["podstawa_zwolnienia", "invalid"]]
    assert len(documents(standin)) == 2


def test_a_country_that_is_in_no_table_is_409(api: Api, buyer: int) -> None:
    """Kept in an archive, refused live; a synonym is kept beside."""
    errors = refused(api, invoice(buyer, client_panstwo="Atlantyda"))
    assert errors["invoice"] == [["client_panstwo", "invalid"]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"payment_methods": {"Blik": "payu"}}, {"payment_methods": {"Inny": 5}},
        {"rates": {"24": "23"}}, {"exemptions": {"1": "2"}}, {"sale_type": "towar"},
        {"vat_exemption_reason": "1"}, {"vat_exchange_date_kind": "x"}, {"send_to_ksef": "yes"},
        {"rates": {None: "23"}},
    ],
)  # fmt: skip
def test_defaults_that_cannot_be_meant(wrong: dict[str, Any]) -> None:
    """They are refused when the API is made."""
    with pytest.raises(ValueError, match=r"."):
        Defaults.of(wrong)


# ---- statuses


@pytest.mark.parametrize(
    ("word", "symbol"),
    [("wydrukowana", "printed"), ("wysłana", "sent"), ("niezapłacona", "printed")],
)
def test_a_status_is_written_and_read_back(
    current: StandIn, today: Api, word: str, symbol: str
) -> None:
    """As part of the create; never an e-mail."""
    number = made_id(today.invoices.create(invoice(client_of(current), status=word)))
    assert stored(current, number)["status"] == symbol
    assert len(calls(current)) == 3
    assert today.invoices.show(number)["invoice"]["status"] == word
    assert "status.not_applied" not in codes(today)


def test_paid_on_create(api: Api, standin: StandIn, buyer: int, store: Store) -> None:
    """Through paid, with the date that was given, else today's."""
    body = invoice(buyer, status="zapłacona", data_wystawienia="2026-01-05")
    body["data_oplacenia"] = "2026-01-07"
    doc = stored(standin, made_id(api.invoices.create(body)))
    assert (doc["status"], doc["paid_date"]) == ("paid", "2026-01-07")
    doc = stored(standin, made_id(api.invoices.create(invoice(buyer, status="zapłacona"))))
    assert (doc["status"], doc["paid_date"]) == ("paid", standin.world.clock.today().isoformat())
    assert store.values.get(api.account, "statuses") is None


def test_a_status_that_v3_does_not_take(current: StandIn, today: Api, store: Store) -> None:
    """200, a notice, and another try in the background."""
    current.configure("quirks", status_writable=False)
    number = made_id(today.invoices.create(invoice(client_of(current), status="wysłana")))
    assert stored(current, number)["status"] == "draft"
    assert "status.not_applied" in codes(today)
    assert str(number) in store.values.get(today.account, "statuses")
    current.configure("quirks", status_writable=True)
    today.run_background()
    assert stored(current, number)["status"] == "sent"
    assert store.values.get(today.account, "statuses") is None


@ON_BOTH_STORES
def test_a_payment_that_fails_is_tried_again_by_the_next_process(
    standin: StandIn, make: Make, buyer: int
) -> None:
    """It stands in the store before it is tried."""
    standin.fault("status", status=500, method="POST", path="*paid.json", times=9)
    api = make(standin)
    number = made_id(api.invoices.create(invoice(buyer, status="zapłacona")))
    assert "status.not_applied" in codes(api)
    standin.world.faults.clear()
    make(standin).run_background()
    assert stored(standin, number)["status"] == "paid"


@ON_BOTH_STORES
def test_a_status_is_given_up_at_last(current: StandIn, today: Api, store: Store) -> None:
    """Also when the document is gone, and when v3 cannot be asked."""
    current.configure("quirks", status_writable=False)
    number = made_id(today.invoices.create(invoice(client_of(current), status="wysłana")))
    current.fault("status", status=401, method="GET", path="/invoices/*", times=1)
    for _ in range(3):
        today.run_background()
    assert store.values.get(today.account, "statuses") is None
    assert stored(current, number)["status"] == "draft"
    gone = made_id(today.invoices.create(invoice(client_of(current), status="wysłana")))
    current.world.store.delete("invoices", gone)
    today.run_background()
    assert store.values.get(today.account, "statuses") is None
    third = made_id(today.invoices.create(invoice(client_of(current), status="wysłana")))
    today.invoices.delete(third)
    assert store.values.get(today.account, "statuses") is None
    today.run_background()
    current.world.faults.clear()


@ON_BOTH_STORES
def test_an_answer_whose_maker_died_is_finished(standin: StandIn, make: Make, buyer: int) -> None:
    """The next equal create gets the answer, and the status is brought about."""
    first, body = make(standin), invoice(buyer, status="zapłacona")
    standin.fault("status", status=500, method="POST", path="*paid.json", times=9)
    made = first.invoices.making(body)  # and dies before its caller is told
    standin.world.faults.clear()
    again = make(standin)
    assert again.invoices.create(body) == made.answer
    again.run_background()
    assert stored(standin, made_id(made.answer))["status"] == "paid"
    assert len(documents(standin)) == 1


def test_an_email_only_when_the_account_says_so(current: StandIn, make: Make) -> None:
    """email_on_sent: wysłana sends it, once."""
    api, buyer = make(current, defaults={"email_on_sent": True}), client_of(current)
    number = made_id(api.invoices.create(invoice(buyer, status="wysłana")))
    assert stored(current, number)["status"] == "sent"
    assert calls(current).count("POST /invoices/*/deliver_via_email.json") == 1
    number = made_id(api.invoices.create(invoice(buyer)))
    current.fault("drop_after", method="POST", path="*email.json")
    api.invoices.update(number, {"invoice": {"status": "wysłana"}})
    assert stored(current, number)["status"] == "sent"
    assert calls(current).count("POST /invoices/*/deliver_via_email.json") == 2
