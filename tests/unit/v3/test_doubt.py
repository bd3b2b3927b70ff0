"""What is sent again and what never is (decisions 5): each fault, read and write, both dialects."""

from collections.abc import Callable, Iterator
from time import sleep
from typing import Any

import pytest

from infakt_compat.standin import StandIn
from infakt_compat.v3 import (
    Backoff,
    BrokenAnswer,
    Invalid,
    LimitReached,
    Looks,
    NoAnswer,
    OutcomeUnknown,
    Redirected,
    Refused,
    ServerFault,
    Timeouts,
    Unreachable,
    V3Client,
    V3Error,
    new_session,
)

from .conftest import Make
from .servers import Scripted, reply
from .support import CLIENT, INVOICE, KEY, FakeTime, calls, invoices

SHORT = Timeouts(connect=1, read=0.15)
UNCLEAR: list[dict[str, Any]] = [
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 500, "after": True},
    {"kind": "status", "status": 502, "body": "<html>Bad gateway</html>"},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 503, "after": True, "body": "<html>Bad gateway</html>"},
    {"kind": "status", "status": 504},
    {"kind": "status", "status": 302},
    {"kind": "drop_before"},
    {"kind": "drop_after"},
    {"kind": "delay", "seconds": 0.4},
]
BROKEN = [{"kind": "broken_body", "variant": v} for v in ("truncated", "html", "empty", "short")]

Write = Callable[[V3Client, Any], object]
WRITES: dict[str, Write] = {
    "create": lambda v3, _: v3.invoices.create(INVOICE),
    "submit": lambda v3, _: v3.invoices.submit(INVOICE),
    "update": lambda v3, ref: v3.invoices.update(ref, {"notes": "x"}),
    "delete": lambda v3, ref: v3.invoices.delete(ref),
    "paid": lambda v3, ref: v3.invoices.paid(ref),
    "email": lambda v3, ref: v3.invoices.deliver_via_email(ref, recipient="a@example.com"),
    "share": lambda v3, ref: v3.invoices.share_links.create(ref),
    "client": lambda v3, _: v3.clients.create(CLIENT),
}
#: Their success has no body, so none can be broken.
BODILESS = {"delete", "email"}


def named(fault: dict[str, Any]) -> str:
    """Name a fault in a test's name."""
    return "-".join(str(value) for value in fault.values() if not str(value).startswith("<"))


@pytest.fixture
def ref(v3: V3Client, standin: StandIn) -> str:
    """Answer the reference of an invoice that is there."""
    invoices(standin, 1)
    return v3.dialect.of(v3.invoices.list().entities[0])


@pytest.fixture
def hasty(standin: StandIn, make: Make) -> Iterator[V3Client]:
    """Answer a client of each dialect that does not wait long for an answer.

    What it gave up is worked on all the same, and must have ended before the next test begins.
    """
    yield make(standin.api_key, standin.url, standin.world.dialect, timeouts=SHORT)
    while any(entry["ms"] is None for entry in standin.requests()):
        sleep(0.01)


@pytest.mark.parametrize("fault", UNCLEAR, ids=named)
@pytest.mark.parametrize("write", WRITES)
def test_writes_in_doubt(
    hasty: V3Client, standin: StandIn, ref: str, write: str, fault: dict[str, Any]
) -> None:
    """A write that v3 may have done is sent once, and the caller is told that nobody knows."""
    standin.fault(**fault, method="POST") if write not in ("update", "delete") else None
    standin.fault(**fault, method="PUT")
    standin.fault(**fault, method="DELETE")
    with pytest.raises(OutcomeUnknown) as caught:
        WRITES[write](hasty, ref)
    writes = [entry for entry in standin.requests() if entry["method"] != "GET"]
    assert len(writes) == 1
    assert caught.value.status == fault.get("status")
    assert not caught.value.done


@pytest.mark.parametrize("fault", BROKEN, ids=named)
@pytest.mark.parametrize("write", sorted(set(WRITES) - BODILESS))
def test_writes_with_a_broken_answer(
    hasty: V3Client, standin: StandIn, ref: str, write: str, fault: dict[str, Any]
) -> None:
    """V3 said that it did it, and not what: sent once, and `done` says so."""
    method = "PUT" if write == "update" else "POST"
    standin.fault(**fault, method=method)
    if write == "paid" and not hasty.dialect.tasks:
        return WRITES[write](hasty, ref)  # type: ignore[return-value]
    with pytest.raises(OutcomeUnknown) as caught:
        WRITES[write](hasty, ref)
    assert caught.value.done
    assert caught.value.status in (200, 201)
    assert len(standin.requests(method)) == 1
    return None


READS = [fault for fault in UNCLEAR if fault.get("status") != 302]


@pytest.mark.parametrize("fault", READS + BROKEN, ids=named)
def test_reads_are_tried_again(
    hasty: V3Client, standin: StandIn, ref: str, time: FakeTime, fault: dict[str, Any]
) -> None:
    """A read that fails three times and works the fourth works."""
    before = len(standin.requests())
    standin.fault(**fault, method="GET", path="/invoices/*", times=3)
    assert hasty.invoices.show(ref)["number"]
    assert len(standin.requests()) - before == 4
    assert time.slept == sorted(time.slept)
    assert len(time.slept) == 3


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "status", "status": 500}, ServerFault),
        ({"kind": "drop_before"}, NoAnswer),
        ({"kind": "broken_body"}, BrokenAnswer),
    ],
)
def test_reads_are_given_up(
    v3: V3Client, standin: StandIn, ref: str, fault: dict[str, Any], kind: type[V3Error]
) -> None:
    """After four tries the failure shows, as what it was."""
    before = len(standin.requests())
    standin.fault(**fault, method="GET", times=99)
    with pytest.raises(kind):
        v3.invoices.show(ref)
    assert len(standin.requests()) - before == 4


@pytest.mark.parametrize("status", [400, 401, 404, 408, 409, 410, 418, 422, 423])
def test_refusals_are_final(v3: V3Client, standin: StandIn, ref: str, status: int) -> None:
    """A read that is refused is not repeated, nor is a write."""
    before = len(standin.requests())
    standin.fault("status", status=status, times=2)
    for call in (lambda: v3.invoices.show(ref), lambda: v3.invoices.delete(ref)):
        with pytest.raises(Refused) as caught:
            call()
        assert caught.value.status == status
    assert len(standin.requests()) - before == 2


@pytest.mark.parametrize("status", [429, 503])
def test_limits_are_obeyed(
    v3: V3Client, standin: StandIn, ref: str, time: FakeTime, status: int
) -> None:
    """Both are v3's limits (v3-wire 2.1): who is refused waits as long as told and goes through."""
    standin.fault("status", status=status, retry_after=3, method="GET", times=2)
    assert v3.invoices.show(ref)
    assert [3 <= wait < 4 for wait in time.slept] == [True, True]


def test_a_429_of_a_write_is_obeyed(v3: V3Client, standin: StandIn, time: FakeTime) -> None:
    """v3 refused it on arrival: it waits, and is made once."""
    standin.fault("status", status=429, retry_after=4, method="POST", path="/*invoices.json")
    made = v3.invoices.create(INVOICE)
    assert 4 <= time.slept[0] < 5
    assert made["id"]
    assert v3.invoices.list().total_count == 1


@pytest.mark.parametrize("after", [False, True])
def test_a_503_of_a_write_is_waited_for_and_in_doubt(
    v3: V3Client, standin: StandIn, time: FakeTime, after: bool
) -> None:
    """It is not sent again: whether v3 had worked, nobody can tell (decisions.md 5)."""
    fault = {"status": 503, "method": "POST", "path": "/*invoices.json", "after": after}
    standin.fault("status", **fault, retry_after=4)
    with pytest.raises(OutcomeUnknown) as caught:
        v3.invoices.create(INVOICE)
    assert caught.value.retry_after is None
    assert [4 <= wait < 5 for wait in time.slept] == [True]
    standin.fault("status", **fault, retry_after=40)
    with pytest.raises(OutcomeUnknown) as caught:
        v3.invoices.create(INVOICE)
    assert caught.value.retry_after == 40
    assert len(time.slept) == 1
    assert v3.invoices.list().total_count == (2 if after else 0)


def test_429_without_a_time(v3: V3Client, standin: StandIn, ref: str, time: FakeTime) -> None:
    """A 429 without Retry-After is waited for a second, then longer each time."""
    standin.fault("status", status=429, times=3)
    v3.invoices.delete(ref)
    assert [round(wait) for wait in time.slept] == [1, 2, 4]


def test_retry_after_zero_does_not_hammer(v3: V3Client, standin: StandIn, time: FakeTime) -> None:
    """`Retry-After: 0` is obeyed with the growing waits of a failure."""
    standin.fault("status", status=429, retry_after=0, times=4)
    v3.invoices.list()
    assert time.slept == [0.25, 0.5, 1.0, 2.0]


@pytest.mark.parametrize("status", [429, 503])
def test_patience_ends(v3: V3Client, standin: StandIn, time: FakeTime, status: int) -> None:
    """Waiting beyond the caller's patience (25 s) is not begun; the time to wait is told."""
    standin.fault("status", status=status, retry_after=30)
    with pytest.raises(LimitReached) as caught:
        v3.invoices.list()
    assert (caught.value.status, caught.value.retry_after) == (status, 30)
    assert time.slept == []


def test_patience_adds_up(v3: V3Client, standin: StandIn, time: FakeTime) -> None:
    """Many short waits are no more than patience allows."""
    standin.fault("status", status=429, retry_after=10, times=9)
    with pytest.raises(LimitReached):
        v3.invoices.list()
    assert 20 <= sum(time.slept) < 25


def test_bounded(v3: V3Client, standin: StandIn, time: FakeTime) -> None:
    """Several calls share one deadline, and behind it nothing is sent."""
    bound = v3.bounded(5)
    standin.fault("status", status=429, retry_after=3)
    bound.invoices.list()
    standin.fault("status", status=429, retry_after=3)
    with pytest.raises(LimitReached):
        bound.invoices.list()
    time.sleep(2)
    before = len(standin.requests())
    with pytest.raises(LimitReached, match="patience") as caught:
        bound.invoices.delete(1)
    assert caught.value.status is None
    assert len(standin.requests()) == before
    assert v3.invoices.list()
    bound.close()
    assert v3.invoices.list()


@pytest.mark.parametrize(("patience", "most"), [(1.0, 1.0), (60.0, 3.0)])
def test_patience_of_one_call(
    today: V3Client, current: StandIn, time: FakeTime, patience: float, most: float
) -> None:
    """A call's own patience may be shorter than that of a bounded client, never longer."""
    current.configure("tasks", stuck=9)
    bound = today.bounded(3)
    with pytest.raises(OutcomeUnknown):
        bound.invoices.create(INVOICE, patience=patience)
    assert most / 3 < sum(time.slept) <= most


def test_unreachable(make: Make, time: FakeTime) -> None:
    """No connection: nothing was sent, so even a write is tried again, and it is no doubt."""
    v3 = make(KEY, "http://127.0.0.1:1/api/v3")
    with pytest.raises(Unreachable):
        v3.invoices.create(INVOICE)
    assert len(time.slept) == 3
    with pytest.raises(Unreachable):
        v3.invoices.delete("a")
    with pytest.raises(Unreachable):
        v3.invoices.list()


def test_unreachable_then_there(scripted: Scripted, make: Make, time: FakeTime) -> None:
    """A proxy that was away for a moment costs a wait, not a doubt."""
    session = new_session()
    session.proxies["http"] = "http://127.0.0.1:1"
    time.wakes = session.proxies.clear
    v3 = make(KEY, scripted.url, "classic", session=session)
    scripted.answers(reply(201, {"id": 1}))
    assert v3.invoices.create(INVOICE) == {"id": 1}
    assert len(scripted.requests) == 1
    assert time.slept == [0.25]
    session.close()


@pytest.mark.parametrize("status", [301, 307, 308])
def test_permanent_redirects(scripted: Scripted, make: Make, status: int) -> None:
    """The base URL is wrong: nothing was done, nothing is repeated, and nobody is followed."""
    v3 = make(KEY, scripted.url)
    scripted.answers(reply(status, Location=f"{scripted.root}/elsewhere"))
    for call in (lambda: v3.invoices.submit(INVOICE), lambda: v3.invoices.list()):
        with pytest.raises(Redirected, match="base URL"):
            call()
    assert len(scripted.requests) == 2


class TestTasks:
    """Between the acceptance of a task and its end."""

    def test_waits_grow(self, today: V3Client, current: StandIn, time: FakeTime) -> None:
        """At once, then after 0.2 s, doubling up to 5 s."""
        current.configure("tasks", looks=8)
        assert today.invoices.create(INVOICE, patience=60)["id"]
        assert time.slept == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5])
        assert calls(current).count("GET /async/invoices/status/*") == 9

    def test_never_ending(self, today: V3Client, current: StandIn, time: FakeTime) -> None:
        """Patience ends before the task: its reference is told, and it was sent once."""
        current.configure("tasks", stuck=1)
        with pytest.raises(OutcomeUnknown, match="140") as caught:
            today.invoices.create(INVOICE, patience=4)
        assert caught.value.reference
        assert not caught.value.done
        assert sum(time.slept) <= 4
        assert len(current.requests("POST")) == 1
        assert today.invoices.task(caught.value.reference).code == 140

    def test_lost_sight(self, today: V3Client, current: StandIn) -> None:
        """Looks that fail leave the outcome unknown, with the reference; the task goes on."""
        current.fault("status", status=500, path="/async/invoices/status/*", times=4)
        with pytest.raises(OutcomeUnknown) as caught:
            today.invoices.create(INVOICE)
        assert caught.value.reference
        assert today.invoices.task(caught.value.reference).done

    def test_lost_sight_by_limits(self, today: V3Client, current: StandIn) -> None:
        """So do looks that v3 does not allow for longer than the caller waits."""
        path = "/async/invoices/status/*"
        current.fault("status", status=429, retry_after=60, path=path)
        with pytest.raises(OutcomeUnknown, match="60 s") as caught:
            today.invoices.create(INVOICE)
        assert caught.value.reference

    def test_made_but_not_read(self, today: V3Client, current: StandIn) -> None:
        """The invoice exists and cannot be read: its uuid is told."""
        current.fault("status", status=500, path="/invoices/*", times=4)
        with pytest.raises(OutcomeUnknown) as caught:
            today.invoices.create(INVOICE)
        assert caught.value.uuid
        assert today.invoices.show(caught.value.uuid)["id"]
        assert len(current.requests("POST")) == 1

    def test_paid_in_doubt(self, today: V3Client, current: StandIn) -> None:
        """A payment that does not end tells its reference and the invoice."""
        uuid = today.invoices.create(INVOICE)["uuid"]
        current.configure("tasks", stuck=1)
        with pytest.raises(OutcomeUnknown) as caught:
            today.invoices.paid(uuid, patience=2)
        assert caught.value.reference
        assert caught.value.uuid == uuid

    @pytest.mark.parametrize(("code", "kind"), [(422, Invalid), (409, Refused), (451, Refused)])
    def test_failed(
        self, today: V3Client, current: StandIn, code: int, kind: type[Refused]
    ) -> None:
        """4xx in a task is a refusal: nothing was done."""
        current.configure("tasks", fail=1, code=code, errors={"base": "Nie."})
        with pytest.raises(kind) as caught:
            today.invoices.create(INVOICE)
        assert caught.value.fields == {"base": ["Nie."]}
        assert caught.value.status == code
        assert caught.value.reference

    def test_failed_strangely(self, today: V3Client, current: StandIn) -> None:
        """5xx in a task is an end that says nothing (v3-wire 1.3)."""
        current.configure("tasks", fail=1, code=500)
        with pytest.raises(OutcomeUnknown, match="500") as caught:
            today.invoices.create(INVOICE)
        assert caught.value.reference

    def test_done_without_invoice(self, scripted: Scripted, make: Make) -> None:
        """A task that is done and names no document leaves a doubt."""
        body = {"invoice_task_reference_number": "a-b", "processing_code": 201}
        scripted.answers(reply(202, body))
        with pytest.raises(OutcomeUnknown, match="names no document") as caught:
            make(KEY, scripted.url).invoices.create(INVOICE)
        assert caught.value.reference == "a-b"

    @pytest.mark.parametrize(
        "body",
        [
            {"processing_code": 100},
            {"invoice_task_reference_number": "", "processing_code": 100},
            {"invoice_task_reference_number": "a"},
            {"invoice_task_reference_number": "a", "processing_code": True},
            {"invoice_task_reference_number": "a", "processing_code": "?"},
            [],
        ],
    )
    def test_no_task(self, scripted: Scripted, make: Make, body: Any) -> None:
        """An acceptance that cannot be followed is a doubt that v3 called done."""
        scripted.answers(reply(201, body))
        with pytest.raises(OutcomeUnknown) as caught:
            make(KEY, scripted.url).invoices.create(INVOICE)
        assert caught.value.status == 201

    def test_later_looks(self) -> None:
        """A client may be told to wait before its first look."""
        waits = Looks(first=1, most=2, immediate=False).waits()
        assert [next(waits) for _ in range(3)] == [1, 2, 2]


def test_one_attempt(standin: StandIn, make: Make) -> None:
    """A client may be told not to try again."""
    v3 = make(standin.api_key, standin.url, standin.world.dialect, backoff=Backoff(attempts=1))
    standin.fault("status", status=500)
    with pytest.raises(ServerFault):
        v3.invoices.list()
