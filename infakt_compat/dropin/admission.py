"""Not getting in: what the caller is told, which gives nothing away, and what the log says."""

from infakt_compat.dropin.messages import Answer

#: The words of the Rails provider of v2's time (v2-wire 3.5), the same whatever was wrong.
MESSAGE = "Invalid OAuth Request"
_TEXT = "text/plain; charset=utf-8"
_MOST_REASON = 300


class NotAdmitted(Exception):
    """A request that goes no further.

    - `status`: 401, or 503 when the caller is to try again (`retry_after`, in seconds);
    - `message`: for the caller; of a 401 the same whatever was wrong, so that nothing is learnt by
      asking, until the signature was right;
    - `reason`: for the log: printable ASCII in one line, nothing secret or personal in it.
    """

    def __init__(
        self, reason: str, *, message: str = MESSAGE, retry_after: int | None = None
    ) -> None:
        """Clean the reason: text of the caller's may stand in it."""
        self.reason = plain(reason)
        super().__init__(self.reason)
        self.message = message
        self.retry_after = retry_after
        self.status = 401 if retry_after is None else 503

    @property
    def answer(self) -> Answer:
        """The answer as plain text."""
        header = ("WWW-Authenticate", "OAuth")
        if self.retry_after is not None:
            header = ("Retry-After", str(self.retry_after))
        return Answer(self.status, _TEXT, self.message.encode(), (header,))


def plain(text: str) -> str:
    """Give a text as it may stand in a log: one line of printable ASCII, not long."""
    cleaned = "".join(letter if " " <= letter <= "~" else "?" for letter in text[:_MOST_REASON])
    return cleaned + ("..." if len(text) > _MOST_REASON else "")
