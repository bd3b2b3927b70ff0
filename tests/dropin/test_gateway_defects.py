"""A defect of the gateway's own: 500 in v2's form, the place in the log, and nothing secret."""

import logging
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest
import requests
from attrs import evolve

from infakt_compat.dropin import gateway as gateway_module
from infakt_compat.dropin import page
from infakt_compat.dropin.door import Door
from infakt_compat.dropin.messages import Request
from infakt_compat.standin import StandIn
from infakt_compat.store import open_store
from infakt_compat.v3 import Clock
from tests.v2_invoice import documents, invoice

from .live import Live, auth, configured, serving

SECRET = "Jan Kowalski, klucz 1234"


def fails(*_: Any, **__: Any) -> NoReturn:
    """Fail as a defect would: with a message that quotes a document."""
    raise LookupError(SECRET)


@pytest.mark.parametrize(("form", "start"), [("json", '{"message":'), ("xml", "<?xml")])
def test_a_defect_is_a_500_in_the_asked_format(
    gateway: Live, form: str, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller learns that it was not his fault; the log says where, not what about."""
    monkeypatch.setattr(gateway_module, "serve", fails)
    answer = gateway.get(f"invoices/list.{form}")
    assert (answer.status_code, answer.text.startswith(start)) == (500, True)
    [line] = gateway.lines()
    assert (line["outcome"], line["defect"][0]) == ("defect", "LookupError")
    assert line["call"] in answer.text
    assert line["defect"][-1].startswith("test_gateway_defects.py:")
    assert "Kowalski" not in gateway.log.getvalue() + answer.text
    monkeypatch.undo()
    assert gateway.get(f"invoices/list.{form}").status_code == 200


def test_a_defect_on_the_page_is_one_there_alone(
    gateway: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator gets the 500, and callers are served."""
    monkeypatch.setattr(page, "render", fails)
    assert gateway.plain("/").status_code == 500
    assert gateway.lines()[0]["defect"][0] == "LookupError"
    assert gateway.get("clients.json").status_code == 200


def test_what_cannot_be_noted_as_told_is_given_again(
    gateway: Live, v3: StandIn, buyer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store fails after the answer has gone: the log says so, and no second invoice is made."""
    pending = gateway.application.store.pending
    monkeypatch.setattr(pending, "delivered", fails)
    first = gateway.create(invoice(buyer)).json()
    assert any("not noted as given" in line.get("text", "") for line in gateway.lines(2))
    monkeypatch.undo()
    assert gateway.create(invoice(buyer)).json() == first
    assert len(documents(v3)) == 1


def test_an_email_that_may_have_been_sent_is_not_sent_again(v3: StandIn, tmp_path: Path) -> None:
    """A process let it in and died: the very same request is told so, and v3 is not asked."""
    ahead = [0.0]
    clock = Clock(wall=lambda: time.time() + ahead[0])
    config = configured(tmp_path, v3)
    with serving(config, clock=clock) as live, open_store(config.store) as store:
        url = f"{live.url}/api/v2/invoices/deliver.json?type=mail&id=1"
        request = requests.Request("GET", url, auth=auth()).prepare()
        dead = Door(evolve(config, listen=url.split("/")[2]), store, clock.wall)
        dead.enter(head(request))
        assert live.session.send(request).status_code == 503  # who was at it may still be
        for ahead[0] in (120, 240):  # nobody is at it any more
            answer = live.session.send(request)
            assert (answer.status_code, "do it again" in answer.json()["message"]) == (503, True)
        assert v3.requests() == []


def head(request: requests.PreparedRequest) -> Request:
    """Give a request as the gateway sees it."""
    path, _, query = request.path_url.partition("?")
    signed = request.headers["Authorization"]
    text = signed if isinstance(signed, str) else signed.decode()
    return Request("GET", path, query, (("Authorization", text),))


def test_the_packages_own_warnings_are_in_the_same_log(gateway: Live) -> None:
    """As JSON, in one line whatever they say; an exception shows its type and place alone."""
    try:
        fails()
    except LookupError:
        logging.getLogger("infakt_compat").exception("two\nlines")
    [line] = gateway.lines()
    assert (line["level"], line["text"], line["defect"][0]) == (
        "error",
        "two\nlines",
        "LookupError",
    )
    assert "Kowalski" not in gateway.log.getvalue()


def test_the_store_is_purged_while_it_runs(
    v3: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a day, by whoever answers then: what has reached its age goes without a restart."""
    monkeypatch.setattr(gateway_module, "_TIDY_SECONDS", 0.0)
    ahead = [0.0]
    with serving(
        configured(tmp_path, v3), clock=Clock(wall=lambda: time.time() + ahead[0])
    ) as live:
        pending = live.application.store.pending
        pending.done(pending.claim("shop", "digest"), "{}")
        ahead[0] = 3 * 86_400
        live.plain("/api/v2/clients.json")
        live.until(lambda: pending.get("shop", "digest") is None)
