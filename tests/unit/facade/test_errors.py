"""v2's errors: the table, the fields, and what each of v3's answers becomes."""

import pickle
from typing import Any

import pytest

from infakt_compat.errors import Fault, TableError
from infakt_compat.facade import Api, V2Error, connect
from infakt_compat.facade.errors import answers, load, named
from infakt_compat.facade.faults import Faults
from infakt_compat.standin import StandIn
from infakt_compat.store import Store, StoreBusy
from infakt_compat.tables.files import data_folder
from infakt_compat.v3 import V3Client
from tests.v2_invoice import client_of, invoice

from .conftest import Make
from .support import QUICK, Tree, error_of, made_id

PLAN = "Request unable to process. Consider extanding your payment plan."


@pytest.mark.parametrize(
    ("fault", "status", "message"),
    [
        ({"status": 401}, 401, None), ({"status": 402}, 402, PLAN),
        ({"status": 403, "body": {"error": "Przekroczono limit faktur."}}, 402, PLAN),
        ({"status": 403, "body": {"error": "Limit: adres IP zablokowany"}}, 502, None),
        ({"status": 403, "body": "<html>no</html>"}, 502, None),
        ({"status": 404, "body": "<html>no</html>"}, 502, None), ({"status": 410}, 502, None),
        ({"status": 423}, 502, None), ({"status": 406}, 502, None), ({"status": 301}, 502, None),
        ({"status": 418}, 502, None), ({"status": 400}, 409, None), ({"status": 500}, 502, None),
        ({"status": 504}, 502, None), ({"status": 404}, 404, "No record found with that ID."),
    ],
)  # fmt: skip
def test_what_v3s_answers_become(
    api: Api, standin: StandIn, buyer: int, fault: Tree, status: int, message: str | None
) -> None:
    """Each status has its rule; a page that is not v3's own is never believed."""
    number = made_id(api.invoices.create(invoice(buyer)))
    standin.fault("status", method="GET", times=9, **fault)
    error = error_of(lambda: api.invoices.show(number))
    standin.world.faults.clear()
    assert error.status == status
    assert message is None or error.body["message"] == message
    path = f"/api/v2/invoices/show/{number}.json"
    assert error.body["request"] == (f"https://www.infakt.pl{path}" if status == 404 else path)


def test_the_plans_limit(api: Api, standin: StandIn, buyer: int) -> None:
    """402 in v2's own words, v3's beside."""
    standin.configure("plan", invoices_per_month=0)
    error = error_of(lambda: api.invoices.create(invoice(buyer)))
    assert (error.status, error.body) == (402, {
        "message": PLAN, "request": "/api/v2/invoices/create.json",
        "details": "Przekroczono limit faktur w Twoim abonamencie.",
    })  # fmt: skip


def test_limits_are_waited_for_and_then_503(api: Api, standin: StandIn, buyer: int) -> None:
    """Within the caller's patience; Retry-After is v3's."""
    number = made_id(api.invoices.create(invoice(buyer)))
    standin.fault("status", status=429, retry_after=1, method="GET", times=1)
    assert api.invoices.show(number)
    standin.fault("status", status=429, retry_after=40, method="GET", times=1)
    error = error_of(lambda: api.invoices.show(number))
    assert (error.status, error.retry_after) == (503, 40)


def test_v3_is_not_there(store: Store) -> None:
    """503: nothing was done, and another try may succeed."""
    settings: Any = {**QUICK, "store": store, "background": False}
    with connect("key", "http://127.0.0.1:9", **settings) as api:
        error = error_of(api.invoices.list)
        assert (error.status, error.retry_after) == (503, 10)
        error = error_of(lambda: api.invoices.create(invoice(1)))
        assert (error.status, error.retry_after) == (503, 10)
        assert store.pending.in_doubt() == ()


def test_the_key_stands_nowhere(api: Api, standin: StandIn, buyer: int) -> None:
    """Neither in errors nor in what is shown of the API."""
    standin.fault("status", status=401, body={"error": f"zły klucz {standin.api_key}"}, times=1)
    error = error_of(lambda: api.invoices.create(invoice(buyer)))
    assert standin.api_key not in repr(error.body) + repr(api._account) + str(error)
    assert standin.api_key not in api.account


def test_a_store_that_is_held_is_503(
    api: Api, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    """A clear error, and nothing was sent."""

    def busy(*_: Any) -> None:
        raise StoreBusy("held")

    monkeypatch.setattr(type(store.pending), "claim", busy)
    assert error_of(lambda: api.invoices.create(invoice(1))).status == 503


def test_v3s_fields_under_v2s_names() -> None:
    """Lines by their index where there is one; of several lines without, none is blamed."""
    faults = Faults("invoice", lines=3)
    faults.take_v3({
        "payment_method": ["Proszę wybrać"], "client_post_code": ["zły"], "bank_account": ["?"],
        "services[1].name": ["Proszę podać nazwę"], "services.2.tax_symbol": ["zła"],
        "services.gross": ["x"], "value.tax_values": ["x"], "services[9].name": ["x"],
        "duplicated_number": ["Faktura o podanym numerze już istnieje."], "base": ["x"],
    }, "vat")  # fmt: skip
    assert faults.tree() == {
        "invoice": [
            ["sposob_platnosci", "invalid"], ["client_kod_pocztowy", "invalid"],
            ["bank_account", "invalid"], ["wartosc_brutto", "invalid"], ["services", "invalid"],
            ["nazwa", "invalid"], ["numer", "taken"], ["base", "invalid"],
        ],
        "services": [[], [["nazwa", "blank"]], [["stawka_vat", "invalid"]]],
    }  # fmt: skip
    single = Faults("invoice", lines=1)
    single.take_v3({"services.tax_symbol": ["Proszę podać"]}, "vat")
    assert single.tree() == {"invoice": [], "services": [[["stawka_vat", "blank"]]]}


def test_faults_of_the_translation() -> None:
    """A path of a line, of a field, and of the whole document."""
    faults = Faults("invoice", lines=2)
    assert not faults
    faults.take([
        Fault("services.invalid", "services[1]"), Fault("money.invalid", "zaplacono", "x"),
        Fault("document.not_v2"), Fault("rate.required", "services[0].stawka_vat"),
    ])  # fmt: skip
    assert faults.tree() == {
        "invoice": [["zaplacono", "invalid"], ["invoice", "invalid"]],
        "services": [[["stawka_vat", "blank"]], [["services", "invalid"]]],
    }


def test_the_exception() -> None:
    """It says what it holds, travels between processes, and takes a gateway's own URL."""
    body = {"message": "M", "request": "/x", "errors": {"invoice": [["a", "blank"]]}}
    error = V2Error(409, body, retry_after=3)
    assert str(error) == "409 M | invoice: [['a', 'blank']]"
    again = pickle.loads(pickle.dumps(error))
    assert (again.status, again.body, again.retry_after) == (409, body, 3)
    url = "https://old.example/api/v2/invoices/show.json?id=5&oauth_token=t&x_auth_mode=m#f"
    assert error.asked(url).body["request"] == "/api/v2/invoices/show.json"
    whole = V2Error(404, {"message": "M"}, whole=True).asked(url)
    assert whole.body["request"] == "https://old.example/api/v2/invoices/show.json?id=5"
    assert named(url, False) == "/api/v2/invoices/show.json"


def test_the_fixed_messages_are_v2s_own() -> None:
    """Letter for letter, the vendor's misspelling too (seed 003)."""
    messages = answers().messages
    assert messages["not_found"] == "No record found with that ID."
    assert messages["invalid"] == "Some fields were given invalid or no values"
    assert messages["plan"] == PLAN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('why = "401 stays 401 (D 6)."', ""), ("v3 = [401]", 'v3 = [401]\noutcome = "limit"'),
        ('outcome = "limit"', 'outcome = "limits"'), ("status = 402", "status = 418"),
        ('message = "plan"', 'message = "plans"'), ('request = "url"', 'request = "uri"'),
        ("retry_after = 5\n", ""), ("[names]", "[name]"), ("[message]", "[message"),
        ("v3 = [401]", "v3 = [401]\nelse = 1"), ('outcome = "doubt"', "v3 = [599]"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used(old: str, new: str) -> None:
    """It is refused when it is read."""
    text = data_folder("mappings").joinpath("errors.toml").read_text("utf-8")
    assert old in text
    with pytest.raises(TableError, match=r"mappings/errors.toml"):
        load(text.replace(old, new))


def test_the_windows_are_the_stores(current: StandIn, make: Make, store: Store) -> None:
    """Two processes share them: limits are counted in the store."""
    api = make(current, limits="real")
    api.invoices.list()
    bucket = f"{current.root.removeprefix('http://')} read address default"
    assert store.limits.used(bucket, 60) == 5
    assert isinstance(api._account.v3, V3Client)
    assert client_of(current)


@pytest.mark.parametrize("tree", [None, 5, "x", [1, 2]])
def test_what_is_no_record_is_told_what_is_one(today: Api, tree: Any) -> None:
    """In words that callers of any language know."""
    error = error_of(lambda: today.invoices.create(tree))
    assert (error.status, error.body["errors"]["invoice"]) == (409, [["invoice", "invalid"]])
    assert error.body["details"] == 'a record is expected: {"invoice": {...}}'


def test_a_kind_that_is_missing_is_only_missing(current: StandIn, today: Api) -> None:
    """What follows from that is not said besides."""
    tree = invoice(client_of(current))
    del tree["invoice"]["rodzaj_faktury"]
    error = error_of(lambda: today.invoices.create(tree))
    assert error.body["errors"]["invoice"] == [["rodzaj_faktury", "blank"]]
    assert "details" not in error.body


def test_a_date_of_payment_that_is_none(today: Api) -> None:
    """The field, what it held, and what it has to hold."""
    error = error_of(lambda: today.invoices.paid(7, "31.12.2014"))
    assert error.body["errors"]["invoice"] == [["data_oplacenia", "invalid"]]
    assert error.body["details"].startswith("date.invalid data_oplacenia '31.12.2014'")
    assert "YYYY-MM-DD" in error.body["details"]


def test_a_page_that_there_cannot_be(today: Api) -> None:
    """Each parameter, and what it takes."""
    error = error_of(lambda: today.clients.list(page=0, per_page=1001))
    assert error.body["errors"] == {"client": [["page", "invalid"], ["per_page", "invalid"]]}
    assert error.body["details"] == (
        "page: a whole number, 1 or more; per_page: a whole number, 1 to 1000"
    )
