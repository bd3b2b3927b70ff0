"""Whose account a key opens: named by the account's own details, not by the key.

A key can be replaced, and the account stays the same; a key of another account must not go on with
an import (issue 5).
"""

import hashlib
from typing import Any

from infakt_compat.errors import InfaktCompatError
from infakt_compat.v3 import V3Client


class NoIdentity(InfaktCompatError):
    """The account's details name nobody, so that two accounts could not be told apart."""


def identity(v3: V3Client) -> str:
    """Give the name of an account: a digest of its own uuid and its tax number (v3-wire 6).

    One read. Raises `V3Error` when the details cannot be read, `NoIdentity` when neither is there.
    """
    details = v3.account.details()
    uuid = _text(details, "account_data", "uuid")
    number = "".join(c for c in _text(details, "company_data", "tax_id") if c.isalnum())
    if not uuid and not number:
        raise NoIdentity("v3's account details hold neither the account's uuid nor its tax number")
    return hashlib.sha256(f"infakt account {uuid} {number}".encode()).hexdigest()[:32]


def _text(details: dict[str, Any], part: str, name: str) -> str:
    found = details.get(part)
    value = found.get(name) if isinstance(found, dict) else None
    return value.strip() if isinstance(value, str) else ""
