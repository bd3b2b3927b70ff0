"""The `fields` parameter: `a,b,services(name,tax_symbol)` (v3-wire 3.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]


@dataclass
class Selection:
    """The keys asked for, and those of nested records; nothing asked means everything."""

    names: dict[str, Selection | None] = field(default_factory=dict)

    def apply(self, record: Record) -> Record:
        """Pick the asked keys in the asked order; `id` is always there, last when not asked for."""
        if not self.names:
            return record
        shown: Record = {}
        for name, inner in self.names.items():
            if name in record:
                shown[name] = _narrow(record[name], inner)
        shown.setdefault("id", record["id"])
        if record.get("kind") == "correction" and "services" in record:
            shown.setdefault("services", record["services"])  # v3-wire 3.2
        return shown


def parse_fields(text: str | None) -> Selection:
    """Read the parameter; brackets that do not fit are taken as they come."""
    stack, word = [Selection()], ""
    for sign in f"{text or ''},":
        if sign not in "(),":
            word += sign
            continue
        name, word = word.strip(), ""
        inner = Selection() if sign == "(" else None
        if name:
            stack[-1].names[name] = inner
        if inner is not None:
            stack.append(inner)
        elif sign == ")" and len(stack) > 1:
            stack.pop()
    return stack[0]


def _narrow(value: Any, inner: Selection | None) -> Any:
    if inner is None or not isinstance(value, list):
        return value
    return [inner.apply(item) for item in value]
