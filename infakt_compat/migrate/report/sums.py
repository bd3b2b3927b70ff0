"""Sums of documents by month, kind, currency and rate, in grosze."""

from collections.abc import Mapping
from typing import Any

from attrs import define, field

#: Month (`2023-03`, "" where there is no date), v3's kind, currency.
Month = tuple[str, str, str]
#: The same, and v3's tax symbol ("" where the line has none).
MonthRate = tuple[str, str, str, str]


@define
class Amounts:
    """How many documents (or lines), and what they come to, in grosze of their currency.

    An amount that a record lacks counts as 0: v3's margin invoices have neither net nor tax.
    """

    count: int = 0
    net: int = 0
    tax: int = 0
    gross: int = 0

    def merge(self, other: "Amounts") -> None:
        """Add other sums to these."""
        self.count += other.count
        self.net += other.net
        self.tax += other.tax
        self.gross += other.gross


#: Count, net, tax, gross: what stands in `Amounts`, quick to add to and to send elsewhere.
_Cell = list[int]


@define
class Sums:
    """The sums of some v3 records: of the documents by month, of their lines by month and rate."""

    _months: dict[Month, _Cell] = field(factory=dict)
    _rates: dict[MonthRate, _Cell] = field(factory=dict)

    def add(self, record: Mapping[str, Any]) -> None:
        """Add one v3 invoice without its envelope; one without currency counts as PLN."""
        get = record.get
        month = (get("invoice_date") or "")[:7], get("kind") or "", get("currency") or "PLN"
        _add(self._months, month, record)
        for line in get("services") or ():
            _add(self._rates, (*month, str(line.get("tax_symbol") or "")), line)

    def merge(self, other: "Sums") -> None:
        """Add other sums to these."""
        _merge(self._months, other._months)
        _merge(self._rates, other._rates)

    @property
    def months(self) -> dict[Month, Amounts]:
        """Give the documents' amounts."""
        return {key: Amounts(*cell) for key, cell in self._months.items()}

    @property
    def rates(self) -> dict[MonthRate, Amounts]:
        """Give the lines' amounts."""
        return {key: Amounts(*cell) for key, cell in self._rates.items()}


def _add(cells: dict[Any, _Cell], key: tuple[str, ...], row: Mapping[str, Any]) -> None:
    """Add the totals of a record or of one of its lines."""
    cell = cells.get(key)
    if cell is None:
        cell = cells[key] = [0, 0, 0, 0]
    get = row.get
    gross = get("gross_price")
    cell[0] += 1
    cell[1] += get("net_price") or 0
    cell[2] += get("tax_price") or 0
    cell[3] += (get("gross_with_margin_amount_price") if gross is None else gross) or 0


def _merge(cells: dict[Any, _Cell], others: Mapping[Any, _Cell]) -> None:
    """Add the cells of other sums."""
    for key, other in others.items():
        cell = cells.get(key)
        if cell is None:
            cells[key] = list(other)
        else:
            cell[0] += other[0]
            cell[1] += other[1]
            cell[2] += other[2]
            cell[3] += other[3]
