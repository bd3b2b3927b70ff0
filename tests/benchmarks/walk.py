"""Walks the merged list of all kinds, 100 a page, and shows what that costs.

    python tests/benchmarks/walk.py [DOCUMENTS]

Every document has to come once, the newest first, with at most one v3 read a kind and page; a
stand-in answers in a process of its own. The memory is the peak of this process: after the first
page, and after the last one.
"""

import json
import resource
import sys
import tempfile
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from facade import standin

from infakt_compat.facade import connect
from infakt_compat.facade.account import FAMILIES
from infakt_compat.v3 import V3Client

PER_PAGE = 100


def peak() -> float:
    """Give the peak memory of this process, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Reads:
    """Counts v3's answers by path; a `log` of the client."""

    def __init__(self) -> None:
        """Begin with none."""
        self.paths: Counter[str] = Counter()

    def __call__(self, line: str) -> None:
        """Take one line of JSON."""
        self.paths[json.loads(line)["path"]] += 1


def walk(api: Any, reads: Reads) -> tuple[list[tuple[str, int]], list[int], list[float], float]:
    """Read page after page: dates and ids, reads and seconds of each page, memory after the first.

    Raises `SystemExit` for a page that asks twice for a kind.
    """
    rows: list[tuple[str, int]] = []
    asked, seconds, first = [], [], 0.0
    while True:
        reads.paths.clear()
        started = time.perf_counter()
        page = api.invoices.list(page=len(asked) + 1, per_page=PER_PAGE)
        seconds.append(time.perf_counter() - started)
        asked.append(reads.paths.total())
        rows += [(row["data_wystawienia"], row["invoice_id"]) for row in page["invoices"]]
        first = first or peak()
        if max(reads.paths.values(), default=0) > 1:
            raise SystemExit(f"page {len(asked)} asked twice for a kind: {reads.paths}")
        if len(asked) >= page["info"]["pages"]:
            return rows, asked, seconds, first


def check(rows: list[tuple[str, int]], v3: V3Client) -> dict[str, int]:
    """See to it that each document came once and in order; gives how many there are of each kind.

    Raises `SystemExit` when not.
    """
    there = {
        family: [row["id"] for row in getattr(v3, family).iterate(order="id asc", fields=["id"])]
        for family in FAMILIES
    }
    if Counter(number for _, number in rows) != Counter(n for ids in there.values() for n in ids):
        raise SystemExit("a document is missing, or came twice")
    if any(before < after for (before, _), (after, _) in pairwise(rows)):
        raise SystemExit("the dates are not in order")
    return {family: len(ids) for family, ids in there.items()}


def main() -> None:
    """Walk, check and print."""
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with standin(documents) as there, tempfile.TemporaryDirectory() as folder:
        reads, key = Reads(), (there["api_key"], there["url"])
        path = Path(folder) / "store.sqlite3"
        with (
            V3Client(*key, limits="off") as v3,
            connect(*key, store=path, limits="off", log=reads) as api,
        ):
            rows, asked, seconds, first = walk(api, reads)
            last = peak()
            kinds = check(rows, v3)
    counts = ", ".join(f"{family} {number}" for family, number in kinds.items())
    print(f"documents      {len(rows)} ({counts}), each once, newest first")
    print(f"pages          {len(asked)} of {PER_PAGE}")
    print(f"v3 reads       {sum(asked)}: first page {asked[0]}, at most {max(asked)} a page")
    print(f"seconds        {sum(seconds):.1f}, a page {sum(seconds) / len(seconds):.3f}")
    print(f"peak memory    {first:.0f} MiB after the first page, {last:.0f} MiB after the last")


if __name__ == "__main__":
    main()
