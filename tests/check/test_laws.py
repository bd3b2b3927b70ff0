"""What check works out by short ways is what the long ways say."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import define
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from infakt_compat.errors import ConversionError, Fault
from infakt_compat.migrate.checks.creating import Given
from infakt_compat.migrate.checks.digests import digest
from infakt_compat.migrate.checks.documents import Settings, check
from infakt_compat.migrate.importing.foreseen import foresee
from infakt_compat.migrate.importing.settings import Settings as Keeping
from infakt_compat.migrate.journal import State, open_journal
from infakt_compat.migrate.journal.keys import name_of
from infakt_compat.migrate.planning.families import FAMILIES, INVOICES
from infakt_compat.migrate.planning.planner import plan
from infakt_compat.migrate.planning.prices import priced
from infakt_compat.migrate.source import find_sources
from infakt_compat.testing import v2_invoices, v2_spelled_invoices
from infakt_compat.translate.compile import plans
from infakt_compat.translate.documents import open_v2
from infakt_compat.translate.forward import Result, translate
from infakt_compat.translate.payload import create_body
from infakt_compat.v3 import Clock
from tests.check.support import checked
from tests.importing.archive import NIPS, Document, correction, invoice, line

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


@st.composite
def _archives(draw: st.DrawFn) -> list[Document]:
    """Give invoices and corrections that share few numbers, days, buyers, ids and prices."""
    own = {
        "numer": st.sampled_from(("1/FV", "2/FV")),
        "data_wystawienia": st.sampled_from(("2013-02-02", "2013-02-03")),
        "client_nip": st.sampled_from(("", *NIPS[:2])),
        "invoice_id": st.sampled_from((None, 1, 2, 3)),
        "waluta": st.sampled_from((None, "PLN", "EUR")),
        "rodzaj_faktury": st.sampled_from(("Faktura VAT", "Faktura VAT", "Faktura proforma")),
        "uwagi": st.sampled_from(("", "", "x" * 3501)),
        "zaplacono": st.sampled_from(("0.0", "0.0", "0.0", "dużo")),
        "razem_brutto": st.sampled_from(("123.00", "246.00", "369.00")),
    }
    count = st.sampled_from((1, 2, 3))
    originals = [
        invoice(1, [line("Stół", draw(count), 10000)], **{k: draw(v) for k, v in own.items()})
        for _ in range(draw(st.integers(1, 4)))
    ]
    found = list(originals)
    for number in range(draw(st.integers(1, 4))):
        rows = [line("Stół", draw(st.sampled_from((-2, -1, 1, 2))), 10000)]
        changed: dict[str, Any] = {
            "numer": f"{draw(st.integers(number, 4))}/KOR",
            "data_wystawienia": draw(own["data_wystawienia"]),
            "waluta": draw(own["waluta"]),
            "uwagi": draw(own["uwagi"]),
            "zaplacono": draw(own["zaplacono"]),
            "numer_faktury_korygowanej": draw(st.sampled_from((None, "", "1/FV", "2/FV", "9/FV"))),
        }
        wanted = {name: value for name, value in changed.items() if draw(st.booleans())}
        found.append(correction(number, draw(st.sampled_from(originals)), rows, **wanted))
    order = draw(st.permutations(found))
    return [one for place, one in enumerate(order) if one not in order[:place]]


@settings(
    max_examples=EXAMPLES // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(documents=_archives())
def test_corrections_are_judged_as_an_import_judges_them(
    tmp_path: Path, documents: list[Document]
) -> None:
    """The same documents are refused, and for the same reason.

    Of two reasons planning names its own, and check what v3 would say.
    """
    with checked(tmp_path, *documents, given=Given(clients="keep")) as check:
        found = {one.place.position: one.reasons[0].code for one in check.rejects.kept}
    (tmp_path / "journal.sqlite3").unlink(missing_ok=True)
    with open_journal(str(tmp_path / "journal.sqlite3"), create=True) as journal:
        plan(journal, find_sources([str(tmp_path / "archive.json")]))
        foresee(journal, Keeping("keep"), Clock(), ["archive.json"])
        entries = list(journal.entries([State.REJECTED], "invoice"))
    planned = {entry.position: entry.faults[0].code for entry in entries}
    assert found.keys() == planned.keys()
    differing = {place for place in found if found[place] != planned[place]}
    assert {found[place] for place in differing} <= {"text.too_long"}
