"""Statuses that v2 wrote and v3 has calls for: paid, sent, printed (decisions.md 5).

Once a document exists the answer is 200. What v3 did not take stands in the store, gives notice
`status.not_applied`, and is tried again in the background.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from attrs import frozen

from infakt_compat.facade.account import INVOICES, Account, Record, family_of, invoice_plan
from infakt_compat.facade.calls import Call
from infakt_compat.facade.drafts import DRAFT, PAID, SENT
from infakt_compat.facade.errors import V2Error
from infakt_compat.notices import Notice
from infakt_compat.store import Document
from infakt_compat.v3 import Invalid, NotFound, OutcomeUnknown, V3Client, V3Error

log = logging.getLogger("infakt_compat")

_STATE = "statuses"
_MOST_TRIES = 6
_FIRST_WAIT = 5.0
_PATIENCE = 60.0
PRINTED = "printed"
ADVICE = "KSeF has accepted this invoice: issue a correction instead"
NOT_APPLIED = "status.not_applied"
NOT_SENT = "ksef.not_sent"


@frozen
class Wanted:
    """What is still to be done for a document."""

    status: str = ""
    paid_date: str | None = None
    ksef: bool = False

    @property
    def any(self) -> bool:
        """Say whether there is anything."""
        return bool(self.status or self.ksef)


def wanted(status: str, paid_date: str | None, record: Record) -> Wanted:
    """Say what a v3 record lacks of a status: nothing when it has it."""
    if status in ("", DRAFT) or record.get("status") == status:
        return Wanted()
    return Wanted(status, paid_date if status == PAID else None)


def finish(
    call: Call, document: Document, record: Record, todo: Wanted, noted: bool = False
) -> Record:
    """Do now what is to be done; what fails stays noted, and is tried again later."""
    if not todo.any:
        return record
    account = call.account
    if not noted:
        note(account, document, todo)
    left, record = attempt(account, call.v3, document, record, todo)
    if not left.any:
        clear(account, document)
        return record
    note(account, document, left)
    call.note(_said(left))
    _later(account, document, _FIRST_WAIT)
    return record


def _said(left: Wanted) -> list[Notice]:
    """Say what is not done."""
    found = []
    if left.status:
        found.append(Notice(NOT_APPLIED, "warning", invoice_plan().by_v3["status"].v2, left.status))
    if left.ksef:
        found.append(Notice(NOT_SENT, "warning", ""))
    return found


def attempt(
    account: Account, v3: V3Client, document: Document, record: Record, todo: Wanted
) -> tuple[Wanted, Record]:
    """Try what is to be done; gives what is left of it, and the document as it is now."""
    status, paid_date, ksef = todo.status, todo.paid_date, todo.ksef
    if status and record.get("status") != status:
        with suppress(V3Error):
            record = _write(account, v3, document, todo)
    if record.get("status") == status:
        status, paid_date = "", None
    if ksef and not status:
        ksef = not issued(v3, document)
    return Wanted(status, paid_date, ksef), record


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
            if error.reference is not None:
                raise  # its task is still under way
        except Invalid:
            record = documents.show(ref)
            if record.get("status") == PAID:
                return record
            raise
        else:
            return documents.show(ref)
    assert doubt is not None
    raise doubt


def issued(v3: V3Client, document: Document) -> bool:
    """Send an invoice to KSeF; says whether it is there."""
    if document.uuid is None:
        return False
    try:
        v3.invoices.send_to_ksef(document.uuid)
    except V3Error:
        try:
            return in_ksef(v3.invoices.show(document.uuid))
        except V3Error:
            return False
    return True


def in_ksef(record: Record) -> bool:
    """Say whether KSeF has an invoice, accepted or not yet judged."""
    return _ksef_status(record) in ("sent", "pending", "success")


def accepted(record: Record) -> bool:
    """Say whether KSeF has accepted an invoice (decisions.md 5)."""
    return bool(record.get("ksef_number")) or _ksef_status(record) == "success"


def left_alone(call: Call) -> V2Error:
    """Make the 409 for an invoice that KSeF has accepted."""
    return call.refuse("base", ADVICE)


@contextmanager
def unless_accepted(call: Call, document: Document) -> Iterator[None]:
    """Refuse to delete what KSeF has accepted; v3 says so itself, and we look where KSeF is used.

    Raises 409 with the advice to issue a correction.
    """
    before = draft_before(call, document)
    if before is not None and accepted(before):
        raise left_alone(call)
    try:
        yield
    except Invalid as error:
        said = " ".join([error.text, *(text for one in error.fields.values() for text in one)])
        if "ksef" in said.casefold():
            raise left_alone(call) from error
        raise


def _ksef_status(record: Record) -> Any:
    data = record.get("ksef_data")
    return data.get("status") if isinstance(data, dict) else None


def to_issue(account: Account, before: Record, status: str) -> bool:
    """Say whether a draft that stops being one has to go to KSeF; proformas never do."""
    was_draft = before.get("status") == DRAFT and status not in ("", DRAFT)
    vat = before.get("kind") == "vat"
    return account.defaults.send_to_ksef and was_draft and vat and not in_ksef(before)


@contextmanager
def unsure(call: Call) -> Iterator[None]:
    """Say of an e-mail in doubt that a repeat would send it again."""
    try:
        yield
    except OutcomeUnknown as error:
        raise call.outcome("doubt", str(error), message="unsure") from error


def draft_before(call: Call, document: Document) -> Record | None:
    """Read a document that a call may turn from a draft into an invoice, where KSeF has to know."""
    if not call.account.defaults.send_to_ksef or document.kind != INVOICES:
        return None
    return call.v3.invoices.show(call.account.ref(document))


def issue_after(call: Call, document: Document, before: Record | None, status: str) -> None:
    """Send what was a draft before a call to KSeF."""
    if before is not None and to_issue(call.account, before, status):
        finish(call, document, before, Wanted(ksef=True))


# ---- what is left to do, in the store


def note(account: Account, document: Document, todo: Wanted) -> None:
    """Keep what is to be done for a document, before it is tried."""
    entry = {
        "uuid": document.uuid, "status": todo.status, "paid_date": todo.paid_date,
        "ksef": todo.ksef, "tries": 0,
    }  # fmt: skip
    _change(account, document.id, lambda old: {**entry, "tries": (old or entry)["tries"]})


def clear(account: Account, document: Document) -> None:
    """Nothing is left to be done for a document."""
    _change(account, document.id, lambda _: None)


def forget(account: Account, document: Document) -> None:
    """Let go of what was still to be done for a document that is deleted."""
    if document.kind == INVOICES and document.id in open_ones(account):
        clear(account, document)


def open_ones(account: Account) -> dict[int, Record]:
    """Give what is left to be done, by document."""
    kept = account.store.values.get(account.name, _STATE) or {}
    return {int(number): entry for number, entry in kept.items()}


def _change(account: Account, number: int, change: Any) -> None:
    def work(old: Record | None) -> Record:
        kept = dict(old or {})
        entry = change(kept.pop(str(number), None))
        return kept if entry is None else {**kept, str(number): entry}

    account.store.values.update(account.name, _STATE, work)


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
    todo = Wanted(entry["status"], entry["paid_date"], entry["ksef"])
    v3 = account.v3.bounded(_PATIENCE)
    try:
        record = v3.invoices.show(account.ref(document))
    except NotFound:
        clear(account, document)
        return
    except V3Error:
        left = todo
    else:
        left, _ = attempt(account, v3, document, record, todo)
    tries = entry["tries"] + 1
    if not left.any or tries >= _MOST_TRIES:
        if left.any:
            log.warning("the status of invoice %s is given up after %s tries", document.id, tries)
        clear(account, document)
        return
    _change(account, document.id, lambda _: {
        **entry, "status": left.status, "ksef": left.ksef, "tries": tries,
    })  # fmt: skip
    _later(account, document, _FIRST_WAIT * 2**tries)
