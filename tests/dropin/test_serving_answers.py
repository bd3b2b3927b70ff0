"""Answers in both formats: the same tree, v2's errors, what stands in the headers."""

import re
from typing import Any

import pytest

from infakt_compat.dropin.answers import NOTICES
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.serving import refusal, serve
from tests.v2_invoice import LINE, invoice

from .serving_support import (
    BASE,
    JSON,
    XML,
    Caller,
    Tree,
    as_text,
    check,
    error_tree,
    header,
    root_of,
    tree_of,
    xml_tree,
)


@pytest.fixture(autouse=True)
def _empty(caller: Caller) -> None:
    """Begin each test with an empty account."""
    caller.renew()


def both(caller: Caller, target: str) -> Tree:
    """Get an address in both formats, which say the same; gives the JSON tree."""
    path, mark, query = target.partition("?")
    shown: Tree = check(caller.get(f"{path}.json{mark}{query}"), "json", {200})
    root = check(caller.get(f"{path}.xml{mark}{query}"), "xml", {200})
    assert _ordered(xml_tree(root)) == _ordered(as_text(shown))
    return shown


def _ordered(tree: Tree) -> Any:
    """Give a tree with the order of its fields; that of the top level is each format's own."""
    return sorted((name, str(value)) for name, value in tree.items() if name != "info")


def test_a_show_says_the_same_in_both_formats(caller: Caller) -> None:
    """Field order, amounts, empty texts, signs that XML escapes, Polish letters."""
    client = caller.client(company_name='Żółw & <Syn> "x"', nip="521-592-28-94")
    rows = [
        {"name": "A & B", "tax_symbol": "23", "quantity": 3, "unit_net_price": 3333},
        {"name": "ół", "tax_symbol": "zw", "quantity": 1, "unit_net_price": 1},
    ]
    made = caller.invoice(client_id=client, services=rows, notes="a\nb", seller_signature=" ")
    record = both(caller, f"invoices/show/{made['id']}")["invoice"]
    assert record["services"][0]["ilosc"] == "3.0"
    assert record["services"][0]["cena_netto"] == "33.33"  # a JSON number, read as its text
    assert record["podpis_sprzedawcy"] == " "
    assert list(record)[:3] == ["invoice_id", "numer", "waluta"]
    assert both(caller, f"clients/show/{client}")["client"]["nazwa_firmy"] == 'Żółw & <Syn> "x"'


@pytest.mark.parametrize("name", ["invoices", "clients"])
def test_lists_say_the_same_in_both_formats(caller: Caller, name: str) -> None:
    """An empty array when there is none, and beyond the end; paging as attributes in XML."""
    assert both(caller, f"{name}/list")[name] == []
    for _ in range(3):
        caller.invoice()
    shown = both(caller, f"{name}?page=2&per_page=2")
    assert len(shown[name]) == 1
    assert shown["info"] == {"total": 3, "pages": 2, "per_page": 2, "page": 2}
    root = root_of(caller.get(f"{name}/list.xml?page=2&per_page=2"))
    assert list(root.attrib.items()) == [
        ("per_page", "2"), ("total", "3"), ("pages", "2"), ("page", "2"),
    ]  # fmt: skip
    beyond = both(caller, f"{name}?page=9")
    assert (beyond[name], beyond["info"]["page"]) == ([], 9)


def test_xml_is_written_as_v2_wrote_it(caller: Caller) -> None:
    """Character references, no type attributes, an element pair for what is empty."""
    made = caller.invoice(notes=None)
    body = caller.get(f"invoices/show/{made['id']}.xml").body
    assert body.isascii()
    assert b"Us&#322;uga" in body
    assert b"<uwagi></uwagi>" in body
    assert b"type=" not in body


def test_short_answers_in_xml(caller: Caller) -> None:
    """A create has no second key in XML; delete has the id alone (v2-wire 3.1, 7.21)."""
    line = "<ilosc>1</ilosc><cena_netto>100</cena_netto><stawka_vat>23</stawka_vat><nazwa>A</nazwa>"
    body = (
        f"<invoice><rodzaj_faktury>Faktura VAT</rodzaj_faktury><status>szkic</status>"
        f"<sposob_platnosci>Got%C3%B3wka</sposob_platnosci><client_id>{caller.client()}</client_id>"
        f"<services type='array'><service>{line}</service></services></invoice>"
    )
    root = check(caller.post("invoices/create.xml", body.encode(), XML), "xml", {200})
    assert [child.tag for child in root] == ["invoice_id", "numer"]
    number = root.findtext("invoice_id")
    for verb, names in (
        ("update", ["invoice_id", "numer"]),
        ("paid", ["invoice_id", "numer"]),
        ("delete", ["invoice_id"]),
    ):
        answer = caller.ask("POST", f"invoices/{verb}/{number}.xml")
        root = check(answer, "xml", {200})
        assert (root.tag, [child.tag for child in root]) == ("invoice", names)


def test_errors_say_the_same_in_both_formats(caller: Caller) -> None:
    """Every fault at once, each line in its place, a good one as `[]` (S:660)."""
    good, bad = dict(LINE), {"ilosc": 2, "cena_netto": 50, "nazwa": "Produkt B"}
    faulty = invoice(caller.client(), services=[good, bad, good])
    del faulty["invoice"]["sposob_platnosci"]
    shown = check(caller.post("invoices/create.json", faulty), "json", {409})
    assert shown == {
        "message": "Some fields were given invalid or no values",
        "request": "/api/v2/invoices/create.json",
        "errors": {
            "invoice": [["sposob_platnosci", "blank"]],
            "services": [[], [["stawka_vat", "blank"]], []],
        },
    }
    answer = caller.post("invoices/create.xml", faulty, JSON)
    assert error_tree(check(answer, "xml", {409})) == {
        **shown, "request": "/api/v2/invoices/create.xml",
    }  # fmt: skip
    assert answer.body.count(b'<service type="array"') == 3


def test_a_404_has_the_absolute_address_without_secrets(caller: Caller) -> None:
    """As documented (S:363), and no oauth_ or x_auth_ parameter (decisions.md 6)."""
    secret = "oauth_token=TOK&oauth%5Fsignature=SIG&x_auth_password=PASS&X_AUTH_mode=m"
    for form in ("json", "xml"):
        answer = caller.get(f"invoices/show.{form}?id=5&{secret}&a=%C3%B3")
        read = check(answer, form, {404})
        said = read if form == "json" else error_tree(read)
        assert said == {
            "message": "No record found with that ID.",
            "request": f"{BASE}/api/v2/invoices/show.{form}?id=5&a=%C3%B3",
        }
        assert not re.search(rb"TOK|SIG|PASS|oauth|auth_", answer.body, re.IGNORECASE)


def test_a_409_has_the_path_alone(caller: Caller) -> None:
    """As documented for create (S:652)."""
    shown = tree_of(caller.get("invoices/list.json?order=x&oauth_token=TOK"))
    assert shown["request"] == "/api/v2/invoices/list.json"
    assert shown["errors"]["invoice"] == [["order", "invalid"]]


def test_letters_are_no_longer_sent(caller: Caller) -> None:
    """v3 sends e-mails only; the e-mail goes to the client's address (decisions.md 5)."""
    number = caller.invoice()["id"]
    refused = tree_of(caller.get(f"invoices/deliver.json?type=post&id={number}"))
    assert refused["errors"]["invoice"] == [["type", "invalid"]]
    sent = check(
        caller.get(f"invoices/deliver.json?type=mail&doc_type=org&id={number}"), "json", {200}
    )
    assert sent == {"invoice": {"invoice_id": number}}
    (called,) = caller.standin.requests("POST")
    assert called["path"].endswith("/deliver_via_email.json")


def test_the_plan_s_limit_is_402(caller: Caller) -> None:
    """In v2's words (S:580)."""
    caller.standin.fault("status", status=402, method="POST")
    answer = caller.post("invoices/create.json", invoice(caller.client()))
    shown = check(answer, "json", {402})
    assert shown["message"] == "Request unable to process. Consider extanding your payment plan."
    assert shown["request"] == "/api/v2/invoices/create.json"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_503_says_when_to_come_back(caller: Caller, form: str) -> None:
    """v3's limit outlasts the caller's patience."""
    caller.standin.fault("status", status=429, retry_after=30, times=100)
    answer = caller.get(f"clients.{form}")
    caller.standin.world.faults.clear()
    check(answer, form, {503})
    assert int(header(answer, "Retry-After") or 0) >= 1


def test_notices_stand_in_a_header(caller: Caller) -> None:
    """Codes and paths, no values (decisions.md 1); the answer carries them too."""
    answer = caller.post("invoices/create.json", invoice(caller.client(), zzz="SEKRET"))
    assert header(answer, NOTICES) == "field.unknown zzz, currency.defaulted waluta"
    assert {one.code for one in answer.notices} == {"field.unknown", "currency.defaulted"}
    assert "SEKRET" not in str(answer.headers)
    assert header(caller.get("clients.json"), NOTICES) is None


def test_a_header_holds_no_more_than_it_can(caller: Caller) -> None:
    """Names with line breaks, signs and length: ASCII, one line, bounded."""
    wild = {
        "a\r\nX-Evil: 1": 1,
        "zażółć": 2,
        "a, b": 3,
        **{f"x{n:04}" + "y" * 40: n for n in range(99)},
    }
    answer = caller.post("invoices/create.json", invoice(caller.client(), **wild))
    check(answer, "json", {200})
    said = header(answer, NOTICES) or ""
    assert said.isascii()
    assert "\r" not in said
    assert "\n" not in said
    assert "field.unknown a%0D%0AX-Evil%3A%201, " in said
    assert re.search(r", and \d+ more$", said)


def test_text_that_xml_cannot_hold(caller: Caller) -> None:
    """JSON shows it; XML is refused, and says where and what to do (decisions.md 2)."""
    made = caller.invoice(notes="a\x0bb")
    shown = check(caller.get(f"invoices/show/{made['id']}.json"), "json", {200})
    assert shown["invoice"]["uwagi"] == "a\x0bb"
    refused = error_tree(check(caller.get(f"invoices/show/{made['id']}.xml"), "xml", {409}))
    assert refused["errors"]["invoice"] == [["uwagi", "invalid"]]
    assert "ask for the other one" in refused["message"]
    refused = error_tree(check(caller.get("invoices.xml"), "xml", {409}))
    assert refused["errors"]["invoice"] == [["invoices[0].uwagi", "invalid"]]


def test_an_unknown_field_with_children_comes_back_to_its_own_format(caller: Caller) -> None:
    """And is refused in the other, not dropped (decisions.md 2)."""
    tree = invoice(caller.client(), moje={"a": [1, 2]})
    number = tree_of(caller.post("invoices/create.json", tree))["invoice"]["invoice_id"]
    shown = check(caller.get(f"invoices/show/{number}.json"), "json", {200})
    assert shown["invoice"]["moje"] == {"a": [1, 2]}
    refused = error_tree(check(caller.get(f"invoices/show/{number}.xml"), "xml", {409}))
    assert refused["errors"]["invoice"] == [["moje", "invalid"]]


@pytest.mark.parametrize("more", [{"nazwa_firmy": "a\x0bb"}, {"moje": {"a": 1}}])
def test_what_is_done_is_not_refused(caller: Caller, more: Tree) -> None:
    """A create whose record XML cannot hold is answered with the id; a notice says why."""
    body = {"client": {"nazwa_firmy": "Firma", **more}}
    answer = caller.post("clients/create.xml", body)
    root = check(answer, "xml", {200})
    assert (root.tag, [child.tag for child in root]) == ("client", ["client_id"])
    (made,) = caller.standin.world.store.all("clients")
    assert root.findtext("client_id") == str(made["id"])
    assert re.search(r"(text\.not_xml|field\.other_format) ", header(answer, NOTICES) or "")


def test_user_data_is_text_whatever_v3_leaves_out(caller: Caller) -> None:
    """A caller printed pairs of names and values: null and absent are empty (v2-wire 3.9)."""
    body = {"account_data": {"email": None, "username": "u"}, "company_data": None}
    caller.standin.fault("status", status=200, body=body, path="*/account/details.json")
    shown = check(caller.get("settings/user_data.json"), "json", {200})["user_data"]
    assert (shown["login"], shown["email"], shown["nip"]) == ("u", "", "")
    assert len(shown) == 11
    assert len(both(caller, "settings/user_data")["user_data"]) == 11


def test_ilosc_can_be_a_number(caller: Caller) -> None:
    """The real service gave one in 2013, the document a text (v2-wire 6)."""
    path = f"/api/v2/invoices/show/{caller.invoice()['id']}.json"
    assert b'"ilosc":"1.0"' in serve(caller.api, Request("GET", path), caller.links).body
    answer = serve(caller.api, Request("GET", path), caller.links, quantity_as_number=True)
    assert b'"ilosc":1.0' in answer.body


def test_a_create_is_the_same_until_it_is_told(caller: Caller) -> None:
    """An answer that did not go out is given again, not made again (decisions.md 5)."""
    body = invoice(caller.client())

    def ask() -> Answer:
        text = str(body).replace("'", '"').encode()
        request = Request(
            "POST", "/api/v2/invoices/create.json", "", (("Content-Type", JSON),), text
        )
        return serve(caller.api, request, caller.links)

    first, again = ask(), ask()
    assert first.body == again.body
    again.told()
    assert ask().body != first.body


@pytest.mark.parametrize(
    ("target", "verb"),
    [("invoices.json", "invoices.list"), ("settings/user_data.xml", "settings.user_data"),
     ("invoices/show/9.json", "invoices.show"), ("nothing.json", "")],
)  # fmt: skip
def test_an_answer_names_its_verb(caller: Caller, target: str, verb: str) -> None:
    """For logs and counts, errors too."""
    assert caller.get(target).verb == verb


@pytest.mark.parametrize(
    ("path", "form"),
    [("/api/v2/invoices/list.xml", "xml"), ("/api/v2/invoices/list.json", "json"), ("/", "json")],
)
def test_the_gateway_s_own_refusals(caller: Caller, path: str, form: str) -> None:
    """In the format that was asked for; a 404 names the whole address."""
    request = Request("GET", path, "a=1&oauth_token=TOK")
    answer = refusal(request, caller.links, 503, "Later.", 7)
    read = check(answer, form, {503})
    said = read if form == "json" else error_tree(read)
    assert said == {"message": "Later.", "request": path}
    assert header(answer, "Retry-After") == "7"
    said = check(refusal(request, caller.links, 404, "No."), form, {404})
    assert (said if form == "json" else error_tree(said))["request"] == f"{BASE}{path}?a=1"
