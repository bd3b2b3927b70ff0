"""v2 records written as v2 wrote them, and read back the same."""

from decimal import Decimal
from typing import Any

import pytest

from infakt_compat.codecs.json_text import loads, surrogates
from infakt_compat.codecs.tree import Markup
from infakt_compat.codecs.v2_write import (
    XML_HEAD,
    json_record,
    list_end,
    list_start,
    xml_record,
    xml_text,
)
from infakt_compat.errors import ConversionError, Fault
from infakt_compat.money import NumberText
from infakt_compat.translate.conversion import canonical
from tests.unit.codecs.reading import read

RECORD = canonical(
    {
        "invoice_id": 7,
        "numer": "1/12/2010",
        "zaplacono": "122,50",
        "uwagi": "Zażółć <b> & \"c\" 'd' ]]> \r\n\ttab",
        "podpis_sprzedawcy": " ",
        "client_nazwa_firmy": "Łódź 😀",
        "services": [{"nazwa": "A", "ilosc": "1", "cena_netto": "0.1234"}, {"nazwa": "B"}],
    }
)


def refusal(record: dict[str, Any], form: str = "xml") -> list[tuple[str, str]]:
    """Write a record that must be refused; give codes and paths."""
    with pytest.raises(ConversionError) as caught:
        xml_record("invoice", record) if form == "xml" else json_record(record)
    return [(fault.code, fault.path) for fault in caught.value.faults]


def test_a_client_as_xml() -> None:
    """Each field on a line of its own, in the order of the record, two spaces a level."""
    record = {"client_id": 5, "nazwa_firmy": "Ż & Co", "nip": "", "adres_kor": False, "info": None}
    assert xml_record("client", record) == (
        b"<client>\n  <client_id>5</client_id>\n  <nazwa_firmy>&#379; &amp; Co</nazwa_firmy>\n"
        b"  <nip></nip>\n  <adres_kor>false</adres_kor>\n  <info></info>\n</client>\n"
    )


def test_lines_as_xml_in_a_list() -> None:
    """Deeper by the level of the record."""
    record = {"numer": "1", "services": [{"ilosc": Decimal(2), "nazwa": "A"}, {"jm": ""}]}
    assert xml_record("invoice", record, level=1).decode() == (
        "  <invoice>\n    <numer>1</numer>\n    <services>\n      <service>\n"
        "        <ilosc>2.0</ilosc>\n        <nazwa>A</nazwa>\n      </service>\n      <service>\n"
        "        <jm></jm>\n      </service>\n    </services>\n  </invoice>\n"
    )


def test_no_lines_are_an_empty_pair() -> None:
    """As v2 wrote null and empty."""
    assert b"<services></services>" in xml_record("invoice", {"services": []})


def test_a_list_in_xml_and_json() -> None:
    """One page, with the paging that v2 wrote."""
    assert list_start("xml", "invoice", 2) == XML_HEAD + (
        b'<invoices per_page="2" total="2" pages="1" page="1">\n'
    )
    assert list_end("xml", "client") == b"</clients>\n"
    assert list_start("json", "client", 0) == (
        b'{"info":{"per_page":1,"total":0,"pages":1,"page":1},"clients":[\n'
    )
    assert loads((list_start("json", "invoice", 0) + list_end("json", "invoice")).decode()) == {
        "info": {"per_page": 1, "total": 0, "pages": 1, "page": 1},
        "invoices": [],
    }


@pytest.mark.parametrize("level", [0, 1])
def test_written_xml_reads_back_the_same(level: int) -> None:
    """Every character, spaces and line breaks included."""
    xml = xml_record("invoice", RECORD, level=level)
    assert xml.isascii()
    (tree,) = read(xml).trees
    assert canonical(tree) == RECORD


def test_written_json_reads_back_the_same() -> None:
    """With amounts as numbers and `ilosc` as text."""
    text = json_record(RECORD).decode()
    assert canonical(loads(text)) == RECORD
    assert '"zaplacono":122.5' in text
    assert '"ilosc":"1.0"' in text
    assert '"cena_netto":0.1234' in text
    assert '"razem_netto":null' in text


def test_quantity_as_number() -> None:
    """The setting gives what the service answered in 2013."""
    assert '"ilosc":1.0' in json_record(RECORD, quantity_as_number=True).decode()


def test_a_written_list_reads_back_the_same() -> None:
    """Head, records and end are one document."""
    data = list_start("xml", "invoice", 2) + xml_record("invoice", RECORD, level=1) * 2
    account = read(data + list_end("xml", "invoice"))
    assert [canonical(tree) for tree in account.trees] == [RECORD, RECORD]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (Decimal("1.50"), "1.5"),
        (7, "7"),
        ("", ""),
        (NumberText("1.50"), "1.50"),
    ],
)
def test_the_text_of_a_value(value: object, text: str) -> None:
    """Null and empty alike are nothing."""
    assert xml_text(value) == text


FORBIDDEN = ["\x00", "\x01", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "\ufffe", "\uffff"]
FORBIDDEN += ["\ud800", "\udbff", "\udc00", "\udfff", "\ud83d\ude00"]


@pytest.mark.parametrize("character", FORBIDDEN, ids=ascii)
def test_what_xml_cannot_hold_is_refused(character: str) -> None:
    """Each class of forbidden characters; every place is named."""
    record = {
        "numer": "1",
        "uwagi": f"a{character}",
        "services": [{"nazwa": "A"}, {"nazwa": character}],
        "nowe": character,
    }
    assert refusal(record) == [
        ("text.not_xml", "uwagi"),
        ("text.not_xml", "services[1].nazwa"),
        ("text.not_xml", "nowe"),
    ]


@pytest.mark.parametrize(
    "character",
    ["\t", "\n", "\r", "\x7f", "\x80", "\x85", "\x9f", "\u2028", "\ufffd", "\U0010ffff"],
)
def test_what_xml_can_hold_comes_back(character: str) -> None:
    """The neighbours of the forbidden ones."""
    xml = xml_record("invoice", {"numer": "1", "uwagi": f"a{character}b"})
    assert read(xml).trees == [{"numer": "1", "uwagi": f"a{character}b"}]


@pytest.mark.parametrize("name", ["a b", "1x", "", "{x", "a:b", "-a", "a\x00", "<a>", "a&b"])
def test_a_name_that_xml_cannot_hold_is_refused(name: str) -> None:
    """JSON's field names are any text."""
    assert refusal({"numer": "1", name: "v"}) == [("text.not_xml", name)]


@pytest.mark.parametrize("name", ["żródło", "płatnik", "ó", "日本"])
def test_a_polish_name_is_an_element(name: str) -> None:
    """An unknown field with a name outside ASCII comes back, or is refused; never malformed XML."""
    (tree,) = read(xml_record("invoice", {"numer": "1", "uwagi": "", name: "v"})).trees
    assert tree[name] == "v"


def test_an_empty_namespace_is_no_name() -> None:
    """An unknown field never takes the name of a known one."""
    assert refusal({"status": "szkic", "{}status": "v"}) == [("text.not_xml", "{}status")]


def test_a_name_with_namespace_comes_back() -> None:
    """A field of another vocabulary."""
    (tree,) = read(xml_record("invoice", {"numer": "1", "uwagi": "", "{urn:x}a": "v"})).trees
    assert tree["{urn:x}a"] == "v"


def test_children_go_back_to_their_own_format_only() -> None:
    """Markup to XML, records to JSON; each is a fault in the other."""
    markup = Markup("<x a='1'>t<y/></x>")
    xml = xml_record("invoice", {"numer": "1", "uwagi": "", "x": markup})
    assert read(xml).trees[0]["x"] == Markup('<x a="1">t<y/></x>')
    assert refusal({"x": {"a": 1}, "services": [{"y": [1]}]}) == [
        ("field.other_format", "x"),
        ("field.other_format", "services[0].y"),
    ]
    assert refusal({"x": markup}, "json") == [("field.other_format", "x")]
    assert refusal({"services": [{"x": markup}]}, "json") == [
        ("field.other_format", "services[0].x")
    ]
    assert json_record({"x": {"a": [1, None]}}) == b'{"x":{"a":[1,null]}}'


def test_half_a_surrogate_pair_is_refused_in_json() -> None:
    """With its place."""
    record = {
        "uwagi": "\ud800",
        "services": [{"nazwa": "a"}, {"nazwa": "\udfff"}],
        "x": {"y": ["\ud800"]},
    }
    expected = [
        Fault("text.not_unicode", "uwagi"),
        Fault("text.not_unicode", "services[1].nazwa"),
        Fault("text.not_unicode", "x.y[0]"),
    ]
    assert surrogates(record) == expected
    assert refusal(record, "json") == [(fault.code, fault.path) for fault in expected]


def test_half_a_surrogate_pair_in_a_name_is_refused() -> None:
    """A refusal has a reason."""
    assert refusal({"\ud800": "x"}, "json")[0][0] == "text.not_unicode"


def test_half_a_name_does_not_break_the_fault() -> None:
    """All faults of a record come at once."""
    record = {"uwagi": "\x00", "services": [{"a b": 1, "x": {}}]}
    assert refusal(record) == [
        ("text.not_xml", "uwagi"),
        ("text.not_xml", "services[0].a b"),
        ("field.other_format", "services[0].x"),
    ]
