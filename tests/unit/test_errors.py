"""Errors travel between processes whole, and say every reason."""

import pickle
from concurrent.futures import ProcessPoolExecutor

import pytest

from infakt_compat import ConversionError, Fault, InfaktCompatError, to_v3

FAULTS = (Fault("money.invalid", "zaplacono", "'x'"), Fault("field.twice", "services[1].nazwa"))


def refuse(_: int) -> None:
    """Raise in a worker process."""
    raise ConversionError(FAULTS)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_conversion_error_is_pickled_with_its_faults(protocol: int) -> None:
    """The faults come through, not the message alone."""
    error = pickle.loads(pickle.dumps(ConversionError(FAULTS), protocol))
    assert type(error) is ConversionError
    assert error.faults == FAULTS
    assert str(error) == str(ConversionError(FAULTS))


def test_a_conversion_error_comes_out_of_a_worker() -> None:
    """A worker's refusal arrives in the parent with every fault."""
    with ProcessPoolExecutor(1) as pool, pytest.raises(ConversionError) as caught:
        pool.submit(refuse, 0).result()
    assert caught.value.faults == FAULTS


def test_the_message_names_every_fault() -> None:
    """Code, path and detail of each, in the order found."""
    assert str(ConversionError(FAULTS)) == (
        "money.invalid zaplacono 'x'; field.twice services[1].nazwa"
    )


def test_a_generator_of_faults_is_kept() -> None:
    """The faults are a tuple, also when they came one by one."""
    assert ConversionError(fault for fault in FAULTS).faults == FAULTS


def test_a_fault_leaves_out_what_it_has_not() -> None:
    """A fault of the whole document has no path."""
    assert str(Fault("document.doctype")) == "document.doctype"
    assert str(Fault("document.malformed", "", "line 1")) == "document.malformed line 1"


def test_all_faults_of_a_document_come_at_once() -> None:
    """Not the first only: the invoice's and each line's, with their paths."""
    with pytest.raises(InfaktCompatError) as caught:
        to_v3(
            {
                "numer": "1",
                "zaplacono": "x",
                "data_sprzedazy": "2010-02-30",
                "status": "?",
                "services": [{"nazwa": "A", "ilosc": "1e3"}, {"vat": "NaN", "service_id": "-1"}],
            }
        )
    assert isinstance(caught.value, ConversionError)
    assert {(fault.code, fault.path) for fault in caught.value.faults} == {
        ("money.invalid", "zaplacono"),
        ("date.invalid", "data_sprzedazy"),
        ("enum.unknown", "status"),
        ("money.invalid", "services[0].ilosc"),
        ("money.invalid", "services[1].vat"),
        ("id.invalid", "services[1].service_id"),
    }
