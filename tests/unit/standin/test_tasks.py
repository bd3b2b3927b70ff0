"""Asynchronous create and paid (v3-wire 1.2, 1.3)."""

from __future__ import annotations

import pytest

from .conftest import INVOICE, Api

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def test_accept_body(fixed: Api) -> None:
    """201 with code 100 and a stamp with a space and an offset (v3-wire 1.2)."""
    accepted = fixed.post("/async/invoices.json", {"invoice": INVOICE, "send_to_ksef": False})
    assert accepted.status_code == 201
    body = accepted.json()
    reference = body.pop("invoice_task_reference_number")
    assert len(reference) == 36
    assert body == {
        "timestamps": {"task_created_at": "2023-03-08 12:00:00 +0100"}, "processing_code": 100,
        "processing_description": "Zlecenie przyjęte", "action": "create_invoice",
        "invoice_kind": "invoice",
    }  # fmt: skip


def test_success_names_the_uuid_and_nothing_else(api: Api) -> None:
    """Code 201, no id and no number (v3-wire 1.3)."""
    body = api.task("invoices", {"invoice": INVOICE})
    assert body["processing_code"] == 201
    assert body["processing_description"] == "Faktura stworzona"
    assert not {"id", "number", "invoice_errors"} & set(body)
    made = api.get(f"/invoices/{body['invoice_uuid']}.json").json()
    assert made["number"].startswith("1/")
    assert made["status"] == "draft"


def test_invalid_body_is_accepted_and_fails_in_the_task(api: Api) -> None:
    """HTTP 200, code 422, no invoice_uuid (v3-wire 1.2, 1.3)."""
    body = api.task("invoices", {"invoice": {**INVOICE, "payment_method": "gold"}})
    assert body["processing_code"] == 422
    assert body["processing_description"] == "Nie udało się stworzyć faktury"
    assert body["invoice_errors"] == {
        "payment_method": ["Proszę wybrać odpowiedni sposób płatności."]
    }
    assert "invoice_uuid" not in body
    assert body["invoice_kind"] == "invoice"
    assert api.get("/invoices.json").json()["metainfo"]["total_count"] == 0


def test_status_of_an_unknown_task_or_of_another_family_is_404(api: Api) -> None:
    """404 for a reference that this family does not have (v3-wire 1.3)."""
    accepted = api.post("/async/invoices.json", {"invoice": INVOICE}).json()
    reference = accepted["invoice_task_reference_number"]
    assert api.get(f"/async/invoices/status/{UNKNOWN}.json").status_code == 404
    assert api.get(f"/async/margin_invoices/status/{reference}.json").status_code == 404


def test_delay_in_looks_shows_120_then_140(api: Api) -> None:
    """The work is done at once, so that the document can be found meanwhile."""
    api.standin.configure("tasks", looks=3)
    accepted = api.post("/async/invoices.json", {"invoice": INVOICE}).json()
    path = f"/async/invoices/status/{accepted['invoice_task_reference_number']}.json"
    looks = [api.get(path).json() for _ in range(5)]
    assert [look["processing_code"] for look in looks] == [120, 140, 140, 201, 201]
    assert looks[0]["processing_description"] == "Zlecenie czeka na przetworzenie"
    assert looks[1]["processing_description"] == "Zlecenie jest w trakcie przetwarzania"
    assert ["invoice_uuid" in look for look in looks] == [False, False, False, True, True]
    assert api.get("/invoices.json").json()["metainfo"]["total_count"] == 1


def test_delay_in_seconds_goes_by_the_clock(fixed: Api) -> None:
    """Nothing is there before its time, and then it is, also without a look."""
    fixed.standin.configure("tasks", seconds=30)
    accepted = fixed.post("/async/invoices.json", {"invoice": INVOICE}).json()
    path = f"/async/invoices/status/{accepted['invoice_task_reference_number']}.json"
    assert fixed.get(path).json()["processing_code"] == 120
    assert fixed.get("/invoices.json").json()["metainfo"]["total_count"] == 0
    fixed.standin.configure("clock", advance=31)
    assert fixed.get("/invoices.json").json()["metainfo"]["total_count"] == 1
    assert fixed.get(path).json()["processing_code"] == 201


def test_stuck_and_forced_failures(api: Api) -> None:
    """The next tasks stay, or fail as told, and do nothing."""
    api.control("POST", "tasks", {"stuck": 1})
    assert api.task("invoices", {"invoice": INVOICE})["processing_code"] == 120
    api.control("POST", "tasks", {"fail": 2, "code": 500, "errors": {"base": ["x"]}})
    failed = api.task("invoices", {"invoice": INVOICE})
    assert (failed["processing_code"], failed["invoice_errors"]) == (500, {"base": ["x"]})
    api.control("POST", "tasks", {"code": 422, "errors": None})
    assert api.task("invoices", {"invoice": INVOICE})["processing_code"] == 422
    assert api.get("/invoices.json").json()["metainfo"]["total_count"] == 0
    assert api.task("invoices", {"invoice": INVOICE})["processing_code"] == 201


def test_paid_task(fixed: Api) -> None:
    """Its terminal success is 200, and invoice_uuid is there from the start (v3-wire 1.3, 6)."""
    made = fixed.invoice()
    accepted = fixed.post(f"/async/invoices/{made['uuid']}/paid.json")
    assert accepted.status_code == 201
    body = accepted.json()
    assert (body["processing_code"], body["action"]) == (100, "mark_as_paid")
    assert body["invoice_uuid"] == made["uuid"]
    path = f"/async/invoices/status/{body['invoice_task_reference_number']}.json"
    done = fixed.get(path).json()
    assert done["processing_code"] == 200
    assert done["processing_description"] == "Faktura została oznaczona jako zapłacona"
    shown = fixed.get(f"/invoices/{made['uuid']}.json").json()
    assert (shown["status"], shown["paid_date"]) == ("paid", "2023-03-08")


def test_paid_task_on_a_paid_invoice(api: Api) -> None:
    """A bare string as error, and invoice_uuid in spite of it (v3-wire 1.3)."""
    made = api.invoice(status="paid")
    body = api.post(f"/async/invoices/{made['uuid']}/paid.json").json()
    path = f"/async/invoices/status/{body['invoice_task_reference_number']}.json"
    failed = api.get(path).json()
    assert failed["processing_code"] == 422
    assert failed["invoice_errors"] == {"status": "Faktura już została oznaczona jako zapłacona."}
    assert failed["invoice_uuid"] == made["uuid"]


@pytest.mark.parametrize(
    "how",
    [
        {"params": {"paid_date": "2030-01-02"}},
        {"json": {"paid_date": "2030-01-02"}},
        {"json": {"invoice": {"paid_date": "2030-01-02"}}},
    ],
)
def test_paid_date_comes_in_three_ways(api: Api, how: dict[str, object]) -> None:
    """Query, body, or inside an envelope (v3-wire 6)."""
    made = api.invoice()
    api.call("POST", f"/async/invoices/{made['uuid']}/paid.json", **how)
    shown = api.get(f"/invoices/{made['uuid']}.json").json()
    assert shown["paid_date"] == "2030-01-02"


def test_paid_task_of_an_unknown_invoice_is_404(api: Api) -> None:
    """Nothing is accepted for a document that is not there."""
    assert api.post(f"/async/invoices/{UNKNOWN}/paid.json").status_code == 404


def test_paid_task_of_an_invoice_deleted_meanwhile_fails(fixed: Api) -> None:
    """The outcome is the task's."""
    fixed.standin.configure("tasks", seconds=5)
    made = fixed.invoice()
    body = fixed.post(f"/async/invoices/{made['uuid']}/paid.json").json()
    fixed.delete(f"/invoices/{made['uuid']}.json")
    fixed.standin.configure("clock", advance=6)
    path = f"/async/invoices/status/{body['invoice_task_reference_number']}.json"
    assert fixed.get(path).json()["processing_code"] == 422


def test_send_to_ksef_needs_an_integration(api: Api) -> None:
    """`send_to_ksef` is a sibling of the invoice (v3-wire 1.2)."""
    body = api.task("invoices", {"invoice": INVOICE, "send_to_ksef": True})
    shown = api.get(f"/invoices/{body['invoice_uuid']}.json").json()
    assert shown["ksef_data"]["status"] == "success"
    api.standin.configure("account", ksef=False)
    refused = api.post("/async/invoices.json", {"invoice": INVOICE, "send_to_ksef": True})
    assert refused.status_code == 422
    assert refused.json() == {"error": "Użytkownik nie jest zintegrowany z KSeF."}


def test_a_proforma_for_ksef_fails_in_the_task(api: Api) -> None:
    """A business error becomes `base`."""
    body = api.task("invoices", {"invoice": {**INVOICE, "kind": "proforma"}, "send_to_ksef": True})
    assert body["processing_code"] == 422
    assert "base" in body["invoice_errors"]
