"""Naming a document by its values: the same for the same document, whatever its spelling.

Cheaper than the normal form (`journal/keys.py`), and made of what a check has at hand.
"""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from functools import cache
from hashlib import blake2b
from typing import Any

from infakt_compat.codecs.json_text import dumps, surrogates
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.money import grosze, plain_grosze
from infakt_compat.translate.compile import Plan, blank, plans
from infakt_compat.translate.converters import Refused
from infakt_compat.translate.forward import Result

_MEMO_SIZE = 4_000


def digest(resource: str, body: Mapping[str, Any], result: Result) -> bytes | None:
    """Name a document by its values, whatever their spelling; None for one without id and number.

    Equal documents give equal records, and equal residues once their values are in normal form.
    """
    known = not (blank(result.record.get("id")) and blank(result.record.get("number")))
    try:
        text = dumps(result.record)
        if result.residue:
            text += dumps(_normal(plans()[resource].of_kind(""), result.residue))
    except TypeError:
        raise ConversionError(surrogates(body) or [Fault("field.type")]) from None
    return blake2b(text, digest_size=12).digest() if known else None


def _normal(plan: Plan, residue: Mapping[str, Any]) -> list[Any]:
    """Give the entries of a residue with their values in normal form."""
    found: list[Any] = [_entries(plan, residue.get("fields", {}))]
    for line in residue.get("services", ()):
        assert plan.lines is not None
        found.append([line["position"], _entries(plan.lines, line["fields"])])
    return found


def _entries(plan: Plan, fields: Mapping[str, Any]) -> list[Any]:
    """Give name and normal value of each kept field, in a fixed order."""
    spellings, steps = _spellings(plan.resource.name), plan.by_v2
    found = []
    for name in sorted(fields):
        value = fields[name]["value"]
        if isinstance(value, str) and name in steps:
            amount = plain_grosze(value) if steps[name].type == "amount" else None
            value = spellings[name, value] if amount is None else amount
        found.append((name, value))
    return found


class _Spellings(dict[tuple[str, str], str | int]):
    """The normal spelling of the kept values of each field: bounded, as archives repeat them."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._steps = plan.by_v2

    def __missing__(self, key: tuple[str, str]) -> str | int:
        name, text = key
        if len(self) >= _MEMO_SIZE:
            self.clear()
        value: str | int = text
        with suppress(Refused):  # the translation has read it already
            normal = self._steps[name].converter.canonical(text)
            whole, exact = grosze(normal) if isinstance(normal, Decimal) else (0, False)
            value = whole if exact else str(normal)
        self[key] = value
        return value


@cache
def _spellings(resource: str) -> _Spellings:
    known = plans()
    if resource in known:
        return _Spellings(known[resource].of_kind(""))
    parent = next(plan.of_kind("") for plan in known.values() if plan.of_kind("").lines)
    assert parent.lines is not None
    return _Spellings(parent.lines)
