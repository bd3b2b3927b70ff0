"""What an account holds, beside the documents of a check: numbers and clients, in its database."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from infakt_compat.migrate.checks.index import PLACE, Index
from infakt_compat.migrate.planning.families import INVOICES
from infakt_compat.migrate.report.model import Place
from infakt_compat.money import number_text, zloty

_OPEN = "NOT d.repeated AND NOT d.refused"


@frozen
class Taken:
    """A document whose number the account has; `same` when day and total are the same, too."""

    place: Place
    same: bool


_NUMBERS = """
    SELECT number FROM documents WHERE family = ?1 AND number <> ''
    UNION SELECT original FROM documents WHERE ?1 = 'invoices' AND original <> ''"""


def count_numbers(index: Index, family: str) -> int:
    """Count the numbers of a family that the account is asked for; originals are invoices."""
    ((count,),) = index.rows(f"SELECT count(*) FROM ({_NUMBERS})", family)
    return int(count)


def numbers(index: Index, family: str) -> Iterator[str]:
    """Give the numbers of a family that the account is asked for."""
    for (number,) in index.rows(_NUMBERS, family):
        yield number


def add_documents(index: Index, family: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep number, day and total of the account's documents of a family."""
    run = index.connection
    run.execute(
        "CREATE TABLE IF NOT EXISTS held (family TEXT, number TEXT, day TEXT, total INTEGER)"
    )
    names = ("number", "invoice_date", "gross_price")
    values = ((family, *(row.get(name) for name in names)) for row in rows)
    run.execute("BEGIN")
    run.executemany("INSERT INTO held VALUES (?, ?, ?, ?)", values)
    run.execute("COMMIT")


def taken(index: Index) -> Iterator[Taken]:
    """Give the documents whose number the account has in the same family.

    Those that are not the same are refused.
    """
    run = index.connection.execute
    run("CREATE INDEX held_number ON held (family, number)")
    run(f"""
        CREATE TABLE taken AS SELECT d.rowid AS row, h.day, h.total, coalesce(
            d.day IN ('', h.day) AND coalesce(d.total, h.total) = h.total, 0) AS same
        FROM documents d JOIN held h ON h.family = d.family AND h.number = d.number
        WHERE {_OPEN} GROUP BY d.rowid""")
    run("UPDATE documents SET refused = 1 WHERE rowid IN (SELECT row FROM taken WHERE NOT same)")
    query = f"""
        SELECT {PLACE}, t.day, t.total, t.same FROM taken t JOIN documents d ON d.rowid = t.row
        ORDER BY t.row"""
    for source, position, number, day, total, same in index.rows(query):
        shown = f"{number}: {day}, {number_text(zloty(total))}"
        yield Taken(Place(source, position, number, "", shown), bool(same))


def without_original(index: Index) -> Iterator[Place]:
    """Refuse the corrections whose original neither the archive nor the account has."""
    absent = f"""original <> '' AND original NOT IN (
        SELECT number FROM documents WHERE kind = 'vat' AND number <> ''
        UNION SELECT number FROM held WHERE family = '{INVOICES}' AND number <> '')"""
    return index.refused(absent)


def add_clients(index: Index, rows: Iterable[tuple[int, str, str]]) -> None:
    """Keep id, digits of the tax number and name of the account's clients."""
    run = index.connection
    run.execute("CREATE TABLE clients (id INTEGER PRIMARY KEY, digits TEXT, name TEXT)")
    run.execute("BEGIN")
    run.executemany("INSERT OR IGNORE INTO clients VALUES (?, ?, ?)", rows)
    run.execute("COMMIT")
    run.execute("CREATE INDEX clients_digits ON clients (digits)")


def known_buyers(index: Index) -> tuple[int, int]:
    """Count the tax numbers of the archive's buyers, and those that the account's clients have."""
    query = """
        SELECT count(*), coalesce(sum(taxpayer IN (SELECT digits FROM clients)), 0)
        FROM (SELECT DISTINCT taxpayer FROM documents WHERE taxpayer <> '')"""
    ((every, known),) = index.rows(query)
    return every, known


def several_clients(index: Index) -> Iterator[Place]:
    """Give, once a buyer, those for whom the account has several clients of one tax number."""
    query = f"""
        SELECT {PLACE}, d.taxpayer, (SELECT count(*) FROM clients WHERE digits = d.taxpayer)
        FROM documents d WHERE d.rowid IN (
            SELECT min(rowid) FROM documents WHERE taxpayer IN (
                SELECT digits FROM clients WHERE digits <> '' GROUP BY digits HAVING count(*) > 1)
            GROUP BY taxpayer)"""
    for source, position, number, digits, count in index.rows(query):
        yield Place(source, position, number or "", "", f"{digits}: {count}")


def no_such_client(index: Index) -> Iterator[Place]:
    """Refuse the documents whose client's id is none of the account's, and give them."""
    absent = "family <> 'clients' AND (client IS NULL OR client NOT IN (SELECT id FROM clients))"
    return index.refused(absent)


def grounds(index: Index) -> set[str]:
    """Give v2's grounds of exemption that are numbers."""
    query = "SELECT DISTINCT ground FROM documents d WHERE ground <> '' AND " + _OPEN
    return {ground for (ground,) in index.rows(query) if ground.isdecimal()}
