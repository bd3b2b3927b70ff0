"""National e-invoices: sent, then success, error or rejected (v3-wire 4.1, 6)."""

from __future__ import annotations

import re

import pytest

from .conftest import Api

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def test_send_and_success(fixed: Api) -> None:
    """The body of the call, then the outcome at the first look (v3-wire 6)."""
    made = fixed.invoice(status="printed")
    assert made["ksef_data"] is None
    sent = fixed.post(f"/invoices/{made['uuid']}/send_to_ksef.json")
    assert sent.status_code == 200
    body = sent.json()
    assert list(body) == [
        "request_uuid", "invoice_uuid", "invoice_kind", "ksef_number", "status",
        "status_description", "timestamps",
    ]  # fmt: skip
    assert (body["status"], body["ksef_number"], body["invoice_kind"]) == ("sent", None, "vat")
    assert body["timestamps"] == {
        "request_created_at": "2023-03-08 12:00:00 +0100", "request_finished_at": None,
    }  # fmt: skip
    done = fixed.get(f"/ksef2/documents/{made['uuid']}/status.json").json()
    assert done["status"] == "success"
    assert re.fullmatch(r"9452121681-20230308-[0-9A-F]{12}-[0-9A-F]{2}", done["ksef_number"])
    shown = fixed.get(f"/invoices/{made['uuid']}.json").json()
    assert shown["ksef_data"] == done
    assert shown["ksef_number"] == done["ksef_number"]


def test_accepted_is_neither_changed_nor_deleted(api: Api) -> None:
    """422 with a bare string under `base`."""
    uuid = api.invoice()["uuid"]
    api.post(f"/ksef2/documents/{uuid}/send.json")
    for response in (
        api.put(f"/invoices/{uuid}.json", {"invoice": {"notes": "b"}}),
        api.delete(f"/invoices/{uuid}.json"),
    ):
        assert response.status_code == 422
        assert isinstance(response.json()["errors"]["base"], str)
    assert api.post(f"/invoices/{uuid}/paid.json").status_code == 204
    assert api.post(f"/invoices/{uuid}/send_to_ksef.json").status_code == 422


def test_delay_in_looks(api: Api) -> None:
    """Only looks at the status count."""
    api.standin.configure("ksef", looks=2)
    uuid = api.invoice()["uuid"]
    api.post(f"/ksef2/documents/{uuid}/send.json")
    path = f"/ksef2/documents/{uuid}/status.json"
    assert api.get(f"/invoices/{uuid}.json").json()["ksef_data"]["status"] == "sent"
    assert [api.get(path).json()["status"] for _ in range(3)] == ["sent", "sent", "success"]


def test_delay_in_seconds(api: Api) -> None:
    """About ninety seconds in the sandbox (v3-wire 6)."""
    api.standin.configure("ksef", seconds=90)
    uuid = api.invoice()["uuid"]
    api.post(f"/ksef2/documents/{uuid}/send.json")
    path = f"/invoices/{uuid}.json"
    assert api.get(path).json()["ksef_data"]["status"] == "sent"
    assert api.put(path, {"invoice": {"notes": "b"}}).status_code == 200
    api.standin.configure("clock", advance=91)
    assert api.get(path).json()["ksef_data"]["status"] == "success"


@pytest.mark.parametrize("outcome", ["error", "rejected"])
def test_marked_documents_fail_and_may_be_sent_again(api: Api, outcome: str) -> None:
    """By number or by uuid; a failed one stays changeable."""
    api.control("POST", "ksef", {"outcomes": {"A-1": outcome}})
    marked, other = api.invoice(number="A-1")["uuid"], api.invoice()["uuid"]
    many = api.post("/ksef2/documents/send.json", {"uuids": [marked, other]})
    assert [e["status"] for e in many.json()["entities"]] == ["sent", "sent"]
    status = "/ksef2/documents/{}/status.json"
    failed = api.get(status.format(marked)).json()
    assert (failed["status"], failed["ksef_number"]) == (outcome, None)
    assert api.get(status.format(other)).json()["status"] == "success"
    path = f"/invoices/{marked}.json"
    assert api.put(path, {"invoice": {"notes": "b"}}).status_code == 200
    api.control("POST", "ksef", {"outcomes": {marked: "success"}})
    assert api.post(f"/invoices/{marked}/send_to_ksef.json").json()["status"] == "sent"
    assert api.get(status.format(marked)).json()["status"] == "success"


def test_outcome_for_all(api: Api) -> None:
    """A default outcome; one that there is not is refused."""
    api.control("POST", "ksef", {"outcome": "error"})
    uuid = api.invoice()["uuid"]
    api.post(f"/ksef2/documents/{uuid}/send.json")
    assert api.get(f"/ksef2/documents/{uuid}/status.json").json()["status"] == "error"
    for wrong in ({"outcome": "lost"}, {"outcomes": {"a": "lost"}}, {"delay": 1}):
        assert api.control("POST", "ksef", wrong).status_code == 400


def test_what_cannot_be_sent(api: Api) -> None:
    """No integration, a proforma, one that is being processed, an unknown one."""
    assert api.get("/ksef2/integration.json").json() == {"active": True}
    proforma = api.invoice(kind="proforma")["uuid"]
    assert api.post(f"/invoices/{proforma}/send_to_ksef.json").status_code == 422
    api.standin.configure("ksef", seconds=90)
    uuid = api.invoice()["uuid"]
    assert api.post(f"/invoices/{uuid}/send_to_ksef.json").status_code == 200
    assert api.post(f"/invoices/{uuid}/send_to_ksef.json").status_code == 422
    assert api.post(f"/ksef2/documents/{UNKNOWN}/send.json").status_code == 404
    assert api.post("/ksef2/documents/send.json", {"uuids": uuid}).status_code == 400
    api.standin.configure("account", ksef=False)
    refused = api.post(f"/invoices/{uuid}/send_to_ksef.json")
    assert refused.status_code == 422
    assert refused.json() == {"error": "Użytkownik nie jest zintegrowany z KSeF."}


def test_a_create_that_cannot_be_sent_creates_nothing(api: Api) -> None:
    """A proforma; and an account that is no longer integrated when the task runs."""
    row = {"name": "x", "tax_symbol": "23", "unit_net_price": 1}
    data = {"payment_method": "cash", "client_company_name": "F", "services": [row]}
    order = {"invoice": {**data, "kind": "proforma"}, "send_to_ksef": True}
    body = api.task("invoices", order)
    assert (body["processing_code"], "proforma" in body["invoice_errors"]["base"]) == (422, True)
    api.standin.configure("tasks", seconds=5)
    accepted = api.post("/async/invoices.json", {"invoice": data, "send_to_ksef": True})
    assert accepted.status_code == 201
    api.standin.configure("account", ksef=False)
    api.standin.configure("clock", advance=5)
    assert api.get("/invoices.json").json()["metainfo"]["total_count"] == 0


def test_the_text_of_an_outcome(api: Api) -> None:
    """A text of the caller's, to rehearse what is done with it."""
    api.standin.configure("ksef", outcome="rejected", description="Błąd 450")
    uuid = api.invoice()["uuid"]
    api.post(f"/invoices/{uuid}/send_to_ksef.json")
    assert (
        api.get(f"/ksef2/documents/{uuid}/status.json").json()["status_description"] == "Błąd 450"
    )


def test_status_before_sending(api: Api) -> None:
    """`pending`."""
    uuid = api.invoice()["uuid"]
    answer = api.get(f"/ksef2/documents/{uuid}/status.json").json()
    assert answer == {"invoice_uuid": uuid, "status": "pending"}


def test_other_kinds_have_their_ksef_kind(api: Api) -> None:
    """`corrective_invoice`, `margin`, `advance` (v3-wire 4.1)."""
    row = {"name": "x", "gross_with_margin_amount_price": 5, "margin_amount_price": 1}
    data = {"payment_method": "cash", "client_company_name": "F", "margin_kind": "works_of_art"}
    made = api.made("margin_invoices", "margin_invoice", **data, services=[row])
    sent = api.post(f"/margin_invoices/{made['uuid']}/send_to_ksef.json").json()
    assert sent["invoice_kind"] == "margin"
    shown = api.get(f"/margin_invoices/{made['uuid']}.json").json()
    assert shown["ksef_data"]["status"] == "success"
