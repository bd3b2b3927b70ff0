"""The residue: versioned, bounded, bound to the v3 value that it belongs to, and never trusted."""

import json
from typing import Any

import pytest

from infakt_compat import ConversionError, to_v2, to_v3
from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.codecs.tree import Markup
from infakt_compat.codecs.v2_write import json_record, xml_record
from infakt_compat.translate import get
from infakt_compat.translate.conversion import canonical
from infakt_compat.translate.residue import MOST_BYTES, VERSION

TREE = {
    "numer": "1",
    "client_panstwo": "USA",
    "razem_brutto": "1.005",
    "data_podpisania": "x",
    "nowe": {"a": [1, "b"]},
    "services": [
        {"nazwa": "A", "stawka_vat": "23", "product_id": "7"},
        {"nazwa": "B", "stawka_vat": "23", "marza": "0"},
    ],
}
V3 = {"id": 1, "number": "1"}


def stale(found: Any) -> list[str]:
    """Give the paths of stale entries."""
    return [notice.path for notice in found.notices if notice.code == "residue.stale"]


def test_the_form_of_a_residue() -> None:
    """Each kept value as text, beside the v3 value that it belongs to."""
    conversion = to_v3(TREE)
    assert conversion.residue == {
        "version": VERSION,
        "fields": {
            "nowe": {"value": {"json": '{"a":[1,"b"]}'}},
            "razem_brutto": {"value": "1.005", "v3": 101},
            "client_panstwo": {"value": "USA", "v3": "US"},
            "data_podpisania": {"value": "x"},
        },
        "services": [
            {"position": 0, "name": "A", "fields": {"product_id": {"value": "7"}}},
            {"position": 1, "name": "B", "fields": {"marza": {"value": "0"}}},
        ],
    }


def test_a_residue_travels_as_json() -> None:
    """Written and read, it gives the same document back."""
    tree = {
        **TREE,
        "zero": None,
        "ja": True,
        "liczba": loads("1.50"),
        "xml": Markup("<xml><a/></xml>"),
    }
    conversion = to_v3(tree)
    line = loads(dumps({"invoice": conversion.record, "v2": conversion.residue}).decode())
    assert to_v2(line).record == canonical(tree)


def test_what_v3_holds_exactly_leaves_no_residue() -> None:
    """An empty residue is `{}`, not an empty version."""
    assert to_v3({"numer": "1", "uwagi": "a"}).residue == {}


@pytest.mark.parametrize(
    ("change", "path", "shown"),
    [
        ({"client_country": "DE"}, "client_panstwo", "Niemcy"),
        ({"client_country": None}, "client_panstwo", ""),
        ({"gross_price": 102}, "razem_brutto", None),
    ],
)
def test_a_changed_v3_value_makes_its_entry_stale(
    change: dict[str, Any], path: str, shown: Any
) -> None:
    """The new value is shown, with a notice."""
    conversion = to_v3(TREE)
    for show in (to_v2, get):
        found = show({**conversion.record, **change}, conversion.residue)
        assert stale(found) == [path]
        if shown is not None:
            assert found.record[path] == shown
        assert found.record[path] != TREE[path]


def test_entries_without_a_v3_field_never_go_stale() -> None:
    """data_podpisania has nothing that could change."""
    conversion = to_v3(TREE)
    found = to_v2({**conversion.record, "number": "2", "notes": "b"}, conversion.residue)
    assert found.record["data_podpisania"] == "x"
    assert stale(found) == []


def test_lines_match_by_position_and_name() -> None:
    """A renamed, moved or removed line loses what was kept of it, and says so."""
    conversion = to_v3(TREE)
    lines = conversion.record["services"]
    renamed = to_v2(
        {**conversion.record, "services": [{**lines[0], "name": "C"}, lines[1]]}, conversion.residue
    )
    assert stale(renamed) == ["services[0]"]
    assert renamed.record["services"][0]["product_id"] is None
    assert renamed.record["services"][1]["marza"] == 0
    swapped = to_v2({**conversion.record, "services": lines[::-1]}, conversion.residue)
    assert stale(swapped) == ["services[0]", "services[1]"]
    removed = to_v2({**conversion.record, "services": lines[:1]}, conversion.residue)
    assert stale(removed) == ["services[1]"]
    assert removed.record["services"][0]["product_id"] == 7


def test_a_line_without_name_matches() -> None:
    """Null and empty are one name."""
    conversion = to_v3({"numer": "1", "services": [{"product_id": "7", "stawka_vat": "8"}]})
    for name in (None, ""):
        body = {
            **conversion.record,
            "services": [{**conversion.record["services"][0], "name": name}],
        }
        assert to_v2(body, conversion.residue).record["services"][0]["product_id"] == 7


def written(residue: Any, *, xml: bool) -> bytes:
    """Write the v2 document of a residue: what is damaged may be met no earlier."""
    record = to_v2(V3, residue).record
    return xml_record("invoice", record) if xml else json_record(record)


DAMAGED: list[Any] = [
    {"version": 2},
    {"version": "1", "fields": {}},
    {"fields": {}},
    {"version": 1, "more": 1},
    {"version": 1, "fields": ["a"]},
    {"version": 1, "fields": "x"},
    {"version": 1, "fields": {"uwagi": "a"}},
    {"version": 1, "fields": {"uwagi": {}}},
    {"version": 1, "fields": {"uwagi": None}},
    {"version": 1, "services": [{}]},
    {"version": 1, "services": [{"position": "x", "fields": {}}]},
    {"version": 1, "services": [{"position": 0}]},
    {"version": 1, "services": {"a": 1}},
    {"version": 1, "services": ["a"]},
    {"version": 1, "services": [{"position": 0, "fields": {"x": {}}}]},
    {"version": 1, "fields": {"zaplacono": {"value": "x"}}},
    {"version": 1, "fields": {"status": {"value": "?", "v3": None}}},
    [1],
    "x",
    5,
]


@pytest.mark.parametrize("residue", DAMAGED, ids=json.dumps)
def test_a_damaged_residue_is_refused(residue: Any) -> None:
    """With `residue.invalid`, given or beside the record."""
    for given in ((V3, residue), ({"invoice": V3, "v2": residue}, None)):
        with pytest.raises(ConversionError) as caught:
            to_v2(*given)
        assert caught.value.faults[0].code == "residue.invalid"


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": 1},
        {"json": "{"},
        {"json": 5},
        {"json": None},
        {"xml": 5},
        {"xml": "<a>"},
        {"xml": "text"},
        {"xml": "<!DOCTYPE a><x/>"},
        {"xml": "<status>szkic</status>"},
        {"number": "x"},
        {"number": []},
        ["a"],
    ],
    ids=json.dumps,
)
def test_a_damaged_unknown_field_is_refused(value: Any) -> None:
    """One damaged line costs itself only, in any form that is asked for."""
    with pytest.raises(ConversionError) as caught:
        written({"version": 1, "fields": {"x": {"value": value}}}, xml="xml" in value)
    assert caught.value.faults[0].code == "residue.invalid"


@pytest.mark.parametrize("value", [["a"], {"a": 1}, True, 5])
def test_a_kept_value_is_text(value: Any) -> None:
    """A list is not shown as Python writes it."""
    with pytest.raises(ConversionError) as caught:
        to_v2(V3, {"version": 1, "fields": {"data_podpisania": {"value": value}}})
    assert caught.value.faults[0].code == "residue.invalid"


def test_an_infinite_position_is_refused() -> None:
    """Of a Python caller."""
    with pytest.raises(ConversionError):
        to_v2(V3, {"version": 1, "services": [{"position": float("inf"), "fields": {}}]})


@pytest.mark.parametrize("residue", [None, {}])
def test_no_residue(residue: Any) -> None:
    """Nothing was kept."""
    assert to_v2(V3, residue).record["numer"] == "1"


def test_a_residue_is_bounded() -> None:
    """64 KiB a document: one byte more is refused, and nothing is cut off."""

    def size(length: int) -> int:
        """Give the size of a residue with one text of a length."""
        return len(dumps({"version": 1, "fields": {"x": {"value": "a" * length}}}))

    most = MOST_BYTES - size(0)
    assert size(most) == MOST_BYTES == 64 * 1024
    tree = {"numer": "1", "uwagi": "a", "x": "a" * most}
    conversion = to_v3(tree)
    assert to_v2(conversion.record, conversion.residue).record == canonical(tree)
    with pytest.raises(ConversionError) as caught:
        to_v3({**tree, "x": "a" * (most + 1)})
    assert [(f.code, f.path) for f in caught.value.faults] == [("residue.too_large", "")]


def test_bytes_are_counted_not_characters() -> None:
    """A Polish letter is two."""
    with pytest.raises(ConversionError):
        to_v3({"numer": "1", "uwagi": "a", "x": "ż" * 33_000})


def test_long_names_of_lines_do_not_count() -> None:
    """The residue is what v3 cannot hold: a name it can."""
    line = {"nazwa": "a" * 70_000, "stawka_vat": "8", "product_id": "1"}
    assert to_v3({"numer": "1", "services": [line]}).residue


def test_the_residue_never_stands_in_the_record() -> None:
    """No v3 text field carries it."""
    conversion = to_v3({**TREE, "data_podpisania": "SECRET", "nowe": "SECRET"})
    assert "SECRET" not in json.dumps(conversion.record)
