"""What other gateway processes do at the same moment."""

import time

from infakt_compat.dropin.door import Door, NotAdmitted
from infakt_compat.dropin.messages import Request
from infakt_compat.store import open_store

from .support import Clock, enter, recorded_gateway


def enters(start: float, url: str, base: str, requests: list[Request], writes: bool) -> list[str]:
    """Send requests to a door of this process's own; give "in", or why not."""
    with open_store(url, patience=30) as store:
        door = Door(recorded_gateway(base), store, Clock())
        time.sleep(max(0.0, start - time.time()))
        return [_outcome(door, request, writes) for request in requests]


def _outcome(door: Door, request: Request, writes: bool) -> str:
    try:
        entry = enter(door, request, writes=writes)
    except NotAdmitted as error:
        return error.reason
    return "resumed" if getattr(entry, "resumed", False) else "in"
