"""The verbs on clients."""

import pytest

from infakt_compat.facade import Api
from infakt_compat.standin import StandIn, paging
from infakt_compat.store import Store
from tests.v2_invoice import client_of, documents

from .conftest import Make
from .support import ON_BOTH_STORES, REFUSING, UNCLEAR, Tree, Wall, calls, count, error_of, named

FULL = {
    "nazwa_firmy": "Żółw Sp. z o.o.", "ulica": "Długa 12/5", "miejscowosc": "Łódź",
    "kod_pocztowy": "90-001", "panstwo": "Polska", "nip": "945-212-16-81", "email": "a@b.pl",
    "numer_telefonu": "123", "adres_www": "w.pl", "info": "uwagi", "odbiorca": "Anna",
    "adres_kor": True, "nazwa_firmy_kor": "K", "ulica_kor": "Krótka 1", "miejscowosc_kor": "Ł",
    "kod_pocztowy_kor": "1",
}  # fmt: skip


def make_client(api: Api, **more: object) -> int:
    """Create a client and give its id."""
    number: int = api.clients.create({"client": {**FULL, **more}})["client"]["client_id"]
    return number


@ON_BOTH_STORES
def test_create_show_update_delete(api: Api, standin: StandIn) -> None:
    """v2's 17 fields, both ways, one call each."""
    answer = api.clients.create({"client": FULL})
    number = answer["client"]["client_id"]
    assert answer == {"client": {"client_id": number, **FULL}} == api.clients.show(number)
    assert calls(standin) == ["POST /clients.json", "GET /clients/*"]
    assert api.clients.update(number, {"client": {"info": "nowe"}}) == {
        "client": {"client_id": number}
    }
    assert api.clients.show(str(number))["client"] == {"client_id": number, **FULL, "info": "nowe"}
    before = count(standin)
    api.clients.update(number, {"client": {**FULL, "info": "nowe"}})
    assert [call.split()[0] for call in calls(standin, before)] == ["GET"]
    assert api.clients.delete(number) == {"client": {"client_id": number}}
    error = error_of(lambda: api.clients.show(number))
    assert (error.status, error.body["request"]) == (
        404,
        f"https://www.infakt.pl/api/v2/clients/show/{number}.json",
    )
    for work in (api.clients.delete, api.clients.show):
        assert error_of(lambda work=work: work(number)).status == 404  # type: ignore[misc]
    assert error_of(lambda: api.clients.update(number, {"client": {"info": "x"}})).status == 404
    assert error_of(lambda: api.clients.show("x")).status == 404


@ON_BOTH_STORES
def test_a_country_by_another_name_comes_back(api: Api, standin: StandIn, store: Store) -> None:
    """Kept beside the client, until v3's country changes or the client goes."""
    number = make_client(api, panstwo="USA", nip="")
    assert documents(standin, "clients")[0]["country"] == "US"
    assert api.clients.show(number)["client"]["panstwo"] == "USA"
    api.clients.update(number, {"client": {"info": "x"}})
    assert api.clients.show(number)["client"]["panstwo"] == "USA"
    api.clients.delete(number)
    assert store.residues.get(api.account, "clients", number) == {}


def test_nip_by_its_digits(api: Api, standin: StandIn) -> None:
    """Stored with dashes, asked without; an empty one matches nobody and costs nothing."""
    wanted = [make_client(api), make_client(api, nip="9452121681")]
    make_client(api, nip="526-025-02-74")
    make_client(api, nip="")
    for nip in ("9452121681", "945-212-16-81", "945 212 16 81"):
        found = api.clients.list(nip=nip)
        assert [row["client_id"] for row in found["clients"]] == wanted
        assert found["info"] == {"total": 2, "pages": 1, "per_page": 100, "page": 1}
    page = api.clients.list(nip="9452121681", page=2, per_page=1)
    assert [row["client_id"] for row in page["clients"]] == wanted[1:]
    before = count(standin)
    for nip in ("", "  ", "brak"):
        assert api.clients.list(nip=nip) == {
            "clients": [], "info": {"total": 0, "pages": 0, "per_page": 100, "page": 1},
        }  # fmt: skip
    assert count(standin) == before


def test_a_filter_that_v3_ignores_is_checked(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first client of the answer would become the buyer: no other may stand there."""
    make_client(api, nip="526-025-02-74")
    wanted = make_client(api)
    monkeypatch.setattr(paging, "filters_of", lambda *_: [])
    found = api.clients.list(nip="9452121681")["clients"]
    assert [row["client_id"] for row in found] == [wanted]


def test_pages(api: Api, standin: StandIn) -> None:
    """In the order of the ids, any page, up to a thousand a page."""
    ids = [client_of(standin, company_name=f"F{n}") for n in range(230)]
    before = count(standin)
    found = api.clients.list(per_page=1000)
    assert [row["client_id"] for row in found["clients"]] == ids
    assert count(standin) == before + 3
    page = api.clients.list(page="2", per_page="100")
    assert [row["client_id"] for row in page["clients"]] == ids[100:200]
    assert page["info"] == {"total": 230, "pages": 3, "per_page": 100, "page": 2}
    assert api.clients.list(page=9)["clients"] == []
    error = error_of(lambda: api.clients.list(per_page=0))
    assert error.body["errors"] == {"client": [["per_page", "invalid"]]}


@pytest.mark.parametrize("tree", [{}, {"nazwa_firmy": "X"}, {"client": ""}, [], None])
def test_create_without_the_wrapper_or_a_name(api: Api, standin: StandIn, tree: Tree) -> None:
    """v2 read what stands under `client` only."""
    error = error_of(lambda: api.clients.create(tree))
    assert (error.status, error.body["errors"]) == (409, {"client": [["nazwa_firmy", "blank"]]})
    assert count(standin) == 0


def test_faults_of_a_client(api: Api) -> None:
    """All at once, and v3's under v2's names."""
    bad = {"nazwa_firmy": "", "panstwo": "Atlantyda", "adres_kor": "może", "email": "a\ud800"}
    error = error_of(lambda: api.clients.create({"client": bad}))
    assert sorted(error.body["errors"]["client"]) == [
        ["adres_kor", "invalid"], ["nazwa_firmy", "blank"],
    ]  # fmt: skip
    for given, name in (
        ({"panstwo": "Atlantyda"}, "panstwo"), ({"nip": "123"}, "nip"),
        ({"info": "\ud800"}, "info"),
    ):  # fmt: skip
        error = error_of(lambda given=given: make_client(api, **given))  # type: ignore[misc]
        assert error.body["errors"]["client"] == [[name, "invalid"]]


def test_update_that_cannot_be(api: Api) -> None:
    """A name that is taken away, a value that cannot be read."""
    number = make_client(api)
    error = error_of(lambda: api.clients.update(number, {"client": {"nazwa_firmy": ""}}))
    assert error.body["errors"] == {"client": [["nazwa_firmy", "blank"]]}
    error = error_of(lambda: api.clients.update(number, {"client": {"panstwo": "Atlantyda"}}))
    assert error.body["errors"] == {"client": [["panstwo", "invalid"]]}


@pytest.mark.parametrize("tree", [{"email": "x@y.pl", "nip": "1"}, {}, [], {"client": ""}, None])
def test_update_without_the_wrapper(api: Api, standin: StandIn, tree: Tree) -> None:
    """A known caller sends its own address record: nothing changes, and the answer is 200."""
    number = make_client(api)
    before = count(standin)
    assert api.clients.update(number, tree) == {"client": {"client_id": number}}
    assert count(standin) == before


@pytest.mark.parametrize("fault", [*UNCLEAR, *REFUSING], ids=named)
@pytest.mark.parametrize("nip", ["945-212-16-81", ""])
def test_a_client_in_doubt_is_created_once(
    make: Make, standin: StandIn, wall: Wall, fault: Tree, nip: str
) -> None:
    """Found again by tax number or name, else sent after a quarter of an hour."""
    api, hasty = make(standin, patience=10), make(standin, patience=0.4)
    standin.fault(**fault, method="POST")
    body = {"client": {**FULL, "nip": nip}}
    done = fault["kind"] in ("drop_after", "broken_body") or fault.get("after", False)
    if not done:
        assert error_of(lambda: hasty.clients.create(body)).status == 503
        wall.ahead = 960
    number = api.clients.create(body)["client"]["client_id"]
    assert [row["id"] for row in documents(standin, "clients")] == [number]
    second = api.clients.create(body)["client"]["client_id"]
    assert second != number


@pytest.mark.parametrize("fault", UNCLEAR, ids=named)
def test_update_and_delete_in_doubt(api: Api, standin: StandIn, fault: Tree) -> None:
    """Looked at, then sent again; 404 after a doubt is as good as done."""
    number = make_client(api)
    standin.fault(**fault, method="PUT")
    api.clients.update(number, {"client": {"info": "nowe"}})
    assert documents(standin, "clients")[0]["note"] == "nowe"
    if fault["kind"] != "broken_body":
        standin.fault(**fault, method="DELETE")
    assert api.clients.delete(number) == {"client": {"client_id": number}}
    assert documents(standin, "clients") == []
    standin.world.faults.clear()


def test_update_that_stays_in_doubt(api: Api, standin: StandIn) -> None:
    """503 after another try."""
    number = make_client(api)
    standin.fault("drop_before", method="PUT", times=5)
    assert error_of(lambda: api.clients.update(number, {"client": {"info": "x"}})).status == 503
    standin.world.faults.clear()
