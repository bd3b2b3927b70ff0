"""Lists: pages, links, filters, order, fields (v3-wire 3.2, 3.3)."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import INVOICE, Api


@pytest.fixture
def listed(fixed: Api) -> Api:
    """Hold 25 invoices of 25 days, numbered by the day."""
    fixed.standin.seed(
        invoices=[
            {**INVOICE, "invoice_date": f"2023-01-{day:02d}", "number": f"{day}/01/2023"}
            for day in range(1, 26)
        ]
    )
    return fixed


def numbers(api: Api, **params: Any) -> list[str]:
    """Return the numbers on a page, without their month."""
    entities = api.get("/invoices.json", **params).json()["entities"]
    return [e["number"].split("/")[0] for e in entities]


def meta(api: Api, path: str = "/invoices.json", **params: Any) -> dict[str, Any]:
    """Return the metainfo of a page."""
    found: dict[str, Any] = api.get(path, **params).json()["metainfo"]
    return found


def test_default_page(listed: Api) -> None:
    """Ten rows, newest first, links on our own host (v3-wire 3.2, 3.3)."""
    assert numbers(listed) == [str(n) for n in range(25, 15, -1)]
    base = f"{listed.standin.url}/invoices.json"
    assert meta(listed) == {
        "count": 10, "total_count": 25, "next": f"{base}?offset=10&limit=10",
        "previous": f"{base}?offset=0&limit=10",
    }  # fmt: skip


def test_links_never_end(listed: Api) -> None:
    """Past the end too; previous stops at 0 (v3-wire 3.3)."""
    past = listed.get("/invoices.json", offset=100).json()
    assert past["entities"] == []
    assert past["metainfo"]["count"] == 0
    assert past["metainfo"]["total_count"] == 25
    assert past["metainfo"]["next"].endswith("?offset=110&limit=10")
    assert past["metainfo"]["previous"].endswith("?offset=90&limit=10")
    assert meta(listed, offset=5)["previous"].endswith("?offset=0&limit=10")


def test_count_is_computed_with_a_page_of_ten(listed: Api) -> None:
    """With limit=2 and 25 in all it was 10 (v3-wire 3.3)."""
    assert len(numbers(listed, limit=2)) == 2
    assert meta(listed, limit=2)["count"] == 10
    assert meta(listed, offset=20)["count"] == 5
    assert len(numbers(listed, limit=100)) == 25
    assert meta(listed, limit=100)["count"] == 10


def test_given_parameters_keep_their_place(listed: Api) -> None:
    """Echoed and encoded (v3-wire 3.3)."""
    filtered = meta(listed, **{"q[number_eq]": "18/01/2023"})
    assert filtered["total_count"] == 1
    assert filtered["next"].endswith("?q%5Bnumber_eq%5D=18%2F01%2F2023&offset=10&limit=10")
    placed = listed.call("GET", "/invoices.json?limit=2&order=id+asc&offset=0&x=1").json()
    assert placed["metainfo"]["next"].endswith("?limit=2&order=id+asc&offset=2&x=1")


@pytest.mark.parametrize(
    ("params", "count"),
    [({"limit": 1000}, 100), ({"limit": 101}, 100), ({"limit": ""}, 10), ({"limit": 1}, 1)],
)
def test_limit_has_a_ceiling(api: Api, params: dict[str, Any], count: int) -> None:
    """At most a hundred (v3-wire 3.3)."""
    assert len(api.get("/countries.json", **params).json()["entities"]) == count


@pytest.mark.parametrize("params", [{"limit": "x"}, {"limit": 0}, {"offset": -1}])
def test_pages_that_are_no_numbers(api: Api, params: dict[str, Any]) -> None:
    """400: a bad parameter value (v3-wire 2.1)."""
    assert api.get("/invoices.json", **params).status_code == 400


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q[number_eq]": "3/01/2023"}, ["3"]),
        ({"q[number_cont]": "24/"}, ["24"]),
        ({"q[invoice_date_eq]": "2023-01-04"}, ["4"]),
        ({"q[invoice_date_lt]": "2023-01-03"}, ["2", "1"]),
        ({"q[invoice_date_lteq]": "2023-01-02"}, ["2", "1"]),
        ({"q[invoice_date_gt]": "2023-01-23"}, ["25", "24"]),
        ({"q[invoice_date_gteq]": "2023-01-24"}, ["25", "24"]),
        ({"q[invoice_date_gteq]": "2023-01-03", "q[invoice_date_lteq]": "2023-01-03"}, ["3"]),
        ({"q[sale_date_eq]": "2023-01-09"}, ["9"]),
        ({"q[status_eq]": "paid"}, []),
    ],
)
def test_known_filters(listed: Api, query: dict[str, str], expected: list[str]) -> None:
    """What is confirmed to work (v3-wire 3.2)."""
    assert numbers(listed, **query) == expected


def test_filters_on_the_buyer_and_on_null(api: Api) -> None:
    """client_id_eq, paid_date_null, and clean_client_nip_eq by digits (v3-wire 3.2)."""
    client = api.client(nip="945-212-16-81")
    one = api.invoice(client_id=client["id"], status="paid")["id"]
    two = api.invoice(client_tax_code="5252344078")["id"]

    def found(**query: Any) -> list[int]:
        params = {f"q[{name}]": value for name, value in query.items()}
        return [e["id"] for e in api.get("/invoices.json", **params).json()["entities"]]

    assert found(client_id_eq=client["id"]) == [one]
    assert found(paid_date_null="true") == [two]
    assert found(paid_date_null="false") == [one]
    assert found(clean_client_nip_eq="9452121681") == [one]
    assert found(clean_client_nip_eq="525-234-40-78") == [two]


@pytest.mark.parametrize(
    "query",
    [
        {"q[uuid_eq]": "x"},
        {"q[id_eq]": "1"},
        {"q[gross_price_eq]": "1"},
        {"q[invoice_date_cont]": "2023"},
        {"q[status_cont]": "x"},
        {"q[number]": "1"},
        {"number": "1"},
        {"odrer": "id"},
        {"q[clean_nip_eq]": "1"},
    ],
)
def test_unknown_filters_are_ignored(listed: Api, query: dict[str, str]) -> None:
    """200 with the unfiltered page (v3-wire 3.2)."""
    assert meta(listed, **query)["total_count"] == 25


def test_a_date_filter_wants_a_date(listed: Api) -> None:
    """400 otherwise."""
    assert listed.get("/invoices.json", **{"q[invoice_date_gteq]": "x"}).status_code == 400


def test_filters_in_a_body(listed: Api) -> None:
    """The same `q` as JSON of the GET (v3-wire 3.2)."""
    body = {"q": {"number_eq": "3/01/2023", "invoice_date_lt": "2023-02-01"}}
    page = listed.call("GET", "/invoices.json", json=body).json()
    assert [e["number"] for e in page["entities"]] == ["3/01/2023"]


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("invoice_date", "1"), ("invoice_date asc", "1"), ("invoice_date desc", "25"),
        ("invoice_date DESC", "25"), ("id asc", "1"), ("id desc", "25"), ("nothing asc", "25"),
        ("services", "25"), ("id sideways", "25"), ("", "25"),
    ],
)  # fmt: skip
def test_order(listed: Api, order: str, first: str) -> None:
    """A field, with or without a direction; what is unknown is ignored (v3-wire 3.2)."""
    assert numbers(listed, order=order)[0] == first


def test_order_of_filtered_and_of_missing_values(listed: Api) -> None:
    """Nulls come last both ways."""
    listed.standin.seed(invoices=[{**INVOICE, "number": "99/01/2023", "paid_date": "2023-01-01"}])
    for direction in ("asc", "desc"):
        assert numbers(listed, order=f"paid_date {direction}")[0] == "99"
    two = {"q[invoice_date_lteq]": "2023-01-02", "order": "invoice_date asc"}
    assert numbers(listed, **two) == ["1", "2"]


def test_order_of_mixed_values(api: Api) -> None:
    """A seed may hold anything; a list still answers."""
    api.standin.seed(invoices=[{**INVOICE, "parent_id": 3}, {**INVOICE, "parent_id": "x"}])
    assert len(api.get("/invoices.json", order="parent_id").json()["entities"]) == 2


def test_fields(api: Api) -> None:
    """`id` is always there; nested rows; list and detail (v3-wire 3.2)."""
    made = api.invoice()
    path = f"/invoices/{made['uuid']}.json"
    narrow = api.get("/invoices.json", fields="number,status").json()["entities"][0]
    assert list(narrow) == ["number", "status", "id"]
    shown = api.get(path, fields="number, services(name,tax_symbol),nothing").json()
    assert list(shown) == ["number", "services", "id"]
    assert shown["services"] == [
        {"name": "Usługa", "tax_symbol": "23", "id": made["services"][0]["id"]}
    ]
    assert list(api.get(path, fields="id,uuid").json()) == ["id", "uuid"]
    assert api.get(path, fields="").json() == made
    assert list(api.get(path, fields="number)),(x").json()) == ["number", "id"]
    assert list(api.get(path, fields="number(x)").json()) == ["number", "id"]


def test_fields_of_a_corrective_keep_the_rows(api: Api) -> None:
    """`services` too (v3-wire 3.2)."""
    rows = [
        {"name": "x", "tax_symbol": "23", "unit_net_price": 1, "group": 1, "correction": side}
        for side in (False, True)
    ]
    api.standin.seed(corrective_invoices=[{**INVOICE, "services": rows}])
    shown = api.get("/corrective_invoices.json", fields="number,kind").json()["entities"][0]
    assert list(shown) == ["number", "kind", "id", "services"]


def test_unordered_clients_recur_across_pages(api: Api) -> None:
    """Their order is unstable, unless it is asked for, filtered or the quirk is off (3.2)."""
    clients = [{"company_name": f"C{n}", "country": "PL"} for n in range(40)]
    api.standin.seed(clients=clients)

    def pages(**params: Any) -> list[int]:
        return [
            e["id"]
            for offset in range(0, 40, 10)
            for e in api.get("/clients.json", offset=offset, **params).json()["entities"]
        ]

    assert len(set(pages())) < 40
    assert len(set(pages(order="id asc"))) == 40
    assert pages(order="id asc") == sorted(pages(order="id asc"))
    assert len(set(pages(**{"q[company_name_cont]": "c"}))) == 40
    api.standin.configure("quirks", unstable_clients=False)
    assert len(set(pages())) == 40
