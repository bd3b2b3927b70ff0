"""Callers in Ruby and PHP that know nothing of this project, and nginx under v2's own name."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from argon2 import PasswordHasher
from attrs import frozen

from infakt_compat.dropin.config import read
from infakt_compat.dropin.passwords import new_hash
from infakt_compat.standin import StandIn
from tests.v2_invoice import documents, invoice

from .live import CONSUMER_SECRET, Live, auth, serving, write_config

CALLERS = Path(__file__).parent / "callers"
NAME = "www.infakt.pl"
USER, PASSWORD = "testuser", "aeVaa9 eRena+ż"
LOGIN = ("ckey-shop", CONSUMER_SECRET, USER, PASSWORD)


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip where a program is missing, and say which."""
    missing = [program for program in programs if _program(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"no {', '.join(missing)} here")


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def _works(*command: str) -> bool:
    """Say whether a command ends well: an interpreter may lack the library."""
    if _program(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def gateway(v3: StandIn, tmp_path: Path) -> Iterator[Live]:
    """Give a gateway with a user who can log in."""
    path = write_config(tmp_path, v3)
    password = new_hash(PASSWORD, PasswordHasher(time_cost=1, memory_cost=1024))
    with path.open("a") as file:
        file.write(f'[accounts.shop.users.{USER}]\npassword = "{password}"\n')
    with serving(read(path)) as live:
        yield live


def run(*command: str) -> dict[str, Any]:
    """Run a caller to its end, and give what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.skipif(not _works("ruby", "-roauth", "-e", "1"), reason="no Ruby with oauth here")
def test_a_cron_job_in_ruby(gateway: Live, v3: StandIn) -> None:
    """Its gem signs JSON with a body hash, and forms whole."""
    assert run("ruby", str(CALLERS / "shop.rb"), gateway.url, *LOGIN) == {
        "found": True, "uwagi": 'zażółć "gęślą" + jaźń', "brutto": 246.0, "paid": True,
        "listed": True, "pdf": "%PDF", "deleted": True, "xml": True,
    }  # fmt: skip
    assert [row["status"] for row in documents(v3)] == ["paid"]


PHP = _works("php", "-r", "exit(function_exists('curl_init') ? 0 : 1);")
SHOP = {
    "nobody": [], "found": True, "numer": True, "uwagi": "Zamówienie: 17", "brutto": 143.99,
    "pdf": ["%PDF", "%PDF"], "user_data": True,
}  # fmt: skip


@pytest.mark.skipif(not PHP, reason="no PHP with curl here")
def test_a_shop_in_php(gateway: Live, v3: StandIn) -> None:
    """It signs the query and not its JSON, waits for 100-continue, and fetches the PDF twice."""
    found = run("php", str(CALLERS / "shop.php"), gateway.url, *LOGIN)
    assert found.pop("link").startswith(gateway.url)
    assert found == SHOP
    assert [row["notes"] for row in documents(v3)] == ["Zamówienie: 17"]


@frozen
class Nginx:
    """An nginx with a certificate of our own for v2's name."""

    port: int
    certificate: Path

    def call(self, method: str, path: str, **more: Any) -> tuple[int, bytes]:
        """Call as somebody does for whom DNS says that this is www.infakt.pl."""
        request = requests.Request(method, f"https://{NAME}{path}", **more).prepare()
        context = ssl.create_default_context(cafile=str(self.certificate))
        connection = http.client.HTTPSConnection(NAME, context=context)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection.sock = context.wrap_socket(plain, server_hostname=NAME)
        with closing(connection):
            connection.request(method, request.path_url, request.body, dict(request.headers))
            answer = connection.getresponse()
            return answer.status, answer.read()


MAIN = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@pytest.fixture
def nginx(gateway: Live, tmp_path: Path) -> Iterator[Nginx]:
    """Run nginx with the README's text in front of the gateway, on a high port."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    key, certificate = folder / "key", folder / "crt"
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*new, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text = (CALLERS / "nginx.conf").read_text()
    for before, after in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        f"/etc/infakt-compat/{NAME}.crt": str(certificate),
        f"/etc/infakt-compat/{NAME}.key": str(key),
        "127.0.0.1:8082": f"127.0.0.1:{gateway.port}",
    }.items():
        assert before in text
        text = text.replace(before, after)
    (folder / "site.conf").write_text(text)
    (folder / "main.conf").write_text(MAIN.format(folder=folder))
    with _nginx(folder, port):
        yield Nginx(port, certificate)


@contextmanager
def _nginx(folder: Path, port: int) -> Iterator[None]:
    program = _program("nginx")
    assert program is not None
    command = [program, "-p", str(folder), "-c", str(folder / "main.conf")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + 10
            while not _listens(port):
                assert process.poll() is None, (folder / "error.log").read_text()
                assert time.monotonic() < until
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@needs("nginx", "openssl")
def test_behind_nginx_as_www_infakt_pl(nginx: Nginx, gateway: Live, buyer: int) -> None:
    """Signatures for https://www.infakt.pl hold, whatever their spelling; links lead there."""
    create = "/api/v2/invoices/create.json"
    status, text = nginx.call("POST", create, json=invoice(buyer), auth=auth())
    assert status == 200, text
    number = json.loads(text)["invoice"]["invoice_id"]
    spelled = f"/api/v2/invoices/pdf.json?id={number}&a=%7e%2D+%C5%BC&b"
    status, text = nginx.call("GET", spelled, auth=auth())
    link = json.loads(text)["pdf"]
    assert link.startswith(f"https://{NAME}/files/pdfs/")
    assert nginx.call("GET", link.partition(NAME)[2])[1].startswith(b"%PDF")
    for path in ("/", "/metrics", "/healthz", "/admin"):
        assert nginx.call("GET", path)[0] == 404
    assert nginx.call("GET", "/api/v2/clients.json")[0] == 401
    assert nginx.call("POST", create, data=b"a" * 11_000_000, auth=auth())[0] == 413
    assert gateway.plain("/healthz").status_code == 200


@needs("nginx", "openssl")
@pytest.mark.skipif(not PHP, reason="no PHP with curl here")
def test_the_shop_in_php_behind_nginx(nginx: Nginx) -> None:
    """The unmodified shop: it knows https://www.infakt.pl alone."""
    where = [f"127.0.0.1:{nginx.port}", str(nginx.certificate)]
    found = run("php", str(CALLERS / "shop.php"), f"https://{NAME}", *LOGIN, *where)
    assert found.pop("link").startswith(f"https://{NAME}/files/pdfs/")
    assert found == SHOP
