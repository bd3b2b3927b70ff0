"""What went to KSeF is followed until it is judged."""

import time
from collections.abc import Callable

import pytest

from infakt_compat.facade import Api, KsefRejection, connect, ksef, ksef_watch
from infakt_compat.standin import StandIn
from infakt_compat.store import Document, KsefState, Store
from tests.v2_invoice import client_of, invoice

from .conftest import Make
from .ksef_support import DAY, HOUR, KSEF, SEND, STATUS, issued, kept, turns, unsent
from .support import QUICK, Wall, calls, codes, count, error_of, made_id, stored


@pytest.fixture
def api(current: StandIn, make: Make) -> Api:
    """Answer an API that sends to KSeF."""
    return make(current, defaults=KSEF)


def test_looks_until_accepted(current: StandIn, api: Api, store: Store, wall: Wall) -> None:
    """The first after half a minute, each pause twice the one before; then never again."""
    current.configure("ksef", looks=3)
    number = issued(current, api)
    assert kept(store, api, number).state is KsefState.SENT
    before = count(current)
    looked = []
    for second in range(0, 1000, 10):
        turns(api, wall, 10.0)
        for call in calls(current, before):
            assert call == STATUS
            looked.append(second + 10)
        before = count(current)
    assert looked == [30, 60, 120, 240]
    assert kept(store, api, number).state is KsefState.ACCEPTED
    assert not store.ksef.waiting(api.account, due=False)
    assert api.ksef_rejections() == []


def test_nothing_after_the_end(current: StandIn, api: Api, wall: Wall) -> None:
    """A turn that has begun ends with the API."""
    issued(current, api)
    current.configure("ksef", looks=1)
    issued(current, api)
    before = count(current)
    api.close()
    turns(api, wall, 30)
    assert calls(current, before) == []


def test_a_restart_goes_on(current: StandIn, make: Make, wall: Wall, store: Store) -> None:
    """What was sent stands in the store, and so does what was about to be."""
    first = make(current, defaults=KSEF)
    current.configure("ksef", outcome="rejected")
    number = issued(current, first)
    draft = made_id(first.invoices.create(invoice(client_of(current))))
    current.fault("drop_after", path="*pdf.json", times=9)
    error_of(lambda: first.invoices.pdf(draft))
    current.world.faults.clear()
    assert kept(store, first, draft).state is KsefState.DUE
    first.close()
    second = make(current, defaults=KSEF)
    turns(second, wall, 120)
    assert [one.id for one in second.ksef_rejections()] == [number]
    assert kept(store, second, draft).state is KsefState.SENT
    assert calls(current).count(SEND) == 1


def test_an_email_in_doubt(current: StandIn, api: Api, wall: Wall, store: Store) -> None:
    """It was sent, and made the draft an invoice: the background finds that out."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    current.fault("drop_after", path="*email.json")
    assert error_of(lambda: api.invoices.deliver(number)).status == 503
    assert SEND not in calls(current)
    turns(api, wall, 120)
    assert (stored(current, number)["status"], calls(current).count(SEND)) == ("sent", 1)
    turns(api, wall, 30)
    assert kept(store, api, number).state is KsefState.ACCEPTED


def test_a_draft_that_stays_one(current: StandIn, api: Api, wall: Wall, store: Store) -> None:
    """Its status was not taken: it is looked at for some hours, and forgotten."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    current.fault("status", status=500, path="*pdf.json", times=9)
    error_of(lambda: api.invoices.pdf(number))
    current.world.faults.clear()
    assert kept(store, api, number).state is KsefState.DUE
    turns(api, wall, HOUR, times=10)
    assert store.ksef.get(api.account, number) is None
    assert SEND not in calls(current)
    api.invoices.pdf(number)
    assert calls(current)[-1] == SEND


def test_a_status_that_v3_takes_later(current: StandIn, api: Api, wall: Wall, store: Store) -> None:
    """A draft is not sent; once the status is there, the invoice is. Other changes note nothing."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    api.invoices.update(number, {"invoice": {"uwagi": "x"}})
    assert store.ksef.get(api.account, number) is None
    current.configure("quirks", status_writable=False)
    api.invoices.update(number, {"invoice": {"status": "wydrukowana"}})
    assert codes(api) == {"status.not_applied"}
    turns(api, wall, 120)
    assert SEND not in calls(current)
    current.configure("quirks", status_writable=True)
    api.run_background()
    assert (stored(current, number)["status"], calls(current).count(SEND)) == ("printed", 1)


def test_sent_by_the_next_verb(current: StandIn, api: Api, store: Store) -> None:
    """A draft that was due already is sent by whatever makes it an invoice."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    current.fault("status", status=401, path="*pdf.json")
    error_of(lambda: api.invoices.pdf(number))
    assert store.ksef.get(api.account, number) is None  # nothing was done
    change = {"invoice": {"status": "wydrukowana"}}
    current.fault("status", status=422, method="PUT")
    error_of(lambda: api.invoices.update(number, change))
    assert store.ksef.get(api.account, number) is None
    current.fault("status", status=500, path="*pdf.json", times=9)
    error_of(lambda: api.invoices.pdf(number))
    current.world.faults.clear()
    assert kept(store, api, number).state is KsefState.DUE
    api.invoices.paid(number)
    assert (kept(store, api, number).state, calls(current).count(SEND)) == (KsefState.SENT, 1)


def test_v3_has_not_told_ksef(current: StandIn, api: Api, wall: Wall, store: Store) -> None:
    """Asked with the create, and never sent: after two minutes it is sent by a call of its own."""
    number = issued(current, api)
    doc = unsent(current, number)
    store.ksef.forget(api.account, number)
    ksef.asked(api._account, Document("invoices", number, doc["uuid"]), doc)
    assert kept(store, api, number).state is KsefState.ASKED
    error = error_of(lambda: api.invoices.update(number, {"invoice": {"uwagi": "x"}}))
    assert error.status == 503
    api.invoices.pdf(number)
    turns(api, wall, 119)
    assert SEND not in calls(current)
    turns(api, wall, 1)
    assert calls(current).count(SEND) == 1
    turns(api, wall, 30)
    assert kept(store, api, number).state is KsefState.ACCEPTED


def test_what_v3_says_to_have_sent_is_not_sent_again(
    current: StandIn, api: Api, wall: Wall, store: Store
) -> None:
    """Though it does not show it: it is waited for, and given up after a week."""
    current.configure("ksef", looks=10**6)
    number = made_id(api.invoices.create(invoice(client_of(current))))
    api.invoices.pdf(number)
    current.world.store.put("invoices", {**unsent(current, number), "status": "draft"})
    change = {"invoice": {"uwagi": "x"}}
    assert error_of(lambda: api.invoices.update(number, change)).status == 503
    turns(api, wall, DAY / 2, times=18)
    assert calls(current).count(SEND) == 1
    assert kept(store, api, number).state is KsefState.SENT
    assert not store.ksef.waiting(api.account, due=False)
    api.invoices.update(number, change)  # nobody waits any more, and v3 shows nothing
    assert stored(current, number)["notes"] == "x"


def test_a_sending_that_fails_for_ever_is_given_up(
    current: StandIn, api: Api, wall: Wall, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Its pauses grow, too; a week is the end."""
    number = made_id(api.invoices.create(invoice(client_of(current))))
    current.fault("status", status=500, path="*send_to_ksef.json", times=10**6)
    api.invoices.pdf(number)
    turns(api, wall, 120, times=10)
    assert 4 <= calls(current).count(SEND) <= 6
    turns(api, wall, DAY / 2, times=16)
    assert calls(current).count(SEND) <= 6 + 14
    assert not store.ksef.waiting(api.account, due=False)
    assert f"has not judged the invoice {number}" in caplog.text
    current.world.faults.clear()


def test_a_strange_status_is_waited_for(
    current: StandIn, api: Api, wall: Wall, store: Store
) -> None:
    """A word that v3 adds one day is no reason to send a second time."""
    number = issued(current, api)
    doc = stored(current, number)
    data = {**doc["ksef_data"], "status": "processing", "ksef_number": None}
    current.world.store.put("invoices", {**doc, "ksef_data": data})
    for state in (KsefState.DUE, KsefState.ASKED, KsefState.SENT):
        store.ksef.put(api.account, number, doc["uuid"], state, 30)
        turns(api, wall, HOUR, times=3)
        assert (kept(store, api, number).state, SEND in calls(current)) == (state, False)


def test_given_up_after_a_week(
    current: StandIn, api: Api, wall: Wall, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """The looks are bounded, and a log line says so."""
    current.configure("ksef", looks=10**6)
    number = issued(current, api)
    before = count(current)
    turns(api, wall, DAY / 4, times=4 * 8)
    assert not store.ksef.waiting(api.account, due=False)
    assert len(calls(current, before)) == 4 * 7 - 1
    assert f"has not judged the invoice {number}" in caplog.text
    error = error_of(lambda: api.invoices.update(number, {"invoice": {"uwagi": "x"}}))
    assert error.status == 503  # v3 itself says that it is on its way


def test_what_is_gone_is_forgotten(current: StandIn, api: Api, wall: Wall, store: Store) -> None:
    """Deleted in inFakt, or here."""
    current.configure("ksef", looks=10**6)
    number = issued(current, api)
    current.world.store.delete("invoices", number)
    turns(api, wall, 30)
    assert store.ksef.get(api.account, number) is None


def test_limits_and_faults_end_a_turn_or_a_look(
    current: StandIn, api: Api, wall: Wall, store: Store
) -> None:
    """A limit ends the turn, another fault the look; each is looked at again after its pause."""
    current.configure("ksef", seconds=1)
    numbers = [issued(current, api) for _ in range(3)]
    current.configure("clock", advance=2)
    before = count(current)
    current.fault("status", status=429, retry_after=90, path="*status.json")
    turns(api, wall, 30)
    assert calls(current, before) == [STATUS]
    current.fault("status", status=401, path="*status.json")
    turns(api, wall, 30)
    states = [kept(store, api, number).state for number in numbers]
    assert states.count(KsefState.ACCEPTED) == 2
    current.fault("status", status=500, path="*status.json", times=4)
    turns(api, wall, 60)
    turns(api, wall, 120)
    assert {kept(store, api, number).state for number in numbers} == {KsefState.ACCEPTED}


def _until(done: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def test_in_a_thread_of_its_own(
    current: StandIn, store: Store, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody calls: the thread asks the store now and then, and ends with the API."""
    monkeypatch.setattr(ksef_watch, "_EVERY", 0.02)
    told: list[KsefRejection] = []
    current.configure("ksef", outcome="rejected")
    settings = {**QUICK, "store": store, "defaults": KSEF, "on_ksef_rejection": told.append}
    with connect(current.api_key, current.url, **settings) as api:  # type: ignore[arg-type]
        number = issued(current, api)
        time.sleep(0.05)
        assert told == []
        wall.ahead += 30
        assert _until(lambda: bool(told))
        api.run_background()  # ends, although there is something to follow
    before = count(current)
    wall.ahead += DAY
    time.sleep(0.1)
    assert (told[0].id, calls(current, before)) == (number, [])
    with connect(current.api_key, current.url, **settings):  # type: ignore[arg-type]
        assert _until(lambda: bool(calls(current, before)))


def test_nothing_is_asked_without_ksef(current: StandIn, make: Make, store: Store) -> None:
    """An account that does not send to KSeF has no such work, and no calls for it."""
    api = make(current)
    number = issued(current, api)
    api.run_background()
    assert not any("ksef" in call for call in calls(current))
    assert store.ksef.get(api.account, number) is None
