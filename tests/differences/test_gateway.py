"""The differences of the gateway as a server, each with its number of `differences.toml`."""

import socket
from contextlib import closing
from pathlib import Path
from typing import Any

import requests

from infakt_compat.standin import StandIn
from tests.dropin.live import auth, configured, received, serving, wire
from tests.v2_invoice import client_of, documents, invoice

CREATE = "/api/v2/invoices/create.json"


def test_difference_61_links_of_own_api_keys(current: StandIn, tmp_path: Path) -> None:
    """It is good while the process runs that knows the key, and not in the next one."""
    config = configured(tmp_path, current, more="own_api_keys = true")
    own: dict[str, Any] = {"auth": None, "headers": {"X-inFakt-ApiKey": current.api_key}}
    with serving(config) as live:
        number = live.create(invoice(client_of(current)), **own).json()["invoice"]["invoice_id"]
        link = live.get(f"invoices/pdf/{number}.json", **own).json()["pdf"]
        path = "/files" + link.partition("/files")[2]
        assert live.plain(path).status_code == 200
    with serving(config) as live:
        assert live.plain(path).status_code == 404


def test_difference_62_how_large_a_request_may_be(current: StandIn, tmp_path: Path) -> None:
    """What is larger is refused before it is read; that slow ones end is a test of channels."""
    head = f"POST {CREATE} HTTP/1.1\r\nHost: x\r\n".encode()
    with serving(configured(tmp_path, current)) as live:
        for more, status in (
            (b"Content-Length: 10485761\r\n\r\n", b" 413 "),
            (b"A: " + b"a" * 32_768 + b"\r\n\r\n", b" 431 "),
            (b"A: a\r\n" * 100 + b"\r\n", b" 431 "),
        ):
            assert status in live.raw(head + more).splitlines()[0]
        assert b" 414 " in live.raw(b"GET /?" + b"a" * 16_384 + b" HTTP/1.1\r\n\r\n")


def test_difference_63_who_counts_as_answered(current: StandIn, tmp_path: Path) -> None:
    """A caller who hung up gets the same answer, one who was answered another invoice."""
    with serving(configured(tmp_path, current)) as live:
        tree = invoice(client_of(current))

        def caller() -> tuple[socket.socket, bytes]:
            url = f"{live.url}{CREATE}"
            request = wire(requests.Request("POST", url, json=tree, auth=auth()))
            return socket.create_connection(("127.0.0.1", live.port), timeout=10), request

        fault = current.fault("delay", seconds=0.2, method="POST", times=1)
        connection, request = caller()
        with closing(connection):
            connection.sendall(request)
            live.until(lambda: fault.hits == 1)
        live.lines()
        for number in (1, 2):
            connection, request = caller()
            with closing(connection):
                connection.sendall(request)
                assert b" 200 " in received(connection).splitlines()[0]
            live.until_told()
            assert len(documents(current)) == number
