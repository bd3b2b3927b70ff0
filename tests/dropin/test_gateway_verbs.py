"""v2's verbs through a gateway that really listens, for callers who sign with requests-oauthlib."""

import http.client
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from argon2 import PasswordHasher
from lxml import etree
from requests_oauthlib import OAuth1

from infakt_compat.dropin.config import read
from infakt_compat.dropin.passwords import new_hash
from infakt_compat.standin import StandIn
from tests.v2_invoice import client_of, documents, invoice

from .live import Live, auth, serving, write_config

XML = {"Content-Type": "application/xml"}


def made_id(answer: requests.Response) -> int:
    """Give the id that a create answered."""
    assert answer.status_code == 200, answer.text
    number: int = answer.json()["invoice"]["invoice_id"]
    return number


def test_invoices_from_create_to_delete(gateway: Live, v3: StandIn, buyer: int) -> None:
    """Each verb answers 200 in v2's form, and v3 has what was asked for."""
    more = {"uwagi": "Zażółć", "status": "wydrukowana", "data_wystawienia": "2026-01-01"}
    number = made_id(gateway.create(invoice(buyer, **more)))
    shown = gateway.get(f"invoices/show.json?id={number}").json()["invoice"]
    assert (shown["uwagi"], shown["razem_brutto"]) == ("Zażółć", 246.0)
    changed = gateway.call(
        "POST", f"invoices/update/{number}.json", json={"invoice": {"uwagi": "x"}}
    )
    assert changed.json()["invoice"]["invoice_id"] == number
    paid = gateway.get(f"invoices/paid.json?id={number}&data_oplacenia=2026-01-02")
    assert paid.status_code == 200, paid.text
    listed = gateway.get("invoices/list.json?per_page=5").json()
    assert [one["status"] for one in listed["invoices"]] == ["zapłacona"]
    assert gateway.get(f"invoices/deliver.json?type=mail&id={number}").status_code == 200
    assert gateway.call("POST", f"invoices/delete/{number}.json").status_code == 200
    assert documents(v3) == []
    gone = gateway.get(f"invoices/show/{number}.json")
    assert (gone.status_code, gone.json()["message"]) == (404, "No record found with that ID.")


def test_clients_and_user_data(gateway: Live) -> None:
    """Clients from create to delete, and the account's own data by both methods."""
    made = gateway.call("POST", "clients/create.json", json={"client": {"nazwa_firmy": "Firma"}})
    number = made.json()["client"]["client_id"]
    assert gateway.get(f"clients/show.json?id={number}").json()["client"]["nazwa_firmy"] == "Firma"
    body = {"client": {"miejscowosc": "Łódź"}}
    assert gateway.call("POST", f"clients/update/{number}.json", json=body).status_code == 200
    assert gateway.get("clients.json").json()["clients"][0]["miejscowosc"] == "Łódź"
    assert gateway.call("POST", f"clients/delete/{number}.json").status_code == 200
    assert gateway.get("clients/list.json").json()["clients"] == []
    asked = [gateway.get("settings/user_data.json")]
    asked.append(gateway.call("POST", "settings/user_data.json", json=[]))
    assert [set(one.json()) for one in asked] == [{"user_data"}, {"user_data"}]


def test_xml_both_ways(gateway: Live, buyer: int) -> None:
    """A create in XML, its answer in XML, and a list with the address' own suffix."""
    lines = "<service><nazwa>A</nazwa><ilosc>1</ilosc><stawka_vat>23</stawka_vat>"
    body = (
        f"<invoice><client_id>{buyer}</client_id><status>szkic</status>"
        "<rodzaj_faktury>Faktura VAT</rodzaj_faktury><sposob_platnosci>Gotówka</sposob_platnosci>"
        f"<services>{lines}<cena_netto>10</cena_netto></service></services></invoice>"
    )
    made = gateway.call("POST", "invoices/create.xml", data=body.encode(), headers=XML)
    assert made.headers["Content-Type"] == "application/xml; charset=utf-8"
    number = etree.fromstring(made.content).findtext("invoice_id")
    listed = etree.fromstring(gateway.get("invoices.xml").content)
    assert [one.findtext("invoice_id") for one in listed] == [number]


def in_query(session: requests.Session, url: str, settings: dict[str, Any]) -> requests.Response:
    """Call with the signature in the query."""
    return session.get(url, auth=auth(signature_type="QUERY", **settings), timeout=10)


def in_header(session: requests.Session, url: str, settings: dict[str, Any]) -> requests.Response:
    """Call with the signature in the Authorization header."""
    return session.get(url, auth=auth(**settings), timeout=10)


def in_body(session: requests.Session, url: str, settings: dict[str, Any]) -> requests.Response:
    """Call with the signature in a form body."""
    signed = auth(signature_type="BODY", **settings)
    return session.post(url, data={"x": "Zażółć gęślą +&="}, auth=signed, timeout=10)


@pytest.mark.parametrize("way", [in_query, in_header, in_body])
def test_the_signature_in_any_of_three_places(
    gateway: Live, way: Callable[..., requests.Response]
) -> None:
    """requests-oauthlib signs; the same with a wrong secret is refused."""
    url = f"{gateway.url}/api/v2/settings/user_data.json?a=%20b"
    assert way(gateway.session, url, {}).status_code == 200
    assert way(gateway.session, url, {"client_secret": "wrong"}).status_code == 401


def test_the_wire_reaches_the_signature_byte_for_byte(gateway: Live, v3: StandIn) -> None:
    """Percent-encoding of any spelling in path and query is verified as it was sent."""
    client_of(v3)
    spelled = "clients%2Ejson"  # decoded, it would be the address of the list
    url = f"{gateway.url}/api/v2/clients.json?nip=%7e%2D%2b+x&pusty=&%C5%BC=1"
    assert gateway.session.get(url, auth=auth(), timeout=10).json()["clients"] == []
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    try:
        connection.request("GET", f"/api/v2/{spelled}")
        assert connection.getresponse().status == 401
    finally:
        connection.close()


def test_xauth_gives_a_token_that_works(v3: StandIn, tmp_path: Path) -> None:
    """request_token, then access_token with user and password, then a call with what came."""
    path = write_config(tmp_path, v3)
    password = new_hash("hasło z ąę", PasswordHasher(time_cost=1, memory_cost=1024))
    with path.open("a") as file:
        file.write(f'[accounts.shop.users."a@b.pl"]\npassword = "{password}"\n')
    with serving(read(path)) as live:
        signed = OAuth1("ckey-shop", "csecret")
        asked = live.plain("/oauth/request_token", "POST", auth=signed)
        assert asked.status_code == 200
        form = {"x_auth_username": "a@b.pl", "x_auth_password": "hasło z ąę"}
        form["x_auth_mode"] = "client_auth"
        given = live.plain("/oauth/access_token", "POST", data=form, auth=signed)
        pairs = dict(pair.split("=") for pair in given.text.split("&"))
        own = OAuth1("ckey-shop", "csecret", pairs["oauth_token"], pairs["oauth_token_secret"])
        assert live.get("clients.json", auth=own).status_code == 200
        form["x_auth_password"] = "wrong"
        refused = live.plain("/oauth/access_token", "POST", data=form, auth=signed)
        assert refused.status_code == 401
        assert [line["account"] for line in live.lines(4)] == ["shop", "shop", "shop", ""]
        assert "hasło" not in live.log.getvalue()


def test_the_pdf_link_works_without_oauth_more_than_once(gateway: Live, buyer: int) -> None:
    """It begins with the address that the caller used; one changed letter leads nowhere."""
    number = made_id(gateway.create(invoice(buyer)))
    link = gateway.get(f"invoices/pdf.json?doc_type=KOPIA&id={number}").json()["pdf"]
    assert link.startswith(f"{gateway.url}/files/pdfs/")
    for _ in range(2):
        paper = requests.get(link, timeout=10)
        assert (paper.status_code, paper.headers["Content-Type"]) == (200, "application/pdf")
        assert paper.content.startswith(b"%PDF")
    assert gateway.plain(link.removeprefix(gateway.url), "HEAD").status_code == 200
    assert gateway.plain(link.removeprefix(gateway.url), "POST").status_code == 405
    changed = link.replace("_kopia_", "_org_").removeprefix(gateway.url)
    assert gateway.plain(changed).status_code == 404


def test_a_caller_of_the_public_name_gets_links_to_it(gateway: Live, buyer: int) -> None:
    """Who signed for https://www.infakt.pl, and came through a proxy, is sent there again."""
    number = made_id(gateway.create(invoice(buyer)))
    path = f"/api/v2/invoices/pdf.json?id={number}"
    request = requests.Request("GET", f"https://www.infakt.pl{path}", auth=auth()).prepare()
    headers = {**dict(request.headers), "Host": "www.infakt.pl"}
    link = gateway.plain(path, headers=headers).json()["pdf"]
    assert link.startswith("https://www.infakt.pl/files/pdfs/")


def test_what_is_not_served_is_a_clear_404(gateway: Live) -> None:
    """Under the prefix for who is let in, in the asked format; elsewhere for anyone."""
    for suffix, kind in (("json", "application/json"), ("xml", "application/xml")):
        answer = gateway.get(f"products/list.{suffix}")
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (404, kind)
        assert "products" in answer.text
    assert gateway.plain("/robots.txt").status_code == 404
    assert gateway.plain("/api/v2/products/list.json").status_code == 401


def test_a_repeat_of_a_signed_create_acts_once(gateway: Live, v3: StandIn, buyer: int) -> None:
    """The very same bytes get the very same answer; the nonce with another body is refused."""
    url = f"{gateway.url}/api/v2/invoices/create.json"
    request = requests.Request("POST", url, json=invoice(buyer), auth=auth()).prepare()
    first, second = gateway.session.send(request), gateway.session.send(request)
    assert (second.status_code, second.content) == (200, first.content)
    assert len(documents(v3)) == 1
    request.body = request.body.replace(b"100.00", b"900.00")  # type: ignore[union-attr,arg-type]
    assert gateway.session.send(request).status_code == 401
    assert [line["outcome"] for line in gateway.lines(3)] == ["done", "repeated", "not_admitted"]


def test_an_equal_create_after_the_first_was_told_is_a_new_one(
    gateway: Live, v3: StandIn, buyer: int
) -> None:
    """The caller has the answer of the first; the same invoice once more is its good right."""
    first = made_id(gateway.create(invoice(buyer)))
    gateway.until_told()
    assert made_id(gateway.create(invoice(buyer))) != first
    assert len(documents(v3)) == 2
