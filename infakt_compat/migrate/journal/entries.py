"""What stands in a journal, as values."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import frozen

from infakt_compat.errors import Fault, InfaktCompatError


class NoJournal(InfaktCompatError):
    """There is no journal at this place."""


class State(StrEnum):
    """How a document stands.

    `PLANNED` nothing was sent; `SENT` a request may have left, the outcome is not settled; `DONE`
    it is in the account, once; `REJECTED` it is not there, and the reasons say why; `UNKNOWN` it
    may be there: somebody has to look, and it is never sent again by itself.
    """

    PLANNED = "planned"
    SENT = "sent"
    DONE = "done"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


#: What is still to be brought about for a document that is done.
STATUS, PDF = "status", "pdf"


@frozen
class Entry:
    """One document of the sources.

    `place` is its row and its turn; `key` names the document (`keys.Keys`), `source` and `position`
    (from 1) say where it stood first. `family` is v3's resource ("invoices",
    "corrective_invoices", "clients"; "" for what is not created), `kind` v3's kind. `number` is the
    archive's own; `day` the invoice date, `total` the gross amount in grosze that v3 should show.
    `status` is the v3 status wanted, `paid_date` the date taken for a paid one and `paid_by` where
    it came from (given, payment, invoice, today, none). `id`, `uuid` and `v3_number` are v3's.
    `already`: the account had it before. `owing` names what v3 has not taken yet ("status", "pdf",
    or both, separated by a comma), `saved` says that its PDF is on the disk. `original` is the
    number that a correction corrects, `corrects` the place of that document's entry; `ready` is
    false for a correction whose original is looked for in the account. `faults` are the reasons of
    what is rejected or unknown.
    """

    place: int
    key: str
    source: str
    position: int
    resource: str
    family: str
    kind: str
    number: str | None
    v2_id: int | None
    v2_client: int | None
    day: str | None
    currency: str | None
    total: int | None
    buyer: int | None
    original: str | None
    corrects: int | None
    state: State
    attempts: int
    sent_at: int
    task: str | None
    status: str
    paid_date: str | None
    paid_by: str | None
    id: int | None
    uuid: str | None
    v3_number: str | None
    already: bool
    owing: str
    saved: bool
    ready: bool
    faults: tuple[Fault, ...]


@frozen
class Buyer:
    """One client of the account, whom documents name; `body` is what its create would send."""

    place: int
    identity: str
    state: State
    attempts: int
    sent_at: int
    body: Mapping[str, Any]
    id: int | None
    uuid: str | None
    already: bool
    faults: tuple[Fault, ...]


@frozen
class SourceRow:
    """One source as it was planned.

    `size` in bytes, `changed` its time stamp in nanoseconds, `digest` SHA-256 of its bytes.
    `documents` were read, `repeats` of them were documents that had come before. `faults` say why
    it could not be read to its end.
    """

    place: int
    name: str
    size: int
    changed: int
    digest: str
    form: str
    documents: int
    repeats: int
    faults: tuple[Fault, ...]


@frozen
class Totals:
    """How many entries of a family and kind are in a state.

    `owing` of them lack a step after their create, `unfinished` more than their PDF.
    """

    family: str
    kind: str
    state: State
    count: int
    owing: int
    unfinished: int
    already: int
