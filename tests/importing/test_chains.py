"""Several corrections of one invoice: each stands on what the one before it left."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.migrate.journal import State, open_journal
from infakt_compat.migrate.planning.planner import plan
from infakt_compat.migrate.source import find_sources
from infakt_compat.standin import StandIn

from .archive import Document, correction, write
from .moves import Move
from .test_originals import ONE_LESS, corrections, reasons, table, take_up

Moves = Callable[[StandIn], Move]
PLANNED, DONE, REJECTED = State.PLANNED, State.DONE, State.REJECTED


def less(number: int, original: Document, day: int, **fields: Any) -> Document:
    """Give a correction by one piece, of a day in December 2013."""
    return correction(number, original, ONE_LESS, data_wystawienia=f"2013-12-{day:02d}", **fields)


def left(standin: StandIn) -> list[tuple[str, int]]:
    """Give the account's corrections as they were made: number, and how many pieces they leave."""
    return [
        (row["number"], int(one["quantity"]))
        for row in corrections(standin)
        for one in row["services"]
        if one["correction"]
    ]


@pytest.mark.parametrize("where", ["archive", "account"])
def test_behind_a_correction_that_v3_refuses_nothing_is_sent(
    move: Moves, standin: StandIn, where: str
) -> None:
    """Its rows would follow a state that v3 never had; mended, all come, in their order."""
    moving, original = move(standin), table(1)
    if where == "account":
        move(standin).moved(original)
    refused = less(1, original, 1, uwagi="x" * 3501)
    chain = [less(2, original, 30), less(3, original, 29), refused]
    moving.moved(*([original] if where == "archive" else []), *chain)
    assert reasons(moving) == ["correction.original_rejected"] * 2 + ["v3.refused"]
    assert not corrections(standin)
    assert take_up(moving, {**refused, "uwagi": "x"}) == (3, 0)
    moving.run()
    assert set(moving.states()) == {DONE}
    assert left(standin) == [("1/KOR/2013", 2), ("3/KOR/2013", 1), ("2/KOR/2013", 0)]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"data_wystawienia": "2013-02-31"}, "date.invalid"),
        ({"razem_brutto": "dużo"}, "money.invalid"),
        ({"numer": "x" * 101}, "text.too_long"),
    ],
)
def test_behind_a_correction_that_cannot_be_read_nothing_is_proven(
    move: Moves, standin: StandIn, wrong: Document, code: str
) -> None:
    """Mended, both come, each on the state that it knew."""
    moving, original = move(standin), table(1)
    first = less(1, original, 1)
    moving.moved(original, first | wrong, less(2, original, 2))
    assert reasons(moving) == [code, "correction.original_rejected"]
    assert take_up(moving, first) == (2, 0)
    moving.run()
    assert left(standin) == [("1/KOR/2013", 2), ("2/KOR/2013", 1)]


def test_a_correction_that_comes_after_a_later_one(move: Moves, standin: StandIn) -> None:
    """The later one is in the account, and knows nothing of it: refused, and said so."""
    moving, original = move(standin), table(1)
    moving.moved(original, less(2, original, 20))
    moving.plan(less(1, original, 10), less(3, original, 30), name="more.json")
    moving.run()
    assert moving.states() == [DONE, DONE, REJECTED, DONE]
    assert reasons(moving) == ["correction.later_there"]
    assert left(standin) == [("2/KOR/2013", 2), ("3/KOR/2013", 1)]


def test_a_correction_behind_one_without_a_number(move: Moves, standin: StandIn) -> None:
    """That one comes last, and with it those that wait for it, in the same run."""
    moving, original = move(standin), table(1)
    bare = less(1, original, 1, numer=None, invoice_id=None)
    moving.moved(original, bare, less(2, original, 2))
    assert moving.states() == [DONE, DONE, DONE]
    assert [pieces for _, pieces in left(standin)] == [2, 1]


def test_what_was_in_doubt_keeps_its_original(move: Moves, standin: StandIn) -> None:
    """Sent by an earlier run and never made: sent again as the correction of the same invoice."""
    moving, original = move(standin), table(1)
    moving.moved(original)
    moving.plan(less(1, original, 1), less(2, original, 2), name="more.json")
    standin.fault("drop_before", method="POST", path="*corrective_invoices*", times=1)

    def stop(run: Any) -> None:
        if State.SENT in moving.states():
            run.stop()

    moving.run(stop, settle=900.0)
    assert moving.states()[1] is State.SENT
    moving.run()
    assert moving.states() == [DONE, DONE, DONE]
    assert left(standin) == [("1/KOR/2013", 2), ("2/KOR/2013", 1)]


def test_two_invoices_of_the_account_with_one_number(move: Moves, current: StandIn) -> None:
    """A refused correction of the one is not before a correction of the other.

    In the classic dialect no uuid tells them apart: there it counts as before.
    """
    first = table(1, numer="12/FV", data_wystawienia="2012-05-10")
    second = table(2, numer="12/FV", data_wystawienia="2013-05-10")
    for one in (first, second):
        move(current).moved({**one, "numer": None})
    for row in current.world.store.all("invoices"):
        current.world.store.put("invoices", {**row, "number": "12/FV"})
    moving = move(current)
    moving.moved(less(1, second, 1, uwagi="x" * 3501), less(2, first, 2))
    assert moving.states() == [REJECTED, DONE]


def test_corrections_without_a_date_come_first_in_every_database(
    tmp_path: Path, postgres_url: str
) -> None:
    """Each is proven on what the one before left, in the same order."""
    original = table(1)
    dated = correction(1, original, ONE_LESS)
    undated = correction(2, original, ONE_LESS, data_wystawienia=None)
    path = write(tmp_path / "archive.json", [original, dated, undated])
    found = []
    for where in (str(tmp_path / "journal.sqlite3"), postgres_url):
        with open_journal(where, create=True) as journal:
            plan(journal, find_sources([str(path)]))
            listed = list(journal.entries())
            before = [one.place for one in journal.corrections_before(listed[1])]
            found.append(([entry.state for entry in listed], before))
    assert found == [([PLANNED, PLANNED, PLANNED], [3])] * 2
