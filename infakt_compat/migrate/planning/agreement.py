"""Whether an invoice is the one that a correction corrects.

A number alone does not say so: a series may begin anew each year, and archives of several firms may
share their numbers. What both documents say of date, buyer and currency must not contradict
(decisions.md 1: no guess with identity).
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from attrs import frozen

from infakt_compat.errors import Fault
from infakt_compat.migrate.planning.buyers import nip_digits
from infakt_compat.translate.compile import plans

T = TypeVar("T")


@frozen
class Known:
    """What is known of an invoice, or what a correction says of it; None where nothing is.

    `day` is ISO, `taxpayer` the digits of the buyer's tax number, `client` v2's id of the buyer.
    """

    day: str | None = None
    taxpayer: str | None = None
    client: int | None = None
    name: str | None = None
    currency: str | None = None


def said(body: Mapping[str, Any], client: int | None) -> Known:
    """Give what a correction's body says of its original."""
    return _known(body, "corrected_invoice_date", client)


def shown(body: Mapping[str, Any], client: int | None = None) -> Known:
    """Give what an invoice's body, or v3's record of it, says."""
    return _known(body, "invoice_date", client)


def _known(body: Mapping[str, Any], day: str, client: int | None) -> Known:
    name = " ".join(str(body.get("client_company_name") or "").split())
    return Known(
        body.get(day) or None,
        nip_digits(body.get("client_tax_code")) or None,
        client,
        name or None,
        body.get("currency") or None,
    )


def differences(correction: Known, original: Known) -> list[str]:
    """Name what contradicts: v2's field, the correction's value and the original's."""
    compared = [
        ("corrected_invoice_date", correction.day, original.day),
        _buyer(correction, original),
        ("currency", correction.currency, original.currency),
    ]
    fields = plans()["invoice"].of_kind("correction").by_v3
    return [
        f"{fields[name].v2} {ours} / {theirs}"
        for name, ours, theirs in compared
        if ours is not None and theirs is not None and _folded(ours) != _folded(theirs)
    ]


def _buyer(one: Known, other: Known) -> tuple[str, object, object]:
    """Choose by what the buyers are compared: tax number, v2's id, or name."""
    if one.taxpayer and other.taxpayer:
        return "client_tax_code", one.taxpayer, other.taxpayer
    if one.client is not None and other.client is not None:
        return "client_id", one.client, other.client
    return "client_company_name", one.name, other.name


def _folded(value: object) -> str:
    return str(value).casefold()


def chosen(
    number: str, correction: Known, candidates: Iterable[tuple[T, Known, str]]
) -> tuple[T | None, Fault | None]:
    """Give the one of the invoices of a number that a correction corrects, or why there is none.

    `candidates` come with what is known of them and with what to call them.
    """
    judged = [(one, name, differences(correction, known)) for one, known, name in candidates]
    fitting = [one for one, _, differs in judged if not differs]
    if len(fitting) == 1:
        return fitting[0], None
    if len(judged) == 1:
        detail = f"{number}: {', '.join(judged[0][2])}"
        return None, Fault("correction.original_differs", "", detail)
    if not judged:
        return None, Fault("correction.no_original", "", number)
    names = "; ".join(name for _, name, _ in judged)
    return None, Fault("correction.originals", "", f"{number}: {names}")
