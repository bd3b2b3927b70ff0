"""What a tree is: an invoice or a client, of v2 or of v3, with or without its envelope."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import frozen

from infakt_compat.codecs.json_text import escaped
from infakt_compat.codecs.tree import Twice
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.translate.compile import blank, plans

#: The key of the residue beside a record, in a converted file.
RESIDUE_KEY = "v2"


@frozen
class _Names:
    """The names by which the documents of one resource are known."""

    v2: frozenset[str]
    v3: frozenset[str]
    only_v2: frozenset[str]
    only_v3: frozenset[str]
    #: What the answers to create, update, paid and delete hold, and no more.
    answer: frozenset[str]
    #: What v3's other resources have too.
    shared_v3: frozenset[str]
    #: Parameters that v2 took inside the invoice or beside it.
    beside: frozenset[str]


@cache
def _names(resource: str) -> _Names:
    """Collect the names of one resource from its plan."""
    plan = plans()[resource].of_kind("")
    v2 = plan.known | plan.aliases.keys()
    v3 = frozenset(plan.resource.v3.fields)
    shared_v3 = frozenset({"id"})
    answer = frozenset(plan.by_v3[name].v2 for name in ("id", "number") if name in plan.by_v3)
    beside = frozenset(name for name, _ in plan.written)
    return _Names(v2, v3, v2 - v3 - answer, v3 - v2, answer, shared_v3, beside)


def check_v2(resource: str, body: Mapping[str, Any]) -> None:
    """Refuse what is no v2 document of this resource.

    An answer of create, a v3 document, others.
    """
    names = _names(resource)
    if not names.only_v2.isdisjoint(body):
        return
    if not names.only_v3.isdisjoint(body):
        raise _refused("document.not_v2")
    if not (body.keys() & names.v2) - names.answer:
        raise _refused("document.not_invoice", ", ".join(map(str, list(body)[:5])))


def open_v2(tree: Any, resource: str | None = None) -> tuple[str, Mapping[str, Any]]:
    """Take a v2 document out of its envelope and say what it is: `invoice` or `client`.

    Raises `ConversionError` with `document.not_invoice` or `document.not_v2`, or with `field.twice`
    for an envelope that comes twice; `ValueError` for another resource.
    """
    if resource is not None and resource not in plans():
        raise ValueError(f"resource is one of {', '.join(plans())}, not {resource!r}")
    if not isinstance(tree, Mapping):
        raise _refused("document.not_invoice", type(tree).__name__)
    for name in plans() if resource is None else (resource,):
        body = unwrap_v2(name, tree)
        if body is not tree:
            check_v2(name, body)
            return name, body
    found = resource or _likeliest(tree, "v2")
    check_v2(found, tree)
    return found, tree


def unwrap_v2(resource: str, tree: Any) -> Mapping[str, Any]:
    """Take a v2 record of a resource out of its envelope, if it is in one."""
    if not isinstance(tree, Mapping):
        raise _refused("document.not_invoice", type(tree).__name__)
    body = tree.get(plans()[resource].resource.v2.envelope)
    if not isinstance(body, Mapping):
        return tree
    _refuse_twice(tree)
    return _with_siblings(resource, tree, body)


def _refuse_twice(tree: Mapping[str, Any]) -> None:
    """Refuse names that came twice: which of the two is meant cannot be told."""
    if isinstance(tree, Twice):
        raise ConversionError([Fault("field.twice", escaped(name)) for name in tree.names])


def open_v3(
    tree: Any, *, known: bool = False
) -> tuple[str, Mapping[str, Any], Mapping[str, Any] | None]:
    """Take a v3 document out of its envelope: what it is, the record, and the residue beside it.

    `known` says that a residue makes it a document even when it holds nothing but an id. Raises
    `ConversionError` with `document.not_invoice` or `document.not_v3`.
    """
    if not isinstance(tree, Mapping):
        raise _refused("document.not_invoice", type(tree).__name__)
    _refuse_twice(tree)
    residue = tree.get(RESIDUE_KEY)
    for name, plan in plans().items():
        side = plan.resource.v3
        for envelope in (side.envelope, *side.other_envelopes):
            if isinstance(tree.get(envelope), Mapping):
                _refuse_twice(tree[envelope])
                _check_v3(name, tree[envelope], known=True)
                return name, tree[envelope], residue
    found = _likeliest(tree, "v3")
    _check_v3(found, tree, known=known)
    return found, tree, None


def _check_v3(resource: str, body: Mapping[str, Any], *, known: bool) -> None:
    """Refuse what is no v3 document of this resource."""
    names = _names(resource)
    if not (names.only_v3 - names.shared_v3).isdisjoint(body):
        return
    if any(not _names(name).only_v2.isdisjoint(body) for name in plans()):
        raise _refused("document.not_v3")
    if not known and not (body.keys() & names.v3) - names.shared_v3:
        raise _refused("document.not_invoice", ", ".join(map(str, list(body)[:5])))


def _with_siblings(
    resource: str, tree: Mapping[str, Any], body: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Move what v2 took beside the record into it; refuse what does not belong there."""
    envelope = plans()[resource].resource.v2.envelope
    siblings = {name: value for name, value in tree.items() if name != envelope}
    if not siblings:
        return body
    if strange := sorted(map(str, siblings.keys() - _names(resource).beside)):
        raise _refused("document.not_invoice", f"beside {envelope}: {', '.join(strange)}")
    _refuse_twice(body)
    if twice := [name for name in siblings if not blank(body.get(name))]:
        raise ConversionError([Fault("field.twice", name) for name in twice])
    return {**body, **siblings}


@cache
def _own_names(side: str) -> dict[str, frozenset[str]]:
    """Give the names of each resource that no other has."""
    names: dict[str, frozenset[str]] = {name: getattr(_names(name), side) for name in plans()}
    return {
        name: own.difference(*(other for each, other in names.items() if each != name))
        for name, own in names.items()
    }


def resource_of(tree: Any) -> str:
    """Say what a refused document was most likely meant to be."""
    if not isinstance(tree, Mapping):
        return next(iter(plans()))
    for name, plan in plans().items():
        if plan.resource.v2.envelope in tree:
            return name
    return _likeliest(tree, "v2")


def _likeliest(tree: Mapping[str, Any], side: str) -> str:
    """Give the resource whose fields a bare record has, most of all."""
    for name, own in _own_names(side).items():
        if not own.isdisjoint(tree):
            return name
    counts = {name: len(tree.keys() & getattr(_names(name), side)) for name in plans()}
    return max(counts, key=lambda name: counts[name])


def _refused(code: str, detail: str = "") -> ConversionError:
    """Make the error for a document that is refused whole."""
    return ConversionError([Fault(code, "", detail)])
