"""Callers that mean harm: floods, lies about lengths, bodies without end, text made for others."""

import contextlib
import io
import json
import re
import socket
import time

import pytest

from infakt_compat.dropin import channel, wsgi
from infakt_compat.standin import StandIn
from tests.v2_invoice import documents, invoice

from .live import Live, auth, received

HEAD = b"POST /api/v2/invoices/create.%b HTTP/1.1\r\nHost: x\r\n"
CREATE = HEAD % b"json"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def status(answer: bytes) -> int:
    """Give the status of the last answer on a connection."""
    return int(answer.rpartition(b"HTTP/1.")[2].split()[1])


def body(answer: bytes) -> bytes:
    """Give the body of an answer."""
    return answer.rpartition(b"\r\n\r\n")[2]


FLOODS = {
    "url": (b"GET /api/v2/invoices.json?" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", 414),
    "url without end": (b"GET /" + b"a" * 200_000, 414),
    "many headers": (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 150 + b"\r\n", 431),
    "a long header": (b"GET / HTTP/1.1\r\nA: " + b"b" * 200_000, 431),
    "no request": (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
    "two lengths": (CREATE + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    "a length that is none": (CREATE + b"Content-Length: -1\r\n\r\n{}", 400),
    "chunks that are none": (CREATE + CHUNKED + b"zz\r\n", 400),
    "a chunk's line without end": (CREATE + CHUNKED + b"1;" + b"a" * 50_000, 400),
    "a trailer without end": (CREATE + CHUNKED + b"0\r\nA: " + b"b" * 50_000, 400),
    "chunks in HTTP/1.0": (CREATE.replace(b"/1.1", b"/1.0") + CHUNKED + b"0\r\n\r\n", 400),
    "another encoding": (CREATE + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    "a line break in a header": (b"GET / HTTP/1.1\r\nA: b\nB: c\r\n\r\n", 400),
}


@pytest.mark.parametrize("name", FLOODS)
def test_what_is_no_request_is_refused_at_once(gateway: Live, name: str) -> None:
    """A clear status in v2's form; the connection ends, and the next caller is served."""
    data, expected = FLOODS[name]
    answer = gateway.raw(data)
    assert status(answer) == expected, answer
    assert b"Connection: close" in answer
    assert json.loads(body(answer)).keys() == {"message", "request"}
    assert gateway.get("clients.json").status_code == 200
    assert gateway.lines()[0]["outcome"] == "unreadable"


@pytest.mark.parametrize(("form", "start"), [(b"json", b"{"), (b"xml", b"<?xml")])
def test_a_huge_body_is_refused_without_being_read(
    gateway: Live, form: bytes, start: bytes
) -> None:
    """413 in the asked format as soon as the length is known; a polite caller sends nothing."""
    head = HEAD % form + b"Content-Length: 100000000\r\n"
    for wish in (b"", b"Expect: 100-continue\r\n"):
        started = time.monotonic()
        answer = gateway.raw(head + wish + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 413"), answer
        assert body(answer).startswith(start)
        assert time.monotonic() - started < 3


def test_a_caller_that_sends_a_huge_body_still_reads_why_not(gateway: Live) -> None:
    """To close while it still sends would reset the connection, and the answer with it."""
    url = f"{gateway.url}/api/v2/invoices/create.json"
    answer = gateway.session.post(url, data=b"a" * 12_000_000, auth=auth(), timeout=10)
    assert answer.status_code == 413
    assert answer.json()["request"] == "/api/v2/invoices/create.json"


def test_a_chunked_body_is_bounded_and_taken(gateway: Live, v3: StandIn, buyer: int) -> None:
    """Chunks are a body like any other, up to the bound."""
    url = f"{gateway.url}/api/v2/invoices/create.json"
    text = json.dumps(invoice(buyer)).encode()
    headers = {"Content-Type": "application/json"}
    pieces = iter([text[:50], text[50:]])
    made = gateway.session.post(url, data=pieces, headers=headers, auth=auth(), timeout=10)
    assert made.status_code == 200, made.text
    assert len(documents(v3)) == 1
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as connection:
        connection.sendall(CREATE + CHUNKED)
        for _ in range(wsgi.MOST_BODY // 1_000_000 + 1):
            connection.sendall(b"F4240\r\n" + b"a" * 1_000_000 + b"\r\n")
        assert received(connection).startswith(b"HTTP/1.1 413")


def test_an_expected_continue_is_given(gateway: Live) -> None:
    """Old curl waits for it with bodies of more than a KiB (v2-wire 1)."""
    head = CREATE + b"Content-Length: 2\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as connection:
        connection.sendall(head)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert status(received(connection)) == 401


SLOW = (
    b"GET /api",
    CREATE + b"Content-Length: 999\r\n\r\n{",
    CREATE + CHUNKED + b"FFF\r\na",
)


def test_a_request_that_takes_too_long_ends(gateway: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then does not hold a connection for ever: head, body and chunks get 408."""
    monkeypatch.setattr(channel, "READING_SECONDS", 0.3)
    open_ones = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in SLOW]
    try:
        for connection, start in zip(open_ones, SLOW, strict=True):
            connection.sendall(start)
            connection.setblocking(False)
        answers = [b""] * len(SLOW)
        until = time.monotonic() + 5
        while not all(answers) and time.monotonic() < until:
            time.sleep(0.05)
            for place, connection in enumerate(open_ones):
                with contextlib.suppress(BlockingIOError):
                    answers[place] = answers[place] or connection.recv(1000)
                if not answers[place]:
                    connection.send(b"1")
    finally:
        for connection in open_ones:
            connection.close()
    assert [status(answer) for answer in answers] == [408, 408, 408]


def test_a_body_that_breaks_off_is_no_call(gateway: Live, v3: StandIn) -> None:
    """The caller hangs up in the middle: nothing is done."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as connection:
        connection.sendall(CREATE + b"Content-Length: 100\r\n\r\n{")
    assert gateway.get("clients.json").status_code == 200
    assert documents(v3) == []


def test_a_length_that_is_too_short_is_no_second_call(gateway: Live) -> None:
    """What comes behind the body is no request: it is refused, and the connection ends."""
    answer = gateway.raw(CREATE + b"Content-Length: 2\r\n\r\n{}{}{}\r\n\r\n")
    assert re.findall(rb"HTTP/1\.[01] (\d+)", answer) == [b"401", b"400"]


def test_a_body_that_is_shorter_than_its_length() -> None:
    """Other servers hand on what came, and leave it to the application to notice."""
    stream = io.BytesIO(b"{}")
    environ = {"CONTENT_LENGTH": "5", "wsgi.input": stream, "wsgi.input_terminated": True}
    with pytest.raises(wsgi.Unreadable) as refused:
        wsgi.body(environ)
    assert refused.value.status == 400


def test_many_slow_callers_do_not_keep_others_out(gateway: Live) -> None:
    """A hundred connections that say nothing, and the gateway still serves."""
    idle = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(100)]
    try:
        for connection in idle:
            connection.sendall(b"GET /api")
        assert gateway.get("clients.json").status_code == 200
    finally:
        for connection in idle:
            connection.close()


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;">]><invoice><uwagi>&c;</uwagi></invoice>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<invoice><uwagi>&a;</uwagi></invoice>"""


@pytest.mark.parametrize("bomb", [BOMB, OUTSIDE], ids=["bomb", "outside"])
def test_entities_are_refused(gateway: Live, v3: StandIn, bomb: bytes) -> None:
    """Any DOCTYPE is: 409 in XML, and v3 is not asked."""
    answer = gateway.call(
        "POST", "invoices/create.xml", data=bomb, headers={"Content-Type": "text/xml"}
    )
    assert answer.status_code == 409, answer.text
    assert b"root:" not in answer.content
    assert v3.requests() == []


LINES = (
    "/api/v2/invoices/x%0d%0a%7b%22verb%22:%22forged%22%7d.json",
    '/api/v2/"},"forged":1,"x":{"',
    "/api/v2/%1b%5b2Jinvoices.json?a=%0aforged",
)


@pytest.mark.parametrize("path", LINES)
def test_no_caller_writes_the_log(gateway: Live, path: str) -> None:
    """One line a call whatever is sent, all of it ASCII, and none of the caller's text in it."""
    headers = {"User-Agent": "forged\u2028", "Authorization": 'OAuth forged="\x85"'}
    encoded = {name: value.encode("utf-8") for name, value in headers.items()}
    head = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in encoded.items())
    gateway.raw(b"GET " + path.encode() + b" HTTP/1.0\r\n" + head + b"\r\n")
    [line] = gateway.lines()
    text = gateway.log.getvalue()
    assert text.count("\n") == 1
    assert text.isascii()
    assert "forged" not in text
    assert line["status"] in (400, 401, 404)


def test_nothing_secret_or_personal_is_in_the_log(gateway: Live, buyer: int) -> None:
    """Names, numbers and addresses of a document, keys, secrets, tokens, signatures: none."""
    number = gateway.create(invoice(buyer, uwagi="TAJNE", numer="SECRET/1")).json()
    found = number["invoice"]["invoice_id"]
    gateway.get(f"invoices/show.json?id={found}", auth=auth(signature_type="QUERY"))
    gateway.get("clients.json?nip=945-212-16-81")
    gateway.get("clients.json", auth=auth(client_secret="WRONGSECRET"))
    text = json.dumps(gateway.lines(4))
    hidden = ["TAJNE", "SECRET", "945", "Firma", "a@b.pl", "ACCTOK", "ACCSEC", "ckey", "oauth_"]
    assert [word for word in hidden if word in text] == []
    assert str(found) not in text
