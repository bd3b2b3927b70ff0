"""JSON text with exact numbers, both ways."""

import json
from decimal import Decimal
from typing import Any

import pytest

from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.codecs.tree import Twice
from infakt_compat.money import NumberText


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-5", -5),
        ("0.1", NumberText("0.1")),
        ("1.50", NumberText("1.50")),
        ("1e2", NumberText("1e2")),
        ("NaN", NumberText("NaN")),
        ("-Infinity", NumberText("-Infinity")),
        ("9" * 18, int("9" * 18)),
        ("9" * 19, NumberText("9" * 19)),
        ("9" * 5000, NumberText("9" * 5000)),
        ('"0.1"', "0.1"),
        ("true", True),
        ("null", None),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_a_value_is_read_exactly(text: str, value: Any) -> None:
    """A fraction is its text, an int is an int; nothing is a float."""
    found = loads(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["1.50", "0.10", "-0.00", "1e2", "1E-7", "9" * 5000])
def test_a_number_is_written_as_it_was_read(text: str) -> None:
    """Spelling and precision come back."""
    assert dumps(loads(text)) == text.encode()


def test_a_decimal_is_written_as_v2_did() -> None:
    """With at least one digit after the point."""
    assert dumps({"a": Decimal("122"), "b": [Decimal("1.5")]}) == b'{"a":122.0,"b":[1.5]}'


def test_fields_that_come_twice_are_marked() -> None:
    """At any depth; the names once each, in the order of the record."""
    record = loads('{"a":1,"b":{"c":1,"c":2,"c":3},"a":2,"d":0}')
    assert isinstance(record, Twice)
    assert (list(record.names), record["a"]) == (["a"], 2)
    assert isinstance(record["b"], Twice)
    assert list(record["b"].names) == ["c"]


def test_a_marked_record_is_written_as_a_record() -> None:
    """The mark is no part of the data."""
    assert dumps(Twice([("a", 1)], ["a"])) == b'{"a":1}'


def test_half_of_a_surrogate_pair_has_no_utf_8() -> None:
    """It is refused by the writer, not replaced."""
    with pytest.raises(TypeError):
        dumps({"a": "\ud800"})


@pytest.mark.parametrize("value", [{"a": object()}, {"a": b"x"}, {"a": {1, 2}}])
def test_what_has_no_json_form_is_refused(value: Any) -> None:
    """Nothing is written as something else."""
    with pytest.raises(TypeError):
        dumps(value)


@pytest.mark.parametrize(
    "text", ["", "{", "{'a':1}", '{"a":1,}', "[1 2]", '"\x00"', '{"a":01}', "nul"]
)
def test_what_is_no_json_is_refused(text: str) -> None:
    """Python's leniency is not v2's."""
    with pytest.raises(json.JSONDecodeError):
        loads(text)
