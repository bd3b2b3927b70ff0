"""`infakt-compat convert`: an archive of v2 documents to v3, or back."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infakt_compat.cli.report import write_report

if TYPE_CHECKING:
    from infakt_compat.migrate.convert import Conversion, RejectLimit
    from infakt_compat.migrate.source import Source

#: Exit codes; where several hold, the first of 1, 130, 6, 4, 3.
DONE, USAGE, REJECTED, UNREADABLE, STOPPED, INTERRUPTED = 0, 2, 3, 4, 6, 130

_LEFT_BEHIND = (
    "{} documents have a residue, which --format json leaves behind: "
    "use --format jsonl to be able to go back."
)

_FORMS = {"v3": ("jsonl", "json"), "v2": ("xml", "json", "jsonl")}


class _Limit(click.ParamType):  # type: ignore[type-arg]
    """`N` or `P%`."""

    name = "N|P%"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the limit."""
        from infakt_compat.migrate.convert import RejectLimit

        text = str(value)
        digits = text.removesuffix("%")
        if not (digits.isascii() and digits.isdigit()):
            self.fail(f"{text!r} is neither a number nor a percentage", param, ctx)
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
@click.option("--max-rejects", "limit", type=_Limit(), help="Stop above N refused, or P percent.")
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
    language = lang or locale_language()
    try:
        found = find_sources(sources)
        rejects = Rejects(folder, lambda code: sentence(code, language)) if folder else None
        output = Output(out, to, form)
        if summary is not None:
            summary.open("w").close()
    except (OSError, InfaktCompatError) as error:
        raise click.UsageError(str(error)) from None
    settings = Settings(to, form, strict, keep_rejects=folder is not None)
    conversion = Conversion(settings, output, rejects, limit, workers)
    try:
        return _run(conversion, found)
    finally:
        write_report(conversion.account, language, summary)
        if form == "json" and to == "v3" and conversion.account.with_residue:
            click.echo(_LEFT_BEHIND.format(conversion.account.with_residue), err=True)


def _run(conversion: "Conversion", sources: "list[Source]") -> int:
    """Run the conversion, put the output in place, and give the exit code."""
    from infakt_compat.errors import OutputFailed
    from infakt_compat.migrate.convert import Mixed

    try:
        code = _convert(conversion, sources)
        if conversion.rejects is not None:
            conversion.rejects.close()
        whole = code in (DONE, REJECTED, UNREADABLE)
        resource = next(iter(conversion.account.resources), "invoice")
        written = conversion.output.finish(resource, whole=whole)
        if written is not None and not whole:
            click.echo(f"What was converted so far is in {written}.", err=True)
        return code
    except Mixed as error:
        conversion.output.discard()
        click.echo(f"Error: {error}.", err=True)
        return USAGE
    except OutputFailed as error:
        if isinstance(error.__cause__, BrokenPipeError):
            return INTERRUPTED
        click.echo(f"Error: cannot write {error}.", err=True)
        return USAGE


def _convert(conversion: "Conversion", sources: "list[Source]") -> int:
    """Run the conversion and say how it ended."""
    from infakt_compat.migrate.convert import TooManyRejects

    try:
        with _progress(conversion, sources):
            conversion.run(sources)
    except KeyboardInterrupt:
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except TooManyRejects as error:
        click.echo(f"Stopped by --max-rejects: {error}.", err=True)
        return STOPPED
    if conversion.source_failed():
        return UNREADABLE
    return REJECTED if conversion.account.rejected else DONE


def _progress(conversion: "Conversion", sources: "list[Source]") -> Any:
    """Show a bar with rate and time left, on a terminal only."""
    import sys

    if not sys.stderr.isatty():
        return nullcontext()
    from infakt_compat.cli.progress import bar

    return bar(conversion, sum(source.size() for source in sources))
