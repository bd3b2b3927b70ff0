"""What the tests of the v3 client share: records, a time of their own, and counting."""

from collections.abc import Callable
from typing import Any

from infakt_compat.standin import StandIn
from infakt_compat.v3 import Clock

KEY = "0123456789abcdef0123456789abcdef"
ROW = {"name": "Usługa", "tax_symbol": "23", "unit_net_price": 1000}
INVOICE = {"payment_method": "cash", "client_company_name": "Firma", "services": [ROW]}
CLIENT = {"company_name": "Firma testowa", "country": "PL", "nip": "9452121681"}


class FakeTime:
    """A time that stands still between sleeps; chance is one number."""

    def __init__(self) -> None:
        """Begin at a moment that is no other clock's."""
        self.moment = 1_000_000.0
        self.slept: list[float] = []
        self.chance = 0.0
        self.wakes: Callable[[], object] = lambda: None

    def now(self) -> float:
        """Tell the time."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.slept.append(seconds)
        self.moment += seconds
        self.wakes()

    def clock(self) -> Clock:
        """Give it as the client takes it."""
        return Clock(self.now, self.sleep, self.now, lambda: self.chance)


def calls(standin: StandIn) -> list[str]:
    """Say which calls came, without their identifiers."""
    return [f"{entry['method']} {_plain(entry['path'])}" for entry in standin.requests()]


def _plain(path: str) -> str:
    return "/".join("*" if any(c.isdigit() for c in part) else part for part in path.split("/"))


def invoices(standin: StandIn, count: int) -> list[dict[str, Any]]:
    """Put so many invoices into a stand-in, one a day."""
    rows = [
        {"number": f"{n + 1}/01/2026", "invoice_date": f"2026-01-{n % 28 + 1:02d}"}
        for n in range(count)
    ]
    made: list[dict[str, Any]] = standin.seed(invoices=rows)["invoices"]
    return made
