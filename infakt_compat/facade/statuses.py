"""Statuses that v2 wrote and v3 has calls for: paid, sent, printed (decisions.md 5).

Once a document exists the answer is 200. What v3 did not take stands in the store, gives notice
`status.not_applied`, and is tried again in the background.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from attrs import frozen

from infakt_compat.facade.account import INVOICES, Account, Record, family_of, invoice_plan
from infakt_compat.facade.calls import Call
from infakt_compat.facade.drafts import DRAFT, PAID, SENT
from infakt_compat.notices import Notice
from infakt_compat.store import Change, Document
from infakt_compat.v3 import Invalid, NotFound, OutcomeUnknown, V3Client, V3Error

log = logging.getLogger("infakt_compat")

_STATE = "statuses"
_MOST_TRIES = 6
_FIRST_WAIT = 5.0
_PATIENCE = 60.0
NOT_APPLIED = "status.not_applied"


@frozen
class Wanted:
    """A status that is still to be brought about for a document."""

    status: str
    paid_date: str | None = None

    def reached(self, record: Record) -> bool:
        """Say whether a v3 record has it."""
        return bool(record.get("status") == self.status)


def wanted(status: str, paid_date: str | None, record: Record) -> Wanted | None:
    """Say what a v3 record lacks of a status: nothing when it has it."""
    if status in ("", DRAFT) or record.get("status") == status:
        return None
    return Wanted(status, paid_date if status == PAID else None)


def finish(
    call: Call, document: Document, record: Record, todo: Wanted, noted: bool = False
) -> Record:
    """Do now what is to be done; what fails stays noted, and is tried again later."""
    account = call.account
    if not noted:
        note(account, document, todo)
    record = attempt(account, call.v3, document, record, todo)
    if todo.reached(record):
        clear(account, document)
        return record
    call.note([Notice(NOT_APPLIED, "warning", invoice_plan().by_v3["status"].v2, todo.status)])
    _later(account, document, _FIRST_WAIT)
    return record


def attempt(
    account: Account, v3: V3Client, document: Document, record: Record, todo: Wanted
) -> Record:
    """Try what is to be done; gives the document as it is now."""
    if not todo.reached(record):
        with suppress(V3Error):
            return _write(account, v3, document, todo)
    return record


def _write(account: Account, v3: V3Client, document: Document, todo: Wanted) -> Record:
    """Bring a status about in the way that v3 has for it."""
    ref = account.ref(document)
    if todo.status == PAID:
        return pay(account, v3, document, todo.paid_date)
    if todo.status == SENT and account.defaults.email_on_sent:
        with suppress(OutcomeUnknown):  # an e-mail in doubt is not sent again: the status tells
            v3.invoices.deliver_via_email(ref)
        return v3.invoices.show(ref)
    return v3.invoices.update(ref, {"status": todo.status})


def pay(account: Account, v3: V3Client, document: Document, paid_date: str | None) -> Record:
    """Mark as paid and give the document; paid already is as good.

    A payment in doubt is looked at first; v3 takes it once only, so that a second one does no harm.
    """
    documents, ref = family_of(v3, document.kind), account.ref(document)
    doubt: V3Error | None = None
    for _ in range(2):
        try:
            documents.paid(ref, paid_date)
        except OutcomeUnknown as error:
            doubt = error
            record = documents.show(ref)
            if record.get("status") == PAID:
                return record
            if error.reference is not None or error.retry_after is not None:
                raise  # its task is still under way, or v3 wants to be left alone
        except Invalid:
            record = documents.show(ref)
            if record.get("status") == PAID:
                return record
            raise
        else:
            return documents.show(ref)
    assert doubt is not None
    raise doubt


@contextmanager
def unsure(call: Call) -> Iterator[None]:
    """Say of an e-mail in doubt that a repeat would send it again."""
    try:
        yield
    except OutcomeUnknown as error:
        raise call.outcome("unsure", str(error)) from error


# ---- what is left to do, in the store


def note(account: Account, document: Document, todo: Wanted) -> None:
    """Keep what is to be done for a document, before it is tried."""
    _change(account, document.id, _noted(document, todo))


def noting(account: Account, document: Document, todo: Wanted) -> Change:
    """Give what keeps the same, for a transaction that writes more than that."""
    changed = _changed(document.id, _noted(document, todo))
    return account.store.values.changing(account.name, _STATE, changed)


def _noted(document: Document, todo: Wanted) -> Any:
    entry = {
        "uuid": document.uuid, "status": todo.status, "paid_date": todo.paid_date, "tries": 0,
    }  # fmt: skip
    return lambda old: {**entry, "tries": (old or entry)["tries"]}


def clear(account: Account, document: Document) -> None:
    """Nothing is left to be done for a document; should that be lost, v3 shows it again."""
    _change(account, document.id, lambda _: None, brisk=True)


def forget(account: Account, document: Document) -> None:
    """Let go of what was still to be done for a document that is deleted."""
    if document.kind == INVOICES and document.id in open_ones(account):
        clear(account, document)


def open_ones(account: Account) -> dict[int, Record]:
    """Give what is left to be done, by document."""
    kept = account.store.values.get(account.name, _STATE) or {}
    return {int(number): entry for number, entry in kept.items()}


def _change(account: Account, number: int, change: Any, brisk: bool = False) -> None:
    account.store.values.update(account.name, _STATE, _changed(number, change), brisk=brisk)


def _changed(number: int, change: Any) -> Callable[[Record | None], Record]:
    def work(old: Record | None) -> Record:
        kept = dict(old or {})
        entry = change(kept.pop(str(number), None))
        return kept if entry is None else {**kept, str(number): entry}

    return work


def resume(account: Account) -> None:
    """Take up what an earlier process left."""
    for number, entry in open_ones(account).items():
        _later(account, Document(INVOICES, number, entry["uuid"]), 0.0)


def _later(account: Account, document: Document, delay: float) -> None:
    account.later.soon(f"status of {document.id}", lambda: retry(account, document), delay)


def retry(account: Account, document: Document) -> None:
    """Try again what is left; given up after a while, or when the document is gone."""
    entry = open_ones(account).get(document.id)
    if entry is None:
        return
    todo = Wanted(entry["status"], entry["paid_date"])
    v3 = account.v3.bounded(_PATIENCE)
    try:
        record = v3.invoices.show(account.ref(document))
    except NotFound:
        clear(account, document)
        return
    except V3Error:
        done = False
    else:
        done = todo.reached(attempt(account, v3, document, record, todo))
    tries = entry["tries"] + 1
    if done or tries >= _MOST_TRIES:
        if not done:
            log.warning("the status of invoice %s is given up after %s tries", document.id, tries)
        clear(account, document)
        return
    _change(account, document.id, lambda _: {**entry, "tries": tries})
    _later(account, document, _FIRST_WAIT * 2**tries)
