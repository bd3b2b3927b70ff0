"""Lost answers, failing tasks, numbers that are taken: nothing twice, nothing lost."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from infakt_compat.migrate.importing.run import Import, Stopped
from infakt_compat.migrate.journal import State
from infakt_compat.standin import StandIn

from .archive import NIPS, invoice, line
from .moves import Move

Moves = Callable[[StandIn], Move]
DONE, REJECTED, SENT, UNKNOWN = State.DONE, State.REJECTED, State.SENT, State.UNKNOWN
CREATE = {"current": "/async/invoices.json", "classic": "/invoices.json"}
LOST: list[dict[str, Any]] = [
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 500, "after": True},
    {"kind": "status", "status": 503},
    {"kind": "broken_body", "variant": "html"},
]


def lose(standin: StandIn, times: int = 1, path: str = "", **fault: Any) -> None:
    """Let creates fail so often."""
    where = path or CREATE[standin.world.dialect]
    standin.fault(fault.pop("kind"), method="POST", path=where, times=times, **fault)


def bare(number: int, **fields: Any) -> dict[str, Any]:
    """Give an invoice without a number and an id of its own."""
    return invoice(number, numer=None, invoice_id=None, **fields)


@pytest.mark.parametrize("fault", LOST, ids=lambda one: f"{one['kind']}{one.get('status', '')}")
def test_a_lost_answer_is_looked_up(move: Moves, standin: StandIn, fault: dict[str, Any]) -> None:
    """Found it is done; not found it is sent once more, and v3 has it once."""
    lose(standin, times=2, **fault)
    moving = move(standin)
    moving.moved(*(invoice(number) for number in range(1, 6)), clients="embed")
    assert moving.states() == [DONE] * 5
    assert len(moving.there()) == 5
    assert not any(entry.already for entry in moving.entries())


def test_nothing_is_sent_again_before_its_time(move: Moves, standin: StandIn) -> None:
    """What is not found settles nothing for a while: v3 may still be at it."""
    lose(standin, kind="drop_before")
    moving = move(standin)
    seen: list[int] = []

    def watch(run: Import) -> None:
        if run.snapshot().in_doubt and len(_looks(standin)) >= 3:
            seen.append(len(standin.requests("POST")))
            run.stop()

    moving.plan(invoice(1))
    moving.run(watch=watch, settle=600, clients="embed")
    assert seen[0] == 1
    assert moving.states() == [SENT]
    moving.run(clients="embed")
    assert (moving.states(), len(moving.there())) == ([DONE], 1)


def _looks(standin: StandIn) -> list[Any]:
    return [one for one in standin.requests("GET") if "q[number_eq]" in one["query"]]


def test_a_document_without_number_is_never_sent_twice(move: Moves, standin: StandIn) -> None:
    """Found by client, date and total it is done; not found it is left to somebody's eyes."""
    lose(standin, kind="drop_before")
    moving = move(standin)
    moving.moved(bare(1), clients="embed")
    assert (moving.states(), moving.codes()) == ([UNKNOWN], ["import.no_answer"])
    moving.run(clients="embed")
    assert len(standin.requests("POST")) == 1
    standin.reset(seed=1)
    lose(standin, kind="drop_after")
    moving = move(standin)
    moving.moved(bare(1), clients="embed")
    assert (moving.states()[0], len(moving.there())) == (DONE, 1)


def test_an_unknown_document_that_turns_up_is_done(move: Moves, classic: StandIn) -> None:
    """The next run looks for it once more."""
    lose(classic, kind="drop_before")
    moving = move(classic)
    moving.moved(bare(1), clients="embed")
    other = move(classic)
    other.moved(bare(1), clients="embed")
    moving.run(clients="embed")
    assert moving.states() == [DONE]
    assert len(moving.there()) == 1


def test_of_equal_documents_none_is_taken_for_another(move: Moves, classic: StandIn) -> None:
    """Two that say the same, one of them lost: which exists would be a guess."""
    moving = move(classic)
    lose(classic, kind="drop_after", times=2)
    # Nobody looks before both are sent.
    classic.fault("delay", method="GET", path="/invoices.json", times=2, seconds=0.4)
    moving.moved(bare(1), bare(1), clients="embed")
    assert moving.states() == [UNKNOWN, UNKNOWN]
    assert set(moving.codes()) == {"import.several"}
    assert len(moving.there()) == 2


def test_a_number_that_v3_has_already(move: Moves, standin: StandIn) -> None:
    """The same client, date and total: it was there before. Anything else is another document."""
    other_day = invoice(2, uwagi="inna", data_wystawienia="2013-03-30")
    other_total = invoice(3, [line("Usługa", 1, 100)])
    other_client = invoice(4, client_nip=NIPS[0], client_nazwa_firmy="Kto inny")
    move(standin).moved(invoice(1), other_day, other_total, other_client)
    moving = move(standin)
    moving.moved(invoice(1, status="zapłacona"), invoice(2), invoice(3), invoice(4))
    assert moving.states() == [DONE, REJECTED, REJECTED, REJECTED]
    same, other, *_ = moving.entries()
    assert same.already
    assert other.faults[0].code == "number.in_account"
    assert "2013-03-30" in other.faults[0].detail
    assert len(moving.there()) == 4
    assert {row["status"] for row in moving.there() if row["number"] == same.number} != {"paid"}


def test_a_failed_task_is_a_rejection_in_v3s_words(move: Moves, current: StandIn) -> None:
    """Field by field; the document can be taken up again."""
    errors = {"payment_method": ["Proszę wybrać."], "base": "Nie teraz."}
    current.configure("tasks", fail=1, errors=errors)
    moving = move(current)
    moving.moved(invoice(1), clients="embed")
    (entry,) = moving.entries()
    assert entry.state is REJECTED
    assert [(one.code, one.path, one.detail) for one in entry.faults] == [
        ("v3.refused", "payment_method", "Proszę wybrać."), ("v3.refused", "base", "Nie teraz."),
    ]  # fmt: skip


def test_a_task_that_ends_in_doubt_is_looked_up(move: Moves, current: StandIn) -> None:
    """A code above 499 says nothing; the account does."""
    current.configure("tasks", fail=1, code=500)
    moving = move(current)
    moving.moved(invoice(1), clients="embed")
    assert (moving.states(), len(moving.there())) == ([DONE], 1)


def test_slow_tasks_are_waited_for(move: Moves, current: StandIn) -> None:
    """And those that never end are left to the next run, their reference in the journal."""
    current.configure("tasks", looks=2)
    moving = move(current)
    moving.moved(invoice(1), bare(2), clients="embed")
    assert moving.states() == [DONE, DONE]
    current.reset(seed=1)
    current.configure("tasks", stuck=1)
    moving = move(current)
    moving.moved(invoice(1), clients="embed")
    (entry,) = moving.entries()
    assert entry.state is SENT
    assert entry.task is not None


def test_a_client_whose_answer_was_lost_is_created_once(move: Moves, standin: StandIn) -> None:
    """With a tax number and without one."""
    lose(standin, path="/clients.json", kind="drop_after", times=2)
    moving = move(standin)
    moving.moved(invoice(1, client_nip=NIPS[0]), invoice(5, client_nip=""))
    assert moving.states() == [DONE, DONE]
    assert len(moving.there("clients")) == 2
    standin.reset(seed=1)
    lose(standin, path="/clients.json", kind="drop_before", times=2)
    moving = move(standin)
    moving.moved(invoice(1, client_nip=NIPS[0]), invoice(5, client_nip=""))
    assert len(moving.there("clients")) == 2


def test_a_client_in_doubt_is_not_sent_again_before_its_time(move: Moves, standin: StandIn) -> None:
    """As with documents; what waits for it waits."""
    lose(standin, path="/clients.json", kind="drop_before")
    moving = move(standin)
    moving.plan(invoice(1))

    def watch(run: Import) -> None:
        if len([one for one in standin.requests("GET") if one["path"] == "/clients.json"]) >= 3:
            run.stop()

    moving.run(watch=watch, settle=600)
    assert len(standin.requests("POST")) == 1
    assert moving.states() == [State.PLANNED]
    moving.run()
    assert (moving.states(), len(moving.there("clients"))) == ([DONE], 1)


def test_limits_and_outages_are_waited_for(move: Moves, standin: StandIn) -> None:
    """After a 429 nothing is in doubt; reads are tried again."""
    lose(standin, times=3, kind="status", status=429, retry_after=1)
    standin.fault("status", method="GET", path="/*", times=4, status=500)
    moving = move(standin)
    moving.moved(*(invoice(number) for number in range(1, 6)))
    assert moving.states() == [DONE] * 5
    assert all(entry.attempts == 1 for entry in moving.entries())


@pytest.mark.parametrize(
    ("group", "order"),
    [
        ("plan", {"invoices_per_month": 0}),
        ("plan", {"ip_blocked": True}),
        ("plan", {"locked": True}),
    ],
)
def test_what_speaks_of_the_account_stops_the_run(
    move: Moves, standin: StandIn, group: str, order: dict[str, Any]
) -> None:
    """The plan's limit, a blocked address, a locked account: no document is rejected for it."""
    moving = move(standin)
    moving.plan(*(invoice(number) for number in range(1, 4)))
    standin.configure(group, **order)
    with pytest.raises(Stopped):
        moving.run(clients="embed")
    assert set(moving.states()) <= {State.PLANNED}
    standin.configure(
        group, **{name: None if value == 0 else False for name, value in order.items()}
    )
    moving.run(clients="embed")
    assert moving.states() == [DONE] * 3


def test_documents_without_number_take_none_of_the_archive(move: Moves, classic: StandIn) -> None:
    """v3 gives them the next number of the month, so they come when all others are there."""
    same_month: dict[str, Any] = {"data_wystawienia": "2013-02-10", "data_sprzedazy": "2013-02-10"}
    unnamed = [bare(number, **same_month) for number in range(1, 4)]
    numbered = [invoice(number, numer=f"{number}/02/2013", **same_month) for number in range(4, 9)]
    moving = move(classic)
    moving.moved(*unnamed, *numbered)
    assert moving.states() == [DONE] * 8
    assert sorted(row["number"] for row in moving.there()) == sorted(
        f"{number}/02/2013" for number in (*range(4, 9), 9, 10, 11)
    )


def test_two_runs_at_once_send_each_document_once(move: Moves, standin: StandIn) -> None:
    """Were a lock lost, the journal would still give each create to one of them."""
    moving = move(standin)
    moving.plan(*(invoice(number) for number in range(1, 41)))
    other = Move(standin, moving.folder, moving.where)
    # What one has sent the other sees as a doubt: it looks, and has time.
    settings = {"clients": "embed", "settle": 60.0}
    threads = [threading.Thread(target=one.run, kwargs=settings) for one in (moving, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    creates = [one for one in standin.requests("POST") if one["path"].endswith("invoices.json")]
    assert len(creates) == len(moving.there()) == 40


def test_an_account_without_ksef_stops_a_run_that_wants_it(move: Moves, current: StandIn) -> None:
    """It is no fault of any document."""
    current.configure("account", ksef=False)
    moving = move(current)
    moving.plan(invoice(1, status="wydrukowana"), invoice(2, status="wydrukowana"))
    with pytest.raises(Stopped, match="KSeF"):
        moving.run(clients="embed", send_to_ksef=True)
    assert set(moving.states()) == {State.PLANNED}


def test_a_v3_that_is_not_well_is_left_alone(move: Moves, classic: StandIn) -> None:
    """With a hundred documents in doubt no more are sent into it."""
    classic.fault("status", method="POST", path="/invoices.json", share=1.0, status=503)
    moving = move(classic)
    moving.plan(*(invoice(number) for number in range(1, 301)))
    seen: list[int] = []

    def watch(run: Import) -> None:
        count = len(classic.requests("POST"))
        if seen and count == seen[-1] and run.snapshot().in_doubt >= 100:
            run.stop()
        seen.append(count)

    moving.run(watch=watch, settle=3600, clients="embed")
    assert 100 <= seen[-1] < 250
    assert set(moving.states()) == {SENT, State.PLANNED}


def test_a_refusal_after_a_doubt_is_looked_into(move: Moves, standin: StandIn) -> None:
    """The first sending may have arrived although the second one is refused."""
    lose(standin, kind="drop_after")
    moving = move(standin)
    moving.plan(invoice(1))
    standin.fault("broken_body", method="GET", path="/invoices.json", times=1)
    moving.run(clients="embed")
    assert (moving.states(), len(moving.there())) == ([DONE], 1)
