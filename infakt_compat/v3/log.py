"""One line of JSON an exchange: what was asked, what came, how long it took; nothing personal.

Shown is what stands on the lists below, everything else is `***`: a field that v3 adds tomorrow is
masked until someone has looked at it. Bodies are shown on request only, masked alike.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from infakt_compat.codecs import json_text
from infakt_compat.money import NumberText
from infakt_compat.v3.answers import Answer, Call, Param, Silence

Log = Callable[[str], None]

MASK = "***"

#: Parameters of a query that say nothing about a person.
_PARAMS = frozenset(
    {"offset", "limit", "order", "fields", "kind", "date", "document_type", "locale"}
)
_FILTER = re.compile(r"q\[(?:(?:\w+_)?date|status|kind|currency)(?:_[a-z]+)\]")

#: Fields of a body that say nothing about a person.
_FIELDS = frozenset({
    "count", "total_count", "id", "uuid", "client_id", "client_uuid", "kind", "status",
    "currency", "number", "invoice_date", "sale_date", "payment_date", "paid_date",
    "advance_date", "corrected_invoice_date", "expiration_date", "valid_until", "created_at",
    "payment_method", "split_payment", "split_payment_type", "net_price", "tax_price",
    "gross_price", "left_to_pay", "paid_price", "advance_price", "unit_net_price",
    "unit_net_price_before_discount", "margin_amount_price", "gross_with_margin_amount_price",
    "quantity", "tax_symbol", "flat_rate_tax_symbol", "unit", "discount", "gtu_id", "group",
    "correction", "sale_type", "invoice_date_kind", "vat_date_value", "vat_exchange_date_kind",
    "vat_exemption_reason", "transaction_kind_id", "document_markings_ids",
    "check_duplicate_number", "not_income", "margin_kind", "send_to_ksef", "send_copy",
    "print_type", "locale", "document_type", "processing_code", "invoice_kind", "action",
    "invoice_uuid", "invoice_task_reference_number", "request_uuid", "task_created_at",
    "request_created_at", "request_finished_at", "next_number", "previous_advance_id",
    "corrected_invoice_uuid", "rate", "symbol", "valid_from", "available", "avaiable", "ready",
    "days_to_payment", "country", "client_country",
})  # fmt: skip
#: Fields whose text is v3's own, with what it may quote taken out.
_SAID = frozenset({"error", "message", "processing_description", "status_description"})
_ERRORS = frozenset({"errors", "invoice_errors"})
#: Fields of a document that speak of no person, in words that v3's texts are made of.
_NOBODY = frozenset({"ksef_data", "amount_in_words", "sales_kind", "extensions"})
#: Fields of a document that speak of people, each word of which may stand in a text.
_PEOPLE = ("client_", "local_government_", "third_party_")
#: A shorter word would be found in many others.
_SHORTEST = 4
_QUOTED = re.compile(r"\S+@\S+|„[^”]*”|\"[^\"]*\"|'[^']*'|\d(?:[\d -]*\d){3,}")


def log_line(
    call: Call[Any],
    attempt: int,
    outcome: Answer | Silence,
    seconds: float,
    bodies: bool = False,
) -> str:
    """Write the line of one exchange."""
    entry: dict[str, Any] = {"method": call.method, "path": call.path}
    if call.params:
        entry["query"] = masked_query(call.params)
    entry |= {"status": None, "ms": round(seconds * 1000), "attempt": attempt}
    if isinstance(outcome, Silence):
        entry |= {"error": outcome.reason, "sent": outcome.sent}
    else:
        entry |= {"status": outcome.status, "bytes": len(outcome.content)}
        if not outcome.whole:
            entry["error"] = "the body broke off"
    if bodies:
        entry |= _bodies(call, outcome)
    return json_text.dumps(entry).decode()


def _bodies(call: Call[Any], outcome: Answer | Silence) -> dict[str, Any]:
    shown = {} if call.body is None else {"request": masked(call.body)}
    if isinstance(outcome, Answer) and outcome.content:
        shown["response"] = _content(outcome.content)
    return shown


def _content(content: bytes) -> Any:
    try:
        return masked(json_text.loads(content.decode("utf-8-sig")))
    except (ValueError, RecursionError):
        return MASK


def masked_query(params: Iterable[Param]) -> dict[str, str]:
    """Show paging, order and dates; hide names, numbers and addresses that are searched for."""
    return {
        name: value if name in _PARAMS or _FILTER.fullmatch(name) else MASK
        for name, value in params
    }


def masked(value: Any, name: str = "", errors: bool = False) -> Any:
    """Give a body without what could be personal."""
    if isinstance(value, dict):
        return {key: masked(inner, key, errors or key in _ERRORS) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner, name, errors) for inner in value]
    if value is None or isinstance(value, bool) or value == "" or (name in _FIELDS and not errors):
        return value
    if (errors or name in _SAID) and isinstance(value, str) and not isinstance(value, NumberText):
        return _QUOTED.sub(MASK, value)
    return MASK


def masked_text(text: str, record: Mapping[str, Any]) -> str:
    """Give a text of v3's about a record without what it quotes, and without the record's values.

    Taken out is every value that a log does not show; of people's also each word, with any ending:
    a text may name a buyer without quoting, and in the genitive.
    """
    values: set[str] = set()
    words: set[str] = set()
    for name, value in _hidden(record):
        values.add(value)
        if name.startswith(_PEOPLE) or name.endswith("_signature"):
            words.update(_stem(word) for word in value.split() if len(word) >= _SHORTEST)
    found = [rf"(?<!\w){re.escape(one)}(?!\w)" for one in values if len(one) >= _SHORTEST]
    found += [rf"(?<!\w){re.escape(one)}\w*" for one in words]
    quoted = _QUOTED.sub(MASK, text)
    longest = sorted(found, key=len, reverse=True)
    return re.sub("|".join(longest), MASK, quoted, flags=re.IGNORECASE) if longest else quoted


def _stem(word: str) -> str:
    """Give a word without the vowel that another case would change."""
    return word[:-1] if word[-1] in "aeioyęąó" else word


def _hidden(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Give the texts in a record that a log does not show, each with its field's name."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in _NOBODY:
                yield from _hidden(inner, name if name.startswith(_PEOPLE) else key)
    elif isinstance(value, list):
        for inner in value:
            yield from _hidden(inner, name)
    elif isinstance(value, str) and not isinstance(value, NumberText) and name not in _FIELDS:
        yield name, value
