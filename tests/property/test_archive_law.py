"""The archive law: what goes to v3 and comes back is the same document.

The documents are written by hand from v2's own description (infakt_compat.testing), with what they
mean beside them: no table of the translation has a say in it.
"""

import copy
import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from infakt_compat.testing import (
    V2_KINDS,
    Record,
    spelled,
    v2_clients,
    v2_invoices,
    v2_spelled_clients,
    v2_spelled_invoices,
)
from tests.v2_field_names import CLIENT, INVOICE, LINE, WRITE_ONLY
from tests.v2_words import KINDS, PAYMENTS, STATUSES

Pair = tuple[Record, Record]


# documents as JSON and Python callers give them, as XML gives them, and clients of both sorts
INVOICES = v2_spelled_invoices()
XML_INVOICES = v2_spelled_invoices(xml=True)
CLIENTS = v2_spelled_clients()
XML_CLIENTS = v2_spelled_clients(xml=True)
DOCUMENTS = st.one_of(INVOICES, INVOICES, XML_INVOICES, CLIENTS)


def round_trip(document: Record) -> Record:
    """To v3 and back, by the two calls that users have."""
    from infakt_compat import to_v2, to_v3

    conversion = to_v3(document)
    return to_v2(conversion.record, conversion.residue).record


def normal(document: Record) -> Record:
    """Give the document in its normal spelling, as the package has it."""
    from infakt_compat.translate import canonical

    return canonical(document)


def assert_same(got: Record, expected: Record) -> None:
    """Compare by field, so that a failure names fields and not two whole documents."""
    differ = {
        name: (got.get(name, "absent"), expected.get(name, "absent"))
        for name in {**expected, **got}
        if name not in got or name not in expected or not same(got[name], expected[name])
    }
    assert not differ, f"(got, expected) by field: {differ!r}"


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same: True is not 1, 1 is not "1", but 1.0 and 1.00 are one."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, Decimal) or isinstance(b, Decimal):
        return isinstance(a, Decimal) and isinstance(b, Decimal) and a == b
    return bool(a == b)


def assert_order(record: Record) -> None:
    """Check that the keys stand in the order of v2's field list, what is unknown last."""
    names = list(record)
    if "nazwa_firmy" in record:
        assert names[: len(CLIENT)] == CLIENT
        return
    expected = [*INVOICE, *(name for name in WRITE_ONLY if name in record), "services"]
    assert names[: len(expected)] == expected
    for line in record["services"]:
        assert list(line)[: len(LINE)] == LINE


@given(INVOICES)
def test_canonical_of_spelled_invoices(pair: Pair) -> None:
    """However an invoice is spelled, canonical is one and the same."""
    document, expected = pair
    assert_same(normal(document), expected)


@given(st.one_of(CLIENTS, XML_CLIENTS))
def test_canonical_of_spelled_clients(pair: Pair) -> None:
    """However a client is spelled, canonical is one and the same."""
    document, expected = pair
    assert_same(normal(document), expected)


@given(XML_INVOICES)
def test_canonical_of_invoices_from_xml(pair: Pair) -> None:
    """An invoice that is all text, as XML is, has the same canonical form."""
    document, expected = pair
    assert_same(normal(document), expected)


@given(INVOICES)
def test_invoices_come_back(pair: Pair) -> None:
    """Every invoice of every kind and spelling comes back from v3 as it was."""
    document, expected = pair
    assert_same(round_trip(document), expected)


@given(XML_INVOICES)
def test_invoices_from_xml_come_back(pair: Pair) -> None:
    """Every invoice that was read from XML comes back from v3 as it was."""
    document, expected = pair
    assert_same(round_trip(document), expected)


@given(st.one_of(CLIENTS, XML_CLIENTS))
def test_clients_come_back(pair: Pair) -> None:
    """Every client comes back from v3 as it was."""
    document, expected = pair
    assert_same(round_trip(document), expected)


@given(st.one_of(v2_invoices(), v2_clients()))
def test_a_canonical_record_is_its_own_canonical_form(record: Record) -> None:
    """Canonical of a canonical record is that record, and so is what comes back from v3."""
    assert_same(normal(record), record)
    assert_same(round_trip(record), record)


@given(DOCUMENTS)
def test_order_of_fields(pair: Pair) -> None:
    """Canonical, and what comes back, have their fields in the order of v2's field list."""
    document, _ = pair
    assert_order(normal(document))
    assert_order(round_trip(document))


@given(
    v2_invoices(kinds=V2_KINDS[:1], max_lines=2).flatmap(
        lambda record: st.tuples(spelled(record), spelled(record))
    )
)
def test_two_spellings_are_one_document(pairs: tuple[Pair, Pair]) -> None:
    """Two spellings of one invoice give one v3 record, the same notices, and keep the same."""
    from infakt_compat import to_v3

    first, second = to_v3(pairs[0][0]), to_v3(pairs[1][0])
    assert same(first.record, second.record)
    said = [{(each.code, each.path) for each in result.notices} for result in (first, second)]
    assert said[0] == said[1]
    assert in_any_order(normal(pairs[0][0])) == in_any_order(normal(pairs[1][0]))
    # the residue keeps an amount as it was spelled
    assert first.residue.get("fields", {}).keys() == second.residue.get("fields", {}).keys()


@given(v2_invoices(max_lines=1), st.sampled_from(("numer_zamowienia", "x")))
def test_an_unknown_field_that_is_null(record: Record, name: str) -> None:
    """Whatever canonical makes of an unknown null, the way to v3 and back makes the same of it."""
    record = {**record, name: None}
    assert_same(round_trip(record), normal(record))


# -------------------- what v3 must hold, by hand from the wire documents

TEXT_OF_V3 = {
    "number": "numer",
    "currency": "waluta",
    "notes": "uwagi",
    "recipient_signature": "podpis_odbiorcy",
    "seller_signature": "podpis_sprzedawcy",
    "invoice_date": "data_wystawienia",
    "sale_date": "data_sprzedazy",
    "payment_date": "termin_zaplaty",
    "id": "invoice_id",
    "client_id": "client_id",
    "client_company_name": "client_nazwa_firmy",
    "client_city": "client_miejscowosc",
    "client_post_code": "client_kod_pocztowy",
    "client_tax_code": "client_nip",
}
CORRECTION_OF_V3 = {
    "corrected_invoice_number": "numer_faktury_korygowanej",
    "corrected_invoice_date": "data_faktury_korygowanej",
}
AMOUNTS_OF_V3 = {
    "paid_price": "zaplacono",
    "net_price": "razem_netto",
    "tax_price": "razem_vat",
    "gross_price": "razem_brutto",
}
CLIENT_OF_V3 = {
    "id": "client_id",
    "company_name": "nazwa_firmy",
    "city": "miejscowosc",
    "postal_code": "kod_pocztowy",
    "nip": "nip",
    "email": "email",
    "phone_number": "numer_telefonu",
    "web_site": "adres_www",
    "note": "info",
    "receiver": "odbiorca",
    "mailing_company_name": "nazwa_firmy_kor",
    "mailing_street": "ulica_kor",
    "mailing_city": "miejscowosc_kor",
    "mailing_postal_code": "kod_pocztowy_kor",
}
ROW_OF_V3 = {"id": "service_id", "name": "nazwa", "unit": "jm", "quantity": "ilosc"}
COUNTRIES = {
    "Polska": "PL",
    "Niemcy": "DE",
    "Francja": "FR",
    "Szwecja": "SE",
    "Włochy": "IT",
    "Hiszpania": "ES",
    "USA": "US",
    "Czechy": "CZ",
    "Holandia": "NL",
}


def grosze(amount: Decimal | None) -> int | None:
    """Whole grosze, rounded half up."""
    if amount is None:
        return None
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def joined(tree: Record, prefix: str = "") -> str:
    """Join the address of a v3 document: street, number, and after a slash the flat."""
    parts = [tree.get(f"{prefix}{name}") or "" for name in ("street", "street_number")]
    flat = tree.get(f"{prefix}flat_number")
    return " ".join(part for part in parts if part) + (f"/{flat}" if flat else "")


def expected_row(line: Record, kind: str) -> Record:
    """Give the row of v3 for a line; where the unit price is finer than a grosz, the net value."""
    row = {name: line[field] for name, field in ROW_OF_V3.items()}
    if kind == "Faktura Marża":
        row["gross_with_margin_amount_price"] = grosze(line["wartosc_brutto"])
        row["margin_amount_price"] = grosze(line["marza"])
        return row
    price, net, quantity = line["cena_netto"], line["wartosc_netto"], line["ilosc"]
    row["unit_net_price"] = grosze(price)
    if price is not None and price * 100 != row["unit_net_price"]:
        row["unit_net_price"] = None
        if net is None and quantity is not None:
            net = price * quantity
    row["net_price"] = grosze(net)
    row["tax_price"] = grosze(line["vat"])
    row["gross_price"] = grosze(line["wartosc_brutto"])
    row["symbol"] = line["symbol"]
    row["tax_symbol"] = line["stawka_vat"]
    return row


def expected_invoice(record: Record) -> Record:
    """Give the v3 record of an invoice, without the buyer's street and country."""
    kind = record["rodzaj_faktury"]
    expected = {name: record[field] for name, field in TEXT_OF_V3.items()}
    expected |= {name: grosze(record[field]) for name, field in AMOUNTS_OF_V3.items()}
    expected["kind"] = KINDS.get(kind)
    expected["payment_method"] = PAYMENTS.get(record["sposob_platnosci"])
    statuses = {**STATUSES, "niezapłacona": "printed"}
    expected["status"] = statuses.get(record["status"])
    if kind == "Faktura korygująca":
        expected |= {name: record[field] for name, field in CORRECTION_OF_V3.items()}
    if kind == "Faktura Marża":
        del expected["net_price"], expected["tax_price"]
    if kind == "Faktura Zaliczkowa":
        del expected["paid_price"], expected["sale_date"]
    return expected


def given_only(tree: Record) -> Record:
    """Leave out the keys of what is absent, as a v3 record does."""
    return {name: value for name, value in tree.items() if value is not None and value != ""}


@given(v2_invoices())
def test_v3_says_of_an_invoice_what_v2_said(record: Record) -> None:
    """The v3 record has every value of v2 in the field that means it, and nothing else."""
    from infakt_compat import to_v3

    got = dict(to_v3(record).record)
    rows = got.pop("services", [])
    assert joined(got, "client_") == record["client_ulica"]
    for name in ("street", "street_number", "flat_number"):
        got.pop(f"client_{name}", None)
    code = got.pop("client_country", None)
    if record["client_panstwo"] in COUNTRIES:
        assert code == COUNTRIES[record["client_panstwo"]]
    # asks for v3's own check, and says nothing of the invoice
    got.pop("check_duplicate_number", None)
    if "data_oplacenia" in record:
        assert got.pop("paid_date", None) in (None, record["data_oplacenia"])
    assert_same(got, given_only(expected_invoice(record)))
    lines = record["services"]
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        expected = given_only(expected_row(line, record["rodzaj_faktury"]))
        if not line["stawka_vat"]:
            expected |= {name: row[name] for name in ("tax_symbol",) if name in row}
        assert row.keys() == expected.keys()
        assert all(row[name] == value for name, value in expected.items()), (row, expected)


@given(v2_clients())
def test_v3_says_of_a_client_what_v2_said(record: Record) -> None:
    """The v3 record of a client has every value of v2 in the field that means it, and no other."""
    from infakt_compat import to_v3

    got = dict(to_v3(record).record)
    assert joined(got) == record["ulica"]
    for name in ("street", "street_number", "flat_number"):
        got.pop(name, None)
    code = got.pop("country", None)
    if record["panstwo"] in COUNTRIES:
        assert code == COUNTRIES[record["panstwo"]]
    expected = {name: record[field] for name, field in CLIENT_OF_V3.items()}
    if record["adres_kor"] is not None:
        # a separate postal address is one that is not the same
        expected["same_forward_address"] = not record["adres_kor"]
    assert_same(got, given_only(expected))


# -------------------- files, and repetition


def as_json(tree: Any) -> bytes:
    """JSON of a tree; a Decimal is written as a number, by its own text."""
    return orjson.dumps(tree, default=lambda value: orjson.Fragment(format(value, "f")))


@given(DOCUMENTS)
def test_record_and_residue_survive_json(pair: Pair) -> None:
    """Record and residue, written as JSON and read again, give the same v2 document."""
    from infakt_compat import to_v2, to_v3

    document, expected = pair
    conversion = to_v3(document)
    record = json.loads(as_json(conversion.record), parse_float=Decimal)
    residue = json.loads(as_json(conversion.residue), parse_float=Decimal)
    assert_same(to_v2(record, residue).record, expected)
    envelope = {conversion.resource: record}
    assert_same(to_v2(envelope, residue).record, expected)


@given(DOCUMENTS)
def test_input_is_never_changed(pair: Pair) -> None:
    """Neither direction writes into what it was given."""
    from infakt_compat import to_v2, to_v3

    document, _ = pair
    before = copy.deepcopy(document)
    conversion = to_v3(document)
    assert document == before
    assert as_text(document) == as_text(before)
    record, residue = copy.deepcopy(conversion.record), copy.deepcopy(conversion.residue)
    to_v2(conversion.record, conversion.residue)
    assert as_text([conversion.record, conversion.residue]) == as_text([record, residue])


def as_text(tree: Any) -> str:
    """Give the same text for the same tree, order of keys included."""
    return json.dumps(tree, default=str, ensure_ascii=False)


@given(DOCUMENTS)
def test_the_same_bytes_twice(pair: Pair) -> None:
    """Translating twice gives the same bytes, whatever became of the first result."""
    from infakt_compat import to_v2, to_v3

    document, _ = pair
    first = to_v3(document)
    text = as_text([first.record, first.residue, [str(notice) for notice in first.notices]])
    back = to_v2(first.record, first.residue).record
    back_text = as_text(back)
    spoil(back)
    spoil(first.record)
    spoil(first.residue)
    second = to_v3(document)
    assert text == as_text([second.record, second.residue, [str(each) for each in second.notices]])
    assert back_text == as_text(to_v2(second.record, second.residue).record)


def in_any_order(tree: Any) -> str:
    """Give the same text for the same tree, whatever the order of its keys."""
    return json.dumps(tree, default=str, ensure_ascii=False, sort_keys=True)


def spoil(tree: Any) -> None:
    """Empty every dict and list in a tree."""
    if isinstance(tree, dict):
        for value in tree.values():
            spoil(value)
        tree.clear()
    elif isinstance(tree, list):
        for value in tree:
            spoil(value)
        tree.clear()


def leaves(tree: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every scalar of a tree with its path."""
    if type(tree) is dict:
        return [leaf for name, value in tree.items() for leaf in leaves(value, f"{path}.{name}")]
    if type(tree) is list:
        return [leaf for at, value in enumerate(tree) for leaf in leaves(value, f"{path}[{at}]")]
    return [(path, tree)]


AMOUNTS = (
    "paid_price",
    "net_price",
    "tax_price",
    "gross_price",
    "left_to_pay",
    "unit_net_price",
    "gross_with_margin_amount_price",
    "margin_amount_price",
)


@given(DOCUMENTS)
def test_plain_types(pair: Pair) -> None:
    """Results hold plain values only; v3 amounts are int; absent keys are left out."""
    from infakt_compat import to_v2, to_v3

    document, _ = pair
    conversion = to_v3(document)
    for path, value in leaves(conversion.record):
        assert type(value) in (str, int, Decimal, bool), (path, value)
        name = path.rpartition(".")[2]
        if name in AMOUNTS or name == "id" or name.endswith("_id"):
            assert type(value) is int, (path, value)
        if name == "quantity":
            assert type(value) in (int, Decimal), (path, value)
            assert type(value) is int or value != value.to_integral_value(), (path, value)
    for path, value in leaves(conversion.residue):
        assert value is None or isinstance(value, (str, int, Decimal)), (path, value)
        assert not isinstance(value, float), (path, value)
    for path, value in leaves(to_v2(conversion.record, conversion.residue).record):
        assert value is None or isinstance(value, (str, int, Decimal)), (path, value)
        assert not isinstance(value, float), (path, value)


# What a v3 user changes after the conversion: v2 field, v3 key, the new v3 value, and what v2 then
# shows.
HEADER_CHANGES: tuple[tuple[str, str, Any, Any], ...] = (
    ("zaplacono", "paid_price", 1234567, Decimal("12345.67")),
    ("razem_brutto", "gross_price", 7654321, Decimal("76543.21")),
    ("razem_netto", "net_price", 7654321, Decimal("76543.21")),
    ("status", "status", "paid", "zapłacona"),
    ("client_panstwo", "client_country", "SE", "Szwecja"),
)
LINE_CHANGES: tuple[tuple[str, str, Any, Any], ...] = (
    ("wartosc_netto", "net_price", 1234567, Decimal("12345.67")),
    ("wartosc_brutto", "gross_price", 1234567, Decimal("12345.67")),
    ("vat", "tax_price", 1234567, Decimal("12345.67")),
    ("stawka_vat", "tax_symbol", "3", "3"),
)


@given(
    v2_invoices(kinds=(*V2_KINDS[:2], V2_KINDS[4])),
    st.sampled_from(HEADER_CHANGES),
)
def test_stale_residue_of_the_invoice(record: Record, change: tuple[str, str, Any, Any]) -> None:
    """A value that v3 changed since is shown as v3 has it; all others come from the residue."""
    from infakt_compat import to_v2, to_v3

    name, key, new, shown = change
    conversion = to_v3(record)
    if conversion.record.get(key) == new:
        return
    back = to_v2({**conversion.record, key: new}, conversion.residue)
    assert_same(back.record, {**record, name: shown})
    stale = {notice.path for notice in back.notices if notice.code == "residue.stale"}
    assert stale == {name} & conversion.residue.get("fields", {}).keys()


@given(
    v2_invoices(kinds=(*V2_KINDS[:2], V2_KINDS[4])).filter(lambda record: record["services"]),
    st.sampled_from(LINE_CHANGES),
    st.integers(0, 4),
)
def test_stale_residue_of_a_line(
    record: Record, change: tuple[str, str, Any, Any], at: int
) -> None:
    """The same for a value of a line.

    The unit price that v3 could not hold belongs to the net value, and the rate that was told from
    the VAT may go with either: they may go stale as well.
    """
    from infakt_compat import to_v2, to_v3

    name, key, new, shown = change
    at %= len(record["services"])
    conversion = to_v3(record)
    rows = [dict(row) for row in conversion.record["services"]]
    if rows[at].get(key) == new:
        return
    rows[at][key] = new
    back = to_v2({**conversion.record, "services": rows}, conversion.residue)
    stale = {notice.path for notice in back.notices if notice.code == "residue.stale"}
    got, expected = back.record, copy.deepcopy(record)
    expected["services"][at][name] = shown
    if f"services[{at}].cena_netto" in stale:
        expected["services"][at]["cena_netto"] = got["services"][at]["cena_netto"]
    assert_same(got, expected)
    kept: Record = next(
        (
            entry["fields"]
            for entry in conversion.residue.get("services", ())
            if entry["position"] == at
        ),
        {},
    )
    assert stale - {f"services[{at}].cena_netto"} == {f"services[{at}].{name}"} & {
        f"services[{at}].{field}" for field in kept
    }


@given(v2_invoices(max_lines=3).filter(lambda record: record["services"]), st.integers(0, 4))
def test_residue_of_another_line(record: Record, at: int) -> None:
    """A line of another name is another line: nothing kept is shown for it, and that is said."""
    from infakt_compat import to_v2, to_v3

    at %= len(record["services"])
    conversion = to_v3(record)
    rows = [dict(row) for row in conversion.record["services"]]
    rows[at]["name"] = "coś zupełnie innego"
    changed = {**conversion.record, "services": rows}
    back = to_v2(changed, conversion.residue)
    alone = to_v2(changed).record
    expected = {**record, "services": list(record["services"])}
    expected["services"][at] = alone["services"][at]
    assert_same(back.record, expected)
    held = any(entry["position"] == at for entry in conversion.residue.get("services", ()))
    stale = [notice.path for notice in back.notices if notice.code == "residue.stale"]
    assert bool(stale) == held
    assert all(path.startswith(f"services[{at}]") for path in stale)


@given(v2_invoices(max_lines=3))
def test_residue_of_a_line_that_is_gone(record: Record) -> None:
    """Where v3 has fewer lines now, what was kept of the others is not shown."""
    from infakt_compat import to_v2, to_v3

    conversion = to_v3(record)
    changed = {**conversion.record, "services": conversion.record.get("services", [])[:1]}
    back = to_v2(changed, conversion.residue).record
    assert_same(back, {**record, "services": record["services"][:1]})
