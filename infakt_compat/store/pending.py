"""Answers in doubt: a create is sent by exactly one (decisions.md section 5, "Exactly once").

    claim = store.pending.claim(account, digest, Lookup(number="7/2026"))
    match claim.role:
        case Role.SEND:      # on disk from here on
            store.pending.renew(claim)               # right before each sending
            store.pending.set_task(claim, reference)
            store.pending.done(claim, answer, document=("invoice", 4711))
        case Role.RESOLVE:   # follow entry.task, or look up; then done(), failed() or not_found()
        case Role.WAIT:      # get() until it is settled; None: withdrawn, so claim again
        case Role.ANSWERED:  # give entry.answer
    store.pending.delivered(claim)                   # once the caller has been told

`attempt` names one sending and all that belongs to it, `holder` whoever is at it now. Whoever knows
the outcome may write it as long as the attempt stands; only the holder may say that there is
nothing. A claim is held for a time: its holder may be killed, and then another resolves it.
"""

from collections.abc import Collection, Mapping
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from infakt_compat.store import checks
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
from infakt_compat.store.database import Database, upsert
from infakt_compat.store.errors import ClaimLost, DocumentTaken
from infakt_compat.store.schema import answers, created
from infakt_compat.store.times import Moment, Times, seconds, span

HOLD = 60.0
_LEAST_WAIT = 1000

#: What is personal is kept only while it is needed for the look-up.
_NO_LOOKUP = Lookup().columns()


class Pending:
    """The creates in doubt, of every account."""

    def __init__(self, database: Database, times: Times, ages: Ages) -> None:
        """Work in a database, by a clock."""
        self._database = database
        self._times = times
        self._ages = ages

    def claim(
        self,
        account: str,
        digest: str,
        lookup: Lookup | None = None,
        *,
        hold: float = HOLD,
        now: Moment | None = None,
    ) -> Claim:
        """Take part in a create: exactly one of all who ask is told to send it.

        A new attempt begins when there was none, when the last one failed, or when its answer was
        delivered (the same invoice once more is the caller's good right) or is too old.
        """
        checks.name(account, "an account")
        checks.name(digest, "a digest")
        row = {**(lookup or Lookup()).columns(), "attempt": uuid4().hex, "holder": uuid4().hex}

        def work(connection: Connection) -> Claim:
            moment = self._times.now(now)
            self._begin(connection, account, digest, row, moment, hold)
            entry = _of(connection, account, digest)
            role, holder = Role.WAIT, str(row["holder"])
            if entry.attempt == row["attempt"]:
                role = Role.SEND
            elif entry.settled:
                role = Role.ANSWERED
            elif _take_over(connection, entry, holder, moment, hold):
                role, entry = Role.RESOLVE, _of(connection, account, digest)
            return Claim(role, entry, holder, hold)

        return self._database.write(work)

    def take_over(
        self, account: str, digest: str, *, hold: float = HOLD, now: Moment | None = None
    ) -> Claim | None:
        """Become the one who resolves a create that nobody is at; None when there is no need."""
        holder = uuid4().hex

        def work(connection: Connection) -> Claim | None:
            moment = self._times.now(now)
            entry = _find(connection, account, digest)
            if entry is None or not _take_over(connection, entry, holder, moment, hold):
                return None
            return Claim(Role.RESOLVE, _of(connection, account, digest), holder, hold)

        return self._database.write(work)

    def get(self, account: str, digest: str) -> Answer | None:
        """Read how a create stands."""
        return self._database.read(lambda connection: _find(connection, account, digest))

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

    def rivals(self, claim: Claim) -> tuple[Answer, ...]:
        """List other creates in doubt that the same look-up would find: it then proves nothing."""
        wanted = claim.entry.lookup.columns()
        same = [
            and_(*(answers.c[name] == wanted[name] for name in names))
            for names in (("number",), ("client", "issued_on", "total"))
            if all(wanted[name] is not None for name in names)
        ]
        if not same:
            return ()
        query = select(answers).where(
            answers.c.account == claim.entry.account,
            answers.c.attempt != claim.entry.attempt,
            answers.c.state.in_(DOUBTFUL),
            or_(*same),
        )
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return tuple(answer_of(row) for row in rows)

    def taken(self, claim: Claim, kind: str, numbers: Collection[int]) -> frozenset[int]:
        """Say which of these documents other creates are known to have made."""
        query = select(created.c.id).where(
            created.c.account == claim.entry.account,
            created.c.kind == kind,
            created.c.id.in_(list(numbers)),
            created.c.attempt != claim.entry.attempt,
        )
        rows = self._database.read(lambda connection: connection.execute(query).scalars().all())
        return frozenset(rows)

    def renew(self, claim: Claim, now: Moment | None = None) -> None:
        """Hold a claim on; whoever sends calls this right before each sending.

        Raises `ClaimLost` when another has taken over meanwhile: then it must not be sent.
        """
        moment = self._times.now(now)
        row = {"held_until": moment + span(claim.hold)}
        states: tuple[State, ...] = DOUBTFUL
        if claim.sends:
            row["sent_at"] = moment
            states = (State.SENT,)
        if not self._update(_held(claim, states), row):
            raise ClaimLost("another has taken this create over, or it is settled")

    def set_task(self, claim: Claim, reference: str) -> bool:
        """Keep v3's reference of the task; False when the attempt stands no more."""
        checks.name(reference, "a reference")
        return self._update(_attempt(claim, DOUBTFUL), {"task": reference})

    def unknown(self, claim: Claim, now: Moment | None = None) -> bool:
        """Leave a create in doubt, for anyone to resolve; False when it is another's."""
        row = {"state": State.UNKNOWN, "held_until": self._times.now(now)}
        return self._update(_held(claim, DOUBTFUL), row)

    def withdraw(self, claim: Claim) -> bool:
        """Undo the claim of a create that certainly never left; False when it is another's."""
        gone = delete(answers).where(_held(claim, (State.SENT,)), answers.c.task.is_(None))
        return self._database.write(lambda connection: connection.execute(gone).rowcount > 0)

    def done(
        self,
        claim: Claim,
        answer: str,
        document: tuple[str, int] | None = None,
        *,
        proven: bool = True,
        now: Moment | None = None,
    ) -> bool:
        """Keep the answer of a create that was done, and which document (kind, id) it made.

        `proven` means v3's own answer or task said so; a look-up does not prove: its document must
        not be another create's (`DocumentTaken`, and nothing is changed), and it never replaces an
        answer. False when the attempt stands no more: then there may be two, and the log has to
        say so.
        """
        moment = self._times.now(now)
        row = _settled(State.DONE, checks.text(answer, "an answer"), moment)
        states = (*DOUBTFUL, *SETTLED) if proven else (*DOUBTFUL, State.FAILED)

        def work(connection: Connection) -> bool:
            if document is not None:
                _attribute(connection, claim, document, proven, moment)
            changed = update(answers).where(_attempt(claim, states)).values(row)
            if connection.execute(changed).rowcount > 0:
                return True
            kept = select(answers.c.digest).where(_attempt(claim, (State.DONE,)))
            return connection.execute(kept).first() is not None

        return self._database.write(work)

    def failed(self, claim: Claim, answer: str | None, now: Moment | None = None) -> bool:
        """Keep that v3 refused a create: nothing was made, and an equal one may be sent anew.

        What is done stays done. False when the attempt stands no more, or is done.
        """
        row = _settled(State.FAILED, checks.text(answer, "an answer"), self._times.now(now))
        return self._update(_attempt(claim, (*DOUBTFUL, State.FAILED)), row)

    def not_found(self, claim: Claim, now: Moment | None = None) -> float:
        """Say that a look-up found nothing; gives the seconds until this settles it, or 0.0.

        At 0.0 it is settled, as never done or by another: claim it again to learn which.
        """
        moment = self._times.now(now)
        quiet = span(self._ages.not_found)
        ripe = and_(_held(claim, DOUBTFUL), answers.c.sent_at <= moment - quiet)

        def work(connection: Connection) -> int:
            lost = update(answers).where(ripe).values(_settled(State.FAILED, None, moment))
            if connection.execute(lost).rowcount > 0:
                return 0
            left = {"state": State.UNKNOWN, "held_until": moment}
            connection.execute(update(answers).where(_held(claim, DOUBTFUL)).values(left))
            here = _attempt(claim, DOUBTFUL)
            row = connection.execute(
                select(answers.c.sent_at, answers.c.held_until).where(here)
            ).first()
            if row is None:
                return 0
            sent_at, held_until = row
            return int(max(sent_at + quiet - moment, held_until - moment, _LEAST_WAIT))

        return seconds(self._database.write(work))

    def delivered(self, claim: Claim, now: Moment | None = None) -> bool:
        """Note that the caller was told: the next equal create is a new one."""
        row = {"delivered_at": self._times.now(now)}
        return self._update(_attempt(claim, SETTLED), row)

    def _update(self, where: ColumnElement[bool], row: Mapping[str, object]) -> bool:
        changed = update(answers).where(where).values(row)
        return self._database.write(lambda connection: connection.execute(changed).rowcount > 0)

    def _begin(
        self,
        connection: Connection,
        account: str,
        digest: str,
        row: dict[str, str | int | None],
        moment: int,
        hold: float,
    ) -> None:
        """Insert a new attempt, or put it in place of one that is over: one statement."""
        fresh = {
            **row,
            "state": State.SENT,
            "held_until": moment + span(hold),
            "created_at": moment,
            "sent_at": moment,
            "task": None,
            "answer": None,
            "settled_at": None,
            "delivered_at": None,
        }
        told = answers.c.delivered_at.is_not(None)
        old = answers.c.settled_at <= moment - span(self._ages.answered)
        over = or_(
            answers.c.state == State.FAILED, and_(answers.c.state == State.DONE, or_(told, old))
        )
        statement = upsert(connection, answers).values(account=account, digest=digest, **fresh)
        keys = [answers.c.account, answers.c.digest]
        connection.execute(
            statement.on_conflict_do_update(index_elements=keys, set_=fresh, where=over)
        )


def _find(connection: Connection, account: str, digest: str) -> Answer | None:
    query = select(answers).where(answers.c.account == account, answers.c.digest == digest)
    row = connection.execute(query).first()
    return None if row is None else answer_of(row)


def _of(connection: Connection, account: str, digest: str) -> Answer:
    entry = _find(connection, account, digest)
    assert entry is not None  # inserted or locked by this very transaction
    return entry


def _take_over(
    connection: Connection, entry: Answer, holder: str, moment: int, hold: float
) -> bool:
    changed = (
        update(answers)
        .where(
            answers.c.attempt == entry.attempt,
            answers.c.state.in_(DOUBTFUL),
            # Its own holder: the commit of this very statement was lost, and it runs again.
            or_(answers.c.held_until <= moment, answers.c.holder == holder),
        )
        .values(state=State.UNKNOWN, holder=holder, held_until=moment + span(hold))
    )
    return connection.execute(changed).rowcount > 0


def _attribute(
    connection: Connection, claim: Claim, document: tuple[str, int], proven: bool, moment: int
) -> None:
    kind, number = checks.name(document[0], "a kind"), checks.document_id(document[1])
    key = {"account": claim.entry.account, "kind": kind, "id": number}
    statement = upsert(connection, created).values(
        **key, attempt=claim.entry.attempt, created_at=moment
    )
    if proven:
        keys = [created.c[name] for name in key]
        row = {"attempt": claim.entry.attempt}
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=row))
        return
    connection.execute(statement.on_conflict_do_nothing())
    query = select(created.c.attempt).filter_by(**key)
    if connection.execute(query).scalar() != claim.entry.attempt:
        raise DocumentTaken(f"another create made {kind} {number}")


def _settled(state: State, answer: str | None, moment: int) -> dict[str, object]:
    return {
        **_NO_LOOKUP,
        "state": state,
        "answer": answer,
        "settled_at": moment,
        "held_until": moment,
        "delivered_at": None,
    }


def _attempt(claim: Claim, states: Collection[State]) -> ColumnElement[bool]:
    return and_(answers.c.attempt == claim.entry.attempt, answers.c.state.in_(states))


def _held(claim: Claim, states: Collection[State]) -> ColumnElement[bool]:
    return and_(_attempt(claim, states), answers.c.holder == claim.holder)
