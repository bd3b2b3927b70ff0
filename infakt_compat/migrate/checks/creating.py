"""What v3's create refuses of an invoice, beyond what its payload already says (v3-wire 1.4, 4.4).

Values are v3's, the paths v2's: that is where an owner mends them.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from attrs import frozen

from infakt_compat.errors import Fault
from infakt_compat.tables.limits import limits
from infakt_compat.translate.compile import Plan, blank

Record = Mapping[str, Any]
EXEMPT, HOME = "zw", "PL"
#: The currencies that v3's documentation lists (seed 004).
CURRENCIES = frozenset((
    "PLN", "THB", "USD", "AUD", "HKD", "CAD", "NZD", "SGD", "EUR", "HUF", "CHF", "GBP", "UAH",
    "JPY", "CZK", "DKK", "ISK", "NOK", "SEK", "HRK", "RON", "BGN", "TRY", "LTL", "LVL", "PHP",
    "MXN", "ZAR", "BRL", "MYR", "RUB", "IDR", "KRW", "CNY", "INR",
))  # fmt: skip


@frozen
class Given:
    """What v2 never had and an import will be told.

    `clients` is how documents find theirs (match, embed, keep); `sale_type` for buyers abroad;
    `exemption` v3's id of the ground for lines at zw that name none; `flat_rate` the rate of
    lump-sum tax.
    """

    clients: str = "match"
    sale_type: str | None = None
    exemption: int | None = None
    flat_rate: str | None = None


def refusals(plan: Plan, record: Record, ground: str, given: Given) -> Iterator[Fault]:
    """Give every reason why v3 would refuse an invoice, sent as the archive has it.

    `ground` is v2's ground of exemption. One that is a number may be an id of the account's, which
    only the account can tell (decisions.md 2).
    """
    get = record.get
    if blank(get("payment_method")):
        yield Fault("payment.required", plan.by_v3["payment_method"].v2)
    if get("currency", "PLN") not in CURRENCIES:
        yield Fault("currency.unknown", plan.by_v3["currency"].v2, str(get("currency")))
    if blank(get("client_company_name")):
        if get("client_id") is None:
            yield Fault("buyer.required", plan.by_v3["client_company_name"].v2)
        elif given.clients == "embed":
            yield Fault("buyer.only_id", plan.by_v3["client_id"].v2, str(get("client_id")))
    if get("client_country", HOME) != HOME and not given.sale_type:
        path = plan.by_v3["client_country"].v2
        yield Fault("sale_type.required", path, str(get("client_country")))
    if ground and not ground.isdecimal() and given.exemption is None:
        yield Fault("exemption.unknown", plan.by_v3["vat_exemption_reason"].v2, ground)
    if not bounds("invoice", "v3").hold(record):
        yield from _too_long(plan, record, "")
    lines = get("services")
    if not lines:
        yield Fault("services.required", plan.by_v3["services"].v2)
        return
    assert plan.lines is not None
    known = bounds("service", "v3")
    for position, line in enumerate(lines):
        name = line.get("name")
        plain = name and not name.isspace() and line.get("tax_symbol") != EXEMPT
        if not (plain and known.hold(line)):
            yield from _line(plan.lines, line, f"services[{position}].", ground, given)


def _line(plan: Plan, line: Record, prefix: str, ground: str, given: Given) -> Iterator[Fault]:
    """Look at one line."""
    if blank((line.get("name") or "").strip()):
        yield Fault("name.required", prefix + plan.by_v3["name"].v2)
    if line.get("tax_symbol") == EXEMPT and not ground and given.exemption is None:
        yield Fault("exemption.required", prefix + plan.by_v3["tax_symbol"].v2)
    yield from _too_long(plan, line, prefix)


@frozen
class Bounds:
    """The limits of `limits.toml` for one resource, in v3 or in KSeF: fields, most, element."""

    single: tuple[tuple[str, int, str], ...]
    joined: tuple[tuple[tuple[str, ...], int, str], ...]

    def hold(self, record: Record) -> bool:
        """Say whether nothing is too long, as nearly always."""
        get = record.get
        for name, most, _ in self.single:
            value = get(name)
            if value and len(value) > most:
                return False
        for names, most, _ in self.joined:
            if sum([len(get(name) or "") + 1 for name in names]) > most:
                return False
        return True


def _joined(names: tuple[str, ...], record: Record) -> int:
    """Give the length of some fields with spaces between them."""
    return len(" ".join([record[name] for name in names if record.get(name)]))


@cache
def bounds(resource: str, of: str) -> Bounds:
    """Give the bounds of a resource in `v3`, or in `ksef` where v3's own is not lower."""
    found = []
    for one in limits().fields:
        if one.resource != resource:
            continue
        if of == "v3" and one.v3 is not None:
            found.append((one.fields, one.v3, ""))
        elif of == "ksef" and (one.v3 is None or one.ksef < one.v3):
            found.append((one.fields, one.ksef, f" {one.element}"))
    return Bounds(
        tuple((names[0], most, where) for names, most, where in found if len(names) == 1),
        tuple(one for one in found if len(one[0]) > 1),
    )


def too_long(plan: Plan, record: Record, of: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Give path and words of each field of a record that is longer than v3 or KSeF takes."""
    known = bounds(plan.resource.name, of)
    for name, most, where in known.single:
        value = record.get(name)
        if value and len(value) > most and name in plan.by_v3:
            yield prefix + plan.by_v3[name].v2, f"{len(value)} > {most}{where}"
    for names, most, where in known.joined:
        size = _joined(names, record)
        if size > most:
            yield prefix + plan.by_v3[names[0]].v2, f"{size} > {most}{where}"


def _too_long(plan: Plan, record: Record, prefix: str) -> Iterator[Fault]:
    """Refuse what is longer than v3 takes."""
    for path, detail in too_long(plan, record, "v3", prefix):
        yield Fault("text.too_long", path, detail)
