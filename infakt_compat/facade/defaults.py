"""What v3 wants and v2 never had: an account's own values, given once to `connect`.

None of them changes what a caller gave; own tables say what a v2 word means to this account.
"""

import re
from collections.abc import Container, Mapping
from typing import Any

from attrs import field, fields, frozen

from infakt_compat.translate.compile import Plan, Step, plans
from infakt_compat.translate.converters import Refused, Shown, text_of

_CURRENCY = re.compile("[A-Z]{3}")
_SALE_TYPES = ("service", "merchandise")
_EXCHANGE_KINDS = ("vat", "pit")
Words = Mapping[str, str]


def _invoice() -> Plan:
    return plans()["invoice"].of_kind("vat")


def payment_step() -> Step:
    """Give the rule of the payment method."""
    return _invoice().by_v3["payment_method"]


def rate_step() -> Step:
    """Give the rule of a line's VAT rate."""
    lines = _invoice().lines
    assert lines is not None
    return lines.by_v3["tax_symbol"]


def _payments(given: Words) -> Words:
    return _own(payment_step(), given)


def _rates(given: Words) -> Words:
    return _own(rate_step(), given)


def _own(step: Step, given: Words) -> Words:
    """Give an own table by v2's documented spelling; raises `ValueError` for what v2 never had."""
    return {word_of(step, word): _text(symbol) for word, symbol in given.items()}


def word_of(step: Step, value: object) -> str:
    """Give a v2 word in its documented spelling; raises `ValueError` for what is none."""
    try:
        return str(step.converter.canonical(text_of(value, step.type) if _odd(value) else value))  # type: ignore[arg-type]
    except Refused:
        raise ValueError(f"v2 has no {step.v2} like {value!r}") from None


def _odd(value: object) -> bool:
    return type(value) is not str


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"an own table gives v3's symbols as text, not {value!r}")
    return value


def _exemptions(given: Mapping[Any, int]) -> Mapping[str, int]:
    return {str(key).strip(): _whole(value) for key, value in given.items()}


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"v3's id of a ground of exemption is a whole number, not {value!r}")
    return value


def _reason(value: int | None) -> int | None:
    return None if value is None else _whole(value)


def _account(_: object, attribute: Any, value: object) -> None:
    """Check a bank account, or accounts by currency; one for a currency that is none never fits."""
    if isinstance(value, Mapping):
        for currency, number in value.items():
            if not isinstance(currency, str) or _CURRENCY.fullmatch(currency) is None:
                raise ValueError(f"{attribute.name}: {currency!r} is no currency like PLN")
            _own_text(_, attribute, number)
    else:
        _own_text(_, attribute, value)


def _own_text(_: object, attribute: Any, value: object) -> None:
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise ValueError(f"{attribute.name} is text, not {value!r}")


def _among(allowed: tuple[str, ...]) -> Any:
    def check(_: object, attribute: Any, value: str | None) -> None:
        if value is not None and value not in allowed:
            raise ValueError(f"{attribute.name} is one of {', '.join(allowed)}, not {value!r}")

    return check


def _truth(_: object, attribute: Any, value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{attribute.name} is true or false, not {value!r}")


@frozen(kw_only=True)
class Defaults:
    """An account's values.

    - `bank_account`: the account's number, or numbers by currency; sent with every new invoice, and
      with a change where v3 asks for it;
    - `flat_rate_tax_symbol`: for lump-sum tax, on every new line;
    - `vat_exemption_reason`: v3's id, where a line is `zw` and no ground was given;
    - `sale_type` ("service", "merchandise"): where v3 wants it, for a foreign buyer;
    - `vat_exchange_date_kind` ("vat", "pit"): on an invoice in a foreign currency;
    - `send_to_ksef`: VAT invoices go to KSeF when they are issued;
    - `email_on_sent`: the status wysłana also sends the e-mail;
    - `payment_methods`, `rates`, `exemptions`: v3's symbol or id for a v2 word of this account.
    """

    bank_account: str | Mapping[str, str] | None = field(default=None, validator=_account)
    flat_rate_tax_symbol: str | None = field(default=None, validator=_own_text)
    vat_exemption_reason: int | None = field(default=None, converter=_reason)
    sale_type: str | None = field(default=None, validator=_among(_SALE_TYPES))
    vat_exchange_date_kind: str | None = field(default=None, validator=_among(_EXCHANGE_KINDS))
    send_to_ksef: bool = field(default=False, validator=_truth)
    email_on_sent: bool = field(default=False, validator=_truth)
    payment_methods: Words = field(factory=dict, converter=_payments)
    rates: Words = field(factory=dict, converter=_rates)
    exemptions: Mapping[str, int] = field(factory=dict, converter=_exemptions)

    @classmethod
    def of(cls, given: "Defaults | Mapping[str, Any] | None") -> "Defaults":
        """Take them as they are, or by name; raises `ValueError` for a name that is none."""
        if isinstance(given, Defaults):
            return given
        values = dict(given or {})
        if strange := values.keys() - {one.name for one in fields(cls)}:
            raise ValueError(f"no such default: {', '.join(sorted(map(str, strange)))}")
        return cls(**values)

    def bank_account_for(self, currency: str) -> str | None:
        """Give the bank account for a currency."""
        if isinstance(self.bank_account, Mapping):
            return self.bank_account.get(currency)
        return self.bank_account

    def fill(self, body: dict[str, Any], asked: Container[str], currency: str) -> bool:
        """Give a body what v3 asks for by name and was not given; says whether that is new."""
        values = {
            "sale_type": self.sale_type,
            "vat_exchange_date_kind": self.vat_exchange_date_kind,
            "bank_account": self.bank_account_for(currency),
            "bank_name": self.bank_account_for(currency),  # v3 knows the name by the number
        }
        missing = {
            "bank_account" if name == "bank_name" else name: value
            for name, value in values.items()
            if name in asked and value is not None
        }
        new = {name: value for name, value in missing.items() if name not in body}
        body.update(new)
        return bool(new)


def kept_word(step: Step, word: str, symbol: object) -> dict[str, Any] | None:
    """Give the residue's entry of a word whose own symbol v2 would be shown otherwise."""
    shown = step.converter.to_v2(symbol)
    if (shown.v2 if isinstance(shown, Shown) else shown) == word:
        return None
    return {"value": word, "v3": symbol}
