"""`infakt-compat demo`: the samples there and back, before and after, and the proof."""

from collections import Counter
from collections.abc import Mapping
from importlib.resources import as_file
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from infakt_compat.migrate.proof import Trip

#: The sample that is shown in full: a price of four decimals, another name for a country, a v2 product.
_SHOWN = "demo.xml"


@click.command()
@click.option("--lang", type=click.Choice(["en", "pl"]), help="Language of the sentences.")
def command(lang: str | None) -> int:
    """Convert the samples there and back; show before and after, the notices, and the proof.

    Needs no account and no network, and leaves nothing behind.
    """
    from infakt_compat.migrate.proof import trips
    from infakt_compat.tables.files import data_folder
    from infakt_compat.tables.texts import locale_language

    language = lang or locale_language()
    with as_file(data_folder("legacy_samples")) as folder:
        _show_one(next(iter(trips(folder / _SHOWN))), language)
        files = sorted(path for path in Path(folder).iterdir() if path.name != "INDEX.toml")
        taken = [trip for path in files if path.is_file() for trip in trips(path)]
    return _show_proof(taken, len(files), language)


def _show_one(trip: "Trip", language: str) -> None:
    """Show one document before, after, what is said of it, and what came back."""
    from rich.console import Console
    from rich.table import Table

    from infakt_compat.codecs.v2_write import xml_record
    from infakt_compat.tables.texts import sentence

    click.secho(f"One invoice ({_SHOWN})\n", bold=True)
    table = Table("v2, as it was", "v3, as it is now", box=None, padding=(0, 2))
    before = xml_record("invoice", {k: v for k, v in trip.wanted.items() if v not in ("", None)})
    table.add_row(before.decode(), _pretty(trip.line["invoice"]))
    Console(highlight=False, markup=False).print(table)
    click.secho("\nWhat v3 cannot hold is kept beside it:\n", bold=True)
    click.echo(_pretty(trip.line.get("v2", {})))
    click.secho("\nand each such value is said:\n", bold=True)
    for notice in trip.notices:
        click.echo(f"  {notice.level} {notice.code}  {notice.path}  {notice.detail}")
        click.echo(f"      {sentence(notice.code, language)}")
    same = "the same as before" if trip.equal else "NOT THE SAME"
    click.echo(f"\nConverted back to v2, the invoice is {same}.\n")


def _pretty(tree: Mapping[str, Any]) -> str:
    """Write a tree for people."""
    import orjson

    from infakt_compat.codecs.json_text import dumps

    return orjson.dumps(orjson.loads(dumps(tree)), option=orjson.OPT_INDENT_2).decode()


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
    click.echo("\nTry it on your own: infakt-compat convert ARCHIVE -o invoices.jsonl")
    return 0 if equal == len(taken) else 1
