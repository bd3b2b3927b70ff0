"""`verify` after documents were refused, mended and taken up again: the mended ones count."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from infakt_compat.migrate.journal import State, open_journal
from infakt_compat.migrate.journal.schema import values
from infakt_compat.standin import StandIn
from tests.check.support import run
from tests.importing.archive import correction, line, write, write_xml
from tests.verify.support import Moved, imported, settled


def refused() -> list[dict[str, Any]]:
    """Give documents of which the last two are refused: a total, and notes that are too long."""
    return [settled(1), settled(2, razem_brutto="500.00"), settled(3, uwagi="x" * 4000)]


def mended() -> list[dict[str, Any]]:
    """Give those two as their owner has mended them."""
    return [settled(2), settled(3, uwagi="krótko")]


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """Give an account in the dialect that has no tasks to wait for."""
    with StandIn(dialect="classic") as standin:
        yield standin


def taken_up(moved: Moved, path: Path, code: int = 0) -> Path:
    """Take mended documents up again, and import them."""
    assert run("journal", "retry", path, "--journal", moved.journal).code == code
    moved.apply()
    return path


@pytest.fixture
def moved(tmp_path: Path, standin: StandIn) -> Moved:
    """Give an account in which two of three documents stand as they were mended."""
    return imported(tmp_path, standin, refused())


@pytest.mark.parametrize("form", [write, write_xml])
def test_the_mended_documents_count(moved: Moved, tmp_path: Path, form: Any) -> None:
    """Beside the archive, before or after it: they are compared, and what they replaced is not."""
    path = taken_up(moved, form(tmp_path / "mended.txt", mended()))
    for done in (moved.verify(path), run(
        "verify", path, moved.archive, "--journal", moved.journal, standin=moved.standin
    )):  # fmt: skip
        assert (done.code, done.codes()) == (0, {}), done.out
        counts = done.counts()
        assert (counts["read"], counts["compared with v3"]) == (5, 3)
        assert counts["refused ones that mended ones replaced"] == 2
        assert counts["the same in every field"] == 3


@pytest.mark.parametrize("form", [write, write_xml])
def test_the_archive_alone(moved: Moved, tmp_path: Path, form: Any) -> None:
    """v3 is compared with what was sent; what the archive says otherwise was mended."""
    taken_up(moved, form(tmp_path / "mended.txt", mended()))
    done = moved.verify()
    assert (done.code, done.codes()) == (7, {"verify.mended": 2})
    counts = done.counts()
    assert (counts["read"], counts["compared with v3"]) == (3, 3)
    assert counts["with explained differences"] == 2
    assert "refused ones that mended ones replaced" not in counts


def test_a_change_since_the_mending(moved: Moved, tmp_path: Path) -> None:
    """Nothing explains it, whichever of the two is given."""
    path = taken_up(moved, write(tmp_path / "mended.json", mended()))
    with moved.v3 as v3:
        v3.invoices.update(moved.entry("3/04/2013").id or 0, {"notes": "inne", "currency": "EUR"})
    done = moved.verify()
    assert done.codes() == {"verify.mended": 1, "verify.differs": 2}
    assert done.counts()["with unexplained differences"] == 1
    assert moved.verify(path).codes() == {"verify.differs": 2}


def test_one_that_is_gone(moved: Moved, tmp_path: Path) -> None:
    """Missing, however it was mended."""
    path = taken_up(moved, write(tmp_path / "mended.json", mended()))
    with moved.v3 as v3:
        v3.invoices.delete(moved.entry("3/04/2013").id or 0)
    for more in ((), (path,)):
        done = moved.verify(*more)
        assert done.codes()["verify.missing"] == 1
        assert done.counts()["of these not in v3"] == 1


def test_mended_twice(moved: Moved, tmp_path: Path) -> None:
    """The last one counts; one that is refused still is no other document."""
    first = [settled(2, razem_brutto="600.00"), mended()[1]]
    once = taken_up(moved, write(tmp_path / "once.json", first), code=3)
    assert moved.verify(once).codes()["totals.contradict"] == 1
    twice = taken_up(moved, write(tmp_path / "twice.json", mended()[:1]))
    done = moved.verify(once, twice)
    assert (done.code, done.codes()) == (0, {})
    assert done.counts()["refused ones that mended ones replaced"] == 2
    assert moved.verify().codes() == {"verify.mended": 2}


def test_mended_documents_are_no_new_ones(moved: Moved, tmp_path: Path) -> None:
    """An import of the archive and of the mended file has nothing left to do."""
    path = taken_up(moved, write(tmp_path / "mended.json", mended()))
    done = moved.apply(path)
    assert done.code == 0, done.err
    with open_journal(moved.journal) as journal:
        assert [entry.state for entry in journal.entries()] == [State.DONE] * 3
    assert len(moved.standin.world.store.all("invoices")) == 3


def test_the_refused_document_is_no_news_any_more(moved: Moved, tmp_path: Path) -> None:
    """What was said of it is not said of the mended one."""
    assert "totals.differ" not in moved.apply().err
    taken_up(moved, write(tmp_path / "mended.json", mended()))
    assert "500.0" not in moved.apply().err


def test_a_total_is_rounded_by_some_grosze_only(tmp_path: Path, standin: StandIn) -> None:
    """One a line; a difference of zloty has another reason, or none."""
    third = line("Cienka", 3, 1000) | {"wartosc_brutto": "99.00"}
    totals = {"razem_netto": "30.00", "razem_vat": "6.90", "razem_brutto": "36.91"}
    moved = imported(tmp_path, standin, [settled(2, [third], **totals)])
    done = moved.verify()
    assert done.codes() == {"totals.rounding": 1, "verify.differs": 1}
    assert "services[0].wartosc_brutto 99.0" in done.out
    assert done.counts()["with unexplained differences"] == 1


def test_a_correction_whose_total_was_wrong(tmp_path: Path, standin: StandIn) -> None:
    """The difference is the right one only of the totals that proved it."""
    original = settled(2)
    taken = [line("Usługa 2", -1, 1002)]
    wrong = correction(1, original, taken, status="szkic", razem_brutto="-2.00")
    moved = imported(tmp_path, standin, [original, wrong])
    assert moved.entry("1/KOR/2013").state is State.REJECTED
    right = correction(1, original, taken, status="szkic")
    path = taken_up(moved, write(tmp_path / "mended.json", [right]))
    assert moved.verify().codes() == {"verify.mended": 1}
    assert moved.verify(path).codes() == {}
    with open_journal(moved.journal) as journal:  # as if nobody had noted the mending
        noted = delete(values).where(values.c.name.startswith("mended"))
        assert journal.write(lambda connection: connection.execute(noted).rowcount) == 2
    assert moved.verify().codes() == {"verify.differs": 1}


def test_a_correction_that_showed_the_state_after(tmp_path: Path, standin: StandIn) -> None:
    """v3 shows the difference, which the state after has proven."""
    original = settled(2)
    after = {"razem_netto": "20.04", "razem_vat": "4.61", "razem_brutto": "24.65"}
    taken = [line("Usługa 2", -1, 1002)]
    changed = correction(1, original, taken, status="szkic", **after)
    moved = imported(tmp_path, standin, [original, changed])
    done = moved.verify()
    assert done.codes() == {"correction.difference": 3}
