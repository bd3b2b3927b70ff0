"""`mappings/routes.toml`: v2's addresses, formats and papers, checked when they are loaded."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources.abc import Traversable

from attrs import frozen

from infakt_compat.tables.files import data_folder
from infakt_compat.tables.source import Source, built

FILE = "routes.toml"
FORMATS = ("json", "xml")
#: The verbs of each resource, as the facade has them.
VERBS = {
    "invoices": {"list", "show", "create", "update", "delete", "paid", "deliver", "pdf"},
    "clients": {"list", "show", "create", "update", "delete"},
    "settings": {"user_data"},
}
MESSAGES = {"no_address", "no_method", "no_format", "not_held"}
_METHODS = {"GET", "POST", "DELETE"}
_ID = ":id"
_PATH = re.compile(rf"[a-z_]+(?:/[a-z_]+)?(?:/{_ID})?")
_WORD = re.compile(r"[a-z]{1,10}")


@frozen
class Route:
    """One verb: its addresses under the prefix, methods, and names of what it is given."""

    resource: str
    verb: str
    paths: tuple[str, ...]
    methods: tuple[str, ...]
    why: str
    line: int
    ids: tuple[str, ...] = ()
    not_ids: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    body: bool = False

    @property
    def name(self) -> str:
        """The verb with its resource: `invoices.create`."""
        return f"{self.resource}.{self.verb}"


@frozen
class Paper:
    """What a doc_type of v2's is in v3."""

    doc_type: str
    document_type: str
    locale: str
    why: str
    line: int
    default: bool = False


@frozen
class Missing:
    """A part of v2 that is not served."""

    what: str
    why: str
    line: int


@frozen
class Routes:
    """The whole table."""

    prefix: str
    formats: Mapping[str, str]
    messages: Mapping[str, str]
    #: By address and method, `:id` standing for an id.
    by_path: Mapping[str, Mapping[str, Route]]
    papers: Mapping[str, Paper]
    missing: tuple[Missing, ...]

    def paper(self, doc_type: object) -> Paper:
        """Give what a caller's doc_type means, in any case; anything else is the default."""
        named = self.papers.get(str(doc_type or "").strip().lower())
        return named or next(paper for paper in self.papers.values() if paper.default)


@cache
def routes() -> Routes:
    """Give the project's own table, loaded once a process."""
    return load_routes(data_folder("mappings"))


def load_routes(folder: Traversable) -> Routes:
    """Load the table of a folder.

    Raises `TableError`, with file and line, for an unknown key, verb or method, an address that
    comes twice, a doc_type without a default.
    """
    source = Source(folder, FILE)
    data = source.data
    lists = {"route", "paper", "missing"}
    if strange := sorted(data.keys() - lists - {"prefix", "formats", "message"}):
        raise source.error(0, f"unknown key {', '.join(strange)}")
    return Routes(
        prefix=_prefix(source),
        formats=_texts(source, "formats", FORMATS),
        messages=_texts(source, "message", MESSAGES),
        by_path=_by_path(source),
        papers=_papers(source),
        missing=_missing(source),
    )


def _prefix(source: Source) -> str:
    prefix = source.data.get("prefix")
    if not isinstance(prefix, str) or re.fullmatch(r"(?:/[a-z0-9]+)+", prefix) is None:
        raise source.error(0, f"the prefix is a path like /api/v2, not {prefix!r}")
    return prefix


def _texts(source: Source, name: str, wanted: Iterable[str]) -> dict[str, str]:
    """Check a table of texts: each wanted one, and no other."""
    found = source.data.get(name, {})
    if found.keys() ^ set(wanted) or not all(isinstance(t, str) and t for t in found.values()):
        raise source.error(source.line(name), f"{name} has a text for {', '.join(sorted(wanted))}")
    return dict(found)


def _by_path(source: Source) -> dict[str, dict[str, Route]]:
    """Load the routes; each address and method leads to one."""
    found: dict[str, dict[str, Route]] = {}
    seen: set[str] = set()
    for index, entry in enumerate(source.data.get("route", ())):
        line = source.line("route", index)
        route: Route = built(source, line, Route, entry)
        _check_route(source, route)
        if route.name in seen:
            raise source.error(line, f"{route.name} comes twice")
        seen.add(route.name)
        for path in route.paths:
            for method in route.methods:
                if found.setdefault(path, {}).setdefault(method, route) is not route:
                    raise source.error(line, f"{method} {path} comes twice")
    wanted = {f"{resource}.{verb}" for resource, verbs in VERBS.items() for verb in verbs}
    if left := sorted(wanted - seen):
        raise source.error(0, f"no route for {', '.join(left)}")
    return found


def _check_route(source: Source, route: Route) -> None:
    """Check the words of one route."""
    if route.verb not in VERBS.get(route.resource, ()):
        raise source.error(route.line, f"no such verb: {route.name}")
    for path in route.paths:
        if _PATH.fullmatch(path) is None or path.partition("/")[0] != route.resource:
            raise source.error(route.line, f"no address of {route.resource}: {path!r}")
        if path.endswith(_ID) and not route.ids:
            raise source.error(route.line, f"{path} has an id, and the route has no ids")
    if not route.paths or not route.methods or set(route.methods) - _METHODS:
        raise source.error(route.line, f"a route has paths, and methods of {sorted(_METHODS)}")
    if not isinstance(route.body, bool) or not route.why:
        raise source.error(route.line, "body is true or false, and a why says where it is from")


def _papers(source: Source) -> dict[str, Paper]:
    """Load the papers; exactly one is what an unknown word means."""
    found: dict[str, Paper] = {}
    for index, entry in enumerate(source.data.get("paper", ())):
        line = source.line("paper", index)
        paper: Paper = built(source, line, Paper, entry)
        if _WORD.fullmatch(paper.doc_type) is None or paper.doc_type in found:
            raise source.error(line, f"a doc_type is a word that comes once: {paper.doc_type!r}")
        found[paper.doc_type] = paper
    if sum(paper.default for paper in found.values()) != 1:
        raise source.error(0, "one paper, and only one, is the default")
    return found


def _missing(source: Source) -> tuple[Missing, ...]:
    """Load what is not served."""
    entries = enumerate(source.data.get("missing", ()))
    return tuple(built(source, source.line("missing", i), Missing, entry) for i, entry in entries)
