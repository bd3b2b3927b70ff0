"""Hostile input: refused or converted, never a crash, a hang, or a neighbour lost."""

import json
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infakt_compat import ConversionError, to_v2, to_v3
from infakt_compat.codecs.json_stream import read_documents
from infakt_compat.codecs.json_text import loads
from infakt_compat.codecs.v2_xml import read_root, read_stream
from infakt_compat.translate.conversion import canonical
from tests.unit.codecs.reading import read, within

GOOD_XML = "<invoice><numer>good</numer><uwagi/></invoice>"
GOOD = '{"numer":"good","uwagi":""}'


def refused(tree: Any, resource: str | None = None) -> set[tuple[str, str]]:
    """Convert what must be refused; give codes and paths. `canonical` refuses the same."""
    with pytest.raises(ConversionError) as caught:
        to_v3(tree, resource)
    with pytest.raises(ConversionError) as again:
        canonical(tree, resource)
    found = {(fault.code, fault.path) for fault in caught.value.faults}
    assert found == {(fault.code, fault.path) for fault in again.value.faults}
    return found


# ---- DOCTYPE and entities

BOMB = (
    '<!DOCTYPE invoice [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY a{n} "{"&a" + str(n - 1) + ";" if n > 1 else "&a;"}{"&a;" * 9}">'
        for n in range(1, 40)
    )
    + "]><invoice><numer>&a39;</numer><uwagi/></invoice>"
)
DOCTYPES = {
    "bomb": BOMB,
    "alone": f"<!DOCTYPE invoice>{GOOD_XML}",
    "external entity": (
        '<!DOCTYPE invoice [<!ENTITY x SYSTEM "{file}">]>'
        "<invoice><numer>&x;</numer><uwagi/></invoice>"
    ),
    "external subset": f'<!DOCTYPE invoice SYSTEM "{{file}}">{GOOD_XML}',
    "public": f'<!DOCTYPE invoice PUBLIC "-//X//EN" "http://127.0.0.1:1/x.dtd">{GOOD_XML}',
    "parameter entity": f'<!DOCTYPE invoice [<!ENTITY % p SYSTEM "{{file}}"> %p;]>{GOOD_XML}',
    "after a comment": f"<!-- c --><?p?>\n<!DOCTYPE invoice>{GOOD_XML}",
    "of a list": f"<!DOCTYPE invoices><invoices>{GOOD_XML}</invoices>",
    "default attribute": f'<!DOCTYPE invoice [<!ATTLIST invoice a CDATA "b">]>{GOOD_XML}',
    "truncated": "<!DOCTYPE invoice [<!ENTITY a 'b'",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", DOCTYPES)
def test_a_doctype_is_refused_unread(name: str, encoding: str, tmp_path: Path) -> None:
    """In any encoding, whatever is in it; a file that it names is not read."""
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET", "utf-8")
    xml = DOCTYPES[name].replace("{file}", secret.as_uri())
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    with within(5):
        account = read((mark + xml).encode(encoding))
    assert account.codes == ["document.doctype"]
    assert account.records == []


def test_a_doctype_inside_of_a_list_is_malformed() -> None:
    """What stood before is converted."""
    account = read(f"<invoices>{GOOD_XML}<!DOCTYPE x>{GOOD_XML}</invoices>".encode())
    assert len(account.records) == 1
    assert account.codes == ["source.broken"]


def test_a_processing_instruction_is_not_followed(tmp_path: Path) -> None:
    """Style sheets and includes are nothing."""
    secret = tmp_path / "secret.xml"
    secret.write_text(GOOD_XML, "utf-8")
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}"/>'
    style = f'<?xml-stylesheet href="{secret.as_uri()}"?>'
    xml = f"{style}<invoice><numer>1</numer><uwagi/>{include}</invoice>"
    account = read(xml.encode())
    assert account.codes == ["field.attribute"]
    assert account.records == []


# ---- depth


@pytest.mark.parametrize("depth", [300, 10_000])
@pytest.mark.parametrize("close", [True, False])
def test_deep_xml_is_refused(depth: int, close: bool) -> None:
    """Ten thousand levels in a field."""
    deep = "<a>" * depth + ("</a>" * depth if close else "")
    with within(10):
        account = read(f"<invoice><numer>1</numer><uwagi/><x>{deep}</x></invoice>".encode())
    assert set(account.codes) <= {"document.too_deep", "document.malformed"}
    assert len(account.records) + len(account.codes) == 1
    if depth == 10_000 and close:
        assert account.codes == ["document.too_deep"]


def test_deep_xml_in_a_good_list() -> None:
    """What stood before is converted."""
    deep = "<a>" * 10_000 + "</a>" * 10_000
    xml = f"<invoices>{GOOD_XML * 3}<invoice><x>{deep}</x></invoice>{GOOD_XML}</invoices>"
    with within(10):
        account = read(xml.encode())
    assert len(account.records) == 3
    assert account.codes == ["document.too_deep"]


DEPTHS = [100, 260, 500, 900, 960, 970, 975, 980, 985, 990, 1_000, 10_000]


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_of_any_depth_costs_no_neighbour(opening: str, elsewhere: bool) -> None:
    """Ten thousand levels, and every depth around the bounds of the libraries: refused or kept."""
    closing = "]" if opening == "[" else "}"
    for depth in DEPTHS:
        deep = opening * depth + "1" + closing * depth
        text = f'{{"invoices":[{GOOD},{{"numer":"1","uwagi":"","x":{deep}}},{GOOD}]}}'
        with within(10):
            account = read(text.encode(), elsewhere=elsewhere)
        good = [record for record in account.records if b"good" in record]
        assert (len(good), account.broken) == (2, None), depth
        assert len(account.records) + len(account.rejects) == 3, depth


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("place", ['"x":', '"services":', '"uwagi":', '"numer":'])
def test_deep_json_in_a_good_list(place: str, elsewhere: bool) -> None:
    """Ten thousand levels in a field of one document; the others convert."""
    deep = "[" * 10_000 + "]" * 10_000
    text = f'{{"invoices":[{GOOD},{{{place}{deep}}},{GOOD}]}}'
    account = read(text.encode(), elsewhere=elsewhere)
    assert len(account.records) == 2
    assert account.codes == ["document.too_deep"]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"info":' + "[" * 100_000])
def test_deep_json_without_an_end_is_malformed(text: str) -> None:
    """Nothing but opening brackets."""
    with within(10):
        account = read(text.encode())
    assert account.records == []
    assert set(account.codes) <= {"document.malformed", "source.broken", "document.too_deep"}


@pytest.mark.parametrize("end", ["", "]" * 100_000 + "}"])
def test_deep_json_beside_a_list_is_refused(end: str) -> None:
    """The documents of the list stay."""
    account = read((f'{{"invoices":[{GOOD}],"x":' + "[" * 100_000 + end).encode())
    assert len(account.records) == 1
    assert account.codes


def test_a_deep_document_is_skipped_whole() -> None:
    """A chunk may end inside a string that holds brackets."""
    deep = "[" * 20_000 + "]" * 20_000
    text = f'{{"a":{deep},"s":"}}]x"}}\n{GOOD}\n'
    cut = text.index("]x")
    found = list(read_documents([text[:cut].encode(), text[cut:].encode()]))
    assert [document.tree for document in found if not document.faults] == [loads(GOOD)]
    assert [fault.code for document in found for fault in document.faults] == ["document.too_deep"]


# ---- width


def test_many_fields_in_one_record() -> None:
    """A hundred thousand unknown fields are more than a residue holds: refused, neighbours stay."""
    wide = ",".join(f'"f{number}":1' for number in range(100_000))
    with within(20):
        account = read(f'[{GOOD},{{"numer":"1","uwagi":"",{wide}}},{GOOD}]'.encode())
    assert len(account.records) == 2
    assert account.codes == ["residue.too_large"]


def test_many_fields_in_one_xml_record() -> None:
    """The same in XML."""
    wide = "".join(f"<f{number}>1</f{number}>" for number in range(100_000))
    record = f"<invoice><numer>1</numer><uwagi/>{wide}</invoice>"
    xml = f"<invoices>{GOOD_XML}{record}{GOOD_XML}</invoices>"
    with within(20):
        account = read(xml.encode())
    assert len(account.records) == 2
    assert account.codes == ["residue.too_large"]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_many_fields_of_which_one_comes_twice(form: str) -> None:
    """Wide records take time by their width, not by its square."""
    names = [f"f{number}" for number in range(50_000)] + ["f0"]
    if form == "json":
        pairs = ",".join(f'"{name}":1' for name in names)
        data = f'{{"numer":"1","uwagi":"",{pairs}}}'
    else:
        fields = "".join(f"<{name}>1</{name}>" for name in names)
        data = f"<invoice><numer>1</numer><uwagi/>{fields}</invoice>"
    with within(10):
        account = read(data.encode())
    assert set(account.codes) == {"field.twice"}


def test_many_lines_convert() -> None:
    """Twenty thousand lines are an invoice, in both formats."""
    line = {
        "nazwa": "A",
        "stawka_vat": "23",
        "ilosc": "1",
        "cena_netto": "1.0",
        "wartosc_netto": "1.0",
    }
    text = json.dumps({"numer": "1", "uwagi": "", "services": [line] * 20_000})
    with within(20):
        (record,) = read(text.encode()).records
    assert len(json.loads(record)["invoice"]["services"]) == 20_000
    fields = "".join(f"<{name}>{value}</{name}>" for name, value in line.items())
    lines = f"<service>{fields}</service>" * 20_000
    xml = f"<invoice><numer>1</numer><uwagi></uwagi><services>{lines}</services></invoice>"
    with within(20):
        assert read(xml.encode()).records == [record]


@pytest.mark.parametrize("end", ["<invoices/>", "<invoices page='1'/>"])
def test_many_comments_before_an_empty_list(end: str) -> None:
    """Forty comments take no time."""
    with within(1):
        account = read(("<!--a-->" * 40 + end).encode())
    assert (account.records, account.codes) == ([], [])


# ---- fields twice


@pytest.mark.parametrize("envelope", ["invoice", "client"])
def test_two_documents_under_one_name_are_refused(envelope: str) -> None:
    """The first of two invoices is not lost in silence."""
    fields = (
        '{"numer":"1","uwagi":"a"}' if envelope == "invoice" else '{"nip":"1","nazwa_firmy":"a"}'
    )
    account = read(f'{{"{envelope}":{fields},"{envelope}":{fields}}}'.encode())
    assert account.codes == ["field.twice"]


def test_a_field_twice_with_a_parameter_beside_the_invoice() -> None:
    """What stands beside the invoice does not hide what comes twice in it."""
    text = '{"invoice":{"numer":"1","numer":"2","uwagi":"a"},"unikalny_numer":false}'
    assert refused(loads(text)) == {("field.twice", "numer")}


def test_a_parameter_beside_the_invoice_twice() -> None:
    """Two answers to one question."""
    text = '{"invoice":{"numer":"1","uwagi":"a"},"unikalny_numer":false,"unikalny_numer":true}'
    assert refused(loads(text)) == {("field.twice", "unikalny_numer")}


def test_lines_that_share_one_name_are_refused() -> None:
    """Lines written as `service` twice are not lost but the last."""
    text = '{"numer":"1","uwagi":"a","services":{"service":{"nazwa":"A"},"service":{"nazwa":"B"}}}'
    assert {code for code, _ in refused(loads(text))} == {"field.twice"}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"numer":"1","numer":"1","uwagi":""}', "numer"),
        ('{"invoice":{"numer":"1","uwagi":"","uwagi":null}}', "uwagi"),
        ('{"numer":"1","uwagi":"","services":[{"nazwa":"A"},{"jm":"","jm":""}]}', "services[1].jm"),
        ('{"numer":"1","uwagi":"","services":[],"services":[]}', "services"),
        ('{"numer":"1","uwagi":"","x":1,"x":1}', "x"),
        ('{"numer":"1","uwagi":"","x":{"a":1,"a":2}}', "x"),
        ('{"numer":"1","uwagi":"","x":[{"a":[{"b":1,"b":1}]}]}', "x"),
        ('{"nip":"1","nazwa_firmy":"a","nip":"2"}', "nip"),
    ],
)
def test_a_field_twice_is_refused_at_any_depth(text: str, path: str) -> None:
    """Also when both values are the same."""
    assert refused(loads(text)) == {("field.twice", path)}


# ---- numbers


def test_numbers_of_five_thousand_digits() -> None:
    """As number and as text, as amount, id and quantity."""
    for digits in ("9" * 5000, "0." + "9" * 5000, "-" + "9" * 5000, "1e" + "9" * 5000):
        for written in (digits, f'"{digits}"'):
            lines = f'[{{"ilosc":{written}}}]'
            text = f'{{"zaplacono":{written},"client_id":{written},"services":{lines}}}'
            with within(5):
                assert refused(loads(text)) == {
                    ("money.invalid", "zaplacono"),
                    ("id.invalid", "client_id"),
                    ("money.invalid", "services[0].ilosc"),
                }


def test_a_huge_number_in_an_unknown_field_is_kept() -> None:
    """To the digit."""
    digits = "9" * 5000
    tree = loads(f'{{"numer":"1","uwagi":"a","x":{digits}}}')
    found = to_v3(tree)
    assert to_v2(found.record, found.residue).record["x"] == digits


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_words_that_are_no_numbers(word: str) -> None:
    """As an amount, and in unknown fields at any depth."""
    assert refused(loads(f'{{"zaplacono":{word}}}')) == {("money.invalid", "zaplacono")}
    assert refused(loads(f'{{"zaplacono":"{word}"}}')) == {("money.invalid", "zaplacono")}
    for value in (word, f"[{word}]", f'{{"a":[{word}]}}'):
        assert refused(loads(f'{{"uwagi":"a","x":{value}}}')) == {("money.invalid", "x")}


@pytest.mark.parametrize("value", ["1e99999999999999999999", "[1e99999999999999999999]"])
def test_an_exponent_beyond_decimal_is_no_crash(value: str) -> None:
    """An unknown number: kept as it is, or refused."""
    account = read(f'[{{"numer":"1","uwagi":"a","x":{value}}},{GOOD}]'.encode())
    assert b"good" in account.records[-1]


@pytest.mark.parametrize("text", ["1e2", "1E2", "1.5e0", "0e0", "1e-2"])
def test_an_exponent_is_no_amount(text: str) -> None:
    """As number and as text."""
    assert refused(loads(f'{{"zaplacono":{text}}}')) == {("money.invalid", "zaplacono")}
    assert refused(loads(f'{{"zaplacono":"{text}"}}')) == {("money.invalid", "zaplacono")}


@pytest.mark.parametrize(
    "value", [True, False, 1.5, float("nan"), float("inf"), [], {}, [1], {"a": 1}]
)
def test_values_that_are_no_amounts(value: Any) -> None:
    """Booleans, a Python caller's floats, lists and records."""
    tree = {"uwagi": "a", "zaplacono": value, "services": [{"ilosc": value, "cena_netto": value}]}
    assert refused(tree) == {
        ("money.invalid", "zaplacono"),
        ("money.invalid", "services[0].ilosc"),
        ("money.invalid", "services[0].cena_netto"),
    }
    assert refused({"uwagi": "a", "client_id": value}) == {("id.invalid", "client_id")}


@pytest.mark.parametrize("value", [True, 1.5, [], {}, ["a"], b"bytes", object()])
def test_values_that_are_no_text(value: Any) -> None:
    """A text field holds text or a number."""
    assert refused({"numer": "1", "uwagi": value}) == {("field.type", "uwagi")}


@pytest.mark.parametrize("value", [1.5, b"x", object(), {1, 2}])
def test_foreign_values_in_an_unknown_field(value: Any) -> None:
    """What no format of v2 could hold is not kept."""
    assert {path for _, path in refused({"numer": "1", "uwagi": "a", "x": value})} == {"x"}


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity")]
)
def test_decimals_that_are_no_numbers(value: Decimal) -> None:
    """Of a Python caller."""
    assert refused({"uwagi": "a", "zaplacono": value}) == {("money.invalid", "zaplacono")}
    assert refused({"uwagi": "a", "x": value}) == {("money.invalid", "x")}


def test_decimals_of_any_exponent() -> None:
    """They are amounts when they are small enough."""
    assert to_v3({"zaplacono": Decimal("1E+3")}).record == {"paid_price": 100000}
    assert refused({"zaplacono": Decimal("1E+12")}) == {("money.range", "zaplacono")}
    assert refused({"zaplacono": Decimal("1E-13")}) == {("money.invalid", "zaplacono")}


def test_a_decimal_of_a_huge_exponent_takes_no_memory() -> None:
    """An exponent is seen before it is written out."""
    tracemalloc.start()
    try:
        assert refused({"zaplacono": Decimal("1E+9999999")}) == {("money.invalid", "zaplacono")}
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["zaplacono", "client_id", "uwagi"])
def test_a_python_int_of_any_size(name: str) -> None:
    """A fault, not a bare ValueError."""
    assert refused({"numer": "1", "sposob_platnosci": "Czek", name: 10**5000})


# ---- long texts

LONG = "ż" * 5_000_000  # 10 MB


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_text_of_ten_megabytes_converts(form: str) -> None:
    """And its neighbours with it."""
    if form == "json":
        data = f'[{GOOD},{{"numer":"1","uwagi":"{LONG}"}},{GOOD}]'
    else:
        data = (
            f"<invoices>{GOOD_XML}<invoice><numer>1</numer><uwagi>{LONG}</uwagi></invoice>"
            f"{GOOD_XML}</invoices>"
        )
    with within(20):
        account = read(data.encode())
    assert account.codes == []
    assert json.loads(account.records[1])["invoice"]["notes"] == LONG
    assert [b"good" in record for record in account.records] == [True, False, True]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("x", "residue.too_large"),
        ("client_panstwo", "residue.too_large"),
        ("podstawa_zwolnienia", "residue.too_large"),
        ("data_podpisania", "residue.too_large"),
        ("zaplacono", "money.invalid"),
        ("client_id", "id.invalid"),
        ("status", "enum.unknown"),
        ("data_wystawienia", "date.invalid"),
        ("unikalny_numer", "boolean.invalid"),
    ],
)
def test_ten_megabytes_elsewhere_are_refused(name: str, code: str) -> None:
    """With a short fault that quotes the beginning."""
    for filler in ("9" * 10_000_000, "1 " * 5_000_000):
        with within(20):
            account = read(f'[{GOOD},{{"uwagi":"a","{name}":"{filler}"}},{GOOD}]'.encode())
        assert len(account.records) == 2
        assert account.codes == [code]
        assert len(account.rejects[0][0].detail) < 100


@pytest.mark.parametrize("filler", ["1 ", "a/", "1-", " ", "1", "a ", "1/2 ", "/ "])
def test_long_addresses_and_symbols_take_no_time(filler: str) -> None:
    """The patterns that look for house numbers and symbols do not backtrack for ever."""
    text = filler * 50_000
    with within(5):
        to_v3({"client_ulica": text, "services": [{"symbol": text}]})
        to_v3({"client_ulica": "a " + text + "!", "services": [{"symbol": "a / " + text + "!"}]})


# ---- characters


def test_a_nul_in_json_is_text() -> None:
    """Escaped it is a character that JSON holds; raw it is malformed."""
    assert to_v3(loads('{"uwagi":"a\\u0000b"}')).record == {"notes": "a\x00b"}
    account = read(f'{GOOD}\n{{"uwagi":"a\x00b"}}\n{GOOD}\n'.encode())
    assert len(account.records) == 2
    assert account.codes == ["document.malformed"]


@pytest.mark.parametrize(
    "reference", ["&#0;", "&#x0;", "&#1;", "&#xFFFE;", "&#xD800;", "&#x110000;"]
)
def test_a_forbidden_reference_in_xml_is_malformed(reference: str) -> None:
    """What stood before is converted."""
    data = f"<invoices>{GOOD_XML}<invoice><uwagi>{reference}</uwagi></invoice></invoices>"
    account = read(data.encode())
    assert len(account.records) == 1
    assert len(account.codes) == 1


def test_a_raw_nul_in_xml_is_malformed() -> None:
    """Nothing after it is taken for the end of a text."""
    assert read(b"<invoice><uwagi>a\x00b</uwagi></invoice>").records == []


SURROGATES = {
    "text": '"uwagi":"\\ud800"',
    "text of a line": '"services":[{"nazwa":"A"},{"nazwa":"\\udfff"}]',
    "country": '"client_panstwo":"\\ud800"',
    "street": '"client_ulica":"\\ud800 1/2"',
    "company": '"client_nazwa_firmy":"\\udc00"',
    "exemption": '"podstawa_zwolnienia":"\\ud800"',
    "unknown field": '"uwagi":"","x":"\\ud800"',
    "field of a line": '"services":[{"x":"\\ud800"}]',
    "backwards": '"uwagi":"\\udc00\\ud800"',
}


@pytest.mark.parametrize("name", SURROGATES)
def test_half_a_surrogate_pair_is_refused_where_it_stands(name: str) -> None:
    """It costs its own document only, and the fault names the field."""
    account = read(f'[{GOOD},{{"numer":"1",{SURROGATES[name]}}},{GOOD}]'.encode())
    assert len(account.records) == 2
    ((fault,),) = account.rejects
    assert fault.code == "text.not_unicode"
    assert fault.path


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ('"zaplacono":"\\ud800"', "money.invalid"),
        ('"status":"\\ud800"', "enum.unknown"),
        ('"client_id":"\\ud800"', "id.invalid"),
        ('"data_wystawienia":"\\ud800"', "date.invalid"),
        ('"services":[{"stawka_vat":"\\ud800"}]', "enum.unknown"),
        ('"services":["\\ud800"]', "services.invalid"),
    ],
)
def test_half_a_pair_where_no_text_stands(field: str, code: str) -> None:
    """The field's own fault, which can be written."""
    account = read(f'{{"uwagi":"a",{field}}}'.encode())
    assert account.codes == [code]
    account.rejects[0][0].detail.encode()


@pytest.mark.parametrize(
    "field",
    [
        '"\\ud800":1',
        '"services":[{"\\ud800":1}]',
        '"x":{"a":"\\ud800"}',
        '"x":{"\\ud800":1}',
        '"x":["\\ud800"]',
    ],
)
def test_half_a_pair_in_a_name_or_below_an_unknown_field(field: str) -> None:
    """Refused as text that is none, and nothing else breaks."""
    account = read(f'[{{"numer":"1","uwagi":"a",{field}}},{GOOD}]'.encode())
    assert len(account.records) == 1
    assert account.codes == ["text.not_unicode"]


def test_the_path_of_a_fault_can_be_written() -> None:
    """A report is UTF-8: the path of a field with half a pair in its name as well."""
    account = read(b'{"uwagi":"a","\\ud800":1,"\\ud800":2}')
    account.rejects[0][0].path.encode()


def test_a_whole_pair_is_a_character() -> None:
    """Escaped as JSON's two halves."""
    (record,) = read(b'{"uwagi":"\\ud83d\\ude00"}').records
    assert json.loads(record)["invoice"]["notes"] == "😀"


# ---- names


@pytest.mark.parametrize(
    "name",
    ["", " ", "__proto__", "constructor", "__class__", "a.b", "services[0]", "{}", "\x00", "%s"],
)
def test_odd_names_are_unknown_fields(name: str) -> None:
    """They are kept as they are, and come back."""
    line = {"stawka_vat": "23", name: "v"}
    for tree in ({"numer": "1", "uwagi": "a", name: "v"}, {"uwagi": "a", "services": [line]}):
        found = to_v3(tree)
        assert [notice.code for notice in found.notices] == ["field.unknown"]
        assert to_v2(found.record, found.residue).record == canonical(tree)


@pytest.mark.parametrize("name", [1, None, 1.5, True, ("a",)])
def test_names_that_are_no_text_hold_the_archive_law(name: Any) -> None:
    """A Python caller's key: refused, or kept as one thing."""
    tree = {"numer": "1", "uwagi": "a", name: "v"}
    try:
        found = to_v3(tree)
    except ConversionError:
        return
    assert to_v2(found.record, found.residue).record == canonical(tree)


@pytest.mark.parametrize("tree", [None, 1, "invoice", [], [{}], {"invoice": None}, {"invoice": []}])
def test_what_is_no_record_is_no_invoice(tree: Any) -> None:
    """Also of a Python caller."""
    assert refused(tree) == {("document.not_invoice", "")}
    with pytest.raises(ConversionError):
        to_v2(tree)


# ---- memory


def _xml_list(size: int) -> Iterator[bytes]:
    """Give a list of about a size, chunk by chunk."""
    yield b"<invoices>"
    row = f"<invoice><numer>1</numer><uwagi>{'x' * 2000}</uwagi></invoice>\n".encode() * 30
    for _ in range(size // len(row)):
        yield row
    yield b"</invoices>"


def _json_list(size: int) -> Iterator[bytes]:
    """Give the same in JSON."""
    yield b'{"info":{},"invoices":[{}'
    row = (f',{{"numer":"1","uwagi":"{"x" * 2000}"}}\n' * 30).encode()
    for _ in range(size // len(row)):
        yield row
    yield b"]}"


def _json_lines(size: int) -> Iterator[bytes]:
    """Give the same as lines."""
    row = (f'{{"numer":"1","uwagi":"{"x" * 2000}"}}\n' * 30).encode()
    for _ in range(size // len(row)):
        yield row


@pytest.mark.parametrize("form", ["xml", "json", "lines"])
def test_memory_does_not_grow_with_the_source(form: str) -> None:
    """Twenty megabytes, of which one chunk and one document are held at a time."""
    size = 20_000_000
    tracemalloc.start()
    try:
        documents: Iterator[Any]
        if form == "xml":
            documents = iter(read_stream(_xml_list(size), read_root(b"<invoices>")))
        else:
            documents = read_documents(_json_list(size) if form == "json" else _json_lines(size))
        count = sum(1 for _ in documents)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 9000
    assert peak < 2_000_000


class _Endless:
    """A file that gives chunks on demand and holds none."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def read(self, _size: int) -> bytes:
        """Give the next chunk, `b""` at the end."""
        return next(self._chunks, b"")


def test_memory_of_the_cutter_does_not_grow() -> None:
    """The pieces of a list, converted one by one."""
    from infakt_compat.migrate.batches import Settings, convert_batch
    from infakt_compat.migrate.source import open_reader

    file: Any = _Endless(_xml_list(20_000_000))
    tracemalloc.start()
    try:
        reader = open_reader(file, elsewhere=False, count=lambda _: None)
        count = sum(convert_batch(batch, Settings()).read for batch in reader.batches)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 9000
    assert peak < 5_000_000
