"""What a run says: the report in two languages, the summary, and the bar on a terminal."""

import re
import tomllib
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.cli.cli_process import (
    BAD,
    ROOT,
    SAMPLES,
    archive,
    convert,
    fed,
    has_bytes,
    interrupt,
    run,
    run_on_terminal,
    run_patched,
    wait_until,
)

KEYS = ["read", "converted", "exact", "rejected", "notices", "seconds"]


def codes() -> dict[str, dict[str, str]]:
    """Read the table of notices and faults."""
    return tomllib.loads((ROOT / "mappings" / "notices.toml").read_text("utf-8"))


def test_the_report_counts_what_was_done() -> None:
    """read, converted, exact, with notices, rejected: on stderr alone, and they add up."""
    done = convert(
        SAMPLES / "rodzaje.xml", SAMPLES / "statusy.json", BAD / "jeden_zly_w_liscie.xml"
    )
    assert done.code == 3
    names = re.findall(r"^ *([a-z ]+?) +\d+", done.err, re.MULTILINE)[:5]
    assert names == ["read", "converted", "exact", "with notices", "rejected"]
    read, converted, exact, noticed, rejected = done.counts()
    assert (read, rejected) == (14, 1)
    assert converted == len(done.lines()) == exact + noticed
    assert read == converted + rejected
    assert "read" not in done.out.decode().splitlines()[0][:20]


def test_each_code_with_level_count_sentence_and_example() -> None:
    """Level, code, count; the sentence of the table; one example with its place."""
    sample = SAMPLES / "rodzaje.xml"
    done = convert(
        sample, SAMPLES / "statusy.json", SAMPLES / "zaokraglenia.xml", BAD / "zla_data.xml"
    )
    table = codes()
    assert done.entries()["field.v2_only"] == 2
    for code, count in done.entries().items():
        level = {"fault": "refused"}.get(table[code]["level"], table[code]["level"])
        place = re.escape(f"{level} {code}: {count}\n  {table[code]['en']}\n")
        assert re.search(
            rf"^{place}(  fields?: .*\n)?  e\.g\. \S+, document \d+", done.err, re.MULTILINE
        )
    assert f"e.g. {sample}, document 4: zaplacono 2460.0\n" in done.err
    assert f"e.g. {BAD / 'zla_data.xml'}, document 1: " in done.err


def test_warnings_stand_before_information_and_faults() -> None:
    """What changed first, then what is kept, then what was refused."""
    done = convert(SAMPLES, "--max-rejects", "1000")
    levels = re.findall(r"^(\w+) [a-z_0-9]+\.[a-z_0-9]+: \d+$", done.err, re.MULTILINE)
    order = ["warning", "info", "refused"]
    assert set(levels) == set(order)
    assert levels == sorted(levels, key=order.index)


def test_every_code_has_a_sentence_in_both_languages() -> None:
    """English and Polish, different and ended."""
    for code, entry in codes().items():
        assert entry["level"] in ("info", "warning", "fault"), code
        assert entry["en"] != entry["pl"], code
        assert entry["en"].rstrip()[-1] in ".)", code
        assert entry["pl"].rstrip()[-1] in ".)", code


def in_polish(err: str) -> bool:
    """Say whether a report is in Polish; it is in one language."""
    polish, english = "przeczytano" in err, bool(re.search(r"^read ", err, re.MULTILINE))
    assert polish != english
    return polish


@pytest.mark.parametrize(
    ("locale", "polish"),
    [
        ({"LC_ALL": "pl_PL.UTF-8"}, True),
        ({"LC_ALL": "", "LANG": "pl_PL.UTF-8"}, True),
        ({"LC_ALL": "", "LC_MESSAGES": "pl_PL", "LANG": "en_GB.UTF-8"}, True),
        ({"LC_ALL": "", "LC_MESSAGES": "en_GB", "LANG": "pl_PL.UTF-8"}, False),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "pl_PL.UTF-8"}, False),
        ({"LC_ALL": "C"}, False),
        ({"LC_ALL": ""}, False),
    ],
)
def test_the_language_is_that_of_the_locale(locale: dict[str, str], polish: bool) -> None:
    """Polish where the locale is, else English."""
    done = run("convert", SAMPLES / "seed_list.json", env=locale)
    assert in_polish(done.err) == polish


@pytest.mark.parametrize(("language", "polish"), [("pl", True), ("en", False)])
def test_lang_comes_before_the_locale(language: str, polish: bool) -> None:
    """`--lang` decides."""
    for locale in ("pl_PL.UTF-8", "en_US.UTF-8"):
        done = convert(SAMPLES / "seed_list.json", "--lang", language, LC_ALL=locale)
        assert in_polish(done.err) == polish


def test_the_report_in_polish() -> None:
    """Words and sentences are Polish, counts and places the same; the documents do not change."""
    files = [SAMPLES / "rodzaje.xml", SAMPLES / "seed_list.json", BAD / "zla_data.xml"]
    english, polish = (convert(*files, "--lang", language) for language in ("en", "pl"))
    assert (polish.code, polish.out) == (english.code, english.out)
    assert polish.counts() == english.counts()
    assert polish.entries() == english.entries()
    table = codes()
    for code in polish.entries():
        assert table[code]["pl"] in polish.err
        assert table[code]["en"] not in polish.err
    for word in ("przekształcono", "dokładnie", "z uwagami", "odrzucono", "ostrzeżenie", "np."):
        assert word in polish.err
    for word in ("converted", "document ", "e.g.", "warning", "refused"):
        assert word not in polish.err


def test_polish_on_a_terminal_without_polish_letters() -> None:
    """A stream in another encoding is no reason to stop."""
    done = convert(SAMPLES / "seed_list.json", "--lang", "pl", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "przeczytano" in done.err


def test_every_sentence_of_a_stopped_run_is_polish() -> None:
    """With `--lang pl` the last words are Polish too."""
    stopped = convert(BAD / "zla_data.xml", "--max-rejects", "0", "--lang", "pl")
    left = convert(SAMPLES / "rodzaje.xml", "--format", "json", "--lang", "pl")
    assert (stopped.code, left.code) == (6, 0)
    assert not re.search(r"Stopped|converted so far", stopped.err)
    assert not re.search(r"documents|behind", left.err)


def test_one_document_is_not_documents() -> None:
    """The number of documents with a residue agrees with its noun."""
    done = convert(SAMPLES / "seed_show.json", "--format", "json")
    assert "residue" in done.err
    assert "1 documents have" not in done.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([BAD / "zla_data.xml"], 3),
        ([SAMPLES / "missing.xml"], 4),
        ([BAD / "zla_data.xml", "--max-rejects", "0"], 6),
        ([SAMPLES / "seed_list.xml", SAMPLES / "klient.xml", "--format", "json"], 2),
    ],
)
def test_the_report_and_the_summary_come_on_failure_too(
    arguments: list[Any], code: int, tmp_path: Path
) -> None:
    """However a run ends once it began, both are there and say the same."""
    summary = tmp_path / "summary.json"
    done = convert(*arguments, "--summary", summary)
    assert done.code == code
    written = orjson.loads(summary.read_bytes())
    assert list(written) == KEYS
    read, converted, exact, _, rejected = done.counts()
    assert [written[key] for key in KEYS[:4]] == [read, converted, exact, rejected]


def test_the_report_and_the_summary_come_after_a_defect(tmp_path: Path) -> None:
    """Also a defect of ours leaves the account of what was done."""
    patch = (
        "import infakt_compat.migrate.convert as c\n"
        "real = c.Conversion._take\n"
        "def take(self, source, *rest):\n"
        "    if source.name.endswith('statusy.json'): raise RuntimeError('the test broke it')\n"
        "    return real(self, source, *rest)\n"
        "c.Conversion._take = take\n"
    )
    summary = tmp_path / "summary.json"
    files = [SAMPLES / "rodzaje.xml", SAMPLES / "statusy.json"]
    done = run_patched(patch, "convert", *files, "--summary", summary)
    assert done.code == 1
    assert done.counts() == [6, 6, 5, 1, 0]
    assert orjson.loads(summary.read_bytes())["read"] == 6


def test_the_summary(tmp_path: Path) -> None:
    """Exactly the keys of the issue, the counts of the report, and the notices by code."""
    summary = tmp_path / "summary.json"
    files = [SAMPLES / "rodzaje.xml", SAMPLES / "statusy.json", BAD / "zla_data.xml"]
    done = convert(*files, "--summary", summary)
    written = orjson.loads(summary.read_bytes())
    assert list(written) == KEYS
    read, converted, exact, _, rejected = done.counts()
    assert written == {
        "read": read,
        "converted": converted,
        "exact": exact,
        "rejected": rejected,
        "notices": {"field.v2_only": 2, "status.unpaid": 1},
        "seconds": written["seconds"],
    }
    assert isinstance(written["seconds"], float)
    assert 0 < written["seconds"] < 30
    assert done.out == convert(*files).out


def test_a_summary_that_cannot_be_written(tmp_path: Path) -> None:
    """It is seen before anything is converted: exit 2."""
    done = convert(SAMPLES / "seed_list.xml", "--summary", tmp_path / "missing" / "summary.json")
    assert done.code == 2
    assert done.out == b""
    assert "summary.json" in done.err


def test_a_summary_on_a_full_disk(tmp_path: Path) -> None:
    """A summary that fails at the end is no defect of ours and shows no traceback."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    out = tmp_path / "out"
    done = convert(SAMPLES / "seed_list.xml", "-o", out, "--summary", "/dev/full")
    assert done.code not in (0, 1)
    assert "No space left on device" in done.err
    assert "defect" not in done.err
    assert "Traceback" not in done.err


def test_summary_and_out_are_not_one_file(tmp_path: Path) -> None:
    """One file for both would lose the documents: exit 2."""
    path = tmp_path / "one"
    done = convert(SAMPLES / "seed_list.xml", "-o", path, "--summary", path)
    assert done.code == 2
    assert not path.exists()


def test_nothing_but_documents_on_standard_output() -> None:
    """Every line of standard output is a document, whatever is said."""
    done = convert(SAMPLES)
    assert done.code == 4
    assert len(done.lines()) == done.counts()[1]
    assert all(next(iter(line)) in ("invoice", "client") for line in done.lines())


def test_no_bar_and_no_colours_without_a_terminal() -> None:
    """A pipe gets the report alone."""
    done = convert(SAMPLES / "rodzaje.xml", BAD / "zla_data.xml")
    assert "\x1b" not in done.err
    assert "\r" not in done.err
    assert not re.search(r"\d/s\b", done.err)


def test_the_bar_on_a_terminal(tmp_path: Path) -> None:
    """Share, documents, rate and time left, and the report below."""
    source = tmp_path / "archive.xml"
    source.write_bytes(archive("xml", 3_000))
    code, screen = run_on_terminal("convert", source, "-o", tmp_path / "out")
    assert code == 0
    assert re.search(r" \d?\d%\S* \d", screen)
    assert "100%" in screen
    assert re.search(r"3,000 documents, [\d,]+/s", screen)
    assert re.search(r"\d:\d\d:\d\d", screen)
    report = screen[screen.rindex("\x1b[2K") :]
    assert re.search(r"read +3000", report)
    assert "documents," not in report


def test_the_bar_when_the_size_is_not_known(tmp_path: Path) -> None:
    """From standard input there is a rate, but no share."""
    code, screen = run_on_terminal(
        "convert", "-", "-o", tmp_path / "out", stdin=archive("xml", 3_000)
    )
    assert code == 0
    assert re.search(r"3,000 documents, [\d,]+/s", screen)
    assert "%" not in screen[: screen.rindex("\x1b[2K")]


def test_the_bar_speaks_polish(tmp_path: Path) -> None:
    """Also the bar is in the language of the report."""
    _, screen = run_on_terminal("convert", SAMPLES, "-o", tmp_path / "out", "--lang", "pl")
    assert "przeczytano" in screen
    assert "documents" not in screen


def test_no_color_is_heard(tmp_path: Path) -> None:
    """NO_COLOR leaves out the colours of the report too."""
    _, screen = run_on_terminal(
        "convert", BAD / "zla_data.xml", "-o", tmp_path / "out", NO_COLOR="1"
    )
    assert not re.search(r"\x1b\[[\d;]*m", screen)


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil\r"


@pytest.mark.parametrize(
    "tree",
    [
        {"numer": "1", "status": HOSTILE},
        {"numer": "1", "waluta": "PLN", "zaplacono": HOSTILE},
        {"numer": "1", "waluta": "PLN", "pole" + HOSTILE: "x"},
        {"numer": "1", "waluta": "PLN", "client_panstwo": HOSTILE},
        {HOSTILE: HOSTILE},
        {"invoice": {"numer": "1", "waluta": "PLN"}, HOSTILE: 1},
    ],
)
def test_documents_do_not_write_to_the_terminal(tree: dict[str, Any], tmp_path: Path) -> None:
    """Control characters in values and names of fields are shown as something else."""
    source = tmp_path / "a.json"
    source.write_bytes(orjson.dumps(tree))
    code, screen = run_on_terminal("convert", source, "-o", tmp_path / "out")
    assert code in (0, 3)
    assert "\ufffd" in screen or "\\x" in screen
    for part in ("\x1b]", "\x07", "\x1b[2J", "\x9b", "\u202e"):
        assert part not in screen


def test_names_of_files_do_not_write_to_the_terminal(tmp_path: Path) -> None:
    """A file found in a folder may have been named by somebody else."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a\x1b]0;owned\x07.xml").write_bytes(b"<faktura/>")
    code, screen = run_on_terminal("convert", tmp_path / "in", "-o", tmp_path / "out")
    assert code == 3
    assert "owned" in screen
    assert "\x1b]" not in screen
    assert "\x07" not in screen


def test_a_report_after_ctrl_c(tmp_path: Path) -> None:
    """The counts are those of the documents that were written."""
    partial = tmp_path / "out.partial"
    data = archive("json", 3_000).removesuffix(b"]}")
    with fed(data, "convert", "-", "-o", tmp_path / "out", "--lang", "pl") as process:
        wait_until(has_bytes(partial), process)
        done = interrupt(process)
    assert done.code == 130
    assert "przeczytano" in done.err
    assert done.counts()[1] == partial.read_bytes().count(b"\n") > 0
