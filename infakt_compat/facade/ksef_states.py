"""What v3 shows of an invoice and KSeF: pending, sent, success, error, rejected (v3-wire 6)."""

from collections.abc import Mapping
from typing import Any

_UNDER_WAY = ("pending", "sent")
_FAILED = ("error", "rejected")
_SUCCESS = "success"


def issued(record: Mapping[str, Any]) -> bool:
    """Say whether it is a VAT invoice and no draft: those go to KSeF, proformas never do."""
    return record.get("kind") == "vat" and record.get("status") != "draft"


def data_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what a v3 invoice says of KSeF, nothing when it was never sent."""
    data = record.get("ksef_data")
    return data if isinstance(data, Mapping) else {}


def status_of(record: Mapping[str, Any]) -> str:
    """Give the status with KSeF, "" when it was never sent."""
    if record.get("ksef_number"):
        return _SUCCESS
    return str(data_of(record).get("status") or "")


def accepted(record: Mapping[str, Any]) -> bool:
    """Say whether KSeF has accepted an invoice."""
    return status_of(record) == _SUCCESS or bool(data_of(record).get("ksef_number"))


def under_way(record: Mapping[str, Any]) -> bool:
    """Say whether KSeF is still to judge an invoice."""
    return status_of(record) in _UNDER_WAY


def failed(record: Mapping[str, Any]) -> bool:
    """Say whether KSeF, or the way there, has refused an invoice."""
    return status_of(record) in _FAILED
