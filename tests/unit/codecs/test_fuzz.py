"""Arbitrary bytes and spoilt samples through the readers: documented exceptions only, no hang.

It ends by itself: hypothesis tries as many sources as the profile says (``--long``: many more).
"""

import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.unit.codecs.reading import Account, read, within

pytestmark = pytest.mark.usefixtures("unmeasured")  # as the laws

SAMPLES = Path(__file__).parents[3] / "legacy_samples"
# The small ones: a spoilt byte does more to them.
FILES = sorted(path for path in SAMPLES.rglob("*.*") if 0 < path.stat().st_size < 6000)
SOURCES = [path.read_bytes() for path in FILES if path.suffix in (".xml", ".json", ".jsonl")]

PIECES = [
    *(
        b"<invoice>",
        b"</invoice>",
        b"<invoices>",
        b"</invoices>",
        b"<client>",
        b"<services>",
        b"</services>",
    ),
    *(
        b"<service>",
        b"</service>",
        b"<numer>",
        b"</numer>",
        b"<uwagi/>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
    ),
    *(
        b"<?x",
        b"?>",
        b"<!DOCTYPE x",
        b"&#0;",
        b"&x;",
        b"&amp;",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xfe\xff",
    ),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"\\",
        b'"invoice"',
        b'"invoices"',
        b'"info"',
        b'"services"',
    ),
    *(
        b'"numer"',
        b'"uwagi"',
        b"null",
        b"true",
        b"NaN",
        b"-Infinity",
        b"1e9",
        b"0.1",
        b"9" * 30,
        b"\\ud800",
    ),
    *(
        b"\n",
        b" ",
        b"[" * 400,
        b"]" * 400,
        b'{"a":' * 400,
        b"<a>" * 300,
        b"\xc5",
        b"\xc5\xbb",
        b"<x a='1'>",
    ),
    *(
        b'"metainfo"',
        b'"entities"',
        b'"v2"',
        b'"version"',
        b'"fields"',
        b'"value"',
        b'"json"',
        b'"xml"',
    ),
]


def check(data: bytes) -> None:
    """Read a source in both directions and both ways; what comes out is bytes that can be read."""
    for elsewhere in (False, True):
        with within(10):
            account = read(data, elsewhere=elsewhere)
        consistent(account)
        for record in account.records:
            json.loads(record)
    with within(10):
        for form in ("xml", "json", "jsonl"):
            consistent(read(data, to="v2", form=form))


def consistent(account: Account) -> None:
    """Every document is converted or refused, with a reason."""
    assert len(account.documents) == len(account.records) + len(account.rejects)
    assert all(account.rejects)


FUZZ = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@FUZZ
@given(st.binary(max_size=300))
def test_arbitrary_bytes(data: bytes) -> None:
    """Any bytes at all."""
    check(data)


@FUZZ
@given(st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
@example(b'{"invoices":[{"numer":"1","uwagi":""}],[1]:2}')
def test_arbitrary_pieces(data: bytes) -> None:
    """The words of both formats in any order."""
    check(data)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """Draw a sample with a few places spoilt: cut out, repeated, replaced, or moved."""
    data = draw(st.sampled_from(SOURCES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(len(data) - 1, 0)))
        end = start + draw(st.integers(0, 40))
        what = draw(st.sampled_from(["cut", "piece", "twice", "end", "bytes"]))
        middle = {
            "cut": b"",
            "piece": draw(st.sampled_from(PIECES)),
            "twice": data[start:end] * 2,
            "end": b"",
            "bytes": draw(st.binary(max_size=4)),
        }[what]
        data = data[:start] + middle + (b"" if what == "end" else data[end:])
    return data


@FUZZ
@given(spoilt())
def test_spoilt_samples(data: bytes) -> None:
    """Documents of real life, spoilt in a few places."""
    check(data)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(max_size=5)
    | st.sampled_from(["1,5", "23", "zw", "2010-01-01", "szkic", "Faktura Marża", "Polska", "NaN"]),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=4), children, max_size=3)
    ),
    max_leaves=6,
)
NAMES = [
    "numer",
    "zaplacono",
    "status",
    "rodzaj_faktury",
    "services",
    "service",
    "client_id",
    "uwagi",
]
NAMES += [
    "stawka_vat",
    "ilosc",
    "cena_netto",
    "vat",
    "client_panstwo",
    "unikalny_numer",
    "x",
    "nip",
]
NAMES += [
    "id",
    "number",
    "kind",
    "tax_symbol",
    "quantity",
    "invoice_date",
    "gross_price",
    "panstwo",
]
RECORDS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8)
LINED = st.builds(
    lambda record, lines: {**record, "services": lines},
    RECORDS,
    st.lists(RECORDS, max_size=3) | VALUES,
)
ENTRIES = st.fixed_dictionaries(
    {
        "value": VALUES
        | st.dictionaries(
            st.sampled_from(["json", "xml", "number", "a"]),
            VALUES | st.sampled_from(["{", "[1]", "<x/>", "<x><y/></x>", "<x>", "1.5", "NaN"]),
            min_size=1,
            max_size=2,
        )
    },
    optional={"v3": VALUES},
)
RESIDUES = st.builds(
    lambda fields, lines, version: {"version": version, "fields": fields, "services": lines},
    VALUES | st.dictionaries(st.sampled_from(NAMES), VALUES | ENTRIES),
    VALUES | st.lists(st.fixed_dictionaries({"position": VALUES, "fields": VALUES}), max_size=2),
    st.sampled_from([1, 1, 1, 2, "1", None]),
)
DOCUMENTS = st.one_of(
    LINED,
    st.fixed_dictionaries({"invoice": LINED}),
    st.fixed_dictionaries({"client": RECORDS}),
    st.fixed_dictionaries({"invoice": LINED, "v2": RESIDUES}),
    st.fixed_dictionaries({"invoice": st.just({"id": 1, "services": [{}]}), "v2": RESIDUES}),
    st.fixed_dictionaries({"invoices": st.lists(LINED, max_size=2), "x": VALUES}),
)


@settings(FUZZ, max_examples=max(settings().max_examples // 4, 1))  # each costs more than a law's
@given(DOCUMENTS)
@example({"invoice": {"id": 1}, "v2": {"version": 1, "fields": {"x": {"value": {"a": 1}}}}})
def test_arbitrary_values(tree: object) -> None:
    """Documents whose fields hold anything that JSON has, with damaged residues beside them."""
    check(json.dumps(tree).encode())


def test_the_pieces_are_all_met() -> None:
    """The words above are words of the samples, or of the rules: a random walk over all of them."""
    generator = random.Random(2)
    for _ in range(200):
        data = b"".join(generator.choices(PIECES[:24], k=12))
        with within(10):
            consistent(read(data))
