"""Tokens of the gateway's own: nothing of them is stored, they do not expire (decisions.md 7).

A token is 40 letters and digits, as v2's were: whose it is (8), a part of its own (16), and the
mark (16) that only the gateway's key can make of both, the consumer key, the account and the user.
Its secret is made of the gateway's key and the token alone. Who is no longer in the configuration
has no valid token; another key ends all of them.
"""

import base64

from attrs import frozen

from infakt_compat.dropin.config import Account
from infakt_compat.dropin.secret import Secret, seal

_WHOSE, _OWN, _MARK, _SECRET = 8, 16, 16, 40
_LENGTH = _WHOSE + _OWN + _MARK


@frozen
class User:
    """A user of an account, who logs in with a password."""

    account: Account
    name: str


@frozen
class Credentials:
    """A token and its secret, for the one who asked."""

    token: str
    secret: Secret


class Tokens:
    """Makes and recognises access tokens and request tokens."""

    def __init__(self, key: Secret) -> None:
        """Take the gateway's own key."""
        self._key = key

    def whose(self, user: User) -> str:
        """Give the part of a token that says whose it is."""
        return self._letters(_WHOSE, "whose", user.account.name, user.name)

    def access(self, consumer: str, user: User, seed: bytes) -> Credentials:
        """Make an access token; the same request (its `seed`) gets the same one."""
        begin = self.whose(user) + self._letters(_OWN, "own part", seed)
        token = begin + self._mark(consumer, user, begin)
        return Credentials(token, self.secret(consumer, token))

    def request(self, consumer: str, seed: bytes) -> Credentials:
        """Make a request token: it leads to an access token together with a password only."""
        begin = self._letters(_WHOSE + _OWN, "request token", seed)
        token = begin + self._request_mark(consumer, begin)
        return Credentials(token, self.secret(consumer, token))

    def is_access(self, consumer: str, user: User, token: str) -> bool:
        """Say whether we made a token for a user."""
        begin, mark = token[:-_MARK], token[-_MARK:]
        return Secret(self._mark(consumer, user, begin)).matches(mark) and len(token) == _LENGTH

    def is_request(self, consumer: str, token: str) -> bool:
        """Say whether we made a request token for a consumer."""
        begin, mark = token[:-_MARK], token[-_MARK:]
        return Secret(self._request_mark(consumer, begin)).matches(mark) and len(token) == _LENGTH

    def secret(self, consumer: str, token: str) -> Secret:
        """Give the secret of a token, also of one that we never made."""
        return Secret(self._letters(_SECRET, "token secret", consumer, token))

    def _mark(self, consumer: str, user: User, begin: str) -> str:
        return self._letters(_MARK, "access token", consumer, user.account.name, user.name, begin)

    def _request_mark(self, consumer: str, begin: str) -> str:
        return self._letters(_MARK, "request token mark", consumer, begin)

    def _letters(self, number: int, *parts: str | bytes) -> str:
        """Seal parts, and write that with as many small letters and digits (5 bits each)."""
        return base64.b32encode(seal(self._key, *parts)[: number * 5 // 8]).decode().lower()


def whose(token: str) -> str:
    """Give the part of a token that says whose it is."""
    return token[:_WHOSE]
