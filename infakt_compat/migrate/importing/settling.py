"""A document of which nobody knew, settled by its owner's word: which of the account's it is.

The word is proven, so that a slip of the pen binds nothing: the document that is named has to be in
the account, with the client, date and total of the archive's, and the outcome of no other entry.
"""

from attrs import frozen

from infakt_compat.codecs.json_text import loads
from infakt_compat.errors import InfaktCompatError
from infakt_compat.facade.account import family_of
from infakt_compat.migrate.importing import bodies, candidates, lookups
from infakt_compat.migrate.importing.engine import Item, Record
from infakt_compat.migrate.importing.settings import Settings
from infakt_compat.migrate.journal import Entry, Journal
from infakt_compat.migrate.journal.entries import STATUS
from infakt_compat.migrate.journal.sending import Made, of_documents
from infakt_compat.migrate.planning.retry import unknown
from infakt_compat.v3 import Clock, V3Client


class NotThatOne(InfaktCompatError):
    """The document that was named cannot be the one of the archive; the message says why."""


@frozen
class Named:
    """How the owner names a document of the account: by v3's id or uuid, or by its number."""

    reference: str | None = None
    number: str | None = None

    def __str__(self) -> str:
        return self.number if self.number is not None else str(self.reference)

    def meant(self, row: Record) -> bool:
        """Say whether a row is the one that is named."""
        if self.number is not None:
            return row.get("number") == self.number
        return self.reference in (str(row.get("id")), row.get("uuid"))


def settle(
    journal: Journal, v3: V3Client, place: int, named: Named, settings: Settings, clock: Clock
) -> Made:
    """Take a document of the account for the one of an entry that is not known.

    One read of its day or number. Raises `NotUnknown`, `NotThatOne`, and `V3Error` when the account
    cannot be read. What was sent by this journal still gets its status with the next import; what
    was there before stays as it is.
    """
    entry = unknown(journal, place)
    item = _item(journal, entry)
    row = _row(journal, v3, item, named)
    uuid, number = row.get("uuid"), row.get("number")
    made = Made(int(row["id"]), str(uuid) if uuid else None, str(number) if number else None)
    wanted = bodies.paid(entry, loads(item.planned), settings, clock)
    ours = entry.attempts > 0
    left = ours and wanted.status not in bodies.DRAFTS and row.get("status") != wanted.status
    of_documents(journal).done(
        place, made, already=not ours, owing=STATUS if left else "",
        paid_date=wanted.day if ours else None, paid_by=wanted.by if ours else None,
    )  # fmt: skip
    candidates.tidy(journal)
    return made


def _item(journal: Journal, entry: Entry) -> Item:
    buyer = None if entry.buyer is None else journal.buyer(entry.buyer)
    client = None if buyer is None else buyer.id
    return Item(entry, journal.body(entry.place) or "{}", client, entry.attempts, entry.sent_at)


def _row(journal: Journal, v3: V3Client, item: Item, named: Named) -> Record:
    """Give the document that is named; raises `NotThatOne`."""
    family, place = family_of(v3, item.entry.family), item.place
    if named.number is not None:
        rows = lookups.of_number(family, named.number)
    elif item.entry.day is not None:
        rows = lookups.of_day(family, item.entry.day)
    else:
        raise NotThatOne("the document has no date of its own: name it by its number (--number)")
    meant = [row for row in rows if named.meant(row)]
    fitting = [row for row in meant if lookups.is_it(item, row)]
    if not meant:
        day = "" if named.number is not None else f" of {item.entry.day}"
        raise NotThatOne(f"the account has no document {named}{day}")
    shown = candidates.named(fitting or meant)
    if not fitting:
        raise NotThatOne(f"client, date, total or kind of #{place} are not those of {shown}")
    if len(fitting) > 1:
        raise NotThatOne(f"several documents are {named}: name it by its id (--id): {shown}")
    if of_documents(journal).taken([int(fitting[0]["id"])], item.entry.family):
        raise NotThatOne(f"another document of this journal is {shown} already")
    return fitting[0]
