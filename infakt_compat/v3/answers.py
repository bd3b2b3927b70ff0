"""What an exchange came to: v3's answer as a value, or the right exception.

Pure rules (v3-wire 2, decisions 5) that know nothing of sockets, so that each can be tested by
itself.
"""

import math
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar

from attrs import frozen

from infakt_compat.codecs import json_text
from infakt_compat.v3 import errors

T = TypeVar("T")
Record = dict[str, Any]
Param = tuple[str, str]

#: A Retry-After beyond this is not believed: v3 is asked again after an hour (own choice).
MOST_SECONDS = 3600.0
#: Readers of PDF look for its end mark in so many last bytes.
_END_OF_PDF = 1024


class UnreadableError(ValueError):
    """An answer of success whose body is not what the call answers with."""


@frozen
class Answer:
    """What came back; `whole` is False when the body broke off."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    whole: bool = True


@frozen
class Silence:
    """No answer; `sent` says whether v3 may have got the request."""

    reason: str
    sent: bool


@frozen
class Call(Generic[T]):
    """One request, and how to read the body of its success."""

    method: str
    path: str
    read: Callable[[Answer], T]
    params: tuple[Param, ...] = ()
    body: Record | None = None
    accept: str = "application/json"

    @property
    def writes(self) -> bool:
        """Whether v3 counts it among the writes, and whether it must not be sent twice blindly."""
        return self.method != "GET"

    def __str__(self) -> str:
        """Give method and path; the query may hold personal data."""
        return f"{self.method} {self.path}"


def judge(call: Call[T], outcome: Answer | Silence, now: float) -> T:
    """Give what the call answers with, or raise what became of it. `now` is the time of day."""
    if isinstance(outcome, Silence):
        raise _silent(call, outcome)
    if not 200 <= outcome.status < 300:
        raise _unsuccessful(call, outcome, now)
    try:
        return call.read(outcome)
    except UnreadableError as error:
        text = f"v3's answer cannot be read: {error}"
    if call.writes:
        raise errors.OutcomeUnknown(text, call=str(call), status=outcome.status)
    raise errors.BrokenAnswer(text, call=str(call), status=outcome.status)


def _silent(call: Call[T], silence: Silence) -> errors.V3Error:
    if not silence.sent:
        return errors.Unreachable(f"v3 cannot be reached: {silence.reason}", call=str(call))
    text = f"no answer: {silence.reason}"
    if call.writes:
        return errors.OutcomeUnknown(text, call=str(call))
    return errors.NoAnswer(text, call=str(call))


def _unsuccessful(call: Call[T], answer: Answer, now: float) -> errors.V3Error:
    if answer.status in (429, 503):
        return _limited(call, answer, now)
    if answer.status < 400:
        return _redirected(call, answer)
    text, fields, json = said(answer)
    if answer.status >= 500:
        known = {"call": str(call), "status": answer.status}
        return (errors.OutcomeUnknown if call.writes else errors.ServerFault)(text, **known)  # type: ignore[arg-type]
    kind = errors.REFUSALS.get(answer.status, errors.Refused)
    return kind(text, call=str(call), status=answer.status, fields=fields, json=json)


def _limited(call: Call[T], answer: Answer, now: float) -> errors.V3Error:
    """429 and 503 are v3's answers about limits (v3-wire 2.1).

    Only 429 is v3's alone: a 503 may be a proxy's, after v3 has worked, so that for a write it is a
    doubt like any 5xx, whatever time it names (decisions.md 5).
    """
    text, fields, json = said(answer)
    wait = retry_after(answer.headers, now)
    if answer.status == 503 and call.writes:
        return errors.OutcomeUnknown(text, call=str(call), status=answer.status, retry_after=wait)
    return errors.LimitReached(
        text, call=str(call), status=answer.status, fields=fields, json=json, retry_after=wait
    )


def _redirected(call: Call[T], answer: Answer) -> errors.V3Error:
    """303 and its older cousin 302 may follow a write that was done; 301, 307 and 308 do not."""
    text = "v3 redirects, which it never does; is the base URL right?"
    if call.writes and answer.status not in (301, 307, 308):
        return errors.OutcomeUnknown(text, call=str(call), status=answer.status)
    return errors.Redirected(text, call=str(call), status=answer.status)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Read Retry-After, seconds or a date, into seconds; None when there is none or it is no time.

    A date is compared with the answer's own Date: clocks differ, and the difference is what counts.
    """
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text) if text[0].isdigit() else _date(text) - _now(headers, now)
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MOST_SECONDS) if math.isfinite(seconds) else None


def _now(headers: Mapping[str, str], now: float) -> float:
    try:
        return _date(headers.get("Date", ""))
    except ValueError:
        return now


def _date(text: str) -> float:
    return parsedate_to_datetime(text).timestamp()


def said(answer: Answer) -> tuple[str, dict[str, list[str]], bool]:
    """Read the body of an error: its text, its fields, and whether it was a JSON object at all.

    Shapes as in v3-wire 2.2; whatever else comes must not make things worse.
    """
    try:
        body = _json(answer)
    except UnreadableError:
        return "", {}, False
    if not isinstance(body, dict):
        return "", flat(body), False
    error = body.get("error")
    fields = flat(body.get("errors"))
    if error is not None and not isinstance(error, str):
        fields = {**flat(error), **fields}
    texts = (error, body.get("message"))
    return next((text for text in texts if isinstance(text, str)), ""), fields, True


def flat(value: Any, name: str = "") -> dict[str, list[str]]:
    """Flatten errors of any shape into field and texts; what has no field goes under `base`."""
    if value is None:
        return {}
    found: dict[str, list[str]] = {}
    if isinstance(value, dict):
        for key, inner in value.items():
            _merge(found, flat(inner, f"{name}.{key}" if name else str(key)))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            nested = isinstance(inner, dict | list)
            _merge(found, flat(inner, f"{name}[{index}]" if nested and name else name))
    else:
        found[name or "base"] = [str(value)]
    return found


def _merge(found: dict[str, list[str]], more: dict[str, list[str]]) -> None:
    for name, texts in more.items():
        found.setdefault(name, []).extend(texts)


def _json(answer: Answer) -> Any:
    if not answer.whole:
        raise UnreadableError("it broke off")
    try:
        return json_text.loads(answer.content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"no JSON ({type(error).__name__})") from None


def record(answer: Answer) -> Record:
    """Read a JSON object."""
    value = _json(answer)
    if not isinstance(value, dict):
        raise UnreadableError("no JSON object")
    return value


def document(answer: Answer) -> Record:
    """Read a JSON object that can be named: it has an id or a uuid."""
    value = record(answer)
    if not value.get("id") and not value.get("uuid"):
        raise UnreadableError("a document without id and uuid")
    return value


def nothing(answer: Answer) -> None:
    """Read nothing: the status says it all (202 and 204, v3-wire 6)."""


def pdf(answer: Answer) -> bytes:
    """Read a PDF; an answer of another kind, or half of one, is not handed on as one."""
    if not answer.whole or not answer.content.startswith(b"%PDF-"):
        raise UnreadableError("no PDF")
    if b"%%EOF" not in answer.content[-_END_OF_PDF:]:
        raise UnreadableError("a PDF without its end")
    return answer.content
