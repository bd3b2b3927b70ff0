"""What each document URL does (v3-wire 1, 6)."""

from __future__ import annotations

from typing import Any

from . import delivery, documents, ksef, render, sharing, tasks
from .coerce import blank, to_bool, to_date
from .errors import ApiError, bad_value, business, not_found
from .kinds import INVOICES, Family
from .messages import Request, Response, answer, empty, ok
from .numbers import INFIX
from .paging import DOCUMENT_FILTERS, Listing, respond, show
from .store import Record
from .world import World


def document(world: World, family: Family, reference: str) -> Record:
    """Find the document of a URL: by uuid today, by integer id in the classic dialect.

    A uuid of another family is 404 (v3-wire 3.1).
    """
    if world.classic:
        number = int(reference) if reference.isdecimal() else 0
        doc = world.store.get(family.path, number)
    else:
        doc = world.store.find(family.path, reference)
    if doc is None:
        raise not_found()
    return ksef.settle(world, family, doc)


def listing(world: World, request: Request, family: Family) -> Response:
    """GET /{family}.json."""
    how = Listing(
        filters=DOCUMENT_FILTERS,
        order=("invoice_date", True),
        orderable=tuple(k for k in family.list_keys(world.classic) if k != "services"),
        render=lambda doc: render.listed(world, family, doc),
        offset_only=world.classic,
    )
    kept = world.store.collections[family.path]
    return respond(request, how, world.store.all(family.path), kept.ordered)


def detail(world: World, request: Request, family: Family, reference: str) -> Response:
    """GET /{family}/{x}.json."""
    return show(request, render.detailed(world, family, document(world, family, reference)))


def create(world: World, request: Request, family: Family) -> Response:
    """POST /{family}.json, the synchronous create: 201 with the bare object (v3-wire 1.1)."""
    if not world.classic and family.sync_create == "broken":
        raise ApiError(500, {"status": 500, "error": "Internal Server Error"})
    if not world.classic and family.sync_create == "none":
        raise not_found()
    data = request.envelope(family.envelope)
    documents.refuse_over_plan(world)
    doc = documents.create(world, family, data)
    shown = render.detailed(world, family, doc)
    if "uuid" in shown and not world.option("quirks")["sync_uuid"]:
        shown["uuid"] = None
    return answer(201, shown)


def update(world: World, request: Request, family: Family, reference: str) -> Response:
    """PUT /{family}/{x}.json: 200 with the full object."""
    doc = document(world, family, reference)
    doc = documents.update(world, family, doc, request.envelope(family.envelope))
    return ok(render.detailed(world, family, doc))


def delete(world: World, _: Request, family: Family, reference: str) -> Response:
    """DELETE /{family}/{x}.json: 204."""
    documents.delete(world, family, document(world, family, reference))
    return empty(204)


def create_later(world: World, request: Request, family: Family) -> Response:
    """POST /async/{family}.json: accepted whatever it holds (v3-wire 1.2)."""
    data = request.envelope(family.envelope)
    to_ksef = to_bool(request.json.get("send_to_ksef"))
    if to_ksef:
        ksef.check_integration(world)
    documents.refuse_over_plan(world)
    work = {"data": data, "send_to_ksef": to_ksef}
    return answer(201, tasks.accept(world, family, tasks.CREATE, work))


def task_status(world: World, _: Request, family: Family, reference: str) -> Response:
    """GET /async/{family}/status/{reference}.json."""
    return ok(tasks.look(world, family, reference))


def paid(world: World, request: Request, family: Family, reference: str) -> Response:
    """POST /{family}/{x}/paid.json, the synchronous way: 204."""
    doc = document(world, family, reference)
    documents.mark_paid(world, family, doc, _paid_date(request))
    return empty(204)


def paid_later(world: World, request: Request, family: Family, reference: str) -> Response:
    """POST /async/invoices/{u}/paid.json: a task that ends with 200 or 422 (v3-wire 1.3)."""
    doc = document(world, family, reference)
    work = {"invoice_uuid": doc["uuid"], "paid_date": _paid_date(request)}
    return answer(201, tasks.accept(world, family, tasks.PAID, work))


def _paid_date(request: Request) -> Any:
    nested = request.json.get(INVOICES.envelope)
    inner = nested.get("paid_date") if isinstance(nested, dict) else None
    return request.option("paid_date") or inner


def next_number(world: World, request: Request, family: Family) -> Response:
    """GET /{family}/next_number.json?kind=&date= (v3-wire 6); an unknown kind is vat."""
    kind, shown = family.kind, family.envelope
    if family is INVOICES:
        asked = request.params.get("kind", "vat")
        kind = shown = asked if asked in INFIX and asked != "correction" else "vat"
    owner = family if family is not INVOICES else _owner(kind)
    day = _date(request.params.get("date")) or world.clock.today().isoformat()
    number = documents.next_number(world, owner, kind, day)
    return ok({"next_number": number, "invoice_date": day, "invoice_kind": shown})


def _owner(kind: str) -> Family:
    from .kinds import FAMILIES

    return next((family for family in FAMILIES if family.kind == kind), INVOICES)


def _date(text: str | None) -> str | None:
    try:
        return to_date(text)
    except ValueError as error:
        raise bad_value("date") from error


def pdf(world: World, request: Request, family: Family, reference: str) -> Response:
    """GET /{family}/{x}/pdf.json: raw bytes; parameters in the query or in a JSON body."""
    doc = document(world, family, reference)
    options = (request.option("document_type"), request.option("locale"))
    body = delivery.make_pdf(world, family, doc, *options)
    return Response(200, body, {"Content-Type": "application/pdf"})


def xml(world: World, _: Request, family: Family, reference: str) -> Response:
    """GET /{family}/{x}/download_xml.json: books a draft (v3-wire 6)."""
    doc = document(world, family, reference)
    if doc["status"] == "draft":
        doc = delivery.reach(world, family, doc, "printed")
    return Response(200, ksef.xml(doc), {"Content-Type": "application/xml"})


def email(world: World, request: Request, family: Family, reference: str) -> Response:
    """POST /{family}/{x}/deliver_via_email.json: 202, empty."""
    doc = document(world, family, reference)
    options = (request.option(name) for name in ("print_type", "locale", "recipient"))
    delivery.send_email(world, family, doc, *options)
    return empty(202)


def post(world: World, _: Request, family: Family, reference: str) -> Response:
    """POST /invoices/{id}/deliver_via_post.json, in the classic dialect only."""
    doc = document(world, family, reference)
    if blank(doc["client_street"]) or blank(doc["client_post_code"]):
        raise business("Nie można wysłać faktury: adres Klienta jest nieznany.")
    delivery.reach(world, family, doc, "sent")
    return empty(202)


def accounted(world: World, _: Request, family: Family, reference: str) -> Response:
    """PUT /{family}/{x}/mark_as_accounted.json."""
    doc = document(world, family, reference)
    doc = world.store.put(family.path, {**doc, "_accounted": True})
    return ok(render.detailed(world, family, doc))


def share(world: World, request: Request, family: Family, reference: str) -> Response:
    """GET, POST and DELETE /{family}/{x}/share_links.json."""
    doc = document(world, family, reference)
    if request.method == "POST":
        return answer(201, sharing.share(world, family, doc))
    if request.method == "DELETE":
        return ok(sharing.unshare(world, family, doc))
    return ok(sharing.shared(doc))


def prolong(world: World, _: Request, family: Family, reference: str) -> Response:
    """POST /{family}/{x}/share_links/prolong.json."""
    return ok(sharing.prolong(world, family, document(world, family, reference)))


def payments(world: World, request: Request, family: Family, reference: str) -> Response:
    """GET, POST and DELETE /{family}/{x}/quick_payments.json."""
    doc = document(world, family, reference)
    if request.method == "POST":
        return answer(201, sharing.start_payment(world, family, doc))
    if request.method == "DELETE":
        sharing.end_payment(world, family, doc)
        return empty(204)
    return ok(sharing.payment(doc))


def attachments(world: World, request: Request, family: Family, reference: str) -> Response:
    """GET /{family}/{x}/attachments.json."""
    doc = document(world, family, reference)
    own = [a for a in world.store.all("attachments") if a["document_id"] == doc["id"]]
    how = Listing(
        filters={},
        order=("id", False),
        render=lambda record: sharing.attachment(world, request, record),
        offset_only=True,
    )
    return respond(request, how, own)


def attachment(
    world: World, request: Request, family: Family, reference: str, number: str
) -> Response:
    """GET /{family}/{x}/attachments/{id}.json."""
    doc = document(world, family, reference)
    record = world.store.get("attachments", int(number)) if number.isdecimal() else None
    if record is None or record["document_id"] != doc["id"]:
        raise not_found()
    return show(request, sharing.attachment(world, request, record))


def send_to_ksef(world: World, _: Request, family: Family, reference: str) -> Response:
    """POST /{family}/{x}/send_to_ksef.json."""
    return ok(ksef.send(world, family, document(world, family, reference))["ksef_data"])


def ksef_send(world: World, _: Request, uuid: str) -> Response:
    """POST /ksef2/documents/{u}/send.json."""
    family, doc = ksef.find(world, uuid)
    return ok(ksef.send(world, family, doc)["ksef_data"])


def ksef_send_many(world: World, request: Request) -> Response:
    """POST /ksef2/documents/send.json with `uuids`."""
    uuids = request.json.get("uuids")
    if not isinstance(uuids, list):
        raise bad_value("uuids")
    found = [ksef.find(world, str(uuid)) for uuid in uuids]
    return ok({"entities": [ksef.send(world, f, doc)["ksef_data"] for f, doc in found]})


def ksef_status(world: World, _: Request, uuid: str) -> Response:
    """GET /ksef2/documents/{u}/status.json; `pending` before anything was sent."""
    family, doc = ksef.find(world, uuid)
    doc = ksef.settle(world, family, doc, looked=True)
    return ok(doc["ksef_data"] or {"invoice_uuid": doc["uuid"], "status": "pending"})


def ksef_xml(world: World, request: Request, uuid: str) -> Response:
    """GET /ksef2/documents/{u}/download_xml.json."""
    family, _ = ksef.find(world, uuid)
    return xml(world, request, family, uuid)


def ksef_integration(world: World, _: Request) -> Response:
    """GET /ksef2/integration.json; its shape is not documented."""
    return ok({"active": bool(world.option("account")["ksef"])})


def ksef_gone(_: World, __: Request) -> Response:
    """Anything below /ksef/ is gone since KSeF 2 (v3-wire 2.2)."""
    raise ApiError(410, {"error": ksef.GONE})
