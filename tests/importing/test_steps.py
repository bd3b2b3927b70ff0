"""What comes after a create, and what a payment, KSeF and the dialect allow of it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from infakt_compat.migrate.importing.ahead import ahead
from infakt_compat.migrate.importing.run import Stopped
from infakt_compat.migrate.importing.settings import Settings
from infakt_compat.migrate.journal import State
from infakt_compat.standin import StandIn
from infakt_compat.v3.api import CLASSIC, CURRENT

from .archive import invoice
from .moves import Move

Moves = Callable[[StandIn], Move]
DONE = State.DONE


def test_what_is_left_unpaid_has_no_paid_amount(move: Moves, standin: StandIn) -> None:
    """The whole total is left to pay, also where the archive names a day; the amount is said."""
    moving = move(standin)
    paid = invoice(1, status="zapłacona", zaplacono="24.62", data_oplacenia="2013-02-20")
    part = invoice(2, status="wydrukowana", zaplacono="10.00")
    moving.moved(paid, part, paid_date="none", clients="embed")
    row, other = sorted(moving.there(), key=lambda one: str(one["notes"]))
    assert (row["paid_price"], row["left_to_pay"]) == (0, row["gross_price"])
    assert row["status"] != "paid"
    assert other["paid_price"] == 1000
    faults = moving.entries()[0].faults
    assert ("paid.not_carried", "24.62") in [(one.code, one.detail) for one in faults]


def test_without_a_due_date_the_invoice_date_is_taken(move: Moves, standin: StandIn) -> None:
    """And said: never the day of the import, unless there is no date at all."""
    moving = move(standin)
    undue = invoice(1, status="zapłacona", termin_zaplaty=None)
    undated = invoice(2, status="zapłacona", termin_zaplaty=None, data_wystawienia=None)
    moving.moved(undue, undated, clients="embed")
    assert [(one.paid_date, one.paid_by) for one in moving.entries()] == [
        ("2013-02-02", "invoice"), (date.today().isoformat(), "today"),
    ]  # fmt: skip


# ---- KSeF


@pytest.mark.parametrize("looks", [0, 3])
def test_a_pdf_of_what_is_in_ksef_leaves_it_printed(
    move: Moves, current: StandIn, tmp_path: Path, looks: int
) -> None:
    """v3 changes the status no more: nothing is tried, and it is said."""
    current.configure("ksef", looks=looks)
    moving = move(current)
    archive = [invoice(1, status="wysłana"), invoice(2, status="zapłacona")]
    moving.moved(*archive, send_to_ksef=True, pdf=tmp_path / "pdf", clients="embed")
    assert moving.states() == [DONE, DONE]
    assert [entry.owing for entry in moving.entries()] == ["", ""]
    assert moving.codes() == ["import.in_ksef"]
    assert not current.requests("PUT")
    assert {row["notes"]: row["status"] for row in moving.there()} == {
        "uwaga 1": "printed", "uwaga 2": "paid",
    }  # fmt: skip
    assert len(list((tmp_path / "pdf").iterdir())) == 2


def test_a_pdf_saved_later_finds_the_status_closed(
    move: Moves, current: StandIn, tmp_path: Path
) -> None:
    """v3 refuses to give it back: no failure, and nothing is left owing."""
    moving = move(current)
    moving.moved(invoice(1, status="wysłana"), send_to_ksef=True, clients="embed")
    moving.run(pdf=tmp_path / "pdf", clients="embed")
    (entry,) = moving.entries()
    assert (entry.owing, entry.saved, moving.codes()) == ("", True, ["import.in_ksef"])


def test_a_status_is_written_before_the_pdf_of_what_goes_to_ksef(
    move: Moves, current: StandIn, tmp_path: Path
) -> None:
    """A document without a status is a draft, and goes nowhere."""
    current.configure("quirks", status_writable=False)
    moving = move(current)
    archive = [invoice(1, status="zapłacona"), invoice(2, status=None)]
    moving.moved(*archive, send_to_ksef=True, pdf=tmp_path / "pdf", clients="embed")
    rows = {row["notes"]: row for row in moving.there()}
    assert rows["uwaga 1"]["status"] == "paid"
    assert rows["uwaga 2"]["ksef_data"] is None
    calls = [one["path"].rpartition("/")[2] for one in current.requests()]
    assert calls.index("paid.json") < calls.index("pdf.json")
    assert calls.count("pdf.json") == 1


def test_a_step_that_v3_refuses_is_no_refused_document(move: Moves, standin: StandIn) -> None:
    """It is created, with a step owing, in words of its own; the next run brings it about."""
    moving = move(standin)
    moving.plan(invoice(1, status="wydrukowana", uwagi="x"), invoice(2, status="zapłacona"))
    standin.configure("quirks", status_writable=False)
    paid = "/async/invoices/*/paid.json" if standin.world.dialect == "current" else "/*/paid.json"
    standin.fault("status", method="POST", path=paid, times=1, status=422)
    moving.run(clients="embed")
    entry = moving.entries()[1]
    assert (entry.state, entry.owing) == (DONE, "status")
    assert [one.code for one in entry.faults] == ["import.step_refused"]
    moving.run(clients="embed")
    entry = moving.entries()[1]
    assert (entry.owing, entry.faults) == ("", ())
    assert "paid" in {row["status"] for row in moving.there()}


# ---- the classic dialect


def test_the_classic_v3_is_tried_once(move: Moves, classic: StandIn) -> None:
    """It shows that it takes no status: the others cost no write, and all of them are named."""
    moving = move(classic)
    moving.moved(*(invoice(n, status="wysłana") for n in range(1, 6)), clients="embed")
    assert len(classic.requests("PUT")) == 1
    assert moving.codes() == ["import.status"] * 5
    assert not any(entry.owing for entry in moving.entries())


def test_a_classic_v3_that_takes_a_status_gets_it(move: Moves, classic: StandIn) -> None:
    """By an update, as the gateway does it."""
    classic.configure("quirks", status_writable=True)
    moving = move(classic)
    moving.moved(*(invoice(n, status="wysłana") for n in range(1, 4)), clients="embed")
    assert {row["status"] for row in moving.there()} == {"sent"}
    assert moving.codes() == []


def test_a_dry_run_counts_what_goes_to_ksef_and_what_stays_a_draft(
    move: Moves, standin: StandIn, tmp_path: Path
) -> None:
    """Of what is planned and chosen; nothing is said where there is nothing."""
    moving = move(standin)
    words = ("wysłana", "wydrukowana", "szkic", "zapłacona")
    archive = [invoice(n, status=word) for n, word in enumerate(words, 1)]
    moving.plan(*archive, invoice(9, rodzaj_faktury="Faktura proforma", status="wysłana"))
    ksef = Settings(send_to_ksef=True)
    found = [(one.code, one.count) for one in ahead(moving.journal, ksef, CURRENT)]
    assert found == [("import.to_ksef", 3)]
    plain, saved = Settings(), Settings(pdf=tmp_path)
    assert [one.count for one in ahead(moving.journal, plain, CLASSIC)] == [3]
    assert [one.count for one in ahead(moving.journal, saved, CLASSIC)] == [2]
    assert ahead(moving.journal, plain, CURRENT) == []


@pytest.mark.parametrize("there", [True, False])
def test_the_wrong_dialect_stops_before_anything_is_rejected(
    move: Moves, standin: StandIn, there: bool
) -> None:
    """In an account with documents, and in an empty one."""
    other = "classic" if standin.world.dialect == "current" else "current"
    moving = move(standin)
    if there:
        moving.moved(invoice(9), clients="embed")
    before = len(moving.there())
    moving.plan(*(invoice(n, status="zapłacona") for n in range(1, 4)), name="more.json")
    moving.dialect = other
    with pytest.raises(Stopped) as stopped:
        moving.run(clients="embed")
    assert stopped.value.advice == "dialect"
    assert State.REJECTED not in moving.states()
    if there or other == "current":
        assert len(moving.there()) == before


@pytest.mark.parametrize(("status", "advice"), [(401, "key"), (403, "forbidden")])
def test_what_a_key_may_not_do_says_what_to_check(
    move: Moves, standin: StandIn, status: int, advice: str
) -> None:
    """Nothing is rejected for it."""
    moving = move(standin)
    moving.plan(invoice(1))
    standin.fault("status", method="POST", path="/*", times=9, status=status)
    with pytest.raises(Stopped) as stopped:
        moving.run(clients="embed")
    assert stopped.value.advice == advice
    assert moving.states() == [State.PLANNED]
