"""The journal's tables as they are now; `steps.py` says how they came to be.

Moments are microseconds since the epoch, amounts grosze. Nothing here is a secret; the bodies are
personal data, which is why only the owner can read the file.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, FromClause, MetaData, Table, Text, func

metadata = MetaData()


def _key(name: str, kind: Any = BigInteger) -> Column[Any]:
    return Column(name, kind, primary_key=True, nullable=False, autoincrement=False)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


#: What holds for the whole journal: the account, the settings of the first run, the present run.
values = Table("infakt_journal", metadata, _key("name", Text), _text("body"))

#: The sources that were planned, each as it was then.
sources = Table(
    "infakt_sources", metadata,
    _key("place"), _text("name"), _number("size"), _number("changed"), _text("digest"),
    _text("form"), _number("documents"), _number("repeats"), _text("faults"),
)  # fmt: skip

#: The buyers whom the documents name, one row a buyer.
buyers = Table(
    "infakt_buyers", metadata,
    _key("place"), _text("identity"), _text("day"), _text("body"),
    _text("state"), _number("attempts"), _number("sent_at"),
    Column("id", BigInteger), Column("uuid", Text), _number("already"), _text("reasons"),
)  # fmt: skip

#: The documents, in the order in which they are created.
entries = Table(
    "infakt_entries", metadata,
    _key("place"), _text("key"), _number("source"), _number("position"),
    _text("resource"), _text("family"), _text("kind"),
    Column("number", Text), Column("v2_id", BigInteger), Column("v2_client", BigInteger),
    Column("day", Text), Column("currency", Text), Column("total", BigInteger),
    Column("buyer", BigInteger), Column("original", Text), Column("corrects", BigInteger),
    _text("state"), _number("attempts"), _number("sent_at"), Column("task", Text),
    Column("body", Text), _text("status"), Column("paid_date", Text), Column("paid_by", Text),
    Column("id", BigInteger), Column("uuid", Text), Column("v3_number", Text),
    _number("already"), _text("owing"), _number("saved"), _number("ready"), _text("reasons"),
    Column("raw", Text),
)  # fmt: skip

#: What was said of a source's documents: how often each code came in which field, where first.
notices = Table(
    "infakt_notices", metadata,
    _key("source"), _key("code", Text), _key("path", Text), _number("count"),
    _number("position"), _text("detail"),
)  # fmt: skip


def by_day(table: FromClause = entries) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Give the order in which corrections of one invoice follow each other; no day comes first."""
    return func.coalesce(table.c.day, ""), table.c.place
