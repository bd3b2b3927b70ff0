"""TLS 1.2 or newer, and certificates that are checked (v3-wire 0), on real connections."""

import socket
import ssl
import subprocess
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from infakt_compat.v3 import Backoff, OutcomeUnknown, Unreachable, V3Client, new_session

from .conftest import Make
from .servers import Scripted, reply
from .support import INVOICE, KEY

LIST = reply(200, {"metainfo": {"total_count": 3}, "entities": []})
CONFIG = """
[req]
prompt = no
distinguished_name = name
x509_extensions = more
[name]
CN = 127.0.0.1
[more]
subjectAltName = IP:127.0.0.1
basicConstraints = critical, CA:TRUE
keyUsage = critical, digitalSignature, keyCertSign
"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Answer a certificate for this machine and its key, made for this run."""
    folder = tmp_path_factory.mktemp("tls")
    (folder / "config").write_text(CONFIG)
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    files = ["-config", "config", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*command.split(), *files], cwd=folder, check=True, capture_output=True)
    return str(folder / "cert.pem"), str(folder / "key.pem")


def server(certificate: tuple[str, str], version: ssl.TLSVersion) -> ssl.SSLContext:
    """Make a server's context that speaks one version only, however old."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    only(context, version)
    return context


def only(context: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    """Let a context speak one version, with ciphers that old ones need."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = version
        context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")


@pytest.fixture
def secure(certificate: tuple[str, str], request: pytest.FixtureRequest) -> Iterator[Scripted]:
    """Answer a server of one version of TLS."""
    with Scripted(server(certificate, request.param)) as running:
        running.answers(LIST)
        yield running


def client(make: Make, url: str, verify: bool | str) -> V3Client:
    """Make a client that trusts a file of certificates and tries once."""
    session = new_session(verify)
    return make(KEY, url, session=session, backoff=Backoff(attempts=1))


@pytest.mark.parametrize("secure", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], indirect=True)
def test_new_versions(secure: Scripted, make: Make, certificate: tuple[str, str]) -> None:
    """TLS 1.2 and 1.3 are spoken."""
    v3 = client(make, secure.url, certificate[0])
    assert v3.invoices.list().total_count == 3
    v3._transport.session.close()


@pytest.mark.parametrize("secure", [ssl.TLSVersion.TLSv1_1], indirect=True)
def test_old_version(secure: Scripted, make: Make, certificate: tuple[str, str]) -> None:
    """TLS 1.1 is not, by a server that would; no write is in doubt by that."""
    willing = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    willing.load_verify_locations(certificate[0])
    only(willing, ssl.TLSVersion.TLSv1_1)
    address = ("127.0.0.1", int(secure.root.rsplit(":", 1)[1]))
    plain = socket.create_connection(address)
    with willing.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
        assert connection.version() == "TLSv1.1"
    v3 = client(make, secure.url, certificate[0])
    with pytest.raises(Unreachable, match="SSLError"):
        v3.invoices.list()
    with pytest.raises(Unreachable, match="SSLError"):
        v3.invoices.create(INVOICE)
    with pytest.raises(Unreachable, match="SSLError"):
        v3.invoices.delete("a")
    assert secure.requests == []
    v3._transport.session.close()


@pytest.mark.parametrize("secure", [ssl.TLSVersion.TLSv1_3], indirect=True)
def test_unknown_certificate(secure: Scripted, make: Make) -> None:
    """A certificate that nobody vouches for ends it before the key is sent."""
    v3 = client(make, secure.url, True)
    with pytest.raises(Unreachable, match="SSLError"):
        v3.invoices.list()
    with pytest.raises(Unreachable):
        v3.invoices.delete("a")
    assert secure.requests == []
    v3._transport.session.close()


@pytest.mark.parametrize("secure", [ssl.TLSVersion.TLSv1_3], indirect=True)
def test_wrong_host(secure: Scripted, make: Make, certificate: tuple[str, str]) -> None:
    """So does a certificate for another host."""
    v3 = client(make, secure.url.replace("127.0.0.1", "localhost"), certificate[0])
    with pytest.raises(Unreachable, match="SSLError"):
        v3.invoices.list()
    assert secure.requests == []
    v3._transport.session.close()


class HangsUp(ssl.SSLContext):
    """A server's side of TLS that ends before it has begun."""

    def wrap_socket(self, *_: Any, **__: Any) -> Any:
        """Close the connection."""
        raise OSError("closed")


def test_broken_handshake(make: Make, certificate: tuple[str, str]) -> None:
    """A body that was never begun cannot have been acted on; without a body nobody knows."""
    with Scripted(HangsUp(ssl.PROTOCOL_TLS_SERVER)) as hanging_up:
        v3 = client(make, hanging_up.url, certificate[0])
        with pytest.raises(Unreachable):
            v3.invoices.create(INVOICE)
        with pytest.raises(OutcomeUnknown):
            v3.invoices.delete("a")
        v3._transport.session.close()


def test_through_a_proxy(make: Make) -> None:
    """The way through a proxy has the same context, and a proxy that is away leaves no doubt."""
    session = new_session()
    session.proxies["https"] = "http://127.0.0.1:1"
    adapter = session.get_adapter("https://v3.example/")
    manager = adapter.proxy_manager_for("http://127.0.0.1:1")  # type: ignore[attr-defined]
    context = manager.connection_pool_kw["ssl_context"]
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    v3 = make(KEY, "https://v3.example/api/v3", session=session, backoff=Backoff(attempts=1))
    with pytest.raises(Unreachable, match="ProxyError"):
        v3.invoices.submit(INVOICE)
    session.close()
