"""Looking in the account for a document or a buyer that a create may have made.

v3 ignores filters that it does not know, so every match is checked again (v3-wire 3.2). What is the
outcome of another create, or older than the sending, is none.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from infakt_compat.codecs.json_text import loads
from infakt_compat.facade.sameness import same
from infakt_compat.migrate.importing import candidates
from infakt_compat.migrate.importing.engine import Engine, Item, Record
from infakt_compat.migrate.journal import Buyer, State
from infakt_compat.migrate.journal.schema import entries
from infakt_compat.migrate.planning.buyers import country_of, nip_digits
from infakt_compat.translate.compile import blank
from infakt_compat.v3 import BrokenAnswer, Documents
from infakt_compat.v3.api import Filter

#: What `is_it` compares, and what names a document.
_COMPARED = ("id", "uuid", "number", "kind", "status", "invoice_date", "client_id",
             "client_tax_code", "client_company_name", "gross_price")  # fmt: skip
#: A look-up that meets more rows than this cannot say that there is none.
_MOST_ROWS = 1000
#: v3's clock and ours may differ by so many seconds (own choice).
_SKEW = 600


class Several(Exception):
    """Several rows could be the one: which it is would be a guess. They are named."""


def numbered(engine: Engine, item: Item) -> list[Record]:
    """Give the account's documents that have a document's number."""
    return of_number(engine.family(item), item.entry.number or "")


def invoices(engine: Engine, number: str) -> list[Record]:
    """Give the account's VAT invoices of a number."""
    return [row for row in of_number(engine.v3.invoices, number) if row.get("kind") != "proforma"]


def of_number(documents: Documents, number: str) -> list[Record]:
    """Give a family's documents of a number."""
    rows = _bounded(documents.iterate({"number_eq": number}, order="id desc"))
    return [row for row in rows if row.get("number") == number]


def is_it(item: Item, row: Record) -> bool:
    """Say whether client, date, total and kind of a row are those of a document (issue 5)."""
    entry, planned = item.entry, loads(item.planned)
    if entry.day is not None and row.get("invoice_date") != entry.day:
        return False
    if entry.total is not None and row.get("gross_price") != entry.total:
        return False
    if entry.family == "invoices" and row.get("kind") != entry.kind:
        return False
    return _same_buyer(item, planned, row)


def _same_buyer(item: Item, planned: Mapping[str, Any], row: Record) -> bool:
    if item.client is not None and row.get("client_id") == item.client:
        return True
    ours, theirs = (nip_digits(one.get("client_tax_code")) for one in (planned, row))
    if ours or theirs:
        return ours == theirs
    name = "client_company_name"
    return same(planned.get(name), row.get(name))


def client_of(planned: Mapping[str, Any]) -> str:
    """Name the client of a planned document, for somebody who looks: name and tax number."""
    parts = (planned.get(name) for name in ("client_company_name", "client_tax_code"))
    return ", ".join(str(part) for part in parts if not blank(part))


def unnumbered(engine: Engine, item: Item) -> Record | None:
    """Give the document that a create without a number made, or None.

    Raises `Several` when more than one could be it.
    """
    entry = item.entry
    filters: dict[str, Filter] = {}
    if item.client is not None:
        filters["client_id_eq"] = item.client
    day = entry.day or datetime.fromtimestamp(item.sent_at / 1_000_000, UTC).date().isoformat()
    if entry.day is not None or not filters:
        filters["invoice_date_eq"] = day
    rows = _bounded(engine.family(item).iterate(filters, order="id desc"))
    fitting = [row for row in rows if is_it(item, row) and _young(row, item.sent_at)]
    fresh = others(engine, fitting, entry.family)
    if not fresh:
        return None
    if len(fresh) > 1 or _rivals(engine, item):
        raise Several(candidates.named(fresh))
    return fresh[0]


def of_day(documents: Documents, day: str) -> list[Record]:
    """Give a family's documents of one invoice date, as far as `is_it` compares them.

    Raises `BrokenAnswer` where v3 ignores the filter.
    """
    found = []
    for row in documents.iterate({"invoice_date_eq": day}, order="id desc", fields=_COMPARED):
        if row.get("invoice_date") != day:
            raise BrokenAnswer(f"a document of another day than {day}: v3 ignores the filter")
        found.append(row)
    return found


def others(engine: Engine, rows: list[Record], family: str) -> list[Record]:
    """Leave out a family's documents that are the outcome of this journal's creates."""
    taken = engine.documents.taken((int(row["id"]) for row in rows), family)
    return [row for row in rows if int(row["id"]) not in taken]


def _young(row: Record, since: int) -> bool:
    """Say whether a row may be as new as a sending; the classic v3 does not tell."""
    try:
        created = datetime.fromisoformat(str(row["created_at"])).timestamp()
    except (KeyError, ValueError):
        return True
    return created >= since / 1_000_000 - _SKEW


def _rivals(engine: Engine, item: Item) -> int:
    """Count other documents without number that are in doubt and say the same."""
    e, own = entries.c, item.entry
    query = select(func.count()).where(
        e.state == State.SENT.value, e.family == own.family, e.number.is_(None),
        e.day == own.day, e.total == own.total, e.place != own.place,
    )  # fmt: skip
    return engine.journal.database.read(lambda c: c.execute(query).scalar_one())


def client(engine: Engine, buyer: Buyer) -> Record | None:
    """Give the account's client that a buyer is, or None (issue 5).

    By the digits of the tax number and the country; without a number by all that its create would
    say. Of several the one with the very same name, or data, is taken; raises `Several` where that
    leaves more than one.
    """
    body = buyer.body
    digits = nip_digits(body.get("nip"))
    if digits:
        rows = _bounded(engine.v3.clients.iterate({"clean_nip_eq": digits}))
        found = [
            row
            for row in rows
            if nip_digits(row.get("nip")) == digits and country_of(row) == country_of(body)
        ]
    else:
        rows = _bounded(engine.v3.clients.iterate({"company_name_eq": str(body["company_name"])}))
        found = [
            row
            for row in rows
            if blank(row.get("nip"))
            and all(same(value, row.get(key)) for key, value in body.items())
        ]
    return _one(found, body)


def _one(found: list[Record], body: Mapping[str, Any]) -> Record | None:
    if len(found) <= 1:
        return found[0] if found else None
    named = [row for row in found if same(body.get("company_name"), row.get("company_name"))]
    if len(named) == 1:
        return named[0]
    alike = [row for row in named if all(same(v, row.get(k)) for k, v in body.items())]
    if len(alike) == 1:
        return alike[0]
    raise Several(", ".join(str(row["id"]) for row in found))


def _bounded(rows: Iterable[Record]) -> list[Record]:
    found = list(islice(rows, _MOST_ROWS + 1))
    if len(found) > _MOST_ROWS:
        raise BrokenAnswer(f"more than {_MOST_ROWS} rows: v3 ignores the filter")
    return found
