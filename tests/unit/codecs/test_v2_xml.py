"""v2's XML becomes plain trees: encodings, attributes, comments, long lists, what is refused."""

from typing import Any

import pytest

from infakt_compat import to_v3
from infakt_compat.codecs.tree import Markup, Twice
from infakt_compat.codecs.v2_xml import read_root
from infakt_compat.codecs.xml_safe import cut_prologue
from infakt_compat.errors import ConversionError
from tests.unit.codecs.reading import read, read_one

XSI = "http://www.w3.org/2001/XMLSchema-instance"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def invoice(fields: str) -> bytes:
    """Give one invoice with these fields."""
    return f"{HEAD}<invoice><numer>1</numer>{fields}</invoice>".encode()


def field(xml: str, name: str = "uwagi") -> Any:
    """Give what the tree has for a field written so."""
    document = read_one(invoice(xml))
    assert document.faults == ()
    return document.tree[name]


def codes(fields: str) -> list[tuple[str, str]]:
    """Give the faults for which an invoice with these fields is refused, with their paths."""
    account = read(invoice(fields))
    assert account.records == []
    (faults,) = account.rejects
    return [(fault.code, fault.path) for fault in faults]


# ---- one document, and lists


def test_a_single_invoice() -> None:
    """Every field is text, the lines are a list of records."""
    document = read_one(
        b"<invoice><numer>1</numer><jm></jm><uwagi/>"
        b"<services><service><nazwa>A</nazwa></service><service/></services></invoice>"
    )
    assert document.tree == {"numer": "1", "jm": "", "uwagi": "", "services": [{"nazwa": "A"}, {}]}
    assert document.resource == "invoice"


def test_a_single_client() -> None:
    """A client is told from an invoice by its root."""
    document = read_one(b"<client><nazwa_firmy>A &amp; B</nazwa_firmy></client>")
    assert document.tree == {"nazwa_firmy": "A & B"}
    assert document.resource == "client"


@pytest.mark.parametrize(
    "xml", [b"<invoices/>", b"<invoices></invoices>", b"<clients>\n</clients>"]
)
@pytest.mark.parametrize("paging", [b"", b' per_page="100" total="0" pages="0" page="1"'])
def test_an_empty_list_has_no_documents(xml: bytes, paging: bytes) -> None:
    """No document, and no fault either."""
    account = read(
        xml.replace(b"s/>", b"s" + paging + b"/>").replace(b"s>", b"s" + paging + b">", 1)
    )
    assert (account.documents, account.broken) == ([], None)


def test_a_list_of_one() -> None:
    """One element is a list too."""
    account = read(b"<invoices><invoice><numer>1</numer></invoice></invoices>")
    assert account.trees == [{"numer": "1"}]


def test_a_list_keeps_its_order() -> None:
    """Documents come as they stand."""
    rows = b"".join(b"<client><nip>%d</nip></client>\n" % n for n in range(50))
    account = read(b'<clients per_page="100" total="50">' + rows + b"</clients>")
    assert [tree["nip"] for tree in account.trees] == [str(n) for n in range(50)]


def test_another_element_in_a_list_costs_itself_only() -> None:
    """What is no invoice is refused alone."""
    account = read(
        b"<invoices><invoice><numer>1</numer><uwagi>a</uwagi></invoice><client><nip>1</nip></client>"
        b"<invoice><numer>2</numer><uwagi>b</uwagi></invoice></invoices>"
    )
    assert account.codes == ["document.not_invoice"]
    assert [tree["numer"] for tree in account.trees] == ["1", "2"]


@pytest.mark.parametrize(
    "xml", [b"<html/>", b"<hash><message>x</message></hash>", b"<Invoice/>", b"<invoice_list/>"]
)
def test_another_root_is_no_invoice(xml: bytes) -> None:
    """Error documents and web pages are refused by their root."""
    assert read(xml).codes == ["document.not_invoice"]


def test_a_namespace_is_another_name() -> None:
    """An element of another vocabulary is no v2 invoice."""
    assert read(b'<invoice xmlns="urn:x"><numer>1</numer></invoice>').codes == [
        "document.not_invoice"
    ]
    assert read(b'<a:invoice xmlns:a="urn:x"/>').codes == ["document.not_invoice"]


def test_a_field_of_another_namespace_is_an_unknown_field() -> None:
    """It is never taken for v2's own field of that name."""
    tree = read_one(invoice('<x:uwagi xmlns:x="urn:x">b</x:uwagi><uwagi>a</uwagi>')).tree
    assert tree["uwagi"] == "a"
    assert tree["{urn:x}uwagi"] == "b"
    assert [notice.code for notice in to_v3(tree, "invoice").notices] == ["field.unknown"]


# ---- attributes


@pytest.mark.parametrize(
    "xml",
    [
        '<client_id type="integer">5</client_id>',
        '<client_id type="integer" nil="false">5</client_id>',
        f'<client_id xmlns:xsi="{XSI}" xsi:type="x">5</client_id>',
    ],
)
def test_attributes_of_rails_say_nothing(xml: str) -> None:
    """ActiveResource's types are tolerated and dropped."""
    assert field(xml, "client_id") == "5"


@pytest.mark.parametrize(
    "xml",
    [
        '<zaplacono nil="true"/>',
        '<zaplacono type="float" nil="true"></zaplacono>',
        '<zaplacono xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>',
    ],
)
def test_nil_is_empty(xml: str) -> None:
    """Null and empty are one value."""
    assert field(xml, "zaplacono") == ""


def test_an_array_of_lines() -> None:
    """`type="array"` on services and on a single line's element."""
    tree = read_one(
        invoice('<services type="array"><service type="x"><nazwa>A</nazwa></service></services>')
    ).tree
    assert tree["services"] == [{"nazwa": "A"}]
    assert field('<services type="array"/>', "services") == []


@pytest.mark.parametrize(
    ("xml", "path"),
    [
        ('<uwagi lang="pl">a</uwagi>', "uwagi"),
        ('<services a="1"><service><nazwa>A</nazwa></service></services>', "services"),
        ('<services><service id="7"><nazwa>A</nazwa></service></services>', "services[0]"),
        ('<services><service><nazwa x="1">A</nazwa></service></services>', "services[0].nazwa"),
    ],
)
def test_other_attributes_are_refused(xml: str, path: str) -> None:
    """An attribute could hold what would be lost: a fault that names it and its place."""
    assert codes(xml) == [("field.attribute", path)]


def test_an_attribute_of_the_record_is_refused() -> None:
    """Also on the invoice's own element, but not the paging of a list."""
    assert read(b'<invoice id="7"><numer>1</numer><uwagi/></invoice>').codes == ["field.attribute"]


# ---- text


def test_character_references() -> None:
    """Numbers, decimal and hexadecimal, and the five names of XML."""
    assert field("<uwagi>Krak&#243;w &#x17B;&quot;&lt;&gt;&amp;&apos;&#128512;</uwagi>") == (
        "Kraków Ż\"<>&'😀"
    )


def test_a_single_space_is_content() -> None:
    """v2's own example has one."""
    assert field("<podpis_sprzedawcy> </podpis_sprzedawcy>", "podpis_sprzedawcy") == " "


@pytest.mark.parametrize("space", ["  ", "\n", "\t", " \n ", "\u00a0"])
def test_white_space_in_a_field_is_content(space: str) -> None:
    """Nothing is stripped from a text."""
    assert field(f"<uwagi>{space}</uwagi>") == space
    assert field(f"<uwagi>{space}a{space}</uwagi>") == f"{space}a{space}"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("a<!-- x -->b", "ab"),
        ("<!-- x -->ab<!-- y -->", "ab"),
        ("a<?p x?>b", "ab"),
        ("a<!-- --><?p?><!-- -->b<!-- -->c", "abc"),
        (" <!-- x --> ", "  "),
        ("<!-- x --> ", " "),
        (" <!-- x -->", " "),
        ("<!-- x -->", ""),
        ("<![CDATA[a<b>&amp;]]>", "a<b>&amp;"),
        ("a<![CDATA[]]>b", "ab"),
        ("a<![CDATA[ b ]]>c", "a b c"),
        ("<![CDATA[<!-- not a comment -->]]>", "<!-- not a comment -->"),
        ("a<!-- -->&#243;<![CDATA[b]]>", "aób"),
    ],
)
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16"])
def test_comments_vanish_and_text_is_joined(xml: str, text: str, encoding: str) -> None:
    """Comments, processing instructions and CDATA leave one text without a gap or a loss."""
    if encoding == "UTF-16" and text.isspace():
        pytest.skip("has a test of its own")
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    data = f"{head}<invoice><numer>1</numer><uwagi>{xml}</uwagi></invoice>"
    assert read_one(data.encode(encoding)).tree["uwagi"] == text


@pytest.mark.parametrize(
    ("xml", "text"), [(" <!-- x --> ", "  "), (" <?p?> ", "  "), (" <!-- x -->", " ")]
)
def test_white_space_around_a_comment_in_utf_16(xml: str, text: str) -> None:
    """The encoding changes nothing in what a text is."""
    data = (
        '<?xml version="1.0" encoding="UTF-16"?>'
        f"<invoice><numer>1</numer><uwagi>{xml}</uwagi></invoice>"
    )
    assert read_one(data.encode("utf-16")).tree["uwagi"] == text


def test_comments_between_fields_and_lines_vanish() -> None:
    """A comment is dropped wherever it stands."""
    tree = read_one(
        b"<!-- a --><?x y?><invoice><!-- b --><numer>1</numer><?c?><services><!-- d --><service>"
        b"<nazwa>A</nazwa><!-- e --></service></services></invoice><!-- f -->"
    ).tree
    assert tree == {"numer": "1", "services": [{"nazwa": "A"}]}


ENCODINGS = {
    "utf-8": ("UTF-8", ""),
    "utf-8-sig": ("UTF-8", ""),
    "utf-16": ("UTF-16", ""),
    "utf-16-le": ("UTF-16", "\ufeff"),
    "utf-16-be": ("UTF-16", "\ufeff"),
    "iso-8859-2": ("ISO-8859-2", ""),
    "cp1250": ("windows-1250", ""),
}


@pytest.mark.parametrize("codec", ENCODINGS)
@pytest.mark.parametrize("shape", ["single", "list"])
def test_every_encoding(codec: str, shape: str) -> None:
    """The declared encoding is the one that is read, with or without a byte order mark."""
    declared, mark = ENCODINGS[codec]
    text = "Zażółć gęślą jaźń Łódź"
    record = f"<invoice><numer>1</numer><uwagi>{text}</uwagi></invoice>"
    body = record if shape == "single" else f'<invoices page="1">\n{record}\n{record}\n</invoices>'
    data = f'{mark}<?xml version="1.0" encoding="{declared}"?>\n{body}'.encode(codec)
    account = read(data)
    assert account.broken is None
    assert [tree["uwagi"] for tree in account.trees] == [text] * (1 if shape == "single" else 2)


def test_us_ascii_with_references() -> None:
    """What v2 wrote itself: ASCII, and references for the rest."""
    head = b'<?xml version="1.0" encoding="US-ASCII"?>'
    data = head + b"<invoice><numer>1</numer><uwagi>&#379;</uwagi></invoice>"
    assert read_one(data).tree["uwagi"] == "Ż"


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0" encoding="US-ASCII"?><invoice><numer>\xc5</numer><uwagi/></invoice>',
        b'<?xml version="1.0" encoding="UTF-8"?><invoice><numer>\xf3</numer><uwagi/></invoice>',
        b'<?xml version="1.0" encoding="no-such"?><invoice><numer>1</numer><uwagi/></invoice>',
    ],
)
def test_bytes_of_another_encoding_are_refused(data: bytes) -> None:
    """Nothing is decoded by guess."""
    account = read(data)
    assert account.records == []
    assert account.codes == ["document.encoding"]


# ---- what is refused


@pytest.mark.parametrize(
    "fields",
    [
        "text",
        "<uwagi>a</uwagi>text",
        "&#233;",
        "<![CDATA[text]]>",
    ],
)
def test_stray_text_is_refused(fields: str) -> None:
    """Text between the fields belongs to none, and would be lost."""
    assert codes(fields) == [("field.stray_text", "")]


def test_stray_text_among_lines_is_refused() -> None:
    """In the list of lines, and in a line."""
    line = "<service><nazwa>A</nazwa></service>"
    assert codes(f"<services>a{line}</services>") == [("field.stray_text", "services")]
    assert codes(f"<services>{line}b</services>") == [("field.stray_text", "services")]
    assert codes("<services><service>c<nazwa>A</nazwa></service></services>") == [
        ("field.stray_text", "services[0]")
    ]


def test_stray_text_among_documents_is_refused() -> None:
    """Text between the invoices of a list is not lost in silence."""
    record = b"<invoice><numer>1</numer><uwagi/></invoice>"
    account = read(b"<invoices>" + record + b"lost" + record + b"</invoices>")
    assert "field.stray_text" in account.codes


def test_child_markup_in_a_known_field_is_refused() -> None:
    """A plain field holds text only."""
    assert codes("<zaplacono><b>1</b></zaplacono>") == [("field.markup", "zaplacono")]
    assert codes("<uwagi>a<br/>b</uwagi>") == [("field.markup", "uwagi")]
    assert codes("<services><service><nazwa>a<i>b</i></nazwa></service></services>") == [
        ("field.markup", "services[0].nazwa")
    ]


def test_child_markup_in_an_unknown_field_is_kept() -> None:
    """As its own XML, attributes and all."""
    kept = field('<dodatki a="1">x<b>y</b>z</dodatki>', "dodatki")
    assert kept == Markup('<dodatki a="1">x<b>y</b>z</dodatki>')


def test_a_client_has_no_lines() -> None:
    """`services` in a client is an unknown field with children."""
    tree = read_one(b"<client><nip>1</nip><services><service/></services></client>").tree
    assert tree["services"] == Markup("<services><service/></services>")


def test_a_field_that_comes_twice_is_refused() -> None:
    """In the invoice, in a line, and the lines themselves."""
    assert codes("<uwagi>a</uwagi><uwagi>a</uwagi>") == [("field.twice", "uwagi")]
    assert codes("<services><service><jm>a</jm><jm/></service></services>") == [
        ("field.twice", "services[0].jm")
    ]
    assert codes("<services/><services/>") == [("field.twice", "services")]
    assert codes("<uwagi/><x>1</x><x>2</x>") == [("field.twice", "x")]
    assert isinstance(read_one(invoice("<uwagi>a</uwagi><uwagi/>")).tree, Twice)


def test_services_service() -> None:
    """The nesting of requests is the nesting of answers: services holds service."""
    assert codes("<services><usluga><nazwa>A</nazwa></usluga></services>") == [
        ("services.invalid", "services[0]")
    ]
    assert codes("<services>A</services>") == [("services.invalid", "services")]


@pytest.mark.parametrize(
    "inner",
    [
        "\n  ",
        " ",
        "<!-- none -->\n",
    ],
)
def test_services_with_white_space_only_has_no_lines(inner: str) -> None:
    """An indented empty element is an empty list."""
    account = read(invoice(f"<uwagi>a</uwagi><services>{inner}</services>"))
    assert account.records == [b'{"invoice":{"number":"1","notes":"a"}}']


def test_a_broken_document_says_where() -> None:
    """Line and column, and the rest as raw bytes."""
    data = b"<invoice>\n<numer>1</numer>\n<uwagi>a</numer>\n</invoice>"
    account = read(data)
    assert account.broken is not None
    assert account.broken.code == "document.malformed"
    assert account.broken.detail.startswith("line 3, column 17: ")
    assert account.rest == data


def test_a_broken_list_gives_what_stood_before() -> None:
    """The documents before the break are converted, the rest is kept."""
    data = (
        b"<invoices>\n<invoice><numer>1</numer><uwagi/></invoice>\n"
        b"<invoice><numer>2</numer><uwagi/></invoice>\n<invoice><numer>3</numer></invoices>"
    )
    account = read(data)
    assert [tree["numer"] for tree in account.trees] == ["1", "2"]
    assert account.broken is not None
    assert account.broken.code == "source.broken"
    assert account.broken.detail.startswith("line 4, column")
    assert account.rest.endswith(b"<invoice><numer>3</numer></invoices>")
    assert b"<numer>2<" not in account.rest


@pytest.mark.parametrize(
    "data", [b"<", b"<invoice", b"<invoice>", b"<invoice></invoices>", b"< a/>"]
)
def test_a_broken_beginning_is_malformed(data: bytes) -> None:
    """No root, or half of one."""
    account = read(data)
    assert account.records == []
    assert account.codes == ["document.malformed"]


def test_an_undefined_entity_is_malformed() -> None:
    """HTML's names are none of XML's."""
    assert read(invoice("<uwagi>a&nbsp;b</uwagi>")).codes == ["document.malformed"]


def test_text_after_the_root_is_malformed() -> None:
    """A second document in one source is not lost in silence."""
    data = invoice("<uwagi/>") + b"<invoice><numer>2</numer><uwagi/></invoice>"
    assert read(data).codes == ["document.malformed"]
    listed = b"<invoices><invoice><numer>1</numer><uwagi/></invoice></invoices>"
    account = read(listed + listed)
    assert [tree["numer"] for tree in account.trees] == ["1"]
    assert account.codes == ["source.broken"]


# ---- long lists, cut into pieces

FILLER = "x" * 1000


def long_list(odd: str, position: int, count: int = 700) -> bytes:
    """Give a list of more than 256 KiB, with one odd thing before the invoice of a position."""
    rows = []
    for number in range(count):
        rows.append(odd if number == position else "")
        rows.append(f"<invoice><numer>{number}</numer><uwagi>{FILLER}</uwagi></invoice>\n")
    return f'{HEAD}<invoices page="1">\n{"".join(rows)}</invoices>\n'.encode()


def test_a_long_list_is_cut_and_whole() -> None:
    """More than one chunk: every document once, in order."""
    data = long_list("", 0)
    assert len(data) > 2 * 256 * 1024
    account = read(data)
    assert len(account.outcomes) > 2
    assert [tree["numer"] for tree in account.trees] == [str(n) for n in range(700)]


ODD = "</invoice>" * 26_300  # more than a chunk: a cut falls into it wherever it begins


@pytest.mark.parametrize(
    "odd",
    [
        f"<!-- {ODD} -->",
        f"<!-- <invoice><numer>X</numer>{ODD} -->",
        f"<?pi {ODD} ?>",
    ],
    ids=["comment", "comment with invoice", "instruction"],
)
@pytest.mark.parametrize("position", [0, 100, 250, 699])
def test_end_tags_in_a_comment_are_no_ends(odd: str, position: int) -> None:
    """The cutter meets `</invoice>` where none ends, and nothing is lost or made up."""
    account = read(long_list(odd, position))
    assert account.broken is None
    assert [tree["numer"] for tree in account.trees] == [str(n) for n in range(700)]


def test_end_tags_in_cdata_are_text() -> None:
    """Fields with `</invoice>` in CDATA come through whole, wherever the chunks end."""
    texts = [f"</invoice>{'y' * 500}{number}" for number in range(1200)]
    rows = (
        f"<invoice><numer>{number}</numer><uwagi><![CDATA[{text}]]></uwagi></invoice>\n"
        for number, text in enumerate(texts)
    )
    account = read(f"<invoices>{''.join(rows)}</invoices>".encode())
    assert account.broken is None
    assert [tree["uwagi"] for tree in account.trees] == texts


@pytest.mark.parametrize("length", [100, 300, 1000, 5000])
def test_an_end_tag_in_every_comment(length: int) -> None:
    """A chunk that ends after a comment with an end tag in it: no document is lost."""
    rows = [
        f"<invoice><!-- </invoice> --><numer>{n}</numer><uwagi>{'y' * length}</uwagi></invoice>\n"
        for n in range(600_000 // length)
    ]
    account = read(f"<invoices>{''.join(rows)}</invoices>".encode())
    assert account.broken is None
    assert [tree["numer"] for tree in account.trees] == [str(n) for n in range(len(rows))]
    assert {len(tree["uwagi"]) for tree in account.trees} == {length}


@pytest.mark.parametrize("position", [50, 300, 600])
def test_the_rest_of_a_broken_list_is_whole(position: int) -> None:
    """A bare ampersand in one of many invoices: all that comes after it is kept to be mended."""
    data = long_list("<invoice><numer>odd</numer><uwagi>a & b</uwagi></invoice>\n", position, 2000)
    account = read(data)
    assert len(account.records) == position
    tail = data[data.index(b"<invoice><numer>odd") :]
    assert account.rest.endswith(tail)


def test_a_break_far_into_a_list_names_its_line() -> None:
    """Lines are counted from the beginning of the source, not of the piece."""
    data = long_list("<invoice><numer>odd</numr></invoice>", 600)
    account = read(data)
    assert [tree["numer"] for tree in account.trees] == [str(n) for n in range(600)]
    assert account.broken is not None
    # The head is line 1, the root line 2, and the document of position 0 stands on line 3.
    assert account.broken.detail.startswith("line 603, column ")
    assert account.rest.lstrip().startswith(b"<invoice><numer>odd")


def test_a_careful_document_far_into_a_list_costs_itself_only() -> None:
    """A fault in one piece leaves the neighbours in it as they are."""
    data = long_list("<invoice><numer>odd</numer><uwagi>a</uwagi><uwagi>b</uwagi></invoice>", 300)
    account = read(data)
    assert account.codes == ["field.twice"]
    assert len(account.records) == 700


@pytest.mark.parametrize("codec", ["utf-16", "utf-8"])
def test_a_long_list_that_cannot_be_cut_is_streamed(codec: str) -> None:
    """UTF-16 has no end tags in ASCII: the same documents all the same."""
    text = long_list("", 0).decode().replace("UTF-8", codec.upper())
    account = read(text.encode(codec))
    assert account.broken is None
    assert [tree["numer"] for tree in account.trees] == [str(n) for n in range(700)]


def test_end_tags_with_white_space_are_ends() -> None:
    """`</invoice >` is an end tag that the cutter does not see."""
    data = long_list("", 0).replace(b"</invoice>", b"</invoice\n>")
    assert len(read(data).trees) == 700


# ---- roots and prologues


def test_the_root_says_what_comes() -> None:
    """Resource, and whether it is a list."""
    found = read_root(b'<?xml version="1.0"?><!-- x --><clients page="1">')
    assert (found.shape.resource, found.is_list) == ("client", True)
    found = read_root(b"<invoice/>")
    assert (found.shape.resource, found.is_list) == ("invoice", False)


@pytest.mark.parametrize("head", [b"", b"   ", b"<?xml version='1.0'?>", b"<!-- x -->"])
def test_no_root_is_malformed(head: bytes) -> None:
    """A head without a root element is refused."""
    with pytest.raises(ConversionError) as caught:
        read_root(head)
    assert caught.value.faults[0].code == "document.malformed"


@pytest.mark.parametrize(
    ("head", "prologue"),
    [
        (b"<invoices><invoice>", b"<invoices>"),
        (
            b"<?xml version='1.0'?>\n<invoices page='1'>\n",
            b"<?xml version='1.0'?>\n<invoices page='1'>",
        ),
        (
            b"\xef\xbb\xbf<!-- <a> --><invoices a='>' b=\"'\">x",
            b"\xef\xbb\xbf<!-- <a> --><invoices a='>' b=\"'\">",
        ),
        (b"<invoices/>", None),
        (b"<invoices a='1'/>", None),
        ("<invoices>".encode("utf-16"), None),
    ],
)
def test_a_prologue_ends_after_the_root_tag(head: bytes, prologue: bytes | None) -> None:
    """What stands before the first document is repeated before each piece."""
    assert cut_prologue(head) == prologue
