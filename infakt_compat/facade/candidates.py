"""Which of v3's invoices a create in doubt may have made (decisions.md 5, "Exactly once").

One that contradicts what was sent is none: in a value that v3 neither computes nor fills, or in its
time. What was not sent says nothing: v3 may have filled it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from infakt_compat.facade.account import Record
from infakt_compat.facade.sameness import number_of, same, same_words
from infakt_compat.store import Answer
from infakt_compat.translate.compile import blank

#: v3's clock and ours may differ by so many seconds (own choice).
_SKEW = 600
#: v3 shows them as they were sent.
_VALUES = (
    "number", "kind", "currency", "client_id", "payment_method", "invoice_date", "sale_date",
    "payment_date",
)  # fmt: skip
#: Text that people write may come back in another spelling.
_TEXTS = ("notes", "recipient_signature", "seller_signature")
_OF_LINE = ("tax_symbol", "quantity")
_TEXTS_OF_LINE = ("name", "unit")
#: Prices, and by how many grosze v3's own rounding may change them.
_PRICES = {"unit_net_price": 0, "net_price": 1, "gross_price": 1}
_LINES = "services"


def fits(row: Record, body: Record, total: int | None) -> bool:
    """Say whether number, client, date and total (in grosze) are those of a create."""
    names = ("number", "client_id", "invoice_date")
    if any(not blank(body.get(n)) and not same(body[n], row.get(n)) for n in names):
        return False
    if total is None:
        return True
    gross = row.get("gross_price")
    # v3 rounds each line; ours may be off by a grosz on each.
    return isinstance(gross, int) and abs(gross - total) <= len(body[_LINES])


def in_time(row: Record, body: Record, entry: Answer, quiet: float) -> bool:
    """Say whether a row may have been made by the sendings of a create.

    Not before the first, and no later after the last than `quiet`, in seconds: what is not there by
    then counts as never made. The classic v3 tells by the date at most.
    """
    try:
        if not blank(created := row.get("created_at")):
            moment = datetime.fromisoformat(str(created)).timestamp()
            return entry.created_at - _SKEW <= moment <= entry.sent_at + quiet + _SKEW
        if blank(body.get("invoice_date")):  # then v3 took its own day
            issued = date.fromisoformat(str(row.get("invoice_date")))
            return issued >= date.fromtimestamp(entry.created_at) - timedelta(days=1)
    except ValueError:
        pass
    return True


def tells_all(row: Record, body: Record) -> bool:
    """Say whether a row of a list has all that is compared."""
    compared = (*_VALUES, *_TEXTS, _LINES)
    return all(name in row for name in compared if not blank(body.get(name)))


def may_be(row: Record, body: Record) -> bool:
    """Say whether nothing in a row contradicts what was sent."""
    if not _agrees(body, row, _VALUES, _TEXTS):
        return False
    lines, sent = row.get(_LINES) or [], body[_LINES]
    return len(lines) == len(sent) and all(
        _agrees(one, line, _OF_LINE, _TEXTS_OF_LINE) and _costs(one, line)
        for line, one in zip(lines, sent, strict=True)
    )


def says(row: Record, body: Record) -> bool:
    """Say whether a row that may be it says the same to the letter, and no text besides."""
    if not all(same(body.get(name), row.get(name)) for name in _TEXTS):
        return False
    return all(
        same(one.get(name), line.get(name))
        for line, one in zip(row[_LINES], body[_LINES], strict=True)
        for name in _TEXTS_OF_LINE
    )


def is_it(row: Record, body: Record) -> bool:
    """Say whether a row may be it, and says the same to the letter."""
    return may_be(row, body) and says(row, body)


def _agrees(
    sent: Mapping[str, Any], row: Record, values: tuple[str, ...], texts: tuple[str, ...]
) -> bool:
    """Compare what was sent, values strictly and texts by their words."""
    if any(not blank(sent.get(n)) and not same(sent[n], row.get(n)) for n in values):
        return False
    return all(
        same_words(str(sent[name]), str(row.get(name) or ""))
        for name in texts
        if not blank(sent.get(name))
    )


def _costs(sent: Mapping[str, Any], line: Record) -> bool:
    """Compare the price that was sent."""
    for name, tolerance in _PRICES.items():
        if blank(sent.get(name)):
            continue
        wanted, shown = number_of(sent[name]), number_of(line.get(name))
        if wanted is None or shown is None or abs(wanted - shown) > tolerance:
            return False
    return True
