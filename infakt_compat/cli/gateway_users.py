"""`infakt-compat gateway init` and `add-user`: a configuration, and entries for one."""

import sys
import tomllib
from pathlib import Path
from typing import Any

import click

from infakt_compat.cli.gateway import Unusable


def begin(config: Path, account: str, user: str | None, from_stdin: bool) -> None:
    """Write a new configuration and, where there is none, the gateway's key beside it."""
    from infakt_compat.dropin import entries

    _check_account(account)
    if config.exists():
        _begin_again(config)
        return
    text = entries.head(config.name) + entries.account_entry(account)
    if user is not None:
        text += entries.user_entry(account, user, _hashed(user, from_stdin))
    key = _key_of(config)
    if not key.exists():
        _write(key, f"{entries.gateway_key()}\n")
    _write(config, text)
    click.echo(f"{config} and {key} are written; only you can read them. Next:", err=True)
    click.echo(f"  export {entries.KEY_VARIABLE}=...   # a v3 key of the account", err=True)
    click.echo(f"  infakt-compat gateway check --config {config}", err=True)
    click.echo(f"  infakt-compat gateway --config {config}", err=True)


def _begin_again(config: Path) -> None:
    """Write the key of a configuration that has lost it; nothing else is written over."""
    from infakt_compat.dropin import entries

    contents = _contents(config)
    named = contents.get("key_file")
    key = config.parent / named if isinstance(named, str) else _key_of(config)
    if key.exists() or "key_env" in contents:
        raise Unusable(f"{config} is there already: gateway add-user makes entries for it")
    _write(key, f"{entries.gateway_key()}\n")
    click.echo(f"{config} is left as it is; {key} was missing, and a new one is written.", err=True)
    click.echo(
        "If there was another key before: put that back, where you have it. With the new one every "
        "token that the gateway gave out, and every PDF link, is void: callers log in anew.",
        err=True,
    )


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

    present = {} if new_account and not config.exists() else _accounts(config)
    name = _the_account(config, present, account, new_account)
    text = ""
    if new_account:
        variable = entries.own_variable(name, _variables(present))
        text = entries.account_entry(name, variable)
    text += entries.user_entry(name, user, _hashed(user, from_stdin))
    if token:
        text += entries.token_entry(name)
    click.echo(text.strip())
    click.echo(f"Paste this into {config} (mode 600), and restart the gateway.", err=True)
    if new_account:
        click.echo(f"Before: export {variable}=...   # a v3 key of {name}'s own", err=True)


def _key_of(config: Path) -> Path:
    from infakt_compat.dropin.config import KEY_FILE

    return config.parent / KEY_FILE


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    from infakt_compat.dropin.secret import write_new

    try:
        write_new(path, text)
    except OSError as error:
        raise Unusable(f"{error.filename} cannot be written: {error.strerror}") from None


def _check_account(name: str) -> None:
    from infakt_compat.dropin.config import ACCOUNT_NAME

    if not ACCOUNT_NAME.fullmatch(name):
        raise Unusable(f"an account's name has 1 to 64 letters, digits, - and _, not {name!r}")


def _contents(config: Path) -> dict[str, Any]:
    """Read a configuration as it is: whether it can be used does not matter here."""
    try:
        return tomllib.loads(config.read_text("utf-8"))
    except OSError as error:
        reason = f"{config} cannot be read: {error.strerror}"
        raise Unusable(f"{reason}. To begin: gateway init") from None
    except ValueError as error:
        raise Unusable(f"{config} is not TOML: {error}") from None


def _accounts(config: Path) -> dict[str, Any]:
    """Give a configuration's accounts by name."""
    found = _contents(config).get("accounts", {})
    return found if isinstance(found, dict) else {}


def _variables(accounts: dict[str, Any]) -> set[str]:
    """Give the variables that hold v3 keys of accounts."""
    return {str(one.get("v3_key_env")) for one in accounts.values() if isinstance(one, dict)}


def _the_account(
    config: Path, present: dict[str, Any], asked: str | None, new_account: bool
) -> str:
    """Say which account is meant: one that is there, or with `new_account` one that is not."""
    if asked is None and (new_account or len(present) != 1):
        raise Unusable(f"name the account (--account): {config} has {_listed(present)}")
    name = next(iter(present)) if asked is None else asked
    _check_account(name)
    if new_account and name in present:
        raise Unusable(f"{config} has an account {name}: leave --new-account out")
    if not new_account and name not in present:
        raise Unusable(
            f"{config} has no account {name}, but {_listed(present)}: "
            "--new-account makes one, with its consumer key"
        )
    return name


def _listed(accounts: dict[str, Any]) -> str:
    return ", ".join(accounts) or "none"


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
