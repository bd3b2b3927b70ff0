"""The command itself: its help, its version, and how little it loads before it knows what to do."""

import os
import re
import subprocess
import sys

import pytest

from infakt_compat import __version__
from tests.cli.cli_process import environment, run

HEAVY = {"lxml", "rich", "attr", "attrs", "cattrs", "orjson", "multiprocessing", "asyncio"}
HEAVY |= {"requests", "urllib3", "sqlalchemy", "platformdirs"}


def loaded(code: str) -> set[str]:
    """Give the top-level modules that some code loads."""
    script = f"{code}\nimport sys; print(' '.join({{each.split('.')[0] for each in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        env=environment(),
        check=True,
    )
    return set(done.stdout.decode().splitlines()[-1].split())


def test_importing_the_command_loads_nothing_heavy() -> None:
    """Neither the parsers nor the models nor what draws the bar."""
    assert "infakt_compat" in (modules := loaded("import infakt_compat.cli.main"))
    assert not HEAVY & modules


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_load_nothing_heavy(option: str) -> None:
    """They answer at once."""
    code = (
        f"import sys; sys.argv = ['infakt-compat', {option!r}]\n"
        "from infakt_compat.cli.main import main\n"
        "try: main()\nexcept SystemExit as end: assert not end.code"
    )
    modules = loaded(code)
    assert not HEAVY & modules


def test_the_models_are_not_loaded_by_the_package() -> None:
    """`import infakt_compat` alone costs little; what it offers is loaded when it is asked for."""
    assert not HEAVY & loaded("import infakt_compat")
    assert "attr" in loaded("from infakt_compat import to_v3; to_v3({'waluta': 'PLN'})")


def test_version() -> None:
    """`--version` names the program and its version on standard output."""
    done = run("--version")
    assert (done.code, done.err) == (0, "")
    assert done.out.decode() == f"infakt-compat, version {__version__}\n"


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(option: str) -> None:
    """The commands with a line each."""
    done = run(option)
    assert done.code == 0
    for name in ("convert", "mapping", "demo"):
        assert f"\n  {name} " in done.out.decode()


def test_help_of_convert_names_every_option_and_exit_code() -> None:
    """What the issue lists is in the help."""
    done = run("convert", "--help")
    assert done.code == 0
    text = done.out.decode()
    for option in (
        "-o OUT",
        "--to [v3|v2]",
        "--format [jsonl|json|xml]",
        "--rejects DIR",
        "--max-rejects N|P%",
        "--summary FILE",
        "--workers N",
        "--strict",
        "--lang [en|pl]",
        "SRC...",
    ):
        assert option in text
    codes = text[text.index("Exit codes") :]
    for code in ("0", "1", "2", "3", "4", "6", "130"):
        assert f" {code} " in codes.replace("\n", " ")


def test_no_command() -> None:
    """Without a command: the help and exit 2."""
    done = run()
    assert done.code == 2
    assert "convert" in done.err


def test_an_unknown_command() -> None:
    """A command that is not there is exit 2."""
    done = run("translate")
    assert done.code == 2
    assert "translate" in done.err


def test_the_demo_walks_through_the_verbs() -> None:
    """Each of v2's verbs stands beside the v3 calls that it became."""
    done = subprocess.run(
        [sys.executable, "-m", "infakt_compat", "demo"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "140"},
    )
    for verb in ("create", "list", "show/:id", "update/:id", "paid/:id", "delete/:id"):
        assert f"invoices/{verb}" in done.stdout
    assert re.search(r"invoices/update/:id +GET +/invoices/\S+ 200", done.stdout)
    assert re.search(r"PUT /invoices/\S+ 200", done.stdout)
    assert re.search(r"DELETE /invoices/\S+ 204", done.stdout)
