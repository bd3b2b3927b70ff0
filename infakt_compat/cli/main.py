"""The command `infakt-compat`.

Each command is imported when it is called, so that it starts at once.
"""

import os
import sys
import traceback
from importlib import import_module

import click

from infakt_compat import __version__

DEFECT, INTERRUPTED = 1, 130

#: Set this in the environment to see where a defect happened.
TRACEBACK = "INFAKT_COMPAT_TRACEBACK"

_COMMANDS = {
    "check": "Say what v3 and KSeF would refuse; nothing is sent.",
    "convert": "Convert v2 documents to v3, or back.",
    "demo": "Convert the samples there and back, and show it.",
    "gateway": "Answer v2's callers, in any language, from v3.",
    "import": "Create an archive's documents in a v3 account, each once.",
    "journal": "Show what an import did, and take rejects up again.",
    "mapping": "Show what becomes of each field.",
    "run": "Run a Python program whose requests to v2 are answered from v3.",
    "standin": "Serve a v3 stand-in on loopback, for tests and rehearsals.",
    "verify": "Prove an import: v3 read back and compared, field by field.",
}


class _Commands(click.Group):
    """The commands, found by the name of their module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of the commands."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        # `import` is a word of Python's own: its module has another name.
        module = "import_" if cmd_name == "import" else cmd_name
        command: click.Command = import_module(f"infakt_compat.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="infakt-compat")
def group() -> None:
    """Carry inFakt API v2 documents and callers over to v3."""


def main() -> None:
    """Run the command line, with the exit codes that the README lists."""
    try:
        code = group(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except Exception as error:  # the last resort: whatever else happens is a defect of ours
        _say_defect(error)
        code = DEFECT
    _leave(code or 0)


def _say_defect(error: Exception) -> None:
    """Say that this is our defect, and how to report it."""
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)
    click.echo(
        f"This is a defect of infakt-compat {__version__}, not of your documents: "
        f"{type(error).__name__}: {error}\n"
        f"Please report it with the command that you gave. {TRACEBACK}=1 shows where it happened.",
        err=True,
    )


def _leave(code: int) -> None:
    """End with a code, quietly also when the reader of standard output went away."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or INTERRUPTED
    sys.exit(code)
