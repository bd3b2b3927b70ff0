"""What nobody can know: creates that several invoices could come from, e-mails, repeats at work."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from lxml import etree

from infakt_compat.cli.main import group
from infakt_compat.standin import StandIn
from tests.v2_invoice import documents, invoice

from .live import Live, auth, configured, serving
from .serving_support import error_tree

ROW = {"name": "Usługa", "tax_symbol": "23", "unit_net_price": 10000, "quantity": 2}


def two_equal(v3: StandIn, buyer: int) -> list[int]:
    """Have another program make two invoices that say what is created."""
    row = {"client_id": buyer, "payment_method": "transfer", "services": [ROW]}
    return [one["id"] for one in v3.seed(invoices=[row, row])["invoices"]]


def foreign(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the command; gives its exit code and what it said."""
    command = ["gateway", "foreign", "--config", str(folder / "gateway.toml"), *arguments]
    done = CliRunner().invoke(group, command)
    return done.exit_code, done.stderr


def test_somebody_says_which_are_others(
    gateway: Live, v3: StandIn, buyer: int, tmp_path: Path
) -> None:
    """The 503, the log and the page say what to do; done, a repeat is answered."""
    first, second = two_equal(v3, buyer)
    v3.fault("drop_before", method="POST", times=1)
    answer = gateway.create(invoice(buyer))
    assert answer.status_code == 503
    for shown in (f"(id {first})", f"(id {second})", "infakt-compat gateway foreign"):
        assert shown in answer.json()["details"]
    lines = gateway.lines(2)
    assert any(f"(id {second})" in one.get("text", "") for one in lines)
    assert "infakt-compat gateway foreign" in gateway.plain("/").text
    code, said = foreign(tmp_path, "--account", "other", str(first))
    assert (code, "has shop" in said) == (2, True)
    assert foreign(tmp_path, str(first))[0] == 0
    assert gateway.create(invoice(buyer)).json()["invoice"]["invoice_id"] == second
    code, said = foreign(tmp_path, "--account", "shop", str(second))
    assert (code, f"made {second}" in said) == (2, True)
    assert len(documents(v3)) == 2


def test_of_a_caller_with_a_key_of_its_own(v3: StandIn, buyer: int, tmp_path: Path) -> None:
    """The log's name of it is that of the account."""
    first, second = two_equal(v3, buyer)
    v3.fault("drop_before", method="POST", times=1)
    headers = {"X-inFakt-ApiKey": v3.api_key}
    path: Any = ("/api/v2/invoices/create.json", "POST")
    with serving(configured(tmp_path, v3, more="own_api_keys = true")) as live:
        assert live.plain(*path, json=invoice(buyer), headers=headers).status_code == 503
        [name] = {one["account"] for one in live.lines(2) if one.get("verb") == "invoices.create"}
        assert name.startswith("own keys ")
        assert foreign(tmp_path, "--account", name, str(first))[0] == 0
        made = live.plain(*path, json=invoice(buyer), headers=headers).json()
    assert made["invoice"]["invoice_id"] == second


def test_an_email_in_doubt_asks_for_no_repeat(gateway: Live, v3: StandIn, buyer: int) -> None:
    """Libraries obey Retry-After by themselves, and would send it again."""
    number = gateway.create(invoice(buyer)).json()["invoice"]["invoice_id"]
    v3.fault("drop_after", path="*deliver_via_email.json", times=1)
    answer = gateway.get(f"invoices/deliver.json?type=mail&id={number}")
    assert (answer.status_code, "do it again" in answer.json()["message"]) == (503, True)
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_repeat_of_what_is_at_work(gateway: Live, v3: StandIn, buyer: int, form: str) -> None:
    """It is told to come back, in the format that it asked for."""
    url = f"{gateway.url}/api/v2/invoices/create.{form}"
    request = requests.Request("POST", url, json=invoice(buyer), auth=auth()).prepare()
    fault = v3.fault("delay", seconds=0.5, method="POST", times=1)
    first = threading.Thread(target=requests.Session().send, args=(request,))
    first.start()
    gateway.until(lambda: fault.hits == 1)
    answer = gateway.session.send(request)
    first.join()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    said = (
        json.loads(answer.content)
        if form == "json"
        else error_tree(etree.fromstring(answer.content))
    )
    assert said["message"] == "This request is being processed."
    assert said["request"] == f"/api/v2/invoices/create.{form}"
