"""What there is to say of documents: by code, with the first example and what to do."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from infakt_compat.cli.words import counted, printable, word

if TYPE_CHECKING:
    from infakt_compat.migrate.report.model import Finding, Place

COLOURS = {"info": "cyan", "warning": "yellow", "fault": "red"}
_MOST_FIELDS = 12
#: How much of what was found is said, in characters.
_LONGEST = 300


def write_findings(findings: "Iterable[Finding]", language: str, *, err: bool) -> None:
    """Write each code: level, count, and what is said of it; to stderr where that is asked."""
    for finding in findings:
        level = word(finding.level, language)
        if not os.environ.get("NO_COLOR"):  # click leaves colours away where no terminal reads
            level = click.style(level, fg=COLOURS[finding.level])
        click.echo(f"\n{level} {finding.code}: {counted(finding.count, language)}", err=err)
        for label, text in said_of(finding, language):
            click.echo(f"  {label} {text}" if label else f"  {text}", err=err)


def said_of(finding: "Finding", language: str) -> list[tuple[str, str]]:
    """Give sentence, fields, the first place and the advice: labels (or none) and texts."""
    from infakt_compat.tables.texts import advice, sentence

    rows = [("", sentence(finding.code, language))]
    named = [(name, count) for name, count in finding.fields.items() if name]
    if len(named) > 1:
        common = sorted(named, key=lambda one: -one[1])[:_MOST_FIELDS]
        more = ", ..." if len(named) > _MOST_FIELDS else ""
        fields = ", ".join(f"{name} {count}" for name, count in common) + more
        rows.append((word("fields", language), printable(fields)))
    for place in finding.examples[:1]:
        rows.append((word("example", language), printable(_where(place, language))))
    if text := advice(finding.code, language):
        rows.append((word("advice", language), text))
    return rows


def _where(place: "Place", language: str) -> str:
    """Say where something stands, and what was found."""
    found = place.source
    if place.position:
        found += f", {word('document', language)} {place.position}"
    if place.number and place.number not in place.detail:
        found += f" ({place.number})"
    said = " ".join(part for part in (place.path, place.found) if part)
    said = said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
    return f"{found}: {said}" if said else found
