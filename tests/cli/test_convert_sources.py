"""What SRC may be: files, folders and standard input, in their order."""

import shutil
from pathlib import Path

import orjson
import pytest

from infakt_compat import to_v3
from tests.cli.cli_process import BAD, SAMPLES, archive, convert, needs_proc, v2_documents


def numbers(*names: str) -> list[str]:
    """Give the invoice numbers in some samples, in order."""
    trees = [tree for name in names for tree in v2_documents((SAMPLES / name).read_bytes())]
    return [tree["invoice"]["numer"] for tree in trees]


def invoice(number: str) -> bytes:
    """Make a small v2 invoice in JSON."""
    return b'{"invoice":{"numer":"%b","waluta":"PLN"}}' % number.encode()


def test_a_file(tmp_path: Path) -> None:
    """One file gives its documents, one a line, and nothing else on standard output."""
    done = convert(SAMPLES / "rodzaje.xml")
    assert done.code == 0
    assert [line["invoice"]["number"] for line in done.lines()] == numbers("rodzaje.xml")
    assert done.out.endswith(b"}\n")
    assert list(tmp_path.iterdir()) == []


def test_several_files_keep_the_order_of_the_command_line() -> None:
    """SRC... are converted as they stand, also when one comes twice."""
    names = ["waluty.xml", "statusy.json", "rodzaje.xml", "statusy.json"]
    done = convert(*(SAMPLES / name for name in names))
    assert done.code == 0
    assert [line["invoice"]["number"] for line in done.lines()] == numbers(*names)


def test_standard_input_among_files() -> None:
    """`-` is standard input, also between files."""
    data = (SAMPLES / "rodzaje.xml").read_bytes()
    done = convert(SAMPLES / "waluty.xml", "-", SAMPLES / "statusy.json", stdin=data)
    assert done.code == 0
    expected = numbers("waluty.xml", "rodzaje.xml", "statusy.json")
    assert [line["invoice"]["number"] for line in done.lines()] == expected


@pytest.mark.parametrize(
    "name", ["seed_list.xml", "seed_list.json", "archiwum.jsonl", "utf_16.xml"]
)
def test_standard_input_gives_what_the_file_gives(name: str) -> None:
    """A pipe and a file of the same content give the same bytes."""
    data = (SAMPLES / name).read_bytes()
    assert convert("-", stdin=data).out == convert(SAMPLES / name).out != b""


def test_an_error_in_standard_input_names_it() -> None:
    """The report says where a document of standard input stood."""
    done = convert("-", stdin=(BAD / "zla_data.xml").read_bytes())
    assert done.code == 3
    assert "stdin, document 1: data_wystawienia" in done.err


def test_standard_input_given_twice() -> None:
    """`-` twice is no defect of ours: the second time there is nothing more to read."""
    done = convert("-", "-", stdin=invoice("1"))
    assert done.code != 1
    assert "defect" not in done.err


def test_a_folder_in_sorted_order(tmp_path: Path) -> None:
    """*.xml, *.json and *.jsonl in any case, sorted by path; nothing else is opened."""
    for place in ("b.json", "a/z.jsonl", "a/b/c.json", "c.xml", "a.json", "D.JSON"):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(invoice(place))
    (tmp_path / "c.xml").write_bytes(b"<invoice><numer>c.xml</numer><waluta>PLN</waluta></invoice>")
    for other in ("notes.txt", "a/data.csv", "b.json.bak", "xml"):
        (tmp_path / other).write_bytes(b"no document")
    done = convert(tmp_path)
    assert done.code == 0
    found = [line["invoice"]["number"] for line in done.lines()]
    assert found == sorted(
        ["b.json", "a/z.jsonl", "a/b/c.json", "c.xml", "a.json", "D.JSON"], key=Path
    )


def test_a_folder_with_a_name_like_a_file(tmp_path: Path) -> None:
    """A folder named x.xml is a folder, given by name or found below another."""
    inner = tmp_path / "x.xml"
    inner.mkdir()
    (inner / "one.json").write_bytes(invoice("1"))
    for source in (inner, tmp_path):
        done = convert(source)
        assert done.code == 0
        assert [line["invoice"]["number"] for line in done.lines()] == ["1"]


def test_an_empty_folder(tmp_path: Path) -> None:
    """No document is no failure; the counts say so."""
    done = convert(tmp_path)
    assert done.code == 0
    assert done.out == b""
    assert done.counts() == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        ("seed_list.xml", "list.json"),
        ("seed_list.json", "list.xml"),
        ("archiwum.jsonl", "archive.xml"),
        ("archiwum.jsonl", "archive.json"),
        ("klienci.xml", "clients.jsonl"),
        ("utf_16.xml", "wide.json"),
        ("seed_show.json", "without-suffix"),
    ],
)
def test_content_decides_and_not_the_name(sample: str, name: str, tmp_path: Path) -> None:
    """A wrong suffix changes nothing."""
    shutil.copy(SAMPLES / sample, tmp_path / name)
    done = convert(tmp_path / name)
    assert done.code == 0
    assert done.out == convert(SAMPLES / sample).out != b""


def test_error_documents_and_answers_of_create_are_no_invoices(tmp_path: Path) -> None:
    """Each is refused as document.not_invoice, alone."""
    names = ["seed_create_402", "seed_create_409", "seed_create_answer", "seed_show_404"]
    files = [BAD / f"{name}.{suffix}" for name in names for suffix in ("xml", "json")]
    done = convert(*files, SAMPLES / "seed_list.xml", "--rejects", tmp_path / "rejects")
    assert done.code == 3
    assert len(done.lines()) == 1
    reasons = map(orjson.loads, (tmp_path / "rejects" / "reasons.jsonl").read_bytes().splitlines())
    found = {(reason["source"], reason["code"]) for reason in reasons}
    assert found == {(str(file), "document.not_invoice") for file in files}


def test_all_kinds_stand_under_invoice_and_clients_under_client() -> None:
    """The six kinds of invoice have one envelope."""
    done = convert(SAMPLES / "rodzaje.xml", SAMPLES / "klienci.xml")
    assert done.code == 0
    envelopes = [next(iter(line)) for line in done.lines()]
    assert envelopes == ["invoice"] * 6 + ["client"] * 3
    kinds = {line["invoice"]["kind"] for line in done.lines()[:6]}
    assert kinds == {"vat", "proforma", "margin", "advance", "correction", "final"}


def test_a_line_is_the_record_and_the_residue() -> None:
    """`{"invoice": record, "v2": residue}`, without `v2` when nothing is left over."""
    names = ["rodzaje.xml", "statusy.json", "klienci.xml", "seed_show.json"]
    done = convert(*(SAMPLES / name for name in names))
    trees = [tree for name in names for tree in v2_documents((SAMPLES / name).read_bytes())]
    assert len(done.lines()) == len(trees)
    for line, tree in zip(done.lines(), trees, strict=True):
        made = to_v3(tree)
        assert list(line) == [made.resource, "v2"] if made.residue else [made.resource]
        assert line[made.resource] == made.record
        assert line.get("v2", {}) == made.residue
    assert any("v2" in line for line in done.lines())


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("to", ["v3", "v2"])
def test_two_workers_give_the_same_bytes(form: str, to: str, tmp_path: Path) -> None:
    """Order is kept: 3,000 invoices with one and with two workers, there and back."""
    source = tmp_path / f"archive.{form}"
    source.write_bytes(archive(form, 3_000))
    if to == "v2":
        lines = tmp_path / "archive.jsonl"
        assert convert(source, "-o", lines).code == 0
        source = lines
    one, two = tmp_path / "one", tmp_path / "two"
    for workers, out in ((1, one), (2, two)):
        done = convert(source, "--to", to, "-o", out, "--workers", str(workers))
        assert done.code == 0
        assert done.counts()[:2] == [3_000, 3_000]
    assert one.read_bytes() == two.read_bytes()
    assert one.stat().st_size > 1_000_000


@pytest.mark.parametrize("workers", ["1", "2"])
def test_workers_with_faults_and_hidden_tags(workers: str, tmp_path: Path) -> None:
    """A comment that hides tags, refused documents and a break at the end cost nobody else."""
    data = archive("xml", 600)
    half = data.index(b"</invoice>", len(data) // 2) + len(b"</invoice>")
    hidden = b"<!-- </invoice><invoice><numer>hidden</numer></invoice> -->"
    refused = b"<invoice><numer>refused</numer><waluta>PLN</waluta><status>?</status></invoice>"
    end = data.rindex(b"<nazwa>")
    (tmp_path / "a.xml").write_bytes(data[:half] + hidden + refused + data[half:end])
    rejects = tmp_path / "rejects"
    done = convert(tmp_path / "a.xml", "--rejects", rejects, "--workers", workers)
    assert done.code == 4
    assert done.entries().keys() >= {"enum.unknown", "source.broken"}
    assert [line["invoice"]["id"] - 1_000_000 for line in done.lines()] == list(range(1, 600))
    reasons = [orjson.loads(line) for line in (rejects / "reasons.jsonl").read_bytes().splitlines()]
    position = data[:half].count(b"<invoice>") + 1
    assert [(each["position"], each["code"]) for each in reasons] == [
        (position, "enum.unknown"),
        (601, "source.broken"),
    ]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_tags_in_cdata_lose_nothing(workers: str) -> None:
    """A text that looks like documents, longer than what is read at once, is a text still."""
    text = b"".join(b"<invoice><numer>%d</numer></invoice>" % n for n in range(20_000))
    before, after = (b"".join(map(_numbered, range(*each))) for each in ((0, 3000), (3000, 9000)))
    hidden = b"<invoice><numer>hidden</numer><uwagi><![CDATA[%b]]></uwagi></invoice>" % text
    data = b"<invoices>%b%b%b</invoices>" % (before, hidden, after)
    done = convert("-", "--workers", workers, stdin=data)
    assert done.code == 0
    found = [line["invoice"]["number"] for line in done.lines()]
    assert found == [*map(str, range(3000)), "hidden", *map(str, range(3000, 9000))]
    assert done.lines()[3000]["invoice"]["notes"] == text.decode()


def _numbered(number: int) -> bytes:
    """Make a small v2 invoice in XML."""
    return b"<invoice><numer>%d</numer><waluta>PLN</waluta></invoice>\n" % number


def test_a_missing_file_costs_itself_only(tmp_path: Path) -> None:
    """Exit 4, and the other sources are converted."""
    missing = tmp_path / "missing.xml"
    done = convert(missing, SAMPLES / "seed_list.xml")
    assert done.code == 4
    assert len(done.lines()) == 1
    assert done.entries() == {"source.unreadable": 1}
    assert str(missing) in done.err
    assert "No such file" in done.err


def test_a_dangling_link(tmp_path: Path) -> None:
    """A link to nothing is unreadable, not empty."""
    link = tmp_path / "link.xml"
    link.symlink_to(tmp_path / "nothing")
    done = convert(link)
    assert done.code == 4
    assert done.entries() == {"source.unreadable": 1}


def test_a_dangling_link_in_a_folder(tmp_path: Path) -> None:
    """What a folder lists and cannot be read is said, not passed over."""
    (tmp_path / "link.xml").symlink_to(tmp_path / "nothing")
    (tmp_path / "one.json").write_bytes(invoice("1"))
    done = convert(tmp_path)
    assert done.code == 4
    assert done.entries() == {"source.unreadable": 1}
    assert len(done.lines()) == 1


@needs_proc
def test_a_file_that_opens_but_cannot_be_read() -> None:
    """An error while reading is one of the source."""
    done = convert("/proc/self/mem", SAMPLES / "seed_list.xml")
    assert done.code == 4
    assert done.entries() == {"source.unreadable": 1}
    assert len(done.lines()) == 1


def test_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
    """A file may be called anything, also when it is refused and kept."""
    source = Path(str(tmp_path)) / "faktury-\udcb3.xml"
    try:
        shutil.copy(BAD / "zla_data.xml", source)
    except OSError:
        pytest.skip("this file system has no such names")
    done = convert(source, "--rejects", tmp_path / "rejects")
    assert done.code == 3
    reason = orjson.loads((tmp_path / "rejects" / "reasons.jsonl").read_bytes())
    assert reason["code"] == "date.invalid"


def test_a_source_is_needed() -> None:
    """Without SRC: exit 2."""
    done = convert()
    assert done.code == 2
    assert "SRC" in done.err
    assert done.out == b""
