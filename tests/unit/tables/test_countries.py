"""The country table: unambiguous, complete, and in step with CLDR."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

TABLE = Path(__file__).parents[3] / "mappings" / "countries.toml"

# CLDR lists these two-letter codes too, but ISO 3166-1 assigns none of them to a country:
# parts of countries, unions, pseudo-locales and codes left to users.
NOT_ISO = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ")
)


@pytest.fixture(scope="module")
def countries() -> dict[str, dict[str, Any]]:
    """Read the table as it stands."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def territories(language: str) -> dict[str, str]:
    """CLDR's names of the ISO 3166-1 countries in one language."""
    babel = pytest.importorskip("babel")
    names = babel.Locale(language).territories
    return {
        code: name
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in NOT_ISO
    }


def names_of(code: str, row: dict[str, Any]) -> list[str]:
    """Every text that is read as this country."""
    return [code, row["name"], row["english"], *row.get("synonyms", [])]


def test_rows_have_the_known_keys_only(countries: dict[str, dict[str, Any]]) -> None:
    """A row has a name, an English name, and synonyms or none."""
    for code, row in countries.items():
        assert {"name", "english"} <= row.keys() <= {"name", "english", "synonyms"}, code
        assert row.get("synonyms") != [], f"{code}: leave synonyms out when there are none"


def test_no_name_stands_for_two_countries(countries: dict[str, dict[str, Any]]) -> None:
    """No name, in any case, leads to two countries."""
    owner: dict[str, str] = {}
    for code, row in countries.items():
        for name in names_of(code, row):
            assert owner.setdefault(name.casefold(), code) == code, (
                f"{name!r} stands for {owner[name.casefold()]} and {code}"
            )


def test_no_synonym_says_what_another_name_says(countries: dict[str, dict[str, Any]]) -> None:
    """A synonym adds something."""
    for code, row in countries.items():
        said = [code, row["name"], row["english"]]
        for synonym in row.get("synonyms", []):
            assert synonym.casefold() not in {name.casefold() for name in said}, (code, synonym)
            said.append(synonym)


def test_names_have_no_stray_space(countries: dict[str, dict[str, Any]]) -> None:
    """A name is found as it is written."""
    for code, row in countries.items():
        for name in names_of(code, row):
            assert name == " ".join(name.split()) != "", (code, name)


def test_codes_are_sorted(countries: dict[str, dict[str, Any]]) -> None:
    """The table is in the order of its codes."""
    assert list(countries) == sorted(countries)


def test_codes_are_those_of_iso_3166(countries: dict[str, dict[str, Any]]) -> None:
    """Every country of ISO 3166 is there, and no other."""
    assert countries.keys() == territories("en").keys()


@pytest.mark.parametrize("language", ["pl", "en"])
def test_cldr_names_are_known(countries: dict[str, dict[str, Any]], language: str) -> None:
    """CLDR's name is the name, the English name or a synonym; there is no exception."""
    for code, name in territories(language).items():
        known = {known.casefold() for known in names_of(code, countries[code])[1:]}
        assert name.casefold() in known, f"{code}: {name!r} is missing"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("USA", "US"),
        ("Stany Zjednoczone Ameryki", "US"),
        ("Czechy", "CZ"),
        ("Republika Czeska", "CZ"),
        ("Holandia", "NL"),
        ("Niderlandy", "NL"),
        ("Wielka Brytania", "GB"),
        ("Zjednoczone Królestwo", "GB"),
        ("RFN", "DE"),
        ("Rosja", "RU"),
        ("Birma", "MM"),
        ("Suazi", "SZ"),
        ("Mołdowa", "MD"),
        ("Macedonia", "MK"),
        ("ChRL", "CN"),
        ("ZEA", "AE"),
        ("Wybrzeże Kości Słoniowej", "CI"),
    ],
)
def test_names_on_old_invoices(countries: dict[str, dict[str, Any]], name: str, code: str) -> None:
    """Names that old invoices really have lead to their country."""
    assert name in names_of(code, countries[code])


@pytest.mark.parametrize("name", ["Anglia", "Szkocja", "Jugosławia", "Czechosłowacja", "Korea"])
def test_names_of_parts_and_of_several_are_left_out(
    countries: dict[str, dict[str, Any]], name: str
) -> None:
    """A name that could mean another country leads nowhere."""
    for code, row in countries.items():
        assert name.casefold() not in {known.casefold() for known in names_of(code, row)}
