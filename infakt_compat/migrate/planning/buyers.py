"""Whom a document names: the client of the account that it belongs to.

Known by the digits of its tax number and its country; without one by v2's own id; without both by
its very data. Two documents of one client so come to one row, and one create (issue 5).
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from infakt_compat.codecs.json_text import dumps
from infakt_compat.translate.compile import blank

#: A v3 invoice's fields of its buyer, and the same fields of a v3 client.
OF_CLIENT = {
    "client_company_name": "company_name",
    "client_first_name": "first_name",
    "client_last_name": "last_name",
    "client_street": "street",
    "client_street_number": "street_number",
    "client_flat_number": "flat_number",
    "client_city": "city",
    "client_post_code": "postal_code",
    "client_tax_code": "nip",
    "client_country": "country",
}
#: A client's own document says more than any invoice, however new.
NEWEST = "9999-12-31"
_DATA = ("company_name", "first_name", "last_name", "street", "street_number", "flat_number",
         "city", "postal_code", "country")  # fmt: skip


@frozen
class BuyerDraft:
    """A buyer as one document names it; `body` is what its create would send, as JSON text."""

    identity: str
    day: str
    body: str


def of_invoice(
    body: Mapping[str, Any], v2_client: int | None, day: str | None
) -> BuyerDraft | None:
    """Give the buyer of an invoice's create body; None when it names nobody.

    One that is named by v2's id only gets its data from another document of that client.
    """
    client = {OF_CLIENT[name]: value for name, value in body.items() if name in OF_CLIENT}
    found = of_client(client, v2_client, day or "")
    if found is None and v2_client is not None:
        return BuyerDraft(f"id {v2_client}", "", "{}")
    return found


def of_client(body: Mapping[str, Any], v2_client: int | None, day: str) -> BuyerDraft | None:
    """Give the buyer that a client's create body names; None when it names nobody."""
    if blank(body.get("company_name")):
        return None
    sent = {name: value for name, value in body.items() if not blank(value)}
    return BuyerDraft(_identity(sent, v2_client), day, dumps(sent).decode())


def _identity(body: Mapping[str, Any], v2_client: int | None) -> str:
    digits = nip_digits(body.get("nip"))
    if digits:
        return f"nip {country_of(body)} {digits}"
    if v2_client is not None:
        return f"id {v2_client}"
    data = [str(body.get(name, "")) for name in _DATA]
    return f"data {hashlib.sha256(dumps(data)).hexdigest()[:32]}"


def nip_digits(value: object) -> str:
    """Give the digits of a tax number; they are what v3's `clean_nip` compares (v3-wire 7)."""
    return "".join(c for c in str(value or "") if c in "0123456789")


def country_of(client: Mapping[str, Any]) -> str:
    """Give a client's country; Poland where none is named."""
    return str(client.get("country") or "PL")
