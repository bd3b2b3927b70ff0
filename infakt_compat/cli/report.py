"""The report of a conversion, on stderr and as a summary for programs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from infakt_compat.migrate.account import Account, Entry

_WORDS = {
    "en": {
        "read": "read",
        "converted": "converted",
        "exact": "  exact",
        "noticed": "  with notices",
        "rejected": "rejected",
        "example": "e.g.",
        "fields": "fields:",
        "document": "document",
        "seconds": "s",
        "info": "info",
        "warning": "warning",
        "fault": "refused",
    },
    "pl": {
        "read": "przeczytano",
        "converted": "przekształcono",
        "exact": "  dokładnie",
        "noticed": "  z uwagami",
        "rejected": "odrzucono",
        "example": "np.",
        "fields": "pola:",
        "document": "dokument",
        "seconds": "s",
        "info": "informacja",
        "warning": "ostrzeżenie",
        "fault": "odrzucono",
    },
}
_MOST_FIELDS = 12
_COLOURS = {"info": "cyan", "warning": "yellow", "fault": "red"}


def write_report(account: "Account", language: str, summary: Path | None) -> None:
    """Write the report to stderr, and the summary to its file."""
    words = _WORDS[language]
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
            pace = f"   {account.seconds:.2f} {words['seconds']}"
        click.echo(f"{words[name]:<16}{count:>9}{pace}", err=True)
    for level in ("warning", "info"):
        for code, entry in sorted(account.notices.items()):
            if entry.level == level:
                _write_entry(code, entry, language)
    for code, entry in sorted(account.faults.items()):
        _write_entry(code, entry, language)
    if summary is not None:
        import orjson

        summary.write_bytes(orjson.dumps(account.summary(), option=orjson.OPT_APPEND_NEWLINE))


def _write_entry(code: str, entry: "Entry", language: str) -> None:
    """Write one code: level, count, the sentence, and the first place."""
    from infakt_compat.tables.texts import sentence

    words, example = _WORDS[language], entry.example
    level = click.style(words[entry.level], fg=_COLOURS[entry.level])
    click.echo(f"\n{level} {code}: {entry.count}", err=True)
    click.echo(f"  {sentence(code, language)}", err=True)
    if len(entry.fields) > 1:
        named = ", ".join(
            f"{name} {count}" for name, count in entry.fields.most_common(_MOST_FIELDS)
        )
        more = ", ..." if len(entry.fields) > _MOST_FIELDS else ""
        click.echo(_printable(f"  {words['fields']} {named}{more}"), err=True)
    place = " ".join(part for part in (example.path, example.detail) if part)
    where = f"{example.source}, {words['document']} {example.position}"
    click.echo(_printable(f"  {words['example']} {where}{': ' if place else ''}{place}"), err=True)


def _printable(text: str) -> str:
    """Replace control characters, which a document could move the cursor with."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
