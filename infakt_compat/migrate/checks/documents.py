"""Checking one document: what v3 makes of it, refuses, and what KSeF would say."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import define, field, frozen

from infakt_compat.errors import ConversionError, Fault
from infakt_compat.migrate.batches import translated
from infakt_compat.migrate.checks import creating, evidence, ksef
from infakt_compat.migrate.checks.creating import Given
from infakt_compat.migrate.checks.digests import digest
from infakt_compat.migrate.checks.iban import SHORTEST, account_numbers
from infakt_compat.migrate.checks.identifiers import NOT_A_CLIENT, Identifiers, digits_of
from infakt_compat.migrate.checks.names import Names
from infakt_compat.migrate.checks.series import place_of
from infakt_compat.migrate.planning.families import CLIENTS, FAMILIES, INVOICES
from infakt_compat.migrate.planning.labels import label
from infakt_compat.migrate.planning.numbers import trimmed, usable
from infakt_compat.migrate.planning.prices import priced
from infakt_compat.migrate.source import Document
from infakt_compat.notices import Notice
from infakt_compat.tables.load import tables
from infakt_compat.translate.compile import Plan, blank, plans
from infakt_compat.translate.documents import resource_of
from infakt_compat.translate.forward import Result
from infakt_compat.translate.lines import TOTALS
from infakt_compat.translate.payload import create_body

#: Notices after which v3 may come to other totals: they are worked out then only.
_PRICE_CODES = frozenset({"totals.differ", "price.unit_precision", "rate.inferred"})
_TOTALS = frozenset(TOTALS)
#: What makes KSeF refuse what v3 takes.
_KSEF_CODES = NOT_A_CLIENT | {"vat_number.invalid"}


@frozen
class Settings:
    """What a check is told: today's date (ISO), and what an import will be given."""

    today: str
    given: Given = field(factory=Given)


@define
class Verdict:
    """What was found of one document.

    `refused` are the reasons why v3 does not get it. `digest` is the same for the same document;
    `series` and `place` are of its number. `taxpayer` are the digits of the buyer's number,
    `company` the name as it is compared; `original` is the number that a correction corrects,
    `ground` v2's ground of exemption, `evidence` what proves corrections; `planned` says that an
    import plans it, by itself: it may be held back beside others, unproven, or refused by v3.
    """

    resource: str = "invoice"
    kind: str = ""
    family: str = ""
    number: str | None = None
    day: str = ""
    series: str | None = None
    place: int | None = None
    digest: bytes | None = None
    taxpayer: str = ""
    buyer: str = ""
    company: str = ""
    v2_id: int | None = None
    client: int | None = None
    total: int | None = None
    original: str | None = None
    ground: str | None = None
    transfer: bool = False
    ksef: bool = False
    planned: bool = False
    evidence: bytes | None = None
    record: Mapping[str, Any] | None = None
    refused: list[Fault] = field(factory=list)
    said: list[Notice] = field(factory=list)

    def say(self, code: str, path: str, detail: str = "") -> None:
        """Say something with the level that the tables give its code."""
        self.ksef |= code in _KSEF_CODES or code.startswith("ksef.")
        self.said.append(Notice(code, levels()[code], path, detail))


@cache
def levels() -> dict[str, str]:
    """Give the level of every code."""
    return {code.code: code.level for code in tables().codes.values()}


@cache
def _memories() -> tuple[Identifiers, Names]:
    """Give what this process has worked out of buyers so far."""
    return Identifiers(), Names()


def check(document: Document, settings: Settings) -> Verdict:
    """Check one document; what is wrong with it stands in the verdict."""
    verdict = Verdict()
    try:
        if document.faults:
            raise ConversionError(document.faults)
        resource, body, result = translated(document)
        verdict.resource = resource
        verdict.digest = digest(resource, body, result)
    except ConversionError as error:
        verdict.refused += error.faults
        _name_refused(document, verdict)
        return verdict
    verdict.record = result.record
    verdict.said += result.notices
    if resource == "client":
        _client(result, verdict)
    else:
        _invoice(plans()[resource].of_kind(result.record.get("kind")), result, settings, verdict)
    return verdict


def _name_refused(document: Document, verdict: Verdict) -> None:
    """Read what can be read of a refused document: its series and its corrections need it."""
    verdict.resource = document.resource or resource_of(document.tree)
    if verdict.resource != "invoice":
        return
    read = label(verdict.resource, document.tree)
    verdict.number, verdict.day, verdict.v2_id = read.number, read.day or "", read.v2_id
    verdict.kind, verdict.family, verdict.original = read.kind, read.family, read.original
    verdict.evidence = evidence.of_refused(read.day)
    _count(verdict)


def _count(verdict: Verdict) -> None:
    """Find the series of a number."""
    if verdict.number and (found := place_of(verdict.number, verdict.day)) is not None:
        verdict.series, verdict.place = found


def _client(result: Result, verdict: Verdict) -> None:
    """Check a client."""
    record, plan = result.record, plans()["client"].of_kind("")
    verdict.family, verdict.v2_id = CLIENTS, record.get("id")
    _create("client", result, verdict)
    name = record.get("company_name") or record.get("last_name") or ""
    if not name:
        verdict.refused.append(Fault("buyer.nameless", plan.by_v3["company_name"].v2))
    text = record.get("nip") or ""
    _buyer(name, text, verdict)
    _judge(record.get("country") or "", text, plan.by_v3["nip"].v2, "match", verdict)


def _invoice(plan: Plan, result: Result, settings: Settings, verdict: Verdict) -> None:
    """Check an invoice of any kind; one that v3 does not get is not held against KSeF."""
    record, said = trimmed(plan, result.record)
    verdict.said += said
    verdict.kind = str(record.get("kind") or "")
    verdict.family = FAMILIES.get(verdict.kind, "")
    verdict.number, verdict.day = record.get("number"), record.get("invoice_date") or ""
    verdict.v2_id, verdict.client = record.get("id"), record.get("client_id")
    if verdict.number is not None and not usable(verdict.number):
        verdict.refused.append(Fault("text.too_long", plan.by_v3["number"].v2))
        verdict.number = None
    whole = not verdict.refused
    _count(verdict)
    verdict.total = record.get("gross_price")
    name = record.get("client_company_name") or ""
    text = record.get("client_tax_code") or ""
    _buyer(name, text, verdict)
    _bank_accounts(plan, result, verdict)
    if not verdict.family:
        verdict.refused.append(Fault("import.kind", plan.by_v3["kind"].v2, verdict.kind))
        return
    country, path = record.get("client_country") or "", plan.by_v3["client_tax_code"].v2
    _judge(country, text, path, settings.given.clients, verdict)
    verdict.ground = _ground(plan, result)
    verdict.refused += creating.refusals(plan, record, verdict.ground or "", settings.given)
    if verdict.family == INVOICES:
        before = len(verdict.refused)
        _create_invoice(plan, result, verdict)
        verdict.planned = whole and len(verdict.refused) == before
        if verdict.kind == "vat" and verdict.number:
            verdict.evidence = evidence.of_invoice(record, planned=verdict.planned)
    else:
        verdict.planned = whole
        verdict.original = record.get("corrected_invoice_number") or None
        verdict.evidence = evidence.of_correction(record)
    _silent(plan, record, verdict)
    goes = verdict.family == INVOICES or verdict.original is not None
    if verdict.kind != "proforma" and goes and not verdict.refused:
        for code, path, detail in ksef.objections(plan, record, settings.today):
            verdict.say(code, path, detail)
        if name and not verdict.taxpayer:
            verdict.say("buyer.no_number", path)


def _bank_accounts(plan: Plan, result: Result, verdict: Verdict) -> None:
    """Look at the bank account numbers in the notes, and in fields that v2 never documented."""
    texts = [(plan.by_v3["notes"].v2, result.record.get("notes"))]
    if result.residue:
        kept = result.residue.get("fields", {})
        texts += [(name, entry["value"]) for name, entry in kept.items() if name not in plan.known]
    for path, text in texts:
        if isinstance(text, str) and len(text) >= SHORTEST:
            for digits, valid in account_numbers(text):
                if not valid:
                    verdict.say("iban.invalid", path, digits)


def _ground(plan: Plan, result: Result) -> str | None:
    """Give v2's ground of exemption, which the translation keeps beside the record."""
    if not result.residue:
        return None
    entry = result.residue.get("fields", {}).get(plan.by_v3["vat_exemption_reason"].v2)
    return None if entry is None else str(entry["value"]).strip()


def _buyer(name: str, text: str, verdict: Verdict) -> None:
    """Note the buyer as others are compared with it."""
    verdict.taxpayer, verdict.buyer = digits_of(text), name
    verdict.company = _memories()[1][name]


def _judge(country: str, text: str, path: str, clients: str, verdict: Verdict) -> None:
    """Say what is wrong with a tax number: v3 creates no client with a wrong NIP (v3-wire 7)."""
    found = _memories()[0][country, text]
    if not found.code:
        return
    if clients == "match" and found.code in NOT_A_CLIENT:
        verdict.refused.append(Fault(found.code, path, found.detail))
    else:
        verdict.say(found.code, path, found.detail)


def _create_invoice(plan: Plan, result: Result, verdict: Verdict) -> None:
    """Add what the payload of a create says, and v3's own totals; most invoices have neither."""
    record = result.record
    verdict.transfer = record.get("payment_method") == "transfer"
    complete = all(line.keys() >= _TOTALS for line in record.get("services", ()))
    if not complete or any(notice.code in _PRICE_CODES for notice in result.notices):
        _, totals, notices, faults = priced(plan, record)
        verdict.total = totals.get("gross_price")
        verdict.said += notices
        verdict.refused += faults
    if not (complete and _ready(record)):
        _create("invoice", result, verdict)


def _ready(record: Mapping[str, Any]) -> bool:
    """Say whether the payload of an invoice whose lines have all totals has nothing to say."""
    lines = record.get("services", ())
    known = "currency" in record and "client_country" in record
    return known and all("tax_symbol" in line for line in lines)


def _create(resource: str, result: Result, verdict: Verdict) -> None:
    """Add what the payload of a create says."""
    try:
        verdict.said += create_body(resource, result.record, result.residue)[1]
    except ConversionError as error:
        verdict.refused += error.faults


def _silent(plan: Plan, record: Mapping[str, Any], verdict: Verdict) -> None:
    """Say what v3 would fill in by itself (v3-wire 1.4)."""
    if blank(verdict.number):
        verdict.say("number.missing", plan.by_v3["number"].v2)
    if not verdict.day:
        verdict.say("date.missing", plan.by_v3["invoice_date"].v2)
    assert plan.lines is not None
    for position, line in enumerate(record.get("services", ())):
        if line.get("quantity") is None:
            path = f"services[{position}].{plan.lines.by_v3['quantity'].v2}"
            verdict.say("quantity.missing", path)
