"""Several accounts behind one gateway, and callers with API keys of their own, kept apart."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from infakt_compat.dropin import apis
from infakt_compat.dropin.config import read
from infakt_compat.standin import StandIn
from tests.v2_invoice import client_of, documents, invoice

from .live import Live, auth, configured, serving, write_config

UNKNOWN = (404, 503)  # not there; or not known to be there, while the ids are still being read


def made_id(answer: requests.Response) -> int:
    """Give the id that a create answered."""
    assert answer.status_code == 200, answer.text
    number: int = answer.json()["invoice"]["invoice_id"]
    return number


@pytest.fixture
def two(v3: StandIn, tmp_path: Path) -> Iterator[tuple[Live, StandIn]]:
    """Give a gateway with an account at each of two v3s, one and two, and the second v3."""
    with StandIn(seed=2) as other:
        path = write_config(tmp_path, v3, accounts={"one": v3.api_key, "two": other.api_key})
        first, second = (f'two.v3key"\nbase_url = "{at.url}"' for at in (v3, other))
        path.write_text(path.read_text().replace(first, second))
        with serving(read(path)) as live:
            yield live, other


def test_ids_of_one_account_are_nothing_to_another(two: tuple[Live, StandIn], v3: StandIn) -> None:
    """Neither shown nor deleted, and the other v3 is never asked for them."""
    live, other = two
    number = made_id(live.create(invoice(client_of(v3)), "one"))
    assert live.get(f"invoices/show/{number}.json", "one").status_code == 200
    assert live.get(f"invoices/show/{number}.json", "two").status_code in UNKNOWN
    assert live.call("POST", f"invoices/delete/{number}.json", "two").status_code in UNKNOWN
    assert len(documents(v3)) == 1
    assert [one for one in other.requests() if str(number) in one["path"]] == []


def test_tokens_of_one_account_are_nothing_to_another(two: tuple[Live, StandIn]) -> None:
    """A token works with its own consumer key alone."""
    live, _ = two
    for name, token in (("one", "ACCTOK-two"), ("two", "ACCTOK-one")):
        mixed = auth(name, resource_owner_key=token)
        assert live.get("clients.json", auth=mixed).status_code == 401


def test_pdf_links_lead_to_the_account_that_asked(two: tuple[Live, StandIn], v3: StandIn) -> None:
    """The link of one number at one account is no link to it at another."""
    live, other = two
    number = made_id(live.create(invoice(client_of(v3)), "one"))
    link = live.get(f"invoices/pdf.json?id={number}", "one").json()["pdf"]
    assert requests.get(link, timeout=10).content.startswith(b"%PDF")
    same = made_id(live.create(invoice(client_of(other)), "two"))
    theirs = live.get(f"invoices/pdf.json?id={same}", "two").json()["pdf"]
    swapped = "_".join([*link.split("_")[:-1], theirs.split("_")[-1]])
    assert requests.get(swapped, timeout=10).status_code == 404


OWN = "own_api_keys = true"


@pytest.fixture
def own(v3: StandIn, tmp_path: Path) -> Iterator[Live]:
    """Give a gateway that lets callers in who send keys of their own; v3 knows a second key."""
    v3.seed(keys=[{"key": "second-key", "scopes": _scopes(v3)}])
    with serving(configured(tmp_path, v3, more=OWN)) as live:
        yield live


def _scopes(v3: StandIn) -> list[str]:
    keys: dict[str, Any] = v3.world.store.settings["keys"]
    return list(keys[v3.api_key]["scopes"])


def by(key: str) -> dict[str, Any]:
    """Call with a key of one's own, unsigned."""
    return {"auth": None, "headers": {"X-inFakt-ApiKey": key}}


def test_a_key_of_ones_own(own: Live, v3: StandIn, buyer: int) -> None:
    """It needs no signature; v3 says whether it is one; log and store do not hold it."""
    number = made_id(own.create(invoice(buyer), **by(v3.api_key)))
    assert own.get(f"invoices/show/{number}.json", **by(v3.api_key)).status_code == 200
    link = own.get(f"invoices/pdf.json?id={number}", **by(v3.api_key)).json()["pdf"]
    assert requests.get(link, timeout=10).content.startswith(b"%PDF")
    refused = own.get("clients.json", **by("wrong-key"))
    assert (refused.status_code, "API key" in refused.json()["message"]) == (401, True)
    lines = own.lines(5)
    assert {line["account"][:9] for line in lines} == {"own keys "}
    assert "own keys" in own.plain("/metrics").text
    assert "Callers with API keys of their own" in own.plain("/").text
    store = Path(str(own.application.store.location).partition("///")[2])
    for kept in [own.log.getvalue().encode(), *(p.read_bytes() for p in store.parent.glob("st*"))]:
        assert v3.api_key.encode() not in kept


@pytest.mark.parametrize("key", ["", "a b", "ż", "a" * 5000])
def test_what_cannot_be_a_key_is_refused(own: Live, v3: StandIn, key: str) -> None:
    """401, and v3 is not asked."""
    headers = {"X-inFakt-ApiKey": key.encode()}
    assert own.get("clients.json", auth=None, headers=headers).status_code == 401
    assert v3.requests() == []


def test_callers_with_keys_of_their_own_are_kept_apart(own: Live, v3: StandIn, buyer: int) -> None:
    """What is kept beside a document for one key is not shown to another: a status of v2's own."""
    tree = invoice(buyer, status="niezapłacona")
    number = made_id(own.create(tree, **by(v3.api_key)))
    own.get("invoices/list.json", **by("second-key"))
    shown = {
        key: own.get(f"invoices/show/{number}.json", **by(key)).json()["invoice"]["status"]
        for key in (v3.api_key, "second-key")
    }
    assert shown == {v3.api_key: "niezapłacona", "second-key": "wydrukowana"}


def test_own_keys_have_to_be_allowed(gateway: Live, v3: StandIn) -> None:
    """Without own_api_keys = true the key is no way in."""
    assert gateway.get("clients.json", **by(v3.api_key)).status_code == 401


def test_few_keys_are_kept_and_none_is_closed_at_work(
    own: Live, v3: StandIn, buyer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that was not used for the longest time goes; one in the middle of a call stays."""
    monkeypatch.setattr(apis, "MOST_OWN", 2)
    fault = v3.fault("delay", seconds=0.4, method="POST", times=1)
    answers: list[requests.Response] = []

    def create() -> None:
        with requests.Session() as session:
            url = f"{own.url}/api/v2/invoices/create.json"
            headers = {"X-inFakt-ApiKey": v3.api_key}
            answers.append(session.post(url, json=invoice(buyer), headers=headers, timeout=10))

    slow = threading.Thread(target=create)
    slow.start()
    while not fault.hits:
        pass
    for number in range(6):
        assert own.get("clients.json", **by(f"unknown-{number}")).status_code == 401
    slow.join()
    number = made_id(answers[0])
    kept = own.application.apis
    assert kept.own_keys == 2
    assert own.get(f"invoices/show/{number}.json", **by(v3.api_key)).status_code == 200
    link = own.get(f"invoices/pdf.json?id={number}", **by(v3.api_key)).json()["pdf"]
    for number in range(2):
        own.get("clients.json", **by(f"unknown-{number}"))
    gone = requests.get(link, timeout=10)
    assert (gone.status_code, "Ask for a new one" in gone.json()["message"]) == (404, True)
