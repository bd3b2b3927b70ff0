"""What v3's create takes of a record.

Nothing read-only, one price a line (decisions.md section 2).
"""

from collections.abc import Mapping
from typing import Any

from infakt_compat.errors import ConversionError, Fault
from infakt_compat.notices import Notice
from infakt_compat.tables.load import tables
from infakt_compat.translate.compile import Plan, plans

#: v2's and v3's order of prices: the first that is there decides, the others are computed.
PRICES = ("unit_net_price", "net_price", "gross_price")


def create_body(
    resource: str, record: Mapping[str, Any], residue: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Notice]]:
    """Give the body of a create without its envelope, and a notice for each defaulted value.

    Raises `ConversionError` with every reason why v3 or v2 would not create the document.
    """
    plan = plans()[resource].of_kind(record.get("kind"))
    body = writable(plan, record)
    faults: list[Fault] = []
    notices: list[Notice] = []
    if resource == "invoice":
        _invoice(plan, body, faults, notices)
    _country(plan, body, residue, faults, notices)
    if faults:
        raise ConversionError(faults)
    return body, notices


def writable(plan: Plan, record: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values of a record that can be written, by the direction of their rules."""
    body = {}
    for name, value in record.items():
        step = plan.by_v3.get(name)
        if step is not None and step.type == "list" and plan.lines is not None:
            body[name] = [writable(plan.lines, row) for row in value]
        elif step is not None and step.rule.direction != "read":
            body[name] = value
    return body


def keep_one_price(row: dict[str, Any]) -> bool:
    """Leave only the price that decides in a line; says whether there is one."""
    present = [name for name in PRICES if row.get(name) is not None]
    for name in present[1:]:
        del row[name]
    return bool(present)


def _invoice(plan: Plan, body: dict[str, Any], faults: list[Fault], notices: list[Notice]) -> None:
    """Check and complete the body of an invoice."""
    kind = plan.by_v3["kind"].v2
    creatable = {value.v3 for value in tables().enums["kinds"].values if value.creatable}
    if body.get("kind") not in creatable:
        faults.append(Fault("kind.not_creatable", kind, str(body.get("kind", ""))))
        return
    if body.get("status") == "paid":
        del body["status"]  # paid is a call of its own in v3 (decisions.md 5)
    if "currency" not in body:
        body["currency"] = "PLN"
        notices.append(plan.notice("currency.defaulted", plan.by_v3["currency"].v2))
    if "number" in body:
        body.setdefault("check_duplicate_number", True)
    assert plan.lines is not None
    for position, row in enumerate(body.get("services", ())):
        prefix = f"services[{position}]."
        if "tax_symbol" not in row:
            faults.append(Fault("rate.required", prefix + plan.lines.by_v3["tax_symbol"].v2))
        if not keep_one_price(row):
            faults.append(Fault("price.required", prefix + plan.lines.by_v3["unit_net_price"].v2))


def _country(
    plan: Plan,
    body: dict[str, Any],
    residue: Mapping[str, Any],
    faults: list[Fault],
    notices: list[Notice],
) -> None:
    """Send Poland where no country was given with the buyer's data.

    Refuse one that is in no table.
    """
    step = next(step for step in plan.shown if step.type == "country")
    if step.target in body:
        return
    kept = residue.get("fields", {}).get(step.v2)
    if kept is not None:
        faults.append(Fault("enum.unknown", step.v2, str(kept["value"])))
        return
    name = next(step for step in plan.shown if step.rule.converter == "company")
    if name.target in body:
        body[step.target] = "PL"
        notices.append(plan.notice("country.defaulted", step.v2))
