"""A report on standard output: tables on a terminal, plain lines when piped."""

import os
import sys
from typing import TYPE_CHECKING

import click

from infakt_compat.cli.findings import COLOURS, said_of, write_findings
from infakt_compat.cli.words import counted, word

if TYPE_CHECKING:
    from infakt_compat.migrate.report.model import Finding, Report

_LEVELS = ("fault", "warning", "info")
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
    write_findings(_in_order(report), report.lang, err=False)
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
        head = Text(f"\n{word(finding.level, report.lang)} ", style=COLOURS[finding.level])
        head.append(f"{finding.code}  {counted(finding.count, report.lang)}", style="bold")
        body = Table.grid(padding=(0, 1))
        body.add_column(style="dim", no_wrap=True)
        body.add_column()
        for label, text in said_of(finding, report.lang):
            body.add_row(f"  {label}", Text(text))
        console.print(head, body)
    console.print(Text(f"\n{report.outcome.sentence}", style=_OUTCOMES[report.outcome.level]))
    if report.outcome.advice:
        console.print(Text(report.outcome.advice))


def _in_order(report: "Report") -> "list[Finding]":
    """Sort the findings: the gravest first, and of one level by code."""
    return sorted(report.findings, key=lambda one: (_LEVELS.index(one.level), one.code))
