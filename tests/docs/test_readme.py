"""The README is a promise: its tables, commands, outputs and snippets are what the program does."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from infakt_compat.standin import StandIn
from tests.docs.readme_tables import README, ROOT, filled

TEXT = README.read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [line[2:] for kind, body in BLOCKS if kind == "console" for line in body.splitlines()]
#: What the README shows of a command's output: it stands below the command, marked.
OUTPUT = re.compile(r"<!-- output: \w+ -->\n```text\n(.*?)```", re.DOTALL)
#: Commands that serve until they are ended.
SERVING = ("standin", "gateway")


def test_the_tables_are_those_of_the_mappings() -> None:
    """`python tests/docs/readme_tables.py --write` has nothing to change."""
    assert filled(TEXT) == TEXT


def shown_below() -> dict[str, str]:
    """Give the outputs that the README shows, by their commands."""
    found = {}
    for output in OUTPUT.finditer(TEXT):
        above = [line for line in TEXT[: output.start()].splitlines() if line.startswith("$ ")]
        found[above[-1][2:]] = output[1]
    return found


def run(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the README in a folder that has the samples."""
    words = [
        environment[word[1:]] if word.startswith("$") else word for word in shlex.split(command)
    ]
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
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
    )


def test_the_commands_run_one_after_the_other(tmp_path: Path) -> None:
    """Every command succeeds, and says what the README shows; v3 is a stand-in."""
    outputs = shown_below()
    with StandIn() as v3:
        for command in (c for c in COMMANDS if c.split()[1] not in SERVING):
            done = run(command, tmp_path, URL=v3.url, INFAKT_API_KEY=v3.api_key)
            assert done.returncode == 0, (command, done.stderr)
            if command in outputs:
                said = (done.stdout + done.stderr).replace(f"{tmp_path}/", "")
                assert masked(said) == masked(outputs[command])
    assert (tmp_path / "invoices.xml").read_bytes().startswith(b"<?xml")
    for page in ("check.html", "proof.html"):
        assert (tmp_path / page).read_bytes().startswith(b"<!DOCTYPE html>")


def test_the_stand_in_starts() -> None:
    """The command that serves until it is ended prints where, and ends when it is told to."""
    (command,) = (command for command in COMMANDS if command.split()[1] == "standin")
    words = [sys.executable, "-m", "infakt_compat", *shlex.split(command)[1:]]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()).keys() == {"url", "api_key"}
        process.terminate()
        assert process.wait(10) == 0


def test_the_gateway_starts(tmp_path: Path) -> None:
    """Its commands, in their order; the configuration names a stand-in instead of production."""
    init, check, serve = (command for command in COMMANDS if command.split()[1] == "gateway")
    with StandIn() as v3:
        environment = {"INFAKT_API_KEY": v3.api_key, "XDG_DATA_HOME": str(tmp_path / "data")}
        assert run(init, tmp_path, **environment).returncode == 0
        written = tmp_path / "gateway.toml"
        here = f'base_url = "{v3.url}"\nlisten = "127.0.0.1:0"\n'
        written.write_text(here + written.read_text("utf-8"), "utf-8")
        assert run(check, tmp_path, **environment).returncode == 0
        words = [sys.executable, "-m", "infakt_compat", *shlex.split(serve)[1:]]
        settings = {"cwd": tmp_path, "env": {**os.environ, **environment}}
        with subprocess.Popen(  # type: ignore[call-overload]
            words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **settings
        ) as process:
            url = json.loads(process.stdout.readline())["url"]
            health = requests.get(f"{url}/healthz", timeout=10)
            process.terminate()
            assert (process.wait(20), health.status_code) == (0, 200)


def test_files_that_the_readme_shows() -> None:
    """They are the files that the tests use, letter for letter."""
    shown = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", TEXT, re.DOTALL)
    callers = "tests/dropin/callers"
    assert [name for name, _ in shown] == [f"{callers}/gateway.toml", f"{callers}/nginx.conf"]
    for name, text in shown:
        assert text == (ROOT / name).read_text("utf-8")


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
    """Every option of convert and import stands in the README."""
    from infakt_compat.cli import convert, import_

    for parameter in [*convert.command.params, *import_.command.params]:
        for name in parameter.opts:
            if name.startswith("--"):
                assert name in TEXT
