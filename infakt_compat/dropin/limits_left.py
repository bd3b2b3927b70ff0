"""What is left of v3's limits for an account: its windows, as the store counts them for all."""

from attrs import frozen

from infakt_compat.facade import Api
from infakt_compat.store import Store
from infakt_compat.v3.limits import WIDER


@frozen
class Left:
    """One window: of `room` requests in so many seconds, `left` may still be sent now."""

    side: str
    seconds: int
    room: int
    left: int


def limits_left(api: Api, store: Store) -> list[Left]:
    """Give the windows of an account, reads first; none when limits are off.

    A time that v3 itself asked us to wait (Retry-After) does not show here. Raises `StoreError`.
    """
    return [
        Left(side, round(seconds - WIDER), room, max(0, room - store.limits.used(bucket, seconds)))
        for side, counts in api.v3.counted.items()
        for bucket, room, seconds in counts
    ]
