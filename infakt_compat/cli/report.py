"""The report of a conversion, on stderr and as a summary for programs."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infakt_compat.cli.words import printable, word

if TYPE_CHECKING:
    from infakt_compat.migrate.account import Account, Entry

_MOST_FIELDS = 12
_COLOURS = {"info": "cyan", "warning": "yellow", "fault": "red"}


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
    for level in ("warning", "info"):
        for code, entry in sorted(account.notices.items()):
            if entry.level == level:
                _write_entry(code, entry, language)
    for code, entry in sorted(account.faults.items()):
        _write_entry(code, entry, language)
    if summary is not None:
        _write_summary(account, summary)


def _write_summary(account: "Account", summary: Path) -> None:
    """Write the account for programs; raises `OutputFailed`."""
    import orjson

    from infakt_compat.migrate.output import writing

    with writing(summary):
        summary.write_bytes(orjson.dumps(account.summary(), option=orjson.OPT_APPEND_NEWLINE))


def _write_entry(code: str, entry: "Entry", language: str) -> None:
    """Write one code: level, count, the sentence, and the first place."""
    from infakt_compat.tables.texts import sentence

    example = entry.example
    level = word(entry.level, language)
    if not os.environ.get("NO_COLOR"):
        level = click.style(level, fg=_COLOURS[entry.level])
    click.echo(f"\n{level} {code}: {entry.count}", err=True)
    click.echo(f"  {sentence(code, language)}", err=True)
    if len(entry.fields) > 1:
        common = entry.fields.most_common(_MOST_FIELDS)
        named = ", ".join(f"{name or '-'} {count}" for name, count in common)
        more = ", ..." if len(entry.fields) > _MOST_FIELDS else ""
        click.echo(printable(f"  {word('fields', language)} {named}{more}"), err=True)
    place = " ".join(part for part in (example.path, example.detail) if part)
    where = f"{example.source}, {word('document', language)} {example.position}"
    example_text = f"  {word('example', language)} {where}{': ' if place else ''}{place}"
    click.echo(printable(example_text), err=True)
