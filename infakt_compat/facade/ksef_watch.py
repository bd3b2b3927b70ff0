"""Following what went to KSeF until it is judged, in the background (decisions.md 5).

What is to be looked at stands in the store, so that a restart goes on, and another process too.
Pauses grow from half a minute to an hour; after a week an invoice that KSeF has not judged is given
up. A rejected one is looked at for a month: it may have been sent again elsewhere. Nothing is sent
again that v3 says to have sent.
"""

import logging
from collections.abc import Mapping
from typing import Any

from infakt_compat.facade import ksef_rejections as rejections
from infakt_compat.facade.account import Account, Record
from infakt_compat.facade.ksef_states import (
    accepted,
    data_of,
    failed,
    issued,
    status_of,
    under_way,
)
from infakt_compat.store import KsefInvoice, KsefState
from infakt_compat.v3 import LimitReached, NotFound, Refused, Unreachable, V3Client, V3Error

log = logging.getLogger("infakt_compat")

#: Seconds from the sending to the first look, and between looks at first.
FIRST = 30.0
_LONGEST = 3600.0
_GIVEN_UP = 7 * 86_400.0
#: The same for rejected ones.
_REJECTED = (3600.0, 86_400.0, 30 * 86_400.0)
#: So often the store is asked what is due, and so many are looked at in a turn.
_EVERY = 30.0
_MOST = 20
#: Seconds for one look.
_PATIENCE = 15.0
#: v3 is given so long to show that it sends an invoice, before it is told to once more.
TO_SHOW = 120.0
#: So often it is looked at whether a draft has become an invoice after all.
_MOST_DRAFT_LOOKS = 8
#: The sending never left, or v3 did not look at it.
_NOT_DONE = (LimitReached, Unreachable)
_TO_SEND = (KsefState.DUE, KsefState.ASKED)


def start(account: Account) -> None:
    """Follow what has to be followed; costs nothing when that is so already."""
    if account.later.threaded and account.store.ksef.waiting(account.name, due=False, most=1):
        account.later.every("KSeF", lambda: turn(account), _EVERY)


def turn(account: Account, at_once: bool = False) -> bool:
    """Look at what is due, and with `at_once` at all that waits; says whether to go on."""
    kept, name = account.store.ksef, account.name
    found = kept.waiting(name, most=_MOST)
    if at_once:
        others = kept.waiting(name, due=False)
        found = [*found, *(one for one in others if one.state is not KsefState.REJECTED)]
    for invoice in found:
        if account.later.closed:
            return False
        pause = _pause(account, invoice)
        if not kept.claim(name, invoice, pause):
            continue
        if pause is None:
            _given_up(account, invoice)
        elif not _looked(account, invoice):
            break
    return bool(kept.waiting(name, due=False, most=1))


def _pause(account: Account, invoice: KsefInvoice) -> float | None:
    """Give the seconds to the look after this one; None when there are to be no more."""
    times = (FIRST, _LONGEST, _GIVEN_UP)
    first, longest, bound = _REJECTED if invoice.state is KsefState.REJECTED else times
    if account.store.ksef.age(invoice) >= bound:
        return None
    grown: float = first * 2 ** min(invoice.looks, 16)
    return min(grown, longest)


def _given_up(account: Account, invoice: KsefInvoice) -> None:
    if invoice.state is not KsefState.REJECTED:
        log.warning(
            "KSeF has not judged the invoice %s of the account %s in %d days: look at it in inFakt",
            invoice.id, account.name, _GIVEN_UP // 86_400,
        )  # fmt: skip


def _looked(account: Account, invoice: KsefInvoice) -> bool:
    """Look at an invoice; False when v3 wants a rest or is not there.

    Whatever failed is looked at again after its pause.
    """
    try:
        _look(account, account.v3.bounded(_PATIENCE), invoice)
    except NotFound:
        account.store.ksef.forget(account.name, invoice.id)
    except V3Error as error:
        log.info("the look at the invoice %s failed: %s", invoice.id, type(error).__name__)
        return isinstance(error, Refused) and not isinstance(error, LimitReached)
    return True


def _look(account: Account, v3: V3Client, invoice: KsefInvoice) -> None:
    """Ask KSeF's status; where that does not say all, or nothing was sent yet, read the invoice."""
    shown: Record = {}
    if invoice.state is not KsefState.DUE:
        try:
            told: Mapping[str, Any] = v3.invoices.ksef_status(invoice.uuid)
        except NotFound:  # is it the invoice that is gone, or was it never sent?
            told = {}
        shown = {"ksef_data": told}
        if accepted(shown):
            _accept(account, invoice)
            return
        if status_of(shown) == "sent":
            _under_way(account, invoice)
            return
        if failed(shown) and invoice.state is KsefState.REJECTED:
            return
    record = v3.invoices.show(invoice.uuid)
    # What was asked for last says more than a record that may lag behind.
    _settle(account, v3, invoice, {**record, **shown} if failed(shown) else record)


def _settle(account: Account, v3: V3Client, invoice: KsefInvoice, record: Record) -> None:
    """Draw the conclusion from what v3 shows of an invoice."""
    if accepted(record):
        _accept(account, invoice)
    elif under_way(record):
        _under_way(account, invoice)
    elif failed(record) and invoice.state in (KsefState.ASKED, KsefState.SENT):
        text = data_of(record).get("status_description")
        _reject(account, invoice, record, status_of(record), text)
    elif status_of(record) and not failed(record):
        pass  # a status that v3 did not have so far: to send once more would be a guess
    elif not issued(record):
        if invoice.state in _TO_SEND and invoice.looks >= _MOST_DRAFT_LOOKS:
            account.store.ksef.forget(account.name, invoice.id)
    elif invoice.state in _TO_SEND:
        send(account, v3, invoice)


def send(account: Account, v3: V3Client, invoice: KsefInvoice) -> KsefState:
    """Send an invoice to KSeF, once among all processes; says how it stands then.

    What is in doubt is looked at. What fails stays due, and is tried again in the background,
    unless v3 refuses: that is a rejection, too.
    """
    pause = max(TO_SHOW, _pause(account, invoice) or 0.0)
    due = account.store.ksef.move(account.name, invoice, KsefState.DUE, pause)
    if due is None:
        return KsefState.SENT  # another process is at it
    try:
        v3.invoices.send_to_ksef(invoice.uuid)
    except V3Error as error:
        return _not_sent(account, v3, due, error)
    account.store.ksef.move(account.name, due, KsefState.SENT, FIRST)
    return KsefState.SENT


def _not_sent(account: Account, v3: V3Client, due: KsefInvoice, error: V3Error) -> KsefState:
    """Find out what a sending that failed came to."""
    if isinstance(error, _NOT_DONE):
        return KsefState.DUE
    try:
        record = v3.invoices.show(due.uuid)
    except V3Error:
        return KsefState.DUE  # in doubt: the next look settles it
    if accepted(record) or under_way(record):
        account.store.ksef.move(account.name, due, KsefState.SENT, FIRST)
        return KsefState.SENT
    if isinstance(error, Refused):
        _reject(account, due, record, rejections.REFUSED, error.said)
        return KsefState.REJECTED
    return KsefState.DUE


def _under_way(account: Account, invoice: KsefInvoice) -> None:
    """Note that an invoice is on its way: v3 shows it now, or it was sent again elsewhere."""
    if invoice.state is not KsefState.SENT:
        account.store.ksef.move(account.name, invoice, KsefState.SENT, FIRST)


def _accept(account: Account, invoice: KsefInvoice) -> None:
    account.store.ksef.move(account.name, invoice, KsefState.ACCEPTED, None)


def _reject(
    account: Account, invoice: KsefInvoice, record: Record, status: str, text: object
) -> None:
    """Keep a rejection, and say it once."""
    kept = account.store.ksef.move(
        account.name, invoice, KsefState.REJECTED, _REJECTED[0],
        number=str(record.get("number") or "") or None, code=status,
        text=rejections.described(text, record),
    )  # fmt: skip
    if kept is not None:
        rejections.told(account.name, rejections.rejection(kept), account.on_ksef_rejection)
