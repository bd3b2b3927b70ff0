"""Lists: filters, order, fields, pages and their oddities (v3-wire 3.2, 3.3)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from .coerce import to_bool, to_date, to_text
from .errors import bad_value
from .fields_param import parse_fields
from .messages import Request, Response, ok
from .store import Record, sort_records

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
_Q = re.compile(r"q\[(\w+)\]")
_ORDER = re.compile(r"\s*(\w+)(?:\s+(asc|desc))?\s*", re.IGNORECASE)

TEXT = ("eq", "cont")
DATE = ("eq", "lt", "gt", "lteq", "gteq", "null")
EXACT = ("eq",)
Predicates = dict[str, tuple[str, ...]]

DOCUMENT_FILTERS: Predicates = {
    "number": TEXT, "invoice_date": DATE, "sale_date": DATE, "payment_date": DATE,
    "paid_date": DATE, "client_id": EXACT, "status": EXACT, "kind": EXACT, "currency": EXACT,
    "clean_client_nip": EXACT,
}  # fmt: skip
CLIENT_FILTERS: Predicates = {
    "nip": EXACT, "clean_nip": EXACT, "company_name": TEXT, "email": EXACT,
}  # fmt: skip
_DIGITS_OF = {"clean_client_nip": "client_tax_code", "clean_nip": "nip"}


@dataclass(frozen=True)
class Listing:
    """How one resource is listed; `order` None means that no order is promised."""

    filters: Predicates
    order: tuple[str, bool] | None
    orderable: tuple[str, ...] = ()
    render: Callable[[Record], Record] = dict
    offset_only: bool = False  # links carry no limit of their own (v3-wire 3.3, attachments)


def respond(
    request: Request,
    listing: Listing,
    records: list[Record],
    ordered: Callable[[str, bool], list[Record]] | None = None,
    shuffle_seed: int | None = None,
) -> Response:
    """Answer a page of records; `ordered` gives them sorted where nothing is filtered."""
    offset, limit = page_of(request)
    tests = filters_of(request, listing.filters)
    order = order_of(request, listing)
    if tests:
        records = [record for record in records if all(test(record) for test in tests)]
    if order is not None:
        cached = ordered is not None and not tests
        records = ordered(*order) if ordered and cached else sort_records(records, *order)
    elif shuffle_seed is not None and not tests:
        records = shuffled(records, shuffle_seed + offset)
    selection = parse_fields(request.params.get("fields"))
    shown = [selection.apply(listing.render(r)) for r in records[offset : offset + limit]]
    return ok({"metainfo": _metainfo(request, listing, len(records), offset), "entities": shown})


def show(request: Request, record: Record) -> Response:
    """One record, narrowed by `fields` (v3-wire 3.2: works on detail too)."""
    return ok(parse_fields(request.params.get("fields")).apply(record))


def page_of(request: Request) -> tuple[int, int]:
    """Offset and limit; a limit over 100 is 100, what is no number is refused with 400."""
    offset = _whole(request, "offset", 0, 0)
    return offset, min(MAX_LIMIT, _whole(request, "limit", DEFAULT_LIMIT, 1))


def filters_of(request: Request, known: Predicates) -> list[Callable[[Record], bool]]:
    """Make tests of the known filters; unknown keys are ignored, silently (v3-wire 3.2)."""
    asked = {m.group(1): v for k, v in request.query if (m := _Q.fullmatch(k))}
    if not asked and isinstance(request.json.get("q"), dict):
        asked = request.json["q"]
    tests = []
    for key, value in asked.items():
        field, _, predicate = key.rpartition("_")
        if predicate in known.get(field, ()):
            tests.append(_test(field, predicate, value))
    return tests


def order_of(request: Request, listing: Listing) -> tuple[str, bool] | None:
    """Return the asked order when the field is known, else the resource's own."""
    found = _ORDER.fullmatch(request.params.get("order", ""))
    if found and found.group(1) in listing.orderable:
        return found.group(1), (found.group(2) or "asc").lower() == "desc"
    return listing.order


def shuffled(records: list[Record], seed: int) -> list[Record]:
    """Return an order that changes from page to page, so that ids recur (v3-wire 3.2, clients)."""
    mixed = list(records)
    random.Random(seed).shuffle(mixed)
    return mixed


def _whole(request: Request, name: str, default: int, least: int) -> int:
    text = request.params.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < least:
        raise bad_value(name)
    return int(text)


def _test(field: str, predicate: str, value: Any) -> Callable[[Record], bool]:
    wanted = to_text(value) or ""
    if field in _DIGITS_OF:
        return lambda r: digits(r.get(_DIGITS_OF[field])) == digits(wanted)
    if predicate == "null":
        none = to_bool(wanted)
        return lambda r: (r.get(field) in (None, "")) is none
    if predicate == "cont":
        return lambda r: wanted.lower() in str(r.get(field) or "").lower()
    if field.endswith("_date"):
        return _date_test(field, predicate, wanted)
    return lambda r: to_text(r.get(field)) == wanted


def _date_test(field: str, predicate: str, wanted: str) -> Callable[[Record], bool]:
    try:
        day = to_date(wanted)
    except ValueError as error:
        raise bad_value(f"q[{field}_{predicate}]") from error
    compare: dict[str, Callable[[str], bool]] = {
        "eq": lambda own: own == day,
        "lt": lambda own: own < (day or ""),
        "gt": lambda own: own > (day or ""),
        "lteq": lambda own: own <= (day or ""),
        "gteq": lambda own: own >= (day or ""),
    }
    test = compare[predicate]
    return lambda r: bool(r.get(field)) and test(r[field])


def digits(value: Any) -> str:
    """Return the digits of a tax number."""
    return "".join(filter(str.isdecimal, str(value or "")))


def _metainfo(request: Request, listing: Listing, total: int, offset: int) -> Record:
    _, limit = page_of(request)
    return {
        # live, `count` is computed with a page size of 10, whatever the limit (v3-wire 3.3)
        "count": min(DEFAULT_LIMIT, max(0, total - offset)),
        "total_count": total,
        "next": _link(request, listing, offset + limit, limit),
        "previous": _link(request, listing, max(0, offset - limit), limit),
    }


def _link(request: Request, listing: Listing, offset: int, limit: int) -> str:
    """Link to a page on our own host, the caller's parameters in their places."""
    values = {"offset": str(offset), "limit": str(limit)}
    pairs = [(k, values.get(k, v)) for k, v in request.query]
    given = {key for key, _ in request.query}
    added = ("offset",) if listing.offset_only else ("offset", "limit")
    pairs += [(key, values[key]) for key in added if key not in given]
    query = "&".join(f"{quote_plus(k)}={quote_plus(v)}" for k, v in pairs)
    return f"http://{request.host}{request.full_path}?{query}"
