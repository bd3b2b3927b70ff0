"""The table of URLs, by dialect, with the scopes they need (v3-wire 0, 6, 7, 8)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from . import account, documents, endpoints, registers
from .countries import COUNTRIES
from .errors import not_found
from .kinds import FAMILIES, INVOICES
from .messages import Request, Response, answer, empty, ok
from .paging import Listing, Predicates, respond, show
from .reference import (
    DOCUMENT_MARKINGS,
    FLAT_RATES,
    GTUS,
    TRANSACTION_KINDS,
    VAT_EXEMPTIONS,
    VAT_RATES,
)
from .registers import REGISTERS, Register
from .store import Record
from .world import World

Handler = Callable[..., Response]
Scopes = tuple[str, ...]
READ: Scopes = ("api:invoices:read",)
WRITE: Scopes = ("api:invoices:write",)


class Router:
    """Finds the handler of a method and a path; `{}` in a pattern takes one segment."""

    def __init__(self) -> None:
        """Start without routes."""
        self._routes: dict[tuple[str, int], list[tuple[tuple[str, ...], Handler, Scopes]]] = {}

    def add(self, methods: str, pattern: str, handler: Handler, scopes: Scopes) -> None:
        """Add a route; of two that fit, the one added first is taken."""
        segments = tuple(pattern.split("/"))
        for method in methods.split():
            kept = self._routes.setdefault((method, len(segments)), [])
            kept.append((segments, handler, scopes))

    def find(self, method: str, path: str) -> tuple[Handler, Scopes, list[str]]:
        """Find handler, scopes and taken segments; 404 when there is none."""
        given = path.strip("/").split("/")
        for segments, handler, scopes in self._routes.get((method, len(given)), []):
            if all(s in ("{}", g) for s, g in zip(segments, given, strict=True)):
                taken = [g for s, g in zip(segments, given, strict=True) if s == "{}"]
                return handler, scopes, taken
        if given[0] == "ksef":
            return endpoints.ksef_gone, (), []
        raise not_found()


def build(classic: bool) -> Router:
    """All routes of a dialect."""
    router = Router()
    _reference(router)
    for family in FAMILIES:
        _documents(router, family.path, partial(_bound, family))
    if classic:
        post = _bound(INVOICES, endpoints.post)
        router.add("POST", "invoices/{}/deliver_via_post", post, WRITE)
    else:
        _today(router)
    return router


def _today(router: Router) -> None:
    """Add what the classic dialect does not have: tasks and KSeF."""
    for family in FAMILIES:
        bound, path = partial(_bound, family), family.path
        router.add("POST", f"{path}/{{}}/send_to_ksef", bound(endpoints.send_to_ksef), WRITE)
        router.add("GET", f"{path}/{{}}/download_xml", bound(endpoints.xml), READ)
        router.add("POST", f"async/{path}", bound(endpoints.create_later), WRITE)
        router.add("GET", f"async/{path}/status/{{}}", bound(endpoints.task_status), READ)
    paid = _bound(INVOICES, endpoints.paid_later)
    router.add("POST", "async/invoices/{}/paid", paid, WRITE)
    _ksef(router)


def _bound(family: Any, handler: Handler) -> Handler:
    def call(world: World, request: Request, *taken: str) -> Response:
        return handler(world, request, family, *taken)

    return call


def _documents(router: Router, path: str, bound: Callable[[Handler], Handler]) -> None:
    one = f"{path}/{{}}"
    for methods, pattern, handler, scopes in (
        ("GET", path, endpoints.listing, READ),
        ("POST", path, endpoints.create, WRITE),
        ("GET", f"{path}/next_number", endpoints.next_number, READ),
        ("GET", one, endpoints.detail, READ),
        ("PUT PATCH", one, endpoints.update, WRITE),
        ("DELETE", one, endpoints.delete, WRITE),
        ("GET", f"{one}/pdf", endpoints.pdf, READ),
        ("POST", f"{one}/deliver_via_email", endpoints.email, WRITE),
        ("POST", f"{one}/paid", endpoints.paid, WRITE),
        ("PUT", f"{one}/mark_as_accounted", endpoints.accounted, WRITE),
        ("GET", f"{one}/share_links", endpoints.share, READ),
        ("POST DELETE", f"{one}/share_links", endpoints.share, WRITE),
        ("POST", f"{one}/share_links/prolong", endpoints.prolong, WRITE),
        ("GET", f"{one}/quick_payments", endpoints.payments, READ),
        ("POST DELETE", f"{one}/quick_payments", endpoints.payments, WRITE),
        ("GET", f"{one}/attachments", endpoints.attachments, READ),
        ("GET", f"{one}/attachments/{{}}", endpoints.attachment, READ),
    ):
        router.add(methods, pattern, bound(handler), scopes)


def _ksef(router: Router) -> None:
    router.add("POST", "ksef2/documents/send", endpoints.ksef_send_many, WRITE)
    router.add("POST", "ksef2/documents/{}/send", endpoints.ksef_send, WRITE)
    router.add("GET", "ksef2/documents/{}/status", endpoints.ksef_status, READ)
    router.add("GET", "ksef2/documents/{}/download_xml", endpoints.ksef_xml, READ)
    router.add("GET", "ksef2/integration", endpoints.ksef_integration, ())


def _reference(router: Router) -> None:
    for register in REGISTERS:
        _register(router, register)
    tables: tuple[tuple[str, list[Record], Predicates], ...] = (
        ("vat_rates", VAT_RATES, {}),
        ("flat_rates", FLAT_RATES, {"rate": ("eq",)}),
        ("countries", COUNTRIES, {"english_name": ("eq",)}),
        ("gtus/selected", GTUS[:1], {}),
        ("gtus", GTUS, {}),
        ("documents_markings", DOCUMENT_MARKINGS, {}),
        ("transaction_kinds", TRANSACTION_KINDS, {}),
        ("vat_exemptions/selected", VAT_EXEMPTIONS[:1], {}),
    )
    for path, rows, filters in tables:
        _table(router, path, rows, Listing(filters, None, _columns(rows)))
    how = Listing({}, None, _columns(VAT_EXEMPTIONS))
    router.add("GET", "vat_exemptions", partial(_exemptions, how), READ)
    router.add("GET", "vat_exemptions/{}", _exemption, READ)
    router.add("GET", "account/details", account.details, ())
    router.add("GET", "account/activities", account.activities, ())


def _columns(rows: list[Record]) -> tuple[str, ...]:
    return tuple(rows[0])


def _table(router: Router, path: str, rows: list[Record], how: Listing) -> None:
    def listing(_: World, request: Request) -> Response:
        return respond(request, how, rows)

    def detail(_: World, request: Request, number: str) -> Response:
        return _one(request, rows, number)

    router.add("GET", path, listing, READ)
    if "/" not in path:
        router.add("GET", f"{path}/{{}}", detail, READ)


def _one(request: Request, rows: list[Record], number: str) -> Response:
    for row in rows:
        if str(row["id"]) == number:
            return show(request, row)
    raise not_found()


def _exemptions(how: Listing, world: World, request: Request) -> Response:
    return respond(request, how, documents.exemptions(world))


def _exemption(world: World, request: Request, number: str) -> Response:
    return _one(request, documents.exemptions(world), number)


def _register(router: Router, register: Register) -> None:
    read: Scopes = (f"{register.scope}:read",)
    write: Scopes = (f"{register.scope}:write",)
    one = f"{register.path}/{{}}"
    if register.path == "bank_accounts":
        read = (*read, *write)  # only the write scope is in every source
    router.add("GET", register.path, partial(_list_register, register), read)
    router.add("POST", register.path, partial(_create, register), write)
    router.add("GET", one, partial(_show, register), read)
    router.add("PUT PATCH", one, partial(_update, register), write)
    router.add("DELETE", one, partial(_delete, register), write)


def _list_register(register: Register, world: World, request: Request) -> Response:
    filters: Predicates = register.filters
    columns = ("id", *register.unset)
    how = Listing(
        filters, register.order, columns, lambda r: registers.shown(world, register, r),
        offset_only=world.classic,
    )  # fmt: skip
    unstable = register.order is None and world.option("quirks")["unstable_clients"]
    seed = world.seed if unstable else None
    return respond(request, how, world.store.all(register.path), shuffle_seed=seed)


def _create(register: Register, world: World, request: Request) -> Response:
    record = registers.create(world, register, request.envelope(register.envelope))
    return answer(201, registers.shown(world, register, record))


def _show(register: Register, world: World, request: Request, number: str) -> Response:
    record = registers.find(world, register, number)
    return show(request, registers.shown(world, register, record))


def _update(register: Register, world: World, request: Request, number: str) -> Response:
    record = registers.find(world, register, number)
    record = registers.update(world, register, record, request.envelope(register.envelope))
    return ok(registers.shown(world, register, record))


def _delete(register: Register, world: World, _: Request, number: str) -> Response:
    registers.delete(world, register, registers.find(world, register, number))
    return empty(204)
