"""A document as plain dicts, and the fields that records of several shapes have."""

from datetime import date
from decimal import Decimal
from typing import Any

from infakt_compat.testing import values
from infakt_compat.testing.tape import Tape

Record = dict[str, Any]
"""A document as plain dicts, lists and scalars."""

# 1999-12-31 and the 8,000 days after it
_FIRST_DAY = date(1999, 12, 31).toordinal()
_DAYS = 8000


def date_text(tape: Tape) -> str | None:
    """Give a date as ``YYYY-MM-DD``, or ``None``."""
    if tape.byte() % 4 == 3:
        return date.fromordinal(_FIRST_DAY + tape.number(2) % _DAYS).isoformat()
    return tape.pick(values.DATES)


def real_date(tape: Tape) -> str:
    """Give a date as ``YYYY-MM-DD``, never ``None``."""
    return date_text(tape) or "2013-07-01"


def street(tape: Tape) -> str:
    """Give a street with its house and flat in one text, as v2 had it."""
    if tape.byte() % 2:
        return tape.text(values.WHOLE_STREETS)
    name = tape.pick(values.STREETS)
    house = tape.pick(values.HOUSES)
    joint = tape.pick(("/", "", " m. ", " lok. ", " / ", "/m. "))
    flat = tape.pick(values.FLATS) if joint else ""
    return name + tape.pick((" ", " ", " ", "  ", "\u00a0", "")) + house + joint + flat


def record_id(tape: Tape) -> int | None:
    """Give an id, also one that no 64-bit float can hold, or ``None``."""
    return tape.pick((1012046, 1, 48234567, None, 9007199254740993, 84))


def add_unknown_fields(tape: Tape, record: Record, xml: bool) -> None:
    """Add, now and then, fields that no document of v2 ever named."""
    if not tape.chance(6):
        return
    names = values.UNKNOWN_NAMES if xml else (*values.UNKNOWN_NAMES, "pole ze spacją")
    for _ in range(1 + tape.byte() % 2):
        name = tape.pick(names)
        value = tape.pick(values.UNKNOWN_VALUES)
        record.setdefault(name, xml_text(value) if xml else value)


def xml_text(value: Any) -> str:
    """How XML shows a scalar: always as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)
