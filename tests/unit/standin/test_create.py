"""Creating invoices synchronously: defaults, key sets, series (v3-wire 1.1, 1.4, 4)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .conftest import INVOICE, ROW, Api

LIST_KEYS = (
    "id uuid parent_id number currency paid_price notes kind payment_method split_payment"
    " split_payment_type recipient_signature seller_signature invoice_date sale_date"
    " vat_date_value continuous_service_start_on continuous_service_end_on occasional_sale status"
    " payment_date paid_date net_price tax_price gross_price left_to_pay client_id client_uuid"
    " client_company_name client_first_name client_last_name client_business_activity_kind"
    " client_street client_street_number client_flat_number client_city client_post_code"
    " client_tax_code client_country bank_account bank_name swift vat_exemption_reason sale_type"
    " invoice_date_kind document_markings_ids transaction_kind_id bdo_code receipt_number"
    " not_income vat_exchange_date_kind sales_kind amount_in_words building_service created_at"
    " reconciliation_id services"
)
ROW_KEYS = (
    "id name tax_symbol unit quantity unit_net_price net_price gross_price tax_price symbol pkwiu"
    " cn pkob flat_rate_tax_symbol discount unit_net_price_before_discount gtu_id related_id"
)
DETAIL_KEYS = {
    "local_government_recipient_address", "local_government_seller_address",
    "third_party_addresses", "transaction_terms", "related_documents", "extensions",
    "exchange_rates_data", "ksef_number", "ksef_data",
}  # fmt: skip


def test_create_answers_201_with_the_bare_invoice(fixed: Api) -> None:
    """No wrapper, a number of the month, and both ids (v3-wire 1.1)."""
    made = fixed.invoice()
    assert made["number"] == "1/03/2023"
    assert isinstance(made["id"], int)
    assert len(made["uuid"]) == 36
    assert fixed.get(f"/invoices/{made['uuid']}.json").json() == made


def test_list_and_detail_have_their_exact_keys_in_order(api: Api) -> None:
    """Strict key sets of 2025 (v3-wire 4.1, 4.2)."""
    made = api.invoice()
    listed = api.get("/invoices.json").json()["entities"][0]
    assert list(listed) == LIST_KEYS.split()
    assert set(made) - set(listed) == DETAIL_KEYS
    assert list(listed["services"][0]) == ROW_KEYS.split()


def test_silent_defaults(fixed: Api) -> None:
    """Dates, currency, date kind and status when a body says nothing (v3-wire 1.4)."""
    made = fixed.invoice()
    assert made["invoice_date"] == made["sale_date"] == "2023-03-08"
    assert made["payment_date"] == "2023-03-22"
    assert made["currency"] == "PLN"
    assert made["invoice_date_kind"] == made["vat_date_value"] == "sale_date"
    assert made["status"] == "draft"
    assert made["paid_date"] is None
    assert made["kind"] == "vat"
    assert made["created_at"] == "2023-03-08T12:00:00.000+01:00"


def test_currency_of_the_account_is_taken_silently(api: Api) -> None:
    """An omitted currency is the account's, and the exchange kind is filled (v3-wire 1.4)."""
    api.standin.configure("account", currency="EUR")
    made = api.invoice()
    assert made["currency"] == "EUR"
    assert made["vat_exchange_date_kind"] == "vat"


def test_amount_in_words_follows_the_currency(api: Api) -> None:
    """The documented example (v3-wire 1.4)."""
    row = {"name": "x", "tax_symbol": "np", "unit_net_price": 81137}
    made = api.invoice(currency="EUR", services=[row])
    assert made["amount_in_words"] == "osiemset jedenaście EUR 37/100"


@pytest.mark.parametrize("name", ["notes", "client_first_name", "client_company_name"])
def test_unset_through_the_api_is_null(api: Api, name: str) -> None:
    """Null, not "" (v3-wire 4.3)."""
    data = {**INVOICE, "client_id": api.client(company_name="A")["id"]}
    if name == "client_company_name":
        person = {"business_activity_kind": "private_person", "first_name": "A", "last_name": "B"}
        data["client_id"] = api.client(company_name=None, **person)["id"]
    del data["client_company_name"]
    assert api.post("/invoices.json", {"invoice": data}).json()[name] is None


def test_some_fields_are_empty_text_when_unset(api: Api) -> None:
    """Signatures, bank data and sale_type are "" (v3-wire 4.3)."""
    for account in api.get("/bank_accounts.json").json()["entities"]:
        api.delete(f"/bank_accounts/{account['id']}.json")
    made = api.invoice()
    names = ("recipient_signature", "seller_signature", "bank_account", "bank_name", "swift")
    assert [made[name] for name in (*names, "sale_type")] == [""] * 6


def test_tax_code_of_a_private_person_is_empty_text(api: Api) -> None:
    """Always "" when unset (v3-wire 4.3)."""
    made = api.invoice(
        client_business_activity_kind="private_person",
        client_first_name="Jan",
        client_last_name="Nowak",
    )
    assert made["client_tax_code"] == ""


def test_bank_data_are_filled_even_for_cash(api: Api) -> None:
    """The default account is on any invoice (v3-wire 1.4)."""
    made = api.invoice(payment_method="cash")
    assert made["bank_account"] == "61109010140000071219812874"
    assert made["bank_name"] == "Example Bank"


def test_numbers_run_by_month_and_kind(fixed: Api) -> None:
    """Each kind and month has its own counter (v3-wire 1.4, 5)."""
    assert fixed.invoice()["number"] == "1/03/2023"
    assert fixed.invoice()["number"] == "2/03/2023"
    assert fixed.invoice(kind="proforma")["number"] == "1/PROF/03/2023"
    assert fixed.invoice(invoice_date="2023-04-02")["number"] == "1/04/2023"
    assert fixed.invoice(number="16/03/2023")["number"] == "16/03/2023"
    assert fixed.invoice()["number"] == "17/03/2023"
    assert fixed.invoice(number="A-1")["number"] == "A-1"
    assert fixed.invoice()["number"] == "18/03/2023"


def test_number_of_a_deleted_last_invoice_is_given_again(fixed: Api) -> None:
    """Only what there is in the month counts (v3-wire 1.4)."""
    fixed.invoice()
    last = fixed.invoice()
    fixed.delete(f"/invoices/{last['uuid']}.json")
    assert fixed.invoice()["number"] == "2/03/2023"


def test_a_number_used_twice_counts_until_both_are_gone(fixed: Api) -> None:
    """Without check_duplicate_number there may be two (v3-wire 1.3)."""
    twice = [fixed.invoice(number="5/03/2023")["uuid"] for _ in range(2)]
    fixed.delete(f"/invoices/{twice[0]}.json")
    answer = fixed.get("/invoices/next_number.json").json()
    assert answer["next_number"] == "6/03/2023"
    fixed.delete(f"/invoices/{twice[1]}.json")
    answer = fixed.get("/invoices/next_number.json").json()
    assert answer["next_number"] == "1/03/2023"


def test_scalars_become_text(api: Api) -> None:
    """Numbers and booleans where a text is due."""
    assert api.invoice(notes=True, bdo_code=False)["notes"] == "true"
    assert api.invoice(notes=1.50)["notes"] == "1.5"
    assert api.invoice(bdo_code=False)["bdo_code"] == "false"


def test_next_number(fixed: Api) -> None:
    """The answer's three keys, by kind and date (v3-wire 6)."""
    fixed.invoice()
    answer = fixed.get("/invoices/next_number.json", kind="vat").json()
    assert answer == {
        "next_number": "2/03/2023", "invoice_date": "2023-03-08", "invoice_kind": "vat",
    }  # fmt: skip
    later = fixed.get("/invoices/next_number.json", kind="margin", date="2023-05-01").json()
    assert later["next_number"] == "1/MAR/05/2023"
    odd = fixed.get("/invoices/next_number.json", kind="correction").json()
    assert odd["invoice_kind"] == "vat"
    own = fixed.get("/corrective_invoices/next_number.json").json()
    assert own == {
        "next_number": "1/KOR/03/2023", "invoice_date": "2023-03-08",
        "invoice_kind": "corrective_invoice",
    }  # fmt: skip
    assert fixed.get("/margin_invoices/next_number.json").json()["invoice_kind"] == (
        "margin_invoice"
    )
    assert fixed.get("/invoices/next_number.json", date="tomorrow").status_code == 400


def test_unknown_kind_becomes_vat(api: Api) -> None:
    """`corrective` on /invoices silently makes an ordinary invoice (v3-wire 1.1)."""
    assert api.invoice(kind="corrective")["kind"] == "vat"
    assert api.invoice(kind="proforma")["kind"] == "proforma"


def test_unknown_and_read_only_keys_are_ignored(api: Api) -> None:
    """No error, no effect (v3-wire 2.2, 4.4)."""
    made = api.invoice(
        id=7, uuid="x", left_to_pay=1, net_price=5, amount_in_words="zero", external_id="e",
        client_uuid="u", clean_client_nip="1",
    )  # fmt: skip
    assert made["id"] != 7
    assert (made["net_price"], made["left_to_pay"]) == (1000, 1230)
    assert made["amount_in_words"] == "dwanaście PLN 30/100"
    assert made["client_uuid"] is None


def test_client_id_fills_the_buyer(api: Api) -> None:
    """Other names on the invoice than on the client (v3-wire 7)."""
    client = api.client(city="Kraków", postal_code="30-549", street="Kącik")
    data = {"payment_method": "cash", "client_id": client["id"], "services": [ROW]}
    made = api.post("/invoices.json", {"invoice": data}).json()
    assert made["client_uuid"] == client["uuid"]
    assert made["client_post_code"] == "30-549"
    assert made["client_tax_code"] == "9452121681"
    assert made["client_company_name"] == "Firma testowa"


def test_saved_client_is_matched_by_company_name(api: Api) -> None:
    """With client data only (v3-wire 1.4, documented example)."""
    client = api.client(company_name="Firma")
    assert api.invoice()["client_id"] == client["id"]
    assert api.invoice(client_company_name="Inna")["client_id"] is None


def test_status_on_create(fixed: Api) -> None:
    """Paid with its date, or printed (v3-wire 1.4)."""
    assert fixed.invoice(status="printed")["status"] == "printed"
    paid = fixed.invoice(status="paid", paid_date="2023-03-09")
    assert (paid["status"], paid["paid_date"]) == ("paid", "2023-03-09")
    assert fixed.invoice(status="paid")["paid_date"] == "2023-03-08"


def test_status_is_ignored_where_it_is_said_to_be_read_only(api: Api) -> None:
    """The other reading of the documents, as a quirk (v3-wire 4.4)."""
    api.standin.configure("quirks", status_writable=False)
    assert api.invoice(status="printed")["status"] == "draft"


def test_uuid_may_be_null_in_the_201(api: Api) -> None:
    """As a quirk; a later read has it (v3-wire 1.1)."""
    api.standin.configure("quirks", sync_uuid=False)
    assert api.invoice()["uuid"] is None
    assert api.get("/invoices.json").json()["entities"][0]["uuid"]


def test_every_writable_field_comes_back(api: Api) -> None:
    """What a body says is what a read shows (v3-wire 4.4)."""
    given: dict[str, Any] = {
        "notes": "Uwagi", "payment_method": "card", "split_payment": True,
        "split_payment_type": "optional", "recipient_signature": "A", "seller_signature": "B",
        "invoice_date": "2023-01-02", "sale_date": "2023-01-01", "payment_date": "2023-01-20",
        "continuous_service_start_on": "2022-12-01", "continuous_service_end_on": "2022-12-31",
        "invoice_date_kind": "continuous_service_end_on", "currency": "EUR",
        "vat_exchange_date_kind": "pit", "bdo_code": "000", "transaction_kind_id": 1,
        "document_markings_ids": ["6"], "receipt_number": "12", "not_income": True,
        "paid_price": 5, "number": "7/01/2023", "vat_exemption_reason": 1,
        "local_government_seller_address": {"nip": "1"},
        "client_country": "DE", "sale_type": "service", "client_city": "Berlin",
    }  # fmt: skip
    made = api.invoice(**given)
    assert {name: made[name] for name in given} == given
    assert made["left_to_pay"] == made["gross_price"] - 5


def test_empty_receipt_number_takes_it_away(api: Api) -> None:
    """An empty text removes the number (seed 004)."""
    made = api.invoice(receipt_number="12")
    changed = api.put(f"/invoices/{made['uuid']}.json", {"invoice": {"receipt_number": ""}})
    assert changed.json()["receipt_number"] is None


def test_both_bases_answer(api: Api) -> None:
    """The current base and the older one (v3-wire 0)."""
    made = api.invoice()
    root = api.standin.root
    for base in ("/api/v3", "/v3"):
        url = f"{root}{base}/invoices/{made['uuid']}.json"
        assert requests.get(url, headers=api.session.headers, timeout=5).status_code == 200
    assert requests.get(f"{root}/invoices.json", timeout=5).status_code == 404


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{", "application/json"),
        ("[1]", "application/json"),
        ("{}", "application/json"),
        ('{"invoice": 3}', "application/json"),
        ('{"invoice": {"x": NaN}}', "application/json"),
        ('{"invoice": {}}', "text/plain"),
        ("", "application/json"),
    ],
)
def test_bodies_that_are_no_envelope_are_400(api: Api, body: str, kind: str) -> None:
    """Not JSON, no object, no envelope, or not said to be JSON."""
    headers = {"Content-Type": kind}
    assert api.call("POST", "/invoices.json", data=body, headers=headers).status_code == 400
    assert api.call("POST", "/async/invoices.json", data=body, headers=headers).status_code == 400
    assert api.get("/invoices.json").json()["metainfo"]["total_count"] == 0
