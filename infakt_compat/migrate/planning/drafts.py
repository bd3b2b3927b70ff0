"""One v2 document as the journal will hold it: named, translated, checked, ready to be sent.

Pure: worker processes do this. What can be known to fail without v3 is refused here, with every
reason (decisions.md 5).
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from infakt_compat.codecs.json_text import dumps
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.migrate.journal import Name, name_of, name_of_text
from infakt_compat.migrate.planning import buyers
from infakt_compat.migrate.planning.buyers import BuyerDraft
from infakt_compat.migrate.planning.families import CLIENTS, CORRECTIVE, FAMILIES
from infakt_compat.migrate.planning.labels import label
from infakt_compat.migrate.planning.numbers import trimmed, usable
from infakt_compat.migrate.planning.prices import priced
from infakt_compat.migrate.source import Batch, Document
from infakt_compat.notices import Notice
from infakt_compat.translate import forward
from infakt_compat.translate.compile import Plan, plans
from infakt_compat.translate.documents import open_v2, resource_of
from infakt_compat.translate.payload import create_body, writable

#: Where a body keeps v2's ground of exemption, which only the account can translate.
EXEMPTION = "v2_exemption"
#: What is brought about by itself, or belongs to v2's account.
_NOT_SENT = ("status", "paid_date", "client_id")


@frozen
class Draft:
    """A document ready for the journal; `faults` when it is refused."""

    name: Name
    resource: str = "invoice"
    family: str = ""
    kind: str = ""
    number: str | None = None
    v2_id: int | None = None
    v2_client: int | None = None
    day: str | None = None
    currency: str | None = None
    total: int | None = None
    status: str = ""
    paid_date: str | None = None
    #: The number that a correction corrects.
    original: str | None = None
    body: str | None = None
    buyer: BuyerDraft | None = None
    faults: tuple[Fault, ...] = ()
    notices: tuple[Notice, ...] = ()
    #: The document's own text in base64, where its source cannot be read again.
    raw: str | None = None


def draft_batch(batch: Batch, keep_text: bool = False) -> list[Draft]:
    """Draft every document of a batch; raises `Malformed` when it is no whole documents."""
    return [draft(document, keep_text) for document in batch.documents()]


def draft(document: Document, keep_text: bool = False) -> Draft:
    """Draft one document; what is wrong with it stands in its faults."""
    try:
        if document.faults:
            raise ConversionError(document.faults)
        made = _drafted(document)
    except ConversionError as error:
        resource = document.resource or resource_of(document.tree)
        read = label(resource, document.tree)
        made = Draft(
            name_of_text(document.raw()), resource, read.family, read.kind,
            number=read.number, v2_id=read.v2_id, day=read.day, original=read.original,
            faults=error.faults,
        )  # fmt: skip
    if not keep_text:
        return made
    return evolve(made, raw=b64encode(document.raw()).decode())


def _drafted(document: Document) -> Draft:
    resource, body = open_v2(document.tree, document.resource)
    result = forward.translate(plans()[resource], body)
    if any(notice.code == "field.unknown" for notice in result.notices):
        # A field of unknown type has to keep its own: numbers were read as text so far.
        resource, body = open_v2(document.exact_tree(), document.resource)
        result = forward.translate(plans()[resource], body)
    name = name_of(resource, body)
    if resource == "client":
        return _client(name, result)
    return _Invoice(name, result, plans()[resource].of_kind(result.record.get("kind"))).draft()


def _client(name: Name, result: forward.Result) -> Draft:
    body, notices = create_body("client", result.record, result.residue)
    number = result.record.get("id")
    buyer = buyers.of_client(body, number, buyers.NEWEST)
    faults = () if buyer else (Fault("buyer.nameless"),)
    return Draft(
        name, "client", CLIENTS, "client", v2_id=number, v2_client=number, buyer=buyer,
        faults=faults, notices=(*result.notices, *notices),
    )  # fmt: skip


@define
class _Invoice:
    """One invoice at work."""

    name: Name
    result: forward.Result
    plan: Plan
    faults: list[Fault] = field(factory=list)
    notices: list[Notice] = field(factory=list)

    def draft(self) -> Draft:
        """Draft it; a refused one keeps what names it."""
        record, said = trimmed(self.plan, self.result.record)
        kind = str(record.get("kind") or "")
        self.notices = [*self.result.notices, *said]
        body, total = self._body(kind, record)
        number = record.get("number")
        if number is None and kind in FAMILIES:
            self.notices.append(self.plan.notice("number.missing", self.plan.by_v3["number"].v2))
        if number is not None and not usable(number):
            self.faults.append(Fault("text.too_long", self.plan.by_v3["number"].v2))
            number = None
        made = Draft(
            self.name, "invoice", FAMILIES.get(kind, ""), kind,
            number=number, v2_id=record.get("id"), v2_client=record.get("client_id"),
            day=record.get("invoice_date"), currency=record.get("currency", "PLN"), total=total,
            status=str(record.get("status") or ""), paid_date=record.get("paid_date"),
            original=record.get("corrected_invoice_number") or None,
            faults=tuple(self.faults), notices=tuple(self.notices),
        )  # fmt: skip
        if self.faults:
            return made
        buyer = buyers.of_invoice(body, made.v2_client, made.day)
        return evolve(made, body=dumps(body).decode(), buyer=buyer)

    def _body(self, kind: str, record: Mapping[str, Any]) -> tuple[dict[str, Any], int | None]:
        """Give what create would send, without status and client, and the total v3 will show."""
        if kind not in FAMILIES:
            word = self.plan.by_v3["kind"].v2
            self.faults.append(Fault("import.kind", word, kind))
            return {}, record.get("gross_price")
        if FAMILIES[kind] == CORRECTIVE:
            return self._correction(record)
        sent, totals, notices, faults = priced(self.plan, record)
        self.faults += faults
        self.notices += notices
        try:
            body, more = create_body("invoice", sent, self.result.residue)
        except ConversionError as error:
            self.faults += error.faults
            return {}, record.get("gross_price")
        self.notices += more
        ground = self.result.residue.get("fields", {}).get(
            self.plan.by_v3["vat_exemption_reason"].v2
        )
        if ground is not None:
            body[EXEMPTION] = str(ground["value"]).strip()
        return _without(body, _NOT_SENT), totals.get("gross_price")

    def _correction(self, record: Mapping[str, Any]) -> tuple[dict[str, Any], int | None]:
        """Keep a correction as v2 had it: its rows are made once its original is known."""
        body = _without(writable(self.plan, record), _NOT_SENT)
        names = ("corrected_invoice_number", "corrected_invoice_date", "services")
        body |= {name: record[name] for name in names if name in record}
        body |= {name: record.get(name) for name in ("net_price", "tax_price", "gross_price")}
        body.setdefault("currency", "PLN")
        return body, record.get("gross_price")


def _without(body: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}
