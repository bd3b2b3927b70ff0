"""The project's own tables leave nothing open, and the audit finds what does."""

import ast
import re
from pathlib import Path

import attrs

from infakt_compat.tables.audit import audit
from infakt_compat.tables.load import tables
from infakt_compat.tables.rules import Enum, Resource, Tables
from infakt_compat.translate.registry import CONVERTERS

PACKAGE = Path(__file__).parents[3] / "infakt_compat"


def test_the_tables_leave_nothing_open() -> None:
    """Every field of both sides has a rule, no rule is dead, every enumeration inverts."""
    assert audit(tables()) == []


def _changed(resource: Resource) -> Tables:
    """Give the tables with another invoice table."""
    return attrs.evolve(tables(), resources={**tables().resources, "invoice": resource})


def test_a_missing_rule_is_found() -> None:
    """A field that no rule names is a gap, on either side and in one kind alone."""
    invoice = tables().resources["invoice"]
    for side in ("v2", "v3"):
        without = [r for r in invoice.rules if r.v2 != "uwagi"]
        found = audit(_changed(attrs.evolve(invoice, rules=tuple(without))))
        assert any(f"{side} field" in finding.what for finding in found)
    advance = [r for r in invoice.rules if r.v2 != "zaplacono" or "advance" not in r.kinds]
    found = audit(_changed(attrs.evolve(invoice, rules=tuple(advance))))
    assert [finding.what for finding in found] == [
        "v2 field zaplacono has no rule in kind 'advance'"
    ]


def test_a_dead_rule_is_found() -> None:
    """A rule that holds for no kind, and a stand-in that names nothing, are findings."""
    invoice = tables().resources["invoice"]
    rule = next(r for r in invoice.rules if r.v2 == "termin_zaplaty")
    dead = attrs.evolve(rule, kinds=("none",), line=1)
    lost = attrs.evolve(rule, absent="gone", line=2)
    said = attrs.evolve(rule, derived=True, line=3)
    part = next(r for r in invoice.rules if r.v3 == ("uuid",))
    part = attrs.evolve(part, part_of="gone", line=4)
    rules = (*(r for r in invoice.rules if r is not rule), lost, dead, said, part)
    found = {
        finding.place: finding.what
        for finding in audit(_changed(attrs.evolve(invoice, rules=rules)))
    }
    assert found["invoices.toml:1"] == "the rule holds for no kind of document"
    assert found["invoices.toml:2"] == "the stand-in gone is no v3 field"
    assert found["invoices.toml:3"] == "derived, unset and part_of belong to v3-only rules"
    assert found["invoices.toml:4"] == "the whole gone is no v3 field"


def _with_enum(enum: Enum) -> list[str]:
    """Audit the tables with one enumeration changed."""
    changed = attrs.evolve(tables(), enums={**tables().enums, enum.name: enum})
    return [finding.what for finding in audit(changed)]


def test_an_enumeration_that_does_not_invert_is_found() -> None:
    """A v2 value that comes back as another one, and a v3 value without v2 one, need a notice."""
    statuses = tables().enums["statuses"]
    silent = tuple(attrs.evolve(value, notice="") for value in statuses.values)
    assert _with_enum(attrs.evolve(statuses, values=silent)) == [
        "niezapłacona comes back as wydrukowana, and no notice"
    ]
    rates = tables().enums["rates"]
    assert "oo has no v2 value, and no notice" in _with_enum(attrs.evolve(rates, no_v2_value=""))
    unused = attrs.evolve(statuses, name="unused")
    assert "no rule names this enumeration" in _with_enum(unused)


def test_every_converter_is_used() -> None:
    """A converter that no rule names is dead code."""
    rules = (rule for resource in tables().known_resources() for rule in resource.rules)
    assert {rule.converter for rule in rules} - {""} == CONVERTERS.keys()


def test_every_code_is_used_and_has_a_sentence() -> None:
    """A code has its sentences in the tables, and no sentence is left without a code."""
    named: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        named |= set(re.findall(r'"([a-z_0-9]+\.[a-z_0-9]+)"', path.read_text("utf-8")))
    for enum in tables().enums.values():
        named |= {enum.no_v2_value, *(value.notice for value in enum.values)}
    assert tables().codes.keys() <= named


def test_no_pair_of_field_names_stands_in_the_code() -> None:
    """v2's field names are in the tables only; the code names v3's where it computes with them."""
    names = {
        name
        for resource in tables().known_resources()
        for name in resource.v2.fields
        if name not in resource.v3.fields
    }
    for path in (PACKAGE / "translate").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        words = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        assert not words & names, f"{path.name} names {words & names}"
