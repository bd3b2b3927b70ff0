"""Creates in doubt, settled in the background: followed or looked for, never sent (decisions.md 5).

What is to be settled stands in the store, so that a restart goes on with what a dead process left.
Of several processes one is at a create at a time. Pauses grow with a create's age, from five
seconds to five minutes; what is not found when the quiet time is over was never made. The outcome
is kept as the answer of the next equal create.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from infakt_compat.codecs.json_text import loads
from infakt_compat.facade import creating, creating_clients
from infakt_compat.facade.account import Account, Record
from infakt_compat.facade.calls import Call
from infakt_compat.facade.errors import V2Error
from infakt_compat.store import Answer, State, StoreError
from infakt_compat.v3.waits import Deadline

log = logging.getLogger("infakt_compat")

#: So often the store is asked what is due; no pause between two looks is shorter, or longer.
EVERY = 5.0
_LONGEST = 300.0
#: Seconds for one create, and for a turn: others wait for the same thread.
_PATIENCE = 5.0
_TURN = 20.0
_MOST = 1000
_RESUMED = {"invoice": creating.resumed, "client": creating_clients.resumed}


def start(account: Account) -> None:
    """Have what is in doubt settled; costs nothing when that is so already."""
    if account.later.threaded and account.store.pending.any_in_doubt(account.name):
        account.later.every("creates in doubt", lambda: turn(account), EVERY)


@contextmanager
def watched(account: Account) -> Iterator[None]:
    """Have a create that ends in doubt settled later; its caller gets the error as it is."""
    try:
        yield
    except BaseException:
        with suppress(StoreError):  # the error that is under way says more
            start(account)
        raise


def turn(account: Account, at_once: bool = False) -> bool:
    """Look at what is due, and with `at_once` at all that nobody is at; says whether to go on."""
    pending, until = account.store.pending, account.clock.now() + _TURN
    for entry in pending.in_doubt(account.name, limit=_MOST):
        if account.later.closed:
            return False
        if entry.draft is not None and (at_once or _due(account, entry)):
            _settle(account, entry, loads(entry.draft))
            if account.clock.now() > until:
                break
    return pending.any_in_doubt(account.name)


def _due(account: Account, entry: Answer) -> bool:
    """Say whether to look again: after a pause as long as the create was old at the last look."""
    if entry.state is State.SENT:
        return True  # its sender is dead, and nobody has looked yet
    pause = min(max(entry.held_until - entry.sent_at, EVERY), _LONGEST)
    return account.store.pending.age(entry) >= pause


def _settle(account: Account, entry: Answer, draft: Record) -> None:
    """Find out what became of one; whatever comes of it stands in the store."""
    pending = account.store.pending
    claim = pending.take_over(account.name, entry.digest)
    if claim is None:
        return  # another process is at it
    v3, deadline = account.v3.bounded(_PATIENCE), Deadline.after(account.clock, _PATIENCE)
    call = Call(account, f"{draft['of']}s/create.json", draft["of"], v3, deadline)
    try:
        made = _RESUMED[draft["of"]](call, claim.entry, draft).resume(claim)
    except V2Error:
        made = None
    except Exception as error:  # one that cannot be settled must not keep the others
        pending.unknown(claim)
        log.warning("a create in doubt is left so: %s", type(error).__name__)
        return
    if made is not None and made.record is not None:
        log.info("a create in doubt is settled: %ss %s is there", draft["of"], made.record["id"])
        creating.finish_later(account)
    elif (now := pending.get(account.name, entry.digest)) is not None and now.settled:
        log.info("a create in doubt is settled: nothing was made")
