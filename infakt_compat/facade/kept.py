"""The residue of a live document: what of a translation's residue v2 would have shown later.

A live v2 computed what was absent and took no change of what was read-only: such entries of an
archive are none here (decisions.md 3).
"""

from collections.abc import Mapping
from typing import Any

from infakt_compat.facade.account import Record
from infakt_compat.translate import residue as residues
from infakt_compat.translate.compile import Plan, blank
from infakt_compat.translate.residue import Entry, line_entry, line_name

Kept = dict[str, Entry]


def live(plan: Plan, residue: Mapping[str, Any]) -> Record:
    """Leave out what counts for an archive alone."""
    own, lines = residues.parts(residue)
    rows = []
    if plan.lines is not None:
        for position, line in lines.items():
            if fields := _live(plan.lines, line["fields"]):
                rows.append({**line, "position": position, "fields": fields})
    return residues.build(_live(plan, own), rows)


def _live(plan: Plan, entries: Kept) -> Kept:
    return {
        name: entry
        for name, entry in entries.items()
        if name not in plan.by_v2
        or (plan.by_v2[name].rule.direction == "both" and not _filled_in(plan, name, entry))
    }


def _filled_in(plan: Plan, name: str, entry: Entry) -> bool:
    """Say whether the translation gave v3 a value of its own where v2 had none."""
    return bool(plan.by_v2[name].v3) and entry["value"] is None


def based_on(plan: Plan, residue: Mapping[str, Any], record: Record) -> Record:
    """Let what v3 was not given (a price finer than a grosz) belong to what v3 made of it."""
    own, lines = residues.parts(residue)
    present = record.get("services") or []
    rows = []
    for position, line in lines.items():
        row = present[position] if position < len(present) else {}
        fields = line["fields"]
        if plan.lines is not None and line.get("name") == line_name(row):
            fields = _based(plan.lines, fields, row)
        rows.append({**line, "fields": fields})
    return residues.build(_based(plan, own, record), rows)


def _based(plan: Plan, entries: Kept, record: Mapping[str, Any]) -> Kept:
    found = {}
    for name, entry in entries.items():
        step = plan.by_v2.get(name)
        if step is not None and step.target and blank(entry.get("v3")):
            entry = {**entry, "v3": record.get(step.target)}
        found[name] = entry
    return found


def with_entry(residue: Mapping[str, Any], name: str, entry: Entry | None) -> Record:
    """Put an entry in place of the one of a field, or take it away."""
    own, lines = residues.parts(residue)
    own.pop(name, None)
    if entry is not None:
        own[name] = entry
    return residues.build(own, list(lines.values()))


def with_line_entry(
    residue: Mapping[str, Any], row: int, line: Record, name: str, entry: Entry | None
) -> Record:
    """Put an entry in place of the one of a line's field, or take it away."""
    own, lines = residues.parts(residue)
    fields = dict(lines[row]["fields"]) if row in lines else {}
    fields.pop(name, None)
    if entry is not None:
        fields[name] = entry
    lines.pop(row, None)
    if fields:
        lines[row] = line_entry(row, line, fields)
    return residues.build(own, [lines[position] for position in sorted(lines)])
