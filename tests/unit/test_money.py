"""Numbers in and out: exact, half up, and nothing that could mean two amounts (decisions.md 2)."""

from decimal import Decimal

import pytest

from infakt_compat.money import (
    NumberText,
    grosze,
    half_up,
    multiply,
    number_text,
    plain_grosze,
    read_number,
    shortest,
    zloty,
)

READ = {
    "0": "0",
    "122": "122",
    "122.0": "122",
    "122,00": "122",
    "122,55": "122.55",
    "99.9900": "99.99",
    "-5,5": "-5.5",
    "+5": "5",
    "5.": "5",
    ".5": "0.5",
    ",5": "0.5",
    "007": "7",
    "1 234,56": "1234.56",
    "1\u00a0234\u00a0567,8": "1234567.8",
    "1\u202f234": "1234",
    "-1 000.5": "-1000.5",
    " 12 ": "12",
    "\t12\n": "12",
    "1.234": "1.234",
    "12,3456": "12.3456",
    "0.000000000001": "0.000000000001",
    "999999999999.99": "999999999999.99",
    "-999999999999.999999999999": "-999999999999.999999999999",
}

REFUSED = [
    "",
    " ",
    ".",
    ",",
    "-",
    "+",
    "- 5",
    "--5",
    "1.2.3",
    "1,2,3",
    "1,234.56",
    "1.234,56",
    "1,234",
    "0,123",
    "1 234,567",
    "12 34",
    "1234 567",
    "1  234",
    "1 234 56",
    "1e5",
    "1E-2",
    "NaN",
    "nan",
    "Infinity",
    "-Infinity",
    "inf",
    "True",
    "0x10",
    "1_000",
    "12 zł",
    "1\u22122",
    "\u0661\u0662",
    "\uff11",
    "\u00b2",
    "1000000000000",
    "-1000000000000",
    "1 000 000 000 000",
    "0.0000000000001",
    "1.0000000000000",
    "9" * 5000,
    "0" * 30 + "1",
    "1'000",
    "1\n234",
]


@pytest.mark.parametrize("text", READ, ids=ascii)
def test_a_number_is_read(text: str) -> None:
    """Every spelling that callers send is read as one exact number."""
    assert read_number(text) == Decimal(READ[text])


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text)[:30])
def test_what_is_no_single_number_is_refused(text: str) -> None:
    """No number, or one that could mean two amounts: refused, never guessed."""
    with pytest.raises(ValueError):  # noqa: PT011  the text quotes what was found
        read_number(text)


def test_a_read_number_is_in_its_shortest_form() -> None:
    """Equal amounts are equal texts: no trailing zeros, no exponent, no negative zero."""
    assert str(read_number("1000")) == "1000"
    assert str(read_number("1000.50")) == "1000.5"
    assert str(read_number("-0,00")) == "0"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("122", "122.0"),
        ("122.50", "122.5"),
        ("122.55", "122.55"),
        ("0", "0.0"),
        ("-0", "0.0"),
        ("1E+3", "1000.0"),
        ("1E-7", "0.0000001"),
        ("-5", "-5.0"),
    ],
)
def test_a_number_is_written_as_v2_did(number: str, text: str) -> None:
    """The shortest text with at least one digit after the point."""
    assert number_text(Decimal(number)) == text


def test_an_int_is_written_with_a_fraction() -> None:
    """An int is an amount too."""
    assert number_text(7) == "7.0"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("122", (12200, True)),
        ("122.55", (12255, True)),
        ("0.005", (1, False)),
        ("0.004", (0, False)),
        ("-0.005", (-1, False)),
        ("1.115", (112, False)),
        ("1.125", (113, False)),
        ("999999999999.999999999999", (100000000000000, False)),
    ],
)
def test_grosze_are_rounded_half_up(amount: str, expected: tuple[int, bool]) -> None:
    """Half a grosz goes up, away from zero, and the answer says whether anything was lost."""
    assert grosze(Decimal(amount)) == expected


@pytest.mark.parametrize("amount", [0, 1, -1, 99, 100, 12255, -12255, 10**14])
def test_zloty_and_grosze_are_inverse(amount: int) -> None:
    """An amount in grosze comes back from zloty exactly."""
    assert grosze(zloty(amount)) == (amount, True)


@pytest.mark.parametrize(
    "text",
    [
        *READ,
        *REFUSED,
        "122.0",
        "0.55",
        "-0.55",
        "-.5",
        "..5",
        "-1.5",
        "x.5",
        "1.x",
        "-x.55",
        "12345678901.23",
        "99999999999999.5",
        "\u0663.5",
        "1.\u0665",
        "\u00b2.5",
    ],
    ids=lambda text: ascii(text)[:30],
)
def test_the_short_way_agrees_with_the_long_one(text: str) -> None:
    """Where the quick reader answers at all, it answers what the general one does."""
    quick = plain_grosze(text)
    if quick is not None:
        assert (quick, True) == grosze(read_number(text))


def test_the_short_way_is_taken() -> None:
    """The service's own spelling needs no general case."""
    assert plain_grosze("122.0") == 12200
    assert plain_grosze("-0.55") == -55
    assert plain_grosze("122") is None
    assert plain_grosze("122,00") is None


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(5, 10, 1), (4, 10, 0), (-5, 10, -1), (-4, 10, 0), (15, 10, 2), (25, 10, 3), (0, 7, 0)],
)
def test_halves_go_up(numerator: int, denominator: int, expected: int) -> None:
    """v3 rounds half up on each line, away from zero for negative amounts."""
    assert half_up(numerator, denominator) == expected


@pytest.mark.parametrize(
    ("quantity", "price", "expected"),
    [
        (3, 3333, 9999),
        (Decimal("0.5"), 3, 2),
        (Decimal("-0.5"), 3, -2),
        (Decimal("1.5"), Decimal("33.3333"), 50),
        (Decimal("0.000000000001"), 10**14, 100),
        (2, Decimal("0.25"), 1),
    ],
)
def test_a_product_is_rounded_once(
    quantity: Decimal | int, price: Decimal | int, expected: int
) -> None:
    """Quantity times price is exact until it is rounded to the grosz."""
    assert multiply(quantity, price) == expected


def test_shortest_keeps_the_value_of_wide_numbers() -> None:
    """Nothing is rounded by the decimal context: 24 digits stay 24 digits."""
    number = Decimal("123456789012.123456789012")
    assert shortest(number) == number


def test_the_text_of_a_number_stays_as_written() -> None:
    """`NumberText` is text, and equal to it."""
    assert NumberText("1.50") == "1.50"
    assert str(NumberText("1.50")) == "1.50"
