"""The converters by the names that the tables give them."""

from collections.abc import Callable

from infakt_compat.tables.rules import Rule, Tables
from infakt_compat.translate.addresses import Company, CountryName, Street
from infakt_compat.translate.converters import (
    Boolean,
    Converter,
    Date,
    EnumWord,
    Exemption,
    Grosze,
    Id,
    Negation,
    Quantity,
    Rate,
    Symbol,
    Text,
    UnitPrice,
)

CONVERTERS: dict[str, Callable[[Rule, Tables], Converter]] = {
    "text": Text,
    "id": Id,
    "grosze": Grosze,
    "unit_price": UnitPrice,
    "quantity": Quantity,
    "date": Date,
    "enum": EnumWord,
    "rate": Rate,
    "country": CountryName,
    "exemption": Exemption,
    "boolean": Boolean,
    "negation": Negation,
    "symbol": Symbol,
    "company": Company,
    "street": Street,
    "lines": Converter,
}
