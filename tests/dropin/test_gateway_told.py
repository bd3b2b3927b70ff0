"""When a caller counts as told: once its answer has gone, and never when it had hung up before.

Until then an equal create gets the same answer instead of a second invoice (decisions.md 5).
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import requests
from attrs import evolve

from infakt_compat.dropin.gateway import VARIABLE, Application
from infakt_compat.dropin.messages import Answer, Request
from infakt_compat.dropin.server import Server, bind
from infakt_compat.dropin.wsgi import Environ, Sending, StartResponse, head
from infakt_compat.standin import StandIn
from tests.v2_invoice import documents, invoice

from .live import Live, auth, configured, received, wire, write_config

SLOW = 0.3
CREATE = "/api/v2/invoices/create.json"


def signed(url: str, client: int) -> bytes:
    """Give the bytes of a signed create."""
    return wire(requests.Request("POST", url + CREATE, json=invoice(client), auth=auth()))


def connected(url: str) -> socket.socket:
    """Connect to a gateway."""
    host, _, port = url.rpartition("//")[2].partition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def ask(url: str, client: int) -> int:
    """Create, and give the id that was answered."""
    with closing(connected(url)) as connection:
        connection.sendall(signed(url, client))
        answer = received(connection)
    assert b" 200 " in answer.splitlines()[0], answer
    number: int = json.loads(answer.rpartition(b"\r\n\r\n")[2])["invoice"]["invoice_id"]
    return number


def hang_up(url: str, client: int, v3: StandIn) -> None:
    """Create, and be gone before the answer: v3 takes longer than the caller waits."""
    fault = v3.fault("delay", seconds=SLOW, method="POST", times=1)
    with closing(connected(url)) as connection:
        connection.sendall(signed(url, client))
        _until(lambda: fault.hits == 1)
    _until(lambda: len(documents(v3)) == 1)


def _until(done: Callable[[], bool], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.01)


@contextmanager
def by_wsgiref(folder: Path, v3: StandIn) -> Iterator[str]:
    """Serve by Python's own simple server: one caller after the other."""

    class Quiet(WSGIRequestHandler):
        """Writes no log."""

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with make_server("127.0.0.1", 0, lambda *_: [], WSGIServer, Quiet) as server:
        listen = f"127.0.0.1:{server.server_port}"
        application = Application(evolve(configured(folder, v3), listen=listen))
        server.set_app(application)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://{listen}"
        finally:
            server.shutdown()
            thread.join()
            application.close()


@contextmanager
def by_gunicorn(folder: Path, v3: StandIn, *options: str) -> Iterator[str]:
    """Serve by gunicorn, where it is installed."""
    pytest.importorskip("gunicorn", reason="gunicorn is not installed")
    path = write_config(folder, v3)
    with closing(socket.create_server(("127.0.0.1", 0))) as bound:
        port = bound.getsockname()[1]
    path.write_text(path.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", *options]
    with subprocess.Popen(
        [*command, "infakt_compat.dropin.gateway:application()"],
        env={**os.environ, VARIABLE: str(path)},
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _until(lambda: _listens(port), 20)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_caller_that_was_answered_gets_a_second_invoice(
    gateway: Live, v3: StandIn, buyer: int
) -> None:
    """It closes right after the answer, as many do: it was told all the same."""
    first = ask(gateway.url, buyer)
    gateway.until_told()
    assert ask(gateway.url, buyer) != first
    assert len(documents(v3)) == 2


def test_a_caller_that_hung_up_gets_the_same_invoice(
    gateway: Live, v3: StandIn, buyer: int
) -> None:
    """Its repeat has a new nonce: one document, and the answer of the first."""
    hang_up(gateway.url, buyer, v3)
    gateway.lines()
    made = documents(v3)[0]["id"]
    assert ask(gateway.url, buyer) == made
    assert len(documents(v3)) == 1
    assert [(line["outcome"], line["sent"]) for line in gateway.lines(2)] == [
        ("done", False),
        ("done", True),
    ]


def test_wsgiref_tells_after_it_has_sent(tmp_path: Path, v3: StandIn, buyer: int) -> None:
    """It shows no socket: who was answered is told; and it decodes paths, which are rebuilt."""
    with by_wsgiref(tmp_path, v3) as url:
        first = ask(url, buyer)
        assert ask(url, buyer) != first
        spelled = f"{url}/api/v2/clients.json?nip=%2D&%C5%BC=%7e"
        with requests.get(spelled, auth=auth(), timeout=10) as answer:
            assert answer.status_code == 200
    assert len(documents(v3)) == 2


@pytest.mark.parametrize("options", [(), ("--threads", "4")], ids=["sync", "threads"])
def test_gunicorn_tells_after_it_has_sent(
    tmp_path: Path, v3: StandIn, buyer: int, options: tuple[str, ...]
) -> None:
    """Told when answered; not when the caller had hung up; the wire as it was sent."""
    with by_gunicorn(tmp_path, v3, *options) as url:
        hang_up(url, buyer, v3)
        made = documents(v3)[0]["id"]
        assert ask(url, buyer) == made
        _until(lambda: ask(url, buyer) != made)
        spelled = f"{url}/api/v2/clients.json?nip=%2D&%C5%BC=%7e"
        with requests.get(spelled, auth=auth(), timeout=10) as answer:
            assert answer.status_code == 200
    assert len(documents(v3)) == 2


class Large:
    """Answers with more than the operating system takes at once."""

    body = b"a" * 20_000_000
    quick: tuple[str, ...] = ()

    def __init__(self) -> None:
        """Begin with nobody told."""
        self.told = threading.Event()
        self.ended = threading.Event()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Sending:
        """Answer."""
        assert head(environ).path == "/"
        answer = Answer(200, "text/plain", self.body)
        return Sending(answer, environ, self.told.set, lambda _: self.ended.set()).start(
            start_response
        )

    def refuse(self, request: Request, status: int) -> Answer:
        """Refuse nothing here."""
        raise AssertionError((request, status))


@pytest.fixture
def large() -> Iterator[tuple[Large, tuple[str, int]]]:
    """Serve large answers."""
    application, bound = Large(), bind("127.0.0.1:0")
    server = Server(application, bound, threads=1, grace=1)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield application, bound.getsockname()
    server.stop()
    thread.join(10)


def test_what_is_still_being_sent_is_not_told(large: tuple[Large, tuple[str, int]]) -> None:
    """The application is done with it, the caller has not read it: only the last byte tells."""
    application, address = large
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert application.ended.wait(5)
        assert not application.told.wait(0.1)
        assert len(received(connection)) > len(Large.body)
        assert application.told.wait(5)


def test_a_caller_that_hangs_up_in_the_middle_is_not_told(
    large: tuple[Large, tuple[str, int]],
) -> None:
    """What was thrown away with the connection has not gone."""
    application, address = large
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert application.ended.wait(5)
    assert not application.told.wait(0.2)
