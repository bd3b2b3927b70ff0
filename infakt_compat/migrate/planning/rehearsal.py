"""A dry run: the plan as it would be, in a journal that vanishes afterwards.

Documents that a journal holds already are taken out of it again: what is left is what would be
done. Nothing is written to that journal.
"""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field
from sqlalchemy import delete

from infakt_compat.migrate.journal import Journal, State, open_journal
from infakt_compat.migrate.journal.schema import entries
from infakt_compat.migrate.planning.fingerprints import name_of, unchanged
from infakt_compat.migrate.planning.planner import Progress, plan
from infakt_compat.migrate.source import Source

_PAGE = 500


@define
class Rehearsal:
    """A plan beside a journal: `known` counts the documents that stand there already, by state."""

    journal: Journal
    known: Counter[State] = field(factory=Counter)


@contextmanager
def rehearsal(
    sources: Iterable[Source], beside: Journal | None, progress: Progress = lambda _b, _d: None
) -> Iterator[Rehearsal]:
    """Plan the sources as an import into a journal would.

    Raises `SourceChanged` when one of them is not what that journal was planned from.
    """
    listed = list(sources)
    if beside is not None:
        known = {row.name: row for row in beside.sources()}
        for one in listed:
            unchanged(one, known.get(name_of(one)))
    with (
        tempfile.TemporaryDirectory(prefix="infakt-import-") as folder,
        open_journal(Path(folder) / "plan.sqlite3", create=True) as journal,
    ):
        plan(journal, listed, progress)
        made = Rehearsal(journal)
        if beside is not None:
            _take_out(made, beside)
        yield made


def _take_out(made: Rehearsal, beside: Journal) -> None:
    """Take out what is settled in the other journal; what is planned there still is to be done."""
    keys: list[str] = []
    for entry in made.journal.entries():
        keys.append(entry.key)
        if len(keys) == _PAGE:
            _take_out_some(made, beside, keys)
            keys = []
    _take_out_some(made, beside, keys)


def _take_out_some(made: Rehearsal, beside: Journal, keys: list[str]) -> None:
    found = beside.find(keys)
    settled = [key for key, entry in found.items() if entry.state is not State.PLANNED]
    made.known.update(found[key].state for key in settled)
    statement = delete(entries).where(entries.c.key.in_(settled))
    made.journal.write(lambda c: c.execute(statement))
