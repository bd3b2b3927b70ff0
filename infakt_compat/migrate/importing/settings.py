"""What an import is asked to do."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal

from attrs import field, frozen
from sqlalchemy import ColumnElement, and_, or_

from infakt_compat.facade import Defaults
from infakt_compat.migrate.journal.schema import entries

Clients = Literal["match", "embed", "keep"]
PaidDate = Literal["payment", "invoice", "today", "none"]

#: What is not found settles nothing for so long, in seconds (decisions.md 5).
SETTLE = 900.0

_DAY = r"\d{4}(?:-\d\d(?:-\d\d)?)?"
_DAYS = re.compile(rf"(?P<first>{_DAY})?(?P<to>\.\.)?(?P<last>{_DAY})?")
_KINDS = ("vat", "proforma", "correction", "client")


@frozen
class Only:
    """Which documents of the plan an import takes: all, or those that every sort of filter names.

    `kinds` are v3's, `numbers` whole numbers, `days` first and last invoice date (both included).
    """

    kinds: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    days: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, filters: Iterable[str]) -> "Only":
        """Read `kind=vat,proforma`, `number=1/05/2012`, `date=2012-01..2012-06`.

        Raises `ValueError` for what is no filter, with the forms that there are.
        """
        kinds: list[str] = []
        numbers: list[str] = []
        days: list[tuple[str, str]] = []
        for text in filters:
            name, _, value = text.partition("=")
            if name == "kind" and value and set(value.split(",")) <= set(_KINDS):
                kinds += value.split(",")
            elif name == "number" and value:
                numbers.append(value)
            elif name == "date" and value:
                days.append(_days(value))
            else:
                raise ValueError(
                    f"{text!r} is no filter: kind={'|'.join(_KINDS)} (several with commas), "
                    "number=N, date=YYYY[-MM[-DD]] or date=FIRST..LAST"
                )
        return cls(tuple(kinds), tuple(numbers), tuple(days))

    def where(self) -> ColumnElement[bool]:
        """Give the condition on the journal's entries."""
        e = entries.c
        parts: list[ColumnElement[bool]] = [e.place > 0]
        if self.kinds:
            parts.append(e.kind.in_(self.kinds))
        if self.numbers:
            parts.append(e.number.in_(self.numbers))
        if self.days:
            parts.append(or_(*(and_(e.day >= first, e.day <= last) for first, last in self.days)))
        return and_(*parts)


def _days(text: str) -> tuple[str, str]:
    """Give a span's bounds as texts; they compare as dates do, and no month has a 99th day."""
    found = _DAYS.fullmatch(text)
    first, last = (found["first"], found["last"]) if found else (None, None)
    if found is None or (found["to"] is None and last) or not (first or last):
        raise ValueError(f"date={text} is no span of days: date=2012, date=2012-05, date=A..B")
    for day in (first, last):
        _exists(day or "2000", text)
    if found["to"] is None:
        last = first
    bounds = first or "0", f"{last or '9999'}-99"
    if bounds[0] > bounds[1]:
        raise ValueError(f"date={text} is no span of days: it ends before it begins")
    return bounds


def _exists(day: str, text: str) -> None:
    """Refuse a year, month or day that no calendar has."""
    try:
        date.fromisoformat(f"{day}-01-01"[:10])
    except ValueError:
        raise ValueError(
            f"date={text} is no span of days: the calendar has no {day}; write YYYY, YYYY-MM or "
            "YYYY-MM-DD"
        ) from None


@frozen
class Settings:
    """How an import creates documents.

    `clients`: matched by tax number and else created, embedded in the document, or v2's ids kept.
    `paid_date`: which date a paid document gets, as v2 kept none; "none" leaves it unpaid.
    `settle`: how many seconds a look-up that finds nothing settles nothing. `defaults` are the
    account's own values (`facade.Defaults`). `pdf` is where each document's PDF is saved.
    """

    clients: Clients = "match"
    paid_date: PaidDate = "payment"
    only: Only = field(factory=Only)
    send_to_ksef: bool = False
    pdf: Path | None = None
    settle: float = SETTLE
    defaults: Defaults = field(factory=Defaults)
