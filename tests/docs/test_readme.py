"""The README is a promise: its tables, commands, outputs and snippets are what the program does."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.readme_tables import README, ROOT, filled

TEXT = README.read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [line[2:] for kind, body in BLOCKS if kind == "console" for line in body.splitlines()]


def test_the_tables_are_those_of_the_mappings() -> None:
    """`python tests/docs/readme_tables.py --write` has nothing to change."""
    assert filled(TEXT) == TEXT


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the README in a folder that has the samples."""
    words = shlex.split(command)
    assert words[0] == "infakt-compat"
    samples = folder / "legacy_samples"
    if not samples.exists():
        samples.symlink_to(ROOT / "legacy_samples")
    return subprocess.run(
        [sys.executable, "-m", "infakt_compat", *words[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )


def test_the_commands_run_one_after_the_other(tmp_path: Path) -> None:
    """Every command succeeds, and the first one says what the README shows."""
    shown = re.search(r"<!-- output: convert -->\n```text\n(.*?)```", TEXT, re.DOTALL)
    assert shown is not None
    for number, command in enumerate(c for c in COMMANDS if "standin" not in c):
        done = run(command, tmp_path)
        assert done.returncode == 0, (command, done.stderr)
        if number == 0:
            assert masked(done.stderr) == masked(shown[1])
    assert (tmp_path / "invoices.xml").read_bytes().startswith(b"<?xml")


def test_the_stand_in_starts() -> None:
    """The command that serves until it is ended prints where, and ends when it is told to."""
    (command,) = (command for command in COMMANDS if "standin" in command)
    words = [sys.executable, "-m", "infakt_compat", *shlex.split(command)[1:]]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()).keys() == {"url", "api_key"}
        process.terminate()
        assert process.wait(10) == 0


def masked(text: str) -> str:
    """Hide how long it took."""
    return re.sub(r"[0-9.]+ s\b", "T s", text)


@pytest.mark.parametrize("code", [body for kind, body in BLOCKS if kind == "python"])
def test_the_python_snippets_run(code: str) -> None:
    """A snippet runs as it stands, assertions and all."""
    exec(compile(code, str(README), "exec"), {})


@pytest.mark.parametrize("body", [body for kind, body in BLOCKS if kind == "json"])
def test_the_json_snippets_are_json(body: str) -> None:
    """A JSON snippet is one document."""
    assert json.loads(body)


def test_the_first_two_commands_are_the_ones_that_ci_runs() -> None:
    """`.ci/run` takes them from the README itself; each is one line."""
    shell = [body.splitlines() for kind, body in BLOCKS if kind == "sh"]
    assert [len(lines) for lines in shell] == [1, 1]
    assert [kind for kind, _ in BLOCKS][:2] == ["sh", "sh"]
    assert "README.md | grep -v '^```' | head -2" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_exit_codes_are_listed() -> None:
    """Every exit code that the command line knows stands in the README's table."""
    from infakt_compat.cli import convert, main

    codes = {convert.DONE, convert.USAGE, convert.REJECTED, convert.UNREADABLE, convert.STOPPED}
    listed = {int(code) for code in re.findall(r"^\| (\d+) \| [a-z]", TEXT, re.MULTILINE)}
    assert codes | {main.DEFECT, main.INTERRUPTED} <= listed


def test_every_option_is_listed() -> None:
    """Every option of convert stands in the README."""
    from infakt_compat.cli.convert import command

    for parameter in command.params:
        for name in parameter.opts:
            if name.startswith("--"):
                assert name in TEXT
