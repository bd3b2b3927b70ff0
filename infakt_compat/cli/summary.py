"""A report on standard output: tables on a terminal, plain lines when piped."""

import os
import sys
from typing import TYPE_CHECKING

import click

from infakt_compat.cli.words import counted, printable, word

if TYPE_CHECKING:
    from infakt_compat.migrate.report.model import Finding, Place, Report

_MOST_FIELDS = 8
_LEVELS = ("fault", "warning", "info")
_COLOURS = {"info": "cyan", "warning": "yellow", "fault": "red"}
_OUTCOMES = {"good": "green", "attention": "yellow", "bad": "red"}


def show(report: "Report") -> None:
    """Write counts, findings with their first place and what to do, and the outcome."""
    if sys.stdout is not None and sys.stdout.isatty():
        _show_tables(report)
    else:
        _show_lines(report)


def _show_lines(report: "Report") -> None:
    """Write plain lines."""
    width = max((len(count.label) for count in report.counts), default=0) + 2
    for count in report.counts:
        click.echo(f"{count.label:<{width}}{count.number:>9}")
    for finding in _in_order(report):
        click.echo(f"\n{word(finding.level, report.lang)} {finding.code}: {finding.count}")
        for label, text in _said(finding, report.lang):
            click.echo(f"  {label} {text}" if label else f"  {text}")
    click.echo(f"\n{report.outcome.sentence}")
    if report.outcome.advice:
        click.echo(report.outcome.advice)


def _show_tables(report: "Report") -> None:
    """Write tables with colours, as wide as the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(no_color=bool(os.environ.get("NO_COLOR")), highlight=False)
    counts = Table.grid(padding=(0, 2))
    counts.add_column()
    counts.add_column(justify="right")
    for count in report.counts:
        style = _OUTCOMES.get(count.level, "") if count.number else ""
        counts.add_row(Text(count.label), Text(counted(count.number, report.lang), style=style))
    console.print(counts)
    for finding in _in_order(report):
        head = Text(f"\n{word(finding.level, report.lang)} ", style=_COLOURS[finding.level])
        head.append(f"{finding.code}  {counted(finding.count, report.lang)}", style="bold")
        body = Table.grid(padding=(0, 1))
        body.add_column(style="dim", no_wrap=True)
        body.add_column()
        for label, text in _said(finding, report.lang):
            body.add_row(f"  {label}", Text(text))
        console.print(head, body)
    console.print(Text(f"\n{report.outcome.sentence}", style=_OUTCOMES[report.outcome.level]))
    if report.outcome.advice:
        console.print(Text(report.outcome.advice))


def _in_order(report: "Report") -> "list[Finding]":
    """Sort the findings: the gravest first, and of one level by code."""
    return sorted(report.findings, key=lambda one: (_LEVELS.index(one.level), one.code))


def _said(finding: "Finding", language: str) -> list[tuple[str, str]]:
    """Give what is said of a finding: labels and texts."""
    from infakt_compat.tables.texts import advice, sentence

    rows = [("", sentence(finding.code, language))]
    if len(finding.fields) > 1:
        common = finding.fields.most_common(_MOST_FIELDS)
        more = ", ..." if len(finding.fields) > _MOST_FIELDS else ""
        named = ", ".join(f"{name or '-'} {count}" for name, count in common) + more
        rows.append((word("fields", language), printable(named)))
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
    said = " ".join(part for part in (place.path, place.detail) if part)
    return f"{found}: {said}" if said else found
