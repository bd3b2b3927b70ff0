"""One line of JSON an exchange, without secrets and persons."""

import json
from typing import Any

import pytest

from infakt_compat.money import NumberText
from infakt_compat.standin import StandIn
from infakt_compat.v3 import V3Client, V3Error
from infakt_compat.v3.answers import Answer, Call, Silence, record
from infakt_compat.v3.log import log_line, masked, masked_query, masked_text

from .conftest import Make
from .servers import Scripted, reply
from .support import CLIENT, INVOICE, KEY


@pytest.fixture
def lines() -> list[str]:
    """Answer the lines of a log."""
    return []


@pytest.fixture
def logged(standin: StandIn, make: Make, lines: list[str]) -> V3Client:
    """Answer a client of each dialect that logs."""
    return make(standin.api_key, standin.url, standin.world.dialect, log=lines.append)


def test_a_line_an_exchange(logged: V3Client, standin: StandIn, lines: list[str]) -> None:
    """Method, path, status, milliseconds and attempt, of failed tries too."""
    standin.fault("status", status=500)
    standin.fault("drop_before")
    logged.invoices.list(order="invoice_date", limit=5)
    entries = [json.loads(line) for line in lines]
    assert [entry["attempt"] for entry in entries] == [1, 2, 3]
    assert [entry["status"] for entry in entries] == [500, None, 200]
    assert {entry["method"] for entry in entries} == {"GET"}
    assert {entry["path"] for entry in entries} == {"/invoices.json"}
    assert all(isinstance(entry["ms"], int) for entry in entries)
    assert entries[1]["sent"]
    assert "Error" in entries[1]["error"]
    assert entries[2]["query"] == {"order": "invoice_date", "offset": "0", "limit": "5"}
    assert all("\n" not in line for line in lines)
    assert "request" not in entries[2]
    assert "response" not in entries[2]


def test_no_secrets_no_persons(standin: StandIn, make: Make, lines: list[str]) -> None:
    """Neither the key nor whom it is about, with bodies too."""
    v3 = make(
        standin.api_key, standin.url, standin.world.dialect, log=lines.append, log_bodies=True
    )
    person = {
        **CLIENT,
        "company_name": "Zofia Nałkowska",
        "email": "zofia@example.com",
        "street": "Długa 12",
        "phone_number": 600700800,
    }
    made = v3.clients.create(person)
    v3.clients.list({"clean_nip_eq": "9452121681", "company_name_cont": "Nałkowska"})
    v3.invoices.create({**INVOICE, "client_id": made["id"], "notes": "dla Zofii"})
    ref = v3.dialect.of(v3.invoices.list().entities[0])
    v3.invoices.deliver_via_email(ref, recipient="zofia@example.com")
    v3.invoices.pdf(ref)
    text = "\n".join(lines)
    secrets = ("Nałkowska", "zofia", "Długa", "600700800", "9452121681", "Zofii", "Usługa")
    assert [secret for secret in (*secrets, standin.api_key) if secret in text] == []
    assert '"gross_price":1230' in text
    assert '"q[clean_nip_eq]":"***"' in text
    assert '"response":"***"' in text


def test_errors_in_bodies() -> None:
    """V3's texts are shown, without what they quote."""
    call = Call("POST", "/clients.json", record, body={"client": {"nip": "123"}})
    said = {
        "error": "Nieprawidłowe parametry.",
        "errors": {"nip": ["NIP 945-212-16-81 „Firma” jest zły: a@b.pl"], "number": [7, None]},
    }
    line = log_line(call, 1, Answer(422, {}, json.dumps(said).encode()), 0.0126, bodies=True)
    entry = json.loads(line)
    assert entry["ms"] == 13
    assert entry["request"] == {"client": {"nip": "***"}}
    assert entry["response"] == {
        "error": "Nieprawidłowe parametry.",
        "errors": {"nip": ["NIP *** *** jest zły: ***"], "number": ["***", None]},
    }


def test_broken_bodies() -> None:
    """What is no JSON is not shown; a body that broke off is said."""
    call = Call("GET", "/invoices.json", record)
    entry = json.loads(log_line(call, 2, Answer(200, {}, b"<p>Jan", whole=False), 1, bodies=True))
    assert entry["response"] == "***"
    assert entry["error"] == "the body broke off"
    entry = json.loads(log_line(call, 2, Silence("ReadTimeout", True), 1, bodies=True))
    assert entry == {
        "method": "GET",
        "path": "/invoices.json",
        "status": None,
        "ms": 1000,
        "attempt": 2,
        "error": "ReadTimeout",
        "sent": True,
    }


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"id": 5, "quantity": NumberText("1.5")}, {"id": 5, "quantity": "1.5"}),
        ({"bank_account": "61109"}, {"bank_account": "***"}),
        ({"tomorrows_field": "x"}, {"tomorrows_field": "***"}),
        ({"tomorrows_field": 12}, {"tomorrows_field": "***"}),
        ({"nip": "", "email": None, "note": False}, {"nip": "", "email": None, "note": False}),
        ({"services": [{"name": "x", "unit": "h"}]}, {"services": [{"name": "***", "unit": "h"}]}),
        ({"error": NumberText("1.5")}, {"error": "***"}),
        (["Jan"], ["***"]),
        ("Jan", "***"),
    ],
)  # fmt: skip
def test_masks(value: Any, shown: Any) -> None:
    """What is not on the list is hidden, also what nobody has thought of."""
    assert masked(value) == shown


def test_queries() -> None:
    """Dates, statuses and paging are shown; what is searched for is not."""
    params = (
        ("q[invoice_date_gteq]", "2026-01-01"),
        ("q[status_eq]", "paid"),
        ("q[client_id_eq]", "5"),
        ("q[number_eq]", "1/2"),
        ("q[update_eq]", "x"),
        ("offset", "0"),
        ("api_key", "x"),
    )
    shown = masked_query(params)
    assert [name for name, value in shown.items() if value == "***"] == [
        "q[client_id_eq]",
        "q[number_eq]",
        "q[update_eq]",
        "api_key",
    ]


def test_a_text_about_a_record() -> None:
    """What it quotes, and what the record holds of people and goods; v3's own words stay."""
    record = {
        "number": "7/05/2026", "status": "draft", "payment_method": "transfer", "notes": "Pilne!",
        "client_company_name": "Firma Anny Nowak", "client_tax_code": "5215922894",
        "client_city": "Łódź", "client_flat_number": "4", "client_country": "PL",
        "local_government_seller_address": {"name": "Urząd Miasta"},
        "services": [{"name": "Usługa", "quantity": NumberText("1.5"), "unit": "szt."}],
        "ksef_data": {"status_description": "Błąd"}, "amount_in_words": "sto PLN",
    }  # fmt: skip
    for text, shown in (
        ("Błąd 450: status draft, transfer, 7/05", "Błąd 450: status draft, transfer, 7/05"),
        ("Nowakowi, NOWAK i Anna z Łodzi", "***, *** i *** z Łodzi"),
        ("NIP 521-592-28-94 i 5215922894", "NIP *** i ***"),
        ("Urząd Miasta: pilne! Usługa i Usługi", "***: *** *** i Usługi"),
        ("Bezłódź i sto PLN", "Bezłódź i sto PLN"),
        ("„Jan” pisał a@b.pl", "*** pisał ***"),
    ):
        assert masked_text(text, record) == shown
    assert masked_text("Błąd", {}) == "Błąd"


def test_a_log_that_fails(standin: StandIn, make: Make) -> None:
    """A log without room does not take away the outcome of a write."""

    def full(_: str) -> None:
        raise OSError("disk full")

    v3 = make(standin.api_key, standin.url, standin.world.dialect, log=full)
    assert v3.invoices.create(INVOICE)["id"]


def test_a_line_that_cannot_be_written(scripted: Scripted, make: Make, lines: list[str]) -> None:
    """Nor does a body that JSON can say and no log can hold."""
    scripted.answers(reply(201, b'{"id":1,"unit":"\\ud800"}'))
    v3 = make(KEY, scripted.url, "classic", log=lines.append, log_bodies=True)
    assert v3.invoices.create(INVOICE)["id"] == 1
    assert lines == []


def test_key_in_no_exception(scripted: Scripted, make: Make, lines: list[str]) -> None:
    """Not even where v3 itself quotes the key, nor in anything that an exception was made of."""
    v3 = make(KEY, scripted.url, log=lines.append, log_bodies=True)
    scripted.answers(
        reply(401, {"error": f"Klucz {KEY} jest zły", "errors": {"key": KEY}}),
        None,
        reply(200, b"<html>"),
    )
    unreachable = make(KEY, "http://127.0.0.1:1/api/v3")
    for client in (v3, v3, v3, unreachable):
        with pytest.raises(V3Error) as caught:
            client.invoices.create(INVOICE)
        assert KEY not in all_that_hangs_on(caught.value)
    assert all(KEY not in line for line in lines)
    assert len(lines) == 3


def all_that_hangs_on(error: BaseException | None) -> str:
    """Give the text and the attributes of an exception and of those before it."""
    found = ""
    while error is not None:
        requested = getattr(error, "request", None)
        found += f"{error} {error!r} {vars(error)} {getattr(requested, 'headers', '')}"
        error = error.__cause__ or error.__context__
    return found
