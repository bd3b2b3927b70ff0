"""The audit of the tables: gaps, dead rules, enumerations that do not invert. Run as a test."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from infakt_compat.tables.rules import Enum, Resource, Tables


@frozen
class Finding:
    """One thing that the tables leave open: where it is, and what."""

    place: str
    what: str


def audit(tables: Tables) -> list[Finding]:
    """List what the tables leave open.

    `[]` when every field of both sides has a rule in every kind.
    """
    kinds = ("", *sorted({value.v3 for value in tables.enums["kinds"].values}))
    found: list[Finding] = []
    for resource in tables.known_resources():
        found += _gaps(resource, kinds)
        found += _dead(resource, kinds)
    for enum in tables.enums.values():
        found += _not_inverting(enum)
        found += _unused(enum, tables)
    return found


def _gaps(resource: Resource, kinds: Iterable[str]) -> Iterator[Finding]:
    """Find v2 fields without a rule in some kind, and v3 fields without a rule at all."""
    for kind in kinds:
        ruled = {rule.v2 for rule in resource.rules_for(kind)}
        for name in resource.v2.fields:
            if name not in ruled:
                where = f" in kind {kind!r}" if kind else ""
                yield Finding(resource.name, f"v2 field {name} has no rule{where}")
    named = {name for rule in resource.rules for name in rule.v3}
    for name in resource.v3.fields:
        if name not in named:
            yield Finding(resource.name, f"v3 field {name} has no rule")


def _dead(resource: Resource, kinds: Iterable[str]) -> Iterator[Finding]:
    """Find rules that hold for no kind, stand-ins that name nothing, keys out of place."""
    listed = list(kinds)
    for rule in resource.rules:
        place = f"{resource.file}:{rule.line}"
        if not any(rule.holds_for(kind) for kind in listed):
            yield Finding(place, "the rule holds for no kind of document")
        if rule.type == "date" and rule.absent and rule.absent not in resource.v3.fields:
            yield Finding(place, f"the stand-in {rule.absent} is no v3 field")
        if rule.part_of and rule.part_of not in resource.v3.fields:
            yield Finding(place, f"the whole {rule.part_of} is no v3 field")
        if rule.v2 is not None and (rule.derived or rule.unset or rule.part_of):
            yield Finding(place, "derived, unset and part_of belong to v3-only rules")


def _not_inverting(enum: Enum) -> Iterator[Finding]:
    """Find v2 values that do not come back from v3, unless a notice says that they are kept."""
    back = enum.by_v3()
    for value in enum.values:
        if value.v2 is not None and back[value.v3] is not value and not value.notice:
            yield Finding(enum.name, f"{value.v2} comes back as {back[value.v3].v2}, and no notice")
        if value.v2 is None and not enum.no_v2_value:
            yield Finding(enum.name, f"{value.v3} has no v2 value, and no notice")


def _unused(enum: Enum, tables: Tables) -> Iterator[Finding]:
    """Find enumerations that no rule names."""
    rules = (rule for resource in tables.known_resources() for rule in resource.rules)
    if not any(rule.enum == enum.name for rule in rules):
        yield Finding(enum.name, "no rule names this enumeration")
