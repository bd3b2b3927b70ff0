"""The command in processes of its own that start at once: forked where it is imported already."""

import io
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

#: What the server of the forks imports: enough for every command to start at once.
_PRELOADED = [
    "tests.forked",
    "infakt_compat.cli.convert",
    "infakt_compat.cli.import_run",
    "infakt_compat.migrate.convert",
    "infakt_compat.migrate.report",
]


class _Handle:
    """A file descriptor that goes to the new process."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return _detached, (DupFd(self.number),)


def _detached(there: Any) -> int:
    """Give the number that a descriptor has in the new process."""
    number: int = there.detach()
    return number


def context() -> ForkServerContext:
    """Give a way to start processes in which the command is imported already."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(_PRELOADED)
    return found


def start(
    arguments: Sequence[str], environment: Mapping[str, str], stdin: int, stdout: int, stderr: int
) -> ForkServerProcess:
    """Start the command with three descriptors, which stay open here."""
    handles = tuple(_Handle(number) for number in (stdin, stdout, stderr))
    process = context().Process(
        target=_run, args=(list(arguments), dict(environment), Path.cwd(), handles)
    )
    process.start()
    return process


def _run(
    arguments: list[str], environment: dict[str, str], folder: Path, handles: tuple[int, int, int]
) -> None:
    """Run the command in this process, as `infakt-compat` would in a UTF-8 locale."""
    from infakt_compat.cli.main import main

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, handle in enumerate(handles):
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False), "utf-8")  # noqa: SIM115
    sys.stdout, sys.stderr = _writer(1, "strict"), _writer(2, "backslashreplace")
    sys.argv = ["infakt-compat", *arguments]
    main()


def _writer(number: int, errors: str) -> io.TextIOWrapper:
    """Open a descriptor as Python opens standard output and standard error."""
    raw = open(number, "wb", closefd=False)  # noqa: SIM115
    by_line = number == 2 or raw.isatty()
    return io.TextIOWrapper(raw, "utf-8", errors, line_buffering=by_line)


def kill(process: ForkServerProcess) -> None:
    """Kill a process as a power cut would."""
    with suppress(ProcessLookupError):
        os.kill(process.pid or 0, signal.SIGKILL)
    process.join()


def ended(process: ForkServerProcess, seconds: float = 120) -> int:
    """Wait for the end of a process; gives its exit code."""
    process.join(seconds)
    if process.exitcode is None:
        kill(process)
        raise AssertionError("the command did not come to an end")
    return process.exitcode


@contextmanager
def running(
    arguments: Sequence[str], environment: Mapping[str, str], stdin: int, stdout: int, stderr: int
) -> Iterator[ForkServerProcess]:
    """Start the command, and leave no process behind."""
    process = start(arguments, environment, stdin, stdout, stderr)
    try:
        yield process
    finally:
        kill(process)
