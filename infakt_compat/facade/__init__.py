"""v2's verbs for Python, on top of v3.

    from infakt_compat.facade import connect

    with connect(api_key) as api:
        made = api.invoices.create({"invoice": {"client_id": 84, "status": "szkic", ...}})
        shown = api.invoices.show(made["invoice"]["invoice_id"])

They take and give what v2's JSON held, envelope included, amounts as `Decimal`. What goes wrong is
a `V2Error` with v2's status and body; what a translation wants said stands in `api.last_notices`.
"""

from infakt_compat.facade.connect import Api, connect
from infakt_compat.facade.defaults import Defaults
from infakt_compat.facade.errors import V2Error
from infakt_compat.facade.ksef_rejections import KsefRejection

__all__ = ["Api", "Defaults", "KsefRejection", "V2Error", "connect"]
