"""The control plane: reset, seed, log, faults, clock."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from infakt_compat.standin.clock import Clock, polish_offset

from .conftest import INVOICE, ROW, Api


def total(api: Api, path: str = "/invoices.json") -> int:
    """Count what a list has."""
    return int(api.get(path).json()["metainfo"]["total_count"])


def test_describe_and_unknown_controls(api: Api) -> None:
    """What there is; 404 for what there is not; no key needed."""
    assert api.control("GET", "").json()["dialect"] == "current"
    assert api.control("GET", "nothing").status_code == 404
    assert api.control("POST", "reset/now").status_code == 404
    assert api.control("GET", "clock.json").status_code == 200


@pytest.mark.parametrize(
    ("path", "order"),
    [
        ("reset", {"everything": True}),
        ("reset", {"seed": "x"}),
        ("seed", {"things": []}),
        ("seed", {"plan": {"x": 1}}),
        ("faults", {"kind": "fire"}),
        ("faults", {"kind": "status", "when": "now"}),
        ("faults", {"status": 500}),
        ("faults", {"kind": "broken_body", "variant": "x"}),
        ("clock", {"back": 1}),
        ("clock", {"set": "noon"}),
        ("tasks", {"slow": True}),
        ("quirks", {"x": 1}),
        ("quirks", {"sync_uuid": "no"}),
        ("tasks", {"looks": "two"}),
        ("tasks", {"looks": True}),
        ("plan", {"ip_blocked": 1}),
        ("account", {"currency": None}),
        ("ksef", {"outcomes": []}),
        ("faults", {"kind": "status", "status": "500"}),
        ("faults", {"kind": "status", "status": 99}),
        ("faults", {"kind": "status", "times": True}),
        ("faults", {"kind": "status", "share": 2}),
        ("faults", {"kind": "status", "path": 1}),
        ("faults", {"kind": "delay", "seconds": "long"}),
        ("faults", {"faults": ["status"]}),
        ("seed", {"invoices": "many"}),
        ("seed", {"clients": [1]}),
        ("seed", {"keys": [{}]}),
        ("seed", {"account": {"nip": 1}}),
        ("limits", {"windows": []}),
        ("reset", [1]),
    ],
)
def test_orders_that_do_not_fit_are_400(api: Api, path: str, order: Any) -> None:
    """With the reason."""
    response = api.control("POST", path, order)
    assert response.status_code == 400
    assert response.json()["error"]
    assert api.control("GET", "faults").json() == {"faults": []}
    assert api.get("/invoices.json").status_code == 200


def test_reset(api: Api) -> None:
    """Everything is gone, ids start anew, and settings are the defaults."""
    first = api.invoice()
    api.control("POST", "tasks", {"stuck": 1})
    api.control("POST", "faults", {"kind": "status"})
    api.control("POST", "clock", {"frozen": True})
    answer = api.control("POST", "reset", {"seed": 1}).json()
    assert answer["api_key"] == api.standin.api_key
    assert total(api) == 0
    assert api.control("GET", "faults").json() == {"faults": []}
    assert api.control("GET", "clock").json()["frozen"] is False
    again = api.invoice()
    assert (again["id"], again["uuid"]) == (first["id"], first["uuid"])
    api.control("POST", "reset", {"seed": 2})
    other = Api(api.standin)
    assert other.invoice()["uuid"] != first["uuid"]
    assert api.get("/invoices.json").status_code == 401
    other.session.close()


def test_samples(api: Api) -> None:
    """N documents of five families, all shown, listed and the same for a seed number."""
    api.control("POST", "reset", {"seed": 1, "samples": 50})
    families = ("", "corrective_", "margin_", "advance_", "final_")
    pages = [api.get(f"/{f}invoices.json", limit=100).json() for f in families]
    assert [page["metainfo"]["total_count"] for page in pages] == [10] * 5
    for family, page in zip(families, pages, strict=True):
        shown = api.get(f"/{family}invoices/{page['entities'][0]['uuid']}.json")
        assert shown.status_code == 200
    labels = {e["margin_kind"] for e in pages[2]["entities"]}
    assert labels == {"Procedura marży – towary używane"}
    made = api.control("POST", "seed", {"samples": 5}).json()["created"]
    assert made["samples"]["invoices"] == 1
    api.control("POST", "reset", {"seed": 1, "samples": 50})
    again = [api.get(f"/{f}invoices.json", limit=100).json() for f in families]
    for page, other in zip(pages, again, strict=True):
        assert page["entities"] == other["entities"]


def test_seeded_documents_keep_every_given_key(api: Api) -> None:
    """Without the API's checks; values that the API would not make."""
    given = {
        "id": 42, "uuid": "u-42", "number": "4/01/2022", "kind": "internal", "sale_date": None,
        "status": "paid", "paid_date": "2022-01-20", "paid_price": 0, "left_to_pay": 7,
        "created_at": "2022-01-19T10:00:00.000+01:00", "net_price": 1, "payment_method": "magic",
        "ksef_data": {"status": "success"}, "invoice_date": "2022-01-19",
    }  # fmt: skip
    row = {"id": 179, "name": "", "tax_symbol": None, "quantity": "1.50", "net_price": 3}
    created = api.control("POST", "seed", {"invoices": [{**given, "services": [row]}]}).json()
    assert created["created"]["invoices"] == [{"id": 42, "uuid": "u-42", "number": "4/01/2022"}]
    shown = api.get("/invoices/u-42.json").json()
    assert {name: shown[name] for name in given} == given
    seeded = shown["services"][0]
    assert (seeded["id"], seeded["quantity"], seeded["net_price"]) == (179, 1.5, 3)
    assert seeded["tax_symbol"] is None
    assert api.delete("/invoices/u-42.json").status_code == 422


def test_ids_of_a_seed_are_never_given_again(api: Api) -> None:
    """Whatever numbers a seed has taken."""
    rows = [{**ROW, "id": 2604853}]
    api.standin.seed(
        invoices=[{**INVOICE, "id": 2310904, "services": rows}],
        margin_invoices=[{**INVOICE, "id": 2310905}],
        clients=[{"company_name": "A", "id": 206013}],
    )
    made = api.invoice()
    assert made["id"] == 2310906
    assert made["services"][0]["id"] > 2604853
    assert api.client()["id"] == 206014


def test_one_number_may_name_two_documents(api: Api) -> None:
    """Of different families, when a seed says so."""
    for path in ("invoices", "margin_invoices"):
        api.standin.seed(**{path: [{**INVOICE, "id": 7}]})
        assert api.get(f"/{path}.json").json()["entities"][0]["id"] == 7


def test_sample_clients_are_valid(api: Api) -> None:
    """They could have been made through the API."""
    api.standin.reset(samples=500)
    page = api.get("/clients.json", limit=100).json()
    assert page["metainfo"]["total_count"] == 50
    for client in page["entities"]:
        again = api.post("/clients.json", {"client": client})
        assert again.status_code == 201, again.text


def test_seeded_records_and_seed_number(api: Api) -> None:
    """Clients, products and accounts, dirty ones too."""
    made = api.standin.seed(
        seed=9,
        clients=[{"company_name": "A", "nip": "1", "id": 84, "uuid": "c"}, {"country": "XX"}],
        products=[{"name": "P"}],
        bank_accounts=[{"bank_name": "B", "account_number": "1"}],
        account={"currency": "CHF"},
        quirks={"paid_price": "filled"},
    )
    assert made["clients"][0] == 84
    assert api.get("/clients/84.json").json()["nip"] == "1"
    assert len(made["clients"]) == 2
    assert len(made["products"]) == len(made["bank_accounts"]) == 1
    assert api.invoice()["currency"] == "CHF"


def test_log_of_requests(api: Api) -> None:
    """Method, path, query, status and body; not the control plane's own."""
    api.get("/invoices.json", limit=5)
    api.post("/invoices.json", {"invoice": INVOICE})
    api.call("POST", "/invoices.json", data="{", headers={"Content-Type": "application/json"})
    api.control("GET", "clock")
    log = api.control("GET", "requests").json()["requests"]
    assert [(e["method"], e["path"], e["status"]) for e in log] == [
        ("GET", "/invoices.json", 200), ("POST", "/invoices.json", 201),
        ("POST", "/invoices.json", 400),
    ]  # fmt: skip
    assert log[0]["query"] == {"limit": "5"}
    assert log[1]["body"] == {"invoice": INVOICE}
    assert log[2]["body"] == "{"
    assert [e["n"] for e in log] == [1, 2, 3]
    assert log[0]["ms"] >= 0
    assert api.standin.api_key not in str(log)
    assert len(api.control("GET", "requests?method=POST").json()["requests"]) == 2
    assert len(api.control("GET", "requests?after=2").json()["requests"]) == 1
    assert api.standin.requests("GET") == log[:1]
    api.control("DELETE", "requests")
    assert api.control("GET", "requests").json() == {"requests": []}


def test_status_faults(api: Api) -> None:
    """For the next requests that match, instead of the work."""
    order = {"kind": "status", "status": 503, "retry_after": 2, "method": "POST", "times": 2}
    api.control("POST", "faults", {**order, "path": "/async/*.json"})
    assert api.get("/invoices.json").status_code == 200
    assert api.post("/invoices.json", {"invoice": INVOICE}).status_code == 201
    for _ in range(2):
        hit = api.post("/async/invoices.json", {"invoice": INVOICE})
        assert (hit.status_code, hit.headers["Retry-After"]) == (503, "2")
        assert hit.json() == {"error": "Błąd 503."}
    assert api.post("/async/invoices.json", {"invoice": INVOICE}).status_code == 201
    assert total(api) == 2
    shown = api.control("GET", "faults").json()["faults"]
    assert [(f["kind"], f["hits"]) for f in shown] == [("status", 2)]
    assert [e["fault"] for e in api.standin.requests("POST")].count("status") == 2


def test_status_after_the_work(api: Api) -> None:
    """The document is there, whatever the answer says."""
    api.standin.fault("status", status=502, after=True, body="<html>")
    hit = api.post("/invoices.json", {"invoice": INVOICE})
    assert (hit.status_code, hit.text) == (502, "<html>")
    assert hit.headers["Content-Type"].startswith("text/html")
    assert total(api) == 1


@pytest.mark.parametrize(("kind", "count"), [("drop_before", 0), ("drop_after", 1)])
def test_dropped_connections(api: Api, kind: str, count: int) -> None:
    """Before the work, or after it was done."""
    api.control("POST", "faults", {"kind": kind})
    with pytest.raises(requests.ConnectionError):
        api.post("/invoices.json", {"invoice": INVOICE})
    assert total(api) == count
    entry = api.standin.requests()[0]
    assert (entry["status"], entry["fault"]) == (None, kind)


def test_delay(api: Api) -> None:
    """The answer comes later, and whole."""
    api.control("POST", "faults", {"kind": "delay", "seconds": 0.15})
    started = time.monotonic()
    assert api.get("/invoices.json").status_code == 200
    assert time.monotonic() - started >= 0.15


@pytest.mark.parametrize("variant", ["truncated", "html", "empty"])
def test_broken_bodies(api: Api, variant: str) -> None:
    """The status of a success with a body that is no JSON; the work was done."""
    api.control("POST", "faults", {"kind": "broken_body", "variant": variant})
    broken = api.post("/invoices.json", {"invoice": INVOICE})
    assert broken.status_code == 201
    with pytest.raises(requests.JSONDecodeError):
        broken.json()
    assert total(api) == 1


def test_a_body_shorter_than_promised(api: Api) -> None:
    """The connection ends in the middle."""
    api.control("POST", "faults", {"kind": "broken_body", "variant": "short"})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.get("/invoices.json")
    assert total(api) == 0


def test_shares_follow_from_their_seed(api: Api) -> None:
    """About a third, the same third each time."""

    def run() -> list[int]:
        api.control("DELETE", "faults")
        order = {"kind": "status", "status": 500, "share": 0.3, "seed": 7}
        api.control("POST", "faults", {"faults": [order]})
        return [api.get("/gtus/1.json").status_code for _ in range(60)]

    first = run()
    assert 8 <= first.count(500) <= 28
    assert run() == first


def test_clock(api: Api) -> None:
    """Set, frozen, moved and sped up."""
    state = api.control("POST", "clock", {"set": "2023-07-01T12:00:00", "frozen": True}).json()
    assert state == {"now": "2023-07-01T12:00:00.000+02:00", "speed": 0, "frozen": True}
    assert api.control("POST", "clock", {"advance": 86400}).json()["now"].startswith("2023-07-02")
    assert api.invoice()["invoice_date"] == "2023-07-02"
    state = api.control("POST", "clock", {"set": "2023-01-01T00:00:00Z"}).json()
    assert state["now"] == "2023-01-01T01:00:00.000+01:00"
    api.control("POST", "clock", {"speed": 10000})
    time.sleep(0.02)
    assert api.control("GET", "clock").json()["now"] > "2023-01-01T01:01"
    assert api.control("POST", "clock", {"frozen": False}).json()["speed"] == 1


def test_fractions_of_seconds(api: Api) -> None:
    """JSON numbers with a fraction are taken everywhere."""
    api.control("POST", "clock", {"frozen": True})
    api.control("POST", "tasks", {"seconds": 0.5})
    api.control("POST", "ksef", {"seconds": 0.5})
    api.control("POST", "limits", {"windows": {"read": [[0.5, 2]]}})
    body = api.task("invoices", {"invoice": INVOICE, "send_to_ksef": True})
    assert body["processing_code"] == 120
    assert [api.get("/gtus.json").status_code for _ in range(2)] == [200, 429]
    api.control("POST", "clock", {"advance": 0.6})
    reference = body["invoice_task_reference_number"]
    done = api.get(f"/async/invoices/status/{reference}.json").json()
    assert done["processing_code"] == 201
    path = f"/invoices/{done['invoice_uuid']}.json"
    assert api.get(path).json()["ksef_data"]["status"] == "sent"
    api.control("POST", "clock", {"advance": 0.6})
    assert api.get(path).json()["ksef_data"]["status"] == "success"


def test_polish_offset() -> None:
    """Summer time from the last Sunday of March to the last one of October."""
    clock = Clock()
    for moment, hours in (
        ("2023-03-26T00:59:59+00:00", 1), ("2023-03-26T01:00:00+00:00", 2),
        ("2023-10-29T00:59:59+00:00", 2), ("2023-10-29T01:00:00+00:00", 1),
    ):  # fmt: skip
        clock.run(0)
        clock.set(clock.now().fromisoformat(moment))
        assert clock.now().isoformat() == clock.now().isoformat()
        assert polish_offset(clock.now()) == hours


def test_a_failure_of_our_own_is_500_and_noted(api: Api) -> None:
    """It must not look like a dropped connection."""
    made = api.standin.seed(invoices=[{**INVOICE, "services": [ROW]}])["invoices"][0]
    record = api.standin.world.store.find("invoices", made["uuid"])
    assert record is not None
    record["services"] = None
    assert api.get("/invoices.json").status_code == 500
    assert "TypeError" in api.standin.requests()[-1]["error"]
