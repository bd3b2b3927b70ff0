"""Some places of a table as a condition: few spans instead of as many values.

An archive may be a folder of more files than a statement takes values; the files of one run stand
side by side.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, between, false, or_, true


def among(column: ColumnElement[Any], places: Iterable[int] | None) -> ColumnElement[bool]:
    """Say that a column holds one of some places; None stands for any."""
    if places is None:
        return true()
    spans: list[list[int]] = []
    for place in sorted(places):
        if spans and place <= spans[-1][1] + 1:
            spans[-1][1] = place
        else:
            spans.append([place, place])
    return or_(false(), *(between(column, first, last) for first, last in spans))
