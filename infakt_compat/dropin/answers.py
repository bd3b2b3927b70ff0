"""v2's answers and errors as bytes and headers (decisions.md 6, v2-wire 6)."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from infakt_compat.codecs.json_text import dumps
from infakt_compat.codecs.v2_answers import json_answer, xml_answer
from infakt_compat.codecs.v2_errors import write_error
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.routes import Form, Match, NotServed
from infakt_compat.errors import Fault
from infakt_compat.facade.errors import V2Error, answers, named
from infakt_compat.facade.faults import Faults
from infakt_compat.notices import Notice
from infakt_compat.tables.load import tables
from infakt_compat.tables.routes import routes
from infakt_compat.tables.texts import sentence

NOTICES = "X-Infakt-Compat-Notices"
_MOST_HEADER = 1000
_MOST_TEXT = 2000
_URL_SIGNS = "/%:@!$&'()*+,;=~?"
# What XML, JSON or a terminal cannot hold.
_BAD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def success(
    found: Match,
    tree: Mapping[str, Any],
    notices: tuple[Notice, ...],
    told: Callable[[], object],
    quantity_as_number: bool,
) -> Answer:
    """Write an answer; raises `ConversionError` for what the asked format cannot hold."""
    if found.form == "xml":
        body = xml_answer(tree)
    else:
        body = json_answer(tree, quantity_as_number=quantity_as_number)
    kind = routes().formats[found.form]
    return Answer(200, kind, body, _said(notices), found.route.name, notices, told)


def failure(form: Form, error: V2Error, verb: str = "", notices: tuple[Notice, ...] = ()) -> Answer:
    """Write an error: JSON, or the `<hash>` that Rails made of it."""
    tree = _clean(error.body)
    body = write_error(tree) if form == "xml" else dumps(tree)
    headers = _said(notices)
    if error.retry_after is not None:
        headers += (("Retry-After", str(error.retry_after)),)
    return Answer(error.status, routes().formats[form], body, headers, verb, notices)


def invalid(resource: str, faults: Iterable[Fault], url: str, message: str = "") -> V2Error:
    """Make the 409 that names what cannot be read, or cannot be written."""
    rule = answers().of_status(409, "")
    records = {each.v2.list: name for name, each in tables().resources.items()}
    found, listed = Faults(records[resource]), tuple(faults)
    found.take(listed)
    body = {
        "message": message or rule.message,
        "request": named(url, rule.whole),
        "errors": found.tree(),
        "details": " ".join(f"{fault}: {sentence(fault.code, 'en')}" for fault in listed),
    }
    return V2Error(rule.status, body, whole=rule.whole)


def not_served(error: NotServed, url: str) -> Answer:
    """Answer 404 for what is not at this address."""
    return failure(error.form, own_error(404, error.message, url, error.details))


def own_error(
    status: int, message: str, url: str, details: str = "", retry_after: int | None = None
) -> V2Error:
    """Make an error in words of our own."""
    whole = status == 404
    body = {"message": message, "request": named(url, whole)}
    if details:
        body["details"] = details
    return V2Error(status, body, retry_after=retry_after, whole=whole)


def public_url(request: Request, base: str) -> str:
    """Give the URL that the caller asked, whatever it sent, in ASCII."""
    path = "/" + quote(request.path, _URL_SIGNS, errors="replace").replace("?", "%3F").lstrip("/")
    query = quote(request.query, _URL_SIGNS, errors="replace")
    return f"{base}{path}{'?' if query else ''}{query}"


def _said(notices: Iterable[Notice]) -> tuple[tuple[str, str], ...]:
    """Give the header of notices: each code with its path once, no values (decisions.md 1)."""
    said = dict.fromkeys(
        f"{notice.code} {quote(notice.path, '[].', errors='replace')}".strip() for notice in notices
    )
    text, left = "", len(said)
    for one in said:
        if len(text) + len(one) > _MOST_HEADER:
            break
        text += f"{', ' if text else ''}{one}"
        left -= 1
    if left:
        text += f"{', ' if text else ''}and {left} more"
    return ((NOTICES, text),) if text else ()


def _clean(value: Any) -> Any:
    """Give texts of an error as every format can hold them, and no longer than anyone reads."""
    if isinstance(value, str):
        text = value if len(value) <= _MOST_TEXT else value[:_MOST_TEXT] + "..."
        return _BAD.sub(lambda sign: f"\\x{ord(sign[0]):02x}", text)
    if isinstance(value, Mapping):
        return {name: _clean(each) for name, each in value.items()}
    return [_clean(each) for each in value]
