"""A small client for the stand-in of each dialect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from infakt_compat.standin import StandIn

ROW = {"name": "Usługa", "tax_symbol": "23", "unit_net_price": 1000}
INVOICE = {"payment_method": "cash", "client_company_name": "Firma", "services": [ROW]}
CLIENT = {"company_name": "Firma testowa", "country": "PL", "nip": "9452121681"}


class Api:
    """The few calls that tests repeat."""

    def __init__(self, standin: StandIn) -> None:
        """Talk to a stand-in with its own key."""
        self.standin = standin
        self.session = requests.Session()
        self.session.headers["X-inFakt-ApiKey"] = standin.api_key

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send a request to a path below the base."""
        return self.session.request(method, f"{self.standin.url}{path}", timeout=10, **more)

    def get(self, path: str, **params: Any) -> requests.Response:
        """GET with query parameters."""
        return self.call("GET", path, params=params)

    def post(self, path: str, json: Any = None, **more: Any) -> requests.Response:
        """POST JSON."""
        return self.call("POST", path, json=json, **more)

    def put(self, path: str, json: Any = None) -> requests.Response:
        """PUT JSON."""
        return self.call("PUT", path, json=json)

    def delete(self, path: str) -> requests.Response:
        """DELETE."""
        return self.call("DELETE", path)

    def control(self, method: str, path: str, json: Any = None) -> requests.Response:
        """Call the control plane, without a key."""
        url = f"{self.standin.control}/{path}"
        return requests.request(method, url, json=json, timeout=10)

    def invoice(self, **more: Any) -> dict[str, Any]:
        """Create an invoice and answer its detail."""
        response = self.post("/invoices.json", {"invoice": {**INVOICE, **more}})
        assert response.status_code == 201, response.text
        created: dict[str, Any] = response.json()
        return created

    def refused(self, **more: Any) -> dict[str, Any]:
        """Try to create an invoice and answer the errors."""
        response = self.post("/invoices.json", {"invoice": {**INVOICE, **more}})
        assert response.status_code == 422, response.text
        body = response.json()
        assert body["error"] == "Nieprawidłowe parametry."
        errors: dict[str, Any] = body["errors"]
        return errors

    def task(self, resource: str, payload: Any) -> dict[str, Any]:
        """Create asynchronously and answer the status body."""
        accepted = self.post(f"/async/{resource}.json", payload)
        assert accepted.status_code == 201, accepted.text
        assert accepted.json()["processing_code"] == 100
        reference = accepted.json()["invoice_task_reference_number"]
        looked = self.get(f"/async/{resource}/status/{reference}.json")
        assert looked.status_code == 200
        body: dict[str, Any] = looked.json()
        return body

    def made(self, resource: str, envelope: str, **data: Any) -> dict[str, Any]:
        """Create asynchronously and answer the document's detail."""
        body = self.task(resource, {envelope: data})
        assert body["processing_code"] == 201, body
        shown: dict[str, Any] = self.get(f"/{resource}/{body['invoice_uuid']}.json").json()
        return shown

    def client(self, **more: Any) -> dict[str, Any]:
        """Create a client."""
        response = self.post("/clients.json", {"client": {**CLIENT, **more}})
        assert response.status_code == 201, response.text
        created: dict[str, Any] = response.json()
        return created


@pytest.fixture
def api(current: StandIn) -> Iterator[Api]:
    """Answer today's dialect, empty."""
    client = Api(current)
    yield client
    client.session.close()


@pytest.fixture
def classic(classic: StandIn) -> Iterator[Api]:
    """Answer the classic dialect, empty."""
    client = Api(classic)
    yield client
    client.session.close()


@pytest.fixture
def fixed(api: Api) -> Api:
    """Stand still at noon of 8 March 2023."""
    api.standin.configure("clock", set="2023-03-08T12:00:00", frozen=True)
    return api
