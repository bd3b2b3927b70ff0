"""What the rows of a v2 correction mean, proven by its totals (v3-wire 5).

v2 wrote the rows as the state after the correction, as the difference, or as both states, and the
totals as the difference or as the state after. v3 wants each row before and after, and computes the
difference itself. A reading counts when v3 comes to what the correction says; where none does, or
several do that are not the same correction, nothing is created.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from attrs import frozen

from infakt_compat.errors import Fault
from infakt_compat.migrate.planning.prices import chosen
from infakt_compat.money import number_text, zloty
from infakt_compat.translate.lines import TOTALS, computed
from infakt_compat.translate.payload import PRICES

Row = dict[str, Any]
Amounts = tuple[int, int, int]
T = TypeVar("T")

#: What a row of a create says; ids and totals are v3's own.
_OF_ROW = ("name", "tax_symbol", "unit", "quantity", "symbol", "flat_rate_tax_symbol", "gtu_id")


@frozen
class Proof:
    """The rows before and after a correction, pair by pair, and all rows that stand after it.

    Or the fault that says why they are not known.
    """

    pairs: tuple[tuple[Row, Row], ...] = ()
    after: tuple[Row, ...] = ()
    fault: Fault | None = None

    @property
    def rows(self) -> list[Row]:
        """Give the rows as create takes them: `group` a text, before without `correction`."""
        found = []
        for number, pair in enumerate(self.pairs, 1):
            for corrected, row in enumerate(pair):
                found.append({**row, "group": str(number), "correction": bool(corrected)})
        return found

    @property
    def difference(self) -> Amounts:
        """Give what v3 will compute as the correction's net, tax and gross, in grosze."""
        return _minus(_sum(after for _, after in self.pairs), _sum(old for old, _ in self.pairs))


def prove(before: Sequence[Mapping[str, Any]], correction: Mapping[str, Any]) -> Proof:
    """Find what a correction means; `before` are the rows that stood until then."""
    net, tax, gross = (correction.get(name) for name in TOTALS)
    old = [_sent(row) for row in before]
    new = [_sent(row) for row in correction.get("services") or ()]
    whole = None not in [_amounts(row) for row in [*old, *new]]
    if net is None or tax is None or gross is None or not new or not whole:
        return Proof(fault=Fault("correction.incomplete"))
    # Where an earlier correction left nothing, there is nothing to prove a further one by.
    fitting = _fitting(old, new, (net, tax, gross)) if old else ()
    found = {_content(one): one for one in fitting}
    if len(found) == 1:
        return next(iter(found.values()))
    code = "correction.ambiguous" if found else "correction.unproven"
    return Proof(fault=Fault(code, "", number_text(zloty(gross))))


def prove_all(
    rows: Sequence[Mapping[str, Any]] | None,
    corrections: Iterable[tuple[T, Mapping[str, Any] | None]],
) -> Iterator[tuple[T, Proof]]:
    """Prove the corrections of one document, each on the rows that the one before left.

    `rows` are the document's own, None when it is not created. Nothing can be proven behind a
    correction that is not created; one that was refused before stands here without its body.
    """
    for one, body in corrections:
        if body is None:
            rows = None
            continue
        refused = Proof(fault=Fault("correction.original_rejected"))
        proof = refused if rows is None else prove(rows, body)
        rows = None if proof.fault else proof.after
        yield one, proof


def _fitting(old: list[Row], new: list[Row], totals: Amounts) -> Iterator[Proof]:
    """Give every reading with which the totals agree, as the difference or as the state after."""
    for proof in _readings(old, new):
        if totals in (proof.difference, _sum(proof.after)):
            yield proof


def _readings(old: list[Row], new: list[Row]) -> Iterator[Proof]:
    """Give what the rows could mean; nothing turns negative by being corrected."""
    if not any(map(_negative, new)) or any(map(_negative, old)):
        yield _as_after(old, new)
    yield _as_difference(old, new)
    half = len(new) // 2
    if len(new) == 2 * half:
        for befores, afters in ((new[:half], new[half:]), (new[::2], new[1::2])):
            rest = _without(old, befores)
            if rest is not None:
                pairs = tuple(zip(befores, afters, strict=True))
                yield Proof(pairs, (*afters, *rest))


def _as_after(old: list[Row], new: list[Row]) -> Proof:
    """Read the rows as the state after: what is missing was taken away, what is new was added."""
    rest, pairs = list(old), []
    matches = [_taken(rest, row, by_name=True) for row in new]
    for row, match in zip(new, matches, strict=True):
        match = match or _taken(rest, row, by_name=False)
        pairs.append((match or _nothing(row), row))
    return Proof((*pairs, *((row, _nothing(row)) for row in rest)), tuple(new))


def _as_difference(old: list[Row], new: list[Row]) -> Proof:
    """Read the rows as differences; one that changes no row as a whole is a row that was added."""
    rest, pairs = list(old), []
    for row in new:
        match = next((one for one in rest if _same_thing(one, row)), None)
        changed = None if match is None else _changed(match, row)
        if match is None or changed is None:
            pairs.append((_nothing(row), row))
        else:
            rest.remove(match)
            pairs.append((match, changed))
    stands = (row for _, row in pairs if _quantity(row))
    return Proof(tuple(pairs), (*stands, *rest))


def _changed(row: Row, difference: Row) -> Row | None:
    """Add a difference to a row, of its quantity or of its price; None when neither is exact."""
    wanted = tuple(map(sum, zip(_totals(row), _totals(difference), strict=True)))
    quantity = _quantity(row) + _quantity(difference)
    whole = int(quantity) if quantity == int(quantity) else quantity
    trials = [{**row, "quantity": whole}]
    price = "unit_net_price"
    if price in row and price in difference:
        trials.append({**row, price: row[price] + difference[price]})
    return next((one for one in trials if _totals(one) == wanted), None)


def _taken(rest: list[Row], row: Row, *, by_name: bool) -> Row | None:
    """Take the row out of a list that is the same thing: by name and rate, or the next by rate."""
    rate = row.get("tax_symbol")
    for one in rest:
        if _same_thing(one, row) if by_name else str(one.get("tax_symbol")) == str(rate):
            rest.remove(one)
            return one
    return None


def _same_thing(one: Row, other: Row) -> bool:
    names = [str(row.get("name") or "").casefold().split() for row in (one, other)]
    return names[0] == names[1] and str(one.get("tax_symbol")) == str(other.get("tax_symbol"))


def _without(old: list[Row], befores: list[Row]) -> list[Row] | None:
    """Give the rows that a correction leaves alone; None when it names a row that never stood."""
    rest = list(old)
    for row in befores:
        match = next((one for one in rest if _measure(one) == _measure(row)), None)
        if match is None:
            return None
        rest.remove(match)
    return rest


def _measure(row: Row) -> Any:
    return str(row.get("tax_symbol")), _quantity(row), _totals(row)


def _nothing(row: Row) -> Row:
    """Give a row as it is where there is none of it."""
    price = {name: 0 for name in PRICES if name in row}
    return {**row, **price, "quantity": 0}


def _negative(row: Row) -> bool:
    return min(_totals(row)) < 0


def _content(proof: Proof) -> Any:
    """What two readings have to share to be one correction."""
    rows = sorted((str(row.get("name")), _measure(row)) for row in proof.after)
    return str(rows), proof.difference


def _sent(row: Mapping[str, Any]) -> Row:
    """Give a row as create takes it: one price, nothing of v3's own."""
    priced, _, _ = chosen(row)
    return {name: value for name, value in priced.items() if name in (*_OF_ROW, *PRICES)}


def _amounts(row: Row) -> Amounts | None:
    """Give what v3 computes of a row; None where it cannot."""
    try:
        found = computed(row, None)
    except ValueError:
        return None
    net, tax, gross = (found.get(name) for name in TOTALS)
    return None if net is None or tax is None or gross is None else (net, tax, gross)


def _totals(row: Row) -> Amounts:
    return _amounts(row) or (0, 0, 0)


def _quantity(row: Row) -> Decimal:
    return Decimal(str(row.get("quantity", 0)))


def _sum(rows: Iterable[Row]) -> Amounts:
    net, tax, gross = map(sum, zip((0, 0, 0), *map(_totals, rows), strict=True))
    return net, tax, gross


def _minus(one: Amounts, other: Amounts) -> Amounts:
    return one[0] - other[0], one[1] - other[1], one[2] - other[2]
