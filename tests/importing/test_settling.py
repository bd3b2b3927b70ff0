"""Documents of which nobody knows: shown with what to look for, and settled by their owner."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from infakt_compat.cli import import_run
from infakt_compat.cli.main import group
from infakt_compat.migrate.journal import Entry, State, open_journal
from infakt_compat.standin import StandIn

from .archive import NIPS, invoice, write
from .moves import FAST

Invoke = Callable[..., tuple[int, str]]
DONE, UNKNOWN = State.DONE, State.UNKNOWN


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch, standin: StandIn) -> Invoke:
    """Run a command: its exit code, and all that it said."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("INFAKT_API_KEY", standin.api_key)
    monkeypatch.setattr(import_run, "Clock", lambda: FAST)

    def run(*arguments: object) -> tuple[int, str]:
        result = CliRunner().invoke(group, list(map(str, arguments)), standalone_mode=False)
        code = getattr(result.exception, "exit_code", result.return_value)
        if result.exception is not None and not hasattr(result.exception, "exit_code"):
            raise result.exception
        return code, result.output + getattr(result.exception, "message", "")

    return run


@pytest.fixture
def way(standin: StandIn) -> list[str]:
    """Give the options of the way to the stand-in."""
    return ["--base-url", standin.url, "--dialect", standin.world.dialect, "--limits", "off"]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Give the place of a journal."""
    return tmp_path / "move.journal"


def bare(number: int, **fields: Any) -> dict[str, Any]:
    """Give an invoice without a number and an id of its own."""
    return invoice(number, numer=None, invoice_id=None, **fields)


def doubled(invoke: Invoke, tmp_path: Path, way: list[str], *more: dict[str, Any]) -> list[object]:
    """Import an archive with another journal, and then with the one at hand; gives its command."""
    source = write(tmp_path / "archive.json", [bare(1, status="zapłacona"), *more])
    run = ["import", source, "--apply", "--clients", "embed", "--settle", "0", *way]
    assert invoke(*run, "--journal", tmp_path / "other.journal")[0] == 0
    assert invoke(*run, "--journal", tmp_path / "move.journal")[0] == 3
    return [*run, "--journal", tmp_path / "move.journal"]


def entries(journal: Path) -> list[Entry]:
    """Give a journal's entries."""
    with open_journal(journal) as opened:
        return list(opened.entries())


def made(standin: StandIn) -> list[dict[str, Any]]:
    """Give the account's invoices."""
    found: list[dict[str, Any]] = standin.world.store.all("invoices")
    return found


def test_what_is_not_known_is_shown_with_what_to_look_for(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], standin: StandIn
) -> None:
    """Client, date, total, number, the candidates, and what to do with it."""
    doubled(invoke, tmp_path, way)
    (row,) = made(standin)
    code, said = invoke("journal", "show", "--journal", journal)
    assert code == 3
    shown = f"#1  -  Firma 1, {NIPS[1]}  2013-02-02  24.62  PLN"
    assert re.search(rf"^  {re.escape(shown)}.*{row['id']} {row['number']} ", said, re.MULTILINE)
    assert "journal settle N" in said


@pytest.mark.parametrize("by", ["id", "uuid", "number"])
def test_the_one_that_is_there_is_done(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], standin: StandIn, by: str
) -> None:
    """By id, uuid or number; exit 3 is over, and nothing of it is changed."""
    run = doubled(invoke, tmp_path, way)
    (row,) = made(standin)
    if standin.world.dialect == "classic" and by == "uuid":
        return  # it knows none
    option = "--number" if by == "number" else "--id"
    code, said = invoke("journal", "settle", 1, option, row[by], "--journal", journal, *way)
    assert (code, str(row["id"]) in said) == (0, True)
    (entry,) = entries(journal)
    assert (entry.state, entry.id, entry.already, entry.owing) == (DONE, row["id"], True, "")
    assert entry.v3_number == row["number"]
    writes = len(standin.requests("POST"))
    assert invoke(*run)[0] == 0
    assert len(standin.requests("POST")) == writes
    assert made(standin) == [row]


def test_what_this_journal_has_sent_still_gets_its_status(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], standin: StandIn
) -> None:
    """Two equal ones whose answers were lost: which is which is said by hand."""
    source = write(tmp_path / "archive.json", [bare(1, status="szkic"), bare(1, status="szkic")])
    create = "/async/invoices.json" if standin.world.dialect == "current" else "/invoices.json"
    standin.fault("drop_after", method="POST", path=create, times=2)
    standin.fault("delay", method="GET", path="/invoices.json", times=4, seconds=0.4)
    run = ["import", source, "--journal", journal, "--apply", "--clients", "embed", "--settle", "0"]
    assert invoke(*run, *way)[0] == 3
    assert [one.state for one in entries(journal)] == [UNKNOWN, UNKNOWN]
    first, second = made(standin)
    settle = ["journal", "settle", "--journal", journal, *way]
    assert invoke(*settle, 1, "--id", first["id"])[0] == 0
    left = entries(journal)[1].faults[0].detail
    assert str(first["id"]) not in left.split()
    assert str(second["id"]) in left.split()
    code, said = invoke(*settle, 2, "--id", first["id"])
    assert (code, "another document of this journal" in said) == (2, True)
    assert invoke(*settle, 2, "--id", second["id"])[0] == 0
    assert not any(one.already for one in entries(journal))
    assert invoke(*run, *way)[0] == 0
    assert len(made(standin)) == 2


def test_a_wrong_word_binds_nothing(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], standin: StandIn
) -> None:
    """Another document, none at all, one that is settled, no way to name it, another account."""
    doubled(invoke, tmp_path, way, invoice(2))
    other = next(row for row in made(standin) if row["gross_price"] != 2462)
    settle = ["journal", "settle", "--journal", journal, *way]
    (place,) = (one.place for one in entries(journal) if one.state is UNKNOWN)
    done = next(one.place for one in entries(journal) if one.state is DONE)
    refused = {
        "are not those of": [place, "--number", other["number"]],
        "the account has no document": [place, "--id", "424242"],
        "is not unknown but done": [done, "--number", other["number"]],
        "the journal has no document #99": [99, "--id", "1"],
        "--id ID or --number N": [place],
    }
    for words, arguments in refused.items():
        code, said = invoke(*settle, *arguments)
        assert (code, words in said) == (2, True), said
    standin.configure("account", nip="5252248481")
    code, said = invoke(*settle, place, "--id", "1")
    assert (code, "another inFakt account" in said) == (2, True)
    assert UNKNOWN in [one.state for one in entries(journal)]


def test_only_what_is_unknown_is_taken_up(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str]
) -> None:
    """Anything else is a matter of usage; the owner's word sends the rest."""
    run = doubled(invoke, tmp_path, way)
    retry = ["journal", "retry", "--journal", journal, "--unknown"]
    code, said = invoke(*retry, 99)
    assert (code, "no document #99" in said) == (2, True)
    assert invoke(*retry, 1)[0] == 0
    code, said = invoke(*retry, 1)
    assert (code, "is not unknown but planned" in said) == (2, True)
    assert invoke(*run)[0] == 0
    assert invoke(*retry, 1)[0] == 2


# ---- what stops an import before anything is sent


def test_outputs_are_tried_first(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], standin: StandIn
) -> None:
    """A folder or a page that cannot be written; neither is left behind by the trial."""
    source = write(tmp_path / "archive.json", [invoice(1)])
    (tmp_path / "file").write_text("")
    run = ["import", source, "--journal", journal, "--apply", *way]
    for option, path in (
        ("--pdf", tmp_path / "file" / "pdf"),
        ("--html", tmp_path / "nowhere" / "page.html"),
        ("--html", "/proc/page.html"),
    ):
        code, said = invoke(*run, option, path)
        assert (code, str(path) in said) == (2, True), said
    assert not standin.requests()
    assert not journal.exists()
    page = tmp_path / "page.html"
    before = sorted(tmp_path.iterdir())
    assert invoke(*run, "--only", "number=none", "--html", page)[0] == 0
    assert {one.name for one in tmp_path.iterdir()} - {one.name for one in before} >= {page.name}
    assert not [one for one in tmp_path.iterdir() if one.name.startswith("tmp")]


def test_what_to_check_when_v3_lets_nobody_in(
    invoke: Invoke,
    journal: Path,
    tmp_path: Path,
    way: list[str],
    standin: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A wrong key and the wrong dialect: exit 5, with the name of what is to be changed."""
    source = write(tmp_path / "archive.json", [invoice(1, status="zapłacona")])
    run = ["import", source, "--journal", journal, "--apply", "--clients", "embed"]
    other = "classic" if standin.world.dialect == "current" else "current"
    wrong = [other if one == standin.world.dialect else one for one in way]
    code, said = invoke(*run, *wrong)
    assert (code, f"Give --dialect {standin.world.dialect}" in said) == (5, True), said
    monkeypatch.setenv("OTHER_KEY", "not-a-key")
    code, said = invoke(*run, *way, "--api-key-env", "OTHER_KEY")
    assert code == 5
    assert "OTHER_KEY" in said
    assert "api:invoices:write" in said


def test_a_dry_run_says_what_cannot_be_taken_back(
    invoke: Invoke, journal: Path, tmp_path: Path
) -> None:
    """How many invoices go to KSeF; what the classic v3 leaves drafts. Also on its page."""
    source = write(tmp_path / "archive.json", [invoice(n, status="wysłana") for n in (1, 2)])
    page = tmp_path / "page.html"
    run = ["import", source, "--journal", journal, "--html", page]
    for options, code in (
        (["--send-to-ksef"], "import.to_ksef"),
        (["--dialect", "classic"], "import.read_only"),
    ):
        _, said = invoke(*run, *options)
        assert f"warning {code}: 2" in said
        assert code in page.read_text("utf-8")


def test_what_was_left_unpaid_is_explained(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str]
) -> None:
    """The import says the amount, and the proof names no difference without its reason."""
    paid = invoice(1, status="zapłacona", zaplacono="24.62")
    source = write(tmp_path / "archive.json", [paid])
    run = ["import", source, "--journal", journal, "--apply", "--paid-date", "none", *way]
    code, said = invoke(*run)
    assert (code, "warning paid.not_carried: 1" in said, "24.62" in said) == (0, True, True)
    _, said = invoke("verify", source, "--journal", journal, *way)
    assert "warning paid.not_carried: 1" in said
    assert "fault" not in said
    assert "refused" not in said
