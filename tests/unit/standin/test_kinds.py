"""Corrective, margin, advance and final invoices (v3-wire 1.1, 5)."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import ROW, Api

BUYER = {"payment_method": "cash", "client_company_name": "Firma"}
BEFORE = {"name": "A", "tax_symbol": "23", "unit_net_price": 6623, "group": "1"}
PAIR = [{**BEFORE, "correction": False}, {**BEFORE, "correction": True, "quantity": 0}]
MARGIN_ROW = {
    "name": "Aparat", "gross_with_margin_amount_price": 250000, "margin_amount_price": 50000,
}  # fmt: skip


def correction(api: Api, **more: Any) -> dict[str, Any]:
    """Return the data of a correction that is accepted."""
    uuid = api.invoice(number="3/01/2023", invoice_date="2023-01-10")["uuid"]
    given = {"corrected_invoice_uuid": uuid, "correction_reason": "mistake", "services": PAIR}
    return {**BUYER, **given, **more}


def errors_of(api: Api, resource: str, envelope: str, data: dict[str, Any]) -> set[str]:
    """Return the names in the errors of a task that fails."""
    body = api.task(resource, {envelope: data})
    assert body["processing_code"] == 422
    return set(body["invoice_errors"])


def test_correction(fixed: Api) -> None:
    """Totals are differences, labels are Polish, groups are numbers (v3-wire 5)."""
    made = fixed.made("corrective_invoices", "corrective_invoice", **correction(fixed))
    assert made["kind"] == "correction"
    assert made["number"] == "1/KOR/03/2023"
    assert (made["net_price"], made["tax_price"]) == (-6623, -1523)
    assert made["gross_price"] == made["left_to_pay"] == -8146
    assert made["corrected_invoice_number"] == "3/01/2023"
    assert made["corrected_invoice_date"] == "2023-01-10"
    assert (made["confirmation"], made["confirmation_date"]) == (False, "")
    assert made["correction_reason"] == "Błąd rachunkowy lub inna oczywista omyłka"
    assert made["correction_reason_symbol"] == "mistake"
    rows = [(row["group"], row["correction"]) for row in made["services"]]
    assert rows == [(1, False), (1, True)]


def test_correction_that_changes_nothing_is_accepted(api: Api) -> None:
    """It mints a 0.00 document (v3-wire 5)."""
    same = [PAIR[0], {**PAIR[0], "correction": True}]
    data = correction(api, services=same, confirmation=True, confirmation_date="2023-03-01")
    made = api.made("corrective_invoices", "corrective_invoice", **data)
    assert made["gross_price"] == 0
    assert (made["confirmation"], made["confirmation_date"]) == (True, "2023-03-01")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"correction_reason": "Inne"}, "correction_reason"),
        ({"correction_reason": None}, "correction_reason"),
        ({"corrected_invoice_uuid": "x"}, "corrected_invoice_number"),
        (
            {"corrected_invoice_uuid": None, "corrected_invoice_number": "3/01/2023"},
            "corrected_invoice_number",
        ),
        ({"services": PAIR[:1]}, "services.group"),
        ({"services": [{**r, "group": None} for r in PAIR]}, "services.group"),
        ({"services": []}, "services"),
        ({"payment_method": "gold"}, "payment_method"),
    ],
)
def test_wrong_corrections(api: Api, change: dict[str, Any], field: str) -> None:
    """Number and date alone are refused today (v3-wire 5)."""
    data = correction(api, **change)
    assert errors_of(api, "corrective_invoices", "corrective_invoice", data) == {field}


def test_corrected_number_is_stored_verbatim(api: Api) -> None:
    """Whatever text it is (v3-wire 5)."""
    data = correction(api, corrected_invoice_number=12345)
    made = api.made("corrective_invoices", "corrective_invoice", **data)
    assert made["corrected_invoice_number"] == "12345"


def test_correction_is_updated_and_deleted(api: Api) -> None:
    """Without saying again what is corrected, and why."""
    made = api.made("corrective_invoices", "corrective_invoice", **correction(api))
    path = f"/corrective_invoices/{made['uuid']}.json"
    changed = api.put(path, {"corrective_invoice": {"notes": "b"}})
    assert changed.json() == {**made, "notes": "b"}
    changed = api.put(path, {"corrective_invoice": {"correction_reason": "other"}})
    assert changed.json()["correction_reason"] == "Inne: np. zwrot, rabat"
    assert api.delete(path).status_code == 204


def test_synchronous_creates_today(api: Api) -> None:
    """Correctives answer 500 to anything, margins work, the others are not there (1.1)."""
    payload = {"corrective_invoice": correction(api)}
    assert api.post("/corrective_invoices.json", payload).status_code == 500
    margin = {**BUYER, "margin_kind": "travel_agencies", "services": [MARGIN_ROW]}
    assert api.post("/margin_invoices.json", {"margin_invoice": margin}).status_code == 201
    for path in ("advance_invoices", "final_invoices"):
        assert api.post(f"/{path}.json", {path[:-1]: BUYER}).status_code == 404


def test_margin(fixed: Api) -> None:
    """Keys, labels and sums of its own (v3-wire 5)."""
    data = {**BUYER, "margin_kind": "travel_agencies", "document_markings_ids": [6]}
    made = fixed.made(
        "margin_invoices", "margin_invoice", **data, services=[MARGIN_ROW, MARGIN_ROW]
    )
    assert made["number"] == "1/MAR/03/2023"
    assert made["margin_kind"] == "Procedura marży dla biur podróży"
    assert (made["gross_price"], made["margin_amount_price"]) == (500000, 100000)
    assert made["document_markings_ids"] == ["6"]
    missing = {
        "net_price", "tax_price", "split_payment", "sale_type", "invoice_date_kind",
        "vat_exemption_reason", "not_income", "transaction_kind_id", "receipt_number",
    }  # fmt: skip
    assert not missing & set(made)
    assert list(made["services"][0]) == [
        "id", "name", "unit", "quantity", "gross_with_margin_amount_price",
        "margin_amount_price", "gtu_id",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"margin_kind": "Procedura marży"}, "margin_kind"),
        ({"margin_kind": None}, "margin_kind"),
        ({"services": "x"}, "services"),
        ({"services": [{"name": "x", "margin_amount_price": 1}]},
         "services.gross_with_margin_amount_price"),
    ],
)  # fmt: skip
def test_wrong_margins(api: Api, change: dict[str, Any], field: str) -> None:
    """The symbol on write; both prices of a row."""
    data = {**BUYER, "margin_kind": "works_of_art", "services": [MARGIN_ROW], **change}
    assert errors_of(api, "margin_invoices", "margin_invoice", data) == {field}


def test_advances_form_a_chain(fixed: Api) -> None:
    """left_to_pay is gross less all advances and may be negative (v3-wire 5)."""
    order = {**BUYER, "services": [{**ROW, "unit_net_price": 10000}], "advance_price": 40000}
    first = fixed.made("advance_invoices", "advance_invoice", **order)
    assert first["number"] == "1/ZAL/03/2023"
    assert first["left_to_pay"] == 12300 - 40000
    assert not {"paid_price", "sale_date"} & set(first)
    assert first["not_income"] is True
    assert first["advance_date"] == first["payment_date"] == "2023-03-08"
    assert (first["previous_advance_id"], first["previous_advances"]) == (None, [])
    data = {**order, "previous_advance_id": first["id"], "advance_date": "2023-03-07"}
    second = fixed.made("advance_invoices", "advance_invoice", **data)
    assert second["left_to_pay"] == -67700
    assert second["advance_date"] == "2023-03-07"
    names = ("id", "uuid", "number", "invoice_date", "advance_price")
    assert second["previous_advances"] == [{name: first[name] for name in names}]
    data = {**BUYER, "services": order["services"], "previous_advance_id": second["id"]}
    final = fixed.made("final_invoices", "final_invoice", **data)
    assert final["number"] == "1/RZL/03/2023"
    assert [row["id"] for row in final["previous_advances"]] == [first["id"], second["id"]]
    assert final["left_to_pay"] == -67700
    assert final["paid_price"] == 0


def test_wrong_advances(api: Api) -> None:
    """A price, and a previous advance that exists; a final invoice must have one."""
    data = {**BUYER, "services": [ROW]}
    assert errors_of(api, "advance_invoices", "advance_invoice", data) == {"advance_price"}
    wrong = {**data, "advance_price": 1, "previous_advance_id": 5}
    assert errors_of(api, "advance_invoices", "advance_invoice", wrong) == {"previous_advance_id"}
    for number in (None, 5):
        given = {**data, "previous_advance_id": number}
        assert errors_of(api, "final_invoices", "final_invoice", given) == {"previous_advance_id"}


def test_advance_is_updated(api: Api) -> None:
    """Its price too."""
    data = {**BUYER, "services": [ROW], "advance_price": 100}
    made = api.made("advance_invoices", "advance_invoice", **data)
    path = f"/advance_invoices/{made['uuid']}.json"
    changed = api.put(path, {"advance_invoice": {"advance_price": 230}}).json()
    assert (changed["advance_price"], changed["left_to_pay"]) == (230, 1000)
    assert api.put(path, {"advance_invoice": {"notes": "b"}}).json() == {**changed, "notes": "b"}


def test_margin_is_updated(api: Api) -> None:
    """With or without its kind."""
    data = {**BUYER, "margin_kind": "works_of_art", "services": [MARGIN_ROW]}
    made = api.made("margin_invoices", "margin_invoice", **data)
    path = f"/margin_invoices/{made['uuid']}.json"
    changed = api.put(path, {"margin_invoice": {"notes": "b"}}).json()
    assert changed == {**made, "notes": "b"}
    changed = api.put(path, {"margin_invoice": {"margin_kind": "second_hand_goods"}}).json()
    assert changed["margin_kind"] == "Procedura marży – towary używane"
    assert api.put(path, {"margin_invoice": {"margin_kind": "x"}}).status_code == 422


def test_other_kinds_always_start_as_draft(api: Api) -> None:
    """`status` on create is for invoices (v3-wire 1.4)."""
    data = {**BUYER, "margin_kind": "works_of_art", "services": [MARGIN_ROW], "status": "paid"}
    made = api.made("margin_invoices", "margin_invoice", **data)
    assert made["status"] == "draft"
    assert api.post(f"/margin_invoices/{made['uuid']}/paid.json").status_code == 204
    shown = api.get(f"/margin_invoices/{made['uuid']}.json").json()
    assert shown["status"] == "paid"
    assert shown["left_to_pay"] == 250000


def test_tasks_name_their_kind(api: Api) -> None:
    """`invoice_kind` is the resource's (v3-wire 1.2)."""
    data = {**BUYER, "margin_kind": "works_of_art", "services": [MARGIN_ROW]}
    body = api.task("margin_invoices", {"margin_invoice": data})
    assert body["invoice_kind"] == "margin_invoice"


def test_corrective_list_lacks_some_keys(api: Api) -> None:
    """Compared with invoices (v3-wire 5)."""
    api.made("corrective_invoices", "corrective_invoice", **correction(api))
    listed = api.get("/corrective_invoices.json").json()["entities"][0]
    missing = {
        "parent_id", "sales_kind", "amount_in_words", "building_service", "created_at",
        "reconciliation_id", "extensions", "ksef_data",
    }  # fmt: skip
    assert not missing & set(listed)
    assert list(listed["services"][0])[-3:] == ["group", "related_id", "correction"]
