"""A v2 tree becomes a v3 record, a residue and notices.

The archive direction, one pass over the compiled rules.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import define, field

from infakt_compat.codecs.json_text import escaped
from infakt_compat.codecs.tree import Twice
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.money import EXACT, NumberText, multiply, read_number
from infakt_compat.notices import Notice
from infakt_compat.translate import lines as line_rules
from infakt_compat.translate import residue as residues
from infakt_compat.translate.compile import Plan, Plans, Step, blank
from infakt_compat.translate.converters import KEEP, Lossy, Refused, text_of
from infakt_compat.translate.residue import Entry

# The kinds whose totals are no plain sums of their lines (v3-wire 5).
_NO_SUMS = frozenset({"correction", "margin"})


@define
class Result:
    """What one translation to v3 gives: the record, the residue, and what is to be said."""

    record: dict[str, Any]
    residue: dict[str, Any]
    notices: list[Notice]


@define
class Gathered:
    """The notices and faults of the document at hand."""

    notices: list[Notice] = field(factory=list)
    faults: list[Fault] = field(factory=list)


def translate(plans: Plans, body: Mapping[str, Any]) -> Result:
    """Translate one v2 record without its envelope. Raises `ConversionError` with every fault."""
    plan = plans.of_kind(_kind(plans, body))
    gathered = Gathered()
    record, kept = record_fields(plan, body, "", gathered)
    kept_lines: list[dict[str, Any]] = []
    if plan.lines is not None:
        kept_day = kept.get(plan.sale_day, {}).get("value")
        day = record.get("sale_date") or kept_day or record.get("invoice_date")
        _lines(plan, plan.lines, body.get("services"), day, record, kept_lines, gathered)
    if gathered.faults:
        raise ConversionError(gathered.faults)
    return Result(record, residues.build(kept, kept_lines), gathered.notices)


def _kind(plans: Plans, body: Mapping[str, Any]) -> object:
    """Find the v3 kind of an invoice; a kind that cannot be read is a fault of its field, later."""
    step = plans.kind_step
    value = body.get(step.v2) if step else None
    if step is None or step.read is None or not isinstance(value, str) or value == "":
        return ""
    try:
        return step.read(value)
    except Refused:
        return ""


def record_fields(
    plan: Plan, body: Mapping[str, Any], prefix: str, gathered: Gathered
) -> tuple[dict[str, Any], dict[str, Entry]]:
    """Translate the plain fields of a record: what v3 gets, and what is kept of it."""
    record: dict[str, Any] = {}
    kept: dict[str, Entry] = {}
    if not body.keys() <= plan.known or type(body) is Twice:
        body = _unknown(plan, body, prefix, kept, gathered)
    get = body.get
    plan.ordinary(get, record, (plan, prefix, record, kept, gathered), _other)
    for name, step in plan.kept:
        value = get(name)
        if value or (value is not None and value != ""):
            _keep(plan, step, value, "field.v2_only", prefix, kept, gathered)
    for name, step in plan.written:
        value = get(name)
        if value or (value is not None and value != ""):
            text = _keep(plan, step, value, "field.write_only", prefix, kept, gathered)
            if text is not None:
                record[step.target] = kept[name]["v3"] = step.converter.to_v3(text)
    return record, kept


def _other(
    state: tuple[Plan, str, dict[str, Any], dict[str, Entry], Gathered], index: int, value: Any
) -> None:
    """Translate a value that is no plain text, or has no exact result, or is refused."""
    plan, prefix, record, kept, gathered = state
    step = plan.both[index]
    if value == "":
        return
    try:
        # A number's text is read as it is; copied, it becomes plain text.
        if step.read is None or type(value) is not NumberText:
            value = value if type(value) is str else text_of(value, step.type)
        result = value if step.read is None else step.read(value)
    except Refused as refused:
        gathered.faults.append(Fault(refused.code, prefix + step.v2, refused.detail))
        return
    if isinstance(result, Lossy):
        _keep_lossy(plan, step, result, prefix, record, kept, gathered)
    elif isinstance(result, tuple):
        _spread(step, result, record)
    else:
        record[step.target] = result


def _keep_lossy(
    plan: Plan,
    step: Step,
    lossy: Lossy,
    prefix: str,
    record: dict[str, Any],
    kept: dict[str, Entry],
    gathered: Gathered,
) -> None:
    """Take over what v3 can hold of a value, and keep the value."""
    if lossy.v3 is not None:
        record[step.target] = lossy.v3
    kept[step.v2] = {"value": str(lossy.kept), "v3": lossy.v3}
    gathered.notices.append(plan.notice(lossy.code, prefix + step.v2, lossy.detail))


def _spread(step: Step, result: tuple[object, ...], record: dict[str, Any]) -> None:
    """Take over a value that is several v3 fields."""
    for name, part in zip(step.v3, result, strict=True):
        if part is not None and part is not KEEP:
            record[name] = part


def _keep(
    plan: Plan,
    step: Step,
    value: object,
    code: str,
    prefix: str,
    kept: dict[str, Entry],
    gathered: Gathered,
) -> str | None:
    """Keep a value that v3 has no field for, or never shows; gives its text, None when refused."""
    try:
        text = value if type(value) is str else text_of(value, step.type)
        step.converter.canonical(text)
    except Refused as refused:
        gathered.faults.append(Fault(refused.code, prefix + step.v2, refused.detail))
        return None
    kept[step.v2] = {"value": text}
    gathered.notices.append(plan.notice(code, prefix + step.v2, text[:60]))
    return text


def _unknown(
    plan: Plan, body: Mapping[str, Any], prefix: str, kept: dict[str, Entry], gathered: Gathered
) -> Mapping[str, Any]:
    """Report fields that came twice, rename aliases, keep unknown fields.

    Gives the plain record.
    """
    plain = plain_fields(plan, body, prefix, gathered.faults)
    for name in [name for name in plain if name not in plan.known]:
        value = plain.pop(name)
        try:
            kept[residues.field_name(name)] = {"value": residues.keep_unknown(value)}
            gathered.notices.append(plan.notice("field.unknown", f"{prefix}{name}"))
        except Refused as refused:
            gathered.faults.append(Fault(refused.code, prefix + escaped(name), refused.detail))
    return plain


def plain_fields(
    plan: Plan, body: Mapping[str, Any], prefix: str, faults: list[Fault]
) -> dict[str, Any]:
    """Give the fields of a record under their own names; fields that come twice are faults."""
    plain = dict(body)
    if isinstance(body, Twice):
        faults += [Fault("field.twice", prefix + escaped(name)) for name in body.names]
    for alias, known in plan.aliases.items():
        if alias not in plain:
            continue
        value = plain.pop(alias)
        if not blank(plain.get(known)) and not blank(value):
            faults.append(Fault("field.twice", prefix + known, f"also as {alias}"))
        elif known not in plain or not blank(value):
            plain[known] = value
    return plain


def line_records(services: Any) -> list[Mapping[str, Any]]:
    """Give the lines of a document, a list or what Rails made of one (`{"service": ...}`).

    Raises `ConversionError` for anything else (v2-wire 6).
    """
    if blank(services):
        return []
    if isinstance(services, Twice):
        raise ConversionError([Fault("field.twice", f"services.{name}") for name in services.names])
    if isinstance(services, Mapping) and services.keys() <= {"service"}:
        services = services.get("service") or []
        services = [services] if isinstance(services, Mapping) else services
    if not isinstance(services, list | tuple):
        raise ConversionError([Fault("services.invalid", "services")])
    if bad := [index for index, line in enumerate(services) if not isinstance(line, Mapping)]:
        raise ConversionError([Fault("services.invalid", f"services[{index}]") for index in bad])
    return list(services)


def _lines(
    plan: Plan,
    lines: Plan,
    services: Any,
    day: str | None,
    record: dict[str, Any],
    kept_lines: list[dict[str, Any]],
    gathered: Gathered,
) -> None:
    """Translate the lines and check what they sum up to."""
    try:
        rows = line_records(services)
    except ConversionError as error:
        gathered.faults += error.faults
        return
    if not rows:
        return
    found = []
    for position, row in enumerate(rows):
        prefix = f"services[{position}]."
        line, kept = record_fields(lines, row, prefix, gathered)
        if not gathered.faults:
            _complete(lines, line, kept, day, prefix, gathered)
        if kept:
            kept_lines.append(residues.line_entry(position, line, kept))
        found.append(line)
    record["services"] = found
    if plan.kind not in _NO_SUMS and not gathered.faults:
        wanted = line_rules.sums(found)
        for name in line_rules.differing(record, wanted):
            v2 = plan.by_v3[name].v2
            detail = line_rules.both(v2, record[name], wanted[name])
            gathered.notices.append(plan.notice("totals.differ", v2, detail))


def _complete(
    plan: Plan,
    line: dict[str, Any],
    kept: dict[str, Entry],
    day: str | None,
    prefix: str,
    gathered: Gathered,
) -> None:
    """Infer a blank rate, give the net value of a fine price, and say where totals differ."""
    if "tax_symbol" not in plan.by_v3:
        return  # the lines of a margin invoice have neither rate nor net price
    if "tax_symbol" not in line:
        _infer_rate(plan, line, kept, day, prefix, gathered)
    elif line_rules.agrees(line):
        return
    exact_price = None
    price = plan.by_v3["unit_net_price"].v2
    if price in kept:
        exact_price = read_number(kept[price]["value"]).scaleb(2, EXACT)
        fill_net_price(plan, line, kept, exact_price, prefix, gathered)
    wanted = line_rules.computed(line, exact_price)
    names = list(line_rules.differing(line, wanted))
    if names:
        detail = "; ".join(
            line_rules.both(plan.by_v3[name].v2, line[name], wanted[name]) for name in names
        )
        gathered.notices.append(plan.notice("totals.differ", prefix[:-1], detail))


def _infer_rate(
    plan: Plan,
    line: dict[str, Any],
    kept: dict[str, Entry],
    day: str | None,
    prefix: str,
    gathered: Gathered,
) -> None:
    """Take the rate that explains the line, or say that none does."""
    name = plan.by_v3["tax_symbol"].v2
    symbol = line_rules.inferred_rate(line.get("net_price"), line.get("tax_price"), day)
    if symbol is None:
        gathered.notices.append(plan.notice("rate.missing", prefix + name))
        return
    line["tax_symbol"] = symbol
    kept[name] = {"value": None, "v3": symbol}
    gathered.notices.append(plan.notice("rate.inferred", prefix + name, symbol))


def fill_net_price(
    plan: Plan,
    line: dict[str, Any],
    kept: dict[str, Entry],
    exact_price: Decimal,
    prefix: str,
    gathered: Gathered,
) -> None:
    """Give a line without unit price its net value, rounded half up, where v2 gave none."""
    if "net_price" in line or "quantity" not in line:
        return
    name = plan.by_v3["net_price"].v2
    net = multiply(line["quantity"], exact_price)
    line["net_price"] = net
    kept[name] = {"value": None, "v3": net}
    gathered.notices.append(
        plan.notice("price.unit_precision", prefix + name, line_rules.both(name, net, None))
    )
