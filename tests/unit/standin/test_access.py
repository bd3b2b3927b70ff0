"""Keys, scopes, plans and rate limits (v3-wire 0, 2.1, 2.2, 2.3)."""

from __future__ import annotations

from typing import Any

import pytest

from infakt_compat.standin.errors import ApiError
from infakt_compat.standin.limits import Limiter

from .conftest import CLIENT, INVOICE, Api


def as_key(api: Api, key: str | None, method: str, path: str, **more: Any) -> int:
    """Call with another key and answer the status."""
    return api.call(method, path, headers={"X-inFakt-ApiKey": key}, **more).status_code


def test_no_or_wrong_key(api: Api) -> None:
    """401 with one string under `error` (v3-wire 2.2)."""
    for key in (None, "", "wrong"):
        response = api.call("GET", "/invoices.json", headers={"X-inFakt-ApiKey": key})
        assert response.status_code == 401
        assert list(response.json()) == ["error"]
    query = {"api_key": api.standin.api_key}
    assert as_key(api, None, "GET", "/invoices.json", params=query) == 401


def test_scopes(api: Api) -> None:
    """A missing scope is 401 (v3-wire 0)."""
    api.standin.seed(
        keys=[
            {"key": "reader", "scopes": ["api:invoices:read"]},
            {"key": "writer", "scopes": ["api:invoices:write"]},
            {"key": "banker", "scopes": ["api:sensitive:bank_accounts:write"]},
            {"key": "nobody"},
        ]
    )
    uuid = api.invoice()["uuid"]
    assert as_key(api, "reader", "GET", f"/invoices/{uuid}.json") == 200
    assert as_key(api, "reader", "DELETE", f"/invoices/{uuid}.json") == 401
    assert as_key(api, "reader", "POST", "/clients.json", json={"client": CLIENT}) == 401
    assert as_key(api, "reader", "GET", "/bank_accounts.json") == 401
    assert as_key(api, "banker", "GET", "/bank_accounts.json") == 200
    assert as_key(api, "writer", "GET", "/invoices.json") == 401
    assert as_key(api, "writer", "POST", "/clients.json", json={"client": CLIENT}) == 201
    assert as_key(api, "nobody", "GET", "/account/details.json") == 200
    assert as_key(api, "nobody", "GET", "/vat_rates.json") == 401
    assert api.get(f"/invoices/{uuid}.json").status_code == 200


def test_plan_limits(fixed: Api) -> None:
    """402 for documents and clients, 403 for addresses, 423 for a locked account."""
    fixed.control("POST", "plan", {"invoices_per_month": 1, "clients": 1})
    fixed.invoice()
    for path in ("/invoices.json", "/async/invoices.json"):
        refused = fixed.post(path, {"invoice": INVOICE})
        assert (refused.status_code, list(refused.json())) == (402, ["error"])
    fixed.client()
    assert fixed.post("/clients.json", {"client": CLIENT}).status_code == 402
    fixed.standin.configure("clock", advance=31 * 86400)
    fixed.invoice()
    fixed.standin.configure("plan", ip_blocked=True)
    assert fixed.get("/invoices.json").status_code == 403
    fixed.standin.configure("plan", ip_blocked=False, locked=True)
    assert fixed.get("/invoices.json").status_code == 423
    assert fixed.control("POST", "plan", {"invoices": 1}).status_code == 400


def test_limits_are_off_by_default(api: Api) -> None:
    """Nothing is refused."""
    assert api.control("POST", "limits").json() == {"mode": "off", "windows": {}}


def test_todays_limits(fixed: Api) -> None:
    """300 reads and 150 writes in 60 s an address (v3-wire 2.3)."""
    assert fixed.control("POST", "limits", {"mode": "real"}).json()["windows"] == {
        "read": [[60, 300]], "write": [[60, 150]],
    }  # fmt: skip
    statuses = [fixed.get("/gtus/1.json").status_code for _ in range(301)]
    assert statuses == [200] * 300 + [429]
    refused = fixed.get("/gtus/1.json")
    assert refused.headers["Retry-After"] == "60"
    assert list(refused.json()) == ["error"]
    assert fixed.post("/clients.json", {"client": CLIENT}).status_code == 201
    fixed.standin.configure("clock", advance=59.5)
    assert fixed.get("/gtus/1.json").headers["Retry-After"] == "1"
    fixed.standin.configure("clock", advance=1)
    assert fixed.get("/gtus/1.json").status_code == 200
    statuses = [fixed.delete("/clients/1.json").status_code for _ in range(151)]
    assert statuses[-2:] == [404, 429]


def test_reset_forgets_what_was_counted(api: Api) -> None:
    """And keeps off or real."""
    api.control("POST", "limits", {"windows": {"read": [[60, 1]]}})
    assert [api.get("/gtus.json").status_code for _ in range(2)] == [200, 429]
    api.control("POST", "limits", {"mode": "off"})
    assert api.get("/gtus.json").status_code == 200
    assert api.control("POST", "limits", {"mode": "some"}).status_code == 400
    api.control("POST", "limits", {"windows": {"write": [[60, 0]]}})
    assert api.post("/clients.json", {"client": CLIENT}).headers["Retry-After"] == "60"


def test_real_limits_have_a_limit_for_emails(fixed: Api) -> None:
    """3000 a day (v3-wire 2.3)."""
    fixed.control("POST", "limits", {"mode": "real"})
    path = f"/invoices/{fixed.invoice()['uuid']}/deliver_via_email.json"
    store = fixed.standin.world.store
    store.set("emails", {"2023-03-08": 3000})
    assert fixed.post(path, {"recipient": "a@example.com"}).status_code == 403
    fixed.control("POST", "limits", {"mode": "off"})
    assert fixed.post(path, {"recipient": "a@example.com"}).status_code == 202


def allowed(limiter: Limiter, method: str, at: list[float], account: str = "a") -> int:
    """Count how many of some arrivals are let in."""
    count = 0
    for moment in at:
        try:
            limiter.arrive(method, "127.0.0.1", account, moment)
            count += 1
        except ApiError as error:
            if error.status != 429:
                raise
    return count


@pytest.mark.parametrize(
    ("method", "step", "count"),
    [("GET", 0.1, 50), ("GET", 10, 200), ("GET", 60, 1000), ("POST", 0.1, 10),
     ("PUT", 10, 100), ("DELETE", 120, 500)],
)  # fmt: skip
def test_classic_limits_of_minute_hour_and_day(method: str, step: float, count: int) -> None:
    """50, 200, 1000 reads and 10, 100, 500 writes (seed 001)."""
    window = {0.1: 60.0, 10: 3600.0, 60: 86400.0, 120: 86400.0}[step]
    arrivals = [n * step for n in range(int(window / step))]
    assert allowed(Limiter("real", "classic"), method, arrivals) == count


def test_classic_reads_count_by_account_and_writes_by_address() -> None:
    """Other accounts have reads of their own, but share the address's writes (seed 001)."""
    limiter = Limiter("real", "classic")
    assert allowed(limiter, "GET", [0.0] * 60, "a") == 50
    assert allowed(limiter, "GET", [0.0] * 60, "b") == 50
    assert allowed(limiter, "POST", [0.0] * 20, "a") == 10
    assert allowed(limiter, "POST", [0.0] * 20, "b") == 0


def test_windows_slide() -> None:
    """There are never more than fit into any sixty seconds."""
    limiter = Limiter("real", "current")
    assert allowed(limiter, "POST", [n * 0.2 for n in range(1500)]) == 750
    with pytest.raises(ValueError, match="no such limits"):
        Limiter("none", "current")
