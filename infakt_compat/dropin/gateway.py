"""The gateway as a WSGI application: v2's addresses for callers in any language (v2-wire).

    gunicorn --workers 2 --threads 8 'infakt_compat.dropin.gateway:application()'

takes the configuration that the environment variable INFAKT_COMPAT_GATEWAY names;
`infakt-compat gateway` serves it by itself. Counts, the page and PDF links of callers with API keys
of their own are each process' own; everything else that has to last is in the store.
"""

import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from attrs import evolve

from infakt_compat.dropin import config as configuration
from infakt_compat.dropin.addresses import own_urls
from infakt_compat.dropin.apis import Apis, own_label
from infakt_compat.dropin.calls_log import Call, Calls, Log, LogHandler
from infakt_compat.dropin.config import Gateway
from infakt_compat.dropin.door import Door, Entry, NotAdmitted
from infakt_compat.dropin.links import FOLDER, Links
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.metrics import Metrics
from infakt_compat.dropin.operators import Operators
from infakt_compat.dropin.routes import NotServed, match
from infakt_compat.dropin.serving import refusal, serve, serve_pdf
from infakt_compat.dropin.wsgi import Environ, Sending, StartResponse, Unreadable, body, head
from infakt_compat.facade.errors import answers
from infakt_compat.store import StoreError, open_store
from infakt_compat.tables.routes import routes
from infakt_compat.v3 import Clock

#: Names the configuration file for servers that import the application.
VARIABLE = "INFAKT_COMPAT_GATEWAY"

_TOKENS = "/oauth/"
_READS = frozenset({"list", "show", "pdf", "user_data"})
_PDF = "files.pdf"
_OPERATORS = "operators"
_DELIVER = "invoices.deliver"
_MESSAGES = {
    400: "The request cannot be read.",
    405: "This address does not take this method.",
    408: "The request took too long to arrive.",
    413: "The body is too large.",
    414: "The URL is too long.",
    431: "There are too many headers, or they are too long.",
    500: "The gateway has a defect.",
    501: "This transfer encoding is not served.",
}
_NO_STORE = "The gateway cannot use its store at the moment. Try again later."
_NOTHING = "There is nothing at this address."
_NO_LINK = "This link does not lead to a document, or no longer. Ask for a new one."
_STORE_SECONDS = 5
_TIDY_SECONDS = 3600.0
_LOGGERS = ("infakt_compat", "waitress")
_log = logging.getLogger(_LOGGERS[0])


class Application:
    """What any WSGI server serves; safe for its threads. Close it at the end."""

    def __init__(
        self, config: Gateway, *, log: TextIO | None = None, clock: Clock | None = None
    ) -> None:
        """Open the store and connect the accounts; the log goes to standard error by default.

        Raises `StoreError`, and `ValueError` for settings that cannot be meant.
        """
        clock = clock or Clock()
        lines = Log(log or sys.stderr)
        self._handler = LogHandler(lines)
        self._metrics = Metrics()
        self._calls = Calls(lines, self._metrics)
        self._next_look = time.monotonic() + _TIDY_SECONDS
        self._links = _links(config, clock)
        self.store = open_store(config.store, clock=clock.wall)
        try:
            self._door = Door(config, self.store, clock.wall)
            base = f"{self._usual.base}{routes().prefix}"
            self.apis = Apis(config, self.store, base, self._calls.exchanges_of, clock)
        except BaseException:
            self.store.close()
            raise
        self._operators = Operators(config, self.store, self.apis, self._calls, self._metrics)
        self.quick = self._operators.paths
        for name in _LOGGERS:
            logging.getLogger(name).addHandler(self._handler)

    def close(self) -> None:
        """End the background work and close the store."""
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(self._handler)
        self.apis.close()
        self.store.close()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Sending:
        """Answer a request."""
        call = self._calls.begin()
        try:
            answer = self._answer(head(environ), environ, call)
        finally:
            self._calls.leave()
        call.answered(answer)

        def ended(sent: bool) -> None:
            if call.verb != _OPERATORS or call.defect:  # their own requests are no calls
                self._calls.over(call, sent)
            self._tidy()

        return Sending(answer, environ, self._telling(answer, call), ended).start(start_response)

    def refuse(self, request: Request, status: int) -> Answer:
        """Answer what is no request that could be read, and never came to the application."""
        call = Call()
        answer = refusal(request, self._usual, status, _MESSAGES.get(status, _MESSAGES[400]))
        call.answered(answer)
        self._calls.over(call, sent=True)
        return answer

    # ---- from a request to an answer

    def _answer(self, request: Request, environ: Environ, call: Call) -> Answer:
        """Answer, whatever happens."""
        links = self._links_for(request)
        try:
            return self._admitted(request, environ, links, call)
        except NotAdmitted as error:
            call.reason = error.reason
            if error.retry_after is None or not request.path.startswith(f"{routes().prefix}/"):
                return error.answer
            return refusal(request, links, error.status, error.message, error.retry_after)
        except Unreadable as error:
            call.outcome = "unreadable"
            return refusal(request, links, error.status, error.message)
        except StoreError as error:
            call.reason = f"{type(error).__name__}: {error}"
            return refusal(request, links, 503, _NO_STORE, _STORE_SECONDS)
        except Exception as error:
            return self._failed(request, links, call, error)

    def _admitted(self, request: Request, environ: Environ, links: Links, call: Call) -> Answer:
        path = request.path
        shown = self._operators.answer(request, environ)
        if shown is not None:
            call.verb = _OPERATORS
            return shown
        if path.startswith(FOLDER):
            return self._pdf(request, links, call)
        if path.startswith(_TOKENS):
            call.verb = "oauth"
            answer = self._door.tokens(self._whole(request, environ))
            call.account = answer.account
            return answer
        if path.startswith(f"{routes().prefix}/"):
            return self._verb(self._whole(request, environ), links, call)
        return refusal(request, links, 404, _NOTHING)

    def _whole(self, request: Request, environ: Environ) -> Request:
        return evolve(request, body=body(environ))

    def _verb(self, request: Request, links: Links, call: Call) -> Answer:
        """Run a verb of v2's for whoever is let in."""
        writes = False
        try:
            route = match(request.method, request.path).route
        except NotServed:
            pass  # whoever is let in is told so
        else:
            call.verb, writes = route.name, route.verb not in _READS
        entry = self._door.enter(request, writes=writes)
        call.account = entry.account.name if entry.account else own_label(entry.name)
        if entry.repeat is not None:
            call.outcome = "repeated"
            return entry.repeat
        return self._kept(entry, links, call)

    def _kept(self, entry: Entry, links: Links, call: Call) -> Answer:
        """Do it, and keep the answer of a signed write before it goes out."""
        if entry.resumed and call.verb == _DELIVER:
            # Whoever was at it died; an e-mail is not sent twice on a guess. It stays in doubt.
            unsure = answers().of_outcome("unsure")
            return refusal(entry.request, links, unsure.status, unsure.message)
        try:
            number = entry.account is not None and entry.account.quantity_as_number
            with self.apis.lend(entry) as api:
                answer = serve(api, entry.request, links, quantity_as_number=number)
        except Exception as error:
            answer = self._failed(entry.request, links, call, error)
        try:
            entry.keep(answer)
        except StoreError as error:
            # A repeat will run it again: then an equal create must find this answer, not be new.
            call.reason = f"the answer is not kept: {type(error).__name__}"
            answer = evolve(answer, told=_nobody)
        return answer

    def _failed(self, request: Request, links: Links, call: Call, error: Exception) -> Answer:
        """Answer after a defect of ours: the log says where it is, the caller in which line."""
        call.failed(error)
        return refusal(
            request, links, 500, f"{_MESSAGES[500]} Its log knows call {call.reference}."
        )

    def _pdf(self, request: Request, links: Links, call: Call) -> Answer:
        """Give the PDF that a link names; the link is all that is needed."""
        call.verb = _PDF
        if request.method not in ("GET", "HEAD"):
            return refusal(request, links, 405, _MESSAGES[405])
        link = links.open(request.path)
        if link is None:
            return refusal(request, links, 404, _NO_LINK)
        with self.apis.of_link(link.account) as api:
            if api is None:
                return refusal(request, links, 404, _NO_LINK)
            call.account = self.apis.label(link.account)
            return serve_pdf(api, link)

    # ---- on the way out

    def _telling(self, answer: Answer, call: Call) -> Callable[[], None]:
        """Give what is called once the answer has gone; it cannot fail."""

        def told() -> None:
            try:
                answer.told()
            except Exception as error:  # an equal create gets the same answer, until that is kept
                name = type(error).__name__
                _log.warning("call %s: not noted as given (%s)", call.reference, name)

        return told

    def _tidy(self) -> None:
        """Purge the store when it is due: a gateway runs for months."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + _TIDY_SECONDS
        try:
            self.store.purge_if_due()
        except StoreError as error:
            _log.warning("the store is not purged (%s)", type(error).__name__)

    @property
    def _usual(self) -> Links:
        return next(iter(self._links.values()))

    def _links_for(self, request: Request) -> Links:
        """Choose the public base URL that the caller knows: that of its Host, else the first."""
        return self._links.get((request.header("Host") or "").lower(), self._usual)


def _links(config: Gateway, clock: Clock) -> dict[str, Links]:
    """Make links for each public base URL, and for the gateway's own address, by host."""
    key = config.key.reveal().encode()
    bases = [*config.base_urls, *own_urls(config.listen)]
    made: dict[str, Links] = {}
    for base in bases:
        made.setdefault(base.partition("://")[2].partition("/")[0].lower(), Links(key, clock, base))
    return made


def _nobody() -> None:
    """Tell nobody."""


def application(path: str | os.PathLike[str] | None = None) -> Application:
    """Make the application from a configuration file, by default the one the environment names.

    Raises `ConfigError`, `StoreError` and `ValueError`.
    """
    named = path if path is not None else os.environ.get(VARIABLE)
    if not named:
        raise ValueError(f"name the gateway's configuration in the environment: {VARIABLE}")
    return Application(configuration.read(Path(named)))
