"""`check --account`, and that a check foretells what an import does, on the stand-in."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.migrate.journal import State, open_journal
from infakt_compat.standin import StandIn
from infakt_compat.standin.world import World
from infakt_compat.v3 import V3Client
from tests.importing.archive import correction, invoice, line, mixed, write

from .support import GIVEN, NIP, checked, run

SAMPLES = Path(__file__).parents[2] / "legacy_samples"


def account(standin: StandIn, folder: Path, *documents: Any, **options: str) -> Any:
    """Check documents against the account."""
    path = write(folder / "archive.json", list(documents))
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    return run("check", path, "--account", *given, standin=standin)


def test_an_empty_account_takes_everything(current: StandIn, tmp_path: Path) -> None:
    """And nothing in it is changed: the one write asks for a document that cannot exist."""
    before = current.world.describe()["records"]
    done = account(current, tmp_path, invoice(2, numer="1/03/2013", client_nip=NIP))
    assert (done.code, done.codes()) == (0, {})
    assert done.counts()["buyers with a tax number"] == 1
    assert done.counts()["of these in the account"] == 0
    writes = [one for one in current.requests() if one["method"] != "GET"]
    assert [(one["method"], one["status"]) for one in writes] == [("PUT", 404)]
    assert current.world.describe()["records"] == before


def test_numbers_that_the_account_has(current: StandIn, tmp_path: Path) -> None:
    """The same document is there already; another one under its number keeps it out."""
    same, other = invoice(2, client_nip=NIP), invoice(3, client_nip=NIP)
    current.seed(invoices=[
        {"number": one["numer"], "invoice_date": one["data_wystawienia"], "gross_price": gross}
        for one, gross in ((same, int(same["razem_brutto"].replace(".", ""))), (other, 1))
    ])  # fmt: skip
    done = account(current, tmp_path, same, other)
    assert done.code == 3
    codes = done.codes()
    assert (codes["import.already"], codes["number.in_account"]) == (1, 1)
    assert done.counts()["v3 would refuse"] == 1


def test_a_large_account_is_asked_number_by_number(current: StandIn, tmp_path: Path) -> None:
    """One call for one document, not a page for every hundred that the account has."""
    current.seed(invoices=[{"number": f"{n}/01/2020"} for n in range(250)])
    done = account(current, tmp_path, invoice(2, client_nip=NIP, numer="1/03/2013"))
    assert done.code == 0
    reads = [one["path"] for one in current.requests("GET") if "invoices" in one["path"]]
    assert len(reads) <= 3


def test_clients_of_the_account(current: StandIn, tmp_path: Path) -> None:
    """By the digits of their tax number; several of one number are said; ids are looked for."""
    current.seed(clients=[
        {"id": 102, "company_name": "Firma 2", "nip": "525-224-84-81", "country": "PL"},
        {"company_name": "Firma dwa", "nip": NIP, "country": "PL"},
    ])  # fmt: skip
    own = invoice(2, client_nip=NIP, numer="1/03/2013")
    done = account(current, tmp_path, own)
    assert done.counts()["of these in the account"] == 1
    assert done.codes() == {"buyer.several_in_account": 1}
    stranger = invoice(14, client_id=999, client_nip=NIP, numer="2/03/2013")
    done = account(current, tmp_path, own, stranger, clients="keep")
    assert done.code == 3
    assert done.codes()["buyer.no_such_id"] == 1


def test_what_the_account_lacks(current: StandIn, tmp_path: Path) -> None:
    """A bank account for transfers, a ground of exemption, the rate of lump-sum tax."""
    for bank in list(current.world.store.all("bank_accounts")):
        current.world.store.delete("bank_accounts", bank["id"])
    current.configure("account", flat_rate=True, ksef=False)
    exempt = line("Usługa", 1, 1000) | {
        "stawka_vat": "zw", "vat": "0.0", "wartosc_brutto": "10.00",
    }  # fmt: skip
    totals = {"razem_netto": "10.00", "razem_vat": "0.0", "razem_brutto": "10.00"}
    done = account(
        current, tmp_path,
        invoice(2, numer="1/03/2013", client_nip=NIP, sposob_platnosci="Przelew"),
        invoice(14, [exempt], numer="2/03/2013", client_nip=NIP, podstawa_zwolnienia=77, **totals),
    )  # fmt: skip
    assert done.code == 3
    codes = done.codes()
    assert codes["flat_rate.required"] == 2
    assert codes["ksef.not_active"] == 1
    done = account(
        current, tmp_path,
        invoice(2, numer="1/03/2013", client_nip=NIP, sposob_platnosci="Przelew"),
        invoice(14, [exempt], numer="2/03/2013", client_nip=NIP, podstawa_zwolnienia=77, **totals),
        **{"flat-rate": "3"},
    )  # fmt: skip
    codes = done.codes()
    assert (codes["bank.required"], codes["exemption.unknown"]) == (1, 1)
    assert done.counts()["v3 would refuse"] == 2


def test_a_ground_of_exemption_that_the_account_does_not_have(
    current: StandIn, tmp_path: Path
) -> None:
    """Given for all, it would keep every exempt document out."""
    done = account(
        current, tmp_path, invoice(2, numer="1/03/2013", client_nip=NIP), exemption="4711"
    )
    assert done.code == 3
    assert done.codes() == {"exemption.unknown": 1}
    assert "let nothing be created" in done.out


def test_a_correction_whose_original_is_in_the_account(current: StandIn, tmp_path: Path) -> None:
    """It is looked for there; one that is nowhere is refused."""
    original = invoice(2, client_nip=NIP)
    current.seed(invoices=[{"number": original["numer"]}])
    here = correction(1, original, [line("Usługa 2", -1, 1002)], client_nip=NIP)
    gone = correction(2, {**original, "numer": "9/09/2009"}, [line("U", -1, 1)], client_nip=NIP)
    done = account(current, tmp_path, here, gone)
    assert done.codes()["correction.no_original"] == 1
    assert done.codes()["correction.elsewhere"] == 1  # the refused one is not looked for again
    assert done.counts()["v3 would refuse"] == 1


def test_what_the_key_may_do(current: StandIn, tmp_path: Path) -> None:
    """A key without a scope is said, as is one that is none at all."""
    document = invoice(2, numer="1/03/2013", client_nip=NIP)
    keys = {"reader": ["api:invoices:read"], "writer": ["api:invoices:write"]}
    current.seed(keys=[{"key": key, "scopes": scopes} for key, scopes in keys.items()])
    path = write(tmp_path / "archive.json", [document])
    for key, code in (("reader", "key.cannot_write"), ("writer", "key.cannot_read")):
        done = run("check", path, "--account", standin=Keyed(current, key))
        assert done.code == 3
        assert done.codes()[code] == 1
        assert "v3 would take, if the account let it" in done.counts()
        assert "v3 would take" not in done.counts()
    assert ".json: api:invoices:read" in done.out
    done = run("check", path, "--account", standin=Keyed(current, "nobody"))
    assert done.code == 5
    assert "could not be read" in done.err
    assert done.counts()["v3 would take"] == 1
    assert "nobody" not in done.err + done.out


def test_a_key_that_may_not_read_bank_accounts(current: StandIn, tmp_path: Path) -> None:
    """Its own scope is named; an import goes without, so nothing is held up."""
    scopes = ["api:invoices:read", "api:invoices:write", "api:accounting:read"]
    current.seed(keys=[{"key": "plain", "scopes": scopes}])
    path = write(tmp_path / "archive.json", [invoice(2, numer="1/03/2013", client_nip=NIP)])
    done = run("check", path, "--account", standin=Keyed(current, "plain"))
    assert (done.code, done.codes()) == (0, {"bank.not_read": 1})
    assert "api:sensitive:bank_accounts:read" in done.out
    assert done.counts()["v3 would take"] == 1


class Keyed(StandIn):
    """A running stand-in, seen with another key."""

    def __init__(self, standin: StandIn, key: str) -> None:
        """Take the running one's place."""
        super().__init__()
        self._other, self._key = standin, key

    @property
    def world(self) -> World:
        """Give what is inside the running one."""
        return self._other.world

    @property
    def url(self) -> str:
        """Give the running one's base."""
        return self._other.url

    @property
    def api_key(self) -> str:
        """Give the other key."""
        return self._key


def test_no_key(tmp_path: Path) -> None:
    """Where it belongs is said, and nothing is read."""
    done = run("check", write(tmp_path / "a.json", [invoice(1)]), "--account")
    assert done.code == 2
    assert "INFAKT_API_KEY" in done.err


@pytest.mark.parametrize("archive", ["samples", "mixed"])
def test_a_check_foretells_the_import(classic: StandIn, tmp_path: Path, archive: str) -> None:
    """What it says v3 would refuse is what an import does not create, document by document."""
    sources = tmp_path / "sources"
    if archive == "samples":
        names = [*SAMPLES.glob("*.xml"), *SAMPLES.glob("*.json*")]
        sources.mkdir()
        for path in names:
            shutil.copy(path, sources / path.name)
    else:
        sources.mkdir()
        documents = mixed(60, 7)
        broken = [invoice(n, services=[]) for n in range(500, 503)]
        write(sources / "archive.json", [*documents, *broken, documents[3]])
    told = ["--sale-type", GIVEN.sale_type, "--exemption", GIVEN.exemption]
    foretold = run("check", sources, "--account", *told, standin=classic)
    journal = tmp_path / "journal.db"
    imported = run("import", sources, "--journal", journal, "--apply", *told, standin=classic)
    assert (foretold.code, imported.code) == (3, 3)
    with open_journal(journal) as opened:
        states = [entry.state for entry in opened.entries()]
    counts = foretold.counts()
    assert counts["v3 would take"] == states.count(State.DONE)
    assert counts["v3 would refuse"] == len(states) - states.count(State.DONE)
    again = run("check", sources, "--account", *told, standin=classic)
    assert again.codes()["import.already"] == states.count(State.DONE) - unnumbered(journal)


def unnumbered(journal: Path) -> int:
    """Count the created documents that the archive gave no number, and the clients."""
    with open_journal(journal) as opened:
        return sum(
            entry.state is State.DONE and (not entry.number or entry.family == "clients")
            for entry in opened.entries()
        )


def test_the_classic_dialect(tmp_path: Path) -> None:
    """The account of the first documentation is read as well."""
    with StandIn(dialect="classic") as standin:
        path = write(tmp_path / "a.json", [invoice(2, numer="1/03/2013", client_nip=NIP)])
        done = run("check", path, "--account", standin=standin)
        assert (done.code, done.codes()) == (0, {})
        with V3Client(standin.api_key, standin.url, "classic") as v3:
            assert v3.invoices.list().total_count == 0


def test_the_same_findings_without_an_account(tmp_path: Path) -> None:
    """What an account alone can say is said with --account only."""
    with checked(tmp_path, invoice(2, numer="1/03/2013", client_nip=NIP)) as check:
        assert not check.blocked
        assert check.taken == 1
