"""V3 over HTTP: today's dialect and the classic one, exact JSON, limits kept, nothing sent twice.

    from infakt_compat.v3 import SANDBOX, V3Client

    with V3Client(api_key, SANDBOX) as v3:
        invoice = v3.invoices.create({"client_id": 84, "services": [...]})
        for row in v3.invoices.iterate({"invoice_date_gteq": "2026-01-01"}):
            ...

Records are v3's own JSON: amounts in grosze as int, a number with a fraction as `NumberText`,
never a float. What goes wrong is a `V3Error`: `Refused` (nothing was done), `Unreachable` (nothing
was sent), `OutcomeUnknown` (v3 may have done it; look before you try again), and for reads
`ServerFault`, `NoAnswer` and `BrokenAnswer`.
"""

from infakt_compat.v3.answers import Record
from infakt_compat.v3.api import CLASSIC, CURRENT, Dialect
from infakt_compat.v3.client import V3Client
from infakt_compat.v3.documents import Documents, Invoices
from infakt_compat.v3.errors import (
    BadRequest,
    BrokenAnswer,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    LimitReached,
    Locked,
    NoAnswer,
    NotFound,
    NotInDialect,
    OutcomeUnknown,
    PlanLimit,
    Redirected,
    Refused,
    ServerFault,
    Unauthorized,
    Unreachable,
    V3Error,
    WrongFormat,
)
from infakt_compat.v3.limits import Limits, MemoryWindows, Quota, Window, WindowStore
from infakt_compat.v3.paging import Page
from infakt_compat.v3.registers import Account, Clients, Register
from infakt_compat.v3.session import PRODUCTION, SANDBOX, new_session
from infakt_compat.v3.tasks import Task
from infakt_compat.v3.waits import Backoff, Clock, Looks, Timeouts

__all__ = [
    "CLASSIC",
    "CURRENT",
    "PRODUCTION",
    "SANDBOX",
    "Account",
    "Backoff",
    "BadRequest",
    "BrokenAnswer",
    "Clients",
    "Clock",
    "Conflict",
    "Dialect",
    "Documents",
    "Forbidden",
    "Gone",
    "Invalid",
    "Invoices",
    "LimitReached",
    "Limits",
    "Locked",
    "Looks",
    "MemoryWindows",
    "NoAnswer",
    "NotFound",
    "NotInDialect",
    "OutcomeUnknown",
    "Page",
    "PlanLimit",
    "Quota",
    "Record",
    "Redirected",
    "Refused",
    "Register",
    "ServerFault",
    "Task",
    "Timeouts",
    "Unauthorized",
    "Unreachable",
    "V3Client",
    "V3Error",
    "Window",
    "WindowStore",
    "WrongFormat",
    "new_session",
]
