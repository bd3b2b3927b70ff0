"""Answers in doubt: a create is sent by exactly one (decisions.md section 5, "Exactly once").

    claim = store.pending.claim(account, digest, Lookup(number="7/2026"), draft)
    match claim.role:
        case Role.SEND:      # on disk from here on
            store.pending.renew(claim, fresh=1)      # right before each sending
            store.pending.set_task(claim, reference)
            store.pending.done(claim, answer, document=("invoice", 4711))
        case Role.RESOLVE:   # follow entry.task, or look up; then done(), failed() or not_found()
        case Role.WAIT:      # get() until it is settled; None: withdrawn, so claim again
        case Role.ANSWERED:  # give entry.answer
    store.pending.delivered(claim)                   # once the caller has been told

`attempt` names one sending and all that belongs to it, `holder` whoever is at it now. Whoever knows
the outcome may write it as long as the attempt stands; only the holder may say that there is
nothing. A claim is held for a time: its holder may be killed, and then another resolves it.

`claim` and `renew` wait for the disk: a create is on record before it leaves, whatever happens to
the machine. What comes after does not wait. It outlives our own death all the same; a power cut may
lose the latest of it, and then the record still says that the create was sent: it is in doubt, and
settled like any other.
"""

from collections.abc import Collection, Sequence
from uuid import uuid4

from sqlalchemy import Connection, select

from infakt_compat.store import attempts, checks
from infakt_compat.store.ages import Ages
from infakt_compat.store.answers import (
    DOUBTFUL,
    SETTLED,
    Answer,
    Claim,
    Lookup,
    Role,
    State,
    answer_of,
)
from infakt_compat.store.attempts import NOT_NEEDED, Row
from infakt_compat.store.database import Change, Database
from infakt_compat.store.errors import ClaimLost
from infakt_compat.store.schema import answers
from infakt_compat.store.times import Moment, Times, micros, seconds, span

HOLD = 60.0
_LEAST_WAIT = 1000


class Pending:
    """The creates in doubt, of every account."""

    def __init__(self, database: Database, times: Times, ages: Ages) -> None:
        """Work in a database, by a clock."""
        self._database = database
        self._times = times
        self._ages = ages

    @property
    def quiet(self) -> float:
        """How many seconds after the last sending "not found" settles nothing."""
        return self._ages.not_found

    def claim(
        self,
        account: str,
        digest: str,
        lookup: Lookup | None = None,
        draft: str | None = None,
        *,
        hold: float = HOLD,
        now: Moment | None = None,
    ) -> Claim:
        """Take part in a create: exactly one of all who ask is told to send it.

        A new attempt begins when there was none, when the last one failed, or when its answer was
        delivered (the same invoice once more is the caller's good right) or is too old. `draft` is
        text by which another can settle it, kept as long as it is in doubt.
        """
        named = {"account": checks.name(account, "an account"),
                 "digest": checks.name(digest, "a digest")}  # fmt: skip
        own = {"attempt": uuid4().hex, "holder": uuid4().hex}
        sought = {**(lookup or Lookup()).columns(), "draft": checks.text(draft, "a draft")}

        def work(connection: Connection) -> Claim:
            moment = self._times.now(now)
            row = {**named, **own, **sought, **_begun(moment, moment + span(hold))}
            entry = attempts.begin(connection, row, moment - span(self._ages.answered))
            if entry.attempt == own["attempt"]:
                return Claim(Role.SEND, entry, own["holder"], hold)
            if entry.settled:
                return Claim(Role.ANSWERED, entry, own["holder"], hold)
            taken = self._take_over(connection, entry, own["holder"], hold, moment)
            return taken or Claim(Role.WAIT, entry, own["holder"], hold)

        return self._database.write(work)

    def take_over(
        self, account: str, digest: str, *, hold: float = HOLD, now: Moment | None = None
    ) -> Claim | None:
        """Become the one who resolves a create that nobody is at; None when there is no need."""
        holder = uuid4().hex

        def work(connection: Connection) -> Claim | None:
            entry = attempts.find(connection, account, digest)
            if entry is None:
                return None
            return self._take_over(connection, entry, holder, hold, self._times.now(now))

        return self._database.write_brisk(work)

    def _take_over(
        self, connection: Connection, entry: Answer, holder: str, hold: float, moment: int
    ) -> Claim | None:
        if not attempts.take_over(connection, entry, holder, moment, moment + span(hold)):
            return None
        found = attempts.find(connection, entry.account, entry.digest)
        return None if found is None else Claim(Role.RESOLVE, found, holder, hold)

    def get(self, account: str, digest: str) -> Answer | None:
        """Read how a create stands."""
        return self._database.read(lambda connection: attempts.find(connection, account, digest))

    def in_doubt(
        self, account: str | None = None, *, limit: int = 100, now: Moment | None = None
    ) -> tuple[Answer, ...]:
        """List creates that nobody is at and that have to be resolved, the oldest first."""
        query = (
            select(answers)
            .where(answers.c.state.in_(DOUBTFUL), answers.c.held_until <= self._times.now(now))
            .order_by(answers.c.sent_at, answers.c.attempt)
            .limit(limit)
        )
        if account is not None:
            query = query.where(answers.c.account == account)
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return tuple(answer_of(row) for row in rows)

    def any_in_doubt(self, account: str) -> bool:
        """Say whether a create is in doubt, or being sent, that can be settled by its draft."""
        return self._database.read(lambda connection: attempts.any_in_doubt(connection, account))

    def age(self, entry: Answer, now: Moment | None = None) -> float:
        """Say how many seconds ago somebody was at a create in doubt for the last time."""
        return seconds(self._times.now(now) - micros(entry.held_until))

    def rivals(self, claim: Claim) -> tuple[Answer, ...]:
        """List other creates in doubt that the same look-up would find: it then proves nothing."""
        query = attempts.rivals(claim)
        if query is None:
            return ()
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return tuple(answer_of(row) for row in rows)

    def taken(self, claim: Claim, kind: str, numbers: Collection[int]) -> frozenset[int]:
        """Say which of these documents other creates are known to have made."""
        query = attempts.taken(claim, kind, numbers)
        rows = self._database.read(lambda connection: connection.execute(query).scalars().all())
        return frozenset(rows)

    def foreign(self, account: str, kind: str, number: int, now: Moment | None = None) -> bool:
        """Keep that no create of ours made a document; False when one is known to have made it."""
        moment = self._times.now(now)
        return self._database.write(
            lambda connection: attempts.set_apart(connection, account, kind, number, moment)
        )

    def renew(self, claim: Claim, now: Moment | None = None, *, fresh: float = 0.0) -> None:
        """Hold a claim on; whoever sends calls this right before each sending.

        A claim to send that is younger than `fresh` seconds is left as it is: nobody else can have
        it yet. Raises `ClaimLost` when another has taken over meanwhile: then it must not be sent.
        """
        moment = self._times.now(now)
        if claim.sends and 0 <= moment - micros(claim.entry.sent_at) < span(fresh):
            return
        row: dict[str, object] = {"held_until": moment + span(claim.hold)}
        states: tuple[State, ...] = DOUBTFUL
        if claim.sends:
            row["sent_at"] = moment
            states = (State.SENT,)
        if not self._database.write(lambda c: attempts.change(c, claim, states, row, held=True)):
            raise ClaimLost("another has taken this create over, or it is settled")

    def set_task(self, claim: Claim, reference: str) -> bool:
        """Keep v3's reference of the task; False when the attempt stands no more."""
        checks.name(reference, "a reference")
        return self._change(claim, DOUBTFUL, {"task": reference})

    def unknown(self, claim: Claim, now: Moment | None = None) -> bool:
        """Leave a create in doubt, for anyone to resolve; False when it is another's."""
        row = {"state": State.UNKNOWN, "held_until": self._times.now(now)}
        return self._change(claim, DOUBTFUL, row, held=True)

    def withdraw(self, claim: Claim) -> bool:
        """Undo the claim of a create that certainly never left; False when it is another's."""
        return self._database.write_brisk(lambda c: attempts.withdraw(c, claim))

    def done(
        self,
        claim: Claim,
        answer: str,
        document: tuple[str, int] | None = None,
        *,
        proven: bool = True,
        told: bool = False,
        beside: Sequence[Change] = (),
        now: Moment | None = None,
    ) -> bool:
        """Keep the answer of a create that was done, and which document (kind, id) it made.

        `proven` means v3's own answer or task said so; a look-up does not prove: its document must
        not be another create's (`DocumentTaken`, and nothing is changed), and it never replaces an
        answer. `told`: the caller is told in this very moment, as `delivered` says. `beside` is
        written in the same transaction. False when the attempt stands no more: then there may be
        two, and the log has to say so.
        """
        moment = self._times.now(now)
        row = _settled(State.DONE, checks.text(answer, "an answer"), moment)
        row["delivered_at"] = moment if told else None
        states = (*DOUBTFUL, *SETTLED) if proven else (*DOUBTFUL, State.FAILED)

        def work(connection: Connection) -> bool:
            if document is not None:
                attempts.attribute(connection, claim, document, proven, moment)
            for change in beside:
                change(connection)
            if attempts.change(connection, claim, states, row):
                return True
            return attempts.stands(connection, claim, (State.DONE,)) is not None

        return self._database.write_brisk(work)

    def failed(self, claim: Claim, answer: str | None, now: Moment | None = None) -> bool:
        """Keep that v3 refused a create: nothing was made, and an equal one may be sent anew.

        What is done stays done. False when the attempt stands no more, or is done.
        """
        row = _settled(State.FAILED, checks.text(answer, "an answer"), self._times.now(now))
        return self._change(claim, (*DOUBTFUL, State.FAILED), row)

    def not_found(self, claim: Claim, now: Moment | None = None) -> float:
        """Say that a look-up found nothing; gives the seconds until this settles it, or 0.0.

        At 0.0 it is settled, as never done or by another: claim it again to learn which.
        """
        moment = self._times.now(now)
        quiet = span(self._ages.not_found)

        def work(connection: Connection) -> int:
            entry = attempts.stands(connection, claim, DOUBTFUL)
            if entry is None:
                return 0
            left = micros(entry.sent_at) + quiet - moment
            row = {"state": State.UNKNOWN, "held_until": moment}
            if left <= 0:
                row = _settled(State.FAILED, None, moment)
            if attempts.change(connection, claim, DOUBTFUL, row, held=True):
                return max(left, _LEAST_WAIT) if left > 0 else 0
            return max(left, micros(entry.held_until) - moment, _LEAST_WAIT)

        return seconds(self._database.write_brisk(work))

    def delivered(self, claim: Claim, now: Moment | None = None) -> bool:
        """Note that the caller was told: the next equal create is a new one."""
        return self._change(claim, SETTLED, {"delivered_at": self._times.now(now)})

    def _change(
        self, claim: Claim, states: tuple[State, ...], row: Row, held: bool = False
    ) -> bool:
        return self._database.write_brisk(
            lambda connection: attempts.change(connection, claim, states, row, held)
        )


def _begun(moment: int, held_until: int) -> dict[str, object]:
    """Give what a new attempt begins with."""
    return {
        "state": State.SENT,
        "held_until": held_until,
        "created_at": moment,
        "sent_at": moment,
        "task": None,
        "answer": None,
        "settled_at": None,
        "delivered_at": None,
    }


def _settled(state: State, answer: str | None, moment: int) -> dict[str, object]:
    """Give what an attempt ends with."""
    return {
        **NOT_NEEDED,
        "state": state,
        "answer": answer,
        "settled_at": moment,
        "held_until": moment,
        "delivered_at": None,
    }
