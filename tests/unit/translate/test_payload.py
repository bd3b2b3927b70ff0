"""`Conversion.payload()`: what v3's create takes, and what it is refused."""

from decimal import Decimal
from typing import Any

import pytest

from infakt_compat import ConversionError, to_v3
from infakt_compat.translate.payload import create_body

LINE = {"nazwa": "A", "ilosc": "2", "stawka_vat": "23"}
BASE = {
    "client_id": "4",
    "status": "szkic",
    "rodzaj_faktury": "Faktura VAT",
    "sposob_platnosci": "Przelew",
}


def payload(**fields: Any) -> dict[str, Any]:
    """Give the payload of an invoice with these fields."""
    return to_v3({**BASE, **fields}).payload()


def row(**fields: Any) -> dict[str, Any]:
    """Give the only line of the payload of an invoice with a line of these fields."""
    (found,) = payload(services=[{**LINE, **fields}])["services"]
    assert isinstance(found, dict)
    return found


def faults(tree: dict[str, Any]) -> list[tuple[str, str]]:
    """Give the faults for which a payload is refused."""
    with pytest.raises(ConversionError) as caught:
        to_v3(tree).payload()
    return [(fault.code, fault.path) for fault in caught.value.faults]


def test_a_plain_invoice() -> None:
    """The documented create request of the v2 seed."""
    body = payload(services=[{**LINE, "cena_netto": "50"}], sposob_platnosci="Got%C3%B3wka")
    assert body == {
        "currency": "PLN",
        "kind": "vat",
        "payment_method": "cash",
        "status": "draft",
        "client_id": 4,
        "services": [{"name": "A", "tax_symbol": "23", "quantity": 2, "unit_net_price": 5000}],
    }


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"cena_netto": "1", "wartosc_netto": "2", "wartosc_brutto": "3"}, {"unit_net_price": 100}),
        ({"wartosc_netto": "2", "wartosc_brutto": "3"}, {"net_price": 200}),
        ({"wartosc_brutto": "3"}, {"gross_price": 300}),
        ({"cena_netto": "0", "wartosc_netto": "2"}, {"unit_net_price": 0}),
        ({"cena_netto": "", "wartosc_netto": None, "wartosc_brutto": "3"}, {"gross_price": 300}),
    ],
)
def test_one_price_by_v2_s_order(given: dict[str, Any], sent: dict[str, int]) -> None:
    """The unit price, else the net value, else the gross value."""
    prices = {"unit_net_price", "net_price", "gross_price", "tax_price"}
    assert {name: value for name, value in row(**given).items() if name in prices} == sent


def test_a_fine_unit_price_is_sent_as_a_net_value() -> None:
    """A rounded unit price would change the invoice."""
    assert row(cena_netto="33.3333")["net_price"] == 6667
    assert "unit_net_price" not in row(cena_netto="33.3333")


def test_a_fractional_quantity() -> None:
    """Exact, as v3 takes it."""
    assert row(ilosc="0,5", cena_netto="1")["quantity"] == Decimal("0.5")


def test_nothing_read_only_is_sent() -> None:
    """No ids of rows or documents, no totals, no VAT amount; and the record keeps them."""
    conversion = to_v3(
        {
            **BASE,
            "invoice_id": 9,
            "razem_netto": "100",
            "razem_vat": "23",
            "razem_brutto": "123",
            "services": [{**LINE, "service_id": 5, "vat": "23", "wartosc_netto": "100"}],
        }
    )
    body = conversion.payload()
    assert not {"id", "net_price", "tax_price", "gross_price"} & body.keys()
    assert not {"id", "tax_price"} & body["services"][0].keys()
    assert conversion.record["id"] == 9
    assert conversion.record["services"][0]["tax_price"] == 2300


def test_a_payload_is_a_copy() -> None:
    """Changing it changes no record."""
    conversion = to_v3({**BASE, "services": [{**LINE, "cena_netto": "1", "wartosc_netto": "2"}]})
    first = conversion.payload()
    first["services"][0]["name"] = "B"
    first["services"].clear()
    assert conversion.record["services"][0]["name"] == "A"
    assert conversion.payload()["services"][0]["unit_net_price"] == 100


def test_the_currency_is_always_sent() -> None:
    """v3 would silently take the account's."""
    assert payload()["currency"] == "PLN"
    assert payload(waluta="EUR")["currency"] == "EUR"
    conversion = to_v3(BASE)
    _, notices = create_body("invoice", conversion.record, conversion.residue)
    assert [(n.code, n.path) for n in notices] == [("currency.defaulted", "waluta")]


def test_the_country_is_sent_with_the_buyer_s_data() -> None:
    """Poland where none was given; nothing where only the id was."""
    assert "client_country" not in payload()
    assert payload(client_nazwa_firmy="A")["client_country"] == "PL"
    assert payload(client_nazwa_firmy="A", client_panstwo="Niemcy")["client_country"] == "DE"
    assert payload(client_nazwa_firmy="A", client_panstwo="RFN")["client_country"] == "DE"
    conversion = to_v3({"nazwa_firmy": "A", "nip": "1"})
    body, notices = create_body("client", conversion.record, conversion.residue)
    assert body == {"company_name": "A", "nip": "1", "country": "PL"}
    assert [(n.code, n.path) for n in notices] == [("country.defaulted", "panstwo")]


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({**BASE, "client_nazwa_firmy": "A", "client_panstwo": "Atlantyda"}, "client_panstwo"),
        ({"nazwa_firmy": "A", "panstwo": "Atlantyda"}, "panstwo"),
    ],
)
def test_an_unknown_country_is_refused(tree: dict[str, Any], path: str) -> None:
    """An archive keeps it, a create does not guess."""
    assert faults(tree) == [("enum.unknown", path)]


@pytest.mark.parametrize("kind", ["Faktura VAT", "Faktura proforma"])
def test_kinds_that_v2_could_create(kind: str) -> None:
    """Two of six."""
    assert payload(rodzaj_faktury=kind)["kind"] in {"vat", "proforma"}


@pytest.mark.parametrize(
    "kind",
    ["Faktura Marża", "Faktura Zaliczkowa", "Faktura korygująca", "Faktura Końcowa", "", None],
)
def test_kinds_that_v2_could_not_create(kind: str | None) -> None:
    """The others, and none."""
    assert faults({**BASE, "rodzaj_faktury": kind}) == [("kind.not_creatable", "rodzaj_faktury")]


def test_all_faults_of_the_lines_at_once() -> None:
    """A rate and a price a line, each named."""
    lines = [
        {"nazwa": "A", "ilosc": "1"},
        {**LINE, "cena_netto": "1"},
        {**LINE, "vat": "1"},
        {"nazwa": "B", "ilosc": "1", "wartosc_netto": "1"},
    ]
    assert faults({**BASE, "services": lines}) == [
        ("rate.required", "services[0].stawka_vat"),
        ("price.required", "services[0].cena_netto"),
        ("price.required", "services[2].cena_netto"),
        ("rate.required", "services[3].stawka_vat"),
    ]


def test_an_inferred_rate_is_sent() -> None:
    """It explains the line: the record has it."""
    line = {"nazwa": "A", "ilosc": "1", "wartosc_netto": "100", "vat": "23"}
    body = payload(data_sprzedazy="2012-01-01", services=[line])
    assert body["services"][0]["tax_symbol"] == "23"


def test_paid_is_a_call_of_its_own() -> None:
    """No invoice is created as paid; other statuses are sent."""
    assert "status" not in payload(status="zapłacona")
    assert payload(status="wysłana")["status"] == "sent"
    assert payload(status="niezapłacona")["status"] == "printed"


def test_a_number_of_the_caller_s_own_comes_once() -> None:
    """v2 refused duplicates unless it was told otherwise."""
    assert "check_duplicate_number" not in payload()
    assert payload(numer="1/01")["check_duplicate_number"] is True
    assert payload(numer="1/01", unikalny_numer="false")["check_duplicate_number"] is False


def test_residue_is_never_sent() -> None:
    """Unknown fields, product ids and exemptions stay where they are."""
    body = payload(
        nowe="x", podstawa_zwolnienia="1", services=[{**LINE, "product_id": 7, "cena_netto": 1}]
    )
    assert not {"nowe", "podstawa_zwolnienia", "vat_exemption_reason"} & body.keys()
    assert body["services"][0].keys() == {"name", "quantity", "tax_symbol", "unit_net_price"}
