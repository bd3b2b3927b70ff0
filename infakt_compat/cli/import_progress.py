"""How an import stands, while it runs: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from attrs import define, field

from infakt_compat.cli.import_words import lasting, said
from infakt_compat.cli.words import counted

if TYPE_CHECKING:
    from infakt_compat.migrate.importing.run import Snapshot

#: Seconds between lines where there is no terminal, and between lines that say the same.
_BETWEEN, _STILL = 30.0, 300.0
#: The rate is that of the last so many seconds: v3's limits come in minutes.
_SPAN = 120.0


class Rate:
    """Documents a minute, of late."""

    def __init__(self) -> None:
        """Start counting."""
        self._seen: list[tuple[float, int]] = [(time.monotonic(), 0)]

    def per_minute(self, settled: int) -> int:
        """Give the rate when so many are settled by now."""
        now = time.monotonic()
        if now - self._seen[-1][0] >= 1.0:
            self._seen.append((now, settled))
            while len(self._seen) > 2 and now - self._seen[0][0] > _SPAN:
                self._seen.pop(0)
        since, before = self._seen[0]
        return round((settled - before) * 60 / (now - since)) if now - since >= 1.0 else 0


def _settled(snapshot: "Snapshot") -> int:
    return snapshot.done + snapshot.rejected + snapshot.unknown


def _more(snapshot: "Snapshot", language: str) -> str:
    counts = (("bar_rejected", snapshot.rejected), ("bar_doubt", snapshot.in_doubt))
    return "".join(said(name, language, count=count) for name, count in counts if count)


def _limit(side: str, language: str) -> str:
    return said("bar_limit", language, side=said(side, language)) if side else ""


@contextmanager
def watching(total: int, seconds: float, language: str) -> "Iterator[Callable[[Snapshot], None]]":
    """Give what is told how the run stands; `seconds` is how long v3's limits make it take."""
    if sys.stderr is None:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar(total, seconds, language) as show:
            yield show
    else:
        yield _Lines(total, seconds, language).show


def _left(snapshot: "Snapshot", total: int, seconds: float, rate: int) -> float:
    """How long it will take yet: by v3's limits, or by the rate where that is slower."""
    share = max(total - _settled(snapshot), 0)
    by_limits = seconds * share / total if total else 0.0
    return max(by_limits, share * 60 / rate) if rate else by_limits


@define
class _Lines:
    """Writes a line where something has changed, and after a while where nothing has."""

    total: int
    seconds: float
    language: str
    _rate: Rate = field(factory=Rate)
    _at: float = field(factory=time.monotonic)
    _said: tuple[int, str] | None = None
    #: The side of v3's limits that was waited for since the last line.
    _full: str = ""

    def show(self, snapshot: "Snapshot") -> None:
        """Take how the run stands; a line at most every so often."""
        settled, language = _settled(snapshot), self.language
        pace = self._rate.per_minute(settled)
        self._full = snapshot.full or self._full
        stands = settled, _more(snapshot, language)
        waited = time.monotonic() - self._at
        if waited < (_STILL if stands == self._said else _BETWEEN):
            return
        left = lasting(_left(snapshot, self.total, self.seconds, pace), language)
        numbers = {"done": counted(settled, language), "total": counted(self.total, language)}
        more = _limit(self._full, language) + stands[1]
        click.echo(said("line", language, **numbers, rate=pace, left=left, more=more), err=True)
        self._at, self._said, self._full = time.monotonic(), stands, ""


@contextmanager
def _bar(total: int, seconds: float, language: str) -> "Iterator[Callable[[Snapshot], None]]":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[pace]}"))
    rate = Rate()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total or None, pace="")

        def show(snapshot: "Snapshot") -> None:
            settled = _settled(snapshot)
            pace = rate.per_minute(settled)
            limit = _limit(snapshot.full, language)
            left = lasting(_left(snapshot, total, seconds, pace), language)
            numbers = {"done": counted(settled, language), "total": counted(total, language)}
            more = f"{_more(snapshot, language)}  {left}"
            text = said("bar", language, **numbers, rate=pace, limit=limit, more=more)
            progress.update(task, completed=settled, pace=text)

        yield show
