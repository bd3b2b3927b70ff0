"""`infakt-compat convert`: an archive of v2 documents to v3, or back."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infakt_compat.cli.report import write_report
from infakt_compat.cli.words import word

if TYPE_CHECKING:
    from infakt_compat.migrate.convert import Conversion, RejectLimit
    from infakt_compat.migrate.source import Source

#: Exit codes; where several hold, the first of 1, 130, 6, 4, 3.
DONE, DEFECT, USAGE, REJECTED, UNREADABLE, STOPPED, INTERRUPTED = 0, 1, 2, 3, 4, 6, 130

_FORMS = {"v3": ("jsonl", "json"), "v2": ("xml", "json", "jsonl")}


class Limit(click.ParamType):  # type: ignore[type-arg]
    """`N` or `P%`."""

    name = "N|P%"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the limit."""
        from infakt_compat.migrate.convert import RejectLimit

        text = str(value)
        digits = text.removesuffix("%")
        if not (digits.isascii() and digits.isdigit()):
            self.fail(f"{text!r} is neither a number nor a percentage", param, ctx)
        if text.endswith("%") and int(digits) > 100:
            self.fail(f"{text!r} is more than all: a share is 0% to 100%", param, ctx)
        return RejectLimit(int(digits), percent=text.endswith("%"))


@click.command(
    epilog="Exit codes: 0 all converted; 1 a defect of ours; 2 usage; 3 some rejected; "
    "4 a source unreadable or broken off; 6 stopped by --max-rejects; 130 interrupted."
)
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@click.option(
    "-o", "out", type=click.Path(path_type=Path), metavar="OUT", help="Write to OUT, not to stdout."
)
@click.option(
    "--to", type=click.Choice(["v3", "v2"]), default="v3", show_default=True, help="Which way."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "json", "xml"]),
    help="jsonl (default) or json for v3; xml (default), json or jsonl for v2.",
)
@click.option(
    "--rejects",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep refused documents, and why, in an empty folder.",
)
@click.option("--max-rejects", "limit", type=Limit(), help="Stop above N refused, or P percent.")
@click.option(
    "--summary",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the account as JSON.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="Convert in N processes.",
)
@click.option("--strict", is_flag=True, help="Refuse documents with warnings.")
@click.option("--lang", type=click.Choice(["en", "pl"]), help="Language of the report.")
def command(
    sources: tuple[str, ...],
    out: Path | None,
    to: str,
    form: str | None,
    folder: Path | None,
    limit: "RejectLimit | None",
    summary: Path | None,
    workers: int,
    strict: bool,
    lang: str | None,
) -> int:
    """Convert v2 documents to v3, or back.

    SRC is a file, a folder (*.xml, *.json and *.jsonl below it) or - for standard input; what a
    document is, is seen from its content. The result goes to OUT or stdout, the report to stderr.
    """
    from infakt_compat.errors import InfaktCompatError
    from infakt_compat.migrate.batches import Settings
    from infakt_compat.migrate.convert import Conversion
    from infakt_compat.migrate.output import Output
    from infakt_compat.migrate.rejects import Rejects
    from infakt_compat.migrate.source import find_sources
    from infakt_compat.tables.texts import locale_language, sentence

    form = form or _FORMS[to][0]
    if form not in _FORMS[to]:
        raise click.UsageError(f"--format {form} is not written with --to {to}")
    if sources.count("-") > 1:
        raise click.UsageError("standard input (-) can be read once only")
    if out is not None and summary is not None and out.resolve() == summary.resolve():
        raise click.UsageError("--summary and -o name one file")
    language = lang or locale_language()
    try:
        found = find_sources(sources)
        if summary is not None:
            summary.open("ab").close()
        rejects = Rejects(folder, lambda code: sentence(code, language)) if folder else None
        output = Output(out, to, form)
    except (OSError, InfaktCompatError) as error:
        raise click.UsageError(str(error)) from None
    settings = Settings(to, form, strict, keep_rejects=folder is not None)
    conversion = Conversion(settings, output, rejects, limit, workers)
    code = DEFECT
    try:
        code = _run(conversion, found, language)
    finally:
        code = _report(conversion, code, language, summary)
    return code


def _report(conversion: "Conversion", code: int, language: str, summary: Path | None) -> int:
    """Write the report and the summary, also after a failure; gives the exit code."""
    from infakt_compat.errors import OutputFailed

    try:
        write_report(conversion.account, language, summary)
    except OutputFailed as error:
        click.echo(word("not_written", language, what=error), err=True)
        code = code or USAGE
    settings, left = conversion.settings, conversion.account.with_residue
    if (settings.to, settings.form) == ("v3", "json") and left:
        click.echo(word("left_behind", language, count=left), err=True)
    return code


def _run(conversion: "Conversion", sources: "list[Source]", language: str) -> int:
    """Run the conversion, put the output in place, and give the exit code.

    What cannot be told from a whole result is not left behind: only 6 and 130 keep OUT.partial.
    """
    from infakt_compat.errors import OutputFailed
    from infakt_compat.migrate.convert import Mixed
    from infakt_compat.migrate.reading import WorkerLost

    placed = False
    try:
        code = _convert(conversion, sources, language)
        if conversion.rejects is not None:
            conversion.rejects.close()
        whole = code in (DONE, REJECTED, UNREADABLE)
        resource = next(iter(conversion.account.resources), "invoice")
        written = conversion.output.finish(resource, whole=whole)
        placed = True
        if written is not None and not whole:
            click.echo(word("partial", language, path=written), err=True)
        return code
    except Mixed:
        click.echo(word("mixed", language), err=True)
        return USAGE
    except WorkerLost:
        click.echo(word("worker_lost", language), err=True)
        return DEFECT
    except OutputFailed as error:
        if isinstance(error.__cause__, BrokenPipeError):
            return INTERRUPTED
        click.echo(word("not_written", language, what=error), err=True)
        return USAGE
    finally:
        if not placed:
            conversion.output.discard()


def _convert(conversion: "Conversion", sources: "list[Source]", language: str) -> int:
    """Run the conversion and say how it ended."""
    from infakt_compat.migrate.convert import TooManyRejects

    account = conversion.account
    try:
        with _progress(conversion, sources, language):
            conversion.run(sources)
    except KeyboardInterrupt:
        click.echo(word("interrupted", language), err=True)
        return INTERRUPTED
    except TooManyRejects:
        stopped = word("stopped", language, rejected=account.rejected, read=account.read)
        click.echo(stopped, err=True)
        return STOPPED
    if conversion.source_failed():
        return UNREADABLE
    return REJECTED if account.rejected else DONE


def _progress(conversion: "Conversion", sources: "list[Source]", language: str) -> Any:
    """Show a bar with rate and time left, on a terminal only."""
    import sys

    if sys.stderr is None or not sys.stderr.isatty():
        return nullcontext()
    from infakt_compat.cli.progress import bar

    return bar(conversion, sum(source.size() for source in sources), language)
