"""Clients, products and bank accounts: create, show, update, delete (v3-wire 7, 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import reference
from .banking import NO_ACCOUNT_TEXT, NO_NAME_TEXT
from .buyer import NAME_TEXT, PERSON_TEXT
from .coerce import blank, to_bool, to_decimal, to_int, to_text
from .countries import POLISH_NAME
from .errors import Errors, not_found, plain
from .fields import CHOICE_TEXT
from .paging import CLIENT_FILTERS, TEXT, Predicates
from .store import Record
from .world import World

NIP_TEXT = "Nieprawidłowy numer NIP."
CLIENT: Record = {
    "company_name": None, "street": None, "street_number": None, "flat_number": None,
    "city": None, "country": None, "country_full_name": None, "postal_code": None, "nip": None,
    "phone_number": None, "web_site": "", "email": None, "note": "", "receiver": "",
    "mailing_company_name": "", "mailing_street": "", "mailing_city": "",
    "mailing_postal_code": "", "days_to_payment": "", "payment_method": "", "invoice_note": "",
    "same_forward_address": True, "first_name": None, "last_name": None,
    "business_activity_kind": None, "is_vindicable": False, "vindicable_invoices_count": 0,
}  # fmt: skip
_CLIENT_READ_ONLY = {"country_full_name", "is_vindicable", "vindicable_invoices_count"}
_NOT_CLASSIC = {"uuid", *_CLIENT_READ_ONLY}
PRODUCT: Record = {
    "name": None, "description": "", "unit": "", "pkwiu": "", "tax_symbol": None,
    "unit_net_price": 0, "quantity": 1,
}  # fmt: skip
BANK_ACCOUNT: Record = {
    "bank_name": None, "account_number": None, "swift": "", "default": False, "currency": None,
    "custom_name": None,
}  # fmt: skip


def nip_is_valid(nip: str) -> bool:
    """Ten digits with the right check digit; dashes and Poland's prefix do not matter."""
    bare = nip.replace("-", "").replace(" ", "").upper().removeprefix("PL")
    if len(bare) != 10 or not bare.isdecimal():
        return False
    weights = (6, 5, 7, 2, 3, 4, 5, 6, 7)
    return sum(w * int(d) for w, d in zip(weights, bare, strict=False)) % 11 == int(bare[9])


def _read_client(record: Record, data: Record, errors: Errors) -> None:
    for name, unset in CLIENT.items():
        if name not in data or name in _CLIENT_READ_ONLY:
            continue
        if name == "same_forward_address":
            record[name] = to_bool(data[name])
        elif name == "days_to_payment":
            days = to_int(data[name])
            record[name] = "" if days is None else days
        else:
            text = to_text(data[name])
            record[name] = unset if text is None else text
    _check_client(record, errors)
    record["country_full_name"] = POLISH_NAME.get(record["country"])


def _check_client(record: Record, errors: Errors) -> None:
    kind = record["business_activity_kind"]
    if record["country"] not in POLISH_NAME:
        errors.add("country", "Proszę wybrać kraj.")
    if not blank(kind) and kind not in reference.BUSINESS_KINDS:
        errors.add("business_activity_kind", CHOICE_TEXT)
    if kind != "private_person" and blank(record["company_name"]):
        errors.add("company_name", NAME_TEXT)
    if kind in ("private_person", "self_employed"):
        for name in ("first_name", "last_name"):
            if blank(record[name]):
                errors.add(name, PERSON_TEXT)
    nip = record["nip"]
    if record["country"] == "PL" and not blank(nip) and not nip_is_valid(nip):
        errors.add("nip", NIP_TEXT)


def _read_product(record: Record, data: Record, errors: Errors) -> None:
    for name, unset in PRODUCT.items():
        if name in data:
            text = to_text(data[name])
            record[name] = unset if text is None else text
    record["unit_net_price"] = to_int(record["unit_net_price"]) or 0
    record["quantity"] = to_decimal(record["quantity"]) or 1
    if blank(record["name"]):
        errors.add("name", "Proszę podać nazwę produktu.")
    symbol = record["tax_symbol"]
    if not blank(symbol) and symbol not in reference.RATE_OF:
        errors.add("tax_symbol", CHOICE_TEXT)


def _read_bank_account(record: Record, data: Record, errors: Errors) -> None:
    for name, unset in BANK_ACCOUNT.items():
        if name == "default" and name in data:
            record[name] = to_bool(data[name])
        elif name in data:
            text = to_text(data[name])
            record[name] = unset if text is None else text
    if blank(record["bank_name"]):
        errors.add("bank_name", NO_NAME_TEXT)
    if blank(record["account_number"]):
        errors.add("account_number", NO_ACCOUNT_TEXT)


@dataclass(frozen=True)
class Register:
    """One resource of simple records with integer ids."""

    path: str
    envelope: str
    unset: Record
    read: Callable[[Record, Record, Errors], None]
    filters: Predicates
    order: tuple[str, bool] | None
    scope: str


REGISTERS = (
    Register("clients", "client", CLIENT, _read_client, CLIENT_FILTERS, None, "api:invoices"),
    Register(
        "products", "product", PRODUCT, _read_product, {"name": TEXT}, ("id", True),
        "api:invoices",
    ),
    Register(
        "bank_accounts", "bank_account", BANK_ACCOUNT, _read_bank_account,
        {"account_number": ("eq",), "bank_name": ("eq",)}, ("bank_name", False),
        "api:sensitive:bank_accounts",
    ),
)  # fmt: skip


def find(world: World, register: Register, number: str) -> Record:
    """Find a record by the integer id of a URL; a uuid is 404 (v3-wire 3.1)."""
    record = world.store.get(register.path, int(number)) if number.isdecimal() else None
    if record is None:
        raise not_found()
    return record


def create(world: World, register: Register, data: Record) -> Record:
    """Check and store a record; two equal clients are two clients (v3-wire 7)."""
    if register.path == "clients":
        _refuse_over_plan(world)
    record = {"id": 0, **register.unset}
    return _save(world, register, record, data)


def update(world: World, register: Register, old: Record, data: Record) -> Record:
    """Change what the body names."""
    return _save(world, register, dict(old), data)


def delete(world: World, register: Register, record: Record) -> None:
    """Remove a record."""
    world.store.delete(register.path, record["id"])


def shown(world: World, register: Register, record: Record) -> Record:
    """Show a record's public keys in their order (v3-wire 7: two dialects of clients)."""
    uuid = ("uuid",) if register.path == "clients" else ()
    keys = ("id", *uuid, *register.unset)
    hidden = _NOT_CLASSIC if world.classic else set()
    return {key: record[key] for key in keys if key not in hidden}


def _save(world: World, register: Register, record: Record, data: Record) -> Record:
    errors = Errors()
    register.read(record, data, errors)
    errors.check()
    if not record["id"]:
        record["id"] = world.store.next_id(register.path)
        if register.path == "clients":
            record["uuid"] = world.store.next_uuid()
    if record.get("default"):
        _only_default(world, record["id"])
    return world.store.put(register.path, record)


def _only_default(world: World, number: int) -> None:
    """`default: true` clears the previous one (v3-wire 8)."""
    for account in world.store.all("bank_accounts"):
        if account["default"] and account["id"] != number:
            world.store.put("bank_accounts", {**account, "default": False})


def _refuse_over_plan(world: World) -> None:
    room = world.option("plan")["clients"]
    if room is not None and len(world.store.collections["clients"].rows) >= room:
        raise plain(402, "Przekroczono limit klientów w Twoim abonamencie.")
