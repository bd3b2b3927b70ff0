"""What can go wrong between us and v3, as types to tell apart (v3-wire 2, decisions 5).

The line that matters is the one between *refused* (v3 did nothing), *not sent* (v3 saw nothing) and
`OutcomeUnknown` (v3 may have done it): only the last may never be sent again without a look.
"""

from collections.abc import Mapping, Sequence

from infakt_compat.errors import InfaktCompatError

Fields = Mapping[str, Sequence[str]]


class V3Error(InfaktCompatError):
    """The base: `call` is method and path, `status` v3's status if any, `text` its words."""

    def __init__(self, text: str = "", *, call: str = "", status: int | None = None) -> None:
        """Keep what is known; nothing here holds the API key or a request."""
        super().__init__(text)
        self.text = text
        self.call = call
        self.status = status

    def __str__(self) -> str:
        """Give call, status and text in one line."""
        status = "" if self.status is None else f"{self.status} "
        return f"{self.call}: {status}{self.text}" if self.call else f"{status}{self.text}"


class Refused(V3Error):
    """V3 answered that it does not do this; nothing was done.

    `fields` maps a field (dotted for lines: `services.gross`; `base` for the document itself) to
    its texts. `json` says whether the body was v3's own JSON: a page of a proxy is not. `reference`
    names the task whose end this is, if it was one.
    """

    def __init__(
        self,
        text: str = "",
        *,
        call: str = "",
        status: int | None = None,
        fields: Fields | None = None,
        json: bool = True,
        reference: str | None = None,
    ) -> None:
        """Keep v3's own words and the fields they belong to."""
        super().__init__(text, call=call, status=status)
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}
        self.json = json
        self.reference = reference

    @property
    def said(self) -> str:
        """All of v3's words in one text, without call and status."""
        return " ".join([self.text, *(one for texts in self.fields.values() for one in texts)])

    def __str__(self) -> str:
        """Add the fields to the line."""
        said = "; ".join(f"{name}: {', '.join(texts)}" for name, texts in self.fields.items())
        return f"{super().__str__()} ({said})" if said else super().__str__()


class BadRequest(Refused):
    """400: a parameter has a value that v3 does not take."""


class Unauthorized(Refused):
    """401: no key, an invalid one, or one without the needed scope."""


class PlanLimit(Refused):
    """402: the account's plan does not go that far."""


class Forbidden(Refused):
    """403: the plan's limit, or an address that is blocked; the text tells which."""


class NotFound(Refused):
    """404: no such document in this family; a uuid of another family is 404, too."""


class WrongFormat(Refused):
    """406: a format in the URL that v3 does not have."""


class Conflict(Refused):
    """409: seen once, undocumented."""


class Gone(Refused):
    """410: an API that was switched off (KSeF 1)."""


class Invalid(Refused):
    """422: validation or business rules; also a task that ended with 422 (v3-wire 1.3)."""


class Locked(Refused):
    """423: the resource or the account is locked."""


class LimitReached(Refused):
    """429, a read's 503, or our own windows are full (`status` None): nothing was done.

    `retry_after` is how many seconds to leave v3 alone.
    """

    def __init__(
        self,
        text: str = "",
        *,
        call: str = "",
        status: int | None = None,
        fields: Fields | None = None,
        json: bool = True,
        reference: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Keep how long to wait."""
        super().__init__(
            text, call=call, status=status, fields=fields, json=json, reference=reference
        )
        self.retry_after = retry_after


class ServerFault(V3Error):
    """A 5xx for a read; a write's is `OutcomeUnknown`."""


class NoAnswer(V3Error):
    """A read that got no answer: timed out, or the connection broke."""


class Unreachable(NoAnswer):
    """No connection came about, so nothing was sent: neither a read nor a write has begun."""


class BrokenAnswer(V3Error):
    """A read whose answer cannot be understood: no JSON, cut off, or of another shape."""


class Redirected(BrokenAnswer):
    """3xx: v3 does not redirect, and our key follows nobody. The base URL is likely wrong."""


class NotInDialect(V3Error):
    """The dialect has no such call; nothing was sent."""


class OutcomeUnknown(V3Error):
    """A write that v3 may or may not have done. This package never sends it again by itself.

    `reference` is the task's, `uuid` the document's, as far as they are known. `done` is True when
    v3 said that it did it and only its words could not be read. `retry_after` is how many seconds a
    503 still wants v3 to be left alone: more than the caller's patience, else they were waited for.
    """

    def __init__(
        self,
        text: str = "",
        *,
        call: str = "",
        status: int | None = None,
        reference: str | None = None,
        uuid: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Keep every thread that leads to the outcome."""
        super().__init__(text, call=call, status=status)
        self.reference = reference
        self.uuid = uuid
        self.retry_after = retry_after

    @property
    def done(self) -> bool:
        """Whether v3 answered with success."""
        return self.status is not None and 200 <= self.status < 300


REFUSALS: Mapping[int, type[Refused]] = {
    400: BadRequest,
    401: Unauthorized,
    402: PlanLimit,
    403: Forbidden,
    404: NotFound,
    406: WrongFormat,
    409: Conflict,
    410: Gone,
    422: Invalid,
    423: Locked,
    429: LimitReached,
}
