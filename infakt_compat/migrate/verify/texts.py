"""Values that differ, as texts of a report."""

from decimal import Decimal

from infakt_compat.money import number_text

#: How much of a long text is quoted in a line, and in a table, in characters.
LINE, CELL = 80, 240


def text(value: object) -> str:
    """Write a value for a report; amounts and quantities as v2 wrote them."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return number_text(value)
    return str(value)


def quoted(one: str, other: str, most: int) -> tuple[str, str]:
    """Give two values that differ; of long ones, the part in which they begin to do so."""
    same = 0
    for here, there in zip(one, other, strict=False):
        if here != there:
            break
        same += 1
    return _cut(one, same, most), _cut(other, same, most)


def _cut(value: str, same: int, most: int) -> str:
    """Cut a text around the place up to which it is the same as another."""
    if len(value) <= most:
        return value
    start = min(max(0, same - most // 2), len(value) - most)
    end = start + most
    return f"{'…' if start else ''}{value[start:end]}{'…' if end < len(value) else ''}"
