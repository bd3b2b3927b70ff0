"""update: a read, then what changed or nothing; and the view laws through the whole stack."""

from typing import Any

import pytest

from infakt_compat.facade import Api
from infakt_compat.standin import StandIn
from infakt_compat.store import Store
from tests.v2_invoice import LINE, client_of, invoice

from .conftest import Make
from .support import (
    ON_BOTH_STORES,
    UNCLEAR,
    Tree,
    calls,
    codes,
    count,
    error_of,
    made_id,
    named,
    stored,
)

#: What v3 computes or renumbers itself.
COMPUTED = {"net_price", "tax_price", "gross_price", "left_to_pay", "amount_in_words"}
CHANGES: Tree = {
    "numer": "77/2026", "waluta": "EUR", "zaplacono": "10.50", "uwagi": "Nowe uwagi",
    "rodzaj_faktury": "Faktura proforma", "sposob_platnosci": "Gotówka",
    "podpis_odbiorcy": "Odbiorca", "podpis_sprzedawcy": " ", "data_wystawienia": "2026-02-03",
    "data_sprzedazy": "2026-02-04", "termin_zaplaty": "2026-02-05", "status": "wydrukowana",
    "client_nazwa_firmy": "Inna nazwa", "client_ulica": "ul. Długa 12 m. 5",
    "client_miejscowosc": "Łódź", "client_kod_pocztowy": "90-001", "client_nip": "5260250274",
    "client_panstwo": "Polska", "podstawa_zwolnienia": "1",
}  # fmt: skip
TOUCHED = {
    "numer": {"number"}, "waluta": {"currency", "vat_exchange_date_kind"},
    "zaplacono": {"paid_price"}, "uwagi": {"notes"}, "rodzaj_faktury": {"kind"},
    "sposob_platnosci": {"payment_method"}, "podpis_odbiorcy": {"recipient_signature"},
    "podpis_sprzedawcy": {"seller_signature"}, "data_wystawienia": {"invoice_date"},
    "data_sprzedazy": {"sale_date"}, "termin_zaplaty": {"payment_date"}, "status": {"status"},
    "client_nazwa_firmy": {"client_company_name"},
    "client_ulica": {"client_street", "client_street_number", "client_flat_number"},
    "client_miejscowosc": {"client_city"}, "client_kod_pocztowy": {"client_post_code"},
    "client_nip": {"client_tax_code"}, "client_panstwo": {"client_country"},
    "podstawa_zwolnienia": {"vat_exemption_reason"},
}  # fmt: skip


def unusual(standin: StandIn) -> int:
    """Put an invoice there with values that v2 never knew."""
    rows = [
        {"name": "A", "tax_symbol": "oo", "unit_net_price": 1234, "quantity": 3, "gtu_id": "1",
         "discount": "12.5", "pkwiu": "62.01", "unit": "szt."},
        {"name": "B", "tax_symbol": "23", "gross_price": 10001, "quantity": "1.5"},
    ]  # fmt: skip
    made = standin.seed(invoices=[{
        "client_id": client_of(standin), "payment_method": "paypal", "split_payment": True,
        "split_payment_type": "required", "services": rows, "invoice_date": "2026-01-10",
        "sale_date": None, "bdo_code": "000012345", "not_income": True,
        "document_markings_ids": ["2"], "receipt_number": "7",
    }])["invoices"]  # fmt: skip
    number: int = made[0]["id"]
    return number


def differing(before: Tree, after: Tree) -> set[str]:
    """Name the fields in which two states of a document differ, rows without their ids."""
    found = {name for name in before if name != "services" and before[name] != after[name]}
    rows = [[{k: v for k, v in row.items() if k != "id"} for row in doc["services"]]
            for doc in (before, after)]  # fmt: skip
    return found | ({"services"} if rows[0] != rows[1] else set())


@pytest.mark.parametrize("field", CHANGES)
def test_show_change_one_field_update_with_the_whole(
    api: Api, standin: StandIn, field: str
) -> None:
    """All v3 fields that v3 does not compute itself stay as they were (view laws)."""
    number = unusual(standin)
    record = api.invoices.show(number)["invoice"]
    before = stored(standin, number)
    api.invoices.update(number, {"invoice": record})
    assert stored(standin, number) == before
    api.invoices.update(number, {"invoice": {**record, field: CHANGES[field]}})
    after = stored(standin, number)
    stands_in = {"sale_date"} if field == "data_wystawienia" else set()
    if standin.world.dialect == "classic" and field == "status":
        assert "status.not_applied" in codes(api)
        return
    assert differing(before, after) - COMPUTED <= TOUCHED[field] | stands_in
    shown = api.invoices.show(number)["invoice"]
    assert str(shown[field]) == str(CHANGES[field]).replace("10.50", "10.5")
    hidden = {"services", field, "waluta"}
    assert {k: v for k, v in shown.items() if k not in hidden} == {
        k: v for k, v in record.items() if k not in hidden
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nazwa", "Nowa"), ("ilosc", "7"), ("stawka_vat", "8"), ("jm", "kg"), ("symbol", "62.02"),
        ("cena_netto", "99.99"), ("wartosc_netto", "50"), ("wartosc_brutto", "61.50"),
        ("product_id", "17"), ("cena_netto", "1.005"),
    ],
)  # fmt: skip
def test_change_one_field_of_a_line(api: Api, standin: StandIn, name: str, value: str) -> None:
    """The other line, and what v2 cannot express of this one, stay."""
    number = unusual(standin)
    record = api.invoices.show(number)["invoice"]
    before = stored(standin, number)
    lines = [{**record["services"][0], name: value}, record["services"][1]]
    api.invoices.update(number, {"invoice": {**record, "services": lines}})
    after = stored(standin, number)
    assert differing(before, after) - COMPUTED - {"services"} == set()
    old, new = ([{k: v for k, v in row.items() if k != "id"} for row in doc["services"]]
                for doc in (before, after))  # fmt: skip
    assert new[1] == old[1]
    for kept in ("gtu_id", "discount", "flat_rate_tax_symbol", "cn", "pkob"):
        assert new[0][kept] == old[0][kept]
    if name != "stawka_vat":
        assert new[0]["tax_symbol"] == "oo"
    shown = api.invoices.show(number)["invoice"]["services"][0]
    assert str(shown[name]) == value.replace("61.50", "61.5")


def test_lines_are_added_and_taken_away(api: Api, standin: StandIn, buyer: int) -> None:
    """A given services replaces all lines; a new line is checked as a create checks it."""
    number = made_id(api.invoices.create(invoice(buyer, services=[LINE, LINE, LINE])))
    lines = api.invoices.show(number)["invoice"]["services"]
    api.invoices.update(number, {"invoice": {"services": [lines[2], {**LINE, "nazwa": "Nowa"}]}})
    assert [row["name"] for row in stored(standin, number)["services"]] == ["Usługa", "Nowa"]
    before = count(standin)
    new = {"nazwa": "", "wartosc_netto": "x"}
    error = error_of(
        lambda: api.invoices.update(number, {"invoice": {"services": [LINE, LINE, new]}})
    )
    assert error.body["errors"]["services"] == [[], [], [["wartosc_netto", "invalid"]]]
    new = {"nazwa": "", "jm": "szt."}
    error = error_of(
        lambda: api.invoices.update(number, {"invoice": {"services": [LINE, LINE, new]}})
    )
    assert error.body["errors"] == {
        "invoice": [],
        "services": [[], [], [
            ["nazwa", "blank"], ["ilosc", "blank"], ["stawka_vat", "blank"],
            ["cena_netto", "blank"],
        ]],
    }  # fmt: skip
    assert {call.split()[0] for call in calls(standin, before)} == {"GET"}


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"client_id": ""}, ["client_id", "blank"]), ({"services": []}, ["services", "blank"]),
        ({"services": ""}, ["services", "blank"]), ({"status": None}, ["status", "blank"]),
        ({"rodzaj_faktury": "Faktura Marża"}, ["rodzaj_faktury", "invalid"]),
        ({"waluta": "ZŁOTY"}, ["waluta", "invalid"]),
        ({"data_wystawienia": "x", "client_id": ""}, ["data_wystawienia", "invalid"]),
        ({"podstawa_zwolnienia": "nie"}, ["podstawa_zwolnienia", "invalid"]),
        ({"services": [{**LINE, "stawka_vat": "zw"}]}, ["podstawa_zwolnienia", "blank"]),
        ({"client_panstwo": "Atlantyda"}, ["client_panstwo", "invalid"]),
    ],
)  # fmt: skip
def test_what_v2_would_not_have_taken(
    api: Api, standin: StandIn, buyer: int, given: Tree, fault: list[str]
) -> None:
    """409 in v2's form, and the document stays as it was."""
    number = made_id(api.invoices.create(invoice(buyer)))
    before = stored(standin, number)
    error = error_of(lambda: api.invoices.update(number, {"invoice": given}))
    assert error.status == 409
    assert fault in error.body["errors"]["invoice"]
    assert stored(standin, number) == before


def test_read_only_fields_are_not_sent(api: Api, standin: StandIn, buyer: int) -> None:
    """A notice says so; a repeated number is refused as v2 did."""
    first = made_id(api.invoices.create(invoice(buyer, numer="1/X")))
    second = made_id(api.invoices.create(invoice(buyer)))
    before = count(standin)
    api.invoices.update(first, {"invoice": {"razem_brutto": "1", "unikalny_numer": True}})
    assert [call.split()[0] for call in calls(standin, before)] == ["GET"]
    assert "field.read_only" in codes(api)
    error = error_of(lambda: api.invoices.update(second, {"invoice": {"numer": "1/X"}}))
    assert error.body["errors"]["invoice"] == [["numer", "taken"]]
    tree = {"invoice": {"numer": "1/X", "unikalny_numer": "false"}}
    assert api.invoices.update(second, tree)["invoice"]["numer"] == "1/X"


def test_a_document_without_wrapper_and_one_that_is_none(
    api: Api, standin: StandIn, buyer: int
) -> None:
    """A bare record is an invoice; what is none at all is 409."""
    number = made_id(api.invoices.create(invoice(buyer)))
    api.invoices.update(number, {"uwagi": "gołe"})
    assert stored(standin, number)["notes"] == "gołe"
    assert error_of(lambda: api.invoices.update(number, [])).status == 409  # type: ignore[arg-type]
    before = count(standin)
    api.invoices.update(number, {"invoice": ""})
    assert count(standin) == before + 1


def test_other_kinds_are_409(current: StandIn, today: Api) -> None:
    """Also v3's internal invoices, which stand among the ordinary ones."""
    number = unusual(current)
    current.world.store.put("invoices", {**stored(current, number), "kind": "internal"})
    error = error_of(lambda: today.invoices.update(number, {"invoice": {"uwagi": "x"}}))
    assert error.body["errors"]["invoice"] == [["rodzaj_faktury", "invalid"]]


def test_statuses_on_update(api: Api, standin: StandIn, buyer: int, store: Store) -> None:
    """zapłacona goes through paid; a date of payment is not sent by itself."""
    number = made_id(api.invoices.create(invoice(buyer, data_wystawienia="2026-01-02")))
    before = count(standin)
    api.invoices.update(number, {"invoice": {"data_oplacenia": "2026-01-09"}})
    assert [call.split()[0] for call in calls(standin, before)] == ["GET"]
    body = {"status": "zapłacona", "data_oplacenia": "2026-01-09", "uwagi": "razem"}
    api.invoices.update(number, {"invoice": body})
    doc = stored(standin, number)
    assert (doc["status"], doc["paid_date"], doc["notes"]) == ("paid", "2026-01-09", "razem")
    api.invoices.update(number, {"invoice": body})
    assert store.values.get(api.account, "statuses") is None


def test_a_payment_that_fails_leaves_the_rest_done(api: Api, standin: StandIn, buyer: int) -> None:
    """200, a notice, and the payment comes later."""
    number = made_id(api.invoices.create(invoice(buyer)))
    standin.fault("status", status=401, method="POST", path="*paid.json")
    api.invoices.update(number, {"invoice": {"status": "zapłacona", "uwagi": "x"}})
    assert "status.not_applied" in codes(api)
    assert stored(standin, number)["notes"] == "x"
    api.run_background()
    assert stored(standin, number)["status"] == "paid"


@ON_BOTH_STORES
def test_own_tables_on_update(current: StandIn, make: Make) -> None:
    """They count for what changes, and leave alone what is as it was."""
    api = make(current, defaults={
        "payment_methods": {"Inny": "tpay", "Barter": "other"}, "rates": {"np": "oo", "8": "5"},
        "exemptions": {"3": 1},
    })  # fmt: skip
    lines = [{**LINE, "stawka_vat": "23"}, LINE]
    number = made_id(make(current).invoices.create(invoice(client_of(current), services=lines)))
    shown = api.invoices.show(number)["invoice"]["services"]
    given = [{**shown[0], "stawka_vat": "np"}, {"service_id": shown[1]["service_id"]},
             {**LINE, "stawka_vat": "8"}]  # fmt: skip
    api.invoices.update(number, {"invoice": {
        "sposob_platnosci": "Inny", "podstawa_zwolnienia": "3", "services": given,
    }})  # fmt: skip
    doc = stored(current, number)
    assert (doc["payment_method"], doc["vat_exemption_reason"]) == ("tpay", 1)
    assert [row["tax_symbol"] for row in doc["services"]] == ["oo", "23", "5"]
    shown = api.invoices.show(number)["invoice"]
    assert (shown["sposob_platnosci"], shown["podstawa_zwolnienia"]) == ("Inny", "3")
    assert [row["stawka_vat"] for row in shown["services"]] == ["np", "23", "8"]
    api.invoices.update(number, {"invoice": {"sposob_platnosci": "barter"}})
    assert stored(current, number)["payment_method"] == "other"
    assert api.invoices.show(number)["invoice"]["sposob_platnosci"] == "Barter"


def test_a_foreign_buyer_on_update(current: StandIn, make: Make) -> None:
    """The default kind of sale is sent where v3 asks for it."""
    api = make(current, defaults={"sale_type": "merchandise"})
    number = made_id(api.invoices.create(invoice(client_of(current))))
    abroad = client_of(current, country="DE", nip=None, company_name="GmbH")
    api.invoices.update(number, {"invoice": {"client_id": abroad}})
    doc = stored(current, number)
    assert (doc["client_id"], doc["sale_type"]) == (abroad, "merchandise")


@pytest.mark.parametrize("fault", UNCLEAR, ids=named)
def test_an_update_in_doubt_is_looked_at(
    make: Make, standin: StandIn, buyer: int, fault: Tree
) -> None:
    """Done once or once more, never half; the answer is right."""
    api = make(standin, patience=10)  # a 503's own wait is most of what tests usually allow
    number = made_id(api.invoices.create(invoice(buyer)))
    standin.fault(**fault, method="PUT")
    lines = [{**LINE, "ilosc": "2.5"}, {**LINE, "nazwa": "B", "cena_netto": "0.335"}]
    tree = {"invoice": {"uwagi": "1.0", "services": lines, "status": "wydrukowana"}}
    assert made_id(api.invoices.update(number, tree)) == number
    doc = stored(standin, number)
    assert (doc["notes"], [row["name"] for row in doc["services"]]) == ("1.0", ["Usługa", "B"])
    assert (
        api.invoices.show(number)["invoice"]["services"][1]["cena_netto"].as_tuple().exponent == -3
    )
    standin.world.faults.clear()


def test_an_update_that_stays_in_doubt_is_503(api: Api, standin: StandIn, buyer: int) -> None:
    """After another look and another try."""
    number = made_id(api.invoices.create(invoice(buyer)))
    standin.fault("drop_before", method="PUT", times=9)
    error = error_of(lambda: api.invoices.update(number, {"invoice": {"uwagi": "x"}}))
    assert error.status == 503
    standin.world.faults.clear()


@ON_BOTH_STORES
def test_a_damaged_residue_hides_nothing(api: Api, buyer: int, store: Store) -> None:
    """What was kept is lost then; the document is not."""
    number = made_id(api.invoices.create(invoice(buyer)))
    store.residues.put(api.account, "invoices", number, {"version": 99})
    assert api.invoices.show(number)["invoice"]["invoice_id"] == number


def test_a_document_that_cannot_be_shown_is_502(api: Api, standin: StandIn, buyer: int) -> None:
    """An amount that is none of v3's: better no answer than a wrong one."""
    number = made_id(api.invoices.create(invoice(buyer)))
    broken: Any = {**stored(standin, number), "gross_price": "12.00"}
    standin.world.store.put("invoices", broken)
    error = error_of(lambda: api.invoices.show(number))
    assert (error.status, "money.invalid" in error.body["details"]) == (502, True)
    assert error_of(api.invoices.list).status == 502
