"""create: an invoice made exactly once, with its residue and its status (decisions.md 5)."""

from infakt_compat.facade import kept, ksef, ksef_watch, lookups, statuses
from infakt_compat.facade.account import INVOICES, Account, Record, document, invoice_plan
from infakt_compat.facade.calls import Call
from infakt_compat.facade.drafts import DRAFT, Draft, prepare
from infakt_compat.facade.once import FRESH, Found, Made, Once, Settled, Work
from infakt_compat.facade.views import short
from infakt_compat.store import Answer, Change, Claim
from infakt_compat.v3 import OutcomeUnknown, Refused

#: What of a draft is kept with a claim, besides what the store's look-up holds.
_KEPT = ("body", "residue", "status", "paid_date")


def make(call: Call, tree: object, direct: bool = False) -> Made:
    """Create an invoice; gives v2's answer, to be told once the caller has it.

    A `direct` caller has it as soon as this returns.
    """
    draft = prepare(call, tree)
    call.note(draft.notices)
    made = Once(call, draft.digest, draft.lookup, _work(call, draft), direct).run()
    if made.record is not None:
        _finish(call, draft, made.record)
    elif not made.waited:
        finish_later(call.account)  # whoever made it may have died before the rest was done
    return made


def resumed(call: Call, entry: Answer, kept_draft: Record) -> Once:
    """Take up a create in doubt by what was kept of it."""
    given = {name: kept_draft[name] for name in _KEPT}
    lookup = entry.lookup
    draft = Draft(
        **given, digest=entry.digest, total=lookup.total, today=lookup.date or "", notices=[]
    )
    return Once(call, draft.digest, lookup, _work(call, draft))


def finish_later(account: Account) -> None:
    """Have the background do what is still to be done for invoices that are there."""
    statuses.resume(account)
    ksef_watch.start(account)


def _work(call: Call, draft: Draft) -> Work:
    account = call.account

    def send(claim: Claim) -> Record:
        account.store.pending.renew(claim, fresh=FRESH)
        task = call.v3.invoices.submit(draft.body, _to_ksef(call, draft))
        if task.reference is not None:
            account.store.pending.set_task(claim, task.reference)
        return call.v3.invoices.finish(task)

    def seek(claim: Claim, doubt: OutcomeUnknown | None) -> Found | None:
        found = lookups.by_task(call, claim, doubt)
        return found or lookups.invoice(call, claim, draft.body, draft.total)

    def settle(record: Record) -> Settled:
        to_ksef, todo = _to_ksef(call, draft), _todo(draft, record)
        if to_ksef:
            # Before the create counts as done: who dies here leaves it to the next.
            ksef.asked(account, document(INVOICES, record), record)
        whole = todo is None and not to_ksef
        return Settled(_answer(record), _beside(account, draft, record), whole)

    def mend(error: Refused) -> bool:
        return account.defaults.fill(draft.body, error.fields, draft.body["currency"])

    given = {name: getattr(draft, name) for name in _KEPT}
    return Work(INVOICES, {"of": call.resource, **given}, send, seek, settle, mend)


def _beside(account: Account, draft: Draft, record: Record) -> list[Change]:
    """Give what is written together with the answer."""
    made = document(INVOICES, record)
    changes = [account.store.documents.noting(account.name, made)]
    residue = kept.based_on(invoice_plan(record.get("kind")), draft.residue, record)
    if residue:
        changes.append(account.store.residues.putting(account.name, INVOICES, made.id, residue))
    if todo := _todo(draft, record):
        changes.append(statuses.noting(account, made, todo))
    return changes


def _to_ksef(call: Call, draft: Draft) -> bool:
    """VAT invoices that are no drafts are sent when they are issued (decisions.md 5)."""
    wanted = call.account.defaults.send_to_ksef
    return wanted and draft.body["kind"] == "vat" and draft.status != DRAFT


def _todo(draft: Draft, record: Record) -> statuses.Wanted | None:
    return statuses.wanted(draft.status, draft.paid_date, record)


def _finish(call: Call, draft: Draft, record: Record) -> None:
    """Bring the status about; the answer is 200 whatever becomes of it."""
    if todo := _todo(draft, record):
        statuses.finish(call, document(INVOICES, record), record, todo, noted=True)


def _answer(record: Record) -> Record:
    """Give v2's answer under both of its keys: a known caller wants the other one (R10)."""
    plan = invoice_plan()
    named = short(record)
    return {plan.resource.v3.envelope: named, plan.by_v3["id"].v2: dict(named)}
