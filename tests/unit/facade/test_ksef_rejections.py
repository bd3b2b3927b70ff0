"""Rejections of KSeF's: kept, told, logged, and cleared by a later acceptance."""

import logging
import threading
from datetime import UTC, datetime

import pytest

from infakt_compat.facade import Api, KsefRejection, ksef_watch
from infakt_compat.facade.ksef_rejections import described
from infakt_compat.standin import StandIn
from infakt_compat.store import KsefState, Store
from tests.v2_invoice import client_of, invoice

from .conftest import Make
from .ksef_support import DAY, HOUR, KSEF, SEND, STATUS, issued, kept, turns
from .support import Wall, calls, codes, count, made_id, stored


@pytest.fixture
def rejected() -> list[KsefRejection]:
    """Answer what the APIs of a test were told of."""
    return []


@pytest.fixture
def api(current: StandIn, make: Make, rejected: list[KsefRejection]) -> Api:
    """Answer an API that sends to KSeF and tells of rejections."""
    return make(current, defaults=KSEF, on_ksef_rejection=rejected.append)


@pytest.mark.parametrize("outcome", ["rejected", "error"])
def test_a_rejection_is_kept_told_and_logged(
    current: StandIn,
    api: Api,
    rejected: list[KsefRejection],
    wall: Wall,
    outcome: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Once, with v3's code and text, number and time."""
    current.configure("ksef", outcome=outcome)
    number = issued(current, api)
    assert api.ksef_rejections() == []
    with caplog.at_level(logging.WARNING, "infakt_compat"):
        turns(api, wall, 30)
    (one,) = api.ksef_rejections()
    assert rejected == [one]
    assert (one.id, one.number, one.status) == (number, stored(current, number)["number"], outcome)
    assert one.description == stored(current, number)["ksef_data"]["status_description"]
    assert abs((datetime.now(UTC) - one.when).total_seconds() + wall.ahead) < 60
    line = caplog.messages[-1]
    assert all(part in line for part in (str(number), outcome, one.description, api.account))
    turns(api, wall, HOUR, times=3)
    before = count(current)
    api.run_background()  # at once, but what was rejected has its own time
    assert calls(current, before) == []
    assert rejected == [one] == api.ksef_rejections()


def test_the_text_names_nobody(
    current: StandIn, api: Api, wall: Wall, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither what it quotes nor what stands on the invoice; no line breaks reach the log."""
    buyer = client_of(
        current, company_name=None, first_name="Zdzisława", last_name="Wąs-Nowak",
        business_activity_kind="private_person", nip=None, email="z@example.com",
    )  # fmt: skip
    current.configure("ksef", outcome="rejected", description=(
        "Kod 450: nabywca Zdzisławy Wąs-Nowak (z@example.com, 521-592-28-94)\nERROR \x1b[31m"
        " „Leczenie zęba” Leczenie zęba: zły adres Zielna"
    ))  # fmt: skip
    line = {"nazwa": "Leczenie zęba", "ilosc": 1, "stawka_vat": 23, "cena_netto": "1"}
    body = invoice(
        buyer, status="wydrukowana", services=[line], client_ulica="Zielna", uwagi="tajne"
    )
    number = made_id(api.invoices.create(body))
    turns(api, wall, 30)
    (one,) = api.ksef_rejections()
    assert (one.id, one.description) == (
        number, "Kod 450: nabywca *** *** *** ***) ERROR [31m *** ***: zły adres ***",
    )  # fmt: skip
    assert "\n" not in caplog.messages[-1]
    assert len(described("Błąd " * 1000, {})) == 500
    assert "Wąs" not in caplog.text


def test_a_later_acceptance_clears_it(
    current: StandIn, api: Api, rejected: list[KsefRejection], wall: Wall, store: Store
) -> None:
    """Put right by an update it is sent again; sent again elsewhere it is found out."""
    current.configure("ksef", outcome="rejected")
    first, second = issued(current, api), issued(current, api)
    third = issued(current, api)
    turns(api, wall, 30)
    assert [one.id for one in api.ksef_rejections()] == [third, second, first]
    current.configure("ksef", outcome="success")
    before = count(current)
    api.invoices.update(first, {"invoice": {"uwagi": "poprawiona"}})
    assert calls(current, before) == ["GET /invoices/*", "PUT /invoices/*", SEND]
    assert [one.id for one in api.ksef_rejections()] == [third, second]
    turns(api, wall, 30)
    assert kept(store, api, first).state is KsefState.ACCEPTED
    uuid = stored(current, second)["uuid"]
    api._account.v3.invoices.send_to_ksef(uuid)  # in inFakt's own pages, say
    turns(api, wall, HOUR)
    assert [one.id for one in api.ksef_rejections()] == [third]
    api._account.v3.invoices.send_to_ksef(stored(current, third)["uuid"])
    api.invoices.show(third)  # a caller's look counts as well
    assert api.ksef_rejections() == []
    assert len(rejected) == 3


def test_rejected_again_is_told_again(
    current: StandIn, api: Api, rejected: list[KsefRejection], wall: Wall
) -> None:
    """A second sending is a second rejection; sent elsewhere, it waits for KSeF again."""
    current.configure("ksef", outcome="rejected")
    number = issued(current, api)
    turns(api, wall, 30)
    api.invoices.update(number, {"invoice": {"uwagi": "poprawiona"}})
    turns(api, wall, 30)
    assert [one.id for one in rejected] == [number, number]
    current.configure("ksef", looks=1)
    api._account.v3.invoices.send_to_ksef(stored(current, number)["uuid"])
    turns(api, wall, HOUR)
    assert api.ksef_rejections() == []
    turns(api, wall, 30)
    assert len(rejected) == 3
    current.configure("ksef", looks=1)
    api._account.v3.invoices.send_to_ksef(stored(current, number)["uuid"])
    api.invoices.show(number)
    assert api.ksef_rejections() == []
    turns(api, wall, 30, times=3)
    assert len(rejected) == 4
    api.invoices.delete(number)
    assert api.ksef_rejections() == []


def test_v3_refuses_to_send(
    current: StandIn, api: Api, rejected: list[KsefRejection], wall: Wall
) -> None:
    """That is a rejection, too, and the caller is told; to repeat it would be refused again."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    current.configure("account", ksef=False)
    api.invoices.update(number, {"invoice": {"status": "wydrukowana"}})
    assert codes(api) == {"ksef.refused"}
    (one,) = rejected
    assert (one.id, one.status) == (number, "refused")
    assert one.description == "Użytkownik nie jest zintegrowany z KSeF."
    turns(api, wall, DAY, times=3)
    assert (len(rejected), calls(current).count(SEND)) == (1, 1)
    current.configure("account", ksef=True)
    api._account.v3.invoices.send_to_ksef(stored(current, number)["uuid"])
    turns(api, wall, DAY)
    assert (api.ksef_rejections(), stored(current, number)["ksef_data"]["status"]) == (
        [],
        "success",
    )


def test_what_v3_refused_is_sent_when_it_is_put_right(current: StandIn, api: Api) -> None:
    """Also an invoice that KSeF rejected before this program was there."""
    buyer = client_of(current)
    number = made_id(api.invoices.create(invoice(buyer)))
    body = {"error": "Nie można wysłać faktury."}
    current.fault("status", status=422, path="*send_to_ksef.json", body=body)
    api.invoices.update(number, {"invoice": {"status": "wydrukowana"}})
    assert len(api.ksef_rejections()) == 1
    api.invoices.update(number, {"invoice": {"uwagi": "x"}})
    assert (api.ksef_rejections(), calls(current)[-1]) == ([], SEND)
    data = {"status": "rejected", "ksef_number": None}
    made = current.seed(invoices=[{"status": "sent", "client_id": buyer, "ksef_data": data}])
    old = made["invoices"][0]["id"]
    api.invoices.list()
    api.invoices.update(old, {"invoice": {"uwagi": "x"}})
    assert calls(current)[-1] == SEND


def test_a_second_sending_that_fails_is_tried_again(
    current: StandIn, api: Api, rejected: list[KsefRejection], wall: Wall, store: Store
) -> None:
    """What v3 shows is the first rejection then, and not taken for another."""
    current.configure("ksef", outcome="rejected")
    number = issued(current, api)
    turns(api, wall, 30)
    current.fault("status", status=429, retry_after=90, path="*send_to_ksef.json")
    api.invoices.update(number, {"invoice": {"uwagi": "x"}})
    assert "ksef.not_sent" in codes(api)
    assert kept(store, api, number).state is KsefState.DUE
    current.configure("ksef", outcome="success")
    turns(api, wall, 120)
    assert (len(rejected), calls(current)[-1]) == (1, SEND)
    turns(api, wall, 30)
    assert kept(store, api, number).state is KsefState.ACCEPTED


def test_another_was_quicker(current: StandIn, make: Make, wall: Wall, store: Store) -> None:
    """Who comes second neither sends nor tells."""
    told: list[KsefRejection] = []
    first = make(current, defaults=KSEF)
    current.configure("ksef", outcome="rejected")
    number = issued(current, first)
    stale = kept(store, first, number)

    def quicker(line: str) -> None:
        """Let another process conclude the same as soon as the invoice was read."""
        if '"GET"' in line and "/invoices/" in line:
            store.ksef.move(first.account, stale, KsefState.REJECTED, 60, code="rejected")

    second = make(current, log=quicker, on_ksef_rejection=told.append)
    turns(second, wall, 30)
    assert (len(second.ksef_rejections()), told) == (1, [])
    before = count(current)
    assert ksef_watch.send(second._account, second._account.v3, stale) is KsefState.SENT
    assert calls(current, before) == []


def test_the_status_counts_more_than_a_record_that_lags(
    current: StandIn, make: Make, wall: Wall
) -> None:
    """Rejected, though the invoice does not show it yet."""

    def lag(line: str) -> None:
        if "status.json" in line:
            doc = current.world.store.all("invoices")[0]
            current.world.store.put("invoices", {**doc, "ksef_data": None, "_ksef": None})

    current.configure("ksef", outcome="rejected")
    api = make(current, defaults=KSEF, log=lag)
    issued(current, api)
    turns(api, wall, HOUR)
    assert (len(api.ksef_rejections()), SEND in calls(current)) == (1, False)


def test_asked_and_rejected(
    current: StandIn, api: Api, wall: Wall, store: Store, rejected: list[KsefRejection]
) -> None:
    """Before it was seen that v3 sent it at all."""
    current.configure("ksef", outcome="rejected")
    number = issued(current, api)
    uuid = stored(current, number)["uuid"]
    store.ksef.put(api.account, number, uuid, KsefState.ASKED, ksef_watch.TO_SHOW)
    turns(api, wall, 120)
    assert ([one.id for one in rejected], SEND in calls(current)) == ([number], False)


def test_rejections_are_followed_for_a_month(
    current: StandIn, api: Api, wall: Wall, caplog: pytest.LogCaptureFixture
) -> None:
    """Once a day at last; they stay on the list after that."""
    current.configure("ksef", outcome="rejected")
    issued(current, api)
    turns(api, wall, 30)
    before = count(current)
    turns(api, wall, DAY / 4, times=4 * 35)
    assert 30 <= len(calls(current, before)) <= 35
    assert len(api.ksef_rejections()) == 1
    assert "has not judged" not in caplog.text


def test_of_two_processes_one_looks(current: StandIn, make: Make, wall: Wall) -> None:
    """And one tells."""
    told: list[KsefRejection] = []
    apis = [make(current, defaults=KSEF, on_ksef_rejection=told.append) for _ in range(2)]
    current.configure("ksef", outcome="rejected")
    numbers = {issued(current, apis[0]) for _ in range(5)}
    before = count(current)
    wall.ahead += 30
    threads = [threading.Thread(target=ksef_watch.turn, args=[api._account]) for api in apis]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls(current, before).count(STATUS) == 5
    assert sorted(one.id for one in told) == sorted(numbers)


def test_a_hook_that_fails_changes_nothing(
    current: StandIn, make: Make, wall: Wall, caplog: pytest.LogCaptureFixture
) -> None:
    """It is the caller's own affair, and named in the log without a value."""

    def fail(_: KsefRejection) -> None:
        raise ValueError("secret")

    api = make(current, defaults=KSEF, on_ksef_rejection=fail)
    current.configure("ksef", outcome="rejected")
    issued(current, api)
    turns(api, wall, 30)
    assert len(api.ksef_rejections()) == 1
    assert ("ValueError" in caplog.text, "secret" in caplog.text) == (True, False)
