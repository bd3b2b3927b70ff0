"""The queue of work that no caller waits for."""

import logging
import threading

import pytest

from infakt_compat.facade.background import Later


def test_once_under_a_name() -> None:
    """What waits already is not doubled; what has begun is."""
    later, done = Later(threaded=False), []
    first = later.soon("a", lambda: done.append("a"), 50)
    assert later.soon("a", lambda: done.append("again")) is first
    later.soon("b", lambda: done.append("b"))
    later.run_all()
    assert done == ["b", "a"]
    assert later.soon("a", lambda: None) is not first
    later.close()


def test_in_a_thread_and_in_time() -> None:
    """Due work is done, later work waits, and closing ends it."""
    later, order, both = Later(), [], threading.Event()

    def last() -> None:
        order.append("late")
        both.set()

    later.soon("late", last, 0.1)
    later.soon("soon", lambda: order.append("soon")).ended.wait(5)
    assert both.wait(5)
    assert order == ["soon", "late"]
    never = later.soon("never", lambda: order.append("never"), 60)
    later.close()
    assert not never.ended.is_set()
    later.soon("closed", lambda: order.append("closed"))
    assert order == ["soon", "late"]


def test_what_fails_is_told_to_who_waits(caplog: pytest.LogCaptureFixture) -> None:
    """And logged by its name alone: a message could hold a value."""
    later = Later(threaded=False)

    def work() -> None:
        raise ValueError("secret")

    with caplog.at_level(logging.WARNING, "infakt_compat"):
        job = later.soon("w", work)
        later.run_all()
    assert isinstance(job.error, ValueError)
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_again_and_again() -> None:
    """Work that gives True is done again after its pause, also after an exception."""
    later, times, ended = Later(), [], threading.Event()

    def work() -> bool:
        times.append(1)
        if len(times) == 2:
            raise ValueError
        if len(times) == 4:
            ended.set()
        return len(times) < 4

    first = later.every("a", work, 0.01)
    assert later.every("a", work, 0.01) is first
    assert ended.wait(5)
    later.soon("b", lambda: None).ended.wait(5)
    assert len(times) == 4
    later.close()
    assert later.closed


def test_all_at_once_does_what_repeats_once() -> None:
    """Else it would never end; the next turn comes in its time."""
    later, done = Later(threaded=False), []

    def work() -> bool:
        done.append(1)
        return True

    later.every("a", work, 60)
    later.run_all()
    assert len(done) == 1
    later.run_all()
    assert len(done) == 2
    later.close()
