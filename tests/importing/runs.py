"""An import in a process of its own, with its output in a file, so that it can be killed."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from infakt_compat.standin import StandIn
from tests import forked


@contextmanager
def running(
    arguments: Sequence[Any], standin: StandIn, output: Path
) -> Iterator[ForkServerProcess]:
    """Start the command with a stand-in's key, and leave no process behind."""
    environment = {**os.environ, "INFAKT_API_KEY": standin.api_key}
    with (
        output.open("ab") as said,
        Path(os.devnull).open() as nothing,
        forked.running(
            [*map(str, arguments)], environment, nothing.fileno(), said.fileno(), said.fileno()
        ) as process,
    ):
        yield process
