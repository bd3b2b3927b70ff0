"""Refused documents: where they are kept, how they are mended, and when it is too many."""

import json
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.cli.cli_process import BAD, SAMPLES, archive, convert, v2_documents

GOOD = b"<invoice><numer>%b</numer><waluta>PLN</waluta></invoice>"
REFUSED = b"<invoice><numer>%b</numer><waluta>PLN</waluta><status>w drodze</status></invoice>"


def xml_list(*records: bytes) -> bytes:
    """Make a v2 XML list."""
    return b"<invoices>" + b"".join(records) + b"</invoices>"


def some(total: int, refused: set[int]) -> bytes:
    """Make a list of invoices numbered from 1, of which some are refused."""
    numbers = range(1, total + 1)
    return xml_list(*((REFUSED if n in refused else GOOD) % str(n).encode() for n in numbers))


def reasons(folder: Path) -> list[dict[str, Any]]:
    """Read reasons.jsonl."""
    return [orjson.loads(line) for line in (folder / "reasons.jsonl").read_bytes().splitlines()]


def others(folder: Path) -> list[Path]:
    """Give the files of a folder of rejects beside the reasons."""
    return sorted(each for each in folder.iterdir() if each.name != "reasons.jsonl")


def mend(path: Path, *changes: tuple[str, str]) -> None:
    """Change a file of rejects as a person would."""
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("sample", "old", "new", "number"),
    [
        ("jeden_zly_w_liscie.xml", "w drodze", "wysłana", 2),
        ("jeden_zly_w_liscie.json", "2014-13-01", "2014-12-01", 2),
        ("zla_data.xml", "2014-02-30", "2014-02-28", 1),
        ("nieznany_status.xml", "anulowana", "szkic", 1),
        ("nieznana_stawka.json", '"21"', '"23"', 1),
    ],
)
def test_mended_and_converted_again(
    sample: str, old: str, new: str, number: int, tmp_path: Path
) -> None:
    """A list per source in its format with what was refused alone; mended, it converts."""
    suffix = Path(sample).suffix
    shutil.copy(BAD / sample, tmp_path / f"source{suffix}")
    rejects = tmp_path / "rejects"
    done = convert(tmp_path / f"source{suffix}", "--rejects", rejects)
    assert done.code == 3
    [reason] = reasons(rejects)
    assert reason["position"] == number
    [kept] = others(rejects)
    assert kept.suffix == suffix
    original = v2_documents((BAD / sample).read_bytes())[number - 1]
    assert v2_documents(kept.read_bytes()) == [original]
    start = {".xml": b"<invoices", ".json": b'{"invoices"'}[suffix]
    assert start in kept.read_bytes()
    mend(kept, (old, new))
    again = convert(rejects)
    assert again.code == 0
    [line] = again.lines()
    assert line["invoice"]["number"] == original["invoice"]["numer"]


def test_all_that_was_refused_comes_back_when_it_is_mended(tmp_path: Path) -> None:
    """What converts at once and what converts after mending are all documents of the source."""
    (tmp_path / "source.xml").write_bytes(some(50, {1, 7, 8, 50}))
    rejects = tmp_path / "rejects"
    first = convert(tmp_path / "source.xml", "--rejects", rejects)
    assert first.code == 3
    [kept] = others(rejects)
    mend(kept, ("w drodze", "szkic"))
    second = convert(rejects)
    assert second.code == 0
    numbers = [int(line["invoice"]["number"]) for line in first.lines() + second.lines()]
    assert sorted(numbers) == list(range(1, 51))
    assert [int(line["invoice"]["number"]) for line in second.lines()] == [1, 7, 8, 50]


def test_reasons_say_where_and_why(tmp_path: Path) -> None:
    """One line a reason: source, position, path, code, message."""
    files = [BAD / "kilka_bledow.xml", BAD / "jeden_zly_w_liscie.json"]
    rejects = tmp_path / "rejects"
    done = convert(*files, "--rejects", rejects)
    assert done.code == 3
    found = reasons(rejects)
    assert all(list(each) == ["source", "position", "path", "code", "message"] for each in found)
    assert [(each["source"], each["position"]) for each in found[:-1]] == [(str(files[0]), 1)] * (
        len(found) - 1
    )
    assert len(found) > 2
    last = {name: found[-1][name] for name in ("source", "position", "path", "code")}
    assert last == {
        "source": str(files[1]),
        "position": 2,
        "path": "termin_zaplaty",
        "code": "date.invalid",
    }
    assert "YYYY-MM-DD" in found[-1]["message"]
    assert "2014-13-01" in found[-1]["message"]


def test_positions_count_the_documents_of_each_source(tmp_path: Path) -> None:
    """The position is the document's place in its source from 1, in lists and in lines."""
    (tmp_path / "a.xml").write_bytes(some(30, {2, 29}))
    rows = [b'{"numer":"1","waluta":"PLN"}', b'{"numer":"2","status":"?"}'] * 2
    (tmp_path / "b.jsonl").write_bytes(b"\n".join(rows))
    rejects = tmp_path / "rejects"
    assert convert(tmp_path / "a.xml", tmp_path / "b.jsonl", "--rejects", rejects).code == 3
    found = [(Path(each["source"]).name, each["position"]) for each in reasons(rejects)]
    assert found == [("a.xml", 2), ("a.xml", 29), ("b.jsonl", 2), ("b.jsonl", 4)]


def test_reasons_in_polish(tmp_path: Path) -> None:
    """The messages are in the language of the report."""
    rejects = tmp_path / "rejects"
    convert(BAD / "zla_data.xml", "--rejects", rejects, "--lang", "pl")
    assert "RRRR-MM-DD" in reasons(rejects)[0]["message"]


def test_clients_are_kept_as_clients(tmp_path: Path) -> None:
    """A refused client of an XML list comes back as a client."""
    record = b"<client><client_id>drugi</client_id><nazwa_firmy>B</nazwa_firmy></client>"
    (tmp_path / "a.xml").write_bytes(b"<clients>" + record + b"</clients>")
    rejects = tmp_path / "rejects"
    assert convert(tmp_path / "a.xml", "--rejects", rejects).code == 3
    [kept] = others(rejects)
    mend(kept, ("drugi", "2"))
    again = convert(rejects)
    assert again.code == 0
    assert again.lines() == [{"client": {"id": 2, "company_name": "B"}}]


def test_json_clients_are_kept_as_clients(tmp_path: Path) -> None:
    """A refused client of a JSON list comes back as a client."""
    rejects = tmp_path / "rejects"
    assert convert(BAD / "jeden_zly_w_liscie_klientow.json", "--rejects", rejects).code == 3
    [kept] = others(rejects)
    mend(kept, ('"drugi"', "2"))
    again = convert(rejects)
    assert again.code == 0
    assert again.lines() == [{"client": {"id": 2, "company_name": "Druga"}}]


def test_invoices_and_clients_of_one_source(tmp_path: Path) -> None:
    """Refused invoices and clients of one JSON Lines file all come back as what they are."""
    rows = [
        b'{"invoice":{"numer":"1","waluta":"PLN","status":"w drodze"}}',
        b'{"client":{"client_id":"drugi","nazwa_firmy":"B"}}',
    ]
    for order in (rows, rows[::-1]):
        source = tmp_path / "source.jsonl"
        source.write_bytes(b"\n".join(order))
        rejects = tmp_path / "rejects"
        assert convert(source, "--rejects", rejects).code == 3
        for kept in others(rejects):
            text = kept.read_text("utf-8").replace("w drodze", "szkic").replace('"drugi"', "2")
            kept.write_text(text, "utf-8")
        again = convert(rejects)
        assert again.code == 0
        assert {next(iter(line)) for line in again.lines()} == {"invoice", "client"}
        shutil.rmtree(rejects)


def test_the_original_spelling_is_kept(tmp_path: Path) -> None:
    """What is kept is the document's own text, not a reading of it."""
    (tmp_path / "a.json").write_bytes(
        b'{"invoices":[{"numer":"1","zaplacono":1e5,"razem_netto":1.230,"uwagi":"\\u017c"}]}'
    )
    record = b"<invoice><numer>&#380;</numer><zaplacono>1e5</zaplacono></invoice>"
    (tmp_path / "b.xml").write_bytes(xml_list(record))
    rejects = tmp_path / "rejects"
    assert convert(tmp_path, "--rejects", rejects).code == 3
    as_json, as_xml = others(rejects)
    assert b'"zaplacono":1e5,"razem_netto":1.230' in as_json.read_bytes()
    assert v2_documents(as_xml.read_bytes())[0]["invoice"] == {"numer": "ż", "zaplacono": "1e5"}


def test_another_encoding_is_readable_again(tmp_path: Path) -> None:
    """A list in windows-1250 leaves rejects that say their own encoding truly."""
    text = (BAD / "zla_data.xml").read_text("utf-8").replace('"UTF-8"', '"windows-1250"')
    (tmp_path / "a.xml").write_bytes(text.encode("cp1250"))
    rejects = tmp_path / "rejects"
    assert convert(tmp_path / "a.xml", "--rejects", rejects).code == 3
    [kept] = others(rejects)
    assert v2_documents(kept.read_bytes()) == v2_documents((BAD / "zla_data.xml").read_bytes())
    mend(kept, ("2014-02-30", "2014-02-28"))
    assert convert(rejects).code == 0


@pytest.mark.parametrize("name", ["uciety.xml", "uciety.json", "ampersand.xml", "doctype.xml"])
def test_what_is_not_well_formed_is_kept_as_raw_bytes(name: str, tmp_path: Path) -> None:
    """A broken document is kept byte by byte."""
    rejects = tmp_path / "rejects"
    done = convert(BAD / name, "--rejects", rejects)
    assert done.code in (3, 4)
    [kept] = others(rejects)
    assert kept.read_bytes() == (BAD / name).read_bytes()
    assert kept.suffix not in (".xml", ".json", ".jsonl")


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("name", ["ucieta_lista.xml", "ucieta_lista.json"])
def test_a_broken_file_gives_what_stood_before(name: str, workers: str, tmp_path: Path) -> None:
    """The documents before the break convert, the rest is kept raw, and where it broke is said."""
    rejects = tmp_path / "rejects"
    done = convert(BAD / name, "--rejects", rejects, "--workers", workers)
    assert done.code == 4
    assert [line["invoice"]["number"] for line in done.lines()] == ["1/05/2014", "2/05/2014"]
    assert "line " in done.err
    assert "column " in done.err
    [reason] = reasons(rejects)
    assert (reason["position"], reason["code"]) == (3, "source.broken")
    assert "line " in reason["message"]
    [kept] = others(rejects)
    # From the record on; the start tag of its list may stand before it.
    rest = kept.read_bytes()[kept.read_bytes().index(b"<invoice>" if ".xml" in name else b"{") :]
    assert (BAD / name).read_bytes().endswith(rest)
    assert b"3/05/2014" in kept.read_bytes()
    assert b"2/05/2014" not in kept.read_bytes()


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("form", ["xml", "json"])
def test_the_rest_of_a_large_broken_file(form: str, workers: str, tmp_path: Path) -> None:
    """A break in the middle of many chunks loses no byte after it."""
    data = archive(form, 1_000)
    middle = data.index(b"numer", len(data) // 2)
    data = data[:middle] + b"\x00" + data[middle:]
    (tmp_path / f"a.{form}").write_bytes(data)
    rejects = tmp_path / "rejects"
    arguments = ("--rejects", rejects, "-o", tmp_path / "out", "--workers", workers)
    done = convert(tmp_path / f"a.{form}", *arguments)
    assert done.code == 4
    whole = len((tmp_path / "out").read_bytes().splitlines())
    assert 400 < whole < 600
    [kept] = others(rejects)
    rest = kept.read_bytes()[kept.read_bytes().index(b"<invoice>" if form == "xml" else b"{") :]
    assert data.endswith(rest)
    assert b"\x00" in rest
    number = b"<numer>" if form == "xml" else b'"numer":'
    assert data.removesuffix(rest).count(number) == whole


def test_a_broken_line_costs_itself_only(tmp_path: Path) -> None:
    """JSON Lines go on after a broken line."""
    rows = [
        b'{"numer":"1","waluta":"PLN"}',
        b'{"numer":"2","waluta',
        b'{"numer":"3","waluta":"PLN"}',
    ]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(rows))
    rejects = tmp_path / "rejects"
    done = convert(tmp_path / "a.jsonl", "--rejects", rejects)
    assert done.code == 3
    assert [line["invoice"]["number"] for line in done.lines()] == ["1", "3"]
    [kept] = others(rejects)
    assert kept.read_bytes().strip() == rows[1]


def test_two_sources_of_one_name(tmp_path: Path) -> None:
    """a.xml, a.json and b/a.xml are kept apart."""
    record = b'{"invoice":{"numer":"j","waluta":"PLN","status":"w drodze"}}'
    folder = tmp_path / "in"
    (folder / "b").mkdir(parents=True)
    (folder / "a.xml").write_bytes(xml_list(REFUSED % b"x"))
    (folder / "a.json").write_bytes(record)
    (folder / "b" / "a.xml").write_bytes(xml_list(REFUSED % b"y"))
    rejects = tmp_path / "rejects"
    assert convert(folder, "--rejects", rejects).code == 3
    kept = others(rejects)
    assert len(kept) == 3
    found = {v2_documents(each.read_bytes())[0]["invoice"]["numer"] for each in kept}
    assert found == {"x", "j", "y"}


def test_refused_v3_documents_are_kept_with_their_residue(tmp_path: Path) -> None:
    """On the way back what is kept are lines, which convert once mended."""
    line = convert(SAMPLES / "seed_show.json").lines()[0]
    line["invoice"]["invoice_date"] = "2010-13-15"
    source = tmp_path / "a.jsonl"
    source.write_bytes(json.dumps(line, default=str).encode())
    rejects = tmp_path / "rejects"
    done = convert(source, "--to", "v2", "--rejects", rejects)
    assert done.code == 3
    [kept] = others(rejects)
    assert kept.suffix == ".jsonl"
    mend(kept, ("2010-13-15", "2010-12-15"))
    assert b'"v2"' in kept.read_bytes()
    again = convert(rejects, "--to", "v2")
    assert again.code == 0
    assert b"<data_wystawienia>2010-12-15</data_wystawienia>" in again.out


def test_the_folder_of_rejects_can_be_converted_again_unmended(tmp_path: Path) -> None:
    """The reasons are no documents: the same is refused for the same reasons, and no more."""
    first, second = tmp_path / "first", tmp_path / "second"
    files = [BAD / name for name in ("kwoty.json", "zla_data.xml", "kilka_bledow.xml")]
    one = convert(*files, "--rejects", first)
    two = convert(first, "--rejects", second)
    assert (one.code, two.code) == (3, 3)
    assert one.entries() == two.entries()
    assert sorted(each["path"] for each in reasons(first)) == sorted(
        each["path"] for each in reasons(second)
    )


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    """Exit 2, and nothing is touched or written."""
    rejects, out = tmp_path / "rejects", tmp_path / "out"
    rejects.mkdir()
    (rejects / "mine.txt").write_text("mine")
    done = convert(BAD / "zla_data.xml", "--rejects", rejects, "-o", out)
    assert done.code == 2
    assert str(rejects) in done.err
    assert [each.read_text() for each in rejects.iterdir()] == ["mine"]
    assert list(tmp_path.iterdir()) == [rejects]


def test_an_empty_folder_and_a_new_one_are_taken(tmp_path: Path) -> None:
    """DIR may exist, and is made with the folders above it."""
    (tmp_path / "empty").mkdir()
    for rejects in (tmp_path / "empty", tmp_path / "new" / "deep"):
        assert convert(BAD / "zla_data.xml", "--rejects", rejects).code == 3
        assert (rejects / "reasons.jsonl").exists()


def test_rejects_are_no_file(tmp_path: Path) -> None:
    """DIR that is a file: exit 2."""
    (tmp_path / "file").write_text("mine")
    done = convert(BAD / "zla_data.xml", "--rejects", tmp_path / "file")
    assert done.code == 2
    assert (tmp_path / "file").read_text() == "mine"


def test_nothing_refused_leaves_the_folder_empty(tmp_path: Path) -> None:
    """No reasons, no file of them."""
    rejects = tmp_path / "rejects"
    assert convert(SAMPLES / "seed_list.xml", "--rejects", rejects).code == 0
    assert list(rejects.iterdir()) == []


def test_without_a_folder_the_reason_is_shown() -> None:
    """It is counted, and its reason stands in the report."""
    done = convert(BAD / "jeden_zly_w_liscie.xml")
    assert done.code == 3
    assert done.counts()[-1] == 1
    assert done.entries()["enum.unknown"] == 1
    assert "document 2: status 'w drodze'" in done.err


def test_rejects_with_two_workers(tmp_path: Path) -> None:
    """The folder is the same with one and with two workers."""
    data = archive("xml", 1_000).replace(b"<status>wys", b"<status>w drodze ")
    (tmp_path / "a.xml").write_bytes(data)
    kept = []
    for workers in ("1", "2"):
        rejects = tmp_path / workers
        out = tmp_path / f"out{workers}"
        done = convert(tmp_path / "a.xml", "-o", out, "--rejects", rejects, "--workers", workers)
        assert done.code == 3
        files = {each.name: each.read_bytes() for each in sorted(rejects.iterdir())}
        kept.append((out.read_bytes(), files))
    assert kept[0] == kept[1]
    assert kept[0][0].count(b"\n") + kept[0][1]["reasons.jsonl"].count(b"\n") == 1_000


def test_strict_refuses_documents_with_warnings(tmp_path: Path) -> None:
    """Warnings become reasons; what is only told stays converted."""
    files = [SAMPLES / "zaokraglenia.xml", SAMPLES / "statusy.json", SAMPLES / "seed_list.xml"]
    plain = convert(*files)
    assert plain.code == 0
    assert "money.rounded" in plain.entries()
    rejects = tmp_path / "rejects"
    done = convert(*files, "--strict", "--rejects", rejects)
    assert done.code == 3
    assert "status.unpaid" in done.entries()
    assert done.counts()[0] == plain.counts()[0]
    assert done.counts()[-1] > 0
    codes = {each["code"] for each in reasons(rejects)}
    assert "money.rounded" in codes
    assert "status.unpaid" not in codes
    assert {each["source"] for each in reasons(rejects)} == {str(files[0])}


def test_strict_says_nothing_about_documents_without_warnings() -> None:
    """Without warnings `--strict` changes nothing."""
    sample = SAMPLES / "rodzaje.xml"
    assert convert(sample, "--strict").out == convert(sample).out != b""


@pytest.mark.parametrize(("limit", "code"), [("0", 6), ("2", 6), ("3", 3), ("4", 3)])
def test_max_rejects_is_a_number(limit: str, code: int, tmp_path: Path) -> None:
    """More than N stop the run; N do not."""
    (tmp_path / "a.xml").write_bytes(some(20, {5, 6, 7}))
    out = tmp_path / "out"
    done = convert(tmp_path / "a.xml", "-o", out, "--max-rejects", limit)
    assert done.code == code
    assert out.exists() == (code == 3)
    assert (tmp_path / "out.partial").exists() == (code == 6)


@pytest.mark.parametrize(("limit", "code"), [("14%", 6), ("15%", 3), ("100%", 3), ("0%", 6)])
def test_max_rejects_is_a_share(limit: str, code: int, tmp_path: Path) -> None:
    """More than P percent of those read stop the run; a short run is judged at its end."""
    (tmp_path / "a.xml").write_bytes(some(20, {1, 2, 3}))
    out = tmp_path / "out"
    done = convert(tmp_path / "a.xml", "-o", out, "--max-rejects", limit)
    assert done.code == code
    assert done.counts()[0] == 20
    assert out.exists() == (code == 3)


def test_max_rejects_of_a_good_run() -> None:
    """Nothing refused is never too many."""
    for limit in ("0", "0%"):
        assert convert(SAMPLES / "seed_list.xml", "--max-rejects", limit).code == 0


def test_max_rejects_stops_early(tmp_path: Path) -> None:
    """A long bad archive is not read to its end."""
    data = archive("xml", 3_000).replace(b"<status>", b"<status>?")
    (tmp_path / "a.xml").write_bytes(data)
    for limit in ("10", "10%"):
        done = convert(tmp_path / "a.xml", "--max-rejects", limit)
        assert done.code == 6
        assert 10 < done.counts()[0] < 2_000
        assert "--max-rejects" in done.err


@pytest.mark.parametrize("limit", ["-1", "x", "5%%", "%", "1.5%", "", "²"])
def test_max_rejects_that_is_no_limit(limit: str) -> None:
    """Neither N nor P%: exit 2."""
    done = convert(SAMPLES / "seed_list.xml", "--max-rejects", limit)
    assert done.code == 2
    assert "--max-rejects" in done.err


def test_the_rejects_of_a_stopped_run_are_whole(tmp_path: Path) -> None:
    """What was refused until the stop can be read, mended and converted."""
    (tmp_path / "a.xml").write_bytes(some(20, {5, 6, 7}))
    rejects = tmp_path / "rejects"
    assert convert(tmp_path / "a.xml", "--rejects", rejects, "--max-rejects", "1").code == 6
    [kept] = others(rejects)
    assert len(v2_documents(kept.read_bytes())) == len(reasons(rejects)) >= 2
    mend(kept, ("w drodze", "szkic"))
    assert convert(rejects).code == 0


def test_the_rejects_of_a_failed_output_are_whole(tmp_path: Path) -> None:
    """When the output fails, the list of what was refused is still closed."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    data = xml_list(*[REFUSED % b"1", *[GOOD % b"2"] * 30_000])
    (tmp_path / "a.xml").write_bytes(data)
    rejects = tmp_path / "rejects"
    assert convert(tmp_path / "a.xml", "--rejects", rejects, "-o", "/dev/full").code not in (0, 3)
    for kept in others(rejects):
        assert len(v2_documents(kept.read_bytes())) == 1
