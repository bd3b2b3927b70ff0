"""What check makes of tax numbers, series, names and bank accounts, value by value."""

import pytest

from infakt_compat.migrate.checks.iban import account_numbers, valid
from infakt_compat.migrate.checks.identifiers import Identifiers, digits_of, identify
from infakt_compat.migrate.checks.names import comparable
from infakt_compat.migrate.checks.series import place_of


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("PL", "525-224-84-81", ""),
        ("", "PL 5252248481", ""),
        ("PL", "5252248480", "nip.invalid"),
        ("PL", "0000000000", "nip.invalid"),  # its checksum is right; FA(3) refuses it
        ("PL", "52522484", "nip.invalid"),
        ("PL", "brak", "nip.invalid"),
        ("PL", "44051401359", "nip.other_number"),  # a PESEL
        ("PL", "123456785", "nip.other_number"),  # a REGON
        ("PL", "DE136695976", "nip.other_country"),
        ("PL", "DE136695977", "nip.invalid"),
        ("DE", "DE 136 695 976", ""),
        ("DE", "136695976", ""),
        ("DE", "5252248481", "vat_number.invalid"),
        ("GR", "EL094259216", ""),
        ("GB", "any number of theirs", ""),
        ("US", "1" * 51, "ksef.too_long"),
    ],
)
def test_a_buyers_tax_number(country: str, text: str, code: str) -> None:
    """By its checksum in Poland, by the country's rules in the Union, by its length elsewhere."""
    found = identify(country, text)
    assert found.code == code
    assert digits_of(text) == "".join(char for char in text if char.isdigit())
    assert found.detail == (text if code else "")


def test_no_tax_number() -> None:
    """Separators alone are none."""
    assert not identify("PL", " - ").known


def test_a_number_is_looked_at_once_and_memory_is_bounded() -> None:
    """Thousands of buyers leave no more than thousands in memory."""
    memory = Identifiers()
    for number in range(45_000):
        assert memory["US", str(number)].code == ""
    assert len(memory) <= 20_000


@pytest.mark.parametrize(
    ("number", "day", "series", "place"),
    [
        ("7/05/2013", "2013-05-03", "#/05/2013", 7),
        ("5/05/2013", "2013-05-03", "#/05/2013", 5),
        ("1/PROF/03/2023", "2023-03-01", "#/PROF/03/2023", 1),
        ("FV/2013/05/0007", "2013-05-03", "FV/2013/05/#", 7),
        ("FV/2013/2/0002", "2013-02-01", "FV/2013/2/#", 2),
        ("2/2/2013", "2013-02-01", "#/2/2013", 2),
        ("2/2013", "2013-02-01", "#/2013", 2),
        ("FS-123/13", "2013-01-01", "FS-#/13", 123),
        ("12/13", "2013-12-01", "#/13", 12),
        ("A12", "", "A#", 12),
        ("13", "2013-01-01", "#", 13),
    ],
)
def test_the_series_of_a_number(number: str, day: str, series: str, place: int) -> None:
    """Month and year are no counters, where they can be told from one."""
    assert place_of(number, day) == (series, place)


@pytest.mark.parametrize("number", ["bez numeru", "", "zam. 1234567890123", "1234567890/05/2013"])
def test_a_number_of_no_series(number: str) -> None:
    """Without digits, or with more than a counter has."""
    assert place_of(number, "2013-05-03") is None


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ŁÓDŹ-Trans Sp. z o.o.", "Lodz Trans spółka z ograniczoną odpowiedzialnością"),
        ("Firma X S.A.", "FIRMA  X"),
        ("Kowalski s.c.", "kowalski"),
    ],
)
def test_names_of_one_company(name: str, other: str) -> None:
    """Case, accents, punctuation and legal form do not count."""
    assert comparable(name) == comparable(other)


@pytest.mark.parametrize(
    ("name", "other"), [("Ska Music", "Music"), ("Firma 1", "Firma 2"), ("S.A.", "Sp. z o.o.")]
)
def test_names_of_two_companies(name: str, other: str) -> None:
    """What only looks like a legal form is a part of the name; a form alone is a name."""
    assert comparable(name) != comparable(other)


def test_account_numbers_in_a_text() -> None:
    """With and without spaces and prefix; other long numbers are none."""
    right, wrong = "61 1090 1014 0000 0712 1981 2874", "PL61109010140000071219812875"
    found = list(account_numbers(f"konto {right}, dawniej {wrong}, nr 123456789012345678901234567"))
    assert found == [
        ("61109010140000071219812874", True),
        ("61109010140000071219812875", False),
    ]
    assert list(account_numbers("krótko")) == []
    assert valid(right)
    assert valid("DE89 3704 0044 0532 0130 00")
    assert not valid(wrong)
