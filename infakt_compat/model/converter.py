"""Between plain v3 trees and typed objects: exact numbers, and nothing coerced in silence."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from attrs import fields_dict
from cattrs import ClassValidationError, Converter, transform_error
from cattrs.gen import make_dict_structure_fn

from infakt_compat.errors import ConversionError, Fault
from infakt_compat.model.client import Client
from infakt_compat.model.invoice import Invoice, Service
from infakt_compat.money import read_number

_T = TypeVar("_T")


@cache
def converter() -> Converter:
    """Give the converter: it checks plain values where cattrs would coerce them."""
    made = Converter(omit_if_default=True)
    for plain in (int, str, bool):
        made.register_structure_hook(plain, _exactly)
    made.register_structure_hook(Decimal, _decimal)
    made.register_unstructure_hook(Decimal, lambda value: value)
    line = make_dict_structure_fn(Service, made)
    made.register_structure_hook(Service, lambda row, kind: line(_record(row), kind))
    return made


def _record(row: Any) -> Mapping[str, Any]:
    """Give a line without its blanks; a line that is no record is a fault."""
    if not isinstance(row, Mapping):
        raise ValueError(f"a record expected, not {row!r}")
    return _without_blanks(row, Service)


def _without_blanks(record: Mapping[str, Any], wanted: type[Any]) -> dict[str, Any]:
    """Leave out what v3 gave as null, and as "" where the field is no text (v3-wire 4.3)."""
    fields = fields_dict(wanted)
    return {
        name: value
        for name, value in record.items()
        if value is not None
        and (value != "" or name not in fields or "str" in str(fields[name].type))
    }


def structure_invoice(record: Mapping[str, Any]) -> Invoice:
    """Make an `Invoice` of a v3 tree without its envelope.

    Keys that v3 adds and the class has not are left out. Raises `ConversionError` with the path of
    every value of another type.
    """
    return _structure(record, Invoice)


def structure_client(record: Mapping[str, Any]) -> Client:
    """Make a `Client` of a v3 tree without its envelope; see `structure_invoice`."""
    return _structure(record, Client)


def unstructure(document: Invoice | Client) -> dict[str, Any]:
    """Make a plain v3 tree again: values that are None are left out."""
    tree: dict[str, Any] = converter().unstructure(document)
    return tree


def _structure(record: Mapping[str, Any], wanted: type[_T]) -> _T:
    """Structure a record and turn what went wrong into faults."""
    try:
        return converter().structure(_without_blanks(record, wanted), wanted)
    except ClassValidationError as error:
        messages = transform_error(error, format_exception=lambda exc, _: str(exc))
        faults = [message.rpartition(" @ $.") for message in messages]
        raise ConversionError(
            Fault("field.type", path or "", detail) for detail, _, path in faults
        ) from None


def _exactly(value: Any, wanted: type[Any]) -> Any:
    """Take a value of exactly the wanted type: true is no number, and a float no amount."""
    if type(value) is not wanted:
        raise ValueError(f"{wanted.__name__} expected, not {value!r}")
    return value


def _decimal(value: Any, _: type[Decimal]) -> Decimal:
    """Take a quantity as int, Decimal or text."""
    if isinstance(value, bool | float):
        raise ValueError(f"a number expected, not {value!r}")
    return read_number(str(value))


def field_names(wanted: type[Any]) -> frozenset[str]:
    """Name the fields of a class of the model; the audit compares them with the tables."""
    return frozenset(fields_dict(wanted))
