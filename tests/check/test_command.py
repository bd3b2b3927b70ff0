"""The command `check`: exit codes, both languages, the page, a terminal."""

import json
import os
import pty
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.tables.load import tables
from tests.cli import cli_process
from tests.importing.archive import correction, invoice, line, write

from .support import NIP, run

BAD = cli_process.BAD
GOOD: dict[str, Any] = {"numer": "1/03/2013", "client_nip": NIP}


def test_an_archive_that_v3_takes(tmp_path: Path) -> None:
    """0, the counts, and what to do next."""
    done = run("check", write(tmp_path / "a.json", [invoice(2, **GOOD)]))
    assert (done.code, done.err) == (0, "")
    assert done.counts()["read"] == done.counts()["v3 would take"] == 1
    assert "infakt-compat import" in done.out


def test_some_are_refused(tmp_path: Path) -> None:
    """3, the reason with its place, and what to do about it."""
    documents = [invoice(2, **GOOD), invoice(3, services=[])]
    done = run("check", write(tmp_path / "a.json", documents))
    assert done.code == 3
    assert done.codes()["services.required"] == 1
    assert "a.json, document 2 (3/04/2013): services" in done.out
    assert "to do: Add the lines" in done.out


@pytest.mark.parametrize(
    ("name", "code"), [("ucieta_lista.xml", 4), ("nie_ma_takiego.xml", 4), ("zla_data.xml", 3)]
)
def test_a_source_that_breaks(name: str, code: int) -> None:
    """4 before 3, and what stands before the break is checked."""
    done = run("check", BAD / name)
    assert done.code == code
    assert done.counts()["v3 would refuse"] >= 1


def test_usage(tmp_path: Path) -> None:
    """2: standard input twice, a page that cannot be written."""
    assert run("check", "-", "-").code == 2
    path = write(tmp_path / "a.json", [invoice(2)])
    assert run("check", path, "--html", tmp_path / "no" / "page.html").code == 2


def test_in_polish(tmp_path: Path) -> None:
    """The last --lang counts; every word is there."""
    path = write(tmp_path / "a.json", [invoice(2, **GOOD), invoice(3, services=[])])
    done = cli_process.run("check", path, "--lang", "pl")
    text = done.out.decode()
    assert "przeczytano" in text
    assert "odrzucono services.required: 1" in text
    assert tables().codes["services.required"].advice["pl"] in text


def test_names_of_documents_move_no_cursor(tmp_path: Path) -> None:
    """Control characters are shown as one replacement."""
    path = write(tmp_path / "a.json", [invoice(2, client_nip="\x1b[2J", numer="1/03/2013")])
    assert "\x1b" not in run("check", path).out


def test_on_a_terminal(tmp_path: Path) -> None:
    """Tables with the same numbers, without traces of markup in other people's texts."""
    path = write(tmp_path / "a.json", [invoice(3, services=[], numer="[red]7[/red]")])
    code, shown = on_terminal("check", path, "--lang", "en")
    assert code == 3
    assert "services.required" in shown
    assert "[red]7[/red]" in shown


def on_terminal(*arguments: object) -> tuple[int, str]:
    """Run the command with its output on a terminal, and give what the terminal got."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*cli_process.COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
        env=cli_process.environment(TERM="xterm-256color", COLUMNS="100"),
    )
    os.close(slave)
    got = b""
    with suppress(OSError):  # at the end Linux gives EIO
        while data := os.read(master, 65536):
            got += data
    os.close(master)
    return process.wait(cli_process.TIMEOUT), got.decode()


def test_standard_input(tmp_path: Path) -> None:
    """An archive through a pipe."""
    data = write(tmp_path / "a.json", [invoice(2, **GOOD)]).read_bytes()
    done = cli_process.run("check", "-", "--lang", "en", stdin=data)
    assert done.code == 0


def test_the_page(tmp_path: Path) -> None:
    """Is written beside, with the same outcome."""
    page = tmp_path / "page.html"
    path = write(tmp_path / "a.json", [invoice(2, **GOOD), invoice(3, services=[])])
    assert run("check", path, "--html", page).code == 3
    text = page.read_text("utf-8")
    assert "services.required" in text
    assert "3/04/2013" in text


def test_corrections_on_standard_input() -> None:
    """They are proven, although it can be read once only."""
    original = invoice(2, numer="1/03/2013", client_nip=NIP)
    wrong = correction(1, original, [line("Usługa 2", -1, 1002)], razem_brutto="-5.00")
    text = json.dumps({"invoices": [wrong, original]})
    done = cli_process.run("check", "-", "--lang", "en", stdin=text.encode())
    assert done.code == 3
    assert b"refused correction.unproven: 1" in done.out


def test_what_to_do_about_values_that_cannot_be_read(tmp_path: Path) -> None:
    """An amount that is too large is told so; where the known words of a field are listed."""
    wrong = [
        {"zaplacono": "9999999999999.00"}, {"rodzaj_faktury": "Rachunek"}, {"zaplacono": "1,234"},
    ]  # fmt: skip
    documents = [invoice(2, **GOOD) | one for one in wrong]
    done = run("check", write(tmp_path / "a.json", documents))
    assert {"money.range", "enum.unknown", "money.invalid"} <= done.codes().keys()
    assert "has to be below 1 000 000 000 000" in done.out
    assert "infakt-compat mapping FIELD" in done.out
    assert done.out.count("to do:") == len(done.codes())
