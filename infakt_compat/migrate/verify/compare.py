"""One document of the archive against what v3 holds, in v2's words, field by field.

What v3 holds is translated back by the way of `to_v2`, with what v3 cannot hold beside it, and
compared with the archive's own normal form: the strongest proof, as a mistake of the translation
there would not be found again by comparing what was sent with what came back. Where the two differ,
the difference counts as explained only when v3 holds what it was expected to hold.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from attrs import define, frozen

from infakt_compat.errors import ConversionError
from infakt_compat.migrate.journal import Entry
from infakt_compat.migrate.planning.families import CLIENTS, CORRECTIVE
from infakt_compat.migrate.planning.numbers import NUMBERS
from infakt_compat.migrate.verify.expected import Computed, Expected
from infakt_compat.migrate.verify.filled import of_document, of_line
from infakt_compat.migrate.verify.texts import text
from infakt_compat.translate import backward
from infakt_compat.translate.compile import Plan, Step, blank, plans
from infakt_compat.translate.forward import Result
from infakt_compat.translate.lines import TOTALS
from infakt_compat.translate.normal_form import canonical_record

Record = Mapping[str, Any]

PAID, PAID_AMOUNT, EXEMPTION = "paid", "paid_price", "vat_exemption_reason"
#: What a row of a correction must be as it was sent.
_OF_ROW = ("name", "tax_symbol", "unit", "quantity", "symbol", "unit_net_price")


@frozen
class Found:
    """A difference: where, both values as texts, and the code that explains it (or none)."""

    path: str
    source: str
    v3: str
    code: str = ""


def compare(
    resource: str,
    body: Record,
    result: Result,
    entry: Entry,
    row: Record,
    wanted: Expected,
    client: int | None,
    clients: str = "match",
) -> list[Found]:
    """Compare one document; `row` is what v3 holds, `client` the v3 id of its saved client.

    `clients` says how the import dealt with clients: match, embed or keep.
    """
    plan = plans()[resource].of_kind(result.record.get("kind"))
    source = canonical_record(plans()[resource], body)
    try:
        view = backward.translate(plans()[resource], row, result.residue).record
    except ConversionError as error:
        return [Found(fault.path, "", str(fault)) for fault in error.faults]
    one = _Comparison(plan, resource, entry, result.record, row, wanted, clients)
    found = list(one.fields(source, view))
    if entry.family == CORRECTIVE:
        found += one.rows()
    elif plan.lines is not None:
        found += one.lines(source, view)
    found += one.apart(client)
    return found


@define
class _Comparison:
    """One comparison at work."""

    plan: Plan
    resource: str
    entry: Entry
    record: Record
    row: Record
    wanted: Expected
    clients: str

    def fields(self, source: Record, view: Record) -> Iterator[Found]:
        """Compare the fields of the document itself."""
        for step in self.plan.shown:
            if not _compared(step):
                continue
            here, there = source.get(step.v2), view.get(step.v2)
            if here != there:
                yield Found(step.v2, text(here), text(there), self._why(step, here))

    def _why(self, step: Step, here: object) -> str:
        """Give the code that explains a difference of a field of the document."""
        name = step.target
        if name in NUMBERS and isinstance(here, str):
            here = here.strip()
            if here == self.row.get(name):
                return "number.blanks"
        if name in TOTALS:
            return self._total(self.record, self.row, name, self.wanted)
        if name == "status" and not blank(here):
            return self._status()
        if name == PAID_AMOUNT and self.entry.paid_by == "none" and self.row.get(name) == 0:
            return "paid.not_carried"
        if name == EXEMPTION and self.row.get(EXEMPTION) is not None:
            return self._exemption(here)
        filled = of_document(self.resource, self.record, name, self.clients)
        return self._filled(here, filled=filled)

    def _total(self, record: Record, row: Record, name: str, wanted: Computed) -> str:
        """Explain a total: v3 computes it, and it has to be what was expected."""
        held, computed, given = row.get(name), wanted.totals.get(name), record.get(name)
        if self.entry.already:
            return "import.already"
        if computed is None or given is None:
            return self._filled(given, filled=computed is None or held == computed)
        if held != computed:
            return ""
        if self.entry.family == CORRECTIVE:
            return "correction.difference" if given == wanted.proven.get(name) else ""
        return "totals.rounding" if abs(given - computed) <= wanted.rounding else ""

    def _exemption(self, here: object) -> str:
        """Explain a ground of exemption: v3's own id of it, or the one that was given for all."""
        if not blank(here):
            return "exemption.mapped"
        if self.entry.already:
            return "import.already"
        exempt = any(line.get("tax_symbol") == "zw" for line in self.record.get("services") or ())
        return "exemption.given" if exempt else ""

    def _status(self) -> str:
        """Explain a status: one that v3 has not taken, or that the import was told to leave."""
        if self.entry.already:
            return "import.already"
        if self.entry.paid_by == "none" and self.entry.status == PAID:
            return "paid.none"
        codes = {fault.code for fault in self.entry.faults}
        owing = "status" in self.entry.owing.split(",")
        if "import.in_ksef" in codes:
            return "import.in_ksef"
        return "import.status" if owing or "import.status" in codes else ""

    def _filled(self, here: object, *, filled: bool) -> str:
        """Explain a value that the archive does not have, where v3 fills such a field."""
        if filled and blank(here):
            return "v3.filled"
        return "import.already" if self.entry.already else ""

    def lines(self, source: Record, view: Record) -> Iterator[Found]:
        """Compare the lines one by one, in their order."""
        assert self.plan.lines is not None
        ours, theirs = source.get("services") or [], view.get("services") or []
        if len(ours) != len(theirs):
            yield Found(
                "services", str(len(ours)), str(len(theirs)), self._filled(ours, filled=False)
            )
            return
        for position, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            for step in self.plan.lines.shown:
                if _compared(step) and one.get(step.v2) != other.get(step.v2):
                    here, there = one.get(step.v2), other.get(step.v2)
                    path = f"services[{position}].{step.v2}"
                    yield Found(path, text(here), text(there), self._line(step, position, here))

    def _line(self, step: Step, position: int, here: object) -> str:
        """Give the code that explains a difference of a field of a line."""
        name, lines = step.target, self.wanted.lines
        line = lines[position] if position < len(lines) else None
        given = self.record["services"][position]
        if name in TOTALS and line is not None:
            return self._total(given, self.row["services"][position], name, line)
        if name == "unit_net_price" and line is not None and line.price != name:
            finer = name not in given
            return "price.unit_precision" if finer and not blank(here) else "price.recomputed"
        return self._filled(here, filled=of_line(name))

    def rows(self) -> Iterator[Found]:
        """Compare the rows of a correction with those that were proven and sent."""
        held = self.row.get("services") or []
        if len(held) != len(self.wanted.rows):
            yield Found("services", str(len(self.wanted.rows)), str(len(held)))
            return
        for position, (sent, there) in enumerate(zip(self.wanted.rows, held, strict=True)):
            for name in (*_OF_ROW, "correction"):
                if name in sent and not _same(sent[name], there.get(name)):
                    path = f"services[{position}].{name}"
                    yield Found(path, text(sent[name]), text(there.get(name)))

    def apart(self, client: int | None) -> Iterator[Found]:
        """Compare what the journal took for what v2 never kept: the client, the day of payment."""
        if self.entry.family == CLIENTS:
            return
        if client is not None and self.row.get("client_id") != client:
            path = self.plan.by_v3["client_id"].v2
            held = self.row.get("client_id")
            yield Found(path, str(client), text(held), self._filled(client, filled=False))
        day = self.entry.paid_date
        if day is not None and not self.entry.owing and self.row.get("paid_date") != day:
            step = self.plan.by_v3["paid_date"]
            yield Found(
                step.v2, day, text(self.row.get("paid_date")), self._filled(day, filled=False)
            )


def _compared(step: Step) -> bool:
    """Say whether a field is compared: v3's ids are its own, and v2 never showed what it took."""
    return step.type not in ("id", "list") and step.rule.direction != "write"


def _same(sent: object, held: object) -> bool:
    """Compare a value as it was sent with one as it came back: numbers by value."""
    if blank(sent) and blank(held):
        return True
    if isinstance(sent, bool) or isinstance(held, bool):
        return bool(sent) is bool(held)
    try:
        return Decimal(str(sent)) == Decimal(str(held))
    except ArithmeticError:
        return str(sent) == str(held)
