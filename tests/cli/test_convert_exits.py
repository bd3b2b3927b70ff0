"""How a run ends: every exit code, which of them comes first, Ctrl-C, and a defect of ours."""

import os
import re
import signal
import sys
import time
from pathlib import Path

import orjson
import pytest

from tests.cli.cli_process import (
    BAD,
    COMMAND,
    INTERRUPTIBLE,
    SAMPLES,
    archive,
    children,
    convert,
    end_input,
    ended,
    fed,
    has_bytes,
    interrupt,
    lines_of,
    needs_proc,
    run,
    run_patched,
    wait_until,
)

DEFECT = """
import infakt_compat.migrate.batches as batches
def fails(*arguments, **named):
    raise RuntimeError("the test broke it")
batches.{0} = fails
"""
IN_A_CONVERSION = DEFECT.format("convert_document")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["seed_list.xml"], 0),
        (["statusy.json", "--strict"], 0),
        (["bad/zla_data.xml"], 3),
        (["zaokraglenia.xml", "--strict"], 3),
        (["missing.xml"], 4),
        (["bad/ucieta_lista.json"], 4),
        (["bad/latin_2.json"], 4),
        (["bad/zla_data.xml", "--max-rejects", "0"], 6),
        ([], 2),
        (["seed_list.xml", "--no-such-option"], 2),
        (["seed_list.xml", "--workers", "0"], 2),
        (["seed_list.xml", "--workers", "many"], 2),
        (["seed_list.xml", "--lang", "de"], 2),
        (["seed_list.xml", "--to", "v1"], 2),
    ],
)
def test_exit_codes(arguments: list[str], code: int) -> None:
    """One run for each code and each way to it."""
    with_places = [
        str(SAMPLES / each) if each.endswith((".xml", ".json")) else each for each in arguments
    ]
    assert convert(*with_places).code == code


@pytest.mark.parametrize(
    ("sources", "options", "code"),
    [
        (["bad/zla_data.xml", "missing.xml"], [], 4),
        (["missing.xml", "bad/zla_data.xml"], [], 4),
        (["bad/ucieta_lista.json", "bad/zla_data.xml"], [], 4),
        (["missing.xml", "bad/zla_data.xml"], ["--max-rejects", "1"], 6),
        (["bad/ucieta_lista.json"], ["--max-rejects", "0"], 6),
    ],
)
def test_which_exit_code_comes_first(sources: list[str], options: list[str], code: int) -> None:
    """6 before 4 before 3."""
    assert convert(*(SAMPLES / each for each in sources), *options).code == code


def test_a_defect_comes_before_all(tmp_path: Path) -> None:
    """A defect after refused documents and an unreadable source is still exit 1."""
    patch = (
        "import infakt_compat.migrate.batches as batches\n"
        "real = batches.convert_document\n"
        "def fails(document, *rest):\n"
        "    if b'fine' in document.raw(): raise RuntimeError('the test broke it')\n"
        "    return real(document, *rest)\n"
        "batches.convert_document = fails\n"
    )
    (tmp_path / "a.json").write_bytes(
        b'{"numer":"1","status":"?"}\n{"numer":"fine","waluta":"PLN"}'
    )
    done = run_patched(patch, "convert", tmp_path / "missing.xml", tmp_path / "a.json")
    assert done.code == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_defect_of_ours(workers: str, tmp_path: Path) -> None:
    """Exit 1, words that it is ours and how to report it, and OUT untouched."""
    out = tmp_path / "out"
    out.write_bytes(b"old")
    arguments = ("convert", SAMPLES / "rodzaje.xml", "-o", out, "--workers", workers)
    done = run_patched(IN_A_CONVERSION, *arguments)
    assert done.code == 1
    assert done.out == b""
    assert "defect of infakt-compat" in done.err
    assert "RuntimeError: the test broke it" in done.err
    assert "report it" in done.err
    assert "Traceback" not in done.err
    assert done.counts() == [0, 0, 0, 0, 0]
    assert out.read_bytes() == b"old"


def test_a_defect_leaves_no_partial_file(tmp_path: Path) -> None:
    """OUT.partial is for 6 and 130: after a defect nothing is left."""
    out = tmp_path / "out"
    assert run_patched(IN_A_CONVERSION, "convert", SAMPLES / "rodzaje.xml", "-o", out).code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_defect_shows_its_traceback_when_asked() -> None:
    """INFAKT_COMPAT_TRACEBACK=1, which the message names, shows where it happened."""
    arguments = ("convert", SAMPLES / "rodzaje.xml")
    plain = run_patched(IN_A_CONVERSION, *arguments)
    assert "INFAKT_COMPAT_TRACEBACK=1" in plain.err
    done = run_patched(IN_A_CONVERSION, *arguments, INFAKT_COMPAT_TRACEBACK="1")
    assert done.code == 1
    assert "Traceback" in done.err
    assert "in fails" in done.err


def test_a_defect_before_the_conversion_begins() -> None:
    """Also what breaks outside a conversion is exit 1 with the same words."""
    patch = (
        "import infakt_compat.migrate.source as source\n"
        "def fails(names): raise RuntimeError('the test broke it')\n"
        "source.find_sources = fails\n"
    )
    done = run_patched(patch, "convert", SAMPLES / "rodzaje.xml")
    assert done.code == 1
    assert "defect of infakt-compat" in done.err
    assert "Traceback" not in done.err


@pytest.fixture(scope="module")
def endless() -> bytes:
    """Give the beginning of an archive that never ends: many batches for two workers."""
    return archive("xml", 3_000).removesuffix(b"</invoices>\n")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c(workers: str, endless: bytes, tmp_path: Path) -> None:
    """Exit 130, the report and the summary, and what was converted so far as OUT.partial."""
    out, summary = tmp_path / "out", tmp_path / "summary.json"
    partial = tmp_path / "out.partial"
    out.write_bytes(b"old")
    arguments = ("convert", "-", "-o", out, "--workers", workers, "--summary", summary)
    with fed(endless, *arguments) as process:
        wait_until(has_bytes(partial), process)
        done = interrupt(process)
    assert done.code == 130
    assert out.read_bytes() == b"old"
    lines = partial.read_bytes().splitlines()
    assert [orjson.loads(line)["invoice"]["id"] - 1_000_000 for line in lines] == list(
        range(1, len(lines) + 1)
    )
    assert str(partial) in done.err
    assert "nterrupted" in done.err
    assert "Traceback" not in done.err
    assert "Exception" not in done.err
    assert done.counts()[:2] == [len(lines), len(lines)]
    written = orjson.loads(summary.read_bytes())
    assert (written["read"], written["converted"]) == (len(lines), len(lines))


@pytest.mark.parametrize("form", ["json", "xml"])
def test_ctrl_c_while_a_list_is_written(form: str, endless: bytes, tmp_path: Path) -> None:
    """A list that was interrupted is ended, and its head counts what is in it."""
    out = tmp_path / "out"
    data, to = endless, "v3"
    if form == "xml":
        data, to = convert("-", stdin=endless + b"</invoices>").out, "v2"
    watch = "import infakt_compat.migrate.output as o, pathlib\nreal = o.Output.write\n"
    watch += "def write(self, records):\n    real(self, records)\n"
    watch += (
        f"    pathlib.Path({str(tmp_path / 'begun')!r}).write_text('x')\no.Output.write = write\n"
    )
    command = (sys.executable, "-c", watch + INTERRUPTIBLE[2])
    arguments = ("convert", "-", "-o", out, "--to", to, "--format", form)
    with fed(data, *arguments, command=command) as process:
        wait_until(has_bytes(tmp_path / "begun"), process)
        done = interrupt(process)
    assert done.code == 130
    assert not out.exists()
    written = (tmp_path / "out.partial").read_bytes()
    converted = done.counts()[1]
    assert converted > 0
    if form == "json":
        made = orjson.loads(written)
        assert made["metainfo"]["count"] == len(made["entities"]) == converted
    else:
        assert b'total="%d"' % converted in written
        assert written.count(b"<invoice>") == converted
        assert written.endswith(b"</invoices>\n")


def test_ctrl_c_comes_before_rejects_and_unreadable_sources(endless: bytes, tmp_path: Path) -> None:
    """130 before 4 and 3; the rejects are whole."""
    out, rejects = tmp_path / "out", tmp_path / "rejects"
    data = endless.replace(b"<status>wys", b"<status>w drodze ", 3)
    with fed(data, "convert", BAD / "gone.xml", "-", "-o", out, "--rejects", rejects) as process:
        wait_until(has_bytes(tmp_path / "out.partial"), process)
        done = interrupt(process)
    assert done.code == 130
    assert done.entries()["source.unreadable"] == 1
    assert "enum.unknown" in done.entries()
    assert b"source.unreadable" in (rejects / "reasons.jsonl").read_bytes()
    [kept] = [each for each in rejects.iterdir() if each.suffix == ".xml"]
    assert kept.read_bytes().endswith(b"</invoices>\n")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_in_the_shell_reaches_the_workers_too(
    workers: str, endless: bytes, tmp_path: Path
) -> None:
    """A terminal sends it to the whole group: the workers say nothing and are gone."""
    arguments = ("convert", "-", "-o", tmp_path / "out", "--workers", workers)
    with fed(endless, *arguments, start_new_session=True) as process:
        wait_until(has_bytes(tmp_path / "out.partial"), process)
        os.killpg(process.pid, signal.SIGINT)
        done = ended(process)
    assert done.code == 130
    assert "Traceback" not in done.err
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


@needs_proc
def test_a_killed_worker(endless: bytes, tmp_path: Path) -> None:
    """A worker that the system killed (no memory, say): exit 1, clear words, OUT as it was."""
    out = tmp_path / "out"
    out.write_bytes(b"old")
    arguments = ("convert", "-", "-o", out, "--workers", "2")
    with fed(endless, *arguments) as process:
        wait_until(has_bytes(tmp_path / "out.partial"), process)
        os.kill(children(process.pid)[0], signal.SIGKILL)
        done = end_input(process, endless)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert re.search(r"process|worker", done.err)
    assert done.counts()[0] > 0
    assert out.read_bytes() == b"old"


@needs_proc
def test_a_killed_worker_is_named_as_such(endless: bytes, tmp_path: Path) -> None:
    """The words say that a worker was killed and what to do, and nothing stays behind."""
    out = tmp_path / "out"
    with fed(endless, "convert", "-", "-o", out, "--workers", "2") as process:
        wait_until(has_bytes(tmp_path / "out.partial"), process)
        os.kill(children(process.pid)[0], signal.SIGKILL)
        done = end_input(process, endless)
    assert "killed" in done.err
    assert "memory" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_ctrl_c_in_the_midst_of_a_document(form: str, tmp_path: Path) -> None:
    """Wherever it comes, it is neither lost nor taken for a fault of the document at hand."""
    patch = (
        "import os, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import infakt_compat.codecs.json_text as json_text\n"
        "real = json_text._written\n"
        "def written(value):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(value)\n"
        "json_text._written = written\n"
    )
    source = tmp_path / "a.jsonl"
    source.write_bytes(lines_of("rodzaje.xml"))
    done = run_patched(patch, "convert", source, "--to", "v2", "--format", form)
    assert done.counts()[-1] == 0
    assert done.code == 130


def test_the_account_is_true_after_ctrl_c(tmp_path: Path) -> None:
    """What is counted is what was written and kept, wherever the interrupt comes."""
    patch = (
        "import os, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from infakt_compat.migrate.account import Account\n"
        "real = Account.add\n"
        "def add(self, *arguments):\n"
        "    real(self, *arguments)\n"
        "    if self.rejected: os.kill(os.getpid(), signal.SIGINT)\n"
        "Account.add = add\n"
    )
    out, rejects = tmp_path / "out", tmp_path / "rejects"
    files = [SAMPLES / "rodzaje.xml", BAD / "jeden_zly_w_liscie.xml", SAMPLES / "statusy.json"]
    done = run_patched(patch, "convert", *files, "-o", out, "--rejects", rejects)
    assert done.code == 130
    assert done.counts()[1] == (tmp_path / "out.partial").read_bytes().count(b"\n") == 8
    assert done.counts()[-1] == 1
    assert (rejects / "reasons.jsonl").read_bytes().count(b"\n") == 1


def test_ctrl_c_that_python_drops(tmp_path: Path) -> None:
    """In a destructor or a callback (imports have some) Python drops it: it counts all the same."""
    patch = (
        "import os, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from infakt_compat.migrate.account import Account\n"
        "real = Account.add\n"
        "class Dropping:\n"
        "    def __del__(self): os.kill(os.getpid(), signal.SIGINT)\n"
        "def add(self, *arguments):\n"
        "    real(self, *arguments)\n"
        "    Dropping()\n"
        "Account.add = add\n"
    )
    out = tmp_path / "out"
    done = run_patched(
        patch, "convert", SAMPLES / "rodzaje.xml", SAMPLES / "statusy.json", "-o", out
    )
    assert done.code == 130
    assert not out.exists()


def test_ctrl_c_before_anything_is_read(tmp_path: Path) -> None:
    """While it waits for a terminal or a pipe: 130 and no traceback."""
    out = tmp_path / "out"
    with fed(b"", "convert", "-", "-o", out) as process:
        wait_until(lambda: (tmp_path / "out.partial").exists(), process)
        time.sleep(0.5)  # until it waits for its input
        done = interrupt(process)
    assert done.code == 130
    assert "Traceback" not in done.err
    assert not out.exists()


def test_the_module_and_the_script_are_one() -> None:
    """`python -m infakt_compat` and `infakt-compat` are the same command."""
    script = Path(sys.executable).with_name("infakt-compat")
    if not script.exists():
        pytest.skip("the script is not installed beside this Python")
    sample = str(SAMPLES / "rodzaje.xml")
    assert run("convert", sample, command=(str(script),)).out == run("convert", sample).out != b""
    assert run("--version", command=(str(script),)).out == run("--version", command=COMMAND).out
