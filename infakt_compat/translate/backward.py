"""A v3 record becomes a v2 record.

With its residue the original again, or a live view of what v3 says now.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import define, field

from infakt_compat.errors import ConversionError, Fault
from infakt_compat.money import zloty
from infakt_compat.notices import Notice
from infakt_compat.translate import residue as residues
from infakt_compat.translate.compile import Plan, Plans, Step, blank
from infakt_compat.translate.converters import Refused, Shown, quoted
from infakt_compat.translate.residue import Entry


@define
class Result:
    """What one translation to v2 gives: the record, and what is to be said."""

    record: dict[str, Any]
    notices: list[Notice] = field(factory=list)
    faults: list[Fault] = field(factory=list)


def translate(
    plans: Plans, body: Mapping[str, Any], residue: Mapping[str, Any] | None, live: bool = False
) -> Result:
    """Translate one v3 record without its envelope.

    An archive (`live` false) shows what stands there, and says which v3 fields v2 has not. A live
    view lets stand-ins take the place of what a v2 caller relies on (decisions.md sections 1 and
    2). Raises `ConversionError` with every fault; their paths are v3's.
    """
    kind = body.get(plans.kind_step.target) if plans.kind_step else ""
    plan = plans.of_kind(kind)
    kept, kept_lines = residues.parts(residue)
    result = Result({})
    _fields(plan, body, kept, "", live, result, result.record)
    if plan.lines is not None:
        result.record["services"] = _lines(plan.lines, body, kept_lines, live, result)
    _show_unknown(plan, kept, result.record, result.faults)
    if live:
        _show_paid(plan, body, kept, result)
    if result.faults:
        raise ConversionError(result.faults)
    return result


def _fields(
    plan: Plan,
    body: Mapping[str, Any],
    kept: dict[str, Entry],
    prefix: str,
    live: bool,
    result: Result,
    record: dict[str, Any],
) -> None:
    """Show the plain fields of a record in the order of the v2 field list."""
    state = (plan, body, prefix, live, result, record)
    if kept:
        _kept_fields(state, kept)
    else:
        plan.ordinary_shown(body.get, record, state, _other)
    if not live:
        _say_v3_only(plan, body, kept, prefix, result)


_State = tuple[Plan, Mapping[str, Any], str, bool, "Result", dict[str, Any]]


def _other(state: _State, index: int) -> None:
    """Show a field that is not ordinary."""
    plan, body, prefix, live, result, record = state
    step = plan.plain_shown[index]
    record[step.v2] = _shown(plan, step, body, prefix, live, result)


def _kept_fields(state: _State, kept: dict[str, Entry]) -> None:
    """Show the plain fields of a record of which something is kept."""
    plan, body, prefix, live, result, record = state
    for step in plan.shown:
        if step.type == "list":
            continue
        entry = kept.get(step.v2)
        if entry is not None and _holds(plan, step, entry, body, prefix, live, result):
            record[step.v2] = _kept_value(step, entry, result)
        elif step.rule.direction != "write":
            record[step.v2] = _shown(plan, step, body, prefix, live, result)


def _holds(
    plan: Plan,
    step: Step,
    entry: Entry,
    body: Mapping[str, Any],
    prefix: str,
    live: bool,
    result: Result,
) -> bool:
    """Say whether a kept value still counts: the v3 value that it belongs to is unchanged."""
    if step.rule.direction == "write" and live:
        return False  # v2 never showed it
    given, remembered = body.get(step.target), entry.get("v3")
    if not step.v3 or given == remembered or (blank(given) and blank(remembered)):
        return True
    result.notices.append(plan.notice("residue.stale", prefix + step.v2, quoted(entry["value"])))
    return False


def _kept_value(step: Step, entry: Entry, result: Result) -> object:
    """Give a kept value in its normal spelling."""
    value = entry["value"]
    if value is None:
        return step.converter.empty
    try:
        if isinstance(value, str):
            return step.converter.canonical(value)
    except Refused:
        pass
    result.faults.append(Fault("residue.invalid", step.v2, quoted(value)))
    return None


def _shown(
    plan: Plan, step: Step, body: Mapping[str, Any], prefix: str, live: bool, result: Result
) -> object:
    """Show what v3 says of a field; on a live view a stand-in where v3 says nothing."""
    values = [body.get(name) for name in step.v3]
    if all(blank(value) for value in values):
        if not live or not step.rule.absent:
            return step.converter.empty
        return _stand_in(plan, step, body, prefix, result)
    try:
        shown = step.converter.to_v2(*(None if blank(value) else value for value in values))
    except Refused as refused:
        result.faults.append(Fault(refused.code, prefix + step.target, refused.detail))
        return None
    if not isinstance(shown, Shown):
        return shown
    result.notices.append(plan.notice(shown.code, prefix + step.v2, shown.detail))
    return shown.v2


def _stand_in(
    plan: Plan, step: Step, body: Mapping[str, Any], prefix: str, result: Result
) -> object:
    """Give what stands in on a live view: another date, or an amount."""
    if step.type == "date":
        day = body.get(step.rule.absent)
        if blank(day):
            return step.converter.empty
        result.notices.append(plan.notice("date.defaulted", prefix + step.v2, str(day)))
        return day
    result.notices.append(plan.notice("amount.defaulted", prefix + step.v2))
    return Decimal(step.rule.absent)


def _show_paid(
    plan: Plan, body: Mapping[str, Any], kept: Mapping[str, Entry], result: Result
) -> None:
    """Show a paid invoice with paid_price 0 as paid in full: v3 really answers so (v3-wire 4.4)."""
    paid, gross = plan.by_v3.get("paid_price"), body.get("gross_price")
    if paid is None or body.get("status") != "paid" or paid.v2 in kept:
        return
    if body.get("paid_price") == 0 and isinstance(gross, int) and gross != 0:
        result.record[paid.v2] = zloty(gross)
        result.notices.append(plan.notice("paid.inferred", paid.v2))


def _say_v3_only(
    plan: Plan, body: Mapping[str, Any], kept: Mapping[str, Entry], prefix: str, result: Result
) -> None:
    """Say which values of v3 the v2 record does not show."""
    for name in (name for name in body if name not in plan.known_v3):
        value, rule = body[name], plan.v3_only.get(name)
        if blank(value) or value == [] or value == {}:
            continue
        if rule is not None and (rule.derived or value in rule.unset):
            continue
        known = name in plan.resource.v3.fields
        code = "field.v3_only" if known else "field.unknown"
        result.notices.append(plan.notice(code, prefix + str(name)))
    for name, step in plan.written:
        if not blank(body.get(step.target)) and name not in kept:
            result.notices.append(plan.notice("field.v3_only", prefix + step.target))


def v3_lines(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give the lines of a v3 record; raises `ConversionError` when they are no records."""
    services = body.get("services")
    if blank(services):
        return []
    if not isinstance(services, list) or not all(isinstance(row, Mapping) for row in services):
        raise ConversionError([Fault("services.invalid", "services")])
    return services


def _lines(
    lines: Plan,
    body: Mapping[str, Any],
    kept_lines: dict[int, dict[str, Any]],
    live: bool,
    result: Result,
) -> list[dict[str, Any]]:
    """Show the lines; what is kept of a line counts for the same position and name only."""
    found: list[dict[str, Any]] = []
    rows = v3_lines(body)
    for position, row in enumerate(rows):
        kept = kept_lines.get(position, {"fields": {}, "name": None})
        entries = kept["fields"]
        if entries and kept.get("name") != residues.line_name(row):
            result.notices.append(lines.notice("residue.stale", f"services[{position}]"))
            entries = {}
        record: dict[str, Any] = {}
        _fields(lines, row, entries, f"services[{position}].", live, result, record)
        _show_unknown(lines, entries, record, result.faults)
        found.append(record)
    for position in sorted(kept_lines.keys() - set(range(len(rows)))):
        result.notices.append(lines.notice("residue.stale", f"services[{position}]"))
    return found


def _show_unknown(
    plan: Plan, kept: Mapping[str, Entry], record: dict[str, Any], faults: list[Fault]
) -> None:
    """Give unknown fields back, after all that the tables know."""
    for name, entry in kept.items():
        if name in plan.known:
            continue
        try:
            record[name] = residues.unknown_kept(name, entry["value"])
        except Refused as refused:
            faults.append(Fault(refused.code, name))
