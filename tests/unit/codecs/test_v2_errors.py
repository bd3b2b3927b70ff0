"""v2's error documents, both ways, as the v2 document shows them (seed 003)."""

from typing import Any

import pytest

from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.codecs.v2_errors import read_error, write_error
from infakt_compat.errors import ConversionError

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

NOT_FOUND = (
    HEAD
    + """<hash>
  <message>No record found with that ID.</message>
  <request>https://www.infakt.pl/api/v2/invoices/show.xml?id=3</request>
</hash>
"""
)

INVALID = (
    HEAD
    + """<hash>
    <message>Some fields were given invalid or no values</message>
    <request>/api/v2/invoices/create.xml</request>
    <errors>
        <invoice type="array">
            <invoice>
                <message>blank</message>
                <field>status</field>
            </invoice>
            <invoice>
                <message>blank</message>
                <field>sposob_platnosci</field>
            </invoice>
        </invoice>
        <services type="array">
            <service type="array">
                <service>
                    <message>blank</message>
                    <field>stawka_vat</field>
                </service>
            </service>
        </services>
    </errors>
</hash>
"""
)

LIMIT = (
    HEAD
    + """<hash>
    <message>Request unable to process.
    Consider extanding your payment plan.</message>
    <request>/api/v2/invoices/create.xml</request>
</hash>
"""
)

TREES: dict[str, dict[str, Any]] = {
    NOT_FOUND: {
        "message": "No record found with that ID.",
        "request": "https://www.infakt.pl/api/v2/invoices/show.xml?id=3",
    },
    INVALID: {
        "message": "Some fields were given invalid or no values",
        "request": "/api/v2/invoices/create.xml",
        "errors": {
            "invoice": [["status", "blank"], ["sposob_platnosci", "blank"]],
            "services": [[["stawka_vat", "blank"]]],
        },
    },
    LIMIT: {
        "message": "Request unable to process.\n    Consider extanding your payment plan.",
        "request": "/api/v2/invoices/create.xml",
    },
}


@pytest.mark.parametrize("xml", TREES, ids=["404", "409", "402"])
def test_a_documented_error_is_read(xml: str) -> None:
    """The `<hash>` becomes the tree of the JSON form."""
    assert read_error(xml.encode()) == TREES[xml]


@pytest.mark.parametrize("xml", TREES, ids=["404", "409", "402"])
def test_a_documented_error_is_written(xml: str) -> None:
    """Element for element as documented; the indentation is that of the first one."""
    written = write_error(TREES[xml]).decode()
    assert [line.strip() for line in written.splitlines()] == [
        line.strip() for line in xml.splitlines()
    ]
    assert read_error(written.encode()) == TREES[xml]


def test_the_404_is_written_byte_for_byte() -> None:
    """Two spaces a level, as the first example shows."""
    assert write_error(TREES[NOT_FOUND]) == NOT_FOUND.encode()


def test_the_409_of_json() -> None:
    """A good line is `[]` in JSON, and an empty array element in XML."""
    text = (
        '{"message":"Some fields were given invalid or no values",'
        '"request":"/api/v2/invoices/create.json","errors":{"invoice":[["sposob_platnosci","blank"]],'
        '"services":[[],[["stawka_vat","blank"]]]}}'
    )
    tree = loads(text)
    assert dumps(tree) == text.encode()
    written = write_error(tree)
    assert b'<service type="array"/>' in written
    assert read_error(written) == tree


def test_two_faults_of_one_line_are_no_pair() -> None:
    """A line with exactly two faults is still a list of faults."""
    tree = {
        "message": "m",
        "request": "r",
        "errors": {"services": [[["nazwa", "blank"], ["ilosc", "blank"]], []]},
    }
    assert read_error(write_error(tree)) == tree


def test_a_client_s_faults() -> None:
    """By analogy with invoices."""
    tree = {"message": "m", "request": "r", "errors": {"client": [["nazwa_firmy", "blank"]]}}
    written = write_error(tree)
    assert b'<client type="array">' in written
    assert read_error(written) == tree


def test_text_is_escaped() -> None:
    """Characters outside ASCII are references, markup is text."""
    tree = {"message": "Żółć <&>", "request": "/a?b=1&c=2"}
    written = write_error(tree)
    assert written.isascii()
    assert b"&#379;" in written
    assert read_error(written) == tree


@pytest.mark.parametrize(
    "xml",
    [
        b"<invoice><numer>1</numer></invoice>",
        b"<!DOCTYPE hash><hash/>",
        b"",
        b"text",
        b'<!DOCTYPE hash [<!ENTITY a "b">]><hash><message>&a;</message></hash>',
    ],
)
def test_another_document_is_refused(xml: bytes) -> None:
    """No `<hash>`, a DOCTYPE, or no XML."""
    with pytest.raises(ConversionError):
        read_error(xml)


@pytest.mark.parametrize("xml", [b"<hash><message>x", b"<hash><message>&x;</message></hash>"])
def test_broken_xml_is_refused(xml: bytes) -> None:
    """As its docstring says, also where the break comes after the root."""
    with pytest.raises(ConversionError):
        read_error(xml)
