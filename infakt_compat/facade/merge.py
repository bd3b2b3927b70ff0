"""Several lists of v3 as one, in the order of a date (decisions.md 5).

Each family is read where its next row may be the next of all, and no sooner: at most one read a
family and 100 rows. Equal dates keep v3's order within a family and a fixed order between them.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from infakt_compat.facade.account import FAMILIES, Record, family_of, invoice_plan
from infakt_compat.v3 import V3Client
from infakt_compat.v3.api import MOST_ROWS

DESCENDING = "desc"
_DATES = ("invoice_date", "sale_date", "payment_date")
_STANDS_IN = "invoice_date"
#: Before and behind every date.
_FIRST, _LAST = "", "~"


@frozen
class Order:
    """By which date, and which way."""

    name: str
    date: str
    descending: bool

    def field_of(self, family: str) -> str:
        """Give v3's field in a family; one without such a date is ordered by its invoice date."""
        step = invoice_plan(FAMILIES[family]).by_v2[self.date]
        return step.target or step.rule.absent

    @property
    def first(self) -> str:
        """Give a date that comes before all others in this order."""
        return _LAST if self.descending else _FIRST


def orders() -> dict[str, Order]:
    """Give the orders that v2 knew, by their names."""
    found = {}
    for name in _DATES:
        date = invoice_plan().by_v3[name].v2
        for way in ("asc", DESCENDING):
            order = f"{date}_{way}"
            found[order] = Order(order, date, way == DESCENDING)
    return found


@define
class Head:
    """Where one family is: how many rows are behind us, and what its next date can be at best."""

    family: str
    offset: int = 0
    date: str | None = None
    total: int | None = None
    rows: deque[Record] = field(factory=deque)

    @property
    def over(self) -> bool:
        """Say whether nothing is left."""
        return self.total is not None and self.offset >= self.total and not self.rows

    def state(self) -> list[Any]:
        """Give what is kept between pages: never a body."""
        return [self.offset, self.date, self.total]


@define
class Merge:
    """The families of one account, read in one order."""

    v3: V3Client
    order: Order
    heads: list[Head]
    fields: Sequence[str] | None = None

    @classmethod
    def start(cls, v3: V3Client, order: Order) -> "Merge":
        """Begin at the first row of all."""
        return cls(v3, order, [Head(family) for family in FAMILIES])

    @classmethod
    def at(cls, v3: V3Client, order: Order, state: Mapping[str, Sequence[Any]]) -> "Merge":
        """Begin where a page ended."""
        return cls(v3, order, [Head(family, *state[family]) for family in FAMILIES])

    def state(self) -> dict[str, list[Any]]:
        """Give where every family is."""
        return {head.family: head.state() for head in self.heads}

    @property
    def total(self) -> int:
        """How many rows there are in all families that were looked at."""
        return sum(head.total or 0 for head in self.heads)

    def take(self, count: int) -> list[tuple[str, Record]]:
        """Give the next rows, each with its family."""
        found: list[tuple[str, Record]] = []
        while len(found) < count and (head := self._next()) is not None:
            if head.rows:
                found.append((head.family, self._consume(head)))
            else:
                self._read(head, min(MOST_ROWS, count - len(found)))
        return found

    def skip(self, count: int) -> None:
        """Go past so many rows, of which only the dates are read; stops when there are fewer."""
        for head in self.heads:
            self._read(head, min(MOST_ROWS, max(count, 1)), lean=True)
        if count < self.total:
            while count > 0 and (first := self._next()) is not None:
                if first.rows:
                    self._consume(first)
                    count -= 1
                else:
                    self._read(first, min(MOST_ROWS, count), lean=True)
        for head in self.heads:
            head.rows.clear()

    def _next(self) -> Head | None:
        """Give the family whose next row comes first, or may do so."""
        open_heads = [head for head in self.heads if not head.over]
        if not open_heads:
            return None
        dates = [self.order.first if head.date is None else head.date for head in open_heads]
        best = max(dates) if self.order.descending else min(dates)
        return open_heads[dates.index(best)]

    def _consume(self, head: Head) -> Record:
        row = head.rows.popleft()
        head.offset += 1
        if head.rows:
            head.date = self._date(head.family, head.rows[0])
        return row

    def _read(self, head: Head, limit: int, lean: bool = False) -> None:
        named = self.order.field_of(head.family)
        fields = ("id", *dict.fromkeys((named, _STANDS_IN))) if lean else None
        way = DESCENDING if self.order.descending else "asc"
        page = family_of(self.v3, head.family).list(
            order=f"{named} {way}", fields=fields, offset=head.offset, limit=limit
        )
        # An empty page ends a family, whatever its total says.
        head.total = page.total_count if page.entities else head.offset
        head.rows = deque(page.entities)
        if head.rows:
            head.date = self._date(head.family, head.rows[0])

    def _date(self, family: str, row: Record) -> str:
        """Give a row's date as it is shown."""
        return str(row.get(self.order.field_of(family)) or row.get(_STANDS_IN) or "")
