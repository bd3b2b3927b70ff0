"""KSeF: what is sent and when, and what is then left alone (decisions.md 5)."""

import pytest

from infakt_compat.facade import Api, ksef
from infakt_compat.facade.ksef_states import accepted, failed, status_of, under_way
from infakt_compat.standin import StandIn
from infakt_compat.store import Document, KsefState, Store
from tests.v2_invoice import client_of, invoice

from .conftest import Make
from .support import Tree, calls, codes, count, error_of, made_id, outcome, stored


@pytest.fixture
def api(current: StandIn, make: Make) -> Api:
    """Answer an API that sends to KSeF."""
    return make(current, defaults={"send_to_ksef": True})


def sent(standin: StandIn, number: int) -> bool:
    """Say whether an invoice is in KSeF."""
    return stored(standin, number)["ksef_data"] is not None


@pytest.mark.parametrize(
    ("status", "kind", "wanted"),
    [
        ("szkic", "Faktura VAT", False), ("wydrukowana", "Faktura VAT", True),
        ("zapłacona", "Faktura VAT", True), ("wysłana", "Faktura proforma", False),
    ],
)  # fmt: skip
def test_on_create(current: StandIn, api: Api, status: str, kind: str, wanted: bool) -> None:
    """VAT invoices that are no drafts; proformas never."""
    body = invoice(client_of(current), status=status, rodzaj_faktury=kind)
    number = made_id(api.invoices.create(body))
    assert sent(current, number) is wanted


@pytest.mark.parametrize("verb", ["update", "paid", "pdf", "deliver"])
def test_a_draft_that_stops_being_one(current: StandIn, api: Api, verb: str) -> None:
    """It is sent then, once; a proforma is not, and neither is what was issued long before."""
    buyer = client_of(current)

    def act(number: int) -> None:
        if verb == "update":
            api.invoices.update(number, {"invoice": {"status": "wydrukowana"}})
        else:
            getattr(api.invoices, verb)(number)

    number = made_id(api.invoices.create(invoice(buyer)))
    act(number)
    assert sent(current, number)
    act(number)
    assert calls(current).count("POST /invoices/*/send_to_ksef.json") == 1
    proforma = made_id(api.invoices.create(invoice(buyer, rodzaj_faktury="Faktura proforma")))
    before = count(current)
    act(proforma)
    assert (sent(current, proforma), "send_to_ksef" in str(calls(current, before))) == (
        False,
        False,
    )
    old = current.seed(invoices=[{"status": "sent", "client_id": buyer}])["invoices"][0]["id"]
    api.invoices.list()
    act(old)
    assert not sent(current, old)


def test_paid_through_update_sends_too(current: StandIn, api: Api) -> None:
    """First the payment, then KSeF."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    api.invoices.update(number, {"invoice": {"status": "zapłacona"}})
    assert (sent(current, number), stored(current, number)["status"]) == (True, "paid")


def test_a_proforma_that_becomes_an_invoice(current: StandIn, api: Api) -> None:
    """It is sent then; a draft that becomes an issued proforma is not."""
    buyer = client_of(current)
    body = invoice(buyer, rodzaj_faktury="Faktura proforma", status="wydrukowana")
    number = made_id(api.invoices.create(body))
    api.invoices.update(number, {"invoice": {"rodzaj_faktury": "Faktura VAT"}})
    assert (stored(current, number)["kind"], sent(current, number)) == ("vat", True)
    other = made_id(api.invoices.create(invoice(buyer)))
    change = {"rodzaj_faktury": "Faktura proforma", "status": "wydrukowana"}
    api.invoices.update(other, {"invoice": change})
    api.invoices.paid(other)
    assert (stored(current, other)["kind"], sent(current, other)) == ("proforma", False)
    assert calls(current).count("POST /invoices/*/send_to_ksef.json") == 1


def test_other_kinds_are_v3s_own_affair(current: StandIn, api: Api) -> None:
    """Corrections and the like could not be written in v2."""
    made = current.seed(corrective_invoices=[{}])["corrective_invoices"][0]["id"]
    api.invoices.list()
    before = count(current)
    api.invoices.paid(made)
    assert not any("ksef" in call for call in calls(current, before))


def test_what_ksef_has_accepted_is_left_alone(current: StandIn, api: Api) -> None:
    """409 with the advice to issue a correction; an update without a change is none."""
    number = made_id(api.invoices.create(invoice(client_of(current), status="wydrukowana")))
    before = count(current)
    error = error_of(lambda: api.invoices.update(number, {"invoice": {"uwagi": "x"}}))
    assert (error.status, "correction" in error.body["details"]) == (409, True)
    assert error.body["errors"]["invoice"] == [["base", "invalid"]]
    error = error_of(lambda: api.invoices.delete(number))
    assert (error.status, "correction" in error.body["details"]) == (409, True)
    assert calls(current, before) == ["GET /invoices/*"]  # the store knows it when it is deleted
    assert stored(current, number)["notes"] in (None, "")


def test_what_is_no_content_goes_on(current: StandIn, api: Api) -> None:
    """An accepted invoice is paid, by either verb, printed and e-mailed, and not sent again."""
    buyer = client_of(current)
    numbers = [made_id(api.invoices.create(invoice(buyer, status="wydrukowana"))) for _ in range(2)]
    before = count(current)
    api.invoices.update(numbers[0], {"invoice": {"uwagi": "", "status": "zapłacona"}})
    api.invoices.pdf(numbers[1])
    api.invoices.deliver(numbers[1])
    api.invoices.paid(numbers[1])
    assert [stored(current, number)["status"] for number in numbers] == ["paid", "paid"]
    assert not any("ksef" in call for call in calls(current, before))
    # What the store knows of an invoice need not be read before.
    assert calls(current, before).count("GET /invoices/*") == 3


def accepted_elsewhere(standin: StandIn) -> int:
    """Put an invoice into a stand-in that KSeF has, and that no API here has sent."""
    data = {"status": "success", "ksef_number": "9452121681-20260101-ABCDEF123456-77"}
    made = standin.seed(invoices=[{
        "status": "sent", "client_id": client_of(standin), "ksef_data": data,
    }])  # fmt: skip
    number: int = made["invoices"][0]["id"]
    return number


def test_accepted_elsewhere(current: StandIn, make: Make) -> None:
    """Without send_to_ksef too: v3 shows it, v3 refuses it, or it was seen before."""
    number, plain = accepted_elsewhere(current), make(current)
    plain.invoices.list()
    error = error_of(lambda: plain.invoices.update(number, {"invoice": {"uwagi": "x"}}))
    assert (error.status, "correction" in error.body["details"]) == (409, True)
    before = count(current)
    error = error_of(lambda: plain.invoices.delete(number))
    assert (error.status, calls(current, before)) == (409, [])
    second = accepted_elsewhere(current)
    plain.invoices.show(second)
    error = error_of(lambda: plain.invoices.delete(second))
    assert (error.status, "correction" in error.body["details"]) == (409, True)
    third = accepted_elsewhere(current)
    plain.invoices.list()
    before = count(current)
    error = error_of(lambda: plain.invoices.delete(third))  # it is known to use KSeF: read first
    assert (error.status, calls(current, before)) == (409, ["GET /invoices/*"])


def test_a_refusal_of_v3s_is_understood(current: StandIn, make: Make, store: Store) -> None:
    """Nothing is known before: v3 says it, and the advice is ours. Other words stay v3's."""
    number, plain = accepted_elsewhere(current), make(current)
    plain.invoices.list()
    before = count(current)
    error = error_of(lambda: plain.invoices.delete(number))
    assert (error.status, "correction" in error.body["details"]) == (409, True)
    assert calls(current, before) == ["DELETE /invoices/*", "GET /invoices/*"]
    assert store.ksef.used(plain.account)
    free = current.seed(invoices=[{"client_id": client_of(current)}])["invoices"][0]["id"]
    plain.invoices.list()
    for said, reads in (("Nazwa jest za długa dla KSeF.", 2), ("Za długa nazwa.", 1)):
        before = count(current)
        current.fault("status", method="PUT", status=422, body={"error": said})
        error = error_of(lambda: plain.invoices.update(free, {"invoice": {"uwagi": "x"}}))
        assert (error.status, error.body["details"]) == (409, said)
        assert calls(current, before).count("GET /invoices/*") == reads


def test_a_race_is_lost_to_ksef(current: StandIn, make: Make) -> None:
    """Accepted between our read and our change: v3 refuses it, and the advice is given."""
    made = current.seed(invoices=[{"status": "sent", "client_id": client_of(current)}])
    number = made["invoices"][0]["id"]

    def accept(line: str) -> None:
        """Let KSeF accept it as soon as it has been read once."""
        if '"GET"' in line:
            data = {"status": "success", "ksef_number": "1"}
            current.world.store.put("invoices", {**stored(current, number), "ksef_data": data})

    plain = make(current, log=accept)
    plain.invoices.list()
    current.world.store.put("invoices", {**stored(current, number), "ksef_data": None})
    error = error_of(lambda: plain.invoices.update(number, {"invoice": {"uwagi": "x"}}))
    assert (error.status, "correction" in error.body["details"]) == (409, True)
    assert calls(current)[-3:] == ["GET /invoices/*", "PUT /invoices/*", "GET /invoices/*"]


def test_what_is_on_its_way_is_not_changed(current: StandIn, api: Api) -> None:
    """503 until KSeF has answered: then 409, or the change is made. Payments go on."""
    current.configure("ksef", looks=1)
    number = made_id(api.invoices.create(invoice(client_of(current), status="wydrukowana")))
    change = {"invoice": {"uwagi": "x"}}
    for work in (
        lambda: api.invoices.update(number, change), lambda: api.invoices.delete(number),
    ):  # fmt: skip
        error = error_of(work)
        assert (error.status, error.retry_after) == (503, 60)
        assert "KSeF" in error.body["message"]
    assert stored(current, number)["notes"] is None
    api.invoices.paid(number)
    current.configure("ksef", outcome="rejected")
    api.run_background()
    api.run_background()
    api.invoices.update(number, change)
    assert stored(current, number)["notes"] == "x"


def test_delete_of_what_never_went_to_ksef(current: StandIn, api: Api) -> None:
    """A draft is deleted; what has gone already is 404, or done when the first answer was lost."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    api.invoices.delete(number)
    second = made_id(api.invoices.create(invoice(client_of(current))))
    current.fault("drop_after", method="DELETE", times=1)
    api.invoices.delete(second)
    third = made_id(api.invoices.create(invoice(client_of(current))))
    current.world.store.delete("invoices", third)
    assert error_of(lambda: api.invoices.delete(third)).status == 404
    fourth = made_id(api.invoices.create(invoice(client_of(current))))
    current.fault("drop_after", method="DELETE", times=2)
    current.fault("status", method="DELETE", status=500, times=2)
    while (error := outcome(lambda: api.invoices.delete(fourth))) is not None:
        assert error.status == 503
    assert fourth not in current.world.store.collections["invoices"].rows


def test_what_the_store_knows_counts(current: StandIn, api: Api, store: Store) -> None:
    """Accepted, though v3 does not show it; a create that is settled twice forgets nothing."""
    number = made_id(api.invoices.create(invoice(client_of(current), status="wydrukowana")))
    doc = stored(current, number)
    before = store.ksef.get(api.account, number)
    assert before is not None
    assert before.state is KsefState.ACCEPTED
    current.world.store.put("invoices", {**doc, "ksef_data": None, "_ksef": None})
    document = Document("invoices", number, doc["uuid"])
    ksef.asked(api._account, document, {**doc, "ksef_data": None})
    assert store.ksef.get(api.account, number) == before
    error = error_of(lambda: api.invoices.update(number, {"invoice": {"uwagi": "x"}}))
    assert (error.status, "correction" in error.body["details"]) == (409, True)


def test_a_draft_that_was_sent_elsewhere(current: StandIn, api: Api) -> None:
    """KSeF has it already when it is printed."""
    data = {"status": "sent", "ksef_number": None}
    made = current.seed(invoices=[{"client_id": client_of(current), "ksef_data": data}])
    api.invoices.list()
    api.invoices.pdf(made["invoices"][0]["id"])
    assert calls(current)[-2:] == ["GET /invoices/*", "GET /invoices/*/pdf.json"]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({}, ("", False, False, False)),
        ({"ksef_data": None}, ("", False, False, False)),
        ({"ksef_data": "?"}, ("", False, False, False)),
        ({"ksef_data": {"status": "pending"}}, ("pending", False, True, False)),
        ({"ksef_data": {"status": "sent"}}, ("sent", False, True, False)),
        ({"ksef_data": {"status": "error"}}, ("error", False, False, True)),
        ({"ksef_data": {"status": "rejected"}}, ("rejected", False, False, True)),
        ({"ksef_data": {"status": "success"}}, ("success", True, False, False)),
        ({"ksef_data": {"status": "new", "ksef_number": "1"}}, ("new", True, False, False)),
        ({"ksef_number": "1", "ksef_data": None}, ("success", True, False, False)),
    ],
)
def test_what_v3_shows(record: Tree, said: tuple[object, ...]) -> None:
    """Every status, and a number of KSeF's, which only an accepted invoice has."""
    kinds = (accepted, under_way, failed)
    assert (status_of(record), *(kind(record) for kind in kinds)) == said


def test_a_refusal_on_create_is_409(current: StandIn, api: Api) -> None:
    """An account without KSeF: v3's words beside v2's."""
    current.configure("account", ksef=False)
    body = invoice(client_of(current), status="wydrukowana")
    error = error_of(lambda: api.invoices.create(body))
    assert (error.status, "KSeF" in error.body["details"]) == (409, True)
    assert error.body["errors"]["invoice"] == [["base", "invalid"]]


def test_sending_that_fails_later(current: StandIn, api: Api) -> None:
    """The answer is 200, a notice says it, and it is tried again in the background."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    current.fault("drop_before", method="POST", path="*send_to_ksef.json")
    api.invoices.update(number, {"invoice": {"status": "wydrukowana"}})
    assert codes(api) == {"ksef.not_sent"}
    api.run_background()
    assert sent(current, number)


def test_sending_in_doubt_is_looked_at(current: StandIn, api: Api) -> None:
    """Done, and the answer was lost: not sent again."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    current.fault("drop_after", method="POST", path="*send_to_ksef.json")
    api.invoices.update(number, {"invoice": {"status": "wydrukowana"}})
    assert "ksef.not_sent" not in codes(api)
    assert calls(current).count("POST /invoices/*/send_to_ksef.json") == 1
