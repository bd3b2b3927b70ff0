"""OAuth 1.0a as a server reads it: the parameters of a request, and its signature (RFC 5849).

oauthlib encodes, sorts and signs. Its endpoints are not used: they have a clock of their own, take
a parameter that comes twice in the header for one, leave a form that they cannot decode out of the
signature, take different bytes for one when they are no UTF-8, and log the base string, in which
xAuth's password stands. Here what is not exact is refused.
"""

import binascii
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, unquote_plus

from attrs import evolve, field, frozen
from oauthlib.oauth1.rfc5849 import signature as rfc5849
from oauthlib.oauth1.rfc5849.utils import escape

from infakt_compat.dropin.messages import Request
from infakt_compat.dropin.secret import Secret
from infakt_compat.v3.session import KEY_HEADER

Pairs = tuple[tuple[str, str], ...]

_OAUTH, _XAUTH = OURS = ("oauth_", "x_auth_")
FORM = "application/x-www-form-urlencoded"

#: Bounds of our own: long enough for every key seen, too short to make anybody work for nothing.
_MOST_HEADER = 8_192
_MOST_VALUE = 1_024
_MOST_FIELDS = 10_000

_SCHEME = re.compile(r"oauth(?:\s+|$)", re.IGNORECASE)
#: Nothing is tried twice (++, *+): a long header takes no longer than its length.
_PARAMETER = re.compile(r'\s*+([^\s=",]++)\s*+=\s*+(?:"([^"]*+)"|([^\s",]*+))\s*+(?:,|$)')
#: A path as it may stand in a request line, without query and fragment.
_PATH = re.compile(r"/[!\"$->@-~]*")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_NEEDED = ("consumer_key", "signature_method", "signature", "timestamp", "nonce")
_PRIVATE_HEADERS = ("authorization", KEY_HEADER.lower())


class Malformed(Exception):
    """A request that cannot be verified, and why: fixed words, nothing of what the caller sent."""


@frozen
class Signed:
    """What a signed request says.

    `token` is empty where there is none; `given` are the parameters of query and form that are
    the caller's business, `xauth` those of xAuth by their names without x_auth_; `covered` is what
    the signature covers beside method and URL, encoded (RFC 5849 3.4.1.1).
    """

    consumer: str
    token: str = field(repr=False)
    nonce: str = field(repr=False)
    timestamp: int
    signature: str = field(repr=False)
    body_hash: str | None
    given: Pairs = field(repr=False)
    xauth: dict[str, str] = field(repr=False)
    covered: str = field(repr=False)


@frozen
class _Secrets:
    """The two secrets of a signature, as oauthlib wants them."""

    client_secret: str = field(repr=False)
    resource_owner_secret: str = field(repr=False)


def read(request: Request) -> Signed | None:
    """Read the parameters of a signed request; None for one without any OAuth parameter.

    Raises `Malformed`: parameters twice or in two places, one missing, another signature method
    than HMAC-SHA1, text that has no single meaning.
    """
    header, query, form = _header(request), _query(request), _form(request)
    places = [
        one for one in (header, query, form) if any(name.startswith(_OAUTH) for name, _ in one)
    ]
    if not places:
        return None
    if len(places) > 1:
        raise Malformed("OAuth parameters in two places")
    pairs = header + query + form
    ours = [pair for pair in pairs if pair[0].startswith(OURS)]
    if any(count > 1 for count in Counter(name for name, _ in ours).values()):
        raise Malformed("an OAuth parameter twice")
    if any(len(value) > _MOST_VALUE for _, value in ours):
        raise Malformed(f"an OAuth parameter with more than {_MOST_VALUE} characters")
    if not _PATH.fullmatch(request.path):
        raise Malformed("a path that is none")
    named = {name: value for name, value in ours if name.startswith(_OAUTH)}
    _check(named)
    signed = [pair for pair in pairs if pair[0] != "oauth_signature"]
    return Signed(
        consumer=named["oauth_consumer_key"],
        token=named.get("oauth_token", ""),
        nonce=named["oauth_nonce"],
        timestamp=int(named["oauth_timestamp"]),
        signature=named["oauth_signature"],
        body_hash=named.get("oauth_body_hash"),
        given=_given(query + form),
        xauth={name[len(_XAUTH) :]: value for name, value in ours if name.startswith(_XAUTH)},
        covered=escape(rfc5849.normalize_parameters(signed)),  # type: ignore[arg-type]  # pairs
    )


def signature(
    method: str, url: str, signed: Signed, consumer_secret: str, token_secret: str
) -> Secret:
    """Give the signature (base64) that a request to a URL without query ought to have."""
    base = f"{escape(method.upper())}&{escape(url)}&{signed.covered}"
    secrets = _Secrets(consumer_secret, token_secret)
    return Secret(rfc5849.sign_hmac_sha1_with_client(base, secrets))


def body_hash(body: bytes) -> Secret:
    """Give oauth_body_hash of a body: base64 of its SHA-1."""
    digest = hashlib.sha1(body, usedforsecurity=False).digest()
    return Secret(binascii.b2a_base64(digest, newline=False).decode())


def given(request: Request) -> Pairs:
    """Give the parameters of query and form of a request that is not signed; may be `Malformed`."""
    return _given(_query(request) + _form(request))


def stripped(request: Request) -> Request:
    """Give a request without all that authenticated it; the rest stays as on the wire."""
    headers = tuple(pair for pair in request.headers if pair[0].lower() not in _PRIVATE_HEADERS)
    body = request.body
    if is_form(request):
        body = _others(body.decode("latin-1")).encode("latin-1")
    return evolve(request, query=_others(request.query), headers=headers, body=body)


def is_form(request: Request) -> bool:
    """Say whether a body is a form, and so belongs to the signature."""
    kind = request.header("Content-Type") or ""
    return kind.partition(";")[0].strip().lower() == FORM


def _check(named: dict[str, str]) -> None:
    """Check what has to be there, before anything is looked up."""
    missing = [name for name in _NEEDED if not named.get(f"oauth_{name}")]
    if missing:
        raise Malformed(f"no oauth_{missing[0]}")
    if named["oauth_signature_method"] != "HMAC-SHA1":
        raise Malformed("another signature method than HMAC-SHA1")
    if named.get("oauth_version", "1.0") != "1.0":
        raise Malformed("another oauth_version than 1.0")
    if not _TIMESTAMP.fullmatch(named["oauth_timestamp"]):
        raise Malformed("an oauth_timestamp that counts no seconds")


def _header(request: Request) -> Pairs:
    """Read the Authorization header; one of another scheme is a proxy's affair, not ours."""
    values = [value for name, value in request.headers if name.lower() == "authorization"]
    ours = [value for value in values if _SCHEME.match(value)]
    if not ours:
        return ()
    if len(ours) > 1:
        raise Malformed("two OAuth headers")
    text = _SCHEME.sub("", ours[0], count=1)
    if len(text) > _MOST_HEADER:
        raise Malformed(f"an OAuth header with more than {_MOST_HEADER} characters")
    return tuple(pair for pair in _parameters(text) if pair[0] != "realm")


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    """Read `name="value", ...`, percent-encoded; quotes are often left away."""
    at = 0
    while at < len(text):
        found = _PARAMETER.match(text, at)
        if found is None:
            raise Malformed("an OAuth header that cannot be read")
        at = found.end()
        value = found[3] if found[2] is None else found[2]
        try:
            text.encode("ascii")
            yield unquote(found[1], errors="strict"), unquote(value, errors="strict")
        except UnicodeError:
            raise Malformed("an OAuth header that is not UTF-8") from None


def _query(request: Request) -> Pairs:
    return _pairs(request.query, "query")


def _form(request: Request) -> Pairs:
    """Read a form; whatever is called one and cannot be read as one is refused, not left out."""
    if len([None for name, _ in request.headers if name.lower() == "content-type"]) > 1:
        raise Malformed("two Content-Type headers")
    return _pairs(request.body.decode("latin-1"), "form") if is_form(request) else ()


def _pairs(text: str, what: str) -> Pairs:
    """Decode the pairs of a query or form: no two texts with different bytes give the same."""
    try:
        text.encode("ascii")
        found = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except UnicodeError:
        raise Malformed(f"a {what} that is not percent-encoded UTF-8") from None
    except ValueError:
        raise Malformed(f"a {what} with more than {_MOST_FIELDS} parameters") from None
    return tuple(found)


def _given(pairs: Pairs) -> Pairs:
    return tuple(pair for pair in pairs if not _is_ours(pair[0]))


def _others(text: str) -> str:
    """Leave OAuth's parameters out of a query or form."""
    parts = text.split("&")
    kept = [part for part in parts if not _is_ours(unquote_plus(part.partition("=")[0]))]
    return "&".join(kept)


def _is_ours(name: str) -> bool:
    return name.lower().startswith(OURS)
