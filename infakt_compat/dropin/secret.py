"""Secrets: never shown, compared in constant time only, kept in files that only their owner reads.

The v3 keys and the gateway's own key come from the environment or from such files (decisions.md 7).
"""

import hashlib
import hmac
import os
import stat
from pathlib import Path
from typing import Any, NoReturn

from infakt_compat.errors import InfaktCompatError

_MOST_BYTES = 65_536
_OTHERS = 0o077
_MODE = 0o600


class SecretUnusable(InfaktCompatError):
    """A secret cannot be had, or others can read it: the message says what to do about it."""


class Secret:
    """A secret text: it is not printed, compared with ==, hashed or pickled by accident.

    `matches` is the only comparison, and takes as long whatever differs.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        """Keep the text."""
        self._text = text

    def reveal(self) -> str:
        """Give the text itself."""
        return self._text

    def matches(self, given: str) -> bool:
        """Compare in constant time; nothing matches an empty secret."""
        same = hmac.compare_digest(_bytes(self._text), _bytes(given))
        return same and self._text != ""

    def __bool__(self) -> bool:
        return self._text != ""

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError("secrets are compared by matches()")

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        raise TypeError("a secret is not written anywhere")


def seal(key: Secret, *parts: str | bytes) -> bytes:
    """Give 32 bytes that only the holder of the key can make of these parts (HMAC-SHA256).

    The first part says what for, so that what was made for one purpose serves no other. Each part
    is preceded by its length: no two lists of parts are sealed alike.
    """
    encoded = [part if isinstance(part, bytes) else _bytes(part) for part in parts]
    text = b"".join(b"%d:%b" % (len(part), part) for part in encoded)
    # Not hmac.digest: that lets other threads run each time, and costs them and us a change.
    return hmac.new(_bytes(key.reveal()), text, hashlib.sha256).digest()


def from_environment(name: str) -> Secret:
    """Take a secret from the environment; raises `SecretUnusable`."""
    text = os.environ.get(name, "").strip()
    if not text:
        raise SecretUnusable(f"the environment has no {name}: set it before the gateway starts")
    return Secret(text)


def from_file(path: Path) -> Secret:
    """Take a secret from a file that only its owner can read; raises `SecretUnusable`."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise SecretUnusable(f"{path} cannot be read: {error.strerror}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise SecretUnusable(f"{path} is not a file")
        check_mode(path, status)
        content = os.read(handle, _MOST_BYTES + 1)
    finally:
        os.close(handle)
    try:
        text = content.decode().strip()
    except UnicodeDecodeError:
        text = ""
    if not text or len(content) > _MOST_BYTES:
        raise SecretUnusable(f"{path} holds no secret: one line of text is expected")
    return Secret(text)


def check_mode(path: Path, status: os.stat_result) -> None:
    """Raise `SecretUnusable` for a file that others than its owner can read or write."""
    if os.name == "posix" and status.st_mode & _OTHERS:
        mode = stat.S_IMODE(status.st_mode)
        raise SecretUnusable(f"{path} can be read by others (mode {mode:04o}): chmod 600 {path}")


def write_new(path: Path, text: str) -> None:
    """Write a file that only its owner can read; raises `FileExistsError` and other `OSError`."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _bytes(text: str) -> bytes:
    """Encode any text, also what is no proper Unicode: a caller may send it."""
    return text.encode("utf-8", "surrogatepass")
