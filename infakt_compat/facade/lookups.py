"""Looking for what a create in doubt may have made (decisions.md 5, "Exactly once").

By the task's reference, else by number, or by client, date, total and created_at. v3 ignores
filters that it does not know, so every match is checked again; what other creates made, and what
was known before, is none.
"""

from collections.abc import Iterable
from itertools import islice

from infakt_compat.codecs.json_text import loads
from infakt_compat.facade import candidates
from infakt_compat.facade.account import CLIENTS, INVOICES, Record, document
from infakt_compat.facade.calls import Call
from infakt_compat.facade.once import Found, Unclear
from infakt_compat.facade.sameness import same
from infakt_compat.store import Claim
from infakt_compat.translate.compile import blank
from infakt_compat.v3 import BrokenAnswer, NotFound, OutcomeUnknown
from infakt_compat.v3.api import Filter
from infakt_compat.v3.documents import Invoices
from infakt_compat.v3.tasks import Task

#: A look-up that meets more rows than this cannot say that there is none.
_MOST_ROWS = 1000
_ACCEPTED = 100
_REMEDY = (
    "several invoices could be the one that was created: {}. Somebody has to look at them in "
    "inFakt, and to name those that no create from here made: infakt-compat gateway foreign, or "
    "api.invoices.foreign(id). One that is left is then taken for it; where none is left, a repeat "
    "of the request creates it"
)
_RIVAL = "{} could be the one that was created, or that of another create, which is settled first"


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
    """Look for an invoice by what its create said; raises `Unclear`."""
    quiet = call.account.store.pending.quiet
    rows = _bounded(call.v3.invoices.iterate(_filters(body), order="invoice_date desc"))
    fitting = [
        row
        for row in rows
        if candidates.fits(row, body, total) and candidates.in_time(row, body, claim.entry, quiet)
    ]
    fresh = [_whole(call, row, body) for row in _not_known(call, claim, INVOICES, fitting)]
    left = [row for row in fresh if candidates.may_be(row, body)]
    exact = [row for row in left if candidates.says(row, body)]
    if not left:
        return None
    return Found(_chosen(exact, left, _rivals(call, claim)), proven=False)


def _chosen(exact: list[Record], left: list[Record], rivals: list[Record | None]) -> Record:
    """Choose the row that a create made: of those that say just that, else of those left.

    `rivals` are the bodies of other creates in doubt, None where that is not known.
    """
    if exact:
        # Creates that say the same may take each other's invoices: there are as many as were
        # asked for.
        alike = [one for one in rivals if one and all(candidates.is_it(r, one) for r in exact)]
        if len(exact) <= 1 + len(alike):
            return min(exact, key=lambda row: int(row["id"]))
    elif len(left) == 1:
        if any(one is None or candidates.is_it(left[0], one) for one in rivals):
            raise Unclear(_RIVAL.format(_named(left[0])))
        return left[0]
    raise Unclear(_REMEDY.format(", ".join(map(_named, exact or left))))


def _whole(call: Call, row: Record, body: Record) -> Record:
    """Give a row with all that is compared: by the document itself where the list lacks some."""
    if candidates.tells_all(row, body):
        return row
    return {**row, **call.v3.invoices.show(call.account.ref(document(INVOICES, row)))}


def _rivals(call: Call, claim: Claim) -> list[Record | None]:
    """Give what other creates sent that are in doubt, None for one that does not say."""
    entries = call.account.store.pending.rivals(claim)
    return [None if one.draft is None else loads(one.draft).get("body") for one in entries]


def _named(row: Record) -> str:
    return f"{row.get('number')} (id {row['id']})"


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
