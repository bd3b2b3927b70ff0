"""The journal of an import: what was planned, sent, done, rejected, and what is not known.

    with open_journal("move.journal") as journal:
        for entry in journal.entries():
            ...

A SQLite file that only its owner can read, or a PostgreSQL database by URL (issue 5). A document
of a source is found again by its key: `Keys.key(name_of(resource, body))`, asked for in the order
of the source.
"""

from infakt_compat.migrate.journal.entries import (
    Buyer,
    Entry,
    NoJournal,
    SourceRow,
    State,
    Totals,
)
from infakt_compat.migrate.journal.journal import Journal, open_journal
from infakt_compat.migrate.journal.keys import Keys, Name, name_of, name_of_text

__all__ = [
    "Buyer",
    "Entry",
    "Journal",
    "Keys",
    "Name",
    "NoJournal",
    "SourceRow",
    "State",
    "Totals",
    "name_of",
    "name_of_text",
    "open_journal",
]
