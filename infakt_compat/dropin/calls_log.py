"""What the gateway says of each call: one line of JSON, and what page and metrics are told.

Nothing secret or personal is in it: no caller's address, no query, no body, of paths only their
kind. It is ASCII in one line whatever a caller sends, so that nobody writes lines of his own.
"""

import json
import logging
import random
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Protocol, TextIO

from attrs import define, field, frozen

from infakt_compat.dropin.messages import Answer

#: Calls shown on the page, of each account and process.
KEPT = 50

#: What became of a call, by the status of its answer.
_OUTCOMES = {
    200: "done", 401: "not_admitted", 402: "plan", 404: "not_found", 405: "not_found",
    409: "invalid", 500: "defect", 502: "upstream", 503: "later",
}  # fmt: skip
_ENCODER = json.JSONEncoder(default=str)
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"})
_NO_VERB = "none"


@frozen
class Exchange:
    """One request to v3 and what came of it; `status` is None when nothing came."""

    method: str
    path: str
    status: int | None
    ms: int
    error: str = ""

    def shown(self) -> dict[str, Any]:
        """Give it for the line."""
        entry: dict[str, Any] = {"method": self.method, "path": self.path, "status": self.status}
        return entry | {"ms": self.ms} | ({"error": self.error} if self.error else {})


@define
class Call:
    """One call of a caller's, while it runs and when it is over."""

    reference: str = field(factory=lambda: f"{random.getrandbits(32):08x}")
    started: float = field(factory=time.perf_counter)
    at: float = field(factory=time.time)
    account: str = ""
    verb: str = _NO_VERB
    status: int = 0
    outcome: str = ""
    ms: float = 0.0
    exchanges: list[Exchange] = field(factory=list)
    notices: Counter[str] = field(factory=Counter)
    reason: str = ""
    defect: tuple[str, ...] = ()
    sent: bool = False

    def failed(self, error: BaseException) -> None:
        """Keep where a defect happened: type and places, no value, no message."""
        self.defect = _defect(error)

    def answered(self, answer: Answer) -> None:
        """Keep what the caller gets."""
        self.status = answer.status
        self.verb = answer.verb or self.verb
        self.notices = Counter(notice.code for notice in answer.notices)
        self.outcome = self.outcome or _OUTCOMES.get(answer.status, "unreadable")

    @property
    def moment(self) -> str:
        """When it began."""
        return moment(self.at)

    @property
    def remarks(self) -> str:
        """What else there is to say of it, in few words."""
        said = [f"{code} ({number})" for code, number in self.notices.items()]
        return ", ".join([*said, *filter(None, [self.reason]), *self.defect[:1]])

    def line(self) -> dict[str, Any]:
        """Give the line of the log."""
        entry: dict[str, Any] = {
            "at": self.moment, "call": self.reference, "account": self.account, "verb": self.verb,
            "status": self.status, "outcome": self.outcome, "ms": round(self.ms, 1),
            "sent": self.sent, "v3": [one.shown() for one in self.exchanges],
            "notices": dict(self.notices),
        }  # fmt: skip
        more = {"reason": self.reason, "defect": list(self.defect)}
        return entry | {name: value for name, value in more.items() if value}


@define
class Tally:
    """Outcomes and notices of an account's calls."""

    outcomes: Counter[str] = field(factory=Counter)
    notices: Counter[str] = field(factory=Counter)

    def add(self, call: Call) -> None:
        """Count a call."""
        self.outcomes[call.outcome] += 1
        self.notices += call.notices


class Log:
    """Writes lines; one that cannot be written takes nothing else with it."""

    def __init__(self, stream: TextIO) -> None:
        """Write to a stream."""
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, entry: Mapping[str, Any]) -> None:
        """Write an entry as one line."""
        text = _ENCODER.encode(entry) + "\n"
        with self._lock:
            try:
                self._stream.write(text)
                self._stream.flush()
            except (OSError, ValueError):  # the reader has gone
                return


class LogHandler(logging.Handler):
    """Brings what the package's and the server's loggers say into the same log."""

    def __init__(self, log: Log) -> None:
        """Write to a log."""
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one entry."""
        error = record.exc_info[1] if record.exc_info else None
        entry: dict[str, Any] = {"at": moment(record.created), "level": record.levelname.lower()}
        entry |= {"logger": record.name, "text": record.getMessage()}
        self._log.write(entry | ({"defect": _defect(error)} if error else {}))


class Counts(Protocol):
    """Who counts calls."""

    def call(self, call: Call) -> None:
        """Count a call that is over."""
        ...

    def exchange(self, account: str, exchange: Exchange) -> None:
        """Count an exchange with v3."""
        ...


class Calls:
    """All calls of this process."""

    def __init__(self, log: Log, counts: Counts) -> None:
        """Tell a log, and who counts."""
        self._log = log
        self._counts = counts
        self._here = threading.local()
        self._lock = threading.Lock()
        self._recent: dict[str, deque[Call]] = {}
        self._tallies: dict[str, Tally] = {}

    def begin(self) -> Call:
        """Begin a call: what this thread exchanges with v3 belongs to it, until `leave`."""
        call = self._here.call = Call()
        return call

    def leave(self) -> None:
        """The call is answered; its answer is on its way out."""
        self._here.call = None

    def over(self, call: Call, sent: bool) -> None:
        """Say of a call that it is over."""
        call.ms = (time.perf_counter() - call.started) * 1000
        call.sent = sent
        self._counts.call(call)
        with self._lock:
            name = label(call.account)
            self._recent.setdefault(name, deque(maxlen=KEPT)).append(call)
            self._tallies.setdefault(name, Tally()).add(call)
        self._log.write(call.line())

    def recent(self, account: str) -> list[Call]:
        """Give the last calls of an account, the newest first."""
        with self._lock:
            return list(reversed(self._recent.get(label(account), ())))

    def tally(self, account: str) -> "Tally":
        """Give what was counted of an account since this process began."""
        with self._lock:
            found = self._tallies.get(label(account), Tally())
            return Tally(found.outcomes.copy(), found.notices.copy())

    def exchanges_of(self, account: str) -> Callable[[str], None]:
        """Give what takes V3Client's lines for an account."""

        def take(line: str) -> None:
            exchange = _exchange(json.loads(line))
            self._counts.exchange(account, exchange)
            call: Call | None = getattr(self._here, "call", None)
            if call is not None:
                call.exchanges.append(exchange)
                return
            entry = {"at": moment(time.time()), "account": account, "verb": "background"}
            self._log.write(entry | {"v3": [exchange.shown()]})

        return take


#: The account of callers with API keys of their own, where they are not told apart.
OWN_KEYS = "own keys"
NOBODY = ""


def label(account: str) -> str:
    """Name an account in metrics and on the page: callers with own keys share a place."""
    return OWN_KEYS if account.startswith(f"{OWN_KEYS} ") else account


def _defect(error: BaseException) -> tuple[str, ...]:
    """Say what an exception is and where it came from, not its words: they may quote a document."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{PurePath(one.filename).name}:{one.lineno} {one.name}" for one in frames]
    return (type(error).__name__, *places)


def _exchange(entry: Mapping[str, Any]) -> Exchange:
    method = entry["method"] if entry["method"] in _METHODS else "other"
    return Exchange(
        method, _kind(entry["path"]), entry["status"], entry["ms"], entry.get("error", "")
    )


def _kind(path: str) -> str:
    """Give a path without what names one document."""
    return "/".join("*" if any(c.isdigit() for c in part) else part for part in path.split("/"))


def moment(seconds: float) -> str:
    """Write a moment, of the epoch's seconds, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
