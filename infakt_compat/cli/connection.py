"""The way to a v3 account, as check, import and verify take it from the command line.

The key comes from the environment: on a command line others could read it.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import click
from attrs import frozen

if TYPE_CHECKING:
    from infakt_compat.v3 import Clock, V3Client, WindowStore

Dialect = Literal["current", "classic"]
Limits = Literal["real", "off"]

#: Seconds that one call may take with all its waits; a full minute's window is waited for.
PATIENCE = 180.0


@frozen
class Connection:
    """What the options say: where v3 is, which dialect it has, and where its key stands."""

    api_key_env: str
    base_url: str
    dialect: Dialect
    limits: Limits

    def client(
        self, *, windows: "WindowStore | None" = None, clock: "Clock | None" = None
    ) -> "V3Client":
        """Give a client; nothing is sent yet.

        `windows` are those of a store where processes have to share v3's limits. Raises
        `click.UsageError` when there is no key, or key or URL cannot be used.
        """
        from infakt_compat.v3 import V3Client

        key = self.key()
        shared: dict[str, Any] = {} if windows is None else {"windows": windows}
        if clock is not None:
            shared["clock"] = clock
        try:
            return V3Client(
                key, self.base_url, self.dialect, limits=self.limits, patience=PATIENCE, **shared
            )
        except ValueError as error:
            raise click.UsageError(str(error)) from None

    def key(self) -> str:
        """Give the key; raises `click.UsageError` when there is none."""
        key = os.environ.get(self.api_key_env, "").strip()
        if not key:
            raise click.UsageError(
                f"put the account's API key into the environment variable {self.api_key_env} "
                "(or name another one with --api-key-env)"
            )
        return key

    @property
    def has_key(self) -> bool:
        """Say whether the environment holds a key."""
        return bool(os.environ.get(self.api_key_env, "").strip())


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a connection; `connection(**them)` makes them one.

    The parameters are `api_key_env`, `base_url`, `dialect` and `limits`.
    """
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _production() -> str:
    from infakt_compat.v3 import PRODUCTION

    return PRODUCTION


_OPTIONS = (
    click.option(
        "--api-key-env",
        default="INFAKT_API_KEY",
        show_default=True,
        metavar="NAME",
        help="Environment variable that holds the account's API key.",
    ),
    click.option(
        "--base-url",
        default=_production,
        show_default="production",
        metavar="URL",
        help="v3's base URL, for the sandbox or a stand-in.",
    ),
    click.option(
        "--dialect",
        type=click.Choice(["current", "classic"]),
        default="current",
        show_default=True,
        help="Today's v3, or that of the first documentation.",
    ),
    click.option(
        "--limits", type=click.Choice(["real", "off"]), default="real", hidden=True
    ),  # off: a stand-in that counts nothing
)
