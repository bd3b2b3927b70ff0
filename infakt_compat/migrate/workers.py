"""Worker processes, each with pipes of its own.

The standard library's pools share one pipe for all that their workers answer: a worker that is
killed while it writes (no memory, say) leaves half a message and a held lock, and the pool waits
for ever. Here the end of a worker is the end of its pipe, and seen at once; and workers end when
the process that started them does, however that ends.
"""

import multiprocessing
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from attrs import frozen

from infakt_compat.errors import InfaktCompatError
from infakt_compat.migrate.reading import WorkerLost

#: A batch and a little more; a user's pipes may hold 64 MiB together.
_PIPE_BYTES = 512 * 1024

Task = TypeVar("Task")
Made = TypeVar("Made")


@frozen
class _Worker:
    """A process, the pipes to and from it, and the thread that feeds it from a queue."""

    process: BaseProcess
    results: Connection
    queue: "SimpleQueue[bytes | None]"
    feeder: Thread


class Workers(Generic[Task, Made]):
    """Processes that do one work on many tasks; a context that ends with all of them gone.

    Work, tasks and what is made of them must be picklable.
    """

    def __init__(self, work: Callable[[Task], Made], number: int, prepare: Callable[[], None]):
        """Start as many processes; `prepare` is called in each before its first task."""
        self._numbers = count()
        context = multiprocessing.get_context()
        forked = context.get_start_method() == "fork"
        started: list[tuple[BaseProcess, Connection, Connection]] = []
        for _ in range(number):
            tasks, to_worker = _wide(context.Pipe(duplex=False))
            results, to_main = _wide(context.Pipe(duplex=False))
            ours = [end for _, *ends in started for end in ends] + [to_worker, results]
            process = context.Process(
                target=_serve, args=(work, prepare, tasks, to_main, ours if forked else [])
            )
            process.start()
            tasks.close()
            to_main.close()
            started.append((process, to_worker, results))
        self._workers = [_fed(*one) for one in started]  # threads after all forks

    def submit(self, task: Task) -> Callable[[], Made]:
        """Hand over a task; gives the call for what was made of it.

        What was submitted first is to be called for first. The call raises what the work raised,
        and `WorkerLost`.
        """
        number = next(self._numbers)
        worker = self._workers[number % len(self._workers)]
        worker.queue.put(pickle.dumps((number, task)))
        return lambda: self._result(worker, number)

    def _result(self, worker: _Worker, number: int) -> Made:
        """Wait for a result; those before it were not called for."""
        found = -1
        while found != number:
            try:
                found, good, made = worker.results.recv()
            except (EOFError, OSError):
                raise WorkerLost("a worker process was ended from outside") from None
        if not good:
            raise made
        result: Made = made
        return result

    def __enter__(self) -> "Workers[Task, Made]":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for worker in self._workers:
            if kind is not None:
                worker.process.kill()
            worker.queue.put(None)
            worker.results.close()  # who still writes gives up
        for worker in self._workers:
            worker.feeder.join()
            worker.process.join()


def _wide(pipe: tuple[Connection, Connection]) -> tuple[Connection, Connection]:
    """Let a pipe hold a whole batch where the system can: its writer has no need to wait then."""
    if sys.platform == "linux":
        import fcntl  # there is none on Windows

        with suppress(OSError):  # all pipes of one user together have a limit, too
            fcntl.fcntl(pipe[0].fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return pipe


def _fed(process: BaseProcess, tasks: Connection, results: Connection) -> _Worker:
    """Give a worker its thread: a full pipe must not keep us from taking results."""
    queue: SimpleQueue[bytes | None] = SimpleQueue()
    feeder = Thread(target=_feed, args=(queue, tasks), daemon=True)
    feeder.start()
    return _Worker(process, results, queue, feeder)


def _feed(queue: "SimpleQueue[bytes | None]", tasks: Connection) -> None:
    """Send tasks until there are no more, or nobody to take them."""
    with tasks:
        while (task := queue.get()) is not None:
            try:
                tasks.send_bytes(task)
            except OSError:
                return  # its results end, too: that is where it is told


def _serve(
    work: Callable[[Any], Any],
    prepare: Callable[[], None],
    tasks: Connection,
    results: Connection,
    others: list[Connection],
) -> None:
    """Work until there are no more tasks; Ctrl-C is left to the process that started us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for end in others:  # ours of every pipe: while we held one, nobody would see its end
        end.close()
    prepare()
    while True:
        try:
            number, task = tasks.recv()
            results.send_bytes(_made(work, number, task))
        except (EOFError, OSError):
            return


def _made(work: Callable[[Any], Any], number: int, task: Any) -> bytes:
    """Give what becomes of a task, or what was raised."""
    try:
        return pickle.dumps((number, True, work(task)))
    except Exception as error:
        if not isinstance(error, InfaktCompatError):
            error.add_note(traceback.format_exc())
        return pickle.dumps((number, False, error))
