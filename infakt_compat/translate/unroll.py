"""The common case of each rule as straight code, written out once when the tables are compiled.

A record has dozens of fields, an archive millions: a loop over the rules spends more time on itself
than on the values. What is not a plain text with an exact result goes to the general way (`other`).
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from infakt_compat.translate.converters import Refused

Get = Callable[[str], Any]
#: Handles the value of the rule at an index in general; the first argument is handed through.
Other = Callable[[Any, int, Any], None]
Plain = tuple[str, str, str, Callable[[str], object] | None]
Ordinary = Callable[[Get, dict[str, Any], Any, Other], None]

_COPIED = """
    value = get({v2!r})
    if type(value) is str:
        if value:
            record[{v3!r}] = value
    elif value is not None:
        other(state, {index}, value)
"""
_READ = """
    value = get({v2!r})
    if type(value) is str:
        if value:
            try:
                result = read_{index}(value)
            except Refused:
                other(state, {index}, value)
            else:
                made = type(result)
                if made is int or made is str:
                    record[{v3!r}] = result
                else:
                    other(state, {index}, value)
    elif value is not None:
        other(state, {index}, value)
"""
# JSON gives ids as numbers already.
_ID = _READ.replace(
    "    elif value is not None:",
    """    elif type(value) is int and 0 <= value < 10**18:
        record[{v3!r}] = value
    elif value is not None:""",
)


@cache
def unrolled(rules: tuple[Plain, ...]) -> Ordinary:
    """Make the function that takes the ordinary values of a record over.

    Each rule is its v2 name, its v3 name, its type, and what reads a text (None: copied). The names
    come from the project's own tables and stand in the code as literals. Kinds of documents with
    the same rules share the function.
    """
    code = ["def ordinary(get, record, state, other):"]
    known: dict[str, Any] = {"Refused": Refused}
    for index, (v2, v3, kind, read) in enumerate(rules):
        common = _COPIED if read is None else _ID if kind == "id" else _READ
        code.append(common.format(v2=v2, v3=v3, index=index))
        known[f"read_{index}"] = read
    code.append("    return None")
    exec(compile("\n".join(code), "<rules>", "exec"), known)
    made: Ordinary = known["ordinary"]
    return made
