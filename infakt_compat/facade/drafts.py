"""A v2 invoice made ready for v3's create: checked, translated, completed by defaults.

Nothing is sent before everything that can be known here is known to be right (decisions.md 5).
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from attrs import define, field

from infakt_compat.codecs.json_text import surrogates
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.facade import kept
from infakt_compat.facade.account import Account, Record, invoice_plan
from infakt_compat.facade.calls import Call
from infakt_compat.facade.defaults import kept_word, payment_step, rate_step, word_of
from infakt_compat.facade.exemptions import ground
from infakt_compat.facade.requests_v2 import EXEMPT, lines_of, opened, read_only, required
from infakt_compat.notices import Notice
from infakt_compat.store import Lookup
from infakt_compat.translate import forward
from infakt_compat.translate.compile import Plan, blank, plans
from infakt_compat.translate.forward import plain_fields
from infakt_compat.translate.lines import computed, sums
from infakt_compat.translate.normal_form import canonical_record
from infakt_compat.translate.payload import create_body

PAID = "paid"
DRAFT = "draft"
SENT = "sent"
PRINTED = "printed"
#: The currency that needs no rate of exchange.
HOME = "PLN"
#: What a create does not take: paid is a call of its own (decisions.md 5).
_NOT_SENT = ("paid_date",)


@define
class Draft:
    """What will be sent, and what has to be remembered and done besides."""

    body: Record
    residue: Record
    status: str
    paid_date: str | None
    digest: str
    total: int | None
    today: str
    notices: list[Notice] = field(factory=list)

    @property
    def lookup(self) -> Lookup:
        """Give what the invoice is looked for by, should its create be in doubt."""
        client = self.body.get("client_id")
        return Lookup(
            self.body.get("number"),
            None if client is None else str(client),
            self.body.get("invoice_date") or self.today,
            self.total,
        )


def prepare(call: Call, tree: object) -> Draft:
    """Make a draft of what a caller sent; 409 with every fault."""
    plan = invoice_plan()
    body = opened(call, tree)
    account = call.account
    faults = required(call, body, account.defaults.vat_exemption_reason is not None)
    plain = _plain(plan, body, call)
    record: Record = {}
    residue: Record = {}
    notices: list[Notice] = []
    try:
        result = forward.translate(plans()["invoice"], plain)
        record, residue, notices = result.record, result.residue, result.notices
        _encodable(plain, record)
        created, defaulted = create_body("invoice", record, residue)
        record, notices = {**record, **created}, [*notices, *defaulted]
    except ConversionError as error:
        faults.take(error.faults)
    if faults:
        raise call.invalid(faults)
    draft = Draft(
        {name: value for name, value in created.items() if name not in _NOT_SENT},
        kept.live(plan, residue),
        str(record["status"]),
        record.get("paid_date"),
        _digest(plain),
        None,
        date.fromtimestamp(account.clock.wall()).isoformat(),
        [one for one in notices if one.code != "exemption.unmapped"],
    )
    call.kind = created["kind"]
    if draft.status == SENT and account.defaults.email_on_sent:
        draft.body.pop("status", None)  # it comes with the e-mail
    _own_tables(call, draft, plain)
    _complete(account, draft)
    draft.total = _total(draft)
    return draft


def _plain(plan: Plan, body: Mapping[str, Any], call: Call) -> Record:
    """Give a body's fields under their own names, without what v2 never took."""
    # A field that came twice stays so, for the translation to refuse it.
    plain: Record = dict(body) if type(body) is dict else body  # type: ignore[assignment]
    lines = lines_of(plan, body)
    if type(plain) is dict:
        read_only(plan, plain, call.notices)
        if lines is not None and plan.lines is not None and "services" in plain:
            rows = [dict(line) if type(line) is dict else line for line in lines]
            for row in rows:
                if type(row) is dict:
                    read_only(plan.lines, row, call.notices)
            plain["services"] = rows
    return plain


def _encodable(body: Record, record: Record) -> None:
    """Refuse text that no JSON can hold, and a number that no store can keep."""
    if faults := surrogates(body):
        raise ConversionError(faults)
    if "\0" in str(record.get("number", "")):
        raise ConversionError([Fault("text.not_unicode", invoice_plan().by_v3["number"].v2)])


def _digest(body: Record) -> str:
    """Name a body: two spellings of the same values are one (decisions.md 5, "Exactly once")."""
    normal = canonical_record(plans()["invoice"], body)
    text = json.dumps(normal, sort_keys=True, default=str)
    return "invoice " + hashlib.sha256(text.encode()).hexdigest()


def _own_tables(call: Call, draft: Draft, body: Record) -> None:
    """Write what this account's own tables make of a word."""
    plan, defaults = invoice_plan(), call.account.defaults
    plain = plain_fields(plan, body, "", [])
    step = payment_step()
    word = word_of(step, plain[step.v2])
    if (own := defaults.payment_methods.get(word)) is not None:
        draft.body[step.target] = own
        draft.residue = kept.with_entry(draft.residue, step.v2, kept_word(step, word, own))
    rate = rate_step()
    for row, line in enumerate(lines_of(plan, body) or ()):
        word = word_of(rate, line[rate.v2])
        if (own := defaults.rates.get(word)) is not None:
            sent = draft.body["services"][row]
            sent[rate.target] = own
            entry = kept_word(rate, word, own)
            draft.residue = kept.with_line_entry(draft.residue, row, sent, rate.v2, entry)
    reason = plan.by_v3["vat_exemption_reason"]
    if not blank(given := plain.get(reason.v2)):
        number, entry = ground(call, given)
        draft.body[reason.target] = number
        draft.residue = kept.with_entry(draft.residue, reason.v2, entry)


def _complete(account: Account, draft: Draft) -> None:
    """Fill what v3 wants and v2 never had."""
    defaults, body = account.defaults, draft.body
    if bank_account := defaults.bank_account_for(body["currency"]):
        body["bank_account"] = bank_account
    if body["currency"] != HOME and defaults.vat_exchange_date_kind:
        body["vat_exchange_date_kind"] = defaults.vat_exchange_date_kind
    if body.get("client_country", "PL") != "PL" and defaults.sale_type:
        body["sale_type"] = defaults.sale_type
    complete_lines(account, body["services"])
    reason = "vat_exemption_reason"
    exempt = any(row["tax_symbol"] == EXEMPT for row in body["services"])
    if exempt and reason not in body and defaults.vat_exemption_reason is not None:
        body[reason] = defaults.vat_exemption_reason


def complete_lines(account: Account, rows: list[Record]) -> None:
    """Give each line the account's lump-sum rate."""
    if account.defaults.flat_rate_tax_symbol is not None:
        for row in rows:
            if row.get("flat_rate_tax_symbol") is None:
                row["flat_rate_tax_symbol"] = account.defaults.flat_rate_tax_symbol


def _total(draft: Draft) -> int | None:
    """Compute the gross total that v3 will come to, in grosze; None where a rate is not known."""
    return sums(computed(row, None) for row in draft.body["services"])["gross_price"] or None
