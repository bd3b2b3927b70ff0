"""What the groups of resources share: dialect, transport, patience, and the parts of a URL."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Literal, TypeVar

from attrs import evolve, field, frozen

from infakt_compat.v3 import answers, limits
from infakt_compat.v3.answers import Answer, Call, Param, Record
from infakt_compat.v3.transport import Transport
from infakt_compat.v3.waits import Deadline, Looks

T = TypeVar("T")
Ref = int | str
Filter = str | int | date
Filters = Mapping[str, Filter]

#: The most records that v3 gives at once (v3-wire 3.3).
MOST_ROWS = 100

_REF = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")
_FILTER = re.compile(r"[a-z][a-z0-9_]*_[a-z]+")
_ORDER = re.compile(r"[a-z][a-z0-9_]*( (asc|desc))?")


@frozen
class Dialect:
    """What differs between today's v3 and the one of the seed (decisions 4)."""

    name: str
    reference: Literal["uuid", "id"]
    tasks: bool
    ksef: bool
    limits: limits.Limits

    def of(self, record: Record) -> str:
        """Give what names a document in a URL: its uuid today, its integer id in the classic v3."""
        return str(record[self.reference])


CURRENT = Dialect("current", "uuid", tasks=True, ksef=True, limits=limits.CURRENT)
CLASSIC = Dialect("classic", "id", tasks=False, ksef=False, limits=limits.CLASSIC)
DIALECTS = {dialect.name: dialect for dialect in (CURRENT, CLASSIC)}


@frozen
class Api:
    """A way to v3: every group of one client holds the same."""

    transport: Transport
    dialect: Dialect
    patience: float
    looks: Looks = field(repr=False)
    fixed: Deadline | None = field(default=None, repr=False)

    def deadline(self, patience: float | None = None) -> Deadline:
        """Set the deadline of a call that begins now."""
        seconds = self.patience if patience is None else patience
        if self.fixed is not None:
            return self.fixed.earlier(seconds)
        return Deadline.after(self.transport.clock, seconds)

    def bounded(self, seconds: float) -> "Api":
        """Give the same way, on which all calls together end at one moment."""
        deadline = Deadline.after(self.transport.clock, seconds)
        return evolve(self, fixed=deadline, patience=seconds)

    def run(self, call: Call[T], deadline: Deadline | None = None) -> T:
        """Run a call within its deadline, or within the client's patience."""
        return self.transport.call(call, deadline or self.deadline())

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        read: Callable[[Answer], T] = answers.record,  # type: ignore[assignment]
        accept: str = "application/json",
    ) -> T:
        """GET a path."""
        asked = tuple((params or {}).items())
        return self.run(Call("GET", path, read, asked, accept=accept))

    def send(
        self,
        method: str,
        path: str,
        body: Record | None = None,
        read: Callable[[Answer], T] = answers.record,  # type: ignore[assignment]
    ) -> T:
        """POST, PUT or DELETE."""
        return self.run(Call(method, path, read, body=body))


def segment(ref: Ref) -> str:
    """Give an id or a uuid as a segment of a path; refuse what could lead elsewhere."""
    text = str(ref)
    if isinstance(ref, bool) or _REF.fullmatch(text) is None:
        raise ValueError(f"this names no record: {text!r}")
    return text


def query(
    filters: Filters | None = None,
    order: str | None = None,
    fields: Sequence[str] | None = None,
) -> tuple[Param, ...]:
    """Write filters, order and fields (v3-wire 3.2).

    V3 ignores what it does not understand, and then answers with everything: what cannot be meant
    is refused here. Matches must be checked again all the same.
    """
    params = [(f"q[{name}]", _filter(name, value)) for name, value in (filters or {}).items()]
    if order is not None:
        if _ORDER.fullmatch(order) is None:
            raise ValueError(f"no order: {order!r}")
        params.append(("order", order))
    if fields is not None:
        params.append(("fields", _fields(fields)))
    return tuple(params)


def _filter(name: str, value: Filter) -> str:
    if _FILTER.fullmatch(name) is None:
        raise ValueError(f"no filter: {name!r}; a field and a predicate, like number_eq")
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value.isoformat() if isinstance(value, date) else value
    if not isinstance(text, str | int) or text == "":
        raise ValueError(f"a filter without a value: {name}")
    return str(text)


def _fields(fields: Sequence[str]) -> str:
    if isinstance(fields, str) or not all(fields) or not fields:
        raise ValueError("fields is a list of names")
    return ",".join(fields)
