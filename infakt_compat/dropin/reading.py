"""What a request gives besides its address: parameters, the id, the body (v2-wire 1, 7)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from attrs import define, field

from infakt_compat.codecs.tree import Markup, Twice
from infakt_compat.codecs.v2_body import Kind, read_body
from infakt_compat.dropin.messages import Request
from infakt_compat.dropin.routes import Form, Match
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.tables.load import tables

_MOST_PARAMETERS = 1000
_FORM = "application/x-www-form-urlencoded"
#: What authenticates a request is no part of what it asks for.
_OAUTH = ("oauth_", "x_auth_")


@define
class Asked:
    """One request that a route fits; the body is read when something in it is looked for."""

    match: Match
    _request: Request
    _query: dict[str, list[str]] | None = field(default=None, init=False)
    _tree: Any = field(default=None, init=False)

    def id(self) -> Any:
        """Give the id: of the path, else the query, else the body; None when there is none.

        A name that must not stand for the id is a fault when it comes alone (decisions.md 5).
        """
        route = self.match.route
        if self.match.id:
            return self.match.id
        for look in (self._in_query, self._in_body):
            for name in route.ids:
                value = look(name)
                if value is not None and value != "":
                    return value
        for name in route.not_ids:
            if self.parameter(name) not in (None, ""):
                raise ConversionError([Fault("id.invalid", name, "give id or invoice_id")])
        return None

    def parameter(self, name: str) -> Any:
        """Give a parameter: of the query, else of the body; None when it was not given."""
        value = self._in_query(name)
        return self._in_body(name) if value is None else value

    def tree(self) -> Any:
        """Give the body as a tree; `{}` for a blank one and for PHP's empty array.

        Raises `ConversionError` for a body that cannot be read.
        """
        if self._tree is None:
            self._tree = _read(self._request, self.match.form)
        return self._tree

    def _in_query(self, name: str) -> str | None:
        if self._query is None:
            self._query = _parameters(self._request.query)
        values = self._query.get(name)
        if values is None:
            return None
        if len(set(values)) > 1:
            raise ConversionError([Fault("field.twice", name)])
        return values[0]

    def _in_body(self, name: str) -> Any:
        """Look beside the record and in it: both were seen."""
        tree = self.tree()
        envelope = _envelopes().get(self.match.route.resource)
        for record in (tree, tree.get(envelope) if isinstance(tree, Mapping) else None):
            if isinstance(record, Mapping) and name in record:
                return _plain(record, name)
        return None


def _plain(record: Mapping[str, Any], name: str) -> Any:
    """Give a plain value that was given once."""
    if isinstance(record, Twice) and name in record.names:
        raise ConversionError([Fault("field.twice", name)])
    value = record[name]
    if isinstance(value, Mapping | list | Markup):
        raise ConversionError([Fault("field.type", name)])
    return value


def _envelopes() -> dict[str, str]:
    """Name the record of each resource of the addresses."""
    sides = (resource.v2 for resource in tables().resources.values())
    return {side.list: side.envelope for side in sides}


def _parameters(query: str) -> dict[str, list[str]]:
    """Read a query: each name with all its values."""
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise ConversionError([Fault("form.invalid", "", str(error))]) from None
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _read(request: Request, form: Form) -> Any:
    body = request.body
    if not body.strip():
        return {}
    kind, charset = _content_type(request.header("Content-Type") or "", form)
    if kind == "form":
        body = b"&".join(part for part in body.split(b"&") if not _secret(part))
    tree = read_body(body, kind, charset) if body else {}
    return {} if tree == [] else tree


def _secret(part: bytes) -> bool:
    return part.decode("ascii", "replace").lower().startswith(_OAUTH)


def _content_type(header: str, form: Form) -> tuple[Kind, str | None]:
    """Say what a body is, and its charset; what names none of the three is as the suffix says."""
    media, _, rest = header.partition(",")[0].partition(";")
    media = media.strip().lower()
    charset = None
    for one in rest.split(";"):
        name, _, value = one.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip("\"'") or None
    if media == _FORM:
        return "form", None
    for kind in ("json", "xml"):
        if media.endswith((f"/{kind}", f"+{kind}", f"/x-{kind}")):
            return kind, charset
    return form, charset
