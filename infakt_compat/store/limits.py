"""Requests counted against several windows at once, by all processes that share the store.

Exact: in no span of a window's length do more requests begin than its limit allows. Each bucket
(an account's reads, an address's writes) has one row that is locked while its requests are counted
and the new one is recorded; buckets are locked in the order of their names, so that no two callers
wait for each other. Recorded without waiting for the disk: a power cut lasts longer than the
windows matter.
"""

from collections.abc import Callable, Iterable, Sequence

from attrs import frozen
from sqlalchemy import (
    BigInteger,
    Connection,
    Text,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
)

from infakt_compat.store import checks
from infakt_compat.store.database import Database, upsert
from infakt_compat.store.schema import events, limits
from infakt_compat.store.statements import Statement
from infakt_compat.store.times import Moment, Times, micros, seconds, span

#: A moment that a caller gives may be this old when it is recorded, and windows stay exact.
_LATE = span(60)

_NAME = bindparam("name", type_=Text)
_AT = bindparam("at", type_=BigInteger)
_LOCKED = Statement(
    select(limits.c.longest, limits.c.blocked_until)
    .where(limits.c.bucket == _NAME)
    .with_for_update()
)
_OUTSIDE = Statement(
    delete(events).where(
        events.c.bucket == _NAME,
        or_(events.c.moment <= bindparam("past"), events.c.moment > bindparam("future")),
    )
)
_LEAVING = Statement(
    select(events.c.moment)
    .where(events.c.bucket == _NAME)
    .order_by(events.c.moment.desc(), events.c.place.desc())
    .offset(bindparam("skipped"))
    .limit(1)
)
_EVENT = Statement(
    insert(events).from_select(
        ["bucket", "moment", "place"],
        select(_NAME, _AT, func.count()).where(events.c.bucket == _NAME, events.c.moment == _AT),
    )
)


@frozen
class Window:
    """At most `limit` requests of a bucket in any span of so many seconds."""

    bucket: str
    limit: int
    seconds: float


class Limits:
    """The rate limits that processes share."""

    def __init__(self, database: Database, times: Times) -> None:
        """Work in a database, by a clock."""
        self._database = database
        self._times = times

    def record(
        self, windows: Iterable[Window | tuple[str, int, float]], now: Moment | None = None
    ) -> float:
        """Record a request when every window allows it: 0.0, else the seconds to wait.

        A request that has to wait is not recorded, in no bucket: the caller asks again.
        """
        buckets = _buckets(windows)
        wait = self._database.write_brisk(
            lambda connection: _record(connection, buckets, lambda: self._times.now(now))
        )
        return seconds(wait)

    def block(self, bucket: str, until: Moment, now: Moment | None = None) -> None:
        """Let nothing pass in a bucket until then (a Retry-After); a later end stays."""
        checks.name(bucket, "a bucket")
        end = micros(until)
        if end <= self._times.now(now):
            return
        self._database.write_brisk(lambda connection: _extend(connection, bucket, 0, end))

    def used(self, bucket: str, length: float, now: Moment | None = None) -> int:
        """Say how many requests of a bucket lie in the last so many seconds."""
        since = self._times.now(now) - span(length)
        query = select(func.count()).where(events.c.bucket == bucket, events.c.moment > since)
        return self._database.read(lambda connection: connection.execute(query).scalar_one())

    def prune(self, now: Moment | None = None) -> int:
        """Delete events that no window holds any more; gives their number."""
        moment = self._times.now(now)
        return self._database.write_brisk(lambda connection: prune(connection, moment))


def prune(connection: Connection, moment: int) -> int:
    """Delete events that no window holds any more, and buckets that are empty."""
    gone = 0
    names = select(limits.c.bucket).order_by(limits.c.bucket)
    for bucket in connection.execute(names).scalars().all():
        longest, blocked_until = _lock(connection, bucket, 0)
        gone += _drop(connection, bucket, moment, longest)
        used = connection.execute(select(events.c.bucket).where(events.c.bucket == bucket).limit(1))
        if used.first() is None and blocked_until <= moment:
            connection.execute(delete(limits).where(limits.c.bucket == bucket))
    return gone


def _buckets(
    windows: Iterable[Window | tuple[str, int, float]],
) -> dict[str, list[Window]]:
    """Sort windows by bucket."""
    buckets: dict[str, list[Window]] = {}
    for given in windows:
        window = given if isinstance(given, Window) else Window(*given)
        checks.name(window.bucket, "a bucket")
        if window.limit < 1 or span(window.seconds) < 1:
            raise ValueError("a window allows at least one request in a span above zero")
        buckets.setdefault(window.bucket, []).append(window)
    return {name: buckets[name] for name in sorted(buckets)}


def _record(
    connection: Connection, buckets: dict[str, list[Window]], clock: Callable[[], int]
) -> int:
    locked = {
        bucket: _lock(connection, bucket, span(max(window.seconds for window in windows)))
        for bucket, windows in buckets.items()
    }
    moment = clock()  # asked only now: to wait for the locks takes time
    wait = 0
    for bucket, (longest, blocked_until) in locked.items():
        _drop(connection, bucket, moment, longest)
        wait = max(wait, blocked_until - moment, *_waits(connection, buckets[bucket], moment))
    if wait == 0:
        for bucket in buckets:
            _add(connection, bucket, moment)
    return wait


def _lock(connection: Connection, bucket: str, longest: int) -> tuple[int, int]:
    """Lock a bucket's row, made or widened where needed; gives its longest window and block."""
    row = _LOCKED(connection, {"name": bucket}).first()
    if row is None or row.longest < longest:
        _extend(connection, bucket, longest, 0)
        row = _LOCKED(connection, {"name": bucket}).one()
    return row.longest, row.blocked_until


def _extend(connection: Connection, bucket: str, longest: int, blocked_until: int) -> None:
    statement = upsert(connection, limits).values(
        bucket=bucket, longest=longest, blocked_until=blocked_until
    )
    new = statement.excluded
    later = {
        name: case((new[name] > limits.c[name], new[name]), else_=limits.c[name])
        for name in ("longest", "blocked_until")
    }
    connection.execute(
        statement.on_conflict_do_update(index_elements=[limits.c.bucket], set_=later)
    )


def _drop(connection: Connection, bucket: str, moment: int, longest: int) -> int:
    """Delete what no window holds, and what a clock that was set back left in the future.

    Not at once: a caller who took its moment earlier, and waited for the lock, has to see what its
    own windows hold.
    """
    kept = longest + _LATE
    edges = {"name": bucket, "past": moment - kept, "future": moment + kept}
    return _OUTSIDE(connection, edges).rowcount


def _waits(connection: Connection, windows: Sequence[Window], moment: int) -> list[int]:
    """Say for each window how long until the event that is one too many has left it."""
    waits = [0]
    for window in windows:
        wanted = {"name": window.bucket, "skipped": window.limit - 1}
        leaving = _LEAVING(connection, wanted).scalar()
        if leaving is not None:
            waits.append(leaving + span(window.seconds) - moment)
    return waits


def _add(connection: Connection, bucket: str, moment: int) -> None:
    _EVENT(connection, {"name": bucket, "at": moment})
