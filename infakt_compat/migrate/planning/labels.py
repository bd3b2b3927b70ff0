"""What can be read of a document that is refused: enough to name it, and to know what it corrects.

Each field for itself: that another one cannot be read does not matter here.
"""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from infakt_compat.codecs.json_text import surrogates
from infakt_compat.errors import ConversionError
from infakt_compat.migrate.planning.families import FAMILIES
from infakt_compat.migrate.planning.numbers import MOST_NUMBER
from infakt_compat.translate import forward
from infakt_compat.translate.compile import plans

_MOST_DIGITS = 19
_KIND, _DAY, _ORIGINAL = "kind", "invoice_date", "corrected_invoice_number"


@frozen
class Label:
    """Number, v2's id, kind, v3's family, day (ISO), and the number that a correction corrects."""

    number: str | None = None
    v2_id: int | None = None
    kind: str = ""
    family: str = ""
    day: str | None = None
    original: str | None = None


def label(resource: str, tree: Any) -> Label:
    """Read what can be read."""
    plan = plans()[resource].of_kind("")
    body = tree.get(plan.resource.v2.envelope, tree) if isinstance(tree, Mapping) else None
    if not isinstance(body, Mapping):
        return Label()
    found = {name: plan.by_v3.get(name) for name in ("number", "id")}
    texts = {name: str(body.get(step.v2) or "") if step else "" for name, step in found.items()}
    v2_id = texts["id"]
    whole = v2_id.isascii() and v2_id.isdecimal() and len(v2_id) < _MOST_DIGITS
    number, number_of_v2 = _plain(texts["number"]), int(v2_id) if whole else None
    if resource != "invoice":
        return Label(number, number_of_v2)
    kind = str(_value(body, _KIND, "") or "")
    original = str(_value(body, _ORIGINAL, kind) or "") if kind == "correction" else ""
    day = _value(body, _DAY, kind)
    family = FAMILIES.get(kind, "")
    return Label(number, number_of_v2, kind, family, day, _plain(original))


def _value(body: Mapping[str, Any], name: str, kind: str) -> Any:
    """Translate one field of an invoice, beside its kind; None where that cannot be done."""
    plan = plans()["invoice"].of_kind(kind)
    wanted = {plan.by_v3[one].v2 for one in (name, _KIND) if one in plan.by_v3}
    try:
        read = {field: value for field, value in body.items() if field in wanted}
        return forward.translate(plans()["invoice"], read).record.get(name)
    except ConversionError:
        return None


def _plain(text: str) -> str | None:
    """Give a number without blanks and of a number's length, or None."""
    number = text.strip()[:MOST_NUMBER]
    return number if number and not surrogates(number) and "\0" not in number else None
