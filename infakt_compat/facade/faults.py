"""Which fields are at fault, in v2's form (v2-wire 6, decisions.md 5 and 6).

    {"invoice": [["status", "blank"]], "services": [[], [["stawka_vat", "blank"]]]}

One pair of field and code for each fault, one list for each line that was sent, `[]` for a good
one. Field names are v2's, by the compiled plans; a v3 field that v2 never had keeps its own name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import define, field

from infakt_compat.errors import Fault
from infakt_compat.facade.errors import answers
from infakt_compat.translate.compile import Plan, plans

_PLACE = re.compile(r"services\[(\d+)\](?:\.(.*))?")
_V3_LINE = re.compile(r"services(?:\[(\d+)\]|\.(\d+))?\.(.+)")
_BLANK = frozenset({"rate.required", "price.required"})


@define
class Faults:
    """The faults of one request, gathered so that the caller learns of all at once."""

    resource: str
    lines: int = 0
    own: dict[str, str] = field(factory=dict)
    rows: dict[int, dict[str, str]] = field(factory=dict)
    details: list[str] = field(factory=list)

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self.own or self.rows)

    def add(self, name: str, code: str, row: int | None = None) -> None:
        """Note a fault of a v2 field; the first of a field counts."""
        place = self.own if row is None else self.rows.setdefault(row, {})
        place.setdefault(name, code)

    def take(self, faults: Iterable[Fault]) -> None:
        """Note what the translation refused."""
        for fault in faults:
            code = "blank" if fault.code in _BLANK else "invalid"
            path = fault.path.removeprefix(f"{self.resource}.")
            if self.own.get(path) == "blank":
                continue  # that it is not there says it all
            if code == "invalid":
                self.details.append(str(fault))
            place = _PLACE.fullmatch(path)
            if place is None:
                self.add(path or self.resource, code)
            else:
                self.add(place[2] or "services", code, int(place[1]))

    def take_v3(self, fields: Mapping[str, Sequence[str]], kind: object) -> None:
        """Note what v3 refused, field by field, under v2's names."""
        plan = plans()[self.resource].of_kind(kind)
        table = answers()
        for name, texts in fields.items():
            self.details.append(f"{name}: {', '.join(texts)}")
            code = table.code(" ".join(texts))
            place = _V3_LINE.fullmatch(table.names.get(name, name))
            if place is None or plan.lines is None:
                self.add(_v2_name(plan, table.names.get(name, name)), code)
                continue
            number = place[1] or place[2]
            shown = _v2_name(plan.lines, place[3])
            # Without an index it is that of the only line; of several, nobody knows whose it is.
            row = int(number) if number else 0 if self.lines == 1 else None
            self.add(shown, code, row if row is None or row < self.lines else None)

    def tree(self) -> dict[str, list[Any]]:
        """Give v2's `errors`."""
        found: dict[str, list[Any]] = {self.resource: _pairs(self.own)}
        if plans()[self.resource].of_kind("").lines is not None:
            found["services"] = [_pairs(self.rows.get(row, {})) for row in range(self.lines)]
        return found


def _pairs(found: Mapping[str, str]) -> list[list[str]]:
    return [[name, code] for name, code in found.items()]


def _v2_name(plan: Plan, name: str) -> str:
    step = plan.by_v3.get(name)
    return name if step is None else step.v2
