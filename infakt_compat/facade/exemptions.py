"""podstawa_zwolnienia: v2's id of a ground of exemption, and v3's (decisions.md 2).

Nothing says that they are the same: the account's own table decides, else an id that v3 knows.
"""

from typing import Any

from infakt_compat.facade.account import invoice_plan
from infakt_compat.facade.calls import Call
from infakt_compat.facade.ids import number_of
from infakt_compat.translate.converters import Refused, text_of

_STATE = "vat_exemptions"
_AGE = 24 * 3600


def ground(call: Call, given: object) -> tuple[int, dict[str, Any] | None]:
    """Give v3's id of a ground, and the residue's entry where v2's was another; 409 for none."""
    step = invoice_plan().by_v3["vat_exemption_reason"]
    try:
        text = (given if isinstance(given, str) else text_of(given, step.type)).strip()
    except Refused:
        text = ""
    own = call.account.defaults.exemptions.get(text)
    if own is not None:
        return own, None if str(own) == text else {"value": text, "v3": own}
    number = number_of(text)
    if number is None or number not in _known(call, number):
        raise call.refuse(step.v2, f"the account has no ground of exemption {text!r}")
    return number, None if str(number) == text else {"value": text, "v3": number}


def _known(call: Call, wanted: int) -> set[int]:
    """Give the ids that v3 has, read once a day; an id that is not among them is looked for."""
    account = call.account
    kept = account.store.values.get(account.name, _STATE) or {"at": 0, "ids": []}
    now = int(account.clock.wall())
    if wanted in kept["ids"] and abs(now - kept["at"]) < _AGE:
        return set(kept["ids"])
    found = [int(row["id"]) for row in call.v3.vat_exemptions.iterate()]
    account.store.values.put(account.name, _STATE, {"at": now, "ids": found})
    return set(found)
