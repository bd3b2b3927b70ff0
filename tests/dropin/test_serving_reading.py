"""Bodies and parameters as v2's callers send them, and as nobody should (v2-wire 1, 5, 6)."""

import json
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlencode

import pytest

from infakt_compat.dropin.messages import Request
from infakt_compat.standin import StandIn
from tests.v2_invoice import LINE, invoice

from .serving_support import FORM, JSON, XML, Caller, Tree, check, error_tree, tree_of


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Answer a caller; each test asks for clients of its own."""
    with StandIn() as standin, Caller(standin, tmp_path_factory.mktemp("reading")) as one:
        yield one


def form_of(tree: Tree, *, numbered: bool) -> bytes:
    """Write an invoice as Rails' callers do: brackets, rows in order, or numbered as PHP's."""
    pairs = []
    for name, value in tree["invoice"].items():
        if name == "services":
            for row, line in enumerate(value):
                place = f"invoice[services][{row if numbered else ''}]"
                pairs += [(f"{place}[{field}]", text) for field, text in line.items()]
        else:
            pairs.append((f"invoice[{name}]", value))
    return urlencode(pairs, quote_via=quote).encode()


def dumped(tree: Tree, encoding: str) -> bytes:
    """Write an invoice as JSON in another encoding, no letter escaped."""
    return json.dumps(tree, ensure_ascii=False).encode(encoding)


def xml_of(tree: Tree, encoding: str = "UTF-8", *, named: str | None = None) -> bytes:
    """Write an invoice as XML; its declaration names the encoding, another, or is not there."""
    lines = "".join(f"<service>{_fields(line)}</service>" for line in tree["invoice"]["services"])
    plain = {name: value for name, value in tree["invoice"].items() if name != "services"}
    said = encoding if named is None else named
    head = f'<?xml version="1.0" encoding="{said}"?>' if said else ""
    body = f"{head}<invoice>{_fields(plain)}<services>{lines}</services></invoice>"
    return body.encode(encoding)


def _fields(fields: Tree) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())


def two_lines(caller: Caller) -> Tree:
    """Give an invoice with Polish letters and two lines."""
    other = {**LINE, "nazwa": "Książka", "stawka_vat": 5}
    return invoice(caller.client(), uwagi="zażółć", services=[LINE, other])


def made(caller: Caller, target: str, body: bytes, kind: str) -> Tree:
    """Create an invoice and show it."""
    answer = caller.ask("POST", target, body, kind)
    assert answer.status == 200, answer.body
    number = caller.api.invoices.list()["invoices"][0]["invoice_id"]
    shown: Tree = tree_of(caller.get(f"invoices/show/{number}.json"))["invoice"]
    return shown


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(
    ("write", "kind"),
    [
        (lambda tree: json.dumps(tree).encode(), JSON),
        (lambda tree: json.dumps(tree).replace("/", "\\/").encode(), "text/json;charset=UTF-8"),
        (lambda tree: dumped(tree, "utf-16"), JSON),
        (lambda tree: b"\xef\xbb\xbf" + json.dumps(tree).encode(), "Application/JSON; q=1"),
        (lambda tree: dumped(tree, "cp1250"), f"{JSON}; charset=windows-1250"),
        (xml_of, XML),
        (lambda tree: xml_of(tree, "ISO-8859-2"), "text/xml"),
        (lambda tree: xml_of(tree, "UTF-16"), XML),
        (lambda tree: xml_of(tree, "ISO-8859-2", named=""), 'text/xml; charset="iso-8859-2"'),
        (lambda tree: xml_of(tree, "ISO-8859-2", named="UTF-8"), f"{XML};charset=latin2"),
        (lambda tree: form_of(tree, numbered=False), FORM),
        (lambda tree: form_of(tree, numbered=True), f"{FORM}; charset=utf-8"),
    ],
    ids=["json", "json-slashes", "json-utf-16", "json-bom", "json-cp1250", "xml", "xml-latin-2",
         "xml-utf-16", "xml-charset", "xml-charset-wins", "form-rails", "form-php"],
)  # fmt: skip
def test_the_content_type_says_what_a_body_is(
    caller: Caller, write: Callable[[Tree], bytes], kind: str, form: str
) -> None:
    """And the suffix what the answer is: they need not be the same."""
    caller.renew()
    tree = two_lines(caller)
    shown = made(caller, f"invoices/create.{form}", write(tree), kind)
    assert shown["uwagi"] == "zażółć"
    assert [line["nazwa"] for line in shown["services"]] == ["Usługa", "Książka"]
    assert [line["stawka_vat"] for line in shown["services"]] == ["23", "5"]


@pytest.mark.parametrize("kind", ["", "text/plain", "application/octet-stream"])
@pytest.mark.parametrize("form", ["json", "xml"])
def test_without_a_content_type_the_suffix_says_it(caller: Caller, form: str, kind: str) -> None:
    """As v2's document asks: XML for .xml, JSON for .json."""
    caller.renew()
    tree = two_lines(caller)
    body = xml_of(tree) if form == "xml" else json.dumps(tree).encode()
    assert made(caller, f"invoices/create.{form}", body, kind)["uwagi"] == "zażółć"


@pytest.mark.parametrize("body", [b"", b"  \r\n", b"[]", b"{}", b" [ ] "])
@pytest.mark.parametrize("kind", [JSON, ""])
def test_empty_bodies(caller: Caller, body: bytes, kind: str) -> None:
    """A GET that says JSON and has no body, PHP's `[]`: nothing was given, and nothing fails."""
    caller.renew()
    number = caller.invoice()["id"]
    check(caller.ask("GET", "invoices.json", body, kind), "json", {200})
    check(caller.ask("GET", f"invoices/show.json?id={number}", body, kind), "json", {200})
    check(caller.ask("POST", f"invoices/update/{number}.json", body, kind), "json", {200})
    check(caller.ask("POST", "settings/user_data.json", body, kind), "json", {200})
    check(caller.ask("POST", f"clients/update/{caller.client()}.json", body, kind), "json", {200})
    said = check(caller.ask("POST", "invoices/create.json", body, kind), "json", {409})
    assert ["client_id", "blank"] in said["errors"]["invoice"]
    said = check(caller.ask("POST", "clients/create.json", body, kind), "json", {409})
    assert said["errors"] == {"client": [["nazwa_firmy", "blank"]]}


def test_a_body_that_is_not_needed_is_not_read(caller: Caller) -> None:
    """The id stands in the path: garbage beside it harms nobody."""
    caller.renew()
    number = caller.invoice()["id"]
    answer = caller.ask("GET", f"invoices/show/{number}.json", b"{{{", JSON)
    check(answer, "json", {200})
    check(caller.ask("POST", "settings/user_data.json", b"\xff<", JSON), "json", {200})


def test_oauth_in_a_form_is_no_part_of_it(caller: Caller) -> None:
    """Signed form bodies hold OAuth's parameters; they are not looked at, and not spoken of."""
    caller.renew()
    signed = b"oauth_nonce=N&x_auth_mode=client_auth&" + form_of(two_lines(caller), numbered=True)
    answer = caller.ask("POST", "invoices/create.json", signed + b"&oauth_signature=S", FORM)
    check(answer, "json", {200})
    assert "oauth" not in str(answer.headers)
    only = caller.ask("POST", "settings/user_data.json", b"oauth_nonce=N&oauth_signature=S", FORM)
    check(only, "json", {200})


def test_parameters_may_stand_in_the_body(caller: Caller) -> None:
    """As Rails read them: of the query, else of the body, beside the record or in it."""
    caller.renew()
    dates = ["2014-01-02", "2014-01-03", "2014-01-04"]
    numbers = [caller.invoice()["id"] for _ in dates]
    form = urlencode({"id": numbers[0], "data_oplacenia": dates[0]}).encode()
    check(caller.ask("POST", "invoices/paid.json", form, FORM), "json", {200})
    tree = {"invoice": {"invoice_id": numbers[1], "data_oplacenia": dates[1]}}
    check(caller.post("invoices/paid.json", tree), "json", {200})
    target = f"invoices/paid.json?data_oplacenia={dates[2]}"
    check(caller.post(target, {"id": numbers[2], "data_oplacenia": dates[0]}), "json", {200})
    rows = caller.standin.world.store.all("invoices")
    assert {row["id"]: row["paid_date"] for row in rows} == dict(zip(numbers, dates, strict=True))


@pytest.mark.parametrize(
    ("target", "body", "kind", "name"),
    [
        ("invoices/show.json?id=1&id=2", b"", "", "id"),
        ("invoices/delete.json?invoice_id=1&invoice_id=2", b"", "", "invoice_id"),
        ("clients.json?nip=1&nip=2", b"", "", "nip"),
        ("invoices/delete.json", b'{"id":1,"id":2}', JSON, "id"),
        ("invoices/delete.json", b'{"invoice":{"id":1,"id":2}}', JSON, "id"),
        ("invoices/delete.json", b"id=1&id=2", FORM, "id"),
        ("invoices/paid.json?id=1", b'{"data_oplacenia":["2014-01-01"]}', JSON, "data_oplacenia"),
        ("invoices/delete.json", b'{"id":{"a":1}}', JSON, "id"),
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_refused(
    caller: Caller, target: str, body: bytes, kind: str, name: str
) -> None:
    """Two ids, two clients: a guess could hit the wrong document (decisions.md 1)."""
    method = "GET" if not body else "POST"
    said = check(caller.ask(method, target, body, kind), "json", {409})
    assert [name, "invalid"] in next(iter(said["errors"].values()))


def test_the_same_value_twice_is_one(caller: Caller) -> None:
    """It means one thing."""
    caller.renew()
    number = caller.invoice()["id"]
    check(caller.get(f"invoices/show.json?id={number}&id={number}"), "json", {200})


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b"<invoice><uwagi>&b;</uwagi></invoice>"
)
EXTERNAL = (
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><invoice><uwagi>&e;</uwagi></invoice>'
)
HOSTILE = {
    "entity bomb": (BOMB, XML, "document.doctype"),
    "external entity": (EXTERNAL, XML, "document.doctype"),
    "doctype as JSON": (BOMB, JSON, "document.malformed"),
    "deep XML": (b"<invoice>" + b"<a>" * 100_000, XML, "document.too_deep"),
    "deep JSON": (b"[" * 100_000, JSON, "document.too_deep"),
    "deeper than any document": (b'{"a":' * 40 + b"1" + b"}" * 40, JSON, "document.too_deep"),
    "deep form": (b"a" + b"[b]" * 1000 + b"=1", FORM, "form.invalid"),
    "text between fields": (b"<invoice>a<status>szkic</status></invoice>", XML, "field.stray_text"),
    "an attribute": (b"<invoice><status a='1'>szkic</status></invoice>", XML, "field.attribute"),
    "a cut JSON": (b'{"invoice":{"uwagi":"x', JSON, "document.malformed"),
    "a cut XML": (b"<invoice><uwagi>x", XML, "document.malformed"),
    "another root": (b"<faktura><a>1</a></faktura>", XML, "document.not_invoice"),
    "a list": (b"<invoices><invoice/></invoices>", XML, "document.not_invoice"),
    "not UTF-8": (b'{"invoice":{"uwagi":"\xb3"}}', JSON, "document.encoding"),
    "not the declared encoding": (
        b'<?xml version="1.0" encoding="UTF-8"?><invoice>\xb3</invoice>', XML, "document.encoding",
    ),
    "an unknown charset": (b"{}", f"{JSON}; charset=klingon", "document.encoding"),
    "a charset that is none": (b"{}", f"{JSON}; charset=base64", "document.encoding"),
    "a charset that runs code": (b"{}", f"{JSON}; charset=unicode_escape", "document.encoding"),
    "an unknown declared encoding": (
        b'<?xml version="1.0" encoding="klingon"?><invoice/>', XML, "document.encoding",
    ),
    "half a pair": (b'{"invoice":{"uwagi":"\\ud800"}}', JSON, "text.not_unicode"),
    "half a pair as a name": (b'{"invoice":{"\\udfff":1}}', JSON, "text.not_unicode"),
    "NUL in JSON": (b'{"invoice":{"uwagi":"a\\u0000"}}', JSON, "text.not_xml"),
    "NUL in a form": (b"invoice[uwagi]=%00", FORM, "text.not_xml"),
    "NUL as a name": (b"invoice[a%00b]=1", FORM, "text.not_xml"),
    "NUL bytes": (b"\0" * 100, JSON, "document."),
    "not percent-encoded": (b"invoice[uwagi]=\xc5\xbc", FORM, "form.invalid"),
    "latin 2 in a form": (b"invoice[uwagi]=%B3", FORM, "form.invalid"),
    "sorted lines": (b"i[s][][a]=1&i[s][][a]=2&i[s][][b]=1", FORM, "form.ambiguous"),
    "a scalar": (b"5", JSON, ""),
    "a list of numbers": (b"[1,2]", JSON, ""),
}  # fmt: skip


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_a_clear_409(caller: Caller, name: str, form: str) -> None:
    """In the asked format, and without a call of v3."""
    body, kind, code = HOSTILE[name]
    before = len(caller.standin.requests())
    answer = caller.ask("POST", f"invoices/create.{form}", body, kind)
    read = check(answer, form, {409})
    said = read if form == "json" else error_tree(read)
    assert code in said["details"]
    assert len(answer.body) < 10_000
    assert len(caller.standin.requests()) == before
    assert "passwd" not in said["details"]


def test_half_a_pair_is_named_as_v2_named_fields(caller: Caller) -> None:
    """Without its envelope, like every other field."""
    body = b'{"invoice":{"uwagi":"\\ud800"}}'
    answer = check(caller.ask("POST", "invoices/create.json", body, JSON), "json", {409})
    assert answer["errors"]["invoice"] == [["uwagi", "invalid"]]


ROWS = b"<invoice><services>%s</services></invoice>"
FLOODS = {
    "form": (b"&".join(b"a%d=" % i for i in range(10**6)), FORM, "form.invalid"),
    "json": (b"[" + b"1," * 10**6 + b"1]", JSON, "document.too_many_values"),
    "xml": (ROWS % (b"<service/>" * 10**6), XML, "document.too_many_values"),
}  # fmt: skip


@pytest.mark.parametrize("name", FLOODS)
def test_a_million_fields_are_refused(caller: Caller, name: str) -> None:
    """Soon, and in few words."""
    body, kind, code = FLOODS[name]
    answer = caller.ask("POST", "invoices/create.json", body, kind)
    assert code in check(answer, "json", {409})["details"]
    assert len(answer.body) < 2_000


@pytest.mark.parametrize("target", ["invoices/show.json", "clients.json", "invoices/list.xml"])
def test_a_flood_of_parameters_is_refused(caller: Caller, target: str) -> None:
    """A thousand are more than anyone sends."""
    query = "&".join(f"a{number}=1" for number in range(5000))
    check(caller.get(f"{target}?{query}"), target[-4:].lstrip("."), {409})


def test_a_strange_target_is_answered(caller: Caller) -> None:
    """What no URL holds stands nowhere in the answer as it came."""
    wild = "/api/v2/invoices/show/\udcff\r\n[x]//@\x00.json"
    answer = caller.send(Request("GET", wild, "a=\ud800&\x01=é&[=]"))
    said = check(answer, "json", {404})
    assert said["request"].startswith("https://www.infakt.pl/api/v2/invoices/show/")
    assert said["request"].isascii()
    answer = caller.send(Request("GET", "//evil.test/" + "x" * 100_000, "y" * 100_000))
    said = check(answer, "json", {404})
    assert said["request"].startswith("https://www.infakt.pl/")
    assert len(answer.body) < 5000
