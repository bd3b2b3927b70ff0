"""The lines of a `put`.

V3 replaces them all, so what v2 cannot express of a line is carried along.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from infakt_compat.errors import Fault
from infakt_compat.money import EXACT, half_up, multiply, read_number
from infakt_compat.translate.compile import Plan, Step, blank
from infakt_compat.translate.converters import Refused, text_of
from infakt_compat.translate.forward import (
    Gathered,
    fill_net_price,
    plain_fields,
    record_fields,
)
from infakt_compat.translate.lines import percent_of
from infakt_compat.translate.payload import PRICES, keep_one_price
from infakt_compat.translate.residue import Entry, line_entry

Rows = list[dict[str, Any]]


def changed_lines(
    plan: Plan,
    given: Sequence[Mapping[str, Any]],
    present: Sequence[Mapping[str, Any]],
    shown: Sequence[Mapping[str, Any]],
    kept_lines: Sequence[Mapping[str, Any]],
    gathered: Gathered,
) -> tuple[Rows | None, Rows]:
    """Give the rows to send and the residue of the lines; no rows when nothing changed.

    Lines are matched by id, or by position when no ids came and the count is equal; a matched line
    keeps what v2 cannot express, an unmatched one is new (decisions.md 5).
    """
    found = matches(plan, given, shown)
    entries = {int(line["position"]): line["fields"] for line in kept_lines}
    rows: Rows = []
    kept_new: Rows = []
    same = found == list(range(len(present)))
    for position, (line, match) in enumerate(zip(given, found, strict=True)):
        prefix = f"services[{position}]."
        if match is None:
            row, kept = _new_row(plan, line, prefix, gathered)
        else:
            changes = _changes(plan, line, shown[match], prefix, gathered)
            same = same and not changes
            old = entries.get(match, {})
            row, kept = _matched_row(plan, changes, present[match], old, prefix, gathered)
        rows.append(row)
        if kept:
            kept_new.append(line_entry(position, row, kept))
    return (None, []) if same else (rows, kept_new)


def matches(
    plan: Plan, given: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]]
) -> list[int | None]:
    """Say for each given line which present one it is."""
    key = plan.by_v3["id"].v2
    if not any(not blank(line.get(key)) for line in given):
        return list(range(len(given))) if len(given) == len(shown) else [None] * len(given)
    places = {str(line[key]): index for index, line in enumerate(shown) if line[key] is not None}
    # A present line is matched once: a second line with its id is a new one.
    return [places.pop(_id_text(line.get(key)), None) for line in given]


def _id_text(value: object) -> str:
    """Give an id as it is shown, without zeros before it; what is none matches nothing."""
    text = str(value).strip()
    return text.lstrip("0") or "0" if text.isdigit() else text


def _changes(
    plan: Plan,
    line: Mapping[str, Any],
    shown: Mapping[str, Any],
    prefix: str,
    gathered: Gathered,
) -> dict[str, Any]:
    """Give the fields of a matched line that differ from what is shown, as text.

    Unknown ones as given.
    """
    changes: dict[str, Any] = {}
    for given_name, value in plain_fields(plan, line, prefix, gathered.faults).items():
        step = plan.by_v2.get(given_name)
        if step is None:
            if given_name not in shown or shown[given_name] != value:
                changes[given_name] = value
            continue
        try:
            text, wanted = read_given(step, value, shown[step.v2])
        except Refused as refused:
            gathered.faults.append(Fault(refused.code, prefix + step.v2, refused.detail))
            continue
        if wanted == shown[step.v2]:
            continue
        if step.rule.direction == "read":
            gathered.notices.append(plan.notice("field.read_only", prefix + step.v2))
        else:
            changes[step.v2] = text
    return changes


def read_given(step: Step, value: object, shown: object) -> tuple[str, object]:
    """Give the text of a given value and its normal spelling; raises `Refused`.

    What is given as it was shown is always read, also a v3 value that was carried through.
    """
    if blank(value):
        return "", step.converter.empty
    if isinstance(value, str) and value == shown:
        return value, shown
    text = value if type(value) is str else text_of(value, step.type)
    return text, step.converter.canonical(text)


def _new_row(
    plan: Plan, line: Mapping[str, Any], prefix: str, gathered: Gathered
) -> tuple[dict[str, Any], dict[str, Entry]]:
    """Make a row for a line that v3 does not have yet."""
    record, kept = record_fields(plan, line, prefix, gathered)
    _fine_price(plan, record, kept, prefix, gathered)
    row = {name: value for name, value in record.items() if _writable(plan, name, line)}
    keep_one_price(row)
    return row, kept


def _matched_row(
    plan: Plan,
    changes: Mapping[str, Any],
    present: Mapping[str, Any],
    kept: Mapping[str, Entry],
    prefix: str,
    gathered: Gathered,
) -> tuple[dict[str, Any], dict[str, Entry]]:
    """Make a row for a present line.

    All that v3 has and can be written, with the changes over it.
    """
    row = {name: value for name, value in present.items() if _writable(plan, name, changes)}
    record, new = record_fields(plan, changes, prefix, gathered)
    cleared = {
        plan.by_v2[name].target
        for name, value in changes.items()
        if name in plan.by_v2 and plan.by_v2[name].target and blank(value)
    }
    row |= dict.fromkeys(cleared)
    fine = {plan.by_v2[name].target for name in new if name in plan.by_v2} - record.keys()
    row |= {name: None for name in fine if name}
    row |= record
    touched = {name for name in PRICES if name in record or name in fine}
    if touched:
        row |= {name: None for name in PRICES if name not in touched}
        _fine_price(plan, row, new, prefix, gathered)
    elif not changes.keys() & {
        plan.by_v3[n].v2 for n in ("quantity", "tax_symbol") if n in plan.by_v3
    }:
        _price_as_computed(row, present)
    row = {name: value for name, value in row.items() if value is not None or name in cleared}
    keep_one_price(row)
    old = {name: entry for name, entry in kept.items() if name not in changes}
    return row, old | new


def _fine_price(
    plan: Plan, row: dict[str, Any], kept: dict[str, Entry], prefix: str, gathered: Gathered
) -> None:
    """Give a line whose new price is finer than a grosz its net value."""
    step = plan.by_v3.get("unit_net_price")
    if step is None or step.v2 not in kept or kept[step.v2]["value"] is None:
        return
    exact = read_number(str(kept[step.v2]["value"])).scaleb(2, EXACT)
    if row.get("net_price") is None:
        row.pop("net_price", None)
        fill_net_price(plan, row, kept, exact, prefix, gathered)


def _price_as_computed(row: dict[str, Any], present: Mapping[str, Any]) -> None:
    """Of an unchanged line, leave the price from which v3 computes the same totals again."""
    net, gross = present.get("net_price"), present.get("gross_price")
    price, quantity = present.get("unit_net_price"), present.get("quantity")
    percent = percent_of(present.get("tax_symbol"))
    if not isinstance(net, int) or not isinstance(gross, int) or percent is None:
        return
    if net + half_up(net * percent, 100) != gross:
        keep = "gross_price"
    elif price is None or blank(quantity) or multiply(read_number(str(quantity)), price) != net:
        keep = "net_price"
    else:
        keep = "unit_net_price"
    for name in PRICES:
        if name != keep:
            row.pop(name, None)


def _writable(plan: Plan, name: str, changes: Mapping[str, Any]) -> bool:
    """Say whether v3 takes a field of a line: not ids, and not what it computes itself.

    A part of another field goes along as long as that one stays.
    """
    step, rule = plan.by_v3.get(name), plan.v3_only.get(name)
    if step is not None:
        return step.rule.direction != "read"
    if rule is not None and (whole := plan.by_v3.get(rule.part_of)):
        return whole.v2 not in changes
    return rule is None or not rule.derived
