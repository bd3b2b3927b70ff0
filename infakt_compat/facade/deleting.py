"""delete, in doubt or not: 404 after a doubt is as good as done (decisions.md 5)."""

from collections.abc import Callable

from infakt_compat.facade.account import Account
from infakt_compat.facade.calls import Call
from infakt_compat.v3 import NotFound, OutcomeUnknown, V3Error

_STATE = "deletes"
_TRIES = 2


def delete(call: Call, family: str, number: int, send: Callable[[], None]) -> None:
    """Delete a record and forget it; raises 404 when it was not there to begin with.

    A delete names one record for ever, so that one in doubt may be sent again.
    """
    account, key = call.account, f"{family}/{number}"
    doubt: OutcomeUnknown | None = None
    for _ in range(_TRIES):
        try:
            send()
        except NotFound as error:
            account.store.documents.forget(account.name, family, number)
            if doubt is None and not _doubted(account, key):
                raise call.not_found(error.text) from error
        except OutcomeUnknown as error:
            doubt = error
            if error.retry_after is None:
                continue
            break
        except V3Error:
            if doubt is not None:
                _doubt(account, key)
            raise
        _settled(account, key)
        account.store.documents.forget(account.name, family, number)
        return
    assert doubt is not None
    _doubt(account, key)
    raise doubt


def _doubted(account: Account, key: str) -> bool:
    """Say whether an earlier delete of this record got no answer."""
    return key in (account.store.values.get(account.name, _STATE) or {})


def _doubt(account: Account, key: str) -> None:
    now = int(account.clock.wall())
    account.store.values.update(account.name, _STATE, lambda old: {**(old or {}), key: now})


def _settled(account: Account, key: str) -> None:
    if _doubted(account, key):
        account.store.values.update(
            account.name,
            _STATE,
            lambda old: {name: at for name, at in (old or {}).items() if name != key},
        )
