"""Exactly once: a create that is in doubt is never sent again blindly (decisions.md 5).

The store's `pending` says who sends; everybody else waits for the outcome, or looks for it. What a
look-up does not find settles nothing for a quarter of an hour. What no caller comes back for,
`doubts` settles in the background by the same rules.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from attrs import define, evolve, field, frozen

from infakt_compat.codecs.json_text import dumps, loads
from infakt_compat.facade.account import Record
from infakt_compat.facade.calls import Call
from infakt_compat.facade.errors import V2Error
from infakt_compat.store import (
    Answer,
    Change,
    Claim,
    ClaimLost,
    DocumentTaken,
    Lookup,
    Role,
    State,
)
from infakt_compat.v3 import (
    LimitReached,
    NotInDialect,
    OutcomeUnknown,
    Redirected,
    Refused,
    Unreachable,
    V3Error,
)

log = logging.getLogger("infakt_compat")

#: A caller is told to come back this soon, even when nothing can be settled before much later.
_MOST_WAIT = 30.0
_PAUSE = 0.02
#: A claim of so many seconds is certainly still its sender's: it is held for a minute.
FRESH = 5.0
#: It never left, or v3 did not look at it.
_NOT_DONE = (Unreachable, LimitReached, NotInDialect, Redirected)


class Unclear(Exception):
    """Several documents could be the one that was made: which it is would be a guess."""


@frozen
class Found:
    """The document that a create made; `proven` when v3's own answer or task said so."""

    record: Record
    proven: bool = True


@frozen
class Settled:
    """What a made document leaves: v2's answer, and what is written together with it.

    `whole`: nothing else is left to be done for it.
    """

    answer: Record
    beside: Sequence[Change]
    whole: bool = True


@frozen
class Work:
    """One create: how it is sent, looked for and settled.

    `draft` is kept with the claim, so that the background can do the same. `send` sends and gives
    the document; it calls `pending.renew` before and notes a task. `seek` gives what an earlier
    sending made, or None; it may be told the error that left the doubt. `settle` says what belongs
    to the document. `mend` changes the body after a refusal that the account's defaults can cure,
    and says whether it did.
    """

    family: str
    draft: Record
    send: Callable[[Claim], Record]
    seek: Callable[[Claim, OutcomeUnknown | None], Found | None]
    settle: Callable[[Record], Settled]
    mend: Callable[[Refused], bool]


@define
class Made:
    """What a create came to: v2's answer, and the document where this call has seen it."""

    answer: Record
    record: Record | None = None
    waited: bool = False
    _told: Callable[[], object] = field(default=lambda: None, repr=False)

    def told(self) -> None:
        """Note that the caller has the answer: an equal create from here on is a new one."""
        self._told()


@define
class Once:
    """One create at work; a `direct` caller has the answer as soon as `run` returns."""

    call: Call
    digest: str
    lookup: Lookup
    work: Work
    direct: bool = False

    def run(self) -> Made:
        """Make it, or find out what became of an equal one; raises `V2Error`."""
        pending, name = self.call.account.store.pending, self.call.account.name
        while True:
            draft = _written(self.work.draft)  # its body may have been mended
            claim = pending.claim(name, self.digest, self.lookup, draft)
            if claim.role is Role.SEND:
                made = self._send(claim)
            elif claim.role is Role.RESOLVE:
                made = self._resolve(claim, None)
            elif claim.role is Role.ANSWERED:
                made = self._answered(claim, claim.entry)
            else:
                made = self._wait(claim)
            if made is not None:
                return made
            if self.call.deadline.left <= 0:
                raise self.call.outcome("doubt")

    def resume(self, claim: Claim) -> Made | None:
        """Find out what became of a create that was taken over; nothing is sent.

        None when nothing was made; raises `V2Error` while that is not known, or v3 has refused it.
        """
        return self._resolve(claim, None)

    def _send(self, claim: Claim) -> Made | None:
        """Send it; None when it has to be claimed anew."""
        pending = self.call.account.store.pending
        try:
            record = self.work.send(claim)
        except ClaimLost:
            return None
        except _NOT_DONE:
            pending.withdraw(claim)
            raise
        except Refused as error:
            self._refused(claim, error)
            return None
        except OutcomeUnknown as error:
            return self._resolve(claim, error)
        return self._settle(claim, Found(record))

    def _refused(self, claim: Claim, error: Refused) -> None:
        """Nothing was made: begin anew where that can help, else tell all who wait."""
        pending = self.call.account.store.pending
        if self.work.mend(error):
            pending.failed(claim, None)
            return
        said = self.call.failed(error)
        pending.failed(claim, _written({"status": said.status, "body": said.body}))
        raise said from error

    def _resolve(self, claim: Claim, doubt: OutcomeUnknown | None) -> Made | None:
        """Find out what became of it; 503 while that is not known."""
        pending = self.call.account.store.pending
        try:
            found = self.work.seek(claim, doubt)
        except Refused as error:
            if isinstance(error, LimitReached) or error.reference is None:
                raise self._left(claim, doubt or error) from error
            self._refused(claim, error)  # its task has failed
            return None
        except V3Error as error:
            raise self._left(claim, doubt or error) from error
        except Unclear as error:
            pending.unknown(claim)
            log.warning("a create is in doubt: %s", error)
            raise self.call.outcome("doubt", str(error)) from error
        if found is not None:
            return self._settle(claim, found)
        wait = pending.not_found(claim)
        if wait > 0:
            details = "" if doubt is None else str(doubt)
            raise self.call.outcome("doubt", details, min(wait, _MOST_WAIT)) from doubt
        return None

    def _left(self, claim: Claim, error: V3Error) -> V2Error:
        """Leave it in doubt, for whoever comes next."""
        self.call.account.store.pending.unknown(claim)
        return self.call.outcome("doubt", str(error))

    def _settle(self, claim: Claim, found: Found) -> Made | None:
        """Keep the answer before anybody is told."""
        pending = self.call.account.store.pending
        left = self.work.settle(found.record)
        document = (self.work.family, int(found.record["id"]))
        # Between the two only this thread returns: whoever dies there dies with its caller.
        told = self.direct and left.whole
        try:
            stands = pending.done(
                claim, _written(left.answer), document,
                proven=found.proven, told=told, beside=left.beside,
            )  # fmt: skip
        except DocumentTaken as error:
            pending.unknown(claim)
            raise self.call.outcome("doubt", str(error)) from error
        if not stands:
            log.error("%s %s may have been made twice", *document)
        made = Made(left.answer, found.record)
        return made if told else evolve(made, told=lambda: pending.delivered(claim))

    def _answered(self, claim: Claim, entry: Answer) -> Made | None:
        """Give the answer that is kept; None when there is none."""
        if entry.answer is None:
            return None
        kept = loads(entry.answer)
        if entry.state is State.FAILED:
            raise V2Error(kept["status"], kept["body"])
        pending = self.call.account.store.pending
        waited = claim.role is Role.WAIT
        return Made(kept, waited=waited, told=lambda: pending.delivered(claim))

    def _wait(self, claim: Claim) -> Made | None:
        """Wait until another has settled it; 503 when that takes longer than the patience."""
        pending, name = self.call.account.store.pending, self.call.account.name
        wall = self.call.account.clock.wall
        last: list[Answer | None] = [claim.entry]

        def over() -> bool:
            entry = last[0] = pending.get(name, self.digest)
            if entry is None or entry.attempt != claim.entry.attempt or entry.settled:
                return True
            return entry.held_until <= wall()

        if not self.call.wait_for(over):
            raise self.call.outcome("doubt")
        entry = last[0]
        if entry is None or entry.attempt != claim.entry.attempt or not entry.settled:
            self.call.account.clock.sleep(_PAUSE)
            return None
        return self._answered(claim, entry)


def _written(value: Any) -> str:
    return dumps(value).decode()
