"""A gateway that really listens: in a thread of the tests' own, in front of a stand-in."""

import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from attrs import define, evolve, field
from requests_oauthlib import OAuth1
from sqlalchemy import select

from infakt_compat.dropin.config import Gateway, read
from infakt_compat.dropin.gateway import Application
from infakt_compat.dropin.server import Server, address, bind
from infakt_compat.standin import StandIn
from infakt_compat.store.schema import answers
from infakt_compat.v3 import Clock

Tree = dict[str, Any]

CONSUMER, CONSUMER_SECRET = "ckey", "csecret"
TOKEN, TOKEN_SECRET = "ACCTOK", "ACCSEC"


def account(name: str, v3: str, key_file: Path, consumer: str = CONSUMER) -> str:
    """Write an account with one token that a caller has held for years."""
    return f"""
[accounts.{name}]
v3_key_file = "{key_file}"
base_url = "{v3}"
consumer_key = "{consumer}"
consumer_secret = "{CONSUMER_SECRET}"
[[accounts.{name}.tokens]]
token = "{TOKEN}-{name}"
secret = "{TOKEN_SECRET}"
"""


def secret_file(path: Path, text: str) -> Path:
    """Write a file that only its owner can read."""
    path.write_text(text)
    path.chmod(0o600)
    return path


def write_config(
    folder: Path, v3: StandIn, *, accounts: Mapping[str, str] | None = None, more: str = ""
) -> Path:
    """Write gateway.toml: accounts by name with their v3 keys, by default one named shop."""
    secret_file(folder / "gateway.key", "k" * 40)
    text = f"""
listen = "127.0.0.1:0"
store = "store.sqlite3"
limits = "off"
base_url = "{v3.url}"
{more}
"""
    for name, key in (accounts or {"shop": v3.api_key}).items():
        path = secret_file(folder / f"{name}.v3key", key)
        text += account(name, v3.url, path, f"{CONSUMER}-{name}")
    return secret_file(folder / "gateway.toml", text)


def auth(name: str = "shop", **more: Any) -> OAuth1:
    """Sign as the caller of an account does."""
    settings = {
        "client_key": f"{CONSUMER}-{name}",
        "client_secret": CONSUMER_SECRET,
        "resource_owner_key": f"{TOKEN}-{name}",
        "resource_owner_secret": TOKEN_SECRET,
    }
    return OAuth1(**{**settings, **more})


@define
class Live:
    """A gateway that listens."""

    url: str
    application: Application
    server: Server
    log: io.StringIO
    thread: threading.Thread = field(repr=False)
    session: requests.Session = field(factory=requests.Session, repr=False)

    @property
    def port(self) -> int:
        """The port on loopback."""
        return int(self.url.rpartition(":")[2])

    def get(self, path: str, name: str = "shop", **more: Any) -> requests.Response:
        """Call by GET, signed."""
        return self.call("GET", path, name, **more)

    def call(self, method: str, path: str, name: str = "shop", **more: Any) -> requests.Response:
        """Call, signed as the caller of an account."""
        settings = {"auth": auth(name), "timeout": 10, **more}
        return self.session.request(method, f"{self.url}/api/v2/{path}", **settings)

    def plain(self, path: str, method: str = "GET", **more: Any) -> requests.Response:
        """Call without a signature."""
        return self.session.request(method, self.url + path, timeout=10, **more)

    def create(self, tree: Tree, name: str = "shop", **more: Any) -> requests.Response:
        """Create an invoice from JSON."""
        return self.call("POST", "invoices/create.json", name, json=tree, **more)

    def raw(self, data: bytes, *, wait: float = 5.0) -> bytes:
        """Send bytes and give all that comes back until the end of the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as connection:
            connection.sendall(data)
            return received(connection)

    def lines(self, least: int = 1) -> list[Tree]:
        """Give the log: a line is written when its answer has gone, so wait for so many."""
        self.until(lambda: self.log.getvalue().count("\n") >= least)
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def until_told(self) -> None:
        """Wait until it is noted that the callers of all creates have their answers."""
        untold = select(answers.c.digest).where(answers.c.delivered_at.is_(None)).limit(1)
        database = self.application.store.database
        self.until(lambda: database.read(lambda one: one.execute(untold).first()) is None)

    def until(self, done: Callable[[], bool]) -> None:
        """Wait for something that follows upon an answer."""
        end = time.monotonic() + 5
        while not done():
            assert time.monotonic() < end
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop it gracefully."""
        self.session.close()
        self.server.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()


def wire(request: requests.Request) -> bytes:
    """Give the bytes of a request, for a connection that ends with its answer."""
    prepared = request.prepare()
    body = prepared.body or b""
    assert isinstance(body, bytes)
    names = {"Host": "x", "Connection": "close", **prepared.headers}
    lines = [f"{n}: {v if isinstance(v, str) else v.decode()}" for n, v in names.items()]
    head = [f"{prepared.method} {prepared.path_url} HTTP/1.1", *lines, "", ""]
    return "\r\n".join(head).encode() + body


def received(connection: socket.socket) -> bytes:
    """Read to the end of a connection."""
    found = b""
    while piece := connection.recv(65536):
        found += piece
    return found


@contextmanager
def serving(
    config: Gateway, *, threads: int = 8, grace: float = 10, clock: Clock | None = None
) -> Iterator[Live]:
    """Serve a configuration on a free port."""
    bound = bind("127.0.0.1:0")
    config = evolve(config, listen=address(bound))
    log = io.StringIO()
    application = Application(config, log=log, clock=clock)
    server = Server(application, bound, threads=threads, grace=grace)
    thread = threading.Thread(target=server.run, name="gateway")
    thread.start()
    live = Live(f"http://{config.listen}", application, server, log, thread)
    try:
        yield live
    finally:
        live.stop()
        application.close()


def configured(folder: Path, v3: StandIn, **more: Any) -> Gateway:
    """Write a configuration, and read it as the gateway does."""
    return read(write_config(folder, v3, **more))
