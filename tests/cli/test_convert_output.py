"""Where the result goes: OUT in one piece or not at all, pipes and devices, and a full disk."""

import os
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from tests.cli.cli_process import (
    BAD,
    COMMAND,
    SAMPLES,
    archive,
    convert,
    environment,
    lines_of,
    needs_proc,
    run,
)

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file of 3,000 invoices."""
    path = tmp_path_factory.mktemp("archive") / "archive.xml"
    path.write_bytes(archive("xml", 3_000))
    return path


def test_out_is_written_and_nothing_on_standard_output(tmp_path: Path) -> None:
    """OUT holds what standard output would have; nothing else is left."""
    sample = SAMPLES / "rodzaje.xml"
    out = tmp_path / "out.jsonl"
    done = convert(sample, "-o", out)
    assert done.code == 0
    assert done.out == b""
    assert out.read_bytes() == convert(sample).out != b""
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_list_is_written_as_to_standard_output(form: str, tmp_path: Path) -> None:
    """Lists, whose head counts, are the same in a file and in a pipe."""
    lines = lines_of("rodzaje.xml")
    out = tmp_path / "out"
    done = convert("-", "--to", "v2", "--format", form, "-o", out, stdin=lines)
    assert done.code == 0
    assert out.read_bytes() == convert("-", "--to", "v2", "--format", form, stdin=lines).out != b""
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("sources", "code"),
    [
        (["seed_list.xml"], 0),
        (["seed_list.xml", "bad/zla_data.xml"], 3),
        (["bad/zla_data.xml"], 3),
        (["seed_list.xml", "missing.xml"], 4),
        (["bad/ucieta_lista.xml"], 4),
    ],
)
def test_out_is_put_in_place_on_0_3_and_4(sources: list[str], code: int, tmp_path: Path) -> None:
    """An old OUT is replaced by what could be converted."""
    out = tmp_path / "out"
    out.write_bytes(b"old")
    done = convert(*(SAMPLES / name for name in sources), "-o", out)
    assert done.code == code
    assert out.read_bytes() == convert(*(SAMPLES / name for name in sources)).out
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("where", ["/dev/shm", tempfile.gettempdir()])
def test_out_is_kept_as_partial_on_6(where: str) -> None:
    """An old OUT stays as it was, what was converted so far is beside it, and where is said.

    Also in /dev/shm, which holds files, unlike the rest of /dev.
    """
    if not os.access(where, os.W_OK):
        pytest.skip(f"needs {where}")
    with tempfile.TemporaryDirectory(dir=where) as name:
        out = Path(name) / "out"
        out.write_bytes(b"old")
        sources = [SAMPLES / "rodzaje.xml", BAD / "zla_data.xml"]
        done = convert(*sources, "-o", out, "--max-rejects", "0")
        assert done.code == 6
        assert out.read_bytes() == b"old"
        partial = out.with_name("out.partial")
        assert partial.read_bytes() == lines_of("rodzaje.xml") != b""
        assert str(partial) in done.err
        assert sorted(out.parent.iterdir()) == [out, partial]


def test_a_partial_list_is_a_whole_list(tmp_path: Path) -> None:
    """Also what is kept of a stopped run can be read: the list is ended, and its head counts."""
    lines = lines_of("rodzaje.xml")
    out = tmp_path / "out.xml"
    done = convert("-", "--to", "v2", "-o", out, "--max-rejects", "0", stdin=lines + b'{"x":1}\n')
    assert done.code == 6
    data = (tmp_path / "out.xml.partial").read_bytes()
    assert b'total="6"' in data
    assert data.count(b"<invoice>") == 6
    assert data.endswith(b"</invoices>\n")


def test_a_run_after_a_stopped_one_leaves_no_partial(tmp_path: Path) -> None:
    """The next good run takes the partial file's place."""
    out = tmp_path / "out"
    assert convert(BAD / "zla_data.xml", "-o", out, "--max-rejects", "0").code == 6
    assert convert(SAMPLES / "seed_list.xml", "-o", out).code == 0
    assert list(tmp_path.iterdir()) == [out]


def test_out_may_be_the_source(tmp_path: Path) -> None:
    """A source that is also OUT is read to its end first."""
    path = tmp_path / "archive.xml"
    path.write_bytes((SAMPLES / "rodzaje.xml").read_bytes())
    assert convert(path, "-o", path).code == 0
    assert path.read_bytes() == lines_of("rodzaje.xml")


def test_out_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Exit 2 with the name, and no folder is made."""
    out = tmp_path / "missing" / "out"
    done = convert(SAMPLES / "seed_list.xml", "-o", out)
    assert done.code == 2
    assert str(out) in done.err
    assert "Traceback" not in done.err
    assert list(tmp_path.iterdir()) == []


def test_out_that_is_a_folder(tmp_path: Path) -> None:
    """Exit 2, and the folder stays as it is."""
    done = convert(SAMPLES / "seed_list.xml", "-o", tmp_path)
    assert done.code == 2
    assert str(tmp_path) in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--summary", "--rejects", "--max-rejects"])
def test_a_usage_error_leaves_no_file(option: str, tmp_path: Path) -> None:
    """Whichever option is wrong, an old OUT.partial stays and none is made."""
    folder = tmp_path / "full"
    folder.mkdir()
    (folder / "mine").write_text("mine")
    values: dict[str, Path | str] = {
        "--summary": tmp_path / "missing" / "summary.json",
        "--rejects": folder,
        "--max-rejects": "x",
    }
    (tmp_path / "old.partial").write_text("from a stopped run")
    for name in ("new", "old"):
        done = convert(SAMPLES / "seed_list.xml", "-o", tmp_path / name, option, values[option])
        assert done.code == 2
    assert (tmp_path / "old.partial").read_text() == "from a stopped run"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["full", "old.partial"]


def test_a_link_to_a_file_stays_a_link(tmp_path: Path) -> None:
    """OUT that is a link: the file that it names gets the result."""
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    assert convert(SAMPLES / "seed_list.xml", "-o", link).code == 0
    assert link.is_symlink()
    assert target.read_bytes() == lines_of("seed_list.xml")


@needs_proc
def test_a_link_to_standard_output_is_not_replaced(tmp_path: Path) -> None:
    """`-o /dev/stdout > file` writes to the file, and /dev/stdout stays what it is."""
    link, result = tmp_path / "stdout", tmp_path / "result"
    link.symlink_to("/proc/self/fd/1")
    with result.open("wb") as file:
        subprocess.run(
            [*COMMAND, "convert", str(SAMPLES / "seed_list.xml"), "-o", str(link)],
            stdout=file,
            stderr=subprocess.DEVNULL,
            env=environment(),
            check=True,
        )
    assert link.is_symlink()
    assert result.read_bytes() == lines_of("seed_list.xml")


@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_out_to_dev_stdout_in_a_pipe(form: str) -> None:
    """`-o /dev/stdout` before a pipe is standard output."""
    if not Path("/dev/stdout").exists():
        pytest.skip("needs /dev/stdout")
    sample = SAMPLES / "rodzaje.xml"
    done = convert(sample, "--format", form, "-o", "/dev/stdout")
    assert done.code == 0
    assert done.out == convert(sample, "--format", form).out != b""


def test_out_to_dev_null() -> None:
    """A dry run: the report alone, and the device is not replaced."""
    done = convert(SAMPLES / "rodzaje.xml", "-o", os.devnull)
    assert done.code == 0
    assert done.out == b""
    assert done.counts()[:2] == [6, 6]
    assert not Path(os.devnull).is_file()
    assert not Path(os.devnull + ".partial").exists()


def test_out_to_a_named_pipe(tmp_path: Path) -> None:
    """A reader at the other end gets all of it, and the pipe stays a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    done = convert(SAMPLES / "rodzaje.xml", "-o", pipe)
    reader.join(10)
    assert done.code == 0
    assert got == [lines_of("rodzaje.xml")]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.parametrize("arguments", [[], ["--workers", "2"], ["--format", "json"]])
def test_a_reader_that_goes_away_is_no_noise(arguments: list[str], large: Path) -> None:
    """`convert ... | head -1` ends quietly: no traceback, no error, nothing called unreadable."""
    with subprocess.Popen(
        [*COMMAND, "convert", str(large), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"{")
        process.stdout.close()
        err = process.stderr.read().decode()
    assert process.returncode not in (0, 1)
    for word in ("Traceback", "Error", "Broken pipe", "unreadable", "defect", "Exception"):
        assert word not in err


def test_a_reader_that_was_never_there() -> None:
    """Also a short result that nobody reads is no noise."""
    read, write = os.pipe()
    os.close(read)
    process = subprocess.run(
        [*COMMAND, "convert", str(SAMPLES / "seed_list.xml")],
        stdout=write,
        stderr=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    os.close(write)
    assert process.returncode not in (0, 1)
    assert b"Traceback" not in process.stderr
    assert b"Exception ignored" not in process.stderr


def failed_cleanly(code: int, err: str) -> None:
    """Check that a full disk was said in one clear line."""
    assert code not in (0, 3, 4)
    assert "No space left on device" in err
    assert "Traceback" not in err
    assert "defect" not in err
    assert "unreadable" not in err


@needs_full
@pytest.mark.parametrize(
    "arguments",
    [[], ["--workers", "2"], ["--format", "json"], ["--format", "json", "--workers", "2"]],
)
def test_a_full_disk(arguments: list[str], large: Path) -> None:
    """What cannot be written is an error of the output, not of a source."""
    done = convert(large, "-o", "/dev/full", *arguments)
    failed_cleanly(done.code, done.err)
    assert "/dev/full" in done.err


@needs_full
@pytest.mark.parametrize("name", ["seed_list.xml", "rodzaje.xml"])
def test_a_full_disk_with_a_short_result(name: str) -> None:
    """A result that fits into the buffer fails when it is flushed."""
    done = convert(SAMPLES / name, "-o", "/dev/full")
    failed_cleanly(done.code, done.err)


@needs_full
def test_standard_output_on_a_full_disk(large: Path) -> None:
    """Standard output that cannot be written."""
    for source in (large, SAMPLES / "seed_list.xml"):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [*COMMAND, "convert", str(source)],
                stdout=full,
                stderr=subprocess.PIPE,
                env=environment(),
                check=False,
            )
        failed_cleanly(done.returncode, done.stderr.decode())


LIMITED = (
    "import resource, signal\n"
    "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
    "from infakt_compat.cli.main import main; main()"
)


@pytest.mark.skipif(sys.platform == "win32", reason="needs setrlimit")
@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_a_file_that_cannot_grow(form: str, large: Path, tmp_path: Path) -> None:
    """OUT or its spool fails in the midst: an old OUT stays, and no half file is left unsaid."""
    out = tmp_path / "out"
    out.write_bytes(b"old")
    arguments = ["convert", str(large), "--format", form, "-o", str(out)]
    done = run(*arguments, command=(sys.executable, "-c", LIMITED))
    assert done.code not in (0, 1, 3, 4)
    assert "File too large" in done.err
    assert "Traceback" not in done.err
    assert out.read_bytes() == b"old"
    for left in tmp_path.iterdir():
        assert left == out or str(left) in done.err


@pytest.mark.skipif(sys.platform == "win32", reason="needs setrlimit")
def test_rejects_that_cannot_grow(tmp_path: Path) -> None:
    """A folder of rejects that fails in the midst is an error of the output."""
    record = b"<invoice><numer>1</numer><status>?</status><uwagi>%b</uwagi></invoice>" % (
        b"x" * 900
    )
    source = tmp_path / "source.xml"
    source.write_bytes(b"<invoices>" + record * 1_000 + b"</invoices>")
    arguments = ["convert", str(source), "--rejects", str(tmp_path / "rejects")]
    done = run(*arguments, command=(sys.executable, "-c", LIMITED))
    assert done.code not in (0, 1, 3, 4)
    assert "File too large" in done.err
    assert "Traceback" not in done.err
    assert "rejects" in done.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--to", "v3", "--format", "json"], 0),
        (["--to", "v3", "--format", "json", "--max-rejects", "0", str(BAD / "zla_data.xml")], 6),
        (["--to", "v2", "--max-rejects", "0"], 6),
        (["--format", "json", str(SAMPLES / "klienci.xml")], 2),
    ],
)
def test_temporary_files_are_not_left_behind(
    arguments: list[str], code: int, tmp_path: Path
) -> None:
    """The spool of a list is gone, however the run ended."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = convert(
        SAMPLES / "rodzaje.xml", *arguments, "-o", tmp_path / "out", TMPDIR=str(temporary)
    )
    assert done.code == code
    assert list(temporary.iterdir()) == []


@needs_proc
def test_closed_standard_streams(tmp_path: Path) -> None:
    """With OUT a closed standard output or error stream does not matter."""
    out = tmp_path / "out"
    line = " ".join([*COMMAND, "convert", str(SAMPLES / "seed_list.xml"), "-o", str(out)])
    for closed in (">&-", "2>&-", ">&- 2>&-", "<&-"):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{line} {closed}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
        assert b"Traceback" not in done.stderr, closed
        assert done.returncode == 0, closed
        assert out.stat().st_size > 0
        out.unlink()


@needs_proc
@pytest.mark.parametrize(("arguments", "closed"), [([], ">&-"), (["-"], "<&-")])
def test_a_closed_stream_that_is_needed(arguments: list[str], closed: str) -> None:
    """Standard output or input that is closed but needed is said clearly."""
    source = arguments or [str(SAMPLES / "seed_list.xml")]
    done = subprocess.run(
        ["/bin/sh", "-c", " ".join([*COMMAND, "convert", *source, closed])],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode not in (0, 1)
    assert b"defect" not in done.stderr
