"""The merged list: order, paging, info, and what it costs."""

import random
from itertools import pairwise
from typing import Any

import pytest

from infakt_compat.facade import Api, merge
from infakt_compat.facade.account import FAMILIES, family_of
from infakt_compat.facade.merge import Merge, orders
from infakt_compat.standin import StandIn
from infakt_compat.store import Store
from infakt_compat.v3 import Clock
from tests.v2_invoice import documents

from .conftest import Make
from .support import ON_BOTH_STORES, Tree, calls, count, error_of

ROW = {"name": "A", "tax_symbol": "23", "net_price": 100, "gross_with_margin_amount_price": 123,
       "margin_amount_price": 5}  # fmt: skip


def fill(standin: StandIn, counts: dict[str, int], days: int = 40, seed: int = 1) -> None:
    """Put documents of all kinds on random days, many of them the same."""
    chance = random.Random(seed)

    def day() -> str:
        number = chance.randrange(days)
        return f"2026-{1 + number // 28:02d}-{1 + number % 28:02d}"

    for family, number in counts.items():
        rows = [{"invoice_date": day(), "sale_date": day(), "payment_date": day(),
                 "services": [ROW]} for _ in range(number)]  # fmt: skip
        standin.seed(**{family: rows})


def expected(standin: StandIn, order: str) -> list[int]:
    """Merge all documents here: by date, in the fixed order of kinds, v3's order within one."""
    by = orders()[order]
    rows: list[tuple[str, int]] = []
    for family in FAMILIES:
        field = by.field_of(family)
        kept = standin.world.store.collections[family].ordered(field, by.descending)
        rows += [(str(row[field] or row["invoice_date"]), row["id"]) for row in kept]
    rows.sort(key=lambda row: row[0], reverse=by.descending)
    return [number for _, number in rows]


def ids(answer: Tree) -> list[int]:
    """Give the ids of a page."""
    return [row["invoice_id"] for row in answer["invoices"]]


COUNTS = {
    "invoices": 130, "corrective_invoices": 25, "margin_invoices": 40, "advance_invoices": 12,
    "final_invoices": 3,
}  # fmt: skip


@pytest.mark.parametrize("order", [None, *orders()])
def test_walking_all_pages_in_each_order(api: Api, standin: StandIn, order: str | None) -> None:
    """Each document comes once, in order; a page costs at most one read a kind."""
    fill(standin, COUNTS)
    wanted = expected(standin, order or "data_wystawienia_desc")
    found: list[int] = []
    for page in range(1, 8):
        before = count(standin)
        answer = api.invoices.list(page=page, per_page=30, order=order)
        asked = calls(standin, before)
        assert len(asked) == len(set(asked)) <= 5
        assert answer["info"] == {"total": 210, "pages": 7, "per_page": 30, "page": page}
        found += ids(answer)
    assert found == wanted


@pytest.mark.usefixtures("unmeasured")
def test_ten_thousand_documents(current: StandIn, today: Api) -> None:
    """Walked 100 a page: never more than a read a kind, and far fewer as a rule."""
    counts = {"invoices": 7000, "corrective_invoices": 1500, "margin_invoices": 1000,
              "advance_invoices": 300, "final_invoices": 200}  # fmt: skip
    fill(current, counts, days=330, seed=7)
    state, total, reads = None, 0, []
    dates: list[str] = []
    by = orders()["data_wystawienia_desc"]
    v3 = today._account.v3
    while True:
        before = count(current)
        walk = Merge.start(v3, by) if state is None else Merge.at(v3, by, state)
        rows = walk.take(100)
        state = walk.state()
        if not rows:
            break
        asked = calls(current, before)
        assert len(asked) == len(set(asked))
        reads.append(len(asked))
        total += len(rows)
        dates += [row["invoice_date"] for _, row in rows]
    assert total == 10_000
    assert all(first >= second for first, second in pairwise(dates))
    assert reads[0] == 5
    assert sum(reads) <= 5 * 100
    assert set(state) == set(FAMILIES)


@ON_BOTH_STORES
def test_a_page_out_of_turn_is_counted_from_the_start(api: Api, standin: StandIn) -> None:
    """Any page, any size; what is read for the counting are dates alone."""
    fill(standin, COUNTS)
    wanted = expected(standin, "data_wystawienia_desc")
    for page, size in ((4, 50), (2, 7), (3, 100), (1, 1000), (2, 150)):
        before = count(standin)
        answer = api.invoices.list(page=str(page), per_page=str(size))
        assert ids(answer) == wanted[(page - 1) * size : page * size]
        lean = [one for one in standin.requests(after=before) if "fields" in one["query"]]
        assert bool(lean) == (page > 1)
        assert {one["query"]["fields"] for one in lean} <= {"id,invoice_date"}


def test_per_page_1000_reads_each_row_once(api: Api, standin: StandIn) -> None:
    """At most one read a kind and 100 rows."""
    fill(standin, COUNTS)
    assert len(ids(api.invoices.list(per_page=1000))) == 210
    assert count(standin) == 6


def test_beyond_the_end(api: Api, standin: StandIn) -> None:
    """An empty page with the same info, and no long way to it."""
    fill(standin, {"invoices": 5})
    answer = api.invoices.list(page=9, per_page=3)
    assert answer == {
        "invoices": [],
        "info": {"total": 5, "pages": 2, "per_page": 3, "page": 9},
    }
    assert count(standin) == 5
    assert api.invoices.list(page=10**9)["invoices"] == []


def test_an_empty_account(api: Api) -> None:
    """Arrays are arrays even when empty."""
    assert api.invoices.list() == {
        "invoices": [], "info": {"total": 0, "pages": 0, "per_page": 100, "page": 1},
    }  # fmt: skip


@ON_BOTH_STORES
def test_between_pages_no_body_is_kept(api: Api, standin: StandIn, store: Store) -> None:
    """Offsets, next dates and totals, and when that was."""
    fill(standin, COUNTS)
    api.invoices.list(per_page=30)
    kept = store.values.get(api.account, "list data_wystawienia_desc 30")
    assert set(kept) == {"2"}
    assert set(kept["2"]) == {"at", "kinds"}
    for offset, date, total in kept["2"]["kinds"].values():
        assert isinstance(offset, int)
        assert isinstance(total, int)
        assert date is None or len(date) == 10


def test_an_old_note_is_not_believed(api: Api, standin: StandIn, make: Make) -> None:
    """After a quarter of an hour a page is counted from the start again."""
    fill(standin, {"invoices": 9})
    api.invoices.list(per_page=3)
    later = make(standin, clock=Clock(wall=lambda: 4_000_000_000))
    before = count(standin)
    assert len(later.invoices.list(page=2, per_page=3)["invoices"]) == 3
    assert any("fields" in one["query"] for one in standin.requests(after=before))


@ON_BOTH_STORES
def test_only_so_many_notes_are_kept(api: Api, standin: StandIn, store: Store) -> None:
    """Walking a long list leaves no long trail."""
    fill(standin, {"invoices": 45})
    for page in range(1, 45):
        api.invoices.list(page=page, per_page=1)
    assert len(store.values.get(api.account, "list data_wystawienia_desc 1")) == 32


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"page": 0}, ["page"]), ({"page": "x"}, ["page"]), ({"page": True}, ["page"]),
        ({"page": "-1"}, ["page"]), ({"per_page": 0}, ["per_page"]),
        ({"per_page": 1001}, ["per_page"]), ({"order": "numer_asc"}, ["order"]),
        ({"order": "data_wystawienia"}, ["order"]),
        ({"page": 0, "per_page": "1,5"}, ["page", "per_page"]),
    ],
)  # fmt: skip
def test_what_v2_did_not_know_is_409(
    api: Api, standin: StandIn, asked: dict[str, Any], named: list[str]
) -> None:
    """It is named, and nothing is asked of v3."""
    error = error_of(lambda: api.invoices.list(**asked))
    assert (error.status, error.body["request"]) == (409, "/api/v2/invoices/list.json")
    assert error.body["errors"]["invoice"] == [[name, "invalid"] for name in named]
    assert count(standin) == 0


def test_dates_are_never_null(api: Api, standin: StandIn) -> None:
    """A known caller reads them unconditionally; an advance invoice has no sale date at all."""
    fill(standin, {"invoices": 2, "advance_invoices": 2})
    for doc in documents(standin):
        standin.world.store.put("invoices", {**doc, "sale_date": None, "payment_date": None})
    for row in api.invoices.list(order="data_sprzedazy_asc")["invoices"]:
        assert all(row[name] for name in ("data_wystawienia", "data_sprzedazy", "termin_zaplaty"))


def test_a_family_that_ends_early(api: Api, standin: StandIn, monkeypatch: Any) -> None:
    """A total that promises rows which do not come: the list ends, and does not turn for ever."""
    fill(standin, {"invoices": 3})
    real = family_of

    def lying(v3: Any, name: str) -> Any:
        resource = real(v3, name)

        class Lying:
            def list(self, **more: Any) -> Any:
                page = resource.list(**more)
                return type(page)(page.entities, page.total_count + 2, page.offset)

        return Lying()

    monkeypatch.setattr(merge, "family_of", lying)
    assert len(api.invoices.list()["invoices"]) == 3
