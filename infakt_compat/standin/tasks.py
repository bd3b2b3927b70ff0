"""Asynchronous work: tasks with codes 100, 120, 140, then 201, 200 or 422 (v3-wire 1.2, 1.3).

Settings (POST /__standin__/tasks):

- `looks`: how many looks answer 120 (the first) or 140 before the outcome shows. The work itself
  is done at once, so that a caller that lost the reference can still find the document.
- `seconds`: the work is done, and its outcome shows, when the clock has moved on this much.
- `stuck`: this many of the next tasks stay at 140 for ever and do nothing.
- `fail`: this many of the next tasks end with `code` and `errors` and do nothing.
"""

from __future__ import annotations

from typing import Any

from . import documents
from .clock import stamp
from .errors import ApiError, not_found
from .kinds import BY_PATH, Family
from .store import Record
from .world import World

DESCRIPTIONS = {
    100: "Zlecenie przyjęte",
    120: "Zlecenie czeka na przetworzenie",
    140: "Zlecenie jest w trakcie przetwarzania",
}
CREATE, PAID = "create_invoice", "mark_as_paid"
OUTCOMES = {
    (CREATE, True): (201, "Faktura stworzona"),
    (CREATE, False): (422, "Nie udało się stworzyć faktury"),
    (PAID, True): (200, "Faktura została oznaczona jako zapłacona"),
    (PAID, False): (422, "Nie udało się oznaczyć faktury jako zapłaconej"),
}
_FORCED = {"base": ["Nie udało się przetworzyć zlecenia."]}


def accept(world: World, family: Family, action: str, work: Record) -> Record:
    """Take work on and answer with code 100; its outcome is for the status call."""
    settings = world.option("tasks")
    task: Record = {
        "id": world.store.next_id("tasks"), "uuid": world.store.next_uuid(),
        "created": stamp(world.clock.now()),
        "due": world.clock.seconds() + float(settings["seconds"]),
        "family": family.path, "action": action, "work": work, "looks": settings["looks"],
        "looked": 0, "code": None, "errors": None, "fate": _fate(world, settings),
        "invoice_uuid": work.get("invoice_uuid"),
    }  # fmt: skip
    world.store.put("tasks", task)
    world.pending.add(task["id"])
    run_due(world)
    return body(family, task, 100)


def _fate(world: World, settings: Record) -> str:
    for fate in ("stuck", "fail"):
        if settings[fate] > 0:
            world.set_option("tasks", {fate: settings[fate] - 1})
            return fate
    return "work"


def run_due(world: World) -> None:
    """Do the work of every task whose time has come; called before each request."""
    now = world.clock.seconds()
    for number in sorted(world.pending):
        task = world.store.get("tasks", number)
        if task is None or task["fate"] == "stuck":
            world.pending.discard(number)
        elif task["due"] <= now:
            world.pending.discard(number)
            world.store.put("tasks", {**task, **_run(world, task)})


def _run(world: World, task: Record) -> Record:
    if task["fate"] == "fail":
        settings = world.option("tasks")
        return {"code": settings["code"], "errors": settings["errors"] or _FORCED}
    family = BY_PATH[task["family"]]
    try:
        doc = _work(world, family, task)
    except ApiError as error:
        return {"code": 422, "errors": error.body.get("errors") or {"base": error.body["error"]}}
    return {"code": OUTCOMES[task["action"], True][0], "invoice_uuid": doc["uuid"]}


def _work(world: World, family: Family, task: Record) -> Record:
    from . import ksef

    work = task["work"]
    if task["action"] == PAID:
        doc = world.store.find(family.path, work["invoice_uuid"])
        if doc is None:
            raise not_found()
        return documents.mark_paid(world, family, doc, work["paid_date"])
    if not work["send_to_ksef"]:
        return documents.create(world, family, work["data"])
    ksef.check_create(world, work["data"])
    return ksef.send(world, family, documents.create(world, family, work["data"]))


def look(world: World, family: Family, reference: str) -> Record:
    """Answer the status call: HTTP 200 whatever came of it (v3-wire 1.3)."""
    task = world.store.find("tasks", reference)
    if task is None or task["family"] != family.path:
        raise not_found()
    task = world.store.put("tasks", {**task, "looked": task["looked"] + 1})
    if task["code"] is None or task["looked"] <= task["looks"]:
        return body(family, task, 120 if task["looked"] == 1 else 140)
    return body(family, task, task["code"])


def body(family: Family, task: Record, code: int) -> Record:
    """Write a task's body in one of its states."""
    failed = code >= 400
    description = DESCRIPTIONS.get(code) or OUTCOMES[task["action"], not failed][1]
    shown: dict[str, Any] = {
        "timestamps": {"task_created_at": task["created"]},
        "invoice_task_reference_number": task["uuid"],
        "processing_code": code,
        "processing_description": description,
        "action": task["action"],
        "invoice_kind": family.task_kind,
    }
    if task["action"] == PAID or code in (200, 201):
        shown["invoice_uuid"] = task["invoice_uuid"]
    if failed:
        shown["invoice_errors"] = task["errors"]
    return shown
