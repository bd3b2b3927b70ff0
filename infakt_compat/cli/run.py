"""`infakt-compat run`: an unmodified Python program whose requests to v2 are answered from v3."""

import runpy
import sys
import tomllib
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

from infakt_compat.cli import connection
from infakt_compat.cli.connection import Connection

if TYPE_CHECKING:
    from infakt_compat.dropin.adapter import V2Adapter

_FAILED, _INTERRUPTED = 1, 130


@click.command(context_settings={"allow_interspersed_args": False})
@connection.options
@click.option(
    "--store",
    metavar="FILE|URL",
    help="What is remembered between calls: a SQLite file or a PostgreSQL URL; else your own file.",
)
@click.option(
    "--defaults",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="TOML with the account's own values: bank_account, sale_type ...",
)
@click.option("-m", "module", is_flag=True, help="PROGRAM is a module, as for python -m.")
@click.argument("program")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def command(
    store: str | None,
    defaults: Path | None,
    module: bool,
    program: str,
    args: tuple[str, ...],
    **way: Any,
) -> None:
    """Run a Python PROGRAM whose requests to www.infakt.pl are answered from v3.

    The program is not changed, and sees v2: every session of the library requests is answered,
    whatever its credentials. Other ways to speak HTTP are not (use the gateway for them). The exit
    code is the program's.
    """
    if not module and not Path(program).exists():
        raise click.UsageError(f"there is no program {program}")
    adapter = _adapter(connection.Connection(**way), store, defaults)
    _answer(adapter)
    sys.argv = [program, *args]
    run_program(program, module)


def _adapter(way: Connection, store: str | None, defaults: Path | None) -> "V2Adapter":
    from infakt_compat.dropin.adapter import V2Adapter
    from infakt_compat.errors import InfaktCompatError

    key = way.key()
    try:
        values = None if defaults is None else tomllib.loads(defaults.read_text("utf-8"))
        return V2Adapter(key, way.base_url, way.dialect, store, values, limits=way.limits)
    except (ValueError, OSError, InfaktCompatError) as error:
        raise click.UsageError(str(error)) from None


def _answer(adapter: "V2Adapter") -> None:
    """Put the adapter in; it is closed when all threads of the program have ended."""
    import atexit

    from infakt_compat.dropin.everywhere import answer_everywhere

    answer_everywhere(adapter)
    atexit.register(adapter.close)


def run_program(program: str, module: bool) -> None:
    """Run a program, or a module's main program, as python does, and end as python would.

    Raises `SystemExit` with the program's code, 1 for what it does not catch, 130 for Ctrl-C.
    """
    try:
        if module:
            _path(Path.cwd())
            runpy.run_module(program, run_name="__main__", alter_sys=True)
        else:
            if Path(program).is_file():
                _path(Path(program).resolve().parent)
            runpy.run_path(program, run_name="__main__")
    except KeyboardInterrupt as error:
        _show(error)
        sys.exit(_INTERRUPTED)
    except Exception as error:
        _show(error)
        sys.exit(_FAILED)


def _path(folder: Path) -> None:
    """Let the program import what lies beside it, in the place of this command's own folder."""
    if not sys.flags.safe_path:
        sys.path[0] = str(folder)


def _show(error: BaseException) -> None:
    """Show what the program did not catch, without the frames of this command."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals.get("__name__") in (__name__, "runpy"):
        trace = trace.tb_next
    sys.excepthook(type(error), error.with_traceback(trace), trace)
