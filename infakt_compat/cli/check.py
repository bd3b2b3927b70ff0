"""`infakt-compat check`: what would go wrong, before anything is sent."""

import os
import sys
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import define

from infakt_compat.cli import connection, told
from infakt_compat.cli.convert import DEFECT, DONE, INTERRUPTED, REJECTED, UNREADABLE, USAGE
from infakt_compat.cli.words import counted, word

if TYPE_CHECKING:
    from infakt_compat.migrate.checks.account import AccountCheck
    from infakt_compat.migrate.checks.run import Check
    from infakt_compat.migrate.report.model import Count, Outcome, Report
    from infakt_compat.migrate.source import Source
    from infakt_compat.v3 import V3Client

#: Below so many bytes one process is done before others have started.
_SMALL = 8 * 1024 * 1024
_MOST_WORKERS = 4
#: v3 cannot be asked: key, plan, network.
NO_ACCOUNT = 5


@click.command(
    epilog="Exit codes: 0 v3 would take all; 1 a defect of ours; 2 usage, or output that cannot be "
    "written; 3 some would be refused; 4 a source unreadable or broken off; 5 the account cannot "
    "be read; 130 interrupted."
)
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@click.option("--account", "ask", is_flag=True, help="Also read the v3 account.")
@connection.options
@told.options
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write the report as one page that works without network.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Check in N processes; by default one for each processor, 4 at most.",
)
@click.option("--lang", type=click.Choice(["en", "pl"]), help="Language of the report.")
def command(
    sources: tuple[str, ...],
    ask: bool,
    clients: str | None,
    sale_type: str | None,
    exemption: int | None,
    flat_rate: str | None,
    html: Path | None,
    workers: int | None,
    lang: str | None,
    **way: Any,
) -> int:
    """Say what v3 would refuse or change, and what KSeF would refuse; nothing is sent.

    SRC is a file, a folder (*.xml, *.json and *.jsonl below it) or - for standard input. Numbers
    that come twice, gaps in series, buyers that look like one company and totals that v3 would
    compute otherwise are looked for in the whole archive, without network and account.

    With --account the account is read, too: the numbers and clients that are there, bank accounts,
    grounds of exemption, rates, and what the key may do (for that, a change to a document that
    cannot exist is asked for). The key stands in the environment.
    """
    from infakt_compat.migrate.checks.creating import Given
    from infakt_compat.migrate.checks.documents import Settings
    from infakt_compat.migrate.checks.index import Index
    from infakt_compat.migrate.checks.run import Check
    from infakt_compat.migrate.source import find_sources
    from infakt_compat.tables.texts import locale_language

    if sources.count("-") > 1:
        raise click.UsageError("standard input (-) can be read once only")
    client = connection.Connection(**way).client() if ask else None
    try:
        found = find_sources(sources)
        if html is not None:
            html.open("ab").close()
    except OSError as error:
        raise click.UsageError(str(error)) from None
    now = datetime.now().astimezone()
    given = Given(clients or "match", sale_type, exemption, flat_rate)
    with client or nullcontext(), Index() as index:
        settings = Settings(now.date().isoformat(), given)
        check = Check(settings, index, workers or _workers(found))
        run = _Run(check, found, client, lang or locale_language(), now, html)
        return run.code()


def _workers(sources: "list[Source]") -> int:
    """Give how many processes are worth starting."""
    if sum(source.size() for source in sources) < _SMALL:
        return 1
    affinity = getattr(os, "sched_getaffinity", None)
    processors = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    return min(processors, _MOST_WORKERS)


@define
class _Run:
    """One run of the command."""

    check: "Check"
    sources: "list[Source]"
    client: "V3Client | None"
    language: str
    now: datetime
    html: Path | None
    account: "AccountCheck | None" = None
    failed: bool = False

    def code(self) -> int:
        """Check, report, and give the exit code."""
        from infakt_compat.errors import OutputFailed
        from infakt_compat.migrate.reading import WorkerLost

        try:
            with self._progress():
                self.check.run(self.sources)
            if self.client is not None:
                self._ask(self.client)
            self._write(self._report())
        except KeyboardInterrupt:
            click.echo(word("interrupted", self.language), err=True)
            return INTERRUPTED
        except WorkerLost:
            click.echo(word("worker_lost", self.language), err=True)
            return DEFECT
        except OutputFailed as error:
            click.echo(word("not_written", self.language, what=error), err=True)
            return USAGE
        if self.failed:
            return NO_ACCOUNT
        if self.check.source_failed():
            return UNREADABLE
        return REJECTED if self.check.refused or self.check.blocked else DONE

    def _progress(self) -> Any:
        """Show a bar with rate and time left, on a terminal only."""
        if sys.stderr is None or not sys.stderr.isatty():
            return nullcontext()
        from infakt_compat.cli.progress import bar

        return bar(self.check, sum(source.size() for source in self.sources), self.language)

    def _ask(self, client: "V3Client") -> None:
        """Read the account; what was found in the archive stands also when that fails."""
        from infakt_compat.migrate.checks.account import AccountCheck
        from infakt_compat.v3 import V3Error

        self.account = AccountCheck(self.check, client)
        try:
            with self._asking(self.account):
                self.account.run()
        except V3Error as error:
            click.echo(word("check.not_asked", self.language, what=error), err=True)
            self.failed = True

    def _asking(self, account: "AccountCheck") -> Any:
        """Show how many records of the account were read, on a terminal only."""
        if sys.stderr is None or not sys.stderr.isatty():
            return nullcontext()
        from rich.console import Console

        status = Console(stderr=True).status(word("check.asking", self.language, count=0))

        def show(records: int) -> None:
            status.update(
                word("check.asking", self.language, count=counted(records, self.language))
            )

        account.progress = show
        return status

    def _report(self) -> "Report":
        """Put the report together."""
        from infakt_compat.migrate.report.model import Report

        subjects = [source.name for source in self.sources]
        if self.account is not None and self.account.name:
            subjects.append(self.account.name)
        check = self.check
        report = Report("check", self.language, self.now, self._outcome(), subjects)
        report.counts = self._counts()
        report.sums, report.rejects = check.sums, check.rejects
        report.findings = list(check.findings.values())
        return report

    def _counts(self) -> "list[Count]":
        """Give the numbers at the head of the report; read = taken + refused + the same again."""
        from infakt_compat.migrate.report.model import Count

        check = self.check
        rows = [
            ("read", check.read, ""),
            ("would" if check.blocked else "taken", check.taken, "" if check.blocked else "good"),
            ("exact", check.exact, "good"),
            ("refused", check.refused, "bad"),
            ("repeated", check.repeated, ""),
            ("ksef", check.not_for_ksef, "attention"),
        ]
        if self.account is not None and self.account.buyers is not None:
            every, known = self.account.buyers
            rows += [("buyers", every, ""), ("known", known, "")]
        return [
            Count(word(f"check.{name}", self.language), number, level)
            for name, number, level in rows
        ]

    def _outcome(self) -> "Outcome":
        """Say how it ended, and what comes next."""
        from infakt_compat.migrate.report.model import Outcome

        check, language = self.check, self.language
        mend = word("check.mend", language)
        if check.blocked:
            return Outcome("bad", word("check.blocked", language), mend)
        if check.source_failed():
            return Outcome("bad", word("check.broken", language), mend)
        if check.refused:
            numbers = {
                "taken": counted(check.taken, language),
                "refused": counted(check.refused, language),
            }
            return Outcome("attention", word("check.refusals", language, **numbers), mend)
        return Outcome("good", word("check.good", language), word("check.next", language))

    def _write(self, report: "Report") -> None:
        """Write the report to standard output, and as a page if asked for."""
        from infakt_compat.cli.summary import show
        from infakt_compat.migrate.report.page import write_html

        show(report)
        if self.html is not None:
            write_html(report, self.html)
