"""Numbers as they are compared and sent: without blanks around them.

With them v3 would hold ` 5/05/2013 ` beside `5/05/2013`, and a correction would not find what it
corrects (decisions.md 1: no guess with identity).
"""

from collections.abc import Mapping
from typing import Any

from infakt_compat.notices import Notice
from infakt_compat.translate.compile import Plan

#: v3's fields that hold one.
NUMBERS = ("number", "corrected_invoice_number")

#: No document has a longer one: such a text is refused, whatever v3 would make of it.
MOST_NUMBER = 100


def usable(number: str) -> bool:
    """Say whether a text can be a document's number."""
    return len(number) <= MOST_NUMBER and "\0" not in number


def trimmed(plan: Plan, record: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Notice]]:
    """Give an invoice's record with its numbers trimmed, and a notice for each that was not.

    A number of blanks only is none: it is left out.
    """
    found = {name: record[name].strip() for name in NUMBERS if record.get(name)}
    changed = {name: text for name, text in found.items() if text != record[name]}
    if not changed:
        return record, []
    kept = {name: value for name, value in record.items() if changed.get(name) != ""}
    notices = [
        plan.notice("number.blanks", plan.by_v3[name].v2, text)
        for name, text in changed.items()
        if text
    ]
    return kept | {name: text for name, text in changed.items() if text}, notices
