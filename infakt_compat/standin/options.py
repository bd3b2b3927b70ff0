"""Settings of the account and of the stand-in's behaviour, all changeable while it runs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

Settings = dict[str, Any]

DEFAULTS: dict[str, Settings] = {
    # how asynchronous work ends (v3-wire 1.3), see tasks.py
    "tasks": {"looks": 0, "seconds": 0, "stuck": 0, "fail": 0, "code": 422, "errors": None},
    # how KSeF answers (v3-wire 6), see ksef.py
    "ksef": {
        "looks": 0,
        "seconds": 0,
        "outcome": "success",
        "outcomes": {},
        "description": None,
    },
    # oddities of the real service that tests may want either way
    "quirks": {
        "unstable_clients": True,  # v3-wire 3.2: ids recur across unordered pages
        "paid_price": "kept",  # or "filled": v3-wire 4.4 shows both
        "status_writable": None,  # None: by dialect, yes in the current one, no in the classic
        "sync_uuid": True,  # False: sync create answers "uuid": null (v3-wire 1.1)
    },
    # the account
    "account": {"currency": "PLN", "ksef": True, "flat_rate": False, "nip": "9452121681"},
    # the plan (v3-wire 2.1: 402 and 403); None is no limit
    "plan": {
        "invoices_per_month": None,
        "clients": None,
        "emails_per_day": None,
        "share_links": True,
        "ip_blocked": False,
        "locked": False,
    },
}


def merged(group: str, changes: Settings) -> Settings:
    """Return the defaults of a group with what was set."""
    return {**DEFAULTS[group], **changes}


def unfit(group: str, changes: Settings) -> list[str]:
    """Names that the group does not have, and those with a value of another type than theirs."""
    known = DEFAULTS[group]
    return sorted(
        name
        for name, value in changes.items()
        if name not in known or not _fits(known[name], value)
    )


def _fits(default: Any, value: Any) -> bool:
    if default is None or value is None:
        return default is None
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    numbers = (int, float, Decimal)
    return isinstance(value, numbers if isinstance(default, int) else type(default))
