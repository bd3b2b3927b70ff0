"""The differences of the facade, each through a running stand-in."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from infakt_compat.facade import Api, V2Error, connect
from infakt_compat.standin import StandIn
from infakt_compat.v3 import Backoff
from tests.v2_invoice import LINE, client_of, invoice

Tree = dict[str, Any]
Connect = Callable[..., Api]

NO_ANSWER = {"method": "POST", "path": "/async/invoices.json"}


@pytest.fixture
def connected(current: StandIn) -> Iterator[Connect]:
    """Answer a maker of APIs with a store of their own and no thread."""
    made: list[Api] = []

    def make(**more: Any) -> Api:
        settings = {"store": ":memory:", "limits": "off", "background": False, "patience": 1.5}
        backoff = Backoff(first=0.001, most=0.01, limited=0.01)
        made.append(connect(current.api_key, current.url, backoff=backoff, **{**settings, **more}))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def api(connected: Connect) -> Api:
    """Answer an API."""
    return connected()


@pytest.fixture
def buyer(current: StandIn) -> int:
    """Answer a client who is there."""
    return client_of(current)


def made(api: Api, buyer: int, **more: Any) -> int:
    """Create an invoice; gives its id."""
    number: int = api.invoices.create(invoice(buyer, **more))["invoice"]["invoice_id"]
    return number


def held(current: StandIn, number: int) -> Tree:
    """Give an invoice as v3 holds it."""
    found = current.world.store.get("invoices", number)
    assert found is not None
    return dict(found)


def refused(work: Callable[[], object]) -> V2Error:
    """Give the error that a call ends with."""
    with pytest.raises(V2Error) as error:
        work()
    return error.value


def writes(current: StandIn) -> list[Tree]:
    """Give the bodies of the writes so far."""
    return [one["body"] for one in current.requests() if one["method"] != "GET"]


def test_difference_31_one_price_of_a_line_is_sent(api: Api, current: StandIn, buyer: int) -> None:
    """cena_netto before wartosc_netto before wartosc_brutto."""
    lines = [
        {**LINE, "wartosc_netto": "7", "wartosc_brutto": "9"},
        {**LINE, "cena_netto": None, "wartosc_netto": "7", "wartosc_brutto": "9"},
        {**LINE, "cena_netto": "", "wartosc_brutto": "9"},
    ]
    made(api, buyer, services=lines)
    prices = ("unit_net_price", "net_price", "gross_price", "tax_price")
    sent = [[n for n in prices if n in row] for row in writes(current)[0]["invoice"]["services"]]
    assert sent == [["unit_net_price"], ["net_price"], ["gross_price"]]


def test_difference_32_a_country_on_a_live_write(api: Api, current: StandIn) -> None:
    """None is Poland; one that no table knows is 409."""
    number = api.clients.create({"client": {"nazwa_firmy": "A"}})["client"]["client_id"]
    client = current.world.store.get("clients", number)
    assert client is not None
    assert client["country"] == "PL"
    tree = {"client": {"nazwa_firmy": "A", "panstwo": "Atlantyda"}}
    error = refused(lambda: api.clients.create(tree))
    assert error.body["errors"]["client"] == [["panstwo", "invalid"]]


def test_difference_33_a_ground_of_exemption_on_a_live_write(
    connected: Connect, current: StandIn, buyer: int
) -> None:
    """v3's id when the account knows it, what its own table says, else 409."""
    lines = [{**LINE, "stawka_vat": "zw"}]
    api = connected(defaults={"exemptions": {"77": 3}})
    for given, sent in (("1", 1), ("77", 3)):
        number = made(api, buyer, services=lines, podstawa_zwolnienia=given)
        assert held(current, number)["vat_exemption_reason"] == sent
        assert api.invoices.show(number)["invoice"]["podstawa_zwolnienia"] == given
    body = invoice(buyer, services=lines, podstawa_zwolnienia="78")
    error = refused(lambda: api.invoices.create(body))
    assert error.body["errors"]["invoice"] == [["podstawa_zwolnienia", "invalid"]]


def test_difference_34_no_currency_is_pln(api: Api, current: StandIn, buyer: int) -> None:
    """Whatever the account's is."""
    current.configure("account", currency="EUR")
    assert held(current, made(api, buyer))["currency"] == "PLN"


def test_difference_35_what_v3_cannot_hold_stands_in_the_store(
    api: Api, current: StandIn, buyer: int
) -> None:
    """It is shown while v3's value is the one that it belongs to."""
    lines = [{**LINE, "cena_netto": "1.005", "product_id": 17}]
    number = made(api, buyer, status="niezapłacona", services=lines)
    shown = api.invoices.show(number)["invoice"]
    assert shown["status"] == "niezapłacona"
    assert (shown["services"][0]["cena_netto"], shown["services"][0]["product_id"]) == (
        Decimal("1.005"),
        17,
    )
    current.world.store.put("invoices", {**held(current, number), "status": "sent"})
    assert api.invoices.show(number)["invoice"]["status"] == "wysłana"


def test_difference_36_the_order_of_the_merged_list(api: Api, current: StandIn, buyer: int) -> None:
    """Equal dates: a fixed order of the kinds; a kind without the date goes by its own."""
    row = {"name": "A", "tax_symbol": "23", "unit_net_price": 100}
    common = {"client_id": buyer, "payment_method": "cash", "invoice_date": "2026-03-08"}
    current.seed(
        invoices=[{**common, "services": [row]}, {**common, "services": [row]}],
        margin_invoices=[{
            **common, "margin_kind": "second_hand_goods",
            "services": [{
                "name": "B", "gross_with_margin_amount_price": 100, "margin_amount_price": 1,
            }],
        }],
        advance_invoices=[{**common, "advance_price": 100, "services": [row]}],
    )  # fmt: skip
    kinds = ["Faktura VAT", "Faktura VAT", "Faktura Marża", "Faktura Zaliczkowa"]
    for order in (None, "data_sprzedazy_asc"):
        rows = api.invoices.list(order=order)["invoices"]
        assert [one["rodzaj_faktury"] for one in rows] == kinds


def test_difference_37_pages(api: Api, buyer: int) -> None:
    """1 to 1000 a page, nothing beyond the end, and 409 for what v2 did not know."""
    made(api, buyer)
    assert api.invoices.list(per_page=1000)["info"]["per_page"] == 1000
    assert api.invoices.list(page=9)["invoices"] == []
    assert api.invoices.list()["info"]["per_page"] == 100
    for name, value in (("per_page", 1001), ("page", 0), ("order", "numer_asc")):
        error = refused(lambda name=name, value=value: api.invoices.list(**{name: value}))  # type: ignore[misc]
        assert name in str(error.body)
        assert error.status == 409


def test_difference_38_an_id_that_was_never_seen(
    api: Api, connected: Connect, current: StandIn, buyer: int
) -> None:
    """The index finds it; an id of two documents is 409."""
    number = made(api, buyer)
    other = connected()
    assert other.invoices.show(number)["invoice"]["invoice_id"] == number
    assert refused(lambda: other.invoices.show(number + 1)).status == 404
    current.world.store.put(
        "final_invoices", {**held(current, number), "uuid": "a-b", "kind": "final"}
    )
    assert refused(lambda: connected().invoices.show(number)).status == 409
    current.fault("drop_before", times=40)
    assert refused(lambda: connected().invoices.show(number)).status == 503


def test_difference_39_paid_twice(api: Api, buyer: int) -> None:
    """The same answer, once v3 has done it."""
    number = made(api, buyer)
    assert api.invoices.paid(number) == api.invoices.paid(number)
    assert api.invoices.show(number)["invoice"]["status"] == "zapłacona"


def test_difference_40_nothing_goes_by_post(api: Api, current: StandIn, buyer: int) -> None:
    """409, and no call."""
    number = made(api, buyer)
    before = len(current.requests())
    error = refused(lambda: api.invoices.deliver(number, type="post"))
    assert error.body["errors"]["invoice"] == [["type", "invalid"]]
    assert len(current.requests()) == before


def test_difference_41_papers(api: Api, current: StandIn, buyer: int) -> None:
    """For angpol v3's regular in pe; for what v2 did not know the original."""
    number = made(api, buyer)
    asked = []
    for doc_type in ("angpol", "KOPIA", "inny", None):
        api.invoices.pdf(number, doc_type)
        query = current.requests()[-1]["query"]
        asked.append((query["document_type"], query["locale"]))
    assert asked == [("regular", "pe"), ("copy", "pl"), ("original", "pl"), ("original", "pl")]


def test_difference_42_create_names_the_invoice_twice(api: Api, buyer: int) -> None:
    """Under both keys that callers read."""
    answer = api.invoices.create(invoice(buyer))
    assert answer["invoice"] == answer["invoice_id"]
    assert set(answer["invoice"]) == {"invoice_id", "numer"}


def test_difference_43_v3_sets_the_day_of_payment(api: Api, current: StandIn, buyer: int) -> None:
    """None is sent where none was given."""
    number = made(api, buyer, data_wystawienia="2026-03-01")
    assert "payment_date" not in writes(current)[0]["invoice"]
    assert api.invoices.show(number)["invoice"]["termin_zaplaty"] == "2026-03-15"


def test_difference_44_a_status_that_v3_does_not_take(
    api: Api, current: StandIn, buyer: int
) -> None:
    """The invoice is there, and its payment follows."""
    current.fault("status", status=401, method="POST", path="*paid.json")
    number = made(api, buyer, status="zapłacona", data_oplacenia="2026-12-24")
    assert "status.not_applied" in [notice.code for notice in api.last_notices]
    api.run_background()
    doc = held(current, number)
    assert (doc["status"], doc["paid_date"]) == ("paid", "2026-12-24")


def test_difference_45_a_status_sends_no_email(
    connected: Connect, current: StandIn, buyer: int
) -> None:
    """Unless the account says so."""
    for said in (False, True):
        api = connected(defaults={"email_on_sent": said})
        current.world.log.clear()
        number = made(api, buyer, status="wysłana", uwagi=str(said))
        paths = [one["path"] for one in current.requests()]
        assert any("deliver_via_email" in path for path in paths) is said
        assert held(current, number)["status"] == "sent"


def test_difference_46_lines_of_an_update(api: Api, current: StandIn, buyer: int) -> None:
    """Matched by id, or by position when none came; what v2 has no word for stays."""
    row = {"name": "A", "tax_symbol": "oo", "unit_net_price": 100, "gtu_id": "7", "discount": "5"}
    order = {"client_id": buyer, "payment_method": "cash", "services": [row, row]}
    number = current.seed(invoices=[order])["invoices"][0]["id"]
    shown = api.invoices.show(number)["invoice"]["services"]
    second = {"service_id": shown[1]["service_id"], "nazwa": "B"}
    for lines, kept in (([second, LINE], [True, False]), ([{"jm": "kg"}, LINE], [True, False])):
        api.invoices.update(number, {"invoice": {"services": lines}})
        after = held(current, number)["services"]
        assert [one["gtu_id"] == "7" for one in after] == kept
    assert [one["name"] for one in after] == ["B", "Usługa"]


def test_difference_47_other_kinds_are_not_updated(api: Api, current: StandIn, buyer: int) -> None:
    """409; v2 could write two kinds only."""
    number = made(api, buyer)
    current.world.store.put("invoices", {**held(current, number), "kind": "internal"})
    error = refused(lambda: api.invoices.update(number, {"invoice": {"uwagi": "x"}}))
    assert error.body["errors"]["invoice"] == [["rodzaj_faktury", "invalid"]]


def test_difference_48_what_is_unchanged_or_read_only_is_not_sent(
    api: Api, current: StandIn, buyer: int
) -> None:
    """v3 hears nothing, and the caller gets a notice."""
    number = made(api, buyer)
    record = api.invoices.show(number)["invoice"]
    before = len(writes(current))
    api.invoices.update(number, {"invoice": record})
    api.invoices.update(number, {"invoice": {**record, "razem_brutto": "1"}})
    assert [notice.code for notice in api.last_notices] == ["field.read_only"]
    assert len(writes(current)) == before


def test_difference_49_clients_by_their_nip(api: Api, buyer: int) -> None:
    """Its digits count; an empty one is nobody's."""
    found = api.clients.list(nip="945 212 16 81")["clients"]
    assert [one["client_id"] for one in found] == [buyer]
    assert api.clients.list(nip="")["clients"] == []


def test_difference_50_a_client_without_its_wrapper(api: Api, current: StandIn, buyer: int) -> None:
    """Nothing is changed, and the answer is as ever."""
    assert api.clients.update(buyer, {"nazwa_firmy": "Inna"}) == {"client": {"client_id": buyer}}
    assert current.requests() == []


def test_difference_51_a_create_in_doubt(api: Api, current: StandIn, buyer: int) -> None:
    """503; an equal one finds what was made, and sends nothing before a quarter of an hour."""
    for status in (500, 503):
        current.fault("status", status=status, retry_after=0, **NO_ANSWER)
        body = invoice(buyer, uwagi=str(status))
        for _ in range(2):
            assert refused(lambda body=body: api.invoices.create(body)).status == 503  # type: ignore[misc]
    assert len(writes(current)) == 2
    current.fault("drop_after", **NO_ANSWER)
    number = made(api, buyer, uwagi="jest")
    assert [doc["id"] for doc in current.world.store.all("invoices")] == [number]


def test_difference_52_a_delete_in_doubt(api: Api, current: StandIn, buyer: int) -> None:
    """404 afterwards is as good as done."""
    number = made(api, buyer)
    current.fault("drop_after", method="DELETE")
    assert api.invoices.delete(number) == {"invoice": {"invoice_id": number}}
    assert refused(lambda: api.invoices.delete(number)).status == 404


def test_difference_53_an_email_in_doubt(api: Api, current: StandIn, buyer: int) -> None:
    """It is not sent again by itself."""
    number = made(api, buyer)
    before = len(writes(current))
    current.fault("drop_before", method="POST", times=9)
    error = refused(lambda: api.invoices.deliver(number))
    assert (error.status, "do it again" in error.body["message"]) == (503, True)
    assert error.retry_after is None
    assert len(writes(current)) == before + 1


def test_difference_54_v3s_own_words(api: Api) -> None:
    """Beside v2's message and field names."""
    error = refused(lambda: api.invoices.create(invoice(999)))
    assert error.body["errors"]["invoice"] == [["client_id", "invalid"]]
    assert "Klient nie istnieje." in error.body["details"]


def test_difference_55_limits_and_broken_answers(api: Api, current: StandIn, buyer: int) -> None:
    """Waited for within the patience, then 503; what cannot be understood is 502."""
    number = made(api, buyer)
    current.fault("status", status=429, retry_after=1)
    assert api.invoices.show(number)["invoice"]["invoice_id"] == number
    current.fault("status", status=429, retry_after=40)
    error = refused(lambda: api.invoices.show(number))
    assert (error.status, error.retry_after) == (503, 40)
    current.fault("broken_body", variant="html", times=40)
    assert refused(lambda: api.invoices.show(number)).status == 502


def test_difference_56_two_meanings_of_403(api: Api, current: StandIn, buyer: int) -> None:
    """The plan's limit is v2's 402, a blocked address 502: v3's text tells."""
    number = made(api, buyer)
    for text, status in (
        ("Przekroczono limit w Twoim abonamencie.", 402),
        ("Dostęp z tego adresu IP został zablokowany.", 502),
    ):
        current.fault("status", status=403, body={"error": text})
        assert refused(lambda: api.invoices.show(number)).status == status
