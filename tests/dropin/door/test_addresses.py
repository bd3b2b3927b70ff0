"""Addresses: what callers sign for, and who can reach the gateway."""

import pytest

from infakt_compat.dropin.addresses import base_url, endpoint, is_loopback, own_urls


@pytest.mark.parametrize(
    ("listen", "urls"),
    [
        ("127.0.0.1:8082", ["http://127.0.0.1:8082", "http://localhost:8082", "http://[::1]:8082"]),
        ("localhost:80", ["http://127.0.0.1", "http://localhost", "http://[::1]"]),
        ("0.0.0.0:9", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"]),
        ("10.0.0.1:9", ["http://10.0.0.1:9"]),
        ("[2001:db8::1]:9", ["http://[2001:db8::1]:9"]),
        ("Gateway.example:80", ["http://gateway.example"]),
        ("127.0.0.1:0", []),
    ],
)
def test_its_own_base_urls(listen: str, urls: list[str]) -> None:
    """All names that loopback has; no default port; none as long as the port is not known."""
    assert list(own_urls(listen)) == urls


def test_hosts_and_ports() -> None:
    """Brackets belong to IPv6 addresses."""
    assert endpoint("[::1]:8082") == ("::1", 8082)
    assert endpoint("gateway.example:0") == ("gateway.example", 0)
    for wrong in ("::1:80", "[host]", ":80", "host:", "host:x", "host:٣", "host:70000", "[h]:1"):
        with pytest.raises(ValueError, match="HOST:PORT"):
            endpoint(wrong)


@pytest.mark.parametrize(
    ("host", "only_here"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
     ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("gateway.example", False)],
)  # fmt: skip
def test_who_reaches_it(host: str, only_here: bool) -> None:
    """Loopback is this machine alone."""
    assert is_loopback(host) == only_here


def test_a_base_url_is_written_in_one_way() -> None:
    """As a signature's URL begins."""
    spellings = ("https://www.infakt.pl", "HTTPS://WWW.inFakt.pl:443/", "https://www.infakt.pl/")
    assert {base_url(text) for text in spellings} == {"https://www.infakt.pl"}
    assert base_url("http://a.example:443/v2") == "http://a.example:443/v2"
