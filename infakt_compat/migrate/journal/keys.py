"""A document's key: the same for the same document, whatever file and format it stands in.

A digest of its normal form (decisions.md 1). A document that v2 named, by id or number, is one
document however often it comes. One without both may come twice and mean two: then the second of
its source has another key than the first, and the second of another source the same as that.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from attrs import define, field, frozen

from infakt_compat.codecs.json_text import surrogates
from infakt_compat.codecs.tree import Markup
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.money import number_text
from infakt_compat.translate.compile import blank, plans
from infakt_compat.translate.normal_form import canonical_record

_LENGTH = 32
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS


@frozen
class Name:
    """What a document is by itself; `once` says that v2 gave it an id or a number."""

    digest: str
    once: bool


def name_of(resource: str, body: Mapping[str, Any]) -> Name:
    """Name a v2 record without its envelope.

    Raises `ConversionError` when it has no normal form: then `name_of_text` names it.
    """
    normal = canonical_record(plans()[resource], body)
    try:
        text = orjson.dumps(normal, _written, _OPTIONS)
    except TypeError:
        raise ConversionError(surrogates(body) or [Fault("field.type")]) from None
    plan = plans()[resource].of_kind("")
    steps = (plan.by_v3.get(name) for name in ("id", "number"))
    once = any(step is not None and not blank(normal.get(step.v2)) for step in steps)
    return Name(_digest(resource, text), once)


def name_of_text(text: bytes) -> Name:
    """Name a document that cannot be understood, by its own text."""
    return Name(_digest("text", text.strip()), once=False)


@define
class Keys:
    """The keys of one source's documents, asked for in their order."""

    _seen: Counter[str] = field(factory=Counter)

    def key(self, name: Name) -> str:
        """Give the key of the next document of the source."""
        if name.once:
            return name.digest
        self._seen[name.digest] += 1
        number = self._seen[name.digest]
        return name.digest if number == 1 else f"{name.digest}-{number}"


def _written(value: object) -> Any:
    """Give what a normal form may hold besides plain JSON, each in a spelling of its own."""
    if isinstance(value, Markup):
        return {"xml": value.xml}
    if isinstance(value, Decimal):
        return number_text(value)
    return dict(value) if isinstance(value, dict) else str(value)


def _digest(resource: str, text: bytes) -> str:
    return hashlib.sha256(resource.encode() + b"\n" + text).hexdigest()[:_LENGTH]
