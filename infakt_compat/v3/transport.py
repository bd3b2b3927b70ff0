"""The engine: one call becomes as many exchanges as it may, and an answer or one clear exception.

Reads are tried again. A write is tried again only when it is certain that v3 has not acted: no
connection came about, or v3 refused it on arrival with 429.
"""

import contextlib
import ssl
from collections.abc import Iterator
from functools import cached_property
from typing import Any, TypeVar

import requests
import urllib3
from attrs import field, frozen
from requests.utils import get_environ_proxies

from infakt_compat.codecs import json_text
from infakt_compat.v3 import errors
from infakt_compat.v3.answers import Answer, Call, Silence, judge
from infakt_compat.v3.limits import Limiter
from infakt_compat.v3.log import Log, log_line
from infakt_compat.v3.session import ApiKey, Payload
from infakt_compat.v3.waits import Backoff, Clock, Deadline, Timeouts

T = TypeVar("T")

_CHUNK = 65536
#: An answer beyond this is no answer of v3 (own choice; a page of 100 invoices has about 1 MiB).
MOST_BYTES = 64 * 1024 * 1024
#: A read is given this long at least, however little is left of the caller's patience.
_LEAST_SECONDS = 1.0
_NEVER_SENT = (
    requests.exceptions.ConnectTimeout,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.NameResolutionError,
    urllib3.exceptions.ProxyError,
    ssl.SSLCertVerificationError,
)
#: What OpenSSL says when both sides find no common way to talk.
_NO_HANDSHAKE = frozenset({
    "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_VERSION_NUMBER",
    "NO_PROTOCOLS_AVAILABLE", "SSLV3_ALERT_HANDSHAKE_FAILURE", "TLSV1_UNRECOGNIZED_NAME",
})  # fmt: skip


class _TooMuchError(Exception):
    """An answer is too long, or takes too long."""


@frozen
class Transport:
    """All that calls of one client share; its `repr` shows no secret."""

    session: requests.Session = field(repr=False)
    key: ApiKey = field(repr=False)
    base: str
    limiter: Limiter | None = field(repr=False)
    timeouts: Timeouts = field(repr=False)
    backoff: Backoff = field(repr=False)
    clock: Clock = field(repr=False)
    log: Log | None = field(repr=False)
    log_bodies: bool = field(repr=False)

    def call(self, call: Call[T], deadline: Deadline) -> T:
        """Run a call to its end, within the caller's patience."""
        body = None if call.body is None else json_text.dumps(call.body)
        attempt = 0
        while True:
            attempt += 1
            self._enter(call, deadline)
            outcome = self._exchange(call, body, attempt, deadline)
            try:
                return judge(call, outcome, self.clock.wall())
            except errors.V3Error as error:
                self._let_alone(call, error, deadline)
                wait = self._again(call, error, attempt)
                if wait is None or wait >= deadline.left:
                    raise
            self.clock.sleep(wait)

    def _enter(self, call: Call[T], deadline: Deadline) -> None:
        """Take a slot in the windows, or say that patience ends before there is one."""
        if deadline.left <= 0:
            text = "the caller's patience is over"
            raise errors.LimitReached(text, call=str(call), retry_after=self.backoff.limited)
        while self.limiter is not None and (wait := self.limiter.take(call.writes)) > 0:
            if wait > deadline.left:
                text = "our share of v3's limits is used up"
                raise errors.LimitReached(text, call=str(call), retry_after=wait)
            # A little more each: who waits for the same slot should not come at the same moment.
            self.clock.sleep(wait + 0.02 * self.clock.chance())

    def _let_alone(self, call: Call[T], error: errors.V3Error, deadline: Deadline) -> None:
        """Wait as long as the 503 of a write wants: whoever then looks may find what it did."""
        if not isinstance(error, errors.OutcomeUnknown) or error.retry_after is None:
            return
        self._tell(call, error.retry_after)
        wait = self.backoff.late(error.retry_after, self.clock)
        if wait < deadline.left:
            self.clock.sleep(wait)
            error.retry_after = None

    def _tell(self, call: Call[T], seconds: float) -> None:
        """Tell all who share our windows that v3 wants to be left alone."""
        if self.limiter is not None:
            self.limiter.refused(call.writes, self.clock.wall() + seconds)

    def _again(self, call: Call[T], error: errors.V3Error, attempt: int) -> float | None:
        """How long to wait before another try; None when there must be none."""
        if isinstance(error, errors.LimitReached):
            if error.retry_after is None:
                error.retry_after = self.backoff.refused(attempt, self.clock)
            self._tell(call, error.retry_after)
            late = self.backoff.late(error.retry_after, self.clock)
            return max(late, self.backoff.failed(attempt, self.clock))
        if attempt >= self.backoff.attempts or not _harmless(call, error):
            return None
        return self.backoff.failed(attempt, self.clock)

    def _exchange(
        self, call: Call[T], body: bytes | None, attempt: int, deadline: Deadline
    ) -> Answer | Silence:
        payload = None if body is None else Payload(body)
        started = self.clock.now()
        outcome = self._outcome(call, payload, deadline)
        if self.log is not None:
            seconds = self.clock.now() - started
            # A log that fails must not take away the outcome of a write.
            with contextlib.suppress(Exception):
                self.log(log_line(call, attempt, outcome, seconds, self.log_bodies))
        return outcome

    def _outcome(
        self, call: Call[T], payload: Payload | None, deadline: Deadline
    ) -> Answer | Silence:
        """Send once. What requests raises holds the key in its headers, so it stays in here."""
        try:
            response = self._send(call, payload, deadline)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as e:
            sent = not _never_sent(e) and (payload is None or payload.begun)
            return Silence(type(e).__name__, sent)
        with response:
            content, whole = self._content(response)
        if not response.ok:
            content = self.key.mask(content)
        return Answer(response.status_code, response.headers, content, whole)

    def _send(
        self, call: Call[T], payload: Payload | None, deadline: Deadline
    ) -> requests.Response:
        headers = {"Accept": call.accept}
        if call.writes:
            headers["Content-Type"] = "application/json"
        request = requests.Request(
            call.method,
            self.base + call.path,
            headers=headers,
            params=list(call.params),
            data=payload,
            auth=self.key,
        )
        prepared = self.session.prepare_request(request)
        settings = dict(self._environment, timeout=self._timeout(call, deadline))
        settings["proxies"] = {**self.session.proxies, **self._environment["proxies"]}
        return self.session.send(prepared, allow_redirects=False, **settings)

    @cached_property
    def _environment(self) -> dict[str, Any]:
        """What the environment says of proxies and authorities for this v3: looked up once.

        To go through all of its variables takes as long as half of the rest of an exchange.
        """
        session = self.session
        settings = session.merge_environment_settings(self.base, {}, True, session.verify, None)
        proxies = get_environ_proxies(self.base) if session.trust_env else {}
        return {**settings, "proxies": proxies}

    def _timeout(self, call: Call[T], deadline: Deadline) -> tuple[float, float]:
        read = self.timeouts.read
        if not call.writes:
            read = min(read, max(deadline.left, _LEAST_SECONDS))
        return self.timeouts.connect, read

    def _content(self, response: requests.Response) -> tuple[bytes, bool]:
        """Read the body piece by piece; give what came, and whether that is all."""
        content = bytearray()
        until = self.clock.now() + self.timeouts.total
        try:
            for piece in _pieces(response):
                content += piece
                if len(content) > MOST_BYTES or self.clock.now() > until:
                    raise _TooMuchError
        except (_TooMuchError, urllib3.exceptions.HTTPError, OSError, ValueError):
            return bytes(content), False
        return bytes(content), True


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """Give what has arrived as it arrives: `read` would wait for a whole piece, however slow."""
    while piece := response.raw.read1(_CHUNK, decode_content=True):
        yield piece


def _harmless(call: Call[T], error: errors.V3Error) -> bool:
    """Whether the call may be sent again after this."""
    if isinstance(error, errors.Unreachable):
        return True
    again = (errors.NoAnswer, errors.ServerFault, errors.BrokenAnswer)
    return not call.writes and isinstance(error, again) and not isinstance(error, errors.Redirected)


def _never_sent(error: BaseException) -> bool:
    """Whether an exception, or one that it was made of, says that no connection came about."""
    seen: set[int] = set()
    pending: list[Any] = [error]
    while pending:
        one = pending.pop()
        if isinstance(one, _NEVER_SENT):
            return True
        if isinstance(one, ssl.SSLError) and one.reason in _NO_HANDSHAKE:
            return True
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            pending += [*one.args, getattr(one, "reason", None)]
    return False
