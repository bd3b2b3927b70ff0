"""create: an invoice made exactly once, with its residue and its status (decisions.md 5)."""

from infakt_compat.facade import kept, lookups, statuses
from infakt_compat.facade.account import INVOICES, Record, document, invoice_plan
from infakt_compat.facade.calls import Call
from infakt_compat.facade.drafts import DRAFT, Draft, prepare
from infakt_compat.facade.once import Found, Made, Once, Work
from infakt_compat.facade.views import short
from infakt_compat.store import Claim
from infakt_compat.v3 import OutcomeUnknown, Refused


def make(call: Call, tree: object) -> Made:
    """Create an invoice; gives v2's answer, to be told once the caller has it."""
    draft = prepare(call, tree)
    call.note(draft.notices)
    work = _work(call, draft)
    made = Once(call, draft.digest, draft.lookup, work).run()
    if made.record is not None:
        _finish(call, draft, made.record)
    elif not made.waited:
        statuses.resume(call.account)  # whoever made it may have died before the rest was done
    return made


def _work(call: Call, draft: Draft) -> Work:
    account = call.account

    def send(claim: Claim) -> Record:
        account.store.pending.renew(claim)
        task = call.v3.invoices.submit(draft.body, _to_ksef(call, draft))
        if task.reference is not None:
            account.store.pending.set_task(claim, task.reference)
        return call.v3.invoices.finish(task)

    def seek(claim: Claim, doubt: OutcomeUnknown | None) -> Found | None:
        found = lookups.by_task(call, claim, doubt)
        return found or lookups.invoice(call, claim, draft.body, draft.total)

    def settle(record: Record) -> Record:
        account.see(INVOICES, [record])
        residue = kept.based_on(invoice_plan(record.get("kind")), draft.residue, record)
        account.keep(INVOICES, int(record["id"]), residue, {})
        if todo := _todo(draft, record):
            # Before the create counts as done: who dies here leaves it to the next.
            statuses.note(account, document(INVOICES, record), todo)
        return _answer(record)

    def mend(error: Refused) -> bool:
        return mended(call, draft.body, error)

    return Work(INVOICES, send, seek, settle, mend)


def mended(call: Call, body: Record, error: Refused) -> bool:
    """Give a kind of sale where v3 wants one, for a foreign buyer; says whether that is new."""
    sale_type = call.account.defaults.sale_type
    if sale_type is None or "sale_type" in body or "sale_type" not in error.fields:
        return False
    body["sale_type"] = sale_type
    return True


def _to_ksef(call: Call, draft: Draft) -> bool:
    """VAT invoices that are no drafts are sent when they are issued (decisions.md 5)."""
    wanted = call.account.defaults.send_to_ksef
    return wanted and draft.body["kind"] == "vat" and draft.status != DRAFT


def _todo(draft: Draft, record: Record) -> statuses.Wanted | None:
    todo = statuses.wanted(draft.status, draft.paid_date, record)
    return todo if todo.any else None


def _finish(call: Call, draft: Draft, record: Record) -> None:
    """Bring the status about; the answer is 200 whatever becomes of it."""
    if todo := _todo(draft, record):
        statuses.finish(call, document(INVOICES, record), record, todo, noted=True)


def _answer(record: Record) -> Record:
    """Give v2's answer under both of its keys: a known caller wants the other one (R10)."""
    plan = invoice_plan()
    named = short(record)
    return {plan.resource.v3.envelope: named, plan.by_v3["id"].v2: dict(named)}
