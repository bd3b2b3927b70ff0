"""An adapter in every requests session of this process, however the session was made."""

from collections.abc import Callable
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

#: Where v2 was.
HOST = "www.infakt.pl"
_SCHEMES = ("http", "https")


def answer_everywhere(adapter: BaseAdapter) -> Callable[[], None]:
    """Let an adapter answer for www.infakt.pl in all sessions; gives what ends that.

    Sessions that are there already, those of `requests.get`, and those whose class has an
    `__init__` of its own: they all ask `Session.get_adapter`. Closing a session leaves the adapter
    open.
    """
    before = requests.Session.get_adapter

    def get_adapter(session: requests.Session, url: str | bytes) -> BaseAdapter:
        text = url.decode() if isinstance(url, bytes) else url
        return adapter if _is_v2(text) else before(session, text)

    def end() -> None:
        requests.Session.get_adapter = before  # type: ignore[method-assign]

    requests.Session.get_adapter = get_adapter  # type: ignore[method-assign,assignment]
    return end


def _is_v2(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme.lower() in _SCHEMES and (parts.hostname or "").rstrip(".") == HOST
