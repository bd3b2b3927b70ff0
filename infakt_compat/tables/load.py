"""Load and check the tables.

What matches nothing, comes twice or is misspelt is refused with its line.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any

from infakt_compat.errors import TableError
from infakt_compat.tables.files import data_folder
from infakt_compat.tables.rules import (
    Code,
    Country,
    Enum,
    EnumValue,
    Resource,
    Rule,
    Side,
    Tables,
)
from infakt_compat.tables.source import Source, built

TYPES = frozenset(
    [
        "id",
        "text",
        "amount",
        "quantity",
        "date",
        "enum",
        "rate",
        "country",
        "exemption",
        "boolean",
        "list",
        "other",
    ]
)
DIRECTIONS = frozenset({"read", "write", "both"})
LEVELS = frozenset({"info", "warning", "fault"})


@cache
def tables() -> Tables:
    """Give the project's own tables, loaded once a process."""
    return load(data_folder("mappings"))


def load(folder: Traversable) -> Tables:
    """Load every table of a folder.

    Raises `TableError`, with file and line, for a rule that matches no listed field, a field that
    comes twice, an unknown key, type, direction, enum or code.
    """
    try:
        return _load(folder)
    except KeyError as error:
        raise TableError(f"mappings/: a table has no {error}") from None


def _load(folder: Traversable) -> Tables:
    """Load the tables in the order in which they name each other."""
    enums = _enums(folder)
    resources = {}
    for name, file in (("invoice", "invoices.toml"), ("client", "clients.toml")):
        source = Source(folder, file)
        resources[name] = _resource(source, source.data, name, "field", enums)
    codes = _codes(folder)
    for enum in enums.values():
        _check_codes(enum, codes)
    return Tables(resources, enums, _countries(folder), codes)


def _resource(
    source: Source, data: Mapping[str, Any], name: str, header: str, enums: Mapping[str, Enum]
) -> Resource:
    """Build and check the table of one resource; the lines of an invoice are its child table."""
    sides = {}
    for side in ("v2", "v3"):
        line = source.line(header.replace("field", side))
        sides[side] = built(source, line, Side, data[side])
        for field in _repeated(sides[side].fields):
            raise source.error(line, f"{sides[side].envelope}.{field} is listed twice")
    rules = tuple(
        _rule(source, source.line(header, index), entry, enums)
        for index, entry in enumerate(data.get("field", ()))
    )
    lines = None
    if "services" in data:
        lines = _resource(source, data["services"], "service", "services.field", enums)
    resource = Resource(name, source.file, sides["v2"], sides["v3"], rules, lines)
    _check_names(source, resource)
    _check_twice(source, resource, [value.v3 for value in enums["kinds"].values])
    return resource


def _rule(source: Source, line: int, entry: Mapping[str, Any], enums: Mapping[str, Enum]) -> Rule:
    """Build one rule and check the words in it."""
    entry = dict(entry)
    if isinstance(entry.get("v3"), str):
        entry["v3"] = [entry["v3"]]
    rule: Rule = built(source, line, Rule, entry)
    if rule.v2 is None and not rule.v3:
        raise source.error(line, "a rule names neither a v2 nor a v3 field")
    if rule.type not in TYPES:
        raise source.error(line, f"unknown type {rule.type!r}")
    if rule.direction not in DIRECTIONS:
        raise source.error(line, f"unknown direction {rule.direction!r}")
    if (rule.type in ("enum", "rate")) != bool(rule.enum):
        raise source.error(line, "a rule of type enum or rate, and no other, names its enum")
    if rule.enum and rule.enum not in enums:
        raise source.error(line, f"unknown enum {rule.enum!r}")
    if (rule.v2 is None) == bool(rule.converter):
        raise source.error(line, "a rule with a v2 field has a converter, one without has none")
    kinds = {value.v3 for value in enums["kinds"].values}
    if unknown := sorted({*rule.kinds, *rule.not_kinds} - kinds):
        raise source.error(line, f"no such kind of invoice: {', '.join(unknown)}")
    return rule


def _check_names(source: Source, resource: Resource) -> None:
    """Refuse a rule whose field its side does not list."""
    for rule in resource.rules:
        if rule.v2 is not None and rule.v2 not in resource.v2.fields:
            raise source.error(rule.line, f"the rule matches nothing: no v2 field {rule.v2!r}")
        for name in rule.v3:
            if name not in resource.v3.fields:
                raise source.error(rule.line, f"the rule matches nothing: no v3 field {name!r}")


def _check_twice(source: Source, resource: Resource, kinds: Iterable[str]) -> None:
    """Refuse two rules for one field of one kind of document."""
    for kind in ("", *kinds):
        seen: dict[tuple[str, str], int] = {}
        for rule in resource.rules_for(kind):
            names = [("v2", name) for name in (rule.v2, *rule.aliases) if name]
            for key in [*names, *(("v3", name) for name in rule.v3)]:
                if key in seen:
                    first = seen[key]
                    raise source.error(
                        rule.line, f"{key[0]} field {key[1]!r} comes twice (first on line {first})"
                    )
                seen[key] = rule.line


def _repeated(names: Iterable[str]) -> list[str]:
    """Give the names that come more than once."""
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})


def _enums(folder: Traversable) -> dict[str, Enum]:
    """Load the enumerations.

    A v2 spelling comes once, and several meeting in v3 name the way back.
    """
    source = Source(folder, "enums.toml")
    found = {}
    for name, data in source.data.items():
        values = tuple(
            built(source, source.line(f"{name}.value", index), EnumValue, entry)
            for index, entry in enumerate(data["value"])
        )
        head = {key: value for key, value in data.items() if key != "value"}
        enum: Enum = built(source, source.line(name), Enum, head | {"name": name, "values": values})
        _check_values(source, enum)
        found[name] = enum
    return found


def _check_values(source: Source, enum: Enum) -> None:
    """Refuse spellings that come twice and symbols without one way back to v2."""
    spellings = [value.v2 for value in enum.values if value.v2 is not None]
    for value in enum.values:
        if value.v2 is not None and spellings.count(value.v2) > 1:
            raise source.error(value.line, f"{value.v2!r} comes twice")
        if (value.v2 is None) == (value.shown_as is None):
            raise source.error(value.line, "a value has either v2 or shown_as")
        if value.shown_as is not None and value.shown_as not in spellings:
            raise source.error(value.line, f"shown_as {value.shown_as!r} is no value of v2")
        meeting = [other for other in enum.values if other.v3 == value.v3]
        if len(meeting) > 1 and sum(other.way_back for other in meeting) != 1:
            raise source.error(value.line, f"{value.v3!r} needs exactly one way_back")


def _check_codes(enum: Enum, codes: Mapping[str, Code]) -> None:
    """Refuse an enumeration that names a notice without a sentence."""
    named = {enum.no_v2_value, *(value.notice for value in enum.values)} - {""}
    if unknown := sorted(named - codes.keys()):
        raise TableError(
            f"mappings/enums.toml: {enum.name} names unknown codes {', '.join(unknown)}"
        )


def _countries(folder: Traversable) -> tuple[Country, ...]:
    """Load the countries; no name, in any case, may stand for two of them."""
    source = Source(folder, "countries.toml")
    found: list[Country] = []
    seen: dict[str, str] = {}
    for code, entry in source.data.items():
        line = source.line(code)
        country: Country = built(source, line, Country, entry | {"code": code})
        for name in {
            n.casefold() for n in (code, country.name, country.english, *country.synonyms)
        }:
            if seen.setdefault(name, code) != code:
                raise source.error(line, f"{name!r} stands for {seen[name]} and {code}")
        found.append(country)
    return tuple(found)


def _codes(folder: Traversable) -> dict[str, Code]:
    """Load the codes with their levels and sentences."""
    source = Source(folder, "notices.toml")
    found = {}
    for name, entry in source.data.items():
        if entry.get("level") not in LEVELS or not {"en", "pl"} <= entry.keys():
            raise source.error(
                source.line(name), f"{name} needs a level and a sentence in en and pl"
            )
        sentences = {"en": entry["en"], "pl": entry["pl"]}
        advice = {key.removeprefix("do_"): entry[key] for key in entry if key.startswith("do_")}
        if advice and advice.keys() != sentences.keys():
            raise source.error(source.line(name), f"{name} needs its advice in en and pl")
        found[name] = Code(name, entry["level"], sentences, advice)
    return found
