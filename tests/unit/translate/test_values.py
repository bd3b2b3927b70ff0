"""Each row of decisions.md section 2: what a value of v2 becomes, and what comes back."""

from decimal import Decimal
from typing import Any

import pytest

from infakt_compat import Conversion, ConversionError, to_v2, to_v3
from infakt_compat.codecs.json_text import loads
from infakt_compat.codecs.tree import Markup
from infakt_compat.money import NumberText
from infakt_compat.translate import get
from infakt_compat.translate.conversion import canonical
from tests.v2_words import KINDS, PAYMENTS, STATUSES

BASE = {"numer": "1"}


def convert(tree: dict[str, Any], resource: str = "invoice") -> Conversion:
    """Convert, and hold the archive law on the way."""
    conversion = to_v3(tree, resource)
    assert to_v2({resource: conversion.record}, conversion.residue).record == canonical(
        tree, resource
    )
    return conversion


def noticed(conversion: Conversion) -> list[tuple[str, str, str]]:
    """Give level, code and path of the notices."""
    return [(notice.level, notice.code, notice.path) for notice in conversion.notices]


def fault(tree: dict[str, Any], resource: str = "invoice") -> tuple[str, str]:
    """Convert what must be refused; give the only fault."""
    with pytest.raises(ConversionError) as caught:
        to_v3(tree, resource)
    (found,) = caught.value.faults
    return found.code, found.path


def line(**fields: Any) -> dict[str, Any]:
    """Give an invoice of one line."""
    return {**BASE, "services": [{"nazwa": "A", **fields}]}


def converted_line(**fields: Any) -> dict[str, Any]:
    """Convert an invoice of one line; give the line in v3's form."""
    (row,) = convert(line(**fields)).record["services"]
    return {name: value for name, value in row.items() if name != "name"}


# ---- numbers in, totals, unit prices, numbers out


@pytest.mark.parametrize(
    ("given", "grosze"),
    [
        ("122.0", 12200),
        ("122,00", 12200),
        ("122", 12200),
        (122, 12200),
        (NumberText("122.0"), 12200),
        (Decimal("122.000"), 12200),
        ("99.9900", 9999),
        ("0.00", 0),
        (0, 0),
        ("-5,5", -550),
        ("1 234,56", 123456),
        ("1\u00a0234,5", 123450),
    ],
)
def test_amounts_of_one_value(given: Any, grosze: int) -> None:
    """However it is spelled: one record, no residue, no notice."""
    conversion = convert({**BASE, "zaplacono": given})
    assert conversion.record["paid_price"] == grosze
    assert (conversion.residue, conversion.notices) == ({}, ())


@pytest.mark.parametrize(
    "name",
    ["zaplacono", "razem_netto", "razem_vat", "razem_brutto"],
)
def test_amounts_that_could_mean_two_are_refused(name: str) -> None:
    """In every field of the invoice."""
    for text in ("1,234", "1.234,5", "1e2", True):
        assert fault({**BASE, "uwagi": "a", name: text}) == ("money.invalid", name)


@pytest.mark.parametrize(
    "name", ["ilosc", "cena_netto", "wartosc_netto", "wartosc_brutto", "vat", "marza"]
)
def test_amounts_of_lines_that_could_mean_two_are_refused(name: str) -> None:
    """And of its lines."""
    assert fault(line(**{name: "1,234"})) == ("money.invalid", f"services[0].{name}")


@pytest.mark.parametrize(
    ("given", "grosze"),
    [("1.005", 101), ("1.004", 100), ("-1.005", -101), ("0.999", 100), ("1.0050000", 101)],
)
def test_totals_are_rounded_half_up_and_kept(given: str, grosze: int) -> None:
    """The record is rounded, the text comes back, and a notice says so."""
    conversion = convert({**BASE, "razem_brutto": given})
    assert conversion.record["gross_price"] == grosze
    assert conversion.residue["fields"] == {"razem_brutto": {"value": given, "v3": grosze}}
    assert noticed(conversion) == [("warning", "money.rounded", "razem_brutto")]


def test_trailing_zeros_are_exact() -> None:
    """`99.9900` has two decimals."""
    assert convert({**BASE, "razem_brutto": "99.9900"}).notices == ()


def test_a_fine_unit_price_is_never_rounded() -> None:
    """v3 gets no unit price but the line's own net value."""
    conversion = convert(
        line(ilosc="3", cena_netto="33.3333", wartosc_netto="100.00", stawka_vat="23")
    )
    (row,) = conversion.record["services"]
    assert "unit_net_price" not in row
    assert row["net_price"] == 10000
    assert noticed(conversion) == [("warning", "price.unit_precision", "services[0].cena_netto")]


def test_a_fine_unit_price_without_a_net_value() -> None:
    """Quantity times price, rounded half up; and v2 shows none again."""
    conversion = convert(line(ilosc="3", cena_netto="33.335", stawka_vat="23"))
    (row,) = conversion.record["services"]
    assert row["net_price"] == 10001
    assert {path for _, _, path in noticed(conversion)} == {
        "services[0].cena_netto",
        "services[0].wartosc_netto",
    }


def test_a_fine_unit_price_whose_total_differs() -> None:
    """It is checked with its exact price."""
    exact = line(ilosc="3", cena_netto="33.3333", wartosc_netto="100.00", stawka_vat="zw")
    assert "totals.differ" not in {notice.code for notice in convert(exact).notices}
    other = line(ilosc="3", cena_netto="33.3333", wartosc_netto="99.99", stawka_vat="zw")
    assert ("warning", "totals.differ", "services[0]") in noticed(convert(other))


def test_numbers_out() -> None:
    """Amounts and quantities are Decimal, ids are int."""
    record = canonical({**line(ilosc=1, cena_netto="100"), "invoice_id": "7", "zaplacono": 122})
    assert record["zaplacono"] == Decimal("122")
    assert isinstance(record["zaplacono"], Decimal)
    assert isinstance(record["services"][0]["ilosc"], Decimal)
    assert record["invoice_id"] == 7


@pytest.mark.parametrize(
    ("given", "quantity"),
    [("1.0", 1), (1, 1), ("2,5", Decimal("2.5")), ("0.000", 0), ("-1", -1), ("1 000", 1000)],
)
def test_quantities(given: Any, quantity: Any) -> None:
    """An int when whole."""
    row = converted_line(ilosc=given, stawka_vat="23")
    assert row["quantity"] == quantity
    assert type(row["quantity"]) is type(quantity)


# ---- rates


@pytest.mark.parametrize("rate", ["23", "22", "8", "7", "5", "3", "0", "zw", "np"])
def test_every_rate(rate: str) -> None:
    """The nine rates of v2 are v3's own."""
    assert converted_line(stawka_vat=rate)["tax_symbol"] == rate


@pytest.mark.parametrize(
    ("given", "symbol"),
    [
        (23, "23"),
        (NumberText("23.0"), "23"),
        ("23.00", "23"),
        ("23,0", "23"),
        ("23%", "23"),
        ("23 %", "23"),
        (" 8 ", "8"),
        ("ZW", "zw"),
        ("Np", "np"),
        ("0%", "0"),
        (0, "0"),
        ("23%25", "23"),
    ],
)
def test_spellings_of_a_rate(given: Any, symbol: str) -> None:
    """One value each, without notice."""
    conversion = convert(line(stawka_vat=given))
    assert conversion.record["services"][0]["tax_symbol"] == symbol
    assert conversion.notices == ()


@pytest.mark.parametrize("given", ["19", "23.5", "oo", "zwolniony", "-", "%", True, 23.0])
def test_an_unknown_rate_is_refused(given: Any) -> None:
    """v3's oo is none of v2's; a float and a truth value are no rate."""
    assert fault(line(stawka_vat=given))[1] == "services[0].stawka_vat"


def test_reverse_charge_is_seen_as_np() -> None:
    """With a notice, in an archive and on a live view."""
    for show in (to_v2, get):
        found = show({"id": 1, "services": [{"tax_symbol": "oo"}]})
        assert found.record["services"][0]["stawka_vat"] == "np"
        assert ("rate.no_v2_value", "services[0].stawka_vat") in {
            (n.code, n.path) for n in found.notices
        }


def blank_rate(net: str, vat: str, **invoice: Any) -> Conversion:
    """Convert a line without rate."""
    row = {"nazwa": "A", "stawka_vat": "", "wartosc_netto": net, "vat": vat}
    return convert({**BASE, **invoice, "services": [row]})


@pytest.mark.parametrize(
    ("net", "vat", "day", "symbol"),
    [
        ("100", "22", "2010-12-15", "22"),
        ("100", "22", "2010-12-31", "22"),
        ("100", "22", "2011-01-01", None),
        ("100", "23", "2011-01-01", "23"),
        ("100", "23", "2010-12-31", None),
        ("100", "8", "2011-01-01", "8"),
        ("100", "7", "2010-12-31", "7"),
        ("100", "3", "2010-12-31", "3"),
        ("100", "5", "2011-01-01", "5"),
        ("0.10", "0.02", "2012-01-01", "23"),
        ("-100", "-23", "2012-01-01", "23"),
        ("100", "0", "2012-01-01", None),
        ("0", "0", "2012-01-01", None),
        ("100", "12", "2012-01-01", None),
    ],
)
def test_a_blank_rate(net: str, vat: str, day: str, symbol: str | None) -> None:
    """Taken when exactly one rate of the day explains the line, else left blank."""
    conversion = blank_rate(net, vat, data_sprzedazy=day)
    assert conversion.record["services"][0].get("tax_symbol") == symbol
    code = "rate.inferred" if symbol else "rate.missing"
    assert noticed(conversion) == [("warning", code, "services[0].stawka_vat")]


def test_the_day_of_a_blank_rate() -> None:
    """The day of sale, else the day of issue, else none."""
    both = blank_rate("100", "22", data_sprzedazy="2010-12-31", data_wystawienia="2011-01-05")
    assert both.record["services"][0]["tax_symbol"] == "22"
    issue = blank_rate("100", "23", data_wystawienia="2011-01-05")
    assert issue.record["services"][0]["tax_symbol"] == "23"
    assert "tax_symbol" not in blank_rate("100", "23").record["services"][0]


def test_a_blank_rate_without_amounts() -> None:
    """Nothing explains it."""
    for fields in ({}, {"wartosc_netto": "100"}, {"vat": "23"}):
        conversion = convert({**line(**fields), "data_sprzedazy": "2012-01-01"})
        assert noticed(conversion) == [("warning", "rate.missing", "services[0].stawka_vat")]


# ---- kinds, methods, statuses


@pytest.mark.parametrize(
    ("name", "field", "values"),
    [
        ("rodzaj_faktury", "kind", KINDS),
        ("sposob_platnosci", "payment_method", PAYMENTS),
        ("status", "status", STATUSES),
    ],
)
def test_enumerated_values(name: str, field: str, values: dict[str, str]) -> None:
    """Every documented value, in any case and percent-encoded, both ways and without notice."""
    from urllib.parse import quote

    for word, symbol in values.items():
        for spelling in (word, word.upper(), word.lower(), quote(word), f" {word} "):
            conversion = convert({**BASE, "uwagi": "a", name: spelling})
            assert conversion.record[field] == symbol
            assert (conversion.residue, conversion.notices) == ({}, ())
        assert to_v2({"id": 1, field: symbol}).record[name] == word


@pytest.mark.parametrize("name", ["rodzaj_faktury", "sposob_platnosci", "status"])
@pytest.mark.parametrize("value", ["nieznany", "vat", "transfer", "draft", "Faktura", 1, "%"])
def test_unknown_enumerated_values_are_refused(name: str, value: Any) -> None:
    """v3's words are none of v2's."""
    assert fault({**BASE, name: value}) == ("enum.unknown", name)


@pytest.mark.parametrize(
    "symbol", ["paypal", "instalment_sale", "payu", "tpay", "przelewy24", "dotpay"]
)
def test_methods_that_only_v3_has(symbol: str) -> None:
    """Seen as `Inny`."""
    found = to_v2({"id": 1, "payment_method": symbol})
    assert found.record["sposob_platnosci"] == "Inny"
    assert [(n.code, n.path, n.level) for n in found.notices] == [
        ("payment.no_v2_value", "sposob_platnosci", "warning")
    ]


def test_an_internal_invoice_is_seen_as_vat() -> None:
    """With a notice."""
    found = to_v2({"id": 1, "kind": "internal"})
    assert found.record["rodzaj_faktury"] == "Faktura VAT"
    assert [n.code for n in found.notices] == ["kind.no_v2_value"]


@pytest.mark.parametrize(
    ("field", "name"),
    [("kind", "rodzaj_faktury"), ("payment_method", "sposob_platnosci"), ("status", "status")],
)
def test_a_value_that_v3_adds_tomorrow(field: str, name: str) -> None:
    """Carried through as text, with a notice, never an exception."""
    for show in (to_v2, get):
        found = show({"id": 1, field: "blik_2031"})
        assert found.record[name] == "blik_2031"
        assert ("enum.carried", name) in {(n.code, n.path) for n in found.notices}
    found = to_v2({"id": 1, "services": [{"tax_symbol": "25"}]})
    assert found.record["services"][0]["stawka_vat"] == "25"


def test_unpaid_is_printed_and_kept() -> None:
    """And shown again while v3 still says printed."""
    conversion = convert({**BASE, "status": "niezapłacona"})
    assert conversion.record["status"] == "printed"
    assert noticed(conversion) == [("info", "status.unpaid", "status")]
    assert get(conversion.record, conversion.residue).record["status"] == "niezapłacona"
    later = get({**conversion.record, "status": "sent"}, conversion.residue)
    assert later.record["status"] == "wysłana"
    assert ("residue.stale", "status") in {(n.code, n.path) for n in later.notices}


# ---- dates

DATES = ["data_wystawienia", "data_sprzedazy", "termin_zaplaty", "data_faktury_korygowanej"]


@pytest.mark.parametrize("name", DATES)
@pytest.mark.parametrize(
    "text",
    [
        "2010-02-29",
        "2010-13-01",
        "15.12.2010",
        "2010-1-1",
        "20101215",
        "2010-12-15T00:00",
        " 2010-12-15",
        "2010-W01-1",
        "0000-01-01",
        "2010/12/15",
        "jutro",
        "٢٠١٠-١٢-١٥",
    ],
)
def test_dates_are_iso_only(name: str, text: str) -> None:
    """And exist in the calendar."""
    assert fault({**BASE, "uwagi": "a", name: text}) == ("date.invalid", name)


def test_a_leap_day_is_a_date() -> None:
    """As text, unchanged."""
    assert (
        convert({**BASE, "data_wystawienia": "2012-02-29"}).record["invoice_date"] == "2012-02-29"
    )


@pytest.mark.parametrize(
    ("name", "field"), [("data_sprzedazy", "sale_date"), ("termin_zaplaty", "payment_date")]
)
def test_dates_of_a_live_view_are_never_null(name: str, field: str) -> None:
    """The invoice date stands in, with a notice; an archive keeps null."""
    for value in (None, ""):
        v3 = {"id": 1, "invoice_date": "2024-01-31", field: value}
        live = get(v3)
        assert live.record[name] == "2024-01-31"
        assert ("date.defaulted", name) in {(n.code, n.path) for n in live.notices}
        assert to_v2(v3).record[name] is None
    assert get({"id": 1, "kind": "vat"}).record[name] is None


# ---- addresses


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Krakowska", ("Krakowska", None, None)),
        ("Krakowska 5", ("Krakowska", "5", None)),
        ("ul. Długa 12a/7", ("ul. Długa", "12a", "7")),
        ("al. 3 Maja 10", ("al. 3 Maja", "10", None)),
        ("Rynek 1-3", ("Rynek", "1-3", None)),
    ],
)
def test_streets_that_are_split(text: str, parts: tuple[Any, ...]) -> None:
    """Street, number, flat."""
    record = convert({**BASE, "client_ulica": text}).record
    names = ("client_street", "client_street_number", "client_flat_number")
    assert tuple(record.get(name) for name in names) == parts


STREETS = [
    "ul. Długa 12 m. 5",
    "ul. Długa  12",
    " Długa 12",
    "Długa 12 ",
    "Długa 12/",
    "Długa /5",
    "12",
    "12/5",
    "5 5",
    "Długa 12 / 5",
    "Długa\t12",
    "Długa 12\nlok. 3",
    "Długa 12a/7b",
    "Długa 12/7/3",
    "Długa 1-3/2",
    "Długa 12 A",
    "Nr 7",
    "a 0",
    "/",
]


@pytest.mark.parametrize("text", STREETS)
@pytest.mark.parametrize(("resource", "name"), [("invoice", "client_ulica"), ("client", "ulica")])
def test_a_street_comes_back_as_it_was(text: str, resource: str, name: str) -> None:
    """Split or whole, without residue."""
    base = BASE if resource == "invoice" else {"nip": "1"}
    conversion = convert({**base, name: text}, resource)
    assert (conversion.residue, conversion.notices) == ({}, ())


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("Polska", "PL", None),
        ("Niemcy", "DE", None),
        ("polska", "PL", "country.synonym"),
        ("Polska ", "PL", "country.synonym"),
        ("USA", "US", "country.synonym"),
        ("Czechy", "CZ", None),
        ("Germany", "DE", "country.synonym"),
        ("PL", "PL", "country.synonym"),
        ("Atlantyda", None, "country.unknown"),
        ("Korea", None, "country.unknown"),
    ],
)
def test_countries(text: str, country: str | None, code: str | None) -> None:
    """Polish names to alpha-2; other names are kept."""
    for tree, resource, name in (
        ({**BASE, "client_panstwo": text}, "invoice", "client_panstwo"),
        ({"nip": "1", "panstwo": text}, "client", "panstwo"),
    ):
        conversion = convert(tree, resource)
        assert (
            conversion.record.get("client_country" if resource == "invoice" else "country")
            == country
        )
        assert noticed(conversion) == ([("info", code, name)] if code else [])


def test_an_absent_country_stays_absent() -> None:
    """Poland stands in on a write only."""
    assert "client_country" not in convert({**BASE, "client_nazwa_firmy": "A"}).record


def test_a_code_of_no_table_is_shown() -> None:
    """v3 may know a country more."""
    found = to_v2({"id": 1, "client_country": "XK"})
    assert found.record["client_panstwo"] == "XK"
    assert [n.code for n in found.notices] == ["country.no_v2_value"]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("ACME", "Jan", "Nowak"), "ACME"),
        (("", "Jan", "Nowak"), "Jan Nowak"),
        ((None, "Jan", None), "Jan"),
        ((None, None, "Nowak"), "Nowak"),
        ((None, None, None), ""),
    ],
)
def test_a_buyer_who_is_a_person(names: tuple[Any, ...], shown: str) -> None:
    """Is shown by the two names where v3 has no company name."""
    keys = ("company_name", "first_name", "last_name")
    invoice = {"id": 1, **{f"client_{key}": name for key, name in zip(keys, names, strict=True)}}
    client = {"id": 1, **dict(zip(keys, names, strict=True))}
    assert to_v2({"invoice": invoice}).record["client_nazwa_firmy"] == shown
    assert to_v2({"client": client}).record["nazwa_firmy"] == shown


@pytest.mark.parametrize(
    ("given", "same"),
    [(True, False), (False, True), ("true", False), ("FALSE", True), (1, False), ("0", True)],
)
def test_adres_kor_is_the_opposite_of_same_forward_address(given: Any, same: bool) -> None:
    """v2 says that there is another address, v3 that it is the same."""
    conversion = convert({"nip": "1", "adres_kor": given}, "client")
    assert conversion.record["same_forward_address"] is same
    assert conversion.notices == ()


@pytest.mark.parametrize("given", ["tak", 2, "t", "yes", "-1"])
def test_other_truth_values_are_refused(given: Any) -> None:
    """Nothing is guessed."""
    assert fault({"nip": "1", "adres_kor": given}, "client") == ("boolean.invalid", "adres_kor")


# ---- the rest of the table


@pytest.mark.parametrize("name", ["podstawa_zwolnienia", "podstawa_zwolenienia"])
def test_an_exemption_is_kept(name: str) -> None:
    """Also under the misspelt name of v2's own document."""
    conversion = convert({**BASE, name: "12"})
    assert conversion.record == {"number": "1"}
    assert noticed(conversion) == [("info", "exemption.unmapped", "podstawa_zwolnienia")]


def test_an_exemption_under_both_names_is_refused() -> None:
    """Unless one is blank."""
    both = {**BASE, "podstawa_zwolnienia": "1", "podstawa_zwolenienia": "1"}
    assert fault(both) == ("field.twice", "podstawa_zwolnienia")
    blank = {**BASE, "podstawa_zwolnienia": "", "podstawa_zwolenienia": "1"}
    assert canonical(blank)["podstawa_zwolnienia"] == "1"


@pytest.mark.parametrize(
    ("given", "value"),
    [(False, False), ("false", False), (0, False), ("0", False), (True, True), ("1", True)],
)
def test_unikalny_numer(given: Any, value: bool) -> None:
    """Becomes check_duplicate_number, and is kept: v2 never showed it."""
    conversion = convert({**BASE, "unikalny_numer": given})
    assert conversion.record["check_duplicate_number"] is value
    assert noticed(conversion) == [("info", "field.write_only", "unikalny_numer")]
    assert "unikalny_numer" not in get(conversion.record, conversion.residue).record


def test_data_oplacenia() -> None:
    """Becomes paid_date."""
    conversion = convert({**BASE, "data_oplacenia": "2010-01-01"})
    assert conversion.record["paid_date"] == "2010-01-01"
    assert noticed(conversion) == [("info", "field.write_only", "data_oplacenia")]


def test_a_paid_invoice_with_nothing_paid() -> None:
    """A live view shows the gross total; an archive keeps 0."""
    v3 = {"id": 1, "status": "paid", "paid_price": 0, "gross_price": 12300}
    live = get(v3)
    assert live.record["zaplacono"] == Decimal("123")
    assert ("paid.inferred", "zaplacono") in {(n.code, n.path) for n in live.notices}
    assert to_v2(v3).record["zaplacono"] == 0
    assert get({**v3, "paid_price": 500}).record["zaplacono"] == 5
    assert get({**v3, "status": "sent"}).record["zaplacono"] == 0


def test_corrections() -> None:
    """Name what they correct; other kinds keep it."""
    fields = {"numer_faktury_korygowanej": "1/01", "data_faktury_korygowanej": "2010-01-01"}
    conversion = convert({**BASE, "rodzaj_faktury": "Faktura korygująca", **fields})
    assert conversion.record["corrected_invoice_number"] == "1/01"
    assert conversion.record["corrected_invoice_date"] == "2010-01-01"
    assert conversion.notices == ()
    other = convert({**BASE, "rodzaj_faktury": "Faktura VAT", **fields})
    assert other.record == {"number": "1", "kind": "vat"}
    assert {code for _, code, _ in noticed(other)} == {"field.v2_only"}


MARGIN_LINE = {
    "nazwa": "Obraz",
    "ilosc": "1",
    "jm": "szt.",
    "stawka_vat": "23",
    "cena_netto": "100",
    "wartosc_netto": "100",
    "wartosc_brutto": "150",
    "vat": "23",
    "symbol": "91",
    "marza": "27",
}


def test_margin_invoices() -> None:
    """Lines have a gross price and the margin; the rest is kept, each with a notice."""
    tree = {
        **BASE,
        "rodzaj_faktury": "Faktura Marża",
        "razem_netto": "100",
        "razem_vat": "23",
        "razem_brutto": "150",
        "services": [MARGIN_LINE],
    }
    conversion = convert(tree)
    assert conversion.record == {
        "number": "1",
        "kind": "margin",
        "gross_price": 15000,
        "services": [
            {
                "name": "Obraz",
                "unit": "szt.",
                "quantity": 1,
                "gross_with_margin_amount_price": 15000,
                "margin_amount_price": 2700,
            }
        ],
    }
    assert {(code, path) for _, code, path in noticed(conversion)} == {
        ("field.v2_only", path)
        for path in (
            "razem_netto",
            "razem_vat",
            *(
                f"services[0].{n}"
                for n in ("stawka_vat", "cena_netto", "wartosc_netto", "vat", "symbol")
            ),
        )
    }


def test_a_margin_on_other_kinds_is_kept() -> None:
    """v3 has it on margin invoices only."""
    conversion = convert(line(marza="0", stawka_vat="23"))
    assert noticed(conversion) == [("info", "field.v2_only", "services[0].marza")]


def test_a_blank_rate_on_margin_is_no_notice() -> None:
    """v3's margin lines have no rate."""
    tree = {
        **BASE,
        "rodzaj_faktury": "Faktura Marża",
        "services": [{"nazwa": "A", "wartosc_brutto": "1"}],
    }
    assert convert(tree).notices == ()


def test_advance_invoices() -> None:
    """Have neither paid_price nor sale_date."""
    tree = {
        **BASE,
        "rodzaj_faktury": "Faktura Zaliczkowa",
        "zaplacono": "5",
        "data_sprzedazy": "2024-01-02",
    }
    conversion = convert(tree)
    assert conversion.record == {"number": "1", "kind": "advance"}
    assert {(code, path) for _, code, path in noticed(conversion)} == {
        ("field.v2_only", "zaplacono"),
        ("field.v2_only", "data_sprzedazy"),
    }


def test_what_a_kind_lacks_on_a_live_view() -> None:
    """0.0, or the invoice date, with notices."""
    advance = get({"id": 1, "kind": "advance", "invoice_date": "2024-01-01"})
    assert advance.record["zaplacono"] == 0
    assert advance.record["data_sprzedazy"] == "2024-01-01"
    margin = get({"id": 1, "kind": "margin", "services": [{"gross_with_margin_amount_price": 100}]})
    assert (margin.record["razem_netto"], margin.record["razem_vat"]) == (0, 0)
    row = margin.record["services"][0]
    assert (row["cena_netto"], row["wartosc_netto"], row["vat"], row["wartosc_brutto"]) == (
        0,
        0,
        0,
        1,
    )
    assert {n.code for n in margin.notices} == {"amount.defaulted"}


@pytest.mark.parametrize(
    ("value", "back"),
    [
        ("a", "a"),
        ("", ""),
        (5, 5),
        (True, True),
        (None, None),
        (NumberText("1.50"), NumberText("1.50")),
        ({"a": [1, NumberText("2.0"), None]}, {"a": [1, NumberText("2.0"), None]}),
        ([], []),
        (Markup("<nowe><y/></nowe>"), Markup("<nowe><y/></nowe>")),
    ],
)
def test_unknown_fields_are_kept(value: Any, back: Any) -> None:
    """In the invoice, in a line and in a client; after what the tables know."""
    conversion = convert(
        {**BASE, "uwagi": "a", "nowe": value, "services": [{"stawka_vat": "8", "nowe": value}]}
    )
    assert noticed(conversion) == [
        ("info", "field.unknown", "nowe"),
        ("info", "field.unknown", "services[0].nowe"),
    ]
    record = to_v2(conversion.record, conversion.residue).record
    assert (record["nowe"], record["services"][0]["nowe"]) == (back, back)
    assert list(record)[-1] == "nowe"
    assert convert({"nip": "1", "nowe": value}, "client").residue


def test_fields_without_a_place_in_v3() -> None:
    """product_id and data_podpisania."""
    conversion = convert({**line(product_id="7", stawka_vat="8"), "data_podpisania": "kiedyś"})
    assert {(code, path) for _, code, path in noticed(conversion)} == {
        ("field.v2_only", "data_podpisania"),
        ("field.v2_only", "services[0].product_id"),
    }


# ---- totals


GOOD_LINE = {
    "nazwa": "A",
    "stawka_vat": "23",
    "ilosc": "2",
    "cena_netto": "50",
    "wartosc_netto": "100",
    "vat": "23",
    "wartosc_brutto": "123",
}


@pytest.mark.parametrize("name", ["wartosc_netto", "vat", "wartosc_brutto"])
def test_totals_of_a_line_that_differ(name: str) -> None:
    """They are copied, and one notice names the line and both values."""
    conversion = convert({**BASE, "services": [{**GOOD_LINE, name: "99.99"}]})
    assert noticed(conversion) == [("warning", "totals.differ", "services[0]")]
    assert f"{name} 99.99 -> " in conversion.notices[0].detail


@pytest.mark.parametrize(
    ("name", "value"), [("razem_netto", "99.99"), ("razem_vat", "0"), ("razem_brutto", "124")]
)
def test_totals_of_an_invoice_that_differ(name: str, value: str) -> None:
    """The sum of the lines is another."""
    totals = {"razem_netto": "100", "razem_vat": "23", "razem_brutto": "123"}
    assert convert({**BASE, **totals, "services": [GOOD_LINE]}).notices == ()
    conversion = convert({**BASE, **totals, name: value, "services": [GOOD_LINE]})
    assert noticed(conversion) == [("warning", "totals.differ", name)]


def test_totals_are_not_checked_where_a_value_is_absent() -> None:
    """Nothing is computed from nothing."""
    bare = {"nazwa": "A", "stawka_vat": "23", "wartosc_netto": "1"}
    assert convert({**BASE, "razem_brutto": "999", "services": [GOOD_LINE, bare]}).notices == ()
    assert convert({**BASE, "razem_brutto": "999"}).notices == ()


@pytest.mark.parametrize("kind", ["Faktura korygująca", "Faktura Marża"])
def test_sums_of_corrections_and_margins_are_not_checked(kind: str) -> None:
    """Their totals are differences, or margins."""
    row = {"nazwa": "A", "ilosc": "1", "wartosc_brutto": "5"}
    if kind == "Faktura korygująca":
        row["stawka_vat"] = "23"
    conversion = convert({**BASE, "rodzaj_faktury": kind, "razem_brutto": "9", "services": [row]})
    assert conversion.notices == ()


@pytest.mark.parametrize(
    ("gross", "rate", "vat", "exact"),
    [
        ("122.0", "22", "22", True),
        ("66.23", "23", "12.38", True),
        ("66.23", "23", "12.39", False),
        ("10", "zw", "0", True),
        ("10", "zw", "0.01", False),
    ],
)
def test_totals_from_a_gross_price(gross: str, rate: str, vat: str, exact: bool) -> None:
    """As v3 computes them where no net price is given: half_up(gross x rate / (100 + rate))."""
    row = {"nazwa": "A", "stawka_vat": rate, "ilosc": "1", "wartosc_brutto": gross}
    conversion = convert({**BASE, "services": [{**row, "vat": vat}]})
    assert (conversion.notices == ()) is exact


@pytest.mark.parametrize("name", ["razem_brutto", "zaplacono"])
def test_a_null_amount_is_absent(name: str) -> None:
    """Null, empty and absent are one value."""
    for value in (None, ""):
        assert convert({**BASE, "uwagi": "a", name: value}).record == {"number": "1", "notes": "a"}


def test_the_order_of_a_canonical_record() -> None:
    """Every readable field in the order of v2's list, whatever came; write-only ones when given."""
    record = canonical({"services": [], "numer": "1", "x": 1, "invoice_id": 2})
    names = list(record)
    assert names[:4] == ["invoice_id", "numer", "waluta", "zaplacono"]
    assert names[-3:] == ["data_podpisania", "services", "x"]
    assert "unikalny_numer" not in names
    with_parameter = list(canonical({"numer": "1", "unikalny_numer": "0"}))
    assert with_parameter[-3:] == ["data_podpisania", "unikalny_numer", "services"]
    client = canonical({"nip": "1"})
    assert len(client) == 17
    assert next(iter(client)) == "client_id"


def test_the_json_of_a_document_gives_the_same() -> None:
    """NumberText from the codec and Decimal from a caller are one value."""
    line = '{"ilosc":"1.0","cena_netto":100.0,"stawka_vat":23}'
    text = f'{{"numer":"1","zaplacono":122.50,"services":[{line}]}}'
    tree = {
        "numer": "1",
        "zaplacono": Decimal("122.5"),
        "services": [{"ilosc": 1, "cena_netto": Decimal(100), "stawka_vat": "23"}],
    }
    assert to_v3(loads(text)) == to_v3(tree)
