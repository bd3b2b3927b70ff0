"""The loader refuses every mistake in a table with file and line."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from infakt_compat.errors import TableError
from infakt_compat.tables.files import data_folder
from infakt_compat.tables.load import load, tables
from infakt_compat.translate.compile import compile_plans

MAPPINGS = Path(__file__).parents[3] / "mappings"

Edit = Callable[[str, str, str], int]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of the tables to spoil."""
    return Path(shutil.copytree(MAPPINGS, tmp_path / "mappings"))


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Give a function that replaces a text where it first stands, and gives the line of that."""

    def replace(file: str, old: str, new: str) -> int:
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} is not in {file}: mend this test"
        path.write_text(text.replace(old, new, 1), "utf-8")
        return text[: text.index(old)].count("\n") + 1

    return replace


def refusal(folder: Path) -> str:
    """Load and compile a folder that must be refused; give the message."""
    with pytest.raises(TableError) as caught:
        compile_plans(load(folder))
    return str(caught.value)


def header_line(folder: Path, file: str, line: int) -> int:
    """Give the line of the table that a line belongs to."""
    lines = (folder / file).read_text("utf-8").splitlines()
    return max(n for n, text in enumerate(lines[:line], 1) if text.startswith("["))


def test_an_unchanged_copy_loads(folder: Path) -> None:
    """What the other tests spoil is whole before."""
    assert compile_plans(load(folder)).keys() == {"invoice", "client"}


# file, what stands there, what it is replaced by, what the message says
SPOILT = {
    "v2 field of no list": (
        "invoices.toml",
        'v2 = "numer"\n',
        'v2 = "number"\n',
        r"the rule matches nothing: no v2 field 'number'",
    ),
    "v3 field of no list": (
        "invoices.toml",
        'v3 = "notes"\n',
        'v3 = "uwagi"\n',
        r"the rule matches nothing: no v3 field 'uwagi'",
    ),
    "one of several v3 fields": (
        "invoices.toml",
        '"client_street_number", "client_flat_number"]\ntype',
        '"client_street_number", "client_flat"]\ntype',
        r"the rule matches nothing: no v3 field 'client_flat'",
    ),
    "line field of no list": (
        "invoices.toml",
        'v2 = "jm"\n',
        'v2 = "j_m"\n',
        r"the rule matches nothing: no v2 field 'j_m'",
    ),
    "client field of no list": (
        "clients.toml",
        'v2 = "nip"\n',
        'v2 = "pesel"\n',
        r"the rule matches nothing: no v2 field 'pesel'",
    ),
    "v2 field twice": (
        "invoices.toml",
        'v2 = "uwagi"\n',
        'v2 = "numer"\n',
        r"v2 field 'numer' comes twice \(first on line \d+\)",
    ),
    "v3 field twice": (
        "invoices.toml",
        'v3 = "notes"\n',
        'v3 = "number"\n',
        r"v3 field 'number' comes twice \(first on line \d+\)",
    ),
    "alias is a field": (
        "invoices.toml",
        'aliases = ["podstawa_zwolenienia"]',
        'aliases = ["numer"]',
        r"v2 field 'numer' comes twice",
    ),
    "field twice in one kind": (
        "invoices.toml",
        'not_kinds = ["advance"]\nabsent = "invoice_date"',
        'not_kinds = ["margin"]\nabsent = "invoice_date"',
        r"v2 field 'data_sprzedazy' comes twice",
    ),
    "unknown key": (
        "invoices.toml",
        'why = "A v2 id is',
        'wyh = "A v2 id is',
        r"unknown key wyh",
    ),
    "missing key": (
        "invoices.toml",
        'type = "id"\n',
        "",
        r".*missing 1 required positional argument: 'type'",
    ),
    "unknown type": (
        "invoices.toml",
        'type = "text"\n',
        'type = "string"\n',
        r"unknown type 'string'",
    ),
    "unknown direction": (
        "invoices.toml",
        'direction = "read"',
        'direction = "in"',
        r"unknown direction 'in'",
    ),
    "unknown enum": (
        "invoices.toml",
        'enum = "kinds"',
        'enum = "rodzaje"',
        r"unknown enum 'rodzaje'",
    ),
    "unknown kind": (
        "invoices.toml",
        'kinds = ["advance"]',
        'kinds = ["zaliczka"]',
        r"no such kind of invoice: zaliczka",
    ),
    "unknown not_kind": (
        "invoices.toml",
        'not_kinds = ["margin"]',
        'not_kinds = ["marza"]',
        r"no such kind of invoice: marza",
    ),
    "unknown converter": (
        "invoices.toml",
        'converter = "unit_price"',
        'converter = "price"',
        r"unknown converter 'price'",
    ),
    "no converter": (
        "clients.toml",
        'converter = "id"\n',
        "",
        r"a rule with a v2 field has a converter",
    ),
    "neither side": (
        "clients.toml",
        'v3 = "clean_nip"\n',
        "",
        r"a rule names neither a v2 nor a v3 field",
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_rule_is_refused_with_its_line(folder: Path, edit: Edit, name: str) -> None:
    """The message names file, the line of the rule, and what is wrong with it."""
    file, old, new, message = SPOILT[name]
    line = edit(file, old, new)
    said = refusal(folder)
    found = re.fullmatch(rf"mappings/{file}:(\d+): {message}.*", said)
    assert found, said
    if "twice" not in message:
        assert int(found[1]) == header_line(folder, file, line)


def test_a_field_that_is_listed_twice_is_refused(folder: Path, edit: Edit) -> None:
    """The field lists name a field once."""
    edit("clients.toml", '"client_id", "nazwa_firmy",', '"client_id", "client_id", "nazwa_firmy",')
    assert re.match(
        r"mappings/clients\.toml:\d+: client\.client_id is listed twice", refusal(folder)
    )


def test_a_field_that_is_listed_twice_names_its_line(folder: Path, edit: Edit) -> None:
    """The line of the list, not line 0."""
    edit("clients.toml", '"client_id", "nazwa_firmy",', '"client_id", "client_id", "nazwa_firmy",')
    assert not refusal(folder).startswith("mappings/clients.toml:0:")


HOLES = {
    "an enum rule without enum": ("invoices.toml", 'enum = "kinds"\n', ""),
    "no v2 side": ("clients.toml", "[v2]", "[v22]"),
    "no kinds": ("enums.toml", "[kinds]", "[kind]"),
}


@pytest.mark.parametrize("name", HOLES)
def test_a_hole_in_a_table_is_a_table_error(folder: Path, edit: Edit, name: str) -> None:
    """What is missing is said with the file, not with a bare KeyError."""
    file, old, new = HOLES[name]
    edit(file, old, new)
    assert refusal(folder).startswith("mappings/")


def test_broken_toml_names_file_and_line(folder: Path, edit: Edit) -> None:
    """A table that is no TOML says where it breaks."""
    line = edit("enums.toml", 'v3 = "vat"', "v3 = vat")
    assert re.match(rf"mappings/enums\.toml: .*line {line}\b", refusal(folder))


ENUMS = {
    "spelling twice": ('v2 = "Czek"', 'v2 = "Barter"', r"'Barter' comes twice"),
    "no way back": ("way_back = true\n", "", r"'printed' needs exactly one way_back"),
    "two symbols meet": (
        'v3 = "cash"',
        'v3 = "transfer"',
        r"'transfer' needs exactly one way_back",
    ),
    "shown as nothing": (
        'shown_as = "Inny"',
        'shown_as = "Inna"',
        r"shown_as 'Inna' is no value of v2",
    ),
    "neither v2 nor shown_as": (
        'shown_as = "Faktura VAT"\n',
        "",
        r"a value has either v2 or shown_as",
    ),
    "unknown key": ("creatable = true", "createable = true", r"unknown key createable"),
}


@pytest.mark.parametrize("name", ENUMS)
def test_a_spoilt_enumeration_is_refused_with_its_line(folder: Path, edit: Edit, name: str) -> None:
    """Values that come twice or have no way back to v2 are refused where they stand."""
    old, new, message = ENUMS[name]
    edit("enums.toml", old, new)
    found = re.fullmatch(rf"mappings/enums\.toml:(\d+): {message}", refusal(folder))
    assert found
    assert (
        (folder / "enums.toml").read_text("utf-8").splitlines()[int(found[1]) - 1].startswith("[")
    )


def test_an_enumeration_that_names_an_unknown_code_is_refused(folder: Path, edit: Edit) -> None:
    """A notice without a sentence cannot be said."""
    edit("enums.toml", '"payment.no_v2_value"', '"payment.nothing"')
    assert "payment_methods names unknown codes payment.nothing" in refusal(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('level = "warning"', 'level = "loud"'),
        ('\nen = "The amount has', '\nang = "The amount has'),
        ('\npl = "Kwota ma', '\npol = "Kwota ma'),
        ('level = "warning"\n', ""),
    ],
)
def test_a_code_needs_a_level_and_two_sentences(
    folder: Path, edit: Edit, old: str, new: str
) -> None:
    """English and Polish, and one of the three levels; else the code's line is named."""
    edit("notices.toml", old, new)
    assert re.fullmatch(
        r"mappings/notices\.toml:\d+: money\.rounded needs a level and a sentence in en and pl",
        refusal(folder),
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('synonyms = ["Księstwo Andory"]', 'synonyms = ["polska"]', "'polska' stands for"),
        ('synonyms = ["Księstwo Andory"]', 'synonyms = ["AE"]', "'ae' stands for"),
        ('english = "Andorra"', 'englisch = "Andorra"', "unknown key englisch"),
        ('english = "Andorra"\n', "", "missing 1 required"),
    ],
)
def test_a_country_name_stands_for_one_country(
    folder: Path, edit: Edit, old: str, new: str, said: str
) -> None:
    """A name, in any case, that means two countries is refused with its line."""
    edit("countries.toml", old, new)
    message = refusal(folder)
    assert re.match(r"mappings/countries\.toml:\d+: ", message)
    assert said in message


def test_the_tables_are_loaded_once() -> None:
    """Every document of a process is converted by the same tables."""
    assert tables() is tables()


def test_the_data_folder_is_the_checkout_s() -> None:
    """An editable install reads the tables beside the package."""
    assert data_folder("mappings").joinpath("invoices.toml").is_file()
