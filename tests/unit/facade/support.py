"""What the tests of the facade share: documents, counting, and a store whose clock can be moved."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from infakt_compat.facade import Api, V2Error
from infakt_compat.standin import StandIn
from infakt_compat.v3 import Backoff, Looks, Timeouts

Tree = dict[str, Any]

QUICK = {
    "limits": "off",
    "backoff": Backoff(first=0.001, most=0.01, limited=0.01),
    "looks": Looks(first=0.005),
    "timeouts": Timeouts(connect=2, read=2),
}
UNCLEAR: list[Tree] = [
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 500, "after": True},
    {"kind": "status", "status": 502, "body": "<html>Bad gateway</html>"},
    {"kind": "status", "status": 503, "after": True},
    {"kind": "status", "status": 503, "retry_after": 0},
    {"kind": "status", "status": 503, "retry_after": 0, "after": True},
    {"kind": "broken_body", "variant": "truncated"},
    {"kind": "broken_body", "variant": "html"},
    {"kind": "broken_body", "variant": "empty"},
]
REFUSING: list[Tree] = [{"kind": "status", "status": 429, "retry_after": 1}]
#: For tests that lean on the store: SQLite and PostgreSQL, which is skipped where there is none.
ON_BOTH_STORES = pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)


class Wall:
    """The store's clock: the machine's, and as much later as a test wants."""

    def __init__(self) -> None:
        """Begin at the machine's time."""
        self.ahead = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return time.time() + self.ahead


def named(fault: Tree) -> str:
    """Name a fault in a test's name."""
    return "-".join(str(value) for value in fault.values() if not str(value).startswith("<"))


def calls(standin: StandIn, after: int = 0) -> list[str]:
    """Say which calls came, without their identifiers."""
    return [f"{one['method']} {_plain(one['path'])}" for one in standin.requests(after=after)]


def _plain(path: str) -> str:
    return "/".join("*" if any(c.isdigit() for c in part) else part for part in path.split("/"))


def count(standin: StandIn) -> int:
    """Say how many calls there were."""
    return len(standin.requests())


def stored(standin: StandIn, number: int, family: str = "invoices") -> Tree:
    """Give one document as it is there."""
    found = standin.world.store.get(family, number)
    assert found is not None
    return dict(found)


def made_id(answer: Tree) -> int:
    """Give the id that a create answered."""
    number: int = answer["invoice"]["invoice_id"]
    return number


def error_of(work: Callable[[], object]) -> V2Error:
    """Give the error that a call ends with."""
    try:
        work()
    except V2Error as error:
        return error
    raise AssertionError("no V2Error")


def outcome(work: Callable[[], object]) -> V2Error | None:
    """Give the error that a call ends with, None when it answers."""
    try:
        work()
    except V2Error as error:
        return error
    return None


def codes(api: Api) -> set[str]:
    """Give the codes of the last notices."""
    return {notice.code for notice in api.last_notices}
