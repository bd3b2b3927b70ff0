"""What the facade adds to a call, beside the same v3 calls made by `V3Client`, in one run.

    python tests/benchmarks/facade.py [ROUNDS]

A stand-in answers in a process of its own. Both sides use one connection pool, one SQLite store and
the same windows of the limits (wider than v3's, so that nobody waits), and take turns, so that the
machine's other load hits both alike: what differs is the facade itself. A third turn runs the
facade with durable commits that do not wait for the disk: the difference is the disk's share.

- `own`: the facade's median minus the client's; `disk`: what of it is waiting for the disk;
- `least`: the facade's minimum, without the disk, minus the client's: other load disturbs it less;
- `cpu`: the same of the medians of the thread's processor time, which waits for nobody;
- `writes`: durable commits of one call; the last line says what one costs on this disk at least.
"""

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from infakt_compat.facade import Api, connect
from infakt_compat.store import Store, open_store
from infakt_compat.store.database import Database
from infakt_compat.v3 import V3Client
from infakt_compat.v3.limits import Limits, Quota, Window
from infakt_compat.v3.session import new_session

STANDIN = [sys.executable, "-m", "infakt_compat", "standin", "--samples"]
#: As many windows as today's v3 has, and room for all that is asked here.
WIDE = Limits(Quota((Window(1, 5000),)), Quota((Window(1, 5000),)))
ORDER = {"order": "invoice_date desc", "offset": 0, "limit": 100}
FAMILIES = ("corrective_invoices", "margin_invoices", "advance_invoices", "final_invoices")
LINE = {"nazwa": "Usługa", "ilosc": "2", "stawka_vat": "23", "cena_netto": "100.00"}
V3_LINE = {"name": "Usługa", "quantity": 2, "tax_symbol": "23", "unit_net_price": 10000}

Side = Callable[[Any], object]
Work = tuple[Callable[[], Any], Side, Side]


class Disk:
    """Counts durable writes, and lets them not wait for the disk where that is asked for."""

    waits, writes = True, 0

    def watch(self) -> None:
        """Stand before `Database.write`."""
        durable = Database.write

        def write(database: Database, work: Any) -> Any:
            self.writes += 1
            return (durable if self.waits else Database.write_brisk)(database, work)

        Database.write = write  # type: ignore[method-assign]


class Times:
    """What the calls of one side took, in milliseconds."""

    def __init__(self) -> None:
        """Begin with none."""
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def time(self, side: Side, given: Any) -> None:
        """Run one call and note its times."""
        wall, cpu = time.perf_counter(), time.thread_time()
        side(given)
        self.cpu.append(1000 * (time.thread_time() - cpu))
        self.wall.append(1000 * (time.perf_counter() - wall))


@contextmanager
def standin(documents: int) -> Iterator[dict[str, str]]:
    """Start a stand-in with so many documents, in a process of its own."""
    with subprocess.Popen([*STANDIN, str(documents)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def nothing() -> None:
    """Prepare nothing."""


def works(api: Api, v3: V3Client) -> dict[str, Work]:
    """Give each verb: what is prepared and not timed, the facade's call, and v3's calls."""
    client = v3.clients.create({"company_name": "Firma", "country": "PL"})["id"]
    numbers = count(1)

    def plain() -> dict[str, Any]:
        return {"client_id": client, "payment_method": "transfer", "kind": "vat",
                "currency": "PLN", "status": "draft", "services": [V3_LINE],
                "notes": f"nr {next(numbers)}"}  # fmt: skip

    def body() -> dict[str, Any]:
        return {"client_id": client, "status": "szkic", "rodzaj_faktury": "Faktura VAT",
                "sposob_platnosci": "Przelew", "services": [LINE],
                "uwagi": f"nr {next(numbers)}"}  # fmt: skip

    def made() -> dict[str, Any]:
        record = v3.invoices.create(plain())
        api._account.see([("invoices", record)])
        return record

    same = made()

    def change() -> str:
        return f"zmiana {next(numbers)}"

    def list_all(_: Any) -> None:
        v3.invoices.list(**ORDER)
        for family in FAMILIES:
            getattr(v3, family).list(**ORDER)

    def update(notes: str) -> None:
        v3.invoices.show(same["uuid"])
        v3.invoices.update(same["uuid"], {"notes": notes})

    def paid(record: dict[str, Any]) -> None:
        v3.invoices.paid(record["uuid"])
        v3.invoices.show(record["uuid"])

    return {
        "list, 100 rows": (nothing, lambda _: api.invoices.list(), list_all),
        "show": (
            nothing, lambda _: api.invoices.show(same["id"]),
            lambda _: v3.invoices.show(same["uuid"]),
        ),
        "create": (
            lambda: (body(), plain()), lambda bodies: api.invoices.create({"invoice": bodies[0]}),
            lambda bodies: v3.invoices.create(bodies[1]),
        ),
        "update, changed": (
            change, lambda notes: api.invoices.update(same["id"], {"invoice": {"uwagi": notes}}),
            update,
        ),
        "update, unchanged": (
            lambda: {"invoice": api.invoices.show(same["id"])["invoice"]},
            lambda tree: api.invoices.update(same["id"], tree),
            lambda _: v3.invoices.show(same["uuid"]),
        ),
        "delete": (
            made, lambda record: api.invoices.delete(record["id"]),
            lambda record: v3.invoices.delete(record["uuid"]),
        ),
        "paid": (made, lambda record: api.invoices.paid(record["id"]), paid),
        **client_works(api, v3, numbers),
    }  # fmt: skip


def client_works(api: Api, v3: V3Client, numbers: Iterator[int]) -> dict[str, Work]:
    """Give the verbs of clients."""

    def v2_client() -> dict[str, Any]:
        return {"nazwa_firmy": f"Firma {next(numbers)}", "miejscowosc": "Kraków"}

    def v3_client() -> dict[str, Any]:
        return {"company_name": f"Firma {next(numbers)}", "city": "Kraków", "country": "PL"}

    def made() -> int:
        number: int = v3.clients.create(v3_client())["id"]
        return number

    same = made()
    for _ in range(100):
        made()

    def update(city: str) -> None:
        v3.clients.show(same)
        v3.clients.update(same, {"city": city})

    return {
        "clients, list of 100": (
            nothing, lambda _: api.clients.list(),
            lambda _: v3.clients.list(order="id asc", offset=0, limit=100),
        ),
        "clients, show": (
            nothing, lambda _: api.clients.show(same), lambda _: v3.clients.show(same),
        ),
        "clients, create": (
            lambda: (v2_client(), v3_client()),
            lambda bodies: api.clients.create({"client": bodies[0]}),
            lambda bodies: v3.clients.create(bodies[1]),
        ),
        "clients, update": (
            lambda: f"Miasto {next(numbers)}",
            lambda city: api.clients.update(same, {"client": {"miejscowosc": city}}), update,
        ),
        "clients, delete": (made, api.clients.delete, v3.clients.delete),
    }  # fmt: skip


def measure(work: Work, disk: Disk, rounds: int) -> tuple[list[Times], int]:
    """Let client, facade, and facade without the disk take turns; and count durable writes."""
    prepare, facade, bare = work
    for _ in range(3):
        facade(prepare()), bare(prepare())
    found, writes = [Times(), Times(), Times()], 0
    for turn in range(rounds):
        for which in ((0, 1, 2), (2, 1, 0))[turn % 2]:
            given, before = prepare(), disk.writes
            disk.waits = which != 2
            found[which].time(facade if which else bare, given)
            disk.waits = True
            writes = disk.writes - before if which == 1 else writes
    return found, writes


HEAD = ("v3 alone", "facade", "ratio", "own", "disk", "least", "cpu", "writes")


def row(name: str, found: list[Times], writes: int) -> str:
    """Write one row."""
    bare, facade, quick = (statistics.median(times.wall) for times in found)
    least = min(found[2].wall) - min(found[0].wall)
    cpu = statistics.median(found[2].cpu) - statistics.median(found[0].cpu)
    cells = (bare, facade, facade / bare, facade - bare, facade - quick, least, cpu)
    return f"{name:<22}" + "".join(f"{cell:>9.2f}" for cell in cells) + f"{writes:>9}"


def durable_commit(folder: str) -> float:
    """Give the median of durable commits of one row by sqlite3 alone, in milliseconds."""
    database, times = sqlite3.connect(Path(folder) / "floor", isolation_level=None), Times()
    with closing(database):
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
            database.execute(statement)
        database.execute("CREATE TABLE t (a)")
        for _ in range(100):
            times.time(database.execute, "INSERT INTO t VALUES (1)")
    return statistics.median(times.wall)


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    wanted = sys.argv[2:]
    print(f"milliseconds, medians of {rounds} calls")
    print(f"{'':<22}" + "".join(f"{one:>9}" for one in HEAD))
    with standin(2000) as there, tempfile.TemporaryDirectory() as folder:
        session, disk = new_session(), Disk()
        disk.watch()
        store: Store = open_store(Path(folder) / "store.sqlite3")
        known = {"session": session, "limits": WIDE, "account": "bench"}
        with (
            session, store,
            V3Client(there["api_key"], there["url"], windows=store.limits, **known) as v3,
            connect(there["api_key"], there["url"], store=store, **known) as api,
        ):  # fmt: skip
            for name, work in works(api, v3).items():
                if not wanted or any(part in name for part in wanted):
                    print(row(name, *measure(work, disk, rounds)), flush=True)
        print(f"{'a durable commit':<22}{durable_commit(folder):>9.2f}")


if __name__ == "__main__":
    main()
