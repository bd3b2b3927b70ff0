"""The command run as its users run it, and v2 documents read without the package's own codecs."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import IO, Any

import pytest
from attrs import frozen
from lxml import etree

from infakt_compat.codecs.tree import Markup
from tests import forked

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "legacy_samples"
BAD = SAMPLES / "bad"
COMMAND = (sys.executable, "-m", "infakt_compat")
#: The command with Ctrl-C at work: a shell turns it off for what runs in its background.
INTERRUPTIBLE = (
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from infakt_compat.cli.main import main; main()",
)
TIMEOUT = 60
#: What a fork does otherwise than a new interpreter: Python's own settings, and more workers.
_ELSEWHERE = {"PYTHONIOENCODING", "--workers"}

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs Linux's /proc")


@frozen
class Ran:
    """How a run of the command ended."""

    code: int
    out: bytes
    err: str

    def lines(self) -> list[dict[str, Any]]:
        """Give the JSON Lines of standard output."""
        return json_lines(self.out)

    def entries(self) -> dict[str, int]:
        """Give the codes of the report with their counts."""
        found = re.findall(r"^\S+ ([a-z_0-9]+\.[a-z_0-9]+): (\d+)$", self.err, re.MULTILINE)
        return {code: int(count) for code, count in found}

    def counts(self) -> list[int]:
        """Give the five counts at the head of the report: read to rejected."""
        found = re.findall(
            r"^ *[^\W\d]+(?: [^\W\d]+)? +(\d+)(?: +[\d.]+ s)?$", self.err, re.MULTILINE
        )
        return [int(count) for count in found]


def environment(**changes: str) -> dict[str, str]:
    """Give the environment of a run: an English locale, no wish about colours."""
    dropped = {"LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE", "NO_COLOR", "FORCE_COLOR", "COLUMNS"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "LC_ALL": "C.UTF-8", **changes}


def run(
    *arguments: str | Path,
    stdin: bytes = b"",
    command: Sequence[str] = COMMAND,
    env: Mapping[str, str] | None = None,
) -> Ran:
    """Run the command to its end: forked where it is imported already, if that is the same."""
    given, changes = [*map(str, arguments)], environment(**(env or {}))
    if command == COMMAND and not _ELSEWHERE.intersection([*given, *(env or {})]):
        return _run_forked(given, changes, stdin)
    done = subprocess.run(
        [*command, *given],
        input=stdin,
        capture_output=True,
        env=changes,
        timeout=TIMEOUT,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr.decode())


def _run_forked(arguments: list[str], environment: Mapping[str, str], stdin: bytes) -> Ran:
    """Run the command in a fork, its input from a pipe as a shell would give it."""
    reading, writing = os.pipe()
    feeder = threading.Thread(target=_feed, args=(os.fdopen(writing, "wb"), stdin), daemon=True)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with forked.running(arguments, environment, reading, out.fileno(), err.fileno()) as process:
            os.close(reading)
            feeder.start()
            code = forked.ended(process, TIMEOUT)
        feeder.join(TIMEOUT)
        return Ran(code, _all_of(out), _all_of(err).decode())


def _all_of(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def convert(*arguments: str | Path, stdin: bytes = b"", **env: str) -> Ran:
    """Run `convert` to its end."""
    return run("convert", *arguments, stdin=stdin, env=env)


@cache
def lines_of(*names: str) -> bytes:
    """Give the v3 lines of some samples, converted once."""
    done = convert(*(SAMPLES / name for name in names))
    assert done.code == 0
    return done.out


def run_patched(patch: str, *arguments: str | Path, **env: str) -> Ran:
    """Run the command after some lines of Python that change the package."""
    code = f"{patch}\nfrom infakt_compat.cli.main import main; main()"
    return run(*arguments, command=(sys.executable, "-c", code), env=env)


def run_on_terminal(
    *arguments: str | Path, stdin: bytes | None = None, **env: str
) -> tuple[int, str]:
    """Run the command with standard error on a terminal, and give what the terminal got."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=slave,
        env=environment(TERM="xterm-256color", COLUMNS="100", **env),
    )
    os.close(slave)
    if process.stdin is not None and stdin is not None:
        feeder = threading.Thread(target=_feed, args=(process.stdin, stdin), daemon=True)
        feeder.start()
    got = []
    # At the end Linux gives EIO, others nothing.
    try:
        while data := os.read(master, 65536):
            got.append(data)
    except OSError:
        pass
    os.close(master)
    return process.wait(TIMEOUT), b"".join(got).decode()


def _feed(pipe: Any, data: bytes, *, close: bool = True) -> None:
    """Write to a pipe, and close it; whoever reads it may have gone."""
    with suppress(OSError, ValueError):
        pipe.write(data)
        pipe.flush()
    if close:
        with suppress(OSError, ValueError):
            pipe.close()


@contextmanager
def fed(
    data: bytes,
    *arguments: str | Path,
    command: Sequence[str] = INTERRUPTIBLE,
    start_new_session: bool = False,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a run that has read `data` from `-` and waits for more, so that it cannot end."""
    process = subprocess.Popen(
        [*command, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(),
        start_new_session=start_new_session,
    )
    feeder = threading.Thread(
        target=_feed, args=(process.stdin, data), kwargs={"close": False}, daemon=True
    )
    feeder.start()
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(TIMEOUT)
        feeder.join(TIMEOUT)
        for pipe in (process.stdin, process.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


def wait_until(condition: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    """Wait for something that a running process does."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert process.poll() is None, "the process ended too early"
        assert time.monotonic() < deadline, "the process did not get there"
        time.sleep(0.01)


def has_bytes(path: Path) -> Callable[[], bool]:
    """Give the condition that a file holds something."""
    return lambda: path.exists() and path.stat().st_size > 0


def children(pid: int) -> list[int]:
    """Give the processes that a process started (Linux)."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def end_input(process: "subprocess.Popen[bytes]", data: bytes = b"") -> Ran:
    """Give a process the rest of its input, if it still wants it, and wait for the end."""
    feeder = threading.Thread(target=_feed, args=(process.stdin, data), daemon=True)
    feeder.start()
    try:
        return ended(process)
    finally:
        feeder.join(TIMEOUT)


def ended(process: "subprocess.Popen[bytes]") -> Ran:
    """Wait for the end, with the input left as it is, and give what was said."""
    kept, process.stdin = process.stdin, None
    try:
        _, err = process.communicate(timeout=TIMEOUT)
    finally:
        process.stdin = kept
    return Ran(process.returncode, b"", err.decode())


def interrupt(process: "subprocess.Popen[bytes]") -> Ran:
    """Send what Ctrl-C sends, and wait for the end."""
    process.send_signal(signal.SIGINT)
    return ended(process)


@cache
def archive(form: str, count: int) -> bytes:
    """Give an archive of invoices, as the benchmarks measure with."""
    script = ROOT / "tests" / "benchmarks" / "archive.py"
    made = subprocess.run(
        [sys.executable, str(script), form, str(count)],
        capture_output=True,
        check=True,
        env=environment(PYTHONUTF8="1"),
    )
    return made.stdout


def json_lines(data: bytes) -> list[dict[str, Any]]:
    """Read JSON Lines."""
    return [json.loads(line, parse_float=Decimal) for line in data.splitlines()]


def v2_documents(data: bytes) -> list[dict[str, Any]]:
    """Read the v2 documents of a file, each in its envelope, with the standard parsers alone."""
    head = data.lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t ").replace(b"\x00", b"")
    if head.startswith(b"<"):
        return _xml_documents(data)
    return _json_documents(data.decode("utf-8-sig"))


def _xml_documents(data: bytes) -> list[dict[str, Any]]:
    """Read a v2 XML document or list."""
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False)
    root = etree.fromstring(data, parser)
    records = list(root) if str(root.tag) in ("invoices", "clients") else [root]
    return [{str(record.tag): _xml_record(record)} for record in records]


def _xml_record(element: Any) -> dict[str, Any]:
    """Read a record; an unknown field with children is kept as its own text."""
    found: dict[str, Any] = {}
    for child in element:
        if child.tag == "services" and len(child):
            found[child.tag] = [_xml_record(line) for line in child]
        elif len(child):
            found[child.tag] = Markup(etree.tostring(child, encoding="unicode", with_tail=False))
        else:
            found[child.tag] = child.text or ""
    return found


def _json_documents(text: str) -> list[dict[str, Any]]:
    """Read v2 JSON: a document, a list, or many of them after each other."""
    decoder = json.JSONDecoder(parse_float=Decimal)
    found: list[dict[str, Any]] = []
    place = 0
    while place < len(text) and (rest := text[place:].lstrip()):
        value, end = decoder.raw_decode(rest)
        found += _in_envelopes(value)
        place = len(text) - len(rest) + end
    return found


def _in_envelopes(value: Any) -> list[dict[str, Any]]:
    """Give the documents of a JSON value."""
    if isinstance(value, list):
        return [each for row in value for each in _in_envelopes(row)]
    for listed, single in (("invoices", "invoice"), ("clients", "client")):
        if listed in value:
            return [row if single in row else {single: row} for row in value[listed]]
        if single in value:
            return [value]
    return [{"client" if "nazwa_firmy" in value else "invoice": value}]
