"""JSON documents read one by one: envelopes, lists, lines, and what breaks."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from infakt_compat.codecs.json_stream import ENDS_ONLY, JsonDocument, list_names, read_documents
from infakt_compat.codecs.tree import Broken
from infakt_compat.errors import ConversionError, Fault

SIZES = [1, 2, 7, 1_000_000]


def chunks(text: str | bytes, size: int) -> Iterable[bytes]:
    """Cut a source into chunks of a size."""
    data = text.encode() if isinstance(text, str) else text
    return [data[at : at + size] for at in range(0, len(data), size)]


def trees(text: str | bytes, size: int = 1_000_000) -> list[Any]:
    """Read a source that must be whole; give its trees."""
    found = list(read_documents(chunks(text, size)))
    assert not [document.faults for document in found if document.faults]
    return [document.tree for document in found]


def until_broken(text: str | bytes, size: int = 1_000_000) -> tuple[list[JsonDocument], Broken]:
    """Read a source that breaks; give what stood before, and the break."""
    found: list[JsonDocument] = []
    try:
        found.extend(read_documents(chunks(text, size)))
    except Broken as error:
        return found, error
    pytest.fail("the source did not break")


A = {"numer": "1", "uwagi": 'zażółć "x" \\ 😀 ]}', "services": [{"ilosc": "1.0", "vat": 2}]}
B = {"numer": "2", "zaplacono": 122, "uwagi": ""}
INFO = {"per_page": 100, "total": 2, "pages": 1, "page": 1}


def dumped(value: Any, **options: Any) -> str:
    """Write JSON as any library does."""
    return json.dumps(value, **options)


SOURCES = {
    "bare": (dumped(A), [A]),
    "enveloped": (dumped({"invoice": A}), [{"invoice": A}]),
    "list, info first": (dumped({"info": INFO, "invoices": [A, B]}), [A, B]),
    "list, info last": (dumped({"invoices": [A, B], "info": INFO}), [A, B]),
    "list, no info": (dumped({"invoices": [A, B]}), [A, B]),
    "clients": (dumped({"clients": [B], "info": INFO}), [B]),
    "v3 list": (dumped({"metainfo": {"count": 2}, "entities": [A, B]}), [A, B]),
    "v3 list, metainfo last": (dumped({"entities": [A, B], "metainfo": {"next": None}}), [A, B]),
    "array": (dumped([A, B]), [A, B]),
    "array of envelopes": (
        dumped([{"invoice": A}, {"invoice": B}]),
        [{"invoice": A}, {"invoice": B}],
    ),
    "empty list": (dumped({"info": INFO, "invoices": []}), []),
    "empty array": ("[]", []),
    "lines": (dumped(A) + "\n" + dumped(B) + "\n", [A, B]),
    "lines, blank ones between": (dumped(A) + "\r\n\r\n" + dumped(B), [A, B]),
    "concatenated": (dumped(A) + dumped(B), [A, B]),
    "pretty-printed after each other": (dumped(A, indent=4) + "\n" + dumped(B, indent=4), [A, B]),
    "lists after each other": (
        dumped({"invoices": [A]}) + "\n" + dumped({"invoices": [B]}),
        [A, B],
    ),
    "pretty-printed list": (dumped({"info": INFO, "invoices": [A, B]}, indent=2), [A, B]),
    "raw characters": (dumped({"invoices": [A, B]}, ensure_ascii=False), [A, B]),
    "byte order mark": ("\ufeff" + dumped(A), [A]),
    "white space around": (" \n\t" + dumped([A]) + "\n \n", [A]),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SOURCES)
def test_a_source_gives_its_documents(name: str, size: int) -> None:
    """Every form of a source, cut anywhere, gives the same documents in their order."""
    text, expected = SOURCES[name]
    assert trees(text, size) == expected


@pytest.mark.parametrize("name", SOURCES)
def test_the_text_of_a_document_is_its_own(name: str) -> None:
    """A document's raw text is that of the source, and reads the same."""
    text, expected = SOURCES[name]
    found = list(read_documents(chunks(text, 7), ENDS_ONLY))
    assert all(document.text in text for document in found)
    assert [json.loads(document.raw()) for document in found] == expected


def test_every_cut_of_a_source() -> None:
    """Two chunks, cut at every byte."""
    text = dumped({"info": INFO, "invoices": [A, {"a": [1.5, True, None, -12], "b": "\u00f3"}]})
    data = text.encode()
    whole = trees(data)
    for at in range(1, len(data)):
        found = list(read_documents([data[:at], data[at:]]))
        assert [document.tree for document in found] == whole, at


def test_a_list_says_what_it_holds() -> None:
    """v2's lists name their resource; v3's and bare arrays do not."""
    for text, resource in [
        ('{"invoices":[{}]}', "invoice"),
        ('{"clients":[{}]}', "client"),
        ('{"entities":[{}]}', None),
        ("[{}]", None),
        ("{}", None),
    ]:
        assert [document.resource for document in read_documents([text.encode()])] == [resource]
    assert list_names() == {"invoices": "invoice", "clients": "client", "entities": None}


def test_a_client_s_info_is_a_field() -> None:
    """`info` is paging beside a list, and a client's note everywhere else."""
    client = {"info": "stały klient", "nazwa_firmy": "A"}
    assert trees(dumped(client), 1) == [client]
    assert trees(dumped({"info": "only"})) == [{"info": "only"}]


@pytest.mark.parametrize("size", SIZES)
def test_what_stands_beside_a_list_is_not_lost(size: int) -> None:
    """Another key after a list is refused, the list's documents stay."""
    found = list(read_documents(chunks(dumped({"invoices": [A], "clients": [B]}), size)))
    assert found[0].tree == A
    assert found[1].faults == (Fault("document.not_invoice", "", "beside invoices: clients"),)
    assert json.loads(found[1].text) == [B]


# ---- what breaks


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "broken", ['{"numer": "2" "x"}', '{"a":tru}', "{'a':1}", '{"a":"\x01"}', "{"]
)
def test_a_broken_line_costs_itself_only(broken: str, size: int) -> None:
    """The lines around it are converted; the fault names line and column."""
    text = f"{dumped(A)}\n{broken}\n{dumped(B)}\n"
    found = list(read_documents(chunks(text, size)))
    assert [document.tree for document in found if not document.faults] == [A, B]
    (fault,) = found[1].faults
    assert fault.code == "document.malformed"
    if broken != "{":
        assert fault.detail.startswith("line 2, column ")
    assert found[1].text == broken


@pytest.mark.parametrize("size", SIZES)
def test_the_first_line_may_be_broken(size: int) -> None:
    """It is a line when the next line begins with a document."""
    found = list(read_documents(chunks(f'{{"a":}}\n{dumped(B)}\n', size)))
    assert found[0].faults[0].detail.startswith("line 1, column 6")
    assert found[1].tree == B


@pytest.mark.parametrize("size", SIZES)
def test_the_last_line_may_be_broken(size: int) -> None:
    """A cut-off last line is refused alone."""
    found = list(read_documents(chunks(f'{dumped(A)}\n{{"numer": "2', size)))
    assert found[0].tree == A
    assert found[1].faults[0].code == "document.malformed"
    assert len(found) == 2


@pytest.mark.parametrize(
    "size",
    [1, 2, 7, 1_000_000],
)
def test_a_broken_list_gives_what_stood_before(size: int) -> None:
    """Then it says line and column, and gives the rest."""
    text = '{"invoices": [\n  {"numer": "1"},\n  {"numer": "2"},\n  {"numer": 3]\n]}\n'
    found, broken = until_broken(text, size)
    assert [document.tree for document in found] == [{"numer": "1"}, {"numer": "2"}]
    assert broken.fault.code == "source.broken"
    assert broken.fault.detail.startswith("line 4, column 14: ")
    assert broken.rest.lstrip(b",\n ").startswith(b'{"numer": 3]')


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "end",
    ["", ",", ', {"numer"', ', {"numer": "2"}', '] , "info"', '], "info": {', "}"],
)
def test_a_truncated_list_gives_what_stood_before(end: str, size: int) -> None:
    """Wherever it is cut off."""
    found, broken = until_broken('{"invoices": [{"numer": "1"}' + end, size)
    assert found[0].tree == {"numer": "1"}
    assert broken.fault.code == "source.broken"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", ["", "  \n", "\ufeff"])
def test_an_empty_source_is_malformed(text: str, size: int) -> None:
    """No document at all."""
    found, broken = until_broken(text, size)
    assert (found, broken.fault.code) == ([], "document.malformed")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", ['{"numer": "1"', "[", "{]", "nul", '{"a":1}}', '{"a":1} x'])
def test_a_broken_document_is_refused(text: str, size: int) -> None:
    """A single document that is cut off or misspelt: Broken, or refused as a line."""
    found: list[JsonDocument] = []
    try:
        found += read_documents(chunks(text, size))
    except Broken:
        return
    assert any(document.faults for document in found)


@pytest.mark.parametrize("text", ['[{"a":1},]', '{"invoices":[{"a":1},]}'])
def test_a_comma_at_the_end_of_a_list_is_no_json(text: str) -> None:
    """A list whose last element may be missing is broken, as it is inside of a document."""
    found, broken = until_broken(text)
    assert len(found) == 1
    assert broken.fault.code == "source.broken"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "data", [b'{"numer":"\xf3"}', '{"a":"ó"}'.encode("utf-16"), b'{"a":"\xc5', b"\xff{}"]
)
def test_other_encodings_are_refused(data: bytes, size: int) -> None:
    """JSON is UTF-8; nothing is replaced."""
    with pytest.raises(ConversionError) as caught:
        list(read_documents(chunks(data, size)))
    assert caught.value.faults[0].code == "document.encoding"


def test_what_stood_before_foreign_bytes_is_given() -> None:
    """Documents before the byte come first."""
    lines = [b'{"numer":"1"}\n', b'{"numer":"2"}\n', b'{"numer":"\xf3"}\n']
    documents = read_documents(lines)
    assert next(documents).tree == {"numer": "1"}
    with pytest.raises(ConversionError):
        list(documents)


@pytest.mark.parametrize("key", ["[1]", "{}"])
def test_a_key_that_is_no_text_breaks_the_list(key: str) -> None:
    """After the list: the source is broken, not the program."""
    found, broken = until_broken('{"invoices":[{"numer":"1"}],' + key + ":2}")
    assert len(found) == 1
    assert broken.fault.code == "source.broken"


@pytest.mark.parametrize("key", ["1", "null", "true"])
def test_another_key_that_is_no_text_is_no_list_either(key: str) -> None:
    """The document of the list stays, what stands beside it is refused one way or the other."""
    found: list[JsonDocument] = []
    try:
        found += read_documents([('{"invoices":[{"numer":"1"}],' + key + ":2}").encode()])
    except Broken:
        return
    assert found[0].tree == {"numer": "1"}
    assert found[1].faults
