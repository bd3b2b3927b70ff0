"""Which invoice a correction corrects: the one whose date, buyer and currency do not contradict."""

from collections.abc import Callable
from typing import Any

import pytest

from infakt_compat.migrate.journal import State
from infakt_compat.migrate.planning.planner import plan
from infakt_compat.migrate.planning.retry import retry
from infakt_compat.migrate.source import find_sources
from infakt_compat.standin import StandIn

from .archive import NIPS, Document, correction, invoice, line, write
from .moves import Move

Moves = Callable[[StandIn], Move]
PLANNED, DONE, REJECTED = State.PLANNED, State.DONE, State.REJECTED
ONE_LESS = [line("Stół", -1, 10000)]


def table(number: int, **fields: Any) -> Document:
    """Give an invoice of three tables."""
    return invoice(number, [line("Stół", 3, 10000)], **fields)


def reasons(moving: Move) -> list[str]:
    """Give the codes of what is rejected; in the classic dialect others have something to say."""
    rejected = (entry for entry in moving.entries() if entry.state is REJECTED)
    return [fault.code for entry in rejected for fault in entry.faults]


def take_up(moving: Move, *documents: Document) -> tuple[int, int]:
    """Retry documents; gives how many are planned again and how many are still refused."""
    path = write(moving.folder / "retried.json", list(documents))
    retried = retry(moving.journal, find_sources([str(path)]))
    assert not retried.missed
    return retried.count, retried.refused


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        (
            {"data_faktury_korygowanej": "2012-01-01"},
            "data_faktury_korygowanej 2012-01-01 / 2013-02-02",
        ),
        ({"client_nip": NIPS[2]}, f"client_nip {NIPS[2]} / {NIPS[1]}"),
        ({"client_nip": "", "client_id": 77}, "client_id 77 / 101"),
        (
            {"client_nip": "", "client_id": None, "client_nazwa_firmy": "Inna"},
            "client_nazwa_firmy Inna / Firma 1",
        ),
        ({"waluta": "EUR"}, "waluta EUR / PLN"),
    ],
)
def test_a_correction_that_contradicts_its_original(
    move: Moves, standin: StandIn, fields: dict[str, Any], named: str
) -> None:
    """It is refused and says what differs, whether archive or account has the original."""
    moving = move(standin)
    original = table(1)
    moving.moved(original, correction(1, original, ONE_LESS, **fields))
    assert moving.states() == [DONE, REJECTED]
    (fault,) = moving.entries()[1].faults
    assert fault.code == "correction.original_differs"
    assert fault.detail == f"1/02/2013: {named}"
    if "client_id" not in named:  # v3's ids are not v2's
        moving = move(standin)
        moving.moved(correction(1, original, ONE_LESS, **fields))
        assert moving.entries()[0].faults == (fault,)
    assert not moving.there("corrective_invoices")


def test_what_one_of_the_two_does_not_say_is_no_contradiction(
    move: Moves, standin: StandIn
) -> None:
    """No date, no tax number, another spelling of it or of the name."""
    spelt = {"client_nip": f"PL {NIPS[1][:3]}-{NIPS[1][3:]}", "client_id": 77}
    silent = {"client_nip": "", "client_id": None, "client_nazwa_firmy": "FIRMA  1"}
    for own in (spelt, silent, {"data_faktury_korygowanej": None}):
        moving = move(standin)
        standin.reset(seed=1)
        original = table(1)
        moving.moved(original, correction(1, original, ONE_LESS, **own))
        assert moving.states() == [DONE, DONE], own


def test_the_original_of_a_later_source(move: Moves, standin: StandIn) -> None:
    """An invoice that the journal had before is compared as one beside the correction."""
    moving = move(standin)
    moving.moved(table(1))
    strange = correction(1, table(1, data_wystawienia="2012-02-02"), ONE_LESS)
    right = correction(2, table(1), ONE_LESS)
    path = write(moving.folder / "more.json", [strange, right])
    plan(moving.journal, find_sources([str(path)]))
    assert moving.states() == [DONE, REJECTED, PLANNED]
    assert reasons(moving) == ["correction.original_differs"]
    moving.run()
    assert moving.states() == [DONE, REJECTED, DONE]


def test_a_number_of_two_years(move: Moves, standin: StandIn) -> None:
    """Both invoices are held back; the correction waits for its own, and goes onto that one."""
    moving = move(standin)
    first = table(1, numer="12/FV", data_wystawienia="2012-05-10")
    second = table(2, numer="12/FV", data_wystawienia="2013-05-10")
    moving.plan(first, second, correction(3, second, ONE_LESS))
    assert reasons(moving) == ["number.taken", "number.taken", "correction.original_rejected"]
    assert take_up(moving, second) == (2, 0)
    moving.run()
    assert moving.states() == [REJECTED, DONE, DONE]
    (made,), (there,) = moving.there("corrective_invoices"), moving.there()
    assert there["client_company_name"] == "Firma 2"
    assert made["corrected_invoice_number"] == "12/FV"
    assert made["gross_price"] == -12300


def test_the_wrong_one_of_two_takes_no_correction(move: Moves, standin: StandIn) -> None:
    """With the other invoice taken up, the correction is still none of its."""
    moving = move(standin)
    first = table(1, numer="12/FV", data_wystawienia="2012-05-10")
    second = table(2, numer="12/FV", data_wystawienia="2013-05-10")
    moving.plan(first, second, correction(3, second, ONE_LESS))
    assert take_up(moving, first) == (1, 0)
    moving.run()
    assert moving.states() == [DONE, REJECTED, REJECTED]
    assert reasons(moving)[-1] == "correction.original_rejected"


def test_two_that_both_agree_or_neither(move: Moves, classic: StandIn) -> None:
    """Which is meant would be a guess: refused, and both are named."""
    moving = move(classic)
    first = table(1)
    second = {**first, "invoice_id": 77, "uwagi": "druga"}
    moving.plan(first, second, correction(1, first, ONE_LESS))
    assert reasons(moving)[-1] == "correction.originals"
    detail = moving.entries()[-1].faults[0].detail
    assert detail.startswith("1/02/2013: ")
    assert detail.count("archive.json, ") == 2
    moving = move(classic)
    moving.plan(first, second, correction(1, first, ONE_LESS, client_nip=NIPS[3]))
    assert reasons(moving)[-1] == "correction.originals"


def test_once_one_of_two_has_its_own_number_the_correction_follows(
    move: Moves, standin: StandIn
) -> None:
    """Mended alone, it frees the other, whose correction is clear then."""
    moving = move(standin)
    first = table(1)
    second = {**first, "invoice_id": 77, "uwagi": "druga"}
    moving.plan(first, second, correction(1, first, ONE_LESS))
    assert take_up(moving, {**second, "numer": "1a/02/2013"}) == (3, 0)
    moving.run()
    assert moving.states() == [DONE, DONE, DONE]
    assert {row["number"] for row in moving.there()} == {"1/02/2013", "1a/02/2013"}
    (made,) = moving.there("corrective_invoices")
    assert made["corrected_invoice_number"] == "1/02/2013"


def test_of_two_versions_the_one_taken_up_is_corrected(move: Moves, standin: StandIn) -> None:
    """They are one document: its correction has one original."""
    moving = move(standin)
    old, new = table(1), table(1, uwagi="nowsza")
    moving.plan(old, new, correction(1, old, ONE_LESS))
    assert reasons(moving) == ["document.versions"] * 2 + ["correction.original_rejected"]
    assert take_up(moving, new) == (2, 0)
    moving.run()
    assert moving.states() == [REJECTED, DONE, DONE]


def test_a_proforma_is_no_original(move: Moves, classic: StandIn) -> None:
    """v3 corrects invoices only."""
    moving = move(classic)
    proforma = table(1, rodzaj_faktury="Faktura proforma")
    moving.moved(proforma, correction(1, proforma, ONE_LESS))
    assert reasons(moving) == ["correction.no_original"]


def test_of_the_accounts_invoices_the_one_that_agrees(move: Moves, standin: StandIn) -> None:
    """v3 may have a number twice: each correction finds its own, and one that fits both none."""
    first = table(1, numer="12/FV", data_wystawienia="2012-05-10")
    second = table(2, numer="12/FV", data_wystawienia="2013-05-10", client_id=101)
    for one in (first, second):
        move(standin).moved({**one, "numer": None})
    for row in standin.world.store.all("invoices"):
        standin.world.store.put("invoices", {**row, "number": "12/FV"})
    moving = move(standin)
    vague = correction(3, second, ONE_LESS, client_nip="", data_faktury_korygowanej=None,
                       client_nazwa_firmy=None)  # fmt: skip
    moving.moved(correction(1, second, ONE_LESS), correction(2, first, ONE_LESS), vague)
    assert moving.states() == [DONE, DONE, REJECTED]
    assert reasons(moving) == ["correction.originals"]
    buyers = {row["number"]: row["client_company_name"] for row in corrections(standin)}
    assert buyers == {"1/KOR/2013": "Firma 2", "2/KOR/2013": "Firma 1"}


def corrections(standin: StandIn) -> list[dict[str, Any]]:
    """Give the account's corrections."""
    return standin.world.store.all("corrective_invoices")


def test_behind_a_correction_that_is_held_back_nothing_is_proven(
    move: Moves, standin: StandIn
) -> None:
    """Two corrections of one number: what a later one stands on is not known before they are."""
    moving = move(standin)
    original = table(1)
    rivals = [correction(n, original, ONE_LESS, numer="1/KOR") for n in (1, 2)]
    moving.moved(original, *rivals, correction(3, original, ONE_LESS))
    assert reasons(moving) == ["number.taken", "number.taken", "correction.original_rejected"]
    assert take_up(moving, rivals[1]) == (2, 0)
    moving.run()
    assert moving.states() == [DONE, REJECTED, DONE, DONE]
    assert sorted(row["number"] for row in corrections(standin)) == ["1/KOR", "3/KOR/2013"]
