"""The laws run without coverage: it more than doubles their time, and the unit tests measure it."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the laws out of the measurement."""
    for item in items:
        if item.path.parent.name == "property":
            item.add_marker(pytest.mark.no_cover)
