"""`infakt-compat gateway`: serve until told to stop."""

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Literal

import click

from infakt_compat.cli.gateway import Unusable

if TYPE_CHECKING:
    from infakt_compat.dropin.config import Gateway

LogTo = Literal["stdout", "stderr"]

INTERRUPTED = 130
_UNFINISHED = 1


def serve(config_path: Path, listen: str | None = None, log: LogTo = "stderr") -> None:
    """Serve what a configuration says, at its address or another one.

    When ready it prints one line of JSON: {"url": ...}. SIGTERM and Ctrl-C finish what is in
    flight, a second one does not wait for it. Raises `click.ClickException` for what stands in the
    way, and `click.exceptions.Exit` with 130 after Ctrl-C.
    """
    from attrs import evolve

    from infakt_compat.dropin.gateway import Application
    from infakt_compat.dropin.server import Server, address, bind

    config = _read(config_path, listen)
    try:
        bound = bind(config.listen)
    except OSError as error:
        raise Unusable(f"cannot listen on {config.listen}: {error.strerror or error}") from None
    with bound:
        config = evolve(config, listen=address(bound))
        try:
            application = Application(config, log=sys.stdout if log == "stdout" else sys.stderr)
        except _unusable() as error:
            raise Unusable(str(error)) from None
        try:
            server = Server(application, bound, threads=config.threads)
            stopped = _on_signals(server.stop)
            _say_ready(config)
            finished = server.run()
        finally:
            application.close()
    if not finished:
        click.echo("Not all calls that were under way could be finished.", err=True)
        raise click.exceptions.Exit(_UNFINISHED)
    if signal.SIGINT in stopped:
        raise click.exceptions.Exit(INTERRUPTED)


def _read(path: Path, listen: str | None) -> "Gateway":
    """Read the configuration; one that serves nobody is refused."""
    from attrs import evolve

    from infakt_compat.dropin.addresses import endpoint
    from infakt_compat.dropin.config import ConfigError, read

    try:
        config = read(path)
    except ConfigError as error:
        raise Unusable(str(error)) from None
    if not config.accounts and not config.own_api_keys:
        raise Unusable(
            f"{path} has no accounts, so that nobody would be served. Add [accounts.NAME] "
            "(infakt-compat gateway add-user makes entries for its users), or own_api_keys = true "
            "for callers that send an X-inFakt-ApiKey of their own."
        )
    if listen is None:
        return config
    try:
        endpoint(listen)
    except ValueError as error:
        raise Unusable(f"--listen {error}") from None
    return evolve(config, listen=listen)


def _say_ready(config: "Gateway") -> None:
    """Print where it is served, and to people what to know of it."""
    from infakt_compat.dropin.addresses import endpoint, is_loopback

    url = f"http://{config.listen}"
    click.echo(json.dumps({"url": url}))
    sys.stdout.flush()
    number = len(config.accounts)
    served = f"{number} account{'s' if number != 1 else ''}"
    click.echo(f"Serving {served} at {url}, Ctrl-C ends it.", err=True)
    host, _ = endpoint(config.listen)
    if not is_loopback(host):
        click.echo(
            f"Warning: {host} can be reached from other machines, without TLS: whoever listens on "
            "the way reads invoices, passwords and API keys. Put a proxy with TLS in front.",
            err=True,
        )


def _on_signals(stop: Callable[[], None]) -> set[int]:
    """Stop on SIGTERM and SIGINT; gives the set of those that came."""
    came: set[int] = set()

    def handle(number: int, _frame: FrameType | None) -> None:
        came.add(number)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
    return came


def _unusable() -> tuple[type[Exception], ...]:
    from infakt_compat.store import StoreError

    return (StoreError, ValueError)
