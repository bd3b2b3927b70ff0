"""Whom a tax number names: NIP by its checksum, EU VAT numbers by their countries' rules, others.

FA(3) takes a buyer's NIP, or an EU VAT number with its prefix, or another number, or none
(Podmiot2; limits.toml). v3 checks the NIP of a client that it creates (v3-wire 7).
"""

import re
from functools import cache
from typing import Any

from attrs import frozen
from stdnum.eu import vat
from stdnum.pl import nip, pesel, regon
from stdnum.util import get_cc_module

from infakt_compat.tables.limits import limits

POLAND = "PL"
#: With such tax numbers v3 creates no client (v3-wire 7).
NOT_A_CLIENT = frozenset({"nip.invalid", "nip.other_number", "nip.other_country"})
#: FA(3): TNrNIP. The checksum alone lets 0000000000 pass.
_NIP = re.compile(r"[1-9](?:[0-9][1-9]|[1-9][0-9])[0-9]{7}")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_SEPARATORS = str.maketrans("", "", " \u00a0\u202f-./")
#: Where the prefix of a VAT number is not the country's code.
_PREFIXES = {"GR": "EL"}
_MEMO_SIZE = 20_000


@frozen
class Identifier:
    """A tax number as it was understood.

    `code` says what is wrong (empty: nothing), `detail` quotes it. `known` says whether there is
    any.
    """

    code: str = ""
    detail: str = ""
    known: bool = True


NONE = Identifier(known=False)


class Identifiers(dict[tuple[str, str], Identifier]):
    """What was made of each country and number: bounded, as archives repeat their buyers."""

    def __missing__(self, key: tuple[str, str]) -> Identifier:
        """Look at a number that was not seen before."""
        found = identify(*key)
        if len(self) >= _MEMO_SIZE:
            self.clear()
        self[key] = found
        return found


def digits_of(text: str) -> str:
    """Give the digits of a tax number: what v3 compares clients by."""
    return text if text.isascii() and text.isdigit() else _NOT_DIGITS.sub("", text)


def identify(country: str, text: str) -> Identifier:
    """Understand a buyer's tax number; `country` is alpha-2, Poland where it is empty."""
    bare = text.translate(_SEPARATORS).upper()
    if not bare:
        return NONE
    country = country or POLAND
    if country == POLAND:
        code = _polish(bare)
    elif country.lower() in vat.MEMBER_STATES:
        code = _european(country, bare)
    else:
        code = "ksef.too_long" if len(text.strip()) > limits().fa3.other_id else ""
    return Identifier(code, text if code else "")


def _polish(bare: str) -> str:
    """Judge the number of a buyer in Poland."""
    number = bare.removeprefix(POLAND)
    if _NIP.fullmatch(number) and nip.checksum(number) == 0:
        return ""
    if (len(number) == 11 and pesel.is_valid(number)) or (
        len(number) in (9, 14) and regon.is_valid(number)
    ):
        return "nip.other_number"
    if number[:2].isalpha() and not _european(_country(number[:2]), number):
        return "nip.other_country"
    return "nip.invalid"


@cache
def _rules(country: str) -> Any:
    """Give the rules of a country's VAT numbers."""
    return get_cc_module(country.lower(), "vat")


def _country(prefix: str) -> str:
    """Give the country of a VAT number's prefix."""
    return next((code for code, known in _PREFIXES.items() if known == prefix), prefix)


def _european(country: str, bare: str) -> str:
    """Judge the VAT number of a buyer in another country of the Union."""
    if country.lower() not in vat.MEMBER_STATES:
        return "vat_number.invalid"
    number = bare.removeprefix(_PREFIXES.get(country, country))
    if len(number) <= limits().fa3.vat_number and _rules(country).is_valid(number):
        return ""
    return "vat_number.invalid"
