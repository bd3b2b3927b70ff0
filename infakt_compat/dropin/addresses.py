"""Addresses: where the gateway listens, and the base URLs for which callers sign (v2-wire 4)."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from oauthlib.oauth1.rfc5849.signature import base_string_uri

Network = IPv4Network | IPv6Network

_MOST_PORT = 65_535


def endpoint(listen: str) -> tuple[str, int]:
    """Give host and port of HOST:PORT ([::1]:8082 for IPv6); raises `ValueError`."""
    host, colon, port = listen.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not (port.isascii() and port.isdigit()) or int(port) > _MOST_PORT:
        raise ValueError(f"is HOST:PORT, like 127.0.0.1:8082, not {listen!r}")
    if not host or (":" in host) != bracketed:
        raise ValueError(f"is HOST:PORT, [HOST]:PORT for IPv6, not {listen!r}")
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches a host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def own_urls(listen: str) -> tuple[str, ...]:
    """Give the base URLs of the gateway's own address, for callers that are told to use it."""
    host, port = endpoint(listen)
    hosts = [host]
    if is_loopback(host) or host in ("0.0.0.0", "::"):
        hosts = ["127.0.0.1", "localhost", "[::1]"]
    elif ":" in host:
        hosts = [f"[{host}]"]
    return tuple(base_url(f"http://{name}:{port}") for name in hosts if port)


def base_url(text: str) -> str:
    """Give a base URL as a signature's URL begins (RFC 5849 3.4.1.2); raises `ValueError`.

    The host in small letters, no default port, no slash at the end.
    """
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"is a list of URLs like https://www.infakt.pl, not {text!r}")
    if parts.query or parts.fragment or parts.username is not None or parts.password is not None:
        raise ValueError("a base URL has no user, password, query or fragment")
    if parts.path.rstrip("/").endswith("/api/v2"):
        raise ValueError(f"leave /api/v2 away from {text}: /oauth stands beside it")
    return base_string_uri(text).rstrip("/")


def network(text: str) -> Network:
    """Give an address or network (10.0.0.0/8); raises `ValueError`."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"holds addresses and networks like 10.0.0.0/8, not {text!r}") from None
