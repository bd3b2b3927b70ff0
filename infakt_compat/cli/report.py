"""The report of a conversion, on stderr and as a summary for programs."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infakt_compat.cli.findings import write_findings
from infakt_compat.cli.words import word

if TYPE_CHECKING:
    from infakt_compat.migrate.account import Account
    from infakt_compat.migrate.report.model import Finding


def write_report(account: "Account", language: str, summary: Path | None) -> None:
    """Write the report to stderr, and the summary to its file."""
    counts = (
        ("read", account.read),
        ("converted", account.converted),
        ("exact", account.exact),
        ("noticed", account.with_notices),
        ("rejected", account.rejected),
    )
    for name, count in counts:
        pace = ""
        if name == "read" and account.seconds > 0:
            pace = f"   {account.seconds:.2f} s"
        click.echo(f"{word(name, language):<16}{count:>9}{pace}", err=True)
    write_findings(_findings(account), language, err=True)
    if summary is not None:
        _write_summary(account, summary)


def _write_summary(account: "Account", summary: Path) -> None:
    """Write the account for programs; raises `OutputFailed`."""
    import orjson

    from infakt_compat.migrate.output import writing

    with writing(summary):
        summary.write_bytes(orjson.dumps(account.summary(), option=orjson.OPT_APPEND_NEWLINE))


def _findings(account: "Account") -> "Iterator[Finding]":
    """Give what was said: warnings, then what is for information, then the reasons of rejects."""
    from infakt_compat.migrate.report.model import Finding, Place

    noticed = sorted(account.notices.items(), key=lambda one: (one[1].level != "warning", one[0]))
    for code, entry in [*noticed, *sorted(account.faults.items())]:
        first = entry.example
        place = Place(first.source, first.position, "", first.path, first.detail)
        yield Finding(code, entry.level, entry.count, entry.fields, [place])
