"""Show, update, delete, paid and what changes the status (v3-wire 3.1, 4.4, 6)."""

from __future__ import annotations

import pytest

from .conftest import ROW, Api

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("reference", ["2310904", UNKNOWN, "x"])
def test_only_a_known_uuid_is_found(api: Api, reference: str) -> None:
    """An integer id is 404 today, in the documented words (v3-wire 2.2, 3.1)."""
    made = api.invoice()
    assert made["id"] == 2310904
    response = api.get(f"/invoices/{reference}.json")
    assert response.status_code == 404
    assert response.json() == {"error": "Zasób którego szukasz nie został znaleziony."}


def test_a_uuid_of_another_family_is_404(api: Api) -> None:
    """And vice versa (v3-wire 3.1)."""
    uuid = api.invoice()["uuid"]
    for path in ("corrective_invoices", "margin_invoices", "advance_invoices", "final_invoices"):
        assert api.get(f"/{path}/{uuid}.json").status_code == 404


def test_partial_update(api: Api) -> None:
    """200 with the detail; what is not named stays (v3-wire 6)."""
    made = api.invoice(notes="a")
    changed = api.put(f"/invoices/{made['uuid']}.json", {"invoice": {"payment_method": "card"}})
    assert changed.status_code == 200
    assert changed.json() == {**made, "payment_method": "card"}
    patched = api.call("PATCH", f"/invoices/{made['uuid']}.json", json={"invoice": {"notes": "b"}})
    assert patched.json()["notes"] == "b"


def test_update_with_everything_that_was_read_changes_nothing(api: Api) -> None:
    """Read-only keys are ignored, values stay; rows get new ids (v3-wire 4.2, 4.4)."""
    client = api.client()
    made = api.invoice(client_id=client["id"], services=[ROW, {**ROW, "quantity": "0.3"}])
    api.put(f"/clients/{client['id']}.json", {"client": {"city": "Sopot"}})
    again = api.put(f"/invoices/{made['uuid']}.json", {"invoice": made}).json()
    ids = [row["id"] for row in made["services"]]
    assert all(row["id"] not in ids for row in again["services"])
    for row in (*made["services"], *again["services"]):
        row["id"] = 0
    assert again == made


def test_update_replaces_all_rows(api: Api) -> None:
    """Totals are computed anew (v3-wire 4.2)."""
    made = api.invoice(services=[ROW, ROW])
    body = {"invoice": {"services": [{**ROW, "unit_net_price": 50}]}}
    changed = api.put(f"/invoices/{made['uuid']}.json", body).json()
    assert len(changed["services"]) == 1
    assert (changed["net_price"], changed["tax_price"], changed["left_to_pay"]) == (50, 12, 62)


def test_refused_update_leaves_everything(api: Api) -> None:
    """422, and nothing is half changed."""
    made = api.invoice()
    path = f"/invoices/{made['uuid']}.json"
    for wrong in (
        {"notes": "b", "services": [{"name": "x"}]}, {"notes": "b", "invoice_date": None},
        {"client_id": 1}, {"notes": "b", "status": "lost"}, {"client_company_name": ""},
        {"payment_method": "gold", "notes": "b"}, {"vat_exemption_reason": 99},
    ):  # fmt: skip
        assert api.put(path, {"invoice": wrong}).status_code == 422, wrong
    assert api.get(path).json() == made
    assert api.put(path, {}).status_code == 400
    assert api.put(f"/invoices/{UNKNOWN}.json", {"invoice": {}}).status_code == 404


def test_update_of_kind_buyer_and_bank(api: Api) -> None:
    """A new client_id takes the client's data over; a kind is vat or proforma."""
    made = api.invoice(client_city="Kraków")
    client = api.client(company_name="Druga", city="Sopot")
    path = f"/invoices/{made['uuid']}.json"
    body = {"client_id": client["id"], "client_street": "Nowa", "kind": "proforma"}
    changed = api.put(path, {"invoice": body}).json()
    assert changed["client_company_name"] == "Druga"
    assert (changed["client_city"], changed["client_street"]) == ("Sopot", "Nowa")
    assert changed["kind"] == "proforma"
    assert api.put(path, {"invoice": {"kind": "corrective"}}).json()["kind"] == "proforma"
    left = api.put(path, {"invoice": {"client_id": None}}).json()
    assert (left["client_id"], left["client_company_name"]) == (None, "Druga")
    api.client(company_name="Trzecia")
    named = api.put(path, {"invoice": {"client_company_name": "Trzecia"}}).json()
    assert named["client_id"] is None


def test_the_same_client_id_leaves_the_buyer_alone(api: Api) -> None:
    """The document keeps what it was issued with."""
    client = api.client(city="Kraków")
    made = api.invoice(client_id=client["id"])
    api.put(f"/clients/{client['id']}.json", {"client": {"city": "Sopot"}})
    path = f"/invoices/{made['uuid']}.json"
    assert api.put(path, {"invoice": {"client_id": client["id"]}}).json() == made


def test_change_to_transfer_fills_the_account(api: Api) -> None:
    """When the document has none, and the user has one."""
    made = api.invoice(bank_account="")
    path = f"/invoices/{made['uuid']}.json"
    changed = api.put(path, {"invoice": {"payment_method": "transfer"}}).json()
    assert changed["bank_account"] == "61109010140000071219812874"
    number = api.get("/bank_accounts.json").json()["entities"][0]["id"]
    api.delete(f"/bank_accounts/{number}.json")
    made = api.invoice()
    refused = api.put(f"/invoices/{made['uuid']}.json", {"invoice": {"payment_method": "transfer"}})
    assert refused.status_code == 422


def test_delete(api: Api) -> None:
    """204 without a body, then 404 (v3-wire 6)."""
    uuid = api.invoice()["uuid"]
    gone = api.delete(f"/invoices/{uuid}.json")
    assert (gone.status_code, gone.content) == (204, b"")
    assert api.delete(f"/invoices/{uuid}.json").status_code == 404
    assert api.get(f"/invoices/{uuid}.json").status_code == 404
    assert api.get("/invoices.json").json()["entities"] == []


def test_synchronous_paid(fixed: Api) -> None:
    """204; twice is 422; not before the date of issue (v3-wire 6)."""
    uuid = fixed.invoice()["uuid"]
    path = f"/invoices/{uuid}/paid.json"
    early = fixed.call("POST", path, params={"paid_date": "2023-03-01"})
    assert (early.status_code, set(early.json()["errors"])) == (422, {"paid_date"})
    assert fixed.post(path, {"paid_date": "soon"}).status_code == 422
    done = fixed.call("POST", path, params={"paid_date": "2023-03-09"})
    assert (done.status_code, done.content) == (204, b"")
    again = fixed.post(path)
    assert again.status_code == 422
    assert again.json()["errors"]["status"] == "Faktura już została oznaczona jako zapłacona."
    assert fixed.get(f"/invoices/{uuid}.json").json()["paid_date"] == "2023-03-09"


def test_paid_keeps_left_to_pay_or_not(api: Api) -> None:
    """Seen live both ways; kept is the default, the other a quirk (v3-wire 4.4)."""
    made = api.invoice()
    api.post(f"/invoices/{made['uuid']}/paid.json")
    shown = api.get(f"/invoices/{made['uuid']}.json").json()
    assert (shown["status"], shown["paid_price"], shown["left_to_pay"]) == ("paid", 0, 1230)
    api.control("POST", "quirks", {"paid_price": "filled"})
    made = api.invoice()
    api.post(f"/invoices/{made['uuid']}/paid.json")
    shown = api.get(f"/invoices/{made['uuid']}.json").json()
    assert (shown["paid_price"], shown["left_to_pay"]) == (1230, 0)


def test_paid_price_lowers_left_to_pay(api: Api) -> None:
    """Gross less paid (v3-wire 4.4)."""
    made = api.invoice(paid_price=230)
    assert made["left_to_pay"] == 1000
    changed = api.put(f"/invoices/{made['uuid']}.json", {"invoice": {"paid_price": None}}).json()
    assert (changed["paid_price"], changed["left_to_pay"]) == (0, 1230)


def test_status_by_update(fixed: Api) -> None:
    """Settable today; leaving `paid` takes its date away (v3-wire 4.4)."""
    path = f"/invoices/{fixed.invoice()['uuid']}.json"
    for status, day in (
        ("printed", None), ("sent", None), ("paid", "2023-03-08"), ("paid", "2023-03-08"),
        ("draft", None),
    ):  # fmt: skip
        shown = fixed.put(path, {"invoice": {"status": status}}).json()
        assert (shown["status"], shown["paid_date"]) == (status, day)


def test_accounted(api: Api) -> None:
    """PUT mark_as_accounted answers the document (v3-wire 6)."""
    made = api.invoice()
    assert api.put(f"/invoices/{made['uuid']}/mark_as_accounted.json").json() == made


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/invoices.xml", 406),
        ("/invoices", 406),
        (f"/invoices/{UNKNOWN}", 406),
        (f"/invoices/{UNKNOWN}.pdf", 406),
        ("/nothing.json", 404),
        ("/nothing", 404),
        ("/webhooks.json", 404),
        (f"/invoices/{UNKNOWN}/deliver_via_post.json", 404),
        ("/ksef/anything.json", 410),
        ("/ksef/a/b/c.json", 410),
    ],
)
def test_formats_and_paths(api: Api, path: str, status: int) -> None:
    """406 for a wrong format, 404 and 410 for what is not there (v3-wire 2.1, 9)."""
    method = "POST" if "post" in path else "GET"
    response = api.call(method, path)
    assert response.status_code == status
    assert set(response.json()) == {"error"}


def test_a_method_that_a_path_does_not_have_is_404(api: Api) -> None:
    """As Rails routes it."""
    assert api.delete("/invoices.json").status_code == 404
    assert api.post("/vat_rates.json").status_code == 404
