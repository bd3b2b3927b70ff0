"""Which verb a method and a path ask for, with which id and in which format (v2-wire 1)."""

from typing import Literal
from urllib.parse import unquote

from attrs import frozen

from infakt_compat.tables import routes as table
from infakt_compat.tables.routes import Route, routes

Form = Literal["json", "xml"]
_ID = ":id"
#: Verbs that change nothing: HEAD asks for their headers, and of two ids the first counts.
READING = ("list", "show", "pdf", "user_data")


@frozen
class Match:
    """A route that fits: the id of its path (decoded) or None, and the format of the answer."""

    route: Route
    id: str | None
    form: Form


class NotServed(Exception):
    """No route fits: `message` and `details` say why, `form` in which format to say it."""

    def __init__(self, form: Form, message: str, details: str = "") -> None:
        """Keep the format and the words."""
        super().__init__(message)
        self.form = form
        self.message = message
        self.details = details


def asked_form(path: str) -> Form:
    """Give the format that a path asks for; JSON where it names none."""
    return "xml" if path.endswith(".xml") else "json"


def match(method: str, path: str) -> Match:
    """Find the route of a request; `path` is as on the wire. Raises `NotServed`."""
    known, form = routes(), asked_form(path)
    parts = path.split("/")
    stem, dot, suffix = parts[-1].rpartition(".")
    address = "/".join([*parts[:-1], stem if dot and suffix in table.FORMATS else parts[-1]])
    under = address.removeprefix(known.prefix + "/")
    if under == address:
        raise NotServed(form, known.messages["no_address"])
    by_method, number = _at(under)
    if by_method is None:
        missing = ", ".join(part.what for part in known.missing)
        raise NotServed(form, known.messages["no_address"], f"not served of v2: {missing}")
    if not (dot and suffix in table.FORMATS):
        raise NotServed(form, known.messages["no_format"])
    route = by_method.get(method.upper())
    if route is None and method.upper() == "HEAD":
        route = by_method.get("GET")
        route = route if route is not None and route.verb in READING else None
    if route is None:
        raise NotServed(form, known.messages["no_method"], f"only {', '.join(by_method)}")
    return Match(route, number, form)


def _at(under: str) -> tuple[dict[str, Route] | None, str | None]:
    """Give the routes of an address by method, and the id in it."""
    by_path = routes().by_path
    if under in by_path and not under.endswith(_ID):
        return dict(by_path[under]), None
    parent, _, last = under.rpartition("/")
    found = by_path.get(f"{parent}/{_ID}")
    if found is None or not last:
        return None, None
    return dict(found), unquote(last, errors="replace")
