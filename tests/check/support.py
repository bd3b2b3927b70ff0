"""Checks run in this process, and the command as its users give it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen
from click.testing import CliRunner

from infakt_compat.cli.main import group
from infakt_compat.migrate.checks.creating import Given
from infakt_compat.migrate.checks.documents import Settings
from infakt_compat.migrate.checks.index import Index
from infakt_compat.migrate.checks.run import Check
from infakt_compat.migrate.source import find_sources
from infakt_compat.standin import StandIn
from tests.importing.archive import Document, invoice, write

TODAY = "2026-06-01"
#: What import is told in these tests, so that buyers abroad and exempt lines are no news.
GIVEN = Given(sale_type="service", exemption=1)
NIP = "5252248481"


@frozen
class Ran:
    """How a command ended: code, standard output, standard error."""

    code: int
    out: str
    err: str

    def counts(self) -> dict[str, int]:
        """Give the numbers at the head of a report by their labels."""
        head = self.out.split("\n\n")[0]
        found = re.findall(r"^ *(\S.*?) +([\d,]+)$", head, re.MULTILINE)
        return {label: int(number.replace(",", "")) for label, number in found}

    def codes(self) -> dict[str, int]:
        """Give the codes of the report with their counts."""
        found = re.findall(r"^\S+ ([a-z_0-9]+\.[a-z_0-9]+): (\d+)$", self.out, re.MULTILINE)
        return {code: int(count) for code, count in found}


def run(command: str, *arguments: Any, standin: StandIn | None = None) -> Ran:
    """Run a command in English; with a stand-in, against it."""
    options = ["--lang", "en"]
    if standin is not None:
        dialect = "classic" if standin.world.classic else "current"
        options += ["--base-url", standin.url, "--limits", "off", "--dialect", dialect]
    environment = {"INFAKT_API_KEY": standin.api_key if standin else "", "NO_COLOR": "1"}
    runner = CliRunner(env=environment)
    given = [command, *map(str, arguments), *options]
    result = runner.invoke(group, given, standalone_mode=False)
    error = result.exception
    if error is not None and not hasattr(error, "exit_code"):
        raise error
    code = getattr(error, "exit_code", result.return_value)
    return Ran(code, result.stdout, result.stderr + str(getattr(error, "message", "")))


@contextmanager
def checked(
    folder: Path, *documents: Document, given: Given = GIVEN, workers: int = 1
) -> Iterator[Check]:
    """Check documents as one archive."""
    path = write(folder / "archive.json", list(documents))
    with Index() as index:
        check = Check(Settings(TODAY, given), index, workers)
        check.rejects.most = 10**6
        check.run(find_sources([str(path)]))
        yield check


def codes(check: Check) -> dict[str, int]:
    """Give the codes of a check with their counts."""
    return {code: finding.count for code, finding in check.findings.items()}


def one(folder: Path, **fields: Any) -> dict[str, int]:
    """Give the codes of one invoice that has nothing else to be said of it; None leaves out."""
    own: dict[str, Any] = {"client_nip": NIP, "status": "wydrukowana", "numer": "1/03/2013"}
    with checked(folder, invoice(2, **{**own, **fields})) as check:
        return codes(check)
