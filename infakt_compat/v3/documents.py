"""Invoices and their relatives (v3-wire 1, 5, 6; seed 004)."""

from collections.abc import Sequence

from infakt_compat.v3 import answers
from infakt_compat.v3.answers import Call, Record
from infakt_compat.v3.api import Api, Ref, query, segment
from infakt_compat.v3.errors import NotInDialect, V3Error
from infakt_compat.v3.paging import Listing, Page
from infakt_compat.v3.tasks import Task, follow, in_doubt, look, task
from infakt_compat.v3.waits import Deadline


class Documents(Listing):
    """Documents of one family. `ref` is the uuid today, the integer id in the classic dialect."""

    def __init__(self, api: Api, family: str) -> None:
        """Work on a family, as its URL names it."""
        super().__init__(api, f"/{family}")
        self.family = family
        #: What a document of this family stands in, in a body (v3-wire 5).
        self.envelope = family.removesuffix("s")

    def _at(self, ref: Ref, rest: str = "") -> str:
        return f"{self._path}/{segment(ref)}{rest}.json"

    def show(self, ref: Ref, fields: Sequence[str] | None = None) -> Record:
        """Read a document in full, or the named fields and its id."""
        return self._api.get(self._at(ref), dict(query(fields=fields)), answers.document)

    def create(
        self, document: Record, send_to_ksef: bool = False, patience: float | None = None
    ) -> Record:
        """Create a document and give it as v3 shows it.

        Today: sent, its task followed to the end, read. Classic: one call. `OutcomeUnknown` carries
        the task's reference, and the uuid when the document exists but could not be read.
        """
        deadline = self._api.deadline(patience)
        return self._finish(self._submit(document, send_to_ksef, deadline), deadline)

    def submit(self, document: Record, send_to_ksef: bool = False) -> Task:
        """Send a document and do not wait; a classic one is there at once, as the task's record."""
        return self._submit(document, send_to_ksef, self._api.deadline())

    def task(self, reference: str) -> Task:
        """Look at a task once; a task that failed is answered, not raised."""
        self._need_tasks()
        return look(self._api, self.family, reference)

    def finish(self, submitted: Task, patience: float | None = None) -> Record:
        """Follow a submitted task to its end and give the document."""
        return self._finish(submitted, self._api.deadline(patience))

    def _submit(self, document: Record, send_to_ksef: bool, deadline: Deadline) -> Task:
        body: Record = {self.envelope: document}
        path = f"{self._path}.json"
        if not self._api.dialect.tasks:
            if send_to_ksef:
                raise NotInDialect("the classic v3 has no KSeF", call=f"POST {path}")
            made = self._api.run(Call("POST", path, answers.document, body=body), deadline)
            return Task(None, 201, uuid=made.get("uuid"), record=made)
        if send_to_ksef:
            body["send_to_ksef"] = True
        return self._api.run(Call("POST", f"/async{path}", task, body=body), deadline)

    def _finish(self, submitted: Task, deadline: Deadline) -> Record:
        if submitted.record is not None:
            return submitted.record
        ended = follow(self._api, self.family, submitted, deadline)
        if ended.uuid is None:
            raise in_doubt(submitted, None, V3Error("the task is done and names no document"))
        path = self._at(ended.uuid)
        try:
            return self._api.run(Call("GET", path, answers.document), deadline)
        except V3Error as error:
            raise in_doubt(submitted, ended.uuid, error) from error

    def update(self, ref: Ref, changes: Record) -> Record:
        """Change the named fields; `services` replaces all lines. Gives the whole document."""
        return self._api.send("PUT", self._at(ref), {self.envelope: changes}, answers.document)

    def _need_tasks(self) -> None:
        if not self._api.dialect.tasks:
            raise NotInDialect("the classic v3 has no tasks", call=f"GET /async{self._path}/status")

    def delete(self, ref: Ref) -> None:
        """Delete a document; 204."""
        self._api.send("DELETE", self._at(ref), read=answers.nothing)

    def paid(self, ref: Ref, paid_date: str | None = None, patience: float | None = None) -> None:
        """Mark as paid, and return when it is done; already paid is `Invalid`."""
        self._paid_now(ref, paid_date, self._api.deadline(patience))

    def _paid_now(self, ref: Ref, paid_date: str | None, deadline: Deadline) -> None:
        body = _paid(paid_date)
        self._api.run(Call("POST", self._at(ref, "/paid"), answers.nothing, body=body), deadline)

    def next_number(self, date: str | None = None, kind: str | None = None) -> Record:
        """Read the number that the next document of a month would get; `kind` for invoices."""
        asked = {"kind": kind, "date": date}
        params = {name: value for name, value in asked.items() if value is not None}
        return self._api.get(f"{self._path}/next_number.json", params)

    def pdf(self, ref: Ref, document_type: str = "original", locale: str | None = None) -> bytes:
        """Read the PDF. It makes a draft or sent document a printed one."""
        asked = {"document_type": document_type} | ({"locale": locale} if locale else {})
        accept = "application/pdf, application/json;q=0.9"
        return self._api.get(self._at(ref, "/pdf"), asked, answers.pdf, accept)

    def deliver_via_email(
        self,
        ref: Ref,
        print_type: str = "original",
        locale: str | None = None,
        recipient: str | None = None,
        send_copy: bool | None = None,
    ) -> None:
        """Send by e-mail, to the client's address unless another is given; 202."""
        asked = {
            "print_type": print_type,
            "locale": locale,
            "recipient": recipient,
            "send_copy": send_copy,
        }
        body = {name: value for name, value in asked.items() if value is not None}
        self._api.send("POST", self._at(ref, "/deliver_via_email"), body, answers.nothing)


class Invoices(Documents):
    """VAT invoices and proformas: everything that v3 does with a document."""

    def __init__(self, api: Api) -> None:
        """Work on /invoices."""
        super().__init__(api, "invoices")
        self.share_links = ShareLinks(api, self._path)
        self.quick_payments = QuickPayments(api, self._path)
        self.attachments = Attachments(api, self._path)

    def paid(self, ref: Ref, paid_date: str | None = None, patience: float | None = None) -> None:
        """Mark as paid, and return when it is done; already paid is `Invalid`."""
        deadline = self._api.deadline(patience)
        submitted = self._submit_paid(ref, paid_date, deadline)
        follow(self._api, self.family, submitted, deadline)

    def submit_paid(self, ref: Ref, paid_date: str | None = None) -> Task:
        """Ask for the payment to be noted and do not wait; in the classic dialect it is done."""
        return self._submit_paid(ref, paid_date, self._api.deadline())

    def _submit_paid(self, ref: Ref, paid_date: str | None, deadline: Deadline) -> Task:
        if not self._api.dialect.tasks:
            self._paid_now(ref, paid_date, deadline)
            return Task(None, 200)
        path = f"/async{self._at(ref, '/paid')}"
        return self._api.run(Call("POST", path, task, body=_paid(paid_date)), deadline)

    def send_to_ksef(self, uuid: str) -> Record:
        """Send to KSeF; gives the request with its status."""
        self._need_ksef()
        return self._api.send("POST", self._at(uuid, "/send_to_ksef"))

    def ksef_status(self, uuid: str) -> Record:
        """Read how KSeF took it: pending, sent, success, error, rejected."""
        self._need_ksef()
        return self._api.get(f"/ksef2/documents/{segment(uuid)}/status.json")

    def _need_ksef(self) -> None:
        if not self._api.dialect.ksef:
            raise NotInDialect("the classic v3 has no KSeF", call="KSeF")


def _paid(paid_date: str | None) -> Record:
    return {} if paid_date is None else {"paid_date": paid_date}


class _Part:
    """Something that belongs to an invoice and has a URL below it."""

    name: str

    def __init__(self, api: Api, path: str) -> None:
        self._api = api
        self._path = path

    def _at(self, ref: Ref, rest: str = "") -> str:
        return f"{self._path}/{segment(ref)}/{self.name}{rest}.json"


class ShareLinks(_Part):
    """A public page of an invoice: `share_link` and `expiration_date`."""

    name = "share_links"

    def show(self, ref: Ref) -> Record:
        """Read the link."""
        return self._api.get(self._at(ref))

    def create(self, ref: Ref) -> Record:
        """Make the link; 403 when the plan has none."""
        return self._api.send("POST", self._at(ref))

    def prolong(self, ref: Ref) -> Record:
        """Let the link live 30 days longer."""
        return self._api.send("POST", self._at(ref, "/prolong"))

    def delete(self, ref: Ref) -> None:
        """Take the link away; v3 answers 200 with a message."""
        self._api.send("DELETE", self._at(ref), read=answers.nothing)


class QuickPayments(_Part):
    """A link under which an invoice can be paid: `payment_link`."""

    name = "quick_payments"

    def show(self, ref: Ref) -> Record:
        """Read the link."""
        return self._api.get(self._at(ref))

    def create(self, ref: Ref) -> Record:
        """Make the link."""
        return self._api.send("POST", self._at(ref))

    def delete(self, ref: Ref) -> None:
        """Take the link away; 204."""
        self._api.send("DELETE", self._at(ref), read=answers.nothing)


class Attachments(_Part):
    """Files at an invoice; a `download_link` lives ten minutes and needs no key."""

    name = "attachments"

    def list(self, ref: Ref, offset: int = 0, limit: int = 100) -> Page:
        """Read one page of them."""
        path = f"{self._path}/{segment(ref)}/{self.name}"
        return Listing(self._api, path).list(offset=offset, limit=limit)

    def show(self, ref: Ref, number: int) -> Record:
        """Read one of them."""
        return self._api.get(self._at(ref, f"/{segment(number)}"))
