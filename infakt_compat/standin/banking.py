"""Bank data on a document: only accounts that the user has (v3-wire 1.4)."""

from __future__ import annotations

from typing import Any

from .coerce import blank, to_text
from .errors import Errors
from .store import Record, Store

UNKNOWN_TEXT = "Numer konta bankowego nie został dodany i zweryfikowany w aplikacji."
NO_NAME_TEXT = "Proszę podać nazwę banku."
NO_ACCOUNT_TEXT = "Proszę podać numer konta."


def bare(number: Any) -> str:
    """Return an account number without spaces and without Poland's prefix."""
    text = "".join(str(number or "").split()).upper()
    return text.removeprefix("PL")


def default_account(store: Store) -> Record | None:
    """Return the account marked as default, else the first."""
    accounts = store.all("bank_accounts")
    return next((a for a in accounts if a["default"]), accounts[0] if accounts else None)


def fill(store: Store, doc: Record) -> None:
    """Fill in the default account; it is done for any payment method (v3-wire 1.4)."""
    account = default_account(store)
    if account is not None:
        _take(doc, account)


def read(store: Store, doc: Record, data: Record, errors: Errors) -> None:
    """Take the account that a body names; one that the user does not have is refused."""
    if "bank_account" in data:
        _choose(store, doc, data, errors)
    if doc.get("payment_method") == "transfer" and not errors.get("bank_account"):
        if blank(doc["bank_name"]):
            errors.add("bank_name", NO_NAME_TEXT)
        if blank(doc["bank_account"]):
            errors.add("bank_account", NO_ACCOUNT_TEXT)


def _choose(store: Store, doc: Record, data: Record, errors: Errors) -> None:
    given = to_text(data["bank_account"])
    if blank(given):
        doc["bank_account"] = ""
        return
    for account in store.all("bank_accounts"):
        if bare(account["account_number"]) == bare(given):
            named = {k: doc[k] for k in ("bank_name", "swift") if not blank(data.get(k))}
            _take(doc, account)
            doc.update(named, bank_account=given)
            return
    errors.add("bank_account", UNKNOWN_TEXT)


def _take(doc: Record, account: Record) -> None:
    doc["bank_account"] = account["account_number"]
    doc["bank_name"] = account["bank_name"]
    doc["swift"] = account["swift"] or ""
