"""The plan: each document once, named by itself; what cannot be created says why."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from infakt_compat.migrate.importing.settings import Only
from infakt_compat.migrate.journal import Keys, State, name_of, name_of_text
from infakt_compat.migrate.journal.schema import notices
from infakt_compat.migrate.planning.estimate import estimate
from infakt_compat.migrate.planning.fingerprints import SourceChanged
from infakt_compat.migrate.planning.planner import plan
from infakt_compat.migrate.source import find_sources
from infakt_compat.standin import StandIn
from infakt_compat.v3.api import DIALECTS

from .archive import invoice, line, write, write_xml
from .moves import Move

Moves = Callable[[StandIn], Move]
PLANNED, REJECTED = State.PLANNED, State.REJECTED


def test_the_same_document_in_other_spelling_has_the_same_key() -> None:
    """Numbers, empty fields and order are spelling; a changed value is another document."""
    one = invoice(1)
    other = dict(
        reversed({**one, "waluta": "PLN", "zaplacono": "0,0", "podpis_odbiorcy": None}.items())
    )
    assert name_of("invoice", one) == name_of("invoice", other)
    assert name_of("invoice", one) != name_of("invoice", {**one, "uwagi": "inna"})


def test_documents_without_a_name_are_counted() -> None:
    """Without id and number the second one of a source may be another document."""
    bare = invoice(1, invoice_id=None, numer=None)
    named = invoice(1)
    keys = Keys()
    first, second = (keys.key(name_of("invoice", bare)) for _ in range(2))
    assert second == f"{first}-2"
    assert keys.key(name_of("invoice", named)) == keys.key(name_of("invoice", named))
    assert Keys().key(name_of("invoice", bare)) == first
    assert name_of_text(b" <a/> ") == name_of_text(b"<a/>")


def test_a_document_in_two_files_and_formats_is_planned_once(move: Moves, classic: StandIn) -> None:
    """Also one without number and id: the second of a file is another one than the first."""
    moving = move(classic)
    bare = invoice(3, numer=None, invoice_id=None)
    archive = [invoice(1), bare, bare]
    sources = [
        write(moving.folder / "a.json", archive),
        write_xml(moving.folder / "b.xml", archive),
    ]
    plan(moving.journal, find_sources(map(str, sources)))
    assert [(row.documents, row.repeats) for row in moving.journal.sources()] == [(3, 0), (3, 3)]
    assert len(moving.entries()) == 3


def test_repeats_are_counted_and_not_planned_again(move: Moves, classic: StandIn) -> None:
    """The same document once more in the same file, and in another one."""
    moving = move(classic)
    moving.plan(invoice(1), invoice(2), invoice(1))
    moving.plan(invoice(2), invoice(3), name="more.json")
    assert [row.repeats for row in moving.journal.sources()] == [1, 1]
    assert [entry.number for entry in moving.entries()] == ["1/02/2013", "2/03/2013", "3/04/2013"]


def test_two_versions_of_a_document_are_refused(move: Moves, classic: StandIn) -> None:
    """Which is right would be a guess; each names the other."""
    moving = move(classic)
    moving.plan(invoice(1), invoice(1, uwagi="nowsza"), invoice(2))
    assert moving.states() == [REJECTED, REJECTED, PLANNED]
    assert moving.codes() == ["document.versions"] * 2
    assert moving.entries()[0].faults[0].detail.endswith("archive.json, 2")


def test_a_number_is_taken_once(move: Moves, classic: StandIn) -> None:
    """By the one invoice among proformas of its number; the others name it."""
    moving = move(classic)
    same = invoice(2, numer="1/02/2013", rodzaj_faktury="Faktura proforma")
    moving.plan(same, invoice(1))
    assert moving.states() == [REJECTED, PLANNED]
    assert moving.codes() == ["number.taken"]
    assert moving.entries()[0].faults[0].detail.endswith("archive.json, 2")


def test_a_changed_source_is_refused(move: Moves, classic: StandIn) -> None:
    """Another content under the same name; a new time stamp alone does no harm."""
    moving = move(classic)
    moving.plan(invoice(1))
    path = moving.folder / "archive.json"
    path.write_bytes(path.read_bytes())
    assert plan(moving.journal, find_sources([str(path)])) is False
    write(path, [invoice(1, uwagi="uwaga 2")])
    with pytest.raises(SourceChanged, match=r"archive\.json"):
        plan(moving.journal, find_sources([str(path)]))
    assert len(moving.entries()) == 1


def test_a_plan_that_was_broken_off_is_made_again(move: Moves, classic: StandIn) -> None:
    """What is there stays, and nothing comes twice; the notices are counted anew."""
    moving = move(classic)
    documents = [invoice(number, status="niezapłacona") for number in range(1, 6)]
    path = write(moving.folder / "archive.json", documents)

    def broken(_: int, __: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plan(moving.journal, find_sources([str(path)]), broken)
    before = [entry.key for entry in moving.entries()]
    assert plan(moving.journal, find_sources([str(path)])) is True
    assert [entry.key for entry in moving.entries()] == before
    assert moving.journal.sources()[0].repeats == 0


def test_five_broken_of_a_hundred_cost_themselves_only(move: Moves, classic: StandIn) -> None:
    """The other ninety-five are created, and each of the five says what is wrong with it."""
    moving = move(classic)
    documents: list[dict[str, Any]] = [invoice(number) for number in range(1, 101)]
    documents[10]["razem_brutto"] = "1.234,56"
    documents[30]["data_wystawienia"] = "12.05.2013"
    documents[50]["services"][0]["stawka_vat"] = "33"
    documents[70]["razem_brutto"] = "999999.00"
    del documents[90]["services"][0]["cena_netto"]
    del documents[90]["services"][0]["wartosc_netto"]
    del documents[90]["services"][0]["wartosc_brutto"]
    moving.moved(*documents)
    assert len(moving.there()) == 95
    rejected = [entry for entry in moving.entries() if entry.state is REJECTED]
    found = {entry.position: entry.faults[0].code for entry in rejected}
    assert found == {
        11: "money.invalid", 31: "date.invalid", 51: "enum.unknown", 71: "totals.contradict",
        91: "price.required",
    }  # fmt: skip
    assert [entry.number for entry in rejected][:2] == ["11/12/2013", "31/08/2013"]


def test_the_price_that_gives_the_exact_total_is_sent(move: Moves, classic: StandIn) -> None:
    """A discount that v2 kept nowhere: the net value decides, and v3 comes to the same total."""
    moving = move(classic)
    row = {
        **line("Usługa", 10, 1000),
        "wartosc_netto": "90.00",
        "vat": "20.70",
        "wartosc_brutto": "110.70",
    }
    moving.moved(invoice(1, [row]))
    assert moving.there()[0]["gross_price"] == 11070
    codes = {row.code for row in _notices(moving)}
    assert "price.exact_total" in codes


def _notices(moving: Move) -> list[Any]:
    return list(moving.journal.database.read(lambda c: c.execute(select(notices)).all()))


def test_rounding_is_noted_and_more_is_refused(move: Moves, classic: StandIn) -> None:
    """A grosz a line is rounding; more says two amounts."""
    moving = move(classic)
    moving.plan(invoice(1, razem_brutto="24.63"), invoice(2, razem_brutto="99.00"))
    assert moving.states() == [PLANNED, REJECTED]
    assert {row.code for row in _notices(moving)} >= {"totals.rounding"}


def test_a_source_that_breaks_off_is_kept_as_such(move: Moves, classic: StandIn) -> None:
    """What stands before the break is planned, and where it breaks is known."""
    moving = move(classic)
    text = json.dumps({"invoices": [invoice(1), invoice(2)]}, ensure_ascii=False)
    path = moving.folder / "broken.json"
    path.write_text(text[:-60], "utf-8")
    plan(moving.journal, find_sources([str(path)]))
    (row,) = moving.journal.sources()
    assert (row.documents, row.faults[0].code, row.faults[0].path) == (1, "source.broken", "2")


def test_the_cost_of_a_plan(move: Moves, classic: StandIn) -> None:
    """Today one write a document; in the classic dialect paid ones cost two, and hours."""
    moving = move(classic)
    moving.plan(*(invoice(number) for number in range(1, 301)))
    everything = Only().where()
    today = estimate(moving.journal, DIALECTS["current"], everything)
    assert (today.writes, today.clients, today.seconds) == (307, 7, 120)
    assert today.creates == {"vat": 300}
    seed = estimate(moving.journal, DIALECTS["classic"], everything, match_clients=False)
    assert seed.writes == 300 + 100
    assert seed.seconds == 3 * 3600
    assert seed.binding == "writes"
