"""`infakt-compat gateway check`: what was tried, how it is, what to do about it."""

from pathlib import Path

WRONG = 2
_COLOURS = {"ok": "green", "advice": "yellow", "wrong": "red"}


def show(config: Path) -> int:
    """Show a table of what was found; gives the exit code."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from infakt_compat.dropin.checking import Verdict, check

    table = Table("verdict", "what", box=box.SIMPLE, pad_edge=False)
    table.add_column("found, and what to do", overflow="fold")
    verdicts = set()
    for finding in check(config):
        verdicts.add(finding.verdict)
        found = Text(finding.said)
        if finding.remedy:
            found.append(f"\n-> {finding.remedy}", "bold")
        verdict = Text(finding.verdict, _COLOURS[finding.verdict])
        table.add_row(verdict, Text(finding.what), found)
    Console(highlight=False).print(table)
    return WRONG if Verdict.WRONG in verdicts else 0
