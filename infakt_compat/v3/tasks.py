"""Work that v3 does later: accepted, looked at until it ends (v3-wire 1.2, 1.3)."""

from attrs import field, frozen

from infakt_compat.v3.answers import Answer, Call, Record, UnreadableError, flat, record
from infakt_compat.v3.api import Api, segment
from infakt_compat.v3.errors import REFUSALS, LimitReached, OutcomeUnknown, Refused, V3Error
from infakt_compat.v3.waits import Deadline


@frozen
class Task:
    """A task in one of its states.

    `code` is 100, 120 or 140 until it ends; `uuid` the document's, once it is known. A synchronous
    create is a task that ended at once: it has `record` and no `reference`.
    """

    reference: str | None
    code: int
    text: str = ""
    uuid: str | None = None
    fields: dict[str, list[str]] = field(factory=dict)
    record: Record | None = None

    @property
    def done(self) -> bool:
        """201 for a create, 200 for a payment."""
        return self.code in (200, 201)

    @property
    def failed(self) -> bool:
        """4xx: v3 did not do it."""
        return 400 <= self.code < 500

    @property
    def ended(self) -> bool:
        """Whether another look can bring nothing new; 5xx is an end in doubt."""
        return self.done or self.code >= 400

    def check(self) -> None:
        """Raise what the task's end means, unless it is done or still under way."""
        if self.failed:
            kind = REFUSALS.get(self.code, Refused)
            raise kind(
                self.text,
                call=_CALL,
                status=self.code,
                fields=self.fields,
                reference=self.reference,
            )
        if self.ended and not self.done:
            text = f"the task ended with {self.code}: {self.text}"
            raise OutcomeUnknown(text, call=_CALL, reference=self.reference, uuid=self.uuid)


_CALL = "task"


def task(answer: Answer) -> Task:
    """Read a task's body, the accepting one or that of a look."""
    body = record(answer)
    reference, code = body.get("invoice_task_reference_number"), body.get("processing_code")
    if not isinstance(reference, str) or not reference:
        raise UnreadableError("a task without its reference")
    if isinstance(code, bool) or not str(code).isdecimal():
        raise UnreadableError("a task without its code")
    text, uuid = body.get("processing_description"), body.get("invoice_uuid")
    return Task(
        reference,
        int(str(code)),
        text if isinstance(text, str) else "",
        uuid if isinstance(uuid, str) and uuid else None,
        flat(body.get("invoice_errors")),
    )


def look(api: Api, family: str, reference: str, deadline: Deadline | None = None) -> Task:
    """Look at a task once."""
    path = f"/async/{family}/status/{segment(reference)}.json"
    return api.run(Call("GET", path, task), deadline)


def follow(api: Api, family: str, accepted: Task, deadline: Deadline) -> Task:
    """Look until the task ends; raise what its end means.

    Once a task was accepted, whatever hides its end leaves the outcome unknown, with its reference.
    """
    if accepted.reference is None:
        return accepted
    current = accepted
    waits = api.looks.waits()
    while not current.ended:
        wait = next(waits)
        if wait >= deadline.left:
            text = f"the task has not ended yet: {current.code} {current.text}"
            raise in_doubt(accepted, current.uuid, V3Error(text, call=_CALL))
        if wait:
            api.transport.clock.sleep(wait)
        try:
            current = look(api, family, accepted.reference, deadline)
        except V3Error as error:
            raise in_doubt(accepted, current.uuid, error) from error
    current.check()
    return current


def in_doubt(accepted: Task, uuid: str | None, error: V3Error) -> OutcomeUnknown:
    """Say what is known when something came between an accepted write and its outcome."""
    text = f"accepted, but: {error}"
    if isinstance(error, LimitReached) and error.retry_after is not None:
        text = f"{text}; v3 wants {error.retry_after:.0f} s of rest"
    return OutcomeUnknown(text, call=error.call, reference=accepted.reference, uuid=uuid)
