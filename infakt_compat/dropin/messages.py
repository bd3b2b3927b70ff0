"""A v2 request and its answer, the same for the gateway and the adapter."""

from collections.abc import Callable

from attrs import field, frozen

from infakt_compat.notices import Notice


def _nobody() -> None:
    """Tell nobody."""


@frozen
class Request:
    """What a caller sent: path and query as on the wire, still percent-encoded."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """Give a header, in any case of its name; one that came twice is joined by commas."""
        wanted = name.lower()
        found = [value for key, value in self.headers if key.lower() == wanted]
        return ", ".join(found) if found else None


@frozen
class Answer:
    """What the caller gets.

    `told` is to be called once the caller has it: an equal create is a new one from then on.
    `verb` names what was asked ("invoices.create"), for logs and counts, and `account` for whom it
    was where the answer shows that first; `notices` were said.
    """

    status: int
    content_type: str
    body: bytes = field(default=b"", repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    verb: str = ""
    notices: tuple[Notice, ...] = field(default=(), repr=False)
    told: Callable[[], object] = field(default=_nobody, repr=False, eq=False)
    account: str = ""
