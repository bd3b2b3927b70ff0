"""What is kept of a create, and what its caller has to do with it."""

from enum import StrEnum

from attrs import field, frozen
from sqlalchemy import Row

from infakt_compat.store import checks
from infakt_compat.store.times import seconds


class State(StrEnum):
    """How a create stands."""

    SENT = "sent"
    """Its sender is at it: on disk before the request goes out."""
    UNKNOWN = "unknown"
    """The outcome is in doubt: a task or a look-up has to settle it."""
    DONE = "done"
    """The document exists; `answer` says what the caller is told."""
    FAILED = "failed"
    """Nothing was created: v3 refused it (`answer`), or it was never done (no `answer`)."""


class Role(StrEnum):
    """What whoever claims a create has to do."""

    SEND = "send"
    """Send it: nobody else will."""
    RESOLVE = "resolve"
    """Find out what became of it: its sender is dead or gave up. Never send."""
    WAIT = "wait"
    """Another is at it: read its state again a little later."""
    ANSWERED = "answered"
    """It is done, and nobody is known to have been told: give the answer that is kept."""


DOUBTFUL = (State.SENT, State.UNKNOWN)
SETTLED = (State.DONE, State.FAILED)


@frozen
class Lookup:
    """What a create in doubt is looked for by; `total` in grosze. Kept only while in doubt."""

    number: str | None = None
    client: str | None = None
    date: str | None = None
    total: int | None = None

    def columns(self) -> dict[str, str | int | None]:
        """Give what is stored."""
        return {
            "number": checks.text(self.number, "a number"),
            "client": checks.text(self.client, "a client"),
            "issued_on": checks.text(self.date, "a date"),
            "total": None if self.total is None else checks.whole(self.total, "a total"),
        }


@frozen
class Answer:
    """A create as it is kept: by account and digest of its body.

    `draft` is what was to be made, for whoever settles it without its caller; opaque here, and kept
    only while in doubt.
    """

    account: str
    digest: str
    state: State
    attempt: str
    task: str | None
    lookup: Lookup = field(repr=False)
    created_at: float
    sent_at: float
    held_until: float
    answer: str | None = field(repr=False)
    settled_at: float | None
    delivered_at: float | None
    draft: str | None = field(default=None, repr=False)

    @property
    def settled(self) -> bool:
        """Say whether its outcome is known."""
        return self.state in SETTLED


@frozen
class Claim:
    """A caller's part in a create: its role, and what was kept when it asked."""

    role: Role
    entry: Answer
    holder: str
    hold: float

    @property
    def sends(self) -> bool:
        """Say whether the caller is the one that sends."""
        return self.role is Role.SEND


def answer_of(row: Row[tuple[object, ...]]) -> Answer:
    """Read a row of the table."""
    values = row._mapping
    return Answer(
        account=values["account"],
        digest=values["digest"],
        state=State(values["state"]),
        attempt=values["attempt"],
        task=values["task"],
        lookup=Lookup(values["number"], values["client"], values["issued_on"], values["total"]),
        created_at=seconds(values["created_at"]),
        sent_at=seconds(values["sent_at"]),
        held_until=seconds(values["held_until"]),
        answer=values["answer"],
        settled_at=_optional(values["settled_at"]),
        delivered_at=_optional(values["delivered_at"]),
        draft=values["draft"],
    )


def _optional(moment: int | None) -> float | None:
    return None if moment is None else seconds(moment)
