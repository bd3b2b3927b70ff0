"""Looking for what a create in doubt may have made (decisions.md 5, "Exactly once").

By the task's reference, else by number, or by client, date, total and created_at. v3 ignores
filters that it does not know, so every match is checked again; what other creates made, and what
was known before, is none.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from infakt_compat.facade.account import CLIENTS, INVOICES, Record
from infakt_compat.facade.calls import Call
from infakt_compat.facade.once import Found, Unclear
from infakt_compat.money import read_number
from infakt_compat.store import Claim
from infakt_compat.translate.compile import blank
from infakt_compat.v3 import BrokenAnswer, NotFound, OutcomeUnknown
from infakt_compat.v3.api import Filter
from infakt_compat.v3.documents import Invoices
from infakt_compat.v3.tasks import Task

#: A look-up that meets more rows than this cannot say that there is none.
_MOST_ROWS = 1000
#: v3's clock and ours may differ by so many seconds (own choice).
_SKEW = 600
_ACCEPTED = 100
#: What a body says and an invoice of it shows as well; text that people write may come back
#: in another spelling.
_HARD = (
    "number", "kind", "currency", "client_id", "payment_method", "invoice_date", "sale_date",
)  # fmt: skip
_SOFT = ("payment_date", "notes", "recipient_signature", "seller_signature")
_OF_LINE = ("name", "tax_symbol", "quantity")


def by_task(call: Call, claim: Claim, doubt: OutcomeUnknown | None) -> Found | None:
    """Follow the create's task to its end; None when there is none, or v3 knows it no more."""
    entry = call.account.store.pending.get(claim.entry.account, claim.entry.digest)
    kept = None if entry is None or entry.attempt != claim.entry.attempt else entry.task
    reference = kept or (None if doubt is None else doubt.reference)
    uuid = None if doubt is None else doubt.uuid
    if uuid is not None:
        return Found(call.v3.invoices.show(uuid))
    if reference is None or not call.v3.dialect.tasks:
        return None
    return _followed(call.v3.invoices, reference)


def _followed(invoices: Invoices, reference: str) -> Found | None:
    try:
        return Found(invoices.finish(Task(reference, _ACCEPTED)))
    except OutcomeUnknown as error:
        cause = error.__cause__
        if isinstance(cause, NotFound) and error.uuid is None:
            return None  # v3 knows the task no more
        if error.text.startswith("the task ended"):
            return None  # it ended in doubt itself: only a look can tell
        raise


def invoice(call: Call, claim: Claim, body: Record, total: int | None) -> Found | None:
    """Look for an invoice by what its create said."""
    rows = call.v3.invoices.iterate(_filters(body), order="invoice_date desc")
    fitting = [
        row
        for row in _bounded(rows)
        if _fits(row, body, total) and _young(row, body, claim.entry.created_at)
    ]
    fresh = _not_known(call, claim, INVOICES, fitting)
    if not fresh:
        return None
    rivals = call.account.store.pending.rivals(claim)
    exact = [row for row in fresh if _says(row, body, _HARD + _SOFT)]
    close = [row for row in fresh if _says(row, body, _HARD)]
    # Creates that say the same may take each other's invoices: there are as many as were asked for.
    if exact and len(exact) <= 1 + len(rivals):
        return Found(min(exact, key=lambda row: int(row["id"])), proven=False)
    if not exact and len(close) == 1 and len(fresh) == 1 and not rivals:
        return Found(close[0], proven=False)
    numbers = ", ".join(str(row.get("number")) for row in fresh)
    raise Unclear(f"several invoices could be the one that was created: {numbers}")


def _filters(body: Record) -> dict[str, Filter]:
    if not blank(body.get("number")):
        return {"number_eq": str(body["number"])}
    filters: dict[str, Filter] = {"client_id_eq": int(body["client_id"])}
    if not blank(body.get("invoice_date")):
        filters["invoice_date_eq"] = str(body["invoice_date"])
    return filters


def _bounded(rows: Iterable[Record]) -> list[Record]:
    found = list(islice(rows, _MOST_ROWS + 1))
    if len(found) > _MOST_ROWS:
        raise BrokenAnswer(f"more than {_MOST_ROWS} rows: v3 ignores the filter")
    return found


def _fits(row: Record, body: Record, total: int | None) -> bool:
    """Say whether number, client, date and total are those of a create."""
    names = ("number", "client_id", "invoice_date")
    if any(not blank(body.get(n)) and not same(body[n], row.get(n)) for n in names):
        return False
    if total is None:
        return True
    gross = row.get("gross_price")
    # v3 rounds each line; ours may be off by a grosz on each.
    return isinstance(gross, int) and abs(gross - total) <= len(body["services"])


def _young(row: Record, body: Record, since: float) -> bool:
    """Say whether a row may be as new as the create; the classic v3 tells by the date at most."""
    try:
        if not blank(created := row.get("created_at")):
            return datetime.fromisoformat(str(created)).timestamp() >= since - _SKEW
        if blank(body.get("invoice_date")):  # then v3 took its own day
            issued = date.fromisoformat(str(row.get("invoice_date")))
            return issued >= date.fromtimestamp(since) - timedelta(days=1)
    except ValueError:
        pass
    return True


def _not_known(call: Call, claim: Claim, family: str, rows: list[Record]) -> list[Record]:
    """Leave out what other creates made, and what was seen before this one began."""
    store, name = call.account.store, call.account.name
    numbers = [int(row["id"]) for row in rows]
    taken = store.pending.taken(claim, family, numbers) if numbers else frozenset()
    fresh = []
    for row in rows:
        known = store.documents.find(name, int(row["id"]), (family,))
        older = any(one.seen_at < claim.entry.created_at for one in known)
        if int(row["id"]) not in taken and not older:
            fresh.append(row)
    return fresh


def _says(row: Record, body: Record, names: tuple[str, ...]) -> bool:
    """Say whether a row says what a body said, its lines too."""
    if any(name in body and not same(body[name], row.get(name)) for name in names):
        return False
    lines, sent = row.get("services") or [], body["services"]
    return len(lines) == len(sent) and all(
        all(name not in one or same(one[name], line.get(name)) for name in _OF_LINE)
        for line, one in zip(lines, sent, strict=True)
    )


def client(call: Call, claim: Claim, body: Record) -> Found | None:
    """Look for a client by what its create said; of equal ones the newest."""
    filters: dict[str, Filter] = {}
    digits = "".join(c for c in str(body.get("nip") or "") if c.isdecimal())
    if digits:
        filters["clean_nip_eq"] = digits
    elif not blank(body.get("company_name")):
        filters["company_name_eq"] = str(body["company_name"])
    rows = _bounded(call.v3.clients.iterate(filters))
    equal = [row for row in rows if all(same(value, row.get(name)) for name, value in body.items())]
    taken = call.account.store.pending.taken(claim, CLIENTS, [int(row["id"]) for row in equal])
    free = [row for row in equal if int(row["id"]) not in taken]
    return Found(max(free, key=lambda row: int(row["id"])), proven=False) if free else None


def same(sent: Any, shown: Any, exact: bool = False) -> bool:
    """Say whether v3 shows a value as it was sent: blank is blank, and numbers count as numbers.

    Text may have lost outer and doubled spaces, unless it has to be `exact`.
    """
    if blank(sent) or blank(shown):
        return blank(sent) and blank(shown)
    if isinstance(sent, bool) or isinstance(shown, bool):
        return sent is shown
    if isinstance(sent, list | Mapping) or isinstance(shown, list | Mapping):
        return bool(sent == shown)
    if type(sent) is str and type(shown) is str:
        return sent == shown or (not exact and sent.split() == shown.split())
    number = _number(sent)
    return str(sent) == str(shown) or (number is not None and number == _number(shown))


def _number(value: object) -> Decimal | None:
    try:
        return read_number(format(value, "f") if isinstance(value, Decimal) else str(value))
    except ValueError:
        return None
