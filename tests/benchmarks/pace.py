"""How near an import comes to what v3's limits allow, with the clock sped up; and not one 429.

python tests/benchmarks/pace.py [current|classic] [documents] [speed]

The possible pace is that of a caller that knows v3's windows to the second: as many creates as a
window holds at its beginning, and again when it ends.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from archive import invoices

from infakt_compat.migrate.importing.pace import Pace
from infakt_compat.migrate.importing.run import Import
from infakt_compat.migrate.importing.settings import Settings
from infakt_compat.migrate.journal import open_journal
from infakt_compat.migrate.planning.planner import plan
from infakt_compat.migrate.source import find_sources
from infakt_compat.standin import StandIn
from infakt_compat.v3 import Clock, V3Client
from infakt_compat.v3.api import DIALECTS


def write_archive(path: Path, count: int) -> None:
    """Write VAT invoices and proformas that v3 takes, of eight clients."""
    found: list[dict[str, Any]] = []
    for invoice in invoices(2 * count):
        if len(found) == count:
            break
        if invoice["rodzaj_faktury"] in ("Faktura VAT", "Faktura proforma"):
            client = int(invoice["client_id"]) % 8
            own = {"client_id": client + 1, "client_nazwa_firmy": f"Firma {client}"}
            own |= {"client_nip": "", "client_panstwo": "Polska", "client_ulica": "ul. Długa 1"}
            lines = [{**line, "stawka_vat": "np"} if line["stawka_vat"] == "zw" else line
                     for line in invoice["services"]]  # fmt: skip
            status = "szkic"  # one write a document, in both dialects
            found.append({**invoice, **own, "services": lines, "status": status})
    path.write_text(json.dumps({"invoices": found}, ensure_ascii=False), "utf-8")


def least_seconds(dialect: str, writes: int) -> float:
    """How long so many writes take at the least, by v3's own windows."""
    windows = DIALECTS[dialect].limits.writes.windows
    moments: list[float] = []
    for _ in range(writes):
        earliest = moments[-1] if moments else 0.0
        for window in windows:
            if len(moments) >= window.room:
                earliest = max(earliest, moments[-window.room] + window.seconds)
        moments.append(earliest)
    return moments[-1]


def main(dialect: str = "current", documents: str = "1500", speed: str = "20") -> None:
    """Run an import, and print what it came to."""
    count, factor = int(documents), int(speed)
    with tempfile.TemporaryDirectory() as folder, StandIn(dialect=dialect, limits="real") as v3:
        source = Path(folder) / "archive.json"
        write_archive(source, count)
        v3.configure("clock", speed=factor)
        clock = Clock(
            now=v3.world.clock.seconds,
            sleep=lambda seconds: time.sleep(seconds / factor),
            wall=v3.world.clock.seconds,
        )
        with open_journal(Path(folder) / "journal", create=True, clock=clock.wall) as journal:
            plan(journal, find_sources([str(source)]))
            pace = Pace(journal.windows, clock)
            client = V3Client(v3.api_key, v3.url, dialect, windows=pace, clock=clock, patience=1e6)
            with client:
                Import(journal, client, Settings(), pace, clock).run()
            totals = Counter({(one.state.value, one.kind): one.count for one in journal.totals()})
        entries = v3.requests()
    writes = [entry for entry in entries if entry["method"] != "GET"]
    seconds = span(writes)
    least = least_seconds(dialect, len(writes))
    statuses = Counter(entry["status"] for entry in entries)
    creates = sum("invoices" in entry["path"] for entry in writes)
    print(f"{dialect}: {totals}, answers {dict(statuses)}")
    print(f"{len(writes)} writes, {len(entries) - len(writes)} reads")
    print(f"{creates / (seconds / 60):.1f} invoices a minute; {seconds:.0f} s of {least:.0f} s: "
          f"{100 * least / seconds:.1f} % of the possible")  # fmt: skip
    print(f"429: {statuses[429]}")


def span(entries: list[dict[str, str]]) -> float:
    """Give the seconds from the first request to the last, by the stand-in's clock."""
    from datetime import datetime

    first, last = (datetime.fromisoformat(entries[at]["at"]) for at in (0, -1))
    return (last - first).total_seconds()


if __name__ == "__main__":
    main(*sys.argv[1:])
