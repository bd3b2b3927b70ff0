"""A dry run: the plan as it would be, in a journal that vanishes afterwards.

A journal that is there already is copied first, so that what is planned stands beside what that one
holds, as in an import; what is settled there is taken out at the end, and what is left is what
would be done. Nothing is written to that journal.
"""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field
from sqlalchemy import Table, delete, insert, select, text, tuple_

from infakt_compat.migrate.journal import Journal, State, open_journal
from infakt_compat.migrate.journal.schema import entries, metadata
from infakt_compat.migrate.planning.fingerprints import name_of, unchanged
from infakt_compat.migrate.planning.planner import Progress, plan
from infakt_compat.migrate.source import Source

_PAGE = 2000
#: Only in the journal that vanishes: the documents that the other one has settled.
_NOTE = "CREATE TABLE settled AS SELECT place FROM infakt_entries WHERE state <> 'planned'"


@define
class Rehearsal:
    """A plan beside a journal.

    `known` counts the documents of the sources that are settled there, by state, and `others` those
    of its other sources.
    """

    journal: Journal
    known: Counter[State] = field(factory=Counter)
    others: int = 0

    def unsettled(self) -> bool:
        """Say whether documents of the sources stand there as rejected or not known."""
        return bool(self.known[State.REJECTED] or self.known[State.UNKNOWN])


@contextmanager
def rehearsal(
    given: Iterable[Source], beside: Journal | None, progress: Progress = lambda _b, _d: None
) -> Iterator[Rehearsal]:
    """Plan the sources as an import into a journal would.

    Raises `SourceChanged` when one of them is not what that journal was planned from.
    """
    listed = list(given)
    if beside is not None:
        known = {row.name: row for row in beside.sources()}
        for one in listed:
            unchanged(one, known.get(name_of(one)))
    with (
        tempfile.TemporaryDirectory(prefix="infakt-import-") as folder,
        open_journal(Path(folder) / "plan.sqlite3", create=True) as journal,
    ):
        made = Rehearsal(journal)
        if beside is not None:
            for table in metadata.sorted_tables:
                _copy(beside, journal, table)
            _count(made, {name_of(one) for one in listed})
        journal.write(lambda c: c.execute(text(_NOTE)))
        plan(journal, listed, progress)
        settled = select(text("place")).select_from(text("settled")).scalar_subquery()
        journal.write(lambda c: c.execute(delete(entries).where(entries.c.place.in_(settled))))
        yield made


def _copy(beside: Journal, journal: Journal, table: Table) -> None:
    """Copy a table, some thousand rows at a time."""
    keys = list(table.primary_key.columns)
    query = select(table).order_by(*keys).limit(_PAGE)
    page = beside.database.read(lambda c: c.execute(query).mappings().all())
    while page:
        rows = [dict(row) for row in page]
        journal.write(lambda c, rows=rows: c.execute(insert(table), rows))  # type: ignore[misc]
        last = tuple_(*(rows[-1][key.name] for key in keys))
        asked = query.where(tuple_(*keys) > last)
        page = beside.database.read(lambda c, asked=asked: c.execute(asked).mappings().all())  # type: ignore[misc]


def _count(made: Rehearsal, names: set[str]) -> None:
    """Count what is settled: of the sources that were given, and of others."""
    journal = made.journal
    given = [source.place for source in journal.named(names)]
    for one in journal.totals(given):
        made.known[one.state] += one.count
    every = sum(one.count for one in journal.totals() if one.state is not State.PLANNED)
    del made.known[State.PLANNED]
    made.others = every - made.known.total()
