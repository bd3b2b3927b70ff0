"""The tables as typed, read-only objects; `mappings/invoices.toml` says what each key means."""

from datetime import date

from attrs import field, frozen


@frozen
class Rule:
    """One field of v2, of v3, or the pair of both, and how it is converted."""

    type: str
    why: str
    line: int
    v2: str | None = None
    v3: tuple[str, ...] = ()
    converter: str = ""
    direction: str = "both"
    enum: str = ""
    absent: str = ""
    kinds: tuple[str, ...] = ()
    not_kinds: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    unset: tuple[object, ...] = ()
    derived: bool = False
    part_of: str = ""

    def holds_for(self, kind: str) -> bool:
        """Say whether the rule holds for a v3 kind of invoice (`""`.

        Kind unknown or no invoice).
        """
        if self.kinds:
            return kind in self.kinds
        return kind not in self.not_kinds


@frozen
class Side:
    """The names of one API: envelope, list and fields in their order."""

    envelope: str
    fields: tuple[str, ...]
    list: str = ""
    other_envelopes: tuple[str, ...] = ()


@frozen
class Resource:
    """The table of one resource: `invoice`, its `service` lines, or `client`."""

    name: str
    file: str
    v2: Side
    v3: Side
    rules: tuple[Rule, ...]
    lines: "Resource | None" = None

    def rules_for(self, kind: str) -> tuple[Rule, ...]:
        """Give the rules that hold for a v3 kind of invoice, in table order."""
        return tuple(rule for rule in self.rules if rule.holds_for(kind))


@frozen
class EnumValue:
    """One value of an enumerated field, in both APIs."""

    line: int
    v2: str | None = None
    v3: str = ""
    shown_as: str | None = None
    way_back: bool = False
    notice: str = ""
    why: str = ""
    creatable: bool = False
    percent: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    def valid_on(self, day: date) -> bool:
        """Say whether a VAT rate was in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@frozen
class Enum:
    """The values of one enumerated field."""

    name: str
    why: str
    values: tuple[EnumValue, ...]
    no_v2_value: str = ""

    def by_v2(self) -> dict[str, EnumValue]:
        """Give the values by their v2 spelling."""
        return {value.v2: value for value in self.values if value.v2 is not None}

    def by_v3(self) -> dict[str, EnumValue]:
        """Give the values by their v3 symbol: where several meet, the one marked `way_back`."""
        found: dict[str, EnumValue] = {}
        for value in self.values:
            if value.v3 not in found or value.way_back:
                found[value.v3] = value
        return found


@frozen
class Country:
    """One country: alpha-2 code, the Polish name that v2 shows, and other names."""

    code: str
    name: str
    english: str
    synonyms: tuple[str, ...] = ()


@frozen
class Code:
    """A notice or fault code: its level, its sentence and what to do about it, by language."""

    code: str
    level: str
    sentences: dict[str, str] = field(repr=False)
    #: Empty where the sentence says it all.
    advice: dict[str, str] = field(factory=dict, repr=False)


@frozen
class Tables:
    """All of `mappings/`."""

    resources: dict[str, Resource]
    enums: dict[str, Enum]
    countries: tuple[Country, ...]
    codes: dict[str, Code]

    def known_resources(self) -> tuple[Resource, ...]:
        """Give every resource, lines included, each after its parent."""
        found: list[Resource] = []
        for resource in self.resources.values():
            found += [resource] if resource.lines is None else [resource, resource.lines]
        return tuple(found)
