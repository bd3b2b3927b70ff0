"""A test for each numbered difference of `mappings/differences.toml`; one without a test fails."""

import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infakt_compat import ConversionError, to_v2, to_v3
from infakt_compat.codecs.v2_form import read_form
from infakt_compat.codecs.v2_write import json_record, xml_record
from infakt_compat.codecs.v2_xml import read_piece, read_root
from infakt_compat.dropin.links import Links
from infakt_compat.dropin.messages import Request
from infakt_compat.dropin.serving import serve
from infakt_compat.facade import Api, V2Error, connect
from infakt_compat.standin import StandIn
from infakt_compat.tables.files import data_folder
from infakt_compat.translate import canonical, get, put
from infakt_compat.v3 import Clock

LINE = {"nazwa": "Produkt A", "ilosc": "1.0", "stawka_vat": "23"}


def invoice(line: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Give a v2 invoice with one line."""
    services = [] if line is None else [{**LINE, **line}]
    return {
        "rodzaj_faktury": "Faktura VAT",
        "data_wystawienia": "2012-03-15",
        "services": services,
        **fields,
    }


def codes(document: dict[str, Any]) -> list[str]:
    """Give the notices of a conversion to v3."""
    return [notice.code for notice in to_v3(document).notices]


def refused(document: dict[str, Any]) -> list[str]:
    """Give the faults for which a document is refused."""
    with pytest.raises(ConversionError) as error:
        to_v3(document)
    return [fault.code for fault in error.value.faults]


def back(document: dict[str, Any]) -> dict[str, Any]:
    """Take a document to v3 and back."""
    conversion = to_v3(document)
    return to_v2(conversion.record, conversion.residue).record


V3 = {
    "id": 7,
    "kind": "vat",
    "status": "printed",
    "payment_method": "cash",
    "invoice_date": "2024-03-08",
    "gross_price": 12300,
    "paid_price": 0,
    "services": [{"id": 1, "name": "A", "tax_symbol": "23", "unit_net_price": 10000}],
}


def test_difference_01_amounts_are_rounded_to_the_grosz() -> None:
    """Half up, under a notice, and the original comes back."""
    document = invoice(zaplacono="61.505")
    assert to_v3(document).record["paid_price"] == 6151
    assert codes(document) == ["money.rounded"]
    assert back(document)["zaplacono"] == Decimal("61.505")


def test_difference_02_a_fine_unit_price_is_not_given_to_v3() -> None:
    """v3 gets the net value only."""
    row = to_v3(invoice({"cena_netto": "4.5528", "ilosc": "10"})).record["services"][0]
    assert "unit_net_price" not in row
    assert row["net_price"] == 4553


@pytest.mark.parametrize("text", ["1.234,56", "1,234", "1 23,4"])
def test_difference_03_what_could_mean_two_amounts_is_refused(text: str) -> None:
    """Both signs, a comma before three digits, spaces that part no thousands."""
    assert refused(invoice(zaplacono=text)) == ["money.invalid"]


@pytest.mark.parametrize("value", ["NaN", "Infinity", True, "1e3", "0.1234567890123", 1.5])
def test_difference_04_what_is_no_amount_is_refused(value: object) -> None:
    """Nothing that is not exact."""
    assert refused(invoice(zaplacono=value)) == ["money.invalid"]
    assert refused(invoice(zaplacono="1000000000000")) == ["money.range"]


def test_difference_05_a_blank_rate_is_inferred_or_stays_blank() -> None:
    """Only where one rate of that day explains the VAT."""
    one = invoice(
        {"stawka_vat": "", "cena_netto": "100.0", "wartosc_netto": "100.0", "vat": "23.0"}
    )
    none = invoice({"stawka_vat": "", "wartosc_netto": "100.0", "vat": "0.0"})
    assert to_v3(one).record["services"][0]["tax_symbol"] == "23"
    assert codes(one) == ["rate.inferred"]
    assert back(one)["services"][0]["stawka_vat"] == ""
    assert codes(none) == ["rate.missing"]


def test_difference_06_unpaid_is_printed() -> None:
    """It comes back while v3 still says printed."""
    conversion = to_v3(invoice(status="niezapłacona"))
    assert conversion.record["status"] == "printed"
    assert to_v2(conversion.record, conversion.residue).record["status"] == "niezapłacona"
    sent = {**conversion.record, "status": "sent"}
    assert to_v2(sent, conversion.residue).record["status"] == "wysłana"


def test_difference_07_newer_values_are_shown_as_the_nearest() -> None:
    """And never written back unchanged."""
    row = {**V3["services"][0], "tax_symbol": "oo"}  # type: ignore[index]
    live = {**V3, "payment_method": "paypal", "kind": "internal", "services": [row]}
    shown = get(live).record
    assert shown["sposob_platnosci"] == "Inny"
    assert shown["rodzaj_faktury"] == "Faktura VAT"
    assert shown["services"][0]["stawka_vat"] == "np"
    assert put(live, shown).patch == {}


def test_difference_08_unknown_values_of_enumerations() -> None:
    """v3's are carried through, v2's refused."""
    live = {**V3, "payment_method": "blik"}
    assert get(live).record["sposob_platnosci"] == "blik"
    assert put(live, get(live).record).patch == {}
    assert refused(invoice(sposob_platnosci="blik")) == ["enum.unknown"]


@pytest.mark.parametrize("text", ["22.01.2014", "2014-02-30", "2014-1-2", "0000-00-00"])
def test_difference_09_dates_are_iso_dates(text: str) -> None:
    """Anything else is refused."""
    assert refused(invoice(data_sprzedazy=text)) == ["date.invalid"]


def test_difference_10_the_invoice_date_stands_in_live() -> None:
    """An archive stays as it is."""
    assert get(V3).record["data_sprzedazy"] == "2024-03-08"
    assert get(V3).record["termin_zaplaty"] == "2024-03-08"
    assert to_v2(V3).record["data_sprzedazy"] is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ul. Długa 12/5", ("ul. Długa", "12", "5")),
        ("ul. Długa 12 m. 5", ("ul. Długa 12 m. 5", None, None)),
        ("Wólka 12A", ("Wólka", "12A", None)),
    ],
)
def test_difference_11_streets_are_split_only_when_they_join(
    text: str, parts: tuple[str | None, ...]
) -> None:
    """Joining gives back the very same text."""
    record = to_v3(invoice(client_ulica=text)).record
    names = ("client_street", "client_street_number", "client_flat_number")
    assert tuple(record.get(name) for name in names) == parts
    assert to_v2(record).record["client_ulica"] == text


def test_difference_12_countries() -> None:
    """Other names get the code and come back; an unknown one gets none."""
    assert to_v3(invoice(client_panstwo="USA")).record["client_country"] == "US"
    assert back(invoice(client_panstwo="USA"))["client_panstwo"] == "USA"
    assert "client_country" not in to_v3(invoice(client_panstwo="Jugosławia")).record
    assert back(invoice(client_panstwo="Jugosławia"))["client_panstwo"] == "Jugosławia"


def test_difference_13_a_person_is_shown_by_name() -> None:
    """Unchanged, nothing is written."""
    live = {**V3, "client_first_name": "Anna", "client_last_name": "Żak"}
    assert get(live).record["client_nazwa_firmy"] == "Anna Żak"
    assert put(live, {"client_nazwa_firmy": "Anna Żak"}).patch == {}
    assert put(live, {"client_nazwa_firmy": "Żak"}).patch == {"client_company_name": "Żak"}


def test_difference_14_grounds_of_exemption_are_kept() -> None:
    """v3 gets none."""
    document = invoice(podstawa_zwolnienia="3")
    assert "vat_exemption_reason" not in to_v3(document).record
    assert codes(document) == ["exemption.unmapped"]
    assert back(document)["podstawa_zwolnienia"] == "3"


def test_difference_15_paid_with_nothing_paid() -> None:
    """The gross total is shown live; an archive keeps 0."""
    live = {**V3, "status": "paid"}
    assert get(live).record["zaplacono"] == Decimal(123)
    assert to_v2(live).record["zaplacono"] == 0


def test_difference_16_what_a_kind_lacks() -> None:
    """Kept in an archive, stood in for on a live view."""
    document = invoice(rodzaj_faktury="Faktura Marża", razem_netto="100.0")
    assert "net_price" not in to_v3(document).record
    assert back(document)["razem_netto"] == 100
    assert get({**V3, "kind": "margin", "services": []}).record["razem_netto"] == 0
    assert get({**V3, "kind": "advance", "services": []}).record["data_sprzedazy"] == "2024-03-08"


def test_difference_17_totals_are_copied() -> None:
    """What disagrees is said, with both values."""
    document = invoice({"cena_netto": "10.0", "wartosc_netto": "11.0"})
    conversion = to_v3(document)
    assert conversion.record["services"][0]["net_price"] == 1100
    assert [notice.code for notice in conversion.notices] == ["totals.differ"]
    assert conversion.notices[0].detail == "wartosc_netto 11.0 -> 10.0"


def test_difference_18_unknown_fields_come_back() -> None:
    """With children to their own format only."""
    document = invoice(nowe={"a": [1]}, inne="x")
    assert back(document)["nowe"] == {"a": [1]}
    assert back(document)["inne"] == "x"
    json_record(back(document))
    with pytest.raises(ConversionError, match=r"field.other_format"):
        xml_record("invoice", back(document))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "<invoice><numer>1</numer><numer>2</numer><status>szkic</status></invoice>",
            "field.twice",
        ),
        ("<invoice><status><b>szkic</b></status></invoice>", "field.markup"),
        ("<!DOCTYPE invoice><invoice/>", "document.doctype"),
    ],
)
def test_difference_19_ambiguous_and_harmful_xml(text: str, code: str) -> None:
    """Refused; comments are dropped."""
    with pytest.raises(ConversionError, match=code):
        to_v3(read_piece(text.encode(), read_root(text.encode()))[0].tree)
    joined = b"<invoice><status>szk<!-- no -->ic</status></invoice>"
    assert read_piece(joined, read_root(joined))[0].tree == {"status": "szkic"}


def test_difference_20_spellings_that_are_one_value() -> None:
    """Absent, null and empty; the spellings of numbers; the case of enumerated values."""
    for value in (122, Decimal("122.0"), "122,00", "122"):
        assert canonical(invoice(zaplacono=value)) == canonical(invoice(zaplacono="122.00"))
    for nothing in ("", None):
        assert canonical(invoice(uwagi=nothing, zaplacono=nothing)) == canonical(invoice())
    written = invoice(sposob_platnosci="got%C3%B3wka")
    assert canonical(written) == canonical(invoice(sposob_platnosci="Gotówka"))


def test_difference_21_the_quantity_is_text_in_json() -> None:
    """All other numbers are numbers."""
    text = json_record(back(invoice({"cena_netto": "20.50"})))
    assert b'"ilosc":"1.0"' in text
    assert b'"cena_netto":20.5,' in text
    assert b'"ilosc":1.0' in json_record(back(invoice({})), quantity_as_number=True)


def test_difference_22_sorted_forms_are_refused() -> None:
    """The order does not tell which field belongs to which line."""
    fields = [("ilosc", 1), ("ilosc", 2), ("nazwa", "A"), ("nazwa", "B")]
    body = "&".join(f"invoice[services][][{name}]={value}" for name, value in fields)
    with pytest.raises(ConversionError, match=r"form.ambiguous"):
        read_form(body)


def test_difference_23_the_symbol_is_the_first_part() -> None:
    """v2's symbol is the PKWiU code."""
    row = {**V3["services"][0], "symbol": "84.11.12.0 / - / -"}  # type: ignore[index]
    assert get({**V3, "services": [row]}).record["services"][0]["symbol"] == "84.11.12.0"


def issued(api: Api, standin: StandIn) -> int:
    """Create an invoice that is no draft."""
    buyer = standin.seed(clients=[{"company_name": "A", "country": "PL"}])["clients"][0]
    body = invoice({"cena_netto": "20.50"}, client_id=buyer, status="wydrukowana")
    made = api.invoices.create({"invoice": {**body, "sposob_platnosci": "Gotówka"}})
    number: int = made["invoice"]["invoice_id"]
    return number


def connected(standin: StandIn) -> Api:
    """Give an API that sends to KSeF."""
    return connect(
        standin.api_key, standin.url, store=":memory:", limits="off", background=False,
        defaults={"send_to_ksef": True},
    )  # fmt: skip


def test_difference_24_what_ksef_has_is_left_alone() -> None:
    """503 while it is on its way, 409 afterwards; a payment is no change."""
    change = {"invoice": {"uwagi": "x"}}
    with StandIn() as standin, connected(standin) as api:
        standin.configure("ksef", seconds=90)
        number = issued(api, standin)
        for status in (503, 409):
            with pytest.raises(V2Error) as error:
                api.invoices.delete(number)
            assert error.value.status == status
            with pytest.raises(V2Error) as error:
                api.invoices.update(number, change)
            assert error.value.status == status
            standin.configure("clock", advance=90)
        assert "correction" in error.value.body["details"]
        api.invoices.paid(number)
        assert api.invoices.show(number)["invoice"]["status"] == "zapłacona"


def test_difference_25_a_rejected_invoice_is_sent_again_when_updated() -> None:
    """And counts no longer as rejected."""
    with StandIn() as standin, connected(standin) as api:
        standin.configure("ksef", outcome="rejected")
        number = issued(api, standin)
        api.run_background()
        assert [one.id for one in api.ksef_rejections()] == [number]
        standin.configure("ksef", outcome="success")
        api.invoices.update(number, {"invoice": {"uwagi": "poprawiona"}})
        api.run_background()
        assert api.ksef_rejections() == []
        assert standin.world.store.all("invoices")[0]["ksef_data"]["status"] == "success"


@pytest.fixture(scope="module")
def account() -> Iterator[tuple[StandIn, Api]]:
    """Answer an account with the invoice 555."""
    with StandIn() as standin, connected(standin) as api:
        buyer = standin.seed(clients=[{"company_name": "A", "country": "PL"}])["clients"][0]
        standin.seed(invoices=[{"id": 555, "kind": "vat", "client_id": buyer, "notes": "a\x0bb"}])
        yield standin, api


def asked(api: Api, method: str, target: str, body: bytes = b"") -> tuple[int, str]:
    """Ask for a v2 address; gives status and body."""
    path, _, query = target.partition("?")
    links = Links(b"key", Clock(), "https://www.infakt.pl")
    answer = serve(api, Request(method, f"/api/v2/{path}", query, body=body), links)
    return answer.status, answer.body.decode()


def test_difference_26_what_could_name_the_wrong_one(account: tuple[StandIn, Api]) -> None:
    """Nothing is deleted."""
    standin, api = account
    for target in ("invoices/delete.json?client_id=555", "invoices/delete.json?id=555&id=556"):
        assert asked(api, "POST", target)[0] == 409
    assert standin.world.store.get("invoices", 555) is not None


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"<!DOCTYPE a><invoice/>", "doctype"), (b"\xff", "encoding"), (b"[" * 9**5, "deep")],
)
def test_difference_27_bodies_that_cannot_be_read(
    account: tuple[StandIn, Api], body: bytes, code: str
) -> None:
    """In the asked format, with the reason."""
    form = "xml" if code == "doctype" else "json"
    status, said = asked(account[1], "POST", f"invoices/create.{form}", body)
    assert (status, code in said) == (409, True)


def test_difference_28_what_a_format_cannot_hold(account: tuple[StandIn, Api]) -> None:
    """XML refuses it, JSON shows it."""
    for target in ("invoices/show/555", "invoices"):
        assert asked(account[1], "GET", f"{target}.xml")[0] == 409
        assert asked(account[1], "GET", f"{target}.json")[0] == 200


def test_difference_29_a_link_to_a_pdf(account: tuple[StandIn, Api]) -> None:
    """v3 is asked for the PDF when it is opened."""
    standin, api = account
    status, said = asked(api, "GET", "invoices/pdf/555.json")
    assert (status, "https://www.infakt.pl/files/pdfs/" in said) == (200, True)
    assert not any("pdf" in one["path"] for one in standin.requests())


def test_difference_30_user_data_and_what_is_not_served(account: tuple[StandIn, Api]) -> None:
    """As v2 named the same things of a client."""
    status, said = asked(account[1], "GET", "settings/user_data.json")
    assert (status, '"nazwa_firmy"' in said) == (200, True)
    status, said = asked(account[1], "GET", "products/list.json")
    assert (status, "products" in said) == (404, True)


def test_every_difference_has_a_test() -> None:
    """The numbers run from 1 without a gap, and each has a test of its number."""
    text = data_folder("mappings").joinpath("differences.toml").read_text("utf-8")
    numbers = [entry["number"] for entry in tomllib.loads(text)["difference"]]
    assert numbers == list(range(1, len(numbers) + 1))
    sources = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    tested = [int(n) for n in re.findall(r"def test_difference_(\d\d)_", "".join(sources))]
    assert sorted(tested) == numbers
