"""What a tree is: envelopes, parameters beside the record, and what is refused whole."""

from typing import Any

import pytest

from infakt_compat import ConversionError, to_v2, to_v3
from infakt_compat.translate.conversion import canonical
from infakt_compat.translate.documents import open_v2, open_v3

INVOICE = {"numer": "1", "uwagi": "a"}
CLIENT = {"nip": "1", "nazwa_firmy": "a"}
V3_INVOICE = {"id": 1, "number": "1", "kind": "vat"}
V3_CLIENT = {"id": 1, "company_name": "a"}


def refusal(tree: Any, resource: str | None = None) -> tuple[str, str]:
    """Open what must be refused as a v2 document."""
    with pytest.raises(ConversionError) as caught:
        open_v2(tree, resource)
    (fault,) = caught.value.faults
    return fault.code, fault.detail


@pytest.mark.parametrize(
    ("tree", "resource"),
    [
        (INVOICE, "invoice"),
        ({"invoice": INVOICE}, "invoice"),
        (CLIENT, "client"),
        ({"client": CLIENT}, "client"),
        ({"client_id": 4, "status": "szkic"}, "invoice"),
        ({"client_id": 4, "nip": "1"}, "client"),
        ({"numer": "1", "services": []}, "invoice"),
        ({"razem_brutto": 1}, "invoice"),
        ({"adres_kor": False, "client_id": 1}, "client"),
    ],
)
def test_a_tree_is_seen_from_its_fields(tree: dict[str, Any], resource: str) -> None:
    """With and without envelope."""
    assert open_v2(tree)[0] == resource
    assert to_v3(tree).resource == resource


def test_the_envelope_changes_nothing() -> None:
    """In either direction."""
    assert to_v3(INVOICE) == to_v3({"invoice": INVOICE})
    assert canonical(CLIENT) == canonical({"client": CLIENT})
    assert to_v2(V3_INVOICE) == to_v2({"invoice": V3_INVOICE})


def test_a_resource_that_is_given_counts() -> None:
    """`client_id` alone is a field of both."""
    tree = {"client_id": 4}
    assert to_v3(tree, "invoice").record == {"client_id": 4}
    assert refusal(CLIENT, "invoice")[0] == "document.not_invoice"
    assert refusal({"invoice": INVOICE}, "client")[0] == "document.not_invoice"


def test_an_unknown_resource_is_said() -> None:
    """A caller's misspelling."""
    with pytest.raises(ValueError, match="invoices"):
        to_v3(INVOICE, "invoices")


@pytest.mark.parametrize(
    "tree",
    [
        {"invoice_id": 6, "numer": "1/01/2010"},
        {"invoice": {"invoice_id": 1}},
        {"invoice": {"invoice_id": {"invoice_id": 1, "numer": "1"}}},
        {"message": "No record found with that ID.", "request": "/"},
        {"errors": {"invoice": []}},
        {"pdf": "x"},
        {"invoice": {}},
        {"a": 1},
    ],
)
def test_answers_and_errors_are_no_invoices(tree: dict[str, Any]) -> None:
    """An answer of create holds an id and a number, and no more."""
    assert refusal(tree)[0] == "document.not_invoice"


@pytest.mark.parametrize(
    "tree", [V3_INVOICE, {"invoice": V3_INVOICE}, V3_CLIENT, {"client": V3_CLIENT}]
)
def test_a_v3_document_is_no_v2_document(tree: dict[str, Any]) -> None:
    """It is told apart, and the code says which way to convert it."""
    assert refusal(tree)[0] == "document.not_v2"


@pytest.mark.parametrize("tree", [INVOICE, {"invoice": INVOICE}, CLIENT, {"client": CLIENT}])
def test_a_v2_document_is_no_v3_document(tree: dict[str, Any]) -> None:
    """The other way round."""
    with pytest.raises(ConversionError) as caught:
        to_v2(tree)
    assert caught.value.faults[0].code == "document.not_v3"


@pytest.mark.parametrize(
    ("envelope", "kind"),
    [
        ("invoice", "vat"),
        ("corrective_invoice", "correction"),
        ("margin_invoice", "margin"),
        ("advance_invoice", "advance"),
        ("final_invoice", "final"),
    ],
)
def test_every_envelope_of_v3(envelope: str, kind: str) -> None:
    """Each kind of invoice has its own."""
    found, body, residue = open_v3({envelope: {"id": 1, "kind": kind}})
    assert (found, body["kind"], residue) == ("invoice", kind, None)


def test_the_residue_beside_the_record() -> None:
    """As in a converted file; a residue that is given counts first."""
    conversion = to_v3({"invoice": {"numer": "1", "data_podpisania": "x"}})
    line = {"invoice": conversion.record, "v2": conversion.residue}
    assert to_v2(line).record == canonical({"numer": "1", "data_podpisania": "x"})
    other = to_v3({"numer": "1", "data_podpisania": "y"}).residue
    assert to_v2(line, other).record["data_podpisania"] == "y"


def test_an_empty_v3_document_is_no_invoice() -> None:
    """Nothing is not converted to an invoice of nothing."""
    with pytest.raises(ConversionError):
        to_v2({})


@pytest.mark.parametrize("tree", [{"a": 1}, {"error": "not found"}, {"metainfo": {}}])
def test_what_v3_answers_otherwise_is_no_invoice(tree: dict[str, Any]) -> None:
    """Error documents of v3."""
    with pytest.raises(ConversionError) as caught:
        to_v2(tree)
    assert caught.value.faults[0].code == "document.not_invoice"


# ---- beside the record


@pytest.mark.parametrize("value", [False, "false", 0, "0"])
def test_unikalny_numer_beside_the_invoice(value: Any) -> None:
    """v2 took it in the invoice or beside it."""
    inside = to_v3({"invoice": {**INVOICE, "unikalny_numer": value}})
    beside = to_v3({"invoice": INVOICE, "unikalny_numer": value})
    assert beside == inside
    assert beside.record["check_duplicate_number"] is False


def test_data_oplacenia_beside_the_invoice() -> None:
    """The other parameter that is written only."""
    assert (
        to_v3({"invoice": INVOICE, "data_oplacenia": "2010-01-01"}).record["paid_date"]
        == "2010-01-01"
    )


def test_a_parameter_in_both_places_is_refused() -> None:
    """One of them would be lost."""
    tree = {"invoice": {**INVOICE, "unikalny_numer": True}, "unikalny_numer": False}
    with pytest.raises(ConversionError) as caught:
        to_v3(tree)
    assert [(f.code, f.path) for f in caught.value.faults] == [("field.twice", "unikalny_numer")]
    blank = {"invoice": {**INVOICE, "unikalny_numer": ""}, "unikalny_numer": False}
    assert to_v3(blank).record["check_duplicate_number"] is False


@pytest.mark.parametrize("name", ["numer", "x", "client", "v2", "uwagi"])
def test_other_things_beside_the_invoice_are_refused(name: str) -> None:
    """They would be lost."""
    assert refusal({"invoice": INVOICE, name: "y"}) == (
        "document.not_invoice",
        f"beside invoice: {name}",
    )


@pytest.mark.parametrize(
    "services",
    [
        {"service": [{"nazwa": "A"}, {"nazwa": "B"}]},
        [{"nazwa": "A"}, {"nazwa": "B"}],
        ({"nazwa": "A"}, {"nazwa": "B"}),
    ],
)
def test_services_service(services: Any) -> None:
    """Rails's nesting is the same list."""
    record = canonical({"numer": "1", "services": services})
    assert [line["nazwa"] for line in record["services"]] == ["A", "B"]


@pytest.mark.parametrize("services", [{"service": {"nazwa": "A"}}, [{"nazwa": "A"}]])
def test_services_service_of_one_line(services: Any) -> None:
    """A single line is a record."""
    assert to_v3({"numer": "1", "services": services}).record["services"] == [{"name": "A"}]


@pytest.mark.parametrize(
    "services", [None, "", [], {}, {"service": None}, {"service": []}, {"service": ""}]
)
def test_no_services(services: Any) -> None:
    """Absent, null and empty are one value."""
    assert to_v3({"numer": "1", "uwagi": "a", "services": services}).record == {
        "number": "1",
        "notes": "a",
    }


@pytest.mark.parametrize(
    ("services", "path"),
    [
        ("A", "services"),
        (5, "services"),
        (True, "services"),
        ({"a": 1}, "services"),
        ({"service": "A"}, "services"),
        ([{"nazwa": "A"}, "B", None], "services[1]"),
        ([[]], "services[0]"),
    ],
)
def test_lines_that_are_none(services: Any, path: str) -> None:
    """Named by their place."""
    with pytest.raises(ConversionError) as caught:
        to_v3({"numer": "1", "services": services})
    assert (caught.value.faults[0].code, caught.value.faults[0].path) == ("services.invalid", path)


def test_the_input_is_not_changed() -> None:
    """Neither direction touches what it is given, and twice gives the same."""
    import copy

    tree = {
        "invoice": {
            **INVOICE,
            "podstawa_zwolenienia": "1",
            "services": {"service": {"x": {"a": [1]}}},
        },
        "unikalny_numer": "false",
    }
    before = copy.deepcopy(tree)
    first = to_v3(tree)
    assert tree == before
    kept = copy.deepcopy((first.record, first.residue))
    assert to_v3(tree) == first
    assert to_v2(first.record, first.residue) == to_v2(first.record, first.residue)
    assert (first.record, first.residue) == kept


def test_the_documented_imports() -> None:
    """`from infakt_compat.translate import canonical` is the function."""
    from infakt_compat.translate import canonical as documented

    assert callable(documented)
