"""Numbers that come twice, with blanks, or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.migrate.journal import State
from infakt_compat.migrate.planning import conflicts
from infakt_compat.migrate.planning.planner import plan
from infakt_compat.migrate.planning.retry import Retried, retry, retry_all
from infakt_compat.migrate.source import find_sources
from infakt_compat.standin import StandIn
from tests.check.support import run

from .archive import Document, correction, invoice, line, write
from .moves import Move

Moves = Callable[[StandIn], Move]
PLANNED, DONE, REJECTED = State.PLANNED, State.DONE, State.REJECTED
SAME = "1/02/2013"


def take_up(moving: Move, *documents: Document) -> Retried:
    """Retry documents."""
    path = write(moving.folder / "retried.json", list(documents))
    return retry(moving.journal, find_sources([str(path)]))


def test_of_two_documents_with_one_number_none_is_created(move: Moves, standin: StandIn) -> None:
    """Each names the other; the same document again is no other one."""
    moving = move(standin)
    first, second = invoice(1), invoice(2, numer=SAME)
    moving.moved(first, second, first, invoice(3))
    assert moving.states() == [REJECTED, REJECTED, DONE]
    faults = [entry.faults[0] for entry in moving.entries()[:2]]
    assert [fault.code for fault in faults] == ["number.taken"] * 2
    assert [fault.detail.rpartition("/")[2] for fault in faults] == [
        "archive.json, 2", "archive.json, 1",
    ]  # fmt: skip
    assert [row["number"] for row in moving.there()] == ["3/04/2013"]


def test_a_number_that_is_created_is_kept(move: Moves, standin: StandIn) -> None:
    """A later source's document of that number is refused, and names the one that has it."""
    moving = move(standin)
    moving.moved(invoice(1))
    moving.plan(invoice(2, numer=SAME), name="more.json")
    assert moving.states() == [DONE, REJECTED]
    assert moving.entries()[1].faults[0].detail.endswith("archive.json, 1")


def test_a_proforma_that_is_created_keeps_its_number(move: Moves, standin: StandIn) -> None:
    """An invoice goes before proformas only while none of them is in the account."""
    moving = move(standin)
    moving.moved(invoice(1, rodzaj_faktury="Faktura proforma", status="szkic"))
    moving.plan(invoice(2, numer=SAME), name="more.json")
    assert moving.states() == [DONE, REJECTED]
    assert moving.codes() == ["number.taken"]


@pytest.mark.parametrize("held", [{"numer": SAME}, {"invoice_id": 5001, "numer": "other"}])
def test_what_is_held_back_holds_back_later_sources(
    move: Moves, classic: StandIn, held: dict[str, Any]
) -> None:
    """A third document of the number, or of the id, is no less a guess than the first two."""
    moving = move(classic)
    versions = "invoice_id" in held
    moving.plan(invoice(1), invoice(1, uwagi="b") if versions else invoice(2, numer=SAME))
    moving.plan(invoice(3, **held), name="more.json")
    assert moving.states() == [REJECTED] * 3
    assert moving.codes() == ["document.versions" if versions else "number.taken"] * 3
    third = moving.entries()[2].faults[0].detail
    assert third.count("archive.json, ") == 2


def test_a_number_of_two_versions_and_a_third_document(move: Moves, classic: StandIn) -> None:
    """It would be a guess that it is the third's."""
    moving = move(classic)
    moving.plan(invoice(1), invoice(1, uwagi="nowsza"), invoice(2, numer=SAME))
    assert moving.codes() == ["document.versions", "document.versions", "number.taken"]


def test_the_one_that_is_taken_up_is_created(move: Moves, standin: StandIn) -> None:
    """The other stays out, also when another source is planned before the next run."""
    moving = move(standin)
    first, second = invoice(1), invoice(2, numer=SAME)
    moving.plan(first, second)
    done = take_up(moving, second)
    assert (done.count, done.refused, done.missed) == (1, 0, [])
    moving.plan(invoice(3), name="more.json")
    moving.run()
    assert moving.states() == [REJECTED, DONE, DONE]
    done = take_up(moving, first)
    assert (done.count, done.refused) == (0, 1)


def test_without_a_file_what_is_held_back_stays_so(move: Moves, classic: StandIn) -> None:
    """Nobody has said which is right; one that was chosen stays chosen."""
    moving = move(classic)
    moving.plan(invoice(1), invoice(2, numer=SAME))
    assert retry_all(moving.journal).count == 0
    assert moving.codes() == ["number.taken"] * 2
    take_up(moving, invoice(1))
    assert retry_all(moving.journal).count == 0
    assert moving.states() == [PLANNED, REJECTED]


@pytest.mark.parametrize("number", [5001, None])
@pytest.mark.parametrize("both", [True, False])
def test_with_a_number_of_its_own_both_are_created(
    move: Moves, standin: StandIn, number: int | None, both: bool
) -> None:
    """Known again by v2's id, else by all but its number; the other one is free then."""
    moving = move(standin)
    first = invoice(1, invoice_id=number)
    second = invoice(2, numer=SAME, invoice_id=number and number + 1)
    moving.plan(first, second)
    mended = {**second, "numer": "1a/02/2013"}
    done = take_up(moving, *([mended, first] if both else [mended]))
    assert (done.count, done.refused, done.missed) == (2, 0, [])
    moving.run()
    assert moving.states() == [DONE, DONE]
    assert {row["number"] for row in moving.there()} == {SAME, "1a/02/2013"}


def test_both_taken_up_as_they_are_stay_held_back(move: Moves, classic: StandIn) -> None:
    """They still have one number; what is said of them counts both."""
    moving = move(classic)
    archive = [invoice(1), invoice(2, numer=SAME)]
    moving.plan(*archive)
    done = take_up(moving, *archive)
    assert (done.count, done.refused) == (0, 2)
    assert moving.codes() == ["number.taken"] * 2


def test_a_kill_before_documents_were_compared(
    move: Moves, classic: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All sources are read then; the next run compares them all the same."""
    moving = move(classic)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(conflicts, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            moving.plan(invoice(1), invoice(2, numer=SAME))
    assert moving.states() == [PLANNED, PLANNED]
    assert plan(moving.journal, find_sources([str(moving.folder / "archive.json")])) is False
    assert moving.states() == [REJECTED, REJECTED]


def test_blanks_around_a_number(move: Moves, standin: StandIn) -> None:
    """It is sent without them, and corrections find it; of blanks alone it is none."""
    moving = move(standin)
    original = invoice(1, [line("Stół", 3, 10000)], numer=f" {SAME}\u00a0")
    blank = invoice(4, numer=" \t", status="szkic")
    corrected = correction(1, original, [line("Stół", -1, 10000)])
    corrected["numer_faktury_korygowanej"] = f"\t{SAME} "
    moving.moved(original, corrected, blank)
    assert moving.states() == [DONE] * 3
    assert {row["number"] for row in moving.there()} == {SAME, "1/05/2013"}
    (made,) = moving.there("corrective_invoices")
    assert made["corrected_invoice_number"] == SAME


def test_a_number_with_blanks_is_the_same_number(move: Moves, classic: StandIn) -> None:
    """Two documents of it are held back; one that cannot be read is named so as well."""
    moving = move(classic)
    broken = invoice(3, numer=f" {SAME}", data_wystawienia="12.05.2013")
    moving.plan(invoice(1), invoice(2, numer=f"{SAME} "), broken)
    assert moving.codes() == ["number.taken", "number.taken", "date.invalid"]
    assert [entry.number for entry in moving.entries()] == [SAME] * 3


def test_what_is_said_of_numbers(classic: StandIn, tmp_path: Path) -> None:
    """By check, dry run and import alike: without a number, and with blanks; verify agrees."""
    source = write(
        tmp_path / "archive.json",
        [invoice(1, numer=None), invoice(2, numer=" "), invoice(3, numer=" 3/04/2013")],
    )
    ways = [["--journal", tmp_path / "move.db", *mode] for mode in ([], ["--apply"])]
    imports = [run("import", source, *way, standin=classic) for way in ways]
    for text in (run("check", source).out, *(done.err for done in imports)):
        assert "warning number.missing: 2" in text
        assert "warning number.blanks: 1" in text
    proof = run("verify", source, "--journal", tmp_path / "move.db", standin=classic)
    assert proof.counts()["with unexplained differences"] == 0, proof.out
    assert proof.codes()["number.blanks"] == 1
