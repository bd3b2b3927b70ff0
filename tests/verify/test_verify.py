"""`verify` against the stand-in: what an import made, and what somebody made of it since."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.migrate.report.words import field_name
from infakt_compat.standin import StandIn
from tests.check.support import run
from tests.importing.archive import NIPS, correction, invoice, line, write
from tests.verify.support import Moved, imported, settled


def documents() -> list[dict[str, Any]]:
    """Give an archive: invoices, a proforma, a correction, a fine price, gaps."""
    made = [settled(number) for number in range(1, 9)]
    # 3 x 11.115 zloty: v3 holds no price finer than a grosz.
    fine = line("Drobne", 3, 1111) | {
        "cena_netto": "11.115", "wartosc_netto": "33.35", "vat": "7.67", "wartosc_brutto": "41.02",
    }  # fmt: skip
    totals = {"razem_netto": "33.35", "razem_vat": "7.67", "razem_brutto": "41.02"}
    taken = line("Usługa 2", -1, 1002)
    return [
        *made,
        settled(20, rodzaj_faktury="Faktura proforma", numer="1/PROF/2013"),
        settled(21, [fine], **totals),
        settled(22, termin_zaplaty=None, uwagi=None),
        correction(1, made[1], [taken], status="szkic"),
    ]


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Moved]:
    """Give an account after an import, in the dialect that has no tasks to wait for."""
    with StandIn(dialect="classic") as standin:
        yield imported(tmp_path, standin, documents())


def test_everything_is_there(moved: Moved) -> None:
    """Field by field; what v3 computes itself is explained, and counts as a difference."""
    done = moved.verify()
    assert done.code == 7
    assert done.codes() == {"price.unit_precision": 1, "v3.filled": 1}
    counts = done.counts()
    assert counts["read"] == counts["compared with v3"] == 12
    assert (counts["the same in every field"], counts["with explained differences"]) == (10, 2)
    assert counts["with unexplained differences"] == 0
    assert "each once" in done.out


def test_the_same_in_every_field(tmp_path: Path) -> None:
    """0 where nothing at all differs, also with what v2 alone knew kept beside it."""
    made = [settled(number) for number in range(1, 5)]
    made[0]["services"][0]["product_id"] = 17
    with StandIn(dialect="classic") as standin:
        done = imported(tmp_path, standin, [made[0], *made[2:]]).verify()
    assert (done.code, done.codes()) == (0, {})
    assert done.counts()["the same in every field"] == 3


CHANGES: dict[str, tuple[str, dict[str, Any], str]] = {
    "a text": ("3/04/2013", {"notes": "inne"}, "uwagi"),
    "the day of issue": ("3/04/2013", {"invoice_date": "2026-01-31"}, "data_wystawienia"),
    "a date": ("3/04/2013", {"sale_date": "2013-04-05"}, "data_sprzedazy"),
    "the payment method": ("3/04/2013", {"payment_method": "card"}, "sposob_platnosci"),
    "the buyer": ("3/04/2013", {"client_company_name": "Kto inny"}, "client_nazwa_firmy"),
    "the buyer's number": ("3/04/2013", {"client_tax_code": NIPS[0]}, "client_nip"),
    "a line": (
        "3/04/2013",
        {"services": [{"name": "Usługa 3", "tax_symbol": "8", "unit_net_price": 1003}]},
        "services[0].stawka_vat",
    ),
    "a price": (
        "3/04/2013",
        {"services": [{"name": "Usługa 3", "tax_symbol": "23", "unit_net_price": 1004}]},
        "services[0].cena_netto",
    ),
    "one line more": (
        "3/04/2013",
        {"services": [{"name": n, "tax_symbol": "23", "unit_net_price": 1} for n in "ab"]},
        "services",
    ),
    "the number": ("3/04/2013", {"number": "3a/04/2013"}, "numer"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_somebody_changed_since(moved: Moved, what: str) -> None:
    """Nothing explains it: it is a defect, named with both values."""
    number, change, path = CHANGES[what]
    with moved.v3 as v3:
        v3.invoices.update(moved.entry(number).id or 0, change)
    page = moved.archive.with_name("page.html")
    done = moved.verify("--html", page)
    assert done.code == 7
    assert done.counts()["with unexplained differences"] == 1
    assert done.codes()["verify.differs"] >= 1
    text = page.read_text("utf-8")
    assert f"<code>{field_name(path, 'en')}</code>" in text
    assert "nothing explains it" in text


def test_a_text_that_v3_never_fills(moved: Moved) -> None:
    """Where the archive has none, v3 fills dates and totals and no notes."""
    before = moved.verify().codes()
    with moved.v3 as v3:
        v3.invoices.update(moved.entry("22/11/2013").id or 0, {"notes": "dopisane"})
    done = moved.verify()
    assert done.code == 7
    assert done.codes() == {**before, "verify.differs": 1}
    assert done.counts()["with unexplained differences"] == 1


def test_long_texts_are_cut_where_they_differ(tmp_path: Path) -> None:
    """On standard output, and less so on the page."""
    long = "słowo " * 200
    page = tmp_path / "page.html"
    with StandIn(dialect="classic") as standin:
        moved = imported(tmp_path, standin, [settled(2, uwagi=long + "tak" + long)])
        with moved.v3 as v3:
            v3.invoices.update(moved.entry("2/03/2013").id or 0, {"notes": long + "nie" + long})
        done = moved.verify("--html", page)
    line = next(line for line in done.out.splitlines() if "uwagi" in line)
    assert len(line) < 400
    assert "słowo taksłowo" in line
    assert "słowo niesłowo" in line
    assert line.count("…") == 4
    text = page.read_text("utf-8")
    assert f"…{('słowo ' * 40)[-120:]}nie" in text
    assert long not in text


def test_the_ground_of_exemption_that_was_given_for_all(tmp_path: Path) -> None:
    """`--exemption` is a reason of its own: v3 fills no such field."""
    free = line("Szkolenie", 1, 1000, 0) | {"stawka_vat": "zw"}
    with StandIn(dialect="classic") as standin:
        moved = imported(tmp_path, standin, [settled(2, [free]), settled(4)])
        assert moved.verify().codes() == {"exemption.given": 1}
        with moved.v3 as v3:
            v3.invoices.update(moved.entry("4/05/2013").id or 0, {"vat_exemption_reason": 1})
        assert moved.verify().codes() == {"exemption.given": 1, "verify.differs": 1}


@pytest.mark.parametrize("name", ["gross_price", "tax_price"])
def test_a_total_that_is_another(moved: Moved, name: str) -> None:
    """Rounding explains what v3 was expected to compute, and no other total."""
    entry = moved.entry("21/10/2013")
    row = moved.standin.world.store.get("invoices", entry.id or 0) or {}
    moved.standin.world.store.put("invoices", {**row, name: row[name] + 1})
    done = moved.verify()
    assert done.counts()["with unexplained differences"] == 1
    assert done.codes()["verify.differs"] == 1


def test_a_document_that_is_gone(moved: Moved) -> None:
    """Missing, and missing in the sums."""
    entry = moved.entry("3/04/2013")
    with moved.v3 as v3:
        v3.invoices.delete(entry.id or 0)
    done = moved.verify()
    assert done.code == 7
    assert done.codes()["verify.missing"] == 1
    assert done.counts()["of these not in v3"] == 1


def test_a_number_that_is_there_twice(moved: Moved) -> None:
    """Each document once: a second one under the number is found."""
    moved.standin.seed(invoices=[{"number": "3/04/2013", "invoice_date": "2013-04-04"}])
    done = moved.verify()
    assert done.code == 7
    assert done.codes()["verify.twice"] == 1


def test_another_client(moved: Moved) -> None:
    """The saved client has to be the one that the import found or made."""
    with moved.v3 as v3:
        other = v3.clients.create({"company_name": "Inny", "country": "PL"})
        v3.invoices.update(moved.entry("3/04/2013").id or 0, {"client_id": other["id"]})
    done = moved.verify()
    assert done.code == 7
    assert done.counts()["with unexplained differences"] == 1
    assert "client_id" in done.out


def test_a_correction_is_compared_with_what_was_proven(moved: Moved) -> None:
    """Its rows before and after, and the difference that they come to."""
    entry = moved.entry("1/KOR/2013")
    with moved.v3 as v3:
        row = v3.corrective_invoices.show(entry.id or 0)
    assert row["gross_price"] < 0
    changed = {**row, "services": [dict(one) for one in row["services"]]}
    changed["services"][1]["quantity"] = 7
    moved.standin.world.store.put("corrective_invoices", changed)
    done = moved.verify()
    assert done.counts()["with unexplained differences"] == 1
    assert "services[1].quantity" in done.out


def test_what_was_not_created(tmp_path: Path) -> None:
    """3, with the journal's reasons; a repeated document is one."""
    made = documents()
    with StandIn(dialect="classic") as standin:
        moved = imported(tmp_path, standin, [*made, settled(30, services=[]), made[0]])
        done = moved.verify()
    assert done.code == 3
    assert done.counts()["not created, as the journal says"] == 1
    assert done.counts()["the same again"] == 1


def test_what_is_not_known(tmp_path: Path) -> None:
    """3 as well, apart from what was not created: it may be there, and there is no reject."""
    with StandIn(dialect="classic") as standin:
        moved = imported(tmp_path, standin, [settled(2)], "--clients", "embed")
        standin.fault("drop_before", method="POST", path="/invoices.json")
        nameless = write(tmp_path / "nameless.json", [invoice(1, numer=None, invoice_id=None)])
        moved.apply(nameless, "--settle", "0")
        done = moved.verify(nameless)
    assert done.code == 3
    assert done.counts()["not known whether they are in v3"] == 1
    assert done.counts()["not created, as the journal says"] == 0
    assert "1 documents are in v3; whether 1 more are is not known." in done.out
    assert "journal show" in done.out
    assert "journal rejects" not in done.out


def test_a_document_that_was_not_imported(moved: Moved) -> None:
    """It is no part of this journal."""
    write(moved.archive, [*documents(), invoice(77)])
    done = moved.verify()
    assert done.code == 7
    assert done.codes()["verify.unplanned"] == 1


@pytest.mark.parametrize("option", ["none", "today"])
def test_the_day_of_payment(tmp_path: Path, option: str) -> None:
    """v2 kept none: left unpaid it is said, and the day that was taken is looked at."""
    with StandIn(dialect="classic") as standin:
        moved = imported(tmp_path, standin, [settled(3)], "--paid-date", option)
        done = moved.verify()
        assert done.codes() == ({"paid.none": 1} if option == "none" else {})
        entry = moved.entry("3/04/2013")
        if option == "today":
            row = standin.world.store.get("invoices", entry.id or 0)
            standin.world.store.put("invoices", {**(row or {}), "paid_date": "2013-05-05"})
            assert "data_oplacenia" in moved.verify().out


def test_few_calls(tmp_path: Path) -> None:
    """Lists of a hundred; in a large account, one call a document instead."""
    made = [settled(number) for number in range(1, 41)]
    with StandIn(dialect="classic") as standin:
        moved = imported(tmp_path, standin, made)
        before = len(standin.requests())
        assert moved.verify().code == 0
        assert len(standin.requests()) - before <= 4
        one = settled(41)
        day = {"invoice_date": one["data_wystawienia"]}
        standin.seed(invoices=[{"number": f"X{n}", **day} for n in range(300)])
        (tmp_path / "few").mkdir()
        few = imported(tmp_path / "few", standin, [one])
        before = len(standin.requests())
        assert few.verify().code == 0
        assert len(standin.requests()) - before <= 4
        with few.v3 as v3:
            v3.invoices.update(few.entry("41/06/2013").id or 0, {"number": "inny"})
        assert few.verify().codes() == {"verify.differs": 1}


def test_clients_of_the_archive(tmp_path: Path) -> None:
    """Client documents are compared as well."""
    client = {"client": {"client_id": 7, "nazwa_firmy": "Klient", "panstwo": "Polska",
                         "nip": NIPS[0], "miejscowosc": "Kraków"}}  # fmt: skip
    with StandIn(dialect="classic") as standin:
        path = tmp_path / "clients.jsonl"
        moved = imported(tmp_path, standin, [])
        path.write_text(str(client).replace("'", '"'), "utf-8")
        moved = Moved(standin, path, tmp_path / "clients.db")
        run("import", path, "--journal", moved.journal, "--apply", standin=standin)
        assert moved.verify().codes().keys() <= {"v3.filled"}
        with moved.v3 as v3:
            (row,) = v3.clients.list().entities
            v3.clients.update(row["id"], {"city": "Łódź"})
        done = moved.verify()
        assert done.code == 7
        assert "Kraków / Łódź" in done.out


def test_the_current_dialect(tmp_path: Path) -> None:
    """Today's v3: uuids, by which a document is found whatever its date, and more fields."""
    with StandIn() as standin:
        moved = imported(tmp_path, standin, documents()[:3])
        done = moved.verify()
        assert (done.code, done.codes()) == (0, {})
        row = standin.world.store.get("invoices", moved.entry("3/04/2013").id or 0)
        standin.world.store.put("invoices", {**(row or {}), "invoice_date": "2026-01-31"})
        assert moved.verify().codes() == {"verify.differs": 1}


def test_another_account(moved: Moved) -> None:
    """A journal belongs to its account."""
    moved.standin.configure("account", nip="5252248481")
    standin = moved.standin
    done = run("verify", moved.archive, "--journal", moved.journal, standin=standin)
    assert done.code == 2
    assert "another account" in done.err


def test_usage(moved: Moved, tmp_path: Path) -> None:
    """No journal, no place for the page, no v3."""
    done = run("verify", moved.archive, "--journal", tmp_path / "none.db", standin=moved.standin)
    assert done.code == 2
    assert "no journal" in done.err
    assert not (tmp_path / "none.db").exists()
    assert moved.verify("--html", tmp_path / "no" / "page.html").code == 2
    assert run("verify", "-", "--journal", moved.journal, standin=moved.standin).code == 2
    moved.standin.fault("status", status=401, times=1)
    assert moved.verify().code == 5


def test_a_source_that_breaks(moved: Moved) -> None:
    """4, and what stands before the break is compared."""
    text = moved.archive.read_text("utf-8")
    moved.archive.write_text(text[: text.index('"3/04/2013"')], "utf-8")
    done = moved.verify()
    assert done.code == 4
    assert done.counts()["compared with v3"] == 2
