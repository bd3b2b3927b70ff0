"""What a v2 caller sent: taken out of its envelope, and checked as v2 did before anything is sent.

Every fault at once (decisions.md 5, "create").
"""

from collections.abc import Mapping, Sequence
from typing import Any

from infakt_compat.codecs.tree import Twice
from infakt_compat.errors import ConversionError
from infakt_compat.facade.account import Record, invoice_plan
from infakt_compat.facade.calls import Call
from infakt_compat.facade.faults import Faults
from infakt_compat.notices import Notice
from infakt_compat.tables.load import tables
from infakt_compat.translate.compile import Plan, Step, blank, plans
from infakt_compat.translate.converters import Refused, text_of
from infakt_compat.translate.documents import unwrap_v2
from infakt_compat.translate.forward import line_records, plain_fields
from infakt_compat.translate.payload import PRICES

#: What v2 wanted of an invoice and of a line (S:440), by v3's names; and one of the prices.
REQUIRED = ("client_id", "status", "kind", "payment_method")
LINE_REQUIRED = ("name", "quantity", "tax_symbol")
EXEMPT = "zw"


def opened(call: Call, tree: object) -> Mapping[str, Any]:
    """Take an invoice out of its envelope; what v2 did not look at beside it is left out."""
    plan = plans()[call.resource].of_kind("")
    envelope = plan.resource.v2.envelope
    if not isinstance(tree, Mapping):
        raise call.refuse(envelope, f'a record is expected: {{"{envelope}": {{...}}}}')
    if envelope in tree and not isinstance(tree[envelope], Mapping):
        return {}
    if envelope in tree and not isinstance(tree, Twice):
        beside = {name for name, _ in plan.written}
        for name in [name for name in tree if name != envelope and name not in beside]:
            call.note([plan.notice("field.unknown", str(name), f"beside {envelope}")])
        tree = {name: tree[name] for name in tree if name == envelope or name in beside}
    try:
        return unwrap_v2(call.resource, tree)
    except ConversionError as error:
        raise call.refused(error.faults) from error


def lines_of(plan: Plan, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]] | None:
    """Give the lines of a body; None when they are none that can be read."""
    try:
        return line_records(_given(plan, body, "services"))
    except ConversionError:
        return None


def required(call: Call, body: Mapping[str, Any], exemption: bool) -> Faults:
    """Gather what v2 wanted of a new invoice; `exemption` says that the account has a ground."""
    plan = invoice_plan()
    lines = lines_of(plan, body) or []
    call.lines = len(lines)
    faults = call.faults()
    for name in REQUIRED:
        if blank(_given(plan, body, name)):
            faults.add(plan.by_v3[name].v2, "blank")
    if not lines and blank(_given(plan, body, "services")):
        faults.add("services", "blank")
    exempt = False
    assert plan.lines is not None
    for row, line in enumerate(lines):
        exempt |= _line(plan.lines, line, row, faults)
    reason = plan.by_v3["vat_exemption_reason"]
    if exempt and not exemption and blank(_given(plan, body, reason.target)):
        faults.add(reason.v2, "blank")
    kind = plan.by_v3["kind"]
    if not blank(value := _given(plan, body, "kind")) and not creatable(read(kind, value)):
        faults.add(kind.v2, "invalid")
    return faults


def _line(plan: Plan, line: Mapping[str, Any], row: int, faults: Faults) -> bool:
    """Check one line; says whether it is exempt."""
    for name in LINE_REQUIRED:
        if blank(_given(plan, line, name)):
            faults.add(plan.by_v3[name].v2, "blank", row)
    if all(blank(_given(plan, line, name)) for name in PRICES):
        faults.add(plan.by_v3[PRICES[0]].v2, "blank", row)
    return read(plan.by_v3["tax_symbol"], _given(plan, line, "tax_symbol")) == EXEMPT


def _given(plan: Plan, body: Mapping[str, Any], name: str) -> Any:
    """Give what a body holds for a v3 field, under v2's name or an alias of it."""
    own = plan.by_v3[name].v2
    plain = body if own in body else plain_fields(plan, body, "", [])
    return plain.get(own)


def read(step: Step, value: object) -> object:
    """Give the v3 value of a v2 value; None for one that cannot be read."""
    if blank(value):
        return None
    try:
        found = step.converter.to_v3(value if type(value) is str else text_of(value, step.type))
    except Refused:
        return None
    return getattr(found, "v3", found)


def creatable(kind: object) -> bool:
    """Say whether v2 could write a kind (decisions.md 2); one that cannot be read is no kind."""
    kinds = tables().enums["kinds"].values
    return any(value.v3 == kind and value.creatable for value in kinds)


def read_only(plan: Plan, body: Record, notices: list[Notice]) -> None:
    """Leave out what v2 never took, and say so."""
    for name in [name for name in body if name in plan.by_v2]:
        if plan.by_v2[name].rule.direction == "read":
            value = body.pop(name)
            if not blank(value):
                notices.append(plan.notice("field.read_only", name))
