"""How one value of a v2 document was really spelled: amounts, enums, rates, nothing at all."""

from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from infakt_compat.money import NumberText
from infakt_compat.testing.record import xml_text
from infakt_compat.testing.tape import Tape

OMIT: Final = object()
"""Stands for "leave the field out"."""


def _json_number(value: Decimal, how: int) -> Decimal | int | NumberText:
    """What a caller's JSON has: exact, whole where it is, or the text of a number."""
    if how == 0:
        return value
    if how == 1 and value == value.to_integral_value():
        return int(value)
    plain = f"{value:f}"
    return NumberText(plain if "." in plain else plain + ".0")


def _grouped(whole: str, space: str) -> str:
    """Put a space between thousands."""
    digits = whole.lstrip("-")
    groups = [digits[max(0, end - 3) : end] for end in range(len(digits), 0, -3)]
    return ("-" if whole.startswith("-") else "") + space.join(reversed(groups))


def _amount_text(value: Decimal, how: int, tape: Tape) -> str:
    """Text with a point or a comma, with zeros at the end, with spaces between thousands."""
    whole, _, fraction = f"{value:f}".partition(".")
    if how in (4, 5, 6, 9):
        zeros = tape.byte() % 3
        fraction = (fraction + "0" * zeros)[: max(len(fraction), 12)]
    sign = "." if how < 6 else ","
    if how in (5, 8, 9):
        whole = _grouped(whole, tape.pick(("\u00a0", " ", "\u202f")))
    if sign == "," and len(fraction) == 3:
        fraction += "0"
    return whole + sign + fraction if fraction else whole


def _amount(value: Decimal, tape: Tape, xml: bool) -> Any:
    how = tape.byte() % 10
    if how == 9 and not value:
        # what Ruby makes of a float that was rounded up to zero
        return "-0.0"
    if how < 3 and not xml:
        return _json_number(value, how)
    return _amount_text(value, how, tape)


def _enum(value: str, tape: Tape) -> str:
    match tape.byte() % 8:
        case 1:
            return value.upper()
        case 2:
            return value.lower()
        case 3:
            return quote(value)
        case 4:
            return value.title()
        case 5:
            return quote(value.lower()).replace("%20", " ").lower()
        case _:
            return value


def _rate(value: str, tape: Tape, xml: bool) -> Any:
    how = tape.byte() % 8
    if not value.isdigit():
        return value.upper() if how == 1 else value.title() if how == 2 else value
    match how:
        case 1:
            return value + "%"
        case 2:
            return value + ".0"
        case 3 if not xml:
            return int(value)
        case 4 if not xml:
            return Decimal(value + ".0")
        case 5 if not xml:
            return NumberText(value + ".0")
        case _:
            return value


def _bool(value: bool, tape: Tape, xml: bool) -> Any:
    texts = ("true", "1") if value else ("false", "0")
    return tape.pick(texts if xml else (value, *texts, int(value)))


def _nothing(value: str | None, tape: Tape, xml: bool) -> Any:
    how = tape.byte() % 4
    if how == 1:
        return OMIT
    if xml:
        return ""
    return value if how == 0 else None if how == 2 else ""


def spell_scalar(kind: str, value: Any, tape: Tape, xml: bool) -> Any:
    """One field of a known type (see v2_fields.py) in one of its spellings, or :data:`OMIT`."""
    if value is None or (value == "" and kind != "unknown"):
        return _nothing(value, tape, xml)
    match kind:
        case "amount":
            return _amount(value, tape, xml)
        case "enum":
            return _enum(value, tape)
        case "rate":
            return _rate(value, tape, xml)
        case "id":
            return str(value) if xml or tape.byte() % 3 == 2 else value
        case "exemption" if value.isdigit() and not xml:
            return int(value) if tape.byte() % 3 == 2 else value
        case "bool":
            return _bool(value, tape, xml)
        case "unknown" if xml:
            return xml_text(value)
        case _:
            return value
