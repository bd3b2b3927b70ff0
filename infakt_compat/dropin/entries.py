"""New entries of a configuration, as TOML: accounts, users with hashed passwords, tokens."""

import json
import secrets
from collections.abc import Container
from itertools import chain, count

#: Holds the v3 key of a configuration's first account.
KEY_VARIABLE = "INFAKT_API_KEY"
#: As long as v2's were: keys and tokens of 20, secrets of 40 characters (v2-wire 4).
_KEY_BYTES, _SECRET_BYTES = 10, 20

_HEAD = """\
# infakt-compat's gateway: v2's addresses for v2's callers, answered by v3. README: "the gateway".
# Try it:  infakt-compat gateway check --config {name}
# Run it:  infakt-compat gateway --config {name}

# listen = "127.0.0.1:8082"
# The public addresses that callers use; they are part of every signature.
# base_urls = ["https://www.infakt.pl"]
# Callers may send an X-inFakt-ApiKey of their own, without an account here:
# own_api_keys = true

"""

_ACCOUNT = """\
[accounts.{account}]
v3_key_env = "{variable}" # or v3_key_file = "FILE", which only its owner can read
# Callers that cannot be changed keep the consumer key and secret that they have: write them here.
consumer_key = "{key}"
consumer_secret = "{secret}"
"""

_USER = """
[accounts.{account}.users.{user}]
password = {hashed}
"""

_TOKEN = """
[[accounts.{account}.tokens]]
token = "{token}"
secret = "{secret}"
"""


def gateway_key() -> str:
    """Make a gateway's own key."""
    return secrets.token_urlsafe(48)


def head(name: str) -> str:
    """Give the beginning of a configuration of that file name."""
    return _HEAD.format(name=name)


def account_entry(account: str, variable: str = KEY_VARIABLE) -> str:
    """Make an account with a new consumer key and secret; `variable` will hold its v3 key."""
    key, secret = secrets.token_hex(_KEY_BYTES), secrets.token_hex(_SECRET_BYTES)
    return _ACCOUNT.format(account=account, variable=variable, key=key, secret=secret)


def own_variable(account: str, used: Container[str]) -> str:
    """Name a variable for the v3 key of one account more: none of those that are used."""
    name = f"{KEY_VARIABLE}_{account.upper().replace('-', '_')}"
    numbered = (f"{name}_{number}" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in used)


def user_entry(account: str, user: str, hashed: str) -> str:
    """Give a user with a hashed password."""
    return _USER.format(account=account, user=_text(user), hashed=_text(hashed))


def token_entry(account: str) -> str:
    """Make an access token and its secret, for a caller that cannot log in."""
    token, secret = secrets.token_hex(_SECRET_BYTES), secrets.token_hex(_SECRET_BYTES)
    return _TOKEN.format(account=account, token=token, secret=secret)


def _text(text: str) -> str:
    """Write a text as TOML does: JSON's way, where no control character stands in it."""
    return json.dumps(text, ensure_ascii=False)
