"""`infakt-compat gateway foreign`: invoices that no create of the gateway made."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infakt_compat.cli.gateway import Unusable

if TYPE_CHECKING:
    from infakt_compat.dropin.config import Gateway
    from infakt_compat.store import Store


def set_apart(config_path: Path, account: str | None, ids: Sequence[int]) -> None:
    """Note in the store that these invoices are nobody's create's; the gateway may be running.

    Raises `click.ClickException` for an account that there is not, and for an invoice that a create
    is known to have made: the others are noted all the same.
    """
    from infakt_compat.dropin.config import ConfigError, read
    from infakt_compat.facade.account import INVOICES
    from infakt_compat.store import StoreError, open_store

    try:
        config = read(config_path)
        with open_store(config.store) as store:
            name = _store_name(config, store, account)
            made = [one for one in ids if not store.pending.foreign(name, INVOICES, one)]
    except (ConfigError, StoreError) as error:
        raise Unusable(str(error)) from None
    for one in ids:
        if one not in made:
            click.echo(f"{one}: no create in doubt takes it for its own", err=True)
    if made:
        listed = ", ".join(map(str, made))
        raise Unusable(f"a create of the gateway is known to have made {listed}: left as it is")


def _store_name(config: "Gateway", store: "Store", account: str | None) -> str:
    """Give the account's name in the store: a configured one, or a caller's with a key of its own.

    The log names the latter by the end of a keyed hash.
    """
    from infakt_compat.dropin.apis import own_label

    known = {name: one.store_name for name, one in config.accounts.items()}
    if account is None and len(known) == 1:
        return next(iter(known.values()))
    if account in known:
        return known[account]
    own = {own_label(one.account): one.account for one in store.pending.in_doubt(limit=1000)}
    if account in own:
        return own[account]
    listed = ", ".join(known) or "none"
    raise Unusable(f"name the account (--account): {config.path} has {listed}")
