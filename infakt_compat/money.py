"""Numbers as v2 wrote them, and grosze as v3 holds them: text, int and Decimal, never a float.

The rules are those of decisions.md section 2: a dot or a comma as the decimal sign, spaces and
no-break spaces between thousands; whatever could mean two amounts is refused.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation

# Wide enough for any product of two accepted numbers; traps whatever would round by itself.
EXACT = Context(prec=60, rounding=ROUND_HALF_UP, traps=[InvalidOperation, Inexact])

_SPACES = " \u00a0\u202f"
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)")
_GROUPED = re.compile(rf"[+-]?[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}})+(?:[.,][0-9]*)?")
_AMBIGUOUS = re.compile(r",[0-9]{3}")
_MOST_DECIMALS = 12
_LIMIT = Decimal(10) ** 12


class NumberText(str):
    """The text of a JSON number that has a fraction or an exponent, exactly as it was written."""

    __slots__ = ()


class OutOfRange(ValueError):
    """A number that is larger than any amount may be."""


def read_number(text: str) -> Decimal:
    """Read a number as v2's callers wrote it.

    Raises `ValueError` for what is no number or could mean two: both decimal signs, a comma before
    exactly three digits, exponents, NaN and infinities, more than 12 decimals; `OutOfRange` for
    10^12 and more.
    """
    text = text.strip(" \t\r\n\u00a0\u202f")
    if _PLAIN.fullmatch(text) is None:
        if _GROUPED.fullmatch(text) is None:
            raise ValueError(text)
        text = text.translate({ord(space): None for space in _SPACES})
    sign, _, fraction = text.replace(",", ".").partition(".")
    if len(fraction) > _MOST_DECIMALS or len(sign) > 20:
        raise ValueError(text)
    if len(fraction) == 3 and _AMBIGUOUS.search(text):
        raise ValueError(text)
    number = Decimal(f"{sign}.{fraction}0")
    if abs(number) >= _LIMIT:
        raise OutOfRange(text)
    return shortest(number)


def shortest(number: Decimal) -> Decimal:
    """Give the number without trailing zeros, without an exponent and without a negative zero."""
    if not number:
        return Decimal(0)
    number = number.normalize(EXACT)
    return number if number.as_tuple().exponent <= 0 else number.quantize(Decimal(1), context=EXACT)  # type: ignore[operator]


def number_text(number: Decimal | int) -> str:
    """Write a number as v2 did: the shortest text with at least one digit after the point."""
    text = format(shortest(Decimal(number)), "f")
    return text if "." in text else text + ".0"


def grosze(zloty: Decimal) -> tuple[int, bool]:
    """Give the grosze of an amount in zloty, rounded half up, and whether that is exact."""
    scaled = zloty.scaleb(2, EXACT)
    whole = int(scaled.to_integral_value(ROUND_HALF_UP))
    return whole, whole == scaled


def plain_grosze(text: str) -> int | None:
    """Give the grosze of an amount in the service's own spelling (`122.0`, `-0.55`), else None.

    The service wrote nearly every amount so: this is `grosze(read_number(text))` without the
    general case.
    """
    if text[-3:-2] == ".":
        scale = 1
    elif text[-2:-1] == ".":
        scale = 10
    else:
        return None
    digits = text.replace(".", "", 1)
    if not digits.isascii() or len(digits) > 13:
        return None
    if digits.isdigit():
        return int(digits) * scale
    negative = text[0] == "-" and digits[1:].isdigit() and text[1] != "."
    return int(digits) * scale if negative else None


def zloty(amount: int) -> Decimal:
    """Give the zloty of an amount in grosze, in their shortest form."""
    if amount % 100 == 0:
        return Decimal(amount // 100)
    if amount % 10 == 0:
        return Decimal(amount // 10).scaleb(-1, EXACT)
    return Decimal(amount).scaleb(-2, EXACT)


def half_up(numerator: int, denominator: int) -> int:
    """Divide and round half up, away from zero for negative amounts, as v3 does on each line."""
    if numerator < 0:
        return -half_up(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def multiply(quantity: Decimal | int, price: Decimal | int) -> int:
    """Multiply a quantity by a price in grosze and round half up to the grosz."""
    if isinstance(quantity, int) and isinstance(price, int):
        return quantity * price
    product = EXACT.multiply(Decimal(quantity), Decimal(price))
    return int(product.to_integral_value(ROUND_HALF_UP))
