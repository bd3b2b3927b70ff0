"""What there is to say of documents, written to stderr: by code, with the first example."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from infakt_compat.cli.words import counted, printable, word

if TYPE_CHECKING:
    from infakt_compat.migrate.report.model import Finding, Place

_MOST_FIELDS = 12
_COLOURS = {"info": "cyan", "warning": "yellow", "fault": "red"}


def write_findings(findings: "Iterable[Finding]", language: str) -> None:
    """Write each code: level, count, sentence, advice, fields, and the first place."""
    for finding in findings:
        _write(finding, language)


def _write(finding: "Finding", language: str) -> None:
    from infakt_compat.tables.texts import advice, sentence

    level = word(finding.level, language)
    if not os.environ.get("NO_COLOR"):
        level = click.style(level, fg=_COLOURS[finding.level])
    click.echo(f"\n{level} {finding.code}: {counted(finding.count, language)}", err=True)
    click.echo(f"  {sentence(finding.code, language)}", err=True)
    if todo := advice(finding.code, language):
        click.echo(f"  {todo}", err=True)
    named = [(name, count) for name, count in finding.fields.most_common(_MOST_FIELDS) if name]
    if len(named) > 1:
        fields = ", ".join(f"{name} {count}" for name, count in named)
        click.echo(f"  {word('fields', language)} {printable(fields)}", err=True)
    for place in finding.examples[:1]:
        click.echo(f"  {word('example', language)} {printable(_where(place, language))}", err=True)


def _where(place: "Place", language: str) -> str:
    where = place.source
    if place.position:
        where = f"{where}, {word('document', language)} {place.position}"
    if place.number:
        where = f"{where} ({place.number})"
    what = " ".join(part for part in (place.path, place.detail) if part)
    return f"{where}: {what}" if what else where
