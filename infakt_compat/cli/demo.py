"""`infakt-compat demo`: the samples there and back, before and after, and the proof."""

from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.resources import as_file
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infakt_compat.codecs.json_text import dumps
from infakt_compat.codecs.v2_write import xml_text

if TYPE_CHECKING:
    from infakt_compat.migrate.proof import Trip
    from infakt_compat.translate.compile import Plan

#: The sample that is shown in full: a price of four decimals, another name for a country, a v2
#: product.
_SHOWN = "demo.xml"


@click.command()
@click.option("--lang", type=click.Choice(["en", "pl"]), help="Language of the sentences.")
def command(lang: str | None) -> int:
    """Convert the samples there and back, and walk through v2's verbs on a stand-in.

    Shows before and after, the notices, the proof of the round trip, and what each verb becomes.

    Needs no account and no network, and leaves nothing behind.
    """
    from infakt_compat.cli.demo_verbs import show_verbs
    from infakt_compat.migrate.proof import trips
    from infakt_compat.tables.files import data_folder
    from infakt_compat.tables.texts import locale_language

    language = lang or locale_language()
    with as_file(data_folder("legacy_samples")) as folder:
        _show_one(next(iter(trips(folder / _SHOWN))), language)
        there = (path for path in Path(folder).iterdir() if path.name != "INDEX.toml")
        files = sorted(path for path in there if path.is_file())
        taken = [trip for path in files for trip in trips(path)]
    code = _show_proof(taken, len(files), language)
    show_verbs()
    click.echo("Try it on your own: infakt-compat convert ARCHIVE -o invoices.jsonl")
    return code


def _show_one(trip: "Trip", language: str) -> None:
    """Show one document before and after, what is said of it, and what came back."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from infakt_compat.tables.texts import sentence
    from infakt_compat.translate.compile import plans

    invoice = trip.line["invoice"]
    plan = plans()["invoice"].of_kind(invoice["kind"])
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("v2", "as it was", "v3", "as it is now"):
        table.add_column(title, no_wrap=not title.startswith("as"))
    for row in _rows(plan, trip.wanted, invoice, ""):
        table.add_row(*row)
    click.secho(f"One invoice (legacy_samples/{_SHOWN})", bold=True)
    Console(highlight=False, markup=False).print(table)
    click.secho("What v3 cannot hold is kept beside it, and said:\n", bold=True)
    for notice in trip.notices:
        click.echo(f"  {notice.level} {notice.code}  {notice.path}  {notice.detail}")
        click.echo(f"      {sentence(notice.code, language)}")
    click.echo("\nOne line of JSON Lines holds both:\n")
    click.echo(dumps(trip.line).decode())
    same = "the same as before" if trip.equal else "NOT THE SAME"
    click.echo(f"\nConverted back to v2, the invoice is {same}.\n")


def _rows(
    plan: "Plan", before: Mapping[str, Any], after: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, str, str, str]]:
    """Give a row a field that the document has: its v2 name and value, its v3 name and value."""
    for step in plan.shown:
        value = before.get(step.v2)
        if isinstance(value, list) and plan.lines is not None:
            for position, pair in enumerate(zip(value, after[step.target], strict=True)):
                yield from _rows(plan.lines, *pair, f"line {position + 1}: ")
        elif value not in (None, ""):
            there = {name: after[name] for name in step.v3 if name in after}
            yield (
                prefix + step.v2,
                xml_text(value),
                "\n".join(there) or "(kept)",
                "\n".join(dumps(each).decode() for each in there.values()),
            )


def _show_proof(taken: "list[Trip]", files: int, language: str) -> int:
    """Show how many documents came back, and every notice; exit code 1 when one did not."""
    from infakt_compat.tables.texts import sentence

    click.secho(f"All {len(taken)} documents of {files} sample files, to v3 and back\n", bold=True)
    counts = Counter(notice.code for trip in taken for notice in trip.notices)
    for code, count in sorted(counts.items()):
        click.echo(f"  {count:>4}  {code:<22} {sentence(code, language)}")
    exact = sum(not trip.notices for trip in taken)
    equal = sum(trip.equal for trip in taken)
    click.echo(f"\n  {exact:>4}  v3 holds exactly, {len(taken) - exact} with notices")
    click.secho(f"  {equal:>4}  of {len(taken)} came back the same", bold=True)
    click.echo()
    return 0 if equal == len(taken) else 1
