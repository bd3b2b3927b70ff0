"""Number series by month and kind (v3-wire 1.4, 5)."""

from __future__ import annotations

import re

INFIX = {
    "vat": "",
    "proforma": "PROF",
    "correction": "KOR",
    "margin": "MAR",
    "advance": "ZAL",
    "final": "RZL",
}

Series = tuple[str, str]
_NUMBER = re.compile(r"(\d{1,9})/(?:([A-Z]+)/)?(\d\d/\d{4})")


def series_of(kind: str, invoice_date: str) -> Series:
    """Return the series that a document of a kind and a month belongs to."""
    return INFIX.get(kind, ""), f"{invoice_date[5:7]}/{invoice_date[:4]}"


def parse(number: str | None) -> tuple[Series, int] | None:
    """Series and place of a number; None when it is of no series (a number of one's own)."""
    found = _NUMBER.fullmatch(number or "")
    if found is None:
        return None
    return (found.group(2) or "", found.group(3)), int(found.group(1))


def write(series: Series, place: int) -> str:
    """`16/03/2023`, `1/PROF/03/2023`, `4/KOR/03/2023` ..."""
    infix, month = series
    return f"{place}/{infix}/{month}" if infix else f"{place}/{month}"
