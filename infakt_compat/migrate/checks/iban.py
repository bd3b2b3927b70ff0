"""Bank account numbers in texts: 26 digits in Poland, with or without the prefix, by checksum.

v2 had no field for them; they stand in notes and in fields that v2 never documented.
"""

import re
from collections.abc import Iterator

from stdnum import iban

#: A text with an account number is at least so long.
SHORTEST = 26
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:PL)?((?:[ \u00a0-]?[0-9]){26})(?![0-9A-Za-z])")
_SEPARATORS = str.maketrans("", "", " \u00a0-")


def account_numbers(text: str) -> Iterator[tuple[str, bool]]:
    """Give each account number in a text, and whether its checksum is right."""
    for found in _NUMBER.finditer(text):
        digits = found[1].translate(_SEPARATORS)
        yield digits, iban.is_valid(f"PL{digits}")


def valid(number: str) -> bool:
    """Say whether an account number is right; without a prefix it is one in Poland."""
    bare = number.translate(_SEPARATORS).upper()
    return bool(iban.is_valid(f"PL{bare}" if bare.isdigit() else bare))
