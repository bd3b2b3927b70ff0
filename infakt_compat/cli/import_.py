"""`infakt-compat import`: an archive into a v3 account, each document once."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infakt_compat.cli import connection, told
from infakt_compat.cli.convert import Limit

if TYPE_CHECKING:
    from infakt_compat.cli.import_run import Wish

#: What the first run was told, and the next ones keep to unless they are told otherwise.
_KEPT = ("clients", "paid_date", "sale_type", "exemption", "flat_rate")


class _Only(click.ParamType):  # type: ignore[type-arg]
    """A filter: `kind=...`, `number=...`, `date=...`."""

    name = "FILTER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Check a filter; all of them are read together later."""
        from infakt_compat.migrate.importing.settings import Only

        try:
            Only.read([value])
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return value


@click.command(
    epilog="Exit codes: 0 all there; 1 a defect of ours; 2 usage; 3 some rejected, not settled, or "
    "without their status or PDF; 4 a source unreadable or broken off; 5 v3 does not let it go on; "
    "6 stopped by --max-rejects; 130 interrupted."
)
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@click.option("--journal", required=True, metavar="FILE|URL", help="SQLite file or PostgreSQL URL.")
@click.option("--apply", "apply", is_flag=True, help="Do it; without this nothing is sent.")
@told.options
@click.option(
    "--paid-date",
    type=click.Choice(["payment", "invoice", "today", "none"]),
    help="Which day a paid document gets: due date (default), invoice date, today; none: unpaid.",
)
@click.option("--max-rejects", "limit", type=Limit(), help="Stop above N rejected, or P percent.")
@click.option(
    "--only",
    type=_Only(),
    multiple=True,
    help="Take these only: kind=vat,proforma  number=1/05/2012  date=2012-01..2012-06",
)
@click.option("--send-to-ksef", is_flag=True, help="Send VAT invoices to KSeF as they are created.")
@click.option(
    "--pdf",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Save each PDF. v3 makes a document printed by that; drafts are left out.",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a report page.",
)
@click.option(
    "--settle",
    type=click.IntRange(0, 86_400),
    metavar="SECONDS",
    help="How long a look-up that finds nothing settles nothing (default 900).",
)
@click.option("--lang", type=click.Choice(["en", "pl"]), help="Language of the report.")
@connection.options
def command(**options: Any) -> int:
    """Create the documents of v2 archives in a v3 account, each exactly once.

    Without --apply it says what it would do: nothing is sent, no key is needed. With --apply it can
    be interrupted and killed at any moment; the same command goes on where it was.

    SRC is a file, a folder (*.xml, *.json and *.jsonl below it) or - for standard input. VAT
    invoices, proformas, proven corrections and clients are created; for the rest the report says
    why not. The account's API key is taken from the environment (--api-key-env).
    """
    from infakt_compat.cli.import_run import run
    from infakt_compat.errors import OutputFailed
    from infakt_compat.migrate.importing.run import WrongAccount
    from infakt_compat.migrate.journal.lock import JournalInUse
    from infakt_compat.migrate.planning.fingerprints import SourceChanged
    from infakt_compat.store import StoreError

    wish = _wish(options)
    try:
        return run(wish)
    except (StoreError, SourceChanged, WrongAccount, JournalInUse, OutputFailed) as error:
        raise click.UsageError(str(error)) from None


def _wish(options: dict[str, Any]) -> "Wish":
    """Put the options together; raises `click.UsageError` for what cannot be meant."""
    from infakt_compat.cli.import_run import Wish
    from infakt_compat.migrate.importing.settings import Only
    from infakt_compat.migrate.source import find_sources
    from infakt_compat.tables.texts import locale_language

    names = options["sources"]
    if names.count("-") > 1:
        raise click.UsageError("standard input (-) can be read once only")
    if options["send_to_ksef"] and options["dialect"] == "classic":
        raise click.UsageError("the classic v3 has no KSeF: leave --send-to-ksef out")
    way = connection.Connection(
        options["api_key_env"], options["base_url"], options["dialect"], options["limits"]
    )
    found = find_sources(names)
    for source in found:
        if source.path is not None and not source.path.exists():
            raise click.UsageError(f"{source.name} is not there")
    return Wish(
        found, options["journal"], options["apply"], way, Only.read(options["only"]),
        {name: options[name] for name in _KEPT if options[name] is not None},
        options["send_to_ksef"], options["pdf"], options["settle"], options["limit"],
        options["html"], options["lang"] or locale_language(),
    )  # fmt: skip
