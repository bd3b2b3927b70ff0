"""Invoices against the stand-in, in both dialects (v3-wire 1, 6)."""

from decimal import Decimal

import pytest

from infakt_compat.money import NumberText
from infakt_compat.standin import StandIn
from infakt_compat.v3 import Invalid, NotFound, NotInDialect, OutcomeUnknown, Task, V3Client

from .support import INVOICE, calls, invoices


def test_create_today(current: StandIn, today: V3Client) -> None:
    """Sent, a look that finds the task done, read: three calls, and the invoice whole."""
    made = today.invoices.create(INVOICE)
    assert calls(current) == [
        "POST /async/invoices.json",
        "GET /async/invoices/status/*",
        "GET /invoices/*",
    ]
    assert made["gross_price"] == 1230
    assert made["uuid"]
    assert made["number"]


def test_create_classic(classic: StandIn, old: V3Client) -> None:
    """One call, and the answer is the invoice."""
    made = old.invoices.create(INVOICE)
    assert calls(classic) == ["POST /invoices.json"]
    assert made["gross_price"] == 1230


def test_create_with_ksef(current: StandIn, today: V3Client) -> None:
    """`send_to_ksef` stands beside the invoice, and only when it is asked for (v3-wire 1.2)."""
    made = today.invoices.create(INVOICE, send_to_ksef=True)
    assert made["ksef_data"]["status"] == "success"
    today.invoices.create(INVOICE)
    bodies = [entry["body"] for entry in current.requests("POST")]
    assert ["send_to_ksef" in str(body) for body in bodies] == [True, False]


def test_create_refused(v3: V3Client) -> None:
    """A refusal names its fields, through a task as without one (v3-wire 1.3, 2.2)."""
    with pytest.raises(Invalid) as caught:
        v3.invoices.create({**INVOICE, "payment_method": "shells"})
    assert caught.value.status == 422
    assert list(caught.value.fields) == ["payment_method"]
    assert caught.value.fields["payment_method"][0] in str(caught.value)
    assert bool(caught.value.reference) is (v3.dialect.name == "current")


def test_submit_task_and_finish(today: V3Client, current: StandIn) -> None:
    """The importer's way: sent, looked at later, finished after that."""
    current.configure("tasks", looks=1)
    submitted = today.invoices.submit(INVOICE)
    assert submitted.reference
    assert (submitted.code, submitted.ended, submitted.uuid) == (100, False, None)
    assert today.invoices.task(submitted.reference).code == 120
    looked = today.invoices.task(submitted.reference)
    assert looked.done
    assert looked.uuid
    made = today.invoices.finish(submitted)
    assert made["uuid"] == looked.uuid


def test_failed_task_is_answered(today: V3Client) -> None:
    """A look at a task that failed does not raise; finishing it does."""
    submitted = today.invoices.submit({**INVOICE, "services": []})
    looked = today.invoices.task(str(submitted.reference))
    assert looked.failed
    assert looked.fields
    with pytest.raises(Invalid):
        today.invoices.finish(submitted)


def test_submit_classic(old: V3Client) -> None:
    """What is submitted to the classic v3 is there at once."""
    submitted = old.invoices.submit(INVOICE)
    assert submitted.done
    assert submitted.reference is None
    assert submitted.record is not None
    assert old.invoices.finish(submitted)["id"] == submitted.record["id"]


def test_show(v3: V3Client) -> None:
    """By uuid today, by id in the classic v3; `fields` narrows, and `id` always comes."""
    made = v3.invoices.create(INVOICE)
    ref = v3.dialect.of(made)
    assert v3.invoices.show(ref)["services"] == made["services"]
    narrow = v3.invoices.show(ref, fields=["number", "services(name)"])
    assert set(narrow) == {"id", "number", "services"}


def test_show_by_the_wrong_reference(v3: V3Client) -> None:
    """The reference of the other dialect is 404 (v3-wire 3.1)."""
    made = v3.invoices.create(INVOICE)
    other = made["id"] if v3.dialect.reference == "uuid" else made.get("uuid", "a-b-c")
    with pytest.raises(NotFound) as caught:
        v3.invoices.show(other)
    assert caught.value.text == "Zasób którego szukasz nie został znaleziony."


def test_update(v3: V3Client, standin: StandIn) -> None:
    """Only what is named is sent and changed; exact numbers go and come exactly."""
    ref = v3.dialect.of(v3.invoices.create(INVOICE))
    row = {"name": "Waga", "tax_symbol": "23", "quantity": NumberText("0.5"), "gross_price": 6623}
    changed = v3.invoices.update(ref, {"notes": "Zażółć", "services": [row]})
    assert changed["notes"] == "Zażółć"
    assert changed["gross_price"] == 6623
    assert changed["services"][0]["quantity"] == "0.5"
    sent = standin.requests("PUT")[-1]["body"]["invoice"]
    assert set(sent) == {"notes", "services"}
    assert sent["services"][0]["quantity"] == Decimal("0.5")


def test_delete(v3: V3Client) -> None:
    """Gone; deleting again is 404."""
    ref = v3.dialect.of(v3.invoices.create(INVOICE))
    v3.invoices.delete(ref)
    with pytest.raises(NotFound):
        v3.invoices.delete(ref)


def test_paid(v3: V3Client, standin: StandIn) -> None:
    """Paid when the call returns; the second time v3 says that it is already."""
    made = v3.invoices.create({**INVOICE, "invoice_date": "2026-03-01"})
    ref = v3.dialect.of(made)
    before = len(standin.requests())
    v3.invoices.paid(ref, "2026-03-05")
    assert len(standin.requests()) - before == (2 if v3.dialect.tasks else 1)
    shown = v3.invoices.show(ref)
    assert (shown["status"], shown["paid_date"]) == ("paid", "2026-03-05")
    with pytest.raises(Invalid) as caught:
        v3.invoices.paid(ref)
    assert caught.value.fields == {"status": ["Faktura już została oznaczona jako zapłacona."]}


def test_submit_paid(v3: V3Client) -> None:
    """A payment can be left to itself, too."""
    ref = v3.dialect.of(v3.invoices.create(INVOICE))
    submitted = v3.invoices.submit_paid(ref)
    if v3.dialect.tasks:
        assert v3.invoices.task(str(submitted.reference)).code == 200
    else:
        assert submitted == Task(None, 200)
    assert v3.invoices.show(ref)["status"] == "paid"


def test_next_number(v3: V3Client) -> None:
    """By kind and date."""
    got = v3.invoices.next_number("2026-05-05", "proforma")
    assert got["next_number"] == "1/PROF/05/2026"
    assert v3.invoices.next_number()["invoice_kind"] == "vat"
    assert v3.corrective_invoices.next_number()["invoice_kind"] == "corrective_invoice"


def test_pdf(v3: V3Client, standin: StandIn) -> None:
    """Bytes of a PDF, of the asked kind and language; the invoice is printed then."""
    ref = v3.dialect.of(v3.invoices.create(INVOICE))
    assert v3.invoices.pdf(ref).startswith(b"%PDF-")
    assert v3.invoices.pdf(ref, "copy", "pe").startswith(b"%PDF-")
    first, second = (entry["query"] for entry in standin.requests("GET")[-2:])
    assert "original" in str(first)
    assert "locale" not in str(first)
    assert "pe" in str(second)
    assert v3.invoices.show(ref)["status"] == "printed"


def test_deliver_via_email(v3: V3Client, standin: StandIn) -> None:
    """202 without a body; only what is given is sent."""
    ref = v3.dialect.of(v3.invoices.create(INVOICE))
    v3.invoices.deliver_via_email(ref, recipient="jan@example.com", locale="en", send_copy=False)
    assert v3.invoices.show(ref)["status"] == "sent"
    sent = str(standin.requests("POST")[-1]["body"])
    assert all(word in sent for word in ("original", "jan@example.com", "en", "send_copy"))


def test_email_without_address(v3: V3Client) -> None:
    """No known address is a 422 in words."""
    ref = v3.dialect.of(v3.invoices.create(INVOICE))
    with pytest.raises(Invalid) as caught:
        v3.invoices.deliver_via_email(ref)
    assert "e-mail" in str(caught.value)


def test_share_links(v3: V3Client) -> None:
    """Made, read, prolonged, taken away."""
    ref = v3.dialect.of(v3.invoices.create(INVOICE))
    links = v3.invoices.share_links
    made = links.create(ref)
    assert made["share_link"]
    assert links.show(ref)["share_link"] == made["share_link"]
    links.prolong(ref)
    links.delete(ref)


def test_quick_payments(v3: V3Client) -> None:
    """Made, read, taken away."""
    ref = v3.dialect.of(v3.invoices.create(INVOICE))
    payments = v3.invoices.quick_payments
    made = payments.create(ref)
    assert payments.show(ref) == made
    assert made["payment_link"]
    payments.delete(ref)


def test_attachments(v3: V3Client, standin: StandIn) -> None:
    """Listed, and shown one by one."""
    made = v3.invoices.create(INVOICE)
    standin.seed(attachments=[{"document_id": made["id"], "name": "umowa.txt", "content": "tak"}])
    ref = v3.dialect.of(made)
    (only,) = v3.invoices.attachments.list(ref).entities
    assert v3.invoices.attachments.show(ref, only["id"])["name"] == "umowa.txt"


def test_ksef(today: V3Client) -> None:
    """Sent, then its status."""
    uuid = today.invoices.create(INVOICE)["uuid"]
    assert today.invoices.send_to_ksef(uuid)["status"] == "sent"
    assert today.invoices.ksef_status(uuid)["status"] == "success"


def test_what_the_classic_lacks(classic: StandIn, old: V3Client) -> None:
    """Tasks and KSeF are refused before anything is sent."""
    for call in (
        lambda: old.invoices.create(INVOICE, send_to_ksef=True),
        lambda: old.invoices.task("a-b-c"),
        lambda: old.invoices.send_to_ksef("a-b-c"),
        lambda: old.invoices.ksef_status("a-b-c"),
    ):
        with pytest.raises(NotInDialect):
            call()
    assert calls(classic) == []


@pytest.mark.parametrize("kind", ["corrective", "margin", "advance", "final"])
def test_other_kinds(v3: V3Client, standin: StandIn, kind: str) -> None:
    """Listed, walked, shown, printed, sent, paid and deleted as invoices are."""
    family = getattr(v3, f"{kind}_invoices")
    standin.seed(**{f"{kind}_invoices": [{"number": "1/X/01/2026"}, {"number": "2/X/01/2026"}]})
    rows = list(family.iterate(limit=1))
    assert len(rows) == family.list().total_count == 2
    ref = v3.dialect.of(rows[0])
    assert family.show(ref)["number"] == rows[0]["number"]
    assert family.pdf(ref).startswith(b"%PDF-")
    family.deliver_via_email(ref, recipient="jan@example.com")
    family.paid(ref, patience=5)
    assert family.show(ref)["status"] == "paid"
    family.delete(ref)
    assert family.list().total_count == 1
    with pytest.raises(NotFound):
        v3.invoices.show(v3.dialect.of(rows[1]))


@pytest.mark.parametrize("ref", ["", ".", "../clients", "a/b", "a?b", "a b", "ż", "-a", True])
def test_references_that_lead_elsewhere(current: StandIn, today: V3Client, ref: str) -> None:
    """What is neither id nor uuid is refused before anything is sent."""
    with pytest.raises(ValueError, match="names no record"):
        today.invoices.delete(ref)
    assert calls(current) == []


def test_task_of_nobody(today: V3Client) -> None:
    """A look at an unknown task is 404; following one leaves the outcome unknown."""
    with pytest.raises(NotFound):
        today.invoices.task("00000000-0000-0000-0000-000000000000")
    with pytest.raises(OutcomeUnknown) as caught:
        today.invoices.finish(Task("00000000-0000-0000-0000-000000000000", 100))
    assert caught.value.reference == "00000000-0000-0000-0000-000000000000"


def test_list_with_filters(v3: V3Client, standin: StandIn) -> None:
    """Filters, order, fields, offset and limit arrive as v3 wants them (v3-wire 3.2)."""
    invoices(standin, 12)
    page = v3.invoices.list(
        {"invoice_date_gteq": "2026-01-03", "paid_date_null": True},
        order="invoice_date desc",
        fields=["number", "invoice_date"],
        offset=1,
        limit=3,
    )
    assert [row["number"] for row in page.entities] == ["11/01/2026", "10/01/2026", "9/01/2026"]
    assert (page.total_count, page.offset, page.after, page.last) == (10, 1, 4, False)
    assert set(page.entities[0]) == {"id", "number", "invoice_date"}
