"""What proves corrections, kept of each document until all are read.

Of an invoice its date, buyer and rows; of a correction also its totals. It is what the import
compares (`planning/agreement.py`, `planning/proofs.py`), in a few hundred bytes.
"""

from collections.abc import Mapping
from typing import Any

from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.translate.lines import TOTALS

_OF_BOTH = ("client_company_name", "client_tax_code", "currency", "services")
_OF_INVOICE = ("invoice_date", *_OF_BOTH)
_OF_REFUSED = ("invoice_date", "currency")
_OF_CORRECTION = ("corrected_invoice_date", *TOTALS, *_OF_BOTH)


def of_invoice(record: Mapping[str, Any], *, planned: bool) -> bytes:
    """Give what a correction of this invoice is compared with; less where it is not planned."""
    return _of(record, _OF_INVOICE if planned else _OF_REFUSED)


def of_refused(day: str | None) -> bytes:
    """Give what is known of a document that could not be read."""
    return dumps({} if day is None else {"invoice_date": day})


def of_correction(record: Mapping[str, Any]) -> bytes:
    """Give what a correction says of its original, and what it changes."""
    return _of(record, _OF_CORRECTION)


def _of(record: Mapping[str, Any], names: tuple[str, ...]) -> bytes:
    """Give some fields; v3 takes zloty where no currency is said."""
    return dumps({"currency": "PLN", **{name: record[name] for name in names if name in record}})


def read(evidence: bytes) -> dict[str, Any]:
    """Give it as a record."""
    found: dict[str, Any] = loads(evidence.decode())
    return found
