"""`infakt-compat gateway init` and `add-user`: a configuration, and entries for one."""

import sys
import tomllib
from pathlib import Path

import click

from infakt_compat.cli.gateway import Unusable


def begin(config: Path, account: str, user: str | None, from_stdin: bool) -> None:
    """Write a new configuration and, where there is none, the gateway's key beside it."""
    from infakt_compat.dropin import entries
    from infakt_compat.dropin.config import KEY_FILE
    from infakt_compat.dropin.secret import write_new

    _check_account(account)
    if config.exists():
        raise Unusable(f"{config} is there already: gateway add-user makes entries for it")
    text = entries.head(config.name) + entries.account_entry(account)
    if user is not None:
        text += entries.user_entry(account, user, _hashed(user, from_stdin))
    key = config.parent / KEY_FILE
    try:
        if not key.exists():
            write_new(key, f"{entries.gateway_key()}\n")
        write_new(config, text)
    except OSError as error:
        raise Unusable(f"{error.filename} cannot be written: {error.strerror}") from None
    click.echo(f"{config} and {key} are written; only you can read them. Next:", err=True)
    click.echo("  export INFAKT_API_KEY=...   # a v3 key of the account", err=True)
    click.echo(f"  infakt-compat gateway check --config {config}", err=True)
    click.echo(f"  infakt-compat gateway --config {config}", err=True)


def show_entries(
    config: Path,
    account: str | None,
    user: str,
    new_account: bool,
    token: bool,
    from_stdin: bool,
) -> None:
    """Print the entries of a user, and what else is asked for."""
    from infakt_compat.dropin import entries

    name = _only_account(config) if account is None else account
    _check_account(name)
    text = entries.account_entry(name) if new_account else ""
    text += entries.user_entry(name, user, _hashed(user, from_stdin))
    if token:
        text += entries.token_entry(name)
    click.echo(text.strip())
    click.echo(f"Paste this into {config} (mode 600), and restart the gateway.", err=True)


def _check_account(name: str) -> None:
    from infakt_compat.dropin.config import ACCOUNT_NAME

    if not ACCOUNT_NAME.fullmatch(name):
        raise Unusable(f"an account's name has 1 to 64 letters, digits, - and _, not {name!r}")


def _only_account(config: Path) -> str:
    """Name the account of a configuration that has one; its other contents do not matter here."""
    try:
        accounts = tomllib.loads(config.read_text("utf-8")).get("accounts", {})
    except OSError as error:
        reason = f"{config} cannot be read: {error.strerror}"
        raise Unusable(f"{reason}. Name the account (--account), or begin: gateway init") from None
    except ValueError as error:
        raise Unusable(f"{config} is not TOML: {error}") from None
    names = list(accounts) if isinstance(accounts, dict) else []
    if len(names) != 1:
        raise Unusable(f"name the account (--account): {config} has {', '.join(names) or 'none'}")
    return str(names[0])


def _hashed(user: str, from_stdin: bool) -> str:
    """Ask for a password, without showing it, and hash it."""
    from infakt_compat.dropin.config import USER_NAME
    from infakt_compat.dropin.passwords import new_hash

    if not USER_NAME.fullmatch(user):
        raise Unusable("a user's name has 1 to 255 characters, without control characters")
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        asked = f"Password of {user}"
        password = click.prompt(asked, hide_input=True, confirmation_prompt=True, err=True)
    if not password:
        raise Unusable("the password is empty")
    return new_hash(password)
