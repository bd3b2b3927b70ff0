"""Clients, products, bank accounts and reference data (v3-wire 7, 8)."""

from __future__ import annotations

from typing import Any

import pytest

from infakt_compat.standin.countries import POLISH_NAME
from infakt_compat.standin.registers import nip_is_valid
from infakt_compat.tables.load import tables

from .conftest import CLIENT, Api

CLIENT_KEYS = (
    "id uuid company_name street street_number flat_number city country country_full_name"
    " postal_code nip phone_number web_site email note receiver mailing_company_name"
    " mailing_street mailing_city mailing_postal_code days_to_payment payment_method invoice_note"
    " same_forward_address first_name last_name business_activity_kind is_vindicable"
    " vindicable_invoices_count"
)


def test_client_keys_and_empties(api: Api) -> None:
    """Order, nulls and empty texts as captured (v3-wire 7)."""
    made = api.client()
    assert list(made) == CLIENT_KEYS.split()
    nulls = "street_number flat_number phone_number email first_name last_name"
    assert all(made[name] is None for name in (*nulls.split(), "business_activity_kind"))
    texts = "web_site note receiver mailing_city days_to_payment payment_method invoice_note"
    assert all(made[name] == "" for name in texts.split())
    assert made["same_forward_address"] is True
    assert (made["is_vindicable"], made["vindicable_invoices_count"]) == (False, 0)
    assert made["country_full_name"] == "Polska"


def test_client_life(api: Api) -> None:
    """201, 200, 200 and 204 (v3-wire 7)."""
    made = api.client(days_to_payment="14", same_forward_address=False)
    assert made["days_to_payment"] == 14
    assert made["same_forward_address"] is False
    path = f"/clients/{made['id']}.json"
    assert api.get(path).json() == made
    assert list(api.get(path, fields="nip").json()) == ["nip", "id"]
    changed = api.put(path, {"client": {"city": "Sopot", "days_to_payment": None}})
    assert changed.json() == {**made, "city": "Sopot", "days_to_payment": ""}
    assert api.put(path, {"city": "Hel"}).status_code == 400
    assert api.put(path, {"client": {"country": "Polska"}}).status_code == 422
    assert api.get(path).json()["country"] == "PL"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert api.get(f"/clients/{made['uuid']}.json").status_code == 404


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"country": None}, {"country"}),
        ({"country": "Poland"}, {"country"}),
        ({"country": "pl"}, {"country"}),
        ({"company_name": ""}, {"company_name"}),
        ({"nip": "9452121682"}, {"nip"}),
        ({"nip": "123"}, {"nip"}),
        ({"business_activity_kind": "firm"}, {"business_activity_kind"}),
        ({"business_activity_kind": "private_person"}, {"first_name", "last_name"}),
        ({"business_activity_kind": "self_employed"}, {"first_name", "last_name"}),
        (
            {"business_activity_kind": "self_employed", "company_name": None, "first_name": "A"},
            {"company_name", "last_name"},
        ),
        ({"company_name": None, "name": "Firma", "post_code": "30-549"}, {"company_name"}),
    ],
)
def test_wrong_clients(api: Api, change: dict[str, Any], fields: set[str]) -> None:
    """Wrong names are dropped, and then the real field is missing (v3-wire 2.2, 7)."""
    response = api.post("/clients.json", {"client": {**CLIENT, **change}})
    assert response.status_code == 422
    assert set(response.json()["errors"]) == fields


def test_nip_is_stored_verbatim_and_checked_for_poland_only(api: Api) -> None:
    """Dashes and prefix are kept (v3-wire 7)."""
    assert api.client(nip="PL 945-212-16-81")["nip"] == "PL 945-212-16-81"
    assert api.client(nip="HU8977521853", country="HU")["country_full_name"] == "Węgry"
    assert nip_is_valid("1176224556")
    assert not nip_is_valid("1176224557")


def test_equal_clients_are_two(api: Api) -> None:
    """No de-duplication; filters by text and by digits (v3-wire 3.2, 7)."""
    one, two = api.client(nip="945-212-16-81"), api.client()
    assert one["id"] != two["id"]
    assert one["uuid"] != two["uuid"]

    def found(**query: str) -> set[int]:
        params = {f"q[{name}]": value for name, value in query.items()}
        return {e["id"] for e in api.get("/clients.json", **params).json()["entities"]}

    assert found(nip_eq="9452121681") == {two["id"]}
    assert found(clean_nip_eq="9452121681") == {one["id"], two["id"]}
    assert found(company_name_eq="Firma testowa") == {one["id"], two["id"]}
    assert found(company_name_cont="TEST") == {one["id"], two["id"]}
    assert found(email_eq="x@example.com") == set()
    assert found(clean_client_nip_eq="1") == {one["id"], two["id"]}


def test_products(api: Api) -> None:
    """CRUD like clients (v3-wire 8)."""
    data = {"name": "Hosting", "unit_net_price": "1000", "tax_symbol": 23, "quantity": "2.5"}
    made = api.post("/products.json", {"product": data})
    assert made.status_code == 201
    shown = made.json()
    assert (shown["unit_net_price"], shown["tax_symbol"], shown["quantity"]) == (1000, "23", 2.5)
    path = f"/products/{shown['id']}.json"
    assert api.put(path, {"product": {"quantity": None, "unit": None}}).json()["quantity"] == 1
    assert api.put(path, {"product": {"name": ""}}).status_code == 422
    assert api.put(path, {"product": {"tax_symbol": "24"}}).status_code == 422
    other = api.post("/products.json", {"product": {"name": "Domena"}}).json()
    page = api.get("/products.json", **{"q[name_eq]": "Domena"}).json()
    assert [e["id"] for e in page["entities"]] == [other["id"]]
    assert api.delete(path).status_code == 204


def test_bank_accounts(api: Api) -> None:
    """One default at a time; sorted by the bank's name (v3-wire 3.2, 8)."""
    data = {"bank_name": "Alfa", "account_number": "MD02786Q6409E60744D52585", "default": True}
    made = api.post("/bank_accounts.json", {"bank_account": data})
    assert made.status_code == 201
    assert list(made.json()) == [
        "id", "bank_name", "account_number", "swift", "default", "currency", "custom_name",
    ]  # fmt: skip
    listed = api.get("/bank_accounts.json").json()["entities"]
    assert [(a["bank_name"], a["default"]) for a in listed] == [
        ("Alfa", True), ("Example Bank", False),
    ]  # fmt: skip
    path = f"/bank_accounts/{made.json()['id']}.json"
    changed = api.put(path, {"bank_account": {"bank_name": "Beta", "swift": None}}).json()
    assert (changed["bank_name"], changed["swift"], changed["default"]) == ("Beta", "", True)
    assert api.invoice(payment_method="transfer")["bank_name"] == "Beta"
    for name in ("bank_name", "account_number"):
        assert api.put(path, {"bank_account": {name: ""}}).status_code == 422
    query = {"q[account_number_eq]": "MD02786Q6409E60744D52585"}
    assert api.get("/bank_accounts.json", **query).json()["metainfo"]["total_count"] == 1


def test_vat_rates_are_the_documented_ten(api: Api) -> None:
    """In their order (v3-wire 8)."""
    page = api.get("/vat_rates.json").json()
    rates = page["entities"]
    assert [(r["id"], r["symbol"]) for r in rates] == [
        (7, "23"), (1, "22"), (8, "8"), (2, "7"), (9, "5"), (3, "3"), (4, "0"), (6, "zw"),
        (5, "np"), (36, "oo"),
    ]  # fmt: skip
    assert rates[0] == {
        "id": 7, "rate": "23.0", "name": "23%", "symbol": "23", "valid_from": "2011-01-01",
        "valid_until": None,
    }  # fmt: skip
    assert rates[1]["valid_until"] == "2010-12-31"
    assert page["metainfo"]["total_count"] == 10
    assert api.get("/vat_rates/36.json").json()["name"] == "o.o."


def test_flat_rates(api: Api) -> None:
    """Eleven, rates as texts (v3-wire 8)."""
    rates = api.get("/flat_rates.json", limit=100).json()["entities"]
    assert [r["id"] for r in rates] == [35, 30, 31, 32, 38, 42, 41, 43, 39, 33, 34]
    assert rates[2] == {"id": 31, "rate": "5.5", "name": "5,5%", "symbol": "5.5"}
    found = api.get("/flat_rates.json", **{"q[rate_eq]": "20.0"}).json()["entities"]
    assert [r["id"] for r in found] == [34]


def test_vat_exemptions(api: Api) -> None:
    """General, selected and the account's own (v3-wire 8)."""
    first = api.get("/vat_exemptions.json").json()["entities"][0]
    assert first["id"] == 1
    assert first["legal_basis_rule"] == "art. 113 ust. 1 i 9"
    selected = api.get("/vat_exemptions/selected.json").json()
    assert [e["id"] for e in selected["entities"]] == [1]
    api.standin.seed(exemptions=[{"id": 3275, "description": "own"}])
    assert api.get("/vat_exemptions/3275.json").json()["description"] == "own"
    assert api.get("/vat_exemptions/99.json").status_code == 404


def test_countries(api: Api) -> None:
    """Sorted by Polish name; Germany is not in the Union here (v3-wire 8)."""
    first = api.get("/countries.json").json()["entities"][0]
    assert first == {
        "id": 1, "alpha_2": "AF", "alpha_3": "AFG", "english_name": "Afghanistan",
        "polish_name": "Afganistan", "continent": "Azja", "european_union": False,
        "currency": "AFN",
    }  # fmt: skip
    query = {"q[english_name_eq]": "Germany"}
    germany = api.get("/countries.json", **query).json()["entities"][0]
    assert (germany["alpha_2"], germany["european_union"]) == ("DE", False)
    seen: list[dict[str, Any]] = []
    while len(seen) < api.get("/countries.json").json()["metainfo"]["total_count"]:
        seen += api.get("/countries.json", limit=100, offset=len(seen)).json()["entities"]
    assert len({c["alpha_2"] for c in seen}) == len({c["id"] for c in seen}) == len(seen)


def test_countries_are_more_than_v3s() -> None:
    """Which 209 v3 has is not known (v3-wire 8): nearly all of ISO 3166-1, and Kosovo."""
    ours, iso = set(POLISH_NAME), {country.code for country in tables().countries}
    assert iso - ours == {"BV", "GS", "HM", "IO", "TF", "UM"}
    assert ours - iso == {"XK"}
    assert len(ours) == 244


@pytest.mark.parametrize(
    ("path", "count", "keys"),
    [
        ("gtus", 13, ["id", "name", "short_description", "description"]),
        ("gtus/selected", 1, ["id", "name", "short_description", "description"]),
        ("documents_markings", 13, ["id", "code", "short_description", "description"]),
        ("transaction_kinds", 5, ["id", "name", "symbol"]),
    ],
)
def test_small_tables(api: Api, path: str, count: int, keys: list[str]) -> None:
    """The list envelope and their keys (v3-wire 8)."""
    page = api.get(f"/{path}.json").json()
    assert page["metainfo"]["total_count"] == count
    assert list(page["entities"][0]) == keys


def test_account(api: Api) -> None:
    """Details with the misspelt key, activities without metainfo (v3-wire 6)."""
    details = api.get("/account/details.json").json()
    assert details["extentions"]["ksef"]["active"] is True
    assert details["accounting_settings"]["pit_type"]["value"] == "regular"
    api.invoice()
    api.standin.configure("account", flat_rate=True)
    details = api.get("/account/details.json").json()
    assert details["accounting_settings"]["pit_type"]["value"] == "flat_rate"
    activities = api.get("/account/activities.json", limit=5).json()
    assert set(activities) == {"total_count", "count", "entities"}
    assert activities["entities"][0]["action_symbol"] == "create"
