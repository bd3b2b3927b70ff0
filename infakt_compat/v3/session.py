"""The HTTP session: TLS 1.2 or newer, no cookies, no redirects; and the key that must not show."""

import io
import re
import ssl
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from infakt_compat import __version__

KEY_HEADER = "X-inFakt-ApiKey"
#: v3's own (seed 001 section 1, v3-wire 0).
PRODUCTION = "https://api.infakt.pl/api/v3"
SANDBOX = "https://api.sandbox-infakt.pl/api/v3"

_VISIBLE = re.compile(r"[!-~]+")
_CONNECTIONS = 32


class ApiKey(AuthBase):
    """An API key; it goes into the header and nowhere else.

    As requests' `auth` it also keeps a .netrc from adding credentials of its own.
    """

    def __init__(self, key: str) -> None:
        """Refuse what no header can hold, without quoting it: requests' own error would."""
        if not isinstance(key, str) or _VISIBLE.fullmatch(key) is None:
            raise ValueError("the API key is empty or has characters that no key has")
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the key into the header."""
        request.headers[KEY_HEADER] = self._key
        return request

    def __repr__(self) -> str:
        return "ApiKey(***)"

    def __reduce__(self) -> Any:
        raise TypeError("an API key is not written anywhere")

    def reveal(self) -> str:
        """Give the key itself, for the name of its windows and for masking."""
        return self._key

    def mask(self, content: bytes) -> bytes:
        """Take the key out of what v3 said: some services quote it in a 401."""
        return content.replace(self._key.encode(), b"***")


class TlsAdapter(HTTPAdapter):
    """Connections of TLS 1.2 or newer, also through a proxy (v3-wire 0)."""

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        """Give the pool our context."""
        super().init_poolmanager(
            connections, maxsize, block, ssl_context=tls_context(), **pool_kwargs
        )

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """Give a proxy's pool our context, too."""
        return super().proxy_manager_for(proxy, ssl_context=tls_context(), **proxy_kwargs)


def tls_context() -> ssl.SSLContext:
    """Make a context that checks certificates and host names; requests adds the authorities."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def new_session(verify: bool | str = True) -> requests.Session:
    """Make a session for `V3Client`; `verify` may name a file of certificate authorities."""
    if verify is False:
        raise ValueError("certificates are always checked")
    session = requests.Session()
    session.verify = verify
    session.headers["User-Agent"] = f"infakt-compat/{__version__}"
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, TlsAdapter(pool_maxsize=_CONNECTIONS))
    return session


class Payload(io.BytesIO):
    """A body that knows whether its sending has begun.

    The headers go first; a request whose body was never read is one that v3 cannot have acted on.
    """

    begun = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and remember it."""
        self.begun = True
        return super().read(size)


def checked_base(url: str, plain_http: bool) -> str:
    """Give a base URL without a final slash; refuse what would show the key or be no base.

    Plain HTTP is for this machine only (a stand-in), unless the caller says otherwise.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("the base URL starts with https:// and a host")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("the base URL has no user, password, query or fragment")
    if parts.scheme == "http" and not plain_http and not _here(parts.hostname):
        raise ValueError("the API key does not go over plain HTTP to another machine")
    return url.rstrip("/")


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
