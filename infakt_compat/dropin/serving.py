"""From an admitted request to v2's answer (decisions.md 5 and 6, v2-wire 1 to 3)."""

from collections.abc import Callable
from typing import Any

from infakt_compat.dropin.answers import (
    failure,
    invalid,
    not_served,
    own_error,
    public_url,
    success,
)
from infakt_compat.dropin.links import Links, PdfLink
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.reading import Asked
from infakt_compat.dropin.routes import NotServed, asked_form, match
from infakt_compat.errors import ConversionError
from infakt_compat.facade import Api, V2Error
from infakt_compat.notices import Notice
from infakt_compat.tables.routes import routes

PDF = "application/pdf"
_SHOWING = ("list", "show")


def _nothing(_: object = None) -> None:
    """Do nothing."""


def serve(
    api: Api,
    request: Request,
    links: Links,
    *,
    quantity_as_number: bool = False,
    on_error: Callable[[V2Error], object] = _nothing,
) -> Answer:
    """Answer a request under /api/v2 for the account of `api`.

    Never raises for what a caller sends: every refusal is an answer in the asked format, with one
    of v2's statuses. `links.base` begins the `request` of errors. `Answer.told` is to be called
    once the answer has gone out. `quantity_as_number` gives `ilosc` as JSON's number. `on_error` is
    given each error of the facade before it becomes an answer; what it raises passes through.
    """
    url = public_url(request, links.base)
    try:
        found = match(request.method, request.path)
    except NotServed as error:
        return not_served(error, url)
    route, form = found.route, found.form
    try:
        tree, told = _done(api, Asked(found, request), links)
    except ConversionError as error:
        return failure(form, invalid(route.resource, error.faults, url), route.name)
    except V2Error as error:
        on_error(error)
        return failure(form, error.asked(url), route.name, api.last_notices)
    notices = api.last_notices
    try:
        return success(found, tree, notices, told, quantity_as_number)
    except ConversionError as error:
        if route.verb in _SHOWING:
            not_held = invalid(route.resource, error.faults, url, routes().messages["not_held"])
            return failure(form, not_held, route.name, notices)
        notices += tuple(Notice(fault.code, "warning", fault.path) for fault in error.faults)
        return success(found, _ids(tree), notices, told, quantity_as_number)


def _done(api: Api, asked: Asked, links: Links) -> tuple[dict[str, Any], Callable[[], object]]:
    """Do what a request asks for; gives the tree of the answer, and what to call once it is out."""
    route = asked.match.route
    verbs = getattr(api, route.resource)
    if route.verb == "create":
        made = verbs.making(asked.tree())
        return made.answer, made.told
    given = {name: asked.parameter(name) for name in route.parameters}
    places = [asked.id()] if route.ids else []
    bodies = [asked.tree()] if route.body else []
    if route.verb == "pdf":
        paper = routes().paper(given["doc_type"])
        number = api.invoices.known(*places)
        return {"pdf": links.url(api.account, number, paper.doc_type)}, _nothing
    return getattr(verbs, route.verb)(*places, *bodies, **given), _nothing


def _ids(tree: dict[str, Any]) -> dict[str, Any]:
    """Leave of each record its id, with which v2's records begin: what is done is not refused."""
    return {name: dict([next(iter(record.items()))]) for name, record in tree.items()}


def serve_pdf(
    api: Api, link: PdfLink, *, on_error: Callable[[V2Error], object] = _nothing
) -> Answer:
    """Answer an opened link with the PDF, read from v3; `api` is that of `link.account`.

    What goes wrong is an answer in JSON with v2's status; `on_error` as for `serve`.
    """
    name = "files.pdf"
    try:
        paper = api.invoices.pdf(link.id, link.doc_type)
    except V2Error as error:
        on_error(error)
        return failure("json", error, name, api.last_notices)
    headers = (
        ("Content-Disposition", f'inline; filename="faktura_{link.id}.pdf"'),
        ("Cache-Control", "private, no-store"),
    )
    return Answer(200, PDF, paper, headers, name, api.last_notices)


def refusal(
    request: Request, links: Links, status: int, message: str, retry_after: int | None = None
) -> Answer:
    """Answer with an error of the gateway's own, in the format that the request's path asks for."""
    error = own_error(status, message, public_url(request, links.base), retry_after=retry_after)
    return failure(asked_form(request.path), error)
