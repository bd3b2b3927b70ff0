"""What check works out by short ways is what the long ways say."""

from collections.abc import Mapping
from typing import Any

from attrs import define
from hypothesis import HealthCheck, assume, given, settings

from infakt_compat.errors import ConversionError, Fault
from infakt_compat.migrate.checks.creating import Given
from infakt_compat.migrate.checks.digests import digest
from infakt_compat.migrate.checks.documents import Settings, check
from infakt_compat.migrate.journal.keys import name_of
from infakt_compat.migrate.planning.families import FAMILIES, INVOICES
from infakt_compat.migrate.planning.prices import priced
from infakt_compat.testing import v2_invoices, v2_spelled_invoices
from infakt_compat.translate.compile import plans
from infakt_compat.translate.documents import open_v2
from infakt_compat.translate.forward import Result, translate
from infakt_compat.translate.payload import create_body

EXAMPLES = 150
#: Many a document that v2 could hold cannot be created: those are passed over here.
_PASSED_OVER = [HealthCheck.filter_too_much, HealthCheck.too_slow]


@define
class Read:
    """A document as a source gives it."""

    tree: Any
    faults: tuple[Fault, ...] = ()
    resource: str | None = "invoice"

    def raw(self) -> bytes:
        """Give no text: nothing asks for it here."""
        return b""

    def exact_tree(self) -> Any:
        """Give the tree: its numbers have their types."""
        return self.tree


def translated(tree: Mapping[str, Any]) -> tuple[Mapping[str, Any], Result]:
    """Translate a document that can be translated."""
    _, body = open_v2(tree, "invoice")
    try:
        return body, translate(plans()["invoice"], body)
    except ConversionError:
        assume(False)
        raise


@settings(max_examples=EXAMPLES, suppress_health_check=_PASSED_OVER)
@given(v2_spelled_invoices())
def test_a_document_has_one_digest_in_every_spelling(pair: tuple[Any, Any]) -> None:
    """As it has one key in a journal."""
    spelt, canonical = pair
    digests, names = [], []
    for tree in (spelt, canonical):
        body, result = translated(tree)
        digests.append(digest("invoice", body, result))
        names.append(name_of("invoice", body))
    assert names[0] == names[1]
    assert digests[0] == digests[1]


@settings(max_examples=EXAMPLES, suppress_health_check=_PASSED_OVER)
@given(v2_invoices(), v2_invoices())
def test_documents_that_differ_have_two_digests(one: Any, other: Any) -> None:
    """And one without id and number has none."""
    (body, result), (second, its) = translated(one), translated(other)
    same = name_of("invoice", body).digest == name_of("invoice", second).digest
    first, last = digest("invoice", body, result), digest("invoice", second, its)
    if first is not None and last is not None:
        assert (first == last) == same
    assert (first is None) == (not name_of("invoice", body).once)


@settings(max_examples=EXAMPLES, suppress_health_check=_PASSED_OVER)
@given(v2_spelled_invoices())
def test_prices_and_payload_are_as_an_import_sees_them(pair: tuple[Any, Any]) -> None:
    """The common case is looked at no further, and nothing is lost by that."""
    _, result = translated(pair[0])
    kind = str(result.record.get("kind") or "")
    assume(FAMILIES.get(kind) == INVOICES)
    plan = plans()["invoice"].of_kind(kind)
    _, _, notices, faults = priced(plan, result.record)
    try:
        notices = notices + create_body("invoice", result.record, result.residue)[1]
    except ConversionError as error:
        faults = faults + list(error.faults)
    verdict = check(Read(pair[0]), Settings("2030-01-01", Given(clients="keep")))
    assert set(faults) <= set(verdict.refused)
    assert set(notices) <= set(verdict.said)
    codes = {"totals.contradict", "rate.required", "price.required", "enum.unknown"}
    assert {one for one in verdict.refused if one.code in codes} <= set(faults)
    said = {"totals.rounding", "price.exact_total", "currency.defaulted", "country.defaulted"}
    assert {one for one in verdict.said if one.code in said} <= set(notices)
