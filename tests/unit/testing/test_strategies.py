"""What the strategies give is what both APIs said, and the translators take it."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from infakt_compat.testing import (
    V2_KINDS,
    spelled,
    v2_changes,
    v2_clients,
    v2_invoices,
    v2_spelled_clients,
    v2_spelled_invoices,
    v3_clients,
    v3_invoices,
)
from infakt_compat.translate import canonical, get, put
from tests.v2_field_names import CLIENT, INVOICE

EXAMPLES = 30
SPELLED = st.one_of(
    v2_spelled_invoices(),
    v2_spelled_invoices(xml=True),
    v2_spelled_clients(),
    v2_spelled_clients(xml=True),
    st.one_of(v2_invoices(), v2_clients()).flatmap(spelled),
)
LIVE = st.one_of(v3_invoices(("vat", "proforma")), v3_clients())


@settings(max_examples=EXAMPLES, deadline=None)
@given(SPELLED)
def test_a_spelled_document_means_its_canonical_one(pair: tuple[Any, Any]) -> None:
    """And that one has v2's fields in v2's order."""
    document, meant = pair
    assert canonical(document) == meant
    known = CLIENT if "nazwa_firmy" in meant else INVOICE
    assert list(meant)[: len(known)] == known


@settings(max_examples=EXAMPLES, deadline=None)
@given(LIVE.flatmap(lambda v3: st.tuples(st.just(v3), v2_changes(get(v3).record))))
def test_changes_of_a_live_document(pair: tuple[Any, Any]) -> None:
    """What a caller may make of a view can be put, and what it left alone sends nothing."""
    v3, changed = pair
    assert put(v3, get(v3).record).patch == {}
    if changed != get(v3).record:
        put(v3, changed)


@settings(max_examples=EXAMPLES, deadline=None)
@given(v2_invoices(kinds=V2_KINDS[1:2], max_lines=1))
def test_kinds_can_be_chosen(record: Any) -> None:
    """And how many lines there are at the most."""
    assert record["rodzaj_faktury"] == V2_KINDS[1]
    assert len(record["services"]) <= 1
