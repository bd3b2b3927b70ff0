"""The tables as they are now; `steps.py` says how they came to be, and a test that both agree.

Moments are microseconds, amounts grosze, accounts opaque text that the caller made (a keyed hash,
say). No column holds a secret.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()


def _key(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, primary_key=True, nullable=False, autoincrement=False)


def _number(name: str, **more: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=False, **more)


#: Each document seen: one number may name several, of different kinds.
documents = Table(
    "infakt_documents", metadata,
    _key("account"), _key("id", BigInteger), _key("kind"),
    Column("uuid", Text),
    _number("seen_at"),
    Index("infakt_documents_uuid", "account", "uuid"),
    sqlite_with_rowid=False,
)  # fmt: skip

#: What v3 cannot hold of a v2 document (decisions.md section 3).
residues = Table(
    "infakt_residues", metadata,
    _key("account"), _key("kind"), _key("id", BigInteger),
    Column("body", Text, nullable=False),
    Column("version", Text, nullable=False),
    _number("updated_at"),
)  # fmt: skip

#: State by name, of an account.
values = Table(
    "infakt_values", metadata,
    _key("account"), _key("name"),
    Column("body", Text, nullable=False),
    Column("version", Text, nullable=False),
    _number("updated_at"),
)  # fmt: skip

#: Creates whose outcome is in doubt, or was (decisions.md section 5, "Exactly once").
answers = Table(
    "infakt_answers", metadata,
    _key("account"), _key("digest"),
    Column("state", Text, nullable=False),
    Column("attempt", Text, nullable=False),
    Column("holder", Text, nullable=False),
    _number("held_until"),
    _number("created_at"),
    Column("task", Text),
    Column("number", Text),
    Column("client", Text),
    Column("issued_on", Text),
    Column("total", BigInteger),
    Column("answer", Text),
    Column("settled_at", BigInteger),
    _number("sent_at", server_default="0"),
    Column("delivered_at", BigInteger),
    Column("draft", Text),
    Index("infakt_answers_attempt", "attempt", unique=True),
)  # fmt: skip

#: Which attempt made a document: a look-up must not take another create's for its own.
created = Table(
    "infakt_created", metadata,
    _key("account"), _key("kind"), _key("id", BigInteger),
    Column("attempt", Text, nullable=False),
    _number("created_at"),
)  # fmt: skip

#: Work that one process at a time does.
leases = Table(
    "infakt_leases", metadata,
    _key("account"), _key("name"),
    Column("holder", Text, nullable=False),
    _number("held_until"),
)  # fmt: skip

#: What is limited; its row is the lock under which events are counted.
limits = Table(
    "infakt_limits", metadata,
    _key("bucket"),
    _number("longest"),
    _number("blocked_until", server_default="0"),
)  # fmt: skip

#: Requests that counted, `place` apart when at the same microsecond.
events = Table(
    "infakt_events", metadata,
    _key("bucket"), _key("moment", BigInteger), _key("place", Integer),
    sqlite_with_rowid=False,
)  # fmt: skip

#: The version of each part of a database (the store is one; a journal may be another).
versions = Table(
    "infakt_versions", metadata,
    _key("component"),
    Column("version", Integer, nullable=False),
)  # fmt: skip
