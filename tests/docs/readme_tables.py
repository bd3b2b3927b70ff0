"""The README's tables, made from `mappings/` and from what the tests count.

python tests/docs/readme_tables.py --write
"""

import re
import sys
import tomllib
from pathlib import Path

from infakt_compat.cli.mapping import kinds
from infakt_compat.tables.load import tables
from infakt_compat.tables.rules import Enum, Resource, Rule

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
_BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_REFERENCE = re.compile(r"\s*\([^()]*\)(?=\.?$)")
_ARROWS = {"read": "→", "write": "⇒", "both": "↔"}


def plain(why: str) -> str:
    """Give a reason without the reference to its source."""
    return _REFERENCE.sub("", why)


def fields(resource: Resource) -> str:
    """Give the table of a resource: a v2 field a row, in v2's order."""
    rows = ["| v2 | | v3 | |", "|---|---|---|---|"]
    for name in resource.v2.fields:
        rules = [rule for rule in resource.rules if rule.v2 == name]
        v3 = "<br>".join(_target(rule) for rule in rules)
        why = "<br>".join(dict.fromkeys(plain(rule.why) for rule in rules))
        rows.append(f"| `{name}` | {_ARROWS[rules[0].direction]} | {v3} | {why} |")
    only = [f"`{rule.v3[0]}`" for rule in resource.rules if rule.v2 is None and not rule.derived]
    computed = [f"`{rule.v3[0]}`" for rule in resource.rules if rule.derived]
    rows += ["", f"In v3 only: {', '.join(only)}."]
    return "\n".join([*rows, "", f"Computed by v3: {', '.join(computed)}."])


def _target(rule: Rule) -> str:
    """Give the v3 side of a rule, with the kinds that it holds for."""
    names = ", ".join(f"`{name}`" for name in rule.v3) or "kept"
    return f"{names} ({kinds(rule)})" if kinds(rule) else names


def enums(found: dict[str, Enum]) -> str:
    """Give the table of all enumerated values."""
    rows = ["| field | v2 | v3 |", "|---|---|---|"]
    for enum in found.values():
        for value in enum.values:
            v2 = value.v2 or f"{value.shown_as} (stands in)"
            rows.append(f"| {enum.name} | {v2} | `{value.v3}` |")
    return "\n".join(rows)


def codes() -> str:
    """Give the table of notices and faults."""
    rows = ["| code | level | |", "|---|---|---|"]
    for code in tables().codes.values():
        rows.append(f"| `{code.code}` | {code.level} | {code.sentences['en']} |")
    return "\n".join(rows)


def differences() -> str:
    """Give the table of differences."""
    data = tomllib.loads((ROOT / "mappings" / "differences.toml").read_text("utf-8"))
    rows = ["| | What | Why |", "|---|---|---|"]
    rows += [f"| {d['number']} | {d['what']} | {d['why']} |" for d in data["difference"]]
    return "\n".join(rows)


def calls() -> str:
    """Give the table of the v3 calls that each verb becomes, as the tests count them."""
    data = tomllib.loads((ROOT / "tests/unit/facade/calls.toml").read_text("utf-8"))
    rows = ["| v2 | | v3 calls | today | classic, where it differs |", "|---|---|---|---|---|"]
    for verb in data["verb"]:
        other = [_call(one) for one in verb.get("classic", ())]
        classic = f"{len(other)}: {', '.join(other)}" if other else ""
        today = ", ".join(map(_call, verb["today"]))
        cells = (verb["name"], verb.get("when", ""), str(len(verb["today"])), today, classic)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _call(call: str) -> str:
    """Write a call short: what stands for an id is a colon and its name."""
    return f"`{call.removesuffix('.json').replace('*', ':id')}`"


def made() -> dict[str, str]:
    """Give every table by its name in the README."""
    resources = {resource.name: fields(resource) for resource in tables().known_resources()}
    return {
        **resources,
        "values": enums(tables().enums),
        "codes": codes(),
        "differences": differences(),
        "calls": calls(),
    }


def filled(readme: str) -> str:
    """Give the README with its tables made anew."""
    found = made()
    return _BLOCK.sub(lambda block: f"{block[1]}{found[block[2]]}\n{block[3]}", readme)


if __name__ == "__main__" and "--write" in sys.argv:
    README.write_text(filled(README.read_text("utf-8")), "utf-8")
