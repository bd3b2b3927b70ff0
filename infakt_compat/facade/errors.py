"""v2's errors: the exception that carries one, and the table of what v3's answers become.

`mappings/errors.toml` is the table; which field an error belongs to is `faults`' affair.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import frozen

from infakt_compat.errors import InfaktCompatError, TableError
from infakt_compat.tables.files import data_folder

FILE = "errors.toml"
OUTCOMES = ("limit", "no_answer", "doubt", "unsure", "fault", "broken")
_STATUSES = (401, 402, 404, 409, 502, 503)
_KEYS = {"v3", "outcome", "words", "not_words", "status", "message", "request", "retry_after"}
_SECRET = ("oauth_", "x_auth_")


class V2Error(InfaktCompatError):
    """What v2 would have answered: `status`, and `body` as v2's JSON held it.

    `body` has `message`, `request`, for a 409 `errors`, and `details` with v3's own words where
    there are any. `retry_after` is in seconds, for a 503 after which a repeat does no harm.
    """

    def __init__(
        self,
        status: int,
        body: Mapping[str, Any],
        *,
        retry_after: int | None = None,
        whole: bool = False,
    ) -> None:
        """Keep the answer; `whole` says that v2 named this request by its absolute URL."""
        super().__init__(status, body)
        self.status = status
        self.body = dict(body)
        self.retry_after = retry_after
        self.whole = whole

    def asked(self, url: str) -> "V2Error":
        """Give the same error for a request that came to another URL (a gateway's)."""
        body = {**self.body, "request": named(url, self.whole)}
        return V2Error(self.status, body, retry_after=self.retry_after, whole=self.whole)

    def __str__(self) -> str:
        """Give status, message and fields in one line."""
        pairs = [f"{name}: {found}" for name, found in self.body.get("errors", {}).items() if found]
        said = [self.body.get("details"), *pairs]
        return " | ".join([f"{self.status} {self.body['message']}", *filter(None, said)])

    def __reduce__(self) -> Any:
        """Travel between processes whole."""
        return _remade, (self.status, self.body, self.retry_after, self.whole)


def _remade(status: int, body: Mapping[str, Any], retry_after: int | None, whole: bool) -> V2Error:
    return V2Error(status, body, retry_after=retry_after, whole=whole)


def named(url: str, whole: bool) -> str:
    """Name a request as v2 did, without the parameters that authenticate it (decisions.md 6)."""
    parts = urlsplit(url)
    if not whole:
        return parts.path
    kept = [
        pair
        for pair in parse_qsl(parts.query, keep_blank_values=True)
        if not pair[0].lower().startswith(_SECRET)
    ]
    return parts._replace(query=urlencode(kept), fragment="").geturl()


@frozen
class Answer:
    """One rule of the table: what v2 said in such a case."""

    status: int
    message: str
    whole: bool
    retry_after: int | None = None
    v3: tuple[int, ...] = ()
    outcome: str = ""
    words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()

    def fits(self, status: int, text: str) -> bool:
        """Say whether the rule holds for a status and a text of v3's."""
        said = text.casefold()
        if status not in self.v3 or any(word in said for word in self.not_words):
            return False
        return not self.words or any(word in said for word in self.words)


@frozen
class Answers:
    """The whole table."""

    messages: Mapping[str, str]
    rules: tuple[Answer, ...]
    codes: tuple[tuple[str, tuple[str, ...]], ...]
    names: Mapping[str, str]

    def of_status(self, status: int, text: str) -> Answer:
        """Give the rule for a status of v3's; one that no rule names cannot be understood."""
        found = next((rule for rule in self.rules if rule.fits(status, text)), None)
        return found or self.of_outcome("broken")

    def of_outcome(self, outcome: str) -> Answer:
        """Give the rule for what became of a call."""
        return next(rule for rule in self.rules if rule.outcome == outcome)

    def code(self, text: str) -> str:
        """Give v2's code for a text that v3 says of a field."""
        said = text.casefold()
        for code, words in self.codes:
            if any(word in said for word in words):
                return code
        return "invalid"


@cache
def answers() -> Answers:
    """Give the project's own table; raises `TableError` for one that cannot be used."""
    text = data_folder("mappings").joinpath(FILE).read_text("utf-8")
    return load(text)


def load(text: str) -> Answers:
    """Read and check a table; raises `TableError`."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TableError(f"mappings/{FILE}: {error}") from None
    if strange := tree.keys() - {"message", "answer", "code", "names"}:
        raise _bad(f"unknown: {', '.join(sorted(strange))}")
    messages = tree.get("message", {})
    rules = tuple(_rule(entry, messages) for entry in tree.get("answer", ()))
    if missing := set(OUTCOMES) - {rule.outcome for rule in rules}:
        raise _bad(f"no answer for {', '.join(sorted(missing))}")
    codes = tuple((str(one["v2"]), _folded(one["words"])) for one in tree.get("code", ()))
    return Answers(messages, rules, codes, tree.get("names", {}))


def _rule(entry: Mapping[str, Any], messages: Mapping[str, str]) -> Answer:
    """Check one rule."""
    if strange := entry.keys() - _KEYS - {"why"}:
        raise _bad(f"unknown in an answer: {', '.join(sorted(strange))}")
    if not entry.get("why") or ("v3" in entry) is ("outcome" in entry):
        raise _bad(f"an answer has a why, and either v3 or outcome: {dict(entry)}")
    if entry.get("outcome", "broken") not in OUTCOMES or entry.get("status") not in _STATUSES:
        raise _bad(f"no such outcome or status: {dict(entry)}")
    if entry.get("message") not in messages or entry.get("request") not in ("url", "path"):
        raise _bad(f"no such message or request: {dict(entry)}")
    again = entry["status"] == 503 and entry.get("outcome") != "unsure"
    if again is not ("retry_after" in entry):
        raise _bad(f"a 503 has a retry_after, and only that; unsure has none: {dict(entry)}")
    return Answer(
        status=entry["status"],
        message=messages[entry["message"]],
        whole=entry["request"] == "url",
        retry_after=entry.get("retry_after"),
        v3=tuple(entry.get("v3", ())),
        outcome=entry.get("outcome", ""),
        words=_folded(entry.get("words", ())),
        not_words=_folded(entry.get("not_words", ())),
    )


def _folded(words: Any) -> tuple[str, ...]:
    return tuple(str(word).casefold() for word in words)


def _bad(reason: str) -> TableError:
    return TableError(f"mappings/{FILE}: {reason}")
