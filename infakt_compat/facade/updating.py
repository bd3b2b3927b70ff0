"""update: one read, then a PUT of what changed, or nothing (decisions.md 5)."""

from collections.abc import Mapping, Sequence
from typing import Any

from infakt_compat.errors import ConversionError
from infakt_compat.facade import kept, ksef, statuses
from infakt_compat.facade.account import INVOICES, Account, Record, invoice_plan
from infakt_compat.facade.calls import Call
from infakt_compat.facade.defaults import kept_word, payment_step, rate_step, word_of
from infakt_compat.facade.drafts import HOME, PAID, SENT, complete_lines
from infakt_compat.facade.exemptions import ground
from infakt_compat.facade.faults import Faults
from infakt_compat.facade.ksef_states import issued
from infakt_compat.facade.requests_v2 import (
    EXEMPT,
    LINE_REQUIRED,
    REQUIRED,
    creatable,
    lines_of,
    opened,
)
from infakt_compat.facade.sameness import same
from infakt_compat.facade.views import short
from infakt_compat.store import Document
from infakt_compat.translate.compile import Plan, blank
from infakt_compat.translate.forward import plain_fields
from infakt_compat.translate.payload import PRICES
from infakt_compat.translate.view import Put, get, put
from infakt_compat.translate.view_lines import matches
from infakt_compat.v3 import Invalid, OutcomeUnknown

_CHECK = "check_duplicate_number"
_PAID_DATE = "paid_date"
_EXCHANGE = "vat_exchange_date_kind"


def update(call: Call, document: Document, tree: object) -> Record:
    """Make an invoice what a v2 record, whole or in part, says."""
    body = opened(call, tree)
    plan = invoice_plan()
    if document.kind != INVOICES:
        raise call.refuse(plan.by_v3["kind"].v2, f"{document.kind} are not updated")
    before = call.v3.invoices.show(call.account.ref(document))
    if not creatable(before.get("kind")):
        raise call.refuse(plan.by_v3["kind"].v2, f"the kind {before.get('kind')} is not updated")
    residue = call.account.residue(document.kind, document.id)
    change = _change(call, before, body, residue)
    status, paid_date = _taken_out(call.account, before, change.patch)
    _cleaned(before, change.patch)
    if change.patch:
        ksef.check_change(call, document, before)
    kind = change.patch.get("kind", before.get("kind"))
    after = {"kind": kind, "status": status or before.get("status")}
    due = ksef.due(call.account, document, before, after)
    with ksef.undone(call.account, due):
        record = _sent(call, document, before, change.patch) if change.patch else before
    live = kept.based_on(plan, kept.live(plan, change.residue), record)
    call.account.keep(document.kind, document.id, live, residue)
    if todo := statuses.wanted(status, paid_date, record):
        record = statuses.finish(call, document, record, todo)
    if change.patch and due is None:
        due = ksef.due_again(call.account, document, before)
    if issued(record):  # else the background sends it, once it is one
        ksef.send(call, due)
    return short(record)


def _change(call: Call, before: Record, body: Mapping[str, Any], residue: Record) -> Put:
    """Work out what has to be sent; 409 with every fault."""
    plan = invoice_plan(before.get("kind"))
    call.kind = before.get("kind")
    lines = lines_of(plan, body) if "services" in body else None
    call.lines = len(lines or ())
    tree = {call.resource: before}
    try:
        change = put(tree, body, residue)
    except ConversionError as error:
        faults = _blanked(call, plan, before, body)
        faults.take(error.faults)
        raise call.invalid(faults) from error
    change = _own_tables(call, before, body, change, residue)
    faults = _blanked(call, plan, before, body)
    _check(call, plan, before, change.patch, faults)
    if faults:
        raise call.invalid(faults)
    call.note(one for one in change.notices if one.code != "exemption.unmapped")
    return change


def _blanked(call: Call, plan: Plan, before: Record, body: Mapping[str, Any]) -> Faults:
    """Gather the required fields that became nothing: v3 may have none itself (a buyer unsaved)."""
    faults = call.faults()
    given = plain_fields(plan, body, "", [])
    for name in (*REQUIRED, "services"):
        own = plan.by_v3[name].v2
        if own in given and _nothing(given[own]) and not _nothing(before.get(name)):
            faults.add(own, "blank")
    return faults


def _nothing(value: object) -> bool:
    return blank(value) or value in ([], {})


def _check(call: Call, plan: Plan, before: Record, patch: Record, faults: Faults) -> None:
    """Check what is about to be sent as a create would be."""
    if "kind" in patch and not creatable(patch["kind"]):
        faults.add(plan.by_v3["kind"].v2, "invalid")
    rows: Sequence[Record] = patch.get("services", ())
    assert plan.lines is not None
    for position, row in enumerate(rows):
        for name in LINE_REQUIRED:
            if blank(row.get(name)):
                faults.add(plan.lines.by_v3[name].v2, "blank", position)
        if all(row.get(name) is None for name in PRICES):
            faults.add(plan.lines.by_v3[PRICES[0]].v2, "blank", position)
    reason = plan.by_v3["vat_exemption_reason"]
    if any(row.get("tax_symbol") == EXEMPT for row in rows):
        default = call.account.defaults.vat_exemption_reason
        if blank(patch.get(reason.target, before.get(reason.target))):
            patch[reason.target] = default
            if default is None:
                faults.add(reason.v2, "blank")
    complete_lines(call.account, list(rows))
    kind = call.account.defaults.vat_exchange_date_kind
    if patch.get("currency", HOME) != HOME and kind and blank(before.get(_EXCHANGE)):
        patch[_EXCHANGE] = kind


def _own_tables(
    call: Call, before: Record, body: Mapping[str, Any], change: Put, kept_before: Record
) -> Put:
    """Write what this account's own tables make of a word that changed."""
    plan, defaults = invoice_plan(before.get("kind")), call.account.defaults
    patch, residue = dict(change.patch), change.residue
    given = plain_fields(plan, body, "", [])
    step = payment_step()
    if step.target in patch and not blank(given.get(step.v2)):
        word = word_of(step, given[step.v2])
        if (own := defaults.payment_methods.get(word)) is not None:
            patch[step.target] = own
            residue = kept.with_entry(residue, step.v2, kept_word(step, word, own))
    reason = plan.by_v3["vat_exemption_reason"]
    if reason.target in patch and not blank(given.get(reason.v2)):
        patch[reason.target], entry = ground(call, given[reason.v2])
        residue = kept.with_entry(residue, reason.v2, entry)
    if "services" in patch and defaults.rates:
        shown = get({call.resource: before}, kept_before).record
        residue = _own_rates(call, patch, lines_of(plan, body) or (), shown, residue)
    return Put(patch, residue, change.notices)


def _own_rates(
    call: Call,
    patch: Record,
    lines: Sequence[Mapping[str, Any]],
    shown: Record,
    residue: Record,
) -> Record:
    """Write the account's own symbol for the rate of each line that is new or changed."""
    rate, plan = rate_step(), invoice_plan().lines
    assert plan is not None
    before = shown["services"]
    for row, (line, match) in enumerate(zip(lines, matches(plan, lines, before), strict=True)):
        if blank(line.get(rate.v2)):
            continue
        word = word_of(rate, line[rate.v2])
        own = call.account.defaults.rates.get(word)
        if own is not None and (match is None or before[match][rate.v2] != word):
            sent = patch["services"][row]
            sent[rate.target] = own
            entry = kept_word(rate, word, own)
            residue = kept.with_line_entry(residue, row, sent, rate.v2, entry)
    return residue


def _taken_out(account: Account, before: Record, patch: Record) -> tuple[str, str | None]:
    """Take out of a patch the status that a call of its own brings about, and its date."""
    status = str(patch.get("status") or "")
    if status == PAID or (status == SENT and account.defaults.email_on_sent):
        del patch["status"]
    paid_date = patch.get(_PAID_DATE)
    if status == PAID or before.get("status") != PAID:
        patch.pop(_PAID_DATE, None)
    return status, paid_date


def _cleaned(before: Record, patch: Record) -> None:
    """Leave out what changes nothing by itself; a new number is checked as v2 did."""
    for name, value in list(patch.items()):
        if name in before and value == before[name]:
            del patch[name]
    if "number" in patch:
        patch.setdefault(_CHECK, True)
    elif patch.keys() <= {_CHECK}:
        patch.clear()


def _sent(call: Call, document: Document, before: Record, patch: Record) -> Record:
    """Send a patch; one in doubt is looked at before it is sent again."""
    invoices, ref = call.v3.invoices, call.account.ref(document)
    body = dict(patch)
    doubt: OutcomeUnknown | None = None
    for _ in range(3):
        try:
            with ksef.kept_from_changes(call, document):
                return invoices.update(ref, body)
        except Invalid as error:
            currency = str(body.get("currency") or before.get("currency"))
            if not call.account.defaults.fill(body, error.fields, currency):
                raise
        except OutcomeUnknown as error:
            doubt = error
            record = invoices.show(ref)
            if stands(body, record):
                return record
            if error.retry_after is not None:
                raise  # v3 wants to be left alone
    raise doubt or AssertionError("a patch is mended once")


def stands(patch: Record, record: Record) -> bool:
    """Say whether a document says all that a patch said; v3 need not take a status."""
    for name, value in patch.items():
        if name == "services":
            rows = record.get("services") or []
            if len(rows) != len(value) or not all(map(stands, value, rows)):
                return False
        elif name not in ("status", _CHECK) and not same(value, record.get(name), exact=True):
            return False
    return True
