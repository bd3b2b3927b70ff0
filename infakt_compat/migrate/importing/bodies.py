"""What a create sends, put together when a document's turn comes.

The journal holds the document as it was planned; client, status and payment date depend on the
account and on what the run was asked to do.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from attrs import frozen

from infakt_compat.codecs.json_text import loads
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.facade import Defaults
from infakt_compat.migrate.importing.engine import Item
from infakt_compat.migrate.importing.settings import Settings
from infakt_compat.migrate.journal import Entry
from infakt_compat.migrate.planning.buyers import OF_CLIENT
from infakt_compat.migrate.planning.drafts import EXEMPTION
from infakt_compat.migrate.planning.families import CORRECTIVE
from infakt_compat.migrate.planning.originals import ORIGINAL, PROVEN
from infakt_compat.translate.compile import blank
from infakt_compat.v3 import Clock, Dialect

Body = dict[str, Any]
Grounds = Callable[[], frozenset[int]]
PAID, PRINTED = "paid", "printed"
#: v3 makes a draft of what comes without a status.
DRAFTS = ("", "draft")
PAID_AMOUNT = "paid_price"
_CORRECTION_REASON = "other"
#: What a correction's body keeps of v2 and create does not take.
_OF_V2 = (PROVEN, "kind", "net_price", "tax_price", "gross_price")


@frozen
class Paid:
    """The status wanted, and for a paid document its date and where that came from."""

    status: str
    day: str | None = None
    by: str | None = None


def paid(entry: Entry, body: Body, settings: Settings, clock: Clock) -> Paid:
    """Say which status a document gets (decisions.md 2, issue 5).

    v2 kept no date of payment: the one asked for is taken, never before the invoice date, which v3
    refuses (v3-wire 6), and never in the future. A document without a due date gets its invoice
    date, and `by` says what was taken.
    """
    if entry.status != PAID:
        return Paid(entry.status)
    if settings.paid_date == "none":
        return Paid(PRINTED, None, "none")
    if entry.paid_date is not None:
        return Paid(PAID, entry.paid_date, "given")
    today = date.fromtimestamp(clock.wall()).isoformat()
    issued, due = body.get("invoice_date"), body.get("payment_date")
    if settings.paid_date == "payment" and due:
        return Paid(PAID, max(min(str(due), today), str(issued or today)), "payment")
    if settings.paid_date != "today" and issued:
        return Paid(PAID, str(issued), "invoice")
    return Paid(PAID, max(today, str(issued or today)), "today")


def body_of(item: Item, settings: Settings, grounds: Grounds) -> Body:
    """Give the body of a document's create, without its status.

    `grounds` gives the ids of the account's grounds of exemption. Raises `ConversionError` for one
    that nothing maps (decisions.md 2).
    """
    body: Body = loads(item.planned)
    if item.entry.family == CORRECTIVE:
        _correction(body, item.original)
    _buyer(item, body, settings)
    _exemption(body, settings.defaults, grounds)
    complete(body, settings.defaults)
    if not blank(body.get("number")):
        body["check_duplicate_number"] = True
    return body


def _exemption(body: Body, defaults: Defaults, grounds: Grounds) -> None:
    """Name v3's ground of exemption for v2's: the account's own table decides, else an equal id.

    Where neither knows it, the ground that was given for all is meant.
    """
    text = body.pop(EXEMPTION, None)
    if text is None:
        return
    own = defaults.exemptions.get(text)
    if own is None and text.isdecimal() and int(text) in grounds():
        own = int(text)
    if own is None:
        own = defaults.vat_exemption_reason
    if own is None:
        raise ConversionError([Fault("exemption.unknown", "", text)])
    body["vat_exemption_reason"] = own


def goes_to_ksef(entry: Entry, settings: Settings) -> bool:
    """Say whether a document is sent to KSeF as it is created: a VAT invoice that is no draft."""
    return settings.send_to_ksef and entry.kind == "vat" and entry.status not in DRAFTS


def with_status(body: Body, wanted: Paid, dialect: Dialect) -> Body:
    """Add the status where create takes it: today's v3 (v3-wire 1.4), not the classic one.

    What is left unpaid names no paid amount either: v3 would show nothing left to pay.
    """
    if wanted.by == "none":
        body = {name: value for name, value in body.items() if name != PAID_AMOUNT}
    if dialect.name == "classic" or wanted.status in DRAFTS:
        return body
    status = {"status": wanted.status}
    return {**body, **status} if wanted.day is None else {**body, **status, "paid_date": wanted.day}


def _correction(body: Body, original: str | None) -> None:
    """Put the proven rows in the place of v2's, and name the original (v3-wire 5)."""
    body["services"] = body[PROVEN]
    for name in _OF_V2:
        body.pop(name, None)
    body["correction_reason"] = _CORRECTION_REASON
    if original is not None:
        body[ORIGINAL] = original


def _buyer(item: Item, body: Body, settings: Settings) -> None:
    """Name the saved client; the buyer's data stay, as they were when the document was issued."""
    if settings.clients == "match":
        number = item.client
    else:
        number = item.entry.v2_client if settings.clients == "keep" else None
    if number is not None:
        body["client_id"] = number
        if not blank(body.get("client_company_name")):
            # v3 takes what is not named from the saved client: parts of another address.
            for name in OF_CLIENT:
                body.setdefault(name, "")


def complete(body: Body, defaults: Defaults) -> None:
    """Fill what v3 wants and v2 never had with the account's own values (`facade.Defaults`)."""
    currency = body.get("currency", "PLN")
    if bank_account := defaults.bank_account_for(currency):
        body["bank_account"] = bank_account
    if currency != "PLN" and defaults.vat_exchange_date_kind:
        body["vat_exchange_date_kind"] = defaults.vat_exchange_date_kind
    if body.get("client_country", "PL") != "PL" and defaults.sale_type:
        body["sale_type"] = defaults.sale_type
    for row in body.get("services", ()):
        if defaults.flat_rate_tax_symbol is not None:
            row.setdefault("flat_rate_tax_symbol", defaults.flat_rate_tax_symbol)
    exempt = any(row.get("tax_symbol") == "zw" for row in body.get("services", ()))
    if exempt and defaults.vat_exemption_reason is not None:
        body.setdefault("vat_exemption_reason", defaults.vat_exemption_reason)
