"""E-invoices: what goes to KSeF and when, and what is left alone from then on (decisions.md 5).

What KSeF has accepted is not changed or deleted: 409 with the advice to issue a correction. What is
on its way there is not, either, until it is known what becomes of it: a change would reach v3 or
KSeF alone. Then the answer is 503, and a little later one of the two: 409, or done. Payments, PDFs
and e-mails are no content, and go on as ever.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from infakt_compat.facade import ksef_watch
from infakt_compat.facade.account import INVOICES, Account, Record
from infakt_compat.facade.calls import Call
from infakt_compat.facade.drafts import PRINTED
from infakt_compat.facade.ksef_states import accepted, failed, issued, status_of, under_way
from infakt_compat.notices import Notice
from infakt_compat.store import Document, KsefInvoice, KsefState
from infakt_compat.v3 import NotFound, Refused, V3Error

_SAID = {KsefState.DUE: "ksef.not_sent", KsefState.REJECTED: "ksef.refused"}
ADVICE = "KSeF has accepted this invoice: issue a correction instead"
_ON_ITS_WAY = "the invoice was sent to KSeF, which has not answered yet"
#: A caller is told to come back after so many seconds: KSeF takes about a minute and a half.
_BACK_IN = 60.0
#: What v3 was told to send.
_TOLD = (KsefState.ASKED, KsefState.SENT)
#: Nobody else looks at what a call here is about to send before so many seconds.
_OURS = 120.0


# ---- what v3 shows


def seen(account: Account, document: Document, record: Record) -> None:
    """Keep that KSeF has accepted an invoice, or is to judge it anew, when v3 shows that."""
    if document.kind != INVOICES or not status_of(record):
        return
    kept = account.store.ksef
    known = kept.get(account.name, document.id)
    if accepted(record):
        if known is None:
            kept.put(account.name, document.id, account.ref(document), KsefState.ACCEPTED, None)
        elif known.state is not KsefState.ACCEPTED:
            kept.move(account.name, known, KsefState.ACCEPTED, None)
    elif under_way(record) and known is not None and known.state is KsefState.REJECTED:
        kept.move(account.name, known, KsefState.SENT, ksef_watch.FIRST)
        ksef_watch.start(account)


def check_change(call: Call, document: Document, record: Record) -> None:
    """Refuse to change what KSeF has (409), or is about to get (503)."""
    if not call.v3.dialect.ksef:
        return
    seen(call.account, document, record)
    known = call.account.store.ksef.get(call.account.name, document.id)
    if accepted(record) or (known is not None and known.state is KsefState.ACCEPTED):
        raise call.refuse("base", ADVICE)
    told = known is not None and known.state in _TOLD and known.next_look is not None
    if under_way(record) or (told and not failed(record)):
        raise call.outcome("limit", _ON_ITS_WAY, _BACK_IN, message="ksef")


@contextmanager
def kept_from_changes(call: Call, document: Document) -> Iterator[None]:
    """Say it in our words when v3 refuses a change because of KSeF; other words stay v3's."""
    try:
        yield
    except Refused as error:
        if document.kind == INVOICES and "ksef" in error.said.casefold():
            with suppress(V3Error):
                check_change(call, document, call.v3.invoices.show(call.account.ref(document)))
        raise


@contextmanager
def kept_from_deletion(call: Call, document: Document) -> Iterator[None]:
    """Refuse to delete what KSeF has; read first wherever an account is known to use KSeF.

    Elsewhere it costs no call of v3's: what KSeF has there, v3 refuses to delete.
    """
    account, kept = call.account, call.account.store.ksef
    if document.kind != INVOICES or not call.v3.dialect.ksef:
        yield
        return
    known = None
    if account.defaults.send_to_ksef or kept.used(account.name):
        known = kept.get(account.name, document.id)
        if known is not None and known.state is KsefState.ACCEPTED:
            raise call.refuse("base", ADVICE)
        with suppress(NotFound):  # what that means of a delete is for the delete to say
            check_change(call, document, call.v3.invoices.show(account.ref(document)))
    with kept_from_changes(call, document):
        yield
    if known is not None:
        kept.forget(account.name, document.id)


# ---- what is sent


def asked(account: Account, document: Document, record: Record) -> None:
    """Note an invoice that v3 was told to send with its create; it is looked at until judged."""
    if account.store.ksef.get(account.name, document.id) is None:
        state, look = _after_asking(record)
        account.store.ksef.put(account.name, document.id, account.ref(document), state, look)
    ksef_watch.start(account)


def _after_asking(record: Record) -> tuple[KsefState, float | None]:
    """Say how an invoice stands that v3 was told to send, and when to look at it."""
    if accepted(record):
        return KsefState.ACCEPTED, None
    if status_of(record):
        return KsefState.SENT, ksef_watch.FIRST
    return KsefState.ASKED, ksef_watch.TO_SHOW


def due(account: Account, document: Document, before: Record, after: Record) -> KsefInvoice | None:
    """Note what a call is about to issue, before it does; `after` says what it makes of it."""
    if issued(before) or not issued({**before, **after}) or status_of(before):
        return None
    return _due(account, document) if account.defaults.send_to_ksef else None


def due_again(account: Account, document: Document, record: Record) -> KsefInvoice | None:
    """Note an invoice that was rejected and has been put right: it is sent again."""
    if not account.defaults.send_to_ksef or not issued(record):
        return None
    known = account.store.ksef.get(account.name, document.id)
    rejected = known is not None and known.state is KsefState.REJECTED
    return _due(account, document) if rejected or failed(record) else None


def _due(account: Account, document: Document) -> KsefInvoice:
    number, uuid = document.id, account.ref(document)
    invoice = account.store.ksef.put(account.name, number, uuid, KsefState.DUE, _OURS)
    ksef_watch.start(account)
    return invoice


def send(call: Call, invoice: KsefInvoice | None) -> None:
    """Send what was noted; what fails now is tried again in the background.

    What v3 refuses to send is not: it stands among the rejections.
    """
    if invoice is None:
        return
    code = _SAID.get(ksef_watch.send(call.account, call.v3, invoice))
    if code is not None:
        call.note([Notice(code, "warning", "")])


@contextmanager
def issuing(call: Call, document: Document) -> Iterator[None]:
    """Send a draft that a call makes an invoice: paid, pdf, deliver."""
    noted = _noted(call, document)
    with undone(call.account, noted):
        yield
    send(call, noted)


@contextmanager
def undone(account: Account, noted: KsefInvoice | None) -> Iterator[None]:
    """Forget what was noted when the call is refused: the draft is still one.

    What becomes of a call in doubt, or of one that we die in, is found out in the background.
    """
    try:
        yield
    except Refused:
        if noted is not None:
            account.store.ksef.forget(account.name, noted.id)
        raise


def _noted(call: Call, document: Document) -> KsefInvoice | None:
    """Note a draft before it becomes an invoice; costs a read, where KSeF is used."""
    account = call.account
    if not account.defaults.send_to_ksef or document.kind != INVOICES:
        return None
    known = account.store.ksef.get(account.name, document.id)
    if known is not None:
        return known if known.state is KsefState.DUE else None
    before = call.v3.invoices.show(account.ref(document))
    return due(account, document, before, {"status": PRINTED})  # or another that is no draft
