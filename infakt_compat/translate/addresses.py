"""The named converters for who and where the buyer is: company, street, country."""

import re

from infakt_compat.tables.rules import Rule, Tables
from infakt_compat.translate.converters import KEEP, Converter, Lossy, Shown, plain_text


class CountryName(Converter):
    """A Polish country name in v2, alpha-2 in v3; other names of a country are kept."""

    def __init__(self, rule: Rule, tables: Tables) -> None:
        """Index the countries by every name."""
        super().__init__(rule, tables)
        self._names = {country.code: country.name for country in tables.countries}
        self._codes = {
            name.casefold(): country.code
            for country in tables.countries
            for name in (country.code, country.name, country.english, *country.synonyms)
        }

    def to_v3(self, text: str) -> object:
        """Give the code; an unknown country gives none."""
        code = self._codes.get(text.strip().casefold())
        if code is None:
            return Lossy(None, text, "country.unknown", text)
        if self._names[code] == text:
            return code
        return Lossy(code, text, "country.synonym", f"{text} -> {code}")

    def to_v2(self, *values: object) -> object:
        """Give the Polish name; a code that is in no table is shown as it is."""
        code = plain_text(values[0])
        name = self._names.get(code)
        return Shown(code, "country.no_v2_value", code) if name is None else name


class Company(Converter):
    """The company's name or, where v3 has none, the person's first and last name."""

    copied = True

    def to_v3(self, text: str) -> object:
        """Give the company name; a person's names are left as they are."""
        return (text, KEEP, KEEP)

    def to_v2(self, *values: object) -> object:
        """Give what stands for the buyer's name."""
        company, first, last = (plain_text(value) if value is not None else "" for value in values)
        return company or " ".join(name for name in (first, last) if name)


class Street(Converter):
    """A street line: split only when joining gives back the very same text.

    A number after an abbreviation (`ul. Długa 12 m. 5`, `skr. poczt. 7`) is none of a building.
    """

    _no_street = frozenset({"m", "lok", "lokal", "mieszkania", "nr", "skrytka", "box"})
    _split = re.compile(
        r"(?P<street>\S(?:.*\S)?) (?P<number>[0-9]+[A-Za-z]?(?:-[0-9]+[A-Za-z]?)?)"
        r"(?:/(?P<flat>[0-9]+[A-Za-z]?))?"
    )

    def to_v3(self, text: str) -> object:
        """Give street, number and flat, or the whole text as the street."""
        parts = self._split.fullmatch(text)
        if parts is None:
            return (text, None, None)
        last = parts["street"].rpartition(" ")[2].lower()
        if last.endswith(".") or last in self._no_street:
            return (text, None, None)
        return parts.group("street", "number", "flat")

    def to_v2(self, *values: object) -> object:
        """Join street, number and flat."""
        street, number, flat = (plain_text(value) if value is not None else "" for value in values)
        numbers = "/".join(part for part in (number, flat) if part)
        return " ".join(part for part in (street, numbers) if part)
