"""Lists: one page, or all records one by one (v3-wire 3.3, 10).

`next` is always there and leads nowhere, `count` may be wrong: only the rows that came and
`total_count` are believed.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen

from infakt_compat.codecs import json_text
from infakt_compat.v3.answers import Answer, Call, Param, Record, UnreadableError, record
from infakt_compat.v3.api import MOST_ROWS, Api, Filters, query
from infakt_compat.v3.errors import BrokenAnswer

Records = list[Record]

#: So many pages in a row without a single new record, and the walk is given up.
_MOST_STALE = 3


@frozen
class Page:
    """One page of a list: its records, where it begins, and how many there are in all."""

    entities: Records
    total_count: int
    offset: int

    @property
    def after(self) -> int:
        """The offset behind this page."""
        return self.offset + len(self.entities)

    @property
    def last(self) -> bool:
        """Whether there is nothing behind this page."""
        return not self.entities or self.after >= self.total_count


class Listing:
    """A path that answers with a list."""

    #: The order of a walk that names none.
    walk_order: str | None = None

    def __init__(self, api: Api, path: str) -> None:
        """List what is at a path, without its `.json`."""
        self._api = api
        self._path = path

    def list(
        self,
        filters: Filters | None = None,
        order: str | None = None,
        fields: Sequence[str] | None = None,
        offset: int = 0,
        limit: int = MOST_ROWS,
    ) -> Page:
        """Read one page. Filters: `{"number_eq": "1/05/2026"}`; order: `"invoice_date desc"`."""
        return _page(self._api, self._path, query(filters, order, fields), offset, limit)

    def iterate(
        self,
        filters: Filters | None = None,
        order: str | None = None,
        fields: Sequence[str] | None = None,
        offset: int = 0,
        limit: int = MOST_ROWS,
    ) -> Iterator[Record]:
        """Read record by record, each id once, pages of `limit` as they are needed.

        Ends with an empty page or behind `total_count`; raises `BrokenAnswer` when pages repeat.
        A row that is deleted during the walk moves a later one forward, unseen.
        """
        asked = query(filters, order or self.walk_order, fields)
        return _walk(self._api, self._path, asked, offset, limit)


def _page(api: Api, path: str, asked: tuple[Param, ...], offset: int, limit: int) -> Page:
    if not 1 <= limit <= MOST_ROWS or offset < 0:
        raise ValueError(f"a page has 1 to {MOST_ROWS} records, from offset 0 on")
    paging = (("offset", str(offset)), ("limit", str(limit)))

    def read(answer: Answer) -> Page:
        return page(answer, offset)

    return api.run(Call("GET", f"{path}.json", read, asked + paging))


def page(answer: Answer, offset: int) -> Page:
    """Read a list's envelope."""
    body = record(answer)
    entities, metainfo = body.get("entities"), body.get("metainfo")
    total = metainfo.get("total_count") if isinstance(metainfo, dict) else None
    if not isinstance(total, int) or isinstance(total, bool):
        raise UnreadableError("a list without its total_count")
    if not isinstance(entities, list) or not all(isinstance(row, dict) for row in entities):
        raise UnreadableError("a list without entities")
    return Page(entities, total, offset)


def _walk(
    api: Api, path: str, asked: tuple[Param, ...], offset: int, limit: int
) -> Iterator[Record]:
    seen: set[Any] = set()
    before: Records = []
    stale = 0
    while True:
        got = _page(api, path, asked, offset, limit)
        stale = stale + 1 if all(_name(row) in seen for row in got.entities) else 0
        repeated = len(got.entities) > 1 and got.entities == before
        if repeated or (got.entities and stale >= _MOST_STALE):
            raise BrokenAnswer("the pages of a list repeat", call=f"GET {path}.json")
        for row in got.entities:
            if _name(row) not in seen or "id" not in row:
                seen.add(_name(row))
                yield row
        if got.last:
            return
        offset, before = got.after, got.entities


def _name(row: Record) -> Any:
    """What a row is known by: its id, which v3 always gives (v3-wire 3.2), or all of it."""
    return row["id"] if "id" in row else json_text.dumps(row)
