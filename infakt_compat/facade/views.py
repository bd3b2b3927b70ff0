"""v3's documents as v2 showed them, and the short answers to writes."""

from collections.abc import Sequence

from infakt_compat.errors import ConversionError
from infakt_compat.facade.account import Record, client_plan, invoice_plan
from infakt_compat.facade.calls import Call
from infakt_compat.translate.view import get

_DAMAGED = "residue.invalid"


def shown(call: Call, family: str, record: Record) -> Record:
    """Show a v3 document in v2's words, with what is kept beside it."""
    return view(call, record, call.account.residue(family, int(record["id"])))


def shown_all(call: Call, rows: Sequence[tuple[str, Record]]) -> list[Record]:
    """Show many documents, each with its family: what is kept of them is read at once."""
    names = [(family, int(record["id"])) for family, record in rows]
    kept = call.account.store.residues.of(call.account.name, names)
    found = zip(names, (record for _, record in rows), strict=True)
    return [view(call, record, kept.get(name, {})) for name, record in found]


def view(call: Call, record: Record, residue: Record) -> Record:
    """Show a v3 document with a residue."""
    tree = {call.resource: record}
    try:
        found = get(tree, residue)
    except ConversionError as error:
        if not residue or all(fault.code != _DAMAGED for fault in error.faults):
            raise
        found = get(tree)  # what was kept is damaged; the document is not
    call.note(found.notices)
    return found.record


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
