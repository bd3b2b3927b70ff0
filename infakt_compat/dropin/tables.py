"""The door's own tables, beside the store's in the same database: nonces, and failed logins.

Both hold keyed hashes for names; an answer of a write is kept for its repeats, which is personal
data with an age (decisions.md 5 and 7).
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()

COMPONENT = "gateway"


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True, nullable=False)


def _needed(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


#: Nonces of verified requests: `print` is the request's fingerprint, `holder` who is at it.
nonces = Table(
    "infakt_nonces", metadata,
    _key("nonce"),
    _needed("print", Text),
    _needed("holder", Text),
    _needed("held_until", BigInteger),
    _needed("kept_until", BigInteger),
    Column("answer", Text),
    Index("infakt_nonces_age", "kept_until"),
)  # fmt: skip

#: Logins that failed or are being tried, by consumer and user.
logins = Table(
    "infakt_logins", metadata,
    _key("login"),
    _needed("holder", Text),
    _needed("failures", Integer),
    _needed("blocked_until", BigInteger),
    _needed("kept_until", BigInteger),
)  # fmt: skip

_FIRST = (
    """CREATE TABLE infakt_nonces (
        nonce TEXT NOT NULL, print TEXT NOT NULL, holder TEXT NOT NULL,
        held_until BIGINT NOT NULL, kept_until BIGINT NOT NULL, answer TEXT,
        PRIMARY KEY (nonce))""",
    "CREATE INDEX infakt_nonces_age ON infakt_nonces (kept_until)",
    """CREATE TABLE infakt_logins (
        login TEXT NOT NULL, holder TEXT NOT NULL, failures INTEGER NOT NULL,
        blocked_until BIGINT NOT NULL, kept_until BIGINT NOT NULL,
        PRIMARY KEY (login))""",
)

#: The step to version 1, to version 2, and so on; one that a release carried is never changed.
STEPS: tuple[tuple[str, ...], ...] = (_FIRST,)
