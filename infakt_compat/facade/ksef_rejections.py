"""What KSeF rejected: for the log, a gateway's metrics and its operators' page (decisions.md 5)."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from infakt_compat.store import KsefInvoice
from infakt_compat.v3.log import masked_text

log = logging.getLogger("infakt_compat")

#: The status of an invoice that v3 itself refused to send.
REFUSED = "refused"
_LONGEST = 500


@frozen
class KsefRejection:
    """An invoice that was to go to KSeF and is not there.

    `id` and `number` are the invoice's, `when` is in UTC. `status` is v3's word for it ("rejected",
    "error"), or "refused" when v3 did not send it at all; `description` is v3's text without
    personal data.
    """

    id: int
    number: str | None
    when: datetime
    status: str
    description: str


def rejection(invoice: KsefInvoice) -> KsefRejection:
    """Give a rejected invoice of the store."""
    return KsefRejection(
        invoice.id, invoice.number, invoice.at, invoice.code or "", invoice.text or ""
    )


def described(text: object, record: Mapping[str, Any]) -> str:
    """Give v3's text in one line of bounded length, without what it says of people."""
    line = "".join(c if c.isprintable() else " " for c in str(text or ""))
    return " ".join(masked_text(line, record).split())[:_LONGEST]


def told(
    account: str, rejected: KsefRejection, tell: Callable[[KsefRejection], object] | None
) -> None:
    """Log a rejection, and tell whoever counts them."""
    log.warning(
        "KSeF has not taken the invoice %s (%s) of the account %s: %s: %s",
        rejected.id, rejected.number, account, rejected.status, rejected.description,
    )  # fmt: skip
    if tell is None:
        return
    try:
        tell(rejected)
    except Exception as error:  # the caller's own code: what it does wrong changes nothing here
        log.warning("telling of a KSeF rejection failed: %s", type(error).__name__)
