"""The normal form of a v2 document.

The same values in one spelling and one order (decisions.md section 1).
"""

from collections.abc import Mapping
from typing import Any

from infakt_compat.codecs.json_text import escaped
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.translate import residue as residues
from infakt_compat.translate.compile import Plan, Plans, blank
from infakt_compat.translate.converters import Refused, text_of
from infakt_compat.translate.forward import line_records, plain_fields


def canonical_record(plans: Plans, body: Mapping[str, Any]) -> dict[str, Any]:
    """Give the normal form of a v2 record without its envelope. Raises `ConversionError`."""
    faults: list[Fault] = []
    # Which v2 fields there are does not depend on the kind, only what becomes of them.
    record = _fields(plans.of_kind(""), body, "", faults)
    if faults:
        raise ConversionError(faults)
    return record


def _fields(
    plan: Plan, body: Mapping[str, Any], prefix: str, faults: list[Fault]
) -> dict[str, Any]:
    """Give every readable field in the order of the v2 field list, then unknown ones."""
    plain = plain_fields(plan, body, prefix, faults)
    given = {name: value for name, value in plain.items() if not blank(value)}
    record: dict[str, Any] = {}
    for step in plan.shown:
        value = given.get(step.v2)
        try:
            if step.type == "list" and plan.lines is not None:
                record[step.v2] = _lines(plan.lines, value, faults)
            elif value is not None:
                text = value if type(value) is str else text_of(value, step.type)
                record[step.v2] = step.converter.canonical(text)
            elif step.rule.direction != "write":
                record[step.v2] = step.converter.empty
        except Refused as refused:
            faults.append(Fault(refused.code, prefix + step.v2, refused.detail))
    for name, value in plain.items():
        if name not in plan.known:
            try:
                kept = residues.keep_unknown(value)
                record[residues.field_name(name)] = residues.unknown_kept(name, kept)
            except Refused as refused:
                faults.append(Fault(refused.code, prefix + escaped(name), refused.detail))
    return record


def _lines(plan: Plan, services: Any, faults: list[Fault]) -> list[dict[str, Any]]:
    """Give the normal form of the lines."""
    return [
        _fields(plan, row, f"services[{position}].", faults)
        for position, row in enumerate(line_records(services))
    ]
