"""v2's verbs on invoices."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from infakt_compat.errors import Fault
from infakt_compat.facade import creating, deleting, doubts, ksef, listing, statuses, updating
from infakt_compat.facade.account import INVOICES, Account, Record, family_of, invoice_plan
from infakt_compat.facade.calls import Call, verb
from infakt_compat.facade.ids import resolve
from infakt_compat.facade.once import Made
from infakt_compat.facade.views import only_id, short, shown
from infakt_compat.store import Document
from infakt_compat.tables.routes import routes
from infakt_compat.tables.texts import sentence
from infakt_compat.translate.converters import Refused, text_of
from infakt_compat.v3 import BrokenAnswer, NotFound

INVOICE = "invoice"
_MAIL, _POST = "mail", "post"


class Invoices:
    """`api.invoices`."""

    def __init__(self, account: Account) -> None:
        """Serve the invoices of an account."""
        self._account = account

    def list(self, page: object = None, per_page: object = None, order: object = None) -> Record:
        """Give a page of invoices of all kinds: `{"info": {...}, "invoices": [...]}`."""
        with verb(self._account, "invoices/list.json") as call:
            return listing.page_of(call, page, per_page, order)

    def show(self, id: object) -> Record:  # noqa: A002 - v2's name of the parameter
        """Give one invoice: `{"invoice": {...}}`."""
        with verb(self._account, f"invoices/show/{_quoted(id)}.json") as call:
            document = resolve(call, id)
            return {INVOICE: shown(call, document.kind, _read(call, document))}

    def create(self, tree: Mapping[str, Any]) -> Record:
        """Create an invoice: `{"invoice": {"invoice_id", "numer"}, "invoice_id": {the same}}`."""
        made = self._made(tree, direct=True)
        made.told()
        return made.answer

    def making(self, tree: Mapping[str, Any]) -> Made:
        """Create an invoice for a caller who is told later: `told()` then says that it has been.

        Until then an equal create gets the same answer instead of a second invoice.
        """
        return self._made(tree, direct=False)

    def _made(self, tree: Mapping[str, Any], direct: bool) -> Made:
        with verb(self._account, "invoices/create.json") as call, doubts.watched(self._account):
            return creating.make(call, tree, direct)

    def foreign(self, id: int) -> bool:  # noqa: A002
        """Say that no create of ours made an invoice: none that is in doubt takes it for its own.

        For whoever has looked at the invoices that such a create's 503 names. False, and nothing is
        changed, when a create is known to have made it. Raises `ValueError` for what is no id.
        """
        return self._account.store.pending.foreign(self._account.name, INVOICES, id)

    def update(self, id: object, tree: Mapping[str, Any]) -> Record:  # noqa: A002
        """Change the given fields; a given `services` replaces all lines."""
        with verb(self._account, f"invoices/update/{_quoted(id)}.json") as call:
            document = resolve(call, id)
            with _gone(call, document):
                return {INVOICE: updating.update(call, document, tree)}

    def delete(self, id: object) -> Record:  # noqa: A002
        """Delete an invoice: `{"invoice": {"invoice_id": id}}`."""
        with verb(self._account, f"invoices/delete/{_quoted(id)}.json") as call:
            document = resolve(call, id)
            ref = self._account.ref(document)
            resource = family_of(call.v3, document.kind)
            with ksef.kept_from_deletion(call, document):
                deleting.delete(call, document.kind, document.id, lambda: resource.delete(ref))
            statuses.forget(self._account, document)
            return {INVOICE: only_id(document.id)}

    def paid(self, id: object, data_oplacenia: object = None) -> Record:  # noqa: A002
        """Mark as paid, today unless a date is given; once more answers alike."""
        with verb(self._account, f"invoices/paid/{_quoted(id)}.json") as call:
            date = _date(call, data_oplacenia)
            document = resolve(call, id)
            with _gone(call, document), ksef.issuing(call, document):
                record = statuses.pay(self._account, call.v3, document, date)
            return {INVOICE: short(record)}

    def known(self, id: object) -> int:  # noqa: A002
        """Say that an invoice is there: gives its id, for a link to its PDF; else 404."""
        with verb(self._account, f"invoices/pdf/{_quoted(id)}.json") as call:
            document = resolve(call, id)
            with _gone(call, document):
                family_of(call.v3, document.kind).show(self._account.ref(document), ["id"])
            return document.id

    def pdf(self, id: object, doc_type: object = None) -> bytes:  # noqa: A002
        """Give the PDF: `org`, `kopia` or `angpol`."""
        with verb(self._account, f"invoices/pdf/{_quoted(id)}.json") as call:
            document = resolve(call, id)
            resource, ref = family_of(call.v3, document.kind), self._account.ref(document)
            with _gone(call, document), ksef.issuing(call, document):
                return resource.pdf(ref, *_paper(doc_type))

    def deliver(self, id: object, type: object = _MAIL, doc_type: object = None) -> Record:  # noqa: A002
        """Send by e-mail to the client's address; by post is 409, v3 no longer has it."""
        with verb(self._account, f"invoices/deliver/{_quoted(id)}.json") as call:
            way = str(type or _MAIL).strip().lower()
            if way != _MAIL:
                said = "v3 no longer sends by post" if way == _POST else f"no such type: {type}"
                raise call.refuse("type", said)
            document = resolve(call, id)
            resource, ref = family_of(call.v3, document.kind), self._account.ref(document)
            with _gone(call, document), statuses.unsure(call), ksef.issuing(call, document):
                resource.deliver_via_email(ref, *_paper(doc_type))
            return {INVOICE: only_id(document.id)}


def _read(call: Call, document: Document) -> Record:
    """Read a document; another one than was asked for is never shown."""
    with _gone(call, document):
        record = family_of(call.v3, document.kind).show(call.account.ref(document))
        if int(record["id"]) != document.id:
            raise BrokenAnswer(f"v3 gave the document {record['id']} for {document.id}")
        ksef.seen(call.account, document, record)
    return record


@contextmanager
def _gone(call: Call, document: Document) -> Iterator[None]:
    """Forget a document that v3 has no more; the caller gets the 404."""
    try:
        yield
    except NotFound:
        call.account.store.documents.forget(call.account.name, document.kind, document.id)
        raise


def _quoted(value: object) -> str:
    """Give an id for the `request` of an error, as short as it may be."""
    return "".join(c for c in str(value) if c.isalnum() or c in "-_")[:40]


def _paper(doc_type: object) -> tuple[str, str]:
    """Give v3's document_type and locale."""
    paper = routes().paper(doc_type)
    return paper.document_type, paper.locale


def _date(call: Call, value: object) -> str | None:
    """Read a date of payment; 409 for what is none."""
    if value is None or value == "":
        return None
    step = invoice_plan().by_v3["paid_date"]
    try:
        text = value if type(value) is str else text_of(value, step.type)
        return str(step.converter.canonical(text))
    except Refused as error:
        fault = Fault(error.code, step.v2, error.detail)
        raise call.refuse(step.v2, f"{fault}: {sentence(error.code, 'en')}") from error
