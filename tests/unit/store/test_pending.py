"""Answers in doubt: what each role may do, and what time does (decisions.md section 5)."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from infakt_compat.store import (
    Ages,
    Answer,
    Change,
    Claim,
    ClaimLost,
    Document,
    DocumentTaken,
    Lookup,
    Role,
    State,
    Store,
)
from infakt_compat.store.engine import Mode, begin

from .conftest import NOW, Clock

LOOKUP = Lookup(number="7/2026", client="4711", date="2026-11-20", total=12300)
QUIET = 15 * 60


def _sent(store: Store, digest: str = "d", lookup: Lookup | None = LOOKUP) -> Claim:
    claim = store.pending.claim("a", digest, lookup)
    assert claim.role is Role.SEND
    assert claim.sends
    return claim


def _entry(store: Store, digest: str = "d") -> Answer:
    found = store.pending.get("a", digest)
    assert found is not None
    return found


def _resolving(store: Store, clock: Clock, digest: str = "d") -> Claim:
    clock.move(60)
    claim = store.pending.claim("a", digest)
    assert claim.role is Role.RESOLVE
    assert not claim.sends
    return claim


def test_what_is_kept_of_a_create(store: Store, clock: Clock) -> None:
    """What is kept of a create."""
    claim = _sent(store)
    entry = _entry(store)
    assert entry == claim.entry
    assert (entry.account, entry.digest, entry.state) == ("a", "d", State.SENT)
    assert entry.lookup == LOOKUP
    assert (entry.created_at, entry.sent_at, entry.held_until) == (NOW, NOW, NOW + 60)
    assert not entry.settled
    clock.move(1)
    assert store.pending.set_task(claim, "task 1")
    assert store.pending.done(claim, '{"id": 1}', ("invoice", 1))
    entry = _entry(store)
    assert (entry.state, entry.answer, entry.task) == (State.DONE, '{"id": 1}', "task 1")
    assert (entry.settled_at, entry.delivered_at) == (NOW + 1, None)
    assert entry.settled
    assert entry.lookup == Lookup()  # personal only as long as it is needed
    assert store.pending.get("b", "d") is None


def test_an_equal_create_waits_and_gets_the_answer(store: Store) -> None:
    """An equal create waits and gets the answer."""
    sender = _sent(store)
    waiter = store.pending.claim("a", "d")
    assert waiter.role is Role.WAIT
    assert store.pending.claim("b", "d").role is Role.SEND
    assert store.pending.claim("a", "other").role is Role.SEND
    store.pending.done(sender, "answer")
    told = store.pending.claim("a", "d")
    assert (told.role, told.entry.answer) == (Role.ANSWERED, "answer")


def test_once_delivered_an_equal_create_is_a_new_one(store: Store) -> None:
    """Once delivered an equal create is a new one."""
    sender = _sent(store)
    waiter = store.pending.claim("a", "d")
    assert not store.pending.delivered(sender)  # nothing to deliver yet
    store.pending.done(sender, "answer")
    assert store.pending.delivered(sender)
    assert _entry(store).answer == "answer"  # for those who wait still
    assert store.pending.delivered(waiter)
    again = _sent(store)
    assert again.entry.attempt != sender.entry.attempt
    entry = _entry(store)
    assert (entry.answer, entry.settled_at, entry.delivered_at) == (None, None, None)


def test_an_answer_that_is_too_old_is_no_longer_given(store: Store, clock: Clock) -> None:
    """An answer that is too old is no longer given."""
    store.pending.done(_sent(store), "answer")
    clock.move(86_399)
    assert store.pending.claim("a", "d").role is Role.ANSWERED
    clock.move(1)
    _sent(store)


def test_a_refused_create_may_be_sent_anew(store: Store) -> None:
    """A refused create may be sent anew."""
    sender = _sent(store)
    assert store.pending.failed(sender, "422")
    assert (_entry(store).state, _entry(store).answer) == (State.FAILED, "422")
    assert _sent(store).entry.attempt != sender.entry.attempt


def test_a_dead_senders_create_is_resolved_by_one(store: Store, clock: Clock) -> None:
    """A dead senders create is resolved by one."""
    _sent(store)
    clock.move(59)
    assert store.pending.claim("a", "d").role is Role.WAIT
    assert store.pending.take_over("a", "d") is None
    clock.move(1)
    assert store.pending.claim("a", "d", hold=30).role is Role.RESOLVE
    assert store.pending.claim("a", "d").role is Role.WAIT
    assert store.pending.take_over("a", "d") is None
    assert _entry(store).state is State.UNKNOWN
    assert _entry(store).lookup == LOOKUP
    clock.move(30)
    taken = store.pending.take_over("a", "d")
    assert taken is not None
    assert taken.role is Role.RESOLVE
    assert taken.entry.sent_at == NOW
    assert store.pending.take_over("a", "nothing") is None


def test_a_sender_that_slept_must_not_send(store: Store, clock: Clock) -> None:
    """A sender that slept must not send."""
    sender = _sent(store)
    clock.move(50)
    store.pending.renew(sender)
    assert (_entry(store).sent_at, _entry(store).held_until) == (NOW + 50, NOW + 110)
    clock.move(60)
    resolver = store.pending.claim("a", "d")
    assert resolver.role is Role.RESOLVE
    with pytest.raises(ClaimLost):
        store.pending.renew(sender)
    assert not store.pending.unknown(sender)
    assert not store.pending.withdraw(sender)
    clock.move(30)
    store.pending.renew(resolver)
    assert (_entry(store).sent_at, _entry(store).held_until) == (NOW + 50, NOW + 200)


def test_a_sender_that_gave_up_must_not_send(store: Store) -> None:
    """A sender that gave up must not send."""
    sender = _sent(store)
    assert store.pending.unknown(sender)
    with pytest.raises(ClaimLost):
        store.pending.renew(sender)
    assert store.pending.claim("a", "d").role is Role.RESOLVE  # at once: nobody is at it


def test_a_late_outcome_is_kept_whoever_holds(store: Store, clock: Clock) -> None:
    """A late outcome is kept whoever holds."""
    sender = _sent(store)
    resolver = _resolving(store, clock)
    assert store.pending.set_task(sender, "task")
    assert store.pending.done(sender, "answer")
    assert store.pending.not_found(resolver) == 0.0
    assert not store.pending.failed(resolver, "422")  # what is done stays done
    assert store.pending.done(resolver, "found", proven=False)
    assert _entry(store).answer == "answer"
    assert not store.pending.set_task(sender, "another")
    assert store.pending.done(sender, "truer")
    assert _entry(store).answer == "truer"


def test_not_found_settles_nothing_for_fifteen_minutes(store: Store, clock: Clock) -> None:
    """Not found settles nothing for fifteen minutes."""
    _sent(store)
    resolver = _resolving(store, clock)
    assert store.pending.not_found(resolver) == QUIET - 60
    assert _entry(store).state is State.UNKNOWN
    clock.now = NOW + QUIET - 1
    resolver = store.pending.claim("a", "d")
    assert resolver.role is Role.RESOLVE
    assert store.pending.not_found(resolver) == 1.0
    clock.move(1)
    resolver = store.pending.claim("a", "d")
    assert store.pending.not_found(resolver) == 0.0
    assert (_entry(store).state, _entry(store).answer) == (State.FAILED, None)
    assert store.pending.not_found(resolver) == 0.0
    _sent(store)


def test_the_fifteen_minutes_count_from_the_last_sending(store: Store, clock: Clock) -> None:
    """The fifteen minutes count from the last sending."""
    sender = _sent(store)
    clock.move(50)
    store.pending.renew(sender)
    clock.now = NOW + QUIET
    resolver = store.pending.claim("a", "d")
    assert store.pending.not_found(resolver) == 50.0


def test_only_the_holder_may_say_that_there_is_nothing(store: Store, clock: Clock) -> None:
    """Only the holder may say that there is nothing."""
    _sent(store)
    stale = _resolving(store, clock)
    clock.now = NOW + QUIET
    holder = store.pending.claim("a", "d")
    assert holder.role is Role.RESOLVE
    assert store.pending.not_found(stale) == 60.0  # the holder's time
    assert _entry(store).held_until == NOW + QUIET + 60
    assert store.pending.not_found(holder) == 0.0


def test_the_time_is_a_setting(url: str, clock: Clock) -> None:
    """The time is a setting."""
    from infakt_compat.store import open_store

    with open_store(url, clock=clock, ages=Ages(not_found=5)) as store:
        store.pending.unknown(_sent(store))
        resolver = store.pending.claim("a", "d")
        assert store.pending.not_found(resolver) == 5.0
        clock.move(5)
        assert store.pending.not_found(store.pending.claim("a", "d")) == 0.0


def test_an_outcome_of_an_attempt_that_was_replaced(store: Store) -> None:
    """An outcome of an attempt that was replaced."""
    old = _sent(store)
    store.pending.failed(old, None)
    new = _sent(store)
    assert not store.pending.done(old, "late")
    assert not store.pending.failed(old, "late")
    assert not store.pending.set_task(old, "late")
    with pytest.raises(ClaimLost):
        store.pending.renew(old)
    assert _entry(store).attempt == new.entry.attempt
    assert _entry(store).state is State.SENT


def test_found_after_it_was_given_up_is_done(store: Store) -> None:
    """Found after it was given up is done."""
    claim = _sent(store)
    store.pending.failed(claim, None)
    assert store.pending.done(claim, "found", ("invoice", 1), proven=False)
    assert _entry(store).state is State.DONE


def test_what_never_left_is_withdrawn(store: Store) -> None:
    """What never left is withdrawn."""
    assert store.pending.withdraw(_sent(store))
    assert store.pending.get("a", "d") is None
    claim = _sent(store)
    store.pending.set_task(claim, "task")
    assert not store.pending.withdraw(claim)  # it did leave


def test_a_document_belongs_to_one_create(store: Store, clock: Clock) -> None:
    """A document belongs to one create."""
    made, doubtful = _sent(store, "made"), _sent(store, "doubtful")
    assert store.pending.done(made, "1", ("invoice", 1))
    assert store.pending.taken(doubtful, "invoice", [1, 2]) == {1}
    assert store.pending.taken(doubtful, "client", [1, 2]) == frozenset()
    assert store.pending.taken(made, "invoice", [1, 2]) == frozenset()
    resolver = _resolving(store, clock, "doubtful")
    with pytest.raises(DocumentTaken, match="invoice 1"):
        store.pending.done(resolver, "1", ("invoice", 1), proven=False)
    assert _entry(store, "doubtful").state is State.UNKNOWN
    assert store.pending.done(resolver, "2", ("invoice", 2), proven=False)
    assert store.pending.taken(made, "invoice", [1, 2]) == {2}


def test_proof_beats_a_look_up(store: Store) -> None:
    """Proof beats a look up."""
    guessing, sender = _sent(store, "guessing"), _sent(store, "sender")
    assert store.pending.done(guessing, "1", ("invoice", 1), proven=False)
    assert store.pending.done(sender, "1", ("invoice", 1))
    assert store.pending.taken(guessing, "invoice", [1]) == {1}


def test_a_document_stays_its_creates_after_delivery(store: Store) -> None:
    """A document stays its creates after delivery."""
    first = _sent(store)
    store.pending.done(first, "1", ("invoice", 1))
    store.pending.delivered(first)
    second = _sent(store)
    assert store.pending.taken(second, "invoice", [1]) == {1}


def test_an_outcome_and_what_belongs_to_it_are_one_transaction(store: Store, clock: Clock) -> None:
    """Document, residue and state are there with the answer, or not at all."""

    def beside(number: int) -> list[Change]:
        return [
            store.documents.noting("a", Document("invoice", number, "u")),
            store.residues.putting("a", "invoice", number, {"version": number}),
            store.values.changing("a", "todo", lambda old: [*(old or []), number]),
        ]

    _sent(store, "doubtful")
    assert store.pending.done(_sent(store, "made"), "1", ("invoice", 1), beside=beside(1))
    resolver = _resolving(store, clock, "doubtful")
    with pytest.raises(DocumentTaken):
        store.pending.done(resolver, "1", ("invoice", 1), proven=False, beside=beside(2))
    assert [store.documents.count("a"), store.residues.get("a", "invoice", 2)] == [1, {}]
    assert store.pending.done(resolver, "3", ("invoice", 3), proven=False, beside=beside(3))
    assert store.residues.get("a", "invoice", 3) == {"version": 3}
    assert store.values.get("a", "todo") == [1, 3]


def test_an_answer_that_is_told_at_once(store: Store) -> None:
    """It counts as delivered: others who wait still read it, an equal create is a new one."""
    sender = _sent(store)
    waiter = store.pending.claim("a", "d")
    assert waiter.role is Role.WAIT
    assert store.pending.done(sender, "answer", told=True)
    assert (_entry(store).answer, _entry(store).delivered_at) == ("answer", NOW)
    assert _sent(store).entry.attempt != sender.entry.attempt


def test_a_fresh_claim_is_not_renewed(store: Store, clock: Clock) -> None:
    """Nobody else can have it yet; an older one is renewed, or found to be lost."""
    sender = _sent(store)
    clock.move(4)
    store.pending.renew(sender, fresh=5)
    assert _entry(store).sent_at == NOW
    clock.move(1)
    store.pending.renew(sender, fresh=5)
    assert _entry(store).sent_at == NOW + 5
    resolver = _resolving(store, clock)
    with pytest.raises(ClaimLost):
        store.pending.renew(sender, fresh=5)
    store.pending.renew(resolver, fresh=10**6)  # who resolves holds on in any case
    assert _entry(store).held_until == NOW + 125
    clock.now = NOW - 100  # a clock that was set back proves nothing
    with pytest.raises(ClaimLost):
        store.pending.renew(sender, fresh=5)


def test_a_draft_is_kept_while_in_doubt(store: Store, clock: Clock) -> None:
    """By it another settles the create; it goes with the outcome, whatever that is."""
    assert not store.pending.any_in_doubt("a")
    _sent(store, "without")
    assert not store.pending.any_in_doubt("a")
    for digest in ("done", "failed", "not found"):
        assert store.pending.claim("a", digest, LOOKUP, f"draft of {digest}").sends
    assert store.pending.any_in_doubt("a")
    assert not store.pending.any_in_doubt("b")
    clock.move(QUIET)
    claims = {entry.digest: store.pending.take_over("a", entry.digest)
              for entry in store.pending.in_doubt("a") if entry.draft}  # fmt: skip
    for digest, claim in claims.items():
        assert claim is not None
        assert claim.entry.draft == f"draft of {digest}"
        assert store.pending.age(claim.entry) == -60
        if digest == "not found":
            assert store.pending.not_found(claim) == 0.0
        else:
            assert getattr(store.pending, digest)(claim, "answer")
        assert (_entry(store, digest).draft, _entry(store, digest).lookup) == (None, Lookup())
    assert len(claims) == 3
    assert not store.pending.any_in_doubt("a")
    with pytest.raises(ValueError, match="NUL"):
        store.pending.claim("a", "d", LOOKUP, "\0")


def test_what_is_personal_is_in_no_message(store: Store) -> None:
    """Nor in the `repr` of a claim, which ends in the messages of errors."""
    claim = store.pending.claim("a", "d", Lookup(number="7/SECRET"), "SECRET")
    assert "SECRET" not in repr(claim)


def test_a_create_waits_for_the_disk_before_it_is_sent_and_only_then(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut may lose the outcome, which is found out again, and never the claim."""
    modes: list[Mode] = []

    def spy(connection: Connection, mode: Mode) -> None:
        modes.append(mode)
        begin(connection, mode)

    monkeypatch.setattr("infakt_compat.store.database.begin", spy)
    claim = _sent(store)
    store.pending.renew(claim, fresh=5)
    assert modes == [Mode.WRITE]
    store.pending.set_task(claim, "task")
    store.pending.unknown(claim)
    store.pending.done(claim, "answer", ("invoice", 1))
    store.pending.delivered(claim)
    assert modes == [Mode.WRITE, *[Mode.BRISK] * 4]


def test_rivals_are_found_by_the_same_look_up(store: Store) -> None:
    """Rivals are found by the same look up."""
    mine = _sent(store, "mine")
    _sent(store, "number", Lookup(number="7/2026"))
    _sent(store, "rest", Lookup(client="4711", date="2026-11-20", total=12300))
    _sent(store, "other", Lookup(number="8/2026", client="4711", date="2026-11-20", total=1))
    _sent(store, "nothing", None)
    settled = _sent(store, "settled")
    store.pending.failed(settled, None)
    assert store.pending.claim("b", "foreign", LOOKUP).sends
    assert {rival.digest for rival in store.pending.rivals(mine)} == {"number", "rest"}
    blank = store.pending.claim("a", "blank")
    assert store.pending.rivals(blank) == ()


def test_creates_in_doubt_are_listed(store: Store, clock: Clock) -> None:
    """Creates in doubt are listed."""
    _sent(store, "dead")
    clock.move(30)
    given_up = _sent(store, "given up")
    store.pending.unknown(given_up)
    store.pending.done(_sent(store, "done"), "1")
    store.pending.unknown(store.pending.claim("b", "b's"))
    assert [entry.digest for entry in store.pending.in_doubt("a")] == ["given up"]
    clock.move(30)
    _sent(store, "alive")
    assert [entry.digest for entry in store.pending.in_doubt("a")] == ["dead", "given up"]
    assert {entry.digest for entry in store.pending.in_doubt()} == {"dead", "given up", "b's"}
    assert [entry.digest for entry in store.pending.in_doubt(limit=1)] == ["dead"]


def test_what_no_database_keeps_is_refused(store: Store) -> None:
    """What no database keeps is refused."""
    for lookup in (Lookup(number="\0"), Lookup(client="\ud800"), Lookup(total=2**63)):
        with pytest.raises(ValueError, match=r"holds|bits"):
            store.pending.claim("a", "d", lookup)
    claim = _sent(store)
    with pytest.raises(ValueError, match="NUL"):
        store.pending.done(claim, "\0")
    with pytest.raises(ValueError, match="must be text"):
        store.pending.set_task(claim, "")
