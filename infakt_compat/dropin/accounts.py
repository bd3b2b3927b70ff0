"""Who may call for which account: consumers, their users and their tokens.

What is not there is looked up as a stranger or a nobody, whose secrets nobody knows: the work is
the same for everybody, and so is its time.
"""

import secrets
from collections.abc import Iterable

from attrs import field, frozen

from infakt_compat.dropin.config import Account
from infakt_compat.dropin.secret import Secret
from infakt_compat.dropin.tokens import Tokens, User, whose


@frozen
class Held:
    """An access token that a caller has held for years, of the configuration."""

    account: Account
    secret: Secret


@frozen
class Consumer:
    """A caller's application; several accounts may share one, and then their users are its."""

    key: str
    secret: Secret
    known: bool = True
    accounts: list[str] = field(factory=list)
    users: dict[str, User] = field(factory=dict, repr=False)
    hashes: dict[str, str] = field(factory=dict, repr=False)
    tokens: dict[str, Held] = field(factory=dict, repr=False)


@frozen
class Right:
    """What a token is good for: nothing, to log in, or (with an account) to call for it."""

    valid: bool
    secret: Secret
    account: Account | None = None


class Accounts:
    """Finds consumers, and what their tokens are good for."""

    def __init__(self, accounts: Iterable[Account], tokens: Tokens) -> None:
        """Index the accounts, which have been checked against each other."""
        self._tokens = tokens
        self._consumers: dict[str, Consumer] = {}
        self._users: dict[str, User] = {}
        self._stranger = Consumer(secrets.token_hex(), Secret(secrets.token_hex()), known=False)
        for account in accounts:
            self._add(account)

    def consumer(self, key: str) -> Consumer:
        """Give the consumer of a key, or a stranger."""
        return self._consumers.get(key, self._stranger)

    def access(self, consumer: Consumer, token: str) -> Right:
        """Say what an access token is good for: one of ours, or one held for years."""
        user = self._users.get(whose(token))
        made = self._tokens.is_access(consumer.key, user or _NOBODY, token)
        secret = self._tokens.secret(consumer.key, token)
        held = consumer.tokens.get(token)
        if held is not None:
            return Right(True, held.secret, held.account)
        account = user.account if made and user is not None else None
        return Right(account is not None, secret, account)

    def login(self, consumer: Consumer, token: str) -> Right:
        """Say whether an access token may be asked for with this token, which may be empty."""
        made = self._tokens.is_request(consumer.key, token)
        secret = self._tokens.secret(consumer.key, token)
        held = consumer.tokens.get(token)
        if held is not None:
            return Right(True, held.secret)
        return Right(made or not token, secret if token else Secret())

    def _add(self, account: Account) -> None:
        key = account.consumer_key
        consumer = self._consumers.setdefault(key, Consumer(key, account.consumer_secret))
        consumer.accounts.append(account.name)
        for name, hashed in account.users.items():
            user = consumer.users[name] = User(account, name)
            consumer.hashes[name] = hashed
            self._users[self._tokens.whose(user)] = user
        for token, secret in account.tokens.items():
            consumer.tokens[token] = Held(account, secret)


_NOBODY = User(
    Account(
        name="", v3_key=Secret(), base_url="", consumer_key="", consumer_secret=Secret()
    ),
    "",
)  # fmt: skip
