"""What v3's errors mean for a create: nothing was done, refused, in doubt, or the run must stop.

The lines are those of `v3/errors.py`: only `OutcomeUnknown` is a doubt (decisions.md 5).
"""

from collections.abc import Mapping, Sequence

from infakt_compat.errors import Fault
from infakt_compat.migrate.importing.engine import Advice, Stopped
from infakt_compat.v3 import (
    Dialect,
    Forbidden,
    Invalid,
    LimitReached,
    Locked,
    NotFound,
    NotInDialect,
    PlanLimit,
    Redirected,
    Refused,
    Unauthorized,
    Unreachable,
    V3Error,
)

#: v3's word for a number that the account has already (v3-wire 1.3).
DUPLICATED = "duplicated_number"
#: Certainly not done, and worth another try.
NOT_DONE = (Unreachable, LimitReached)
#: They speak of the account or the way to it: every other document would meet the same.
_OF_ACCOUNT = (Unauthorized, PlanLimit, Forbidden, Locked, Redirected, NotInDialect)


def stops(error: V3Error) -> Stopped | None:
    """Give why the run must stop after this error; None when it need not."""
    page = isinstance(error, Refused) and not error.json and not isinstance(error, LimitReached)
    ksef = isinstance(error, Invalid) and not error.fields and "ksef" in error.text.casefold()
    if isinstance(error, _OF_ACCOUNT) or page or ksef:
        return Stopped(f"v3 lets nobody create documents now: {error}", _advice(error))
    return None


def _advice(error: V3Error) -> Advice:
    if isinstance(error, Unauthorized):
        return "key"
    return "forbidden" if isinstance(error, Forbidden) else ""


def other_dialect(error: NotFound, dialect: Dialect) -> Stopped:
    """Give why the run stops where v3 does not know a URL that its dialect has."""
    return Stopped(f"this is not the v3 of --dialect {dialect.name}: {error}", "dialect")


def closed_by_ksef(error: V3Error) -> bool:
    """Say whether v3 refuses a change because KSeF has the invoice (v3-wire 6)."""
    return isinstance(error, Invalid) and "ksef" in error.said.casefold()


def reasons(text: str, fields: Mapping[str, Sequence[str]]) -> list[Fault]:
    """Give v3's own words as reasons, one for each field that it names."""
    named = [Fault("v3.refused", name, said) for name, texts in fields.items() for said in texts]
    return named or [Fault("v3.refused", "", text)]
