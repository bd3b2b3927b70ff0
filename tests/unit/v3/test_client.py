"""The client itself: key, base URL, sessions, and the HTTP that leaves it."""

import copy
import pickle
from typing import Any

import pytest
import requests
from attrs import evolve

from infakt_compat.v3 import (
    PRODUCTION,
    SANDBOX,
    BrokenAnswer,
    Clock,
    NoAnswer,
    OutcomeUnknown,
    Timeouts,
    V3Client,
    new_session,
)
from infakt_compat.v3.session import ApiKey, Payload
from infakt_compat.v3.transport import MOST_BYTES
from infakt_compat.v3.waits import Backoff, Deadline

from .conftest import Make
from .servers import Scripted, reply, slowly
from .support import INVOICE, KEY

LIST = reply(200, {"metainfo": {"total_count": 0}, "entities": []})


def test_hosts() -> None:
    """As v3-wire 0 gives them; production is where a client goes."""
    with V3Client(KEY) as v3:
        assert v3.base_url == PRODUCTION == "https://api.infakt.pl/api/v3"
        assert v3.dialect.name == "current"
    assert SANDBOX == "https://api.sandbox-infakt.pl/api/v3"


def test_key_does_not_show(make: Make) -> None:
    """Neither in the client's repr nor in that of anything in it."""
    v3 = make(KEY, SANDBOX, "classic")
    assert repr(v3) == f"V3Client({SANDBOX!r}, dialect='classic')"
    for inside in (v3._transport, v3._api, v3.invoices, v3._transport.key):
        assert KEY not in repr(inside)
    assert KEY not in str(vars(v3))
    with pytest.raises(TypeError):
        pickle.dumps(v3._transport.key)
    with pytest.raises(TypeError):
        copy.copy(v3._transport.key)


@pytest.mark.parametrize("key", ["", " ", "a b", "a\n", "\r\nHost: x", "ż", None, b"abc"])
def test_impossible_keys(key: Any) -> None:
    """Refused at once, and not quoted: the error of the HTTP library would."""
    with pytest.raises(ValueError, match="API key") as caught:
        V3Client(key)
    assert not key or str(key).strip() == "" or str(key) not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.infakt.pl",
        "ftp://api.infakt.pl",
        "https://",
        "https://user:secret@api.infakt.pl",
        "https://api.infakt.pl/api/v3?x=1",
        "https://api.infakt.pl/api/v3#x",
        "http://api.infakt.pl/api/v3",
        "http://10.0.0.1/api/v3",
        "http://127.0.0.1.evil.example/api/v3",
    ],
)
def test_impossible_bases(url: str) -> None:
    """No base, or one over which the key could be read."""
    with pytest.raises(ValueError, match=r"base URL|plain HTTP") as caught:
        V3Client(KEY, url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/api/v3/",
        "http://localhost/api/v3",
        "http://[::1]:8080",
        "http://v3.localhost",
        "https://v3.example/api/v3/",
    ],
)
def test_possible_bases(make: Make, url: str) -> None:
    """Over TLS, or on this machine; a final slash does not matter."""
    assert make(KEY, url).base_url == url.rstrip("/")
    assert make(KEY, "http://standin/api/v3", plain_http=True)


def test_unknown_dialect() -> None:
    """Refused at once."""
    with pytest.raises(ValueError, match="dialect"):
        V3Client(KEY, dialect="v2")  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [0, -1])
def test_timeouts_always(seconds: float) -> None:
    """There is no way to wait for ever."""
    for name in ("connect", "read", "total"):
        with pytest.raises(ValueError, match="timeout"):
            Timeouts(**{name: seconds})


def test_headers(scripted: Scripted, make: Make) -> None:
    """The key in its header, JSON both ways, our name, and nobody else's credentials."""
    v3 = make(KEY, scripted.url)
    scripted.answers(LIST, reply(200, {"id": 1}), reply(200, b"%PDF-1.4 %%EOF"))
    v3.invoices.list({"number_eq": "1/05/2026"})
    v3.invoices.update("a-b", {"notes": "Zażółć"})
    v3.invoices.pdf("a-b")
    read, write, pdf = (request.split("\r\n") for request in scripted.requests)
    assert (
        read[0]
        == "GET /api/v3/invoices.json?q%5Bnumber_eq%5D=1%2F05%2F2026&offset=0&limit=100 HTTP/1.1"
    )
    assert f"X-inFakt-ApiKey: {KEY}" in read
    assert "Accept: application/json" in read
    assert "Content-Type: application/json" in write
    assert not any(line.startswith("Content-Type") for line in read)
    assert any(line.startswith("User-Agent: infakt-compat/") for line in read)
    assert write[-1] == '{"invoice":{"notes":"Zażółć"}}'
    assert f"Content-Length: {len(write[-1].encode())}" in write
    assert any(line.startswith("Accept: application/pdf") for line in pdf)
    assert not any(line.startswith("Authorization") for line in read + write + pdf)


def test_no_netrc(
    scripted: Scripted, make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """A .netrc for the host adds nothing."""
    (tmp_path / "netrc").write_text("default login jan password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    scripted.answers(LIST)
    make(KEY, scripted.url).invoices.list()
    assert "Authorization" not in scripted.requests[0]


def test_connections_are_kept(scripted: Scripted, make: Make) -> None:
    """Ten calls, with and without bodies, one connection."""
    v3 = make(KEY, scripted.url)
    scripted.answers(LIST, reply(204), reply(404, {"error": "Nie."}), LIST)
    v3.invoices.list()
    v3.invoices.delete("a")
    with pytest.raises(Exception, match="Nie"):
        v3.invoices.show("a")
    for _ in range(7):
        v3.invoices.list()
    assert scripted.connections == 1


def test_what_is_bounded_closes_nothing(scripted: Scripted) -> None:
    """The connections belong to the client that it was made of."""
    scripted.answers(LIST)
    with V3Client(KEY, scripted.url, limits="off") as v3:
        for _ in range(2):
            with v3.bounded(5) as bound:
                bound.invoices.list()
    assert scripted.connections == 1


def test_no_cookies(scripted: Scripted, make: Make) -> None:
    """What v3 may want to remember by a cookie is not sent back."""
    scripted.answers(reply(200, {"metainfo": {"total_count": 0}, "entities": []}, Set_Cookie="a=b"))
    v3 = make(KEY, scripted.url)
    v3.invoices.list()
    v3.invoices.list()
    assert "Cookie" not in scripted.requests[1]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_key_follows_nobody(scripted: Scripted, make: Make, status: int) -> None:
    """A redirect to another host, or the same, is not followed."""
    with Scripted() as other:
        scripted.answers(reply(status, Location=f"{other.root}/api/v3/invoices.json"))
        with pytest.raises(BrokenAnswer):
            make(KEY, scripted.url).invoices.list()
        assert other.requests == []
    assert len(scripted.requests) == 1


def test_a_redirect_to_nowhere(scripted: Scripted, make: Make) -> None:
    """A Location that is no URL does no harm."""
    scripted.answers(reply(301, Location="http://["))
    with pytest.raises((BrokenAnswer, NoAnswer)):
        make(KEY, scripted.url, backoff=Backoff(attempts=1)).invoices.list()
    with pytest.raises((BrokenAnswer, OutcomeUnknown)):
        make(KEY, scripted.url).invoices.submit(INVOICE)


def test_session_of_ones_own(scripted: Scripted) -> None:
    """It is used, and it is not closed."""
    scripted.answers(LIST)
    with requests.Session() as session:
        session.headers["X-Mine"] = "yes"
        with V3Client(KEY, scripted.url, session=session) as v3:
            v3.invoices.list()
        v3.invoices.list()
        assert "X-Mine: yes" in scripted.requests[1]
        assert KEY not in str(session.headers)
    assert scripted.connections == 1


def test_certificates_are_always_checked() -> None:
    """There is no switch for it."""
    with pytest.raises(ValueError, match="checked"):
        new_session(verify=False)


class TestSlowAnswers:
    """Timeouts, of a silence and of the whole; the time here is real."""

    def client(self, make: Make, url: str, read: float, total: float, **more: Any) -> V3Client:
        """Make a client that tries once."""
        timeouts = Timeouts(connect=1, read=read, total=total)
        once = Backoff(attempts=1)
        return make(KEY, url, "classic", timeouts=timeouts, backoff=once, clock=Clock(), **more)

    def test_silence(self, scripted: Scripted, make: Make) -> None:
        """No answer in time: a read fails, a write is in doubt."""
        v3 = self.client(make, scripted.url, 0.1, 5)
        scripted.script = lambda _: slowly(LIST, 0.3)
        with pytest.raises(NoAnswer, match="ReadTimeout"):
            v3.invoices.list()
        with pytest.raises(OutcomeUnknown):
            v3.invoices.create(INVOICE)

    def test_trickle(self, scripted: Scripted, make: Make) -> None:
        """An answer that comes byte by byte ends with the total, though no silence is long."""
        head, body = LIST.split(b"\r\n\r\n")
        v3 = self.client(make, scripted.url, 1, 0.2)

        def trickle(_: int) -> Any:
            yield head + b"\r\n\r\n"
            yield from slowly(body, 0.02)

        scripted.script = trickle
        clock = Clock()
        start = clock.now()
        with pytest.raises(BrokenAnswer, match="broke off"):
            v3.invoices.list()
        assert clock.now() - start < 0.2 + 0.5
        patient = self.client(make, scripted.url, 1, 30)
        assert patient.invoices.list().total_count == 0

    def test_a_read_ends_with_patience(self, scripted: Scripted, make: Make) -> None:
        """A read is not waited for longer than the caller waits, but a second at least."""
        v3 = self.client(make, scripted.url, 30, 30)
        transport = v3._transport
        read, write = v3._api.deadline(5), Deadline.after(Clock(), 5)
        from infakt_compat.v3.answers import Call, record

        assert transport._timeout(Call("GET", "/", record), read)[1] == pytest.approx(5, abs=0.1)
        assert transport._timeout(Call("PUT", "/", record), write)[1] == 30
        short = Deadline.after(Clock(), 0.01)
        assert transport._timeout(Call("GET", "/", record), short)[1] == 1.0


class TestStrangeBodies:
    """Compressed, chunked, cut off, endless."""

    @pytest.fixture
    def once(self, scripted: Scripted, make: Make) -> V3Client:
        """Answer a client that tries once."""
        return make(KEY, scripted.url, "classic", backoff=Backoff(attempts=1))

    def test_compressed(self, scripted: Scripted, once: V3Client) -> None:
        """Gzip is read, and broken gzip is a broken body."""
        import gzip

        whole = gzip.compress(b'{"metainfo":{"total_count":7},"entities":[]}')
        scripted.answers(reply(200, whole, Content_Encoding="gzip"))
        assert once.invoices.list().total_count == 7
        scripted.answers(reply(200, b"no gzip", Content_Encoding="gzip"))
        with pytest.raises(BrokenAnswer):
            once.invoices.list()

    def test_chunked(self, scripted: Scripted, once: V3Client) -> None:
        """Chunks are read; a last chunk that is missing is a broken body."""
        head = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        body = b'{"metainfo":{"total_count":7},"entities":[]}'
        chunk = b"%x\r\n%s\r\n" % (len(body), body)
        scripted.answers(head + chunk + b"0\r\n\r\n")
        assert once.invoices.list().total_count == 7
        scripted.answers(head + chunk)
        with pytest.raises(BrokenAnswer):
            once.invoices.list()

    def test_short(self, scripted: Scripted, once: V3Client) -> None:
        """Fewer bytes than were promised: done, and nobody knows what."""
        scripted.answers(
            b'HTTP/1.1 201 X\r\nContent-Length: 99\r\nConnection: close\r\n\r\n{"id":1}'
        )
        with pytest.raises(OutcomeUnknown) as caught:
            once.invoices.create(INVOICE)
        assert caught.value.done

    def test_endless(
        self, scripted: Scripted, once: V3Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An answer beyond all measure is not read to its end."""
        monkeypatch.setattr("infakt_compat.v3.transport.MOST_BYTES", 1000)
        scripted.answers(reply(200, b" " * 200_000 + b"{}"))
        with pytest.raises(BrokenAnswer):
            once.account.details()
        scripted.answers(reply(200, b" " * 900 + b"{}"))
        assert once.account.details() == {}
        assert MOST_BYTES == 64 * 1024 * 1024

    @pytest.mark.parametrize("said", [b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x15\x03"])
    def test_no_http(self, scripted: Scripted, once: V3Client, said: bytes) -> None:
        """What does not speak HTTP gives no answer."""
        scripted.script = lambda _: said + b"Connection: close"
        with pytest.raises((NoAnswer, BrokenAnswer)):
            once.invoices.list()
        with pytest.raises(OutcomeUnknown):
            once.invoices.create(INVOICE)

    @pytest.mark.parametrize("body", [b"", b"{}", b'{"error":"x"}', b"<html>"])
    def test_no_pdf(self, scripted: Scripted, once: V3Client, body: bytes) -> None:
        """What is no PDF is not handed on as one."""
        scripted.answers(reply(200, body))
        with pytest.raises(BrokenAnswer, match="no PDF"):
            once.invoices.pdf(1)

    @pytest.mark.parametrize("body", [{}, {"number": "1"}, [], "text", {"id": None}])
    def test_no_document(self, scripted: Scripted, once: V3Client, body: Any) -> None:
        """A document that cannot be named is none."""
        scripted.answers(reply(201, body))
        with pytest.raises(BrokenAnswer):
            once.invoices.show(1)
        with pytest.raises(OutcomeUnknown):
            once.invoices.create(INVOICE)


def test_payload() -> None:
    """A body knows whether its sending has begun."""
    payload = Payload(b"abc")
    assert not payload.begun
    assert payload.read(2) == b"ab"
    assert payload.begun


def test_a_key_masks_itself() -> None:
    """It takes itself out of what others say."""
    assert ApiKey(KEY).mask(f"x {KEY} y".encode()) == b"x *** y"


def test_clocks_can_be_changed() -> None:
    """Each source of time by itself."""
    assert evolve(Clock(), wall=lambda: 5.0).wall() == 5.0
