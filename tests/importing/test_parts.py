"""The parts of an import by themselves: pace, queue, schema, filters, families."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect

from infakt_compat.migrate.importing.pace import Pace
from infakt_compat.migrate.importing.queue import Queue
from infakt_compat.migrate.importing.settings import Only
from infakt_compat.migrate.journal import open_journal
from infakt_compat.migrate.journal.schema import metadata
from infakt_compat.standin import StandIn
from infakt_compat.v3 import Clock, V3Client
from tests.unit.v3.support import FakeTime

from .archive import invoice

COUNTS = {"writes": (("bucket", 2, 61.0),)}


def never() -> bool:
    """Never stop."""
    return False


def test_a_reserved_place_is_used_once(tmp_path: Path) -> None:
    """Who reserved does not take a second place; who waits gets the next one in time."""
    time = FakeTime()
    with open_journal(tmp_path / "journal", create=True, clock=time.now) as journal:
        pace = Pace(journal.windows, time.clock())
        pace.bind(COUNTS)
        began = time.moment
        for _ in range(2):
            assert pace.reserve("writes", never)
            assert pace.record(COUNTS["writes"]) == 0
        assert time.moment == began
        assert pace.record(COUNTS["writes"]) == pytest.approx(61)
        assert pace.reserve("writes", never)
        assert time.moment - began == pytest.approx(61, abs=0.1)
        assert "writes" in pace.full
        assert pace.record(COUNTS["writes"]) == 0


def test_who_stops_does_not_wait(tmp_path: Path) -> None:
    """Nor is anything noted without a place, or sent without a note."""
    time = FakeTime()
    noted: list[bool] = []

    def note() -> bool:
        noted.append(True)
        return len(noted) == 1

    with open_journal(tmp_path / "journal", create=True, clock=time.now) as journal:
        pace = Pace(journal.windows, time.clock())
        pace.bind(COUNTS)
        assert pace.reserve("writes", never, note)
        assert not pace.reserve("writes", never, note)
        stops = iter([False, False, False, True, True, True, True])
        assert not pace.reserve("writes", lambda: next(stops), note)
        assert len(noted) == 2


def test_places_are_counted_by_every_run(tmp_path: Path) -> None:
    """A run that is killed and started again keeps v3's limits."""
    time = FakeTime()
    for _ in range(2):
        with open_journal(tmp_path / "journal", create=True, clock=time.now) as journal:
            pace = Pace(journal.windows, time.clock())
            pace.bind(COUNTS)
            began = time.moment
            assert pace.reserve("writes", never)
            assert pace.reserve("writes", never)
    assert time.moment - began == pytest.approx(61, abs=0.1)


def test_jobs_come_when_they_are_due() -> None:
    """The earliest first; at the end only what is needed for what is in flight."""
    queue, done = Queue(Clock()), []

    def job(name: str) -> None:
        done.append(name)

    queue.put(lambda: job("later"), 0.05, finishing=True)
    queue.put(lambda: job("now"))
    queue.put(lambda: job("never"), 0.02)
    first = queue.take()
    assert first is not None
    first()
    queue.finish()
    second = queue.take()
    assert second is not None
    second()
    assert done == ["now", "later"]
    threading.Timer(0.02, queue.close).start()
    assert queue.take() is None


def test_the_schema_is_what_its_steps_make(tmp_path: Path) -> None:
    """Tables, columns and whether they may be null."""
    with open_journal(tmp_path / "journal", create=True) as journal:
        made = journal.database.read(
            lambda connection: {
                table.name: {
                    column["name"]: column["nullable"]
                    for column in inspect(connection).get_columns(table.name)
                }
                for table in metadata.sorted_tables
            }
        )
    assert made == {
        table.name: {column.name: bool(column.nullable) for column in table.columns}
        for table in metadata.sorted_tables
    }


def test_filters_are_read_together() -> None:
    """Several of one sort widen, several sorts narrow."""
    only = Only.read(["kind=vat,proforma", "number=1/05/2012", "number=2/05/2012", "date=2012"])
    assert only.kinds == ("vat", "proforma")
    assert only.numbers == ("1/05/2012", "2/05/2012")
    assert only.days == (("2012", "2012-99"),)
    for text in ("kind=margin", "number=", "date=..", "date=2012-05-1", "anything"):
        with pytest.raises(ValueError, match=r"filter|span"):
            Only.read([text])


def test_corrections_are_created_in_their_own_family(standin: StandIn) -> None:
    """Submitted under their own envelope, followed and read as invoices are."""
    dialect = standin.world.dialect
    with V3Client(standin.api_key, standin.url, dialect, limits="off") as v3:  # type: ignore[arg-type]
        row = {"name": "Stół", "tax_symbol": "23", "unit_net_price": 1000}
        original = v3.invoices.create(
            {"payment_method": "cash", "client_company_name": "Firma", "services": [row]}
        )
        pair = [
            {**row, "group": "1", "correction": False},
            {**row, "group": "1", "correction": True},
        ]
        pair[1]["quantity"] = 0
        made = v3.corrective_invoices.create({
            "payment_method": "cash", "client_company_name": "Firma", "services": pair,
            "corrected_invoice_number": original["number"], "correction_reason": "other",
            "corrected_invoice_uuid": original.get("uuid"),
        })  # fmt: skip
        assert made["gross_price"] == -1230
        changed = v3.corrective_invoices.update(v3.dialect.of(made), {"notes": "po zwrocie"})
        assert changed["notes"] == "po zwrocie"
    assert invoice(1)["numer"] != made["number"]
