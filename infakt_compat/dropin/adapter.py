"""v2 for programs that use requests: an adapter that answers in place of www.infakt.pl.

    session.mount("https://www.infakt.pl/", V2Adapter(api_key=...))

OAuth is not checked: who holds the session holds the API key. /oauth gives tokens to everybody,
so that a program that asks for them goes on.
"""

import hashlib
import logging
import os
import secrets
import threading
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import requests
from requests.adapters import BaseAdapter

from infakt_compat.dropin.exchange import raise_unanswered, request_of, response_of
from infakt_compat.dropin.links import FOLDER, Links
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.patience import Patience, TooLate, within
from infakt_compat.dropin.serving import refusal, serve, serve_pdf
from infakt_compat.facade import Api, Defaults, V2Error, connect
from infakt_compat.store import Store, StoreError
from infakt_compat.v3 import PRODUCTION, Clock

log = logging.getLogger("infakt_compat")

_OAUTH = "/oauth/"
_TOKENS = ("/oauth/request_token", "/oauth/access_token")
_FORM = "application/x-www-form-urlencoded; charset=utf-8"
_STORE_SECONDS = 5
_NO_LINK = "There is no such file, or its link is older than a day."
_NO_PAGE = "There is no browser step: ask /oauth/access_token for a token."
_NO_STORE = "The store cannot be used at the moment. Try again later."
_DEFECT = "This is a defect of infakt-compat; its log says more."


class V2Adapter(BaseAdapter):
    """Answers a requests session as v2 did, from v3. Safe for several threads.

    A response is an ordinary `requests.Response`. `timeout=` bounds a call: the connection to v3
    and its answer; what v3 does not answer is requests' `ReadTimeout`, `ConnectTimeout` or
    `ConnectionError`. Links to PDFs are answered too, for a day.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str = PRODUCTION,
        dialect: Literal["current", "classic"] = "current",
        store: Store | str | os.PathLike[str] | None = None,
        defaults: Defaults | Mapping[str, Any] | None = None,
        *,
        quantity_as_number: bool = False,
        clock: Clock = Clock(),  # noqa: B008 - frozen
        **settings: Any,
    ) -> None:
        """Connect to v3; the settings are those of `infakt_compat.connect`.

        `quantity_as_number` gives `ilosc` as JSON's number. Raises `ValueError` and `StoreError`
        as `connect` does. Nothing is sent yet.
        """
        super().__init__()
        self._settings = {
            "api_key": api_key, "base_url": base_url, "dialect": dialect, "store": store,
            "defaults": defaults, "clock": clock, **settings,
        }  # fmt: skip
        self._quantity_as_number = quantity_as_number
        self._clock = clock
        self._lock = threading.Lock()
        self._api: Api | None = None
        self._process = 0
        self._left: list[Api] = []
        self._open()
        # The same for every process with this key: a link may be opened by the next run.
        self._key = hashlib.sha256(b"infakt-compat adapter links " + api_key.encode()).digest()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Answer a request; what v3 does not answer in time is requests' own exception."""
        del stream, verify, cert, proxies  # the body is here, and v3's connections are not theirs
        patience, asked = Patience.of(timeout), request_of(request)
        parts = urlsplit(request.url or "")
        links = Links(self._key, self._clock, f"{parts.scheme}://{parts.netloc}")

        def unanswered(error: V2Error) -> None:
            raise_unanswered(error, request)

        try:
            answer = within(
                patience.whole, lambda: self._answer(asked, links, patience, unanswered)
            )
        except TooLate:
            text = f"v3 has not answered within {patience.whole} s; the call goes on"
            raise requests.ReadTimeout(text, request=request) from None
        response = response_of(request, answer, self)
        _tell(answer)
        return response

    def close(self) -> None:
        """Close connections and store; a later request opens them again."""
        with self._lock:
            if self._api is not None and self._process == os.getpid():
                self._api.close()
                self._api = None

    def _open(self) -> Api:
        """Give this process's API: what was opened before a fork belongs to the parent."""
        with self._lock:
            if self._api is not None and self._process != os.getpid():
                self._left.append(self._api)  # and must not be closed here
                self._api = None
            if self._api is None:
                self._api, self._process = connect(**self._settings), os.getpid()
            return self._api

    def _answer(
        self, request: Request, links: Links, patience: Patience, unanswered: Any
    ) -> Answer:
        """Answer a request; raises what `unanswered` raises."""
        try:
            if request.path.startswith(_OAUTH):
                return _tokens(request, links)
            api = self._open()
            if patience.read is not None:
                api = api.patient(patience.read, patience.connect)
            if request.path.startswith(FOLDER):
                link = links.open(request.path)
                if link is None or link.account != api.account:
                    return refusal(request, links, 404, _NO_LINK)
                return serve_pdf(api, link, on_error=unanswered)
            return serve(
                api,
                request,
                links,
                quantity_as_number=self._quantity_as_number,
                on_error=unanswered,
            )
        except requests.RequestException:
            raise
        except StoreError as error:
            log.error("the store cannot be used: %s", error)
            return refusal(request, links, 503, _NO_STORE, _STORE_SECONDS)
        except Exception:
            log.exception("%s was not answered", request.path)
            return refusal(request, links, 500, _DEFECT)

    def __repr__(self) -> str:
        return f"V2Adapter({self._settings['base_url']!r})"

    def __reduce__(self) -> Any:
        raise TypeError("a V2Adapter holds an API key: make one where it is needed")


def _tokens(request: Request, links: Links) -> Answer:
    """Answer /oauth: a token for whoever asks, since none is ever looked at (v2-wire 4)."""
    if request.path not in _TOKENS:
        return refusal(request, links, 404, _NO_PAGE)
    pairs = {"oauth_token": secrets.token_hex(16), "oauth_token_secret": secrets.token_hex(20)}
    if request.path == _TOKENS[0]:
        pairs["oauth_callback_confirmed"] = "true"
    return Answer(200, _FORM, urlencode(pairs).encode())


def _tell(answer: Answer) -> None:
    """Note that the caller has the answer; if that fails, an equal create gets it again."""
    try:
        answer.told()
    except StoreError as error:
        log.warning("it could not be noted that an answer was given: %s", error)
