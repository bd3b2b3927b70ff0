"""A v3 of our own: stateful, strict, on loopback, for tests and rehearsals.

    with StandIn() as standin:
        requests.get(f"{standin.url}/invoices.json", headers={"X-inFakt-ApiKey": standin.api_key})

It follows the documents in v3-wire.md and shares no code with the translators, so that tests
that run against it cannot agree with themselves. `StandIn(port=0, db=None, dialect="current",
limits="off", samples=0, latency_ms=0, seed=1)`; `serve(...)` is the command line's way.

**Control plane**, under `/__standin__/` of the same host, without an API key. JSON in and out;
what does not fit is 400 with the reason. The methods of `StandIn` named in brackets do the same.

`GET /`
    dialect, seed number and how many records there are.
`POST reset` {"seed": 1, "samples": 0} [reset]
    an empty account with its key and one bank account; clock, limits, faults and log start anew.
`POST seed` [seed]
    any of: "invoices", "corrective_invoices", "margin_invoices", "advance_invoices",
    "final_invoices", "clients", "products", "bank_accounts" (lists of records; they are stored
    without the API's checks, and every key they name stays as given, also id, uuid, status,
    paid_price, created_at, ksef_data), "samples": N, "seed": number (later uuids follow from it),
    "keys": [{"key", "scopes", "account"}], "exemptions": [records],
    "attachments": [{"document_id", "name", "content_type", "content"}], "plan", "account",
    "quirks".
`GET requests` (`?method=`, `?after=n`), `DELETE requests` [requests]
    the log: n, at, method, path (below the base), full_path, query, body, status (null when
    dropped), ms, fault, and error when the stand-in itself failed.
`GET`, `POST`, `DELETE faults` [fault]
    {"kind": "status" | "drop_before" | "drop_after" | "delay" | "broken_body"} with "method" and
    "path" (a pattern like "/async/*.json", below the base), "times" (default 1) or "share" (0 to
    1, drawn from "seed"); status: "status", "retry_after", "body" (text is sent as HTML), "after"
    (the work is done first); delay: "seconds"; broken_body: "variant" truncated, html, empty or
    short. Several at once under "faults". Limits are counted before faults strike.
`GET`, `POST clock` [configure("clock")]
    {"set": ISO, "advance": seconds, "speed": factor, "frozen": bool}. Limits, tasks, KSeF, dates
    and links go by this clock; Retry-After and latency are seconds of the clock and of the
    machine, respectively.
`POST limits` {"mode": "off" | "real", "windows": {"read": [[seconds, count]], "write": ...}}
`POST tasks` {"looks", "seconds", "stuck", "fail", "code", "errors"}: see tasks.py.
`POST ksef` {"looks", "seconds", "outcome", "outcomes", "description"}: see ksef.py.
`POST plan` {"invoices_per_month", "clients", "emails_per_day", "share_links", "ip_blocked",
"locked"}: 402, 402, 403, 403, 403, 423.
`POST account` {"currency", "ksef", "flat_rate", "nip"}
`POST quirks` {"unstable_clients", "paid_price", "status_writable", "sync_uuid"}: see options.py.

**Where the documents are silent** it chooses, and says so at the place; the main choices: an
unknown or missing format is 406; a body without its envelope is 400; a request over a rate limit
is not counted; a PDF or an e-mail leaves a paid document paid; one grosz of difference between
given net and gross is taken for rounding; advances and finals have no synchronous create today;
`count` is capped at ten on every page.

Left out: bulk PDF, MOSS rates, OSS and internal documents, costs, webhooks.
"""

from __future__ import annotations

from .standin import StandIn, serve

__all__ = ["StandIn", "serve"]
