"""What an import would say of the corrections whose original is in the archive.

Originals are chosen and corrections proven by the import's own code (`planning/agreement.py`,
`planning/proofs.py`), on what `evidence.py` kept of the documents.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

from attrs import frozen

from infakt_compat.errors import Fault
from infakt_compat.migrate.checks import evidence
from infakt_compat.migrate.checks.index import PLACE, Index
from infakt_compat.migrate.planning import agreement
from infakt_compat.migrate.planning.families import CORRECTIVE
from infakt_compat.migrate.planning.proofs import prove_all
from infakt_compat.migrate.report.model import Place
from infakt_compat.translate.compile import plans

#: The corrections to look at, those of one original after each other, in the order of their days.
_CORRECTIONS = f"""
    CREATE TEMP TABLE corrections AS SELECT rowid AS row, original FROM documents
    WHERE family = '{CORRECTIVE}' AND NOT repeated
    ORDER BY original, day, rowid"""
#: The invoices that have the numbers which those name.
_ORIGINALS = """
    CREATE TEMP TABLE originals AS SELECT rowid AS row, number FROM documents
    WHERE kind = 'vat' AND NOT repeated AND number IN (SELECT original FROM corrections)"""
_STATEMENTS = (
    _CORRECTIONS,
    _ORIGINALS,
    "CREATE INDEX originals_number ON originals (number)",
    "CREATE TEMP TABLE unproven (row INTEGER PRIMARY KEY, code TEXT, path TEXT, detail TEXT)",
)
#: An import's planning holds back what is held.
_TAKEN = "d.planned AND NOT d.held"
_SHOWN = f"d.rowid, {PLACE}, d.v2_id, d.client, d.refused, {_TAKEN}, e.body"
_EACH_CORRECTION = f"""
    SELECT c.original, {_SHOWN} FROM corrections c
    JOIN documents d ON d.rowid = c.row JOIN evidence e ON e.row = c.row
    WHERE c.original IN (SELECT number FROM originals) ORDER BY c.rowid"""
_OF_NUMBER = f"""
    SELECT o.number, {_SHOWN} FROM originals o
    JOIN documents d ON d.rowid = o.row JOIN evidence e ON e.row = o.row
    WHERE o.number = ? ORDER BY {_TAKEN} DESC, d.rowid"""

_WITHOUT_ORIGINAL = """
    INSERT INTO unproven SELECT d.rowid, ?, ?, '' FROM corrections c
    JOIN documents d ON d.rowid = c.row WHERE c.original IS NULL AND NOT d.refused"""
_UNPROVEN = f"""
    SELECT u.code, {PLACE}, u.path, u.detail FROM unproven u
    JOIN documents d ON d.rowid = u.row ORDER BY u.row"""

_BEHIND = Fault("correction.original_rejected")


@frozen
class _Kept:
    """An invoice or a correction; `original` is the number of the invoice."""

    original: str
    row: int
    source: str
    position: int
    number: str | None
    v2_id: int | None
    client: int | None
    refused: int
    planned: int
    body: bytes

    def record(self) -> dict[str, Any]:
        """Give its evidence."""
        return evidence.read(self.body)


def refusals(index: Index) -> Iterator[tuple[str, Place]]:
    """Refuse the corrections that planning refuses, and give the reason of each."""
    run = index.connection.execute
    for statement in _STATEMENTS:
        run(statement)
    path = plans()["invoice"].of_kind("correction").by_v3["corrected_invoice_number"].v2
    run(_WITHOUT_ORIGINAL, ("correction.no_original", path))
    kept = (_Kept(*row) for row in index.rows(_EACH_CORRECTION))
    for number, corrections in groupby(kept, key=attrgetter("original")):
        for correction, fault in _faults(index, number, list(corrections)):
            if not correction.refused:
                values = (correction.row, fault.code, fault.path, fault.detail)
                run("INSERT INTO unproven VALUES (?, ?, ?, ?)", values)
    run("UPDATE documents SET refused = 1 WHERE rowid IN (SELECT row FROM unproven)")
    for code, source, position, number, path, detail in index.rows(_UNPROVEN):
        yield code, Place(source, position, number or "", path, detail)


def _faults(index: Index, number: str, corrections: list[_Kept]) -> Iterator[tuple[_Kept, Fault]]:
    """Give why corrections that name one number are refused; those that were so before, too."""
    originals = list(_originals(index, number))
    judged = [
        (one, agreement.shown(one.record(), one.client), f"{one.source}, {one.position}")
        for one in originals
    ]
    chains: dict[int, list[_Kept]] = {one.row: [] for one in originals}
    for correction in corrections:
        said = agreement.said(correction.record(), correction.client)
        original, fault = agreement.chosen(number, said, judged)
        if original is not None:
            chains[original.row].append(correction)
        elif fault is not None:
            yield correction, fault
    for original in originals:
        yield from _unproven(original, chains[original.row])


def _originals(index: Index, number: str) -> Iterator[_Kept]:
    """Give the invoices of a number; of those that v2 knew by one id the one planned."""
    seen = set()
    for one in (_Kept(*row) for row in index.rows(_OF_NUMBER, number)):
        if one.v2_id is None or one.v2_id not in seen:
            seen.add(one.v2_id)
            yield one


def _unproven(original: _Kept, corrections: list[_Kept]) -> Iterator[tuple[_Kept, Fault]]:
    """Give the corrections of an invoice that are not proven, or are behind what is refused."""
    rows = original.record().get("services", ()) if original.planned else None
    bodies = ((one, one.record() if one.planned else None) for one in corrections)
    faults = {one.row: proof.fault for one, proof in prove_all(rows, bodies)}
    refused = bool(original.refused)
    for correction in corrections:
        fault = faults.get(correction.row) or (_BEHIND if refused else None)
        if fault is not None:
            yield correction, fault
        refused = refused or fault is not None or bool(correction.refused)
