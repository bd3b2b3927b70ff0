"""The six verbs, pdf and deliver, in v2's shapes; `test_calls.py` counts their v3 calls."""

from decimal import Decimal

import pytest

from infakt_compat.facade import Api, connect
from infakt_compat.standin import StandIn
from infakt_compat.store import Document, Store, StoreError
from tests.v2_invoice import client_of, invoice

from .conftest import Make
from .support import ON_BOTH_STORES, codes, count, error_of, made_id, stored

FAMILIES = ("invoices", "corrective_invoices", "margin_invoices", "advance_invoices")


def test_create_and_show(api: Api, standin: StandIn, buyer: int) -> None:
    """Create answers under both keys, show gives v2's whole record with Decimals."""
    answer = api.invoices.create(invoice(buyer, uwagi="Dziękujemy"))
    number = made_id(answer)
    assert answer == {
        "invoice": {"invoice_id": number, "numer": stored(standin, number)["number"]},
        "invoice_id": {"invoice_id": number, "numer": stored(standin, number)["number"]},
    }
    shown = api.invoices.show(number)["invoice"]
    assert (shown["invoice_id"], shown["uwagi"], shown["status"]) == (number, "Dziękujemy", "szkic")
    assert shown["razem_brutto"] == Decimal("246")
    assert isinstance(shown["razem_brutto"], Decimal)
    assert shown["services"][0]["ilosc"] == Decimal(2)
    assert shown["client_panstwo"] == "Polska"
    assert api.invoices.show(str(number)) == {"invoice": shown}


def test_update_answers_id_and_number(api: Api, standin: StandIn, buyer: int) -> None:
    """Only what is passed changes."""
    number = made_id(api.invoices.create(invoice(buyer, uwagi="Stare")))
    answer = api.invoices.update(number, {"invoice": {"podpis_odbiorcy": "Anna Zieleń"}})
    after = stored(standin, number)
    assert answer == {"invoice": {"invoice_id": number, "numer": after["number"]}}
    assert (after["recipient_signature"], after["notes"]) == ("Anna Zieleń", "Stare")


def test_paid_and_paid_again(api: Api, standin: StandIn, buyer: int) -> None:
    """Twice answers alike; a live view shows the whole as paid."""
    number = made_id(api.invoices.create(invoice(buyer, data_wystawienia="2026-01-10")))
    first = api.invoices.paid(number, data_oplacenia="2026-02-01")
    assert stored(standin, number)["paid_date"] == "2026-02-01"
    assert api.invoices.paid(number) == first == {"invoice": first["invoice"]}
    assert first["invoice"]["invoice_id"] == number
    shown = api.invoices.show(number)["invoice"]
    assert (shown["status"], shown["zaplacono"]) == ("zapłacona", Decimal("246"))


def test_paid_with_no_date_is_409(api: Api, standin: StandIn) -> None:
    """A date that is none is refused before any call."""
    for given in ("01.02.2026", True, 20260201):
        error = error_of(lambda given=given: api.invoices.paid(1, given))  # type: ignore[misc]
        assert error.body["errors"]["invoice"] == [["data_oplacenia", "invalid"]]
    assert count(standin) == 0


def test_paid_before_the_invoice_is_409(api: Api, buyer: int) -> None:
    """v3 refuses it; the field has v2's name."""
    number = made_id(api.invoices.create(invoice(buyer, data_wystawienia="2026-03-10")))
    error = error_of(lambda: api.invoices.paid(number, "2026-01-01"))
    assert (error.status, error.body["errors"]["invoice"]) == (
        409,
        [["data_oplacenia", "invalid"]],
    )
    assert "wcześniejsza" in error.body["details"]


@ON_BOTH_STORES
def test_delete_answers_the_id_and_then_404(api: Api, buyer: int) -> None:
    """The document and what was kept beside it are gone."""
    lines = [{"nazwa": "A", "ilosc": 1, "stawka_vat": 23, "cena_netto": "1", "product_id": 4}]
    number = made_id(api.invoices.create(invoice(buyer, services=lines)))
    assert api.invoices.delete(number) == {"invoice": {"invoice_id": number}}
    error = error_of(lambda: api.invoices.show(number))
    assert (error.status, error.body) == (
        404,
        {
            "message": "No record found with that ID.",
            "request": f"https://www.infakt.pl/api/v2/invoices/show/{number}.json",
        },
    )
    assert error_of(lambda: api.invoices.delete(number)).status == 404


@pytest.mark.parametrize(
    ("doc_type", "sent"),
    [
        (None, ("original", "pl")), ("org", ("original", "pl")), ("KOPIA", ("copy", "pl")),
        ("angpol", ("regular", "pe")), ("?", ("original", "pl")),
    ],
)  # fmt: skip
def test_pdf(
    api: Api, standin: StandIn, buyer: int, doc_type: str | None, sent: tuple[str, str]
) -> None:
    """The bytes, in any of v2's types and in any case."""
    number = made_id(api.invoices.create(invoice(buyer)))
    assert api.invoices.pdf(number, doc_type).startswith(b"%PDF-")
    query = standin.requests()[-1]["query"]
    assert (query["document_type"], query["locale"]) == sent


def test_deliver(api: Api, standin: StandIn, buyer: int) -> None:
    """By mail; by post and any other way is 409 before any call."""
    number = made_id(api.invoices.create(invoice(buyer)))
    assert api.invoices.deliver(number, "mail", doc_type="kopia") == {
        "invoice": {"invoice_id": number}
    }
    assert standin.requests()[-1]["body"] == {"print_type": "copy", "locale": "pl"}
    assert stored(standin, number)["status"] == "sent"
    before = count(standin)
    for way in ("post", "POST", "fax"):
        error = error_of(lambda way=way: api.invoices.deliver(number, way))  # type: ignore[misc]
        assert (error.status, error.body["errors"]["invoice"]) == (409, [["type", "invalid"]])
    assert count(standin) == before


def test_deliver_without_an_address(api: Api, standin: StandIn) -> None:
    """v3's own words stand beside v2's."""
    number = made_id(api.invoices.create(invoice(client_of(standin, email=None))))
    error = error_of(lambda: api.invoices.deliver(number))
    assert (error.status, "e-mail" in error.body["details"]) == (409, True)


def test_every_kind_is_shown_paid_and_deleted_where_it_lives(api: Api, standin: StandIn) -> None:
    """A correction goes to corrective_invoices, and so on; update is 409 without a PUT."""
    for family in FAMILIES:
        made = standin.seed(**{family: [{"services": [{"name": "A", "tax_symbol": "23",
            "net_price": 100, "gross_with_margin_amount_price": 123,
            "margin_amount_price": 5}]}]})[family][0]  # fmt: skip
        api.invoices.list()
        assert api.invoices.show(made["id"])["invoice"]["numer"] == made["number"]
        if family != "invoices":
            before = count(standin)
            error = error_of(lambda made=made: api.invoices.update(made["id"], {"invoice": {}}))  # type: ignore[misc]
            assert error.body["errors"]["invoice"] == [["rodzaj_faktury", "invalid"]]
            assert count(standin) == before
        answer = api.invoices.paid(made["id"])
        assert answer == {"invoice": {"invoice_id": made["id"], "numer": made["number"]}}
        assert stored(standin, made["id"], family)["status"] == "paid"
        assert api.invoices.pdf(made["id"]).startswith(b"%PDF-")
        api.invoices.delete(made["id"])
        assert standin.requests()[-1]["path"].startswith(f"/{family}/")


@ON_BOTH_STORES
def test_a_document_that_vanished_is_404_and_forgotten(
    api: Api, standin: StandIn, store: Store, buyer: int
) -> None:
    """Deleted in the application: show, update, paid and pdf say so."""
    for work in ("show", "paid", "pdf", "update", "deliver"):
        number = made_id(api.invoices.create(invoice(buyer)))
        standin.world.store.delete("invoices", number)
        more = [{"invoice": {"uwagi": "x"}}] if work == "update" else []
        verb = getattr(api.invoices, work)
        assert error_of(lambda verb=verb, n=number, m=more: verb(n, *m)).status == 404  # type: ignore[misc]
        assert store.documents.find(api.account, number) == ()


def test_another_document_than_asked_for_is_not_shown(
    current: StandIn, today: Api, store: Store
) -> None:
    """No guessing with identity: a store that is wrong about a uuid shows no other invoice."""
    first, second = current.seed(invoices=[{}, {}])["invoices"]
    today.invoices.list()
    store.documents.see(today.account, [Document("invoices", first["id"], second["uuid"])])
    error = error_of(lambda: today.invoices.show(first["id"]))
    assert (error.status, str(second["id"]) in error.body["details"]) == (502, True)


def test_notices_are_those_of_the_last_call_of_the_thread(api: Api, buyer: int) -> None:
    """They change with each call."""
    assert api.last_notices == ()
    number = made_id(api.invoices.create(invoice(buyer)))
    assert "currency.defaulted" in codes(api)
    api.invoices.delete(number)
    assert api.last_notices == ()


def test_connect_refuses_what_cannot_be_meant(classic: StandIn, make: Make) -> None:
    """Before anything is sent or opened."""
    with pytest.raises(ValueError, match="KSeF"):
        make(classic, defaults={"send_to_ksef": True})
    with pytest.raises(ValueError, match="no such default: bank"):
        make(classic, defaults={"bank": "x"})
    with pytest.raises(ValueError, match="API key"):
        connect("", classic.url, store=":memory:")


def test_a_store_of_its_own_is_closed_with_the_api(current: StandIn) -> None:
    """A path is opened and closed; a thread of its own ends, too."""
    with connect(current.api_key, current.url, store=":memory:", limits="off") as api:
        assert api.invoices.list()["invoices"] == []
    with pytest.raises(StoreError, match="closed"):
        api.invoices.show(1)
