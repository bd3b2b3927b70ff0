"""Links to PDFs: unguessable, good for a day without OAuth, bound to an account (v2-wire 3.2).

Nothing is stored: a link says what it names, and a keyed hash of that which nobody else can make.
"""

import base64
import binascii
import hashlib
import hmac
import re

from attrs import frozen

from infakt_compat.v3 import Clock

#: Where v2's links began; the gateway hands every path under it to `Links.open`.
FOLDER = "/files/pdfs/"
_SECONDS = 24 * 60 * 60
_NAME = re.compile(
    r"faktura_(?P<id>[1-9][0-9]{0,17})_(?P<doc_type>[a-z]{1,10})"
    r"_(?P<until>[1-9][0-9]{0,11})_(?P<account>[A-Za-z0-9-]{0,400}?)_(?P<seal>[0-9a-f]{64})\.pdf"
)


@frozen
class PdfLink:
    """What a link names: the account's name in the store, v2's id, and v2's word for the paper."""

    account: str
    id: int
    doc_type: str


class Links:
    """Makes links and opens them."""

    def __init__(self, key: bytes, clock: Clock, base: str) -> None:
        """Keep the gateway's own key, the clock, and the public base URL.

        The base (`https://www.infakt.pl`) also begins the `request` of errors.
        """
        self._key = _sealed(key, "links to PDFs")  # of its own: the key itself serves more
        self._clock = clock
        self.base = base.rstrip("/")

    def url(self, account: str, id: int, doc_type: str) -> str:  # noqa: A002 - v2's word
        """Give the URL of a PDF; `doc_type` is a word of `mappings/routes.toml`."""
        until = int(self._clock.wall()) + _SECONDS
        name = f"faktura_{id}_{doc_type}_{until}_{_letters(account)}"
        return f"{self.base}{FOLDER}{name}_{self._seal(name)}.pdf"

    def open(self, path: str) -> PdfLink | None:
        """Say what the path of a URL names; None for one that is forged, damaged or too old."""
        found = _NAME.fullmatch(path.removeprefix(FOLDER)) if path.startswith(FOLDER) else None
        if found is None:
            return None
        name = path.removeprefix(FOLDER)[: found.start("seal") - 1]
        if not hmac.compare_digest(self._seal(name), found["seal"]):
            return None
        if int(found["until"]) < self._clock.wall():
            return None
        return PdfLink(_text(found["account"]), int(found["id"]), found["doc_type"])

    def _seal(self, name: str) -> str:
        return _sealed(self._key, name).hex()


def _sealed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _letters(text: str) -> str:
    """Write any text with letters and digits: in a name, `_` parts one thing from the next."""
    return base64.b32encode(text.encode()).decode().rstrip("=").lower()


def _text(letters: str) -> str:
    padded = letters.upper() + "=" * (-len(letters) % 8)
    try:
        return base64.b32decode(padded).decode()
    except (binascii.Error, UnicodeDecodeError) as error:  # sealed by us, so it cannot be
        raise ValueError(f"a link's account: {error}") from None
