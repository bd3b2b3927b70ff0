"""The named converters: what a value of one field becomes on the other side.

A converter reads text (every v2 value has a text) and never meets a blank: absent, null and empty
are one value, which the engine handles. It gives a `Lossy` where v3 cannot hold the value exactly,
and a `Shown` where v2 has no value of its own for what v3 says. All rules are those of decisions.md
section 2.
"""

import re
from datetime import date
from decimal import Decimal
from typing import ClassVar
from urllib.parse import unquote

from attrs import frozen

from infakt_compat.codecs.tree import Markup
from infakt_compat.money import (
    NumberText,
    OutOfRange,
    grosze,
    number_text,
    plain_grosze,
    read_number,
    shortest,
    zloty,
)
from infakt_compat.tables.rules import EnumValue, Rule, Tables

#: In a tuple of v3 values: this one is left as it is.
KEEP = object()


class Refused(Exception):
    """A value cannot be converted: the fault's code and what was found."""

    def __init__(self, code: str, found: object) -> None:
        """Keep the code and a short quotation."""
        super().__init__(code)
        self.code = code
        self.detail = quoted(found)


@frozen
class Lossy:
    """v3 gets `v3` (None.

    Nothing), which v2 would show otherwise: the text `kept` goes to the residue.
    """

    v3: object
    kept: str
    code: str
    detail: str = ""


@frozen
class Shown:
    """v2 has no value for what v3 says: `v2` stands in, under a notice."""

    v2: object
    code: str
    detail: str = ""


def quoted(value: object) -> str:
    """Quote a value for a message, cut to a length that a person reads."""
    try:
        text = repr(str(value) if isinstance(value, str) else value)
    except ValueError:  # an int of more digits than Python writes
        return "a number of thousands of digits"
    return text if len(text) <= 60 else text[:57] + "..."


class Converter:
    """The base: text stays text."""

    #: What v2 shows when v3 has nothing.
    empty: object = ""
    #: A new v3 record gets the text as it is (in the first of the rule's v3 fields).
    copied = False
    #: Worth remembering: few values come again and again.
    repeats = True

    def __init__(self, rule: Rule, tables: Tables) -> None:
        """Take what the converter needs from the tables."""

    def canonical(self, text: str) -> object:
        """Give the v2 value in its normal spelling; raises `Refused`."""
        return text

    def to_v3(self, text: str) -> object:
        """Give the v3 value, a `Lossy`, or a tuple for several v3 fields; raises `Refused`."""
        return text

    def to_v2(self, *values: object) -> object:
        """Give the v2 value or a `Shown` for the values of the rule's v3 fields.

        Raises `Refused`.
        """
        return plain_text(values[0])


def plain_text(value: object) -> str:
    """Give the text of a v3 value that is a text on v2's side."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise Refused("field.type", value)


class Text(Converter):
    """Text, copied as it is, outer spaces too."""

    copied = True


class Id(Converter):
    """An integer id. In v3's classic and current dialects alike it is a number."""

    empty = None
    repeats = False

    def canonical(self, text: str) -> int:
        """Read digits only: anything else could name another record."""
        digits = text.strip(" \t\r\n")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            raise Refused("id.invalid", text)
        return int(digits)

    def to_v3(self, text: str) -> object:
        """Give the number."""
        return self.canonical(text)

    def to_v2(self, *values: object) -> object:
        """Give the number that v3 has."""
        return self.canonical(plain_text(values[0]))


def _exact(text: str) -> Decimal:
    """Read a number as it stands; raises `Refused`."""
    try:
        return read_number(text)
    except OutOfRange:
        raise Refused("money.range", text) from None
    except ValueError:
        raise Refused("money.invalid", text) from None


class Grosze(Converter):
    """An amount: zloty as text in v2, integer grosze in v3."""

    empty = None
    repeats = False

    def canonical(self, text: str) -> Decimal:
        """Give the amount in zloty."""
        return _exact(text)

    def to_v3(self, text: str) -> object:
        """Give grosze; more than two decimals are rounded half up and kept."""
        if (plain := plain_grosze(text)) is not None:
            return plain
        number = self.canonical(text)
        amount, exact = grosze(number)
        if exact:
            return amount
        return Lossy(amount, text, "money.rounded", f"{text} -> {number_text(zloty(amount))}")

    def to_v2(self, *values: object) -> object:
        """Give zloty. v3's amounts are integers.

        A fraction would be read 100 times too small or large.
        """
        value = values[0]
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refused("money.invalid", value)
        return zloty(value)


class UnitPrice(Grosze):
    """cena_netto: never rounded, as a rounded unit price changes the invoice."""

    def to_v3(self, text: str) -> object:
        """Give grosze, or nothing when the price is finer than a grosz."""
        if (plain := plain_grosze(text)) is not None:
            return plain
        amount, exact = grosze(self.canonical(text))
        return amount if exact else Lossy(None, text, "price.unit_precision", text)


class Quantity(Converter):
    """ilosc: an int when whole, else an exact Decimal."""

    empty = None

    def canonical(self, text: str) -> Decimal:
        """Give the quantity."""
        return _exact(text)

    def to_v3(self, text: str) -> object:
        """Give the quantity as a JSON number can hold it."""
        number = self.canonical(text)
        whole = int(number)
        return whole if whole == number else number

    def to_v2(self, *values: object) -> object:
        """Give the quantity that v3 has as a number or a text."""
        value = values[0]
        if isinstance(value, bool | float):
            raise Refused("money.invalid", value)
        return shortest(value) if isinstance(value, Decimal) else self.canonical(plain_text(value))


class Date(Converter):
    """An ISO date that exists in the calendar, as text."""

    empty = None

    def canonical(self, text: str) -> str:
        """Check the date."""
        try:
            if len(text) != 10 or date.fromisoformat(text).isoformat() != text:
                raise ValueError(text)
        except ValueError:
            raise Refused("date.invalid", text) from None
        return text

    def to_v3(self, text: str) -> object:
        """Give the date as it is."""
        return self.canonical(text)

    def to_v2(self, *values: object) -> object:
        """Give the date that v3 has."""
        return self.canonical(plain_text(values[0]))


class EnumWord(Converter):
    """An enumerated value.

    Any case, also percent-encoded, as callers really send it (v2-wire 5).
    """

    def __init__(self, rule: Rule, tables: Tables) -> None:
        """Index the enumeration by its spellings."""
        self._enum = tables.enums[rule.enum]
        self._by_word = {v2.casefold(): value for v2, value in self._enum.by_v2().items()}
        self._by_v3 = self._enum.by_v3()

    def _value(self, text: str) -> EnumValue:
        """Find the value of a spelling."""
        value = self._by_word.get(self.word(text).casefold())
        if value is None:
            raise Refused("enum.unknown", text)
        return value

    def word(self, text: str) -> str:
        """Give the spelling without percent-encoding and outer spaces."""
        return unquote(text).strip()

    def canonical(self, text: str) -> object:
        """Give the documented spelling."""
        return self._value(text).v2

    def to_v3(self, text: str) -> object:
        """Give the symbol; where it leads back to another value, that one is kept."""
        value = self._value(text)
        if self._by_v3[value.v3] is value:
            return value.v3
        return Lossy(value.v3, str(value.v2), value.notice, f"{value.v2} -> {value.v3}")

    def to_v2(self, *values: object) -> object:
        """Give the v2 spelling; what v2 has not is shown as its stand-in or carried through."""
        symbol = plain_text(values[0])
        value = self._by_v3.get(symbol)
        if value is None:
            return Shown(symbol, "enum.carried", symbol)
        if value.v2 is not None:
            return value.v2
        return Shown(value.shown_as, self._enum.no_v2_value, f"{symbol} -> {value.shown_as}")


class Rate(EnumWord):
    """stawka_vat: 23, 23.0, `23%` and `ZW` are what they say."""

    def word(self, text: str) -> str:
        """Give the rate without the percent sign and without a zero fraction."""
        word = super().word(text).removesuffix("%").rstrip()
        try:
            return number_text(read_number(word)).removesuffix(".0")
        except ValueError:
            return word


class Exemption(Converter):
    """podstawa_zwolnienia: v2's id of a ground, of which nothing says that it is v3's."""

    def to_v3(self, text: str) -> object:
        """Give nothing; the text is kept."""
        return Lossy(None, text, "exemption.unmapped", text)


class Boolean(Converter):
    """true or false, also as 1 and 0."""

    empty = None
    _words: ClassVar = {"true": True, "1": True, "false": False, "0": False}

    def canonical(self, text: str) -> bool:
        """Read the truth value."""
        try:
            return self._words[text.strip().lower()]
        except KeyError:
            raise Refused("boolean.invalid", text) from None

    def to_v3(self, text: str) -> object:
        """Give the truth value."""
        return self.canonical(text)

    def to_v2(self, *values: object) -> object:
        """Give v3's truth value."""
        if not isinstance(values[0], bool):
            raise Refused("boolean.invalid", values[0])
        return values[0]


class Negation(Boolean):
    """A truth value that v3 states the other way round."""

    def to_v3(self, text: str) -> object:
        """Give the opposite."""
        return not self.canonical(text)

    def to_v2(self, *values: object) -> object:
        """Give the opposite."""
        return not super().to_v2(*values)


class Symbol(Converter):
    """PKWiU: today's v3 answers with `PKWiU / CN / PKOB`, of which v2 sees the first."""

    _parts = re.compile(r"(\S+) / (\S+) / (\S+)")

    def to_v3(self, text: str) -> object:
        """Give the text; one that looks like v3's three parts is kept."""
        if self._parts.fullmatch(text):
            return Lossy(text, text, "symbol.parts", text)
        return text

    def to_v2(self, *values: object) -> object:
        """Give the PKWiU part of v3's three parts, or the whole text."""
        text = plain_text(values[0])
        if parts := self._parts.fullmatch(text):
            return "" if parts[1] == "-" else parts[1]
        return text


# No field of an invoice holds a number that is longer when it is written out.
_MOST_PLACES = 40
_MOST = 10**_MOST_PLACES

#: The fault of a value whose type says nothing to the field, by the field's type.
WRONG_TYPE = {"amount": "money.invalid", "quantity": "money.invalid", "id": "id.invalid"}


def text_of(value: object, kind: str) -> str:
    """Give the text of a v2 value that is not plain text; `kind` is the type of the field.

    Raises `Refused` for a float, a list, a record, child markup, and a truth value out of place.
    """
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, bool):
        if kind == "boolean":
            return "true" if value else "false"
    elif isinstance(value, int):
        if abs(value) < _MOST:
            return str(value)
    elif isinstance(value, Decimal):
        if value.is_finite() and abs(value.adjusted()) < _MOST_PLACES:
            return format(value, "f")
    elif isinstance(value, Markup):
        raise Refused("field.markup", value.xml)
    raise Refused(WRONG_TYPE.get(kind, "field.type"), value)
