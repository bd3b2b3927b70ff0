"""Which fields v3 computes or fills where it is given nothing: no other value comes from v3."""

from collections.abc import Mapping
from typing import Any

from infakt_compat.translate.lines import TOTALS

#: Given by v3 on create, in v3's names: the number, the account's currency, the dates that follow
#: the day of issue, the first status, Poland (v3-wire 1.4), what was paid (v3-wire 4.4).
_OF_INVOICE = frozenset({
    *TOTALS, "number", "currency", "invoice_date", "sale_date", "payment_date", "status",
    "paid_price", "client_country",
})  # fmt: skip
#: Computed by v3 from the line's one price; a quantity that is not given is 1 (v3-wire 4.2).
_OF_LINE = frozenset({*TOTALS, "unit_net_price", "quantity"})
#: What a client has when nothing is said of it (v3-wire 7).
_OF_CLIENT = frozenset({"country", "same_forward_address"})
#: How v3 names a buyer's data on an invoice.
_BUYER = "client_"
_NAME = "client_company_name"


def of_document(resource: str, record: Mapping[str, Any], target: str, clients: str) -> bool:
    """Say whether v3 fills a field of a document that the archive, as a v3 `record`, leaves blank.

    A saved client lends its data to a document that names nobody, and to one that is matched by
    the name alone (`--clients embed`; v3-wire 1.4).
    """
    if resource == "client":
        return target in _OF_CLIENT
    lent = target.startswith(_BUYER) and (clients == "embed" or not record.get(_NAME))
    return target in _OF_INVOICE or lent


def of_line(target: str) -> bool:
    """Say whether v3 fills a field of a line that the archive leaves blank."""
    return target in _OF_LINE
