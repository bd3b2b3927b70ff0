"""Documents without a number of their own: not created where the account may have them already."""

from collections.abc import Callable
from typing import Any

import pytest

from infakt_compat.migrate.importing.settings import Only
from infakt_compat.migrate.journal import State
from infakt_compat.migrate.journal.sending import of_documents
from infakt_compat.migrate.planning.estimate import estimate
from infakt_compat.migrate.planning.retry import NotUnknown, release
from infakt_compat.standin import StandIn
from infakt_compat.v3.api import CLASSIC

from .archive import NIPS, invoice
from .moves import Move

Moves = Callable[[StandIn], Move]
DONE, UNKNOWN = State.DONE, State.UNKNOWN


def bare(number: int, **fields: Any) -> dict[str, Any]:
    """Give an invoice without a number and an id of its own."""
    return invoice(number, **{"numer": None, "invoice_id": None, "status": "szkic", **fields})


@pytest.mark.parametrize("clients", ["match", "embed"])
def test_a_new_journal_does_not_double_them(move: Moves, standin: StandIn, clients: str) -> None:
    """Client, date and total are those of a document that no entry of this journal has made."""
    move(standin).moved(bare(1), clients=clients)
    moving = move(standin)
    moving.moved(bare(1), bare(2), clients=clients)
    assert (moving.states(), moving.codes()) == ([UNKNOWN, DONE], ["import.maybe_there"])
    assert len(moving.there()) == 2
    first = moving.there()[0]
    detail = moving.entries()[0].faults[0].detail
    assert detail == f"{first['id']} {first['number']} 2013-02-02 24.62"
    moving.run(clients=clients)
    assert (moving.states(), len(moving.there())) == ([UNKNOWN, DONE], 2)


def test_their_owner_has_looked(move: Moves, standin: StandIn) -> None:
    """Released it is created, also when the first sending was taken back."""
    move(standin).moved(bare(1), clients="embed")
    moving = move(standin)
    moving.moved(bare(1), clients="embed")
    assert release(moving.journal, [1]).count == 1
    sending = of_documents(moving.journal)
    assert sending.begin(1, 0, 1)
    assert sending.back(1, 1)
    moving.run(clients="embed")
    assert (moving.states(), len(moving.there())) == ([DONE], 2)


def test_only_what_is_unknown_is_released(move: Moves, standin: StandIn) -> None:
    """One that is not spoils the whole call."""
    move(standin).moved(bare(1), clients="embed")
    moving = move(standin)
    moving.moved(bare(1), invoice(2), clients="embed")
    for places in ([1, 2], [1, 99]):
        with pytest.raises(NotUnknown):
            release(moving.journal, places)
    assert moving.states() == [UNKNOWN, DONE]


def test_equal_ones_of_one_archive_are_all_created(move: Moves, standin: StandIn) -> None:
    """Also over several runs, and beside the numbered ones that this journal has made."""
    moving = move(standin)
    moving.plan(*(bare(1) for _ in range(5)), invoice(1))

    def watch(run: Any) -> None:
        if run.snapshot().done >= 3:
            run.stop()

    moving.run(watch=watch, clients="embed")
    moving.run(clients="embed")
    assert moving.states() == [DONE] * 6
    assert len(moving.there()) == 6


def test_one_read_serves_a_day(move: Moves, standin: StandIn) -> None:
    """Documents with a number cost none."""
    moving = move(standin)
    same_day = [bare(1, uwagi=f"uwaga {number}") for number in range(20)]
    moving.moved(invoice(3), *same_day, clients="embed")
    looks = [one for one in standin.requests("GET") if "q[invoice_date_eq]" in one["query"]]
    assert moving.states() == [DONE] * 21
    assert len(looks) == 1


def test_another_document_of_that_day_is_none(move: Moves, standin: StandIn) -> None:
    """Another client, total or kind."""
    others = [
        bare(1, client_nip="", client_nazwa_firmy="Kto inny"),
        bare(13, data_wystawienia="2013-02-02", client_nip=NIPS[1]),
        bare(1, rodzaj_faktury="Faktura proforma"),
    ]
    move(standin).moved(*others, clients="embed")
    moving = move(standin)
    moving.moved(bare(1), clients="embed")
    assert (moving.states(), len(moving.there())) == ([DONE], 4)


def test_a_candidate_that_is_anothers_is_named_no_more(move: Moves, standin: StandIn) -> None:
    """What turns out to be another document of the journal cannot be the one looked for."""
    move(standin).moved(bare(1), clients="embed")
    (row,) = move(standin).there()
    moving = move(standin)
    moving.moved(bare(1), clients="embed")
    assert str(row["id"]) in moving.entries()[0].faults[0].detail
    moving.plan(invoice(1, numer=row["number"], status="szkic"), name="more.json")
    moving.run(clients="embed")
    unknown, done = moving.entries()
    assert (done.state, done.id) == (DONE, row["id"])
    assert (unknown.state, unknown.faults[0].detail) == (UNKNOWN, "")


def test_a_kept_client_is_known_by_its_id(move: Moves, standin: StandIn) -> None:
    """The archive names no more of it; v3 shows the saved client's name and tax number."""
    standin.seed(clients=[{"company_name": "Firma", "country": "PL", "nip": NIPS[0]}])
    (client,) = standin.world.store.all("clients")
    nameless: dict[str, Any] = {"client_id": client["id"], "client_nazwa_firmy": None}
    nameless |= {"client_nip": None, "client_ulica": None, "client_miejscowosc": None}
    move(standin).moved(bare(1, **nameless), clients="keep")
    moving = move(standin)
    moving.moved(bare(1, **nameless), clients="keep")
    assert (moving.states(), len(moving.there())) == ([UNKNOWN], 1)


def test_the_looks_are_counted_beforehand(move: Moves, classic: StandIn) -> None:
    """One read for each day of documents without number."""
    moving = move(classic)
    moving.plan(invoice(3), *(bare(1, uwagi=f"{n}") for n in range(5)), bare(2))
    reads = estimate(moving.journal, CLASSIC, Only().where(), match_clients=False).reads
    assert reads == 2
