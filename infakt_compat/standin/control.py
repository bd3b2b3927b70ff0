"""The control plane under /__standin__/, for which no API key is needed.

See the package's docstring for what each path takes and gives.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from . import ksef, options, seeding, wire
from .app import App
from .messages import Request, Response, answer, empty, ok
from .store import Record

PREFIX = "/__standin__"


def handle(app: App, request: Request) -> Response:
    """Answer a control request; what does not fit is 400 with the reason."""
    path = request.full_path[len(PREFIX) :].strip("/").removesuffix(".json")
    name, _, rest = path.partition("/")
    if name == "attachments" and request.method == "GET":
        return _attachment(app, request, rest)
    action = ACTIONS.get((request.method, name))
    if action is None or rest:
        return answer(404, {"error": f"no such control: {request.method} {path}"})
    try:
        order = wire.loads(request.body) if request.body.strip() else {}
        if not isinstance(order, dict):
            raise ValueError("a JSON object is expected")
        return ok(action(app, {**request.params, **order}))
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        return answer(400, {"error": f"{type(error).__name__}: {error}"})


def describe(app: App, _: Record) -> Record:
    """Return what there is."""
    return app.world.describe()


def reset(app: App, order: Record) -> Record:
    """Empty the account; `seed` is for its ids, `samples` for its content."""
    world = app.world
    if set(order) - {"seed", "samples"}:
        raise ValueError("reset takes seed and samples")
    number, count = int(order.get("seed", world.seed)), int(order.get("samples", 0))
    with world.store.transaction():
        app.resets += 1
        world.clock.reset()
        world.limiter.reset()
        world.faults.clear()
        world.log.clear()
        world.fill(number)
        if count:
            seeding.seed(world, {"samples": count})
    return {"api_key": world.api_key, **world.describe()}


def seed(app: App, order: Record) -> Record:
    """Documents, clients, keys, plan and account as ordered."""
    with app.world.store.transaction():
        return {"created": seeding.seed(app.world, order)}


def requests(app: App, order: Record) -> Record:
    """Return the log; `method` and `after` narrow it."""
    after = int(order.get("after", 0))
    return {"requests": app.world.log.entries(order.get("method"), after)}


def forget_requests(app: App, _: Record) -> Record:
    """Empty the log."""
    app.world.log.clear()
    return {"requests": []}


def add_faults(app: App, order: Record) -> Record:
    """One fault, or several under `faults`."""
    for item in order.get("faults", [order]):
        app.world.faults.add(_floats(item))
    return show_faults(app, {})


def show_faults(app: App, _: Record) -> Record:
    """Return the faults in force and how often each has hit."""
    return {"faults": app.world.faults.orders()}


def clear_faults(app: App, _: Record) -> Record:
    """No more faults."""
    app.world.faults.clear()
    return {"faults": []}


def show_clock(app: App, _: Record) -> Record:
    """Return the moment by the clock."""
    return app.world.clock.state()


def move_clock(app: App, order: Record) -> Record:
    """`set`, `advance` (seconds), `speed`, `frozen`."""
    clock = app.world.clock
    if set(order) - {"set", "advance", "speed", "frozen"}:
        raise ValueError("the clock takes set, advance, speed and frozen")
    if "set" in order:
        clock.set(datetime.fromisoformat(order["set"]))
    if "advance" in order:
        clock.advance(float(order["advance"]))
    if "speed" in order or "frozen" in order:
        clock.run(0.0 if order.get("frozen") else float(order.get("speed", 1)))
    return clock.state()


def set_limits(app: App, order: Record) -> Record:
    """`mode` off or real, or `windows`: {"read": [[seconds, count]], "write": ...}."""
    limiter = app.world.limiter
    limiter.reset(order.get("mode", limiter.mode))
    if "windows" in order:
        limiter.set_windows(order["windows"])
    return {"mode": limiter.mode, "windows": limiter.windows}


def _set(group: str) -> Callable[[App, Record], Record]:
    def change(app: App, order: Record) -> Record:
        wrong = options.unfit(group, order)
        if wrong:
            raise ValueError(f"unknown in {group}, or of another type: {wrong}")
        if group == "ksef":
            _check_outcomes(order)
        with app.world.store.transaction():
            return app.world.set_option(group, order)

    return change


def _check_outcomes(order: Record) -> None:
    chosen = [*order.get("outcomes", {}).values(), order.get("outcome", "success")]
    if not set(chosen) <= set(ksef.OUTCOMES):
        raise ValueError(f"an outcome is one of {ksef.OUTCOMES}")


def _floats(order: Record) -> Record:
    """Shares and seconds as the machine's numbers; they are no money."""
    return {k: float(v) if k in ("share", "seconds") else v for k, v in order.items()}


def _attachment(app: App, request: Request, number: str) -> Response:
    """Answer the content behind a download link, for ten minutes (v3-wire 6)."""
    kept = app.world.store.get("attachments", int(number)) if number.isdecimal() else None
    expires = request.params.get("expires", "0")
    if kept is None or not expires.isdecimal():
        return empty(404)
    if int(expires) < app.world.clock.seconds():
        return empty(403)
    return Response(200, kept["content"].encode(), {"Content-Type": kept["content_type"]})


ACTIONS: dict[tuple[str, str], Callable[[App, Record], Any]] = {
    ("GET", ""): describe,
    ("POST", "reset"): reset,
    ("POST", "seed"): seed,
    ("GET", "requests"): requests,
    ("DELETE", "requests"): forget_requests,
    ("GET", "faults"): show_faults,
    ("POST", "faults"): add_faults,
    ("DELETE", "faults"): clear_faults,
    ("GET", "clock"): show_clock,
    ("POST", "clock"): move_clock,
    ("POST", "limits"): set_limits,
    **{("POST", group): _set(group) for group in options.DEFAULTS},
}
