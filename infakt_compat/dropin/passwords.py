"""Passwords: argon2 hashes, checked in the same time for users that there are and that are not.

A check takes tens of milliseconds and as many MiB on purpose, so few run at once.
"""

import base64
import re
import secrets
import threading
from collections.abc import Mapping

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.low_level import ARGON2_VERSION

from infakt_compat.dropin.secret import Secret, seal

#: Checks that run at once in a process; others wait, but not for ever.
_AT_ONCE = 2
_SECONDS = 5.0

_HASH = re.compile(r"\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}")


class TooMany(Exception):
    """So many passwords are being checked that this one has to wait."""


def check_hash(hashed: str) -> None:
    """Raise `ValueError` for what is no password hash of ours."""
    if not _HASH.fullmatch(hashed):
        raise ValueError("is no argon2id hash: infakt-compat gateway add-user makes one")


def new_hash(password: str, hasher: PasswordHasher | None = None) -> str:
    """Hash a password with argon2-cffi's parameters of today (RFC 9106)."""
    return (hasher or PasswordHasher()).hash(password)


class Passwords:
    """Checks passwords; shared by the threads of a process."""

    def __init__(self, key: Secret) -> None:
        """Take the gateway's key: it says which work an unknown user costs."""
        self._key = key
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._hasher = PasswordHasher()

    def check(self, users: Mapping[str, str], user: str, password: str) -> bool:
        """Say whether a password is that user's, of some users' hashes.

        The work is the same for a user that is not there: the hash of one who is, or of nobody,
        with a result that no password has. Raises `TooMany`.
        """
        hashed = users.get(user, self._nobody(users, user))
        if not self._turns.acquire(timeout=_SECONDS):
            raise TooMany
        try:
            return self._hasher.verify(hashed, password)
        except VerificationError:
            return False
        finally:
            self._turns.release()

    def _nobody(self, users: Mapping[str, str], user: str) -> str:
        """Make a hash that no password has, as costly as those of the users.

        Where these differ, a name costs the same each time, as a real user's does.
        """
        like = sorted(users.values()) or [_default_hash()]
        draw = int.from_bytes(seal(self._key, "nobody", user)[:8], "big")
        *head, salt, result = like[draw % len(like)].split("$")
        return "$".join([*head, _random_like(salt), _random_like(result)])


def _random_like(encoded: str) -> str:
    """Give random bytes in argon2's base64, as many as these."""
    size = len(base64.b64decode(encoded + "=" * (-len(encoded) % 4)))
    return _encoded(secrets.token_bytes(size))


def _default_hash() -> str:
    """Give the form of a hash with the default parameters, of no password."""
    made = PasswordHasher()
    work = f"m={made.memory_cost},t={made.time_cost},p={made.parallelism}"
    salt, result = _encoded(bytes(made.salt_len)), _encoded(bytes(made.hash_len))
    return f"$argon2id$v={ARGON2_VERSION}${work}${salt}${result}"


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode().rstrip("=")
