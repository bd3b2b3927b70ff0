"""v2's settings: who the account belongs to (v2-wire 1.14)."""

from infakt_compat.facade.account import Account, Record
from infakt_compat.facade.calls import verb
from infakt_compat.tables.user_data import user_fields

USER_DATA = "user_data"


class Settings:
    """`api.settings`."""

    def __init__(self, account: Account) -> None:
        """Serve the settings of an account."""
        self._account = account

    def user_data(self) -> Record:
        """Give the account's details: `{"user_data": {...}}`, each field a text.

        v2's own fields are not known; `mappings/user_data.toml` says what they are here.
        """
        with verb(self._account, "settings/user_data.json") as call:
            details = call.v3.account.details()
            return {USER_DATA: {one.v2: _text(details, *one.v3) for one in user_fields()}}


def _text(details: Record, group: str, name: str) -> str:
    held = details.get(group)
    value = held.get(name) if isinstance(held, dict) else None
    return "" if value is None else str(value)
