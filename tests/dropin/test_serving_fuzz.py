"""Whatever is sent, `serve` answers: well-formed, in the asked format, with a status of v2's."""

import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infakt_compat.dropin.messages import Request
from infakt_compat.dropin.routes import asked_form
from infakt_compat.standin import StandIn
from tests.v2_invoice import invoice

from .serving_support import FORM, JSON, XML, Caller, check

EXAMPLES = 150

_ADDRESSES = [
    f"{resource}/{verb}"
    for resource in ("invoices", "clients")
    for verb in ("list", "show", "create", "update", "delete", "paid", "deliver", "pdf")
] + ["invoices", "clients", "settings/user_data", "products"]
_NAMES = [
    "id", "invoice_id", "client_id", "page", "per_page", "order", "nip", "type", "doc_type",
    "data_oplacenia", "oauth_token",
]  # fmt: skip
_FIELDS = [
    "invoice", "client", "services", "service", "nazwa", "ilosc", "stawka_vat", "cena_netto",
    "status", "numer", "unikalny_numer", "data_wystawienia", "nazwa_firmy", "panstwo", "nip",
    "rodzaj_faktury", "sposob_platnosci", "podstawa_zwolnienia", *_NAMES,
]  # fmt: skip
_WORDS = ["1", "4", "555", "szkic", "zw", "1,5", "2014-01-22", "Faktura VAT", "NaN", "1e9", ""]

# Any code point, half pairs too: what a socket or a JSON escape can give.
_text = st.text(st.characters(), max_size=12)
_plain = st.one_of(
    st.sampled_from(_WORDS), _text, st.none(), st.booleans(),
    st.integers(-(10**20), 10**20), st.floats(),
)  # fmt: skip
_names = st.one_of(st.sampled_from(_FIELDS), _text)
_trees = st.recursive(
    _plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=12,
)
_paths = st.one_of(
    st.builds(
        lambda address, number, suffix: f"/api/v2/{address}{number}{suffix}",
        st.sampled_from(_ADDRESSES),
        st.one_of(
            st.just(""), st.sampled_from(["/4", "/555", "/99"]), _text.map(lambda t: "/" + t)
        ),
        st.sampled_from([".json", ".xml", "", ".pdf"]),
    ),
    _text,
)
_queries = st.one_of(
    st.lists(st.tuples(st.sampled_from(_NAMES), st.sampled_from(_WORDS)), max_size=4).map(
        urlencode
    ),
    _text,
)
_kinds = st.one_of(st.sampled_from([JSON, XML, FORM, "", f"{JSON}; charset=utf-16"]), _text)


@st.composite
def _elements(draw: st.DrawFn, depth: int = 3) -> str:
    name = draw(st.sampled_from(_FIELDS))
    inner = draw(st.sampled_from(_WORDS))
    if depth and draw(st.booleans()):
        inner = "".join(draw(st.lists(_elements(depth - 1), max_size=3)))
    return f"<{name}>{inner}</{name}>"


@st.composite
def _forms(draw: st.DrawFn) -> bytes:
    names = st.lists(st.one_of(_names, st.sampled_from(["", "0", "1"])), min_size=1, max_size=4)
    pairs = []
    for first, *rest in draw(st.lists(names, max_size=6)):
        name = first + "".join(f"[{one}]" for one in rest)
        value = draw(st.sampled_from(_WORDS))
        pairs.append(f"{quote(name, errors='surrogatepass')}={quote(value)}")
    return "&".join(pairs).encode()


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    """Give a good body with something wrong in it."""
    body = json.dumps(invoice(4, numer=None)).encode()
    start = draw(st.integers(0, len(body)))
    return body[:start] + draw(st.binary(max_size=3)) + body[start + draw(st.integers(0, 5)) :]


_bodies = st.one_of(
    st.binary(max_size=60),
    _trees.map(lambda tree: json.dumps(tree).encode()),
    st.dictionaries(_names, _trees, max_size=5).map(lambda t: json.dumps({"invoice": t}).encode()),
    st.dictionaries(_names, _trees, max_size=5).map(lambda t: json.dumps({"client": t}).encode()),
    _elements().map(lambda text: f"<invoice>{text}</invoice>".encode()),
    _forms(),
    _damaged(),
)


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Answer a caller with a client 4 and an invoice 555."""
    with StandIn() as standin, Caller(standin, tmp_path_factory.mktemp("fuzz")) as one:
        one.invoice(id=555, client_id=one.client(id=4))
        yield one


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(["GET", "POST", "DELETE", "PUT", "\udcff"]),
    path=_paths,
    query=_queries,
    kind=_kinds,
    body=_bodies,
)
def test_anything_is_answered(
    caller: Caller, method: str, path: str, query: str, kind: str, body: bytes
) -> None:
    """No exception, no other format, no status that v2 did not have."""
    answer = caller.send(Request(method, path, query, (("Content-Type", kind),), body))
    check(answer, asked_form(path))


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(
    target=st.sampled_from([
        "invoices/create.json", "invoices/create.xml", "invoices/update/555.json",
        "clients/create.xml", "clients/update/4.json", "invoices/paid/555.json",
    ]),
    kind=st.sampled_from([JSON, JSON, XML, FORM]),
    body=_bodies,
)  # fmt: skip
def test_any_body_of_a_write_is_answered(
    caller: Caller, target: str, kind: str, body: bytes
) -> None:
    """The verbs that read a body, with bodies that are nearly right."""
    check(caller.ask("POST", target, body, kind), asked_form(target))
