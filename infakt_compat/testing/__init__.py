"""Hypothesis strategies for inFakt v2 and v3 documents, for tests of legacy callers.

Needs the extra ``[testing]``. Everything here is written by hand from what the two APIs said on the
wire, never from the tables that the translation is made of, so that a wrong table cannot prove
itself.

Strategies of v2:

* :func:`v2_invoices` and :func:`v2_clients` give *canonical* records: every readable field, in the
  order of v2's own field list; amounts and quantities as :class:`~decimal.Decimal` (in units of the
  currency, not in grosze), ids as ``int``, dates as ``YYYY-MM-DD``, absent text as ``""`` and
  everything else that is absent as ``None``.
* :func:`spelled`, :func:`v2_spelled_invoices` and :func:`v2_spelled_clients` give such a record the
  way callers and the service really wrote it, as a pair ``(document, canonical)``.
* :func:`v2_changes` gives what a caller may make of a record that it was shown.

Strategies of v3: :func:`v3_invoices` and :func:`v3_clients` give live documents of today's shape;
amounts are ``int`` in grosze (hundredths), quantities ``int``, ``Decimal`` or text such as
``"1.0"``.

A pytest fixture with a stand-in of v3 is in :mod:`infakt_compat.testing.fixtures`, which is
imported only where it is asked for.
"""

from infakt_compat.testing.record import Record
from infakt_compat.testing.v2_documents import v2_clients, v2_invoices
from infakt_compat.testing.v2_edits import v2_changes
from infakt_compat.testing.v2_spelling import spelled, v2_spelled_clients, v2_spelled_invoices
from infakt_compat.testing.v3_documents import v3_clients, v3_invoices
from infakt_compat.testing.values import (
    V2_KINDS,
    V2_PAYMENT_METHODS,
    V2_RATES,
    V2_STATUSES,
    V3_KINDS,
)

__all__ = [
    "V2_KINDS",
    "V2_PAYMENT_METHODS",
    "V2_RATES",
    "V2_STATUSES",
    "V3_KINDS",
    "Record",
    "spelled",
    "v2_changes",
    "v2_clients",
    "v2_invoices",
    "v2_spelled_clients",
    "v2_spelled_invoices",
    "v3_clients",
    "v3_invoices",
]
