"""`import` and `journal` as their users give them: what they say, leave behind, and end with."""

import csv
import io
import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from infakt_compat.cli import import_progress, import_words
from infakt_compat.cli.main import group
from infakt_compat.migrate.importing.run import Snapshot
from infakt_compat.migrate.journal import State, open_journal
from infakt_compat.standin import StandIn
from tests.cli.cli_process import run_on_terminal

from .archive import correction, invoice, line, write

Invoke = Callable[..., tuple[int, str, str]]


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch, classic: StandIn) -> Invoke:
    """Run a command: its exit code, standard output, and what it said."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("INFAKT_API_KEY", classic.api_key)

    def run(*arguments: object) -> tuple[int, str, str]:
        result = CliRunner().invoke(group, list(map(str, arguments)), standalone_mode=False)
        known = (SystemExit, type(None))
        code = getattr(result.exception, "exit_code", result.return_value)
        if (
            result.exception is not None
            and code is None
            and not isinstance(result.exception, known)
        ):
            raise result.exception
        return code, result.stdout, result.stderr + getattr(result.exception, "message", "")

    return run


@pytest.fixture
def way(classic: StandIn) -> list[str]:
    """Give the options of the way to the stand-in."""
    return ["--base-url", classic.url, "--dialect", "classic", "--limits", "off", "--settle", "0"]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Give the place of a journal."""
    return tmp_path / "move.journal"


def archive(folder: Path, *documents: dict[str, Any], name: str = "archive.json") -> Path:
    """Write an archive."""
    return write(folder / name, list(documents))


def test_a_dry_run_says_what_it_would_do_and_leaves_nothing(
    invoke: Invoke, journal: Path, tmp_path: Path, classic: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without key and network: counts, calls, time, reasons; no file, no request."""
    monkeypatch.delenv("INFAKT_API_KEY")
    bad = invoice(3, razem_brutto="999.00")
    source = archive(
        tmp_path, *(invoice(n) for n in (1, 2)), bad, invoice(4, rodzaj_faktury="Faktura Marża")
    )
    before = sorted(tmp_path.iterdir())
    code, out, said = invoke("import", source, "--journal", journal, "--lang", "en")
    assert (code, out) == (3, "")
    assert re.search(r"^documents read +4$", said, re.MULTILINE)
    assert re.search(r"^  VAT invoices +2$", said, re.MULTILINE)
    assert re.search(r"^rejected +2$", said, re.MULTILINE)
    assert "refused totals.contradict: 1" in said
    assert "4 writes" in said
    assert "Dry run" in said
    assert sorted(tmp_path.iterdir()) == before
    assert not classic.requests()


def test_a_dry_run_tells_which_corrections_hang_on_the_account(
    invoke: Invoke, journal: Path, tmp_path: Path
) -> None:
    """Those whose original the archive lacks; the account is asked when their turn comes."""
    original = invoice(1)
    taken = [line("Usługa", -1, 1000)]
    corrections = [correction(n, of, taken) for n, of in ((2, original), (3, invoice(9)))]
    source = archive(tmp_path, original, *corrections)
    _, _, said = invoke("import", source, "--journal", journal, "--lang", "en")
    assert re.search(r"^  corrections +2\n    if v3 has the original +1$", said, re.MULTILINE)


def test_a_dry_run_beside_a_journal_tells_what_is_left(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str]
) -> None:
    """What is settled there is not counted again; the journal stays as it is."""
    source = archive(tmp_path, *(invoice(n) for n in range(1, 6)))
    only = ["--only", "number=1/02/2013", "--apply"]
    assert invoke("import", source, "--journal", journal, *only, *way)[0] == 0
    more = archive(tmp_path, invoice(7), name="more.json")
    code, _, said = invoke("import", source, more, "--journal", journal)
    assert code == 0
    assert re.search(r"^to create +5$", said, re.MULTILINE)
    assert re.search(r"^in the journal already +1$", said, re.MULTILINE)
    with open_journal(journal) as opened:
        assert len(opened.sources()) == 1


def test_an_import_and_its_journal(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], classic: StandIn
) -> None:
    """Applied once, it is there; only its owner can read the journal, and it says how it stands."""
    source = archive(tmp_path, invoice(1, status="zapłacona"), invoice(2, status="szkic"))
    code, _, said = invoke("import", source, "--journal", journal, "--apply", *way)
    assert code == 0, said
    assert re.search(r"^created +2$", said, re.MULTILINE)
    assert "warning paid.payment: 1" in said
    for path in tmp_path.glob("move.journal*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    code, out, _ = invoke("journal", "show", "--journal", journal)
    assert code == 0
    assert re.search(r"^VAT invoices +done +2$", out, re.MULTILINE)
    before = len(classic.requests("POST"))
    assert invoke("import", source, "--journal", journal, "--apply", *way)[0] == 0
    assert len(classic.requests("POST")) == before


def test_what_was_said_once_holds_for_the_next_run(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], classic: StandIn
) -> None:
    """Clients and payment dates are the first run's, unless the next says otherwise."""
    source = archive(tmp_path, *(invoice(n, status="zapłacona") for n in range(1, 4)))
    first = ["--clients", "embed", "--paid-date", "invoice", "--only", "number=1/02/2013"]
    invoke("import", source, "--journal", journal, "--apply", *first, *way)
    invoke("import", source, "--journal", journal, "--apply", *way)
    assert not classic.world.store.all("clients")
    rows = classic.world.store.all("invoices")
    assert all(row["paid_date"] == row["invoice_date"] for row in rows)
    assert len(rows) == 3


def test_another_account_is_refused(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], classic: StandIn
) -> None:
    """By its details: a new key of the same account goes on, another account does not."""
    source = archive(tmp_path, invoice(1), invoice(2))
    only = ["--only", "number=1/02/2013"]
    assert invoke("import", source, "--journal", journal, "--apply", *only, *way)[0] == 0
    classic.configure("account", nip="5252248481")
    code, _, said = invoke("import", source, "--journal", journal, "--apply", *way)
    assert code == 2
    assert "another inFakt account" in said
    assert len(classic.world.store.all("invoices")) == 1


def test_a_changed_source_is_refused(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str]
) -> None:
    """Also in a dry run."""
    source = archive(tmp_path, invoice(1))
    invoke("import", source, "--journal", journal, "--apply", *way)
    archive(tmp_path, invoice(1, uwagi="inna treść"))
    for mode in (["--apply"], []):
        code, _, said = invoke("import", source, "--journal", journal, *mode, *way)
        assert code == 2
        assert "archive.json" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "sort=vat"], "no filter"),
        (["--only", "date=2012-1"], "no span of days"),
        (["--send-to-ksef", "--dialect", "classic"], "no KSeF"),
        (["--api-key-env", "NO_SUCH_KEY", "--apply"], "NO_SUCH_KEY"),
        (["--base-url", "http://example.test", "--apply"], "plain HTTP"),
    ],
)
def test_what_cannot_be_meant_is_a_matter_of_usage(
    invoke: Invoke, journal: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    """With the reason, and nothing is left behind by it."""
    source = archive(tmp_path, invoice(1))
    code, _, said = invoke("import", source, "--journal", journal, *arguments)
    assert code == 2
    assert words in said


def test_files_that_are_no_journal(invoke: Invoke, tmp_path: Path, journal: Path) -> None:
    """A missing one, and one of another sort; neither is touched."""
    assert invoke("journal", "show", "--journal", journal)[0] == 2
    assert not journal.exists()
    source = archive(tmp_path, invoice(1))
    before = source.read_bytes()
    assert invoke("journal", "show", "--journal", source)[0] == 2
    assert source.read_bytes() == before


def test_the_exit_codes(invoke: Invoke, tmp_path: Path, way: list[str], classic: StandIn) -> None:
    """3 rejected, 4 a source that breaks off, 6 too many rejects, 5 v3 lets nobody in."""
    good = archive(tmp_path, *(invoice(n) for n in range(1, 4)))
    bad = archive(tmp_path, invoice(8, razem_brutto="1.00"), invoice(9), name="bad.json")
    run = ["import", "--apply", *way, "--journal"]
    limited = [*run, tmp_path / "a.journal", good, bad, "--max-rejects"]
    assert invoke(*limited, "0")[0] == 6
    assert not classic.world.store.all("invoices")
    assert invoke(*limited, "30%")[0] == 3
    assert len(classic.world.store.all("invoices")) == 4
    text = json.dumps({"invoices": [invoice(20), invoice(21)]})
    (tmp_path / "broken.json").write_text(text[:-80])
    code, _, said = invoke(*run, tmp_path / "b.journal", bad, tmp_path / "broken.json")
    assert (code, "source.broken" in said) == (4, True)
    classic.configure("plan", locked=True)
    assert invoke(*run, tmp_path / "c.journal", good)[0] == 5


def test_rejects_are_mended_and_taken_up_again(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], classic: StandIn
) -> None:
    """Written as they were, with reasons; mended they take the place of what was refused."""
    wrong = [invoice(2, razem_brutto="999.00"), invoice(3, data_wystawienia="3.04.2013")]
    source = archive(tmp_path, invoice(1), *wrong, invoice(4, sposob_platnosci=None))
    run = ["import", source, "--journal", journal, "--apply", *way]
    assert invoke(*run)[0] == 3
    folder = tmp_path / "rejects"
    assert invoke("journal", "rejects", folder, "--journal", journal)[0] == 0
    reasons = [json.loads(text) for text in (folder / "reasons.jsonl").read_text().splitlines()]
    assert [(one["position"], one["code"]) for one in reasons] == [
        (2, "totals.contradict"), (3, "date.invalid"), (4, "v3.refused"),
    ]  # fmt: skip
    file = next(path for path in folder.iterdir() if path.name != "reasons.jsonl")
    rows = json.loads(file.read_text())["invoices"]
    assert [row["numer"] for row in rows] == ["2/03/2013", "3/04/2013", "4/05/2013"]
    rows[0] |= {"razem_brutto": invoice(2)["razem_brutto"]}
    rows[1] |= {"data_wystawienia": "2013-04-03"}
    rows[2] |= {"sposob_platnosci": "Przelew", "numer": "40/05/2013"}
    file.write_text(json.dumps({"invoices": rows}))
    assert invoke("journal", "retry", folder, "--journal", journal)[0] == 0
    assert invoke(*run)[0] == 0
    numbers = {row["number"] for row in classic.world.store.all("invoices")}
    assert numbers == {"1/02/2013", "2/03/2013", "3/04/2013", "40/05/2013"}
    with open_journal(journal) as opened:
        entries = list(opened.entries())
    assert [entry.state for entry in entries] == [State.DONE] * 4
    assert len({entry.key for entry in entries}) == 4


def test_a_client_that_v3_refused_is_asked_for_again(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], classic: StandIn
) -> None:
    """When the account has him meanwhile, and when his data were mended."""
    source = archive(
        tmp_path, invoice(1, client_nip="1234567890"), invoice(2, client_nip="1111111112")
    )
    run = ["import", source, "--journal", journal, "--apply", *way]
    assert invoke(*run)[0] == 3
    classic.seed(clients=[{"company_name": "Firma 1", "country": "PL", "nip": "1234567890"}])
    mended = archive(tmp_path, invoice(2), name="mended.json")
    assert invoke("journal", "retry", mended, "--journal", journal)[0] == 0
    assert invoke("journal", "retry", "--journal", journal)[0] == 0
    assert invoke(*run)[0] == 0
    assert len(classic.world.store.all("invoices")) == 2


def test_a_retry_guesses_nothing(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str]
) -> None:
    """What matches no reject, or is done, is named; without a file all of v3's are tried again."""
    source = archive(tmp_path, invoice(1), invoice(2, sposob_platnosci=None))
    run = ["import", source, "--journal", journal, "--apply", *way]
    assert invoke(*run)[0] == 3
    strange = archive(tmp_path, invoice(77), invoice(1), name="strange.json")
    code, _, said = invoke("journal", "retry", strange, "--journal", journal)
    assert code == 3
    assert "document 1: matches no rejected document" in said
    assert "document 2: is in the journal already (done)" in said
    assert invoke("journal", "retry", "--journal", journal)[0] == 0
    assert invoke(*run)[0] == 3


def test_ids_for_the_owners_own_tables(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], classic: StandIn
) -> None:
    """Old and new ids of documents and of the clients that they name."""
    source = archive(tmp_path, invoice(1), invoice(8, client_id=101))
    invoke("import", source, "--journal", journal, "--apply", *way)
    code, out, _ = invoke("journal", "export", "--journal", journal)
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    made = {row["number"]: row for row in classic.world.store.all("invoices")}
    found = {row["number"]: row for row in rows if row["resource"] == "invoice"}
    assert {number: int(row["id"]) for number, row in found.items()} == {
        number: row["id"] for number, row in made.items()
    }
    assert found["1/02/2013"]["v2_id"] == "5001"
    (client,) = [row for row in rows if row["resource"] == "client"]
    assert (client["v2_id"], int(client["id"])) == ("101", made["1/02/2013"]["client_id"])
    target = tmp_path / "ids.csv"
    assert invoke("journal", "export", "--journal", journal, "-o", target)[0] == 0
    assert target.read_bytes().decode() == out


def test_unknown_documents_are_listed_and_released(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], classic: StandIn
) -> None:
    """With what to look for; only their owner's word sends them again."""
    classic.fault("drop_before", method="POST", path="/invoices.json")
    source = archive(tmp_path, invoice(1, numer=None, invoice_id=None))
    run = ["import", source, "--journal", journal, "--apply", "--clients", "embed", *way]
    assert invoke(*run)[0] == 3
    code, out, said = invoke("journal", "show", "--journal", journal)
    assert code == 3
    assert "#1  2013-02-02  24.62  PLN" in out
    assert "import.no_answer" in said
    assert not classic.world.store.all("invoices")
    assert invoke("journal", "retry", "--unknown", "1", "--journal", journal)[0] == 0
    assert invoke(*run)[0] == 0
    assert len(classic.world.store.all("invoices")) == 1


def test_polish(invoke: Invoke, journal: Path, tmp_path: Path, way: list[str]) -> None:
    """Everything is said in Polish, too."""
    source = archive(
        tmp_path, invoice(1), invoice(2, [line("Usługa", 1, 1000)], razem_brutto="99.00")
    )
    _, _, said = invoke("import", source, "--journal", journal, "--lang", "pl")
    assert "Próba" in said
    assert "faktury VAT" in said
    _, _, said = invoke("import", source, "--journal", journal, "--apply", "--lang", "pl", *way)
    assert re.search(r"^utworzone +1$", said, re.MULTILINE)


def test_standard_input_is_an_archive(
    journal: Path, way: list[str], classic: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rejects are kept in the journal, as it cannot be read again."""
    monkeypatch.setenv("INFAKT_API_KEY", classic.api_key)
    text = json.dumps({"invoices": [invoice(1), invoice(2, razem_brutto="999.00")]})
    arguments = ["import", "-", "--journal", str(journal), "--apply", *way]
    result = CliRunner().invoke(group, arguments, input=text, standalone_mode=False)
    assert result.return_value == 3, result.output
    folder = str(tmp_path / "rejects")
    CliRunner().invoke(group, ["journal", "rejects", folder, "--journal", str(journal)])
    rows = json.loads((tmp_path / "rejects" / "stdin.json").read_text())["invoices"]
    assert [row["numer"] for row in rows] == ["2/03/2013"]


def test_the_report_page(invoke: Invoke, journal: Path, tmp_path: Path, way: list[str]) -> None:
    """One page, of a dry run and of a real one."""
    source = archive(tmp_path, invoice(1), invoice(2, razem_brutto="999.00"))
    for name, mode in (("dry.html", []), ("done.html", ["--apply", *way])):
        page = tmp_path / name
        invoke("import", source, "--journal", journal, "--html", page, *mode)
        text = page.read_text("utf-8")
        assert "totals.contradict" in text
        assert "2/03/2013" in text


def test_on_a_terminal_there_is_a_bar(tmp_path: Path, journal: Path, classic: StandIn) -> None:
    """Counts, pace and time left; and it goes away."""
    source = archive(tmp_path, *(invoice(n) for n in range(1, 30)))
    way = ["--base-url", classic.url, "--dialect", "classic", "--limits", "off"]
    code, shown = run_on_terminal(
        "import", source, "--journal", journal, "--apply", "--clients", "embed", *way,
        INFAKT_API_KEY=classic.api_key,
    )  # fmt: skip
    assert code == 0
    assert re.search(r"29/29  \d+/min", shown)


def test_elsewhere_there_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is done, how fast, how long it will take, and what is in doubt."""
    monkeypatch.setattr(import_progress, "_BETWEEN", 0.0)
    snapshot = Snapshot(40, 0, 2, 0, 3, 4, "writes")
    with import_progress.watching(100, 600.0, "en") as show:
        show(snapshot)
    said = capsys.readouterr().err
    assert said == "42 of 100 done, 0 a minute, about 6 min left  rejected 2  in doubt 4\n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "5 s"), (600, "10 min"), (7200, "2 h 0 min"), (200_000, "2 d 7 h")],
)
def test_spans_of_time(seconds: float, text: str) -> None:
    """As people say them."""
    assert import_words.lasting(seconds, "en") == text
