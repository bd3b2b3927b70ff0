"""The view laws through the whole facade: HTTP both ways, a store, a v3 that checks and computes.

A caller is shown a document, changes one field, and sends the whole record back; then every field
of v3 is as it was, but for that one and what v3 computes of it itself (decisions.md 1). Which that
is stands here by hand, from v3's documents.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from infakt_compat.facade import V2Error
from infakt_compat.testing import (
    V2_KINDS,
    V2_PAYMENT_METHODS,
    V2_RATES,
    V2_STATUSES,
    v3_clients,
    v3_invoices,
)
from infakt_compat.translate.compile import plans
from tests.property.facade_stage import (
    FAMILY,
    Stage,
    Tree,
    client_of_v3,
    invoice_of_v3,
    stage,
    with_rows,
)

#: Each field of each dialect takes so many examples; all of them are about as many as a law takes.
A_FIELD = settings(max_examples=max(settings().max_examples // 100, 1))
A_LAW = settings(max_examples=max(settings().max_examples // 20, 1))

UPDATED = ("vat", "proforma")
OTHERS = ("internal", "correction", "margin", "advance", "final")
Values = SearchStrategy[Any]

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=24)
TEXT = ANY_TEXT.filter(str.strip)
DAY = st.dates().map(str)
PRICE = st.decimals(0, 100_000, places=2)
COUNTRY = st.sampled_from(["Polska", "Niemcy", "Francja", "Włochy", "Stany Zjednoczone"])
NIP = st.sampled_from(["9452121681", "526-025-02-74", "PL9452121681", ""])

BUYER = {
    "client_uuid", "client_company_name", "client_first_name", "client_last_name",
    "client_business_activity_kind", "client_street", "client_street_number",
    "client_flat_number", "client_city", "client_post_code", "client_tax_code", "client_country",
}  # fmt: skip
#: A v2 field: the values that a caller may write, the v3 fields that hold it, and those that v3
#: computes of it.
HEADER: dict[str, tuple[Values, set[str], set[str]]] = {
    "numer": (TEXT, {"number"}, set()),
    "waluta": (
        st.sampled_from(["PLN", "EUR", "USD", "CZK"]),
        {"currency"},
        {"amount_in_words", "vat_exchange_date_kind"},
    ),
    "zaplacono": (PRICE, {"paid_price"}, {"left_to_pay"}),
    "uwagi": (ANY_TEXT, {"notes"}, set()),
    "rodzaj_faktury": (st.sampled_from(V2_KINDS[:2]), {"kind"}, set()),
    "sposob_platnosci": (
        st.sampled_from(V2_PAYMENT_METHODS),
        {"payment_method"},
        {"bank_account", "bank_name"},
    ),
    "podpis_odbiorcy": (ANY_TEXT, {"recipient_signature"}, set()),
    "podpis_sprzedawcy": (ANY_TEXT, {"seller_signature"}, set()),
    "data_wystawienia": (DAY, {"invoice_date"}, set()),
    "data_sprzedazy": (DAY, {"sale_date"}, set()),
    "termin_zaplaty": (DAY, {"payment_date"}, set()),
    "status": (st.sampled_from(V2_STATUSES), {"status"}, {"paid_date"}),
    "client_id": (st.none(), {"client_id"}, BUYER),
    "client_nazwa_firmy": (TEXT, {"client_company_name"}, set()),
    "client_ulica": (
        ANY_TEXT,
        {"client_street", "client_street_number", "client_flat_number"},
        set(),
    ),
    "client_miejscowosc": (ANY_TEXT, {"client_city"}, set()),
    "client_kod_pocztowy": (ANY_TEXT, {"client_post_code"}, set()),
    "client_nip": (ANY_TEXT, {"client_tax_code"}, set()),
    "client_panstwo": (COUNTRY, {"client_country"}, set()),
    "podstawa_zwolnienia": (st.sampled_from(["1", "3", "12"]), {"vat_exemption_reason"}, set()),
}
#: What v3 calls the statuses that it takes from a body.
WORDS = {"szkic": "draft", "wysłana": "sent", "wydrukowana": "printed", "niezapłacona": "printed"}
#: What v2 took and never showed.
UNSEEN: dict[str, tuple[Values, set[str]]] = {
    "unikalny_numer": (st.booleans(), set()),
    "data_oplacenia": (DAY, {"paid_date"}),
}
AMOUNTS = {
    "unit_net_price", "net_price", "tax_price", "gross_price", "unit_net_price_before_discount",
}  # fmt: skip
TOTALS = {"net_price", "tax_price", "gross_price", "left_to_pay", "amount_in_words"}
LINE: dict[str, tuple[Values, set[str]]] = {
    "product_id": (st.integers(1, 99), set()),
    "nazwa": (TEXT, {"name"}),
    "stawka_vat": (st.sampled_from(V2_RATES), {"tax_symbol", *AMOUNTS}),
    "jm": (ANY_TEXT, {"unit"}),
    "ilosc": (st.sampled_from([Decimal(3), Decimal("0.25"), Decimal(40)]), {"quantity", *AMOUNTS}),
    "cena_netto": (st.one_of(PRICE, st.decimals(0, 999, places=4)), AMOUNTS),
    "wartosc_netto": (PRICE, AMOUNTS),
    "wartosc_brutto": (PRICE, AMOUNTS),
    "symbol": (st.sampled_from(["62.01.11.0", "PKWiU 72.22", ""]), {"symbol", "pkwiu"}),
}
SUMS = {"razem_netto", "razem_vat", "razem_brutto"}
PRICES = {"cena_netto", "wartosc_netto", "wartosc_brutto", "vat"}
CLIENT: dict[str, tuple[Values, set[str]]] = {
    "nazwa_firmy": (TEXT, {"company_name"}),
    "ulica": (ANY_TEXT, {"street", "street_number", "flat_number"}),
    "miejscowosc": (ANY_TEXT, {"city"}),
    "kod_pocztowy": (ANY_TEXT, {"postal_code"}),
    "panstwo": (COUNTRY, {"country", "country_full_name"}),
    "nip": (NIP, {"nip"}),
    "email": (ANY_TEXT, {"email"}),
    "numer_telefonu": (ANY_TEXT, {"phone_number"}),
    "adres_www": (ANY_TEXT, {"web_site"}),
    "info": (ANY_TEXT, {"note"}),
    "odbiorca": (ANY_TEXT, {"receiver"}),
    "adres_kor": (st.booleans(), {"same_forward_address"}),
    "nazwa_firmy_kor": (ANY_TEXT, {"mailing_company_name"}),
    "ulica_kor": (ANY_TEXT, {"mailing_street"}),
    "miejscowosc_kor": (ANY_TEXT, {"mailing_city"}),
    "kod_pocztowy_kor": (ANY_TEXT, {"mailing_postal_code"}),
}


@pytest.fixture(scope="module", params=["current", "classic"])
def on(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Answer a stage of each dialect."""
    with stage(request.param, tmp_path_factory.mktemp("laws")) as made:
        yield made


def test_every_writable_field_has_its_law() -> None:
    """A field that v2 could write and that is not tried here fails the run."""
    plan, client = plans()["invoice"].of_kind("vat"), plans()["client"].of_kind("")
    assert plan.lines is not None
    for steps, tried in (
        (plan.shown, {*HEADER, *UNSEEN, "services"}),
        (plan.lines.shown, {*LINE}),
        (client.shown, {*CLIENT}),
    ):
        assert {step.v2 for step in steps if step.rule.direction != "read"} == tried


@A_LAW
@given(invoice=v3_invoices(UPDATED))
def test_the_unchanged_whole_is_not_sent(on: Stage, invoice: Tree) -> None:
    """Whatever v3 holds, values that neither v2 nor we ever knew among them."""
    number = on.hold(invoice)
    before = on.held(number)
    record = on.api.invoices.show(number)["invoice"]
    assert sent(on, number, record) == []
    assert on.held(number) == before
    on.drop(number)


@A_LAW
@given(document=v3_invoices(OTHERS))
def test_other_kinds_are_shown_and_left_alone(on: Stage, document: Tree) -> None:
    """v2 could not write them: 409, and nothing was sent."""
    number, family = on.hold(document), FAMILY[document["kind"]]
    before = on.held(number, family)
    record = on.api.invoices.show(number)["invoice"]
    with pytest.raises(V2Error, match="rodzaj_faktury") as error:
        on.api.invoices.update(number, {"invoice": {**record, "uwagi": "inne"}})
    assert error.value.status == 409
    assert on.held(number, family) == before
    on.drop(number, family)


@pytest.mark.parametrize("field", HEADER)
@A_FIELD
@given(invoice=v3_invoices(UPDATED), data=st.data())
def test_one_field_of_an_invoice(on: Stage, field: str, invoice: Tree, data: st.DataObject) -> None:
    """Nothing else moves in v3, and the caller sees what was written."""
    values, holding, computed = HEADER[field]
    number = on.hold(invoice_of_v3(invoice))
    on.settle(number)
    before, record = on.held(number), on.api.invoices.show(number)["invoice"]
    value = on.client if field == "client_id" else data.draw(values)
    methods = sent(on, number, {**record, field: value})
    after, shown = on.held(number), on.api.invoices.show(number)["invoice"]
    if record[field] == value:
        assert methods == []
    assert moved(before, after) <= holding | computed | stand_ins(before, field)
    assert (after["services"], shown["services"]) == (before["services"], record["services"])
    wanted = record if not_taken(on, before, field, value) else {**record, field: value}
    hidden = {name for name in record if name.startswith("client_")} if computed is BUYER else set()
    assert visible(shown, hidden - {field}) == visible(wanted, hidden - {field})
    on.drop(number)


@pytest.mark.parametrize("field", UNSEEN)
@A_FIELD
@given(invoice=v3_invoices(UPDATED), data=st.data())
def test_what_v2_never_showed(on: Stage, field: str, invoice: Tree, data: st.DataObject) -> None:
    """It says something about the call, or about a payment; all that is shown stays."""
    values, holding = UNSEEN[field]
    number = on.hold(invoice_of_v3(invoice))
    on.settle(number)
    before, record = on.held(number), on.api.invoices.show(number)["invoice"]
    sent(on, number, {**record, field: data.draw(values)})
    after = on.held(number)
    assert moved(before, after) <= (holding if before["status"] == "paid" else set())
    assert on.api.invoices.show(number)["invoice"] == record
    on.drop(number)


@pytest.mark.parametrize("field", LINE)
@A_FIELD
@given(invoice=v3_invoices(UPDATED).filter(lambda made: made["services"]), data=st.data())
def test_one_field_of_a_line(on: Stage, field: str, invoice: Tree, data: st.DataObject) -> None:
    """v3 replaces all rows: the others come back as they were, and what v2 cannot express too."""
    values, holding = LINE[field]
    rows = on.computed_rows(invoice["services"])
    number = on.hold(with_rows(invoice_of_v3(invoice), rows))
    on.settle(number)
    before, record = on.held(number), on.api.invoices.show(number)["invoice"]
    lines = [dict(line) for line in record["services"]]
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at][field] = data.draw(values)
    sent(on, number, {**record, "services": lines})
    after = on.held(number)
    assert moved(before, after) <= (totals(before) if holding & AMOUNTS else set())
    for index, (old, new) in enumerate(zip(before["services"], after["services"], strict=True)):
        assert moved_row(old, new) <= (holding if index == at else set())
    shown = on.api.invoices.show(number)["invoice"]
    computed = SUMS if holding & AMOUNTS else set()
    assert visible(shown, computed) == visible(record, computed)
    computed = PRICES - {field} if holding & AMOUNTS else set()
    for index, (got, asked) in enumerate(zip(shown["services"], lines, strict=True)):
        but = {"service_id"} | (computed if index == at else set())
        assert visible(got, but) == visible(asked, but)
    on.drop(number)


@pytest.mark.parametrize("field", CLIENT)
@A_FIELD
@given(client=v3_clients().map(client_of_v3), data=st.data())
def test_one_field_of_a_client(on: Stage, field: str, client: Tree, data: st.DataObject) -> None:
    """Nothing else moves in v3, and the caller sees what was written."""
    values, holding = CLIENT[field]
    number = on.hold_client(client)
    before, record = on.held(number, "clients"), on.api.clients.show(number)["client"]
    on.standin.world.log.clear()
    on.api.clients.update(number, {"client": record})
    assert writes(on) == []
    value = data.draw(values)
    on.api.clients.update(number, {"client": {**record, field: value}})
    assert moved(before, on.held(number, "clients")) <= holding
    assert on.api.clients.show(number)["client"] == {**record, field: value}
    on.drop(number, "clients")


def sent(on: Stage, number: int, record: Tree) -> list[str]:
    """Update an invoice with a record; gives the methods of the calls that were not reads."""
    on.standin.world.log.clear()
    on.api.invoices.update(number, {"invoice": record})
    return writes(on)


def writes(on: Stage) -> list[str]:
    """Give the methods of the calls that were not reads."""
    return [call["method"] for call in on.standin.requests() if call["method"] != "GET"]


def moved(before: Tree, after: Tree) -> set[str]:
    """Name the fields that are not as they were, the rows aside."""
    assert before.keys() == after.keys()
    return {name for name in before if name != "services" and before[name] != after[name]}


def moved_row(before: Tree, after: Tree) -> set[str]:
    """Name the fields of a row that are not as they were; it has a new id."""
    same = {"quantity"} if Decimal(str(before["quantity"])) == after["quantity"] else set()
    return {name for name in before if before[name] != after[name]} - {"id"} - same


def totals(before: Tree) -> set[str]:
    """Name what v3 computes of changed rows; what stood in for nothing paid is written out."""
    inferred = before["status"] == "paid" and before["paid_price"] == 0
    return TOTALS | ({"paid_price"} if inferred else set())


def stand_ins(before: Tree, field: str) -> set[str]:
    """Name what v2 was shown something else for, and what is written out once that would change."""
    if field == "data_wystawienia":
        return {name for name in ("sale_date", "payment_date") if not before[name]}
    if field == "status" and before["status"] == "paid" and before["paid_price"] == 0:
        return {"paid_price", "left_to_pay"}
    return set()


def not_taken(on: Stage, before: Tree, field: str, value: Any) -> bool:
    """Say whether it is a status that the classic v3 does not take from a body (seed 004)."""
    if field != "status" or on.dialect != "classic" or value == "zapłacona":
        return False
    return bool(before["status"] != WORDS[value])


def visible(record: Tree, but: set[str]) -> Tree:
    """Give what a caller sees, the lines and some fields aside."""
    return {name: value for name, value in record.items() if name not in {*but, "services"}}
