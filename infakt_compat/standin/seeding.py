"""Filling an account without the API's checks (control plane: POST /__standin__/seed)."""

from __future__ import annotations

from typing import Any

from . import documents, options, registers, samples, special
from .coerce import to_decimal
from .errors import Errors
from .kinds import BY_PATH, Family
from .reference import CORRECTION_REASONS, MARGIN_KINDS
from .registers import REGISTERS
from .store import Record
from .world import World

_EXTRA = ("created_at", "ksef_data", "client_first_name", "client_last_name")
_SYMBOLS: dict[str, dict[str, str]] = {
    "margin_kind": MARGIN_KINDS, "correction_reason": CORRECTION_REASONS,
}  # fmt: skip
_GROUPS = ("plan", "account", "quirks")
_KNOWN = {
    "seed", "samples", "keys", "exemptions", "attachments", *_GROUPS, *BY_PATH,
    *(register.path for register in REGISTERS),
}  # fmt: skip
Summary = dict[str, Any]


def seed(world: World, order: Record) -> Summary:
    """Do what an order says; unknown names raise ValueError before anything is done."""
    _check(order)
    made: Summary = {}
    if "seed" in order:
        world.store.set("seed", int(order["seed"]))
    for group in _GROUPS:
        if group in order:
            world.set_option(group, order[group])
    for register in REGISTERS:
        for data in order.get(register.path, []):
            record = seed_record(world, register, data)
            made.setdefault(register.path, []).append(record["id"])
    for path, family in BY_PATH.items():
        for data in order.get(path, []):
            made.setdefault(path, []).append(_named(seed_document(world, family, data)))
    _seed_rest(world, order)
    if order.get("samples"):
        made["samples"] = samples.fill(int(order["samples"]), world.clock.today(), world.seed, {
            "clients": lambda data: seed_record(world, REGISTERS[0], data),
            **{path: _documents_of(world, family) for path, family in BY_PATH.items()},
        })  # fmt: skip
    return made


def seed_document(world: World, family: Family, data: Record) -> Record:
    """Store a document as the API would make it, with every key of `data` as it is given."""
    doc = documents.draft(world, family, data, Errors())
    given = {k: v for k, v in data.items() if k in family.detail or k in _EXTRA}
    for name in ("services", *_SYMBOLS):
        if name == "services" or given.get(name) in _SYMBOLS[name]:
            given.pop(name, None)  # rows follow; a symbol is already in the document as its label
    doc.update(given)
    rows = data.get("services") or []
    doc["services"] = [
        _overlay(row, item) for row, item in zip(doc["services"], rows, strict=False)
    ]
    world.store.reserve("documents", doc["id"])
    for row in doc["services"]:
        world.store.reserve("rows", row["id"])
    _totals(family, doc, given)
    documents.number_it(world, family, doc)
    return documents.save_new(world, family, doc)


def seed_record(world: World, register: registers.Register, data: Record) -> Record:
    """Store a client, product or bank account with any values."""
    record = {"id": 0, **register.unset}
    register.read(record, data, Errors())
    record.update({k: v for k, v in data.items() if k in record or k == "uuid"})
    world.store.reserve(register.path, record["id"])
    record["id"] = record["id"] or world.store.next_id(register.path)
    if register.path == "clients":
        record["uuid"] = record.get("uuid") or world.store.next_uuid()
    return world.store.put(register.path, record)


def _documents_of(world: World, family: Family) -> samples.Maker:
    return lambda data: seed_document(world, family, data)


def _overlay(row: Record, item: Record) -> Record:
    kept = {k: v for k, v in item.items() if k in row}
    if "quantity" in kept:
        kept["quantity"] = to_decimal(kept["quantity"])
    return {**row, **kept}


def _totals(family: Family, doc: Record, given: Record) -> None:
    if "left_to_pay" not in given:
        doc["left_to_pay"] = special.left_to_pay(family, doc)


def _named(doc: Record) -> Record:
    return {name: doc[name] for name in ("id", "uuid", "number")}


def _seed_rest(world: World, order: Record) -> None:
    if "keys" in order:
        kept = dict(world.store.settings["keys"])
        for key in order["keys"]:
            scopes = list(key.get("scopes") or [])
            kept[key["key"]] = {"scopes": scopes, "account": key.get("account", "main")}
        world.store.set("keys", kept)
    if "exemptions" in order:
        world.store.set("exemptions", order["exemptions"])
    for data in order.get("attachments", []):
        record = {"content_type": "text/plain", "content": "", "name": "file.txt", **data}
        world.store.put("attachments", {**record, "id": world.store.next_id("attachments")})


def _check(order: Record) -> None:
    if set(order) - _KNOWN:
        raise ValueError(f"unknown in a seed: {sorted(set(order) - _KNOWN)}")
    for group in _GROUPS:
        wrong = options.unfit(group, order.get(group, {}))
        if wrong:
            raise ValueError(f"unknown in {group}, or of another type: {wrong}")
    for name in _KNOWN - {"seed", "samples", *_GROUPS}:
        given = order.get(name, [])
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise ValueError(f"{name} is a list of records")
