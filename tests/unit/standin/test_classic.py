"""The classic dialect: integer ids and synchronous work (decisions 4, seed 004)."""

from __future__ import annotations

import pytest

from .conftest import CLIENT, INVOICE, ROW, Api

KEYS = (
    "id number currency paid_price notes kind payment_method split_payment split_payment_type"
    " recipient_signature seller_signature invoice_date sale_date status payment_date paid_date"
    " net_price tax_price gross_price left_to_pay client_id client_company_name client_street"
    " client_street_number client_flat_number client_city client_post_code client_tax_code"
    " client_country bank_account bank_name swift sale_type invoice_date_kind"
    " document_markings_ids transaction_kind_id bdo_code receipt_number not_income"
    " vat_exchange_date_kind vat_exemption_reason services"
)


def test_ids_in_urls(classic: Api) -> None:
    """By integer; the keys of the seed document, no uuid anywhere."""
    made = classic.invoice()
    path = f"/invoices/{made['id']}.json"
    assert classic.get(path).json() == made
    assert list(made) == [*KEYS.split(), "extensions"]
    assert set(made["extensions"]["payments"]) == {"link", "avaiable"}
    listed = classic.get("/invoices.json").json()["entities"][0]
    assert list(listed) == KEYS.split()
    assert (made["paid_date"], made["vat_exemption_reason"]) == ("", "")
    assert made["services"][0]["quantity"] == "1.0"
    uuid = classic.standin.world.store.all("invoices")[0]["uuid"]
    assert classic.get(f"/invoices/{uuid}.json").status_code == 404
    assert classic.get("/invoices/1.json").status_code == 404


def test_life_of_an_invoice(classic: Api) -> None:
    """201, 200, 204 and 204 (seed 004)."""
    made = classic.invoice(services=[{**ROW, "quantity": 0.5, "gross_price": None}])
    assert made["services"][0]["quantity"] == "0.5"
    path = f"/invoices/{made['id']}"
    changed = classic.put(f"{path}.json", {"invoice": {"payment_method": "card"}})
    assert changed.json()["payment_method"] == "card"
    body = {"paid_date": made["invoice_date"]}
    paid = classic.post(f"{path}/paid.json", body)
    assert (paid.status_code, paid.content) == (204, b"")
    shown = classic.get(f"{path}.json").json()
    assert (shown["status"], shown["paid_date"]) == ("paid", made["invoice_date"])
    assert classic.post(f"{path}/paid.json", body).status_code == 422
    assert classic.delete(f"{path}.json").status_code == 204


def test_always_a_draft(classic: Api) -> None:
    """The seed document: status is read-only."""
    made = classic.invoice(status="paid")
    assert made["status"] == "draft"
    path = f"/invoices/{made['id']}.json"
    assert classic.put(path, {"invoice": {"status": "sent"}}).json()["status"] == "draft"
    assert classic.get(f"/invoices/{made['id']}/pdf.json", document_type="copy").status_code == 200
    assert classic.get(path).json()["status"] == "printed"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/async/invoices.json"),
        ("POST", "/invoices/2310904/send_to_ksef.json"),
        ("GET", "/ksef2/integration.json"),
    ],
)
def test_what_came_later_is_404(classic: Api, method: str, path: str) -> None:
    """Tasks and KSeF."""
    classic.invoice()
    assert classic.call(method, path, json={"invoice": INVOICE}).status_code == 404


def test_links_have_only_an_offset(classic: Api) -> None:
    """As in the seed document's examples."""
    base = classic.standin.url
    for path in ("/invoices.json", "/clients.json"):
        meta = classic.get(path).json()["metainfo"]
        assert meta["next"] == f"{base}{path}?offset=10"
        assert meta["previous"] == f"{base}{path}?offset=0"


def test_key_in_the_query(classic: Api) -> None:
    """An older page allowed it (v3-wire 0)."""
    query = {"api_key": classic.standin.api_key}
    headers = {"X-inFakt-ApiKey": None}
    response = classic.call("GET", "/invoices.json", params=query, headers=headers)
    assert response.status_code == 200


def test_clients_have_the_keys_of_2023(classic: Api) -> None:
    """Without uuid and three others (v3-wire 7)."""
    made = classic.client()
    later = {"uuid", "country_full_name", "is_vindicable", "vindicable_invoices_count"}
    assert not later & set(made)
    assert len(made) == 25


def test_names_of_a_person_stand_for_the_company(classic: Api) -> None:
    """There are no keys for them on a classic invoice."""
    person = {"first_name": "Jan", "last_name": "Nowak", "company_name": None}
    client = classic.client(business_activity_kind="private_person", **person)
    made = classic.invoice(client_id=client["id"], client_company_name=None)
    assert made["client_company_name"] == "Jan Nowak"


def test_other_kinds_are_synchronous(classic: Api) -> None:
    """Also correctives, with number and date alone (v3-wire 5)."""
    rows = [{**ROW, "group": "1", "correction": side} for side in (False, True)]
    data = {
        **INVOICE, "corrected_invoice_number": "2022/10/21", "correction_reason": "other",
        "corrected_invoice_date": "2022-10-21", "services": rows,
    }  # fmt: skip
    made = classic.post("/corrective_invoices.json", {"corrective_invoice": data})
    assert made.status_code == 201
    shown = made.json()
    assert shown["corrected_invoice_number"] == "2022/10/21"
    assert not {"uuid", "client_uuid", "vat_date_value"} & set(shown)
    assert "related_id" not in shown["services"][0]
    order = {**INVOICE, "advance_price": 100}
    advance = classic.post("/advance_invoices.json", {"advance_invoice": order}).json()
    final = {**INVOICE, "previous_advance_id": advance["id"]}
    assert classic.post("/final_invoices.json", {"final_invoice": final}).status_code == 201


def test_delivery_by_post(classic: Api) -> None:
    """202 where the buyer has an address (seed 004)."""
    bare = classic.invoice()
    assert classic.post(f"/invoices/{bare['id']}/deliver_via_post.json").status_code == 422
    made = classic.invoice(client_street="Długa", client_post_code="30-549")
    sent = classic.post(f"/invoices/{made['id']}/deliver_via_post.json")
    assert sent.status_code == 202
    assert classic.get(f"/invoices/{made['id']}.json").json()["status"] == "sent"


def test_samples_of_the_classic_dialect(classic: Api) -> None:
    """All shown and listed."""
    classic.standin.reset(seed=1, samples=25)
    for family in ("", "corrective_", "margin_", "advance_", "final_"):
        page = classic.get(f"/{family}invoices.json").json()
        assert page["metainfo"]["total_count"] == 5
        shown = classic.get(f"/{family}invoices/{page['entities'][0]['id']}.json")
        assert shown.status_code == 200
    assert classic.post("/clients.json", {"client": CLIENT}).status_code == 201
