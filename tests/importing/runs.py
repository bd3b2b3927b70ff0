"""The command in processes of its own, quick to start, so that they can be killed."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from infakt_compat.standin import StandIn

Check = Callable[[], bool]


def context() -> ForkServerContext:
    """Give a way to start processes in which the command is imported already."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["infakt_compat.cli.import_run", "infakt_compat.cli.import_"])
    return found


def _run(arguments: list[str], key: str, output: str) -> None:
    """Run the command in this process, as `infakt-compat` would, with its output in a file."""
    from infakt_compat.cli.main import main

    os.environ["INFAKT_API_KEY"] = key
    handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    import sys

    sys.argv = ["infakt-compat", *arguments]
    main()


def start(arguments: list[Any], standin: StandIn, output: Path) -> ForkServerProcess:
    """Start the command."""
    process = context().Process(
        target=_run, args=(list(map(str, arguments)), standin.api_key, str(output))
    )
    process.start()
    return process


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
        raise AssertionError("the import did not come to an end")
    return process.exitcode


@contextmanager
def running(arguments: list[Any], standin: StandIn, output: Path) -> Iterator[ForkServerProcess]:
    """Start the command, and leave no process behind."""
    process = start(arguments, standin, output)
    try:
        yield process
    finally:
        kill(process)
