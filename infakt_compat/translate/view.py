"""The live view of a v3 document in v2's words: `get` shows it, `put` sends a change back.

Both are pure functions on documents and hold the view laws of decisions.md section 1.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from infakt_compat.errors import ConversionError, Fault
from infakt_compat.money import read_number
from infakt_compat.notices import Notice
from infakt_compat.translate import backward
from infakt_compat.translate import residue as residues
from infakt_compat.translate.compile import Plan, Plans, Step, blank, plans
from infakt_compat.translate.conversion import V2Document
from infakt_compat.translate.converters import Refused
from infakt_compat.translate.documents import open_v3, unwrap_v2
from infakt_compat.translate.forward import Gathered, line_records, plain_fields, record_fields
from infakt_compat.translate.lines import computed, sums
from infakt_compat.translate.residue import Entry
from infakt_compat.translate.view_lines import changed_lines, read_given

# Of rows whose total only v3 can compute; whatever it will be, it is not this.
_UNKNOWN_TOTAL = -1


@frozen
class Put:
    """What a changed view sends: the body of v3's PUT, the residue, the notices.

    `patch` is `{}` when nothing changed. Amounts are in grosze.
    """

    patch: dict[str, Any]
    residue: dict[str, Any]
    notices: tuple[Notice, ...]


def get(v3: Mapping[str, Any], residue: Mapping[str, Any] | None = None) -> V2Document:
    """Show a live v3 document as v2 showed it: dates never null, a paid invoice as paid.

    Raises `ConversionError` for what is no v3 document.
    """
    found, body, beside = open_v3(v3, known=bool(residue))
    result = backward.translate(plans()[found], body, residue or beside, live=True)
    return V2Document(found, result.record, tuple(result.notices))


def put(
    v3: Mapping[str, Any], v2: Mapping[str, Any], residue: Mapping[str, Any] | None = None
) -> Put:
    """Say what has to be sent so that the v2 record `v2`, whole or in part, becomes true.

    Fields that `v2` does not name, and those that are as `get` shows them, keep their v3 values.
    Raises `ConversionError` with every fault of the changed fields.
    """
    found, body, beside = open_v3(v3, known=bool(residue))
    change = _Change(plans()[found], body, residue or beside)
    change.take(unwrap_v2(found, v2))
    change.write_stand_ins()
    if change.gathered.faults:
        raise ConversionError(change.gathered.faults)
    whole = residues.build(change.kept, change.kept_lines)
    return Put(change.patch, whole, tuple(change.gathered.notices))


def _gross_total(rows: Sequence[Mapping[str, Any]]) -> int:
    """Give the total that v3 will compute of the rows that are sent to it."""
    try:
        total = sums(computed(_counted(row), None) for row in rows)["gross_price"]
    except ValueError:  # a quantity that is none
        total = None
    return _UNKNOWN_TOTAL if total is None else total


def _counted(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a row whose quantity is a number: v3 may show it as text, and counts none as one."""
    quantity = row.get("quantity")
    return {**row, "quantity": 1 if blank(quantity) else read_number(str(quantity))}


@define
class _Change:
    """A `put` at work: what is wanted, and what has to be sent for it."""

    plans: Plans
    body: Mapping[str, Any]
    residue: Mapping[str, Any] | None
    plan: Plan = field(init=False)
    shown: dict[str, Any] = field(init=False)
    kept: dict[str, Entry] = field(init=False)
    kept_lines: list[dict[str, Any]] = field(init=False)
    wanted: dict[str, Any] = field(factory=dict)
    given: dict[str, Any] = field(factory=dict)
    patch: dict[str, Any] = field(factory=dict)
    gathered: Gathered = field(factory=Gathered)

    def __attrs_post_init__(self) -> None:
        """Show the present document, and keep what still counts of the residue."""
        kind = self.plans.kind_step
        self.plan = self.plans.of_kind(self.body.get(kind.target) if kind else "")
        view = backward.translate(self.plans, self.body, self.residue, live=True)
        self.shown = view.record
        stale = {notice.path for notice in view.notices if notice.code == "residue.stale"}
        fields, lines = residues.parts(self.residue)
        self.kept = {name: entry for name, entry in fields.items() if name not in stale}
        self.kept_lines = [
            line for position, line in lines.items() if f"services[{position}]" not in stale
        ]

    def take(self, v2: Mapping[str, Any]) -> None:
        """Work out the changes of every field that is given."""
        unknown = {}
        for name, value in plain_fields(self.plan, v2, "", self.gathered.faults).items():
            step = self.plan.by_v2.get(name)
            if step is None:
                unknown[name] = value
            elif step.type == "list":
                self._take_lines(value)
            else:
                self._take_field(step, value)
        if unknown:
            _, kept = record_fields(self.plan, unknown, "", self.gathered)
            self.kept |= kept

    def _take_field(self, step: Step, value: object) -> None:
        """Compare one given value with what is shown; a changed one is written."""
        shown = self.shown.get(step.v2, step.converter.empty)
        try:
            text, wanted = read_given(step, value, shown)
        except Refused as refused:
            self.gathered.faults.append(Fault(refused.code, step.v2, refused.detail))
            return
        if wanted == shown:
            self.wanted[step.v2], self.given[step.v2] = wanted, text
        elif step.rule.direction == "read":
            self.gathered.notices.append(self.plan.notice("field.read_only", step.v2))
        else:
            if step.rule.direction == "both":
                self.wanted[step.v2], self.given[step.v2] = wanted, text
            self._write(step, text)

    def _write(self, step: Step, text: str) -> None:
        """Send a value: every v3 field of its rule, and to the residue what v3 cannot hold."""
        self.kept.pop(step.v2, None)
        if not text:
            self.patch |= dict.fromkeys(step.v3, "" if step.type == "text" else None)
            if not step.v3:
                self.kept[step.v2] = {"value": None}
            return
        record, kept = record_fields(self.plan, {step.v2: text}, "", self.gathered)
        if step.type == "country" and not record:
            self.gathered.faults.append(Fault("enum.unknown", step.v2, text))
        if not step.converter.copied:
            record = dict.fromkeys(step.v3) | record
        self.patch |= record
        self.kept |= kept

    def _take_lines(self, services: Any) -> None:
        """Compare the given lines with the present ones; v3 replaces them all when one changed."""
        assert self.plan.lines is not None
        try:
            given = line_records(services)
        except ConversionError as error:
            self.gathered.faults += error.faults
            return
        present = backward.v3_lines(self.body)
        rows, kept = changed_lines(
            self.plan.lines, given, present, self.shown["services"], self.kept_lines, self.gathered
        )
        if rows is not None:
            self.patch["services"] = rows
            self.kept_lines = kept

    def write_stand_ins(self) -> None:
        """Write out what was only standing in and would no longer: get(apply(s, put(s, v))) == v.

        What even then is shown otherwise (paid, with nothing paid) is kept in the residue.
        """
        if self.gathered.faults:
            return
        for step in self.plan.shown:
            if step.v3 and step.rule.absent in self.patch and step.v2 not in self.wanted:
                shown = self.shown[step.v2]
                if shown is not None and blank(self.body.get(step.target)):
                    self._write(step, str(shown))
        for name in self._shown_otherwise():
            step = self.plan.by_v2[name]
            if step.rule.direction == "both" and step.v3:
                self._write(step, self.given[name])
        for name in self._shown_otherwise():
            step = self.plan.by_v2[name]
            if step.rule.direction == "both":
                current = self._applied().get(step.target)
                self.kept[name] = {"value": self.given[name] or None, "v3": current}

    def _applied(self) -> dict[str, Any]:
        """Give the document as it will be, as far as this module can know."""
        applied = {**self.body, **self.patch}
        if "services" in self.patch:
            applied["gross_price"] = _gross_total(self.patch["services"])
        return applied

    def _shown_otherwise(self) -> list[str]:
        """Name the given fields that would be shown otherwise than wanted."""
        residue = residues.build(self.kept, [])
        applied = self._applied() | {"services": []}
        view = backward.translate(self.plans, applied, residue, live=True)
        return [name for name, value in self.wanted.items() if view.record.get(name) != value]
