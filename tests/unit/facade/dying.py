"""A process that creates an invoice, to be killed in the middle of it."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from infakt_compat.facade import connect
from infakt_compat.standin import StandIn

from .support import QUICK, Tree


def creates(url: str, api_key: str, path: str, body: Tree) -> None:
    """Create an invoice, as patient as it takes."""
    settings: Any = {"store": path, "background": False, "patience": 60, **QUICK}
    with connect(api_key, url, **settings) as api:
        api.invoices.create(body)


@contextmanager
def killed(standin: StandIn, path: str, body: Tree, when: Callable[[], bool]) -> Iterator[None]:
    """Kill a process that creates an invoice as soon as something holds."""
    context = multiprocessing.get_context("forkserver")
    given = (standin.url, standin.api_key, path, body)
    process = context.Process(target=creates, args=given)
    process.start()
    until = time.monotonic() + 30
    while not when() and time.monotonic() < until:
        time.sleep(0.005)
    process.kill()
    process.join()
    process.close()
    assert when()
    yield
