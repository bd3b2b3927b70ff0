"""An account after an import, to be verified."""

from pathlib import Path
from typing import Any

from attrs import frozen

from infakt_compat.migrate.journal import Entry, open_journal
from infakt_compat.standin import StandIn
from infakt_compat.v3 import V3Client
from tests.check.support import Ran, run
from tests.importing.archive import invoice, write

TOLD = ("--sale-type", "service", "--exemption", "1")


def settled(number: int, lines: list[dict[str, Any]] | None = None, **fields: Any) -> Any:
    """Give an invoice with a status that the quick dialect can hold."""
    status = "zapłacona" if number % 2 else "szkic"
    return invoice(number, lines, **{"status": status, **fields})


@frozen
class Moved:
    """An account after an import: where everything is."""

    standin: StandIn
    archive: Path
    journal: Path

    def verify(self, *more: Any) -> Ran:
        """Verify the import."""
        return run("verify", self.archive, "--journal", self.journal, *more, standin=self.standin)

    def apply(self, *more: Any) -> Ran:
        """Import the archive, or go on with it."""
        arguments = (self.archive, "--journal", self.journal, "--apply", *TOLD, *more)
        done = run("import", *arguments, standin=self.standin)
        assert done.code in (0, 3), done.err
        return done

    @property
    def v3(self) -> V3Client:
        """Give a client of the account."""
        return V3Client(self.standin.api_key, self.standin.url, "classic", limits="off")

    def entry(self, number: str) -> Entry:
        """Give the journal's entry of a number."""
        with open_journal(self.journal) as journal:
            return next(one for one in journal.entries() if one.number == number)


def imported(folder: Path, standin: StandIn, made: list[dict[str, Any]], *more: str) -> Moved:
    """Import an archive."""
    moved = Moved(standin, write(folder / "archive.json", made), folder / "journal.db")
    moved.apply(*more)
    return moved
