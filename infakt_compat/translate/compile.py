"""The tables compiled for each kind of document: translating one costs no table look-ups."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from attrs import field, frozen

from infakt_compat.errors import TableError
from infakt_compat.notices import Notice
from infakt_compat.tables.load import tables
from infakt_compat.tables.rules import Enum, Resource, Rule, Tables
from infakt_compat.translate.converters import Converter
from infakt_compat.translate.registry import CONVERTERS
from infakt_compat.translate.unroll import Ordinary, unrolled
from infakt_compat.translate.unroll_shown import Plain, ShownOrdinary

_MEMO_TEXT = 64
_MEMO_SIZE = 4_000


class Memo(dict[Any, object]):
    """What a converter made of each value seen: bounded, as archives repeat their values."""

    def __init__(self, convert: Callable[[Any], object]) -> None:
        """Remember the results of one side of a converter."""
        super().__init__()
        self._convert = convert

    def __missing__(self, value: str | int) -> object:
        """Convert a text or a whole number that was not seen before; raises `Refused`."""
        result = self._convert(value)
        if type(value) is int or len(str(value)) <= _MEMO_TEXT:
            if len(self) >= _MEMO_SIZE:
                self.clear()
            self[value] = result
        return result


Read = Callable[[str], object]


def _reader(converter: Converter) -> Read | None:
    """Give the quickest way to what a converter makes of a text."""
    if converter.copied:
        return None
    return Memo(converter.to_v3).__getitem__ if converter.repeats else converter.to_v3


def _shower(converter: Converter) -> Callable[[Any], object] | None:
    """Give the quickest way to what v2 shows of one v3 value; None: a text stays as it is."""
    if type(converter).to_v2 is Converter.to_v2:
        return None
    return Memo(converter.to_v2).__getitem__ if converter.repeats else converter.to_v2


@frozen
class Step:
    """One rule, ready to run.

    `read` gives what v3 gets for a text, `show` what v2 shows of a v3 value; None where a text is
    copied.
    """

    v2: str
    v3: tuple[str, ...]
    target: str
    type: str
    rule: Rule
    converter: Converter
    read: Read | None
    show: Callable[[Any], object] | None


@frozen
class Plan:
    """Everything that translating one kind of document needs."""

    resource: Resource
    kind: str
    #: All steps in the order of the v2 field list.
    shown: tuple[Step, ...]
    #: Those of them that v2 shows of a v3 record, and the common case of each as straight code.
    plain_shown: tuple[Step, ...]
    ordinary_shown: ShownOrdinary
    #: The fields of both, in v3's order, and the common case of each as straight code.
    both: tuple[Step, ...]
    ordinary: Ordinary
    #: v2 fields without a v3 field, and those that v2 never showed: they are kept.
    kept: tuple[tuple[str, Step], ...]
    written: tuple[tuple[str, Step], ...]
    known: frozenset[str]
    aliases: dict[str, str]
    #: The v2 field that says which rates are in force, also where this kind's v3 has no such field.
    sale_day: str
    by_v2: dict[str, Step]
    by_v3: dict[str, Step]
    v3_only: dict[str, Rule]
    known_v3: frozenset[str]
    lines: "Plan | None"
    _levels: dict[str, str] = field(repr=False)

    def notice(self, code: str, path: str, detail: str = "") -> Notice:
        """Make a notice with the level that the tables give its code."""
        return Notice(code, self._levels[code], path, detail)


@frozen
class Plans:
    """The plans of one resource by v3 kind (`""`: no kind, or one that the tables do not know)."""

    resource: Resource
    by_kind: dict[str, Plan]
    kind_step: Step | None

    def of_kind(self, kind: object) -> Plan:
        """Give the plan of a v3 kind."""
        found = self.by_kind.get(kind) if isinstance(kind, str) else None
        return self.by_kind[""] if found is None else found


def compile_plans(known: Tables) -> dict[str, Plans]:
    """Compile tables; raises `TableError`, with file and line, for an unknown converter."""
    levels = {code.code: code.level for code in known.codes.values()}
    kinds = sorted({value.v3 for value in known.enums["kinds"].values})
    return {
        name: _plans(resource, kinds, known, levels) for name, resource in known.resources.items()
    }


@cache
def plans() -> dict[str, Plans]:
    """Give the compiled plans of the project's own tables, by resource."""
    return compile_plans(tables())


@cache
def rates() -> Enum:
    """Give the VAT rates of the project's own tables."""
    return tables().enums["rates"]


def _plans(
    resource: Resource, kinds: Iterable[str], known: Tables, levels: dict[str, str]
) -> Plans:
    """Compile one resource for every kind; a rule's converter is shared by the kinds."""
    steps = {id(rule): step for rule, step in _steps(resource, known)}
    lines = {id(rule): step for rule, step in _steps(resource.lines, known)}
    by_kind = {}
    for kind in ("", *kinds) if resource.lines else ("",):
        child = None if resource.lines is None else _plan(resource.lines, kind, lines, None, levels)
        by_kind[kind] = _plan(resource, kind, steps, child, levels)
    kind_step = next((step for step in steps.values() if step.rule.enum == "kinds"), None)
    return Plans(resource, by_kind, kind_step)


def _steps(resource: Resource | None, known: Tables) -> list[tuple[Rule, Step]]:
    """Make a step of every rule that has a v2 field."""
    found = []
    for rule in () if resource is None else resource.rules:
        if rule.v2 is None:
            continue
        if rule.converter not in CONVERTERS:
            place = f"mappings/{resource.file if resource else ''}:{rule.line}"
            raise TableError(f"{place}: unknown converter {rule.converter!r}")
        converter = CONVERTERS[rule.converter](rule, known)
        target = rule.v3[0] if rule.v3 else ""
        read, show = _reader(converter), _shower(converter)
        found.append((rule, Step(rule.v2, rule.v3, target, rule.type, rule, converter, read, show)))
    return found


def _plan(
    resource: Resource,
    kind: str,
    steps: dict[int, Step],
    lines: Plan | None,
    levels: dict[str, str],
) -> Plan:
    """Sort the steps of one kind by what the engine does with them."""
    rules = resource.rules_for(kind)
    own = [steps[id(rule)] for rule in rules if rule.v2 is not None]
    v2_order = {name: index for index, name in enumerate(resource.v2.fields)}
    v3_order = {name: index for index, name in enumerate(resource.v3.fields)}
    shown = sorted(own, key=lambda step: v2_order[step.v2])
    plain = [s for s in shown if s.type != "list" and s.rule.direction != "write"]
    fields = [step for step in own if step.type != "list"]
    both = [step for step in fields if step.v3 and step.rule.direction != "write"]
    both.sort(key=lambda step: v3_order[step.target])
    return Plan(
        resource=resource,
        kind=kind,
        shown=tuple(shown),
        plain_shown=tuple(plain),
        ordinary_shown=ShownOrdinary(tuple(map(_plainly, plain))),
        both=tuple(both),
        ordinary=unrolled(tuple((s.v2, s.target, s.type, s.read) for s in both)),
        kept=tuple((step.v2, step) for step in fields if not step.v3),
        written=tuple((step.v2, step) for step in fields if step.rule.direction == "write"),
        known=frozenset(step.v2 for step in own),
        aliases={alias: step.v2 for step in own for alias in step.rule.aliases},
        sale_day=next((r.v2 for r in resource.rules if r.v2 and "sale_date" in r.v3), ""),
        by_v2={step.v2: step for step in own},
        by_v3={name: step for step in own for name in step.v3},
        v3_only={name: rule for rule in rules if rule.v2 is None for name in rule.v3},
        known_v3=frozenset(name for step in own for name in step.v3),
        lines=lines,
        levels=levels,
    )


def _plainly(step: Step) -> Plain:
    """Say how the common case of a step is shown; a rule of several v3 fields has none."""
    one = None if len(step.v3) > 1 else step.target
    return step.v2, one, step.show, step.converter.empty, bool(step.rule.absent)


def blank(value: Any) -> bool:
    """Say whether a value is absent: null and empty text are one value with it (decisions.md 2)."""
    return value is None or (isinstance(value, str) and value == "")
