"""`get` and `put`: what a caller of v2 sees of a live v3 document, and what its changes send."""

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from infakt_compat import ConversionError
from infakt_compat.codecs.json_text import loads
from infakt_compat.translate import Put, get, put

LINE_A = {
    "id": 11,
    "name": "A",
    "tax_symbol": "oo",
    "unit": "szt.",
    "quantity": 1,
    "unit_net_price": 10000,
    "net_price": 10000,
    "gross_price": 10000,
    "tax_price": 0,
    "symbol": "84.11 / CN1 / -",
    "gtu_id": "GTU_01",
    "discount": "0.0",
}
LINE_B = {
    "id": 12,
    "name": "B",
    "tax_symbol": "23",
    "unit": "",
    "quantity": 2,
    "unit_net_price": 5000,
    "net_price": 10000,
    "gross_price": 12300,
    "tax_price": 2300,
    "symbol": "",
    "gtu_id": None,
    "discount": "5.0",
}
INVOICE: dict[str, Any] = {
    "id": 7,
    "uuid": "u",
    "number": "1/2/2024",
    "currency": "PLN",
    "paid_price": 0,
    "notes": "",
    "kind": "vat",
    "payment_method": "paypal",
    "invoice_date": "2024-01-01",
    "sale_date": None,
    "status": "sent",
    "payment_date": "2024-01-10",
    "net_price": 20000,
    "tax_price": 2300,
    "gross_price": 22300,
    "client_id": 5,
    "client_company_name": None,
    "client_first_name": "Jan",
    "client_last_name": "Nowak",
    "client_street": "Długa",
    "client_street_number": "5",
    "client_flat_number": None,
    "client_country": "PL",
    "bank_account": "123",
    "services": [LINE_A, LINE_B],
}

Change = Callable[[dict[str, Any]], object]


def changed(change: Change, v3: dict[str, Any] = INVOICE, residue: Any = None) -> Put:
    """Put the view back with a change."""
    view = copy.deepcopy(get(v3, residue).record)
    change(view)
    before = copy.deepcopy(v3)
    found = put(v3, view, residue)
    assert v3 == before
    return found


def line(number: int, **fields: Any) -> Change:
    """Change fields of a line."""
    return lambda view: view["services"][number].update(fields)


def codes(found: Put) -> list[tuple[str, str]]:
    """Give the notices."""
    return [(notice.code, notice.path) for notice in found.notices]


def rows(found: Put) -> dict[str, dict[str, Any]]:
    """Give the rows to send, by name."""
    return {row["name"]: row for row in found.patch["services"]}


# ---- nothing changed


@pytest.mark.parametrize(
    "v3", [INVOICE, {"id": 1, "company_name": "A", "same_forward_address": True}]
)
def test_the_view_itself_changes_nothing(v3: dict[str, Any]) -> None:
    """Whole, in part, or enveloped: nothing is sent."""
    view = get(v3).record
    envelope = "invoice" if "kind" in v3 else "client"
    for given in (view, {}, {envelope: view}, dict(list(view.items())[:5])):
        found = put(v3, given)
        assert (found.patch, found.residue, found.notices) == ({}, {}, ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sposob_platnosci", "INNY"),
        ("sposob_platnosci", "inny"),
        ("rodzaj_faktury", "faktura vat"),
        ("status", "WYS%C5%81ANA"),
        ("zaplacono", "0,00"),
        ("zaplacono", 0),
        ("client_id", "5"),
        ("data_sprzedazy", "2024-01-01"),
        ("client_nazwa_firmy", "Jan Nowak"),
        ("client_ulica", "Długa 5"),
        ("client_panstwo", "Polska"),
        ("uwagi", None),
    ],
)
def test_another_spelling_changes_nothing(name: str, value: Any) -> None:
    """What is shown is compared by value: paypal stays paypal, a person stays a person."""
    found = put(INVOICE, {name: value})
    assert (found.patch, found.notices) == ({}, ())


def test_lines_in_another_spelling_change_nothing() -> None:
    """An oo rate seen as np stays oo."""
    lines = [
        {"service_id": "11", "stawka_vat": "NP", "ilosc": "1,0", "cena_netto": 100},
        {"service_id": 12, "stawka_vat": 23, "ilosc": Decimal(2), "symbol": None},
    ]
    assert put(INVOICE, {"services": lines}).patch == {}


# ---- fields of the invoice


@pytest.mark.parametrize(
    ("name", "value", "patch"),
    [
        ("uwagi", "x", {"notes": "x"}),
        ("sposob_platnosci", "Przelew", {"payment_method": "transfer"}),
        ("zaplacono", "1,50", {"paid_price": 150}),
        ("numer", "5", {"number": "5"}),
        ("client_miejscowosc", "Łódź", {"client_city": "Łódź"}),
        ("client_nazwa_firmy", "ACME", {"client_company_name": "ACME"}),
        ("client_panstwo", "Niemcy", {"client_country": "DE"}),
        ("client_panstwo", "", {"client_country": None}),
        ("termin_zaplaty", "2024-02-01", {"payment_date": "2024-02-01"}),
        ("data_sprzedazy", "2024-02-01", {"sale_date": "2024-02-01"}),
        (
            "client_ulica",
            "Krótka",
            {"client_street": "Krótka", "client_street_number": None, "client_flat_number": None},
        ),
    ],
)
def test_a_changed_field_is_sent_alone(name: str, value: Any, patch: dict[str, Any]) -> None:
    """Nothing else is, not the lines either."""
    assert put(INVOICE, {name: value}).patch == patch
    assert changed(lambda view: view.update({name: value})).patch == patch


def test_what_stood_in_is_written_out() -> None:
    """The sale date was shown as the invoice date: when that changes, it becomes true."""
    found = changed(lambda view: view.update(data_wystawienia="2024-02-01"))
    assert found.patch == {"invoice_date": "2024-02-01", "sale_date": "2024-01-01"}
    alone = put(INVOICE, {"data_wystawienia": "2024-02-01"})
    assert alone.patch == found.patch


def test_both_dates_changed() -> None:
    """Nothing stands in any more."""
    found = changed(
        lambda view: view.update(data_wystawienia="2024-02-01", data_sprzedazy="2024-02-01")
    )
    assert get({**INVOICE, **found.patch}).record["data_sprzedazy"] == "2024-02-01"


@pytest.mark.parametrize(
    "name", ["razem_netto", "razem_vat", "razem_brutto", "invoice_id", "data_podpisania"]
)
def test_a_read_only_field_is_not_sent(name: str) -> None:
    """It gives a notice."""
    found = put(INVOICE, {name: "5"})
    assert found.patch == {}
    assert codes(found) == [("field.read_only", name)]


def test_a_status_that_v3_has_not() -> None:
    """Written as printed, and kept; shown again until v3 says something else."""
    found = put(INVOICE, {"status": "niezapłacona"})
    assert found.patch == {"status": "printed"}
    applied = {**INVOICE, **found.patch}
    assert get(applied, found.residue).record["status"] == "niezapłacona"
    assert get({**applied, "status": "paid"}, found.residue).record["status"] == "zapłacona"


def test_a_synonym_is_kept() -> None:
    """USA is US, and is shown as it was written."""
    found = put(INVOICE, {"client_panstwo": "USA"})
    assert found.patch == {"client_country": "US"}
    assert get({**INVOICE, **found.patch}, found.residue).record["client_panstwo"] == "USA"


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"client_panstwo": "Atlantyda"}, "enum.unknown", "client_panstwo"),
        ({"status": "?"}, "enum.unknown", "status"),
        ({"zaplacono": "1,234"}, "money.invalid", "zaplacono"),
        ({"zaplacono": 1.5}, "money.invalid", "zaplacono"),
        ({"data_wystawienia": "jutro"}, "date.invalid", "data_wystawienia"),
        ({"client_id": "x"}, "id.invalid", "client_id"),
        ({"services": "x"}, "services.invalid", "services"),
        ({"services": [{"service_id": 11, "ilosc": "x"}]}, "money.invalid", "services[0].ilosc"),
        ({"services": [{"nazwa": "N", "vat": True}]}, "money.invalid", "services[0].vat"),
    ],
)
def test_a_value_that_cannot_be_is_refused(change: dict[str, Any], code: str, path: str) -> None:
    """Nothing is sent of it."""
    with pytest.raises(ConversionError) as caught:
        put(INVOICE, change)
    assert [(fault.code, fault.path) for fault in caught.value.faults] == [(code, path)]


def test_all_faults_of_a_change_at_once() -> None:
    """The invoice's and the lines'."""
    with pytest.raises(ConversionError) as caught:
        put(
            INVOICE, {"status": "?", "zaplacono": "x", "services": [{"ilosc": "x"}, {"ilosc": "y"}]}
        )
    assert len(caught.value.faults) == 4


def test_unikalny_numer() -> None:
    """A parameter of writes: sent, and not shown."""
    found = put(INVOICE, {"unikalny_numer": "false"})
    assert found.patch == {"check_duplicate_number": False}
    assert "unikalny_numer" not in get({**INVOICE, **found.patch}, found.residue).record


def test_the_alias_is_its_field() -> None:
    """podstawa_zwolenienia, as v2's own document spells it."""
    found = put(INVOICE, {"podstawa_zwolenienia": "2"})
    assert get({**INVOICE, **found.patch}, found.residue).record["podstawa_zwolnienia"] == "2"


def test_an_unknown_field_is_kept() -> None:
    """In the residue, with a notice; nothing is sent."""
    found = put(INVOICE, {"nowe": "x"})
    assert found.patch == {}
    assert codes(found) == [("field.unknown", "nowe")]
    assert get(INVOICE, found.residue).record["nowe"] == "x"


def test_a_client() -> None:
    """The whole of a client's view."""
    client = {
        "id": 1,
        "company_name": "A",
        "street": "B",
        "country": "PL",
        "same_forward_address": True,
    }
    found = put(client, {"client": {"adres_kor": True, "ulica": "B 1/2", "info": "i"}})
    assert found.patch == {
        "same_forward_address": False,
        "street": "B",
        "street_number": "1",
        "flat_number": "2",
        "note": "i",
    } or found.patch == {
        "same_forward_address": False,
        "street": "B 1/2",
        "street_number": None,
        "flat_number": None,
        "note": "i",
    }
    assert get({**client, **found.patch}).record["ulica"] == "B 1/2"


# ---- a field twice, and parameters beside the record


@pytest.mark.parametrize(
    "text",
    [
        '{"uwagi":"a","uwagi":"b"}',
        '{"invoice":{"uwagi":"a","uwagi":"b"}}',
        '{"services":[{"service_id":11,"jm":"a","jm":"b"}]}',
        '{"podstawa_zwolnienia":"1","podstawa_zwolenienia":"2"}',
        '{"invoice":{"uwagi":"a"},"invoice":{"uwagi":"b"}}',
    ],
)
def test_a_field_that_comes_twice_is_refused(text: str) -> None:
    """A live update guesses as little as an archive does."""
    with pytest.raises(ConversionError) as caught:
        put(INVOICE, loads(text))
    assert {fault.code for fault in caught.value.faults} == {"field.twice"}


def test_a_parameter_beside_the_record() -> None:
    """unikalny_numer may stand beside the invoice, on update as on create."""
    found = put(INVOICE, {"invoice": {"numer": "5"}, "unikalny_numer": False})
    assert found.patch == {"number": "5", "check_duplicate_number": False}


# ---- lines


def test_a_changed_line_sends_all_lines() -> None:
    """v3 replaces them all: what v2 cannot express is carried along, totals and ids are not."""
    found = changed(line(1, jm="kg"))
    assert found.patch.keys() == {"services"}
    assert rows(found)["A"] == {
        "name": "A",
        "tax_symbol": "oo",
        "unit": "szt.",
        "quantity": 1,
        "unit_net_price": 10000,
        "symbol": "84.11 / CN1 / -",
        "gtu_id": "GTU_01",
        "discount": "0.0",
    }
    assert rows(found)["B"]["unit"] == "kg"
    assert rows(found)["B"]["discount"] == "5.0"
    assert not {"id", "tax_price", "gross_price", "net_price"} & rows(found)["B"].keys()


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"cena_netto": "60"}, {"unit_net_price": 6000}),
        ({"wartosc_netto": "60"}, {"net_price": 6000}),
        ({"wartosc_brutto": "61.50"}, {"gross_price": 6150}),
        ({"cena_netto": "60", "wartosc_netto": "120"}, {"unit_net_price": 6000}),
        ({"wartosc_netto": "120", "wartosc_brutto": "147.60"}, {"net_price": 12000}),
    ],
)
def test_the_changed_price_is_the_one_sent(fields: dict[str, Any], sent: dict[str, int]) -> None:
    """Of several, v2's order decides; the others would contradict it."""
    row = rows(changed(line(1, **fields)))["B"]
    prices = {"unit_net_price", "net_price", "gross_price", "tax_price"}
    assert {name: value for name, value in row.items() if name in prices} == sent


def test_a_changed_quantity_keeps_the_unit_price() -> None:
    """Twice as many cost twice as much."""
    row = rows(changed(line(1, ilosc="4")))["B"]
    assert (row["quantity"], row["unit_net_price"]) == (4, 5000)
    assert "net_price" not in row


def test_a_fine_price_is_kept_and_its_net_value_sent() -> None:
    """As in an archive."""
    found = changed(line(1, cena_netto="33.3333"))
    row = rows(found)["B"]
    assert row["net_price"] == 6667
    assert "unit_net_price" not in row
    assert ("price.unit_precision", "services[1].cena_netto") in codes(found)
    assert found.residue["services"][0]["fields"]["cena_netto"]["value"] == "33.3333"


def test_a_read_only_field_of_a_line() -> None:
    """Its VAT amount is v3's."""
    found = changed(line(1, vat="1"))
    assert found.patch == {}
    assert codes(found) == [("field.read_only", "services[1].vat")]


def test_lines_are_matched_by_id() -> None:
    """In another order they keep what is theirs."""
    found = changed(lambda view: view["services"].reverse())
    assert [row["name"] for row in found.patch["services"]] == ["B", "A"]
    assert rows(found)["A"]["gtu_id"] == "GTU_01"
    assert rows(found)["A"]["tax_symbol"] == "oo"


def test_lines_are_matched_by_position_without_ids() -> None:
    """When the count is equal."""
    lines = [{"nazwa": "A2"}, {"jm": "h"}]
    found = put(INVOICE, {"services": lines})
    assert rows(found)["A2"]["gtu_id"] == "GTU_01"
    assert rows(found)["B"]["unit"] == "h"


def test_lines_without_ids_of_another_count_are_new() -> None:
    """Nothing says which is which."""
    lines = [{"nazwa": "A", "ilosc": 1, "stawka_vat": "23", "cena_netto": "1"}]
    assert put(INVOICE, {"services": lines}).patch["services"] == [
        {"name": "A", "tax_symbol": "23", "quantity": 1, "unit_net_price": 100}
    ]


def test_a_line_is_removed_and_one_is_new() -> None:
    """The kept one keeps its own."""

    def change(view: dict[str, Any]) -> None:
        """Put a new line in the place of the second."""
        view["services"][1] = {
            "nazwa": "N",
            "ilosc": "1",
            "stawka_vat": "8",
            "wartosc_brutto": "1.08",
        }

    found = changed(change)
    assert rows(found)["A"]["gtu_id"] == "GTU_01"
    assert rows(found)["N"] == {"name": "N", "tax_symbol": "8", "quantity": 1, "gross_price": 108}


def test_one_present_line_is_matched_once() -> None:
    """A second line with its id is a new one."""
    found = changed(lambda view: view["services"].append(dict(view["services"][0], nazwa="C")))
    assert len(found.patch["services"]) == 3
    assert "gtu_id" not in rows(found)["C"]


def test_all_lines_are_removed() -> None:
    """An empty list is a change."""
    assert put(INVOICE, {"services": []}).patch == {"services": []}


def test_an_id_of_no_line_is_a_new_line() -> None:
    """As v2 did: what is sent is made."""
    lines = [{"service_id": 99, "nazwa": "A", "ilosc": 1, "stawka_vat": 8, "cena_netto": 1}]
    assert put(INVOICE, {"services": lines}).patch["services"][0]["name"] == "A"


def test_an_id_is_a_number() -> None:
    """In every spelling that is read as that number."""
    lines = [{"service_id": 11}, {"service_id": "012"}]
    assert put(INVOICE, {"services": lines}).patch == {}


def test_fields_of_lines_that_only_v2_has() -> None:
    """product_id goes to the residue of the line, and comes back with it."""
    found = changed(line(1, product_id=7))
    applied = {**INVOICE, **found.patch}
    applied["services"] = [dict(row, id=n) for n, row in enumerate(found.patch["services"])]
    assert get(applied, found.residue).record["services"][1]["product_id"] == 7


def test_the_residue_of_unchanged_fields_stays() -> None:
    """What was kept before is kept after a change of something else."""
    first = put(INVOICE, {"client_panstwo": "USA", "nowe": "x"})
    applied = {**INVOICE, **first.patch}
    second = put(applied, {"uwagi": "y"}, first.residue)
    assert second.patch == {"notes": "y"}
    view = get({**applied, **second.patch}, second.residue).record
    assert (view["client_panstwo"], view["nowe"], view["uwagi"]) == ("USA", "x", "y")


def test_a_stale_residue_is_dropped() -> None:
    """It belonged to a value that v3 no longer has."""
    first = put(INVOICE, {"client_panstwo": "USA"})
    second = put({**INVOICE, "client_country": "DE"}, {"uwagi": "y"}, first.residue)
    assert second.residue == {}
    assert second.patch == {"notes": "y"}


# ---- applying what is sent makes it true

CHANGES: dict[str, dict[str, Any]] = {
    "text": {"uwagi": "x", "podpis_sprzedawcy": " "},
    "emptied": {"numer": "", "client_ulica": "", "client_panstwo": ""},
    "street": {"client_ulica": "ul. Nowa 12 m. 5"},
    "paid": {"status": "zapłacona"},
    "paid, nothing paid": {"status": "zapłacona", "zaplacono": "0"},
    "dates": {"data_wystawienia": "2025-01-01", "termin_zaplaty": "2025-01-01"},
    "company": {"client_nazwa_firmy": "ACME"},
    "kind": {"rodzaj_faktury": "Faktura proforma"},
    "methods": {"sposob_platnosci": "Czek"},
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_asked_for_is_shown(name: str) -> None:
    """get(apply(s, put(s, v))) == v, in every field of the invoice."""
    wanted = {**get(INVOICE).record, **CHANGES[name]}
    found = put(INVOICE, wanted)
    view = get({**INVOICE, **found.patch}, found.residue).record
    for field, value in wanted.items():
        shown = view[field]
        if field == "zaplacono":
            value = Decimal(str(value))
        assert shown == value, field


@pytest.mark.parametrize("v2", [[], None, "x"])
def test_a_change_that_is_no_record_is_refused(v2: Any) -> None:
    """With a fault, as `to_v3` does."""
    with pytest.raises(ConversionError):
        put(INVOICE, v2)
