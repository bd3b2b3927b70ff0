"""create: a client made exactly once, with its residue (decisions.md 5)."""

import hashlib
import json
from collections.abc import Mapping

from infakt_compat.codecs.json_text import surrogates
from infakt_compat.errors import ConversionError
from infakt_compat.facade import kept, lookups
from infakt_compat.facade.account import CLIENTS, Record, client_plan, document
from infakt_compat.facade.calls import Call
from infakt_compat.facade.once import FRESH, Found, Made, Once, Settled, Work
from infakt_compat.facade.requests_v2 import opened
from infakt_compat.facade.views import view
from infakt_compat.store import Answer, Claim, Lookup
from infakt_compat.translate import forward
from infakt_compat.translate.compile import blank, plans
from infakt_compat.translate.normal_form import canonical_record
from infakt_compat.translate.payload import create_body
from infakt_compat.v3 import OutcomeUnknown

CLIENT = "client"


def make(call: Call, tree: object, direct: bool = False) -> Made:
    """Create a client; a `direct` caller has the answer as soon as this returns."""
    plan = client_plan()
    wrapped = isinstance(tree, Mapping) and isinstance(tree.get(CLIENT), Mapping)
    given = opened(call, tree) if wrapped else {}
    name = plan.by_v3["company_name"].v2
    faults = call.faults()
    if blank(given.get(name)):
        faults.add(name, "blank")
    try:
        result = forward.translate(plans()[CLIENT], given)
        body, defaulted = create_body(CLIENT, result.record, result.residue)
        if bad := surrogates(given):
            raise ConversionError(bad)
    except ConversionError as error:
        faults.take(error.faults)
    if faults:
        raise call.invalid(faults)
    call.note([*result.notices, *defaulted])
    text = json.dumps(canonical_record(plans()[CLIENT], given), sort_keys=True, default=str)
    digest = "client " + hashlib.sha256(text.encode()).hexdigest()
    work = _work(call, body, kept.live(plan, result.residue))
    return Once(call, digest, Lookup(), work, direct).run()


def resumed(call: Call, entry: Answer, kept_draft: Record) -> Once:
    """Take up a create in doubt by what was kept of it."""
    work = _work(call, kept_draft["body"], kept_draft["residue"])
    return Once(call, entry.digest, entry.lookup, work)


def _work(call: Call, body: Record, residue: Record) -> Work:
    account = call.account

    def send(claim: Claim) -> Record:
        account.store.pending.renew(claim, fresh=FRESH)
        return call.v3.clients.create(body)

    def seek(claim: Claim, _: OutcomeUnknown | None) -> Found | None:
        return lookups.client(call, claim, body)

    def settle(record: Record) -> Settled:
        live = kept.based_on(client_plan(), residue, record)
        number = document(CLIENTS, record).id
        beside = [account.store.residues.putting(account.name, CLIENTS, number, live)]
        return Settled({CLIENT: view(call, record, live)}, beside if live else [])

    draft = {"of": call.resource, "body": body, "residue": residue}
    return Work(CLIENTS, draft, send, seek, settle, lambda _: False)
