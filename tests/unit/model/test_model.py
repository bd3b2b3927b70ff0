"""The typed view of a v3 tree: exact, complete, and with the path of every fault."""

import json
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infakt_compat import ConversionError, to_v3
from infakt_compat.codecs.json_stream import read_documents
from infakt_compat.migrate.source import Malformed, open_reader
from infakt_compat.model import (
    Client,
    Invoice,
    Service,
    structure_client,
    structure_invoice,
    unstructure,
)
from infakt_compat.model.converter import field_names
from infakt_compat.tables.load import tables
from infakt_compat.translate.conversion import Conversion

SAMPLES = Path(__file__).parents[3] / "legacy_samples"
INDEX: list[dict[str, Any]] = tomllib.loads((SAMPLES / "INDEX.toml").read_text("utf-8"))["file"]
WHOLE = [entry["path"] for entry in INDEX if entry["documents"] and not entry.get("rejected")]


def conversions(path: str) -> list[Conversion]:
    """Convert the documents of a sample that is whole."""
    with (SAMPLES / path).open("rb") as file:
        reader = open_reader(file, elsewhere=False, count=lambda _: None)
        found = []
        for batch in reader.batches:
            try:
                found += [to_v3(document.tree, document.resource) for document in batch.documents()]
            except Malformed:
                found += [
                    to_v3(document.tree, document.resource) for document in reader.stream([batch])
                ]
        return found


@pytest.mark.parametrize("path", WHOLE)
def test_every_sample_has_a_typed_view(path: str) -> None:
    """Structured and unstructured, each converted sample is the very same tree."""
    found = conversions(path)
    assert found
    for conversion in found:
        document = conversion.invoice if conversion.resource == "invoice" else conversion.client
        assert isinstance(document, Invoice | Client)
        assert unstructure(document) == conversion.record


def test_the_wrong_view_is_refused() -> None:
    """An invoice is no client, and the other way round."""
    with pytest.raises(ValueError, match="an invoice, not a client"):
        _ = to_v3({"numer": "1", "uwagi": "a"}).client
    with pytest.raises(ValueError, match="a client, not an invoice"):
        _ = to_v3({"nip": "1", "nazwa_firmy": "a"}).invoice


def test_the_classes_have_the_fields_of_the_tables() -> None:
    """No field of v3 without an attribute, no attribute without a field."""
    invoice, client = tables().resources["invoice"], tables().resources["client"]
    assert invoice.lines is not None
    assert field_names(Invoice) == set(invoice.v3.fields)
    assert field_names(Service) == set(invoice.lines.v3.fields)
    assert field_names(Client) == set(client.v3.fields)


def test_attributes_stand_in_the_order_of_v3() -> None:
    """What is unstructured is written in the order of v3's own answer."""
    names = ["kind", "number", "id", "services", "status"]
    tree = dict.fromkeys(names, None) | {"kind": "vat", "number": "1", "id": 1, "status": "paid"}
    tree["services"] = [{"name": "A"}]
    assert list(unstructure(structure_invoice(tree))) == [
        "id",
        "number",
        "kind",
        "status",
        "services",
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, "1"), ("1.0", "1"), ("0,5", "0.5"), (Decimal("2.50"), "2.5"), ("1.2345", "1.2345")],
)
def test_a_quantity_is_a_decimal(value: Any, expected: str) -> None:
    """v3 gives numbers and text; a float is never met."""
    (line,) = structure_invoice({"services": [{"quantity": value}]}).services
    assert line.quantity == Decimal(expected)
    assert isinstance(line.quantity, Decimal)


def test_null_and_absent_are_none() -> None:
    """And are left out again."""
    invoice = structure_invoice({"id": 1, "notes": None, "services": [{"name": None}]})
    assert (invoice.notes, invoice.number, invoice.services) == (None, None, [Service()])
    assert unstructure(invoice) == {"id": 1, "services": [{}]}


def test_unknown_keys_are_left_out() -> None:
    """v3 may add a key tomorrow."""
    assert structure_client({"id": 1, "tomorrow": {"a": 1}}) == Client(id=1)


def test_every_fault_has_its_path() -> None:
    """All at once, nothing coerced."""
    with pytest.raises(ConversionError) as caught:
        structure_invoice(
            {
                "id": "42",
                "gross_price": 1.0,
                "net_price": True,
                "split_payment": 1,
                "number": 7,
                "services": [
                    {"name": "A"},
                    {"id": "x", "quantity": 1.5, "net_price": "1"},
                    {"quantity": "?"},
                ],
            }
        )
    assert {(fault.code, fault.path) for fault in caught.value.faults} == {
        ("field.type", path)
        for path in (
            "id",
            "gross_price",
            "net_price",
            "split_payment",
            "number",
            "services[1].id",
            "services[1].quantity",
            "services[1].net_price",
            "services[2].quantity",
        )
    }
    assert "int expected, not '42'" in str(caught.value)


@pytest.mark.parametrize("services", ["x", ["x"]])
def test_lines_that_are_no_records_are_refused(services: Any) -> None:
    """No line is made of nothing."""
    with pytest.raises(ConversionError) as caught:
        structure_invoice({"id": 1, "services": services})
    assert caught.value.faults[0].path.startswith("services")


@pytest.mark.parametrize(
    "tree", [{"services": None}, {"vat_exemption_reason": ""}, {"transaction_kind_id": ""}]
)
def test_empty_values_of_v3_are_none(tree: dict[str, Any]) -> None:
    """v3's document shows "" where a number is unset."""
    assert structure_invoice({"id": 1, **tree}) == Invoice(id=1)


def test_a_typed_view_is_json_again() -> None:
    """Lines of a converted file are read, structured and written."""
    line = b'{"id":1,"number":"1","services":[{"quantity":0.50}]}'
    (document,) = read_documents([line])
    invoice = structure_invoice(document.tree)
    assert unstructure(invoice)["services"] == [{"quantity": Decimal("0.5")}]
    assert json.loads(json.dumps(unstructure(invoice), default=str))["number"] == "1"
