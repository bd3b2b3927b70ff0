"""What `convert` writes: v3 lines and lists, v2 XML, JSON and JSON Lines, and the way back."""

import json
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from lxml import etree

from infakt_compat.codecs.tree import Markup
from infakt_compat.translate import canonical
from tests.cli.cli_process import SAMPLES, convert, json_lines, lines_of, v2_documents
from tests.v2_field_names import CLIENT, INVOICE, LINE

INVOICE_FIELDS = [*INVOICE, "services"]
LINE_FIELDS = LINE
CLIENT_FIELDS = CLIENT
FIELDS = {"invoice": INVOICE_FIELDS, "client": CLIENT_FIELDS}
WRITE_ONLY = {"unikalny_numer", "data_oplacenia"}


def good_samples() -> list[Path]:
    """Give the samples of which every document converts."""
    index = tomllib.loads((SAMPLES / "INDEX.toml").read_text("utf-8"))["file"]
    names = [each["path"] for each in index if each["documents"] and not each.get("rejected")]
    return sorted(SAMPLES / name for name in names)


@pytest.fixture(scope="module")
def lines_of_samples(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Convert the good samples; a file of lines for each format and resource."""
    folder = tmp_path_factory.mktemp("lines")
    found = {}
    for form, pattern in (("xml", "*.xml"), ("json", "*.json*")):
        done = convert(*[each for each in good_samples() if each.match(pattern)], "--workers", "2")
        assert done.code == 0
        for resource in FIELDS:
            path = folder / f"{form}-{resource}.jsonl"
            start = b'{"%b"' % resource.encode()
            path.write_bytes(
                b"".join(row for row in done.out.splitlines(keepends=True) if row.startswith(start))
            )
            found[form, resource] = path
    return found


def originals(form: str, resource: str) -> list[dict[str, Any]]:
    """Give the trees of the good samples of one format and resource."""
    pattern = {"xml": "*.xml", "json": "*.json*"}[form]
    files = [each for each in good_samples() if each.match(pattern)]
    trees = [tree for file in files for tree in v2_documents(file.read_bytes())]
    return [tree for tree in trees if resource in tree]


def has_children(tree: Any) -> bool:
    """Say whether an unknown field of a document has children, for its own format only."""
    if isinstance(tree, dict):
        return any(
            isinstance(value, Markup)
            or (name != "services" and isinstance(value, dict | list))
            or (name == "services" and isinstance(value, list) and any(map(has_children, value)))
            for name, value in tree.items()
        )
    return False


def known(record: dict[str, Any]) -> dict[str, Any]:
    """Leave out unknown fields, whose types XML does not keep."""
    names = {*INVOICE_FIELDS, *CLIENT_FIELDS, *LINE_FIELDS, *WRITE_ONLY}
    return {
        name: [known(row) for row in value] if name == "services" else value
        for name, value in record.items()
        if name in names
    }


@pytest.mark.parametrize("back", ["xml", "json", "jsonl"])
@pytest.mark.parametrize("resource", ["invoice", "client"])
@pytest.mark.parametrize("form", ["xml", "json"])
def test_the_originals_come_back(
    form: str,
    resource: str,
    back: str,
    lines_of_samples: dict[tuple[str, str], Path],
    tmp_path: Path,
) -> None:
    """Every good sample, to v3 and back through files, is its own normal form again."""
    trees = originals(form, resource)
    assert len(trees) >= (3 if resource == "client" else 40)
    crossing = {"jsonl": "json"}.get(back, back) != form
    if crossing:
        trees = [tree for tree in trees if not has_children(tree[resource])]
    out = tmp_path / f"back.{back}"
    source = lines_of_samples[form, resource]
    done = convert(source, "--to", "v2", "--format", back, "-o", out)
    lost = len(originals(form, resource)) - len(trees)
    assert done.code == (3 if lost else 0)
    assert done.entries().get("field.other_format", 0) >= lost
    came = v2_documents(out.read_bytes())
    assert len(came) == len(trees)
    for original, again in zip(trees, came, strict=True):
        wanted, got = canonical(original, resource), canonical(again, resource)
        assert (known(got) if crossing else got) == (known(wanted) if crossing else wanted)


@pytest.mark.parametrize("form", ["xml", "json"])
def test_there_and_back_through_pipes(form: str) -> None:
    """`convert - | convert - --to v2` needs no file."""
    original = (SAMPLES / f"faktura_piecdziesiat_pozycji.{form}").read_bytes()
    there = convert("-", stdin=original)
    back = convert("-", "--to", "v2", "--format", form, stdin=there.out)
    assert back.code == 0
    [tree], [again] = v2_documents(original), v2_documents(back.out)
    assert canonical(again) == canonical(tree)


def test_jsonl_is_the_default_for_v3() -> None:
    """`--to v3 --format jsonl` changes nothing."""
    done = convert(SAMPLES / "rodzaje.xml", "--to", "v3", "--format", "jsonl")
    assert done.out == lines_of("rodzaje.xml") != b""


def test_xml_is_the_default_for_v2() -> None:
    """`--to v2` alone writes XML."""
    lines = lines_of("rodzaje.xml")
    plain = convert("-", "--to", "v2", stdin=lines)
    assert plain.out == convert("-", "--to", "v2", "--format", "xml", stdin=lines).out
    assert plain.out.startswith(b"<?xml")


@pytest.mark.parametrize(
    ("to", "form"), [("v3", "xml"), ("v3", "csv"), ("v2", "yaml"), ("v4", "json")]
)
def test_what_is_not_written(to: str, form: str, tmp_path: Path) -> None:
    """A format that a direction does not have is exit 2, and OUT is not touched."""
    out = tmp_path / "out"
    done = convert(SAMPLES / "rodzaje.xml", "--to", to, "--format", form, "-o", out)
    assert done.code == 2
    assert "Error" in done.err
    assert done.out == b""
    assert list(tmp_path.iterdir()) == []


def test_json_is_the_list_envelope_of_v3() -> None:
    """`--format json` writes records only, in v3's list with its count."""
    sample = SAMPLES / "statusy.json"
    done = convert(sample, "--format", "json")
    assert done.code == 0
    made = json.loads(done.out)
    assert list(made) == ["metainfo", "entities"]
    assert made["metainfo"] == {"count": 5, "total_count": 5, "next": None, "previous": None}
    assert made["entities"] == [line["invoice"] for line in json_lines(convert(sample).out)]


def test_json_says_what_it_leaves_behind() -> None:
    """The number of documents with a residue is said on stderr, and how to keep it."""
    done = convert(SAMPLES / "rodzaje.xml", "--format", "json")
    assert done.code == 0
    with_residue = sum("v2" in line for line in convert(SAMPLES / "rodzaje.xml").lines())
    assert with_residue > 0
    found = re.search(
        r"^Documents with a residue, which --format json leaves behind: (\d+)",
        done.err,
        re.MULTILINE,
    )
    assert found is not None
    assert int(found[1]) == with_residue
    assert "--format jsonl" in done.err


@pytest.mark.parametrize("arguments", [["--format", "json"], []])
def test_nothing_is_said_where_nothing_is_left_behind(arguments: list[str]) -> None:
    """No residue, or lines that hold it: no warning."""
    sample = SAMPLES / ("rodzaje.xml" if not arguments else "seed_list.xml")
    done = convert(sample, *arguments)
    assert done.code == 0
    assert "residue" not in done.err


def test_v2_xml_is_one_page_in_the_order_of_the_field_list() -> None:
    """Paging attributes, then every element in its place, empty ones as a pair."""
    done = convert(
        "-", "--to", "v2", stdin=lines_of("rodzaje.xml", "faktura_piecdziesiat_pozycji.xml")
    )
    assert done.code == 0
    root = etree.fromstring(done.out)
    assert root.tag == "invoices"
    assert root.items() == [("per_page", "7"), ("total", "7"), ("pages", "1"), ("page", "1")]
    assert [child.tag for child in root] == ["invoice"] * 7
    for record in root:
        assert [child.tag for child in record] == INVOICE_FIELDS
        for line in record.iterfind("services/*"):
            assert line.tag == "service"
            assert [child.tag for child in line] == LINE_FIELDS
    assert b"<uwagi></uwagi>" in done.out
    assert b"/>" not in done.out
    assert done.out.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<invoices per_page="7" ')


def test_v2_xml_of_clients() -> None:
    """Clients have their own list."""
    done = convert("-", "--to", "v2", stdin=lines_of("klienci.xml"))
    assert done.code == 0
    root = etree.fromstring(done.out)
    assert root.tag == "clients"
    assert root.items() == [("per_page", "3"), ("total", "3"), ("pages", "1"), ("page", "1")]
    assert all([child.tag for child in record] == CLIENT_FIELDS for record in root)


@pytest.mark.parametrize(
    ("sample", "name", "fields"),
    [("rodzaje.xml", "invoices", INVOICE_FIELDS), ("klienci.xml", "clients", CLIENT_FIELDS)],
)
def test_v2_json_is_a_list_with_its_paging(sample: str, name: str, fields: list[str]) -> None:
    """`info` and the list; amounts are numbers, the quantity is text."""
    done = convert("-", "--to", "v2", "--format", "json", stdin=lines_of(sample))
    assert done.code == 0
    made = json.loads(done.out, parse_float=Decimal)
    assert list(made) == ["info", name]
    total = len(made[name])
    assert made["info"] == {"per_page": total, "total": total, "pages": 1, "page": 1}
    assert all(list(record) == fields for record in made[name])
    if name == "invoices":
        line = made[name][0]["services"][0]
        assert list(line) == LINE_FIELDS
        assert isinstance(line["ilosc"], str)
        assert isinstance(line["cena_netto"], Decimal)


@pytest.mark.parametrize(
    ("sample", "resource"), [("rodzaje.xml", "invoice"), ("klienci.xml", "client")]
)
def test_v2_json_lines(sample: str, resource: str) -> None:
    """A document a line, in its envelope."""
    done = convert("-", "--to", "v2", "--format", "jsonl", stdin=lines_of(sample))
    assert done.code == 0
    lines = done.lines()
    assert lines
    assert all(list(line) == [resource] for line in lines)
    assert all(list(line[resource]) == FIELDS[resource] for line in lines)


SHAPES = ["lines", "bare lines", "array", "list", "list, paging last", "lists", "pretty"]


def shapes_of(records: list[dict[str, Any]]) -> dict[str, bytes]:
    """Give some v3 records in every form that `--to v2` takes."""
    return {
        "lines": b"".join(orjson.dumps({"invoice": each}) + b"\n" for each in records),
        "bare lines": b"".join(orjson.dumps(each) + b"\n" for each in records),
        "array": orjson.dumps(records),
        "list": orjson.dumps({"metainfo": {"count": len(records)}, "entities": records}),
        "list, paging last": orjson.dumps({"entities": records, "metainfo": {"count": 1}}),
        "lists": b"\n".join(orjson.dumps({"entities": [each]}) for each in records),
        "pretty": b"\n".join(
            orjson.dumps({"invoice": each}, option=orjson.OPT_INDENT_2) for each in records
        ),
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_to_v2_takes_lines_bare_documents_and_lists(shape: str) -> None:
    """The shape around the v3 documents does not matter."""
    records = [line["invoice"] for line in json_lines(lines_of("sposoby_platnosci.xml"))]
    plain = convert("-", "--to", "v2", stdin=shapes_of(records)["lines"])
    done = convert("-", "--to", "v2", stdin=shapes_of(records)[shape])
    assert (done.code, plain.code) == (0, 0)
    assert done.out == plain.out
    assert done.out.count(b"<invoice>") == 10


def test_v3_without_its_residue_is_a_view() -> None:
    """Without the residue only what it held is missing."""
    sample = "rodzaje.xml"
    records = [line["invoice"] for line in json_lines(lines_of(sample))]
    done = convert("-", "--to", "v2", "--format", "jsonl", stdin=shapes_of(records)["array"])
    assert done.code == 0
    originals = [canonical(tree) for tree in v2_documents((SAMPLES / sample).read_bytes())]
    differing = set()
    for wanted, line in zip(originals, done.lines(), strict=True):
        got = canonical(line)
        differing |= {name for name in wanted if got[name] != wanted[name]}
    assert differing == {"zaplacono", "data_sprzedazy"}


@pytest.mark.parametrize("form", ["xml", "json", "jsonl"])
def test_invoices_and_clients_mixed_are_exit_2(form: str, tmp_path: Path) -> None:
    """A v2 list holds one kind: exit 2, nothing is put in place and nothing stays behind."""
    out = tmp_path / "out"
    out.write_bytes(b"old")
    source = tmp_path / "mixed.jsonl"
    source.write_bytes(lines_of("seed_list.xml", "klienci.xml"))
    done = convert(source, "--to", "v2", "--format", form, "-o", out)
    assert done.code == 2
    assert "invoices and clients" in done.err
    assert out.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == [source, out]


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_mixed_list_puts_nothing_on_standard_output(form: str) -> None:
    """A list that cannot be whole is not begun."""
    done = convert(
        "-", "--to", "v2", "--format", form, stdin=lines_of("seed_list.xml", "klient.xml")
    )
    assert done.code == 2
    assert done.out == b""


def test_mixed_documents_are_fine_in_lines() -> None:
    """JSON Lines of v3 hold both kinds."""
    assert convert(SAMPLES / "seed_list.xml", SAMPLES / "klient.xml").code == 0


@pytest.mark.parametrize("form", ["xml", "json", "jsonl"])
def test_an_empty_list(form: str) -> None:
    """Nothing in, an empty list out."""
    done = convert(SAMPLES / "lista_pusta.xml", "--to", "v3")
    assert (done.code, done.out) == (0, b"")
    back = convert("-", "--to", "v2", "--format", form, stdin=b'{"metainfo":{},"entities":[]}')
    assert back.code == 0
    expected = {
        "xml": b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<invoices per_page="1" total="0" pages="1" page="1">\n</invoices>\n',
        "json": {"info": {"per_page": 1, "total": 0, "pages": 1, "page": 1}, "invoices": []},
        "jsonl": b"",
    }[form]
    assert (json.loads(back.out) if form == "json" else back.out) == expected


def test_the_wrong_direction_is_said() -> None:
    """v3 documents under `--to v3`, and v2 documents under `--to v2`, are refused with advice."""
    there = convert("-", stdin=lines_of("seed_list.xml"))
    back = convert(SAMPLES / "seed_list.xml", SAMPLES / "seed_list.json", "--to", "v2")
    assert (there.code, there.entries()) == (3, {"document.not_v2": 1})
    assert (back.code, back.entries().get("document.not_v3")) == (3, 2)
    assert "--to v2" in there.err
    assert "--to v3" in back.err


def test_v2_clients_in_a_list_are_no_v3_documents() -> None:
    """A v2 list of clients with few fields is refused under `--to v2`, not taken for invoices."""
    listed = b'{"clients":[{"client_id":1,"nazwa_firmy":"A"}]}'
    for data in (listed, b'{"client_id":1,"nazwa_firmy":"A"}'):
        done = convert("-", "--to", "v2", stdin=data)
        assert (done.code, done.entries()) == (3, {"document.not_v3": 1})
