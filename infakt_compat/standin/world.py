"""Everything one stand-in consists of, handed to each request's handler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import options
from .clock import Clock, iso
from .faults import Faults
from .ids import key_for
from .limits import Limiter
from .log import RequestLog
from .store import Record, Store

ALL_SCOPES = (
    "api:invoices:read", "api:invoices:write", "api:accounting:read", "api:accounting:write",
    "api:sensitive:bank_accounts:read", "api:sensitive:bank_accounts:write",
    "api:ksef:integration:write", "api:costs:read", "api:costs:write",
)  # fmt: skip
DEFAULT_ACCOUNT_NUMBER = "61109010140000071219812874"


class World:
    """State, clock, limits, faults and log of one stand-in."""

    def __init__(self, db: str | Path | None, dialect: str, limits: str, seed: int) -> None:
        """Load the store, or fill a new one."""
        if dialect not in ("current", "classic"):
            raise ValueError(f"no such dialect: {dialect}")
        self.dialect = dialect
        self.clock = Clock()
        self.limiter = Limiter(limits, dialect)
        self.faults = Faults()
        self.log = RequestLog()
        self.store = Store(db)
        self.pending: set[int] = set()  # tasks that are not done yet
        if self.store.new:
            with self.store.transaction():
                self.fill(seed)
        else:
            self.pending = {t["id"] for t in self.store.all("tasks") if t["code"] is None}

    @property
    def classic(self) -> bool:
        """The dialect of the seed document."""
        return self.dialect == "classic"

    @property
    def seed(self) -> int:
        """The number that ids follow from."""
        return int(self.store.settings["seed"])

    @property
    def api_key(self) -> str:
        """The key with every scope."""
        return str(self.store.settings["api_key"])

    def fill(self, seed: int) -> None:
        """Start with an empty account, its key and one bank account."""
        self.store.clear()
        self.pending = set()
        key = key_for(seed)
        keys = {key: {"scopes": list(ALL_SCOPES), "account": "main"}}
        for name, value in (
            ("seed", seed), ("api_key", key), ("counters", {}), ("options", {}), ("keys", keys),
        ):  # fmt: skip
            self.store.set(name, value)
        self.store.put("bank_accounts", {
            "id": self.store.next_id("bank_accounts"), "bank_name": "Example Bank",
            "account_number": DEFAULT_ACCOUNT_NUMBER, "swift": "", "default": True,
            "currency": None, "custom_name": None,
        })  # fmt: skip

    def option(self, group: str) -> options.Settings:
        """Return the settings of a group."""
        return options.merged(group, self.store.settings["options"].get(group, {}))

    def set_option(self, group: str, changes: options.Settings) -> options.Settings:
        """Change settings of a group."""
        kept = self.store.settings["options"]
        self.store.set("options", {**kept, group: {**kept.get(group, {}), **changes}})
        return self.option(group)

    def status_writable(self) -> bool:
        """Whether `status` in a body is taken (v3-wire 4.4; the seed document says read-only)."""
        chosen = self.option("quirks")["status_writable"]
        return not self.classic if chosen is None else bool(chosen)

    def note(self, action: str, record: Record, kind: str) -> None:
        """Keep one line for /account/activities."""
        number = self.store.next_id("events")
        self.store.put("events", {
            "id": number, "user": "stand-in@example.com", "subject_id": record["id"],
            "subject_type": kind, "subject_data": {"numer": record.get("number")},
            "action_symbol": action, "action_name": action,
            "performed_at": self.clock.now().strftime("%Y-%m-%d, %H:%M:%S"),
            "device": "", "blame": {},
        })  # fmt: skip

    def moment(self) -> str:
        """Now, as `created_at` is written."""
        return iso(self.clock.now())

    def describe(self) -> dict[str, Any]:
        """Return what GET /__standin__/ answers."""
        counts = {name: len(kept.rows) for name, kept in self.store.collections.items()}
        return {"dialect": self.dialect, "seed": self.seed, "records": counts}
