"""The recorded requests of `tests/cases/v2_requests.toml`, each with what is known of it."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from infakt_compat.dropin.messages import Request

FILE = Path(__file__).parents[1] / "cases" / "v2_requests.toml"


@frozen
class Keys:
    """A caller's consumer key and secret, and the secrets of its tokens."""

    consumer: str
    consumer_secret: str
    tokens: Mapping[str, str]


@frozen
class Recorded:
    """A recorded request: `R3.4` is the fourth of section R3.

    `place` of the OAuth parameters is "header", "query" or "body"; `signed` is the method and
    `base` the base URL for which the signature verifies. All three are empty where there is no
    signature (a PDF's URL) or none that can be verified (R7).
    """

    name: str
    keys: Keys
    place: str
    signed: str
    base: str
    request: Request


@cache
def recorded() -> tuple[Recorded, ...]:
    """Give every recorded request, in the order of the file."""
    data = tomllib.loads(FILE.read_text("utf-8"))
    keys = {name: Keys(**values) for name, values in data["keys"].items()}
    return tuple(_recorded(case, keys) for case in data["request"])


def the(name: str) -> Recorded:
    """Give one by its name."""
    return next(one for one in recorded() if one.name == name)


def _recorded(case: Mapping[str, Any], keys: Mapping[str, Keys]) -> Recorded:
    signed, _, base = case.get("signed", "").partition(" ")
    first, *lines = case["head"].split("\n")
    method, target, version = first.split(" ")
    assert version == "HTTP/1.1"
    path, _, query = target.partition("?")
    headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
    request = Request(method, path, query, headers, case.get("body", "").encode())
    assert int(request.header("Content-Length") or 0) == len(request.body), case["name"]
    return Recorded(case["name"], keys[case["keys"]], case.get("place", ""), signed, base, request)
