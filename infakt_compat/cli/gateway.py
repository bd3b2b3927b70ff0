"""`infakt-compat gateway`: serve v2's callers; begin a configuration, add users, try it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import click

DEFAULT = "gateway.toml"

_EXTRA = frozenset({"argon2", "oauthlib", "prometheus_client", "waitress", "werkzeug"})
_FILE = click.Path(path_type=Path, dir_okay=False)


class Unusable(click.ClickException):
    """What is asked for cannot be done; the message names the remedy."""

    exit_code = 2


@contextmanager
def needs_extra() -> Iterator[None]:
    """Say which extra is missing, where one is."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise Unusable(
            f"the gateway needs infakt-compat[gateway]: there is no {error.name} here"
        ) from None


def _config(context: click.Context, _: click.Parameter, given: Path | None) -> Path:
    """Take --config from behind or before the sub-command, else the file of the usual name."""
    above = context.parent.params.get("config") if context.parent else None
    return given or above or Path(DEFAULT)


_CONFIG = click.option(
    "--config",
    type=_FILE,
    callback=_config,
    metavar="FILE",
    show_default=DEFAULT,
    help="The configuration.",
)


@click.group(invoke_without_command=True)
@_CONFIG
@click.option("--listen", metavar="HOST:PORT", help="Listen here, whatever FILE says.")
@click.option(
    "--log",
    type=click.Choice(["stderr", "stdout"]),
    default="stderr",
    show_default=True,
    help="Where one line of JSON a call goes.",
)
@click.pass_context
def command(
    context: click.Context, config: Path, listen: str | None, log: Literal["stderr", "stdout"]
) -> None:
    """Answer v2's callers, in any language, as www.infakt.pl did.

    Without a sub-command it serves until Ctrl-C or SIGTERM. To begin: `gateway init`.
    """
    if context.invoked_subcommand is None:
        from infakt_compat.cli.gateway_serve import serve

        with needs_extra():
            serve(config, listen, log)


_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, one line."
)


@command.command()
@_CONFIG
@click.option("--account", default="shop", show_default=True, metavar="NAME")
@click.option("--user", metavar="NAME", help="A first user; asks for the password.")
@_STDIN
def init(config: Path, account: str, user: str | None, password_stdin: bool) -> None:
    """Write a configuration with one account, and the gateway's own key beside it.

    The v3 key is read from the environment: INFAKT_API_KEY. Where only the gateway's key is
    missing, a new one is written, and nothing else.
    """
    from infakt_compat.cli.gateway_users import begin

    with needs_extra():
        begin(config, account, user, password_stdin)


@command.command("add-user")
@_CONFIG
@click.option("--account", metavar="NAME", help="Needed where FILE has several.")
@click.option("--new-account", is_flag=True, help="Also make the account, with its consumer key.")
@click.option("--token", is_flag=True, help="Also make a token, for a caller without a login.")
@_STDIN
@click.argument("user")
def add_user(
    config: Path,
    account: str | None,
    new_account: bool,
    token: bool,
    password_stdin: bool,
    user: str,
) -> None:
    """Ask for a password, and print the entries to paste into the configuration.

    What is printed holds secrets, and no password.
    """
    from infakt_compat.cli.gateway_users import show_entries

    with needs_extra():
        show_entries(config, account, user, new_account, token, password_stdin)


@command.command()
@_CONFIG
def check(config: Path) -> int:
    """Try the configuration: files, store, clock, and each v3 key with its scopes.

    Changes nothing in any account. Ends with 0, or with 2 when something is wrong.
    """
    from infakt_compat.cli.gateway_check import show

    with needs_extra():
        return show(config)


@command.command()
@_CONFIG
@click.option("--account", metavar="NAME", help="Needed where FILE has several.")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=click.IntRange(min=1))
def foreign(config: Path, account: str | None, ids: tuple[int, ...]) -> None:
    """Say of invoices that no create of the gateway made them.

    For creates in doubt that several equal invoices could come from: the 503 and the log name
    these with their ids. Look at them in inFakt, and name here those that somebody else made. One
    that is left is then taken for the create's own, within five minutes or when it is repeated;
    where none is left, a repeat creates it. Nothing is changed in inFakt.
    """
    from infakt_compat.cli.gateway_doubts import set_apart

    with needs_extra():
        set_apart(config, account, ids)
