"""What a tree is: an invoice or a client, of v2 or of v3, with or without its envelope."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import frozen

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
    #: Parameters that v2 took inside the invoice or beside it.
    beside: frozenset[str]


@cache
def _names(resource: str) -> _Names:
    """Collect the names of one resource from its plan."""
    plan = plans()[resource].of_kind("")
    v2 = plan.known | plan.aliases.keys()
    v3 = frozenset(plan.resource.v3.fields)
    answer = frozenset(plan.by_v3[name].v2 for name in ("id", "number") if name in plan.by_v3)
    beside = frozenset(name for name, _ in plan.written)
    return _Names(v2, v3, v2 - v3 - answer, v3 - v2, answer, beside)


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

    Raises `ConversionError` with `document.not_invoice` or `document.not_v2`.
    """
    if not isinstance(tree, Mapping):
        raise _refused("document.not_invoice", type(tree).__name__)
    for name, known in plans().items():
        body = tree.get(known.resource.v2.envelope)
        if isinstance(body, Mapping) and resource in (None, name):
            body = _with_siblings(name, tree, body)
            check_v2(name, body)
            return name, body
    found = resource or _likeliest(tree, "v2")
    check_v2(found, tree)
    return found, tree


def open_v3(tree: Any) -> tuple[str, Mapping[str, Any], Mapping[str, Any] | None]:
    """Take a v3 document out of its envelope: what it is, the record, and the residue beside it.

    Raises `ConversionError` with `document.not_invoice` or `document.not_v3`.
    """
    if not isinstance(tree, Mapping):
        raise _refused("document.not_invoice", type(tree).__name__)
    residue = tree.get(RESIDUE_KEY)
    for name, known in plans().items():
        side = known.resource.v3
        for envelope in (side.envelope, *side.other_envelopes):
            if isinstance(tree.get(envelope), Mapping):
                _check_v3(name, tree[envelope])
                return name, tree[envelope], residue
    found = _likeliest(tree, "v3")
    _check_v3(found, tree)
    return found, tree, None


def _check_v3(resource: str, body: Mapping[str, Any]) -> None:
    """Refuse what is no v3 document of this resource."""
    names = _names(resource)
    if not names.only_v3.isdisjoint(body):
        return
    if not names.only_v2.isdisjoint(body):
        raise _refused("document.not_v3")
    if names.v3.isdisjoint(body) and body:
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
