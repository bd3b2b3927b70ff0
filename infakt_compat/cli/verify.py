"""`infakt-compat verify`: v3 read back and compared with the archive, field by field."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import define

from infakt_compat.cli import connection
from infakt_compat.cli.check import NO_ACCOUNT
from infakt_compat.cli.convert import DONE, INTERRUPTED, REJECTED, UNREADABLE, USAGE
from infakt_compat.cli.words import counted, word

if TYPE_CHECKING:
    from infakt_compat.migrate.journal import Journal
    from infakt_compat.migrate.report.model import Count, Outcome, Report
    from infakt_compat.migrate.source import Source
    from infakt_compat.migrate.verify.run import Verification
    from infakt_compat.v3 import V3Client

DIFFERS = 7


@click.command(
    epilog="Exit codes: 0 everything is there and the same; 1 a defect of ours; 2 usage, or output "
    "that cannot be written; 3 some documents are not in v3, or it is not known, as the journal "
    "says; 4 a source unreadable or broken off; 5 v3 cannot be read; 7 something differs; 130 "
    "interrupted. Where several hold, the first of 4, 3, 7."
)
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@click.option("--journal", required=True, metavar="FILE|URL", help="The journal of the import.")
@connection.options
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write the report as one page that works without network.",
)
@click.option("--lang", type=click.Choice(["en", "pl"]), help="Language of the report.")
def command(
    sources: tuple[str, ...], journal: str, html: Path | None, lang: str | None, **way: Any
) -> int:
    """Prove an import: read every document back from v3 and compare it with the archive.

    SRC are the sources that were imported, --journal is where the import noted what it did. Where
    refused documents were mended and taken up again, give the mended ones as well: they count, and
    those that they replaced are passed over. Number, dates, client, lines and totals are compared
    in v2's own words, and the totals of each month and rate; every difference is listed with its
    reason, or as a defect. Nothing is changed.
    """
    from infakt_compat.errors import OutputFailed
    from infakt_compat.migrate.journal import NoJournal, open_journal
    from infakt_compat.migrate.source import find_sources
    from infakt_compat.store import StoreError
    from infakt_compat.tables.texts import locale_language

    if "-" in sources:
        raise click.UsageError("standard input (-) is not verified: its documents have no place")
    language = lang or locale_language()
    try:
        found = find_sources(sources)
        if html is not None:
            html.open("ab").close()
        opened = open_journal(journal)
    except (OSError, NoJournal, StoreError) as error:
        raise click.UsageError(str(error)) from None
    with opened, connection.Connection(**way).client(windows=opened.windows) as v3:
        run = _Run(found, opened, v3, language, html)
        try:
            return run.code()
        except KeyboardInterrupt:
            click.echo(word("interrupted", language), err=True)
            return INTERRUPTED
        except OutputFailed as error:
            click.echo(word("not_written", language, what=error), err=True)
            return USAGE


@define
class _Run:
    """One run of the command."""

    sources: "list[Source]"
    journal: "Journal"
    v3: "V3Client"
    language: str
    html: Path | None

    def code(self) -> int:
        """Read, compare, report, and give the exit code."""
        from infakt_compat.migrate.identity import NoIdentity, identity
        from infakt_compat.migrate.verify.rows import Rows, read
        from infakt_compat.migrate.verify.run import Verification
        from infakt_compat.v3 import V3Error

        with Rows() as rows:
            try:
                if identity(self.v3) != self.journal.account:
                    raise click.UsageError(word("verify.account", self.language))
                with _reading(self.language) as progress:
                    read(self.journal, self.v3, rows, progress)
            except (V3Error, NoIdentity) as error:
                click.echo(word("verify.not_read", self.language, what=error), err=True)
                return NO_ACCOUNT
            verification = Verification(self.journal, rows)
            with self._comparing(verification):
                verification.run(self.sources)
        self._write(self._report(verification))
        if verification.source_failed():
            return UNREADABLE
        if verification.counts["absent"] or verification.counts["unknown"]:
            return REJECTED
        return DIFFERS if verification.differs else DONE

    def _comparing(self, verification: "Verification") -> Any:
        """Show a bar with rate and time left, on a terminal only."""
        if sys.stderr is None or not sys.stderr.isatty():
            return nullcontext()
        from infakt_compat.cli.progress import bar

        return bar(verification, sum(source.size() for source in self.sources), self.language)

    def _report(self, verification: "Verification") -> "Report":
        """Put the report together."""
        from infakt_compat.migrate.report.model import Report

        subjects = [source.name for source in self.sources]
        subjects.append(f"{word('verify.journal', self.language)}: {self.journal.location}")
        now = datetime.now().astimezone()
        report = Report("verify", self.language, now, self._outcome(verification), subjects)
        report.counts = self._counts(verification)
        report.sums, report.sums_v3 = verification.sums, verification.sums_v3
        report.findings = list(verification.findings.values())
        report.rejects, report.differences = verification.rejects, verification.differences
        return report

    def _counts(self, verification: "Verification") -> "list[Count]":
        """Give the numbers at the head; read = compared + absent + unknown + the others below.

        What most moves do not have is left out where there is none of it.
        """
        from infakt_compat.migrate.report.model import Count

        levels = {
            "equal": "good", "explained": "attention", "differing": "bad", "missing": "bad",
            "absent": "bad", "unknown": "bad",
        }  # fmt: skip
        names = ("read", "compared", "equal", "explained", "differing", "missing", "absent",
                 "unknown", "replaced", "repeated")  # fmt: skip
        rare = ("unknown", "replaced")
        return [
            Count(
                word(f"verify.{name}", self.language),
                verification.counts[name],
                levels.get(name, ""),
            )
            for name in names
            if name not in rare or verification.counts[name]
        ]

    def _outcome(self, verification: "Verification") -> "Outcome":
        """Say how it ended, and what comes next."""
        from infakt_compat.migrate.report.model import Outcome

        counts, language = verification.counts, self.language
        numbers = {
            name: counted(counts[name], language)
            for name in ("equal", "compared", "differing", "explained", "absent", "unknown")
        }
        level, sentence, advices = "good", "verify.good", list[str]()
        if verification.source_failed():
            level, sentence = "bad", "check.broken"
        elif counts["differing"]:
            level, sentence, advices = "bad", "verify.bad", ["verify.look"]
        elif counts["absent"]:
            level, sentence, advices = "attention", "verify.gaps", ["verify.retry"]
            if counts["unknown"]:
                sentence, advices = "verify.gaps_doubt", ["verify.retry", "verify.ask"]
        elif counts["unknown"]:
            level, sentence, advices = "attention", "verify.doubt", ["verify.ask"]
        elif verification.differs:
            level, sentence, advices = "attention", "verify.reasons", ["verify.read_them"]
        advice = " ".join(word(one, language) for one in advices)
        return Outcome(level, word(sentence, language, **numbers), advice)

    def _write(self, report: "Report") -> None:
        """Write the report to standard output, and as a page if asked for."""
        from infakt_compat.cli.summary import show
        from infakt_compat.migrate.report.page import write_html

        show(report)
        if self.html is not None:
            write_html(report, self.html)


@contextmanager
def _reading(language: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far the reading of v3 is: calls, rate and time left, on a terminal only."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn(word("verify.reading", language)),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
