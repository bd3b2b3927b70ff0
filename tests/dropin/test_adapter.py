"""The adapter: code written with requests gets v2's answers as ordinary responses."""

import io
import json
import pickle
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from requests_oauthlib import OAuth1, OAuth1Session

from infakt_compat import V2Adapter
from infakt_compat.dropin.patience import Patience, TooLate, within
from infakt_compat.standin import StandIn
from tests.v2_invoice import LINE, invoice

from .recorded import recorded
from .serving_support import Tree

V2 = "https://www.infakt.pl/api/v2/"
Make = Callable[..., requests.Session]
#: No limits, no thread; what is told is told.
PLAIN: dict[str, Any] = {"limits": "off", "background": False}


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    """Answer a v3 with a client 4 and an invoice 555."""
    with StandIn() as one:
        client = {"id": 4, "company_name": "Żółw", "country": "PL", "email": "a@b.pl"}
        row = {"name": "Usługa", "tax_symbol": "23", "quantity": 1, "unit_net_price": 10000}
        one.seed(
            clients=[client],
            invoices=[{"id": 555, "client_id": 4, "kind": "vat", "services": [row]}],
        )
        yield one


@pytest.fixture
def make(standin: StandIn, tmp_path: Path) -> Iterator[Make]:
    """Answer a maker of sessions that have the adapter."""
    made: list[requests.Session] = []

    def session(kind: type[requests.Session] = requests.Session, **more: Any) -> requests.Session:
        one = kind()
        settings = {"base_url": standin.url, "store": tmp_path / "store.sqlite3", **PLAIN, **more}
        one.mount("https://www.infakt.pl/", V2Adapter(standin.api_key, **settings))
        made.append(one)
        return one

    yield session
    for one in made:
        one.close()


@pytest.fixture
def session(make: Make) -> requests.Session:
    """Answer one session."""
    return make()


def test_a_response_is_an_ordinary_one(session: requests.Session) -> None:
    """All that a program looks at is there."""
    response = session.get(V2 + "invoices/show.json", params={"id": 555})
    assert (response.status_code, response.reason, response.ok) == (200, "OK", True)
    assert response.url == V2 + "invoices/show.json?id=555"
    assert response.headers["content-TYPE"] == "application/json; charset=utf-8"
    assert int(response.headers["Content-Length"]) == len(response.content)
    assert response.encoding == "utf-8"
    assert response.json()["invoice"]["client_nazwa_firmy"] == "Żółw"
    assert "Żółw" in response.text
    assert response.elapsed.total_seconds() > 0
    assert response.request.method == "GET"
    assert (response.history, dict(response.cookies), response.is_redirect) == ([], {}, False)
    assert response.raw.status == 200
    assert response.connection is session.get_adapter(V2)
    assert response.raise_for_status() is None  # type: ignore[func-returns-value]
    assert [line.decode() for line in response.iter_lines()] == [response.text]


def test_an_error_is_raised_for_its_status(session: requests.Session) -> None:
    """With the response in it, as requests does."""
    response = session.get(V2 + "invoices/show/7.json", params={"a": "ó"})
    assert response.json()["request"] == V2 + "invoices/show/7.json?a=%C3%B3"
    with pytest.raises(requests.HTTPError, match="404 Client Error: Not Found") as caught:
        response.raise_for_status()
    assert caught.value.response is response


def test_hooks_and_sessions_work(session: requests.Session) -> None:
    """A hook is called, the session's headers and parameters go along, cookies stay."""
    seen: list[int] = []
    session.hooks["response"].append(lambda response, **_: seen.append(response.status_code))
    session.params = {"id": "555"}
    session.cookies.set("a", "b")
    assert session.get(V2 + "invoices/show.json").status_code == 200
    assert (seen, session.cookies.get_dict()) == ([200], {"a": "b"})


def test_a_response_can_be_streamed(session: requests.Session) -> None:
    """In pieces, raw, by lines; and it can be closed unread."""
    whole = session.get(V2 + "invoices.xml").content
    with session.get(V2 + "invoices.xml", stream=True) as response:
        assert b"".join(response.iter_content(7)) == whole
        assert response.raw.read() == b""
    with session.get(V2 + "invoices.xml", stream=True) as response:
        assert response.raw.read(5) == whole[:5]
        assert response.raw.read() == whole[5:]
    session.get(V2 + "invoices.xml", stream=True).close()
    assert session.head(V2 + "invoices.xml").content == b""


def test_v2_s_own_http_address_is_answered_as_it_was_asked(standin: StandIn) -> None:
    """With http mounted, errors and links begin with http."""
    with requests.Session() as plain:
        adapter = V2Adapter(standin.api_key, standin.url, store=":memory:", **PLAIN)
        plain.mount("http://www.infakt.pl/", adapter)
        told = plain.get("http://www.infakt.pl/api/v2/invoices/show/9.json").json()
        assert told["request"].startswith("http://www.infakt.pl/api/v2/")


def test_bodies_of_every_kind(session: requests.Session) -> None:
    """Text, bytes, a file, pieces, a form, JSON: as requests sends them."""
    tree = invoice(4, uwagi="zażółć")
    text = json.dumps(tree, ensure_ascii=False)
    kind = {"Content-type": "application/json"}
    form = {
        f"invoice[{name}]": value for name, value in tree["invoice"].items() if name != "services"
    }
    form |= {f"invoice[services][0][{name}]": value for name, value in LINE.items()}
    sent: list[Tree] = [
        {"json": tree},
        {"data": text.encode(), "headers": kind},
        {"data": text, "headers": kind},
        {"data": io.BytesIO(text.encode()), "headers": kind},
        {"data": (part.encode() for part in (text[:9], text[9:])), "headers": kind},
        {"data": form},
    ]
    for one in sent:
        made = session.post(V2 + "invoices/create.json", **one)
        assert made.status_code == 200, made.text
        number = made.json()["invoice_id"]["invoice_id"]
        shown = session.get(V2 + f"invoices/show/{number}.json").json()["invoice"]
        assert (shown["uwagi"], shown["services"][0]["nazwa"]) == ("zażółć", "Usługa")


def test_each_create_makes_one_invoice(session: requests.Session, standin: StandIn) -> None:
    """The caller has each answer, so that an equal create is another invoice."""
    before = len(standin.world.store.all("invoices"))
    numbers = {
        session.post(V2 + "invoices/create.json", json=invoice(4)).json()["invoice"]["numer"]
        for _ in range(3)
    }
    assert len(numbers) == 3
    assert len(standin.world.store.all("invoices")) == before + 3


def test_a_pdf_s_link_is_answered(make: Make) -> None:
    """More than once, by any adapter of the same account, and by no other."""
    session = make()
    link = session.get(V2 + "invoices/pdf.json", params={"id": 555}).json()["pdf"]
    assert link.startswith("https://www.infakt.pl/files/pdfs/")
    for one in (session, session, make()):
        with one.get(link, stream=True) as response:
            assert response.headers["Content-Type"] == "application/pdf"
            assert next(response.iter_content(5)) == b"%PDF-"
    assert session.get(link.replace("555", "556")).status_code == 404
    assert make(account="another").get(link).status_code == 404


def test_quantities_can_be_numbers(make: Make) -> None:
    """As `serve` can."""
    numbers = make(quantity_as_number=True).get(V2 + "invoices/show/555.json")
    assert b'"ilosc":1.0' in numbers.content
    assert b'"ilosc":"1.0"' in make().get(V2 + "invoices/show/555.json").content


@pytest.mark.parametrize("place", ["AUTH_HEADER", "QUERY", "BODY"])
def test_oauth_is_not_looked_at(make: Make, place: str) -> None:
    """Signed in any place, with any keys; and it shows nowhere."""
    session = make(OAuthSession)
    session.auth = OAuth1("ck", "cs", "tk", "ts", signature_type=place)
    form = {"client[nazwa_firmy]": "Firma"}
    made = session.post(V2 + "clients/create.json", data=form)
    assert made.status_code == 200, made.text
    gone = session.post(V2 + "invoices/delete.json?id=9", data={"a": "b"})
    assert gone.json()["request"] == V2 + "invoices/delete.json?id=9"
    assert "oauth" not in str(made.headers) + str(gone.headers) + made.text + gone.text


class OAuthSession(OAuth1Session):
    """A session of requests-oauthlib, as a program makes it."""

    def __init__(self) -> None:
        """Take keys of no meaning."""
        super().__init__("consumer_key", "consumer_secret", "token", "token_secret")


def test_tokens_are_given_to_whoever_asks(make: Make) -> None:
    """By requests-oauthlib's own steps, and by xAuth."""
    session = make(OAuthSession)
    assert isinstance(session, OAuth1Session)
    token = session.fetch_request_token("https://www.infakt.pl/oauth/request_token")
    assert token["oauth_callback_confirmed"] == "true"
    given = session.fetch_access_token("https://www.infakt.pl/oauth/access_token", verifier="x")
    assert len(given["oauth_token"]) == 32
    assert session.get(V2 + "clients.json").status_code == 200
    data = {"x_auth_username": "u", "x_auth_password": "p", "x_auth_mode": "client_auth"}
    response = session.post("https://www.infakt.pl/oauth/access_token", data=data)
    assert dict(parse_qsl(response.text)).keys() == {"oauth_token", "oauth_token_secret"}
    assert session.get("https://www.infakt.pl/oauth/authorize").status_code == 404
    assert session.get("https://www.infakt.pl/").status_code == 404


def test_the_recorded_token_requests(session: requests.Session) -> None:
    """Each of them gets a token."""
    for one in recorded():
        asked = one.request
        if asked.path.startswith("/oauth/"):
            url = f"https://www.infakt.pl{asked.path}?{asked.query}"
            response = session.request(
                asked.method, url, data=asked.body, headers=dict(asked.headers)
            )
            assert response.text.startswith("oauth_token="), one.name


def test_limits_and_plans_are_answers(make: Make, standin: StandIn) -> None:
    """A refusal of v3's is v2's answer, not an exception."""
    standin.fault("status", status=429, retry_after=60, times=9)
    response = make(patience=0.2).get(V2 + "clients.json")
    standin.world.faults.clear()
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 1


def free_port() -> int:
    """Give a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        number: int = one.getsockname()[1]
    return number


def test_v3_that_is_not_there(make: Make) -> None:
    """A ConnectionError of requests' own, with the request in it."""
    session = make(base_url=f"http://127.0.0.1:{free_port()}/api/v3", patience=0.5)
    for verb in (session.get, session.post):
        address = V2 + ("clients.json" if verb == session.get else "clients/create.json")
        with pytest.raises(requests.ConnectionError, match="cannot be reached") as caught:
            verb(address, json={"client": {"nazwa_firmy": "Firma"}})
        assert not isinstance(caught.value, requests.Timeout)
        assert caught.value.request is not None
        assert caught.value.request.url == address


@pytest.fixture
def deaf() -> Iterator[str]:
    """Answer the address of a server whose queue is full: no connection comes about."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(server.getsockname())
            waiting.append(one)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/api/v3"
        for one in waiting:
            one.close()


def test_a_connection_that_does_not_come_about_in_time(make: Make, deaf: str) -> None:
    """The first of the two timeouts."""
    with pytest.raises(requests.ConnectTimeout):
        make(base_url=deaf).get(V2 + "clients.json", timeout=(0.1, 0.4))


def test_an_answer_that_does_not_come_in_time(make: Make, standin: StandIn) -> None:
    """ReadTimeout, soon, for reads and writes."""
    session = make()
    standin.fault("delay", seconds=1.0, share=1.0)  # what is asked again meets it, too
    for verb, address in ((session.get, "clients.json"), (session.post, "clients/create.json")):
        started = time.monotonic()
        with pytest.raises(requests.ReadTimeout) as caught:
            verb(V2 + address, json={"client": {"nazwa_firmy": "Firma"}}, timeout=0.1)
        assert time.monotonic() - started < 0.8
        assert caught.value.request is not None
    standin.world.faults.clear()
    _wait_for_calls()


def test_a_late_create_is_settled_and_not_made_twice(make: Make, standin: StandIn) -> None:
    """Who gave up and asks again gets the invoice that the first call made (decisions.md 5)."""
    session = make()
    before = len(standin.world.store.all("invoices"))
    body = invoice(4, uwagi="raz")
    standin.fault("delay", seconds=0.5, method="POST", path="*/invoices.json")
    with pytest.raises(requests.ReadTimeout):
        session.post(V2 + "invoices/create.json", json=body, timeout=0.1)
    _wait_for_calls()
    assert len(standin.world.store.all("invoices")) == before + 1
    made = session.post(V2 + "invoices/create.json", json=body, timeout=5)
    assert made.status_code == 200
    assert len(standin.world.store.all("invoices")) == before + 1
    other = session.post(V2 + "invoices/create.json", json=body, timeout=5)
    assert other.json() != made.json()


def _wait_for_calls() -> None:
    """Wait until calls that went on have ended."""
    for thread in threading.enumerate():
        if thread.name == "infakt-compat call":
            thread.join(10)


@pytest.mark.parametrize(
    ("timeout", "connect", "read", "whole"),
    [
        (None, None, None, None),
        (3, 3, 3, 6),
        ((1.5, 9), 1.5, 9, 10.5),
        ((None, 2), None, 2, 2),
        ((2, None), 2, None, None),
    ],
)
def test_timeouts_are_read_as_requests_reads_them(
    timeout: Any, connect: Any, read: Any, whole: Any
) -> None:
    """One for both, or a pair."""
    found = Patience.of(timeout)
    assert (found.connect, found.read, found.whole) == (connect, read, whole)


@pytest.mark.parametrize("timeout", [0, -1, (1, 2, 3), "x", (0, 1), True])
def test_timeouts_that_requests_refuses(session: requests.Session, timeout: Any) -> None:
    """ValueError, before anything is asked."""
    with pytest.raises(ValueError, match="imeout"):
        session.get(V2 + "clients.json", timeout=timeout)


def test_work_within_a_time() -> None:
    """It gives what it gives, raises what it raises, and goes on when it is late."""
    assert within(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0)
    ended = threading.Event()
    with pytest.raises(TooLate):
        within(0.01, lambda: time.sleep(0.05) or ended.set())  # type: ignore[func-returns-value]
    assert ended.wait(5)


def test_threads_share_an_adapter(session: requests.Session) -> None:
    """Each gets its own answer."""
    found: dict[int, int] = {}

    def ask(number: int) -> None:
        told = session.get(V2 + f"invoices/show/{number}.json", timeout=20)
        found[number] = int(told.json().get("invoice", {}).get("invoice_id", 0))

    threads = [threading.Thread(target=ask, args=(n,)) for n in (555, 556, 557, 558)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {555: 555, 556: 0, 557: 0, 558: 0}


def test_a_closed_adapter_opens_again(session: requests.Session) -> None:
    """As requests' own does."""
    session.close()
    session.close()
    assert session.get(V2 + "clients.json").status_code == 200


def test_a_wrong_setting_is_refused_at_once(standin: StandIn, tmp_path: Path) -> None:
    """As `connect` does."""
    store = tmp_path / "s.sqlite3"
    with pytest.raises(ValueError, match="dialect"):
        V2Adapter(standin.api_key, standin.url, "modern", store)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no such default"):
        V2Adapter(standin.api_key, standin.url, store=store, defaults={"colour": 1})
    with pytest.raises(ValueError, match="API key"):
        V2Adapter("", standin.url, store=store)


def test_the_key_shows_nowhere(session: requests.Session, standin: StandIn) -> None:
    """Neither in a repr nor in a pickle."""
    adapter = session.get_adapter(V2)
    assert standin.api_key not in repr(adapter)
    with pytest.raises(TypeError, match="API key"):
        pickle.dumps(adapter)


def test_a_store_that_cannot_be_used_is_a_503(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that says to come back; the log says why."""
    session = make()
    assert session.get(V2 + "clients.json").status_code == 200
    (tmp_path / "store.sqlite3").write_bytes(b"no database" * 1000)
    session.close()
    response = session.get(V2 + "clients.json")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "the store cannot be used" in caplog.text
