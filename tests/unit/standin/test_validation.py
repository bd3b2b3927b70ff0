"""What v3 refuses, in its own form (v3-wire 1.4, 2.2)."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import INVOICE, ROW, Api


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payment_method", "gold"),
        ("payment_method", None),
        ("payment_method", 3),
        ("currency", "XXX"),
        ("invoice_date", "08.03.2023"),
        ("sale_date", "2023-02-30"),
        ("payment_date", 20230308),
        ("sale_type", "goods"),
        ("split_payment_type", "maybe"),
        ("invoice_date_kind", "continuous_date_end_on"),
        ("vat_exchange_date_kind", "nbp"),
        ("notes", "x" * 3501),
        ("document_markings_ids", ["99"]),
        ("document_markings_ids", "6"),
        ("client_country", "Polska"),
        ("client_business_activity_kind", "company"),
        ("status", "unpaid"),
        ("vat_exemption_reason", 999),
    ],
)
def test_a_wrong_value_is_named(api: Api, field: str, value: Any) -> None:
    """422 whose errors map names the field with a list of texts (v3-wire 2.2)."""
    errors = api.refused(**{field: value})
    assert list(errors) == [field]
    assert isinstance(errors[field], list)
    assert api.get("/invoices.json").json()["metainfo"]["total_count"] == 0


def test_payment_method_has_its_documented_text(api: Api) -> None:
    """Word for word (v3-wire 1.3)."""
    data = {k: v for k, v in INVOICE.items() if k != "payment_method"}
    response = api.post("/invoices.json", {"invoice": data})
    assert response.json()["errors"] == {
        "payment_method": ["Proszę wybrać odpowiedni sposób płatności."]
    }


@pytest.mark.parametrize(
    "method",
    [
        "transfer", "cash", "card", "barter", "check", "bill_of_sale", "delivery",
        "compensation", "accredited", "paypal", "instalment_sale", "payu", "tpay", "przelewy24",
        "dotpay", "other",
    ],
)  # fmt: skip
def test_all_documented_payment_methods_pass(api: Api, method: str) -> None:
    """The closed set of v3-wire 4.4."""
    assert api.invoice(payment_method=method)["payment_method"] == method


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"name": " "}, {"services.name"}),
        ({"name": "x" * 256}, {"services.name"}),
        ({"tax_symbol": ""}, {"services.tax_symbol", "services.gross", "value.tax_values"}),
        ({"tax_symbol": "23%"}, {"services.tax_symbol", "services.gross", "value.tax_values"}),
        ({"unit_net_price": None}, {"services.unit_net_price"}),
        ({"quantity": "two"}, {"services.quantity"}),
        ({"gross_price": 1300}, {"value.tax_values"}),
        ({"tax_price": 0}, {"value.tax_values"}),
        ({"gtu_id": "99"}, {"services.gtu_id"}),
        ({"flat_rate_tax_symbol": "7"}, {"services.flat_rate_tax_symbol"}),
    ],
)
def test_a_wrong_row_gives_flat_dotted_keys(
    api: Api, change: dict[str, Any], fields: set[str]
) -> None:
    """No index; an empty rate is said of three fields (v3-wire 2.2)."""
    assert set(api.refused(services=[{**ROW, **change}])) == fields


@pytest.mark.parametrize("services", [None, [], {}, ["x"], "rows"])
def test_rows_are_required(api: Api, services: Any) -> None:
    """`services` is required (v3-wire 1.4)."""
    assert set(api.refused(services=services)) == {"services"}


def test_the_same_fault_of_two_rows_is_said_once(api: Api) -> None:
    """There is no index that could tell them apart (v3-wire 2.2)."""
    errors = api.refused(services=[{**ROW, "name": ""}, {**ROW, "name": ""}])
    assert len(errors["services.name"]) == 1


def test_all_faults_are_said_at_once(api: Api) -> None:
    """One answer for everything."""
    errors = api.refused(payment_method="gold", currency="XXX", services=[{**ROW, "name": ""}])
    assert set(errors) == {"payment_method", "currency", "services.name"}


def test_a_buyer_is_required(api: Api) -> None:
    """client_id or client data; client_uuid does not count (v3-wire 1.4)."""
    data = {"payment_method": "cash", "services": [ROW]}
    client = api.client()
    for more in ({}, {"client_uuid": client["uuid"]}, {"client_id": ""}, {"client_id": None}):
        response = api.post("/invoices.json", {"invoice": {**data, **more}})
        assert response.status_code == 422
        assert set(response.json()["errors"]) == {"client_id"}
    response = api.post("/invoices.json", {"invoice": {**data, "client_id": 1}})
    assert "client_id" in response.json()["errors"]


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"client_business_activity_kind": "other_business"}, {"client_company_name"}),
        ({"client_business_activity_kind": "private_person"}, {"client_first_name"}),
        (
            {"client_business_activity_kind": "self_employed"},
            {"client_company_name", "client_first_name"},
        ),
    ],
)
def test_names_by_kind_of_buyer(api: Api, data: dict[str, str], fields: set[str]) -> None:
    """Company name, or first and last name, or both (v3-wire 1.4)."""
    assert set(api.refused(client_company_name=None, **data)) == fields


def test_foreign_buyer_needs_a_sale_type(api: Api) -> None:
    """`service` or `merchandise` (v3-wire 1.4)."""
    assert set(api.refused(client_country="DE")) == {"sale_type"}
    made = api.invoice(client_country="DE", sale_type="merchandise")
    assert made["sale_type"] == "merchandise"


def test_bank_account_must_be_the_users(api: Api) -> None:
    """Added and verified in the account, else 422 (v3-wire 1.4)."""
    assert set(api.refused(bank_account="70102010130000010200026526")) == {"bank_account"}
    given = "PL61 1090 1014 0000 0712 1981 2874"
    made = api.invoice(bank_account=given, bank_name="Mój bank", swift="WBKPPLPP")
    assert made["bank_account"] == given
    assert (made["bank_name"], made["swift"]) == ("Mój bank", "WBKPPLPP")
    assert api.invoice(bank_account="61109010140000071219812874")["bank_name"] == "Example Bank"
    assert api.invoice(bank_account="")["bank_account"] == ""


def test_transfer_without_any_account(api: Api) -> None:
    """422 on bank_name and bank_account, in the documented words (v3-wire 1.4, 2.2)."""
    number = api.get("/bank_accounts.json").json()["entities"][0]["id"]
    api.delete(f"/bank_accounts/{number}.json")
    errors = api.refused(payment_method="transfer")
    assert errors["bank_name"] == ["Proszę podać nazwę banku."]
    assert set(errors) == {"bank_name", "bank_account"}
    api.invoice(payment_method="cash")


def test_repeated_number(api: Api) -> None:
    """Only when check_duplicate_number is asked for (v3-wire 1.3)."""
    api.invoice(number="16/03/2023")
    errors = api.refused(number="16/03/2023", check_duplicate_number=True)
    assert set(errors) == {"duplicated_number"}
    again = api.invoice(number="16/03/2023")
    assert again["number"] == "16/03/2023"
    checked = api.invoice(number="17/03/2023", check_duplicate_number="true")
    own = {"number": "17/03/2023", "check_duplicate_number": True}
    path = f"/invoices/{checked['uuid']}.json"
    assert api.put(path, {"invoice": own}).status_code == 200
    other = {"number": "16/03/2023", "check_duplicate_number": True}
    assert api.put(path, {"invoice": other}).status_code == 422


def test_exempt_rows_need_a_reason(api: Api) -> None:
    """`zw` with vat_exemption_reason, one of the account's (seed 004, v3-wire 8)."""
    rows = [{**ROW, "tax_symbol": "zw"}]
    assert set(api.refused(services=rows)) == {"vat_exemption_reason"}
    assert api.invoice(services=rows, vat_exemption_reason="1")["vat_exemption_reason"] == 1
    api.standin.seed(exemptions=[{"id": 3275, "description": "own"}])
    assert api.invoice(services=rows, vat_exemption_reason=3275)["gross_price"] == 1000


def test_lump_sum_tax_needs_a_rate_a_row(api: Api) -> None:
    """When the account pays it (seed 004: flat_rate_tax_symbol)."""
    api.standin.configure("account", flat_rate=True)
    assert set(api.refused()) == {"services.flat_rate_tax_symbol"}
    made = api.invoice(services=[{**ROW, "flat_rate_tax_symbol": "8.5"}])
    assert made["services"][0]["flat_rate_tax_symbol"] == "8.5"
