"""`infakt-compat journal`: what an import did, and rejects taken up again."""

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infakt_compat.cli import connection
from infakt_compat.cli.convert import DONE, INTERRUPTED, REJECTED
from infakt_compat.cli.import_words import said
from infakt_compat.cli.words import counted, printable

if TYPE_CHECKING:
    from infakt_compat.migrate.journal import Entry, Journal


@click.group()
def command() -> None:
    """Show what an import did, and take rejects up again."""


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    lang = click.option("--lang", type=click.Choice(["en", "pl"]), help="Language of the words.")
    where = click.option("--journal", "where", required=True, metavar="FILE|URL", help="Which.")
    return where(lang(function))


@contextmanager
def _opened(where: str) -> "Iterator[Journal]":
    """Open a journal; what is wrong with it is a matter of usage."""
    from infakt_compat.errors import OutputFailed
    from infakt_compat.migrate.journal import NoJournal, open_journal
    from infakt_compat.migrate.journal.lock import JournalInUse
    from infakt_compat.migrate.planning.fingerprints import SourceChanged
    from infakt_compat.migrate.planning.retry import NotUnknown
    from infakt_compat.migrate.rejects import FolderNotEmpty
    from infakt_compat.store import StoreError

    usage = (
        NoJournal, StoreError, JournalInUse, SourceChanged, FolderNotEmpty, OutputFailed,
        NotUnknown,
    )  # fmt: skip
    try:
        with open_journal(where) as journal:
            yield journal
    except usage as error:
        raise click.UsageError(str(error)) from None


def _language(lang: str | None) -> str:
    from infakt_compat.tables.texts import locale_language

    return lang or locale_language()


@command.command()
@_options
def show(where: str, lang: str | None) -> int:
    """Show how the documents stand, and what to look at."""
    from infakt_compat.cli.findings import write_findings
    from infakt_compat.migrate.journal import State
    from infakt_compat.migrate.journal.findings import findings

    language = _language(lang)
    with _opened(where) as journal:
        account = journal.account or said("no_account", language)
        click.echo(f"{said('account', language)}: {account}")
        for source in journal.sources():
            documents = counted(source.documents, language)
            click.echo(f"  {said('source', language, source=source.name, documents=documents)}")
        for one in journal.totals():
            kind, state = said(f"kind {one.kind}", language), said(f"state {one.state}", language)
            click.echo(f"{kind:<20}{state:<14}{counted(one.count, language):>9}")
        if owing := sum(one.owing for one in journal.totals()):
            click.echo(f"{said('owing', language):<34}{counted(owing, language):>9}")
        unknown = list(journal.entries([State.UNKNOWN]))
        if unknown:
            click.echo(f"\n{said('look_at', language)}:")
        for entry in unknown:
            click.echo(f"  {_described(journal, entry)}")
        if unknown:
            click.echo(said("settle_hint", language))
        write_findings(findings(journal), language, err=True)
    return REJECTED if unknown else DONE


def _described(journal: "Journal", entry: "Entry") -> str:
    """Say what somebody has to look for: row, number, client, date, total, what is known of it."""
    from infakt_compat.codecs.json_text import loads
    from infakt_compat.migrate.importing.lookups import client_of
    from infakt_compat.money import number_text, zloty

    total = "" if entry.total is None else number_text(zloty(entry.total))
    details = "; ".join(fault.detail for fault in entry.faults if fault.detail)
    place = f"{entry.source}, {entry.position}"
    client = client_of(loads(journal.body(entry.place) or "{}"))
    number = entry.number or "-"
    parts = (number, client, entry.day, total, entry.currency, place, details)
    return printable(f"#{entry.place}  " + "  ".join(part for part in parts if part))


@command.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@_options
def rejects(folder: Path, where: str, lang: str | None) -> int:
    """Write the rejected documents, and why, into an empty folder: to be mended and retried."""
    from infakt_compat.migrate.planning.rejected import write_rejects
    from infakt_compat.migrate.rejects import Rejects
    from infakt_compat.tables.texts import sentence

    language = _language(lang)
    with _opened(where) as journal:
        written = Rejects(folder, lambda code: sentence(code, language))
        try:
            count = write_rejects(journal, written)
        finally:
            written.close()
    name = "written_rejects" if count else "no_rejects"
    click.echo(said(name, language, count=counted(count, language), folder=folder), err=True)
    return DONE


@command.command()
@click.argument("sources", nargs=-1, metavar="[SRC...]")
@click.option(
    "--unknown",
    "released",
    type=int,
    multiple=True,
    metavar="N",
    help="Plan document #N of `journal show` again: you have looked, and it is not there.",
)
@_options
def retry(sources: tuple[str, ...], released: tuple[int, ...], where: str, lang: str | None) -> int:
    """Plan rejected documents again: mended ones from SRC, or all that v3 has refused.

    Nothing is sent: `import` with --apply does that.
    """
    from infakt_compat.migrate.journal.lock import held
    from infakt_compat.migrate.planning.retry import release, retry, retry_all
    from infakt_compat.migrate.source import find_sources

    language = _language(lang)
    with _opened(where) as journal, held(journal):
        if released:
            done = release(journal, released)
        else:
            done = retry(journal, find_sources(sources)) if sources else retry_all(journal)
    for missed in done.missed:
        name = "unmatched" if missed.state is None else "settled_already"
        state = "" if missed.state is None else said(f"state {missed.state}", language)
        place = {"source": missed.source, "position": missed.position, "state": state}
        click.echo(said(name, language, **place), err=True)
    for source, fault in done.faults:
        click.echo(f"{source}: {fault}", err=True)
    if done.refused:
        click.echo(said("still_refused", language, count=done.refused), err=True)
    click.echo(said("retried", language, count=counted(done.count, language)), err=True)
    return REJECTED if done.missed or done.faults or done.refused else DONE


@command.command()
@click.argument("place", type=click.IntRange(1), metavar="N")
@click.option("--id", "reference", metavar="ID", help="It is v3's document of this id or uuid.")
@click.option("--number", metavar="NUMBER", help="It is v3's document of this number.")
@connection.options
@_options
def settle(
    place: int, reference: str | None, number: str | None, where: str, lang: str | None, **way: Any
) -> int:
    """Say that document #N of `journal show`, which was not known, is there: which one it is.

    The account is read, so that a wrong id is noticed: client, date and total have to be the same,
    and no other document of the journal may be that one. The key is taken from the environment
    (--api-key-env). For one that is not there: `journal retry --unknown N`.
    """
    from infakt_compat.cli.import_run import REFUSED, check_account, say_why
    from infakt_compat.migrate.importing import outcomes
    from infakt_compat.migrate.importing.run import Stopped, WrongAccount
    from infakt_compat.migrate.importing.settings import Settings
    from infakt_compat.migrate.importing.settling import Named, NotThatOne
    from infakt_compat.migrate.importing.settling import settle as settled
    from infakt_compat.migrate.journal.lock import held
    from infakt_compat.v3 import Clock, V3Error

    if (reference is None) == (number is None):
        raise click.UsageError("say which document of the account it is: --id ID or --number N")
    language, own = _language(lang), connection.Connection(**way)
    with _opened(where) as journal, held(journal):
        try:
            with own.client(windows=journal.windows) as v3:
                check_account(journal, v3)
                kept = journal.value("settings") or {}
                settings = Settings(paid_date=kept.get("paid_date", "payment"))
                made = settled(journal, v3, place, Named(reference, number), settings, Clock())
        except (NotThatOne, WrongAccount) as error:
            raise click.UsageError(str(error)) from None
        except V3Error as error:
            say_why(outcomes.stops(error) or Stopped(str(error)), own, language)
            return REFUSED
    values = {"place": place, "number": made.number or "", "id": made.id}
    click.echo(said("settled", language, **values), err=True)
    return DONE


@command.command()
@click.option(
    "-o", "out", type=click.Path(path_type=Path), metavar="OUT", help="Write to OUT, not to stdout."
)
@_options
def export(out: Path | None, where: str, lang: str | None) -> int:
    """Write old and new ids as CSV: resource, v2_id, id, uuid, number."""
    from infakt_compat.migrate.journal.exporting import COLUMNS, lines

    del lang
    with _opened(where) as journal:
        try:
            with (
                out.open("w", encoding="utf-8", newline="")
                if out
                else nullcontext(sys.stdout) as to
            ):
                table = csv.writer(to, lineterminator="\n")
                table.writerow(COLUMNS)
                table.writerows(lines(journal))
        except BrokenPipeError:
            return INTERRUPTED
        except OSError as error:
            raise click.UsageError(f"{out or 'stdout'}: {error.strerror or error}") from None
    return DONE
