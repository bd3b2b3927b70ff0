"""Walks over pages that end, whatever the server says (v3-wire 3.3, 10)."""

from typing import Any

import pytest

from infakt_compat.standin import StandIn
from infakt_compat.v3 import BrokenAnswer, V3Client
from infakt_compat.v3.waits import Backoff

from .conftest import Make
from .servers import Scripted, reply
from .support import KEY, invoices


def envelope(ids: list[Any], total: Any, url: str = "http://elsewhere.example/next") -> bytes:
    """Write a page of records."""
    rows = [{"id": number} for number in ids]
    return reply(200, {"metainfo": {"total_count": total, "next": url}, "entities": rows})


@pytest.fixture
def odd(scripted: Scripted, make: Make) -> V3Client:
    """Answer a client of the server that says anything."""
    return make(KEY, scripted.url, backoff=Backoff(attempts=1))


def test_all_once(v3: V3Client, standin: StandIn) -> None:
    """Every record once, page by page, and not one request more."""
    made = invoices(standin, 25)
    got = list(v3.invoices.iterate(order="invoice_date asc", limit=10))
    assert sorted(row["id"] for row in got) == [row["id"] for row in made]
    assert len(standin.requests()) == 3


def test_pages_as_needed(v3: V3Client, standin: StandIn) -> None:
    """Nobody who stops early pays for the rest; an offset begins later."""
    invoices(standin, 25)
    walk = v3.invoices.iterate(order="invoice_date asc", limit=5, offset=5)
    assert standin.requests() == []
    next(walk)
    assert len(standin.requests()) == 1
    assert len(list(v3.invoices.iterate(limit=10, offset=20))) == 5


def test_nothing_there(v3: V3Client, standin: StandIn) -> None:
    """An empty list takes one request."""
    assert list(v3.invoices.iterate()) == []
    assert len(standin.requests()) == 1


def test_next_is_never_followed(scripted: Scripted, odd: V3Client) -> None:
    """`next` leads to another host; the walk goes by the rows that came."""
    scripted.answers(envelope([1, 2], 3), envelope([3], 3))
    assert [row["id"] for row in odd.invoices.iterate(limit=2)] == [1, 2, 3]
    assert "offset=2&limit=2" in scripted.requests[1]
    assert len(scripted.requests) == 2


def test_short_pages(scripted: Scripted, odd: V3Client) -> None:
    """A page with fewer rows than asked for moves the offset by what came."""
    scripted.answers(envelope([1], 3), envelope([2, 3], 3))
    assert [row["id"] for row in odd.invoices.iterate(limit=2)] == [1, 2, 3]
    assert "offset=1&" in scripted.requests[1]


def test_empty_page_ends(scripted: Scripted, odd: V3Client) -> None:
    """A total that promises more than there is does not make the walk go on."""
    scripted.answers(envelope([1, 2], 50), envelope([], 50))
    assert [row["id"] for row in odd.invoices.iterate()] == [1, 2]
    assert len(scripted.requests) == 2


def test_repeated_page(scripted: Scripted, odd: V3Client) -> None:
    """A server that ignores the offset is found out at its second page."""
    scripted.answers(envelope([1, 2], 50))
    walk = odd.invoices.iterate(limit=2)
    assert [next(walk)["id"], next(walk)["id"]] == [1, 2]
    with pytest.raises(BrokenAnswer, match="repeat"):
        next(walk)
    assert len(scripted.requests) == 2


def test_growing_total(scripted: Scripted, odd: V3Client) -> None:
    """Pages of one row that repeat under a total that always grows end, too."""
    scripted.script = lambda n: envelope([1], n + 50)
    with pytest.raises(BrokenAnswer, match="repeat"):
        list(odd.invoices.iterate(limit=1))
    assert len(scripted.requests) == 4


def test_circling_pages(scripted: Scripted, odd: V3Client) -> None:
    """So do pages that come round in a circle."""
    scripted.script = lambda n: envelope([2 * (n % 2), 2 * (n % 2) + 1], n + 50)
    with pytest.raises(BrokenAnswer, match="repeat"):
        list(odd.invoices.iterate(limit=2))
    assert len(scripted.requests) == 5


def test_recurring_rows(scripted: Scripted, odd: V3Client) -> None:
    """A row that a new document pushed onto the next page is given once."""
    scripted.answers(envelope([3, 2], 3), envelope([2, 1, 1], 4))
    assert [row["id"] for row in odd.invoices.iterate(limit=2)] == [3, 2, 1]


def test_rows_without_id(scripted: Scripted, odd: V3Client) -> None:
    """Rows that have no id are all given."""
    rows = [{"n": 1}, {"n": 1}]
    scripted.answers(reply(200, {"metainfo": {"total_count": 2}, "entities": rows}))
    assert list(odd.invoices.iterate()) == rows


def test_rows_without_id_that_repeat(scripted: Scripted, odd: V3Client) -> None:
    """A row without an id that comes again and again ends the walk, too."""
    scripted.script = lambda n: reply(
        200, {"metainfo": {"total_count": n + 50}, "entities": [{"n": 1}]}
    )
    with pytest.raises(BrokenAnswer, match="repeat"):
        list(odd.invoices.iterate())
    assert len(scripted.requests) == 4


@pytest.mark.parametrize(
    "body",
    [
        {"metainfo": {"total_count": 1}},
        {"metainfo": {"total_count": "1"}, "entities": []},
        {"metainfo": {"total_count": True}, "entities": []},
        {"metainfo": None, "entities": []},
        {"metainfo": {"total_count": 1}, "entities": [1]},
        {"entities": []},
        [],
    ],
)
def test_no_list(scripted: Scripted, odd: V3Client, body: Any) -> None:
    """What is no list's envelope is not taken for an empty list."""
    scripted.answers(reply(200, body))
    with pytest.raises(BrokenAnswer):
        odd.invoices.list()


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": 101}, {"offset": -1}])
def test_impossible_pages(today: V3Client, asked: dict[str, Any]) -> None:
    """1 to 100 rows, from 0 on: v3 would silently take something else."""
    with pytest.raises(ValueError, match="1 to 100"):
        today.invoices.list(**asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"filters": {"number": "1"}},
        {"filters": {"number_eq": ""}},
        {"filters": {"number_eq": None}},
        {"filters": {"q[number_eq]": "1"}},
        {"order": "invoice_date; drop"},
        {"order": "invoice_date DESC"},
        {"fields": []},
        {"fields": "number"},
        {"fields": ["number", ""]},
    ],
)
def test_what_v3_would_ignore(current: StandIn, today: V3Client, asked: dict[str, Any]) -> None:
    """V3 ignores what it does not understand and answers with everything: refused here."""
    with pytest.raises(ValueError, match=r"order|filter|fields"):
        today.invoices.list(**asked)
    assert current.requests() == []
