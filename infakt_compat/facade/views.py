"""v3's documents as v2 showed them, and the short answers to writes."""

from infakt_compat.errors import ConversionError
from infakt_compat.facade.account import Record, client_plan, invoice_plan
from infakt_compat.facade.calls import Call
from infakt_compat.translate.view import get

_DAMAGED = "residue.invalid"


def shown(call: Call, family: str, record: Record) -> Record:
    """Show a v3 document in v2's words, with what is kept beside it."""
    residue = call.account.residue(family, int(record["id"]))
    tree = {call.resource: record}
    try:
        view = get(tree, residue)
    except ConversionError as error:
        if not residue or all(fault.code != _DAMAGED for fault in error.faults):
            raise
        view = get(tree)  # what was kept is damaged; the document is not
    call.note(view.notices)
    return view.record


def short(record: Record) -> Record:
    """Give what v2 answered to create, update and paid: the id and the number."""
    by_v3 = invoice_plan().by_v3
    return {
        by_v3["id"].v2: int(record["id"]),
        by_v3["number"].v2: str(record.get("number") or ""),
    }


def only_id(number: int) -> Record:
    """Give what v2 answered to delete."""
    return {invoice_plan().by_v3["id"].v2: number}


def client_id(number: int) -> Record:
    """Give the id of a client, as the answers to its writes hold it."""
    return {client_plan().by_v3["id"].v2: number}
