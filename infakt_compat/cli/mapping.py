"""`infakt-compat mapping`: what becomes of each field, from the tables."""

import difflib
import sys

import click

from infakt_compat.tables.load import tables
from infakt_compat.tables.rules import Enum, Resource, Rule

_ARROWS = {"read": "->", "write": "=>", "both": "<->"}
_WIDE = 160
_SOURCES = (
    "-> read only, => written only, <-> both. Sources: S v2's documentation, K and G programs that "
    "spoke v2, v2-wire and W what is known of v2 and v3 on the wire, seed 004 v3's documentation, "
    "D decided by this project."
)


@click.command()
@click.argument("name", required=False)
def command(name: str | None) -> int:
    """Show the table of a resource (invoice, service, client), or all that is known of one field.

    NAME is a resource, or a field by its v2 or v3 name; without it, every table is shown.
    """
    resources = {resource.name: resource for resource in tables().known_resources()}
    if name is None or name in resources:
        for resource in resources.values() if name is None else [resources[name]]:
            _show_resource(resource)
        return 0
    found = [
        (resource, rule)
        for resource in resources.values()
        for rule in resource.rules
        if name in (rule.v2, *rule.v3, *rule.aliases)
    ]
    if not found:
        raise click.UsageError(_unknown(name))
    for resource, rule in found:
        _show_field(resource, rule)
    return 0


def _unknown(name: str) -> str:
    """Say that there is no such field, and which are alike."""
    names = {
        each
        for resource in tables().known_resources()
        for rule in resource.rules
        for each in (rule.v2, *rule.v3)
        if each
    }
    alike = difflib.get_close_matches(name, sorted(names), 3)
    hint = f" Do you mean {', '.join(alike)}?" if alike else ""
    return f"No resource and no field is called {name!r}.{hint}"


def _show_resource(resource: Resource) -> None:
    """Show a resource as a table: a rule a row."""
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title=f"{resource.name} (mappings/{resource.file})",
        title_justify="left",
        caption=_SOURCES,
        caption_justify="left",
    )
    for column in ("v2", "", "v3", "type", "converter", "kinds", "why"):
        table.add_column(column, overflow="fold")
    for rule in resource.rules:
        arrow = _ARROWS[rule.direction] if rule.v2 and rule.v3 else ""
        table.add_row(
            rule.v2 or "-",
            arrow,
            ", ".join(rule.v3) or "-",
            rule.type,
            rule.converter,
            kinds(rule),
            rule.why,
        )
    Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False).print(table)


def kinds(rule: Rule) -> str:
    """Say which kinds of invoice a rule holds for."""
    if rule.kinds:
        return "only " + ", ".join(rule.kinds)
    return "not " + ", ".join(rule.not_kinds) if rule.not_kinds else ""


def _show_field(resource: Resource, rule: Rule) -> None:
    """Show everything that the tables say of one field."""
    click.echo(
        f"{resource.name}: {rule.v2 or '(nothing in v2)'} {_ARROWS[rule.direction]} ", nl=False
    )
    click.echo(", ".join(rule.v3) or "(nothing in v3: kept in the residue)")
    details = {
        "type": rule.type,
        "converter": rule.converter,
        "direction": {
            "read": "v2 showed it and took no change",
            "write": "v2 took it and never showed it",
            "both": "",
        }[rule.direction],
        "kinds": kinds(rule),
        "also written": ", ".join(rule.aliases),
        "live, absent": f"{rule.absent} stands in" if rule.absent else "",
        "why": rule.why,
        "table": f"mappings/{resource.file}:{rule.line}",
    }
    for title, text in details.items():
        if text:
            click.echo(f"  {title:<13} {text}")
    if rule.enum:
        _show_enum(tables().enums[rule.enum])
    click.echo()


def _show_enum(enum: Enum) -> None:
    """Show the values of an enumerated field."""
    click.echo(f"  {'values':<13} {enum.why}")
    for value in enum.values:
        if value.v2 is None:
            text = f"{value.shown_as} (stands in) <- {value.v3}"
        elif enum.by_v3()[value.v3] is value:
            text = f"{value.v2} <-> {value.v3}"
        else:
            text = f"{value.v2} -> {value.v3} (kept, and comes back)"
        days = " to ".join(str(day or "") for day in (value.valid_from, value.valid_until))
        notes = [days if days.strip(" to") else "", value.why]
        remark = "; ".join(note for note in notes if note)
        click.echo(f"  {'':<13} {text}{f'  ({remark})' if remark else ''}")
