"""The way back as straight code: the common case of showing each v3 field in v2's words.

What is blank and has a stand-in, comes from several fields, or is no plain text or number goes to
the general way (`other`); so does what v2 has no value of its own for. Written out when a plan
shows its first record, as most runs show few kinds of documents or none.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from infakt_compat.translate.converters import Refused, Shown

Get = Callable[[str], Any]
#: Handles the rule at an index in general; the first argument is handed through.
Other = Callable[[Any, int], None]
#: v2's name; v3's, "" for none, None for several; what shows a value (None: a text stays as it
#: is); what v2 shows for nothing; whether something stands in for nothing.
Plain = tuple[str, str | None, Callable[[Any], object] | None, object, bool]
Ordinary = Callable[[Get, dict[str, Any], Any, Other], None]

_OTHER = """
    other(state, {index})
"""
_NOTHING = """
    record[{v2!r}] = {empty!r}
"""
_COPIED = """
    value = get({v3!r})
    if type(value) is str:
        record[{v2!r}] = value
    elif value is None:
        record[{v2!r}] = {empty!r}
    else:
        other(state, {index})
"""
_SHOWN = """
    value = get({v3!r})
    made = type(value)
    if made is int or (made is str and value):
        try:
            shown = show_{index}(value)
        except Refused:
            other(state, {index})
        else:
            if type(shown) is Shown:
                other(state, {index})
            else:
                record[{v2!r}] = shown
    elif (value is None or made is str) and not {absent}:
        record[{v2!r}] = {empty!r}
    else:
        other(state, {index})
"""


def _common(v3: str | None, show: Callable[[Any], object] | None, absent: bool) -> str:
    """Give the code of a rule."""
    if v3 is None or (absent and (v3 == "" or show is None)):
        return _OTHER
    if v3 == "":
        return _NOTHING
    return _COPIED if show is None else _SHOWN


class ShownOrdinary:
    """The function for some rules, made at its first call."""

    def __init__(self, rules: tuple[Plain, ...]) -> None:
        """Keep the rules, in the order of v2's fields."""
        self._rules = rules
        self._made: Ordinary | None = None

    def __call__(self, get: Get, record: dict[str, Any], state: Any, other: Other) -> None:
        """Take the ordinary values of a v3 record over."""
        if self._made is None:
            self._made = _unrolled(self._rules)
        self._made(get, record, state, other)


@cache
def _unrolled(rules: tuple[Plain, ...]) -> Ordinary:
    """Make the function; the names come from the project's own tables and stand as literals."""
    code = ["def ordinary(get, record, state, other):"]
    known: dict[str, Any] = {"Refused": Refused, "Shown": Shown}
    for index, (v2, v3, show, empty, absent) in enumerate(rules):
        common = _common(v3, show, absent)
        code.append(common.format(v2=v2, v3=v3, index=index, empty=empty, absent=absent))
        known[f"show_{index}"] = show
    code.append("    return None")
    exec(compile("\n".join(code), "<rules shown>", "exec"), known)
    made: Ordinary = known["ordinary"]
    return made
