"""`import` and `journal` as their users give them: what they say, leave behind, and end with."""

import csv
import html
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
from infakt_compat.tables.load import tables
from tests.cli.cli_process import run_on_terminal

from .archive import NIPS, correction, invoice, line, mixed, write

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


def test_a_dry_run_says_what_v3_would_refuse(invoke: Invoke, journal: Path, tmp_path: Path) -> None:
    """What check knows without network, with the options of this import; apart from rejects."""
    exempt = [line("Usługa", 1, 1000, 0) | {"stawka_vat": "zw"}]
    original = invoice(7, uwagi="x" * 3501)
    abroad = invoice(5, client_panstwo="Niemcy", client_nip="DE136695976")
    source = archive(
        tmp_path, invoice(1, waluta="XYZ"), invoice(2, razem_brutto="999.00"), original, abroad,
        correction(6, original, [line("Usługa 7", -1, 1007)]),
        invoice(4, exempt, podstawa_zwolnienia="art. 43"), invoice(8, client_nip="9452121682"),
        invoice(9, status="szkic"),
    )  # fmt: skip
    code, _, said = invoke("import", source, "--journal", journal, "--lang", "en")
    assert code == 3
    assert re.search(r"^to create +1$", said, re.MULTILINE)
    assert re.search(r"^rejected +1$", said, re.MULTILINE)
    assert re.search(r"^v3 would refuse +6$", said, re.MULTILINE)
    planned, foreseen = said.split("What v3 would refuse")
    assert "refused totals.contradict: 1" in planned
    for reason in (
        "currency.unknown", "exemption.unknown", "sale_type.required", "nip.invalid",
        "text.too_long", "correction.original_rejected",
    ):  # fmt: skip
        assert f"refused {reason}: 1" in foreseen
        assert reason not in planned
    told = ["--sale-type", "service", "--exemption", "1", "--clients", "embed"]
    page = tmp_path / "dry.html"
    said = invoke("import", source, "--journal", journal, "--html", page, *told, "--lang", "en")[2]
    assert re.search(r"^v3 would refuse +3$", said, re.MULTILINE)
    assert "currency.unknown" in page.read_text("utf-8")


def test_a_dry_run_foretells_the_import(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], classic: StandIn
) -> None:
    """What it counts is what comes about, of an archive with some of everything."""
    documents = mixed(40, 7)
    named = [one for one in documents if one["rodzaj_faktury"] == "Faktura VAT" and "numer" in one]
    named[3] |= {"waluta": "XYZ"}
    named[6] |= {"uwagi": "x" * 3501}
    named[9] |= {"client_panstwo": "Niemcy", "client_nip": "DE136695976"}
    named[12] |= {"razem_brutto": "999.00"}
    source = archive(tmp_path, *documents)
    said = invoke("import", source, "--journal", journal, "--lang", "en")[2]
    found = dict(re.findall(r"^(\S[a-z3 ]*?) +(\d+)$", said, re.MULTILINE))
    assert int(found["v3 would refuse"]) >= 3
    assert invoke("import", source, "--journal", journal, "--apply", *way)[0] == 3
    made = [*classic.world.store.all("invoices"), *classic.world.store.all("corrective_invoices")]
    assert int(found["to create"]) == len(made)
    with open_journal(journal) as opened:
        rejected = len(list(opened.entries([State.REJECTED])))
    assert rejected == int(found["rejected"]) + int(found["v3 would refuse"])


def test_a_dry_run_says_which_paid_date_is_taken(
    invoke: Invoke, journal: Path, tmp_path: Path
) -> None:
    """And that documents without a number get v3's, as the import will say."""
    paid = [invoice(n, status="zapłacona") for n in (1, 2)]
    source = archive(tmp_path, *paid, invoice(3, numer=None, status="szkic"))
    code, _, said = invoke("import", source, "--journal", journal, "--lang", "en")
    assert code == 0
    assert "warning paid.payment: 2" in said
    assert "warning number.missing: 1" in said
    said = invoke("import", source, "--journal", journal, "--paid-date", "invoice")[2]
    assert "paid.invoice: 2" in said


def test_a_dry_run_counts_what_is_planned_again(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str]
) -> None:
    """Mended documents are to be created, and not named as broken any more."""
    wrong = [invoice(n, razem_brutto="999.00") for n in (2, 3)]
    source = archive(tmp_path, invoice(1), *wrong)
    run = ["import", source, "--journal", journal, "--lang", "en"]
    assert invoke(*run, "--apply", *way)[0] == 3
    mended = archive(tmp_path, invoice(2), name="mended.json")
    assert invoke("journal", "retry", mended, "--journal", journal)[0] == 0
    code, _, said = invoke(*run)
    assert code == 3  # the other one would still not be created
    assert re.search(r"^to create +1$", said, re.MULTILINE)
    assert re.search(r"^rejected +0$", said, re.MULTILINE)
    assert re.search(r"^  rejected +1$", said, re.MULTILINE)
    assert "totals.contradict" not in said
    assert re.search(r"^created +2$", invoke(*run, "--apply", *way)[2], re.MULTILINE)


def test_a_dry_run_beside_a_journal_in_postgresql(
    invoke: Invoke, tmp_path: Path, way: list[str], postgres_url: str
) -> None:
    """It is copied like a file; page by page, and read only."""
    source = archive(tmp_path, *(invoice(n) for n in range(1, 6)))
    run = ["import", source, "--journal", postgres_url, "--lang", "en"]
    assert invoke(*run, "--only", "number=1/02/2013", "--apply", *way)[0] == 0
    code, _, said = invoke(*run)
    assert code == 0
    assert re.search(r"^to create +4$", said, re.MULTILINE)
    assert re.search(r"^in the journal already +1$", said, re.MULTILINE)


def test_an_import_speaks_of_its_own_sources(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str]
) -> None:
    """Those of others that the journal holds are one line, and no exit code."""
    bad = archive(tmp_path, invoice(1), invoice(2, razem_brutto="999.00"), name="bad.json")
    good = archive(tmp_path, invoice(3), invoice(4), name="good.json")
    run = ["--journal", journal, "--lang", "en"]
    assert invoke("import", bad, *run, "--apply", *way)[0] == 3
    page = tmp_path / "good.html"
    for mode in ([], ["--apply", "--html", page, *way]):
        code, _, said = invoke("import", good, *run, *mode)
        assert code == 0
        assert re.search(r"^documents read +2$", said, re.MULTILINE)
        assert re.search(r"^of other sources, in journal +2$", said, re.MULTILINE)
        assert "totals.contradict" not in said
    assert "totals.contradict" not in page.read_text("utf-8")
    assert invoke("import", bad, *run, "--apply", *way)[0] == 3


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
        (["--only", "date=2013-13"], "the calendar has no 2013-13"),
        (["--only", "date=2013-02-30.."], "the calendar has no 2013-02-30"),
        (["--only", "date=2014-01..2013-01"], "ends before it begins"),
        (["--max-rejects", "101%"], "0% to 100%"),
        (["--flat-rate", "999"], "'5.5'"),
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


#: What spoils a document, each in its own way, and the reason that is named.
BROKEN: dict[str, dict[str, Any]] = {
    "money.invalid": {"razem_brutto": "dużo"},
    "totals.contradict": {"razem_brutto": "999.00"},
    "date.invalid": {"data_wystawienia": "2013-02-31"},
    "import.kind": {"rodzaj_faktury": "Faktura Marża"},
    "enum.unknown": {"rodzaj_faktury": "Rachunek"},
    "buyer.rejected": {"client_nip": "9452121682"},
    "correction.no_original": {"rodzaj_faktury": "Faktura korygująca"},
    "correction.ambiguous": {
        "rodzaj_faktury": "Faktura korygująca", "numer_faktury_korygowanej": "1/02/2013",
        "data_faktury_korygowanej": "2013-02-02", "client_nip": NIPS[1],
    },
    "v3.refused": {"uwagi": "x" * 3501},
    "number.taken": {"numer": "200/TWICE"},
}  # fmt: skip


def test_one_in_twenty_is_broken_and_explained(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], classic: StandIn
) -> None:
    """The other 95 % are in the account, and each of the 5 % has its reason, place and advice."""
    broken = {20 * place: code for place, code in enumerate(BROKEN, 1)}
    documents = [
        invoice(n, **BROKEN[broken[n]]) if n in broken else invoice(n) for n in range(1, 201)
    ]
    documents.append(invoice(201, numer="200/TWICE"))
    source, page = archive(tmp_path, *documents), tmp_path / "page.html"
    run = ["import", source, "--journal", journal, "--apply", "--html", page, "--lang", "en", *way]
    assert invoke(*run)[0] == 3
    made = {row["notes"] for row in classic.world.store.all("invoices")}
    assert made == {f"uwaga {n}" for n in range(1, 201) if n not in broken}
    folder = tmp_path / "rejects"
    assert invoke("journal", "rejects", folder, "--journal", journal)[0] == 0
    reasons = [json.loads(text) for text in (folder / "reasons.jsonl").read_text().splitlines()]
    found = {one["position"]: one["code"] for one in reversed(reasons)}
    assert found == {**broken, 201: "number.taken"}
    told = page.read_text("utf-8")
    for code in BROKEN:
        assert tables().codes[code].sentences["en"] in html.unescape(told)


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
    page = tmp_path / "page.html"
    run = ["import", source, "--journal", journal, "--apply", "--clients", "embed", *way]
    assert invoke(*run, "--html", page, "--lang", "en")[0] == 3
    assert "Of some documents it is not known whether they are there." in page.read_text("utf-8")
    code, out, said = invoke("journal", "show", "--journal", journal)
    assert code == 3
    assert "2013-02-02  24.62  PLN" in out
    assert "import.no_answer" in said
    assert not classic.world.store.all("invoices")
    assert invoke("journal", "retry", "--unknown", "1", "--journal", journal)[0] == 0
    assert invoke(*run)[0] == 0
    assert len(classic.world.store.all("invoices")) == 1


def test_a_status_that_is_left_is_told_by_the_exit_code(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], classic: StandIn
) -> None:
    """The document is there, but not as it was wanted; the next run makes it so."""
    source = archive(tmp_path, invoice(3, status="zapłacona"))
    classic.fault("status", method="POST", path="/*/paid.json", times=1, status=422)
    page = tmp_path / "page.html"
    run = ["import", source, "--journal", journal, "--apply", "--html", page, "--lang", "en", *way]
    code, _, said = invoke(*run)
    assert code == 3
    assert re.search(r"^  status or PDF left +1$", said, re.MULTILINE)
    assert "The import is not complete." in page.read_text("utf-8")
    shown = invoke("journal", "show", "--journal", journal)[1]
    assert re.search(r"^  status or PDF left +1$", shown, re.MULTILINE)
    assert invoke(*run)[0] == 0


def test_a_chosen_document_that_waits_is_told_by_the_exit_code(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str]
) -> None:
    """A correction alone, whose original was not chosen: still planned, which is not all there."""
    original = invoice(1)
    taken = correction(2, original, [line("Usługa 1", -1, 1001)])
    run = ["import", archive(tmp_path, original, taken), "--journal", journal, "--apply", *way]
    assert invoke(*run, "--only", "number=2/KOR/2013")[0] == 3
    code, _, said = invoke(*run, "--only", "number=1/02/2013", "--lang", "en")
    assert code == 0
    assert re.search(r"^still planned +1$", said, re.MULTILINE)
    assert invoke(*run)[0] == 0


def test_a_pdf_that_is_left_counts_where_pdfs_are_wanted(
    invoke: Invoke, journal: Path, tmp_path: Path, way: list[str], classic: StandIn
) -> None:
    """A run without --pdf has nothing to do, and a document that was deleted needs none."""
    source = archive(tmp_path, invoice(3, status="zapłacona"))
    classic.fault("status", method="GET", path="/*/pdf.json", times=20, status=422)
    run = ["import", source, "--journal", journal, "--apply", *way]
    pdfs = ["--pdf", tmp_path / "pdf"]
    assert invoke(*run, *pdfs)[0] == 3
    assert invoke(*run)[0] == 0
    assert invoke(*run, *pdfs)[0] == 3
    classic.world.faults.clear()
    (made,) = classic.world.store.all("invoices")
    classic.world.store.delete("invoices", made["id"])
    assert invoke(*run, *pdfs)[0] == 0


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
        show(snapshot)  # nothing has changed: no line says the same again
        show(Snapshot(90, 0, 2, 0, 3, 0, ""))
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "42 of 100 done, 0 a minute, about 6 min left  limit: writes  rejected 2  in doubt 4",
        "92 of 100 done, 0 a minute, about 48 s left  limit: writes  rejected 2",
    ]


def test_the_limits_in_polish(invoke: Invoke, journal: Path, tmp_path: Path) -> None:
    """A number a minute, and no time where the limits hold nothing up."""
    source = archive(tmp_path, invoice(1))
    said = invoke("import", source, "--journal", journal, "--lang", "pl")[2]
    assert "zapisy: 150 na minutę" in said
    assert "potrwa to mniej niż minutę" in said


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "less than a minute"),
        (5, "5 s"),
        (600, "10 min"),
        (7200, "2 h 0 min"),
        (200_000, "2 d 7 h"),
    ],
)
def test_spans_of_time(seconds: float, text: str) -> None:
    """As people say them."""
    assert import_words.lasting(seconds, "en") == text
