"""One call of a verb: its deadline, its notices, and v2's error when it fails (decisions.md 6)."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define, field

from infakt_compat.errors import ConversionError, Fault
from infakt_compat.facade.account import Account
from infakt_compat.facade.errors import Answer, V2Error, answers, named
from infakt_compat.facade.faults import Faults
from infakt_compat.notices import Notice
from infakt_compat.store import StoreBusy
from infakt_compat.v3 import (
    LimitReached,
    NoAnswer,
    OutcomeUnknown,
    Refused,
    ServerFault,
    V3Client,
    V3Error,
)
from infakt_compat.v3.waits import Deadline

#: Seconds between looks while another is at work: from the first to the longest.
_LOOKS = (0.02, 0.5)


@define
class Call:
    """What a verb is about, while it runs."""

    account: Account
    path: str
    resource: str
    v3: V3Client
    deadline: Deadline
    #: How many lines the caller sent, and the kind of the document: for the form of an error.
    lines: int = 0
    kind: object = "vat"
    notices: list[Notice] = field(factory=list)

    def note(self, notices: Iterable[Notice]) -> None:
        """Say something about the documents of this call."""
        self.notices += notices

    def error(
        self,
        answer: Answer,
        details: str = "",
        retry_after: float | None = None,
        errors: dict[str, Any] | None = None,
    ) -> V2Error:
        """Make v2's error of a rule of the table."""
        body: dict[str, Any] = {
            "message": answer.message,
            "request": named(f"{self.account.base}/{self.path}", answer.whole),
        }
        if errors is not None:
            body["errors"] = errors
        if details:
            body["details"] = details
        wait = None
        if answer.retry_after is not None:
            wait = max(1, math.ceil(answer.retry_after if retry_after is None else retry_after))
        return V2Error(answer.status, body, retry_after=wait, whole=answer.whole)

    def invalid(self, faults: Faults, advice: str = "") -> V2Error:
        """Make the 409 that names fields."""
        details = "; ".join([*([advice] if advice else []), *faults.details])
        return self.error(answers().of_status(409, ""), details, errors=faults.tree())

    def refuse(self, name: str, details: str, code: str = "invalid") -> V2Error:
        """Make a 409 that names one field or parameter."""
        faults = self.faults()
        faults.add(name, code)
        return self.invalid(faults, details)

    def faults(self) -> Faults:
        """Start to gather faults."""
        return Faults(self.resource, self.lines)

    def not_found(self, details: str = "") -> V2Error:
        """Make the 404."""
        return self.error(answers().of_status(404, ""), details)

    def outcome(
        self, name: str, details: str = "", retry_after: float | None = None, message: str = ""
    ) -> V2Error:
        """Make the error of what became of a call; `message` names another text of the table."""
        made = self.error(answers().of_outcome(name), details, retry_after)
        if message:
            made.body["message"] = answers().messages[message]
        return made

    def refused(self, faults: Iterable[Fault]) -> V2Error:
        """Make the 409 for a document that cannot be translated."""
        found = self.faults()
        found.take(faults)
        return self.invalid(found)

    def failed(self, error: V3Error) -> V2Error:
        """Make v2's error of what v3 said, or did not say."""
        if isinstance(error, LimitReached):
            return self.outcome("limit", error.text, error.retry_after)
        if isinstance(error, Refused):
            return self._refused(error)
        if isinstance(error, OutcomeUnknown):
            return self.outcome("doubt", str(error), error.retry_after)
        if isinstance(error, NoAnswer):
            return self.outcome("no_answer", str(error))
        return self.outcome("fault" if isinstance(error, ServerFault) else "broken", str(error))

    def _refused(self, error: Refused) -> V2Error:
        if not error.json or error.status is None:
            return self.outcome("broken", str(error))
        said = error.said
        answer = answers().of_status(error.status, said)
        if answer.status != 409:
            return self.error(answer, said if answer.status != 404 else error.text)
        faults = self.faults()
        faults.take_v3(error.fields, self.kind)
        if not faults:
            faults.add("base", "invalid")
        return self.invalid(faults, error.text)

    def wait_for(self, done: Callable[[], bool]) -> bool:
        """Look until something is done by another; False when the patience ends before."""
        wait, longest = _LOOKS
        while not done():
            if self.deadline.left <= wait:
                return False
            self.account.clock.sleep(wait)
            wait = min(2 * wait, longest)
        return True


@contextmanager
def verb(account: Account, path: str, resource: str = "invoice") -> Iterator[Call]:
    """Run a verb: what goes wrong in it leaves as a `V2Error`, what is to be said is kept."""
    account.board.notices = ()
    v3 = account.v3.bounded(account.patience)
    deadline = Deadline.after(account.clock, account.patience)
    call = Call(account, path, resource, v3, deadline)
    try:
        yield call
    except V3Error as error:
        raise call.failed(error) from error
    except ConversionError as error:  # what v3 showed cannot be shown on
        raise call.outcome("broken", str(error)) from error
    except StoreBusy as error:
        raise call.outcome("limit", str(error)) from error
    finally:
        account.board.notices = tuple(call.notices)
