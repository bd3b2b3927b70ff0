"""The bar on a terminal: how much was read, how fast, how long it will take."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from infakt_compat.cli.words import counted, word


class Run(Protocol):
    """What reads sources and tells after each batch how many bytes and documents that were."""

    progress: Callable[[int, int], None]


@contextmanager
def bar(run: Run, total_bytes: int, language: str) -> Iterator[None]:
    """Show a bar on stderr while sources are read; the size may be unknown (0)."""
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[pace]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total_bytes or None, pace="")

        def show(read_bytes: int, documents: int) -> None:
            elapsed = progress.tasks[0].elapsed or 0
            rate = round(documents / elapsed) if elapsed else 0
            numbers = {"documents": counted(documents, language), "rate": counted(rate, language)}
            pace = word("rate", language, **numbers)
            progress.update(task, completed=read_bytes, pace=pace)

        run.progress = show
        yield
