"""The view laws: a live v3 document seen and changed through v2's names.

``get`` shows a v3 document as v2, ``put`` says what to send to v3 for a changed v2 record, and
``v3_put.apply`` does to a document what v3 would do. Row ids, and what v3 computes itself from a
changed line, are excepted.
"""

import copy
import json
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from infakt_compat.testing import V2_KINDS, Record, v2_changes, v3_clients, v3_invoices
from tests.property.v3_put import Tree, apply, apply_client, priced

# Kinds that v2 could update. An internal one is seen as a VAT invoice.
UPDATED = ("vat", "proforma", "internal")
# What v3 computes: never sent, or sent as one price of three.
COMPUTED = ("razem_netto", "razem_vat", "razem_brutto")
PRICES = ("cena_netto", "wartosc_netto", "wartosc_brutto", "vat")
CHOSEN = ("nazwa", "stawka_vat", "jm", "ilosc", "symbol", "product_id", "marza")


def view_of(v3: Tree, residue: Any = None) -> Record:
    """Show a live document as v2."""
    from infakt_compat.translate import get

    record: Record = get(v3, residue).record
    return record


def changed(invoice: Tree, *, lines: bool = True) -> st.SearchStrategy[tuple[Tree, Record]]:
    """Pair a live document with what a caller made of its view."""
    return v2_changes(view_of(invoice), lines=lines).map(lambda record: (invoice, record))


CHANGED = v3_invoices(UPDATED).flatmap(changed)
CHANGED_HEADERS = v3_invoices(UPDATED).flatmap(lambda invoice: changed(invoice, lines=False))
CHANGED_CLIENTS = v3_clients().flatmap(changed)


@given(st.one_of(v3_invoices(), v3_invoices(), v3_clients()))
def test_what_is_unchanged_sends_nothing(v3: Tree) -> None:
    """A put of the view itself changes nothing, for every kind, not even what v2 cannot express."""
    from infakt_compat.translate import put

    assert put(v3, view_of(v3)).patch == {}
    assert put(v3, {}).patch == {}


@given(CHANGED_HEADERS)
def test_changed_headers_are_seen(pair: tuple[Tree, Record]) -> None:
    """What v changed of the invoice is seen then, and the lines are left alone."""
    from infakt_compat.translate import put

    invoice, wanted = pair
    result = put(invoice, wanted)
    assert "services" not in result.patch, "rows would get new ids for nothing"
    assert result.patch.keys().isdisjoint(("net_price", "tax_price", "gross_price", "left_to_pay"))
    after = apply(invoice, result.patch)
    assert_header(view_of(after, result.residue), wanted)
    assert view_of(after, result.residue)["services"] == wanted["services"]


@given(CHANGED)
def test_changed_invoices_are_seen(pair: tuple[Tree, Record]) -> None:
    """What v changed of the invoice and its lines is seen then."""
    from infakt_compat.translate import put

    invoice, wanted = pair
    result = put(invoice, wanted)
    after = apply(invoice, result.patch)
    got = view_of(after, result.residue)
    before = view_of(invoice)
    lines_changed = wanted["services"] != before["services"]
    assert ("services" in result.patch) == lines_changed
    assert_header(got, wanted, COMPUTED if lines_changed else ())
    if lines_changed:
        assert_lines(got["services"], wanted["services"], before["services"], invoice["services"])
        assert got["razem_brutto"] == sum(
            (line["wartosc_brutto"] for line in got["services"]), Decimal(0)
        )
    else:
        assert got["services"] == wanted["services"]


@given(CHANGED)
def test_what_v2_does_not_touch_stays(pair: tuple[Tree, Record]) -> None:
    """What v does not touch keeps its v3 value, also what v2 cannot express."""
    from infakt_compat.translate import put

    invoice, wanted = pair
    before = view_of(invoice)
    patch = put(invoice, wanted).patch
    after = apply(invoice, patch)
    for name, (seen, may_move) in SEEN_AS.items():
        if wanted[seen] == before[seen]:
            assert may_move(patch) or after.get(name) == invoice.get(name), (name, seen)
    assert set(patch) <= {*SEEN_AS, "services", "check_duplicate_number", "paid_date"}, patch
    if "services" not in patch:
        return
    present = {
        row["id"]: (row, line)
        for row, line in zip(invoice["services"], before["services"], strict=True)
    }
    for row, line in zip(after["services"], wanted["services"], strict=True):
        if line["service_id"] is None:
            continue
        old_row, old_line = present[line["service_id"]]
        for name in ("gtu_id", "discount", "flat_rate_tax_symbol"):
            assert (row.get(name) or "0.0") == (old_row.get(name) or "0.0"), name
        if line["stawka_vat"] == old_line["stawka_vat"]:
            assert row["tax_symbol"] == old_row["tax_symbol"]


def _never(_: Tree) -> bool:
    return False


# v3 field: the v2 field that shows it, and whether v3's may change all the same: a value that was
# only standing in is written out when the field it stood in for changes.
SEEN_AS: dict[str, tuple[str, Any]] = {
    "number": ("numer", _never),
    "currency": ("waluta", _never),
    "paid_price": ("zaplacono", lambda patch: "services" in patch or "status" in patch),
    "notes": ("uwagi", _never),
    "kind": ("rodzaj_faktury", _never),
    "payment_method": ("sposob_platnosci", _never),
    "recipient_signature": ("podpis_odbiorcy", _never),
    "seller_signature": ("podpis_sprzedawcy", _never),
    "invoice_date": ("data_wystawienia", _never),
    "sale_date": ("data_sprzedazy", lambda patch: "invoice_date" in patch),
    "payment_date": ("termin_zaplaty", lambda patch: "invoice_date" in patch),
    "status": ("status", _never),
    "client_id": ("client_id", _never),
    "client_company_name": ("client_nazwa_firmy", _never),
    "client_first_name": ("client_nazwa_firmy", _never),
    "client_last_name": ("client_nazwa_firmy", _never),
    "client_street": ("client_ulica", _never),
    "client_street_number": ("client_ulica", _never),
    "client_flat_number": ("client_ulica", _never),
    "client_city": ("client_miejscowosc", _never),
    "client_post_code": ("client_kod_pocztowy", _never),
    "client_tax_code": ("client_nip", _never),
    "client_country": ("client_panstwo", _never),
    "vat_exemption_reason": ("podstawa_zwolnienia", _never),
}


def assert_header(got: Record, wanted: Record, but: tuple[str, ...] = ()) -> None:
    """Every field but the lines, and those in ``but``, is as wanted."""
    differ = {
        name: (got.get(name, "absent"), wanted.get(name, "absent"))
        for name in {**wanted, **got}
        if name not in (*but, "services") and got.get(name, "absent") != wanted.get(name, "absent")
    }
    assert not differ, f"(got, wanted) by field: {differ!r}"


def assert_lines(
    got: list[Record], wanted: list[Record], before: list[Record], rows: list[Tree]
) -> None:
    """Check that the lines hold what was chosen and the price that was given."""
    assert len(got) == len(wanted)
    shown = {line["service_id"]: (line, row) for line, row in zip(before, rows, strict=True)}
    for line, asked in zip(got, wanted, strict=True):
        for name in CHOSEN:
            assert line[name] == asked[name], (name, line, asked)
        if asked["service_id"] is None:
            given = next(name for name in PRICES if asked[name] is not None)
            assert line[given] == asked[given], (given, line, asked)
            continue
        old, row = shown[asked["service_id"]]
        moved = [name for name in (*PRICES, "ilosc", "stawka_vat") if asked[name] != old[name]]
        prices = [name for name in PRICES if name in moved]
        if prices:
            assert line[prices[0]] == asked[prices[0]], (prices, line, asked)
        elif moved:
            assert line["cena_netto"] == asked["cena_netto"], (line, asked)
        elif row["tax_symbol"] in KNOWN_RATES and is_computed(row):
            # the line is as v3 itself computed it: it must not move by a grosz
            for name in PRICES:
                assert line[name] == asked[name], (name, line, asked)


# The percentage of any other is v3's secret.
KNOWN_RATES = ("23", "22", "8", "7", "5", "3", "0", "zw", "np", "oo")


def is_computed(row: Tree) -> bool:
    """Whether v3 computes the very values of a row from one of its prices."""
    values = tuple(
        row[name] for name in ("unit_net_price", "net_price", "tax_price", "gross_price")
    )
    return any(
        priced(row, mode) == values for mode in ("unit_net_price", "net_price", "gross_price")
    )


@given(CHANGED)
def test_a_partial_record_changes_only_what_it_names(pair: tuple[Tree, Record]) -> None:
    """A record of a few fields changes these, and all others are seen as before.

    Dates that were only standing in are so, too. But who marks an invoice as paid, and does not
    say how much, means all of it: then, as with changed lines, zaplacono goes with the total.
    """
    from infakt_compat.translate import put

    invoice, wanted = pair
    before = view_of(invoice)
    partial = {name: value for name, value in wanted.items() if value != before[name]}
    for name, value in partial.items():
        if name == "services":
            continue
        result = put(invoice, {name: value})
        after = apply(invoice, result.patch)
        goes_along: tuple[str, ...] = ("zaplacono",) if name == "status" else ()
        if name == "data_wystawienia" and before[name] is None:
            # there was nothing that could stand in, now there is
            goes_along = ("data_sprzedazy", "termin_zaplaty")
        assert_header(view_of(after, result.residue), {**before, name: value}, goes_along)
        assert after["services"] == invoice["services"]
    whole = put(invoice, wanted)
    few = put(invoice, partial)
    if not partial.keys() & {"status", "services"}:
        assert few.patch == whole.patch
        assert few.residue == whole.residue
    assert {**few.patch, "paid_price": 0} == {**whole.patch, "paid_price": 0}


@given(CHANGED_CLIENTS)
def test_changed_clients_are_seen(pair: tuple[Tree, Record]) -> None:
    """What v changed of a client is seen then."""
    from infakt_compat.translate import put

    client, wanted = pair
    result = put(client, wanted)
    after = apply_client(client, result.patch)
    assert_header(view_of(after, result.residue), wanted)
    before = view_of(client)
    untouched = {"days_to_payment", "payment_method", "invoice_note"}
    if wanted["nazwa_firmy"] == before["nazwa_firmy"]:
        untouched |= {"company_name", "first_name", "last_name"}
    if wanted["ulica"] == before["ulica"]:
        untouched |= {"street", "street_number", "flat_number"}
    if wanted["panstwo"] == before["panstwo"]:
        untouched |= {"country"}
    if wanted["adres_kor"] == before["adres_kor"]:
        untouched |= {"same_forward_address"}
    assert untouched.isdisjoint(result.patch)


@given(CHANGED)
def test_a_second_put_sends_nothing(pair: tuple[Tree, Record]) -> None:
    """Once v3 has taken a change, what is seen then is unchanged: put says so, residue included."""
    from infakt_compat.translate import put

    invoice, wanted = pair
    result = put(invoice, wanted)
    after = apply(invoice, result.patch)
    again = put(after, view_of(after, result.residue), result.residue)
    assert again.patch == {}
    assert view_of(after, again.residue) == view_of(after, result.residue)


@given(CHANGED)
def test_neither_get_nor_put_writes_into_its_input(pair: tuple[Tree, Record]) -> None:
    """Neither get nor put changes what it was given, and twice is the same."""
    from infakt_compat.translate import get, put

    invoice, wanted = pair
    before = copy.deepcopy((invoice, wanted))
    first = put(invoice, wanted)
    assert (invoice, wanted) == before
    text = as_text([first.patch, first.residue])
    get(invoice, first.residue)
    assert text == as_text([first.patch, first.residue])
    second = put(invoice, wanted)
    assert text == as_text([second.patch, second.residue])


def as_text(tree: Any) -> str:
    """Give the same text for the same tree, order of keys included."""
    return json.dumps(tree, default=str, ensure_ascii=False)


@given(CHANGED)
def test_a_patch_is_what_v3_takes(pair: tuple[Tree, Record]) -> None:
    """A PUT holds plain values, amounts in whole grosze, and one price a row."""
    from infakt_compat.translate import put

    invoice, wanted = pair
    patch = put(invoice, wanted).patch
    for name, value in patch.items():
        assert name == "services" or type(value) in (str, int, bool, type(None)), (name, value)
    if "paid_price" in patch:
        assert type(patch["paid_price"]) is int
    for row in patch.get("services", ()):
        prices = [name for name in ("unit_net_price", "net_price", "gross_price") if name in row]
        assert len(prices) == 1, row
        assert type(row[prices[0]]) is int
        assert "tax_price" not in row
        # text is what v3 itself said of a row that stays as it is
        assert type(row.get("quantity", 1)) in (int, Decimal, str), row


@given(v3_invoices())
def test_dates_of_a_live_view_are_never_null(invoice: Tree) -> None:
    """data_sprzedazy and termin_zaplaty have a date whenever the invoice has one."""
    assume(invoice["invoice_date"])
    view = view_of(invoice)
    assert view["data_wystawienia"] == invoice["invoice_date"]
    assert view["data_sprzedazy"] == (invoice.get("sale_date") or invoice["invoice_date"])
    assert view["termin_zaplaty"] == (invoice["payment_date"] or invoice["invoice_date"])


# -------------------- what v2 must show, by hand from the wire documents

KINDS = {
    "vat": "Faktura VAT",
    "proforma": "Faktura proforma",
    "internal": "Faktura VAT",
    "correction": "Faktura korygująca",
    "margin": "Faktura Marża",
    "advance": "Faktura Zaliczkowa",
    "final": "Faktura Końcowa",
}
# all others are seen as Inny
PAYMENTS = {
    "transfer": "Przelew",
    "cash": "Gotówka",
    "card": "Karta płatnicza",
    "barter": "Barter",
    "check": "Czek",
    "bill_of_sale": "Weksel",
    "delivery": "Za pobraniem",
    "compensation": "Kompensata",
    "accredited": "Akredytywa",
    "blik": "blik",
}
STATUSES = {
    "draft": "szkic",
    "sent": "wysłana",
    "printed": "wydrukowana",
    "paid": "zapłacona",
    "archived": "archived",
}
COUNTRIES: dict[str | None, str] = {
    "PL": "Polska",
    "DE": "Niemcy",
    "FR": "Francja",
    "SE": "Szwecja",
}
COUNTRIES |= {"XX": "XX", None: "", "": ""}
TEXT = {
    "numer": "number",
    "waluta": "currency",
    "uwagi": "notes",
    "podpis_odbiorcy": "recipient_signature",
    "podpis_sprzedawcy": "seller_signature",
    "client_miejscowosc": "client_city",
    "client_kod_pocztowy": "client_post_code",
    "client_nip": "client_tax_code",
}


def zloty(amount: int) -> Decimal:
    """Give an amount of v3 in units of the currency."""
    return Decimal(amount) / 100


def words(tree: Tree, *names: str) -> str:
    """Join the texts that v3 has under some names."""
    return " ".join(str(tree[name]) for name in names if tree.get(name))


def address(tree: Tree, prefix: str = "") -> str:
    """Street and number, and after a slash the flat."""
    flat = tree[f"{prefix}flat_number"]
    house = words(tree, f"{prefix}street", f"{prefix}street_number")
    return house + (f"/{flat}" if flat else "")


@given(v3_invoices())
def test_what_a_live_view_shows(invoice: Tree) -> None:
    """Every value of v3 is shown under the v2 name that means it."""
    view = view_of(invoice)
    expected: Record = {name: invoice[field] or "" for name, field in TEXT.items()}
    expected["invoice_id"] = invoice["id"]
    expected["client_id"] = invoice["client_id"]
    expected["rodzaj_faktury"] = KINDS[invoice["kind"]]
    expected["sposob_platnosci"] = PAYMENTS.get(invoice["payment_method"], "Inny")
    expected["status"] = STATUSES[invoice["status"]]
    expected["razem_brutto"] = zloty(invoice["gross_price"])
    expected["razem_netto"] = zloty(invoice.get("net_price", 0))
    expected["razem_vat"] = zloty(invoice.get("tax_price", 0))
    paid = invoice.get("paid_price", 0)
    if invoice["kind"] != "advance":
        if not paid and invoice["status"] == "paid":
            paid = invoice["gross_price"]
        expected["zaplacono"] = zloty(paid)
    company = invoice["client_company_name"]
    person = words(invoice, "client_first_name", "client_last_name")
    expected["client_nazwa_firmy"] = company or person
    if invoice["client_street_number"] or not invoice["client_flat_number"]:
        expected["client_ulica"] = address(invoice, "client_")
    if invoice["client_country"] in COUNTRIES:
        expected["client_panstwo"] = COUNTRIES[invoice["client_country"]]
    if invoice["kind"] == "correction":
        expected["numer_faktury_korygowanej"] = invoice["corrected_invoice_number"]
        expected["data_faktury_korygowanej"] = invoice["corrected_invoice_date"] or None
    assert_header({name: view[name] for name in expected}, expected)
    assert len(view["services"]) == len(invoice["services"])
    for line, row in zip(view["services"], invoice["services"], strict=True):
        assert_shown(line, row, invoice["kind"])


def assert_shown(line: Record, row: Tree, kind: str) -> None:
    """Check that a line shows what its row says."""
    assert line["service_id"] == row["id"]
    assert line["product_id"] is None
    assert line["nazwa"] == row["name"]
    assert line["jm"] == (row["unit"] or "")
    assert line["ilosc"] == Decimal(row["quantity"])
    if kind == "margin":
        assert line["wartosc_brutto"] == zloty(row["gross_with_margin_amount_price"])
        assert line["marza"] == zloty(row["margin_amount_price"])
        return
    assert line["stawka_vat"] == {"oo": "np"}.get(row["tax_symbol"], row["tax_symbol"])
    assert line["cena_netto"] == zloty(row["unit_net_price"])
    assert line["wartosc_netto"] == zloty(row["net_price"])
    assert line["vat"] == zloty(row["tax_price"])
    assert line["wartosc_brutto"] == zloty(row["gross_price"])
    # of v3's PKWiU / CN / PKOB the first
    assert line["symbol"] == (row["symbol"] or "").partition(" / ")[0]
    assert line["marza"] is None


CLIENT_TEXT = {
    "miejscowosc": "city",
    "kod_pocztowy": "postal_code",
    "nip": "nip",
    "email": "email",
    "numer_telefonu": "phone_number",
    "adres_www": "web_site",
    "info": "note",
    "odbiorca": "receiver",
    "nazwa_firmy_kor": "mailing_company_name",
    "ulica_kor": "mailing_street",
    "miejscowosc_kor": "mailing_city",
    "kod_pocztowy_kor": "mailing_postal_code",
}


@given(v3_clients())
def test_what_a_live_view_shows_of_a_client(client: Tree) -> None:
    """Every value of v3 is shown under the v2 name that means it."""
    view = view_of(client)
    expected: Record = {name: client[field] or "" for name, field in CLIENT_TEXT.items()}
    expected["client_id"] = client["id"]
    person = words(client, "first_name", "last_name")
    expected["nazwa_firmy"] = client["company_name"] or person
    if client["street_number"] or not client["flat_number"]:
        expected["ulica"] = address(client)
    expected["adres_kor"] = not client["same_forward_address"]
    if client["country"] in COUNTRIES:
        expected["panstwo"] = COUNTRIES[client["country"]]
    assert_header({name: view[name] for name in expected}, expected)
    assert len(view) == 17


@given(v3_invoices())
def test_a_live_view_is_a_canonical_record(invoice: Tree) -> None:
    """What v2 shows of a live document is in canonical form, but for values that v2 never had."""
    from infakt_compat.translate import canonical

    view = view_of(invoice)
    assert view == view_of({"invoice": invoice})
    known = (
        invoice["status"] != "archived"
        and invoice["payment_method"] != "blik"
        and all(row.get("tax_symbol") not in ("19", "np_ue") for row in invoice["services"])
    )
    if known:
        assert canonical({"invoice": view}) == view
    assert view["rodzaj_faktury"] in V2_KINDS
    assert view["zaplacono"] is not None
