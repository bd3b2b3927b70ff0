"""The laws run without coverage: it more than doubles their time, and the unit tests measure it."""

import pytest


@pytest.fixture(autouse=True)
def _unmeasured(unmeasured: None) -> None:
    """Leave the laws out of the measurement."""
