"""/oauth: request tokens, and access tokens by xAuth (v2-wire 4).

There is no browser step: a user's name and password come with the request for the access token.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from infakt_compat.dropin.accounts import Consumer
from infakt_compat.dropin.admission import NotAdmitted
from infakt_compat.dropin.logins import Logins
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.oauth import FORM, Signed
from infakt_compat.dropin.passwords import Passwords, TooMany
from infakt_compat.dropin.secret import Secret, seal
from infakt_compat.dropin.tokens import Credentials, Tokens

REQUEST_TOKEN = "/oauth/request_token"
ACCESS_TOKEN = "/oauth/access_token"
#: A caller that signs a GET as a POST is known, and v2 took it (v2-wire 4).
METHODS = ("GET", "POST")

_MODE = "client_auth"
_BUSY_SECONDS = 2
_TEXT = "text/plain; charset=utf-8"
_NO_PAGE = (
    "Not found. Tokens come from /oauth/request_token and /oauth/access_token. There is no browser "
    "step: send x_auth_username, x_auth_password and x_auth_mode=client_auth to the latter."
)
_NO_XAUTH = (
    "An access token needs x_auth_username, x_auth_password and x_auth_mode=client_auth: "
    "there is no browser step."
)


class TokenRequests:
    """Answers verified requests for tokens."""

    def __init__(
        self, key: Secret, tokens: Tokens, logins: Logins, clock: Callable[[], float]
    ) -> None:
        """Take the gateway's key, its tokens, the failed logins, and a clock."""
        self._key = key
        self._tokens = tokens
        self._logins = logins
        self._clock = clock
        self._passwords = Passwords(key)

    def request_token(self, consumer: Consumer, seed: bytes) -> Answer:
        """Give a request token; a byte-identical repeat (the same seed) gets the same one."""
        made = self._tokens.request(consumer.key, seed)
        account = consumer.accounts[0] if len(consumer.accounts) == 1 else ""
        return _answer(made, "oauth.request_token", account, oauth_callback_confirmed="true")

    def access_token(self, consumer: Consumer, signed: Signed, seed: bytes) -> Answer:
        """Give an access token to a user with the right password; raises `NotAdmitted`."""
        name, password = signed.xauth.get("username"), signed.xauth.get("password")
        if not name or password is None or signed.xauth.get("mode") != _MODE:
            raise NotAdmitted("no xAuth parameters", message=_NO_XAUTH)
        login = seal(self._key, "login", consumer.key, name).hex()
        wait = self._logins.begin(login, self._clock())
        if wait:
            raise NotAdmitted(f"too many logins of one user failed: {wait:.0f} s to wait")
        if not self._right(consumer, name, password):
            raise NotAdmitted("wrong user name or password")
        self._logins.succeeded(login)
        user = consumer.users[name]
        made = self._tokens.access(consumer.key, user, seed)
        return _answer(made, "oauth.access_token", user.account.name)

    def _right(self, consumer: Consumer, name: str, password: str) -> bool:
        try:
            return self._passwords.check(consumer.hashes, name, password)
        except TooMany:
            raise NotAdmitted(
                "too many passwords are being checked",
                message="Try again.",
                retry_after=_BUSY_SECONDS,
            ) from None


def refused(request: Request) -> Answer | None:
    """Answer a request that asks for no token: another page, another method; None otherwise."""
    if request.path not in (REQUEST_TOKEN, ACCESS_TOKEN):
        return Answer(404, _TEXT, _NO_PAGE.encode(), verb="oauth.not_found")
    if request.method not in METHODS:
        allow = ("Allow", ", ".join(METHODS))
        return Answer(405, _TEXT, b"Method not allowed.", (allow,), "oauth.not_found")
    return None


def _answer(made: Credentials, verb: str, account: str, **more: str) -> Answer:
    """Write a token as all callers read it: a form."""
    pairs = {"oauth_token": made.token, "oauth_token_secret": made.secret.reveal(), **more}
    return Answer(
        200,
        FORM,
        urlencode(pairs).encode(),
        (("Cache-Control", "no-store"),),
        verb,
        account=account,
    )
