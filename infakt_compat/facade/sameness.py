"""Whether v3 shows a value as it was sent."""

import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from html import unescape
from typing import Any

from infakt_compat.money import read_number
from infakt_compat.translate.compile import blank


def same(sent: Any, shown: Any, exact: bool = False) -> bool:
    """Say whether v3 shows a value as it was sent: blank is blank, and numbers count as numbers.

    Text may have lost outer and doubled spaces, unless it has to be `exact`.
    """
    if blank(sent) or blank(shown):
        return blank(sent) and blank(shown)
    if isinstance(sent, bool) or isinstance(shown, bool):
        return sent is shown
    if isinstance(sent, list | Mapping) or isinstance(shown, list | Mapping):
        return bool(sent == shown)
    if type(sent) is str and type(shown) is str:
        return sent == shown or (not exact and sent.split() == shown.split())
    number = number_of(sent)
    return str(sent) == str(shown) or (number is not None and number == number_of(shown))


def same_words(sent: str, shown: str) -> bool:
    """Say whether two texts have the same letters and digits: what spelling cannot change."""
    return _letters(sent) == _letters(shown)


def number_of(value: object) -> Decimal | None:
    """Give a value as a number, None when it is none."""
    try:
        return read_number(format(value, "f") if isinstance(value, Decimal) else str(value))
    except ValueError:
        return None


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", unescape(text)).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
