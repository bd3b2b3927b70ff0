"""The door: who calls, for which account, and whether this very request was seen before.

In this order: the signature is verified, then the nonce is taken, then the request goes on. So
nobody without the secrets can use up a nonce, and nothing happens twice.
"""

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from attrs import field, frozen

from infakt_compat.dropin import oauth, token_requests
from infakt_compat.dropin.accounts import Accounts
from infakt_compat.dropin.admission import NotAdmitted
from infakt_compat.dropin.config import Account, Gateway
from infakt_compat.dropin.logins import Logins
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.nonces import Nonces, Seen, Taken
from infakt_compat.dropin.oauth import Malformed, Pairs, Signed
from infakt_compat.dropin.secret import seal
from infakt_compat.dropin.tables import COMPONENT, STEPS
from infakt_compat.dropin.token_requests import TokenRequests
from infakt_compat.dropin.tokens import Tokens
from infakt_compat.dropin.verifying import Clock, Verifier
from infakt_compat.store import Store, StoreBusy
from infakt_compat.store.upgrade import upgrade
from infakt_compat.v3.session import KEY_HEADER

__all__ = ["Door", "Entry", "NotAdmitted"]

_KEY = re.compile(r"[!-~]{1,255}")
_AT_WORK_SECONDS = 2
_TIDY_SECONDS = 60.0


def _nothing(_: Answer) -> None:
    """Keep nothing."""


@frozen
class Entry:
    """A request that may go on.

    - `account`: the configured account, or None for a caller with an API key of its own;
    - `api_key`: the v3 key to use, the account's or the caller's own;
    - `name`: the account in the store (for an own API key: a keyed hash of it);
    - `request`: the request without what authenticated it: no oauth_ and x_auth_ parameters in
      query and form, no Authorization and X-inFakt-ApiKey header; the rest as on the wire;
    - `params`: the pairs of that query, and of the body if it is a form, decoded, in order;
    - `repeat`: the answer that the very same signed write got: give it again, do nothing else;
    - `resumed`: the very same signed write was begun before and never ended (its process died, or
      is at it for far longer than the patience): nobody knows what it did.
    """

    account: Account | None
    api_key: str = field(repr=False)
    name: str
    request: Request = field(repr=False)
    params: Pairs = field(default=(), repr=False)
    repeat: Answer | None = None
    resumed: bool = False
    _keep: Callable[[Answer], None] = field(default=_nothing, repr=False, eq=False)

    def keep(self, answer: Answer) -> None:
        """Keep the answer of a signed write for its repeats; call it before the answer goes out.

        Call it whatever the answer is: a 5xx is not kept, but lets a repeat run at once. Does
        nothing for reads, repeats and own API keys. Raises `StoreError`.
        """
        self._keep(answer)


class Door:
    """Checks signatures, tokens, nonces and API keys; shared by the threads of a process."""

    def __init__(self, config: Gateway, store: Store, clock: Clock) -> None:
        """Serve the accounts of a configuration; `clock` gives epoch seconds.

        The port of `config.listen` is the real one here. Raises `StoreError`.
        """
        upgrade(store.database, COMPONENT, STEPS)
        tokens = Tokens(config.key)
        self._config = config
        self._clock = clock
        self._nonces = Nonces(store.database, config.clock_skew, config.patience)
        self._logins = Logins(store.database)
        self._verifier = Verifier(config, Accounts(config.accounts.values(), tokens), clock)
        self._token_requests = TokenRequests(config.key, tokens, self._logins, clock)
        self._tidying = threading.Lock()
        self._tidied = clock()
        self.tidy()

    def enter(self, request: Request, *, writes: bool = True) -> Entry:
        """Admit a request to /api/v2; raises `NotAdmitted`, and `StoreError` when the store fails.

        `writes` says whether the verb changes anything (paid, deliver and delete do, whatever
        their method): a byte-identical repeat of a write gets its stored answer, that of a read
        runs again (decisions.md 5).
        """
        own = request.header(KEY_HEADER)
        if own is not None:
            return self._own(request, own)
        signed = _signed(request)
        account = self._verifier.access(request, signed)
        taken = self._take(request, signed, writes)
        mine = partial(self._nonces.keep, taken) if writes and taken.holder else _nothing
        return Entry(
            account=account,
            api_key=account.v3_key.reveal(),
            name=account.store_name,
            request=oauth.stripped(request),
            params=signed.given,
            repeat=taken.answer,
            resumed=taken.seen is Seen.RESUMED,
            keep=mine,
        )

    def tokens(self, request: Request) -> Answer:
        """Answer what is under /oauth: request_token, access_token; raises as `enter` does.

        Nothing of it is kept: a byte-identical repeat runs again and gets the same token.
        """
        refused = token_requests.refused(request)
        if refused is not None:
            return refused
        signed = _signed(request)
        asks = request.path == token_requests.REQUEST_TOKEN
        methods = [request.method] if asks else token_requests.METHODS
        consumer = self._verifier.login(request, signed, methods)
        self._take(request, signed, writes=False)
        seed = self._fingerprint(request)
        if asks:
            return self._token_requests.request_token(consumer, seed)
        return self._token_requests.access_token(consumer, signed, seed)

    def tidy(self) -> None:
        """Delete nonces, answers and failed logins that have reached their age.

        Happens by itself while requests come; a gateway that waits for long has to call it.
        """
        now = self._clock()
        self._nonces.purge(now)
        self._logins.purge(now)

    def _own(self, request: Request, key: str) -> Entry:
        """Admit a caller with an API key of its own: v3 will say whether it is one."""
        if not self._config.own_api_keys:
            raise NotAdmitted("an own API key, and own_api_keys is not true")
        if not _KEY.fullmatch(key):
            raise NotAdmitted("an own API key that is none")
        try:
            params = oauth.given(request)
            signed = oauth.read(request) is not None
        except Malformed:  # a form that v2 could not read either: serving will say so
            params, signed = (), False
        if signed:
            raise NotAdmitted("both an own API key and a signature")
        name = seal(self._config.key, "own API key", self._config.base_url, key).hex()[:32]
        return Entry(None, key, f"key-{name}", oauth.stripped(request), params)

    def _take(self, request: Request, signed: Signed, writes: bool) -> Taken:
        """Take the nonce of a verified request; raises `NotAdmitted` when that cannot go on."""
        key, now = self._config.key, self._clock()
        self._tidy_if_due(now)
        nonce = seal(key, "nonce", signed.consumer, signed.token, signed.nonce).hex()
        taken = self._nonces.take(nonce, self._fingerprint(request).hex(), writes=writes, now=now)
        if taken.seen is Seen.USED:
            raise NotAdmitted("the nonce was used by another request")
        if taken.seen is Seen.AT_WORK:
            raise NotAdmitted(
                "the very same request is still at work",
                message="This request is being processed.",
                retry_after=_AT_WORK_SECONDS,
            )
        return taken

    def _fingerprint(self, request: Request) -> bytes:
        """Seal the whole request: what is signed, and the body whether it is signed or not."""
        headers = [request.header(name) or "" for name in ("Authorization", "Content-Type")]
        line = (request.method, request.path, request.query)
        return seal(self._config.key, "request", *line, *headers, request.body)

    def _tidy_if_due(self, now: float) -> None:
        """Tidy once a minute, in one thread; while others hold the store, the next call does it."""
        if now - self._tidied < _TIDY_SECONDS or not self._tidying.acquire(blocking=False):
            return
        try:
            self._tidied = now
            with suppress(StoreBusy):
                self.tidy()
        finally:
            self._tidying.release()


def _signed(request: Request) -> Signed:
    """Read a signed request; raises `NotAdmitted`."""
    try:
        signed = oauth.read(request)
    except Malformed as error:
        raise NotAdmitted(str(error)) from None
    if signed is not None:
        return signed
    hidden = b"oauth_signature=" in request.body
    why = "; a body that is no form (Content-Type) cannot carry them" if hidden else ""
    raise NotAdmitted(f"no OAuth parameters{why}")
