"""Amounts in Polish words, as `amount_in_words` has them (v3-wire 1.4)."""

from __future__ import annotations

_UNITS = (
    "", "jeden", "dwa", "trzy", "cztery", "pięć", "sześć", "siedem", "osiem", "dziewięć",
    "dziesięć", "jedenaście", "dwanaście", "trzynaście", "czternaście", "piętnaście",
    "szesnaście", "siedemnaście", "osiemnaście", "dziewiętnaście",
)  # fmt: skip
_TENS = (
    "", "", "dwadzieścia", "trzydzieści", "czterdzieści", "pięćdziesiąt",
    "sześćdziesiąt", "siedemdziesiąt", "osiemdziesiąt", "dziewięćdziesiąt",
)  # fmt: skip
_HUNDREDS = (
    "", "sto", "dwieście", "trzysta", "czterysta", "pięćset",
    "sześćset", "siedemset", "osiemset", "dziewięćset",
)  # fmt: skip
_SCALES = (
    ("", "", ""),
    ("tysiąc", "tysiące", "tysięcy"),
    ("milion", "miliony", "milionów"),
    ("miliard", "miliardy", "miliardów"),
    ("bilion", "biliony", "bilionów"),
)


def amount_in_words(grosze: int, currency: str) -> str:
    """`osiemset jedenaście EUR 37/100` for 81137 in EUR."""
    whole, rest = divmod(abs(grosze), 100)
    sign = "minus " if grosze < 0 else ""
    return f"{sign}{number_in_words(whole)} {currency} {rest:02d}/100"


def number_in_words(value: int) -> str:
    """Write a whole number from 0 up in words."""
    if value == 0:
        return "zero"
    parts: list[str] = []
    for scale in range(len(_SCALES) - 1, -1, -1):
        group = value // 1000**scale % 1000
        if group:
            parts += _group(group, scale)
    return " ".join(parts)


def _group(group: int, scale: int) -> list[str]:
    name = _SCALES[scale][_form(group)]
    if group == 1 and scale:
        return [name]
    hundreds, rest = divmod(group, 100)
    words = [_HUNDREDS[hundreds]]
    words += [_UNITS[rest]] if rest < 20 else [_TENS[rest // 10], _UNITS[rest % 10]]
    return [word for word in (*words, name) if word]


def _form(group: int) -> int:
    if group == 1:
        return 0
    return 1 if group % 10 in (2, 3, 4) and group % 100 not in (12, 13, 14) else 2
