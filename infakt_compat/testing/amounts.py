"""Amounts and their arithmetic: drawn from a tape, exact, rounded half up."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal

from infakt_compat.testing.tape import Tape

EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
"""A context of its own: the callers' may be narrow, and nothing here may round by itself."""

GROSZ = Decimal("0.01")
"""One grosz, in units of the currency."""


def half_up(value: Decimal) -> Decimal:
    """Round an amount in units of the currency half up to the grosz."""
    return value.quantize(GROSZ, rounding=ROUND_HALF_UP, context=EXACT)


def int_half_up(value: Decimal) -> int:
    """Round an amount in grosze half up to a whole one."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=EXACT))


def scaled(digits: int, exponent: int) -> Decimal:
    """Give ``digits`` times ten to the power of ``exponent``."""
    return EXACT.scaleb(Decimal(digits), Decimal(exponent))


def percent(rate: str) -> Decimal:
    """Give the percentage of a rate of VAT; "zw", "np" and the like have none, 0."""
    return Decimal(rate) if rate.isdigit() else Decimal(0)


def grosze(tape: Tape) -> int:
    """Mostly everyday sums, sometimes up to fifty million zlotys, in grosze."""
    size = tape.pick((10000, 100, 1000000, 100000000, 5_000_000_000))
    return tape.number(5) % size


def money(tape: Tape) -> Decimal:
    """Give a sum above zero with two decimals, in units of the currency."""
    return scaled(1 + grosze(tape), -2)


def _two_decimals(digits: int) -> Decimal:
    return scaled(digits, -2)


def _negative(digits: int) -> Decimal:
    return -scaled(digits, -2)


def _four_decimals(digits: int) -> Decimal:
    return scaled(digits, -4)


# Of twenty amounts; the others have two decimals, and one is absent.
_ABSENT = 9
_SHAPES: dict[int, Callable[[int], Decimal]] = {
    10: lambda _: Decimal(0),
    11: lambda digits: Decimal(digits // 100),
    12: _negative,
    13: _negative,
    14: _four_decimals,
    15: _four_decimals,
    16: lambda digits: scaled(digits, -3),
    17: lambda digits: scaled(digits // 10, -1),
    18: lambda digits: scaled(digits * 10000, -6),
    19: lambda digits: scaled(digits, -12),
}


def amount(tape: Tape) -> Decimal | None:
    """Give an amount in units of the currency.

    Two decimals mostly; also none, one, three, four, six and twelve, negative, zero, absent.
    """
    shape = tape.byte() % 20
    digits = grosze(tape)
    if shape == _ABSENT:
        return None
    return _SHAPES.get(shape, _two_decimals)(digits)
